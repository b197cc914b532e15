//! Which values a text reads, found out once from its sources. Must not know what the values are.
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Blocks that give no name to anything that stands outside of them.
const PLAIN: [&str; 6] = ["if", "elif", "else", "endif", "for", "endfor"];

/// Outermost names, and the parts of each that are read: `None` for all of them. Everything, where that cannot be told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reads(Option<Arc<BTreeMap<String, Option<BTreeSet<String>>>>>);

impl Reads {
    pub(super) fn of<'s>(sources: impl Iterator<Item = &'s str>) -> Self {
        let mut all = BTreeMap::new();
        for source in sources {
            let engine = super::render::engine();
            let Some(template) = engine.template_from_str(source).ok().filter(|_| is_plain(source)) else {
                return Self::default();
            };
            let paths: BTreeSet<String> = template.undeclared_variables(true).into_iter().collect();
            for path in paths {
                let mut names = path.split('.');
                let root = names.next().unwrap_or_default().to_owned();
                let parts = all.entry(root).or_insert_with(|| Some(BTreeSet::new()));
                match (names.next(), parts.as_mut()) {
                    (Some(part), Some(parts)) => {
                        parts.insert(part.to_owned());
                    }
                    _ => *parts = None,
                }
            }
        }
        Self(Some(Arc::new(all)))
    }

    /// Is this read, or this part of it?
    pub(crate) fn wants(&self, root: &str, part: Option<&str>) -> bool {
        let Some(all) = &self.0 else { return true };
        match (all.get(root), part) {
            (None, _) => false,
            (Some(None), _) | (Some(_), None) => true,
            (Some(Some(parts)), Some(part)) => parts.contains(part),
        }
    }
}

/// Nothing is taken in from elsewhere, and no name stands for another value.
fn is_plain(source: &str) -> bool {
    source.split("{%").skip(1).all(|block| {
        let word = block.trim_start_matches(['-', '+']).trim_start();
        let word = word.split(|letter: char| !letter.is_ascii_alphabetic()).next();
        word.is_some_and(|word| PLAIN.contains(&word))
    })
}

//! Changes for a terminal: one headline for each, dangerous first, and under it only what changed.
use super::{
    Told, ahead_of, busiest, costs, example, foreseen, groups, headline, messages, place, shift_line, timeline,
};
use crate::compile::diff::{Change, Gate};
use annotate_snippets::renderer::{AnsiColor, Style};

fn colored(color: AnsiColor) -> Style {
    Style::new().bold().fg_color(Some(color.into()))
}

fn style(gate: Gate) -> Style {
    match gate {
        Gate::Block => colored(AnsiColor::Red),
        Gate::Ask | Gate::Choice => colored(AnsiColor::Yellow),
        Gate::Note => colored(AnsiColor::Cyan),
    }
}

pub(crate) fn text(told: &Told<'_>) -> String {
    let bold = Style::new().bold();
    let mut text = format!("{bold}{}{bold:#}\n{}\n", told.answer(), told.about());
    if told.changes.is_empty() {
        return text;
    }
    text.push_str(&format!("{}\n", told.counts()));
    for change in &told.changes.changes {
        one(told, change, &mut text);
    }
    ahead(told, &mut text);
    examples(told, &mut text);
    let unchanged = told.unchanged();
    if !unchanged.is_empty() {
        text.push_str(&format!("\nnot changed: {unchanged}\n"));
    }
    text
}

fn one(told: &Told<'_>, change: &Change, text: &mut String) {
    let style = style(change.gate);
    let (gate, code) = (change.gate.word(), change.code);
    text.push_str(&format!("\n{style}{gate}[{code}]{style:#}: {}\n", headline(change)));
    let place = place(change);
    if !place.is_empty() {
        text.push_str(&format!("  --> {place}\n"));
    }
    for line in &change.was {
        text.push_str(&format!("  - {line}\n"));
    }
    for line in &change.is {
        text.push_str(&format!("  + {line}\n"));
    }
    for (word, people, what) in groups(change) {
        text.push_str(format!("  {word:<6} {people:>6}  {what}").trim_end());
        text.push('\n');
    }
    if let Some(shift) = change.shift.as_ref().and_then(|shift| shift_line(told, shift)) {
        text.push_str(&format!("  moves  {shift}\n"));
    }
    for (word, line) in foreseen(change) {
        text.push_str(&format!("  {word:<6} {line}\n"));
    }
    if let Some(decision) = &change.decision {
        let file = decision
            .answers
            .first()
            .map_or(String::new(), |answer| format!(" Write one of these into {}:", answer.file));
        text.push_str(&format!("  {}.{file}\n", decision.demand));
        for answer in &decision.answers {
            let yaml = answer.yaml.trim_end().replace('\n', "\n      ");
            text.push_str(&format!("      {yaml}\n        # {}\n", answer.effect));
        }
    }
    if matches!(change.gate, Gate::Ask | Gate::Choice) {
        text.push_str(&format!("  let it pass with `--allow {code}`\n"));
    }
}

fn ahead(told: &Told<'_>, text: &mut String) {
    let volumes = &told.changes.volumes;
    if !told.changes.counted {
        return;
    }
    text.push_str(&format!("\nnext {} days, {}\n", volumes.days, ahead_of(told.changes)));
    text.push_str(&format!("  messages      {}\n", messages(volumes)));
    if let Some(busiest) = busiest(told) {
        text.push_str(&format!("  busiest hour  {busiest}\n"));
    }
    if let Some(costs) = costs(volumes) {
        text.push_str(&format!("  cost          {costs}\n"));
    }
    for line in volumes.lines.iter().filter(|line| line.messages.before != line.messages.after) {
        let (before, after) = (line.messages.before, line.messages.after);
        let other = if line.about { ", or another way" } else { "" };
        text.push_str(&format!("  {} by {}{other}  {before} → {after}\n", line.sequence, line.channel));
    }
}

fn examples(told: &Told<'_>, text: &mut String) {
    if told.changes.samples.is_empty() {
        return;
    }
    text.push_str("\nexamples, without anybody's data\n");
    for sample in &told.changes.samples {
        text.push_str(&format!("  {}\n", example(told, sample)));
        text.push_str(&format!("    before  {}\n", timeline(told, &sample.before)));
        let after = match sample.verdict {
            Some(verdict) if sample.after.is_empty() => verdict.to_owned(),
            _ if sample.spread => format!("from {}", timeline(told, &sample.after)),
            _ => timeline(told, &sample.after),
        };
        text.push_str(&format!("    after   {after}\n"));
    }
}

//! The only file that knows the parser's syntax tree: conditions and templates become plain nodes with byte ranges.
//!
//! The tree behind it is unstable between releases, so nothing of it leaves this file. Must not know types, names or values
//! of the language; limits that keep a recursive parser from running out of stack live here.
use super::fault::{Fault, FaultKind};
use minijinja::machinery::{Span, Token, Tokenizer, ast, parse, parse_expr};
use std::ops::Range;

/// Longest condition in bytes.
const MAX_CONDITION: usize = 4_096;
/// Longest template in bytes.
const MAX_TEMPLATE: usize = 256 * 1_024;
/// Tokens in one expression; also bounds how deep chains like `a + a + …` nest.
const MAX_TOKENS: usize = 1_000;
/// Nested operators and calls.
const MAX_DEPTH: usize = 64;
/// `not not …` and `- - …` recurse in the parser without a guard of its own.
const MAX_PREFIXES: usize = 16;
/// So do `else` and `elif`.
const MAX_ELSE: usize = 100;

/// Nodes in the middle of `a < b < c`.
const MAX_MIDDLE: usize = 20;

/// One part of an expression and where it stands.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Node {
    pub(crate) at: Range<usize>,
    pub(crate) kind: NodeKind,
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) enum NodeKind {
    Name(String),
    Part(Box<Node>, String),
    Item(Box<Node>, Box<Node>),
    None,
    Bool(bool),
    Int(i64),
    Num(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Not(Box<Node>),
    Neg(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    In(Box<Node>, Box<Node>),
    Arith(Arith, Box<Node>, Box<Node>),
    /// Text joined with `~`.
    Join(Box<Node>, Box<Node>),
    Call(Box<Node>, Vec<Arg>),
    Filter {
        name: String,
        name_at: Range<usize>,
        of: Option<Box<Node>>,
        args: Vec<Arg>,
    },
    Test {
        name: String,
        name_at: Range<usize>,
        of: Box<Node>,
        args: Vec<Arg>,
    },
    IfElse {
        test: Box<Node>,
        then: Box<Node>,
        otherwise: Option<Box<Node>>,
    },
    /// A construct of the template engine that this language leaves out; the name is for people.
    Foreign(&'static str),
}

#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Arg {
    pub(crate) name: Option<String>,
    pub(crate) value: Node,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) enum Comparison {
    #[serde(rename = "==")]
    Eq,
    #[serde(rename = "!=")]
    Ne,
    #[serde(rename = "<")]
    Lt,
    #[serde(rename = "<=")]
    Le,
    #[serde(rename = ">")]
    Gt,
    #[serde(rename = ">=")]
    Ge,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) enum Arith {
    #[serde(rename = "+")]
    Add,
    #[serde(rename = "-")]
    Sub,
    #[serde(rename = "*")]
    Mul,
    #[serde(rename = "/")]
    Div,
    #[serde(rename = "%")]
    Rem,
}

impl Node {
    fn size(&self) -> usize {
        let of_args = |args: &[Arg]| args.iter().map(|arg| arg.value.size()).sum::<usize>();
        1 + match &self.kind {
            NodeKind::Part(of, _) | NodeKind::Not(of) | NodeKind::Neg(of) => of.size(),
            NodeKind::List(items) | NodeKind::And(items) | NodeKind::Or(items) => items.iter().map(Self::size).sum(),
            NodeKind::Map(pairs) => pairs.iter().map(|(key, value)| key.size() + value.size()).sum(),
            NodeKind::Item(one, other)
            | NodeKind::Compare(_, one, other)
            | NodeKind::In(one, other)
            | NodeKind::Arith(_, one, other)
            | NodeKind::Join(one, other) => one.size() + other.size(),
            NodeKind::Call(of, args) | NodeKind::Test { of, args, .. } => of.size() + of_args(args),
            NodeKind::Filter { of, args, .. } => of.as_ref().map_or(0, |of| of.size()) + of_args(args),
            NodeKind::IfElse { test, then, otherwise } => {
                test.size() + then.size() + otherwise.as_ref().map_or(0, |other| other.size())
            }
            _ => 0,
        }
    }
}

impl Comparison {
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Eq => "==",
            Self::Ne => "!=",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }
}

impl Arith {
    pub(crate) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Rem => "%",
        }
    }
}

/// One part of a template.
#[derive(Clone, PartialEq, Debug)]
pub(crate) enum Stmt {
    Raw(Range<usize>),
    Emit(Node),
    For {
        target: Vec<String>,
        over: Node,
        only: Option<Node>,
        body: Vec<Stmt>,
        otherwise: Vec<Stmt>,
    },
    If {
        test: Node,
        then: Vec<Stmt>,
        otherwise: Vec<Stmt>,
    },
    With {
        names: Vec<(String, Node)>,
        body: Vec<Stmt>,
    },
    Set {
        name: String,
        value: Node,
    },
    SetBlock {
        name: String,
        body: Vec<Stmt>,
    },
    FilterBlock {
        filter: Node,
        body: Vec<Stmt>,
    },
    Block {
        name: String,
        body: Vec<Stmt>,
    },
    Extends(Node),
    Include(Node),
    /// A construct that messages may not use; the name is for people.
    Foreign {
        what: &'static str,
        at: Range<usize>,
    },
}

/// A condition or value expression as nodes; on a mistake of syntax the one place where reading stopped.
pub(crate) fn expression(text: &str) -> Result<Node, Fault> {
    if text.trim().is_empty() {
        return Err(Fault::new(0..text.len(), FaultKind::Empty));
    }
    if text.len() > MAX_CONDITION {
        return Err(Fault::new(0..text.len(), FaultKind::TooComplex));
    }
    guard(text, true)?;
    let tree = parse_expr(text).map_err(|error| syntax_fault(text, &error))?;
    expr(&tree, text, 0)
}

/// A template as statements.
pub(crate) fn template(source: &str) -> Result<Vec<Stmt>, Fault> {
    if source.len() > MAX_TEMPLATE {
        return Err(Fault::new(0..source.len(), FaultKind::TooComplex));
    }
    guard(source, false)?;
    let tree = parse(source, "template", minijinja::syntax::SyntaxConfig::default())
        .map_err(|error| syntax_fault(source, &error))?;
    match &tree {
        ast::Stmt::Template(root) => body(&root.children, source, 0),
        other => Ok(vec![stmt(other, source, 0)?]),
    }
}

/// A template cut into text and regions: each region is one `{{ … }}`, `{% … %}` or comment, with the blanks it swallows.
/// Together the pieces are the whole source; `true` marks a region.
pub(crate) fn pieces(source: &str) -> Vec<(Range<usize>, bool)> {
    let mut pieces: Vec<(Range<usize>, bool)> = Vec::new();
    let mut tokens = Tokenizer::new(source, "text", false, minijinja::syntax::SyntaxConfig::default());
    let mut done = 0;
    let mut open = None;
    // a text that cannot be read has its fault elsewhere; here the rest of it counts as one region
    while let Ok(Some((token, span))) = tokens.next_token() {
        let (start, end) = (span.start_offset as usize, span.end_offset as usize);
        let (from, is_region) = match token {
            Token::TemplateData(_) => (start, false),
            Token::VariableStart | Token::BlockStart => {
                open = Some(start);
                continue;
            }
            Token::VariableEnd | Token::BlockEnd => (open.take().unwrap_or(start), true),
            _ => continue,
        };
        if done < from && !(is_region && source[done..from].trim().is_empty()) {
            pieces.push((done..from, true));
            done = from;
        }
        pieces.push(((if is_region { done } else { from })..end, is_region));
        done = end;
    }
    let tail = &source[done..];
    if !tail.is_empty() {
        // the reader drops a last line break, which is no region
        pieces.push((done..source.len(), !tail.trim_matches(['\n', '\r']).is_empty()));
    }
    pieces
}

/// Refuses what would make the recursive parser (or the drop of its tree) run deep.
fn guard(text: &str, in_expr: bool) -> Result<(), Fault> {
    let mut tokens = Tokenizer::new(text, "expression", in_expr, minijinja::syntax::SyntaxConfig::default());
    let (mut count, mut prefixes, mut elses) = (0, 0, 0);
    // a fault of the tokenizer is reported by the parser, with more to say
    while let Ok(Some((token, span))) = tokens.next_token() {
        count += 1;
        match token {
            Token::VariableStart | Token::BlockStart => (count, prefixes) = (0, 0),
            Token::Minus | Token::Ident("not") => prefixes += 1,
            Token::Ident("else" | "elif") => elses += 1,
            _ => prefixes = 0,
        }
        if count > MAX_TOKENS || prefixes > MAX_PREFIXES || elses > MAX_ELSE {
            return Err(Fault::new(range(span, text), FaultKind::TooComplex));
        }
    }
    Ok(())
}

fn range(span: Span, text: &str) -> Range<usize> {
    clamp(span.start_offset as usize..span.end_offset as usize, text)
}

/// Inside the text and on character borders, whatever the parser said.
fn clamp(range: Range<usize>, text: &str) -> Range<usize> {
    let (mut start, mut end) = (range.start.min(text.len()), range.end.min(text.len()));
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    while !text.is_char_boundary(end) {
        end += 1;
    }
    start..end.max(start)
}

fn syntax_fault(text: &str, error: &minijinja::Error) -> Fault {
    let at = clamp(error.range().unwrap_or(0..text.len()), text);
    let detail = error.detail().unwrap_or("this cannot be read").to_owned();
    if detail.contains("recursion") {
        return Fault::new(at, FaultKind::TooComplex);
    }
    // `a || b` is seen as a filter bar without a name: the second bar is where reading stopped
    let bars = text[..at.start].ends_with('|') && text[at.start..].starts_with('|');
    let near = &text[at.start - usize::from(bars)..];
    let hint = [("&&", "and"), ("||", "or"), ("!", "not"), ("=", "==")]
        .into_iter()
        .find(|(wrong, _)| near.starts_with(wrong) && !near.starts_with("==") && !near.starts_with("!="))
        .map(|(_, right)| right);
    Fault::new(at, FaultKind::Syntax { detail, hint })
}

type Lowered<T> = Result<T, Fault>;

fn boxed(tree: &ast::Expr<'_>, text: &str, depth: usize) -> Lowered<Box<Node>> {
    expr(tree, text, depth).map(Box::new)
}

fn expr(tree: &ast::Expr<'_>, text: &str, depth: usize) -> Lowered<Node> {
    let own = range(tree.span(), text);
    if depth > MAX_DEPTH {
        return Err(Fault::new(own, FaultKind::TooComplex));
    }
    let deeper = depth + 1;
    let (start, kind) = match tree {
        ast::Expr::Var(var) => (own.start, NodeKind::Name(var.id.to_owned())),
        ast::Expr::Const(value) => (own.start, literal(&value.value)),
        ast::Expr::List(list) => (own.start, NodeKind::List(nodes(&list.items, text, deeper)?)),
        ast::Expr::Tuple(list) => (own.start, NodeKind::List(nodes(&list.items, text, deeper)?)),
        ast::Expr::Map(map) => {
            let (keys, values) = (nodes(&map.keys, text, deeper)?, nodes(&map.values, text, deeper)?);
            (own.start, NodeKind::Map(keys.into_iter().zip(values).collect()))
        }
        ast::Expr::GetAttr(part) => {
            let of = boxed(&part.expr, text, deeper)?;
            (of.at.start, NodeKind::Part(of, part.name.to_owned()))
        }
        ast::Expr::GetItem(item) => {
            let of = boxed(&item.expr, text, deeper)?;
            (of.at.start, NodeKind::Item(of, boxed(&item.subscript_expr, text, deeper)?))
        }
        ast::Expr::UnaryOp(unary) => unary_op(unary, own.start, text, deeper)?,
        ast::Expr::BinOp(binary) => return binary_op(binary, own.end, text, deeper),
        ast::Expr::Compare(chain) => return comparisons(chain, own.end, text, deeper),
        ast::Expr::Call(call) => {
            let of = boxed(&call.expr, text, deeper)?;
            (of.at.start, NodeKind::Call(of, args(&call.args, text, deeper)?))
        }
        ast::Expr::Filter(filter) => {
            let of = filter.expr.as_ref().map(|of| boxed(of, text, deeper)).transpose()?;
            let name_at = own.start..own.start + filter.name.len();
            let start = of.as_ref().map_or(own.start, |of| of.at.start);
            let args = args(&filter.args, text, deeper)?;
            (start, NodeKind::Filter { name: filter.name.to_owned(), name_at, of, args })
        }
        ast::Expr::Test(test) => {
            let of = boxed(&test.expr, text, deeper)?;
            let name_at = own.start..own.start + test.name.len();
            let args = args(&test.args, text, deeper)?;
            (of.at.start, NodeKind::Test { name: test.name.to_owned(), name_at, of, args })
        }
        ast::Expr::IfExpr(choice) => {
            let then = boxed(&choice.true_expr, text, deeper)?;
            let test = boxed(&choice.test_expr, text, deeper)?;
            let otherwise = choice.false_expr.as_ref().map(|other| boxed(other, text, deeper)).transpose()?;
            (then.at.start, NodeKind::IfElse { test, then, otherwise })
        }
        ast::Expr::Slice(_) => (own.start, NodeKind::Foreign("a slice like x[1:2]")),
    };
    Ok(Node { at: start..own.end.max(start), kind })
}

fn nodes(items: &[ast::Expr<'_>], text: &str, depth: usize) -> Lowered<Vec<Node>> {
    items.iter().map(|item| expr(item, text, depth)).collect()
}

fn literal(value: &minijinja::Value) -> NodeKind {
    use minijinja::value::ValueKind;
    match value.kind() {
        ValueKind::None | ValueKind::Undefined => NodeKind::None,
        ValueKind::Bool => NodeKind::Bool(value.is_true()),
        ValueKind::Number if value.is_integer() => {
            i64::try_from(value.clone()).map_or(NodeKind::Foreign("a number this large"), NodeKind::Int)
        }
        ValueKind::Number => match f64::try_from(value.clone()) {
            Ok(number) if number.is_finite() => NodeKind::Num(number),
            _ => NodeKind::Foreign("a number this large"),
        },
        _ => value.as_str().map_or(NodeKind::Foreign("this literal"), |text| NodeKind::Text(text.to_owned())),
    }
}

fn unary_op(unary: &ast::UnaryOp<'_>, own: usize, text: &str, depth: usize) -> Lowered<(usize, NodeKind)> {
    let inner = boxed(&unary.expr, text, depth)?;
    Ok(match unary.op {
        // `a not in b` carries the place of the token before it
        ast::UnaryOpKind::Not if text[own..].starts_with("not") && own < inner.at.start => (own, NodeKind::Not(inner)),
        ast::UnaryOpKind::Not => (inner.at.start, NodeKind::Not(inner)),
        ast::UnaryOpKind::Neg => match inner.kind {
            NodeKind::Int(number) => (own, NodeKind::Int(-number)),
            NodeKind::Num(number) => (own, NodeKind::Num(-number)),
            _ => (own, NodeKind::Neg(inner)),
        },
    })
}

fn binary_op(binary: &ast::BinOp<'_>, end: usize, text: &str, depth: usize) -> Lowered<Node> {
    use ast::BinOpKind as Kind;
    if matches!(binary.op, Kind::ScAnd | Kind::ScOr) {
        let is_and = matches!(binary.op, Kind::ScAnd);
        let mut terms = vec![expr(&binary.right, text, depth)?];
        let mut left = &binary.left;
        // `a or b or c` leans left: walk down the spine instead of recursing
        while let ast::Expr::BinOp(inner) = left {
            if matches!(inner.op, Kind::ScAnd) != is_and || !matches!(inner.op, Kind::ScAnd | Kind::ScOr) {
                break;
            }
            terms.push(expr(&inner.right, text, depth)?);
            left = &inner.left;
        }
        terms.push(expr(left, text, depth)?);
        terms.reverse();
        let start = terms[0].at.start;
        let kind = if is_and { NodeKind::And(terms) } else { NodeKind::Or(terms) };
        return Ok(Node { at: start..end.max(start), kind });
    }
    let (left, right) = (boxed(&binary.left, text, depth)?, boxed(&binary.right, text, depth)?);
    let at = left.at.start..end.max(left.at.start);
    let compare = |op, left, right| NodeKind::Compare(op, left, right);
    let arith = |op, left, right| NodeKind::Arith(op, left, right);
    let kind = match binary.op {
        Kind::Eq => compare(Comparison::Eq, left, right),
        Kind::Ne => compare(Comparison::Ne, left, right),
        Kind::Lt => compare(Comparison::Lt, left, right),
        Kind::Lte => compare(Comparison::Le, left, right),
        Kind::Gt => compare(Comparison::Gt, left, right),
        Kind::Gte => compare(Comparison::Ge, left, right),
        Kind::In => NodeKind::In(left, right),
        Kind::Add => arith(Arith::Add, left, right),
        Kind::Sub => arith(Arith::Sub, left, right),
        Kind::Mul => arith(Arith::Mul, left, right),
        Kind::Div => arith(Arith::Div, left, right),
        Kind::Rem => arith(Arith::Rem, left, right),
        Kind::Concat => NodeKind::Join(left, right),
        Kind::FloorDiv => NodeKind::Foreign("the operator //"),
        Kind::Pow => NodeKind::Foreign("the operator **"),
        Kind::ScAnd | Kind::ScOr => NodeKind::Foreign("this operator"),
    };
    Ok(Node { at, kind })
}

/// `1 < x < 5` is `1 < x and x < 5`.
fn comparisons(chain: &ast::Compare<'_>, end: usize, text: &str, depth: usize) -> Lowered<Node> {
    use ast::CompareOpKind as Kind;
    let mut left = expr(&chain.expr, text, depth)?;
    let start = left.at.start;
    let mut terms = Vec::new();
    for step in &chain.ops {
        let right = expr(&step.expr, text, depth)?;
        // the middle is written twice: nested chains would double at every level
        if right.size() > MAX_MIDDLE {
            return Err(Fault::new(right.at, FaultKind::TooComplex));
        }
        let at = left.at.start..right.at.end.max(left.at.start);
        let (one, other) = (Box::new(left), Box::new(right.clone()));
        let kind = match step.op {
            Kind::Eq => NodeKind::Compare(Comparison::Eq, one, other),
            Kind::Ne => NodeKind::Compare(Comparison::Ne, one, other),
            Kind::Lt => NodeKind::Compare(Comparison::Lt, one, other),
            Kind::Lte => NodeKind::Compare(Comparison::Le, one, other),
            Kind::Gt => NodeKind::Compare(Comparison::Gt, one, other),
            Kind::Gte => NodeKind::Compare(Comparison::Ge, one, other),
            Kind::In => NodeKind::In(one, other),
            Kind::NotIn => NodeKind::Not(Box::new(Node { at: at.clone(), kind: NodeKind::In(one, other) })),
        };
        terms.push(Node { at, kind });
        left = right;
    }
    Ok(Node { at: start..end.max(start), kind: NodeKind::And(terms) })
}

fn args(list: &[ast::CallArg<'_>], text: &str, depth: usize) -> Lowered<Vec<Arg>> {
    list.iter()
        .map(|arg| {
            Ok(match arg {
                ast::CallArg::Pos(value) => Arg { name: None, value: expr(value, text, depth)? },
                ast::CallArg::Kwarg(name, value) => {
                    Arg { name: Some((*name).to_owned()), value: expr(value, text, depth)? }
                }
                ast::CallArg::PosSplat(value) | ast::CallArg::KwargSplat(value) => {
                    let at = expr(value, text, depth)?.at;
                    Arg { name: None, value: Node { at, kind: NodeKind::Foreign("an argument with *") } }
                }
            })
        })
        .collect()
}

fn body(children: &[ast::Stmt<'_>], text: &str, depth: usize) -> Lowered<Vec<Stmt>> {
    children.iter().map(|child| stmt(child, text, depth + 1)).collect()
}

fn stmt(tree: &ast::Stmt<'_>, text: &str, depth: usize) -> Lowered<Stmt> {
    if depth > MAX_DEPTH {
        return Err(Fault::new(0..text.len(), FaultKind::TooComplex));
    }
    let foreign = |what, span| Ok(Stmt::Foreign { what, at: range(span, text) });
    match tree {
        ast::Stmt::Template(root) => Ok(Stmt::Block { name: String::new(), body: body(&root.children, text, depth)? }),
        ast::Stmt::EmitRaw(raw) => Ok(Stmt::Raw(range(raw.span(), text))),
        ast::Stmt::EmitExpr(emit) => Ok(Stmt::Emit(expr(&emit.expr, text, 0)?)),
        ast::Stmt::ForLoop(each) => {
            if each.recursive {
                return foreign("a recursive loop", each.span());
            }
            Ok(Stmt::For {
                target: targets(&each.target),
                over: expr(&each.iter, text, 0)?,
                only: each.filter_expr.as_ref().map(|only| expr(only, text, 0)).transpose()?,
                body: body(&each.body, text, depth)?,
                otherwise: body(&each.else_body, text, depth)?,
            })
        }
        ast::Stmt::IfCond(cond) => Ok(Stmt::If {
            test: expr(&cond.expr, text, 0)?,
            then: body(&cond.true_body, text, depth)?,
            otherwise: body(&cond.false_body, text, depth)?,
        }),
        ast::Stmt::WithBlock(with) => {
            let mut names = Vec::new();
            for (target, value) in &with.assignments {
                let value = expr(value, text, 0)?;
                names.extend(targets(target).into_iter().map(|name| (name, value.clone())));
            }
            Ok(Stmt::With { names, body: body(&with.body, text, depth)? })
        }
        ast::Stmt::Set(set) => match targets(&set.target).as_slice() {
            [name] => Ok(Stmt::Set { name: name.clone(), value: expr(&set.expr, text, 0)? }),
            _ => foreign("setting several names or a part of one", set.span()),
        },
        ast::Stmt::SetBlock(set) => match targets(&set.target).as_slice() {
            [name] if set.filter.is_none() => {
                Ok(Stmt::SetBlock { name: name.clone(), body: body(&set.body, text, depth)? })
            }
            _ => foreign("a filtered set block", set.span()),
        },
        ast::Stmt::FilterBlock(filter) => {
            Ok(Stmt::FilterBlock { filter: expr(&filter.filter, text, 0)?, body: body(&filter.body, text, depth)? })
        }
        ast::Stmt::Block(block) => {
            Ok(Stmt::Block { name: block.name.to_owned(), body: body(&block.body, text, depth)? })
        }
        ast::Stmt::Extends(of) => Ok(Stmt::Extends(expr(&of.name, text, 0)?)),
        ast::Stmt::Include(of) => Ok(Stmt::Include(expr(&of.name, text, 0)?)),
        ast::Stmt::Import(of) => foreign("import", of.span()),
        ast::Stmt::FromImport(of) => foreign("import", of.span()),
        ast::Stmt::Macro(of) => foreign("macro", of.span()),
        ast::Stmt::CallBlock(of) => foreign("call", of.span()),
        ast::Stmt::AutoEscape(of) => foreign("autoescape", of.span()),
        ast::Stmt::Do(of) => foreign("do", of.span()),
    }
}

/// Plain names only: an assignment to a part (`ns.x`) yields none and is refused by its statement.
fn targets(target: &ast::Expr<'_>) -> Vec<String> {
    match target {
        ast::Expr::Var(var) => vec![var.id.to_owned()],
        ast::Expr::Tuple(items) => items.items.iter().flat_map(targets).collect(),
        ast::Expr::List(items) => items.items.iter().flat_map(targets).collect(),
        _ => Vec::new(),
    }
}

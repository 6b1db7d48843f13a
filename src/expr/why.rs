//! Why an expression came to what it did: its text with the operands filled in.

use super::compiled::Expr;
use super::eval::{Eval, Frame};
use super::op::{Node, Op};
use super::problem::Span;
use super::scheme::NodeId;
use super::value::{Truth, Value};
use super::world::{EvalContext, World};
use std::ops::ControlFlow;

/// One reference as it was read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Operand {
    /// As the author wrote it: `${m_health}`, `../x`, `income`.
    pub written: String,
    /// The node's own name. Empty for choice columns and other things that are no node.
    pub name: String,
    pub node: Option<NodeId>,
    /// What it was worth, as the caller shows it; `None` when it was unknown.
    pub text: Option<String>,
}

/// A part of the top `and` / `or`, or the whole.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Clause {
    pub source: String,
    pub filled: String,
    /// Both sides worked out, if the clause is a comparison: `22000`, `<`, `25200`.
    pub sides: Option<(String, &'static str, String)>,
    pub truth: Truth,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Why {
    /// The expression with each operand in place of its reference: `42000.00 - 20000.00 < 700.00 * 12 * 3`.
    pub filled: String,
    /// In the order of the text; each reference once for each time it stands there.
    pub operands: Vec<Operand>,
    /// The parts of the top `and` / `or`, from left to right: which of them decided.
    pub clauses: Vec<Clause>,
    pub truth: Truth,
    /// The value as text.
    pub text: String,
}

/// How a value is shown: the caller masks, gives labels for codes, or makes fen into yuan. `node` is `None` for what
/// was worked out (a side of a comparison) and for a choice's column. `None` back: it is unknown.
pub type Show<'s> = &'s dyn Fn(Option<NodeId>, &Value<'_>) -> Option<String>;

/// Texts in quotes, numbers as they are, nothing masked.
pub fn plain(_: Option<NodeId>, value: &Value<'_>) -> Option<String> {
    match value {
        Value::Unknown => None,
        Value::Text(text) => Some(format!("'{text}'")),
        Value::Numeral(text) if text.is_empty() => Some("''".to_owned()),
        other => Some(other.clone().text().into_owned()),
    }
}

/// Of many values these are shown, then `…`.
const SHOWN_MAX: usize = 8;

impl Why {
    pub fn of(expr: &Expr, world: &dyn World, place: EvalContext<'_>, show: Show<'_>) -> Why {
        expr.at(world, place, |eval, frame| {
            let source = expr.source();
            let mut found = Vec::new();
            collect(expr.root(), eval, frame, show, source, &mut found);
            found.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
            let parts: &[Node] = match &expr.root().op {
                Op::And(parts) | Op::Or(parts) => parts,
                _ => std::slice::from_ref(expr.root()),
            };
            let clauses = parts
                .iter()
                .map(|part| Clause {
                    source: part.span.of(source).to_owned(),
                    filled: fill(source, part.span, &found),
                    sides: sides(part, eval, frame, show),
                    truth: eval.truth(part, frame),
                })
                .collect();
            Why {
                filled: fill(source, Span::new(0, source.len()), &found),
                operands: found.into_iter().map(|(_, operand)| operand).collect(),
                clauses,
                truth: eval.truth(expr.root(), frame),
                text: eval.value(expr.root(), frame).stored().into_owned(),
            }
        })
    }
}

fn collect<'a>(
    node: &'a Node,
    eval: &Eval<'a>,
    frame: &Frame<'_>,
    show: Show<'_>,
    source: &str,
    found: &mut Vec<(Span, Operand)>,
) {
    let id = match &node.op {
        Op::Read(reach) | Op::Own(reach) => Some(reach.node),
        Op::LastSaved(id, _) => Some(*id),
        _ => None,
    };
    match &node.op {
        // A group or a roster has no value; how many there are shows in what counts them.
        Op::Read(reach) if !reach.leaf => {}
        Op::Read(_) | Op::Own(_) | Op::LastSaved(..) | Op::Cells(_) | Op::Column { .. } | Op::RowNumber { .. } => {
            let mut shown = Vec::new();
            let mut unknown = false;
            let _ = eval.each(node, frame, &mut |value| {
                if shown.len() == SHOWN_MAX {
                    shown.push("…".to_owned());
                    return ControlFlow::Break(());
                }
                match show(id, &value) {
                    Some(text) => shown.push(text),
                    None => unknown = true,
                }
                ControlFlow::Continue(())
            });
            let name = id.map_or(String::new(), |id| eval.world.scheme().name(id).to_owned());
            let text = (!unknown).then(|| shown.join(", "));
            found.push((node.span, Operand { written: node.span.of(source).to_owned(), name, node: id, text }));
        }
        _ => node.each_child(&mut |child| collect(child, eval, frame, show, source, found)),
    }
}

/// The part of the source with the operands in place; an unknown one is `?`.
fn fill(source: &str, part: Span, found: &[(Span, Operand)]) -> String {
    let mut out = String::new();
    let mut at = part.start;
    for (span, operand) in found.iter().filter(|(span, _)| span.start >= part.start && span.end <= part.end) {
        if span.start < at {
            continue;
        }
        out.push_str(Span { start: at, end: span.start }.of(source));
        out.push_str(operand.text.as_deref().unwrap_or("?"));
        at = span.end;
    }
    out.push_str(Span { start: at, end: part.end }.of(source));
    out.trim().to_owned()
}

fn sides<'a>(
    node: &'a Node,
    eval: &Eval<'a>,
    frame: &Frame<'_>,
    show: Show<'_>,
) -> Option<(String, &'static str, String)> {
    let Op::Compare(relation, left, right) = &node.op else { return None };
    let side = |node: &'a Node| {
        let id = match &node.op {
            Op::Read(reach) | Op::Own(reach) => Some(reach.node),
            _ => None,
        };
        show(id, &eval.value(node, frame)).unwrap_or_else(|| "?".to_owned())
    };
    Some((side(left), relation.sign(), side(right)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::Scope;
    use crate::expr::compile;
    use crate::expr::sample::Sample;

    #[test]
    fn operands_stand_where_their_names_stood() {
        let world = Sample::default();
        let (expr, problems) = compile("${x} * 2 >= 6 and (sum(${n}) > 100 or ${many} = '')", &world, Scope::top());
        assert_eq!(problems, []);
        let why = Why::of(&expr, &world, EvalContext::TOP, &plain);
        assert_eq!(why.filled, "3 * 2 >= 6 and (sum(4, 10, '') > 100 or 'a c' = '')");
        assert_eq!(why.truth, Truth::No);
        let clauses: Vec<(&str, Truth)> = why.clauses.iter().map(|c| (c.filled.as_str(), c.truth)).collect();
        assert_eq!(clauses, [("3 * 2 >= 6", Truth::Yes), ("(sum(4, 10, '') > 100 or 'a c' = '')", Truth::No)]);
        assert_eq!(why.clauses[0].sides, Some(("6".into(), ">=", "6".into())));
        assert_eq!(why.operands[0].written, "${x}");
        assert_eq!(why.operands[0].name, "x");
    }

    #[test]
    fn the_caller_masks() {
        let world = Sample::default();
        let (expr, _) = compile("${x} = 4", &world, Scope::top());
        let why = Why::of(&expr, &world, EvalContext::TOP, &|_, _| Some("＊".into()));
        assert_eq!(why.filled, "＊ = 4");
    }
}

//! Text with `${name}` in it: labels, hints, messages.

use super::compiled::{Expr, Reads, compile};
use super::lexer::is_name;
use super::problem::{Problem, Span};
use super::scheme::{Scheme, Scope};
use super::world::{EvalContext, World};
use std::borrow::Cow;

/// A text in pieces: what is said as it stands, and what is filled in.
#[derive(Clone, Debug)]
pub struct Template {
    pieces: Box<[Piece]>,
    reads: Reads,
}

#[derive(Clone, Debug)]
enum Piece {
    Said(Box<str>),
    Filled(Box<Expr>),
}

impl Template {
    /// Spans of the problems are bytes of `text`. What looks like no reference (`$5`, `${two words}`) stays text.
    pub fn parse(text: &str, scheme: &dyn Scheme, scope: Scope) -> (Template, Vec<Problem>) {
        let mut pieces = Vec::new();
        let mut problems = Vec::new();
        let mut reads = Reads::default();
        let mut said = String::new();
        let mut at = 0;
        while let Some(found) = text[at..].find("${") {
            let start = at + found;
            said.push_str(&text[at..start]);
            let end = text[start..].find('}').map(|i| start + i + 1);
            let reference = end.map(|end| &text[start..end]);
            match (end, reference.filter(|r| names_a_node(r))) {
                (Some(end), Some(reference)) => {
                    let (expr, found) = compile(reference, scheme, scope);
                    let moved = |span: Span| Span::new(span.start as usize + start, span.end as usize + start);
                    problems.extend(found.into_iter().map(|p| Problem { span: moved(p.span), ..p }));
                    reads.add(expr.reads());
                    if !said.is_empty() {
                        pieces.push(Piece::Said(std::mem::take(&mut said).into()));
                    }
                    pieces.push(Piece::Filled(Box::new(expr)));
                    at = end;
                }
                _ => {
                    said.push_str("${");
                    at = start + 2;
                }
            }
        }
        said.push_str(&text[at..]);
        if !said.is_empty() {
            pieces.push(Piece::Said(said.into()));
        }
        (Template { pieces: pieces.into(), reads }, problems)
    }

    /// It has no references: it is always the same text.
    pub fn is_plain(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Said(_)))
    }

    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    pub fn render<'a>(&'a self, world: &'a dyn World, place: EvalContext<'a>) -> Cow<'a, str> {
        match &*self.pieces {
            [] => Cow::Borrowed(""),
            [Piece::Said(said)] => Cow::Borrowed(said),
            pieces => {
                let mut out = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Said(said) => out.push_str(said),
                        Piece::Filled(expr) => out.push_str(&expr.text(world, place)),
                    }
                }
                Cow::Owned(out)
            }
        }
    }
}

fn names_a_node(reference: &str) -> bool {
    let inner = reference.trim_start_matches("${").trim_end_matches('}').trim();
    is_name(inner.strip_prefix("last-saved#").unwrap_or(inner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::sample::Sample;

    fn render(text: &str) -> String {
        let world = Sample::default();
        let (template, problems) = Template::parse(text, &world, Scope::top());
        assert_eq!(problems, [], "{text}");
        template.render(&world, EvalContext::TOP).into_owned()
    }

    #[test]
    fn references_are_filled_in_and_everything_else_stays() {
        assert_eq!(render("有 ${x} 人, ${ empty }!"), "有 3 人, !");
        assert_eq!(render("$5 ${two words} ${} ${x"), "$5 ${two words} ${} ${x");
        assert_eq!(render(""), "");
    }

    #[test]
    fn a_wrong_name_is_marked_where_it_stands() {
        let world = Sample::default();
        let text = "有 ${manny} 人";
        let (_, problems) = Template::parse(text, &world, Scope::top());
        assert_eq!(problems.iter().map(|p| p.span.of(text)).collect::<Vec<_>>(), ["${manny}"]);
    }
}

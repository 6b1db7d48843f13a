//! Why a place is shown or hidden, required, read-only, refused, offered so few choices, or has the value it has: every
//! expression that says so, with its operands filled in and the way back to the answers they came from.

use super::{At, Draft, RowId};

use crate::domain::{Explain, Eyes, Message};
use crate::expr::{EvalContext, Expr, Truth, Value, Why};
use crate::form::links::Condition;
use crate::form::model::*;

/// How no answer stands in an expression.
const NO_ANSWER: &str = "''";

/// What an expression decides.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ask {
    /// Whether the place, or something around it, is on the route.
    Shown,
    Required,
    ReadOnly,
    Value,
    /// Which choices are on offer.
    Choices,
    /// Whether the answer stands: a check, by its place among the question's checks.
    Check(usize),
}

impl Ask {
    /// A word for other programs.
    pub fn code(self) -> &'static str {
        match self {
            Ask::Shown => "relevant",
            Ask::Required => "required",
            Ask::ReadOnly => "readonly",
            Ask::Value => "value",
            Ask::Choices => "choices",
            Ask::Check(_) => "constraint",
        }
    }
}

/// One expression and what it came to.
#[derive(Clone, Debug)]
pub struct Reason {
    pub ask: Ask,
    /// Where the expression stands: the place asked about, or a group or row around it.
    pub at: At,
    /// As its author wrote it.
    pub source: String,
    pub why: Why,
    /// Beside each operand the place it was read from, where that is one place.
    pub places: Vec<Option<At>>,
    /// Of a filter: choices on offer, and all.
    pub offered: Option<(usize, usize)>,
}

impl Explain for Reason {
    fn explain(&self) -> Message {
        // What nobody can work out hides no question and refuses no answer.
        let holds = match self.ask {
            Ask::Shown | Ask::Check(_) => self.why.truth != Truth::No,
            _ => self.why.truth == Truth::Yes,
        };
        let key = match (self.ask, holds) {
            (Ask::Shown, true) => "form.why_shown",
            (Ask::Shown, false) => "form.why_hidden",
            (Ask::Required, true) => "form.why_required",
            (Ask::Required, false) => "form.why_not_required",
            (Ask::ReadOnly, true) => "form.why_read_only",
            (Ask::ReadOnly, false) => "form.why_not_read_only",
            (Ask::Check(_), true) => "form.why_stands",
            (Ask::Check(_), false) => "form.why_refused",
            (Ask::Value, _) => return Message::new("form.why_value").with("value", self.why.text.clone()),
            (Ask::Choices, _) => {
                let (offered, all) = self.offered.unwrap_or_default();
                return Message::new("form.why_choices").with("offered", offered).with("all", all);
            }
        };
        Message::new(key)
    }
}

impl Draft {
    /// Every expression that decides something about a place, outermost first. Empty when none does: it is always shown,
    /// never required, and whatever is typed stands.
    pub fn reasons(&self, at: At) -> Vec<Reason> {
        let mut reasons = Vec::new();
        if !self.exists(at) {
            return reasons;
        }
        for place in self.around(at) {
            let node = self.form.node(place.node);
            let condition = &self.form.links.nodes[place.node.0 as usize].relevant;
            reasons.extend(self.condition(Ask::Shown, place, condition, node.relevant.as_ref()));
        }
        let Some(question) = self.form.question(at.node) else { return reasons };
        let links = &self.form.links.nodes[at.node.0 as usize];
        reasons.extend(self.condition(Ask::Required, at, &links.required, question.required.as_ref()));
        reasons.extend(self.condition(Ask::ReadOnly, at, &links.read_only, question.read_only.as_ref()));
        if let Some(expr) = &links.calculation {
            reasons.push(self.reason(Ask::Value, at, expr));
        }
        if let Some(expr) = &links.filter {
            let all = question.list.map_or(0, |list| crate::expr::World::item_count(self, list) as usize);
            let offered = Some((self.offers(at).len(), all));
            reasons.push(Reason { offered, ..self.reason(Ask::Choices, at, expr) });
        }
        // A check is not tried on no answer.
        if !self.value(at).is_empty() {
            for (index, check) in links.checks.iter().enumerate() {
                reasons.extend(check.as_ref().map(|expr| self.reason(Ask::Check(index), at, expr)));
            }
        }
        reasons
    }

    /// A place and the groups and rows around it, outermost first.
    fn around(&self, at: At) -> Vec<At> {
        let mut chain = vec![at];
        let (mut node, mut row) = (at.node, at.row);
        loop {
            if matches!(self.form.node(node).kind, ElementKind::Repeat { scope, .. } if scope == self.row(row).scope) {
                row = self.row(row).parent;
            }
            match self.form.node(node).parent {
                Some(parent) => node = parent,
                None => break,
            }
            chain.push(At { row, node });
        }
        chain.reverse();
        chain
    }

    fn condition(&self, ask: Ask, at: At, condition: &Condition, source: Option<&Source>) -> Option<Reason> {
        match condition {
            Condition::Expr(expr) => Some(self.reason(ask, at, expr)),
            // A condition that is always false hides for good, and is worth telling.
            Condition::Constant(holds) if ask == Ask::Shown && !holds => {
                let text = source.map_or("false()", |s| s.text.as_str());
                let (expr, _) = crate::expr::compile(text, &*self.form, crate::expr::Scope::at(at.node));
                Some(self.reason(ask, at, &expr))
            }
            _ => None,
        }
    }

    fn reason(&self, ask: Ask, at: At, expr: &Expr) -> Reason {
        // What is masked on screen is masked here.
        let show = |node: Option<NodeId>, value: &Value<'_>| {
            let text = value.clone().stored().into_owned();
            if text.is_empty() {
                return Some(NO_ANSWER.to_owned());
            }
            let Some(question) = node.and_then(|id| self.form.question(id)) else { return Some(text) };
            if let Some(mask) = &question.masked {
                return Some(mask.show(&text, Eyes::Duty));
            }
            let shown = self.shown_text(question, &text);
            Some(if shown == text { text } else { format!("{text} {shown}") })
        };
        let mut why = Why::of(expr, self, EvalContext::rows(&self.row(at.row).numbers), &show);
        if let Some(mask) = self.form.question(at.node).and_then(|question| question.masked.as_ref()) {
            why.text = mask.show(&why.text, Eyes::Duty);
        }
        for operand in why.operands.iter_mut().filter(|operand| operand.text.as_deref() == Some(NO_ANSWER)) {
            operand.text = Some(String::new());
        }
        let places = why.operands.iter().map(|operand| self.seen_from(at.row, operand.node?)).collect();
        Reason { ask, at, source: expr.source().to_owned(), why, places, offered: None }
    }

    /// The one place of a question that a row sees: in that row, or in one around it.
    fn seen_from(&self, mut row: RowId, node: NodeId) -> Option<At> {
        self.form.question(node)?;
        let scope = self.form.node(node).scope;
        while self.row(row).scope != scope {
            if row == RowId::ROOT {
                return None;
            }
            row = self.row(row).parent;
        }
        Some(At { row, node })
    }
}

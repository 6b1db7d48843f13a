//! Which questions tell what is covered: those that a mask lies on, and whatever the form works out of them behind the
//! scenes. A question that is asked, and that its author left open, is open.

use super::model::{Control, Form, NodeId, Question, ValueType};
use crate::domain::Mask;

impl Form {
    /// By node, whether it tells something covered.
    pub fn covered(&self) -> Vec<bool> {
        self.telling(|question| question.masked.is_some())
    }

    /// By node, whether it tells what is covered from everybody, whoever may count by illnesses as well: not only why a
    /// household is in hardship ([`Mask::Cause`]).
    pub fn covered_from_all(&self) -> Vec<bool> {
        self.telling(|question| question.masked.is_some_and(|mask| mask != Mask::Cause))
    }

    /// By node, whether it tells who somebody is: an ID or account number, a phone, an address, and what is worked out of one.
    pub fn identifying(&self) -> Vec<bool> {
        self.telling(|question| {
            let by_mask = [Mask::IdNumber, Mask::Phone, Mask::BankCard, Mask::Address];
            question.masked.is_some_and(|mask| by_mask.contains(&mask))
                || matches!(question.value, ValueType::IdNumber | ValueType::BankCard)
        })
    }

    /// By node, whether it tells what one of those questions does: itself, or worked out of one behind the scenes.
    fn telling(&self, is_one: impl Fn(&Question) -> bool) -> Vec<bool> {
        let mut covered: Vec<bool> = self.nodes.iter().map(|node| node.question().is_some_and(&is_one)).collect();
        // What is worked out may be read by what is worked out: as often as something new is found.
        loop {
            let mut found = false;
            for id in self.ids() {
                let at = id.0 as usize;
                let is_hidden = self.question(id).is_some_and(|question| question.control == Control::Hidden);
                if covered[at] || !is_hidden {
                    continue;
                }
                let calculation = self.links.nodes.get(at).and_then(|links| links.calculation.as_ref());
                let reads = |node: NodeId| covered.get(node.0 as usize).copied().unwrap_or(false);
                if calculation.is_some_and(|expr| expr.reads().values.iter().any(|read| reads(read.node))) {
                    covered[at] = true;
                    found = true;
                }
            }
            if !found {
                return covered;
            }
        }
    }
}

impl Form {
    /// The path of a node in these rows, counted from 0 from the outermost roster inwards.
    pub fn path_in(&self, node: NodeId, rows: &[u32]) -> String {
        let mut around = Vec::new();
        let mut at = Some(node);
        while let Some(id) = at {
            let shape = self.node(id);
            around.push((id, matches!(shape.kind, super::model::ElementKind::Repeat { .. })));
            at = shape.parent;
        }
        let mut rosters: Vec<&str> = Vec::new();
        around.iter().rev().filter(|(id, is_roster)| *is_roster && *id != node).for_each(|(id, _)| {
            rosters.push(self.node(*id).path.as_str());
        });
        // A node's path holds the paths of the rosters around it; each takes its number behind its name.
        let path = &self.node(node).path;
        let mut out = String::with_capacity(path.len() + 8);
        let mut from = 0;
        for (roster, row) in rosters.iter().zip(rows) {
            if let Some(part) = path.get(from..roster.len()) {
                out.push_str(part);
                out.push_str(&format!("[{}]", row + 1));
                from = roster.len();
            }
        }
        out.push_str(path.get(from..).unwrap_or_default());
        out
    }

    /// Whether a question is on the route in these rows: it and everything around it is relevant.
    pub fn is_asked(&self, node: NodeId, world: &dyn crate::expr::World, rows: &[u32]) -> bool {
        let mut at = Some(node);
        while let Some(id) = at {
            let relevant = self.links.nodes.get(id.0 as usize).map(|links| &links.relevant);
            let holds = match relevant {
                Some(super::links::Condition::Constant(holds)) => *holds,
                Some(super::links::Condition::Expr(expr)) => expr.holds(world, crate::expr::EvalContext::rows(rows)),
                Some(super::links::Condition::None) | None => true,
            };
            if !holds {
                return false;
            }
            at = self.node(id).parent;
        }
        true
    }
}

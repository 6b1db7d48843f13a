//! What of a form tells what is covered: the questions that a mask lies on, whatever the form works out of them behind the
//! scenes, whatever is asked only because of them, and rosters that hold nothing else. A question whose author left it open,
//! and which everybody is asked, is open.

use super::links::Condition;
use super::model::{Control, ElementKind, Form, NodeId, Question, ValueType};
use crate::domain::Mask;

/// What of a form is covered, by node.
#[derive(Clone, Debug, Default)]
pub struct Covers {
    /// How: as the question says, else as the strictest of what it tells of.
    pub masks: Vec<Option<Mask>>,
    /// Whether it is asked, or not, because of an answer that is covered whole: that it stands there tells the answer.
    pub asked_by_covered: Vec<bool>,
}

impl Covers {
    /// What is not known is covered whole.
    pub fn mask(&self, node: NodeId) -> Option<Mask> {
        self.masks.get(node.0 as usize).copied().unwrap_or(Some(Mask::All))
    }

    pub fn is_asked_by_covered(&self, node: NodeId) -> bool {
        self.asked_by_covered.get(node.0 as usize).copied().unwrap_or(true)
    }
}

impl Form {
    /// What of it is covered, and how.
    pub fn covers(&self) -> Covers {
        let of_question = |question: &Question| question.masked;
        let mut out = Covers {
            masks: self.nodes.iter().map(|node| node.question().and_then(of_question)).collect(),
            asked_by_covered: vec![false; self.nodes.len()],
        };
        // What one tells may be told on by another: as often as something new is found, which is no more often than there are
        // nodes, since a mask only gets stricter.
        loop {
            let mut found = false;
            for id in self.ids() {
                let at = id.0 as usize;
                let by = self.asked_because_of(id, &out);
                let of_hidden = self.is_hidden(id).then(|| self.worked_out_of(id, &out)).flatten();
                let own = self.question(id).and_then(of_question);
                let mask = match own {
                    Some(own) if own.is_whole() => Some(own),
                    // A part of an answer that is shown tells that there is one. Nobody sees more of a number by that than its own
                    // mask lets them.
                    Some(Mask::Name) => by.or(own),
                    Some(_) => by.map(|_| Mask::All).or(own),
                    None => strictest([by, of_hidden, self.whole_roster(id, &out)].into_iter().flatten()),
                };
                found |= mask != out.masks[at] || by.is_some() != out.asked_by_covered[at];
                (out.masks[at], out.asked_by_covered[at]) = (mask, by.is_some());
            }
            if !found {
                return out;
            }
        }
    }

    /// By node, whether it tells something covered.
    pub fn covered(&self) -> Vec<bool> {
        self.covers().masks.iter().map(Option::is_some).collect()
    }

    /// By node, whether it tells what is covered from everybody, whoever may count by illnesses as well: not only why a
    /// household is in hardship ([`Mask::Cause`]).
    pub fn covered_from_all(&self) -> Vec<bool> {
        self.covers().masks.iter().map(|mask| mask.is_some_and(|mask| mask != Mask::Cause)).collect()
    }

    /// By node, whether it tells who somebody is: an ID or account number, a phone, an address, and what is worked out of one
    /// behind the scenes.
    pub fn identifying(&self) -> Vec<bool> {
        let is_one = |question: &Question| {
            let by_mask = [Mask::IdNumber, Mask::Phone, Mask::BankCard, Mask::Address];
            question.masked.is_some_and(|mask| by_mask.contains(&mask))
                || matches!(question.value, ValueType::IdNumber | ValueType::BankCard)
        };
        let of = |node: &super::model::Node| node.question().is_some_and(is_one).then_some(Mask::All);
        let mut out = Covers { masks: self.nodes.iter().map(of).collect(), asked_by_covered: Vec::new() };
        loop {
            let open = |id: &NodeId| out.masks[id.0 as usize].is_none() && self.is_hidden(*id);
            let found: Vec<NodeId> =
                self.ids().filter(open).filter(|id| self.worked_out_of(*id, &out).is_some()).collect();
            if found.is_empty() {
                return out.masks.iter().map(Option::is_some).collect();
            }
            found.iter().for_each(|id| out.masks[id.0 as usize] = Some(Mask::All));
        }
    }

    /// What a question's checks read.
    pub fn checked_by(&self, id: NodeId) -> impl Iterator<Item = NodeId> {
        let checks = self.links.nodes.get(id.0 as usize).into_iter().flat_map(|links| links.checks.iter().flatten());
        checks.flat_map(|check| check.reads().values.iter().chain(&check.reads().rows)).map(|read| read.node)
    }

    fn is_hidden(&self, id: NodeId) -> bool {
        self.question(id).is_some_and(|question| question.control == Control::Hidden)
    }

    /// How what a node's calculation reads is covered, the strictest of it.
    fn worked_out_of(&self, id: NodeId, covers: &Covers) -> Option<Mask> {
        let calculation = self.links.nodes.get(id.0 as usize)?.calculation.as_ref()?;
        let reads = calculation.reads();
        let masks = reads.values.iter().chain(&reads.rows).filter_map(|read| covers.mask(read.node));
        strictest(masks)
    }

    /// How what decides whether a node is asked is covered, where it is covered whole: what stands around it decides too.
    fn asked_because_of(&self, id: NodeId, covers: &Covers) -> Option<Mask> {
        let mut masks = Vec::new();
        let mut at = Some(id);
        while let Some(node) = at {
            if let Some(Condition::Expr(expr)) = self.links.nodes.get(node.0 as usize).map(|links| &links.relevant) {
                let reads = expr.reads();
                let read = reads.values.iter().chain(&reads.rows);
                masks.extend(read.filter_map(|read| covers.mask(read.node)).filter(|mask| mask.is_whole()));
            }
            at = self.node(node).parent;
        }
        strictest(masks)
    }

    /// A roster of which everything that people are asked is covered whole: how many rows it has tells too.
    fn whole_roster(&self, id: NodeId, covers: &Covers) -> Option<Mask> {
        if !matches!(self.node(id).kind, ElementKind::Repeat { .. }) {
            return None;
        }
        let inside = (id.0 + 1..self.node(id).end.0).map(NodeId);
        let asked = inside.filter(|id| {
            let question = self.question(*id);
            let is_asked = question.is_some_and(|q| !matches!(q.control, Control::Hidden | Control::Note));
            is_asked && !self.node(*id).label.is_empty()
        });
        let masks: Option<Vec<Mask>> = asked.map(|id| covers.mask(id).filter(|mask| mask.is_whole())).collect();
        let masks = masks.filter(|masks| !masks.is_empty())?;
        // Whoever sees one column of it sees how many rows there are.
        Some(if masks.contains(&Mask::Cause) { Mask::Cause } else { Mask::All })
    }
}

/// What tells of several is covered as the strictest of them: whole, unless all of it is only why a household is in hardship.
fn strictest(masks: impl IntoIterator<Item = Mask>) -> Option<Mask> {
    masks
        .into_iter()
        .map(|mask| if mask == Mask::Cause { mask } else { Mask::All })
        .max_by_key(|mask| *mask == Mask::All)
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

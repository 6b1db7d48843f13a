//! The box that says why a place is as it is. Enter on an operand goes to the answer it came from; where that is not on
//! the route, to why it is as it is.

use super::Survey;
use crate::domain::{Explain, Message};
use crate::form::{Ask, At, Moved, Reason};
use crate::tui::keymap::Action;
use crate::tui::page::Page;
use crate::tui::screen::Cx;
use crate::tui::text;
use crate::tui::widgets::popup::popup;
use crate::tui::widgets::{List, list};

/// The width of the box, borders included.
const CELLS: u16 = 76;

pub struct WhyBox {
    heading: String,
    lines: Vec<ReasonLine>,
    list: List,
    /// Places whose box this one was reached from, the first one first.
    trail: Vec<At>,
    at: At,
}

struct ReasonLine {
    said: String,
    strong: bool,
    /// The answer that this line tells of.
    leads_to: Option<At>,
}

impl Survey {
    /// The box about one place.
    pub(super) fn why(&self, at: At, trail: Vec<At>, cx: &Cx) -> WhyBox {
        let reasons = self.draft.reasons(at);
        let mut lines = Vec::new();
        let width = usize::from(CELLS) - 4;
        let mut say = |said: &str, strong: bool, leads_to: Option<At>, indent: usize| {
            for part in text::wrap(said, width - indent) {
                lines.push(ReasonLine { said: format!("{}{part}", " ".repeat(indent)), strong, leads_to });
            }
        };
        let required = self.draft.is_required_read_only(at).0 && reasons.iter().all(|r| r.ask != Ask::Required);
        if reasons.is_empty() && !required {
            say(&cx.word("tui.survey.why_nothing"), false, None, 0);
        }
        for reason in &reasons {
            let mut said = cx.say(&reason.explain());
            if reason.at != at {
                let around = Message::new("tui.survey.why_around").with("label", self.name_of(reason.at));
                said = format!("{}{said}", cx.say(&around));
            }
            say(&said, true, None, 0);
            say(&reason.source, false, None, 2);
            if reason.why.filled != reason.source {
                say(&format!("→ {}", reason.why.filled), false, None, 2);
            }
            let operands: Vec<_> = reason.why.operands.iter().zip(&reason.places).collect();
            for (i, &(operand, place)) in operands.iter().enumerate() {
                if operands[..i].iter().any(|(before, _)| before.written == operand.written) {
                    continue;
                }
                let label = place.map_or_else(|| operand.written.clone(), |place| self.name_of(place));
                let value = operand.text.as_deref().filter(|text| !text.is_empty());
                let value = value.map_or_else(|| cx.word("tui.survey.why_empty"), str::to_owned);
                if operand.node.is_some() {
                    say(&format!("· {label} = {value}"), false, *place, 4);
                }
            }
        }
        if required {
            say(&cx.word("tui.survey.why_always_required"), true, None, 0);
        }
        let list = List::new(lines.len());
        WhyBox { heading: self.name_of(at), lines, list, trail, at }
    }

    /// What is not as it was since the form changed; Enter goes to where it is now.
    pub(super) fn reported(&self, moved: &[Moved], cx: &Cx) -> WhyBox {
        let mut lines = Vec::new();
        for one in moved {
            let place = match one {
                Moved::To { to: path, .. } | Moved::Unfit { path, .. } => self.draft.at(path),
                Moved::Gone { .. } => None,
            };
            for part in text::wrap(&cx.say(&one.explain()), usize::from(CELLS) - 4) {
                lines.push(ReasonLine { said: part, strong: false, leads_to: place });
            }
        }
        let heading = cx.say(&Message::new("tui.survey.form_changed").with("count", moved.len()));
        WhyBox { heading, list: List::new(lines.len()), lines, trail: Vec::new(), at: self.at }
    }

    /// A question by its number and label, else its name.
    fn name_of(&self, at: At) -> String {
        let node = self.draft.form().node(at.node);
        let label = self.draft.words(at);
        let label = if label.trim().is_empty() { node.name.clone() } else { label };
        match &node.number {
            Some(number) => format!("{number} {}", label.trim()),
            None => label.trim().to_owned(),
        }
    }

    /// What a key does in the box; the box that stands afterwards, if one does.
    pub(super) fn act_why(&mut self, mut shown: WhyBox, action: Action, cx: &Cx) -> Option<WhyBox> {
        if action == Action::Back {
            let before = shown.trail.pop()?;
            return Some(self.why(before, shown.trail, cx));
        }
        let picked = match action {
            Action::Take => shown.list.at(),
            moving => match shown.list.act(moving) {
                list::Moved::Picked(at) => Some(at),
                _ => None,
            },
        };
        let Some(place) = picked.and_then(|at| shown.lines.get(at)).and_then(|line| line.leads_to) else {
            return Some(shown);
        };
        // Someone who looks at why a computed answer is what it is wants its reasons, not the field.
        let computed = self.draft.reasons(place).iter().any(|reason: &Reason| reason.ask == Ask::Value);
        if self.route.index(place).is_some() && !computed {
            self.leave_field(cx);
            self.go(place, cx);
            return None;
        }
        shown.trail.push(shown.at);
        Some(self.why(place, shown.trail, cx))
    }
}

pub fn draw(page: &mut Page<'_>, shown: &WhyBox) {
    let cx = page.cx;
    let height = (shown.lines.len() as u16 + 2).min(page.area.height);
    let inner = popup(page, &shown.heading, CELLS, height);
    shown.list.draw(page, inner, |i| match shown.lines.get(i) {
        Some(line) => (line.said.clone(), if line.strong { cx.theme.strong() } else { cx.theme.plain() }),
        None => (String::new(), cx.theme.plain()),
    });
}

//! What is typed for a campaign: which question to the roll, what was counted, which lines were handed over and who signed, which came
//! back and why. What is refused stays as it was typed, to be mended.

use super::super::step::StepAction;
use crate::command::fund::{Control, Signed, line_numbers};
use crate::command::{Duty, Failure};
use crate::domain::{Day, Explain, Fen, Message};
use crate::tui::key::Key;
use crate::tui::keymap::{Action, KeyScope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::text;
use crate::tui::widgets::TextField;
use crate::tui::widgets::popup::popup;
use crate::views::fund::CampaignRow;
use ratatui::layout::Rect;
use std::sync::Arc;

/// What is done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    FromRoll,
    Check,
    Handed,
    Returned,
    Drop,
}

impl What {
    fn title(self) -> &'static str {
        match self {
            What::FromRoll => "tui.campaign.key.roll",
            What::Check => "campaign.state.checked",
            What::Handed => "tui.campaign.key.handed",
            What::Returned => "tui.campaign.key.returned",
            What::Drop => "tui.campaign.key.drop",
        }
    }

    /// The lines to fill in, from the top.
    fn lines(self) -> &'static [&'static str] {
        match self {
            What::FromRoll => &["saved", "class"],
            What::Check => &["count", "sum"],
            What::Handed => &["lines", "on", "place", "proxy", "relation"],
            What::Returned => &["lines", "on", "why"],
            What::Drop => &["lines", "why"],
        }
    }

    fn duty(self) -> Duty {
        match self {
            What::FromRoll | What::Drop => Duty::ProposeAid,
            What::Check => Duty::CheckAid,
            What::Handed | What::Returned => Duty::PayAid,
        }
    }
}

pub struct Entering {
    session: Arc<Session>,
    row: CampaignRow,
    what: What,
    lines: Vec<(&'static str, TextField)>,
    at: usize,
}

impl Entering {
    pub fn new(session: Arc<Session>, row: CampaignRow, what: What, chosen: &[usize]) -> Entering {
        let first_place = || places(&session).into_iter().next().unwrap_or_default();
        let text = |name: &str| match name {
            "lines" => ranges(chosen),
            "on" => session.now().today.to_string(),
            "place" => first_place(),
            "class" => row.campaign.classes.first().map(|class| class.code.clone()).unwrap_or_default(),
            _ => String::new(),
        };
        let line = |name: &&'static str| (*name, TextField::offering(&text(name)).at_most(300));
        let lines = what.lines().iter().map(line).collect();
        Entering { session, row, what, lines, at: 0 }
    }

    fn text(&self, line: &str) -> String {
        let found = self.lines.iter().find(|(name, _)| *name == line);
        found.map(|(_, field)| field.value().trim().to_owned()).unwrap_or_default()
    }

    fn take(&self) -> Result<(), Message> {
        let (office, now) = (self.session.office(), self.session.now());
        let row = office.campaign_named(&self.row.id.hex(), now).map_err(|failure| failure.explain())?;
        let typed = self.text("on");
        let on = match typed.as_str() {
            "" => now.today,
            _ => Day::from_typed_near(&typed, now.today)
                .ok_or_else(|| Message::new("cli.not_a_day").with("asked", typed.as_str()))?,
        };
        let lines = || {
            let typed = self.text("lines");
            line_numbers(&typed).ok_or_else(|| Message::new("cli.campaign.lines").with("asked", typed))
        };
        let done: Result<(), Failure> = match self.what {
            What::FromRoll => office
                .saved_roll(&self.text("saved"), now)
                .and_then(|asked| office.fill_from_roll(&row, &asked, &self.text("class"), now))
                .map(drop),
            What::Check => {
                let (count, sum) = (self.text("count"), self.text("sum"));
                let count: String = count.chars().map(crate::domain::money::narrow_char).collect();
                let count = count
                    .parse()
                    .map_err(|_| Message::new("tui.campaign.not_a_count").with("asked", count.as_str()))?;
                let sum =
                    Fen::from_typed(&sum).map_err(|_| Message::new("cli.fund.amount").with("asked", sum.as_str()))?;
                office.check_campaign(&row, Control { count, sum }, now).map(drop)
            }
            What::Handed => {
                let (name, relation) = (self.text("proxy"), self.text("relation"));
                let signed = match name.is_empty() && relation.is_empty() {
                    true => Signed::Themselves,
                    false => Signed::Proxy { name, relation },
                };
                office.hand_over(&row, &lines()?, (&self.text("place"), &signed), on, now).map(drop)
            }
            What::Returned => office.bring_back(&row, &lines()?, &self.text("why"), on, now).map(drop),
            What::Drop => office.drop_lines(&row, &lines()?, &self.text("why"), now).map(drop),
        };
        done.map_err(|failure| failure.explain())
    }

    /// What a line takes, in words.
    fn help(&self, line: &str, cx: &Cx) -> String {
        let (office, now) = (self.session.office(), self.session.now());
        match line {
            "saved" => {
                let saved = office.saved_rolls(now).unwrap_or_default();
                saved.iter().map(|saved| saved.name.clone()).collect::<Vec<_>>().join("  ")
            }
            "class" => {
                let classes = self.row.campaign.classes.iter();
                classes
                    .map(|class| format!("{} {}", class.code, class.standard.grouped()))
                    .collect::<Vec<_>>()
                    .join("  ")
            }
            "place" => places(&self.session).join("  "),
            "proxy" | "relation" => cx.word("tui.campaign.proxy_help"),
            "lines" => cx.word("tui.campaign.lines_help"),
            "count" | "sum" => cx.word("tui.campaign.count_help"),
            "on" => cx.word("tui.step.on_help"),
            _ => cx.word("tui.step.why_help"),
        }
    }
}

/// The cash boxes and advances that something can be handed over from.
fn places(session: &Session) -> Vec<String> {
    let places = session.office().places_by_hand(session.now()).unwrap_or_default();
    places.into_iter().map(|row| row.place.code).collect()
}

/// `1-3,7`: as people write it.
fn ranges(numbers: &[usize]) -> String {
    let mut parts: Vec<(usize, usize)> = Vec::new();
    for number in numbers {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => parts.push((*number, *number)),
        }
    }
    let text = |(first, last): &(usize, usize)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    };
    parts.iter().map(text).collect::<Vec<_>>().join(",")
}

impl Screen for Entering {
    fn title(&self, cx: &Cx) -> String {
        cx.word(self.what.title())
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }

    fn scopes(&self) -> &'static [KeyScope] {
        super::SCOPES[2]
    }

    fn can(&self, action: Action) -> bool {
        matches!(action, Action::Take | Action::Step(StepAction::TakeStep) | Action::Back | Action::Up | Action::Down)
    }

    fn confirms(&self, action: Action) -> bool {
        action == Action::Step(StepAction::TakeStep)
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn barred(&mut self) -> Option<Message> {
        let refused = self.session.office().may(self.what.duty(), self.session.now()).map(drop);
        refused.err().map(|failure| failure.explain())
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        match action {
            Action::Back => Then::Close,
            Action::Step(StepAction::TakeStep) => match self.take() {
                Ok(()) => Then::CloseSaying(Message::new("tui.campaign.done")),
                Err(said) => Then::Say(said),
            },
            // An Enter that is held down, or pressed once too often, does nothing.
            Action::Take | Action::Down => {
                self.at = (self.at + 1).min(self.lines.len().saturating_sub(1));
                Then::Stay
            }
            Action::Up => {
                self.at = self.at.saturating_sub(1);
                Then::Stay
            }
            _ => Then::Ignore,
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        let taken = self.lines.get_mut(self.at).is_some_and(|(_, field)| field.key(key));
        if taken { Then::Stay } else { Then::Ignore }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let width = page.area.width.saturating_sub(4).min(90);
        let room = usize::from(width.saturating_sub(4));
        let high = self.lines.iter().map(|(line, _)| text::wrap(&self.help(line, cx), room).len()).max().unwrap_or(0);
        let inner = popup(page, &self.title(cx), width, (self.lines.len() + high.clamp(1, 6)) as u16 + 3);
        let words = |line: &str| cx.word(&format!("tui.campaign.line.{line}"));
        let wide = self.lines.iter().map(|(line, _)| text::width(&words(line))).max().unwrap_or(0) as u16;
        for (row, (line, field)) in (0..).zip(&self.lines) {
            let y = inner.y + row;
            let here = usize::from(row) == self.at;
            page.put(inner.x, y, 2, if here { ">" } else { " " }, cx.theme.key());
            page.put(inner.x + 2, y, wide, &words(line), if here { cx.theme.strong() } else { cx.theme.plain() });
            let x = inner.x + 3 + wide;
            let cells = inner.right().saturating_sub(x + 1);
            if here {
                field.draw(page, x, y, cells, cx.theme.field());
            } else {
                page.put(x, y, cells, &text::clean(&field.value()), cx.theme.plain());
            }
        }
        let y = inner.y + self.lines.len() as u16;
        page.rule(inner.x, y, inner.width);
        if let Some((line, _)) = self.lines.get(self.at) {
            let room = Rect {
                x: inner.x + 1,
                y: y + 1,
                width: inner.width.saturating_sub(2),
                height: inner.bottom().saturating_sub(y + 1),
            };
            page.paragraph(room, &self.help(line, cx), cx.theme.quiet());
        }
    }
}

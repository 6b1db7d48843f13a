//! A household as it is in the demo, apart from any form: who lives there, what they do, what they have.

use super::people::Human;
use crate::domain::{Day, Fen, UnitId};

/// What brought the household in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    Illness,
    SpouseIll,
    LaidOff,
    Disability,
    Schooling,
    Accident,
    SingleParent,
}

/// How a household stands at a survey; what the scheme of the day calls it is for the rules to say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// Below the line.
    Deep,
    /// A little above it.
    Relative,
    /// Well above it, and struck by a loss.
    Accident,
    /// Just over the last line: for the watch list after leaving.
    Watch,
    /// Out of hardship.
    Over,
    /// The income is refused: nothing can be decided.
    Refused,
}

/// A member besides the worker.
#[derive(Clone)]
pub struct Member {
    pub human: Human,
    /// Code of list `relation`.
    pub relation: &'static str,
    pub health: &'static str,
    pub disease: &'static str,
    /// Code of list `work_status`.
    pub status: &'static str,
    pub lives_together: bool,
    /// Goes on to a university at eighteen.
    pub studies: bool,
}

impl Member {
    pub fn is_spouse(&self) -> bool {
        matches!(self.relation, "11" | "12")
    }

    pub fn is_child(&self) -> bool {
        self.relation.starts_with('2') || self.relation.starts_with('3')
    }

    pub fn is_parent(&self) -> bool {
        self.relation.starts_with('5')
    }

    /// The stage of list `school`, and the year of enrolment, in the school year that `on` lies in.
    pub fn school(&self, on: Day) -> Option<(&'static str, i32)> {
        let born = self.human.birth.year();
        let age = if on.month() >= 9 { on.year() } else { on.year() - 1 } - born;
        match age {
            6..=11 => Some(("2", born + 6)),
            12..=14 => Some(("3", born + 12)),
            15..=17 => Some(("4", born + 15)),
            18..=21 if self.studies => Some((if born % 2 == 0 { "6" } else { "5" }, born + 18)),
            _ => None,
        }
    }
}

/// What comes in and goes out in the twelve months before a survey, in fen.
#[derive(Clone, Default)]
pub struct Money {
    pub refused: bool,
    pub own_month: Fen,
    /// By the member's key.
    pub member_month: Vec<(u32, Fen)>,
    pub wage: Fen,
    pub business: Fen,
    pub property: Fen,
    pub pension: Fen,
    pub transfer: Fen,
    pub other: Fen,
    pub medical: Fen,
    pub reimbursed: Fen,
    pub education: Fen,
    pub disability: Fen,
    pub employment: Fen,
    pub loss: Fen,
    pub compensated: Fen,
    pub living: Fen,
    pub debt: Fen,
    pub assets: Fen,
    /// Code of list `dibao`.
    pub dibao: &'static str,
}

/// Something that happened between two surveys.
#[derive(Clone)]
pub struct Change {
    pub on: Day,
    /// Code of list `change`.
    pub kind: &'static str,
    /// The key of whom it concerns, who still is in the household; the worker is [`WORKER`].
    pub person: Option<u32>,
    pub amount: Option<Fen>,
    pub evidence: &'static str,
}

pub const WORKER: u32 = 0;

#[derive(Clone)]
pub struct Household {
    pub worker: Human,
    pub family: String,
    pub ethnicity: &'static str,
    pub political: &'static str,
    pub marital: &'static str,
    pub education: &'static str,
    pub health: &'static str,
    pub disease: &'static str,
    /// Code of list `dis_grade`.
    pub grade: &'static str,
    pub model: &'static str,
    pub division: &'static str,
    pub address: String,
    pub phone: String,
    pub unit: UnitId,
    pub unit_nature: &'static str,
    pub unit_condition: &'static str,
    pub work_status: &'static str,
    pub work_start: Day,
    pub contract: &'static str,
    pub bank: &'static str,
    pub card: String,
    pub members: Vec<Member>,
    pub housing: &'static str,
    pub area: i64,
    pub vehicle: &'static str,
    pub cause: &'static str,
    pub other_cause: &'static str,
    pub cause_note: &'static str,
    pub helps: &'static str,
    /// Code of list `occupation`.
    pub trade: &'static str,
    pub skill_level: &'static str,
    /// Who in the household has a skill that is on file, besides the worker.
    pub skilled: Vec<u32>,
    pub job_need: bool,
    pub next_key: u32,
}

impl Household {
    /// The worker and those who live with them.
    pub fn size(&self) -> i64 {
        1 + self.members.iter().filter(|m| m.lives_together).count() as i64
    }

    pub fn spouse(&self) -> Option<&Member> {
        self.members.iter().find(|m| m.is_spouse())
    }

    pub fn has_student(&self) -> bool {
        self.members.iter().any(|m| m.status == "31")
    }

    pub fn has_children(&self) -> bool {
        self.members.iter().any(Member::is_child)
    }

    pub fn has_disabled(&self) -> bool {
        self.health.starts_with('6') || self.members.iter().any(|m| m.health.starts_with('6'))
    }

    /// The cause of an accident is one only while it weighs; afterwards what is left of it is a low income.
    pub fn stand(&mut self, level: Level, theme: Theme) {
        if theme == Theme::Accident {
            (self.cause, self.cause_note) = match level {
                Level::Accident => ("08", ""),
                _ => ("10", "事故后收入未恢复"),
            };
        }
    }

    /// As the list `household` counts people: the worker is 0, members from 1.
    pub fn place(&self, key: u32) -> Option<usize> {
        if key == WORKER { Some(0) } else { self.members.iter().position(|m| m.human.key == key).map(|i| i + 1) }
    }
}

/// Whether somebody of that work status earns a wage.
pub fn earns(status: &str) -> bool {
    matches!(status, "11" | "15" | "18" | "21" | "41")
}

/// Whether somebody of that work status draws a pension.
pub fn draws_pension(status: &str) -> bool {
    matches!(status, "14" | "16")
}

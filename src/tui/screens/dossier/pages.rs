//! The texts of the dossier's pages.

use super::Dossier;
use crate::command::Failure;
use crate::command::looks::LookLine;
use crate::domain::event::{Ledger, SurveyKind};
use crate::domain::{Arg, Message, OfficerId, Stamp};
use crate::present::{self, Sentence, Tone};
use crate::tui::screen::Cx;
use crate::tui::screens::today::word;
use crate::tui::text;
use crate::tui::widgets::presented::Block;
use crate::views::Happening;

pub type Body = Vec<Block>;

impl Dossier {
    pub(super) fn compose(&self, cx: &Cx) -> Result<Body, Failure> {
        match self.page {
            1 => self.overview(cx),
            3 => self.people(cx),
            4 => Ok(self.happenings(cx)),
            5 => self.difference(cx),
            6 => self.why(cx),
            _ => Ok(Vec::new()),
        }
    }

    fn overview(&self, cx: &Cx) -> Result<Body, Failure> {
        let (words, household) = (self.session.words(cx.lang), self.household()?);
        let today = self.session.now().today;
        let facts = present::dossier::at_a_glance(&words, &household, self.time.horizon(), self.eyes, today)?;
        // Its number stands in the title.
        Ok(vec![Block::Fields(facts.into_iter().filter(|field| field.key != "number").collect())])
    }

    /// Everybody of the latest survey within the time chosen.
    fn people(&self, cx: &Cx) -> Result<Body, Failure> {
        let Some(version) = self.status.versions.last() else {
            return Ok(vec![quiet(cx.word("tui.dossier.no_survey"))]);
        };
        let kept = self.household()?.survey(version)?;
        let heading = Message::new("tui.dossier.people_of").with("day", version.on).with("version", version.version);
        let people = present::dossier::people(&self.session.words(cx.lang), &kept.answers, self.eyes);
        Ok(vec![strong(cx.say(&heading)), Block::Table(people)])
    }

    /// All that happened within the time chosen, the latest first.
    fn happenings(&self, cx: &Cx) -> Body {
        let horizon = self.time.horizon();
        let known = self.history.happenings.iter().filter(|happening| {
            let day = happening.ledger.day().unwrap_or(happening.at.day());
            happening.is_known(horizon) && day <= horizon.on
        });
        let mut reported: Vec<(Stamp, OfficerId, String)> =
            known.map(|happening| (happening.at, happening.by, cx.say(&self.with_lateness(happening, cx)))).collect();
        // Looks are no part of what happened to the household, and stand among it by their time.
        let looks = self.household().and_then(|household| household.looks()).unwrap_or_default();
        let shown = looks.iter().filter(|look| look.at.0 <= horizon.received && look.at.day() <= horizon.on);
        reported.extend(shown.map(|look| (look.at, look.by, text::clean(&cx.say(&looked(look))))));
        reported.sort_by_key(|(at, ..)| *at);
        let line = |(at, by, said): (Stamp, OfficerId, String)| {
            let by = self.session.officer(by, cx.lang);
            Sentence::new(format!("{}  {}  {said}", at.local(), text::fit(&by, 8)))
        };
        vec![Block::Sentences(reported.into_iter().rev().map(line).collect())]
    }

    /// What happened; of a step that was entered long after its day, by how much.
    fn with_lateness(&self, happening: &Happening, cx: &Cx) -> Message {
        let said = self.happened(happening, cx);
        let late = happening.ledger.step().map_or(0, |(_, on)| happening.at.day().0 - on.0);
        match late > crate::domain::case::Limits::USUAL.late_after_days {
            true => Message::new("tui.happened.late").with("said", said).with("days", i64::from(late)),
            false => said,
        }
    }

    fn happened(&self, happening: &Happening, cx: &Cx) -> Message {
        match &happening.ledger {
            Ledger::DossierOpened { accepted_on, .. } => {
                let numbers = happening.issued.iter().map(|i| crate::views::number_text(&i.series, i.number));
                Message::new("tui.happened.opened")
                    .with("day", *accepted_on)
                    .with("number", numbers.collect::<Vec<_>>().join(" "))
            }
            Ledger::NumberGiven { .. } => {
                let numbers = happening.issued.iter().map(|i| crate::views::number_text(&i.series, i.number));
                Message::new("tui.happened.numbered").with("number", numbers.collect::<Vec<_>>().join(" "))
            }
            Ledger::SurveySubmitted(survey) | Ledger::SurveyProposed { survey, .. } => {
                let kind = match survey.kind.code() {
                    Some(code) => self.session.code("survey_type", code, cx.lang),
                    None => survey.form.clone(),
                };
                let category = match (&survey.category, &survey.rule_set) {
                    (Some(code), set) => self.session.category(set.as_deref(), code, cx.lang),
                    (None, Some(_)) => cx.word("present.undecided"),
                    (None, None) => "-".to_owned(),
                };
                let key = match survey.kind {
                    SurveyKind::Correction => "tui.happened.corrected",
                    _ => "tui.happened.surveyed",
                };
                Message::new(key).with("day", survey.on).with("kind", kind).with("category", category)
            }
            Ledger::StatusMoved { to, on, .. } => Message::new("tui.happened.moved")
                .with("day", *on)
                .with("status", word(format!("status.{}", to.code()))),
            Ledger::Approved { on, category, .. } => {
                Message::new("tui.happened.approved").with("day", *on).with("category", category.as_str())
            }
            Ledger::Applied { on, .. } => Message::new("tui.happened.applied").with("day", *on),
            Ledger::Deliberated { on, present, agreed, against, .. } => Message::new("tui.happened.deliberated")
                .with("day", *on)
                .with("present", *present)
                .with("agreed", *agreed)
                .with("against", *against),
            Ledger::NoticePosted { on, until, .. } => {
                Message::new("tui.happened.posted").with("day", *on).with("until", *until)
            }
            Ledger::ExclusionsOverridden { on, codes, .. } => {
                Message::new("tui.happened.overridden").with("day", *on).with("codes", codes.join(" "))
            }
            Ledger::PapersNoted { on, papers, .. } => {
                Message::new("tui.happened.papers").with("day", *on).with("count", papers.len())
            }
            Ledger::WorkerDied { on, .. } => Message::new("tui.happened.died").with("day", *on),
            Ledger::StepWithdrawn { step, .. } => {
                let step = self.history.happenings.iter().find(|h| h.entry == *step).and_then(|h| h.ledger.step());
                let said = Message::new("tui.happened.withdrawn");
                match step {
                    Some((to, on)) => said.with("day", on).with("status", word(format!("status.{}", to.code()))),
                    None => said.with("day", "").with("status", ""),
                }
            }
            Ledger::OtherNumber { system, .. } => {
                Message::new("tui.happened.other_number").with("system", system.as_str())
            }
            Ledger::Erased { .. } => Message::new("tui.happened.erased"),
            Ledger::QueryAsked { .. } => Message::new("tui.happened.query_asked"),
            Ledger::QueryAnswered { .. } => Message::new("tui.happened.query_answered"),
            Ledger::QueryClosed { .. } => Message::new("tui.happened.query_closed"),
            _ => Message::new("tui.happened.other"),
        }
    }

    /// Two surveys, question by question.
    fn difference(&self, cx: &Cx) -> Result<Body, Failure> {
        let Some((earlier, later)) = self.compared() else {
            return Ok(vec![quiet(cx.word("tui.dossier.nothing_to_compare"))]);
        };
        let words = self.session.words(cx.lang);
        let compared = present::dossier::compared(&words, &self.household()?, earlier, later, self.eyes)?;
        let said = compared.said(&words);
        Ok(vec![Block::Sentences(vec![said]), Block::Table(compared.table)])
    }

    /// Why the category is what it is, as it was decided then.
    fn why(&self, cx: &Cx) -> Result<Body, Failure> {
        let (_, version, mut decision) = self.household()?.explain(self.time.horizon())?;
        // What would change it is asked for by itself.
        decision.flips.clear();
        let heading = Message::new("tui.dossier.why_of").with("day", version.on).with("version", version.version);
        let reasons = present::dossier::reasons(&self.session.words(cx.lang), &decision);
        Ok(vec![strong(cx.say(&heading)), Block::Sentences(reasons)])
    }
}

fn strong(said: String) -> Block {
    Block::Sentences(vec![Sentence::new(said).tone(Tone::Strong)])
}

fn quiet(said: String) -> Block {
    Block::Sentences(vec![Sentence::new(said).tone(Tone::Quiet)])
}

/// That somebody looked, and why.
fn looked(look: &LookLine) -> Message {
    let key = match (look.important, look.why.is_some()) {
        (true, _) => "tui.happened.looked_important",
        (false, true) => "tui.happened.looked_why",
        (false, false) => "tui.happened.looked",
    };
    Message::new(key).with("what", Arg::Word(look.word())).with("why", look.why.as_deref().unwrap_or_default())
}

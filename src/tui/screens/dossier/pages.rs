//! The texts of the dossier's pages.

use super::Dossier;
use crate::command::Failure;
use crate::domain::Message;
use crate::present::{self, Sentence, SheetPart, Tone};
use crate::tui::screen::Cx;
use crate::tui::widgets::presented::Block;

pub type Body = Vec<Block>;

impl Dossier {
    pub(super) fn compose(&self, cx: &Cx) -> Result<Body, Failure> {
        match self.page {
            1 => self.overview(cx),
            3 => self.people(cx),
            4 => Ok(self.happenings(cx)),
            5 => self.difference(cx),
            6 => self.why(cx),
            super::CASE => self.stands(cx),
            super::REVIEW => self.review(cx),
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
        let mut body = vec![strong(cx.say(&heading)), Block::Table(people)];
        let members = self.household()?.members(&self.status)?;
        if present::members::tells(&members) {
            let words = self.session.words(cx.lang);
            body.push(strong(words.word("present.member.all")));
            body.push(Block::Table(present::members::table(&words, &members, self.eyes)));
        }
        Ok(body)
    }

    /// All that happened within the time chosen, the latest first.
    fn happenings(&self, cx: &Cx) -> Body {
        let looks = self.household().and_then(|household| household.looks()).unwrap_or_default();
        let words = self.session.words(cx.lang);
        vec![Block::Table(present::happened::table(&words, &self.history, &looks, self.time.horizon()))]
    }

    /// Two surveys, question by question; and of each that was corrected what the correction changed.
    fn difference(&self, cx: &Cx) -> Result<Body, Failure> {
        let (words, household) = (self.session.words(cx.lang), self.household()?);
        let mut body = Vec::new();
        let pair = self.compared();
        if let Some((earlier, later)) = pair {
            let compared = present::dossier::compared(&words, &household, earlier, later, self.eyes)?;
            let said = std::iter::once(compared.said(&words)).chain(compared.members).collect();
            body.extend([Block::Sentences(said), Block::Table(compared.table)]);
        }
        let shown = match pair {
            Some((earlier, later)) => vec![earlier, later],
            None => self.status.versions.iter().collect(),
        };
        for version in shown.into_iter().filter(|version| version.corrected) {
            let readings = household.readings(version);
            for (before, after) in readings.iter().zip(readings.iter().skip(1)) {
                let compared = present::dossier::compared(&words, &household, before, after, self.eyes)?;
                let heading = Message::new("tui.dossier.corrected")
                    .with("version", version.version)
                    .with("day", after.at.day())
                    .with("by", words.officer(after.by));
                body.push(strong(cx.say(&heading)));
                body.extend((!compared.members.is_empty()).then_some(Block::Sentences(compared.members)));
                body.push(Block::Table(compared.table));
            }
        }
        if body.is_empty() {
            body.push(quiet(cx.word("tui.dossier.nothing_to_compare")));
        }
        Ok(body)
    }

    /// The latest survey within the time chosen, as a reviewer has to see it.
    fn review(&self, cx: &Cx) -> Result<Body, Failure> {
        let Some(version) = self.status.versions.last() else {
            return Ok(vec![quiet(cx.word("tui.dossier.no_survey"))]);
        };
        let (words, household) = (self.session.words(cx.lang), self.household()?);
        let sheet = present::review::sheet(&words, &household, version, self.eyes)?;
        Ok(sheet.parts.into_iter().filter_map(block).collect())
    }

    /// Why the category is what it is, as it was decided then.
    fn why(&self, cx: &Cx) -> Result<Body, Failure> {
        let (_, version, mut decision) = self.household()?.explain(self.time.horizon(), self.eyes)?;
        // What would change it is asked for by itself.
        decision.flips.clear();
        let heading = Message::new("tui.dossier.why_of").with("day", version.on).with("version", version.version);
        let reasons = present::dossier::reasons(&self.session.words(cx.lang), &decision);
        Ok(vec![strong(cx.say(&heading)), Block::Sentences(reasons)])
    }
}

/// A part of a sheet on screen; nobody signs there.
fn block(part: SheetPart) -> Option<Block> {
    Some(match part {
        SheetPart::Heading(said) => strong(said),
        SheetPart::Fields(fields) => Block::Fields(fields),
        SheetPart::Table(table) => Block::Table(table),
        SheetPart::Sentences(said) => Block::Sentences(said),
        SheetPart::Signatures(_) => return None,
    })
}

fn strong(said: String) -> Block {
    Block::Sentences(vec![Sentence::new(said).tone(Tone::Strong)])
}

fn quiet(said: String) -> Block {
    Block::Sentences(vec![Sentence::new(said).tone(Tone::Quiet)])
}

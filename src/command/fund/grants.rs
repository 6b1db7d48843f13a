//! What a household could get this year, why, and what is left: kinds of help by the dated rules in force, over what the
//! latest survey says and what was had.

use super::payout::NotPayable;
use crate::command::dossier::StatusLine;
use crate::command::{Duty, Failure, Household, Office};
use crate::domain::fund::{Payout, PayoutState, ReceiverId};
use crate::domain::questions;
use crate::domain::{Answers, Day, DossierId, EntryId, Fen, Given, Message, Now};
use crate::rules::aid::{AidFacts, AidRules, Grant, read};
use crate::views::fund::{self, PayoutRow};
use crate::views::history::{History, Horizon};
use crate::views::settings::AdoptedRow;

/// What was had: paid out, by the day on which it was.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Had {
    pub aid: String,
    pub amount: Fen,
    pub on: Day,
}

impl Office {
    /// The rules of aid in force on a day: those that the bureau made its own, else the program's samples.
    pub fn aid_rules(&self, on: Day) -> Result<AidRules, Failure> {
        let mut own = self.adopted_aid()?;
        own.retain(|row| row.since <= on && row.until.is_none_or(|last| on <= last));
        // What was adopted and cannot be read is no reason to pay by a sample.
        let read = |row: AdoptedRow| {
            let wrong = |key| Message::new("aid.rules.file").with("file", row.id.as_str()).with("key", key);
            read(&row.text).map_err(|key| Failure::Rules(vec![wrong(key)]))
        };
        let own = own.pop().map(read).transpose()?.map(|rules| AidRules { is_sample: false, ..rules });
        let built_in = || {
            self.library().aid_rules().iter().filter(|rules| rules.in_force_from <= on).max_by_key(|r| r.in_force_from)
        };
        own.or_else(|| built_in().cloned()).ok_or(Failure::NoAidRules { on })
    }

    /// What the rules read of a household on a day; `own` is the payout that is asked about, and `line` the line of a campaign:
    /// neither counts as had.
    pub(super) fn aid_facts(
        &self,
        history: &History,
        on: Day,
        own: Option<EntryId>,
        line: Option<ReceiverId>,
    ) -> Result<AidFacts, Failure> {
        let status = StatusLine::of(history, Horizon::NOW);
        let latest = status.versions.iter().rev().find(|version| version.decides);
        let kept = latest.map(|line| self.survey(history.dossier, line)).transpose()?;
        let answers = kept.as_ref().map(|kept| &kept.answers);
        let money =
            |name: &str| answers.and_then(|answers| value(answers, name)).and_then(|text| Fen::from_yuan(text).ok());
        let pupils = answers.map(|answers| {
            let is_pupil = |text: &str| text == "31";
            let all = answers.answers.iter().filter(|answer| answer.path.name() == questions::M_PERSON_STATUS);
            let pupils = all.filter(|answer| matches!(&answer.given, Given::Value(text) if is_pupil(text)));
            u32::try_from(pupils.count()).unwrap_or(u32::MAX)
        });
        let counts = |row: &PayoutRow| {
            Some(row.id) != own
                && row.payout.on.year() == on.year()
                && !matches!(row.state(), PayoutState::Refused | PayoutState::Withdrawn)
        };
        let payouts = fund::payouts_of(&self.bureau.store, &self.bureau.keys, history.dossier)?;
        let mut had: Vec<(String, Fen)> =
            payouts.iter().filter(|row| counts(row)).map(|row| (row.payout.aid.clone(), row.payout.amount())).collect();
        // Of a line of a campaign whoever judges it says what was had.
        if line.is_none() {
            had.extend(self.had_of_campaigns(self.subjects_of(history.dossier)?, on.year(), None)?);
        }
        Ok(AidFacts {
            category: status.category,
            line_month: status.line_month,
            own_medical: money(questions::EXP_MED_SELF),
            loss: money(questions::LOSS_ACCIDENT),
            pupils,
            had,
        })
    }

    /// Whether a payout stays within what its kind can come to.
    pub(super) fn within_the_rules(
        &self,
        payout: &Payout,
        history: &History,
        on: Day,
        own: Option<EntryId>,
    ) -> Result<(), Failure> {
        let rules = self.aid_rules(on)?;
        let grant = rules.grant(&payout.aid, &self.aid_facts(history, on, own, None)?);
        match grant.and_then(|grant| grant.most) {
            None => Err(NotPayable::NoStandard.into()),
            Some(most) if payout.amount() > most => Err(NotPayable::AboveStandard { most }.into()),
            Some(_) => Ok(()),
        }
    }

    /// What a household had, oldest first: what was paid and did not come back.
    fn had(&self, dossier: DossierId) -> Result<Vec<Had>, Failure> {
        let rows = fund::payouts_of(&self.bureau.store, &self.bureau.keys, dossier)?;
        let paid = rows.into_iter().filter(|row| matches!(row.state(), PayoutState::Paid | PayoutState::Settled));
        let had = paid.filter_map(|row| {
            let on = row.step(PayoutState::Paid)?.step.on;
            Some(Had { aid: row.payout.aid.clone(), amount: row.payout.amount(), on })
        });
        let mut had: Vec<Had> = had.collect();
        had.extend(self.handed_by_campaigns(self.subjects_of(dossier)?)?);
        had.sort_by_key(|had| had.on);
        Ok(had)
    }

    /// The same of a household that whoever acts may see in lists.
    pub fn aid_had(&self, dossier: DossierId, now: Now) -> Result<Vec<Had>, Failure> {
        self.glance(dossier, now)?;
        self.had(dossier)
    }
}

impl Household<'_> {
    /// What it could get of each kind on a day, and why: what an illness or a schooling costs is how it is worked out.
    ///
    /// Errors: no right to know that; a record cannot be read.
    pub fn grants(&self, on: Day) -> Result<(AidRules, Vec<Grant>), Failure> {
        let _ = self.permit(Duty::Open)?;
        let _ = self.permit(Duty::RollCovered)?;
        let rules = self.office.aid_rules(on)?;
        let grants = rules.grants(&self.office.aid_facts(self.history(), on, None, None)?);
        Ok((rules, grants))
    }

    /// What it had, oldest first.
    pub fn aid_had(&self) -> Result<Vec<Had>, Failure> {
        self.office.had(self.id())
    }
}

fn value<'a>(answers: &'a Answers, name: &str) -> Option<&'a str> {
    answers.answers.iter().find(|answer| answer.path.name() == name).and_then(|answer| match &answer.given {
        Given::Value(text) if !text.is_empty() => Some(text.as_str()),
        _ => None,
    })
}

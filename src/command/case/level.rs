//! At which level a household is kept, and what the union above says of it: noted beside the steps of its case.

use crate::command::{Act, Duty, Failure, Household};
use crate::domain::case::Refusal;
use crate::domain::dossier::{Level, UpperState};
use crate::domain::event::{Ledger, Person};
use crate::domain::{Day, Subject};
use crate::views::history::Horizon;

impl Household<'_> {
    /// Notes the level at which it is kept from that day on, or what the union above says of it. What is not named stays as it
    /// is; a household that nobody noted anything of is kept by the bureau and not reported. Another level is reported anew.
    ///
    /// Errors: no right to it; it is not in the files; a day still to come, or before the last note; the union above answers
    /// what was not reported; it came back without a word why.
    pub fn note_level(
        &self,
        level: Option<Level>,
        upper: Option<UpperState>,
        on: Day,
        why: Option<&str>,
    ) -> Result<(), Failure> {
        let (office, dossier, now) = (self.office, self.dossier, self.now);
        let permit = self.permit(Duty::Process)?;
        let why = why.map(crate::command::text).transpose()?;
        let said = (level.map(Level::code), upper.map(UpperState::code));
        let Some((entry, fingerprint)) = self.noted(&("level", dossier.hex(), said, on.to_string(), &why))? else {
            return Ok(());
        };
        let unchanged = office.unchanged(dossier)?;
        let history = office.history(dossier)?;
        if !history.status(Horizon::NOW).is_some_and(|status| status.is_on_file()) {
            return Err(Refusal::NotOnFile.into());
        }
        if on > now.today {
            return Err(Refusal::AfterToday { on }.into());
        }
        let kept = history.level(Horizon::NOW);
        if let Some(last) = kept.map(|kept| kept.on).filter(|last| on < *last) {
            return Err(Refusal::BeforeLevel { on, last }.into());
        }
        let (before, state) = kept.map_or((Level::Bureau, UpperState::NotReported), |kept| (kept.level, kept.upper));
        let level = level.unwrap_or(before);
        // What is reported is a household at its level: at another one nobody above has it yet.
        let state = if level == before { state } else { UpperState::NotReported };
        let after = upper.unwrap_or(state);
        if after != state && !after.may_follow(state) || after != UpperState::NotReported && level == Level::Bureau {
            return Err(Refusal::UpperCannotFollow { level, before: state, after }.into());
        }
        if after == UpperState::Returned && state != UpperState::Returned && why.is_none() {
            return Err(Refusal::ReturnedWithoutReason.into());
        }
        let subject = Subject::Dossier(dossier);
        let ledger = Ledger::LevelNoted { dossier, on, level, upper: after };
        let mut act = Act::new(entry, now.at, subject, ledger).parents(history.level_notes());
        if let Some(why) = why {
            act = act.person(subject, Person::Text(why));
        }
        act = act.person(subject, fingerprint);
        act.expect.push(unchanged);
        self.keep_and_refresh(permit.keep(&act))
    }
}

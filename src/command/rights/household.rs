//! A household, as whoever acts may see it now. There is no other way to one.
//!
//! Opening one leaves a record, one a session, and asks for a reason where the household is another unit's or its case is
//! over. The handle is for one act: whoever goes on later opens it again, and is asked again.

use super::{Act, Duty, Over, Permit, Span};
use crate::command::dossier::{Kept, StatusLine, VersionLine};
use crate::command::looks::LookLine;
use crate::command::queries::QueryLine;
use crate::command::{Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::{Decision, DossierId, Eyes, Now, OfficerId, Subject};
use crate::rules;
use crate::views::{Face, History, Horizon};
use std::fmt;
use unicode_width::UnicodeWidthStr;

pub struct Household<'o> {
    pub(in crate::command) office: &'o Office,
    pub(in crate::command) dossier: DossierId,
    pub(in crate::command) history: History,
    pub(in crate::command) now: Now,
}

/// A reason is at least this wide, in cells: six Chinese characters, a few English words.
pub const REASON_CELLS_MIN: usize = 12;
/// And at most so many characters long.
pub const REASON_CHARS_MAX: usize = 200;

/// A reason that says something, fit to be kept as [`crate::command::text`] makes it.
pub(in crate::command) fn reason(typed: &str) -> Result<String, Failure> {
    let text = crate::command::text(typed)?;
    if text.width() < REASON_CELLS_MIN || text.chars().count() > REASON_CHARS_MAX {
        return Err(Failure::NotAReason { most: REASON_CHARS_MAX });
    }
    Ok(text)
}

/// A household as lists show it: in one's own units people are told apart by name.
pub struct HouseholdLine {
    pub status: StatusLine,
    /// The worker's. Personal.
    pub name: Option<String>,
}

impl Office {
    /// A household for a list. Nothing is opened, and nothing recorded.
    ///
    /// Errors: it is none of theirs.
    pub fn line(&self, dossier: DossierId, now: Now) -> Result<HouseholdLine, Failure> {
        let status = self.glance(dossier, now)?;
        let name = self.listed_name(dossier)?;
        Ok(HouseholdLine { status, name })
    }

    /// How the dossier stands that a number or an id names: nothing about persons, so nothing is opened and recorded, and it
    /// is to be had of a disk that may only be read.
    ///
    /// Errors: none that whoever acts may see.
    pub fn standing(&self, asked: &str, now: Now) -> Result<StatusLine, Failure> {
        self.ask_table(Duty::Open, Over::Bureau, now)?;
        let dossier = self.one_of_theirs(self.named(asked), asked, now)?;
        self.glance(dossier, now).map_err(|failure| match failure {
            Failure::NeedsReason | Failure::NoSuchDossier { .. } => Failure::NoSuchDossier { asked: asked.to_owned() },
            other => other,
        })
    }

    /// How it stands, for a list that has the name already.
    ///
    /// Errors: as [`Self::line`].
    pub fn glance(&self, dossier: DossierId, now: Now) -> Result<StatusLine, Failure> {
        let history = self.history(dossier)?;
        let over = Over::Household { dossier, unit: history.unit(Horizon::NOW) };
        self.ask_table(Duty::Open, over, now)?;
        let mut status = StatusLine::of(&history, Horizon::NOW);
        status.erased |= self.bureau.keys.is_erased(Subject::Dossier(dossier));
        Ok(status)
    }

    /// The household that a number or an id (32 hexadecimal digits) names.
    ///
    /// Errors: none that whoever acts may see; `NeedsReason`: another unit's, or its case is over.
    pub fn find(&self, asked: &str, now: Now) -> Result<Household<'_>, Failure> {
        self.open_as(self.named(asked), asked, None, now)
    }

    /// The household, by its id.
    ///
    /// Errors: as [`Self::find`].
    pub fn open(&self, dossier: DossierId, now: Now) -> Result<Household<'_>, Failure> {
        self.open_as(Ok(dossier), &self.number_of(dossier), None, now)
    }

    /// The same for a reason, which the household's history and the supervisor's list show.
    ///
    /// Errors: as [`Self::find`]; a reason too short to be one.
    pub fn find_because(&self, asked: &str, why: &str, now: Now) -> Result<Household<'_>, Failure> {
        self.open_as(self.named(asked), asked, Some(why), now)
    }

    fn open_as(
        &self,
        dossier: Result<DossierId, Failure>,
        asked: &str,
        why: Option<&str>,
        now: Now,
    ) -> Result<Household<'_>, Failure> {
        // Whether they may see any household at all comes first: whoever may not learns nothing about numbers.
        self.ask_table(Duty::Open, Over::Bureau, now)?;
        // Whoever may look at another unit's household for a reason is asked for one whether there is such a household or
        // not: without it they learn nothing about numbers either, and with it what they looked at is recorded.
        let rights = self.rights()?;
        let may_for_reason = !rights.is_of_all_units() && rights.span(Duty::Open) == Span::Reason;
        let no_reason = match why {
            None => Some(Failure::NeedsReason),
            Some(why) => reason(why).err(),
        };
        let no_such = |failure| match (failure, &no_reason) {
            (Failure::NoSuchDossier { .. }, Some(no_reason)) if may_for_reason => no_reason.clone(),
            (failure, _) => failure,
        };
        let no_such = |failure| match no_such(failure) {
            Failure::NoSuchDossier { .. } => Failure::NoSuchDossier { asked: asked.to_owned() },
            other => other,
        };
        let dossier = self.one_of_theirs(dossier, asked, now).map_err(no_such)?;
        let history = self.history(dossier).map_err(no_such)?;
        let over = Over::Household { dossier, unit: history.unit(Horizon::NOW) };
        // Of an erased household nothing is left that a reason would be for.
        let is_over = history.status(Horizon::NOW).is_some_and(|status| status.is_over())
            && !self.bureau.keys.is_erased(Subject::Dossier(dossier));
        let is_theirs = match self.ask_table(Duty::Open, over, now) {
            Ok(()) => true,
            Err(Failure::NeedsReason) => false,
            Err(failure) => return Err(no_such(failure)),
        };
        let needs_reason = (!is_theirs || is_over) && !self.has_given_reason(dossier);
        let household = Household { office: self, dossier, history, now };
        match why {
            None if needs_reason => return Err(Failure::NeedsReason),
            Some(why) if needs_reason => {
                household.note_look("open", true, Some(&reason(why)?))?;
                self.note_opened(dossier, true);
            }
            why if !self.has_opened(dossier) => {
                household.note_look("open", false, why)?;
                self.note_opened(dossier, false);
            }
            _ => {}
        }
        Ok(household)
    }

    /// Where a number names several, the one that is theirs; none of others' is told.
    fn one_of_theirs(&self, named: Result<DossierId, Failure>, asked: &str, now: Now) -> Result<DossierId, Failure> {
        let Err(Failure::SeveralDossiers { ids, .. }) = named else { return named };
        let is_theirs = |id: &String| DossierId::from_hex(id).is_some_and(|dossier| self.glance(dossier, now).is_ok());
        let theirs: Vec<String> = ids.into_iter().filter(is_theirs).collect();
        match &theirs[..] {
            [] => Err(Failure::NoSuchDossier { asked: asked.to_owned() }),
            [one] => DossierId::from_hex(one).ok_or(Failure::NoSuchDossier { asked: asked.to_owned() }),
            _ => Err(Failure::SeveralDossiers { asked: asked.to_owned(), ids: theirs }),
        }
    }

    /// Records that somebody's unfinished work was taken, and why.
    pub(in crate::command) fn note_taken(
        &self,
        head: &crate::command::draft_file::DraftHead,
        to: Option<OfficerId>,
        why: &str,
        now: Now,
    ) -> Result<(), Failure> {
        let subject = Subject::Dossier(head.dossier);
        let ledger = Ledger::DraftTaken { dossier: head.dossier, draft: head.draft, of: head.by, to };
        let act = Act::new(self.new_entry()?, now.at, subject, ledger).person(subject, Person::Text(why.to_owned()));
        self.write(&act).map(drop)
    }

    /// The dossier's number, for sentences; its id, where it has none.
    pub(in crate::command) fn number_of(&self, dossier: DossierId) -> String {
        let history = self.history(dossier).ok();
        history.and_then(|history| history.numbers(Horizon::NOW).pop()).unwrap_or_else(|| dossier.hex())
    }
}

impl fmt::Debug for Household<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Household({:?})", self.dossier)
    }
}

impl<'o> Household<'o> {
    pub fn id(&self) -> DossierId {
        self.dossier
    }

    pub fn number(&self) -> String {
        self.office.number_of(self.dossier)
    }

    /// The right to do something about it.
    pub(in crate::command) fn permit(&self, duty: Duty) -> Result<Permit<'o>, Failure> {
        self.office.permit(duty, self.over(), self.now)
    }

    fn over(&self) -> Over {
        Over::Household { dossier: self.dossier, unit: self.history.unit(Horizon::NOW) }
    }

    /// Whether whoever acts may do that about it, for hints and menus.
    pub fn may(&self, duty: Duty) -> bool {
        self.office.ask_table(duty, self.over(), self.now).is_ok()
    }

    /// Before whose eyes it is shown.
    pub fn eyes(&self) -> Eyes {
        let Ok(rights) = self.office.rights() else { return Eyes::Elsewhere };
        match rights.reaches(self.history.unit(Horizon::NOW), self.now) {
            true if rights.span(Duty::RollCovered) > Span::No => Eyes::Duty,
            true => Eyes::Names,
            false => Eyes::Elsewhere,
        }
    }

    pub fn history(&self) -> &History {
        &self.history
    }

    pub fn into_history(self) -> History {
        self.history
    }

    /// How it stands. An update in which nothing moved that decides is told as one and proposes nothing.
    pub fn status(&self, horizon: Horizon) -> StatusLine {
        let mut line = StatusLine::of(&self.history, horizon);
        line.erased |= self.office.bureau.keys.is_erased(Subject::Dossier(self.dossier));
        let beside = self.office.beside_decision(&self.history, horizon);
        (line.proposed, line.updated_on) = (beside.proposed, beside.updated_on);
        line
    }

    pub fn face(&self) -> Result<Option<Face>, Failure> {
        self.office.face(self.dossier)
    }

    /// The household's face as of a horizon: by the answers of the latest survey within it.
    pub fn face_within(&self, status: &StatusLine, horizon: Horizon) -> Result<Option<Face>, Failure> {
        self.office.face_within(status, horizon)
    }

    /// The answers and the decision of one version. What would change the decision is for those who may see it.
    pub fn survey(&self, line: &VersionLine) -> Result<Kept, Failure> {
        let mut kept = self.office.survey(self.dossier, line)?;
        if !self.may(Duty::SeeFlips) {
            kept.decision.iter_mut().for_each(|decision| decision.flips.clear());
        }
        Ok(kept)
    }

    /// The version that a person names: its number, or the latest when nothing is named.
    pub fn version(&self, status: &StatusLine, asked: Option<u32>) -> Result<VersionLine, Failure> {
        self.office.version(status, asked)
    }

    /// Why the category is what it is: the deciding version's decision, as it was given then. What tells of an illness is
    /// covered where `eyes` may not know of those.
    pub fn explain(&self, horizon: Horizon, eyes: Eyes) -> Result<(StatusLine, VersionLine, Decision), Failure> {
        let status = self.status(horizon);
        let no_decision = || Failure::NoSuchVersion { asked: status.number.clone() };
        let line = status.versions.iter().rev().find(|v| v.decides).cloned().ok_or_else(no_decision)?;
        let decision = self.explain_survey(&line, eyes)?;
        Ok((status, line, decision))
    }

    /// What one survey came to, and why, covered likewise.
    ///
    /// Errors: it decides nothing; its record cannot be read.
    pub fn explain_survey(&self, line: &VersionLine, eyes: Eyes) -> Result<Decision, Failure> {
        let no_decision = || Failure::NoSuchVersion { asked: line.called() };
        let decision = self.survey(line)?.decision.ok_or_else(no_decision)?;
        Ok(match eyes {
            Eyes::Duty | Eyes::Revealed => decision,
            Eyes::Names | Eyes::Elsewhere => rules::trace::without_illness(decision),
        })
    }

    /// All queries about it, oldest first. None of an erased one.
    pub fn queries(&self, horizon: Horizon) -> Result<Vec<QueryLine>, Failure> {
        self.office.queries(self.dossier, horizon)
    }

    /// The query that a person names: its number among the dossier's.
    pub fn query(&self, asked: &str) -> Result<QueryLine, Failure> {
        self.office.query(self.dossier, asked)
    }

    /// Other dossiers that are not over and hold an ID number of this household too: their numbers, or of what is another
    /// unit's that unit.
    pub fn same_id(&self) -> Result<Vec<String>, Failure> {
        self.office.same_id(self.dossier, self.now)
    }

    /// Who looked at it, the latest first.
    pub fn looks(&self) -> Result<Vec<LookLine>, Failure> {
        self.office.looks_at(self.dossier)
    }

    /// Records that what is covered is shown, and why. Showing it is the caller's affair, after this answers.
    ///
    /// Errors: no right to it; no reason; the personal part is erased.
    pub fn reveal(&self, why: &str) -> Result<(), Failure> {
        let _ = self.permit(Duty::Reveal)?;
        if why.trim().is_empty() {
            return Err(Failure::NotAReason { most: REASON_CHARS_MAX });
        }
        self.note_look("reveal", false, Some(why.trim()))
    }

    /// Records that something about it is printed, each time, and answers before whose eyes it is then. `uncovered`: why what
    /// is covered on screen is spelled out on paper.
    ///
    /// Errors: no right to it, or to what is covered; no reason; the personal part is erased.
    pub fn print(&self, uncovered: Option<&str>) -> Result<Eyes, Failure> {
        let _ = self.permit(Duty::Print)?;
        let Some(why) = uncovered.map(str::trim) else {
            self.note_look("print", false, None)?;
            return Ok(self.eyes());
        };
        let _ = self.permit(Duty::Reveal)?;
        if why.is_empty() {
            return Err(Failure::NotAReason { most: REASON_CHARS_MAX });
        }
        self.note_look("print", false, Some(why))?;
        Ok(Eyes::Revealed)
    }

    /// Records a look. An erased household has nothing left to look at.
    ///
    /// Errors: why is longer than a reason may be.
    pub(in crate::command) fn note_look(&self, what: &str, important: bool, why: Option<&str>) -> Result<(), Failure> {
        let subject = Subject::Dossier(self.dossier);
        if self.office.bureau.keys.is_erased(subject) {
            return if matches!(what, "reveal" | "print") { Err(Failure::Erased) } else { Ok(()) };
        }
        let ledger = Ledger::Looked { subjects: vec![subject], what: what.to_owned(), important };
        let mut act = Act::new(self.office.new_entry()?, self.now.at, subject, ledger);
        let why = why.map(|why| crate::command::text_of(why, REASON_CHARS_MAX)).transpose()?;
        if let Some(why) = why.filter(|why| !why.is_empty()) {
            act = act.person(subject, Person::Text(why));
        }
        self.office.write(&act).map(drop)
    }

    /// As [`Self::note_look`], the first time in a session.
    pub(in crate::command) fn note_look_once(&self, what: &'static str) -> Result<(), Failure> {
        if !self.office.has_looked(self.dossier, what) {
            self.note_look(what, false, None)?;
            self.office.note_looked(self.dossier, what);
        }
        Ok(())
    }
}

//! The life of a payout by command: proposed for a household, checked, decided by one approver or a meeting, posted, paid from
//! a cash box, settled; or refused, or given up. What goes through the bank stands in `batch.rs`.

use super::super::Did;
use super::document;
use crate::command::dossier::StatusLine;
use crate::command::request::Request;
use crate::command::rights::{Over, reason};
use crate::command::{Act, Duty, Failure, Household, Office, Permit};
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Person};
use crate::domain::fund::{
    Draw, Meeting, Movement, MovementKind, NotBooked, Payout, PayoutState, PayoutStep, PlaceKind, Release, Reservation,
};
use crate::domain::questions;
use crate::domain::{Day, DossierId, EntryId, Explain, Fen, Given, Message, Now, PlaceId, Subject, UnitId};
use crate::store::{Expect, NotKept, Read};
use crate::views::fund::{self, PayoutRow};
use crate::views::history::{History, Horizon};
use crate::views::keyspaces::FUND_PAYOUTS;
use serde_json::json;

/// A payout as somebody proposes it, by the codes that people use.
#[derive(Clone, Debug)]
pub struct NewPayout {
    pub aid: String,
    /// A school year, a hospital stay, an accident.
    pub event: String,
    /// Code of a purse, and how much of it.
    pub draws: Vec<(String, Fen)>,
    pub why: String,
    /// An emergency: paid first, papers owed by that day.
    pub papers_by: Option<Day>,
}

/// What does not hold on the day of deciding or paying.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NotPayable {
    /// The dossier is not open (first the dossier, then the help).
    NotOpen,
    Undecided,
    /// The category is another than the one that it was proposed for.
    CategoryChanged,
    /// The household is due for another survey.
    SurveyTooOld {
        due: Day,
    },
    /// The account is another than the one that was checked.
    AccountChanged,
    NoAccount,
    Erased,
    /// The same kind for the same event was had, or is under way.
    Twice,
    /// More than its kind comes to for this household now.
    AboveStandard {
        most: Fen,
    },
    /// No rule gives this household anything of that kind now.
    NoStandard,
    /// The notice has not ended.
    NoticeRuns {
        until: Day,
    },
    /// The state does not lead there.
    State {
        from: PayoutState,
    },
    NeedsMeeting {
        above: Fen,
    },
    Meeting(crate::domain::fund::NoMeeting),
    Control {
        count: usize,
        sum: Fen,
    },
    OtherBooks,
}

impl NotPayable {
    /// In records, and in JSON. **[disk]**
    pub fn code(&self) -> &'static str {
        match self {
            NotPayable::NotOpen => "not_open",
            NotPayable::Undecided => "undecided",
            NotPayable::CategoryChanged => "category_changed",
            NotPayable::SurveyTooOld { .. } => "survey_too_old",
            NotPayable::AccountChanged => "account_changed",
            NotPayable::NoAccount => "no_account",
            NotPayable::Erased => "erased",
            NotPayable::Twice => "twice",
            NotPayable::AboveStandard { .. } => "above_standard",
            NotPayable::NoStandard => "no_standard",
            NotPayable::NoticeRuns { .. } => "notice_runs",
            NotPayable::State { .. } => "state",
            NotPayable::NeedsMeeting { .. } => "needs_meeting",
            NotPayable::Meeting(_) => "meeting",
            NotPayable::Control { .. } => "control",
            NotPayable::OtherBooks => "other_books",
        }
    }
}

impl Explain for NotPayable {
    fn explain(&self) -> Message {
        use crate::domain::fund::NoMeeting::*;
        match self {
            NotPayable::NotOpen => Message::new("aid.not.open"),
            NotPayable::Undecided => Message::new("aid.not.undecided"),
            NotPayable::CategoryChanged => Message::new("aid.not.category"),
            NotPayable::SurveyTooOld { due } => Message::new("aid.not.survey").with("day", *due),
            NotPayable::AccountChanged => Message::new("aid.not.account"),
            NotPayable::NoAccount => Message::new("aid.not.no_account"),
            NotPayable::Erased => Message::new("command.erased"),
            NotPayable::Twice => Message::new("aid.not.twice"),
            NotPayable::AboveStandard { most } => Message::new("aid.not.above").with("most", *most),
            NotPayable::NoStandard => Message::new("aid.not.standard"),
            NotPayable::NoticeRuns { until } => Message::new("aid.not.notice").with("day", *until),
            NotPayable::State { from } => Message::new("aid.not.state")
                .with("state", crate::domain::Arg::Word(format!("aid.state.{}", from.code()))),
            NotPayable::NeedsMeeting { above } => Message::new("aid.not.needs_meeting").with("above", *above),
            NotPayable::Meeting(NoQuorum) => Message::new("aid.not.quorum"),
            NotPayable::Meeting(NoMajority) => Message::new("aid.not.majority"),
            NotPayable::Meeting(Count) => Message::new("aid.not.votes"),
            NotPayable::Meeting(NoDocument) => Message::new("aid.not.minutes"),
            NotPayable::Control { count, sum } => {
                Message::new("aid.not.control").with("count", *count).with("sum", *sum)
            }
            NotPayable::OtherBooks => Message::new("aid.not.books"),
        }
    }
}

impl From<NotPayable> for Failure {
    fn from(why: NotPayable) -> Failure {
        Failure::NotPayable(why)
    }
}

/// Whom the bank pays: the worker's name and account, as the latest survey has them. Personal.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Payee {
    pub name: String,
    pub account: String,
}

impl Household<'_> {
    /// Proposes a payout: by the worker's base union, for an open dossier.
    pub fn propose_aid(&self, new: &NewPayout) -> Result<PayoutRow, Failure> {
        let (office, dossier, now) = (self.office, self.id(), self.now);
        let permit = self.permit(Duty::ProposeAid)?;
        office.known_code("payout_kind", &new.aid)?;
        let why = reason(&new.why)?;
        let draws: Result<Vec<Draw>, Failure> = new
            .draws
            .iter()
            .map(|(code, amount)| match amount.0 > 0 {
                true => Ok(Draw { purse: office.purse_named(code)?.purse.purse, amount: *amount }),
                false => Err(Failure::Fund(NotBooked::Amount)),
            })
            .collect();
        let draws = draws?;
        if draws.is_empty() {
            return Err(Failure::Fund(NotBooked::Amount));
        }
        let content = json!(["aid", dossier.hex(), new.aid, new.event, draws, why]);
        let Request::New(entry) = office.requested(&content)? else { return Err(Failure::RequestUsed) };
        let history = office.history(dossier)?;
        let facts = office.facts_of(&history)?;
        let payout = Payout {
            dossier,
            unit: history.unit(Horizon::NOW),
            person: facts.person,
            aid: new.aid.clone(),
            event: document(&new.event)?,
            category: facts.category.clone(),
            survey: facts.survey,
            draws,
            on: now.today,
            papers_by: new.papers_by,
        };
        office.holds(&payout, &history, now.today)?;
        office.within_the_rules(&payout, &history, now.today, None)?;
        if office.is_twice(&payout, None)? {
            return Err(NotPayable::Twice.into());
        }
        let payee = office.payee(dossier)?;
        if payee.account.is_empty() && !payout.is_emergency() {
            return Err(NotPayable::NoAccount.into());
        }
        let card = vec![("name".to_owned(), payee.name), ("bank_card".to_owned(), payee.account)];
        let subject = Subject::Dossier(dossier);
        let mut act = Act::new(entry, now.at, Subject::Bureau, Ledger::PayoutProposed(payout))
            .person(subject, Person::Card(card))
            .person(subject, Person::Text(why))
            .parents([facts.survey]);
        act.expect.push(office.unchanged(dossier)?);
        kept(permit.keep(&act))?;
        office.payout(entry)
    }

    /// What was proposed and paid for the household, oldest first.
    pub fn payouts(&self) -> Result<Vec<PayoutRow>, Failure> {
        Ok(fund::payouts_of(&self.office.bureau.store, &self.office.bureau.keys, self.id())?)
    }
}

/// What a payout rests on.
struct Facts {
    category: String,
    survey: EntryId,
    person: Option<crate::domain::PersonId>,
}

/// Somebody else's step came in between.
pub(super) fn kept<T>(kept: Result<T, Failure>) -> Result<T, Failure> {
    match kept {
        Err(Failure::NotKept(NotKept::Lost(_))) => Err(Failure::PayoutMoved),
        other => other,
    }
}

impl Office {
    pub(super) fn payout(&self, id: EntryId) -> Result<PayoutRow, Failure> {
        fund::payout(&self.bureau.store, &self.bureau.keys, id)?
            .ok_or_else(|| Failure::NoSuchPayout { asked: id.hex() })
    }

    /// The payout whose id begins so, of a household that whoever acts may see.
    pub fn payout_named(&self, begins: &str, now: Now) -> Result<PayoutRow, Failure> {
        let asked = begins.trim().to_lowercase();
        let mut found = self.payouts(None, now)?.into_iter().filter(|row| row.id.hex().starts_with(&asked));
        match (found.next(), found.next()) {
            (Some(row), None) if asked.len() >= 4 => Ok(row),
            _ => Err(Failure::NoSuchPayout { asked }),
        }
    }

    /// Payouts of households within reach, in that state or in any, oldest first.
    pub fn payouts(&self, state: Option<PayoutState>, now: Now) -> Result<Vec<PayoutRow>, Failure> {
        // Whoever has no part in households has none in their payouts: an empty list would say that there are none.
        let _ = self.may(Duty::Open, now)?;
        let reach = self.reach(now)?;
        // Whose household it is today: whoever had it when help was proposed has no part in it any more.
        let within = |row: &PayoutRow| {
            reach.as_ref().is_none_or(|reach| self.unit_of(&row.payout).is_some_and(|unit| reach.contains(&unit)))
        };
        let mut rows = fund::payouts(&self.bureau.store, &self.bureau.keys)?;
        rows.retain(|row| within(row) && state.is_none_or(|state| row.state() == state));
        rows.sort_by_key(|row| (row.payout.on, row.at, row.id));
        Ok(rows)
    }

    pub(super) fn payout_permit(&self, row: &PayoutRow, duty: Duty, now: Now) -> Result<Permit<'_>, Failure> {
        self.permit(duty, Over::Household { dossier: row.payout.dossier, unit: self.unit_of(&row.payout) }, now)
    }

    pub(super) fn unit_of(&self, payout: &Payout) -> Option<UnitId> {
        self.history(payout.dossier).map_or(payout.unit, |history| history.unit(Horizon::NOW))
    }

    fn facts_of(&self, history: &History) -> Result<Facts, Failure> {
        let versions = history.versions(Horizon::NOW);
        let deciding = History::deciding(&versions).ok_or(NotPayable::Undecided)?;
        let category =
            history.category(Horizon::NOW).and_then(|category| category.code).ok_or(NotPayable::Undecided)?;
        let person = deciding.survey.persons.first().copied();
        Ok(Facts { category, survey: deciding.record.entry, person })
    }

    /// Whether the household still is what the payout rests on.
    pub(super) fn holds(&self, payout: &Payout, history: &History, on: Day) -> Result<(), NotPayable> {
        if history.is_erased() || self.bureau.keys.is_erased(Subject::Dossier(payout.dossier)) {
            return Err(NotPayable::Erased);
        }
        if history.status(Horizon::NOW) != Some(Status::Open) {
            return Err(NotPayable::NotOpen);
        }
        match history.category(Horizon::NOW).and_then(|category| category.code) {
            None => return Err(NotPayable::Undecided),
            Some(code) if code != payout.category => return Err(NotPayable::CategoryChanged),
            Some(_) => {}
        }
        match history.next_due(Horizon::NOW) {
            Some(due) if due < on => Err(NotPayable::SurveyTooOld { due }),
            _ => Ok(()),
        }
    }

    /// The same kind for the same event is had once, or is under way once.
    fn is_twice(&self, payout: &Payout, own: Option<EntryId>) -> Result<bool, Failure> {
        if self.is_had_by_campaign(self.subjects_of(payout.dossier)?, &payout.aid, &payout.event)? {
            return Ok(true);
        }
        let others = fund::payouts_of(&self.bureau.store, &self.bureau.keys, payout.dossier)?;
        let counts = |row: &PayoutRow| !matches!(row.state(), PayoutState::Refused | PayoutState::Withdrawn);
        Ok(others.iter().any(|row| {
            Some(row.id) != own && counts(row) && row.payout.aid == payout.aid && row.payout.event == payout.event
        }))
    }

    /// The worker's name and account by the latest survey that decides.
    pub(super) fn payee(&self, dossier: DossierId) -> Result<Payee, Failure> {
        let status = StatusLine::of(&self.history(dossier)?, Horizon::NOW);
        let Some(line) = status.versions.iter().rev().find(|version| version.decides) else {
            return Ok(Payee::default());
        };
        let kept = self.survey(dossier, line)?;
        let of = |name: &str| {
            let found = kept.answers.answers.iter().find(|answer| answer.path.name() == name);
            match found.map(|answer| &answer.given) {
                Some(Given::Value(text)) => text.clone(),
                _ => String::new(),
            }
        };
        Ok(Payee { name: of("name"), account: of(questions::BANK_ACCOUNT) })
    }

    /// Whom it was proposed to pay; `None`: erased.
    pub(super) fn payee_checked(&self, row: &PayoutRow) -> Result<Option<Payee>, Failure> {
        let record = self.record(row.id)?;
        let part = crate::views::bodies::open_part(&self.bureau.keys, &record, Subject::Dossier(row.payout.dossier))?;
        let card = part.and_then(|part| {
            part.0.into_iter().find_map(|(_, person)| match person {
                Person::Card(card) => Some(card),
                _ => None,
            })
        });
        Ok(card.map(|card| {
            let of = |name: &str| card.iter().find(|(key, _)| key == name).map_or_else(String::new, |(_, v)| v.clone());
            Payee { name: of("name"), account: of("bank_card") }
        }))
    }

    /// Why somebody wants it, in words; `None`: erased.
    pub fn payout_reason(&self, row: &PayoutRow, now: Now) -> Result<Option<String>, Failure> {
        let _ = self.payout_permit(row, Duty::Open, now)?;
        let record = self.record(row.id)?;
        let part = crate::views::bodies::open_part(&self.bureau.keys, &record, Subject::Dossier(row.payout.dossier))?;
        Ok(part.and_then(|part| {
            part.0.into_iter().find_map(|(_, person)| match person {
                Person::Text(text) => Some(text),
                _ => None,
            })
        }))
    }

    /// Everything that is looked at once more on the day of paying.
    pub(super) fn payable(&self, row: &PayoutRow, on: Day, through_bank: bool) -> Result<(), Failure> {
        let history = self.history(row.payout.dossier)?;
        self.holds(&row.payout, &history, on)?;
        self.within_the_rules(&row.payout, &history, on, Some(row.id))?;
        if self.is_twice(&row.payout, Some(row.id))? {
            return Err(NotPayable::Twice.into());
        }
        if let Some(until) = row.step(PayoutState::Noticed).and_then(|row| row.step.until).filter(|until| on <= *until)
        {
            return Err(NotPayable::NoticeRuns { until }.into());
        }
        let checked = self.payee_checked(row)?.ok_or(NotPayable::Erased)?;
        if through_bank && checked.account.is_empty() {
            return Err(NotPayable::NoAccount.into());
        }
        // Changed between decision and payment: whose account it is has to be checked again.
        match self.payee(row.payout.dossier)? == checked {
            true => Ok(()),
            false => Err(NotPayable::AccountChanged.into()),
        }
    }

    pub(super) fn payout_unchanged(&self, id: EntryId) -> Result<Expect, Failure> {
        let value = self.bureau.store.get(FUND_PAYOUTS, &id.0)?;
        Ok(Expect { name: "payout".into(), keyspace: FUND_PAYOUTS, key: id.0.to_vec(), value })
    }

    pub(super) fn step_to(&self, row: &PayoutRow, to: PayoutState, on: Day) -> Result<PayoutStep, Failure> {
        let from = row.state();
        if !from.next(row.payout.is_emergency()).contains(&to) {
            return Err(NotPayable::State { from }.into());
        }
        let last = row.last().map_or(row.payout.on, |row| row.step.on);
        if on < last {
            return Err(Failure::StepTooEarly { on, last });
        }
        Ok(PayoutStep { payout: row.id, after: row.head(), to, on, meeting: None, until: None })
    }

    /// Whoever did one of those steps does not take the next one.
    pub(super) fn not_the_same(&self, row: &PayoutRow, apart: &[PayoutState]) -> Result<(), Failure> {
        let proposed = (PayoutState::Proposed, row.by, row.session, row.at);
        let steps = row.steps().into_iter().map(|row| (row.step.to, row.by, row.session, row.at));
        for (state, by, session, at) in std::iter::once(proposed).chain(steps).filter(|step| apart.contains(&step.0)) {
            if self.is_same_person(by, session)? {
                let did = match state {
                    PayoutState::Proposed => Did::Proposed,
                    PayoutState::Approved => Did::Approved,
                    _ => Did::Checked,
                };
                return Err(Failure::SamePerson { did, on: at.day() });
            }
        }
        Ok(())
    }

    fn simple_step(
        &self,
        row: &PayoutRow,
        permit: &Permit<'_>,
        step: PayoutStep,
        why: Option<&str>,
        now: Now,
    ) -> Result<PayoutRow, Failure> {
        let mut act = Act::new(self.new_entry()?, now.at, Subject::Bureau, Ledger::PayoutMoved(step))
            .parents([row.id, row.head()]);
        if let Some(why) = why {
            act = act.person(Subject::Dossier(row.payout.dossier), Person::Text(crate::command::text(why)?));
        }
        act.expect.push(self.payout_unchanged(row.id)?);
        kept(permit.keep(&act))?;
        self.payout(row.id)
    }

    /// Papers and account holder are in order.
    pub fn check_payout(&self, row: &PayoutRow, now: Now) -> Result<PayoutRow, Failure> {
        let permit = self.payout_permit(row, Duty::CheckAid, now)?;
        let step = self.step_to(row, PayoutState::Checked, now.today)?;
        self.holds(&row.payout, &self.history(row.payout.dossier)?, now.today)?;
        match self.payee_checked(row)? == Some(self.payee(row.payout.dossier)?) {
            true => self.simple_step(row, &permit, step, None, now),
            false => Err(NotPayable::AccountChanged.into()),
        }
    }

    /// Not granted, for a reason that the applicant is told.
    pub fn refuse_payout(&self, row: &PayoutRow, why: &str, now: Now) -> Result<PayoutRow, Failure> {
        let duty = if row.state() == PayoutState::Proposed { Duty::CheckAid } else { Duty::DecideAid };
        let permit = self.payout_permit(row, duty, now)?;
        let step = self.step_to(row, PayoutState::Refused, now.today)?;
        self.simple_step(row, &permit, step, Some(&reason(why)?), now)
    }

    /// Granted, by one approver or by a meeting; what it takes is reserved in the same record, or nothing is granted.
    pub fn approve_payout(&self, row: &PayoutRow, meeting: Option<Meeting>, now: Now) -> Result<PayoutRow, Failure> {
        let permit = self.payout_permit(row, Duty::DecideAid, now)?;
        let on = now.today;
        let mut step = self.step_to(row, PayoutState::Approved, on)?;
        self.not_the_same(row, &[PayoutState::Proposed, PayoutState::Checked])?;
        let history = self.history(row.payout.dossier)?;
        self.holds(&row.payout, &history, on)?;
        self.within_the_rules(&row.payout, &history, on, Some(row.id))?;
        let rules = self.aid_rules(on)?;
        match &meeting {
            Some(meeting) => meeting.check().map_err(NotPayable::Meeting)?,
            None if row.payout.amount() > rules.meeting_above => {
                return Err(NotPayable::NeedsMeeting { above: rules.meeting_above }.into());
            }
            None => {}
        }
        step.meeting = meeting
            .map(|meeting| Ok::<_, Failure>(Meeting { document: document(&meeting.document)?, ..meeting }))
            .transpose()?;
        let mut act = Act::new(self.new_entry()?, now.at, Subject::Bureau, Ledger::PayoutMoved(step))
            .parents([row.id, row.head()]);
        for draw in &row.payout.draws {
            let payout = &row.payout;
            act = act.parents([self.purse_of(draw.purse)?.entry]).and(Ledger::FundReserved(Reservation {
                purse: draw.purse,
                amount: draw.amount,
                on,
                until: on.plus_days(rules.reserved_days),
                aid: payout.aid.clone(),
                dossier: Some(payout.dossier),
                person: payout.person,
                unit: payout.unit,
            }));
        }
        act.expect.push(self.payout_unchanged(row.id)?);
        act.expect.push(self.unchanged(row.payout.dossier)?);
        kept(permit.keep(&act))?;
        self.payout(row.id)
    }

    /// Posted publicly from today on, for so many days, or as many as the rules want.
    pub fn post_payout(&self, row: &PayoutRow, days: Option<i32>, now: Now) -> Result<PayoutRow, Failure> {
        let permit = self.payout_permit(row, Duty::CheckAid, now)?;
        let mut step = self.step_to(row, PayoutState::Noticed, now.today)?;
        // Never shorter than the rules want.
        let least = self.aid_rules(now.today)?.notice_days;
        let days = days.unwrap_or(least).clamp(least, 60.max(least));
        step.until = Some(self.deadline(now.today, days, now)?);
        self.simple_step(row, &permit, step, None, now)
    }

    /// Given up after it was decided: what is still reserved is free again.
    pub fn withdraw_payout(&self, row: &PayoutRow, why: &str, now: Now) -> Result<PayoutRow, Failure> {
        let permit = self.payout_permit(row, Duty::DecideAid, now)?;
        let step = self.step_to(row, PayoutState::Withdrawn, now.today)?;
        let why = reason(why)?;
        let mut act = Act::new(self.new_entry()?, now.at, Subject::Bureau, Ledger::PayoutMoved(step))
            .person(Subject::Dossier(row.payout.dossier), Person::Text(why))
            .parents([row.id, row.head()]);
        for reservation in row.reservations() {
            let held = fund::held(&self.bureau.store, &self.bureau.keys, reservation)?;
            let amount = held.map_or(Fen(0), |held| held.on(now.today));
            if amount.0 > 0 {
                act = act.and(Ledger::FundReleased(Release { reservation, amount, on: now.today }));
            }
        }
        act.expect.push(self.payout_unchanged(row.id)?);
        kept(permit.keep(&act))?;
        self.payout(row.id)
    }

    /// Paid by hand from a cash box or an advance, against a signature: of the worker, or of a proxy, in words.
    pub fn pay_in_cash(&self, row: &PayoutRow, place: &str, signed: &str, now: Now) -> Result<PayoutRow, Failure> {
        let permit = self.payout_permit(row, Duty::PayAid, now)?;
        let step = self.step_to(row, PayoutState::Paid, now.today)?;
        self.not_the_same(row, &[PayoutState::Approved])?;
        self.payable(row, now.today, false)?;
        let place = self.place_named(place)?;
        if !matches!(place.place.kind, PlaceKind::Cash | PlaceKind::Advance) {
            return Err(Failure::Fund(NotBooked::Direction { kind: MovementKind::Payout }));
        }
        let signed = crate::command::name(signed)?;
        let mut act = Act::new(self.new_entry()?, now.at, Subject::Bureau, Ledger::PayoutMoved(step))
            .person(Subject::Dossier(row.payout.dossier), Person::Text(signed))
            .parents([row.id, row.head(), place.entry]);
        let movements = self.movements(row, MovementKind::Payout, place.place.place, PlaceId::OUTSIDE, now.today);
        act.series = self.voucher_series(row, now.today)?.into_iter().collect();
        act = movements.into_iter().fold(act, |act, movement| act.and(Ledger::FundMoved(movement)));
        act.expect.push(self.payout_unchanged(row.id)?);
        act.expect.push(self.unchanged(row.payout.dossier)?);
        kept(permit.keep(&act))?;
        self.payout(row.id)
    }

    /// The signed sheet, or the papers that were owed, are there.
    pub fn settle_payout(&self, row: &PayoutRow, paper: &str, now: Now) -> Result<PayoutRow, Failure> {
        let permit = self.payout_permit(row, Duty::PayAid, now)?;
        let step = self.step_to(row, PayoutState::Settled, now.today)?;
        self.simple_step(row, &permit, step, Some(paper), now)
    }

    /// A line a purse, each of its own reservation.
    pub(super) fn movements(
        &self,
        row: &PayoutRow,
        kind: MovementKind,
        from: PlaceId,
        to: PlaceId,
        on: Day,
    ) -> Vec<Movement> {
        let is_aid = kind == MovementKind::Payout;
        let payout = &row.payout;
        let line = |(draw, reservation): (&Draw, _)| Movement {
            kind,
            from,
            to,
            purse: draw.purse,
            amount: draw.amount,
            on,
            bank_day: None,
            aid: is_aid.then(|| payout.aid.clone()),
            dossier: Some(payout.dossier),
            person: payout.person,
            unit: payout.unit,
            document: String::new(),
            names: Some(reservation),
        };
        payout.draws.iter().zip(row.reservations()).map(line).collect()
    }

    /// One voucher, in the books of the first purse that it draws on.
    pub(super) fn voucher_series(&self, row: &PayoutRow, on: Day) -> Result<Option<String>, Failure> {
        let Some(draw) = row.payout.draws.first() else { return Ok(None) };
        Ok(super::series_of(MovementKind::Payout, self.purse_of(draw.purse)?.purse.books, on))
    }
}

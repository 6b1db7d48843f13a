//! What was granted is handed over against a signature, of whoever it is for or of a proxy, from a cash box or an advance; or it comes
//! back, and is the purse's again. Several lines are one record and one voucher, all of them or none. And the sheet to sign on.

use super::judging::Places;
use super::{CampaignLine, LineState, NotInCampaign, is_within, kept};
use crate::command::request::Request;
use crate::command::rights::reason;
use crate::command::{Act, Did, Duty, Failure, Office, Permit};
use crate::domain::event::{Ledger, Person};
use crate::domain::fund::{
    CampaignState, Movement, MovementKind, NotBooked, PlaceKind, ReceiverMove, ReceiverStep, Release,
};
use crate::domain::{Day, Now, PlaceId, Subject};
use crate::store::{Expect, Read};
use crate::views::fund::{self, CampaignRow, ReceiverRow, receiver_key};
use crate::views::keyspaces::FUND_RECEIVERS;
use serde_json::json;
use std::collections::BTreeSet;

/// Who signed. Personal.
#[derive(Clone, PartialEq, Eq)]
pub enum Signed {
    Themselves,
    Proxy { name: String, relation: String },
}

impl std::fmt::Debug for Signed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Signed::Themselves => "Themselves",
            Signed::Proxy { .. } => "Proxy",
        })
    }
}

impl Office {
    /// That these lines, and the households among them, are still as they are now: read before anything is decided on them.
    fn lines_unchanged(&self, row: &CampaignRow, numbers: &[usize]) -> Result<Vec<Expect>, Failure> {
        let lines = fund::receivers(&self.bureau.store, &self.bureau.keys, row)?;
        let numbers: BTreeSet<usize> = numbers.iter().copied().collect();
        let asked: Vec<ReceiverRow> =
            numbers.iter().filter_map(|number| lines.get(number.checked_sub(1)?).cloned()).collect();
        let mut expect = asked.iter().map(|line| self.receiver_unchanged(line)).collect::<Result<Vec<_>, _>>()?;
        expect.extend(self.households_unchanged(&asked)?);
        Ok(expect)
    }

    pub(super) fn households_unchanged(&self, lines: &[ReceiverRow]) -> Result<Vec<Expect>, Failure> {
        let dossiers: BTreeSet<_> = lines.iter().filter_map(|line| line.receiver.dossier).collect();
        dossiers.into_iter().map(|dossier| self.unchanged(dossier)).collect()
    }

    fn receiver_unchanged(&self, row: &ReceiverRow) -> Result<Expect, Failure> {
        let key = receiver_key(row.campaign, row.id);
        let value = self.bureau.store.get(FUND_RECEIVERS, &key)?;
        Ok(Expect { name: "receiver".into(), keyspace: FUND_RECEIVERS, key, value })
    }

    /// The lines of these numbers, of units of whoever acts, each once, in the order of the list.
    fn lines_numbered(
        &self,
        row: &CampaignRow,
        numbers: &[usize],
        now: Now,
    ) -> Result<Vec<(usize, ReceiverRow, LineState)>, Failure> {
        let reach = self.lines_reach(now)?;
        let lines = self.all_lines(row, now.today)?;
        let last = lines.len();
        let mut out = Vec::with_capacity(numbers.len());
        for number in numbers.iter().copied().collect::<BTreeSet<usize>>() {
            let none = || Failure::from(NotInCampaign::NoSuchLine { asked: number.to_string(), last });
            let (line, state) = number.checked_sub(1).and_then(|at| lines.get(at)).ok_or_else(none)?;
            if !is_within(&reach, self.unit_of_line(line)?) {
                return Err(none());
            }
            out.push((number, line.clone(), state.clone()));
        }
        match out.is_empty() {
            true => Err(NotInCampaign::NoSuchLine { asked: String::new(), last }.into()),
            false => Ok(out),
        }
    }

    /// Errors: the line is not granted, or was handed over or came back already.
    fn is_open_line(number: usize, state: &LineState) -> Result<(), Failure> {
        let over = |on| NotInCampaign::Over { line: number, state: state.code(), on };
        match state {
            LineState::Granted | LineState::Listed => Ok(()),
            LineState::Out(why) => Err(NotInCampaign::Out { line: number, why: why.clone() }.into()),
            LineState::Handed { on, .. } | LineState::Returned { on } | LineState::TakenBack { on } => {
                Err(over(*on).into())
            }
        }
    }

    fn granted_on(row: &CampaignRow) -> Result<Day, Failure> {
        let is_granted = row.state() == CampaignState::Approved;
        let approval = row.approval().filter(|_| is_granted);
        approval.map(|approval| approval.step.on).ok_or_else(|| NotInCampaign::State { from: row.state() }.into())
    }

    /// These lines were handed over on a day, out of a cash box or an advance, all against a signature of that kind.
    pub fn hand_over(
        &self,
        row: &CampaignRow,
        numbers: &[usize],
        (place, signed): (&str, &Signed),
        on: Day,
        now: Now,
    ) -> Result<Vec<CampaignLine>, Failure> {
        let permit = self.may(Duty::PayAid, now)?;
        let row = &self.campaign(row.id)?;
        let granted = Self::granted_on(row)?;
        if let Some(approval) = row.approval() {
            self.not_by_the_same([(Did::Approved, approval.hand)])?;
        }
        if on > now.today {
            return Err(Failure::StepAhead { on });
        }
        let (first, last) = (granted.max(row.campaign.from), row.campaign.until);
        if !(first..=last).contains(&on) {
            return Err(NotInCampaign::NotThatDay { on, first, last }.into());
        }
        let place = self.place_named(place)?;
        if !matches!(place.place.kind, PlaceKind::Cash | PlaceKind::Advance) {
            return Err(Failure::Fund(NotBooked::Direction { kind: MovementKind::Payout }));
        }
        let (by_proxy, words) = match signed {
            Signed::Themselves => (false, None),
            Signed::Proxy { name, relation } => {
                let proxy = |typed: &str| match crate::command::name(typed) {
                    Err(Failure::NoName) => Err(Failure::from(NotInCampaign::Proxy)),
                    other => other,
                };
                (true, Some(format!("{} ({})", proxy(name)?, proxy(relation)?)))
            }
        };
        let content = json!(["handed", row.id.hex(), numbers, place.place.code, words, on]);
        let entry = match self.requested(&content)? {
            Request::New(entry) => entry,
            Request::Kept(_) => return self.lines_after(row, numbers, now),
        };
        let expect = self.lines_unchanged(row, numbers)?;
        let lines = self.lines_numbered(row, numbers, now)?;
        for (number, _, state) in &lines {
            Self::is_open_line(*number, state)?;
        }
        self.still_stand(row, &lines, on)?;
        let mut act: Option<Act> = None;
        let mut books = None;
        for (number, line, _) in &lines {
            let Some(class) = row.campaign.class(line.receiver.class) else { continue };
            let purse = self.purse_of(class.purse)?;
            if books.is_some_and(|books| books != purse.purse.books) {
                return Err(NotInCampaign::OtherBooks { line: *number }.into());
            }
            books = Some(purse.purse.books);
            let step = ReceiverStep { campaign: row.id, receiver: line.id, to: ReceiverMove::Handed, on, by_proxy };
            let movement = Movement {
                kind: MovementKind::Payout,
                from: place.place.place,
                to: PlaceId::OUTSIDE,
                purse: class.purse,
                amount: class.standard,
                on,
                bank_day: None,
                aid: Some(row.campaign.aid.clone()),
                dossier: line.receiver.dossier,
                person: line.receiver.person,
                unit: self.unit_of_line(line)?,
                document: row.campaign.code.clone(),
                names: row.reservation(line.id),
            };
            let step = Ledger::ReceiverMoved(step);
            let mut begun = match act.take() {
                None => {
                    let mut begun = Act::new(entry, now.at, Subject::Bureau, step);
                    begun.series =
                        super::super::series_of(MovementKind::Payout, purse.purse.books, on).into_iter().collect();
                    begun.parents([row.id, row.head(), place.entry])
                }
                Some(begun) => begun.and(step),
            };
            if let (Some(words), Some(subject)) = (&words, line.subject()) {
                begun = begun.person(subject, Person::Text(words.clone()));
            }
            act = Some(begun.and(Ledger::FundMoved(movement)).parents([line.id.entry]));
        }
        self.keep_lines(&permit, act, expect)?;
        self.lines_after(row, numbers, now)
    }

    /// Looked at once more on the day: who has died, whose dossier is over, who was erased, who turned out to be somebody else of the
    /// list, what would be above a cap by now.
    fn still_stand(
        &self,
        row: &CampaignRow,
        asked: &[(usize, ReceiverRow, LineState)],
        on: Day,
    ) -> Result<(), Failure> {
        let all = fund::receivers(&self.bureau.store, &self.bureau.keys, row)?;
        let mut handed = BTreeSet::new();
        for line in all.iter().filter(|line| line.is(ReceiverMove::Handed)) {
            if self.taken_back(line)?.is_none() {
                handed.insert(line.id);
            }
        }
        // Whoever has it takes the place of whoever else would be the same person; the others of the list do not yet.
        let only = Some(asked.iter().map(|(_, line, _)| line.id).collect());
        let judged = self.judged(row, &all, on, &Places { first: handed, only })?;
        for (number, line, _) in asked {
            let at = all.iter().position(|one| one.id == line.id);
            if let Some(why) = at.and_then(|at| judged[at].clone()) {
                return Err(NotInCampaign::Out { line: *number, why }.into());
            }
        }
        Ok(())
    }

    /// These lines were not handed over: what was reserved for them is free again.
    pub fn bring_back(
        &self,
        row: &CampaignRow,
        numbers: &[usize],
        why: &str,
        on: Day,
        now: Now,
    ) -> Result<Vec<CampaignLine>, Failure> {
        let permit = self.may(Duty::PayAid, now)?;
        let row = &self.campaign(row.id)?;
        let granted = Self::granted_on(row)?;
        if on > now.today {
            return Err(Failure::StepAhead { on });
        }
        if on < granted {
            return Err(Failure::StepTooEarly { on, last: granted });
        }
        let why = reason(why)?;
        let entry = match self.requested(&json!(["brought_back", row.id.hex(), numbers, why, on]))? {
            Request::New(entry) => entry,
            Request::Kept(_) => return self.lines_after(row, numbers, now),
        };
        let expect = self.lines_unchanged(row, numbers)?;
        let lines = self.lines_numbered(row, numbers, now)?;
        for (number, _, state) in &lines {
            Self::is_open_line(*number, state)?;
        }
        let act = self.moves(row, (entry, now), &lines, (ReceiverMove::Returned, &why, on))?;
        self.keep_lines(&permit, act, expect)?;
        self.lines_after(row, numbers, now)
    }

    /// These lines are taken off the list by hand, before it is checked.
    pub fn drop_lines(
        &self,
        row: &CampaignRow,
        numbers: &[usize],
        why: &str,
        now: Now,
    ) -> Result<Vec<CampaignLine>, Failure> {
        let permit = self.may(Duty::ProposeAid, now)?;
        let why = reason(why)?;
        let entry = match self.requested(&json!(["dropped", row.id.hex(), numbers, why]))? {
            Request::New(entry) => entry,
            Request::Kept(_) => return self.lines_after(row, numbers, now),
        };
        let (row, unchanged) = &self.as_it_stands(row)?;
        if row.state() != CampaignState::Open {
            return Err(NotInCampaign::State { from: row.state() }.into());
        }
        let lines = self.lines_numbered(row, numbers, now)?;
        for (number, line, state) in &lines {
            if line.is(ReceiverMove::Dropped) {
                Self::is_open_line(*number, state)?;
            }
        }
        let act = self.moves(row, (entry, now), &lines, (ReceiverMove::Dropped, &why, now.today))?;
        self.keep_lines(&permit, act, vec![unchanged.clone()])?;
        self.lines_after(row, numbers, now)
    }

    fn moves(
        &self,
        row: &CampaignRow,
        (entry, now): (crate::domain::EntryId, Now),
        lines: &[(usize, ReceiverRow, LineState)],
        (to, why, on): (ReceiverMove, &str, Day),
    ) -> Result<Option<Act>, Failure> {
        let mut act: Option<Act> = None;
        for (_, line, _) in lines {
            let step = ReceiverStep { campaign: row.id, receiver: line.id, to, on, by_proxy: false };
            let step = Ledger::ReceiverMoved(step);
            let mut begun = match act.take() {
                None => Act::new(entry, now.at, Subject::Bureau, step).parents([row.id, row.head()]),
                Some(begun) => begun.and(step),
            };
            // Of whoever was erased since, or whose key is lost, the reason has no place to stand in.
            if let Some(subject) = line.subject().filter(|subject| self.bureau.keys.opens(*subject)) {
                begun = begun.person(subject, Person::Text(why.to_owned()));
            }
            if to == ReceiverMove::Returned
                && let Some(reservation) = row.reservation(line.id)
            {
                let held = fund::held(&self.bureau.store, &self.bureau.keys, reservation)?;
                // What lapsed is free already.
                let amount = held.map_or(crate::domain::Fen(0), |held| held.on(on));
                if amount.0 > 0 {
                    begun = begun.and(Ledger::FundReleased(Release { reservation, amount, on }));
                }
            }
            act = Some(begun.parents([line.id.entry]));
        }
        Ok(act)
    }

    fn keep_lines(&self, permit: &Permit<'_>, act: Option<Act>, expect: Vec<Expect>) -> Result<(), Failure> {
        let mut act = act.ok_or(Failure::NothingKept)?;
        act.expect.extend(expect);
        kept(permit.keep(&act)).map(drop)
    }

    fn lines_after(&self, row: &CampaignRow, numbers: &[usize], now: Now) -> Result<Vec<CampaignLine>, Failure> {
        let row = self.campaign(row.id)?;
        let mut lines = self.campaign_lines(&row, now)?;
        lines.retain(|line| numbers.contains(&line.number));
        Ok(lines)
    }

    /// The lines of the sheet that is signed on: what is granted, of units of whoever hands out (none named: of all of theirs). That
    /// it goes out is recorded at everybody on it first.
    pub fn handing_sheet(
        &self,
        row: &CampaignRow,
        units: &[crate::domain::UnitId],
        now: Now,
    ) -> Result<Vec<CampaignLine>, Failure> {
        let permit = self.may(Duty::PayAid, now)?;
        Self::granted_on(row)?;
        let mut lines = self.campaign_lines(row, now)?;
        let is_asked = |line: &CampaignLine| units.is_empty() || line.unit.is_some_and(|unit| units.contains(&unit));
        lines.retain(|line| line.state.stands() && is_asked(line));
        if lines.is_empty() {
            return Err(NotInCampaign::Nobody.into());
        }
        let subjects = lines.iter().filter_map(|line| line.row.subject()).collect();
        let look = Ledger::Looked { subjects, what: "gift_sheet".into(), important: false };
        permit.keep(&Act::new(self.new_entry()?, now.at, Subject::Bureau, look))?;
        Ok(lines)
    }
}

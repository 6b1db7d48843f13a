//! Who of a list is granted, and who is taken out, and why: worked out anew each time from what is known now, until the grant says
//! it for good. Somebody is one person by dossier, by key, by ID number, and by the household that they turned out to be of.

use super::is_within;
use crate::command::fund::Had;
use crate::command::{Duty, Failure, Office};
use crate::domain::dossier::Status;
use crate::domain::fund::{
    CampaignState, Candidate, KnownBy, LineId, PayoutState, ReceiverId, ReceiverMove, TakenOut, judge,
};
use crate::domain::{Day, DossierId, Eyes, Fen, IdNumber, Mask, Now, PersonId, Subject, UnitId};
use crate::rules::aid::{AidRules, Grant, GrantStep};
use crate::views::fund::{self, CampaignRow, ReceiverRow};
use crate::views::history::Horizon;
use crate::views::persons;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How a line stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LineState {
    /// On the list, and nothing stands in the way.
    Listed,
    Out(TakenOut),
    Granted,
    Handed {
        on: Day,
        by_proxy: bool,
    },
    Returned {
        on: Day,
    },
    /// Handed over by the book, and that line of the book was a mistake.
    TakenBack {
        on: Day,
    },
}

impl LineState {
    /// In JSON, and in the words `campaign.line.listed`.
    pub fn code(&self) -> &'static str {
        match self {
            LineState::Listed => "listed",
            LineState::Out(_) => "out",
            LineState::Granted => "granted",
            LineState::Handed { .. } => "handed",
            LineState::Returned { .. } => "returned",
            LineState::TakenBack { .. } => "taken_back",
        }
    }

    /// It is granted, or would be.
    pub fn stands(&self) -> bool {
        !matches!(self, LineState::Out(_))
    }

    /// The day on which it was handed over, or came back.
    pub fn on(&self) -> Option<Day> {
        match self {
            LineState::Handed { on, .. } | LineState::Returned { on } | LineState::TakenBack { on } => Some(*on),
            _ => None,
        }
    }
}

/// A line of a campaign, as whoever works in its unit may see it. Personal.
#[derive(Clone, PartialEq, Eq)]
pub struct CampaignLine {
    /// From 1, in the order of the list.
    pub number: usize,
    pub row: ReceiverRow,
    /// `None`: erased.
    pub name: Option<String>,
    /// Covered.
    pub id_number: String,
    /// The dossier's, of a household.
    pub dossier: Option<String>,
    /// The household's today; of a person outside dossiers the one that the list says.
    pub unit: Option<UnitId>,
    pub class: String,
    pub amount: Fen,
    pub state: LineState,
    /// The code of the other campaign that it was taken out for.
    pub other: Option<String>,
}

impl fmt::Debug for CampaignLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CampaignLine({}, {:?})", self.number, self.state)
    }
}

/// What judging reads once for a whole list.
pub(super) struct Known {
    campaigns: BTreeMap<crate::domain::EntryId, CampaignRow>,
    by_number: BTreeMap<String, Vec<PersonId>>,
    links: Vec<persons::LinkRow>,
    rules: Option<AidRules>,
}

/// Which lines of a list come before others.
#[derive(Default)]
pub(super) struct Places {
    /// They take their people's place whatever stands before them.
    pub first: BTreeSet<ReceiverId>,
    /// The only others that count; `None`: all do.
    pub only: Option<BTreeSet<ReceiverId>>,
}

impl Places {
    fn of_nobody(&self, line: &ReceiverRow) -> Option<TakenOut> {
        let counts = |only: &BTreeSet<ReceiverId>| only.contains(&line.id) || self.first.contains(&line.id);
        (!self.only.as_ref().is_none_or(counts)).then_some(TakenOut::Dropped)
    }
}

/// Who a line is about.
struct Identity {
    dossier: Option<DossierId>,
    known_by: BTreeSet<KnownBy>,
    subjects: BTreeSet<Subject>,
}

impl Office {
    pub(super) fn known_to_campaigns(&self, on: Day) -> Result<Known, Failure> {
        self.wait_until_findable();
        let campaigns = fund::campaigns(&self.bureau.store, &self.bureau.keys)?;
        let rules = match self.aid_rules(on) {
            Ok(rules) => Some(rules),
            Err(Failure::NoAidRules { .. }) => None,
            Err(other) => return Err(other),
        };
        Ok(Known {
            campaigns: campaigns.into_iter().map(|row| (row.id, row)).collect(),
            by_number: self.persons_by_number()?,
            links: self.links()?,
            rules,
        })
    }

    /// Which lines stand on a day, in their order, and why the others are out.
    pub(super) fn judged(
        &self,
        row: &CampaignRow,
        lines: &[ReceiverRow],
        on: Day,
        places: &Places,
    ) -> Result<Vec<Option<TakenOut>>, Failure> {
        let known = self.known_to_campaigns(on)?;
        let (before, behind): (Vec<usize>, Vec<usize>) =
            (0..lines.len()).partition(|at| places.first.contains(&lines[*at].id));
        let order: Vec<usize> = before.into_iter().chain(behind).collect();
        let mut candidates = Vec::with_capacity(lines.len());
        for at in &order {
            let line = &lines[*at];
            candidates.push(match places.of_nobody(line) {
                Some(why) => Candidate { barred: Some(why), ..Candidate::default() },
                None => {
                    let identity = self.identity(line, &known)?;
                    let barred = self.barred(row, line, &identity, on, &known)?;
                    Candidate { known_by: identity.known_by, barred }
                }
            });
        }
        let mut out: Vec<Option<TakenOut>> = vec![None; lines.len()];
        for (at, why) in order.iter().zip(judge(&candidates)) {
            out[*at] = why.map(|why| match why {
                // By the place in the list, not by that in which it was looked at.
                TakenOut::Twice { line } => {
                    let of = usize::try_from(line).ok().and_then(|line| order.get(line.saturating_sub(1)));
                    TakenOut::Twice { line: of.and_then(|of| u32::try_from(of + 1).ok()).unwrap_or(line) }
                }
                other => other,
            });
        }
        Ok(out)
    }

    fn identity(&self, line: &ReceiverRow, known: &Known) -> Result<Identity, Failure> {
        let mut identity = Identity {
            dossier: line.receiver.dossier,
            known_by: BTreeSet::new(),
            subjects: line.subject().into_iter().collect(),
        };
        let mut numbers: BTreeSet<String> = BTreeSet::new();
        if let (None, Some(id)) = (line.receiver.dossier, line.receiver.person) {
            identity.known_by.insert(KnownBy::Person(id));
            identity.dossier = known.links.iter().find(|link| link.person == id).map(|link| link.dossier);
            let row = persons::listed(&self.bureau.store, &self.bureau.keys, id)?;
            let number = row.and_then(|row| IdNumber::from_typed(row.field("id_number")).ok());
            if let Some(number) = number {
                if identity.dossier.is_none() {
                    identity.dossier = self.household_with(number.reveal())?;
                }
                numbers.insert(number.reveal().to_owned());
            }
        }
        if let Some(dossier) = identity.dossier {
            identity.known_by.insert(KnownBy::Dossier(dossier));
            identity.subjects.insert(Subject::Dossier(dossier));
            let linked = known.links.iter().filter(|link| link.dossier == dossier);
            identity.subjects.extend(linked.map(|link| Subject::Person(link.person)));
            let of_face = self.listed_face(dossier)?.map(|face| face.id_numbers).unwrap_or_default();
            numbers.extend(of_face.iter().map(|text| {
                IdNumber::from_typed(text).map_or_else(|_| text.clone(), |number| number.reveal().to_owned())
            }));
        }
        let by_number = numbers.iter().filter_map(|number| known.by_number.get(number)).flatten();
        identity.subjects.extend(by_number.map(|person| Subject::Person(*person)));
        identity.known_by.extend(identity.subjects.iter().filter_map(|subject| match subject {
            Subject::Person(person) => Some(KnownBy::Person(*person)),
            _ => None,
        }));
        identity.known_by.extend(numbers.into_iter().map(KnownBy::IdNumber));
        Ok(identity)
    }

    /// The dossier that is not over and holds that ID number.
    fn household_with(&self, number: &str) -> Result<Option<DossierId>, Failure> {
        for hit in self.holders(number, DossierId([0; 16])) {
            let history = self.history(hit.dossier)?;
            if !history.is_erased() && !history.status(Horizon::NOW).is_some_and(Status::is_over) {
                return Ok(Some(hit.dossier));
            }
        }
        Ok(None)
    }

    /// What stands in the way of a line whoever else is on its list.
    fn barred(
        &self,
        row: &CampaignRow,
        line: &ReceiverRow,
        identity: &Identity,
        on: Day,
        known: &Known,
    ) -> Result<Option<TakenOut>, Failure> {
        if line.is(ReceiverMove::Dropped) {
            return Ok(Some(TakenOut::Dropped));
        }
        if line.subject().is_none_or(|subject| self.bureau.keys.is_erased(subject)) {
            return Ok(Some(TakenOut::Erased));
        }
        if line.subject().is_some_and(|subject| !self.bureau.keys.opens(subject)) {
            return Ok(Some(TakenOut::Unreadable));
        }
        let campaign = &row.campaign;
        let history = line.receiver.dossier.map(|dossier| self.history(dossier)).transpose()?;
        if let Some(history) = &history {
            if history.is_erased() {
                return Ok(Some(TakenOut::Erased));
            }
            if let Some(on) = history.died_on() {
                return Ok(Some(TakenOut::Dead { on }));
            }
            if history.status(Horizon::NOW).is_some_and(Status::is_over) {
                return Ok(Some(TakenOut::Over));
            }
        }
        for other in self.live_lines(&identity.subjects, Some(line.id), known)? {
            let of = &known.campaigns[&other.campaign];
            if other.campaign != row.id && campaign.excludes(&of.campaign) {
                return Ok(Some(TakenOut::OtherCampaign { campaign: other.campaign }));
            }
        }
        let mut had_payouts: Vec<(String, Fen)> = Vec::new();
        if let Some(dossier) = identity.dossier {
            let lives = |state| !matches!(state, PayoutState::Refused | PayoutState::Withdrawn);
            for payout in fund::payouts_of(&self.bureau.store, &self.bureau.keys, dossier)? {
                if !lives(payout.state()) {
                    continue;
                }
                if payout.payout.aid == campaign.aid && payout.payout.event == campaign.event {
                    return Ok(Some(TakenOut::OtherPayout { payout: payout.id }));
                }
                if payout.payout.on.year() == on.year() {
                    had_payouts.push((payout.payout.aid.clone(), payout.payout.amount()));
                }
            }
        }
        let Some(rules) = &known.rules else { return Ok(Some(TakenOut::NoStandard)) };
        let grant = match &history {
            Some(history) => {
                let mut facts = self.aid_facts(history, on, None, Some(line.id))?;
                // With what persons had who bear an ID number of the household and were never linked to it.
                facts.had = had_payouts;
                facts.had.extend(self.had_by(&identity.subjects, on.year(), Some(line.id), known)?);
                rules.grant(&campaign.aid, &facts)
            }
            None => {
                let mut had = had_payouts;
                had.extend(self.had_by(&identity.subjects, on.year(), Some(line.id), known)?);
                let had = had.iter().filter(|(aid, _)| *aid == campaign.aid).map(|(_, fen)| fen.0).sum();
                rules.grant_outside(&campaign.aid, Fen(had))
            }
        };
        Ok(above(grant.as_ref(), campaign.standard(line.receiver.class)))
    }

    /// Lines about these people that were granted, and did not come back.
    fn live_lines(
        &self,
        subjects: &BTreeSet<Subject>,
        own: Option<ReceiverId>,
        known: &Known,
    ) -> Result<Vec<ReceiverRow>, Failure> {
        let mut live = Vec::new();
        for subject in subjects {
            for line in fund::receivers_of(&self.bureau.store, &self.bureau.keys, *subject)? {
                let Some(of) = known.campaigns.get(&line.campaign) else { continue };
                let is_granted = of.reservation(line.id).is_some() && !line.is(ReceiverMove::Returned);
                if is_granted && Some(line.id) != own && self.taken_back(&line)?.is_none() {
                    live.push(line);
                }
            }
        }
        Ok(live)
    }

    /// The day on which the line of the book by which it was handed over turned out to be a mistake.
    pub(super) fn taken_back(&self, line: &ReceiverRow) -> Result<Option<Day>, Failure> {
        let Some(moved) = line.moved().filter(|moved| moved.step.to == ReceiverMove::Handed) else { return Ok(None) };
        let id = LineId { entry: moved.entry, line: moved.place + 1 };
        let paid = fund::line(&self.bureau.store, &self.bureau.keys, id)?;
        let Some(reversal) = paid.and_then(|paid| paid.reversed) else { return Ok(None) };
        Ok(fund::line(&self.bureau.store, &self.bureau.keys, reversal)?.map(|line| line.what.on()))
    }

    fn had_by(
        &self,
        subjects: &BTreeSet<Subject>,
        year: i32,
        own: Option<ReceiverId>,
        known: &Known,
    ) -> Result<Vec<(String, Fen)>, Failure> {
        let mut had = Vec::new();
        for line in self.live_lines(subjects, own, known)? {
            let of = &known.campaigns[&line.campaign];
            // What was handed over counts on that day, what waits on that of its grant.
            let on = line.moved().map(|moved| moved.step.on).or(of.approval().map(|approval| approval.step.on));
            if on.is_some_and(|on| on.year() == year) {
                had.push((of.campaign.aid.clone(), of.campaign.standard(line.receiver.class)));
            }
        }
        Ok(had)
    }

    /// What people had by campaigns in a year, handed over or waiting: kind and amount, a line each. `own` does not count.
    pub(in crate::command::fund) fn had_of_campaigns(
        &self,
        subjects: BTreeSet<Subject>,
        year: i32,
        own: Option<ReceiverId>,
    ) -> Result<Vec<(String, Fen)>, Failure> {
        self.had_by(&subjects, year, own, &self.known_campaigns()?)
    }

    /// What was handed to people by campaigns.
    pub(in crate::command::fund) fn handed_by_campaigns(
        &self,
        subjects: BTreeSet<Subject>,
    ) -> Result<Vec<Had>, Failure> {
        let known = self.known_campaigns()?;
        let mut had = Vec::new();
        for line in self.live_lines(&subjects, None, &known)? {
            let Some(moved) = line.moved() else { continue };
            let of = &known.campaigns[&line.campaign].campaign;
            had.push(Had { aid: of.aid.clone(), amount: of.standard(line.receiver.class), on: moved.step.on });
        }
        Ok(had)
    }

    /// Whether one of these people has that kind for that event by a campaign.
    pub(in crate::command::fund) fn is_had_by_campaign(
        &self,
        subjects: BTreeSet<Subject>,
        aid: &str,
        event: &str,
    ) -> Result<bool, Failure> {
        let known = self.known_campaigns()?;
        let live = self.live_lines(&subjects, None, &known)?;
        Ok(live
            .iter()
            .map(|line| &known.campaigns[&line.campaign].campaign)
            .any(|of| of.aid == aid && of.event == event))
    }

    fn known_campaigns(&self) -> Result<Known, Failure> {
        let campaigns = fund::campaigns(&self.bureau.store, &self.bureau.keys)?;
        let campaigns = campaigns.into_iter().map(|row| (row.id, row)).collect();
        Ok(Known { campaigns, by_number: BTreeMap::new(), links: Vec::new(), rules: None })
    }

    /// Every line of the list with how it stands on a day, whoever may see it.
    pub(super) fn all_lines(&self, row: &CampaignRow, on: Day) -> Result<Vec<(ReceiverRow, LineState)>, Failure> {
        let lines = fund::receivers(&self.bureau.store, &self.bureau.keys, row)?;
        if row.approval().is_none() {
            let judged = self.judged(row, &lines, on, &Places::default())?;
            let state = |out: Option<TakenOut>| out.map_or(LineState::Listed, LineState::Out);
            return Ok(lines.into_iter().zip(judged).map(|(line, out)| (line, state(out))).collect());
        }
        let mut out = Vec::with_capacity(lines.len());
        for line in lines {
            let state = match (fund::taken_out(row, line.id), row.reservation(line.id)) {
                (Some(why), _) => LineState::Out(why.clone()),
                // It came from elsewhere when the list was granted already.
                (None, None) => LineState::Out(TakenOut::Dropped),
                (None, Some(_)) => match line.moved().map(|moved| &moved.step) {
                    None => LineState::Granted,
                    Some(step) if step.to == ReceiverMove::Handed => match self.taken_back(&line)? {
                        Some(on) => LineState::TakenBack { on },
                        None => LineState::Handed { on: step.on, by_proxy: step.by_proxy },
                    },
                    Some(step) => LineState::Returned { on: step.on },
                },
            };
            out.push((line, state));
        }
        Ok(out)
    }

    /// The lines of a campaign that whoever asks may see, in the order of its list: those of their units.
    pub fn campaign_lines(&self, row: &CampaignRow, now: Now) -> Result<Vec<CampaignLine>, Failure> {
        let reach = self.lines_reach(now)?;
        let eyes = if self.carries(Duty::RollCovered) { Eyes::Duty } else { Eyes::Names };
        let codes: BTreeMap<_, _> = fund::campaigns(&self.bureau.store, &self.bureau.keys)?
            .into_iter()
            .map(|row| (row.id, row.campaign.code))
            .collect();
        let mut out = Vec::new();
        for (number, (line, state)) in (1..).zip(self.all_lines(row, now.today)?) {
            let unit = self.unit_of_line(&line)?;
            if !is_within(&reach, unit) {
                continue;
            }
            let (mut name, mut id_number, mut dossier) = (None, String::new(), None);
            if let Some(id) = line.receiver.dossier {
                let face = self.listed_face(id)?.filter(|_| !self.bureau.keys.is_erased(Subject::Dossier(id)));
                name = face.as_ref().and_then(|face| face.names.first().cloned());
                id_number = face.and_then(|face| face.id_numbers.first().cloned()).unwrap_or_default();
                dossier = Some(self.number_of(id));
            } else if let Some(id) = line.receiver.person
                && let Some(row) = persons::listed(&self.bureau.store, &self.bureau.keys, id)?
            {
                name = Some(row.field("name").to_owned());
                id_number = row.field("id_number").to_owned();
            }
            let other = match &state {
                LineState::Out(TakenOut::OtherCampaign { campaign }) => codes.get(campaign).cloned(),
                _ => None,
            };
            out.push(CampaignLine {
                number,
                name: name.map(|name| Mask::Name.show(&name, eyes)),
                id_number: Mask::IdNumber.cover(&id_number),
                dossier,
                unit,
                class: row.campaign.class(line.receiver.class).map(|class| class.code.clone()).unwrap_or_default(),
                amount: row.campaign.standard(line.receiver.class),
                state,
                other,
                row: line,
            });
        }
        Ok(out)
    }

    /// Whose line it is today.
    pub(in crate::command::fund) fn unit_of_line(&self, line: &ReceiverRow) -> Result<Option<UnitId>, Failure> {
        Ok(match line.receiver.dossier {
            Some(dossier) => self.history(dossier)?.unit(Horizon::NOW).or(line.receiver.unit),
            None => line.receiver.unit,
        })
    }

    /// Campaigns of whose lines the book says something else than their list: granted, handed over or brought back, and not
    /// reserved, paid or free.
    pub(in crate::command::fund) fn campaigns_differ(&self) -> Result<Vec<(String, usize)>, Failure> {
        let mut found = Vec::new();
        for row in fund::campaigns(&self.bureau.store, &self.bureau.keys)? {
            let mut differ = 0;
            for line in fund::receivers(&self.bureau.store, &self.bureau.keys, &row)? {
                let Some(reservation) = row.reservation(line.id) else { continue };
                differ += usize::from(!self.is_as_booked(&row, &line, reservation)?);
            }
            if differ > 0 {
                found.push((row.campaign.code.clone(), differ));
            }
        }
        Ok(found)
    }

    fn is_as_booked(&self, row: &CampaignRow, line: &ReceiverRow, of: LineId) -> Result<bool, Failure> {
        let standard = row.campaign.standard(line.receiver.class);
        let Some(held) = fund::held(&self.bureau.store, &self.bureau.keys, of)? else { return Ok(false) };
        let touched: i64 = held.touches.iter().map(|touch| touch.held).sum();
        let all = held.amount == standard;
        let Some(moved) = line.moved() else { return Ok(all && touched == 0) };
        if moved.step.to != ReceiverMove::Handed {
            // What lapsed by itself is free without a line of the book.
            return Ok(all && (touched == -standard.0 || (touched == 0 && moved.step.on > held.until)));
        }
        let paid = LineId { entry: moved.entry, line: moved.place + 1 };
        let paid = fund::line(&self.bureau.store, &self.bureau.keys, paid)?;
        let is_it = paid.is_some_and(|paid| paid.what.names() == Some(of) && paid.what.amount() == standard);
        Ok(all && is_it && touched == -standard.0)
    }

    /// How many lines stand, and what they come to.
    pub(super) fn campaign_totals(&self, row: &CampaignRow, lines: &[(ReceiverRow, LineState)]) -> (usize, Fen) {
        let standing = lines.iter().filter(|(_, state)| state.stands());
        standing.fold((0, Fen(0)), |(count, sum), (line, _)| {
            (count + 1, Fen(sum.0.saturating_add(row.campaign.standard(line.receiver.class).0)))
        })
    }
}

/// Why so much is more than can be had now; `None`: it is not.
fn above(grant: Option<&Grant>, amount: Fen) -> Option<TakenOut> {
    let Some(grant) = grant else { return Some(TakenOut::NoStandard) };
    let Some(most) = grant.most else {
        let one_kind = grant.steps.iter().any(|step| matches!(step, GrantStep::OneKind { .. }));
        return Some(if one_kind { TakenOut::OneKind } else { TakenOut::NoStandard });
    };
    if amount <= most {
        return None;
    }
    let of_year = grant.steps.iter().find_map(|step| match step {
        GrantStep::Year { cap, had } => Some((*cap, *had)),
        _ => None,
    });
    match (grant.most_at_once(), of_year) {
        (Some(once), _) if amount > once => Some(TakenOut::AboveOnce { most: once }),
        (_, Some((cap, had))) => Some(TakenOut::AboveYear { cap, had }),
        (_, None) => Some(TakenOut::AboveOnce { most }),
    }
}

/// Whether a campaign is past its list.
pub(super) fn is_granted(row: &CampaignRow) -> bool {
    row.state() == CampaignState::Approved
}

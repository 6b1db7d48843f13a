//! A list is counted by somebody else than those who made it, and granted by a third: count and sum are said first and have to be what
//! stands on it. What each line takes is reserved in the record of the grant, so that all of it is granted or nothing.

use super::{LineState, NotInCampaign, filling, is_within, keep_step};
use crate::command::fund::{Control, NotPayable};
use crate::command::rights::reason;
use crate::command::{Act, Did, Duty, Failure, Office};
use crate::domain::event::{Ledger, Person};
use crate::domain::fund::{CampaignState, CampaignStep, Meeting, ReceiverId, Reservation, TakenOut};
use crate::domain::{Fen, Now, Subject};
use crate::views::fund::{self, CampaignRow, ReceiverRow};
use std::collections::BTreeSet;

impl Office {
    /// Lines that whoever acts may not see are none of theirs to count or grant.
    fn sees_all_lines<'l>(&self, lines: impl IntoIterator<Item = &'l ReceiverRow>, now: Now) -> Result<(), Failure> {
        let reach = self.lines_reach(now)?;
        for (line, row) in (1..).zip(lines) {
            if !is_within(&reach, self.unit_of_line(row)?) {
                return Err(NotInCampaign::OthersLine { line }.into());
            }
        }
        Ok(())
    }

    /// Everybody who had a hand in making the list.
    fn makers(row: &CampaignRow) -> impl Iterator<Item = (Did, crate::views::fund::Hand)> {
        let fills: Vec<_> = row.fills().into_iter().map(|fill| fill.hand).collect();
        std::iter::once(row.hand).chain(fills).map(|hand| (Did::Proposed, hand))
    }

    /// Counted by somebody else than those who made it: what they counted has to be what stands.
    pub fn check_campaign(&self, row: &CampaignRow, control: Control, now: Now) -> Result<CampaignRow, Failure> {
        let permit = self.may(Duty::CheckAid, now)?;
        let (row, unchanged) = &self.as_it_stands(row)?;
        let mut step = self.campaign_step(row, CampaignState::Checked, now.today)?;
        self.not_by_the_same(Self::makers(row))?;
        let lines = self.all_lines(row, now.today)?;
        self.sees_all_lines(lines.iter().map(|(line, _)| line), now)?;
        (step.count, step.sum) = self.counted(row, &lines, control)?;
        step.lines = standing_and_out(&lines);
        let mut act = Act::new(self.new_entry()?, now.at, Subject::Bureau, Ledger::CampaignMoved(step))
            .parents([row.id, row.head()])
            .parents(filling::fills_of(row));
        act.expect.push(unchanged.clone());
        keep_step(&permit, &act)?;
        self.campaign(row.id)
    }

    fn counted(
        &self,
        row: &CampaignRow,
        lines: &[(ReceiverRow, LineState)],
        control: Control,
    ) -> Result<(u32, Fen), Failure> {
        // Whoever does not open may stand in another line too, or have had it elsewhere: nobody can say that, and nothing is granted.
        let lost: Vec<usize> =
            (1..).zip(lines).filter(|(_, (_, state))| is_unreadable(state)).map(|(number, _)| number).collect();
        if let Some(line) = lost.first() {
            return Err(NotInCampaign::KeyLost { line: *line, count: lost.len() }.into());
        }
        let (count, sum) = self.campaign_totals(row, lines);
        if count == 0 {
            return Err(NotInCampaign::Nobody.into());
        }
        if (Control { count, sum }) != control {
            return Err(NotInCampaign::Control { count, sum }.into());
        }
        Ok((u32::try_from(count).unwrap_or(u32::MAX), sum))
    }

    /// The list that was checked is opened again.
    pub fn reopen_campaign(&self, row: &CampaignRow, why: &str, now: Now) -> Result<CampaignRow, Failure> {
        let permit = self.may(Duty::CheckAid, now)?;
        let (row, unchanged) = &self.as_it_stands(row)?;
        let step = self.campaign_step(row, CampaignState::Open, now.today)?;
        let why = reason(why)?;
        let mut act = Act::new(self.new_entry()?, now.at, Subject::Bureau, Ledger::CampaignMoved(step))
            .person(Subject::Bureau, Person::Text(why))
            .parents([row.id, row.head()]);
        act.expect.push(unchanged.clone());
        keep_step(&permit, &act)?;
        self.campaign(row.id)
    }

    /// Granted by somebody who neither made nor checked it: every line that stands, as it was checked, is reserved.
    pub fn approve_campaign(
        &self,
        row: &CampaignRow,
        meeting: Option<Meeting>,
        now: Now,
    ) -> Result<CampaignRow, Failure> {
        let permit = self.may(Duty::DecideAid, now)?;
        let on = now.today;
        let (row, unchanged) = &self.as_it_stands(row)?;
        let mut step = self.campaign_step(row, CampaignState::Approved, on)?;
        let checked = row.last().map(|checked| (Did::Checked, checked.hand));
        self.not_by_the_same(Self::makers(row).chain(checked))?;
        let campaign = &row.campaign;
        if on > campaign.until {
            let (first, last) = (campaign.from, campaign.until);
            return Err(NotInCampaign::NotThatDay { on, first, last }.into());
        }
        let households = self.households_unchanged(&fund::receivers(&self.bureau.store, &self.bureau.keys, row)?)?;
        let lines = self.all_lines(row, on)?;
        self.sees_all_lines(lines.iter().map(|(line, _)| line), now)?;
        let said = row.last().map(|checked| Control { count: checked.step.count as usize, sum: checked.step.sum });
        let said = said.unwrap_or(Control { count: 0, sum: Fen(0) });
        (step.count, step.sum) = self.counted(row, &lines, said)?;
        if let Some(line) = row.last().and_then(|checked| changed_since(&checked.step, &lines)) {
            return Err(NotInCampaign::ChangedSince { line }.into());
        }
        let above = self.aid_rules(on)?.meeting_above;
        let most = campaign.classes.iter().map(|class| class.standard).max().unwrap_or(Fen(0));
        match &meeting {
            Some(meeting) => meeting.check().map_err(NotPayable::Meeting)?,
            None if most > above => return Err(NotPayable::NeedsMeeting { above }.into()),
            None => {}
        }
        step.meeting = meeting
            .map(|meeting| {
                Ok::<_, Failure>(Meeting { document: crate::command::fund::document(&meeting.document)?, ..meeting })
            })
            .transpose()?;
        step.lines = standing_and_out(&lines);
        let purses = campaign.classes.iter().map(|class| self.purse_of(class.purse).map(|row| row.entry));
        let purses = purses.collect::<Result<Vec<_>, Failure>>()?;
        let mut act = Act::new(self.new_entry()?, now.at, Subject::Bureau, Ledger::CampaignMoved(step))
            .parents([row.id, row.head()])
            .parents(filling::fills_of(row))
            .parents(purses);
        for (line, _) in lines.iter().filter(|(_, state)| state.stands()) {
            let Some(class) = campaign.class(line.receiver.class) else { continue };
            act = act.and(Ledger::FundReserved(Reservation {
                purse: class.purse,
                amount: class.standard,
                on,
                until: campaign.until,
                aid: campaign.aid.clone(),
                dossier: line.receiver.dossier,
                person: line.receiver.person,
                unit: self.unit_of_line(line)?,
            }));
        }
        act.expect.push(unchanged.clone());
        act.expect.extend(households);
        keep_step(&permit, &act)?;
        self.campaign(row.id)
    }

    /// Every line was handed over or came back, or it is given up before it was granted.
    pub fn close_campaign(&self, row: &CampaignRow, now: Now) -> Result<CampaignRow, Failure> {
        // Asked of it as it was read; it is looked at anew below, and that it is the same is expected.
        let duty = if super::judging::is_granted(row) { Duty::PayAid } else { Duty::DecideAid };
        let permit = self.may(duty, now)?;
        let (row, unchanged) = &self.as_it_stands(row)?;
        let mut step: CampaignStep = self.campaign_step(row, CampaignState::Closed, now.today)?;
        if super::judging::is_granted(row) {
            let lines = self.all_lines(row, now.today)?;
            let open = (1..).zip(&lines).filter(|(_, (_, state))| *state == LineState::Granted);
            let open: Vec<(usize, Fen)> =
                open.map(|(at, (line, _))| (at, row.campaign.standard(line.receiver.class))).collect();
            if let Some((first, _)) = open.first() {
                let sum = Fen(open.iter().map(|(_, fen)| fen.0).sum());
                return Err(NotInCampaign::StillOpen { lines: open.len(), first: *first, sum }.into());
            }
            let handed = lines.iter().filter(|(_, state)| matches!(state, LineState::Handed { .. }));
            let handed: Vec<Fen> = handed.map(|(line, _)| row.campaign.standard(line.receiver.class)).collect();
            step.count = u32::try_from(handed.len()).unwrap_or(u32::MAX);
            step.sum = Fen(handed.iter().map(|fen| fen.0).sum());
        }
        let mut act = Act::new(self.new_entry()?, now.at, Subject::Bureau, Ledger::CampaignMoved(step))
            .parents([row.id, row.head()]);
        act.expect.push(unchanged.clone());
        keep_step(&permit, &act)?;
        self.campaign(row.id)
    }
}

fn is_unreadable(state: &LineState) -> bool {
    matches!(state, LineState::Out(TakenOut::Unreadable))
}

/// Every line of a list, in its order, and why it is out where it is.
fn standing_and_out(lines: &[(ReceiverRow, LineState)]) -> Vec<(ReceiverId, Option<TakenOut>)> {
    let out = |state: &LineState| match state {
        LineState::Out(why) => Some(why.clone()),
        _ => None,
    };
    lines.iter().map(|(line, state)| (line.id, out(state))).collect()
}

/// The first line, from 1, that stands now and did not when the list was checked, or stood then and does not now. A check of before
/// such lines were kept is held to its count and sum alone.
fn changed_since(checked: &CampaignStep, lines: &[(ReceiverRow, LineState)]) -> Option<usize> {
    if checked.lines.is_empty() {
        return None;
    }
    let stood: BTreeSet<ReceiverId> =
        checked.lines.iter().filter(|(_, out)| out.is_none()).map(|(line, _)| *line).collect();
    let at = lines.iter().position(|(line, state)| state.stands() != stood.contains(&line.id));
    at.map(|at| at + 1)
}

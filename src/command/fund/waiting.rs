//! What of the fund waits, for what, how much of it, since when, and whose duty it is: payouts, campaigns, periods. A kind a line,
//! not a payout a line: whoever pays has a hundred of them on one day.

use crate::command::{Duty, Failure, Office};
use crate::domain::fund::{CampaignState, ClosingState, PayoutState, ReceiverId};
use crate::domain::{Day, Fen, Now};
use crate::views::fund::{self, CampaignRow, PayoutRow};
use std::collections::{BTreeMap, BTreeSet};

/// What something of the fund waits for, in the order of a payout's life, a campaign's, a period's.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum FundWaits {
    CheckPayout,
    DecidePayout,
    PostPayout,
    /// Its notice has ended, or it is an emergency that was granted.
    PayPayout,
    /// On its way through the bank, which has not answered.
    ConfirmPayout,
    /// The bank sent it back.
    ReturnedPayout,
    /// Paid, and nobody has brought the signed sheet.
    SettlePayout,
    CheckCampaign,
    DecideCampaign,
    /// Granted lines that nobody was handed and that did not come back, from the campaign's first day on.
    HandOver,
    CloseCampaign,
    /// A month is over and was not counted.
    CountPeriod,
    CheckPeriod,
    ClosePeriod,
}

impl FundWaits {
    pub const ALL: [FundWaits; 14] = [
        FundWaits::CheckPayout,
        FundWaits::DecidePayout,
        FundWaits::PostPayout,
        FundWaits::PayPayout,
        FundWaits::ConfirmPayout,
        FundWaits::ReturnedPayout,
        FundWaits::SettlePayout,
        FundWaits::CheckCampaign,
        FundWaits::DecideCampaign,
        FundWaits::HandOver,
        FundWaits::CloseCampaign,
        FundWaits::CountPeriod,
        FundWaits::CheckPeriod,
        FundWaits::ClosePeriod,
    ];

    /// In JSON, and in the words `waits.check_payout`.
    pub fn code(self) -> &'static str {
        match self {
            FundWaits::CheckPayout => "check_payout",
            FundWaits::DecidePayout => "decide_payout",
            FundWaits::PostPayout => "post_payout",
            FundWaits::PayPayout => "pay_payout",
            FundWaits::ConfirmPayout => "confirm_payout",
            FundWaits::ReturnedPayout => "returned_payout",
            FundWaits::SettlePayout => "settle_payout",
            FundWaits::CheckCampaign => "check_campaign",
            FundWaits::DecideCampaign => "decide_campaign",
            FundWaits::HandOver => "hand_over",
            FundWaits::CloseCampaign => "close_campaign",
            FundWaits::CountPeriod => "count_period",
            FundWaits::CheckPeriod => "check_period",
            FundWaits::ClosePeriod => "close_period",
        }
    }

    /// Whose duty it is to go on with it.
    pub fn duty(self) -> Duty {
        match self {
            FundWaits::CheckPayout | FundWaits::PostPayout | FundWaits::CheckCampaign => Duty::CheckAid,
            FundWaits::DecidePayout | FundWaits::DecideCampaign => Duty::DecideAid,
            FundWaits::PayPayout
            | FundWaits::ConfirmPayout
            | FundWaits::ReturnedPayout
            | FundWaits::SettlePayout
            | FundWaits::HandOver
            | FundWaits::CloseCampaign => Duty::PayAid,
            FundWaits::CountPeriod => Duty::KeepBook,
            FundWaits::CheckPeriod => Duty::CheckPeriod,
            FundWaits::ClosePeriod => Duty::ClosePeriod,
        }
    }

    /// The state that such payouts stand in; `None`: it is about no payouts.
    pub fn payouts(self) -> Option<PayoutState> {
        match self {
            FundWaits::CheckPayout => Some(PayoutState::Proposed),
            FundWaits::DecidePayout => Some(PayoutState::Checked),
            FundWaits::PostPayout => Some(PayoutState::Approved),
            FundWaits::PayPayout => Some(PayoutState::Noticed),
            FundWaits::ConfirmPayout => Some(PayoutState::Sent),
            FundWaits::ReturnedPayout => Some(PayoutState::Returned),
            FundWaits::SettlePayout => Some(PayoutState::Paid),
            _ => None,
        }
    }

    pub fn is_of_campaigns(self) -> bool {
        matches!(
            self,
            FundWaits::CheckCampaign | FundWaits::DecideCampaign | FundWaits::HandOver | FundWaits::CloseCampaign
        )
    }

    /// What a payout waits for on a day, and since when; nothing while its notice runs, and once it is over.
    pub fn of_payout(row: &PayoutRow, today: Day) -> Option<(FundWaits, Day)> {
        let since = row.last().map_or(row.payout.on, |step| step.step.on);
        let waits = match row.state() {
            PayoutState::Proposed => FundWaits::CheckPayout,
            PayoutState::Checked => FundWaits::DecidePayout,
            PayoutState::Approved if row.payout.is_emergency() => FundWaits::PayPayout,
            PayoutState::Approved => FundWaits::PostPayout,
            PayoutState::Noticed => {
                let until = row.last().and_then(|step| step.step.until).unwrap_or(since);
                return (until < today).then(|| (FundWaits::PayPayout, until.plus_days(1)));
            }
            PayoutState::Sent => FundWaits::ConfirmPayout,
            PayoutState::Returned => FundWaits::ReturnedPayout,
            PayoutState::Paid => FundWaits::SettlePayout,
            PayoutState::Refused | PayoutState::Settled | PayoutState::Withdrawn => return None,
        };
        Some((waits, since))
    }
}

/// Everything of the fund that waits for one thing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct FundQueueLine {
    pub waits: FundWaits,
    /// Payouts, campaigns, lines to hand over, months.
    pub count: usize,
    /// Since when the oldest of them waits.
    pub since: Day,
    /// What they come to; of a period nothing does.
    pub sum: Option<Fen>,
    /// Whether whoever looks carries the duty for it.
    pub mine: bool,
}

/// What was found so far.
#[derive(Default)]
struct Found(BTreeMap<FundWaits, FundQueueLine>);

impl Found {
    fn put(&mut self, waits: FundWaits, since: Day, sum: Option<Fen>) {
        let line = FundQueueLine { waits, count: 0, since, sum: sum.map(|_| Fen(0)), mine: false };
        let line = self.0.entry(waits).or_insert(line);
        line.count += 1;
        line.since = line.since.min(since);
        line.sum = line.sum.zip(sum).map(|(all, one)| Fen(all.0.saturating_add(one.0)));
    }
}

impl Office {
    /// What of the fund waits on a day, among the households of whoever acts; periods for whoever sees the book.
    pub(in crate::command) fn fund_queue(&self, mine: bool, now: Now) -> Result<Vec<FundQueueLine>, Failure> {
        let is_asked = |waits: FundWaits| !mine || self.carries(waits.duty());
        let mut found = Found::default();
        if self.carries(Duty::Open) {
            if FundWaits::ALL.into_iter().any(|waits| waits.payouts().is_some() && is_asked(waits)) {
                self.payouts_waiting(&is_asked, now, &mut found)?;
            }
            if FundWaits::ALL.into_iter().any(|waits| waits.is_of_campaigns() && is_asked(waits)) {
                self.campaigns_waiting(now, &mut found)?;
            }
        }
        if self.carries(Duty::SeeFund) {
            self.periods_waiting(now, &mut found)?;
        }
        let mut lines: Vec<FundQueueLine> = found.0.into_values().filter(|line| is_asked(line.waits)).collect();
        lines.iter_mut().for_each(|line| line.mine = self.carries(line.waits.duty()));
        Ok(lines)
    }

    fn payouts_waiting(
        &self,
        is_asked: &dyn Fn(FundWaits) -> bool,
        now: Now,
        found: &mut Found,
    ) -> Result<(), Failure> {
        let reach = self.reach(now)?;
        for row in fund::payouts(&self.bureau.store, &self.bureau.keys)? {
            let Some((waits, since)) = FundWaits::of_payout(&row, now.today).filter(|(waits, _)| is_asked(*waits))
            else {
                continue;
            };
            if reach.as_ref().is_none_or(|reach| self.unit_of(&row.payout).is_some_and(|unit| reach.contains(&unit))) {
                found.put(waits, since, Some(row.payout.amount()));
            }
        }
        Ok(())
    }

    fn campaigns_waiting(&self, now: Now, found: &mut Found) -> Result<(), Failure> {
        let reach = self.reach(now)?;
        for row in fund::campaigns(&self.bureau.store, &self.bureau.keys)? {
            let stood = row.last().map(|step| step.step.on);
            match row.state() {
                // One that nobody has put anybody on waits for whoever fills it.
                CampaignState::Open => {
                    if let Some(fill) = row.fills().last() {
                        found.put(FundWaits::CheckCampaign, fill.hand.at.day(), None);
                    }
                }
                CampaignState::Checked => {
                    let sum = row.last().map(|step| step.step.sum);
                    found.put(FundWaits::DecideCampaign, stood.unwrap_or(row.campaign.on), sum);
                }
                CampaignState::Approved => self.hand_overs(&row, reach.as_ref(), now, found)?,
                CampaignState::Closed => {}
            }
        }
        Ok(())
    }

    /// Lines of a granted campaign that wait to be handed over; where none does any more, the campaign for its end.
    fn hand_overs(
        &self,
        row: &CampaignRow,
        reach: Option<&BTreeSet<crate::domain::UnitId>>,
        now: Now,
        found: &mut Found,
    ) -> Result<(), Failure> {
        let Some(approval) = row.approval() else { return Ok(()) };
        let lines = approval.step.lines.iter().filter(|(_, out)| out.is_none());
        let granted: BTreeSet<ReceiverId> = lines.map(|(id, _)| *id).collect();
        let since = approval.step.on.max(row.campaign.from);
        let (mut is_all_moved, mut last) = (true, approval.step.on);
        for line in fund::receivers(&self.bureau.store, &self.bureau.keys, row)? {
            if !granted.contains(&line.id) {
                continue;
            }
            if let Some(moved) = line.moved() {
                last = last.max(moved.step.on);
                continue;
            }
            is_all_moved = false;
            let is_theirs = match reach {
                None => true,
                Some(reach) => self.unit_of_line(&line)?.is_some_and(|unit| reach.contains(&unit)),
            };
            if is_theirs && row.campaign.from <= now.today {
                found.put(FundWaits::HandOver, since, Some(row.campaign.standard(line.receiver.class)));
            }
        }
        if is_all_moved {
            found.put(FundWaits::CloseCampaign, last, None);
        }
        Ok(())
    }

    fn periods_waiting(&self, now: Now, found: &mut Found) -> Result<(), Failure> {
        let closed = fund::closed_until(&self.bureau.store, &self.bureau.keys)?;
        let mut is_counted = false;
        let mut seen = BTreeSet::new();
        let mut rows = fund::closings(&self.bureau.store, &self.bureau.keys)?;
        // Of what was counted again the last one goes on.
        rows.sort_by_key(|row| std::cmp::Reverse((row.at, row.id)));
        for row in rows.iter().filter(|row| closed.is_none_or(|closed| closed < row.closing.to)) {
            let waits = match row.state() {
                ClosingState::Counted => FundWaits::CheckPeriod,
                ClosingState::Checked => FundWaits::ClosePeriod,
                ClosingState::Closed => continue,
            };
            is_counted = true;
            if seen.insert(row.closing.to) {
                let since = row.steps().map(|step| step.step.on).max().unwrap_or(row.closing.on);
                found.put(waits, since, None);
            }
        }
        let is_kept_here = fund::keeper(&self.bureau.store)? == Some(self.bureau.station);
        // What was counted is closed first: the next period begins behind it.
        if is_counted || !is_kept_here {
            return Ok(());
        }
        let places = fund::places(&self.bureau.store, &self.bureau.keys)?;
        let begins = closed.map(|last| last.plus_days(1)).or_else(|| places.iter().map(|row| row.place.since).min());
        let Some(begins) = begins else { return Ok(()) };
        let mut month = (begins.year(), begins.month());
        loop {
            month = if month.1 == 12 { (month.0 + 1, 1) } else { (month.0, month.1 + 1) };
            match Day::from_ymd(month.0, month.1, 1) {
                Some(next) if next <= now.today => found.put(FundWaits::CountPeriod, next, None),
                _ => return Ok(()),
            }
        }
    }
}

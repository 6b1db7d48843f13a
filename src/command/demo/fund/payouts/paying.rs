//! A round is paid: through the bank, its answer taken in, what came back sent again; or in cash; and settled.

use super::super::income::booking;
use super::super::{Fund, FundContext, if_it_holds};
use super::{Round, RoundLine, RoundStep, Special};
use crate::command::Failure;
use crate::command::fund::{Booking, Control, bank_csv};
use crate::domain::fund::{MovementKind, PayoutState};
use crate::domain::{Day, EntryId, Fen};
use crate::views::fund::{BatchRow, PayoutRow};

impl Fund {
    pub(super) fn pay(&mut self, round: &mut Round, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let is_ready = |line: &&RoundLine| {
            line.is_at(PayoutState::Noticed) || (line.row.payout.is_emergency() && line.is_at(PayoutState::Approved))
        };
        let (by_bank, in_cash): (Vec<&RoundLine>, Vec<&RoundLine>) =
            round.lines.iter().filter(is_ready).partition(|line| line.bank.is_some());
        for line in in_cash {
            self.pay_in_cash(&line.row, on, context)?;
        }
        for bank in ["bank", "bank-budget"] {
            let rows: Vec<&PayoutRow> =
                by_bank.iter().filter(|line| line.bank == Some(bank)).map(|line| &line.row).collect();
            round.batches.extend(self.send(bank, &rows, on, context)?);
        }
        Ok(())
    }

    fn pay_in_cash(&self, row: &PayoutRow, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let now = context.now(self.officers.accountant, on);
        let purses = context.office.fund_state(on, now)?.purses;
        for draw in &row.payout.draws {
            let Some(purse) = purses.iter().find(|line| line.row.purse.purse == draw.purse) else { continue };
            self.to_the_box((&purse.row.purse.code, draw.amount), on, context)?;
        }
        let now = context.now(self.officers.cashier, on);
        if if_it_holds(context.office.pay_in_cash(row, "box", "本人签收", now))?.is_none() {
            self.give_up(row, on, context)?;
        }
        Ok(())
    }

    /// So much of a purse is drawn from the bank into the box.
    pub(in super::super) fn to_the_box(
        &self,
        (purse, amount): (&str, Fen),
        on: Day,
        context: &mut FundContext<'_>,
    ) -> Result<(), Failure> {
        let now = context.now(self.officers.accountant, on);
        let transfer = Booking {
            kind: MovementKind::Transfer,
            from: Some("bank".into()),
            to: Some("box".into()),
            ..booking(purse, amount, on, "现金支票")
        };
        context.office.book(&transfer, now).map(drop)
    }

    fn give_up(&self, row: &PayoutRow, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let now = context.now(self.officers.approver, on);
        context.office.withdraw_payout(row, "支付前复核，不再符合条件", now).map(drop)
    }

    fn send(
        &self,
        bank: &str,
        rows: &[&PayoutRow],
        on: Day,
        context: &mut FundContext<'_>,
    ) -> Result<Option<BatchRow>, Failure> {
        if rows.is_empty() {
            return Ok(None);
        }
        let ids: Vec<EntryId> = rows.iter().map(|row| row.id).collect();
        let sum = Fen(rows.iter().map(|row| row.payout.amount().0).sum());
        let now = context.now(self.officers.cashier, on);
        let sent = context.office.send_batch(bank, Control { count: ids.len(), sum }, &ids, now);
        let Some(sent) = if_it_holds(sent)? else {
            for row in rows {
                self.give_up(row, on, context)?;
            }
            return Ok(None);
        };
        for (row, _) in &sent.stopped {
            self.give_up(row, on, context)?;
        }
        Ok(Some(sent.batch))
    }

    /// The bank's answer: the first line of a round in which one fails failed, and what was sent again came.
    pub(super) fn answer(
        &self,
        round: &mut Round,
        step: RoundStep,
        on: Day,
        context: &mut FundContext<'_>,
    ) -> Result<(), Failure> {
        let stays = |id: EntryId| round.lines.iter().find(|line| line.row.id == id).and_then(|line| line.stays);
        let mut fails = round.special == Special::Returns && step == RoundStep::Answer;
        for batch in &round.batches {
            let now = context.now(self.officers.cashier, on);
            let lines = context.office.bank_lines(batch, now)?;
            let mut answer = "reference,name,account,amount,result\n".to_owned();
            for (sent, line) in bank_csv(&lines, "").lines().skip(1).zip(&lines) {
                let result = match stays(line.payout) {
                    Some(PayoutState::Sent) => continue,
                    Some(PayoutState::Returned) => "failed",
                    _ if std::mem::take(&mut fails) => "failed",
                    _ => "ok",
                };
                answer.push_str(&format!("{sent},{result}\n"));
            }
            context.office.take_answer(batch, &answer, now)?;
        }
        round.batches.clear();
        Ok(())
    }

    /// The round's payouts in a state, as they stand now.
    fn now_in(
        &self,
        round: &Round,
        state: PayoutState,
        on: Day,
        context: &mut FundContext<'_>,
    ) -> Result<Vec<PayoutRow>, Failure> {
        let now = context.now(self.officers.cashier, on);
        let mut rows = context.office.payouts(Some(state), now)?;
        rows.retain(|row| round.lines.iter().any(|line| line.row.id == row.id));
        Ok(rows)
    }

    pub(super) fn pay_again(&self, round: &mut Round, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        if round.special != Special::Returns {
            return Ok(());
        }
        let rows = self.now_in(round, PayoutState::Returned, on, context)?;
        round.batches.extend(self.send("bank", &rows.iter().collect::<Vec<_>>(), on, context)?);
        Ok(())
    }

    pub(super) fn settle(&self, round: &Round, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        for row in self.now_in(round, PayoutState::Paid, on, context)? {
            let now = context.now(self.officers.cashier, on);
            context.office.settle_payout(&row, &format!("签收表 {}", round.event), now)?;
        }
        Ok(())
    }
}

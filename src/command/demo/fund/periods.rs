//! Periods of the book: years that are over are closed as years, the last one's months one by one. The month before that of the demo's last
//! day is counted and looked over, and waits for whoever closes it.

use super::{BEGINS, Fund, FundContext, Task, day};
use crate::command::Failure;
use crate::command::fund::NewClosing;
use crate::domain::{Day, Fen};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PeriodStep {
    Count,
    /// Counted with a note missing in the cash box: named, and put right by the next count. An auditor will ask.
    CountShort,
    Check,
    Close,
}

impl Fund {
    pub(super) fn plan_periods(&mut self, today: Day) {
        let first_of_month = day(today.year(), today.month(), 1);
        let first_monthly = day(today.year(), 1, 1);
        let short = if today.month() > 6 { day(today.year(), 5, 31) } else { day(today.year() - 1, 12, 31) };
        let mut first = day(BEGINS.0, 1, 1);
        while first < first_of_month {
            let next = if first < first_monthly { first.plus_months(12) } else { first.plus_months(1) };
            let to = next.plus_days(-1);
            let count = if to == short { PeriodStep::CountShort } else { PeriodStep::Count };
            self.plan(next.plus_days(3), Task::Period(to, count));
            self.plan(next.plus_days(4), Task::Period(to, PeriodStep::Check));
            if next < first_of_month {
                self.plan(next.plus_days(5), Task::Period(to, PeriodStep::Close));
            }
            first = next;
        }
    }

    pub(super) fn period_step(
        &mut self,
        to: Day,
        step: PeriodStep,
        on: Day,
        context: &mut FundContext<'_>,
    ) -> Result<(), Failure> {
        match step {
            PeriodStep::Count | PeriodStep::CountShort => {
                let now = context.now(self.officers.accountant, on);
                let places = context.office.fund_state(to, now)?.places.into_iter();
                let mut counted: Vec<(String, Fen)> =
                    places.map(|line| (line.row.place.code, line.sums.balance())).collect();
                let mut because = Vec::new();
                let missing = counted.iter_mut().find(|(code, _)| code == "box" && step == PeriodStep::CountShort);
                if let Some((code, fen)) = missing {
                    fen.0 -= 2_000;
                    because.push((code.clone(), "盘点短款二十元，出纳已于次日补足".to_owned()));
                }
                context.office.count_period(&NewClosing { to, counted, because }, now)?;
            }
            PeriodStep::Check => {
                let now = context.now(self.officers.supervisor, on);
                context.office.check_period(to, now)?;
            }
            PeriodStep::Close => {
                let now = context.now(self.officers.approver, on);
                context.office.close_period(to, now)?;
            }
        }
        Ok(())
    }
}

//! What came once: after a fire, from a company and a neighbour, from the union above and the budget; and a mistake that was
//! taken back.

use super::super::{Fund, FundContext, Task, day, yuan};
use super::{Income, donation, new_purse, place, purse, receipt};
use crate::command::Failure;
use crate::command::fund::{NewDonor, NewPurse};
use crate::domain::fund::{PlaceKind, Stage};
use crate::domain::{Day, Fen, Now};

/// What came once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Once {
    /// A collection after a fire, for what a fire does.
    Fire,
    Nameless,
    /// A sum with a zero too many, found the next day.
    Mistake,
    Corrected,
    /// A company gives for pupils, and again two and four years later.
    Company,
    /// Somebody gives for one household.
    Neighbour,
    /// A grant of the union above, with its last day. What was left of the second one was never given back: an auditor will ask.
    Upper(i32),
    UpperBack,
    /// Budget money, in books and an account of its own.
    Budget,
    BudgetBack,
}

const COMPANY: &str = "示例林城木业有限公司";
const NEIGHBOUR: &str = "示例捐赠人";

impl Fund {
    pub(super) fn plan_single(&mut self) {
        for (year, month, on, once) in [
            (2020, 5, 18, Once::Fire),
            (2020, 9, 7, Once::Nameless),
            (2021, 4, 12, Once::Mistake),
            (2021, 4, 13, Once::Corrected),
            (2021, 8, 2, Once::Company),
            (2022, 2, 14, Once::Upper(2022)),
            (2022, 6, 20, Once::Neighbour),
            (2022, 12, 26, Once::UpperBack),
            (2023, 2, 20, Once::Budget),
            (2023, 8, 1, Once::Company),
            (2023, 12, 25, Once::BudgetBack),
            (2024, 2, 19, Once::Upper(2024)),
            (2025, 8, 4, Once::Company),
        ] {
            self.plan(day(year, month, on), Task::Income(Income::Once(once)));
        }
    }

    pub(super) fn take_once(&mut self, once: Once, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let year = on.year();
        let now = context.now(self.officers.accountant, on);
        match once {
            Once::Fire => {
                let fire = ("fire", "S04", &["P4", "P7"][..], "火灾专项募捐", "Donation drive after a fire");
                purse(context.office, fire, on, now)?;
                receipt(context.office, ("fire", "bank", Fen(1_874_650)), on, "2020 募 1", now)?;
            }
            Once::Nameless => {
                context.office.donate(&donation((None, "workers", Fen(88_800)), None, on, "捐 20-7"), now)?;
            }
            Once::Mistake => {
                receipt(context.office, ("workers", "bank", yuan(5_000)), on, "捐 21-2", now)?;
            }
            Once::Corrected => {
                let lines = context.office.fund_statement("workers", on.plus_days(-1), on, now)?.lines;
                if let Some(wrong) = lines.iter().find(|line| line.moved == yuan(5_000)) {
                    context.office.reverse(wrong.line.id, on, "更正 21-1", now)?;
                }
                receipt(context.office, ("workers", "bank", yuan(500)), on, "捐 21-2", now)?;
            }
            Once::Company => self.company(on, now, context)?,
            Once::Neighbour => self.neighbour(on, context)?,
            Once::Upper(of) => {
                let code = format!("upper-{of}");
                let kinds: &[&str] = if of == 2022 { &["P2"] } else { &["P2", "P3"] };
                let new = NewPurse {
                    until: Some(day(of, 12, 31)),
                    ..new_purse((&code, "S06", kinds, "上级工会专项补助", "Grant of the union above"), on)
                };
                context.office.open_purse(&new, now)?;
                receipt(context.office, (&code, "bank", yuan(30_000)), on, &format!("林工发 {of}-6"), now)?;
            }
            Once::UpperBack => self.give_back(("upper-2022", day(year, 1, 1)), on, context)?,
            Once::Budget => {
                place(context.office, ("bank-budget", PlaceKind::Bank, "财政资金专户", "Budget account"), on, now)?;
                let new = NewPurse {
                    until: Some(day(year, 12, 31)),
                    ..new_purse(("budget-2023", "S07", &["P1"], "财政帮扶资金", "Budget aid money"), on)
                };
                context.office.open_purse(&new, now)?;
                context.office.note_appropriation(
                    (year, "S07", Stage::Granted),
                    yuan(40_000),
                    on,
                    "财社 2023-11",
                    now,
                )?;
                receipt(context.office, ("budget-2023", "bank-budget", yuan(40_000)), on, "财社 2023-11", now)?;
            }
            Once::BudgetBack => self.give_back(("budget-2023", day(year, 1, 1)), on, context)?,
        }
        Ok(())
    }

    fn company(&mut self, on: Day, now: Now, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let document = format!("捐 {}-5", on.year() % 100);
        let first = context.office.donor_named(COMPANY, now).is_err();
        let opens =
            first.then(|| new_purse(("school", "S09", &["P3"], "企业助学捐款", "A company's donation for pupils"), on));
        if first {
            let donor = NewDonor {
                name: COMPANY.into(),
                is_organisation: true,
                id_number: None,
                phone: None,
                unit: None,
                unnamed: false,
            };
            context.office.add_donor(&donor, now)?;
        }
        context.office.donate(&donation((Some(COMPANY), "school", yuan(20_000)), opens, on, &document), now).map(drop)
    }

    /// For the household that has been in the files longest of those in deep hardship.
    fn neighbour(&mut self, on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let known = (context.in_the_files)(on);
        let Some(household) = known.iter().find(|household| household.category == "1") else { return Ok(()) };
        let number = context.office.number_of(household.dossier);
        self.paired = Some(household.dossier);
        let now = context.now(self.officers.accountant, on);
        let donor = NewDonor {
            name: NEIGHBOUR.into(),
            is_organisation: false,
            id_number: None,
            phone: None,
            unit: Some("JH12".into()),
            unnamed: true,
        };
        context.office.add_donor(&donor, now)?;
        let opens = NewPurse {
            household: Some(number),
            ..new_purse(("pair-2022", "S05", &[], "结对捐赠", "Paired donation"), on)
        };
        let gift = donation((Some(NEIGHBOUR), "pair-2022", yuan(3_000)), Some(opens), on, "捐 22-9");
        context.office.donate(&gift, now).map(drop)
    }

    /// What is left of a grant goes back to whoever gave it.
    fn give_back(&self, (purse, since): (&str, Day), on: Day, context: &mut FundContext<'_>) -> Result<(), Failure> {
        let left = self.free(on, context)?.get(purse).copied().unwrap_or_default();
        let now = context.now(self.officers.accountant, on);
        let lines = context.office.fund_statement(purse, since, on, now)?.lines;
        match lines.first().filter(|_| left.0 > 0) {
            Some(receipt) => context.office.give_back(receipt.line.id, left, on, "余款退回", now).map(drop),
            None => Ok(()),
        }
    }
}

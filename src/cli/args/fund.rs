//! What is typed to the fund's book.

use super::{ClosingCommand, GivingCommand, ReportCommand};
use clap::{Args as ClapArgs, Subcommand};
use serde::{Deserialize, Serialize};

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Fund {
    #[command(subcommand)]
    pub what: Option<FundCommand>,
    /// As it stood at the end of this day
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum FundCommand {
    /// This station keeps the book from now on: the first one, or in the place of one that is lost
    Take,
    /// Open a place: a bank account (with what is under way through it), a cash box, an advance, goods
    Place {
        /// What people call it by: small letters, digits, -
        code: String,
        /// bank, cash, advance or goods
        #[arg(long, value_name = "KIND")]
        kind: String,
        /// Its name in Chinese
        #[arg(long, value_name = "NAME")]
        zh: String,
        /// Its name in English (else the Chinese one)
        #[arg(long, value_name = "NAME")]
        en: Option<String>,
        /// The first day (else today)
        #[arg(long, value_name = "DATE")]
        since: Option<String>,
    },
    /// Open a purse: where its money is from, and what for
    Purse {
        /// What people call it by: small letters, digits, -
        code: String,
        /// S01 … S11
        #[arg(long, value_name = "CODE")]
        source: String,
        /// A kind of aid that it pays, P1 … P10; may be given several times (else every kind)
        #[arg(long = "for", value_name = "CODE")]
        kinds: Vec<String>,
        /// The one household that it is for
        #[arg(long, value_name = "NUMBER")]
        household: Option<String>,
        /// Its name in Chinese
        #[arg(long, value_name = "NAME")]
        zh: String,
        /// Its name in English (else the Chinese one)
        #[arg(long, value_name = "NAME")]
        en: Option<String>,
        /// The first day (else today)
        #[arg(long, value_name = "DATE")]
        since: Option<String>,
        /// The last day on which it may be granted or paid
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
    },
    /// What was there when the book began
    Opening {
        /// The purse's code
        purse: String,
        /// Where it lies
        place: String,
        /// How much, in yuan
        amount: String,
        #[command(flatten)]
        line: FundLine,
    },
    /// Money comes in
    Receipt {
        /// The purse's code
        purse: String,
        /// Where it comes to lie
        place: String,
        /// How much, in yuan
        amount: String,
        #[command(flatten)]
        line: FundLine,
    },
    /// From one place of the fund's to another
    Transfer {
        /// The purse's code
        purse: String,
        /// The place that it leaves
        from: String,
        /// The place that it comes to
        to: String,
        /// How much, in yuan
        amount: String,
        #[command(flatten)]
        line: FundLine,
    },
    /// Operating money goes out
    Expense {
        /// The purse's code
        purse: String,
        /// The place that it leaves
        from: String,
        /// How much, in yuan
        amount: String,
        #[command(flatten)]
        line: FundLine,
    },
    /// The bank sent a payout back, or took back what had come in
    Bank {
        /// The number of the line that it is about
        number: String,
        /// How much, in yuan
        amount: String,
        #[command(flatten)]
        line: FundLine,
    },
    /// What is left of a grant or a gift goes back to whoever gave it
    GiveBack {
        /// The number of the line that it is about
        number: String,
        /// How much, in yuan
        amount: String,
        #[command(flatten)]
        line: FundLine,
    },
    /// Take a line back by one of its own
    Reverse {
        /// The number of the line: r-general-2026-0012
        number: String,
        #[command(flatten)]
        line: FundLine,
    },
    /// Numbers of a series up to this one are void
    Void {
        /// The series: r-general-2026
        series: String,
        /// The last of them
        to: u64,
        /// Why, in words
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// The statement of a purse or a place
    Statement {
        /// The code of the purse or the place
        code: String,
        /// The first day (else the first of January)
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// The last day (else today)
        #[arg(long, value_name = "DATE")]
        to: Option<String>,
    },
    /// What a period came to: in by source, out by kind, and how many times, people and households
    Year {
        /// The year (else this one)
        year: Option<i32>,
        /// The first day, instead of the year's
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// The last day, instead of the year's
        #[arg(long, value_name = "DATE")]
        to: Option<String>,
        /// general, budget or operating (else all)
        #[arg(long, value_name = "BOOK")]
        books: Option<String>,
    },
    #[command(flatten)]
    Giving(GivingCommand),
    #[command(flatten)]
    Closing(ClosingCommand),
    #[command(flatten)]
    Report(ReportCommand),
    /// Work every sum out anew, and hold it against the rows
    Check {
        /// Up to and with this day (else every day there is)
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
    },
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct FundLine {
    /// The day that it counts from (else today)
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// The number of the paper that it rests on
    #[arg(long, value_name = "NUMBER")]
    pub paper: Option<String>,
}

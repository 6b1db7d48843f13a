//! What is typed about periods of the fund's book, and the years before it.

use super::Paper;
use clap::Subcommand;
use serde::{Deserialize, Serialize};

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum ClosingCommand {
    /// Count the end of a period: bank statements and cash boxes beside the book, each difference with why
    Count {
        /// The last day of the period, that of a month
        to: String,
        /// A place and what lies there, bank1=5000; may be given several times
        #[arg(long = "counted", value_name = "PLACE=AMOUNT")]
        counted: Vec<String>,
        /// A place and why it holds more or less than the book says, cash=TEXT
        #[arg(long = "because", value_name = "PLACE=TEXT")]
        because: Vec<String>,
    },
    /// Check a period that somebody else counted
    CheckPeriod {
        /// The last day of the period, that of a month
        to: String,
    },
    /// Close a period that was counted and checked: nothing dated in it is booked any more
    ClosePeriod {
        /// The last day of the period, that of a month
        to: String,
    },
    /// Periods, and who counted, checked and closed each
    Closings,
    /// The statement of a period as it is signed
    Closing {
        /// The last day of the period, that of a month
        to: String,
        /// The whole year that it ends
        #[arg(long)]
        year: bool,
        #[command(flatten)]
        paper: Paper,
    },
    /// About how much was paid of a kind, and how many times, in a year before the book began (0 and 0 take it back)
    Former {
        /// The year
        year: i32,
        /// The kind of aid, P1 … P10
        kind: String,
        /// How much, in yuan
        amount: String,
        /// About how many times
        #[arg(long, value_name = "COUNT")]
        times: u32,
        /// The number of the paper that it rests on
        #[arg(long = "paper", value_name = "NUMBER")]
        document: Option<String>,
    },
    /// What was paid in the years before the book began
    FormerYears,
}

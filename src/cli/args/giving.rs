//! What is typed about gifts: donors, donations, what units give, appropriations, receipts.

use super::{FundLine, Paper};
use clap::{Args as ClapArgs, Subcommand};
use serde::{Deserialize, Serialize};

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum GivingCommand {
    /// Who gave how much; names are covered for whoever does not keep donors
    Donors,
    /// What a donor gave, and what became of it: a sheet to send to them
    Donor {
        /// The donor's name, or the beginning of the id
        donor: String,
        /// As it stood at the end of this day
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
        #[command(flatten)]
        to: Paper,
    },
    /// Enter a donor: a person or an organisation outside every dossier
    NewDonor(NewDonorArgs),
    /// Book what somebody gives, into a purse that is there or one of its own
    Donate(Box<Donate>),
    /// What a unit's workers are expected to give in a period
    Pledge {
        /// The unit, by its code or name
        unit: String,
        /// How much, in yuan
        amount: String,
        #[command(flatten)]
        period: Period,
    },
    /// Book what a unit hands in, with how many gave how much
    Collect {
        /// The unit, by its code or name
        unit: String,
        /// The purse's code
        purse: String,
        /// Where it comes to lie
        place: String,
        /// How much in all, counted before
        amount: String,
        /// How many work in the unit on that day
        #[arg(long)]
        staff: u32,
        /// A sum and how many gave just that, 50x38; may be given several times
        #[arg(long = "gave", value_name = "SUMxPEOPLE", required = true)]
        gave: Vec<String>,
        #[command(flatten)]
        period: Period,
        #[command(flatten)]
        line: FundLine,
    },
    /// What units are to give and what came: expected, received, how many of how many, equal sums
    Standing {
        /// Only periods that touch this year
        year: Option<i32>,
    },
    /// What was asked for a year from above
    Asked(Appropriate),
    /// What was granted of it
    Granted(Appropriate),
    /// Asked for, granted, paid in by day, missing
    Appropriations {
        /// The year (else this one)
        year: Option<i32>,
    },
    /// The settlement of a purse for whoever gave its money: came, paid, given back, left
    Settlement {
        /// The purse's code
        purse: String,
        /// As it stood at the end of this day
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
        #[command(flatten)]
        to: Paper,
    },
    /// The register of receipts of a year, without gap
    Receipts {
        /// The year (else this one)
        year: Option<i32>,
        /// general, budget or operating
        #[arg(long, value_name = "BOOK", default_value = "general")]
        books: String,
    },
    /// The receipt of a number, as it is handed over
    ReceiptPaper {
        /// The number: r-general-2026-0012
        number: String,
        #[command(flatten)]
        to: Paper,
    },
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct NewDonorArgs {
    /// The donor's name
    pub name: String,
    /// It is no person
    #[arg(long)]
    pub organisation: bool,
    /// An ID number, or the number that an organisation is registered under
    #[arg(long, value_name = "NUMBER")]
    pub id_number: Option<String>,
    /// A phone number
    #[arg(long, value_name = "PHONE")]
    pub phone: Option<String>,
    /// Where they work, by code or name
    #[arg(long, value_name = "UNIT")]
    pub unit: Option<String>,
    /// They are not to be named in public
    #[arg(long)]
    pub unnamed: bool,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Donate {
    /// The purse's code; with --source, of a new one
    pub purse: String,
    /// Where it comes to lie
    pub place: String,
    /// How much, in yuan
    pub amount: String,
    /// Who gives, by name or the beginning of the id (else nobody is known)
    #[arg(long, value_name = "DONOR")]
    pub donor: Option<String>,
    /// Open a purse for it alone: S04, S05, S09
    #[arg(long, value_name = "CODE", requires = "zh")]
    pub source: Option<String>,
    /// A kind of aid that the new purse pays; may be given several times
    #[arg(long = "for", value_name = "CODE", requires = "source")]
    pub kinds: Vec<String>,
    /// The one household that the new purse is for
    #[arg(long, value_name = "NUMBER", requires = "source")]
    pub household: Option<String>,
    /// Its name in Chinese
    #[arg(long, value_name = "NAME", requires = "source")]
    pub zh: Option<String>,
    /// Its name in English (else the Chinese one)
    #[arg(long, value_name = "NAME", requires = "source")]
    pub en: Option<String>,
    /// The last day on which it may be granted or paid
    #[arg(long, value_name = "DATE", requires = "source")]
    pub until: Option<String>,
    #[command(flatten)]
    pub line: FundLine,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Period {
    /// The first day of the period (else the first of January)
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// The last day of the period (else the last of December)
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Appropriate {
    /// The year
    pub year: i32,
    /// S01 … S11
    pub source: String,
    /// How much, in yuan
    pub amount: String,
    #[command(flatten)]
    pub line: FundLine,
}

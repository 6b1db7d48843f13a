//! What is typed to payouts.

use crate::domain::fund::Meeting;
use clap::{Args as ClapArgs, Subcommand};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Aid {
    #[command(subcommand)]
    pub what: Option<AidCommand>,
    /// Only those that stand so: proposed, checked, refused, approved, noticed, sent, returned, paid, settled, withdrawn
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// Only those of one household
    #[arg(long, value_name = "NUMBER")]
    pub of: Option<String>,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum AidCommand {
    /// Propose a payout for a household whose dossier is open
    Propose {
        /// The dossier's number
        number: String,
        /// The kind of aid, P1 … P10
        #[arg(long = "for", value_name = "CODE")]
        kind: String,
        /// What makes it this need and no other: a school year, a hospital stay, an accident
        #[arg(long, value_name = "TEXT")]
        event: String,
        /// A purse and how much of it, fire-2018=6000; may be given several times
        #[arg(long = "from", value_name = "PURSE=AMOUNT", required = true)]
        from: Vec<String>,
        /// Why, in words
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// An emergency: paid first, papers owed by this day
        #[arg(long, value_name = "DATE")]
        papers_by: Option<String>,
    },
    /// What a household could get of each kind this year, why, and what is left
    Rules {
        /// The dossier's number
        number: String,
    },
    /// What the household had over the years, line by line
    Timeline {
        /// The dossier's number
        number: String,
    },
    /// Papers and account holder are in order
    Check {
        /// The beginning of the payout's number
        payout: String,
    },
    /// Not granted
    Refuse {
        /// The beginning of the payout's number
        payout: String,
        /// Why, in words
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Granted, by whoever approves or by a meeting; what it takes is reserved
    Approve {
        /// The beginning of the payout's number
        payout: String,
        #[command(flatten)]
        vote: Vote,
    },
    /// Posted publicly from today on
    Post {
        /// The beginning of the payout's number
        payout: String,
        /// For so many days (else as many as the rules want, and never fewer)
        #[arg(long)]
        days: Option<i32>,
    },
    /// Given up after it was granted
    Withdraw {
        /// The beginning of the payout's number
        payout: String,
        /// Why, in words
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Send what is granted and posted through a bank account
    Send {
        /// The code of the bank account
        bank: String,
        /// So many lines, counted before
        #[arg(long)]
        count: usize,
        /// And so much in all
        #[arg(long, value_name = "AMOUNT")]
        sum: String,
        /// These alone
        payouts: Vec<String>,
    },
    /// The file for the bank, of a batch that was sent (csv, on standard output)
    File {
        /// The beginning of the batch's number
        batch: String,
    },
    /// Take the bank's answer to a batch in: csv with reference, name, account, amount, result
    Answer {
        /// The beginning of the batch's number
        batch: String,
        /// The csv file
        file: PathBuf,
    },
    /// Hand it out in cash, against a signature
    Pay {
        /// The beginning of the payout's number
        payout: String,
        /// The cash box or advance that it comes from
        #[arg(long, value_name = "PLACE")]
        from: String,
        /// Who signed: the worker, or a proxy and the letter
        #[arg(long, value_name = "TEXT")]
        signed: String,
    },
    /// The signed sheet, or the papers that were owed, are there
    Settle {
        /// The beginning of the payout's number
        payout: String,
        /// The number of the paper
        #[arg(long, value_name = "TEXT")]
        paper: String,
    },
}

/// What a meeting decided, for the acts that one may decide.
#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Vote {
    /// The number of the meeting's minutes
    #[arg(long, value_name = "NUMBER", requires_all = ["members", "present", "yes"])]
    meeting: Option<String>,
    /// How many members it has
    #[arg(long)]
    members: Option<u16>,
    /// How many of them were there
    #[arg(long)]
    present: Option<u16>,
    /// How many were for it
    #[arg(long)]
    yes: Option<u16>,
    /// How many were against it
    #[arg(long, default_value_t = 0)]
    no: u16,
    /// Those who stood aside
    #[arg(long, default_value_t = 0)]
    aside: u16,
}

impl Vote {
    /// The meeting, where one was named.
    pub fn meeting(&self) -> Option<Meeting> {
        Some(Meeting {
            document: self.meeting.clone()?,
            members: self.members.unwrap_or(0),
            present: self.present.unwrap_or(0),
            votes_for: self.yes.unwrap_or(0),
            votes_against: self.no,
            aside: self.aside,
        })
    }
}

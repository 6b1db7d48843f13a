//! What is typed to campaigns and to persons outside dossiers.

use super::{Paper, RollAsked, Vote};
use clap::{Args as ClapArgs, Subcommand};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Campaign {
    #[command(subcommand)]
    pub what: Option<CampaignCommand>,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum CampaignCommand {
    /// Begin a campaign: a kind of help, a festival, days, and what each class of people is handed
    New {
        /// What people call it by: small letters, digits, -
        code: String,
        /// The kind of aid, P1 … P10
        #[arg(long = "for", value_name = "CODE", default_value = "P6")]
        kind: String,
        /// The festival or the school year: nobody has the same kind for the same one twice
        #[arg(long, value_name = "TEXT")]
        event: String,
        /// The first day on which it is handed over
        #[arg(long, value_name = "DATE")]
        from: String,
        /// The last day on which it is handed over; what is left then is the purse's again
        #[arg(long, value_name = "DATE")]
        until: String,
        /// The purse that it is paid of
        #[arg(long, value_name = "PURSE")]
        purse: String,
        /// A class and what each of it is handed, retired=500, or retired=500@PURSE of another purse; again for another
        #[arg(long = "class", value_name = "CLASS=AMOUNT", required = true)]
        classes: Vec<String>,
        /// Its name in Chinese
        #[arg(long, value_name = "NAME")]
        zh: String,
        /// Its name in English (else the Chinese one)
        #[arg(long, value_name = "NAME")]
        en: Option<String>,
    },
    /// Put people on its list: households of the roll, or persons of a file
    Add(Box<CampaignAdd>),
    /// Its list: who is taken out and why, how each line stands
    List {
        /// The campaign's code
        campaign: String,
    },
    /// Take lines off the list by hand
    Drop {
        /// The campaign's code
        campaign: String,
        /// Their numbers on the list: 1-30,45
        lines: String,
        /// Why, in words
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Counted by somebody else than those who made the list
    Check {
        /// The campaign's code
        campaign: String,
        /// So many people, counted before
        #[arg(long)]
        count: usize,
        /// And so much in all
        #[arg(long, value_name = "AMOUNT")]
        sum: String,
    },
    /// Open a list again that was checked
    Reopen {
        /// The campaign's code
        campaign: String,
        /// Why, in words
        #[arg(long, value_name = "TEXT")]
        why: String,
    },
    /// Granted, by whoever approves or by a meeting; what it takes is reserved
    Approve {
        /// The campaign's code
        campaign: String,
        #[command(flatten)]
        vote: Vote,
    },
    /// The sheet to sign on, unit by unit; that it goes out is recorded
    Sheet {
        /// The campaign's code
        campaign: String,
        /// Of this unit alone; again for another
        #[arg(long = "unit", value_name = "UNIT")]
        units: Vec<String>,
        #[command(flatten)]
        to: Paper,
    },
    /// Lines were handed over against a signature
    Handed {
        /// The campaign's code
        campaign: String,
        /// Their numbers on the list: 1-30,45
        lines: String,
        /// The cash box or advance that it comes from
        #[arg(long, value_name = "PLACE")]
        from: String,
        /// The day (else today)
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
        /// Who signed for them, with a letter
        #[arg(long, value_name = "NAME", requires = "relation")]
        proxy: Option<String>,
        /// What the proxy is to them
        #[arg(long, value_name = "TEXT", requires = "proxy")]
        relation: Option<String>,
    },
    /// Lines were not handed over: what was reserved is free again
    Returned {
        /// The campaign's code
        campaign: String,
        /// Their numbers on the list: 1-30,45
        lines: String,
        /// Why, in words
        #[arg(long, value_name = "TEXT")]
        why: String,
        /// The day (else today)
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
    },
    /// Close it, once every line was handed over or came back; or give it up before it is granted
    Close {
        /// The campaign's code
        campaign: String,
    },
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct CampaignAdd {
    /// The campaign's code
    pub campaign: String,
    /// A workbook or csv: name, ID number, unit, class, phone
    pub file: Option<PathBuf>,
    /// The class of all of them (of a file, where it has no such column)
    #[arg(long, value_name = "CLASS")]
    pub class: Option<String>,
    /// The households of a question to the roll that was saved; filters given besides are added to it
    #[arg(long, value_name = "NAME", conflicts_with = "file")]
    pub saved: Option<String>,
    #[command(flatten)]
    pub asked: RollAsked,
    /// The sheet of the workbook (else the one that looks most like a roll)
    #[arg(long, value_name = "NAME", requires = "file")]
    pub sheet: Option<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Person {
    #[command(subcommand)]
    pub what: PersonCommand,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum PersonCommand {
    /// Find them by a part of the name, or a whole ID number or phone; by nothing, all of one's units
    Find {
        /// What to look for
        query: Option<String>,
    },
    /// They are one of a household after all: what they were given counts as the household's, and they are counted once
    Link {
        /// The person: a name, a whole number, the beginning of the id
        person: String,
        /// The dossier's number
        number: String,
    },
    /// They are none of that household
    Unlink {
        /// The person: a name, a whole number, the beginning of the id
        person: String,
        /// The dossier's number
        number: String,
    },
}

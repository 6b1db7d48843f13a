//! What is typed about the bureau: its units, its people, its numbers.

use clap::{Args as ClapArgs, Subcommand};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Numbers {
    #[command(subcommand)]
    pub what: NumbersCommand,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum NumbersCommand {
    /// Who gives numbers, what is issued, which blocks are out
    Show,
    /// Hand the next block of a series (150785-2026) to a station
    Block {
        /// The series: the bureau's division and the year
        series: String,
        /// The beginning of the station's id
        #[arg(long, value_name = "STATION")]
        station: String,
    },
    /// Let another station give numbers from now on
    Authority {
        /// The beginning of the station's id
        #[arg(long, value_name = "STATION")]
        to: String,
    },
    /// Give a number to every dossier that has a provisional one only
    Give,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Units {
    #[command(subcommand)]
    pub what: UnitsCommand,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum UnitsCommand {
    /// The tree of a day
    List {
        /// The day (else today)
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
        /// All rows of all times, as import reads them
        #[arg(long)]
        csv: bool,
    },
    /// Take over a csv file: rows that are new or changed are added, none is taken away
    Import {
        /// The csv file
        file: PathBuf,
    },
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct User {
    #[command(subcommand)]
    pub what: UserCommand,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Bureau {
    #[command(subcommand)]
    pub what: Option<BureauCommand>,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum BureauCommand {
    /// How the bureau is called on its papers, from today on
    Name {
        /// The name
        name: String,
        /// The name in Latin letters
        #[arg(long, value_name = "NAME")]
        en: Option<String>,
    },
    /// The language of whoever has none of their own (--lang, LANG)
    Language {
        /// zh or en
        language: String,
    },
    /// The size of the office: full (whoever surveys does not review) or small
    Size {
        /// full or small
        size: String,
    },
    /// The bureau's administrative division from today on; it is recorded, and numbers that were given stay
    Division {
        /// Six digits
        code: String,
    },
    /// How many days a notice hangs at least, first and last included, and how days are counted here
    Notice {
        /// So many days
        days: i32,
        /// calendar: every day; moved: every day, and what ends on a day of rest ends on the next working day; working: working days alone
        #[arg(long, value_name = "HOW", default_value = "calendar")]
        count: String,
    },
    /// How many days after it was accepted a household is still entered (else however many)
    Acceptance {
        /// So many days
        days: Option<i32>,
    },
    /// By what cases are judged from today on: how old a survey may be, how long a household is above the line before it is out, when a step is shown as late
    Term {
        /// survey_days, months_above or late_days
        what: String,
        /// So many
        count: i32,
    },
    /// A day on which this bureau works or rests, whatever the country does
    Day {
        /// The day
        day: String,
        /// working, closed, or usual: as the country has it
        kind: String,
    },
    /// A year's holidays, by whose notice, and the bureau's own days
    Calendar {
        /// The year (else this one)
        year: Option<i32>,
    },
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum UserCommand {
    /// Everybody, with roles, units and how they get in
    List,
    /// Somebody new, or other roles, units or a key for somebody who is there
    #[command(alias = "set")]
    Add(UserAdd),
    /// Someone goes: today is their last day, and their keys let nobody in from now on. With --key or --uid: that one only
    End {
        /// Their name
        name: String,
        /// Their last day; until then everything stays as it is
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
        /// The beginning of the key's fingerprint (SHA256:...)
        #[arg(long, value_name = "FINGERPRINT", conflicts_with = "on")]
        key: Option<String>,
        /// The user of this machine
        #[arg(long, conflicts_with_all = ["on", "key"])]
        uid: Option<u32>,
    },
    /// A user of this machine under whom the system's sshd runs dossier, and whose program may name who it is
    Gateway {
        /// The user's number
        uid: u32,
        /// No longer
        #[arg(long)]
        end: bool,
    },
    /// Who may do what, and how far: by role, or for one person
    Duties {
        /// One person (else by role)
        name: Option<String>,
    },
    /// The size of the office: full (whoever surveys does not review) or small
    Office {
        /// full or small
        size: String,
    },
    /// The bureau's administrative division from today on; it is recorded, and numbers that were given stay
    Division {
        /// Six digits
        code: String,
    },
    /// This machine's user, who opened the folder, is that officer from now on; it is recorded
    Claim {
        /// The officer's name
        name: String,
    },
    /// Who came in, was refused, went; the latest first
    Log {
        /// Who looked at which household instead
        #[arg(long)]
        reads: bool,
        /// From this day (else the last 30 days)
        #[arg(long, value_name = "DATE")]
        since: Option<String>,
        /// The most lines that are shown
        #[arg(long, default_value_t = 200)]
        limit: usize,
    },
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct UserAdd {
    /// Their name
    pub name: String,
    /// Their name in Latin letters
    #[arg(long, value_name = "NAME")]
    pub en: Option<String>,
    /// surveyor, reviewer, approver, cashier, accountant, supervisor, system_administrator, security_administrator, audit_administrator
    #[arg(long = "role", value_name = "ROLE")]
    pub roles: Vec<String>,
    /// Codes of units whose households are seen, with all below them (else all)
    #[arg(long = "unit", value_name = "CODE")]
    pub units: Vec<String>,
    /// Their public key of SSH, a file (id_ed25519.pub); - is standard input
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// The user of this machine that is them
    #[arg(long)]
    pub uid: Option<u32>,
    /// The last day of the key or the uid, or else of the person
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// Networks that the key may be used from (10.20.0.0/16); else any
    #[arg(long = "from", value_name = "NETWORK", requires = "key")]
    pub from: Vec<String>,
}

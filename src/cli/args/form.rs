//! What is typed about forms and rule sets.

use clap::{Args as ClapArgs, Subcommand};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Form {
    #[command(subcommand)]
    pub what: FormCommand,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum FormCommand {
    /// Everything that is wrong with a form
    Check {
        /// An XLSForm workbook or a folder of csv files
        file: PathBuf,
    },
    /// The state that a script of answers leads to
    Run {
        /// An XLSForm workbook or a folder of csv files
        file: PathBuf,
        /// The steps, one JSON document
        #[arg(long, value_name = "FILE")]
        script: PathBuf,
        /// What the form's metadata is filled with: deviceid=…, username=…, email=…, phonenumber=…, or any other name
        #[arg(long, value_name = "NAME=VALUE")]
        property: Vec<String>,
    },
    /// Why a question is shown, required, refused or has its value after a script of answers
    Why {
        /// An XLSForm workbook or a folder of csv files
        file: PathBuf,
        /// The question: `group/roster[2]/name`
        path: String,
        /// The steps, one JSON document
        #[arg(long, value_name = "FILE")]
        script: PathBuf,
    },
    /// Takes a form into the store, as a new version if it is there already
    Add {
        /// An XLSForm workbook or a folder of csv files
        file: PathBuf,
    },
    /// Every version of every form in the store
    List,
    /// Writes a form of the store as csv files
    Export {
        /// The form's id
        id: String,
        /// The version (else the latest)
        #[arg(long)]
        version: Option<String>,
        /// A new folder
        #[arg(long, value_name = "FOLDER")]
        to: PathBuf,
    },
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Rules {
    #[command(subcommand)]
    pub what: RulesCommand,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum RulesCommand {
    /// Every rule set, with its days in force
    List,
    /// One rule set, with the source of each value
    Show {
        /// The rule set's id
        id: String,
    },
    /// What a rule set makes of facts
    Decide {
        /// The facts, one JSON document
        #[arg(long, value_name = "FILE")]
        facts: PathBuf,
        /// The rule set (else the one in force)
        #[arg(long, value_name = "ID")]
        set: Option<String>,
        /// The day (else today)
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
    },
    /// Make a rule set the bureau's own, by the paper that decided it (for approvers and supervisors)
    Adopt {
        /// The rule set's id
        #[arg(required_unless_present = "file", conflicts_with = "file")]
        id: Option<String>,
        /// A rule set of the bureau's own, as TOML; its id is in it
        #[arg(long, value_name = "FILE")]
        file: Option<PathBuf>,
        /// The file holds standards of aid, not a rule set
        #[arg(long, requires = "file")]
        aid: bool,
        /// The file holds the holidays of a year, not a rule set
        #[arg(long, requires = "file", conflicts_with = "aid")]
        calendar: bool,
        /// The paper: who decided, its number
        #[arg(long, value_name = "PAPER")]
        paper: String,
        /// The day it was decided (else today)
        #[arg(long, value_name = "DATE")]
        decided_on: Option<String>,
        /// In force from (else as the set says)
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// The last day (else as the set says)
        #[arg(long, value_name = "DATE")]
        until: Option<String>,
    },
    /// Rule sets that the bureau has made its own: by which paper, from when to when
    Adopted,
    /// A rule set as TOML, whole: as it was adopted, else as the program brings it
    Export {
        /// The rule set's id
        id: String,
    },
    /// Decisions that other rules would make now, since these were published late: who moves where
    Touched,
    /// A proposed rule set over all dossiers: who moves where
    Replay {
        /// The rule set as TOML
        file: PathBuf,
    },
}

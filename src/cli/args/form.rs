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
    Check { file: PathBuf },
    /// The state that a script of answers leads to
    Run {
        file: PathBuf,
        #[arg(long, value_name = "FILE")]
        script: PathBuf,
        /// What the form's metadata is filled with: deviceid=…, username=…, email=…, phonenumber=…, or any other name
        #[arg(long, value_name = "NAME=VALUE")]
        property: Vec<String>,
    },
    /// Why a question is shown, required, refused or has its value after a script of answers
    Why {
        file: PathBuf,
        /// The question: `group/roster[2]/name`
        path: String,
        #[arg(long, value_name = "FILE")]
        script: PathBuf,
    },
    /// Takes a form into the store, as a new version if it is there already
    Add { file: PathBuf },
    /// Every version of every form in the store
    List,
    /// Writes a form of the store as csv files
    Export {
        id: String,
        /// The version (else the latest)
        #[arg(long)]
        version: Option<String>,
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
    Show { id: String },
    /// What a rule set makes of facts
    Decide {
        #[arg(long, value_name = "FILE")]
        facts: PathBuf,
        /// The rule set (else the one in force)
        #[arg(long, value_name = "ID")]
        set: Option<String>,
        /// The day (else today)
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
    },
    /// A proposed rule set over all dossiers: who moves where
    Replay { file: PathBuf },
}

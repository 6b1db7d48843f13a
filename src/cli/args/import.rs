//! What is typed to bring a roll in that was kept elsewhere, and to take it over.

use clap::Args as ClapArgs;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Import {
    /// The roll: .xlsx, .xls, .ods or csv, one line a household or one a person
    pub file: PathBuf,
    /// Which column fills which question, as --save-map writes it (else by the headings)
    #[arg(long, value_name = "MAP.toml")]
    pub map: Option<PathBuf>,
    /// Write the map into a file, to be changed and given with --map
    #[arg(long, value_name = "MAP.toml")]
    pub save_map: Option<PathBuf>,
    /// The sheet of the workbook (else the one that looks most like a roll)
    #[arg(long, value_name = "NAME")]
    pub sheet: Option<String>,
    /// The day of the roll: it says how things were then (else today)
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// Say what would become of each household, and keep nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write the roll again with what is wrong on each line, to be corrected and brought in again: .xlsx or .csv
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Write over a plain file of your own that stands there (never within the data folder)
    #[arg(long)]
    #[serde(default)]
    pub replace: bool,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct TakeOver {
    /// Rolls that were brought in, each by eight digits of its id (else: which there are)
    pub rolls: Vec<String>,
    /// On what paper they are taken over
    #[arg(long, value_name = "TEXT", requires = "rolls")]
    pub paper: Option<String>,
    /// Who signed the paper
    #[arg(long, value_name = "NAME", requires = "rolls")]
    pub signed: Option<String>,
}

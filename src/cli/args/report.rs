//! What is typed to count aid.

use super::Paper;
use clap::{Args as ClapArgs, Subcommand};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum ReportCommand {
    /// Aid counted by kind, year, unit, source, category or purse; or the lines of one group
    Report {
        /// kind, year, unit, source, category or purse
        #[arg(long, value_name = "BY", default_value = "kind")]
        by: String,
        /// Within each group, by another of them
        #[arg(long, value_name = "BY")]
        then: Option<String>,
        /// Only of purses of this source, S01 … S11
        #[arg(long, value_name = "CODE")]
        source: Option<String>,
        /// general, budget or operating (else all)
        #[arg(long, value_name = "BOOK")]
        books: Option<String>,
        /// The lines of this group alone: a code, a year, a unit
        #[arg(long, value_name = "GROUP")]
        open: Option<String>,
        #[command(flatten)]
        days: ReportDays,
        #[command(flatten)]
        out: ReportOut,
    },
    /// The list for the upper union: what was paid of a source's money, names covered; that it goes out is recorded
    Upper {
        /// S01 … S11
        source: String,
        #[command(flatten)]
        days: ReportDays,
        #[command(flatten)]
        out: ReportOut,
    },
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct ReportDays {
    /// The first day (else the first of January)
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// The last day (else today)
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct ReportOut {
    /// As a workbook, into a new file
    #[arg(long, value_name = "FILE", conflicts_with_all = ["csv", "file"])]
    pub xlsx: Option<PathBuf>,
    /// As csv, into a new file (- is standard output)
    #[arg(long, value_name = "FILE", conflicts_with = "file")]
    pub csv: Option<PathBuf>,
    #[command(flatten)]
    pub paper: Paper,
}

impl ReportOut {
    /// The file that is named, whichever it is.
    pub fn file(&mut self) -> Option<&mut PathBuf> {
        self.xlsx.as_mut().or(self.csv.as_mut()).or(self.paper.file.as_mut())
    }
}

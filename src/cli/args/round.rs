//! What is typed to rounds of surveys.

use super::Paper;
use clap::{Args as ClapArgs, Subcommand};
use serde::{Deserialize, Serialize};

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Round {
    #[command(subcommand)]
    pub what: Option<RoundCommand>,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum RoundCommand {
    /// Open a round: the households that are due by its last day are drawn and kept
    Open {
        /// What the round is called
        name: String,
        /// Its first day
        #[arg(long, value_name = "DATE")]
        from: String,
        /// Its last day
        #[arg(long, value_name = "DATE")]
        to: String,
        /// Of this unit, with all below it
        #[arg(long, value_name = "UNIT", value_delimiter = ',')]
        unit: Vec<String>,
        /// Every household that was ever surveyed, due or not
        #[arg(long)]
        all: bool,
        /// Say who would be drawn, and keep nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// The households of a round
    List {
        /// The round's name, or eight digits of its id
        round: String,
        #[command(flatten)]
        asked: RoundAsked,
    },
    /// How a round stands, by unit or by officer
    Board {
        /// The round's name, or eight digits of its id
        round: String,
        /// unit, person
        #[arg(long, value_name = "BY", default_value = "unit")]
        by: String,
        #[command(flatten)]
        asked: RoundAsked,
    },
    /// Say who visits these households
    Assign {
        /// The round's name, or eight digits of its id
        round: String,
        /// The dossiers' numbers, or their ids
        #[arg(required = true)]
        numbers: Vec<String>,
        /// Who visits them (else nobody any more)
        #[arg(long, value_name = "USER")]
        to: Option<String>,
    },
    /// Propose who visits the households that have nobody: each unit along its roads, evenly
    Propose {
        /// The round's name, or eight digits of its id
        round: String,
        /// Of this unit, with all below it
        #[arg(long, value_name = "UNIT", value_delimiter = ',')]
        unit: Vec<String>,
        /// Assign them so
        #[arg(long)]
        assign: bool,
    },
    /// Note what came of a visit: surveyed, refused, away, not_found, moved, other
    Visit {
        /// The dossier's number, or its id
        number: String,
        /// What came of it
        outcome: String,
        /// The round's name, or eight digits of its id (else the only open one that it stands in)
        #[arg(long, value_name = "ROUND")]
        round: Option<String>,
        /// The day of the visit (else today)
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
        /// When to go again
        #[arg(long, value_name = "DATE")]
        next: Option<String>,
        /// Nobody goes again in this round
        #[arg(long = "final")]
        is_final: bool,
        /// What is to be known, in words
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        /// Why it is opened, where it is another unit's or its case is over
        #[arg(long, value_name = "WHY")]
        why: Option<String>,
    },
    /// The visits to a household
    Visits {
        /// The dossier's number, or its id
        number: String,
        /// Why it is opened, where it is another unit's or its case is over
        #[arg(long, value_name = "WHY")]
        why: Option<String>,
    },
    /// The visit sheets of a day: whom to go to, and what to take along
    Sheet {
        /// The round's name, or eight digits of its id
        round: String,
        #[command(flatten)]
        to: Paper,
        /// The day (else today)
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
        /// Of whom (else of whoever prints, or of all where they survey nobody)
        #[arg(long, value_name = "USER")]
        of: Option<String>,
    },
    /// Close a round in which every household has a survey or a final outcome
    Close {
        /// The round's name, or eight digits of its id
        round: String,
    },
    /// Surveys that were entered more than 30 working days after the day on the paper, or not yet
    Lag {
        /// Those whose last day in time fell on this day or later (else the first of January)
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// And on this day or earlier (else today)
        #[arg(long, value_name = "DATE")]
        to: Option<String>,
    },
}

#[derive(ClapArgs, Clone, Default, Serialize, Deserialize)]
pub struct RoundAsked {
    /// due, begun, done, refused, away, not_found, moved, other, gone
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    pub state: Vec<String>,
    /// Of this unit, with all below it
    #[arg(long, value_name = "UNIT", value_delimiter = ',')]
    pub unit: Vec<String>,
    /// Those that this officer is assigned to
    #[arg(long, value_name = "USER")]
    pub officer: Option<String>,
    /// Those that nobody is assigned to
    #[arg(long, conflicts_with = "officer")]
    pub unassigned: bool,
    /// Those that somebody has to go to on this day
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// Those that never had any aid
    #[arg(long)]
    pub never_helped: bool,
    /// Those of which nothing was surveyed or decided for a year
    #[arg(long)]
    pub unchanged: bool,
    /// Those with records that do not fit the round
    #[arg(long)]
    pub irregular: bool,
}

//! What is typed about households: found, read, surveyed, moved on, asked about, erased.

use clap::{Args as ClapArgs, Subcommand};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Lookup {
    /// What to look for; several words must all fit
    #[arg(required = true)]
    pub query: Vec<String>,
    /// The most that are shown
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
    /// One line a household: category, status, next survey, what to mind
    #[arg(long)]
    #[serde(default)]
    pub line: bool,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Queue {
    /// For what: check, deliberate, endorse, post, notice_runs, approve, open, decide, ends, papers, close, visit
    pub waits: Option<String>,
    /// What waits for others too
    #[arg(long)]
    pub all: bool,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Show {
    /// The dossier's number, or its id
    pub number: String,
    /// As it stands about this day
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// As it was known at the end of this day
    #[arg(long, value_name = "DATE")]
    pub known: Option<String>,
    /// Read this survey whole, by its version's number (`2.1`: as first submitted)
    #[arg(long, value_name = "VERSION")]
    pub survey: Option<String>,
    /// One answer through all surveys, by its question's number, or its name or place in the form: what it was, when, by whom
    #[arg(long, value_name = "QUESTION")]
    #[serde(default)]
    pub question: Option<String>,
    /// Spell out names and numbers that are masked; leaves a record of who looked
    #[arg(long, value_name = "WHY")]
    pub reveal: Option<String>,
    /// Why it is opened, where it is another unit's or its case is over
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Diff {
    /// The dossier's number, or its id
    pub number: String,
    /// The earlier version, `2.1`: as first submitted, `2.2`: as corrected, or a record (else the last but one)
    pub earlier: Option<String>,
    /// The later version, likewise (else the last)
    pub later: Option<String>,
    /// Why it is opened, where it is another unit's or its case is over
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Review {
    /// The dossier's number, or its id
    pub number: String,
    /// This survey, by its version's number (else the latest)
    #[arg(long, value_name = "VERSION")]
    pub survey: Option<String>,
    /// Spell out names and numbers that are masked; leaves a record of who looked
    #[arg(long, value_name = "WHY")]
    pub reveal: Option<String>,
    /// Why it is opened, where it is another unit's or its case is over
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Explain {
    /// The dossier's number, or its id
    pub number: String,
    /// As it stands about this day
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
    /// As it was known at the end of this day
    #[arg(long, value_name = "DATE")]
    pub known: Option<String>,
    /// Also what would change it (for reviewers and approvers)
    #[arg(long)]
    pub flips: bool,
    /// Why it is opened, where it is another unit's or its case is over
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Survey {
    /// The dossier's number
    #[arg(required_unless_present = "new", conflicts_with = "new")]
    pub number: Option<String>,
    /// A household without a dossier
    #[arg(long)]
    pub new: bool,
    /// An XLSForm workbook or csv folder, or the id of a form in the store (else the hardship survey)
    #[arg(long, value_name = "FILE")]
    pub form: Option<PathBuf>,
    /// Steps from a file instead of the screen; - is standard input
    #[arg(long, value_name = "FILE")]
    pub answers: Option<PathBuf>,
    /// The survey's day (else today)
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// Correct this version instead of adding one
    #[arg(long, value_name = "VERSION", requires = "number")]
    pub correct: Option<u32>,
    /// Ask only what changed since the last survey; the rest stands with its age
    #[arg(long, requires = "number", conflicts_with = "correct")]
    #[serde(default)]
    pub update: bool,
    /// Keep the survey beside another that was submitted meanwhile
    #[arg(long)]
    pub beside: bool,
    /// Keep the same answers file once more (else it is answered with the first receipt)
    #[arg(long, requires = "answers")]
    #[serde(default)]
    pub again: bool,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Case {
    /// The dossier's number, or its id
    pub number: String,
    /// The step to take (else how the case stands, and what is in the way of the next steps)
    pub step: Option<String>,
    /// The day of the step (else today)
    #[arg(long, value_name = "DATE", requires = "step")]
    pub on: Option<String>,
    /// A code; when closing, one of list close_reason
    #[arg(long, value_name = "CODE", requires = "step")]
    pub reason: Option<String>,
    /// In words; sealed with the dossier
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
    /// What is asked about an answer with the step, QUESTION=WORDS; several times for several
    #[arg(long = "ask", value_name = "QUERY", requires = "step")]
    pub asks: Vec<String>,
    /// The last day of a notice; the day until which a paper is owed or waived
    #[arg(long, value_name = "DATE", requires = "step")]
    pub until: Option<String>,
    /// The final category, where it is not the computed one
    #[arg(long, value_name = "CODE", requires = "step")]
    pub category: Option<String>,
    /// Who deliberated and voted, by name
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "step")]
    pub members: Vec<String>,
    /// Who stood aside
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "members")]
    pub aside: Vec<String>,
    /// How many the committee has (else those named)
    #[arg(long, value_name = "N", requires = "members")]
    pub committee: Option<u32>,
    /// How many agreed
    #[arg(long, value_name = "N", requires = "members")]
    pub agreed: Option<u32>,
    /// How many were against
    #[arg(long, value_name = "N", requires = "members")]
    pub against: Option<u32>,
    /// Exclusions that are overridden (X1, X5)
    #[arg(long, value_name = "CODE", value_delimiter = ',', requires = "step")]
    pub codes: Vec<String>,
    /// Papers seen as originals (codes of list paper)
    #[arg(long, value_name = "PAPER", value_delimiter = ',', requires = "step")]
    pub seen: Vec<String>,
    /// Papers of which a copy was seen
    #[arg(long, value_name = "PAPER", value_delimiter = ',', requires = "step")]
    pub copy: Vec<String>,
    /// Papers that are owed
    #[arg(long, value_name = "PAPER", value_delimiter = ',', requires = "step")]
    pub owed: Vec<String>,
    /// Papers without which an approver lets the case go on (--until, --why)
    #[arg(long, value_name = "PAPER", value_delimiter = ',', requires = "until")]
    pub waive: Vec<String>,
    /// How an application came: a code of list channel
    #[arg(long, value_name = "CODE", requires = "step")]
    pub channel: Option<String>,
    /// Who applied: a code of list asker
    #[arg(long, value_name = "CODE", requires = "step")]
    pub asker: Option<String>,
    /// By name, where it is not the worker; of an objection, whoever objects
    #[arg(long, value_name = "NAME", requires = "step")]
    pub name: Option<String>,
    /// How to reach whoever objects
    #[arg(long, value_name = "CONTACT", requires = "step")]
    pub contact: Option<String>,
    /// Which objection is settled, by its number (else the only open one)
    #[arg(long, value_name = "N", requires = "step")]
    pub objection: Option<usize>,
    /// The objection was right
    #[arg(long, requires = "step")]
    pub upheld: bool,
    /// What is asked for: codes of list help
    #[arg(long, value_name = "CODE", value_delimiter = ',', requires = "step")]
    pub wants: Vec<String>,
    /// At which level the household is kept: a code of list level
    #[arg(long, value_name = "CODE", requires = "step")]
    #[serde(default)]
    pub level: Option<String>,
    /// What the union above says of it: a code of list upper_state
    #[arg(long, value_name = "CODE", requires = "step")]
    #[serde(default)]
    pub upper: Option<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Status {
    /// The dossier's number, or its id
    pub number: String,
    /// The step to take (else where it stands, and which steps there are)
    pub to: Option<String>,
    /// The day of the step (else today)
    #[arg(long, value_name = "DATE", requires = "to")]
    pub on: Option<String>,
    /// A code; when closing, one of list close_reason
    #[arg(long, value_name = "CODE", requires = "to")]
    pub reason: Option<String>,
    /// In words; sealed with the dossier
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
    /// Withdraw the last step instead: its day was wrong, or it was taken by mistake
    #[arg(long, conflicts_with = "to", requires = "why")]
    #[serde(default)]
    pub withdraw: bool,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Draft {
    #[command(subcommand)]
    pub what: DraftCommand,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum DraftCommand {
    /// Those that there are
    List,
    /// Let another surveyor go on with somebody's draft (for supervisors; it is recorded)
    HandOver {
        /// The beginning of the draft's id
        id: String,
        /// Who goes on with it
        to: String,
        /// The reason; it is recorded
        #[arg(long, value_name = "WHY")]
        why: String,
    },
    /// Throw a draft away; of somebody else's a supervisor says why
    Discard {
        /// The beginning of the draft's id
        id: String,
        /// The reason; it is recorded
        #[arg(long, value_name = "WHY")]
        why: Option<String>,
    },
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Query {
    /// The dossier's number, or its id (else every dossier with open queries)
    pub number: Option<String>,
    /// Ask about the answer to this question: its number, its name or its path
    #[arg(long, value_name = "QUESTION", requires_all = ["number", "text"])]
    pub ask: Option<String>,
    /// Of which survey (else the latest)
    #[arg(long, value_name = "VERSION", requires = "ask")]
    pub version: Option<u32>,
    /// Answer the dossier's query of this number
    #[arg(long, value_name = "N", requires_all = ["number", "text"], conflicts_with = "ask")]
    pub answer: Option<String>,
    /// Close the dossier's query of this number
    #[arg(long, value_name = "N", requires = "number", conflicts_with_all = ["ask", "answer"])]
    pub close: Option<String>,
    /// The words
    pub text: Option<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Erase {
    /// Numbers or ids of dossiers; none: those whose time is up are listed
    pub numbers: Vec<String>,
    /// A person outside dossiers, by the beginning of the id; again for another
    #[arg(long = "person", value_name = "ID", conflicts_with_all = ["numbers", "due"])]
    #[serde(default)]
    pub persons: Vec<String>,
    /// All whose time is up
    #[arg(long, conflicts_with = "numbers")]
    pub due: bool,
    /// Do it. Without this it is only told what would be done: nothing brings an erased part back
    #[arg(long)]
    pub confirm: bool,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Print {
    #[command(subcommand)]
    pub what: PrintCommand,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum PrintCommand {
    /// A survey as the form that is filed, with boxes for opinions and signatures
    Form {
        /// The dossier's number, or its id
        number: String,
        /// Which survey, by its version's number (else the latest)
        #[arg(long, value_name = "VERSION")]
        survey: Option<u32>,
        #[command(flatten)]
        to: PrintTo,
    },
    /// A form to be filled in by hand
    Blank {
        /// The id of a form in the store (else the hardship survey)
        #[arg(long, value_name = "FORM")]
        form: Option<String>,
        #[command(flatten)]
        to: PrintTo,
    },
    /// What changed between two surveys
    Changes {
        /// The dossier's number, or its id
        number: String,
        /// The earlier version (else the last but one)
        #[arg(long, value_name = "VERSION")]
        from: Option<u32>,
        /// The later version (else the last)
        #[arg(long, value_name = "VERSION")]
        until: Option<u32>,
        #[command(flatten)]
        to: PrintTo,
    },
    /// A survey in the order of the national form, a box to tick beside each field: for copying it there by hand
    Copy {
        /// The dossier's number, or its id
        number: String,
        /// Which survey, by its version's number (else the latest)
        #[arg(long, value_name = "VERSION")]
        survey: Option<u32>,
        #[command(flatten)]
        to: PrintTo,
    },
    /// What to take along: the household's people, last answers, room for new ones; amounts stand empty
    Visit {
        /// The dossier's number, or its id
        number: String,
        #[command(flatten)]
        to: PrintTo,
    },
}

impl PrintCommand {
    pub fn to(&self) -> &PrintTo {
        match self {
            PrintCommand::Form { to, .. }
            | PrintCommand::Blank { to, .. }
            | PrintCommand::Changes { to, .. }
            | PrintCommand::Copy { to, .. }
            | PrintCommand::Visit { to, .. } => to,
        }
    }

    pub fn to_mut(&mut self) -> &mut PrintTo {
        match self {
            PrintCommand::Form { to, .. }
            | PrintCommand::Blank { to, .. }
            | PrintCommand::Changes { to, .. }
            | PrintCommand::Copy { to, .. }
            | PrintCommand::Visit { to, .. } => to,
        }
    }
}

/// Where a sheet goes, and as what.
#[derive(ClapArgs, Clone, Default, Serialize, Deserialize)]
pub struct Paper {
    /// A new file (else, or with -, standard output)
    pub file: Option<PathBuf>,
    /// A page for A4, to be opened and printed by a browser (also where FILE ends in .html)
    #[arg(long, conflicts_with_all = ["text", "pdf"])]
    pub html: bool,
    /// Lines of 80 columns
    #[arg(long, conflicts_with = "pdf")]
    pub text: bool,
    /// PDF for A4, of the kind that archives keep (also where FILE ends in .pdf); DOSSIER_FONT names the face
    #[arg(long)]
    pub pdf: bool,
    /// To this machine's printer, by lp
    #[arg(long, conflicts_with_all = ["file", "html", "text", "pdf"])]
    pub printer: bool,
    /// Write over a plain file of your own that stands there (never within the data folder)
    #[arg(long, conflicts_with = "printer")]
    #[serde(default)]
    pub replace: bool,
}

/// What a sheet becomes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PaperKind {
    Text,
    Html,
    Pdf,
}

impl Paper {
    /// As it was asked for, else by the end of the file's name.
    pub fn kind(&self) -> PaperKind {
        let end = self.file.as_deref().and_then(std::path::Path::extension).map(|end| end.to_ascii_lowercase());
        match end.as_deref().and_then(std::ffi::OsStr::to_str) {
            _ if self.text => PaperKind::Text,
            _ if self.html => PaperKind::Html,
            _ if self.pdf || self.printer => PaperKind::Pdf,
            Some("html" | "htm") => PaperKind::Html,
            Some("pdf") => PaperKind::Pdf,
            _ => PaperKind::Text,
        }
    }

    /// Whether it leaves the terminal: into a file, or as what is made to be kept.
    pub fn goes_out(&self) -> bool {
        self.file.is_some() || self.kind() != PaperKind::Text
    }
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Notice {
    /// Only households of this unit, by its code or name
    #[arg(long = "unit", value_name = "UNIT")]
    pub units: Vec<String>,
    /// The first day of the notice (else today)
    #[arg(long, value_name = "DATE")]
    pub on: Option<String>,
    /// Its last day (else as many days as a notice has to hang)
    #[arg(long, value_name = "DATE")]
    pub until: Option<String>,
    /// The phone for objections
    #[arg(long, value_name = "PHONE")]
    pub phone: Option<String>,
    /// Post all that wait for it, and print the sheet
    #[arg(long)]
    pub post: bool,
    /// Print the sheet of what hangs on that day
    #[arg(long)]
    pub sheet: bool,
    #[command(flatten)]
    pub to: Paper,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct PrintTo {
    #[command(flatten)]
    pub paper: Paper,
    /// Spell out names and numbers that are masked; leaves a record of who printed them and why
    #[arg(long, value_name = "WHY")]
    pub reveal: Option<String>,
    /// Why the dossier is opened, where it is another unit's or its case is over
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
}

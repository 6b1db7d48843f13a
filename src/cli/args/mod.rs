//! What can be typed. It can be sent to the owner of the folder too, hence the serialising. Doc comments are the help in
//! English; `data/help/zh.toml` has the Chinese of each (`cli/help.rs`).
//! Start reading at [`Command`]; what each subcommand takes stands in the file of what it is about.

mod aid;
mod bureau;
mod campaign;
mod closing;
mod dossier;
mod form;
mod fund;
mod giving;
mod import;
mod report;
mod roll;
mod round;
mod station;

pub use aid::{Aid, AidCommand, Vote};
pub use bureau::{Bureau, BureauCommand, Numbers, NumbersCommand, Units, UnitsCommand, User, UserAdd, UserCommand};
pub use campaign::{Campaign, CampaignAdd, CampaignCommand, Person, PersonCommand};
pub use closing::ClosingCommand;
pub use dossier::{
    Case, Diff, Draft, DraftCommand, Erase, Explain, Lookup, Notice, Paper, PaperKind, Print, PrintCommand, PrintTo,
    Query, Queue, Review, Show, Status, Survey,
};
pub use form::{Form, FormCommand, Rules, RulesCommand};
pub use fund::{Fund, FundCommand, FundLine};
pub use giving::{Appropriate, Donate, GivingCommand, Period};
pub use import::{Import, TakeOver};
pub use report::{ReportCommand, ReportDays, ReportOut};
pub use roll::{Export, Roll, RollAsked, RollCommand, RollMovement};
pub use round::{Round, RoundAsked, RoundCommand};
pub use station::{Attach, Backup, Clock, Demo, Init, Key, KeyCommand, Rebuild, Restore, Serve, Verify};

use clap::{Parser, Subcommand};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

#[derive(Parser, Clone, Serialize, Deserialize)]
#[command(name = "dossier", version, about = "Dossiers of households in hardship: surveyed, decided, explained, kept.")]
pub struct Args {
    /// The data folder (else DOSSIER_DATA, else the user's data folder)
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// zh or en (else by LANG; Chinese where that says nothing)
    #[arg(long, global = true, value_name = "LANG")]
    pub lang: Option<String>,
    /// The day that counts as today
    #[arg(long, global = true, value_name = "DATE")]
    pub today: Option<String>,
    /// Who acts, by name
    #[arg(long = "as", global = true, value_name = "USER")]
    pub user: Option<String>,
    /// The key file (else DOSSIER_KEY_FILE, else dossier.key in the data folder)
    #[arg(long, global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// The clock is right, though far from the last known day
    #[arg(long, global = true)]
    #[serde(default)]
    pub clock_is_right: bool,
    /// Open a folder on a network file system all the same: nobody may open it from another machine then
    #[arg(long, global = true)]
    #[serde(default)]
    pub on_network: bool,
    /// Open a store that lacks records for reading only, without those and what rests on them
    #[arg(long, global = true)]
    #[serde(default)]
    pub despite_loss: bool,
    /// How files handed in are encoded, where the guess is wrong: gbk, utf-8, utf-16, …
    #[arg(long, global = true, value_name = "NAME")]
    #[serde(default)]
    pub encoding: Option<String>,
    /// The screens line by line, for a screen reader, a printing terminal, a pipe (TERM=dumb does so, too)
    #[arg(long, global = true)]
    #[serde(default)]
    pub plain: bool,
    /// A number of your own for this request, 32 hexadecimal digits: sent twice, a step or a query is kept once
    #[arg(long, global = true, value_name = "NUMBER", value_parser = request_number)]
    #[serde(default)]
    pub request: Option<String>,
    #[command(subcommand)]
    pub command: Option<Command>,
}

fn request_number(typed: &str) -> Result<String, String> {
    match crate::domain::EntryId::from_hex(typed) {
        Some(_) => Ok(typed.to_owned()),
        None => Err("32 hexadecimal digits are wanted".to_owned()),
    }
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum Command {
    /// The screens (what happens without a subcommand)
    #[command(hide = true)]
    Screens,
    /// A synthetic bureau with years of history up to today
    Demo(Demo),
    /// Make an empty store
    Init(Init),
    /// Own the folder without a terminal: whoever runs dossier on it attaches
    Serve(Serve),
    /// Sit down at the owner's, and never open the folder oneself: for logins over SSH
    Attach(Attach),
    /// Look the store over: what is well, what is not, what to do
    Doctor,
    /// Records that were written while the clock was wrong: which, and say so of more
    Clock(Clock),
    /// Prove that nothing was altered
    Verify(Verify),
    /// Fold every record anew into fresh views
    Rebuild(Rebuild),
    /// Write everything into one file, and its keys into FILE.keys
    Backup(Backup),
    /// Bring a backup back, as a new station
    Restore(Restore),
    /// Who can unlock the store, and its keys
    Key(Key),
    /// Dossier numbers: who gives them, blocks for other stations, numbers for provisional dossiers
    Numbers(Numbers),
    /// The union tree
    Units(Units),
    /// Who may act, where, and how they get in; who came
    #[command(alias = "officer")]
    User(User),
    /// What the bureau has set for itself: name, language, size, division, how days are counted, its calendar
    Bureau(Bureau),
    /// Payouts: proposed, checked, decided, posted, paid, answered by the bank, settled
    Aid(Box<Aid>),
    /// Gifts and school fees for many: a list, who is taken out and why, checked, granted, handed over, what came back
    Campaign(Box<Campaign>),
    /// People outside dossiers: found, and counted as one of a household
    Person(Person),
    /// The relief fund's book: balances, statements, lines, its proof
    Fund(Box<Fund>),
    /// Find a household by name, pinyin, number, ID number, phone, unit
    Lookup(Lookup),
    /// Who is on the roll: filtered, counted, listed, taken out; how it moved
    Roll(Box<Roll>),
    /// Rounds of surveys: households that are due in a period, who visits them, what came of it
    Round(Box<Round>),
    /// Whole surveys for analysis: JSON lines, or csv tables with a codebook; names and numbers covered
    Export(Box<Export>),
    /// Bring a roll in that was kept elsewhere: a workbook or csv
    Import(Box<Import>),
    /// Take over a roll that was brought in, on a paper: its households stand in the files as it has them
    TakeOver(TakeOver),
    /// A dossier's status and versions
    Show(Show),
    /// Two surveys, question by question
    Diff(Diff),
    /// What a reviewer has to see of a survey: what it comes to and why, what differs, what was passed, remarked, asked, owed
    Review(Review),
    /// Why the category is what it is
    Explain(Explain),
    /// A survey as the filed form, a blank form, a change sheet, a visit sheet: for A4, or as text
    Print(Print),
    /// The public notice: who is to be posted; post them; the sheet that hangs, word for word
    Notice(Box<Notice>),
    /// Survey a household, on screen or from an answers file
    Survey(Survey),
    /// Surveys that are not finished: one's own, and of those whom one supervises
    Draft(Draft),
    /// A dossier's case: its steps and what stands in the way of the next; or take one: submitted, verifying, reviewed, endorsed,
    /// noticed, approved, open, suspended, closed, rejected; applied, override, papers, died, level, objection, settle
    Case(Box<Case>),
    /// Where a dossier stands, or its next step: submitted, verifying, reviewed, endorsed, noticed, approved, open, suspended, closed, rejected
    Status(Status),
    /// What waits: cases to check, to deliberate, to endorse, to post, to approve; categories that end, papers that are owed
    Queue(Queue),
    /// Questions about answers of a survey: asked, answered, closed
    Query(Query),
    /// Destroy the personal part of dossiers whose time for keeping is over
    Erase(Erase),
    /// Check or run an XLSForm
    Form(Form),
    /// Rule sets: what is in force, what they decide
    Rules(Rules),
    #[command(flatten)]
    Help(Help),
}

/// What the grammar itself is asked for.
#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum Help {
    /// What completes commands in a shell: a text to be read in by it
    Completion {
        /// bash, zsh, fish, elvish, powershell
        #[serde(with = "shell")]
        shell: clap_complete::Shell,
    },
    /// The manual page, or that of one command (dossier man | man -l -)
    Man {
        /// The command; of one below another, both: aid propose
        command: Vec<String>,
    },
}

/// A shell by its name.
mod shell {
    use clap_complete::Shell;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(shell: &Shell, out: S) -> Result<S::Ok, S::Error> {
        out.serialize_str(&shell.to_string())
    }

    pub fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Shell, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

impl Command {
    /// Its name, as it is recorded with what it does.
    pub fn name(&self) -> &'static str {
        match self {
            Command::Screens => "screens",
            Command::Demo(_) => "demo",
            Command::Init(_) => "init",
            Command::Serve(_) => "serve",
            Command::Attach(_) => "attach",
            Command::Doctor => "doctor",
            Command::Clock(_) => "clock",
            Command::Verify(_) => "verify",
            Command::Rebuild(_) => "rebuild",
            Command::Backup(_) => "backup",
            Command::Restore(_) => "restore",
            Command::Key(_) => "key",
            Command::Numbers(_) => "numbers",
            Command::Units(_) => "units",
            Command::User(_) => "user",
            Command::Bureau(_) => "bureau",
            Command::Fund(_) => "fund",
            Command::Aid(_) => "aid",
            Command::Campaign(_) => "campaign",
            Command::Person(_) => "person",
            Command::Lookup(_) => "lookup",
            Command::Roll(_) => "roll",
            Command::Round(_) => "round",
            Command::Export(_) => "export",
            Command::Import(_) => "import",
            Command::TakeOver(_) => "take-over",
            Command::Show(_) => "show",
            Command::Diff(_) => "diff",
            Command::Review(_) => "review",
            Command::Explain(_) => "explain",
            Command::Print(_) => "print",
            Command::Notice(_) => "notice",
            Command::Survey(_) => "survey",
            Command::Draft(_) => "draft",
            Command::Case(_) => "case",
            Command::Status(_) => "status",
            Command::Queue(_) => "queue",
            Command::Query(_) => "query",
            Command::Erase(_) => "erase",
            Command::Form(_) => "form",
            Command::Rules(_) => "rules",
            Command::Help(Help::Completion { .. }) => "completion",
            Command::Help(Help::Man { .. }) => "man",
        }
    }
}

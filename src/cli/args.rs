//! What can be typed. It can be sent to the owner of the folder too, hence the serialising. Help is English, as command
//! names are; everything the program says afterwards follows `--lang`.

use clap::{Args as ClapArgs, Parser, Subcommand};
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
    #[command(subcommand)]
    pub command: Option<Command>,
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
    /// Prove that nothing was altered
    Verify(Verify),
    /// Fold every record anew into fresh views
    Rebuild,
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
    /// Find a household by name, pinyin, number, ID number, phone, unit
    Lookup(Lookup),
    /// A dossier's status and versions
    Show(Show),
    /// Two surveys, question by question
    Diff(Diff),
    /// Why the category is what it is
    Explain(Explain),
    /// Survey a household, on screen or from an answers file
    Survey(Survey),
    /// Surveys that are not finished: one's own, and of those whom one supervises
    Draft(Draft),
    /// Where a dossier stands, or its next step: submitted, verifying, reviewed, noticed, approved, open, suspended, closed, rejected
    Status(Status),
    /// Questions about answers of a survey: asked, answered, closed
    Query(Query),
    /// Destroy the personal part of dossiers whose time for keeping is over
    Erase(Erase),
    /// Check or run an XLSForm
    Form(Form),
    /// Rule sets: what is in force, what they decide
    Rules(Rules),
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
            Command::Verify(_) => "verify",
            Command::Rebuild => "rebuild",
            Command::Backup(_) => "backup",
            Command::Restore(_) => "restore",
            Command::Key(_) => "key",
            Command::Numbers(_) => "numbers",
            Command::Units(_) => "units",
            Command::User(_) => "user",
            Command::Lookup(_) => "lookup",
            Command::Show(_) => "show",
            Command::Diff(_) => "diff",
            Command::Explain(_) => "explain",
            Command::Survey(_) => "survey",
            Command::Draft(_) => "draft",
            Command::Status(_) => "status",
            Command::Query(_) => "query",
            Command::Erase(_) => "erase",
            Command::Form(_) => "form",
            Command::Rules(_) => "rules",
        }
    }
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Demo {
    /// How many households
    #[arg(long, default_value_t = 200)]
    pub households: usize,
    /// The same seed makes the same bureau
    #[arg(long, default_value_t = 2018)]
    pub seed: u64,
    /// Build it and stop, without the screens
    #[arg(long)]
    pub no_open: bool,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Verify {
    /// Fold every record again and compare with the views
    #[arg(long)]
    pub views: bool,
    /// A head code from paper: nothing before it may have changed. May be given several times
    #[arg(long = "head", value_name = "CODE")]
    pub heads: Vec<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Init {
    /// The bureau's own union tree, as csv (else a sample tree); dossier units list --csv prints the shape
    #[arg(long, value_name = "FILE")]
    pub units: Option<PathBuf>,
    /// full: whoever surveys does not review; small: one person may do both. Nobody approves what they surveyed or reviewed
    #[arg(long, value_name = "SIZE")]
    pub office: Option<String>,
}

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
        file: PathBuf,
        /// How the file is encoded, where the guess is wrong: gbk, utf-8, utf-16, …
        #[arg(long, value_name = "NAME")]
        encoding: Option<String>,
    },
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct User {
    #[command(subcommand)]
    pub what: UserCommand,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum UserCommand {
    List,
    /// Somebody new, or other roles, units or a key for somebody who is there
    #[command(alias = "set")]
    Add(UserAdd),
    /// Someone goes: today is their last day, and their keys let nobody in from now on. With --key or --uid: that one only
    End {
        name: String,
        /// Their last day; until then everything stays as it is
        #[arg(long, value_name = "DATE")]
        on: Option<String>,
        /// The beginning of the key's fingerprint (SHA256:...)
        #[arg(long, value_name = "FINGERPRINT", conflicts_with = "on")]
        key: Option<String>,
        #[arg(long, conflicts_with_all = ["on", "key"])]
        uid: Option<u32>,
    },
    /// A user of this machine under whom the system's sshd runs dossier, and whose program may name who it is
    Gateway {
        uid: u32,
        /// No longer
        #[arg(long)]
        end: bool,
    },
    /// Who may do what, and how far: by role, or for one person
    Duties {
        name: Option<String>,
    },
    /// The size of the office: full (whoever surveys does not review) or small
    Office {
        size: String,
    },
    /// This machine's user, who opened the folder, is that officer from now on; it is recorded
    Claim {
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
        #[arg(long, default_value_t = 200)]
        limit: usize,
    },
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct UserAdd {
    pub name: String,
    #[arg(long, value_name = "NAME")]
    pub en: Option<String>,
    /// surveyor, reviewer, approver, cashier, supervisor, system_administrator, security_administrator, audit_administrator
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

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Backup {
    /// The file to write; it must not be there yet
    pub file: PathBuf,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Restore {
    /// The backup
    pub file: PathBuf,
    /// Its keys (else FILE.keys)
    #[arg(long, value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// Set a store that is there aside, and take over its erasures and newer keys
    #[arg(long)]
    pub over: bool,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Key {
    #[command(subcommand)]
    pub what: KeyCommand,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum KeyCommand {
    /// Who can unlock, and which generations the keys have
    Show,
    /// A new key file that unlocks the store
    File {
        /// Where it is made; nothing is written over
        path: PathBuf,
    },
    /// Set or change the passphrase (asked for, or from DOSSIER_NEW_PASSPHRASE)
    Passphrase,
    /// A recovery code for the safe: printed once, kept nowhere
    Recovery,
    /// Let one no longer unlock; the store key is made anew
    Remove {
        /// The beginning of its id, as key show prints it
        id: String,
    },
    /// A new generation of the bureau's key, or of the store's
    Rotate {
        #[arg(long, conflicts_with = "bureau", required_unless_present = "bureau")]
        store: bool,
        #[arg(long)]
        bureau: bool,
    },
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Lookup {
    /// What to look for; several words must all fit
    #[arg(required = true)]
    pub query: Vec<String>,
    #[arg(long, default_value_t = 20)]
    pub limit: usize,
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
    /// Spell out names and numbers that are masked; leaves a record of who looked
    #[arg(long, value_name = "WHY")]
    pub reveal: Option<String>,
    /// Why it is opened, where it is another unit's or its case is over
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Diff {
    pub number: String,
    /// The earlier version (else the last but one)
    pub earlier: Option<u32>,
    /// The later version (else the last)
    pub later: Option<u32>,
    /// Why it is opened, where it is another unit's or its case is over
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Explain {
    pub number: String,
    #[arg(long, value_name = "DATE")]
    pub as_of: Option<String>,
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
    /// Keep the survey beside another that was submitted meanwhile
    #[arg(long)]
    pub beside: bool,
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
    #[arg(long, value_name = "WHY", requires = "to")]
    pub why: Option<String>,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Draft {
    #[command(subcommand)]
    pub what: DraftCommand,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum DraftCommand {
    List,
    /// Let another surveyor go on with somebody's draft (for supervisors; it is recorded)
    HandOver {
        /// The beginning of the draft's id
        id: String,
        /// Who goes on with it
        to: String,
        #[arg(long, value_name = "WHY")]
        why: String,
    },
    /// Throw a draft away; of somebody else's a supervisor says why
    Discard {
        /// The beginning of the draft's id
        id: String,
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
    /// All whose time is up
    #[arg(long, conflicts_with = "numbers")]
    pub due: bool,
    /// Do it. Without this it is only told what would be done: nothing brings an erased part back
    #[arg(long)]
    pub confirm: bool,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Form {
    #[command(subcommand)]
    pub what: FormCommand,
}

#[derive(Subcommand, Clone, Serialize, Deserialize)]
pub enum FormCommand {
    /// Everything that is wrong with a form
    Check {
        file: PathBuf,
        /// How csv and other texts are encoded, where the guess is wrong: gbk, utf-8, utf-16, …
        #[arg(long, value_name = "NAME")]
        encoding: Option<String>,
    },
    /// The state that a script of answers leads to
    Run {
        file: PathBuf,
        #[arg(long, value_name = "FILE")]
        script: PathBuf,
        /// What the form's metadata is filled with: deviceid=…, username=…, email=…, phonenumber=…, or any other name
        #[arg(long, value_name = "NAME=VALUE")]
        property: Vec<String>,
        /// How csv and other texts are encoded, where the guess is wrong: gbk, utf-8, utf-16, …
        #[arg(long, value_name = "NAME")]
        encoding: Option<String>,
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
    Add {
        file: PathBuf,
        /// How csv and other texts are encoded, where the guess is wrong: gbk, utf-8, utf-16, …
        #[arg(long, value_name = "NAME")]
        encoding: Option<String>,
    },
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
pub struct Attach {
    /// The owner's second socket (serve --socket), for users whose folder it is not
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// A new session beside those that are open
    #[arg(long)]
    pub new: bool,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Serve {
    /// Listen for SSH here: 0.0.0.0:2222, [::]:2222
    #[arg(long, value_name = "ADDRESS")]
    pub ssh: Option<std::net::SocketAddr>,
    /// A second socket, for other users of this machine (user add --uid, user gateway)
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// Minutes that a session waits for whoever lost the line (480)
    #[arg(long, value_name = "MINUTES")]
    pub linger: Option<u64>,
    /// Minutes without a key before a screen is closed (30)
    #[arg(long, value_name = "MINUTES")]
    pub idle: Option<u64>,
    /// Minutes that a session may last (1440)
    #[arg(long, value_name = "MINUTES")]
    pub longest: Option<u64>,
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

//! What is typed about a store and its station: made, served, proven, copied, unlocked.

use clap::{Args as ClapArgs, Subcommand};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

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
pub struct Init {
    /// The bureau's own union tree, as csv (else a sample tree); dossier units list --csv prints the shape
    #[arg(long, value_name = "FILE")]
    pub units: Option<PathBuf>,
    /// full: whoever surveys does not review; small: one person may do both. Nobody approves what they surveyed or reviewed
    #[arg(long, value_name = "SIZE")]
    pub office: Option<String>,
    /// The bureau's administrative division, six digits: its dossier numbers begin with it, and its rules and line count
    #[arg(long, value_name = "CODE")]
    pub division: Option<String>,
    /// How the bureau is called on its papers
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The language of whoever has none of their own: zh or en
    #[arg(long, value_name = "LANG")]
    pub language: Option<String>,
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
pub struct Attach {
    /// The owner's second socket (serve --socket), for users whose folder it is not
    #[arg(long, value_name = "PATH")]
    pub socket: Option<PathBuf>,
    /// A new session beside those that are open
    #[arg(long)]
    pub new: bool,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Clock {
    /// Records of this station, both ends included (verify counts them): the clock was wrong
    #[arg(long, value_name = "FROM..TO", requires = "why")]
    pub wrong: Option<String>,
    /// How that is known; it is recorded
    #[arg(long, value_name = "WHY")]
    pub why: Option<String>,
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
pub struct Backup {
    /// The file to write; it must not be there yet
    pub file: PathBuf,
}

#[derive(ClapArgs, Clone, Serialize, Deserialize)]
pub struct Rebuild {
    /// Although keys are lost, and no backup has them: what only the views still hold goes
    #[arg(long)]
    #[serde(default)]
    pub keys_are_lost: bool,
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
    /// Bring keys back that the folder has lost, from the key file of a backup
    Bring {
        /// The backup's key file (FILE.keys)
        file: PathBuf,
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
        /// The store's
        #[arg(long, conflicts_with = "bureau", required_unless_present = "bureau")]
        store: bool,
        /// The bureau's
        #[arg(long)]
        bureau: bool,
    },
}

//! The command line's part in the session manager: commands that the owner does for somebody else.

use super::wanted::Wanted;
use super::wire::RemoteCommand;
use crate::command::{Office, SessionContext};
use crate::domain::OfficerId;

/// What a command prints.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Printed {
    /// A line of its answer.
    Line(String),
    /// A line for standard error.
    Error(String),
    /// A file that is no text, or a part of one; no line ends behind it.
    Bytes(Vec<u8>),
}

/// Whose remote command it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum By {
    /// Of whoever may open the folder: its arguments say as whom, else the machine's user and the name that they go by.
    Owner { uid: u32, login: String },
    /// Of somebody who is not at this machine, or whose folder it is not.
    Officer(OfficerId, SessionContext),
}

/// What is meant by a command line that somebody typed behind the name of the host.
pub enum Understood {
    Screens {
        wanted: Wanted,
        /// `zh` or `en`, where it was said.
        lang: Option<String>,
    },
    RemoteCommand {
        args: String,
        reads_input: bool,
    },
    /// Nothing that can be done from there; what to print on which side, and the exit code.
    Said {
        error: bool,
        text: String,
        code: u8,
    },
}

/// The command line's part in the session manager: it sits upstairs and is handed in.
pub trait RemoteCommands: Send + Sync {
    /// Does one: what it prints goes to the sink, its exit code comes back.
    fn run(&self, office: &Office, by: By, remote_command: &RemoteCommand, sink: &mut dyn FnMut(Printed)) -> u8;

    fn understand(&self, typed: &str, lang: &str) -> Understood;
}

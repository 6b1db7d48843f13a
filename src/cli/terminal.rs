//! Where what a command says goes, and where its standard input comes from: the terminal or pipe it is typed at, or the client
//! for whom the owner of the folder does it. The one place that writes to standard output and error. A reader that went away
//! (`| head`) is no failure.

use crate::command::Failure;
use crate::present::{Field, Sentence, Sheet, Table, text};
use crate::serve::remote_commands::Printed;
use std::borrow::Cow;
use std::io::{IsTerminal, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Clone, Default)]
pub struct Terminal {
    /// Of a client: what is said to it, in order.
    client: Option<Arc<Mutex<Vec<Printed>>>>,
    /// What stands on standard input, once it was read: by this process, or by the client.
    input: Arc<Mutex<Option<Vec<u8>>>>,
    /// Why standard output took no more, where it did not.
    unwritten: Arc<Mutex<Option<String>>>,
    /// Whether what is said comes from a store that lacks records.
    partial: Arc<AtomicBool>,
}

impl Terminal {
    /// The client whose standard input was this.
    pub fn of_client(input: Option<Vec<u8>>) -> Terminal {
        Terminal { client: Some(Arc::default()), input: Arc::new(Mutex::new(input)), ..Terminal::default() }
    }

    /// Whether nobody sits here to watch.
    pub fn is_client(&self) -> bool {
        self.client.is_some()
    }

    /// From now on what is said comes from a store that lacks records: every JSON object says so, and no file is written.
    pub fn set_partial(&self) {
        self.partial.store(true, Ordering::Relaxed);
    }

    pub fn is_partial(&self) -> bool {
        self.partial.load(Ordering::Relaxed)
    }

    /// What was said to the client so far; it is not told again.
    pub fn take_printed(&self) -> Vec<Printed> {
        let printed = self.client.as_ref().map(|printed| printed.lock().unwrap_or_else(PoisonError::into_inner));
        printed.map(|mut printed| std::mem::take(&mut *printed)).unwrap_or_default()
    }

    /// What a command printed, here or where it was done.
    pub fn print(&self, printed: Printed) {
        if let Some(client) = &self.client {
            client.lock().unwrap_or_else(PoisonError::into_inner).push(printed);
            return;
        }
        let mut out = std::io::stdout().lock();
        let written = match printed {
            Printed::Error(text) => {
                let _ = writeln!(std::io::stderr().lock(), "{text}");
                return;
            }
            Printed::Line(text) => writeln!(out, "{text}"),
            // A terminal would obey it; who prints asks [`Terminal::is_watched`] first and says so.
            Printed::Bytes(_) if out.is_terminal() => return,
            Printed::Bytes(bytes) => out.write_all(&bytes),
        };
        match written {
            Err(why) if why.kind() != std::io::ErrorKind::BrokenPipe => {
                self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(why.to_string());
            }
            _ => {}
        }
    }

    /// Why not all that was said could be written, where it could not: half an answer must not pass for one.
    pub fn unwritten(&self) -> Option<String> {
        self.unwritten.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether standard output is a terminal, which would obey what is no text.
    pub fn is_watched(&self) -> bool {
        !self.is_client() && std::io::stdout().is_terminal()
    }

    /// A line for people, or for the next program in a pipe.
    pub fn line(&self, text: &str) {
        self.print(Printed::Line(text.to_owned()));
    }

    pub fn error(&self, text: &str) {
        self.print(Printed::Error(text.to_owned()));
    }

    /// A table as lines: within the terminal's width where somebody sits at one, else as wide as what stands in it.
    pub fn table(&self, table: &Table) {
        text::table(table, self.width()).iter().for_each(|one| self.line(one));
    }

    /// Labels and values as lines.
    pub fn fields(&self, fields: &[Field]) {
        text::fields(fields, self.width()).iter().for_each(|one| self.line(one));
    }

    /// A whole sheet as lines.
    pub fn sheet(&self, sheet: &Sheet) {
        text::sheet(sheet, self.width()).iter().for_each(|one| self.line(one));
    }

    /// Things said, each on a line of its own.
    pub fn sentences(&self, sentences: &[Sentence]) {
        sentences.iter().for_each(|said| self.line(&said.shown()));
    }

    /// How many cells wide the terminal is that is printed to; `None`: a pipe, a file, another machine.
    fn width(&self) -> Option<usize> {
        if self.is_client() || !std::io::stdout().is_terminal() {
            return None;
        }
        crossterm::terminal::size().ok().map(|(columns, _)| usize::from(columns)).filter(|columns| *columns > 0)
    }

    /// Whether the person at the terminal says yes to what was asked last.
    pub fn agreed(&self) -> bool {
        if self.is_client() {
            return false;
        }
        let mut line = String::new();
        let read = std::io::BufRead::read_line(&mut std::io::stdin().lock(), &mut line);
        read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes" | "是" | "ｙ")
    }

    /// One JSON value, pretty, with a line's end.
    pub fn json(&self, value: &serde_json::Value) {
        // JSON lets the upper control characters through, and a terminal may obey them.
        let mut value = Cow::Borrowed(value);
        if self.is_partial() && value.is_object() {
            value.to_mut()["partial"] = true.into();
        }
        let text = serde_json::to_string_pretty(&*value).unwrap_or_default();
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\u{7f}'..='\u{9f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
                _ => out.push(c),
            }
        }
        self.line(&out);
    }

    /// Standard output as it is; text goes to a client in lines.
    pub fn whole(&self, bytes: &[u8]) -> Result<(), Failure> {
        if self.is_client() {
            match std::str::from_utf8(bytes) {
                Ok(text) => text.lines().for_each(|line| self.line(line)),
                Err(_) => self.print(Printed::Bytes(bytes.to_vec())),
            }
            return Ok(());
        }
        let mut out = std::io::stdout().lock();
        let failed = |error: std::io::Error| Failure::Folder { folder: "-".to_owned(), why: error.to_string() };
        out.write_all(bytes).and_then(|()| out.flush()).map_err(failed)
    }

    /// Standard input as far as it was read.
    pub fn input_read(&self) -> Option<Vec<u8>> {
        self.input.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What standard input is from now on.
    pub fn set_input(&self, bytes: Vec<u8>) {
        *self.input.lock().unwrap_or_else(PoisonError::into_inner) = Some(bytes);
    }

    /// Standard input, at most so many bytes and one more; read once.
    pub fn standard_input(&self, most: u64) -> std::io::Result<Vec<u8>> {
        if let Some(bytes) = self.input_read() {
            return Ok(bytes);
        }
        let mut bytes = Vec::new();
        std::io::stdin().take(most + 1).read_to_end(&mut bytes)?;
        self.set_input(bytes.clone());
        Ok(bytes)
    }
}

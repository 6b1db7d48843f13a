//! The one place that writes to standard output and error. A reader that went away (`| head`) is no failure.

use crate::command::Failure;
use crate::present::{Field, Sentence, Sheet, Table, text};
use std::cell::RefCell;
use std::io::{IsTerminal, Write};

/// Takes a line, and whether it is for standard error.
pub type Sink<'s> = &'s mut dyn FnMut(bool, &str);

thread_local! {
    /// Where this thread's lines go instead: to a client whose remote command the owner of the folder does.
    static ELSEWHERE: RefCell<Option<Vec<(bool, String)>>> = const { RefCell::new(None) };
}

/// Does something whose lines go to `sink`, in order, when it is done.
pub fn elsewhere<R>(sink: Sink<'_>, act: impl FnOnce() -> R) -> R {
    ELSEWHERE.with(|lines| *lines.borrow_mut() = Some(Vec::new()));
    let done = act();
    let lines = ELSEWHERE.with(|lines| lines.borrow_mut().take());
    lines.unwrap_or_default().into_iter().for_each(|(error, line)| sink(error, &line));
    done
}

/// Whether lines go elsewhere: then nobody sits at this terminal to watch.
pub fn is_elsewhere() -> bool {
    ELSEWHERE.with(|lines| lines.borrow().is_some())
}

fn put(error: bool, text: &str) {
    let kept = ELSEWHERE.with(|lines| lines.borrow_mut().as_mut().map(|lines| lines.push((error, text.to_owned()))));
    if kept.is_some() {
        return;
    }
    let _ = match error {
        true => writeln!(std::io::stderr().lock(), "{text}"),
        false => writeln!(std::io::stdout().lock(), "{text}"),
    };
}

/// A line for people, or for the next program in a pipe.
pub fn line(text: &str) {
    put(false, text);
}

/// A table as lines: within the terminal's width where somebody sits at one, else as wide as what stands in it.
pub fn table(table: &Table) {
    text::table(table, width()).iter().for_each(|one| line(one));
}

/// Labels and values as lines.
pub fn fields(fields: &[Field]) {
    text::fields(fields, width()).iter().for_each(|one| line(one));
}

/// A whole sheet as lines.
pub fn sheet(sheet: &Sheet) {
    text::sheet(sheet, width()).iter().for_each(|one| line(one));
}

/// Things said, each on a line of its own.
pub fn sentences(sentences: &[Sentence]) {
    sentences.iter().for_each(|said| line(&said.shown()));
}

/// How many cells wide the terminal is that is printed to; `None`: a pipe, a file, another machine.
fn width() -> Option<usize> {
    if is_elsewhere() || !std::io::stdout().is_terminal() {
        return None;
    }
    crossterm::terminal::size().ok().map(|(columns, _)| usize::from(columns)).filter(|columns| *columns > 0)
}

pub fn error(text: &str) {
    put(true, text);
}

/// Whether the person at the terminal says yes to what was asked last.
pub fn agreed() -> bool {
    let mut line = String::new();
    let read = std::io::BufRead::read_line(&mut std::io::stdin().lock(), &mut line);
    read.is_ok() && matches!(line.trim(), "y" | "Y" | "yes" | "是" | "ｙ")
}

/// One JSON value, pretty, with a line's end.
pub fn json(value: &serde_json::Value) {
    // JSON lets the upper control characters through, and a terminal may obey them.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{7f}'..='\u{9f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    line(&out);
}

/// Writes a file whole or not at all: beside it first, then in its place. `-` is standard output; bytes that go to a client
/// elsewhere go as lines of text.
pub fn file(path: &std::path::Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed =
        |error: std::io::Error| Failure::Folder { folder: path.to_string_lossy().into_owned(), why: error.to_string() };
    if path.as_os_str() == "-" {
        if is_elsewhere() {
            String::from_utf8_lossy(bytes).lines().for_each(line);
            return Ok(());
        }
        let mut out = std::io::stdout().lock();
        return out.write_all(bytes).and_then(|()| out.flush()).map_err(failed);
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".part");
    let beside = std::path::PathBuf::from(beside);
    let written = std::fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        let _ = std::fs::remove_file(&beside);
        failed(error)
    })
}

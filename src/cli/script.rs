//! Files that a person hands in: answers, scripts, facts, rule sets. `-` is standard input.

use super::desk::Desk;
use super::print;
use crate::command::Failure;
use crate::domain::Message;
use crate::domain::encoding::{self, Decoded};

/// No file handed in is larger than this; a survey of nineteen members is about 30 KB.
const BYTES_MAX: u64 = 16 << 20;

thread_local! {
    /// What stands on standard input, once it was read: by this process, or by the client whose errand this is.
    static INPUT: std::cell::RefCell<Option<Vec<u8>>> = const { std::cell::RefCell::new(None) };
}

/// Standard input as far as it was read.
pub fn input_read() -> Option<Vec<u8>> {
    INPUT.with(|input| input.borrow().clone())
}

/// What standard input is for this thread from now on.
pub fn set_input(bytes: Option<Vec<u8>>) {
    INPUT.with(|input| *input.borrow_mut() = bytes);
}

fn standard_input() -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    if let Some(bytes) = input_read() {
        return Ok(bytes);
    }
    let mut bytes = Vec::new();
    std::io::stdin().take(BYTES_MAX + 1).read_to_end(&mut bytes)?;
    set_input(Some(bytes.clone()));
    Ok(bytes)
}

/// The text of a file, or of standard input for `-`, in whatever encoding.
pub fn read_text(path: &std::path::Path) -> Result<String, Failure> {
    Ok(read_decoded(path, None)?.text)
}

/// As [`read_text`]; which encoding was guessed is said beside it.
pub fn read_said(desk: &Desk, path: &std::path::Path, encoding: Option<&str>) -> Result<String, Failure> {
    let decoded = read_decoded(path, encoding)?;
    if decoded.guessed {
        let said = Message::new("cli.script.guessed")
            .with("file", path.display().to_string())
            .with("encoding", decoded.encoding.to_uppercase());
        print::error(&desk.say(&said));
    }
    Ok(decoded.text)
}

fn read_decoded(path: &std::path::Path, encoding: Option<&str>) -> Result<Decoded, Failure> {
    use std::io::Read;
    let failed = |why: std::io::Error| Failure::Folder { folder: path.display().to_string(), why: why.to_string() };
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        bytes = standard_input().map_err(failed)?;
    } else {
        std::fs::File::open(path).map_err(failed)?.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > BYTES_MAX {
        return Err(Failure::Answers { line: 0, why: Message::new("cli.script.too_large").with("limit", BYTES_MAX) });
    }
    encoding::decode(&bytes, encoding).map_err(|why| Failure::Undecoded { file: path.display().to_string(), why })
}

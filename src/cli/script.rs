//! Files that a person hands in: answers, scripts, facts, rule sets. `-` is standard input.

use super::context::Context;
use super::print;
use crate::command::Failure;
use crate::domain::Message;
use crate::domain::encoding::{self, Decoded};

/// No file handed in is larger than this; a survey of nineteen members is about 30 KB.
const BYTES_MAX: u64 = 16 << 20;

thread_local! {
    /// What stands on standard input, once it was read: by this process, or by the client whose remote command this is.
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

/// Reads standard input, whatever its bytes mean: whoever does the command understands them.
pub fn read_input() -> Result<(), Failure> {
    bytes_of(std::path::Path::new("-")).map(|_| ())
}

/// The text of a file, or of standard input for `-`, in whatever encoding.
pub fn read_text(path: &std::path::Path) -> Result<String, Failure> {
    Ok(read_decoded(path, None)?.text)
}

/// As [`read_text`], or as somebody says with `--encoding`; which encoding was guessed is said beside it.
pub fn read_said(context: &Context, path: &std::path::Path) -> Result<String, Failure> {
    said(context, path, read_decoded(path, context.encoding.as_deref())?)
}

/// As [`read_said`], of JSON. JSON is UTF-8 by its own standard and may lie beside csv that is not, so what reads as that
/// is that, whatever is said of the other files.
pub fn read_json(context: &Context, path: &std::path::Path) -> Result<String, Failure> {
    let bytes = bytes_of(path)?;
    let is_utf8 = std::str::from_utf8(&bytes).is_ok_and(|text| !text.is_ascii() && !text.contains('\0'));
    let wanted = context.encoding.as_deref().filter(|_| !is_utf8);
    let decoded = encoding::decode(&bytes, wanted).map_err(|why| undecoded(path, why))?;
    said(context, path, decoded)
}

fn said(context: &Context, path: &std::path::Path, decoded: Decoded) -> Result<String, Failure> {
    if decoded.guessed {
        let said = Message::new("cli.script.guessed")
            .with("file", path.display().to_string())
            .with("encoding", decoded.encoding.to_uppercase());
        print::error(&context.say(&said));
    }
    Ok(decoded.text)
}

fn undecoded(path: &std::path::Path, why: encoding::NotDecoded) -> Failure {
    Failure::Undecoded { file: path.display().to_string(), why }
}

fn read_decoded(path: &std::path::Path, encoding: Option<&str>) -> Result<Decoded, Failure> {
    encoding::decode(&bytes_of(path)?, encoding).map_err(|why| undecoded(path, why))
}

fn bytes_of(path: &std::path::Path) -> Result<Vec<u8>, Failure> {
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
    Ok(bytes)
}

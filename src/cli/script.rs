//! Files that a person hands in: answers, scripts, facts, rule sets. `-` is standard input.

use super::context::Context;
use super::terminal::Terminal;
use crate::command::Failure;
use crate::domain::Message;
use crate::domain::encoding::{self, Decoded};

/// No file handed in is larger than this; a survey of nineteen members is about 30 KB.
const BYTES_MAX: u64 = 16 << 20;

/// Reads standard input, whatever its bytes mean: whoever does the command understands them.
pub fn read_input(terminal: &Terminal) -> Result<(), Failure> {
    bytes_of(terminal, std::path::Path::new("-")).map(|_| ())
}

/// The text of a file, or of standard input for `-`, in whatever encoding.
pub fn read_text(terminal: &Terminal, path: &std::path::Path) -> Result<String, Failure> {
    Ok(read_decoded(terminal, path, None)?.text)
}

/// As [`read_text`], or as somebody says with `--encoding`; which encoding was guessed is said beside it.
pub fn read_said(context: &Context, path: &std::path::Path) -> Result<String, Failure> {
    said(context, path, read_decoded(&context.terminal, path, context.encoding.as_deref())?)
}

/// As [`read_said`], of JSON. JSON is UTF-8 by its own standard and may lie beside csv that is not, so what reads as that
/// is that, whatever is said of the other files.
pub fn read_json(context: &Context, path: &std::path::Path) -> Result<String, Failure> {
    let bytes = bytes_of(&context.terminal, path)?;
    let is_utf8 = std::str::from_utf8(&bytes).is_ok_and(|text| !text.is_ascii() && !text.contains('\0'))
        && encoding::decode(&bytes, None).is_ok_and(|decoded| !decoded.guessed);
    let wanted = context.encoding.as_deref().filter(|_| !is_utf8);
    let decoded = encoding::decode(&bytes, wanted).map_err(|why| undecoded(path, why))?;
    said(context, path, decoded)
}

fn said(context: &Context, path: &std::path::Path, decoded: Decoded) -> Result<String, Failure> {
    if decoded.guessed {
        let said = Message::new("cli.script.guessed")
            .with("file", path.display().to_string())
            .with("encoding", decoded.encoding.to_uppercase());
        context.terminal.error(&context.say(&said));
    }
    Ok(decoded.text)
}

fn undecoded(path: &std::path::Path, why: encoding::NotDecoded) -> Failure {
    Failure::Undecoded { file: path.display().to_string(), why }
}

fn read_decoded(terminal: &Terminal, path: &std::path::Path, encoding: Option<&str>) -> Result<Decoded, Failure> {
    encoding::decode(&bytes_of(terminal, path)?, encoding).map_err(|why| undecoded(path, why))
}

fn bytes_of(terminal: &Terminal, path: &std::path::Path) -> Result<Vec<u8>, Failure> {
    use std::io::Read;
    let failed = |why: std::io::Error| Failure::Folder { folder: path.display().to_string(), why: why.to_string() };
    let mut bytes = Vec::new();
    if path.as_os_str() == "-" {
        bytes = terminal.standard_input(BYTES_MAX).map_err(failed)?;
    } else {
        std::fs::File::open(path).map_err(failed)?.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    }
    if bytes.len() as u64 > BYTES_MAX {
        return Err(Failure::Answers { line: 0, why: Message::new("cli.script.too_large").with("limit", BYTES_MAX) });
    }
    Ok(bytes)
}

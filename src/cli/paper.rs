//! `print`: sheets about a household, and blank forms, as PDF, as a page for A4 or as text; and how any sheet is put on paper.

use super::args::{Paper, PaperKind, Print, PrintCommand, PrintTo};
use super::context::{Context, How};
use super::roll;
use crate::command::outputs::{NewFile, NotWritten, Placed, Standing};
use crate::command::{Failure, Household, Office};
use crate::domain::Message;
use crate::present::{Cell, Field, Sheet, Words, html, json, paper, pdf, text};
use crate::views::Horizon;
use std::io::Write;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};

/// A line of text on paper, in cells.
const TEXT_CELLS: usize = 80;

pub fn run(context: &Context, asked: &Print) -> Result<ExitCode, Failure> {
    context.in_office(How::default(), |office| {
        let words = context.words(office);
        let to = asked.what.to();
        // Before anything is recorded as printed.
        let way = match way(context, office, &to.paper) {
            Ok(way) => way,
            Err(code) => return Ok(code),
        };
        let sheet = sheet(context, office, &words, &asked.what, to)?;
        Ok(write(context, office, sheet, way))
    })
}

fn sheet(
    context: &Context,
    office: &Office,
    words: &Words<'_>,
    what: &PrintCommand,
    to: &PrintTo,
) -> Result<Sheet, Failure> {
    // What is said about spelling out is the reason for opening the dossier, too.
    let open = |number: &str| -> Result<Household<'_>, Failure> {
        context.household(office, number, to.why.as_deref().or(to.reveal.as_deref()))
    };
    let reveal = to.reveal.as_deref();
    match what {
        PrintCommand::Form { number, survey, .. } => {
            let household = open(number)?;
            let version = household.version(&household.status(Horizon::NOW), *survey)?;
            paper::filled(words, &household, &version, household.print(reveal)?)
        }
        PrintCommand::Blank { form, .. } => {
            let form = match form {
                Some(id) => office.form_now(id)?,
                None => office.library().hardship()?.clone(),
            };
            Ok(paper::blank(words, &form))
        }
        PrintCommand::Changes { number, from, until, .. } => {
            let household = open(number)?;
            let status = household.status(Horizon::NOW);
            let later = household.version(&status, *until)?;
            let before = from.unwrap_or(later.version.saturating_sub(1));
            let earlier = household.version(&status, Some(before))?;
            paper::changes(words, &household, &earlier, &later, household.print(reveal)?)
        }
        PrintCommand::Copy { number, survey, .. } => {
            let household = open(number)?;
            let version = household.version(&household.status(Horizon::NOW), *survey)?;
            paper::copy(words, &household, &version, household.print(reveal)?)
        }
        PrintCommand::Visit { number, .. } => {
            let household = open(number)?;
            let version = household.version(&household.status(Horizon::NOW), None)?;
            paper::visit(words, &household, &version, household.print(reveal)?)
        }
    }
}

/// Where a sheet goes, made ready before anything is recorded as printed: the file is begun, the faces are found.
pub struct PaperWay {
    kind: PaperKind,
    faces: Option<pdf::Faces>,
    /// The file and its name.
    file: Option<(std::path::PathBuf, NewFile)>,
    printer: bool,
}

/// The way there; else what was said of why there is none: the file is there already or would be another machine's, there is no
/// face to print in, no printer.
pub fn way(context: &Context, office: &Office, to: &Paper) -> Result<PaperWay, ExitCode> {
    if context.terminal.is_partial() {
        return Err(context.refuse(&NotWritten::Partial.into()));
    }
    let refuse = |key: &'static str| {
        context.terminal.error(&context.word(key));
        ExitCode::from(1)
    };
    let named = to.file.as_deref().filter(|file| file.as_os_str() != "-");
    if to.printer && office.context().afar {
        return Err(refuse("cli.print.printer_afar"));
    }
    if to.printer && !has_lp() {
        return Err(refuse("cli.print.no_printer"));
    }
    let standing = Standing::when(to.replace);
    if let Some(refused) = stands(context, office, named, standing) {
        return Err(refused);
    }
    let kind = to.kind();
    if kind == PaperKind::Pdf && named.is_none() && !to.printer && context.terminal.is_watched() {
        return Err(refuse("cli.print.to_terminal"));
    }
    let faces = (kind == PaperKind::Pdf).then(|| faces(context)).transpose()?;
    let file = match named {
        Some(file) => {
            let begun = NewFile::begin(file, standing);
            Some((file.to_owned(), begun.map_err(|_| refused(context, "cli.print.not_written", file))?))
        }
        None => None,
    };
    Ok(PaperWay { kind, faces, file, printer: to.printer })
}

/// Why nothing can be written to a file that was named, where it is so.
pub fn stands(context: &Context, office: &Office, file: Option<&Path>, standing: Standing) -> Option<ExitCode> {
    let file = file?;
    if office.context().afar {
        return Some(refused(context, "cli.print.exists", file));
    }
    match office.may_write_to(file, standing) {
        Ok(()) => None,
        Err(NotWritten::Exists { .. }) => Some(refused(context, "cli.print.exists", file)),
        Err(other) => Some(context.refuse(&other.into())),
    }
}

fn has_lp() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("lp").is_file())
}

/// Writes the sheet where it is to go, with whose paper it is at its foot.
pub fn write(context: &Context, office: &Office, mut sheet: Sheet, way: PaperWay) -> ExitCode {
    if way.file.is_none() && context.json && !way.printer {
        context.terminal.json(&json::sheet(&sheet));
        return ExitCode::SUCCESS;
    }
    sheet.foot = foot(context, office);
    let content = match (way.kind, &way.faces) {
        (PaperKind::Pdf, Some(faces)) => match as_pdf(context, &sheet, faces) {
            Ok(content) => content,
            Err(code) => return code,
        },
        (PaperKind::Html, _) => html::sheet(&sheet).into_bytes(),
        _ => (text::sheet(&sheet, Some(TEXT_CELLS)).join("\n") + "\n").into_bytes(),
    };
    if way.printer {
        return send_to_printer(context, &content);
    }
    let Some((path, new)) = way.file else {
        return match context.terminal.whole(&content) {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => context.refuse(&failure),
        };
    };
    match new.file().write_all(&content).and_then(|()| new.place()) {
        Ok(Placed { unsynced: Some(why) }) => {
            let (path, why) = (path.display().to_string(), why.to_string());
            context.refuse(&NotWritten::Unsynced { path, why }.into())
        }
        Ok(Placed { unsynced: None }) => {
            let said = Message::new("cli.print.written").with("file", path.display().to_string());
            context.terminal.line(&context.say(&said));
            ExitCode::SUCCESS
        }
        Err(why) if why.kind() == std::io::ErrorKind::AlreadyExists => refused(context, "cli.print.exists", &path),
        Err(_) => refused(context, "cli.print.not_written", &path),
    }
}

/// Whose paper it is, the day, who printed it, and the code by which it is proven later what the log held then.
fn foot(context: &Context, office: &Office) -> Vec<Field> {
    let now = context.now();
    let words = context.words(office);
    let field = |key: &'static str, label: &str, text: String| Field::new(key, words.word(label), Cell::text(text));
    let unit = roll::own_unit(context, office, now.today, now);
    let head = office.head_code().ok().flatten();
    let parts = [
        unit.map(|unit| field("unit", "present.paper.unit", unit)),
        Some(field("day", "present.paper.printed_on", now.today.to_string())),
        Some(field("by", "present.paper.printed_by", words.officer(office.officer()))),
        head.map(|head| field("head", "present.paper.head_code", head.to_string())),
    ];
    parts.into_iter().flatten().collect()
}

fn as_pdf(context: &Context, sheet: &Sheet, faces: &pdf::Faces) -> Result<Vec<u8>, ExitCode> {
    let printed = pdf::sheet(sheet, faces, context.now().at).ok_or_else(|| {
        context.terminal.error(&context.word("cli.print.no_pdf"));
        ExitCode::from(1)
    })?;
    if !printed.missing.is_empty() {
        context.terminal.error(&context.say(&pdf::not_in_a_face(&printed.missing)));
    }
    Ok(printed.bytes)
}

/// The faces of this machine; where there are none that is said.
fn faces(context: &Context) -> Result<pdf::Faces, ExitCode> {
    let given = std::env::var_os("DOSSIER_FONT").filter(|file| !file.is_empty()).map(std::path::PathBuf::from);
    pdf::Faces::find(given.as_deref()).ok_or_else(|| {
        let why = match &given {
            Some(file) => Message::new("cli.print.not_a_face").with("file", file.display().to_string()),
            None => Message::new("cli.print.no_face"),
        };
        context.terminal.error(&context.say(&why));
        ExitCode::from(1)
    })
}

fn send_to_printer(context: &Context, content: &[u8]) -> ExitCode {
    let begun = Command::new("lp").stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let sent = begun.and_then(|mut lp| {
        let fed = lp.stdin.take().map_or(Ok(()), |mut to| to.write_all(content));
        let ended = lp.wait()?;
        fed.map(|()| ended.success())
    });
    match sent {
        Ok(true) => {
            context.terminal.line(&context.word("cli.print.sent"));
            ExitCode::SUCCESS
        }
        Ok(false) | Err(_) => {
            context.terminal.error(&context.word("cli.print.no_printer"));
            ExitCode::from(1)
        }
    }
}

fn refused(context: &Context, key: &'static str, file: &Path) -> ExitCode {
    context.terminal.error(&context.say(&Message::new(key).with("file", file.display().to_string())));
    ExitCode::from(1)
}

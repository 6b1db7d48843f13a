//! The header row: which column means what, in which language. Letter case, spaces for underscores, one colon for two
//! and the older names of columns are all in use.

/// A column with a meaning.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum SheetColumn {
    Type,
    Name,
    Label,
    Hint,
    Guidance,
    Appearance,
    Relevant,
    Required,
    RequiredMessage,
    Constraint,
    ConstraintMessage,
    Calculation,
    ReadOnly,
    RepeatCount,
    ChoiceFilter,
    Default,
    Trigger,
    Parameters,
    Disabled,
    /// `bind::type`: overrules the type a calculate would have.
    BindType,
    ListName,
    /// A further column of ours: `dossier::severity` and so on.
    Own(Own),
}

/// What XLSForm cannot say. `dossier::check2`, `dossier::check2_message`, `dossier::severity2`, `dossier::moment2` add a
/// check; further numbers further checks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Own {
    Type,
    Severity,
    Moment,
    Refusable,
    Masked,
    Mask,
    Supplied,
    Shown,
    Origin,
    Number,
    Rows,
    Check(u8),
    CheckMessage(u8),
    CheckSeverity(u8),
    CheckMoment(u8),
}

/// A header cell, understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    /// `None`: the reader has no meaning for it; it is kept.
    pub column: Option<SheetColumn>,
    /// `label::English (en)`: `English (en)`; empty when the header names no language.
    pub language: String,
    /// As written.
    pub written: String,
}

/// Names of the columns that count as misspellings when they are nearly hit.
pub const KNOWN: &[&str] = &[
    "type",
    "name",
    "label",
    "hint",
    "guidance_hint",
    "appearance",
    "relevant",
    "required",
    "required_message",
    "constraint",
    "constraint_message",
    "calculation",
    "read_only",
    "repeat_count",
    "choice_filter",
    "default",
    "trigger",
    "parameters",
    "list_name",
];

pub fn header(cell: &str) -> Header {
    // With an input method on signs come out wide; the author is told (`build/slips.rs`).
    let narrow = narrowed(cell);
    let written = narrow.as_str();
    let mut parts: Vec<&str> = if written.contains("::") {
        written.split("::").map(str::trim).collect()
    } else {
        match written.split_once(':') {
            // One colon: only where what stands before it can have something after it.
            Some((first, rest)) if one_colon(&simple(first)) => vec![first.trim(), rest.trim()],
            _ => vec![written.trim()],
        }
    };
    let mut first = simple(parts.first().copied().unwrap_or_default());
    let own = first == "dossier";
    if matches!(first.as_str(), "bind" | "control" | "body" | "dossier") && parts.len() > 1 {
        parts.remove(0);
        let inner = simple(parts[0]);
        first = if first == "bind" && inner == "type" { "bind_type".to_owned() } else { inner };
    }
    let column = if own { own_column(&first).map(SheetColumn::Own) } else { column(&first) };
    let language = parts.get(1).map_or(String::new(), |l| (*l).to_owned());
    Header { column, language, written: cell.to_owned() }
}

/// Letters, digits, colons and low lines in their usual width.
pub fn narrowed(text: &str) -> String {
    let narrow = |c| match c {
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '０'..='９' | '：' | '＿' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().map(narrow).collect()
}

fn one_colon(first: &str) -> bool {
    matches!(
        first,
        "label"
            | "hint"
            | "guidance_hint"
            | "caption"
            | "constraint_message"
            | "required_message"
            | "bind"
            | "control"
            | "body"
            | "dossier"
            | "media"
            | "image"
            | "audio"
            | "video"
    )
}

fn simple(text: &str) -> String {
    text.trim().to_lowercase().replace([' ', '-'], "_")
}

fn column(name: &str) -> Option<SheetColumn> {
    Some(match name {
        "type" | "command" => SheetColumn::Type,
        "name" | "tag" | "value" => SheetColumn::Name,
        "label" | "caption" => SheetColumn::Label,
        "hint" => SheetColumn::Hint,
        "guidance_hint" => SheetColumn::Guidance,
        "appearance" => SheetColumn::Appearance,
        "relevant" | "relevance" | "skip" => SheetColumn::Relevant,
        "required" => SheetColumn::Required,
        "required_message" | "jr:requiredmsg" | "requiredmsg" => SheetColumn::RequiredMessage,
        "constraint" => SheetColumn::Constraint,
        "constraint_message" | "jr:constraintmsg" | "constraintmsg" => SheetColumn::ConstraintMessage,
        "calculation" | "calculate" => SheetColumn::Calculation,
        "read_only" | "readonly" => SheetColumn::ReadOnly,
        "repeat_count" | "jr:count" | "count" => SheetColumn::RepeatCount,
        "choice_filter" => SheetColumn::ChoiceFilter,
        "default" => SheetColumn::Default,
        "trigger" => SheetColumn::Trigger,
        "parameters" => SheetColumn::Parameters,
        "disabled" => SheetColumn::Disabled,
        "bind_type" => SheetColumn::BindType,
        "list_name" => SheetColumn::ListName,
        _ => return None,
    })
}

/// The columns of ours, as they are written: for who misspelt one.
pub const OWN: &[&str] = &[
    "dossier::type",
    "dossier::severity",
    "dossier::moment",
    "dossier::refusable",
    "dossier::masked",
    "dossier::mask",
    "dossier::supplied",
    "dossier::shown",
    "dossier::origin",
    "dossier::number",
    "dossier::rows",
    "dossier::check2",
    "dossier::check2_message",
    "dossier::severity2",
    "dossier::moment2",
];

fn own_column(name: &str) -> Option<Own> {
    Some(match name {
        "type" => Own::Type,
        "severity" => Own::Severity,
        "moment" => Own::Moment,
        "refusable" => Own::Refusable,
        "masked" => Own::Masked,
        "mask" => Own::Mask,
        "supplied" => Own::Supplied,
        "shown" => Own::Shown,
        "origin" => Own::Origin,
        "number" => Own::Number,
        "rows" => Own::Rows,
        _ => {
            let (word, rest) = name.split_at(name.find(|c: char| c.is_ascii_digit())?);
            let (number, ending) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()));
            let number: u8 = number.parse().ok()?;
            match (word, ending) {
                ("check", "") => Own::Check(number),
                ("check", "_message") => Own::CheckMessage(number),
                ("severity", "") => Own::CheckSeverity(number),
                ("moment", "") => Own::CheckMoment(number),
                _ => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_as_people_write_them() {
        for (written, column, language) in [
            ("Label::English (en)", Some(SheetColumn::Label), "English (en)"),
            ("label:Français", Some(SheetColumn::Label), "Français"),
            ("constraint message", Some(SheetColumn::ConstraintMessage), ""),
            ("Constraint_Message :: fr", Some(SheetColumn::ConstraintMessage), "fr"),
            ("bind::relevant", Some(SheetColumn::Relevant), ""),
            ("bind:jr:constraintMsg", Some(SheetColumn::ConstraintMessage), ""),
            ("jr:count", Some(SheetColumn::RepeatCount), ""),
            ("relevance", Some(SheetColumn::Relevant), ""),
            ("dossier::severity", Some(SheetColumn::Own(Own::Severity)), ""),
            ("dossier::severity2", Some(SheetColumn::Own(Own::CheckSeverity(2))), ""),
            ("dossier::moment2", Some(SheetColumn::Own(Own::CheckMoment(2))), ""),
            ("dossier::check2_severity", None, ""),
            ("dossier::check2_message::English", Some(SheetColumn::Own(Own::CheckMessage(2))), "English"),
            ("media::image::en", None, "image"),
            ("ｔｙｐｅ", Some(SheetColumn::Type), ""),
            ("ｌａｂｅｌ：：中文（zh）", Some(SheetColumn::Label), "中文（zh）"),
            ("notes to self", None, ""),
        ] {
            let header = header(written);
            assert_eq!((header.column, header.language.as_str()), (column, language), "{written}");
        }
    }
}

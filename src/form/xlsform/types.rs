//! The `type` column: what stands there, in all the spellings in use.

use crate::form::model::{Control, Meta, ValueType};

/// A `type` cell, understood.
#[derive(Clone, PartialEq, Debug)]
pub enum RowType {
    BeginGroup,
    EndGroup,
    BeginRepeat,
    EndRepeat,
    /// A row that makes no node: `audit`, `csv-external`, `xml-external`, `background-audio`.
    Nothing,
    Plain {
        control: Control,
        value: ValueType,
        meta: Option<Meta>,
    },
    Choice {
        control: Control,
        value: ValueType,
        list: String,
        from_file: bool,
        external: bool,
        or_other: bool,
    },
}

/// Selects with their spellings, longest first where one begins another.
const SELECTS: &[(&str, ValueType, bool, bool)] = &[
    ("select one external", ValueType::One, false, true),
    ("select multiple external", ValueType::Many, false, true),
    ("select one from file", ValueType::One, true, false),
    ("select multiple from file", ValueType::Many, true, false),
    ("select1 from file", ValueType::One, true, false),
    ("add select one prompt using", ValueType::One, false, false),
    ("add select multiple prompt using", ValueType::Many, false, false),
    ("select all that apply from", ValueType::Many, false, false),
    ("select all that apply", ValueType::Many, false, false),
    ("select one from", ValueType::One, false, false),
    ("select one using", ValueType::One, false, false),
    ("select one", ValueType::One, false, false),
    ("select1", ValueType::One, false, false),
    ("select multiple from", ValueType::Many, false, false),
    ("select multiple using", ValueType::Many, false, false),
    ("select multiple", ValueType::Many, false, false),
    ("odk:rank", ValueType::Rank, false, false),
    ("rank", ValueType::Rank, false, false),
];

/// The words a misspelt type is compared with.
pub const KNOWN: &[&str] = &[
    "text",
    "integer",
    "decimal",
    "date",
    "time",
    "dateTime",
    "note",
    "calculate",
    "hidden",
    "select_one",
    "select_multiple",
    "select_one_from_file",
    "rank",
    "range",
    "begin_group",
    "end_group",
    "begin_repeat",
    "end_repeat",
    "start",
    "end",
    "today",
    "deviceid",
    "username",
    "phonenumber",
    "email",
    "image",
    "audio",
    "video",
    "file",
    "barcode",
    "geopoint",
    "geotrace",
    "geoshape",
    "acknowledge",
    "audit",
];

pub fn row_type(cell: &str) -> Option<RowType> {
    let plain_blanks: String = cell.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    // The first word with an input method on; a list's own name keeps its signs.
    let plain_blanks = match plain_blanks.trim().split_once(' ') {
        Some((word, rest)) => format!("{} {rest}", super::columns::narrowed(word)),
        None => super::columns::narrowed(&plain_blanks),
    };
    let written = plain_blanks.as_str();
    let lower = written.trim().to_lowercase();
    let spaced = lower.split([' ', '_']).filter(|w| !w.is_empty()).collect::<Vec<_>>().join(" ");
    if let Some(what) = spaced.strip_prefix("begin ") {
        return match what.split(' ').next()? {
            "repeat" | "loop" | "lgroup" | "looped" => Some(RowType::BeginRepeat),
            "group" => Some(RowType::BeginGroup),
            _ => None,
        };
    }
    if let Some(what) = spaced.strip_prefix("end ") {
        return match what.split(' ').next()? {
            "repeat" | "loop" | "lgroup" | "looped" => Some(RowType::EndRepeat),
            "group" => Some(RowType::EndGroup),
            "time" => Some(meta(ValueType::DateTime, Meta::End)),
            _ => None,
        };
    }
    // `osm LIST` names the tags to be asked for.
    let spaced = if spaced.starts_with("osm ") { "osm" } else { spaced.as_str() };
    choice(written, spaced).or_else(|| plain(spaced))
}

fn choice(written: &str, spaced: &str) -> Option<RowType> {
    for (spelling, value, from_file, external) in SELECTS {
        let Some(rest) = spaced.strip_prefix(spelling) else { continue };
        if !rest.is_empty() && !rest.starts_with(' ') {
            continue;
        }
        // The list's own name keeps its letters: cut as many words off the text as written.
        let words = spelling.split(' ').count();
        let mut list = written.trim();
        for _ in 0..words {
            list = list.split_once([' ', '_']).map_or("", |(_, rest)| rest).trim_start_matches([' ', '_']);
        }
        let mut list = list.trim().to_owned();
        let mut or_other = false;
        let lower = list.to_lowercase();
        for ending in [" or_other", " or other", " or specify other"] {
            if lower.ends_with(ending) {
                list.truncate(list.len() - ending.len());
                list = list.trim().to_owned();
                or_other = true;
                break;
            }
        }
        let control = if *value == ValueType::Rank { Control::Rank } else { Control::Select };
        return Some(RowType::Choice {
            control,
            value: *value,
            list,
            from_file: *from_file,
            external: *external,
            or_other,
        });
    }
    None
}

fn meta(value: ValueType, meta: Meta) -> RowType {
    RowType::Plain { control: Control::Hidden, value, meta: Some(meta) }
}

fn plain(spaced: &str) -> Option<RowType> {
    let name = spaced.strip_prefix("add ").unwrap_or(spaced);
    let name = name.strip_suffix(" prompt").unwrap_or(name);
    let name = name.strip_prefix("q ").unwrap_or(name);
    let input = |value| RowType::Plain { control: Control::Input, value, meta: None };
    Some(match name {
        "text" | "string" | "phone number" | "url" => input(ValueType::Text),
        "integer"
        | "int"
        | "percentage"
        | "number of days in last month"
        | "number of days in last six months"
        | "number of days in last year" => input(ValueType::Integer),
        "decimal" => input(ValueType::Decimal),
        "date" => input(ValueType::Date),
        "time" => input(ValueType::Time),
        "datetime" | "date time" => input(ValueType::DateTime),
        "geopoint" | "gps" | "location" => input(ValueType::Point),
        "geotrace" => input(ValueType::Line),
        "geoshape" => input(ValueType::Area),
        "barcode" => input(ValueType::Barcode),
        "image" | "photo" | "picture" | "audio" | "video" | "file" | "osm" => {
            RowType::Plain { control: Control::Upload, value: ValueType::File, meta: None }
        }
        "note" => RowType::Plain { control: Control::Note, value: ValueType::Text, meta: None },
        "acknowledge" | "trigger" => {
            RowType::Plain { control: Control::Acknowledge, value: ValueType::Acknowledge, meta: None }
        }
        "range" => RowType::Plain { control: Control::Range, value: ValueType::Decimal, meta: None },
        "calculate" | "hidden" => RowType::Plain { control: Control::Hidden, value: ValueType::Text, meta: None },
        "start" | "start time" | "get start time" => meta(ValueType::DateTime, Meta::Start),
        "end" | "end time" | "get end time" => meta(ValueType::DateTime, Meta::End),
        "today" | "get today" => meta(ValueType::Date, Meta::Today),
        "deviceid" | "device id" | "get device id" | "imei" => meta(ValueType::Text, Meta::DeviceId),
        "username" => meta(ValueType::Text, Meta::Username),
        "email" => meta(ValueType::Text, Meta::Email),
        "phonenumber" | "get phone number" => meta(ValueType::Text, Meta::PhoneNumber),
        "simserial" | "sim id" | "get sim id" => meta(ValueType::Text, Meta::SimSerial),
        "subscriberid" | "subscriber id" | "get subscriber id" => meta(ValueType::Text, Meta::SubscriberId),
        "start-geopoint" | "background-geopoint" => meta(ValueType::Point, Meta::None),
        // SurveyCTO's own: what the device would do by itself makes no question here.
        "audit"
        | "csv-external"
        | "xml-external"
        | "background-audio"
        | "text audit"
        | "audio audit"
        | "speed violations list"
        | "speed violations count"
        | "speed violations audit" => RowType::Nothing,
        _ if name.starts_with("sensor statistic") || name.starts_with("sensor stream") => RowType::Nothing,
        "calculate here" => RowType::Plain { control: Control::Hidden, value: ValueType::Text, meta: None },
        "caseid" | "uri:deviceid" | "uri:username" | "uri:email" | "uri:phonenumber" | "uri:simserial"
        | "uri:subscriberid" => meta(ValueType::Text, Meta::None),
        // Medic's pickers of contacts (`db:person`), and SurveyCTO's remarks: their text is typed.
        "comments" => input(ValueType::Text),
        _ if name.starts_with("db:") => input(ValueType::Text),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_as_people_write_them() {
        let list = |written: &str| match row_type(written) {
            Some(RowType::Choice { list, value, or_other, .. }) => Some((value, list, or_other)),
            _ => None,
        };
        for (written, value, name, other) in [
            ("select_one Yes_No", ValueType::One, "Yes_No", false),
            ("select one from  yes no", ValueType::One, "yes no", false),
            ("select1 a", ValueType::One, "a", false),
            ("select_multiple toys or_other", ValueType::Many, "toys", true),
            ("select all that apply from x or specify other", ValueType::Many, "x", true),
            ("Select_one_from_file towns.csv", ValueType::One, "towns.csv", false),
            ("add select one prompt using q", ValueType::One, "q", false),
            ("rank r", ValueType::Rank, "r", false),
        ] {
            assert_eq!(list(written), Some((value, name.to_owned(), other)), "{written}");
        }
        for (written, expected) in [
            ("begin_group", RowType::BeginGroup),
            ("Begin Repeat", RowType::BeginRepeat),
            ("end  group", RowType::EndGroup),
            ("audit", RowType::Nothing),
            // The other engines' old names of a roster.
            ("begin lgroup", RowType::BeginRepeat),
            ("End Looped Group", RowType::EndRepeat),
        ] {
            assert_eq!(row_type(written), Some(expected), "{written}");
        }
        assert_eq!(row_type("OSM building_tags"), row_type("osm"));
        for wrong in ["select_onee x", "txt", "begin", "selectone"] {
            assert_eq!(row_type(wrong), None, "{wrong}");
        }
    }
}

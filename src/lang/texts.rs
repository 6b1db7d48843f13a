//! The tables of texts: every room's file in both languages, read once.

use super::Lang;
use std::collections::BTreeMap;
use std::sync::OnceLock;

type Table = BTreeMap<String, String>;

/// The text of a key; `None` when no room has it.
pub fn text(key: &str, lang: Lang) -> Option<&'static str> {
    table(lang).get(key).map(String::as_str)
}

pub fn has(key: &str, lang: Lang) -> bool {
    table(lang).contains_key(key)
}

/// All keys of a language, sorted.
pub fn keys(lang: Lang) -> impl Iterator<Item = &'static str> {
    table(lang).keys().map(String::as_str)
}

/// The Chinese of an English help text of the command line; `None` where none is written.
pub fn help(english: &str) -> Option<&'static str> {
    help_table().get(english).map(String::as_str)
}

/// Every English help text that has its Chinese.
pub fn help_texts() -> impl Iterator<Item = &'static str> {
    help_table().keys().map(String::as_str)
}

fn help_table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| read(crate::data::folder("help").map(|(name, text)| (name.to_owned(), text))).0)
}

fn table(lang: Lang) -> &'static Table {
    static ZH: OnceLock<Table> = OnceLock::new();
    static EN: OnceLock<Table> = OnceLock::new();
    let cell = match lang {
        Lang::Zh => &ZH,
        Lang::En => &EN,
    };
    cell.get_or_init(|| read(files(lang)).0)
}

/// Reads rooms' files into one table, with what is wrong in them. A program with a broken text file still speaks: its
/// keys are shown as keys. The test below refuses to let one out.
fn read(files: impl Iterator<Item = (String, &'static str)>) -> (Table, Vec<String>) {
    let mut table = Table::new();
    let mut problems = Vec::new();
    for (name, content) in files {
        match toml::from_str::<Table>(content) {
            Ok(room) => {
                for (key, value) in room {
                    if table.insert(key.clone(), value).is_some() {
                        problems.push(format!("{name}: {key} stands in two files"));
                    }
                }
            }
            Err(why) => problems.push(format!("{name}: {why}")),
        }
    }
    (table, problems)
}

fn files(lang: Lang) -> impl Iterator<Item = (String, &'static str)> {
    let folder = format!("lang/{}", lang.code());
    crate::data::folder(&folder).map(|(name, content)| (name.to_owned(), content)).collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::super::places;
    use super::*;

    #[test]
    fn no_text_file_is_broken_and_no_key_stands_twice() {
        for lang in Lang::ALL {
            assert_eq!(read(files(lang)).1, Vec::<String>::new(), "{lang:?}");
        }
    }

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_places() {
        let mut wrong = Vec::new();
        for lang in Lang::ALL {
            for key in keys(lang) {
                match text(key, lang.other()) {
                    None => wrong.push(format!("{key} is missing in {}", lang.other().code())),
                    Some(twin) => {
                        let own = text(key, lang).unwrap_or_default();
                        if places(own) != places(twin) {
                            wrong.push(format!("{key}: {:?} against {:?}", places(own), places(twin)));
                        }
                    }
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    #[test]
    fn no_text_is_empty_or_holds_what_a_terminal_obeys() {
        for lang in Lang::ALL {
            for key in keys(lang) {
                let own = text(key, lang).unwrap_or_default();
                assert!(!own.trim().is_empty(), "{key}");
                // How wide “ and ” are, terminals do not agree upon; 「 and 」 are two cells everywhere.
                assert!(lang != Lang::Zh || !own.contains(['“', '”']), "{key}");
                // Line breaks are wanted in long texts; nothing else that clean() takes out is.
                for line in own.lines() {
                    assert_eq!(super::super::clean(line), line, "{key}");
                }
            }
        }
    }

    /// Where a Chinese text has a half-width mark beside a Chinese character or behind what is filled in; what stands in the
    /// brackets of a call is code.
    fn half_width(text: &str) -> Option<String> {
        let is_chinese = |c: char| ('\u{3400}'..='\u{9fff}').contains(&c) || "（）「」《》“”".contains(c);
        let all: Vec<char> = text.chars().collect();
        let mut calls: Vec<bool> = Vec::new();
        for (at, c) in all.iter().copied().enumerate() {
            let before = at.checked_sub(1).and_then(|at| all.get(at)).copied().unwrap_or(' ');
            let after = all.get(at + 1).copied().unwrap_or(' ');
            match c {
                '(' => calls.push(before.is_ascii_alphanumeric()),
                ')' if calls.pop() == Some(true) => continue,
                _ => {}
            }
            // `::` names a translation of a column.
            let filled = before == '}' || (after == '{' && c != '(');
            let beside =
                (is_chinese(before) || is_chinese(after) || filled) && !(c == ':' && [before, after].contains(&':'));
            if ",;:?!()".contains(c) && beside && !calls.contains(&true) {
                return Some(all[at.saturating_sub(6)..(at + 7).min(all.len())].iter().collect());
            }
        }
        None
    }

    #[test]
    fn chinese_texts_have_full_width_marks_throughout() {
        for (text, wrong) in [
            ("好,坏", true),
            ("好，坏", false),
            ("见 {file}:请", true),
            ("是否为 {nearest}?", true),
            ("(上限 {limit} 层)", true),
            ("（上限 {limit} 层）", false),
            ("请用 count(${成员}) 计数", false),
            ("12:30, a", false),
        ] {
            assert_eq!(half_width(text).is_some(), wrong, "{text}");
        }
        let mut all: Vec<(String, String)> = Vec::new();
        for key in keys(Lang::Zh) {
            all.push((key.to_owned(), text(key, Lang::Zh).unwrap_or_default().to_owned()));
        }
        for english in super::super::help_texts() {
            all.push((english.to_owned(), super::super::help(english).unwrap_or_default().to_owned()));
        }
        // Words of lists, of units, of the form; names that rule sets bear.
        for folder in ["codes", "units", "forms/hardship"] {
            let files: Vec<_> = crate::data::folder(folder).collect();
            assert!(!files.is_empty(), "{folder}");
            files.iter().for_each(|(name, csv)| chinese_cells(name, csv, &mut all));
        }
        for (name, rules) in crate::data::folder("rules").chain(crate::data::folder("aid")) {
            chinese_values(name, &toml::Value::Table(rules.parse().unwrap()), &mut all);
        }
        assert!(
            ["sex.csv 2 zh", "jinhe.csv 2 zh", "survey.csv 3 label::中文 (zh)", "genhe-2026.toml"]
                .iter()
                .all(|place| all.iter().any(|(read, _)| read == place))
        );
        let wrong = all.iter().filter_map(|(place, text)| Some(format!("{place}: {}", half_width(text)?)));
        let wrong: Vec<String> = wrong.collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }

    /// Each cell of a Chinese column, by its line and the column's name.
    fn chinese_cells(name: &str, text: &str, out: &mut Vec<(String, String)>) {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let heads = reader.headers().unwrap().clone();
        for (line, record) in (2..).zip(reader.records()) {
            let record = record.unwrap();
            let chinese = heads.iter().zip(&record).filter(|(head, _)| *head == "zh" || head.ends_with("(zh)"));
            out.extend(chinese.map(|(head, cell)| (format!("{name} {line} {head}"), cell.to_owned())));
        }
    }

    /// Every text below a key `zh`.
    fn chinese_values(name: &str, value: &toml::Value, out: &mut Vec<(String, String)>) {
        match value {
            toml::Value::Table(table) => table.iter().for_each(|(key, value)| match value {
                toml::Value::String(text) if key == "zh" => out.push((name.to_owned(), text.clone())),
                value => chinese_values(name, value, out),
            }),
            toml::Value::Array(all) => all.iter().for_each(|value| chinese_values(name, value, out)),
            _ => {}
        }
    }
}

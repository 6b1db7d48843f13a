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
        let wrong: Vec<String> = keys(Lang::Zh)
            .filter_map(|key| {
                half_width(text(key, Lang::Zh).unwrap_or_default()).map(|found| format!("{key}: {found}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

//! How the columns of rolls are called, and what people write in their cells: read from `data/import/headings.toml`.

use crate::data;
use crate::domain::bug;
use crate::domain::letters;
use crate::domain::money::narrow_char;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

/// Targets that are no question.
pub const HOUSEHOLD: &str = "household";
pub const CATEGORY: &str = "category";
pub const OPENED: &str = "opened";
pub const OTHER_NUMBER: &str = "other_number";
pub const REMARK: &str = "remark";
pub const SKIP: &str = "skip";
pub const TARGETS: [&str; 6] = [HOUSEHOLD, CATEGORY, OPENED, OTHER_NUMBER, REMARK, SKIP];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    worker: Vec<String>,
    remarked: Vec<String>,
    member: Vec<MemberWords>,
    column: Vec<ColumnWords>,
    values: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    nothing: Nothing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberWords {
    words: Vec<String>,
    relation: Option<String>,
    #[serde(default)]
    child: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnWords {
    to: String,
    member: Option<String>,
    headings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {
    empty: Vec<String>,
    none: Vec<String>,
    unknown: Vec<String>,
}

/// Whose a column is, as its heading says.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct OfMember {
    /// The member: columns of one label are about one person.
    pub label: String,
    pub relation: Option<String>,
    pub child: bool,
}

/// What a heading was understood as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Understood {
    pub to: String,
    /// The question of the roster that it means of a member.
    pub of_members: Option<String>,
    /// It says itself that it is about the worker, or about that member.
    pub worker: bool,
    pub member: Option<OfMember>,
}

/// What a cell holds that is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoAnswer {
    Empty,
    None,
    Unknown,
}

pub struct Headings {
    worker: Vec<String>,
    members: Vec<(String, Option<String>, bool)>,
    columns: HashMap<String, (String, Option<String>)>,
    of_members: HashMap<String, String>,
    remarked: Vec<String>,
    values: HashMap<String, HashMap<String, String>>,
    nothing: HashMap<String, NoAnswer>,
}

/// A heading or a value as it is compared: seen letters, narrow and small, without blanks, brackets and signs.
pub fn plain(text: &str) -> String {
    let mut depth = 0usize;
    let mut out = String::new();
    for c in letters::seen(text).chars().map(narrow_char) {
        match c {
            '(' | '[' | '【' | '〔' | '（' => depth += 1,
            ')' | ']' | '】' | '〕' | '）' => depth = depth.saturating_sub(1),
            _ if depth > 0 || c.is_whitespace() => {}
            ':' | '*' | '·' | '、' | ',' | '.' | '/' | '\\' | '_' | '-' | '"' | '?' | '。' | '&' | '#' | ';' => {}
            _ => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// A number at the beginning of a text, in digits or Chinese, and what follows.
fn number_before(text: &str) -> Option<(u32, &str)> {
    const DIGITS: [&str; 10] = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十"];
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if digits > 0 {
        return text[..digits].parse().ok().map(|number| (number, &text[digits..]));
    }
    let text = text.strip_prefix('第').unwrap_or(text);
    (1..).zip(DIGITS).find_map(|(number, sign)| Some((number, text.strip_prefix(sign)?)))
}

/// A number at the end of a text, and what stands before it.
fn number_behind(text: &str) -> Option<(u32, &str)> {
    let before = text.trim_end_matches(|c: char| c.is_ascii_digit());
    if before.len() < text.len() {
        return text[before.len()..].parse().ok().map(|number| (number, before));
    }
    let (last, _) = text.char_indices().last()?;
    let (number, rest) = number_before(&text[last..])?;
    rest.is_empty().then_some((number, &text[..last]))
}

impl Headings {
    /// Those that the program brings.
    pub fn built_in() -> &'static Headings {
        static READ: OnceLock<Headings> = OnceLock::new();
        READ.get_or_init(|| {
            let text = data::file("import/headings.toml").unwrap_or_default();
            match Headings::read(text) {
                Ok(headings) => headings,
                Err(_) => bug!("the headings that the program brings to be readable"),
            }
        })
    }

    fn read(text: &str) -> Result<Headings, String> {
        let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
        let mut columns = HashMap::new();
        let mut of_members = HashMap::new();
        for column in file.column {
            for heading in &column.headings {
                let entry = (column.to.clone(), column.member.clone());
                if columns.insert(plain(heading), entry).is_some() {
                    return Err(format!("{heading} twice"));
                }
            }
            if let Some(member) = column.member {
                of_members.insert(column.to, member);
            }
        }
        let mut worker: Vec<String> = file.worker.iter().map(|words| plain(words)).collect();
        worker.sort_by_key(|words| std::cmp::Reverse(words.len()));
        let mut members = Vec::new();
        for member in file.member {
            members.extend(member.words.iter().map(|words| (plain(words), member.relation.clone(), member.child)));
        }
        members.sort_by_key(|(words, ..)| std::cmp::Reverse(words.len()));
        let mut values: HashMap<String, HashMap<String, String>> = HashMap::new();
        for (list, codes) in file.values {
            let of_list = values.entry(list).or_default();
            for (code, said) in codes {
                of_list.extend(said.iter().map(|said| (plain(said), code.clone())));
            }
        }
        let mut nothing = HashMap::new();
        let kinds = [
            (file.nothing.empty, NoAnswer::Empty),
            (file.nothing.none, NoAnswer::None),
            (file.nothing.unknown, NoAnswer::Unknown),
        ];
        for (texts, kind) in kinds {
            nothing.extend(texts.into_iter().map(|text| (text, kind)));
        }
        Ok(Headings { worker, members, columns, of_members, remarked: file.remarked, values, nothing })
    }

    /// What a heading says; `None`: nothing that is known here.
    pub fn understand(&self, heading: &str) -> Option<Understood> {
        let whole = plain(heading);
        if whole.is_empty() {
            return None;
        }
        if let Some(found) = self.whole(&whole) {
            return Some(found);
        }
        for words in &self.worker {
            if let Some((to, of_members)) = whole.strip_prefix(words.as_str()).and_then(|rest| self.columns.get(rest)) {
                return Some(Understood { to: to.clone(), of_members: of_members.clone(), worker: true, member: None });
            }
        }
        if let Some(found) = self.of_member(&whole) {
            return Some(found);
        }
        // `姓名2`: the second member.
        if let Some((number, before)) = number_behind(&whole)
            && let Some((to, of_members)) = self.columns.get(before)
            && (of_members.is_some() || to.starts_with("m_"))
        {
            let member = Some(OfMember { label: number.to_string(), ..OfMember::default() });
            return Some(Understood { to: to.clone(), of_members: of_members.clone(), worker: false, member });
        }
        // A group above that says nothing of its own: `基本情况·姓名`.
        let (_, below) = heading.rsplit_once('·')?;
        self.understand(below)
    }

    fn whole(&self, whole: &str) -> Option<Understood> {
        let (to, of_members) = self.columns.get(whole)?;
        // `职工姓名` is in the list as such, and says whose it is.
        let worker = self.worker.iter().any(|words| whole.starts_with(words.as_str())) && !to.starts_with("m_");
        Some(Understood { to: to.clone(), of_members: of_members.clone(), worker, member: None })
    }

    fn of_member(&self, whole: &str) -> Option<Understood> {
        for (words, relation, child) in &self.members {
            let Some(rest) = whole.strip_prefix(words.as_str()) else { continue };
            let (before, rest) = match number_before(rest) {
                Some((number, rest)) => (Some(number), rest),
                None => (None, rest),
            };
            let (number, rest) = match number_behind(rest) {
                _ if before.is_some() || self.columns.contains_key(rest) => (before, rest),
                Some((number, rest)) => (Some(number), rest),
                None => (None, rest),
            };
            let Some((to, of_members)) = self.columns.get(rest) else { continue };
            // A member has no account and no category of their own here.
            if of_members.is_none() && !to.starts_with("m_") {
                continue;
            }
            // Plain members are told apart by their number alone; a spouse is another person than the first child.
            let named = relation.is_some() || *child;
            let label = match (named, number) {
                (false, Some(number)) => number.to_string(),
                (false, None) => String::new(),
                (true, Some(number)) => format!("{words}{number}"),
                (true, None) => words.clone(),
            };
            let member = Some(OfMember { label, relation: relation.clone(), child: *child });
            return Some(Understood { to: to.clone(), of_members: of_members.clone(), worker: false, member });
        }
        None
    }

    /// Whether a heading is that of a group of columns about members.
    pub fn is_of_members(&self, heading: &str) -> bool {
        let whole = plain(heading);
        self.members.iter().any(|(words, ..)| whole.starts_with(words.as_str()))
    }

    /// The question of the roster that is the same of a member.
    pub fn of_members(&self, to: &str) -> Option<&str> {
        self.of_members.get(to).map(String::as_str)
    }

    /// What is kept as a remark where a check of its question refuses it.
    pub fn is_remarked(&self, question: &str) -> bool {
        self.remarked.iter().any(|name| name == question)
    }

    /// The code of a list that people mean by these words.
    pub fn meant(&self, list: &str, said: &str) -> Option<&str> {
        self.values.get(list)?.get(&plain(said)).map(String::as_str)
    }

    pub fn no_answer(&self, text: &str) -> Option<NoAnswer> {
        self.nothing.get(text.trim()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::Library;

    fn of(heading: &str) -> Option<(String, bool, Option<String>)> {
        let found = Headings::built_in().understand(heading)?;
        Some((found.to, found.worker, found.member.map(|member| member.label)))
    }

    #[test]
    fn headings_are_understood_however_they_are_written() {
        let to = |to: &str| Some((to.to_owned(), false, None));
        for heading in ["身份证号", " 身份 证号码 ", "公民身份号码（18位）", "身份证号:", "*身份证号*", "ＩＤ Ｎumber"]
        {
            assert_eq!(of(heading), to("id_number"), "{heading}");
        }
        assert_eq!(of("职工身份证号码"), Some(("id_number".into(), true, None)));
        assert_eq!(of("户主姓名"), Some(("name".into(), true, None)));
        for (heading, question, label) in [
            ("家庭成员姓名1", "name", "1"),
            ("成员一姓名", "name", "1"),
            ("成员2身份证号", "id_number", "2"),
            ("家庭成员二·与户主关系", "m_relation", "2"),
            ("姓名3", "name", "3"),
            ("配偶姓名", "name", "配偶"),
            ("子女2就读学校", "m_school", "子女2"),
            ("家属性别", "sex", ""),
        ] {
            assert_eq!(of(heading), Some((question.into(), false, Some(label.into()))), "{heading}");
        }
        assert_eq!(of("基本情况·姓名"), to("name"));
        assert_eq!((of("什么都不是"), of(""), of("成员1")), (None, None, None));
    }

    #[test]
    fn every_target_is_a_question_and_every_value_a_code() {
        let headings = Headings::built_in();
        let library = Library::built_in();
        let form = library.hardship().unwrap();
        for (heading, (to, member)) in &headings.columns {
            assert!(TARGETS.contains(&to.as_str()) || form.by_name.contains_key(to), "{heading} → {to}");
            assert!(member.as_ref().is_none_or(|member| form.by_name.contains_key(member)), "{heading} → {member:?}");
        }
        for name in &headings.remarked {
            assert!(form.by_name.contains_key(name), "{name}");
        }
        for (list, said) in &headings.values {
            let codes = library.codes(list).unwrap_or_else(|| panic!("{list}"));
            for (words, code) in said {
                assert!(codes.all().any(|known| known.code == *code), "{list} {words} → {code}");
            }
        }
    }
}

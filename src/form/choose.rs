//! Choices as people type them: code, pinyin initials, whole pinyin, or a part of the label; several split by blanks
//! or commas. What fits is narrowed with every character.

use super::draft::{At, Draft, Offer};
use super::model::ValueType;
use super::read::{self, NotRead};
use crate::domain::Day;
use crate::domain::money::narrow_char;
use crate::domain::{Mask, letters};
use pinyin::ToPinyin;
use unicode_normalization::UnicodeNormalization;

/// How well a choice fits, best first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fit {
    Code,
    Label,
    Initials,
    CodeBegins,
    LabelBegins,
    InitialsBegin,
    PinyinBegins,
    LabelHas,
}

/// Lower case, full-width forms narrowed, composed.
pub(super) fn folded(text: &str) -> String {
    letters::seen(text).nfc().map(narrow_char).flat_map(char::to_lowercase).collect::<String>().trim().to_owned()
}

/// `汉族` → `hz`; letters and digits stand for themselves, signs for nothing.
pub fn initials(label: &str) -> String {
    let mut out = String::new();
    let mut inside = false;
    for c in label.chars() {
        if let Some(p) = c.to_pinyin() {
            out.push_str(p.first_letter());
            inside = false;
        } else if c.is_alphanumeric() {
            // Of a word in letters its first, of a number all.
            if !inside || c.is_numeric() {
                out.extend(c.to_lowercase());
            }
            inside = true;
        } else {
            inside = false;
        }
    }
    out
}

fn whole_pinyin(label: &str) -> String {
    label.chars().filter_map(|c| c.to_pinyin()).map(|p| p.plain()).collect()
}

/// How well `typed` (already [`folded`]) fits a choice.
fn fit(typed: &str, name: &str, label: &str) -> Option<Fit> {
    let (name, label) = (folded(name), folded(label));
    if typed == name {
        return Some(Fit::Code);
    }
    if typed == label {
        return Some(Fit::Label);
    }
    let short = initials(&label);
    if typed == short {
        return Some(Fit::Initials);
    }
    if name.starts_with(typed) {
        return Some(Fit::CodeBegins);
    }
    if label.starts_with(typed) {
        return Some(Fit::LabelBegins);
    }
    if short.starts_with(typed) {
        return Some(Fit::InitialsBegin);
    }
    if typed.is_ascii() && whole_pinyin(&label).starts_with(typed) {
        return Some(Fit::PinyinBegins);
    }
    label.contains(typed).then_some(Fit::LabelHas)
}

/// How well what is typed fits something with a number (or code) and words: less is better, `None` not at all.
pub fn rank(typed: &str, number: &str, words: &str) -> Option<u8> {
    let typed = folded(typed);
    if typed.is_empty() { None } else { fit(&typed, number, words).map(|fit| fit as u8) }
}

impl Draft {
    /// The choices that fit what is typed so far, best first, list order among equals. Of a question with several
    /// answers the part after the last blank or comma counts. Nothing typed: all choices on offer.
    pub fn narrow(&self, at: At, typed: &str) -> Vec<Offer<'_>> {
        let offers = self.offers(at);
        let several = self.form().question(at.node).is_some_and(|q| q.value != ValueType::One);
        let part = if several { parts(typed).last().map_or("", |p| *p).to_owned() } else { typed.to_owned() };
        let wanted = folded(&part);
        if wanted.is_empty() || (several && typed.ends_with(is_separator)) {
            return offers;
        }
        let mut fitting: Vec<(Fit, usize)> = Vec::new();
        for (i, offer) in offers.iter().enumerate() {
            if let Some(fit) = fit(&wanted, offer.name, &offer.label) {
                fitting.push((fit, i));
            }
        }
        fitting.sort_unstable();
        fitting.into_iter().map(|(_, i)| offers[i].clone()).collect()
    }

    /// Of several choices the one that excludes all others (*none of these*): its cell in a column `exclusive` of the
    /// choices sheet says so. Its label.
    pub(super) fn exclusive(&self, question: &super::model::Question, names: &[&str]) -> Option<String> {
        let list = self.list(question.list?)?;
        let alone = |name: &&&str| list.get(name).is_some_and(super::model::Choice::is_exclusive);
        let name = names.iter().find(alone).filter(|_| names.len() > 1)?;
        Some(self.shown_of(question, name))
    }

    /// Whether of a date only the month and the year are asked, or only the year.
    pub fn asks_part_of_date(&self, at: At) -> bool {
        read::no_part_of_date(&self.form().node(at.node).appearance).is_some()
    }

    /// What people type → what is kept at this question, or why it cannot be read. An empty text is an empty answer.
    pub fn read(&self, at: At, typed: &str) -> Result<String, NotRead> {
        let Some(question) = self.form().question(at.node) else { return Ok(String::new()) };
        let (appearance, today) = (&self.form().node(at.node).appearance, self.supply().today);
        if question.value == ValueType::Date
            && let Some(day) = read::part_of_date(appearance, typed, today)
        {
            return Ok(day.to_string());
        }
        // Where only the month is asked, `03-24` is no day of this March.
        if question.value == ValueType::Date
            && !self.asks_part_of_date(at)
            && let Some(day) = Day::from_typed_near(typed, today)
        {
            return Ok(day.to_string());
        }
        let coarse = read::no_part_of_date(&self.form().node(at.node).appearance);
        let read = read::typed(question.value, typed).map_err(|why| match (why, coarse) {
            (NotRead::NotADate, Some(coarse)) => coarse,
            (why, _) => why,
        });
        let mut text = read::on_scale(question, read?)?;
        if question.masked == Some(Mask::Phone)
            && let Some(mobile) = letters::mobile(&text)
        {
            text = mobile;
        }
        let has_list =
            question.list.is_some_and(|list| !self.is_without_choices(list)) || question.choices_of.is_some();
        if text.is_empty() || (question.list.is_none() && question.choices_of.is_none()) {
            return Ok(text);
        }
        // The other engines ask it as a text; here what its list does not have is no answer, where the list is there.
        if question.external && !has_list {
            return Ok(text);
        }
        let offers = self.offers(at);
        match question.value {
            ValueType::One => one(&offers, &text).map(str::to_owned),
            ValueType::Many | ValueType::Rank => {
                let mut names: Vec<&str> = Vec::new();
                for part in parts(&text) {
                    let name = one(&offers, part)?;
                    if !names.contains(&name) {
                        names.push(name);
                    }
                }
                if let Some(alone) = self.exclusive(question, &names) {
                    return Err(NotRead::Exclusive { name: alone });
                }
                if question.value == ValueType::Many {
                    names.sort_by_key(|name| offers.iter().position(|o| o.name == *name));
                }
                Ok(names.join(" "))
            }
            _ => Ok(text),
        }
    }
}

/// What stands between the codes or words of several choices.
pub fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | '，' | '、' | ';' | '；')
}

pub(super) fn parts(text: &str) -> Vec<&str> {
    text.split(is_separator).filter(|p| !p.is_empty()).collect()
}

/// The one choice that a text means: the best kind of fit decides, and must be unique within its kind.
fn one<'a>(offers: &[Offer<'a>], typed: &str) -> Result<&'a str, NotRead> {
    let wanted = folded(typed);
    let mut best: Option<Fit> = None;
    let mut names: Vec<&'a str> = Vec::new();
    for offer in offers {
        let Some(fit) = fit(&wanted, offer.name, &offer.label) else { continue };
        if best.is_none_or(|b| fit < b) {
            best = Some(fit);
            names.clear();
        }
        if best == Some(fit) {
            names.push(offer.name);
        }
    }
    match (best, names.as_slice()) {
        (_, [name]) => Ok(name),
        (Some(Fit::Code), [name, ..]) => Ok(name),
        (None, _) | (_, []) => {
            let known = offers.iter().flat_map(|o| [o.name, &*o.label]);
            Err(NotRead::NoSuchChoice { typed: typed.to_owned(), near: super::xlsform::nearest(&wanted, known) })
        }
        _ => {
            let shown = names.iter().take(10).map(|name| {
                let label = offers.iter().find(|o| o.name == *name).map_or("", |o| &*o.label);
                format!("{name} {label}")
            });
            Err(NotRead::SeveralChoices { names: shown.collect() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_of_labels() {
        for (label, expected) in
            [("汉族", "hz"), ("心血管病", "xxgb"), ("Type 2 diabetes", "t2d"), ("三年(31–42)", "sn3142")]
        {
            assert_eq!(initials(label), expected, "{label}");
        }
    }

    #[test]
    fn a_code_goes_before_everything_that_begins_so() {
        let offers =
            [("1", "一"), ("10", "健康"), ("11", "十一")].map(|(name, label)| Offer { name, label: label.into() });
        assert_eq!(one(&offers, "1"), Ok("1"));
        assert_eq!(one(&offers, "１０"), Ok("10"));
        assert_eq!(one(&offers, "jk"), Ok("10"));
        assert_eq!(one(&offers, "jiankang"), Ok("10"));
        assert_eq!(one(&offers, "健"), Ok("10"));
        assert!(matches!(one(&offers, "9"), Err(NotRead::NoSuchChoice { .. })));
        let twins = [("1", "父亲"), ("2", "父母")].map(|(name, label)| Offer { name, label: label.into() });
        assert!(matches!(one(&twins, "父"), Err(NotRead::SeveralChoices { .. })));
    }
}

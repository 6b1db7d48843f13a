//! Choosing from a list by code, by pinyin initials or whole pinyin, or by the text itself.

use super::field::TextField;
use super::list::{List, Moved};
use crate::tui::key::Key;
use crate::tui::keymap::Action;
use crate::tui::page::Page;
use crate::tui::text;
use pinyin::{ToPinyin, ToPinyinMulti};
use ratatui::layout::Rect;

/// One thing to choose.
#[derive(Clone, Debug)]
pub struct Choice {
    /// What is stored, and what an expert types: `10`.
    pub code: String,
    pub text: String,
    /// For each character of the text the letters its pinyin may begin with; a character with two readings has two.
    initials: Vec<Vec<char>>,
    pinyin: String,
}

impl Choice {
    pub fn new(code: impl Into<String>, text: impl Into<String>) -> Choice {
        let (code, text) = (code.into(), text.into());
        let initials = text.chars().filter(|c| c.is_alphanumeric()).map(initials).collect();
        let pinyin = text
            .chars()
            .map(|c| c.to_pinyin().map_or_else(|| c.to_lowercase().to_string(), |p| p.plain().to_owned()))
            .collect();
        Choice { code, text, initials, pinyin }
    }

    /// How well the typed text (plain, lower case) fits: smaller is better, `None` not at all.
    fn rank(&self, typed: &str) -> Option<u8> {
        let code = self.code.to_lowercase();
        let text = self.text.to_lowercase();
        let letters: Vec<char> = typed.chars().collect();
        let initials = |from: usize| {
            self.initials.len() >= from + letters.len()
                && letters.iter().zip(&self.initials[from..]).all(|(c, may)| may.contains(c))
        };
        Some(match () {
            () if code == typed => 0,
            () if code.starts_with(typed) => 1,
            () if text == typed => 2,
            () if text.starts_with(typed) => 3,
            () if initials(0) => 4,
            () if self.pinyin.starts_with(typed) => 5,
            () if text.contains(typed) => 6,
            () if (1..self.initials.len()).any(initials) => 7,
            () if self.pinyin.contains(typed) => 8,
            () => return None,
        })
    }
}

fn initials(c: char) -> Vec<char> {
    let mut letters: Vec<char> = match c.to_pinyin_multi() {
        Some(readings) => readings.into_iter().filter_map(|p| p.plain().chars().next()).collect(),
        None => c.to_lowercase().collect(),
    };
    letters.sort_unstable();
    letters.dedup();
    letters
}

/// What is typed does not say which choice is meant.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Untold;

/// A field that narrows a list of choices.
#[derive(Clone, Debug, Default)]
pub struct Picker {
    choices: Vec<Choice>,
    field: TextField,
    /// The choices that fit, best first.
    fits: Vec<usize>,
    list: List,
    /// The bar is only shown, and Enter only takes it, once something was typed, moved to, or chosen before: else Enter
    /// pressed once too often would answer a question nobody read.
    bar: bool,
    /// The last key was a blank that took a code; the next blank is none for the bar.
    ticked: bool,
    /// The bar was moved away from what the typed text leads to.
    moved: bool,
    /// The choice that stands as the answer, wherever the bar is.
    stands: Option<usize>,
    /// More than one may be chosen: the codes chosen so far, in the order of the choices.
    several: Option<Vec<bool>>,
}

impl Picker {
    pub fn new(choices: Vec<Choice>) -> Picker {
        let mut picker = Picker { choices, ..Picker::default() };
        picker.narrow();
        picker
    }

    /// With the bar on the first choice from the start, for menus.
    pub fn ready(choices: Vec<Choice>) -> Picker {
        Picker { bar: true, ..Picker::new(choices) }
    }

    /// Several may be chosen: Space puts the marked one in or takes it out.
    pub fn several(choices: Vec<Choice>) -> Picker {
        let none = vec![false; choices.len()];
        Picker { several: Some(none), ..Picker::new(choices) }
    }

    /// Puts the bar on the code (or, where several may be chosen, marks the codes, split by blanks).
    pub fn with_chosen(mut self, codes: &str) -> Picker {
        match &mut self.several {
            Some(chosen) => {
                for (choice, mark) in self.choices.iter().zip(chosen) {
                    *mark = codes.split_whitespace().any(|code| code == choice.code);
                }
            }
            None => {
                self.stands = self.choices.iter().position(|choice| choice.code == codes);
                self = self.with_bar(codes);
            }
        }
        self
    }

    /// Puts the bar on the code; what stands as the answer stays.
    pub fn with_bar(mut self, code: &str) -> Picker {
        if let Some(at) = self.fits.iter().position(|&i| self.choices[i].code == code) {
            self.list.go(at);
            self.bar = true;
        }
        self
    }

    /// Whether more than one may be chosen.
    pub fn takes_several(&self) -> bool {
        self.several.is_some()
    }

    /// Whether nothing was typed and no bar moved since the picker was made.
    pub fn is_untouched(&self) -> bool {
        self.field.is_empty() && !self.bar
    }

    /// The choice under the bar.
    pub fn current(&self) -> Option<&Choice> {
        self.list.at().filter(|_| self.bar).and_then(|at| self.fits.get(at)).and_then(|&i| self.choices.get(i))
    }

    /// Its place among all choices.
    pub fn current_index(&self) -> Option<usize> {
        self.list.at().filter(|_| self.bar).and_then(|at| self.fits.get(at)).copied()
    }

    /// What Enter takes: the code under the bar, or all marked ones split by one blank (a text typed whole counts as
    /// marked). `None` when nothing fits.
    pub fn taken(&self) -> Option<String> {
        match &self.several {
            None => self.current().map(|choice| choice.code.clone()),
            // What was typed and fits nothing is no answer, and not to be lost beside the marks.
            Some(_) if !self.field.is_empty() && self.fits.is_empty() => None,
            Some(marks) => {
                let typed = (!self.field.is_empty()).then(|| self.current_index()).flatten();
                let codes: Vec<&str> = self
                    .choices
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| marks.get(*i) == Some(&true) || typed == Some(*i))
                    .map(|(_, choice)| choice.code.as_str())
                    .collect();
                Some(codes.join(" "))
            }
        }
    }

    /// The codes of those that are marked, split by one blank; empty where only one may be chosen.
    pub fn marked(&self) -> String {
        let marks = self.several.as_deref().unwrap_or_default();
        let marked = self.choices.iter().zip(marks).filter(|(_, mark)| **mark);
        marked.map(|(choice, _)| choice.code.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// What is meant without Enter, when the field is left: marks that were set, and a typed text that is one choice and
    /// no other (its code, its words, or the only one that fits). Never what is only highlighted.
    pub fn entered(&self) -> Result<Option<String>, Untold> {
        let typed = self.plain_typed();
        let meant = match (typed.is_empty(), self.moved) {
            (true, _) => None,
            (false, true) => return Err(Untold),
            (false, false) => Some(self.reported(&typed).ok_or(Untold)?),
        };
        Ok(match &self.several {
            None => meant.map(|at| self.choices[at].code.clone()),
            Some(marks) => {
                let chosen = |i: usize| marks.get(i) == Some(&true) || meant == Some(i);
                let codes = self.choices.iter().enumerate().filter(|(i, _)| chosen(*i));
                Some(codes.map(|(_, choice)| choice.code.as_str()).collect::<Vec<_>>().join(" "))
            }
        })
    }

    /// The one choice that the text tells.
    fn reported(&self, typed: &str) -> Option<usize> {
        let exactly = |choice: &Choice| choice.code.to_lowercase() == typed || choice.text.to_lowercase() == typed;
        match self.fits[..] {
            [only] => Some(only),
            _ => self.choices.iter().position(exactly),
        }
    }

    fn plain_typed(&self) -> String {
        let typed = self.field.value();
        // What stands between codes names no choice by itself, though the words of one may have it in them.
        if self.several.is_some() && typed.chars().all(crate::form::choose::is_separator) {
            return String::new();
        }
        typed.trim().chars().map(crate::domain::money::narrow_char).collect::<String>().to_lowercase()
    }

    pub fn typed(&self) -> String {
        self.field.value()
    }

    pub fn fits(&self) -> usize {
        self.fits.len()
    }

    /// A code typed with a blank behind it is in, whether or not it was: who types a list of codes takes none out.
    fn tick(&mut self) {
        let marked = self.current_index().and_then(|at| self.several.as_ref()?.get(at).copied());
        match marked {
            Some(true) => {
                self.field.clear();
                self.narrow();
            }
            Some(false) => self.toggle(),
            None => return,
        }
        self.ticked = true;
    }

    /// Puts the choice under the bar in or out, where several may be chosen.
    pub fn toggle(&mut self) {
        let at = self.current_index();
        if let (Some(marks), Some(at)) = (&mut self.several, at) {
            if let Some(mark) = marks.get_mut(at) {
                *mark = !*mark;
            }
            if !self.field.is_empty() {
                self.field.clear();
                self.narrow();
                if let Some(row) = self.fits.iter().position(|&i| i == at) {
                    self.list.go(row);
                }
                self.bar = true;
            }
        }
    }

    pub fn act(&mut self, action: Action) -> Moved {
        self.ticked = false;
        // The first arrow shows the bar where it is.
        if !self.bar && matches!(action, Action::Down | Action::First) {
            self.bar = true;
            self.list.go(0);
            return Moved::Yes;
        }
        let before = self.list.at();
        let moved = self.list.act(action);
        self.bar |= moved != Moved::No;
        self.moved |= self.list.at() != before;
        moved
    }

    /// Whether some code, typed whole, can't become another.
    pub fn settles(&self) -> bool {
        let alone = |code: &str| self.choices.iter().filter(|choice| choice.code.starts_with(code)).count() == 1;
        self.several.is_none() && self.choices.iter().any(|choice| alone(&choice.code))
    }

    /// Whether what is typed is one code exactly and begins no other: nothing more need be typed.
    pub fn is_settled(&self) -> bool {
        let typed = self.plain_typed();
        let mut begin = self.choices.iter().filter(|choice| choice.code.to_lowercase().starts_with(&typed));
        self.several.is_none()
            && begin.next().is_some_and(|only| only.code.to_lowercase() == typed)
            && begin.next().is_none()
    }

    /// Typed text narrows. `false` when the key is none of the field's.
    pub fn key(&mut self, key: &Key) -> bool {
        if self.several.is_some() && key.plain() == Key::Char(' ') {
            match (self.field.is_empty(), self.ticked) {
                (true, false) => self.toggle(),
                // The second of two blanks between codes.
                (true, true) => self.ticked = false,
                (false, _) => self.tick(),
            }
            return true;
        }
        self.ticked = false;
        let taken = self.field.key(key);
        if taken {
            self.narrow();
        }
        taken
    }

    fn narrow(&mut self) {
        let typed = self.plain_typed();
        self.moved = false;
        let kept = self.current_index();
        let mut fits: Vec<(u8, usize)> = self
            .choices
            .iter()
            .enumerate()
            .filter_map(|(i, choice)| choice.rank(&typed).map(|rank| (if typed.is_empty() { 0 } else { rank }, i)))
            .collect();
        fits.sort();
        self.fits = fits.into_iter().map(|(_, i)| i).collect();
        self.list.set_len(self.fits.len());
        let bar = if typed.is_empty() { kept.and_then(|k| self.fits.iter().position(|&i| i == k)) } else { None };
        self.list.go(bar.unwrap_or(0));
        self.bar = (bar.is_some() && self.bar) || !typed.is_empty();
    }

    /// The field on the first line, the fitting choices below it.
    pub fn draw(&self, page: &mut Page<'_>, area: Rect) {
        if area.height == 0 {
            return;
        }
        page.put(area.x, area.y, 2, "> ", page.cx.theme.plain());
        self.draw_field(page, area.x + 2, area.y, area.width.saturating_sub(2).min(40));
        self.draw_list(page, Rect::new(area.x, area.y + 1, area.width, area.height - 1));
    }

    /// The choice's words; where they are cut, and others begin alike, with what tells them apart: their end, or the places in
    /// which they differ from one another, in order.
    fn distinguished<'c>(&self, choice: &'c Choice, room: usize) -> std::borrow::Cow<'c, str> {
        let begins = text::take_cells(&choice.text, room.saturating_sub(1));
        let cut = begins.len() < choice.text.len() && text::width(&choice.text) > room;
        if !cut || room < 8 {
            return choice.text.as_str().into();
        }
        let alike = |begins: &str| {
            let others = self.choices.iter().map(|other| other.text.as_str());
            others.filter(|other| *other != choice.text && other.starts_with(begins)).collect::<Vec<&str>>()
        };
        if alike(begins).is_empty() {
            return choice.text.as_str().into();
        }
        // With less of the beginning shown, more begin alike.
        let head = text::take_cells(&choice.text, room / 3);
        let others = alike(head);
        let left = room - text::width(head);
        let tail = text::cut_front(&choice.text, left);
        // Cut alike, no two may look alike; the end is what people look at first.
        let end = tail.trim_start_matches(text::CUT_FRONT);
        if !others.iter().any(|other| other.ends_with(end)) {
            return format!("{head}{tail}").into();
        }
        // The places, each with as little of what follows as there is room for.
        let mut places: Vec<usize> = others.iter().map(|other| differs_at(&choice.text, other)).collect();
        places.sort_unstable();
        places.dedup();
        places.retain(|at| *at >= head.len() && *at < choice.text.len());
        let each = (left / places.len().max(1)).max(4);
        let mut shown = head.to_owned();
        let mut shown_to = head.len();
        for at in places {
            if at < shown_to {
                continue;
            }
            let from = word_begin(&choice.text, at, shown_to, each / 2);
            let room = each.min(room.saturating_sub(text::width(&shown)));
            let part = text::take_cells(&choice.text[from..], room.saturating_sub(1));
            if room < 2 || from + part.len() <= at {
                continue;
            }
            if from > shown_to {
                shown.push(text::CUT);
            }
            shown.push_str(part);
            shown_to = from + part.len();
        }
        if shown_to < choice.text.len() && text::width(&shown) < room {
            shown.push(text::CUT);
        }
        shown.into()
    }

    pub fn draw_field(&self, page: &mut Page<'_>, x: u16, y: u16, cells: u16) {
        let style = page.cx.theme.field();
        self.field.draw(page, x, y, cells, style);
    }

    /// Every choice that fits, as [`Self::draw_list`] draws them, with nothing cut.
    pub fn lines(&self) -> Vec<String> {
        let line = |row: usize| {
            let choice = self.fits.get(row).and_then(|&i| self.choices.get(i))?;
            Some(format!("{}{} {}", self.mark(row), choice.code, choice.text))
        };
        (0..self.fits.len()).filter_map(line).collect()
    }

    /// What stands before a choice that fits: whether it is chosen.
    fn mark(&self, row: usize) -> &'static str {
        match (&self.several, self.fits.get(row)) {
            (Some(marks), Some(&i)) if marks.get(i) == Some(&true) => "[x] ",
            (Some(_), _) => "[ ] ",
            (None, at) if self.stands.is_some() && self.stands == at.copied() => "(x) ",
            (None, _) if self.stands.is_some() => "    ",
            (None, _) => "",
        }
    }

    /// The choices that fit, `(x)` before the one that stands as the answer: their codes, which is what one types, and their texts.
    pub fn draw_list(&self, page: &mut Page<'_>, area: Rect) {
        let theme = page.cx.theme;
        let wide = self.choices.iter().map(|c| text::width(&c.code)).max().unwrap_or(0).min(14);
        self.list.draw_with(page, area, false, self.bar, |row| {
            let Some(choice) = self.fits.get(row).and_then(|&i| self.choices.get(i)) else {
                return (String::new(), theme.plain());
            };
            let mark = self.mark(row);
            let taken = mark.len() + wide + 4;
            let room = usize::from(area.width).saturating_sub(taken);
            let words = self.distinguished(choice, room);
            (format!("{mark}{} {words}", text::fit_right(&choice.code, wide)), theme.plain())
        });
    }
}

/// The first byte of `text` from which on it is not the same as `other`.
fn differs_at(text: &str, other: &str) -> usize {
    let differs = text.char_indices().zip(other.chars()).find(|((_, own), c)| own != c);
    differs.map_or(text.len().min(other.len()), |((at, _), _)| at)
}

/// Where the word begins that holds the byte `at`, not before `from`; `at` itself where the word is longer before it than
/// `most` cells, or of a script without blanks.
fn word_begin(text: &str, at: usize, from: usize, most: usize) -> usize {
    let in_word = |c: char| c.is_alphanumeric() && text::width(c.encode_utf8(&mut [0; 4])) == 1;
    if !text[at..].starts_with(in_word) {
        return at;
    }
    let before = &text[from..at];
    let begin = before.char_indices().rev().find(|(_, c)| !in_word(*c)).map_or(from, |(i, c)| from + i + c.len_utf8());
    if at - begin > most { at } else { begin }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_that_differ_in_two_places_are_told_apart_and_words_begin_at_their_beginning() {
        let (a, b) = ("住房安全情况经鉴定为危房且面积", "并且本年度内没有享受过危房改造补助资金的家庭");
        let texts: Vec<String> = ["甲", "乙"]
            .iter()
            .flat_map(|one| ["低", "高"].map(|two| format!("{a}{one}于当地人均住房面积标准百分之五十{two}{b}")))
            .collect();
        let all: Vec<Choice> = texts.iter().enumerate().map(|(at, text)| Choice::new(at.to_string(), text)).collect();
        let picker = Picker::new(all.clone());
        for room in [30, 46, 60] {
            let shown: std::collections::BTreeSet<String> =
                all.iter().map(|choice| text::cut(&picker.distinguished(choice, room), room)).collect();
            assert_eq!(shown.len(), all.len(), "{room}: {shown:?}");
        }
        let ends = "has been able to pay the school fees of the children of the household in the last two years";
        let all: Vec<Choice> = ["never", "ever"]
            .iter()
            .enumerate()
            .map(|(at, word)| {
                Choice::new(at.to_string(), format!("The household of the respondent so far {word} {ends}"))
            })
            .collect();
        let picker = Picker::new(all.clone());
        let shown: Vec<String> = all.iter().map(|choice| picker.distinguished(choice, 46).into_owned()).collect();
        assert!(shown[0].contains(" never") || shown[0].contains("»never"), "{shown:?}");
        assert!(shown[1].contains(" ever") || shown[1].contains("»ever"), "{shown:?}");
    }

    #[test]
    fn choices_that_differ_are_told_apart_wherever_they_do_and_however_narrow_the_line() {
        let head = "家庭主要收入来源为职工本人工资性收入并且";
        let tail = "经单位证明和走访核实需要本会给予帮扶的家庭";
        let texts = ["甲", "乙", "丙"].map(|one| format!("{head}{one}{tail}"));
        let at_the_end = ["一", "二"].map(|one| format!("{tail}{head}{one}"));
        let all: Vec<Choice> =
            texts.iter().chain(&at_the_end).enumerate().map(|(at, text)| Choice::new(at.to_string(), text)).collect();
        let picker = Picker::new(all.clone());
        for room in [20, 30, 46, 60, 90] {
            // A line cuts what it has no room for.
            let cut = |choice: &Choice| text::cut(&picker.distinguished(choice, room), room);
            let shown: std::collections::BTreeSet<String> = all.iter().map(cut).collect();
            assert_eq!(shown.len(), all.len(), "{room}: {shown:?}");
        }
    }
}

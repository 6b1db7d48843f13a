//! What a bureau has set for itself, each setting a record.

use super::calendar::{CaseTerm, NoticeTerm};
use super::{Act, Duty, Failure, Office};
use crate::domain::calendar::DayKind;
use crate::domain::case::Limits;
use crate::domain::event::Ledger;
use crate::domain::{Day, Message, Now, Subject};
use crate::lang::Lang;
use crate::views::{self, settings::SettingRow};
use std::collections::BTreeMap;

/// How many people an office has to divide its duties among.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OfficeSize {
    /// Whoever surveys does not review.
    Full,
    /// A farm with one part-time chair: who surveyed may review. Nobody approves what they surveyed or reviewed all the same.
    Small,
}

impl OfficeSize {
    const KEY: &'static str = "office";

    /// As it stands in the record. **[disk]**
    pub fn code(self) -> &'static str {
        match self {
            OfficeSize::Full => "full",
            OfficeSize::Small => "small",
        }
    }

    pub fn from_code(code: &str) -> Option<OfficeSize> {
        [OfficeSize::Full, OfficeSize::Small].into_iter().find(|size| size.code() == code)
    }
}

/// Everything that a bureau can set for itself, as it stands on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BureauSettings {
    pub name: Option<BureauName>,
    pub language: Option<Lang>,
    pub size: Option<OfficeSize>,
    pub division: String,
    pub notice: NoticeTerm,
    pub acceptance_days: Option<i32>,
    /// What cases are judged by, the notice's term among it.
    pub limits: Limits,
    pub own_days: BTreeMap<Day, DayKind>,
}

/// How the bureau is called, as its papers print it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BureauName {
    pub zh: String,
    /// The Chinese one again, where there is no other.
    pub en: String,
}

/// One of them, as it is chosen to be set anew.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setting {
    Name,
    Language,
    Size,
    Division,
    Notice,
    Acceptance,
    Case(CaseTerm),
}

impl Setting {
    pub const ALL: [Setting; 9] = [
        Setting::Name,
        Setting::Language,
        Setting::Size,
        Setting::Division,
        Setting::Notice,
        Setting::Acceptance,
        Setting::Case(CaseTerm::SurveyDays),
        Setting::Case(CaseTerm::MonthsAbove),
        Setting::Case(CaseTerm::LateDays),
    ];

    /// In JSON, and in the words `present.bureau.name`.
    pub fn code(self) -> &'static str {
        match self {
            Setting::Name => "name",
            Setting::Language => "language",
            Setting::Size => "size",
            Setting::Division => "division",
            Setting::Notice => "notice",
            Setting::Acceptance => "acceptance",
            Setting::Case(term) => term.code(),
        }
    }

    /// How it stands, as it would be typed; empty: nobody said.
    pub fn typed(self, set: &BureauSettings) -> String {
        match self {
            Setting::Name => set.name.as_ref().map_or_else(String::new, |name| match name.en == name.zh {
                true => name.zh.clone(),
                false => format!("{}{BETWEEN}{}", name.zh, name.en),
            }),
            Setting::Language => set.language.map_or_else(String::new, |lang| lang.code().to_owned()),
            Setting::Size => set.size.map_or_else(String::new, |size| size.code().to_owned()),
            Setting::Division => set.division.clone(),
            Setting::Notice => format!("{} {}", set.notice.days, set.notice.count.code()),
            Setting::Acceptance => set.acceptance_days.map_or_else(String::new, |days| days.to_string()),
            Setting::Case(term) => term.of(&set.limits).to_string(),
        }
    }
}

/// Between the two names of a bureau where both are typed on one line.
const BETWEEN: &str = " / ";

/// The name, and on a second line the one in Latin letters where there is one. **[disk]**
const NAME: &str = "name";
/// `zh` or `en`: the language of whoever has none of their own. **[disk]**
const LANGUAGE: &str = "language";

/// The division of the union that files the dossiers.
const DIVISION: &str = "division";
/// That of a bureau which said none: the first stores had no such setting, and all are of this one.
const FIRST_DIVISION: &str = "150785";

/// That the store is a made-up one, with the seed it was made of.
const DEMO: &str = "demo";

pub(super) fn division_on(rows: &[SettingRow], on: Day) -> &str {
    views::settings::standing_on(rows, on).map_or(FIRST_DIVISION, |row| row.value.as_str())
}

/// Whether a text may be a code of a division.
pub fn is_division(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())
}

impl Office {
    /// Says that everything in the store is made up. Only whoever makes one says so, before anything else is in it.
    pub(super) fn mark_made_up(&self, seed: u64, now: Now) -> Result<(), Failure> {
        let ledger = Ledger::SettingSet { key: DEMO.to_owned(), value: seed.to_string(), since: None };
        self.may(Duty::SetBureau, now)?.keep(&Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger)).map(drop)
    }

    /// Whether everything in the store is made up, by its own records: a file that somebody lays into a folder says nothing.
    pub fn is_made_up(&self) -> Result<bool, Failure> {
        Ok(!views::settings::setting_rows(&self.bureau.store, &self.bureau.keys, DEMO)?.is_empty())
    }

    /// The size of the office on a day; `None`: nobody said, and it counts as small.
    pub fn size(&self, on: Day) -> Result<Option<OfficeSize>, Failure> {
        let row = views::settings::setting(&self.bureau.store, &self.bureau.keys, OfficeSize::KEY, on)?;
        Ok(row.and_then(|row| OfficeSize::from_code(&row.value)))
    }

    /// The office has that size from today on.
    pub fn set_size(&self, size: OfficeSize, now: Now) -> Result<(), Failure> {
        self.set(OfficeSize::KEY, size.code(), now)
    }

    /// The filing union's division on a day: its series and its line count, wherever a household is registered, unless the
    /// rule set says that the line is that of their home.
    pub fn division(&self, on: Day) -> Result<String, Failure> {
        Ok(division_on(&self.division_rows()?, on).to_owned())
    }

    pub(super) fn division_rows(&self) -> Result<Vec<SettingRow>, Failure> {
        Ok(views::settings::setting_rows(&self.bureau.store, &self.bureau.keys, DIVISION)?)
    }

    /// The filing union's division is that one from today on; numbers that were given stay what they are.
    ///
    /// Errors: it is no code of a division.
    pub fn set_division(&self, code: &str, now: Now) -> Result<(), Failure> {
        if !is_division(code) {
            return Err(Failure::NotADivision { asked: code.to_owned() });
        }
        self.set(DIVISION, code, now)
    }

    /// The bureau's name on a day, where it said one.
    pub fn bureau_name(&self, on: Day) -> Result<Option<BureauName>, Failure> {
        let row = views::settings::setting(&self.bureau.store, &self.bureau.keys, NAME, on)?;
        Ok(row.map(|row| {
            let (zh, en) = row.value.split_once('\n').unwrap_or((&row.value, &row.value));
            BureauName { zh: zh.to_owned(), en: en.to_owned() }
        }))
    }

    /// The bureau is called so from today on.
    ///
    /// Errors: nothing is left of the name, or it is too long.
    pub fn set_bureau_name(&self, zh: &str, en: Option<&str>, now: Now) -> Result<(), Failure> {
        let (zh, en) = (super::name(zh)?, en.map(super::name).transpose()?);
        let value = en.map_or(zh.clone(), |en| format!("{zh}\n{en}"));
        self.set(NAME, &value, now)
    }

    /// The language of whoever said none, on a day; `None`: the bureau said none either.
    pub fn language(&self, on: Day) -> Result<Option<Lang>, Failure> {
        let row = views::settings::setting(&self.bureau.store, &self.bureau.keys, LANGUAGE, on)?;
        Ok(row.and_then(|row| Lang::from_code(&row.value)))
    }

    pub fn set_language(&self, lang: Lang, now: Now) -> Result<(), Failure> {
        self.set(LANGUAGE, lang.code(), now)
    }

    pub fn bureau_settings(&self, on: Day) -> Result<BureauSettings, Failure> {
        Ok(BureauSettings {
            name: self.bureau_name(on)?,
            language: self.language(on)?,
            size: self.size(on)?,
            division: self.division(on)?,
            notice: self.notice_term(on)?,
            acceptance_days: self.acceptance_days(on)?,
            limits: self.case_limits(on)?,
            own_days: self.own_days(on)?,
        })
    }

    /// Sets one anew, as it was typed on a line.
    ///
    /// Errors: nothing that it can be; as for setting it.
    pub fn set_setting(&self, setting: Setting, typed: &str, now: Now) -> Result<(), Failure> {
        // Whoever may not hears that, whatever they typed.
        let _ = self.may(Duty::SetBureau, now)?;
        let typed = typed.trim();
        let wrong = || Failure::NotThatSetting { setting: setting.code(), asked: typed.to_owned() };
        let number = || typed.parse::<i32>().map_err(|_| wrong());
        match setting {
            Setting::Name => {
                let (zh, en) = typed.split_once(BETWEEN).map_or((typed, None), |(zh, en)| (zh, Some(en)));
                self.set_bureau_name(zh, en, now)
            }
            Setting::Language => self.set_language(Lang::from_code(typed).ok_or_else(wrong)?, now),
            Setting::Size => self.set_size(OfficeSize::from_code(typed).ok_or_else(wrong)?, now),
            Setting::Division => self.set_division(typed, now),
            Setting::Notice => {
                let until_now = self.notice_term(now.today)?;
                self.set_notice_term(NoticeTerm::from_typed(typed, until_now).ok_or_else(wrong)?, now)
            }
            Setting::Acceptance if typed.is_empty() => self.set_acceptance_days(None, now),
            Setting::Acceptance => self.set_acceptance_days(Some(number()?), now),
            Setting::Case(term) => self.set_case_term(term, number()?, now),
        }
    }

    /// What the bureau has set for itself, in words, beside the size of its office: nothing of what it left as it is.
    pub(super) fn settings_in_words(&self, today: Day) -> Result<Vec<Message>, Failure> {
        let mut said = Vec::new();
        if let Some(name) = self.bureau_name(today)? {
            said.push(Message::new("command.doctor.bureau_name").with("name", name.zh));
        }
        if let Some(lang) = self.language(today)? {
            said.push(Message::new("command.doctor.language").with("code", lang.code()));
        }
        said.extend(self.terms_in_words(today)?);
        Ok(said)
    }

    pub(super) fn set(&self, key: &str, value: &str, now: Now) -> Result<(), Failure> {
        let permit = self.may(Duty::SetBureau, now)?;
        let before = views::settings::setting_rows(&self.bureau.store, &self.bureau.keys, key)?;
        let (key, value) = (key.to_owned(), value.to_owned());
        // Whose series a bureau's is, and how many work there, holds for all that there is; anything else from the day on which
        // it is said.
        let is_of_always = [DIVISION, OfficeSize::KEY].contains(&key.as_str());
        let later = before.iter().any(|row| row.since.is_none_or(|since| since < now.today));
        let since = (later || !is_of_always).then_some(now.today);
        let ledger = Ledger::SettingSet { key, value, since };
        let act = Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger);
        // What was said for this day is replaced; what held before it stays.
        let replaced = before.iter().filter(|row| row.since == since).map(|row| row.entry);
        permit.keep(&act.parents(replaced)).map(drop)
    }
}

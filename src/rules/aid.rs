//! Kinds of help as dated rules: how much a household can get, why so much, and what is left this year. Every amount is whole
//! fen, worked out as a product and rounded down once; what is unknown is never zero.

use crate::domain::{Day, Fen};
use std::collections::BTreeSet;
use toml::{Table, Value};

/// What an amount is worked out from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Base {
    /// The line of the living allowance a month (L).
    LineMonth,
    /// The household's own share of medical costs this year.
    OwnMedical,
    /// Loss or cost by the accident.
    Loss,
    /// No fact: an amount that is the same for everybody.
    Flat,
}

impl Base {
    /// In rule files, and in the words `aid.base.line_month`.
    pub fn code(self) -> &'static str {
        match self {
            Base::LineMonth => "line_month",
            Base::OwnMedical => "own_medical",
            Base::Loss => "loss",
            Base::Flat => "flat",
        }
    }

    fn from_code(code: &str) -> Option<Base> {
        [Base::LineMonth, Base::OwnMedical, Base::Loss].into_iter().find(|base| base.code() == code)
    }
}

/// How much a category gets of a kind.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rate {
    pub categories: Vec<String>,
    pub base: Base,
    /// Of `Flat` the amount itself.
    pub flat: Fen,
    pub times: i64,
    pub percent: i64,
    pub each_pupil: bool,
    pub at_most: Option<Fen>,
}

/// One kind of help.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AidKindRule {
    pub aid: String,
    pub source: String,
    pub rates: Vec<Rate>,
    /// What can be had once is all that can be had in a year.
    pub year_household: bool,
    pub year_at_most: Option<Fen>,
    /// The most at a time for a person outside every dossier; `None`: they get none of it.
    pub outside_at_most: Option<Fen>,
}

/// The rules of all kinds, from a day on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AidRules {
    pub id: String,
    pub zh: String,
    pub en: String,
    pub is_sample: bool,
    pub in_force_from: Day,
    pub source: String,
    pub meeting_above: Fen,
    pub notice_days: i32,
    pub reserved_days: i32,
    /// Categories that get one kind a year only.
    pub one_kind: Vec<String>,
    pub one_kind_source: String,
    pub kinds: Vec<AidKindRule>,
}

/// What is known of a household; `None`: unknown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AidFacts {
    pub category: Option<String>,
    pub line_month: Option<Fen>,
    pub own_medical: Option<Fen>,
    pub loss: Option<Fen>,
    pub pupils: Option<u32>,
    /// What was had, or is under way, this year: kind and amount, a line each.
    pub had: Vec<(String, Fen)>,
}

/// One step of why so much, in the order in which it was worked out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GrantStep {
    /// `of` is the fact; `None`: nobody knows it, and only caps count.
    Base {
        base: Base,
        of: Option<Fen>,
        times: i64,
        percent: i64,
        pupils: Option<u32>,
        comes_to: Option<Fen>,
    },
    AtMost {
        cap: Fen,
    },
    /// So much a year, and so much was had.
    Year {
        cap: Fen,
        had: Fen,
    },
    OneKind {
        had: String,
    },
    /// No rate for the category.
    NoRate,
    Undecided,
    /// Neither a base nor a cap is known.
    Unknown,
}

impl Grant {
    /// The most at a time, whatever was had this year; `None`: nothing is had of it, or nobody can tell.
    pub fn most_at_once(&self) -> Option<Fen> {
        let once = self.steps.iter().filter_map(|step| match step {
            GrantStep::Base { comes_to, .. } => *comes_to,
            GrantStep::AtMost { cap } => Some(*cap),
            _ => None,
        });
        once.min().filter(|_| self.most.is_some())
    }
}

/// How much of a kind a household can get now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    pub aid: String,
    /// The most that can be granted now; `None`: none at all, or nobody can tell.
    pub most: Option<Fen>,
    pub had: Fen,
    pub steps: Vec<GrantStep>,
    pub source: String,
}

impl AidRules {
    /// What the household can get of a kind, and why. `None`: no rule speaks of that kind.
    pub fn grant(&self, aid: &str, facts: &AidFacts) -> Option<Grant> {
        let kind = self.kinds.iter().find(|kind| kind.aid == aid)?;
        let had = facts.had.iter().filter(|(of, _)| of == aid).fold(0_i64, |all, (_, fen)| all.saturating_add(fen.0));
        let mut grant =
            Grant { aid: aid.to_owned(), most: None, had: Fen(had), steps: Vec::new(), source: kind.source.clone() };
        let Some(category) = &facts.category else {
            grant.steps.push(GrantStep::Undecided);
            return Some(grant);
        };
        let Some(rate) = kind.rates.iter().find(|rate| rate.categories.contains(category)) else {
            grant.steps.push(GrantStep::NoRate);
            return Some(grant);
        };
        let other: BTreeSet<&str> = facts.had.iter().map(|(of, _)| of.as_str()).filter(|of| *of != aid).collect();
        if let Some(other) = other.first().filter(|_| self.one_kind.contains(category)) {
            grant.steps.push(GrantStep::OneKind { had: (*other).to_owned() });
            return Some(grant);
        }
        let of = match rate.base {
            Base::LineMonth => facts.line_month,
            Base::OwnMedical => facts.own_medical,
            Base::Loss => facts.loss,
            Base::Flat => Some(rate.flat),
        };
        let pupils = if rate.each_pupil { facts.pupils } else { Some(1) };
        let comes_to = match (of, pupils) {
            (Some(of), Some(pupils)) => product(of, rate.times, rate.percent, pupils),
            _ => None,
        };
        let each = if rate.each_pupil { facts.pupils } else { None };
        let (times, percent) = (rate.times, rate.percent);
        grant.steps.push(GrantStep::Base { base: rate.base, of, times, percent, pupils: each, comes_to });
        let mut most = comes_to;
        if let Some(cap) = rate.at_most.filter(|cap| most.is_none_or(|most| most > *cap)) {
            grant.steps.push(GrantStep::AtMost { cap });
            most = Some(cap);
        }
        let of_year = kind.year_at_most.or(most.filter(|_| kind.year_household));
        if let Some(cap) = of_year {
            let left = Fen((cap.0 - had).max(0));
            if had > 0 || most.is_none_or(|most| most > left) {
                grant.steps.push(GrantStep::Year { cap, had: Fen(had) });
            }
            most = Some(most.map_or(left, |most| most.min(left)));
        }
        if most.is_none() {
            grant.steps.push(GrantStep::Unknown);
        }
        grant.most = most;
        Some(grant)
    }

    /// What a person outside every dossier can get of a kind, of which they had so much this year. `None`: no rule speaks of that
    /// kind.
    pub fn grant_outside(&self, aid: &str, had: Fen) -> Option<Grant> {
        let kind = self.kinds.iter().find(|kind| kind.aid == aid)?;
        let mut grant = Grant { aid: aid.to_owned(), most: None, had, steps: Vec::new(), source: kind.source.clone() };
        let Some(cap) = kind.outside_at_most else {
            grant.steps.push(GrantStep::NoRate);
            return Some(grant);
        };
        grant.steps.push(GrantStep::AtMost { cap });
        let mut most = cap;
        if let Some(cap) = kind.year_at_most.or(kind.year_household.then_some(cap)) {
            let left = Fen((cap.0 - had.0).max(0));
            if had.0 > 0 || most > left {
                grant.steps.push(GrantStep::Year { cap, had });
            }
            most = most.min(left);
        }
        grant.most = Some(most);
        Some(grant)
    }

    /// Everything that could be had, by kind.
    pub fn grants(&self, facts: &AidFacts) -> Vec<Grant> {
        self.kinds.iter().filter_map(|kind| self.grant(&kind.aid, facts)).collect()
    }
}

/// Rounded down once, at the end; `None`: beyond what an amount can be.
fn product(of: Fen, times: i64, percent: i64, pupils: u32) -> Option<Fen> {
    let all = i128::from(of.0.max(0)) * i128::from(times) * i128::from(percent) * i128::from(pupils) / 100;
    i64::try_from(all).ok().filter(|fen| *fen <= crate::domain::money::FEN_MAX).map(Fen)
}

/// A rule file.
///
/// Errors: what is wrong with it: the key, in the file's own words.
pub fn read(text: &str) -> Result<AidRules, String> {
    let table: Table = text.parse().map_err(|why: toml::de::Error| why.to_string())?;
    let string = |table: &Table, key: &str| -> Result<String, String> {
        table.get(key).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| key.to_owned())
    };
    let money = |value: &Value, key: &str| -> Result<Fen, String> {
        value.as_str().and_then(|text| Fen::from_yuan(text).ok()).filter(|fen| fen.0 >= 0).ok_or_else(|| key.to_owned())
    };
    let number = |table: &Table, key: &str, default: i64| -> Result<i64, String> {
        match table.get(key) {
            None => Ok(default),
            Some(value) => value.as_integer().filter(|n| (1..=1_000).contains(n)).ok_or_else(|| key.to_owned()),
        }
    };
    let strings = |table: &Table, key: &str| -> Vec<String> {
        let list = table.get(key).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(|value| value.as_str().map(str::to_owned)).collect()
    };
    let optional = |table: &Table, key: &str| table.get(key).map(|value| money(value, key)).transpose();
    let names = table.get("names").and_then(Value::as_table).ok_or("names")?;
    let from = table.get("in_force_from").map(|value| value.to_string()).unwrap_or_default();
    let mut kinds = Vec::new();
    for kind in table.get("kind").and_then(Value::as_array).into_iter().flatten() {
        let kind = kind.as_table().ok_or("kind")?;
        let mut rates = Vec::new();
        for rate in kind.get("rates").and_then(Value::as_array).into_iter().flatten() {
            let rate = rate.as_table().ok_or("rates")?;
            let flat = optional(rate, "flat")?;
            let base = match (flat, rate.get("of").and_then(Value::as_str)) {
                (Some(_), None) => Base::Flat,
                (None, Some(code)) => Base::from_code(code).ok_or_else(|| format!("of = {code}"))?,
                _ => return Err("of".to_owned()),
            };
            let each_pupil = match rate.get("each").map(Value::as_str) {
                None => false,
                Some(Some("pupils")) => true,
                Some(_) => return Err("each".to_owned()),
            };
            rates.push(Rate {
                categories: strings(rate, "categories"),
                base,
                flat: flat.unwrap_or(Fen(0)),
                times: number(rate, "times", 1)?,
                percent: number(rate, "percent", 100)?,
                each_pupil,
                at_most: optional(rate, "at_most")?,
            });
        }
        kinds.push(AidKindRule {
            aid: string(kind, "aid")?,
            source: string(kind, "source")?,
            rates,
            year_household: kind.get("year_household").and_then(Value::as_bool).unwrap_or(false),
            year_at_most: optional(kind, "year_at_most")?,
            outside_at_most: optional(kind, "outside_at_most")?,
        });
    }
    Ok(AidRules {
        id: string(&table, "id")?,
        zh: string(names, "zh")?,
        en: string(names, "en")?,
        is_sample: table.get("sample").and_then(Value::as_bool).unwrap_or(false),
        in_force_from: Day::from_iso(&from).ok_or("in_force_from")?,
        source: string(&table, "source")?,
        meeting_above: optional(&table, "meeting_above")?.ok_or("meeting_above")?,
        notice_days: number(&table, "notice_days", 5)? as i32,
        reserved_days: number(&table, "reserved_days", 90)? as i32,
        one_kind: strings(&table, "one_kind"),
        one_kind_source: string(&table, "one_kind_source").unwrap_or_default(),
        kinds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> AidRules {
        read(include_str!("../data/aid/sample.toml")).unwrap()
    }

    fn facts(category: &str) -> AidFacts {
        AidFacts {
            category: Some(category.into()),
            line_month: Some(Fen(82_000)),
            own_medical: Some(Fen(1_999_999)),
            loss: Some(Fen(333_333)),
            pupils: Some(2),
            had: Vec::new(),
        }
    }

    #[test]
    fn the_sample_says_that_it_is_one_and_speaks_of_every_kind() {
        let rules = sample();
        assert!(rules.is_sample);
        let kinds: Vec<String> = (1..=10).map(|kind| format!("P{kind}")).collect();
        assert_eq!(rules.kinds.iter().map(|kind| kind.aid.clone()).collect::<Vec<_>>(), kinds);
        assert!(rules.kinds.iter().all(|kind| !kind.source.is_empty() && !kind.rates.is_empty()));
    }

    #[test]
    fn what_can_be_had_is_worked_out_to_the_fen() {
        for (aid, category, most) in [
            ("P1", "1", Some(820_000)),
            ("P1", "2", Some(656_000)),
            ("P1", "3", None),
            ("P2", "1", Some(1_999_999)),
            // 19,999.99 × 80 % = 15,999.992
            ("P2", "2", Some(1_599_999)),
            ("P3", "1", Some(1_640_000)),
            // 3,333.33 × 15 % = 499.9995
            ("P7", "3", Some(49_999)),
            ("P6", "9", Some(300_000)),
        ] {
            assert_eq!(sample().grant(aid, &facts(category)).unwrap().most, most.map(Fen), "{aid} {category}");
        }
        let costly = AidFacts { own_medical: Some(Fen(2_000_001)), ..facts("1") };
        assert_eq!(sample().grant("P2", &costly).unwrap().most, Some(Fen(2_000_000)));
        assert_eq!(sample().grant("P99", &facts("1")), None);
    }

    #[test]
    fn what_is_unknown_is_never_zero_and_only_caps_count_then() {
        let unknown = AidFacts { category: Some("1".into()), ..AidFacts::default() };
        assert_eq!(sample().grant("P2", &unknown).unwrap().most, Some(Fen(2_000_000)));
        let grant = sample().grant("P1", &unknown).unwrap();
        assert_eq!((grant.most, grant.steps.last()), (None, Some(&GrantStep::Unknown)));
        let undecided = AidFacts { category: None, ..facts("1") };
        assert_eq!(sample().grant("P1", &undecided).unwrap().steps, [GrantStep::Undecided]);
    }

    #[test]
    fn what_was_had_this_year_is_taken_off_and_a_relative_household_gets_one_kind() {
        let had = |aid: &str, yuan: i64| vec![(aid.to_owned(), Fen(yuan * 100))];
        let gifts = AidFacts { had: had("P6", 4_000), ..facts("1") };
        assert_eq!(sample().grant("P6", &gifts).unwrap().most, Some(Fen(200_000)));
        let full = AidFacts { had: had("P1", 8_200), ..facts("1") };
        assert_eq!(sample().grant("P1", &full).unwrap().most, Some(Fen(0)));
        let relative = AidFacts { had: had("P1", 100), ..facts("2") };
        assert_eq!(sample().grant("P2", &relative).unwrap().most, None);
        assert!(sample().grant("P1", &relative).unwrap().most.is_some());
        let deep = AidFacts { had: had("P1", 100), ..facts("1") };
        assert!(sample().grant("P2", &deep).unwrap().most.is_some());
    }

    #[test]
    fn a_person_outside_every_dossier_gets_what_the_kind_says_and_no_fen_more_in_a_year() {
        let most = |had| sample().grant_outside("P6", Fen(had)).and_then(|grant| grant.most);
        assert_eq!((most(0), most(300_000)), (Some(Fen(300_000)), Some(Fen(300_000))));
        assert_eq!((most(300_001), most(600_000)), (Some(Fen(299_999)), Some(Fen(0))));
        let living = sample().grant_outside("P1", Fen(0)).unwrap();
        assert_eq!((living.most, living.steps), (None, vec![GrantStep::NoRate]));
        assert_eq!(sample().grant_outside("P6", Fen(600_000)).unwrap().most_at_once(), Some(Fen(300_000)));
        assert_eq!(sample().grant("P6", &facts("9")).unwrap().most_at_once(), Some(Fen(300_000)));
    }

    #[test]
    fn a_rule_file_that_is_none_names_the_key() {
        let text = include_str!("../data/aid/sample.toml");
        for (from, to, key) in [
            ("meeting_above = \"10000.00\"", "meeting_above = 10000.00", "meeting_above"),
            ("of = \"loss\"", "of = \"luck\"", "of = luck"),
            ("each = \"pupils\"", "each = \"cats\"", "each"),
            ("id = \"sample\"", "", "id"),
        ] {
            assert_eq!(read(&text.replacen(from, to, 1)).unwrap_err(), key);
        }
    }
}

//! Rule sets that the bureau made its own, each by a record with the set's whole text: who decided, on which paper, in force
//! from and to. They decide before what the program brings along, which is a sample until somebody adopts it.

use super::settings::division_on;
use super::{Act, Duty, Failure, Library, Office};
use crate::domain::event::Ledger;
use crate::domain::{Day, Decision, EntryId, Explain, Message, Now, Subject};
use crate::rules::{self, CaseDays, Fact, RuleSet, RuleSets};
use crate::views::settings::{self, AdoptedRow, SettingRow};
use std::sync::{Arc, Mutex, PoisonError};

/// **[disk]**
const RULE_SET: &str = "rule_set";

/// **[disk]**
const AID: &str = "aid_rules";

/// **[disk]**
const CALENDAR: &str = "calendar";

/// A line is set anew every year: one that has stood for so many months may have been overtaken.
const LINE_MONTHS: i32 = 12;

/// The largest rule file that is read, in bytes.
const FILE_MAX: usize = 1 << 20;

/// How a decision stands to what the bureau adopted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Adopted {
    /// By that record.
    By(EntryId),
    /// The bureau has adopted nothing yet: the set decides as a sample.
    Sample,
    /// The bureau has adopted others, and not this one for that day.
    Not,
}

/// What decides in a bureau: the sets it adopted, in force as its records say, and beside them what the program brings.
#[derive(Debug)]
pub struct BureauRules {
    /// As of one [`Office::people_state`].
    state: u64,
    rows: Vec<AdoptedRow>,
    divisions: Vec<SettingRow>,
    adopted: RuleSets,
    /// Both; what was adopted stands in the place of what the program brings under that id.
    all: RuleSets,
    /// Adopted texts that this program cannot read: by these nothing is decided.
    unreadable: Vec<AdoptedRow>,
}

/// The rules as they were last read, by what was adopted then.
pub type Known = Mutex<Option<Arc<BureauRules>>>;

impl BureauRules {
    fn new(brought: &RuleSets, rows: Vec<AdoptedRow>, divisions: Vec<SettingRow>, state: u64) -> BureauRules {
        let mut adopted: Vec<RuleSet> = Vec::new();
        let mut unreadable = Vec::new();
        for row in &rows {
            let (read, problems) = rules::load::load_over(brought, [(row.id.as_str(), row.text.as_str())]);
            match read.get(&row.id).filter(|_| problems.is_empty()) {
                Some(set) => {
                    let mut set = set.clone();
                    (set.in_force_from, set.in_force_to) = (row.since, row.until);
                    adopted.push(set);
                }
                None => unreadable.push(row.clone()),
            }
        }
        let others = brought.iter().filter(|set| adopted.iter().all(|own| own.id != set.id)).cloned();
        let all = RuleSets::new(adopted.iter().cloned().chain(others).collect());
        BureauRules { state, adopted: RuleSets::in_order(adopted), all, rows, divisions, unreadable }
    }

    /// The filing union's division on a day.
    pub fn division(&self, on: Day) -> &str {
        division_on(&self.divisions, on)
    }

    /// Every set that can decide here.
    pub fn all(&self) -> &RuleSets {
        &self.all
    }

    pub fn get(&self, id: &str) -> Option<&RuleSet> {
        self.all.get(id)
    }

    /// The set that decides a case, and the day that selected it: one that was adopted for that day, else a sample.
    pub fn deciding(&self, days: &CaseDays, division: Option<&str>) -> Option<(&RuleSet, Day)> {
        let found = self.adopted.deciding(days, division).or_else(|| self.all.deciding(days, division));
        found.filter(|(set, day)| !self.hides_another(set, *day))
    }

    /// The set in force on a day: one that was adopted for it, else a sample.
    pub fn in_force_on(&self, day: Day, division: Option<&str>) -> Option<&RuleSet> {
        let found = self.adopted.in_force_on(day, division).or_else(|| self.all.in_force_on(day, division));
        found.filter(|set| !self.hides_another(set, day))
    }

    /// Whether the bureau adopted another set for that day, later than this one, which this program cannot read.
    fn hides_another(&self, set: &RuleSet, day: Day) -> bool {
        let is_adopted = self.adopted.get(&set.id).is_some();
        self.unreadable.iter().any(|row| {
            let covers = row.since <= day && row.until.is_none_or(|until| day <= until);
            covers && !(is_adopted && set.in_force_from > row.since)
        })
    }

    /// What would decide here if that set were adopted too, as its own days say.
    pub fn with(&self, proposed: &RuleSet) -> RuleSets {
        let others = if self.rows.is_empty() { &self.all } else { &self.adopted };
        let others = others.iter().filter(|set| set.id != proposed.id).cloned();
        RuleSets::in_order(others.chain([proposed.clone()]).collect())
    }

    /// Whether a decision by that set, about that day, is by rules that the bureau adopted.
    pub fn stands(&self, id: &str, on: Day) -> Adopted {
        let holds = |row: &&AdoptedRow| row.id == id && row.since <= on && row.until.is_none_or(|until| on <= until);
        match self.rows.iter().rev().find(holds) {
            Some(row) if self.adopted.get(id).is_some() => Adopted::By(row.entry),
            None if self.rows.is_empty() => Adopted::Sample,
            Some(_) | None => Adopted::Not,
        }
    }

    /// What is to be known of a decision beside its reasons: that its rules are a sample, that its line is old.
    pub fn doubts(&self, decision: &Decision) -> Vec<Message> {
        let mut doubts = Vec::new();
        if !matches!(self.stands(&decision.rule_set, decision.on), Adopted::By(_)) {
            doubts.push(Message::new("rules.sample").with("rule_set", decision.rule_set.as_str()));
        }
        let line = self.get(&decision.rule_set).and_then(|set| {
            set.figure(Fact::LineMonth, Some(self.division(decision.on)), decision.on)
                .filter(|_| decision.line_month.is_some())
        });
        if let Some(line) = line.filter(|line| line.from.plus_months(LINE_MONTHS) <= decision.on) {
            let old = Message::new("rules.line_old").with("from", line.from).with("on", decision.on);
            doubts.push(old.with("months", i64::from(LINE_MONTHS)));
        }
        doubts
    }

    /// What is adopted and not superseded, by the day it is in force from.
    pub fn rows(&self) -> &[AdoptedRow] {
        &self.rows
    }
}

/// What a record of an adoption says.
struct Adoption<'t> {
    what: &'static str,
    id: &'t str,
    text: String,
    document: String,
    decided_on: Day,
    since: Day,
    until: Option<Day>,
}

/// What is to be adopted.
#[derive(Clone, Copy, Debug)]
pub enum Proposed<'t> {
    /// A set that the program brings along, as it is.
    Brought(&'t str),
    /// A file of the bureau's own: its name, for saying where something is wrong with it, and its text.
    Text { file: &'t str, text: &'t str },
}

impl Office {
    /// The rules that decide here.
    pub fn rules(&self) -> Result<Arc<BureauRules>, Failure> {
        // Before they are read, so that what comes meanwhile is read once more.
        let state = self.people_state();
        let mut known = self.bureau.memory.rules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(rules) = known.as_ref().filter(|rules| rules.state == state) {
            return Ok(rules.clone());
        }
        let (adopted, divisions) = (self.adopted_rules()?, self.division_rows()?);
        let rules = Arc::new(BureauRules::new(self.bureau.library.rule_sets(), adopted, divisions, state));
        *known = Some(rules.clone());
        Ok(rules)
    }

    /// Makes a rule set the bureau's own. The record keeps it whole, with everything its base says, so that it decides the
    /// same when the program brings another base. An id names one text for ever: a change takes an id of its own.
    ///
    /// Errors: whoever acts neither approves nor supervises; no such set; a file with problems, each with its place; an id
    /// that names another text; no paper; a last day before the first, a decision of a day still to come.
    pub fn adopt_rules(
        &self,
        proposed: Proposed<'_>,
        document: &str,
        decided_on: Day,
        days: (Option<Day>, Option<Day>),
        now: Now,
    ) -> Result<String, Failure> {
        let permit = self.may(Duty::AdoptRules, now)?;
        let rules = self.rules()?;
        let (set, text) = match proposed {
            Proposed::Brought(id) => {
                let known = || rules.all.iter().map(|set| set.id.as_str()).collect::<Vec<_>>().join(", ");
                let none = || Failure::NotInList { list: RULE_SET, asked: id.to_owned(), known: known() };
                let set = rules.get(id).ok_or_else(none)?;
                match rules.rows.iter().rev().find(|row| row.id == id) {
                    // For other days, as it was adopted.
                    Some(row) => (set.clone(), row.text.clone()),
                    None => (set.clone(), self.bureau.library.rules_text(id).ok_or_else(none)?),
                }
            }
            Proposed::Text { file, text } => {
                let text = &within_bounds(file, text)?;
                let (sets, problems) = rules::load::load_over(&rules.all, [(file, text.as_str())]);
                let Some(set) = sets.iter().next().filter(|_| problems.is_empty()) else {
                    return Err(Failure::Rules(problems.iter().map(Explain::explain).collect()));
                };
                let text = whole_text(set, text);
                let before = rules.rows.iter().rev().find(|row| row.id == set.id).map(|row| row.text.as_str());
                let brought = self.bureau.library.rule_sets().get(&set.id);
                if before.is_some_and(|before| before != text) || (before.is_none() && brought.is_some()) {
                    return Err(Failure::RulesNamedAlready { id: set.id.clone() });
                }
                (set.clone(), text)
            }
        };
        let document = super::name(document)?;
        let brought = self.bureau.library.rule_sets().get(&set.id).unwrap_or(&set);
        let (since, until) = (days.0.unwrap_or(brought.in_force_from), days.1.or(brought.in_force_to));
        let act =
            self.adoption(Adoption { what: RULE_SET, id: &set.id, text, document, decided_on, since, until }, now)?;
        permit.keep(&act)?;
        Ok(set.id)
    }

    /// Makes standards of aid the bureau's own, from a file: its name, and its text.
    ///
    /// Errors: as for rule sets.
    pub fn adopt_aid(
        &self,
        (file, text): (&str, &str),
        document: &str,
        decided_on: Day,
        days: (Option<Day>, Option<Day>),
        now: Now,
    ) -> Result<String, Failure> {
        let permit = self.may(Duty::AdoptRules, now)?;
        let wrong = |key| Failure::Rules(vec![Message::new("aid.rules.file").with("file", file).with("key", key)]);
        let text = &within_bounds(file, text)?;
        let aid = rules::aid::read(text).map_err(wrong)?;
        let before = self.adopted_aid()?.into_iter().rev().find(|row| row.id == aid.id).map(|row| row.text);
        let before = before.or_else(|| Library::aid_text(&aid.id).map(|brought| plain(&brought)));
        if before.is_some_and(|before| before != *text) {
            return Err(Failure::RulesNamedAlready { id: aid.id });
        }
        let (since, until) = (days.0.unwrap_or(aid.in_force_from), days.1);
        let (text, document) = (text.to_owned(), super::name(document)?);
        let adoption = Adoption { what: AID, id: &aid.id, text, document, decided_on, since, until };
        permit.keep(&self.adoption(adoption, now)?)?;
        Ok(aid.id)
    }

    /// A year's calendar, of its first day to its last.
    pub(super) fn calendar_adoption(
        &self,
        id: &str,
        text: String,
        document: &str,
        (decided_on, year): (Day, i32),
        now: Now,
    ) -> Result<Act, Failure> {
        let document = super::name(document)?;
        let since = Day::from_ymd(year, 1, 1).unwrap_or(decided_on);
        let until = Day::from_ymd(year, 12, 31);
        self.adoption(Adoption { what: CALENDAR, id, text, document, decided_on, since, until }, now)
    }

    fn adoption(&self, adoption: Adoption<'_>, now: Now) -> Result<Act, Failure> {
        let Adoption { what, id, text, document, decided_on, since, until } = adoption;
        if decided_on > now.today {
            return Err(Failure::StepAhead { on: decided_on });
        }
        if let Some(last) = until.filter(|until| *until < since) {
            return Err(Failure::StepTooEarly { on: last, last: since });
        }
        // What was adopted under that name before is superseded.
        let before = self.adopted_of(what)?.into_iter().filter(|row| row.id == id);
        let before: Vec<EntryId> = before.map(|row| row.entry).collect();
        let (what, id) = (what.to_owned(), id.to_owned());
        let ledger = Ledger::Adopted { what, id, text, document, decided_on, since, until };
        Ok(Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger).parents(before))
    }

    /// The rule sets that are adopted and not superseded, by the day they are in force from.
    pub fn adopted_rules(&self) -> Result<Vec<AdoptedRow>, Failure> {
        self.adopted_of(RULE_SET)
    }

    /// The standards of aid that are.
    pub fn adopted_aid(&self) -> Result<Vec<AdoptedRow>, Failure> {
        self.adopted_of(AID)
    }

    /// The calendars that are.
    pub fn adopted_calendars(&self) -> Result<Vec<AdoptedRow>, Failure> {
        self.adopted_of(CALENDAR)
    }

    fn adopted_of(&self, what: &str) -> Result<Vec<AdoptedRow>, Failure> {
        let mut rows = settings::adopted(&self.bureau.store, &self.bureau.keys, what)?;
        rows.sort_by_key(|row| (row.since, row.at, row.entry));
        Ok(rows)
    }

    /// The text of a set that can decide here, of standards of aid, or of a year's calendar, whole: as it was adopted, or as the program brings it.
    pub fn rules_text(&self, id: &str) -> Result<Option<String>, Failure> {
        let (rules, others) = (self.rules()?, [self.adopted_aid()?, self.adopted_calendars()?].concat());
        match rules.rows.iter().rev().chain(others.iter().rev()).find(|row| row.id == id) {
            Some(row) => Ok(Some(row.text.clone())),
            None => Ok(self
                .bureau
                .library
                .rules_text(id)
                .or_else(|| Library::aid_text(id))
                .or_else(|| Library::calendar_text(id))),
        }
    }
}

/// A set's text with everything its base says in it; one without a base as it was written, remarks and all.
pub(super) fn whole_text(set: &RuleSet, text: &str) -> String {
    if set.base.is_none() { text.to_owned() } else { set.to_toml() }
}

/// With line ends as they are written out again: a file is the same set whatever program saved it.
fn plain(text: &str) -> String {
    text.lines().flat_map(|line| [line, "\n"]).collect()
}

/// A file's text as it is kept.
///
/// Errors: it is too large.
pub(super) fn within_bounds(file: &str, text: &str) -> Result<String, Failure> {
    if text.len() > FILE_MAX { Err(Failure::Rules(vec![too_large(file)])) } else { Ok(plain(text)) }
}

fn too_large(file: &str) -> Message {
    Message::new("rules.file_too_large").with("file", file).with("most", FILE_MAX)
}

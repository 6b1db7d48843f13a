//! A household of a roll is tried: what it says is answered in a survey of its own, and what stands in the way is found.

use super::cells::{CellRead, CellReader, UnitNames, bare};
use super::grouping::{RollCell, RollGroup, RollMember, households};
use super::headings::{CATEGORY, HOUSEHOLD, Headings, OPENED, OTHER_NUMBER, REMARK, SKIP};
use super::map::LaidMap;
use super::refused::ImportRefused;
use super::sheet::RollSheet;
use super::{Becomes, Finding, LineFinding, Ready, RollHousehold, RollTrial};
use crate::command::draft_file::DraftHead;
use crate::command::rights::Duty;
use crate::command::submit::entry_of;
use crate::command::{Failure, Office};
use crate::domain::event::SurveyKind;
use crate::domain::{
    Answer, Answers, Day, DossierId, DraftId, EntryId, IdNumber, Message, Now, Path, PersonId, Step, UnitId,
};
use crate::domain::{Explain, Origin, questions};
use crate::form::problem::{Problem, What};
use crate::form::{At, Draft, RowId};
use crate::lang::Lang;
use crate::views;
use std::collections::{BTreeSet, HashMap};

/// Characters of a number of another system.
const OTHER_NUMBER_MAX: usize = 64;
/// Nobody alive was in any files before.
const FIRST_YEAR: i32 = 1900;

/// What every household of the roll is tried with.
pub(super) struct Trying<'t> {
    pub(super) office: &'t Office,
    /// An empty survey of the day of the roll.
    empty: Draft,
    head: DraftHead,
    pub(super) reader: CellReader<'t>,
    sheet: &'t RollSheet,
    pub(super) on: Day,
    pub(super) now: Now,
    /// The units of whoever acts; `None`: all.
    pub(super) reach: Option<BTreeSet<UnitId>>,
    /// By node: whether its answers are covered, so that they must not stand as remarks elsewhere.
    covered: Vec<bool>,
    /// ID numbers of the store, and the dossier of each.
    pub(super) known: HashMap<String, DossierId>,
    /// Files and households that were brought in before.
    before: HashMap<[u8; 32], (DossierId, EntryId)>,
    /// How often an ID number stands in the roll as a worker's, and in how many households at all.
    pub(super) workers: HashMap<String, Vec<u32>>,
    pub(super) anybody: HashMap<String, Vec<u32>>,
}

impl Office {
    /// What would come of a roll: nothing is written. `on`: the day of the roll. What the form says of an answer comes in `lang`,
    /// where the form has it.
    ///
    /// Errors: whoever acts brings nothing in; a day still to come; no rules of that day.
    pub fn try_roll(
        &self,
        sheet: &RollSheet,
        map: &LaidMap,
        (on, lang): (Day, Lang),
        now: Now,
        mut see: impl FnMut(u64, u64),
    ) -> Result<RollTrial, Failure> {
        let _ = self.may(Duty::Import, now)?;
        if on > now.today {
            return Err(Failure::StepAhead { on });
        }
        let lost = self.without_keys()?;
        if !lost.dossiers.is_empty() {
            return Err(ImportRefused::KeysLost { whose: lost.whose() }.into());
        }
        let groups = households(sheet, map);
        let mut trying = self.trying(sheet, &groups, on, now)?;
        // After the labels were read that the cells are held against: a roll is written in its own language.
        if let Some(language) = trying.empty.form().language_index(lang.code()) {
            trying.empty.speak(language);
        }
        let mut out = Vec::with_capacity(groups.len());
        for (done, group) in (1..).zip(&groups) {
            out.push(trying.household(group)?);
            see(done, groups.len() as u64);
        }
        let mut said = sheet.said.clone();
        if !sheet.others.is_empty() {
            said.push(Message::new("import.other_sheets").with("sheets", sheet.others.join("、")));
        }
        Ok(RollTrial { file: sheet.file.clone(), on, households: out, said })
    }

    fn trying<'t>(
        &'t self,
        sheet: &'t RollSheet,
        groups: &[RollGroup],
        on: Day,
        now: Now,
    ) -> Result<Trying<'t>, Failure> {
        let form = self.bureau.library.hardship()?.clone();
        let head = DraftHead {
            draft: DraftId([0; 16]),
            dossier: DossierId([0; 16]),
            is_new: true,
            kind: SurveyKind::First,
            form: form.id.clone(),
            form_version: form.version.clone(),
            based_on: Vec::new(),
            corrects: None,
            begun: now.at,
            by: self.officer,
            on,
            seed: 0,
            values: self.supplied(&form.id, None, None, on)?,
        };
        let mut empty = self.open_draft(&head, form.clone(), now)?;
        empty.import();
        let first = SurveyKind::First.code().unwrap_or_default();
        for (name, value) in [(questions::SURVEY_TYPE, first.to_owned()), (questions::SURVEY_DATE, on.to_string())] {
            if let Some(at) = place(&empty, RowId::ROOT, name) {
                let path = empty.path(at);
                empty.apply(&Step::Set { path, value });
            }
        }
        let asked = (0..form.nodes.len() as u32).map(crate::form::NodeId);
        let labels = empty.labels_of(asked.filter(|node| form.question(*node).is_some()));
        let units = UnitNames::of(&self.units()?, on);
        let mut known = HashMap::new();
        views::read::each_face(&self.bureau.store, &self.bureau.keys, |dossier, face| {
            known.extend(face.id_numbers.into_iter().map(|id| (id, dossier)));
            true
        })?;
        let (mut workers, mut anybody) = (HashMap::<_, Vec<u32>>::new(), HashMap::<_, Vec<u32>>::new());
        for group in groups {
            let own = group.worker.iter().filter(|cell| cell.to == questions::ID_NUMBER);
            let others = group.members.iter().flat_map(|member| &member.cells);
            for (is_own, cell) in own.map(|cell| (true, cell)).chain(others.map(|cell| (false, cell))) {
                if cell.to != questions::ID_NUMBER && cell.to != questions::M_ID_NUMBER {
                    continue;
                }
                let Ok(id) = IdNumber::from_typed(bare(&cell.text)) else { continue };
                if is_own {
                    workers.entry(id.reveal().to_owned()).or_default().push(cell.line);
                }
                anybody.entry(id.reveal().to_owned()).or_default().push(cell.line);
            }
        }
        Ok(Trying {
            office: self,
            empty,
            head,
            reader: CellReader { headings: Headings::built_in(), labels, units },
            sheet,
            on,
            now,
            reach: self.reach(now)?,
            covered: form.covered(),
            known,
            before: views::sent::all(&*self.bureau.store, &self.bureau.keys)?,
            workers,
            anybody,
        })
    }
}

/// The question of that name in a row.
fn place(draft: &Draft, row: RowId, name: &str) -> Option<At> {
    let node = *draft.form().by_name.get(name)?.first()?;
    Some(At { row, node })
}

/// Sex and birth date stand in ID numbers: what else is asked may hang on them.
fn implied(tried: &mut Tried, row: RowId, cells: &[&RollCell]) {
    for cell in cells {
        if cell.to != questions::ID_NUMBER && cell.to != questions::M_ID_NUMBER {
            continue;
        }
        let Some(at) = place(&tried.draft, row, &cell.to) else { continue };
        for (beside, value) in tried.draft.implied_by_id(at) {
            let path = tried.draft.path(beside);
            tried.draft.apply(&Step::Set { path: path.clone(), value });
            tried.cells.insert(path, (cell.line, cell.column));
        }
    }
}

/// Its answers; what the form brings of itself nobody was asked, and no roll says it.
fn of_roll(draft: &Draft) -> Answers {
    let mut answers = draft.answers();
    for answer in answers.answers.iter_mut().filter(|answer| answer.origin == Origin::Asked) {
        answer.origin = Origin::Computed;
    }
    answers
}

/// A household while it is tried.
pub(super) struct Tried {
    pub(super) draft: Draft,
    pub(super) findings: Vec<LineFinding>,
    /// Which cell an answer came of.
    pub(super) cells: HashMap<Path, (u32, usize)>,
}

impl Tried {
    pub(super) fn find(&mut self, line: u32, column: Option<usize>, finding: Finding, what: Message) {
        self.findings.push(LineFinding { line, column, finding, what });
    }

    /// Keeps what has no place of its own beside a name, in the roll's own words.
    fn remark(&mut self, row: RowId, heading: &str, text: &str) {
        let name = if row == RowId::ROOT { questions::NAME } else { questions::M_NAME };
        if let Some(at) = place(&self.draft, row, name) {
            let path = self.draft.path(at);
            self.draft.apply(&Step::Note { path, text: format!("{heading}：{text}") });
        }
    }
}

impl Trying<'_> {
    fn household(&self, group: &RollGroup) -> Result<RollHousehold, Failure> {
        let mut tried = Tried { draft: self.empty.clone(), findings: Vec::new(), cells: HashMap::new() };
        let first = group.lines.first().and_then(|at| self.sheet.lines.get(*at)).map_or(0, |line| line.number);
        for (line, what) in &group.wrong {
            tried.find(*line, None, Finding::Stops, what.clone());
        }
        for (line, column, what) in &group.lost {
            tried.find(*line, Some(*column), Finding::Stops, what.clone());
        }
        for (line, column, what) in &group.noted {
            tried.find(*line, Some(*column), Finding::Noted, what.clone());
        }
        let (mut category, mut since, mut other_number) = (None, None, None);
        let mut cells = Vec::new();
        for cell in &group.worker {
            if cell.to != SKIP
                && let Some(what) = self.odd(cell)
            {
                tried.find(cell.line, Some(cell.column), Finding::Stops, what);
                continue;
            }
            match cell.to.as_str() {
                SKIP | HOUSEHOLD => {}
                REMARK => tried.remark(RowId::ROOT, self.heading(cell), &cell.text),
                OTHER_NUMBER => match crate::command::text_of(&cell.text, OTHER_NUMBER_MAX) {
                    Ok(number) => other_number = Some(number),
                    Err(why) => tried.find(cell.line, Some(cell.column), Finding::Stops, why.explain()),
                },
                CATEGORY => match self.category(&cell.text) {
                    Some(code) => category = Some((code, cell)),
                    None => {
                        let what = Message::new("import.no_such_category").with("text", cell.text.as_str());
                        tried.find(cell.line, Some(cell.column), Finding::Stops, what);
                    }
                },
                OPENED => match super::cells::day(&cell.text) {
                    Some(read) => since = Some(self.opened(&mut tried, cell, read)),
                    None => {
                        let what = Message::new("import.not_a_day").with("text", cell.text.as_str());
                        tried.find(cell.line, Some(cell.column), Finding::Stops, what);
                    }
                },
                _ => cells.push(cell),
            }
        }
        self.fill(&mut tried, RowId::ROOT, &cells);
        for member in &group.members {
            self.member(&mut tried, member);
        }
        let has = |name: &str| place(&tried.draft, RowId::ROOT, name).is_some_and(|at| tried.draft.given(at).is_some());
        if !has(questions::NAME) && tried.findings.iter().all(|found| found.finding != Finding::Stops) {
            tried.find(first, None, Finding::Stops, Message::new("import.no_name"));
        }
        self.check(&mut tried, first);
        self.duplicates(&mut tried, group)?;
        self.ready(tried, group, first, (category, since, other_number))
    }

    fn heading(&self, cell: &RollCell) -> &str {
        self.sheet.headings.get(cell.column).map_or("", String::as_str)
    }

    fn category(&self, text: &str) -> Option<String> {
        let codes = self.office.bureau.library.codes("category")?;
        let is = |code: &str| codes.all().any(|known| known.code == code);
        let meant = self.reader.headings.meant("category", text).map(str::to_owned);
        meant.or_else(|| is(text.trim()).then(|| text.trim().to_owned()))
    }

    /// The day since when it is in the files.
    fn opened(&self, tried: &mut Tried, cell: &RollCell, read: super::cells::DayRead) -> Day {
        use super::cells::DayRead;
        let (DayRead::Day(day) | DayRead::Month(day) | DayRead::Serial(day)) = read;
        if day.year() < FIRST_YEAR {
            let what = Message::new("import.too_early").with("day", day).with("year", i64::from(FIRST_YEAR));
            tried.find(cell.line, Some(cell.column), Finding::Stops, what);
        } else if day > self.on {
            let what = Message::new("import.after_roll").with("day", day).with("roll", self.on);
            tried.find(cell.line, Some(cell.column), Finding::Stops, what);
        } else if let DayRead::Month(_) = read {
            let what = Message::new("import.month_only").with("text", cell.text.as_str()).with("day", day);
            tried.find(cell.line, Some(cell.column), Finding::Noted, what);
        }
        if let Some(at) = place(&tried.draft, RowId::ROOT, questions::APP_ACCEPTED_ON) {
            let path = tried.draft.path(at);
            tried.draft.apply(&Step::Set { path: path.clone(), value: day.to_string() });
            tried.cells.insert(path, (cell.line, cell.column));
        }
        day
    }

    fn member(&self, tried: &mut Tried, member: &RollMember) {
        let Some(roster) = place(&tried.draft, RowId::ROOT, questions::MEMBERS) else { return };
        let path = tried.draft.path(roster);
        let added = tried.draft.apply(&Step::Add { path });
        if let Some(problem) = added.problem.filter(|problem| !problem.lets_stand()) {
            tried.find(member.line, None, Finding::Stops, problem.explain());
            return;
        }
        let Some(row) = tried.draft.rows_of(roster).last().copied() else { return };
        let mut cells = Vec::new();
        for cell in &member.cells {
            if cell.to == REMARK
                && let Some(what) = self.odd(cell)
            {
                tried.find(cell.line, Some(cell.column), Finding::Stops, what);
                continue;
            }
            match cell.to.as_str() {
                SKIP => {}
                REMARK => tried.remark(row, self.heading(cell), &cell.text),
                _ => cells.push(cell),
            }
        }
        self.fill(tried, row, &cells);
        let sex = place(&tried.draft, row, questions::M_SEX).map(|at| tried.draft.value(at).to_owned());
        let relation = match (&member.of.relation, sex.as_deref()) {
            (Some(relation), _) => Some(relation.as_str()),
            (None, Some("1")) if member.of.child => Some("20"),
            (None, Some("2")) if member.of.child => Some("30"),
            _ => None,
        };
        if let Some((relation, at)) = relation.zip(place(&tried.draft, row, questions::M_RELATION))
            && tried.draft.given(at).is_none()
        {
            let path = tried.draft.path(at);
            tried.draft.apply(&Step::Set { path, value: relation.to_owned() });
        }
    }

    /// Answers the cells of one person in the order of the form, and once more those that another one had to go before.
    fn fill(&self, tried: &mut Tried, row: RowId, cells: &[&RollCell]) {
        let mut waiting: Vec<(At, &RollCell)> =
            cells.iter().filter_map(|cell| Some((place(&tried.draft, row, &cell.to)?, *cell))).collect();
        waiting.sort_by_key(|(at, _)| at.node);
        let mut months = Vec::new();
        for last in [false, true] {
            for (at, cell) in std::mem::take(&mut waiting) {
                match self.answer(tried, at, cell) {
                    Ok(Some(day)) => months.push((at, cell, day)),
                    Ok(None) => {}
                    Err(None) if !last => waiting.push((at, cell)),
                    // Nothing asks for it here.
                    Err(None) => {
                        let place = (cell.line, Some(cell.column));
                        self.beside(tried, at, place, (self.heading(cell), &cell.text), None);
                    }
                    Err(Some(what)) => tried.find(cell.line, Some(cell.column), Finding::Stops, what),
                }
            }
            if !last {
                implied(tried, row, cells);
            }
        }
        // A month of birth says less than the ID number, and nothing against it.
        for (at, cell, day) in months {
            if tried.draft.given(at).is_some() {
                continue;
            }
            let path = tried.draft.path(at);
            tried.draft.apply(&Step::Set { path: path.clone(), value: day.clone() });
            tried.cells.insert(path, (cell.line, cell.column));
            let what = Message::new("import.month_only").with("text", cell.text.as_str()).with("day", day);
            tried.find(cell.line, Some(cell.column), Finding::Noted, what);
        }
    }

    /// What a spreadsheet did to a cell.
    fn odd(&self, cell: &RollCell) -> Option<Message> {
        let odd = self.sheet.odd(cell.line, cell.column)?;
        let is_id = odd == "form.cell_digits" && cell.to.ends_with(questions::ID_NUMBER);
        Some(Message::new(if is_id { "import.id_damaged" } else { odd }).with("text", cell.text.as_str()))
    }

    /// Keeps what is no answer as a remark, unless its question is covered: a remark is read by everybody who reads.
    pub(super) fn beside(
        &self,
        tried: &mut Tried,
        at: At,
        (line, column): (u32, Option<usize>),
        (heading, text): (&str, &str),
        why: Option<Message>,
    ) {
        let is_masked = self.covered.get(at.node.0 as usize).copied().unwrap_or(true);
        // Why a household is poor is covered where it is listed.
        let is_covered = is_masked || tried.draft.form().node(at.node).name.starts_with("cause");
        let what = match (is_covered, why) {
            (true, Some(why)) => Message::new("import.not_kept_why").with("why", why),
            (true, None) => Message::new("import.not_kept"),
            (false, Some(why)) => Message::new("import.kept_as_remark").with("why", why),
            (false, None) => {
                tried.remark(at.row, heading, text);
                return;
            }
        };
        if !is_covered {
            tried.remark(at.row, heading, text);
        }
        tried.find(line, column, Finding::Noted, what);
    }

    /// Answers one cell. `Ok(Some)`: it is a month, and waits. Errors: why not; `None`: nothing asks for it, so far.
    fn answer(&self, tried: &mut Tried, at: At, cell: &RollCell) -> Result<Option<String>, Option<Message>> {
        if let Some(what) = self.odd(cell) {
            return Err(Some(what));
        }
        let path = tried.draft.path(at);
        let (step, said) = match self.reader.read(&tried.draft, at, &cell.text, cell.ten_thousand).map_err(Some)? {
            CellRead::Nothing => return Ok(None),
            CellRead::FromMonth(day) => return Ok(Some(day)),
            CellRead::State(is) => (Step::State { path: path.clone(), is }, None),
            CellRead::Answer(typed, said) => match tried.draft.read(at, &typed) {
                Ok(value) => (Step::Set { path: path.clone(), value }, said),
                Err(why) => return Err(Some(why.explain())),
            },
        };
        match tried.draft.apply(&step).problem {
            Some(Problem { what: What::Refused(crate::form::Refusal::NotRelevant), .. }) => return Err(None),
            Some(problem) if !problem.lets_stand() => return Err(Some(problem.explain())),
            _ => {}
        }
        tried.cells.insert(path, (cell.line, cell.column));
        if let Some(said) = said {
            tried.find(cell.line, Some(cell.column), Finding::Noted, said);
        }
        Ok(None)
    }

    fn ready(
        &self,
        tried: Tried,
        group: &RollGroup,
        line: u32,
        (category, since, other_number): (Option<(String, &RollCell)>, Option<Day>, Option<String>),
    ) -> Result<RollHousehold, Failure> {
        let Tried { mut draft, mut findings, .. } = tried;
        let (lines, mut ready) = (group.lines.clone(), None);
        let answers = of_roll(&draft);
        let mut hasher = blake3::Hasher::new_derive_key("dossier v1 fingerprint of a household of a roll");
        // Not the day of the roll: the same lines on another day are the same households.
        let code = category.as_ref().map(|(code, _)| code);
        let of_whole = (code, since.map(|day| day.to_string()), &other_number);
        let said: Vec<(&str, Option<&str>)> = {
            // What the program supplies may be another day's tomorrow; what the roll says is not.
            let imported = answers.answers.iter().filter(|answer| answer.origin == Origin::Imported);
            let of_day = self.on.to_string();
            let is_day = |a: &&Answer| a.path.name() == questions::SURVEY_DATE && a.given.text() == Some(&of_day);
            let imported = imported.filter(|answer| !is_day(answer));
            imported.map(|answer| (answer.path.as_str(), answer.given.text())).collect()
        };
        let notes: Vec<&str> = answers.notes.iter().map(|note| note.text.as_str()).collect();
        hasher.update(serde_json::json!([of_whole, said, notes]).to_string().as_bytes());
        let fingerprint = *hasher.finalize().as_bytes();
        let becomes = match self.before.get(&fingerprint) {
            Some((dossier, _)) => {
                // That it stands in the store is no duplicate of anybody's.
                findings.clear();
                Becomes::Before { held: self.office.held(*dossier, self.reach.as_ref())? }
            }
            None if findings.iter().any(|found| found.finding == Finding::Stops) => Becomes::KeptOut,
            None => {
                let id = DraftId(self.office.random_id()?);
                let places = draft.row_places();
                let persons = 1 + u32::try_from(places.len()).unwrap_or(u32::MAX - 1);
                for at in places {
                    draft.set_person(at.row, PersonId(entry_of(id, &format!("row {}", at.row.0)).0));
                }
                let head = DraftHead { draft: id, ..self.head.clone() };
                let answers = of_roll(&draft);
                if let Some(found) = self.refused(&head, &answers, (line, category.as_ref()))? {
                    findings.push(found);
                    Becomes::KeptOut
                } else {
                    let category = category.map(|(code, _)| code);
                    let kept = Ready { head, answers, fingerprint, line, category, since, other_number, persons };
                    ready = Some(Box::new(kept));
                    Becomes::New
                }
            }
        };
        findings.sort_by_key(|found| (found.finding, found.line, found.column));
        Ok(RollHousehold { lines, becomes, findings, ready })
    }
}

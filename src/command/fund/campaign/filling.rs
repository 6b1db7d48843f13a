//! Lines come onto a list: households that a question to the roll finds, and persons outside dossiers from a file, each under a key
//! of their own. All of a file is taken or nothing. Who stands in the files already is put on the list as that household: nobody
//! is two people.

use super::{NotInCampaign, is_within, kept};
use crate::command::import::{RollSheet, bare, plain_heading};
use crate::command::roll::RollQuery;
use crate::command::{Act, Duty, Failure, Office};
use crate::domain::dossier::Status;
use crate::domain::event::{Ledger, Person};
use crate::domain::fund::{CampaignState, RECEIVERS_MAX, Receiver, ReceiverSource};
use crate::domain::{DossierId, EntryId, Explain, IdNumber, Message, Now, PersonId, Subject, UnitId};
use crate::views::fund::CampaignRow;
use crate::views::history::{History, Horizon};
use crate::views::search::same_name;
use std::collections::{BTreeMap, BTreeSet};

/// A cell of a file that cannot be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NotAReceiver {
    /// The line of the sheet, from 1; `None`: of the file as a whole.
    pub line: Option<u32>,
    /// The column: `name`, `id_number`, `unit`, `class`, `phone`.
    pub column: &'static str,
    pub why: Message,
}

impl Explain for NotAReceiver {
    fn explain(&self) -> Message {
        let column = crate::domain::Arg::Word(format!("campaign.column.{}", self.column));
        let said = match self.line {
            Some(line) => Message::new("campaign.file.cell").with("line", i64::from(line)),
            None => Message::new("campaign.file.whole"),
        };
        said.with("column", column).with("why", self.why.clone())
    }
}

/// What a filling came to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FilledFrom {
    pub campaign: CampaignRow,
    pub lines: usize,
    /// Persons outside dossiers who were not known before.
    pub new_persons: usize,
    /// Lines of a file whose people stand in the files: put on the list as their household.
    pub in_the_files: usize,
}

/// The columns of a file, and what they are called.
const COLUMNS: [(&str, &[&str]); 5] = [
    ("name", &["姓名", "名字", "人员姓名", "职工姓名", "name"]),
    (
        "id_number",
        &["身份证号", "身份证号码", "身份证", "公民身份号码", "证件号码", "证件号", "idnumber", "idno", "idcard"],
    ),
    ("unit", &["单位", "工作单位", "所在单位", "单位名称", "unit", "workunit"]),
    ("class", &["类别", "人员类别", "慰问类别", "class", "category"]),
    ("phone", &["手机", "手机号", "手机号码", "联系电话", "电话", "phone", "mobile"]),
];

/// A line of a file that was understood.
struct ListedPerson {
    name: String,
    id_number: IdNumber,
    unit: UnitId,
    class: u16,
    phone: String,
    dossier: Option<DossierId>,
}

/// Somebody who is added with the list.
struct NewPerson {
    person: PersonId,
    unit: UnitId,
    card: Vec<(String, String)>,
}

impl Office {
    /// Puts the households that a question to the roll finds onto the list, each as of that class.
    pub fn fill_from_roll(
        &self,
        row: &CampaignRow,
        asked: &RollQuery,
        class: &str,
        now: Now,
    ) -> Result<FilledFrom, Failure> {
        let permit = self.may(Duty::ProposeAid, now)?;
        let class = class_of(row, class)?;
        let found = self.roll(asked, now)?;
        let mut lines = Vec::with_capacity(found.dossiers.len());
        for dossier in &found.dossiers {
            lines.push(self.household_line(*dossier, class)?);
        }
        let content = serde_json::json!([asked, class]);
        self.fill(&permit, row, (ReceiverSource::Roll, &asked.described(), &content), (lines, Vec::new()), now)
    }

    /// Puts the people of a file onto the list: name, ID number, unit, class, phone. `class`: where the file has no such column.
    pub fn fill_from_file(
        &self,
        row: &CampaignRow,
        sheet: &RollSheet,
        class: Option<&str>,
        now: Now,
    ) -> Result<FilledFrom, Failure> {
        let permit = self.may(Duty::ProposeAid, now)?;
        // Whoever cannot be read would be taken for somebody new, and had it already perhaps.
        let unread = self.persons_unread()?;
        if unread > 0 {
            return Err(NotInCampaign::Unread { count: unread }.into());
        }
        let class = class.map(|class| class_of(row, class)).transpose()?;
        let rows = self.understood(row, sheet, class, now)?;
        // What makes it this list and no other: keys that are taken for it are others each time.
        let content: Vec<(&str, u16)> = rows.iter().map(|row| (row.id_number.reveal(), row.class)).collect();
        let content = serde_json::json!(content);
        let known = self.persons_by_number()?;
        let mut fresh: BTreeMap<String, PersonId> = BTreeMap::new();
        // Keys are taken when all of it was understood.
        let unknown: BTreeSet<&str> = rows
            .iter()
            .filter(|row| row.dossier.is_none() && !known.contains_key(row.id_number.reveal()))
            .map(|row| row.id_number.reveal())
            .collect();
        let count = u32::try_from(unknown.len()).unwrap_or(u32::MAX);
        if usize::try_from(count).unwrap_or(0) > self.bureau.keys.ready_slots() {
            self.have_slots_for(count)?;
        }
        let (mut lines, mut added) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            if let Some(dossier) = row.dossier {
                lines.push(self.household_line(dossier, row.class)?);
                continue;
            }
            let number = row.id_number.reveal().to_owned();
            let person = match known.get(&number).and_then(|same| same.first()).or(fresh.get(&number)) {
                Some(person) => *person,
                None => {
                    let person = PersonId(self.new_subject()?);
                    let mut card = vec![("name".to_owned(), row.name), ("id_number".to_owned(), number.clone())];
                    card.extend((!row.phone.is_empty()).then(|| ("phone".to_owned(), row.phone)));
                    added.push(NewPerson { person, unit: row.unit, card });
                    fresh.insert(number, person);
                    person
                }
            };
            lines.push(Receiver {
                dossier: None,
                person: Some(person),
                unit: Some(row.unit),
                class: row.class,
                category: None,
            });
        }
        self.fill(&permit, row, (ReceiverSource::File, &sheet.file, &content), (lines, added), now)
    }

    fn fill(
        &self,
        permit: &crate::command::Permit<'_>,
        row: &CampaignRow,
        (source, described, content): (ReceiverSource, &str, &serde_json::Value),
        (lines, added): (Vec<Receiver>, Vec<NewPerson>),
        now: Now,
    ) -> Result<FilledFrom, Failure> {
        if lines.is_empty() {
            return Err(NotInCampaign::Nobody.into());
        }
        let in_the_files = match source {
            ReceiverSource::File => lines.iter().filter(|line| line.dossier.is_some()).count(),
            ReceiverSource::Roll => 0,
        };
        let (count, new_persons) = (lines.len(), added.len());
        let described = crate::command::text(described)?;
        let content = serde_json::json!(["fill", row.id.hex(), source.code(), described, content]);
        let entry = match self.requested(&content)? {
            crate::command::request::Request::New(entry) => entry,
            crate::command::request::Request::Kept(_) => {
                return Ok(FilledFrom { campaign: self.campaign(row.id)?, lines: count, new_persons: 0, in_the_files });
            }
        };
        let (row, unchanged) = self.as_it_stands(row)?;
        if row.state() != CampaignState::Open {
            return Err(NotInCampaign::State { from: row.state() }.into());
        }
        let before: usize = row.fills().iter().map(|fill| fill.lines as usize).sum();
        if before + lines.len() > RECEIVERS_MAX {
            return Err(NotInCampaign::TooMany { most: RECEIVERS_MAX }.into());
        }
        let filled = Ledger::CampaignFilled { campaign: row.id, on: now.today, source, lines };
        let mut act = Act::new(entry, now.at, Subject::Bureau, filled)
            .person(Subject::Bureau, Person::Text(described))
            .parents([row.id, row.head()]);
        for NewPerson { person, unit, card } in added {
            let kind = crate::command::persons::RECEIVER.to_owned();
            let ledger = Ledger::PersonAdded { person, kind, unit: Some(unit), since: now.today };
            act = act.and(ledger).person(Subject::Person(person), Person::Card(card));
        }
        act.expect.push(unchanged);
        kept(permit.keep(&act))?;
        Ok(FilledFrom { campaign: self.campaign(row.id)?, lines: count, new_persons, in_the_files })
    }

    /// A household as a line: by its worker.
    fn household_line(&self, dossier: DossierId, class: u16) -> Result<Receiver, Failure> {
        let history = self.history(dossier)?;
        let versions = history.versions(Horizon::NOW);
        Ok(Receiver {
            dossier: Some(dossier),
            person: History::deciding(&versions).and_then(|deciding| deciding.survey.persons.first().copied()),
            unit: history.unit(Horizon::NOW),
            class,
            category: history.category(Horizon::NOW).and_then(|category| category.code),
        })
    }

    /// The rows of a sheet, or everything that is wrong with it.
    fn understood(
        &self,
        row: &CampaignRow,
        sheet: &RollSheet,
        class: Option<u16>,
        now: Now,
    ) -> Result<Vec<ListedPerson>, Failure> {
        let mut wrong = Vec::new();
        let headings: Vec<String> = sheet.headings.iter().map(|heading| plain_heading(heading)).collect();
        let at = |column: &str| {
            let names = COLUMNS.iter().find(|(of, _)| *of == column).map(|(_, names)| *names).unwrap_or_default();
            headings.iter().position(|heading| names.contains(&heading.as_str()))
        };
        let (name, number, unit, class_at, phone) = (at("name"), at("id_number"), at("unit"), at("class"), at("phone"));
        for (column, place) in [("name", name), ("id_number", number), ("unit", unit), ("class", class_at)] {
            if place.is_none() && (column != "class" || class.is_none()) {
                wrong.push(NotAReceiver { line: None, column, why: Message::new("campaign.file.no_column") });
            }
        }
        if !wrong.is_empty() {
            return Err(NotInCampaign::File(wrong).into());
        }
        if sheet.lines.len() > RECEIVERS_MAX {
            return Err(NotInCampaign::TooMany { most: RECEIVERS_MAX }.into());
        }
        // Who stands in the files is found by a whole ID number.
        self.wait_until_findable();
        let mut called = self.names_by_number()?;
        let reach = self.lines_reach(now)?;
        let mut units: BTreeMap<String, Result<UnitId, Message>> = BTreeMap::new();
        let mut rows = Vec::with_capacity(sheet.lines.len());
        for line in sheet.lines.iter().filter(|line| !line.is_empty()) {
            let cell = |place: Option<usize>| place.map_or("", |place| bare(line.get(place)));
            let before = wrong.len();
            let mut put = |column, why| wrong.push(NotAReceiver { line: Some(line.number), column, why });
            let typed = crate::command::name(cell(name)).map_err(|why| why.explain());
            let id = IdNumber::from_typed(cell(number)).map_err(|why| why.explain());
            let unit = units.entry(cell(unit).to_owned()).or_insert_with(|| {
                let unit = self
                    .unit_named(cell(unit))
                    .map_err(|_| Message::new("campaign.file.no_unit").with("asked", crate::lang::clean(cell(unit))))?;
                match is_within(&reach, Some(unit)) {
                    true => Ok(unit),
                    false => Err(Message::new("campaign.file.others_unit")),
                }
            });
            let class = match cell(class_at) {
                "" => class.ok_or_else(|| Message::new("campaign.file.no_class")),
                typed => class_of(row, typed).map_err(|why| why.explain()),
            };
            let phone = match crate::command::name(cell(phone)) {
                Ok(phone) => Ok(phone),
                Err(Failure::NoName) => Ok(String::new()),
                Err(why) => Err(why.explain()),
            };
            let mut dossier = None;
            if let Ok(id) = &id {
                match self.household_of(id, &reach) {
                    Ok(found) => dossier = found,
                    Err(why) => put("id_number", why),
                }
                // A slip in a digit is somebody else's number: whoever is listed is listed under their own name.
                if let Ok(name) = &typed {
                    let names = called.entry(id.reveal().to_owned()).or_default();
                    if !self.is_called(name, names, dossier)? {
                        put("name", Message::new("campaign.file.other_name"));
                    }
                    names.push(name.clone());
                }
            }
            match (typed, id, unit.clone(), class, phone) {
                (Ok(name), Ok(id_number), Ok(unit), Ok(class), Ok(phone)) => {
                    if wrong.len() == before {
                        rows.push(ListedPerson { name, id_number, unit, class, phone, dossier });
                    }
                }
                (name, id, unit, class, phone) => {
                    let columns = [
                        ("name", name.err()),
                        ("id_number", id.err()),
                        ("unit", unit.err()),
                        ("class", class.err()),
                        ("phone", phone.err()),
                    ];
                    columns.into_iter().for_each(|(column, why)| why.into_iter().for_each(|why| put(column, why)));
                }
            }
        }
        match wrong.is_empty() {
            true => Ok(rows),
            false => Err(NotInCampaign::File(wrong).into()),
        }
    }

    /// What persons outside dossiers are called who bear an ID number.
    fn names_by_number(&self) -> Result<BTreeMap<String, Vec<String>>, Failure> {
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in crate::views::persons::persons(&self.bureau.store, &self.bureau.keys)? {
            if let Ok(number) = IdNumber::from_typed(row.field("id_number")) {
                names.entry(number.reveal().to_owned()).or_default().push(row.field("name").to_owned());
            }
        }
        Ok(names)
    }

    /// Whether whoever bears a number is known by that name, or not known at all.
    fn is_called(&self, name: &str, known: &[String], dossier: Option<DossierId>) -> Result<bool, Failure> {
        let of_household = dossier.map(|dossier| self.listed_face(dossier)).transpose()?.flatten();
        let of_household = of_household.map(|face| face.names).unwrap_or_default();
        let mut names = known.iter().chain(&of_household).peekable();
        Ok(names.peek().is_none() || names.any(|one| same_name(one, name)))
    }

    /// The household that is in the files, or under way to them, and holds that ID number.
    ///
    /// Errors: it is another unit's, which is all that is told.
    fn household_of(&self, id: &IdNumber, reach: &Option<BTreeSet<UnitId>>) -> Result<Option<DossierId>, Message> {
        for hit in self.holders(id.reveal(), DossierId([0; 16])) {
            let is_over = self
                .history(hit.dossier)
                .is_ok_and(|history| history.is_erased() || history.status(Horizon::NOW).is_some_and(Status::is_over));
            if is_over {
                continue;
            }
            return match reach.as_ref().is_none_or(|reach| reach.contains(&hit.unit.id)) {
                true => Ok(Some(hit.dossier)),
                false => Err(Message::new("campaign.file.others_dossier").with("unit", hit.unit.name.as_str())),
            };
        }
        Ok(None)
    }
}

fn class_of(row: &CampaignRow, typed: &str) -> Result<u16, Failure> {
    let asked = typed.trim().to_lowercase();
    let at = row.campaign.classes.iter().position(|class| class.code == asked);
    let known = || row.campaign.classes.iter().map(|class| class.code.as_str()).collect::<Vec<_>>().join(", ");
    match at.and_then(|at| u16::try_from(at).ok()) {
        Some(class) => Ok(class),
        None => Err(NotInCampaign::NoSuchClass { asked: crate::lang::clean(typed), known: known() }.into()),
    }
}

/// Ids of whatever filled a list, for the parents of a step.
pub(super) fn fills_of(row: &CampaignRow) -> Vec<EntryId> {
    row.fills().into_iter().map(|fill| fill.entry).collect()
}

//! The union tree: bureau, forest farms, yards, stations, offices. Units merge and dissolve, so the tree is dated, and a
//! report on a day uses that day's tree. A csv file: `id,code,zh,en,kind,parent,since,until,replaced_by`.

use super::{Day, Explain, Message, UnitId};
use std::collections::HashMap;

/// The largest tree read, in bytes and in rows.
pub const TEXT_MAX: usize = 4 << 20;
pub const ROWS_MAX: usize = 50_000;

/// What a unit is. The words are in `codes/unit_kind.csv`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UnitKind {
    /// 林业局
    Bureau,
    /// 林场
    ForestFarm,
    /// 贮木场
    Yard,
    /// 管护所
    Station,
    /// 机关科室
    Office,
    /// 学校、医院
    Institution,
    /// 公司、厂
    Enterprise,
    /// 队
    Brigade,
}

impl UnitKind {
    pub const ALL: [UnitKind; 8] = [
        UnitKind::Bureau,
        UnitKind::ForestFarm,
        UnitKind::Yard,
        UnitKind::Station,
        UnitKind::Office,
        UnitKind::Institution,
        UnitKind::Enterprise,
        UnitKind::Brigade,
    ];

    pub fn code(self) -> &'static str {
        match self {
            UnitKind::Bureau => "bureau",
            UnitKind::ForestFarm => "forest_farm",
            UnitKind::Yard => "yard",
            UnitKind::Station => "station",
            UnitKind::Office => "office",
            UnitKind::Institution => "institution",
            UnitKind::Enterprise => "enterprise",
            UnitKind::Brigade => "brigade",
        }
    }

    pub fn from_code(code: &str) -> Option<UnitKind> {
        UnitKind::ALL.into_iter().find(|k| k.code() == code)
    }
}

/// A unit as it stood for a time. One that was renamed or moved under another parent has several rows with one id.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unit {
    pub id: UnitId,
    /// What people type and files name it by: `JH03`. It stays with the id and is never given again.
    pub code: String,
    pub zh: String,
    pub en: String,
    pub kind: UnitKind,
    pub parent: Option<UnitId>,
    /// First and last day; `None`: open.
    pub since: Option<Day>,
    pub until: Option<Day>,
    /// Where its people went when it was merged.
    pub replaced_by: Option<UnitId>,
}

impl Unit {
    pub fn stands_on(&self, day: Day) -> bool {
        self.since.is_none_or(|s| s <= day) && self.until.is_none_or(|u| day <= u)
    }
}

/// All units of all times, in the order of the file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct UnitTree {
    units: Vec<Unit>,
    by_id: HashMap<UnitId, Vec<usize>>,
    by_code: HashMap<String, UnitId>,
}

/// What is wrong in a row of the file; the row is left out, the rest is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UnitProblem {
    /// The line in the file, from 1; the header is line 1.
    pub line: u64,
    pub found: UnitFound,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum UnitFound {
    TooLarge,
    ColumnMissing(&'static str),
    NotARow,
    CellEmpty(&'static str),
    /// Not 32 hexadecimal digits.
    NotAnId(String),
    KindUnknown(String),
    NotADay(String),
    EndsBeforeItBegins {
        since: Day,
        until: Day,
    },
    /// The same unit twice for days that meet, or one code for two ids, or one id under two codes.
    Twice(String),
    /// `parent` or `replaced_by` names a code that no row has.
    UnitUnknown(String),
    /// Going up from here leads back here.
    Ring(String),
    /// The parent does not stand on the unit's first day.
    ParentGone {
        parent: String,
        on: Day,
    },
}

impl Explain for UnitProblem {
    fn explain(&self) -> Message {
        let (key, what) = match &self.found {
            UnitFound::TooLarge => ("unit.too_large", String::new()),
            UnitFound::ColumnMissing(column) => ("unit.column_missing", (*column).to_owned()),
            UnitFound::NotARow => ("unit.not_a_row", String::new()),
            UnitFound::CellEmpty(column) => ("unit.cell_empty", (*column).to_owned()),
            UnitFound::NotAnId(text) => ("unit.not_an_id", text.clone()),
            UnitFound::KindUnknown(text) => ("unit.kind_unknown", text.clone()),
            UnitFound::NotADay(text) => ("unit.not_a_day", text.clone()),
            UnitFound::EndsBeforeItBegins { since, until } => ("unit.ends_before", format!("{since} > {until}")),
            UnitFound::Twice(code) => ("unit.twice", code.clone()),
            UnitFound::UnitUnknown(code) => ("unit.unknown", code.clone()),
            UnitFound::Ring(code) => ("unit.ring", code.clone()),
            UnitFound::ParentGone { parent, on } => ("unit.parent_gone", format!("{parent}, {on}")),
        };
        Message::new(key).with("line", self.line).with("what", what)
    }
}

const COLUMNS: [&str; 9] = ["id", "code", "zh", "en", "kind", "parent", "since", "until", "replaced_by"];

/// A row before the codes it names are looked up.
struct Written {
    unit: Unit,
    parent: String,
    replaced_by: String,
    line: u64,
}

impl UnitTree {
    /// Reads a tree; what cannot be read is left out and listed, so that all problems show at once.
    pub fn parse(text: &str) -> (UnitTree, Vec<UnitProblem>) {
        let mut tree = UnitTree::default();
        let mut problems = Vec::new();
        let mut problem = |line: u64, found| problems.push(UnitProblem { line, found });
        if text.len() > TEXT_MAX {
            problem(1, UnitFound::TooLarge);
            return (tree, problems);
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let (separator, text, skipped) = super::encoding::parted(text);
        let mut reader = csv::ReaderBuilder::new().delimiter(separator).flexible(true).from_reader(text.as_bytes());
        let header: Vec<String> = match reader.headers() {
            Ok(header) => header.iter().map(|h| h.trim().to_owned()).collect(),
            Err(_) => {
                problem(1, UnitFound::NotARow);
                return (tree, problems);
            }
        };
        if let Some(column) = COLUMNS.into_iter().find(|c| !header.iter().any(|h| h == c)) {
            problem(1, UnitFound::ColumnMissing(column));
            return (tree, problems);
        }
        let mut written: Vec<Written> = Vec::new();
        for record in reader.into_records() {
            if written.len() >= ROWS_MAX {
                problem(written.last().map_or(1, |w| w.line), UnitFound::TooLarge);
                break;
            }
            let record = match record {
                Ok(record) => record,
                Err(e) => {
                    problem(e.position().map_or(1, csv::Position::line) + skipped, UnitFound::NotARow);
                    continue;
                }
            };
            let line = record.position().map_or(1, csv::Position::line) + skipped;
            // A spreadsheet ends with lines of nothing but separators, and leaves empty cells at a line's end away.
            if record.iter().all(|cell| cell.trim().is_empty()) {
                continue;
            }
            if record.iter().skip(header.len()).any(|cell| !cell.trim().is_empty()) {
                problem(line, UnitFound::NotARow);
                continue;
            }
            match read_row(&header, &record, line) {
                Ok(row) if tree.clashes(&written, &row.unit) => problem(line, UnitFound::Twice(row.unit.code)),
                Ok(row) => {
                    tree.by_id.entry(row.unit.id).or_default().push(written.len());
                    tree.by_code.insert(row.unit.code.clone(), row.unit.id);
                    written.push(row);
                }
                Err(found) => problem(line, found),
            }
        }
        for row in &mut written {
            for (code, place) in [(&row.parent, &mut row.unit.parent), (&row.replaced_by, &mut row.unit.replaced_by)] {
                if !code.is_empty() {
                    *place = tree.by_code.get(code).copied();
                    if place.is_none() {
                        problem(row.line, UnitFound::UnitUnknown(code.clone()));
                    }
                }
            }
        }
        let lines: Vec<u64> = written.iter().map(|w| w.line).collect();
        tree.units = written.into_iter().map(|w| w.unit).collect();
        let mut rings = Vec::new();
        for (i, unit) in tree.units.iter().enumerate() {
            let line = lines.get(i).copied().unwrap_or(1);
            let first = unit.since.unwrap_or(Day(i32::MIN));
            let Some(parent) = unit.parent else { continue };
            if tree.way_up(unit.id, first).is_none() {
                problem(line, UnitFound::Ring(unit.code.clone()));
                rings.push(i);
            } else if tree.get_on(parent, first).is_none() {
                let code = tree.get(parent).map(|p| p.code.clone()).unwrap_or_default();
                problem(line, UnitFound::ParentGone { parent: code, on: first });
            }
        }
        for i in rings {
            if let Some(unit) = tree.units.get_mut(i) {
                unit.parent = None;
            }
        }
        (tree, problems)
    }

    fn clashes(&self, written: &[Written], unit: &Unit) -> bool {
        let other_id = self.by_code.get(&unit.code).is_some_and(|id| *id != unit.id);
        let before = self.by_id.get(&unit.id).into_iter().flatten().filter_map(|i| written.get(*i)).map(|w| &w.unit);
        let starts = |a: &Unit, b: &Unit| a.since.is_none_or(|s| b.until.is_none_or(|u| s <= u));
        other_id || { before }.any(|b| b.code != unit.code || starts(b, unit) && starts(unit, b))
    }

    /// Every row of all times.
    pub fn all(&self) -> impl Iterator<Item = &Unit> {
        self.units.iter()
    }

    /// The units that stand on that day, in the order of the file.
    pub fn on(&self, day: Day) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter(move |u| u.stands_on(day))
    }

    pub fn get_on(&self, id: UnitId, day: Day) -> Option<&Unit> {
        self.rows(id).find(|u| u.stands_on(day))
    }

    /// The unit as it last was, standing or not.
    pub fn get(&self, id: UnitId) -> Option<&Unit> {
        self.rows(id).max_by_key(|u| u.since)
    }

    pub fn by_code(&self, code: &str) -> Option<UnitId> {
        self.by_code.get(code).copied()
    }

    /// What stands for the unit on that day: itself, else the one it was merged into. `None`: dissolved without one.
    pub fn successor_on(&self, id: UnitId, day: Day) -> Option<&Unit> {
        let mut id = id;
        for _ in 0..=self.units.len() {
            if let Some(unit) = self.get_on(id, day) {
                return Some(unit);
            }
            id = self.get(id)?.replaced_by?;
        }
        None
    }

    pub fn children_on(&self, parent: UnitId, day: Day) -> impl Iterator<Item = &Unit> {
        self.on(day).filter(move |u| u.parent == Some(parent))
    }

    /// Whether `id` is `root`, or stands below it on that day: whose dossiers an officer of `root` sees.
    pub fn is_within(&self, id: UnitId, root: UnitId, day: Day) -> bool {
        id == root || self.way_up(id, day).is_some_and(|way| way.contains(&root))
    }

    /// `id`, its parent of that day, and so on to the top; `None` where that never ends.
    pub fn way_up(&self, id: UnitId, day: Day) -> Option<Vec<UnitId>> {
        let mut way = vec![id];
        let mut at = id;
        while let Some(parent) = self.get_on(at, day).and_then(|u| u.parent) {
            if way.contains(&parent) {
                return None;
            }
            way.push(parent);
            at = parent;
        }
        Some(way)
    }

    fn rows(&self, id: UnitId) -> impl Iterator<Item = &Unit> {
        self.by_id.get(&id).into_iter().flatten().filter_map(|i| self.units.get(*i))
    }
}

fn id_of(code: &str) -> UnitId {
    let mut id = [0; 16];
    id.copy_from_slice(&blake3::derive_key("dossier 2026 v1 unit id", code.as_bytes())[..16]);
    UnitId(id)
}

fn read_row(header: &[String], record: &csv::StringRecord, line: u64) -> Result<Written, UnitFound> {
    let cell = |column: &str| {
        let at = header.iter().position(|h| h == column);
        at.and_then(|i| record.get(i)).map(|cell| super::encoding::read_back(cell).trim()).unwrap_or_default()
    };
    let wanted = |column: &'static str| match cell(column) {
        "" => Err(UnitFound::CellEmpty(column)),
        text => Ok(text.to_owned()),
    };
    let day = |column: &str| match cell(column) {
        "" => Ok(None),
        text => Day::from_cell(text).map(Some).ok_or_else(|| UnitFound::NotADay(text.to_owned())),
    };
    let (since, until) = (day("since")?, day("until")?);
    if let (Some(since), Some(until)) = (since, until)
        && until < since
    {
        return Err(UnitFound::EndsBeforeItBegins { since, until });
    }
    let kind = wanted("kind")?;
    // A new unit's id may be left to us: it comes from the code, which no other unit ever has.
    let id = match cell("id") {
        "" => id_of(&wanted("code")?),
        text => UnitId::from_hex(text).ok_or_else(|| UnitFound::NotAnId(text.to_owned()))?,
    };
    Ok(Written {
        unit: Unit {
            id,
            code: wanted("code")?,
            zh: wanted("zh")?,
            en: wanted("en")?,
            kind: UnitKind::from_code(&kind).ok_or(UnitFound::KindUnknown(kind))?,
            parent: None,
            since,
            until,
            replaced_by: None,
        },
        parent: cell("parent").to_owned(),
        replaced_by: cell("replaced_by").to_owned(),
        line,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "id,code,zh,en,kind,parent,since,until,replaced_by\n";

    fn id(n: u8) -> UnitId {
        UnitId([n; 16])
    }

    fn row(n: u8, rest: &str) -> String {
        format!("{},{rest}\n", id(n).hex())
    }

    fn day(text: &str) -> Day {
        Day::from_iso(text).unwrap()
    }

    fn bureau() -> UnitTree {
        let text = [
            HEADER.to_owned(),
            row(1, "B,示例局,Bureau,bureau,,,,"),
            row(2, "F1,甲林场,Farm A,forest_farm,B,,,"),
            row(3, "F2,乙林场,Farm B,forest_farm,B,,2018-12-31,F1"),
            row(4, "S1,丙管护所,Station,station,F2,,2018-12-31,"),
            row(4, "S1,丙管护所,Station,station,F1,2019-01-01,,"),
        ]
        .concat();
        let (tree, problems) = UnitTree::parse(&text);
        assert_eq!(problems, []);
        tree
    }

    #[test]
    fn a_report_on_a_day_uses_that_days_tree() {
        let tree = bureau();
        for (on, standing, parent) in [("2018-12-31", 4, 3), ("2019-01-01", 3, 2)] {
            assert_eq!(tree.on(day(on)).count(), standing, "{on}");
            assert_eq!(tree.get_on(id(4), day(on)).and_then(|u| u.parent), Some(id(parent)), "{on}");
            assert!(tree.is_within(id(4), id(1), day(on)));
            assert_eq!(tree.is_within(id(4), id(2), day(on)), parent == 2, "{on}");
        }
        assert_eq!(tree.children_on(id(1), day("2019-01-01")).count(), 1);
    }

    #[test]
    fn the_people_of_a_merged_unit_are_found_where_they_went() {
        let tree = bureau();
        assert_eq!(tree.successor_on(id(3), day("2018-12-31")).map(|u| u.id), Some(id(3)));
        assert_eq!(tree.successor_on(id(3), day("2019-01-01")).map(|u| u.id), Some(id(2)));
        assert_eq!(tree.get(id(3)).map(|u| u.zh.as_str()), Some("乙林场"));
        assert_eq!(tree.successor_on(id(9), day("2019-01-01")), None);
    }

    #[test]
    fn a_tree_that_a_spreadsheet_saved_is_read_as_it_was() {
        let plain = [HEADER.to_owned(), row(1, "B,示例局,Bureau,bureau,,2015-04-01,,")].concat();
        let saved = plain.replace("2015-04-01", "2015/4/1 0:00").replace(',', ";");
        let (tree, problems) = UnitTree::parse(&format!("sep=;\n{saved}"));
        assert_eq!(problems, []);
        assert_eq!(tree.get(id(1)).and_then(|unit| unit.since), Some(day("2015-04-01")));
        let (_, problems) = UnitTree::parse(&format!("sep=;\n{}", saved.replace("0:00", "8:30")));
        let bad = UnitFound::NotADay("2015/4/1 8:30".into());
        assert_eq!(problems.into_iter().map(|p| (p.line, p.found)).collect::<Vec<_>>(), [(3, bad)]);
    }

    #[test]
    fn every_problem_of_a_tree_is_named_at_its_line() {
        let text = [
            HEADER.to_owned(),
            row(1, "B,示例局,Bureau,bureau,,1990-01-01,,"),
            row(2, "B,又一局,Bureau,bureau,,,,"),
            row(3, "F,林场,Farm,farm,B,,,"),
            row(4, "G,林场,Farm,forest_farm,X,,,"),
            row(5, "H,林场,Farm,forest_farm,I,2000-01-01,,"),
            row(6, "I,林场,Farm,forest_farm,H,2000-01-01,,"),
            row(7, "J,林场,Farm,forest_farm,B,1989-12-31,,"),
            "xyz,K,林场,Farm,forest_farm,B,,,\n".to_owned(),
            row(8, "L,林场,Farm,forest_farm,B,2018-01-02,2018-01-01,"),
        ]
        .concat();
        let (tree, problems) = UnitTree::parse(&text);
        let mut found: Vec<_> = problems.into_iter().map(|p| (p.line, p.found)).collect();
        found.sort_by_key(|(line, _)| *line);
        assert_eq!(
            found,
            [
                (3, UnitFound::Twice("B".into())),
                (4, UnitFound::KindUnknown("farm".into())),
                (5, UnitFound::UnitUnknown("X".into())),
                (6, UnitFound::Ring("H".into())),
                (7, UnitFound::Ring("I".into())),
                (8, UnitFound::ParentGone { parent: "B".into(), on: day("1989-12-31") }),
                (9, UnitFound::NotAnId("xyz".into())),
                (10, UnitFound::EndsBeforeItBegins { since: day("2018-01-02"), until: day("2018-01-01") }),
            ]
        );
        // What is in a ring stands at the top, so that no walk goes on for ever.
        assert_eq!(tree.way_up(id(5), day("2018-01-01")), Some(vec![id(5)]));
    }
}

//! Aid counted by kind, year, unit, source, category or purse; each line of it opens to the lines that it is the sum of. The list
//! for the upper union, and what one household had over the years.

use crate::command::rights::HouseholdLine;
use crate::command::{Duty, Failure, Household, Office};
use crate::domain::fund::{
    AidCount, AidGroup, AidLine, BookLine, Books, FormerCount, FormerYear, Purse, aid_lines, tally,
};
use crate::domain::{Day, DossierId, EntryId, Fen, Now, PurseId, UnitId};
use crate::views::fund::{self, LineRow};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// By what aid is told apart.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum AidBy {
    Kind,
    Year,
    Unit,
    Source,
    Category,
    Purse,
}

impl AidBy {
    pub const ALL: [AidBy; 6] = [AidBy::Kind, AidBy::Year, AidBy::Unit, AidBy::Source, AidBy::Category, AidBy::Purse];

    /// As people type it, and in the words `report.by.kind`.
    pub fn code(self) -> &'static str {
        match self {
            AidBy::Kind => "kind",
            AidBy::Year => "year",
            AidBy::Unit => "unit",
            AidBy::Source => "source",
            AidBy::Category => "category",
            AidBy::Purse => "purse",
        }
    }

    pub fn from_code(code: &str) -> Option<AidBy> {
        AidBy::ALL.into_iter().find(|by| by.code() == code)
    }
}

/// What is to be counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AidQuery {
    pub by: AidBy,
    /// Within each group.
    pub then: Option<AidBy>,
    pub books: Option<Books>,
    /// Of purses of one source: a code of list `fund_source`.
    pub source: Option<String>,
    pub from: Day,
    pub to: Day,
}

/// Group, and group within it: codes; of a unit the id's digits.
pub type GroupKey = (String, Option<String>);

/// Aid as it was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AidReport {
    pub query: AidQuery,
    pub groups: BTreeMap<GroupKey, AidGroup>,
    pub all: AidCount,
    /// What was paid before the book began, where kind and year are all that is asked by.
    pub former: BTreeMap<GroupKey, FormerCount>,
}

impl AidReport {
    pub fn all_former(&self) -> FormerCount {
        self.former.values().fold(FormerCount::default(), |all, one| FormerCount {
            amount: Fen(all.amount.0.saturating_add(one.amount.0)),
            person_times: all.person_times + one.person_times,
        })
    }
}

/// A line of a group.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReportLine {
    pub row: LineRow,
    pub purse: Option<Purse>,
    pub category: Option<String>,
    pub paid: Fen,
    pub person_times: i64,
}

/// A payout of the list for the upper union.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UpperLine {
    pub number: String,
    /// Whole; whoever shows it covers it. `None`: erased.
    pub name: Option<String>,
    pub unit: Option<UnitId>,
    pub line: ReportLine,
}

/// What stands behind the lines.
struct Behind {
    purses: BTreeMap<PurseId, Purse>,
    /// The record that granted a payout, and to whom → the category that it was granted for.
    categories: BTreeMap<(EntryId, Option<DossierId>), String>,
}

impl Behind {
    fn key(&self, line: &AidLine<'_>, by: AidBy) -> String {
        let movement = line.movement;
        let purse = || self.purses.get(&movement.purse);
        match by {
            AidBy::Kind => movement.aid.clone().unwrap_or_default(),
            AidBy::Year => movement.on.year().to_string(),
            AidBy::Unit => movement.unit.map(|unit| unit.hex()).unwrap_or_default(),
            AidBy::Source => purse().map(|purse| purse.source.clone()).unwrap_or_default(),
            AidBy::Purse => purse().map(|purse| purse.code.clone()).unwrap_or_default(),
            AidBy::Category => {
                let granted = line.granted.and_then(|granted| self.categories.get(&(granted, movement.dossier)));
                granted.cloned().unwrap_or_default()
            }
        }
    }

    fn group(&self, line: &AidLine<'_>, query: &AidQuery) -> GroupKey {
        (self.key(line, query.by), query.then.map(|then| self.key(line, then)))
    }

    fn is_asked(&self, line: &AidLine<'_>, query: &AidQuery) -> bool {
        let source = || self.purses.get(&line.movement.purse).map(|purse| purse.source.as_str());
        line.movement.on >= query.from && query.source.as_deref().is_none_or(|asked| source() == Some(asked))
    }
}

impl Office {
    fn behind(&self) -> Result<Behind, Failure> {
        let purses = fund::purses(&self.bureau.store, &self.bureau.keys)?.into_iter();
        let mut categories = BTreeMap::new();
        for row in fund::payouts(&self.bureau.store, &self.bureau.keys)? {
            for reservation in row.reservations() {
                categories.insert((reservation.entry, Some(row.payout.dossier)), row.payout.category.clone());
            }
        }
        for row in fund::campaigns(&self.bureau.store, &self.bureau.keys)? {
            let Some(approval) = row.approval().map(|approval| approval.entry) else { continue };
            for line in fund::receivers(&self.bureau.store, &self.bureau.keys, &row)? {
                if let (Some(category), dossier @ Some(_)) = (line.receiver.category, line.receiver.dossier) {
                    categories.insert((approval, dossier), category);
                }
            }
        }
        Ok(Behind { purses: purses.map(|row| (row.purse.purse, row.purse)).collect(), categories })
    }

    /// Aid between two days, told apart as asked.
    pub fn aid_report(&self, query: &AidQuery, now: Now) -> Result<AidReport, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let (behind, lines) = (self.behind()?, self.book_lines()?);
        let mut aid = aid_lines(&lines, &behind.purses, query.books, query.to);
        aid.retain(|line| behind.is_asked(line, query));
        let groups = tally(&aid, |line| behind.group(line, query));
        let all = tally(&aid, |_| ()).remove(&()).unwrap_or_default().counts;
        let mut former: BTreeMap<GroupKey, FormerCount> = BTreeMap::new();
        let is_known_by = |by: AidBy| matches!(by, AidBy::Kind | AidBy::Year);
        let is_of_all = query.source.is_none() && query.books.is_none_or(|books| books == Books::General);
        if is_of_all && is_known_by(query.by) && query.then.is_none_or(is_known_by) {
            let key = |year: &FormerYear, by| if by == AidBy::Kind { year.aid.clone() } else { year.year.to_string() };
            for row in fund::former_years(&self.bureau.store, &self.bureau.keys)? {
                let year = row.former;
                if year.last_day().is_some_and(|last| (query.from..=query.to).contains(&last)) {
                    let of = former.entry((key(&year, query.by), query.then.map(|then| key(&year, then)))).or_default();
                    of.amount.0 += year.amount.0;
                    of.person_times += i64::from(year.person_times);
                }
            }
        }
        Ok(AidReport { query: query.clone(), groups, all, former })
    }

    /// The lines that a group is the sum of, by day; `then`: of the group within it alone.
    pub fn aid_report_lines(
        &self,
        query: &AidQuery,
        (group, then): (&str, Option<&str>),
        now: Now,
    ) -> Result<Vec<ReportLine>, Failure> {
        let _ = self.may(Duty::SeeFund, now)?;
        let (behind, lines) = (self.behind()?, self.book_lines()?);
        let mut aid = aid_lines(&lines, &behind.purses, query.books, query.to);
        aid.retain(|line| {
            let key = behind.group(line, query);
            behind.is_asked(line, query) && key.0 == group && then.is_none_or(|then| key.1.as_deref() == Some(then))
        });
        aid.iter().map(|line| self.report_line(line, &behind)).collect()
    }

    fn report_line(&self, line: &AidLine<'_>, behind: &Behind) -> Result<ReportLine, Failure> {
        Ok(ReportLine {
            row: self.fund_line(line.id)?,
            purse: behind.purses.get(&line.movement.purse).cloned(),
            category: Some(behind.key(line, AidBy::Category)).filter(|code| !code.is_empty()),
            paid: line.paid,
            person_times: line.person_times,
        })
    }

    /// The list for the upper union: what was paid of money of a source between two days to households that are within reach
    /// by their unit today. That it goes out is recorded at each of them first.
    pub fn upper_list(&self, source: &str, from: Day, to: Day, now: Now) -> Result<Vec<UpperLine>, Failure> {
        let _ = self.may(Duty::TakeOut, now)?;
        self.known_code("fund_source", source)?;
        let reach = self.reach(now)?;
        let (behind, lines) = (self.behind()?, self.book_lines()?);
        let query = AidQuery { by: AidBy::Kind, then: None, books: None, source: Some(source.to_owned()), from, to };
        let mut aid = aid_lines(&lines, &behind.purses, None, to);
        aid.retain(|line| behind.is_asked(line, &query));
        let mut theirs: BTreeMap<DossierId, Option<HouseholdLine>> = BTreeMap::new();
        for dossier in aid.iter().filter_map(|line| line.movement.dossier) {
            if let Entry::Vacant(place) = theirs.entry(dossier) {
                place.insert(self.listed(dossier, reach.as_ref(), now)?);
            }
        }
        let dossiers: Vec<_> = theirs.iter().filter_map(|(id, line)| line.as_ref().map(|_| *id)).collect();
        let _ = self.record_way_out(Duty::TakeOut, &dossiers, "export", &format!("upper {source}"), now)?;
        let mut out = Vec::new();
        for line in &aid {
            let home = line.movement.dossier.and_then(|dossier| theirs.get(&dossier)?.as_ref());
            let Some(HouseholdLine { status, name }) = home else { continue };
            out.push(UpperLine {
                number: status.number.clone(),
                name: (!status.erased).then(|| name.clone().unwrap_or_default()),
                unit: status.unit,
                line: self.report_line(line, &behind)?,
            });
        }
        Ok(out)
    }

    /// A household for the list; `None`: by its unit today it is none of theirs.
    fn listed(
        &self,
        dossier: DossierId,
        reach: Option<&BTreeSet<UnitId>>,
        now: Now,
    ) -> Result<Option<HouseholdLine>, Failure> {
        match self.line(dossier, now) {
            Ok(line) if reach.is_none_or(|reach| line.status.unit.is_some_and(|unit| reach.contains(&unit))) => {
                Ok(Some(line))
            }
            Ok(_) | Err(Failure::NoSuchDossier { .. } | Failure::NeedsReason) => Ok(None),
            Err(other) => Err(other),
        }
    }
}

impl Household<'_> {
    /// What the household had, line by line: what was paid, and what came back.
    pub fn aid_timeline(&self) -> Result<Vec<ReportLine>, Failure> {
        let _ = self.permit(Duty::Open)?;
        let office = self.office;
        // With what persons had who turned out to be of it.
        let mut rows = Vec::new();
        for subject in office.subjects_of(self.id())? {
            rows.extend(fund::lines_about(&office.bureau.store, &office.bureau.keys, subject)?);
        }
        let behind = office.behind()?;
        // What comes back names what was paid, which is the same household's.
        let own = rows.into_iter().filter(|row| row.counts);
        let lines: Vec<BookLine> = own.map(|row| BookLine { id: row.id, what: row.what, number: row.number }).collect();
        let last = lines.iter().map(|line| line.what.on()).max().unwrap_or(self.now.today);
        let aid = aid_lines(&lines, &behind.purses, None, last);
        aid.iter().map(|line| office.report_line(line, &behind)).collect()
    }
}

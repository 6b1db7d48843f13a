//! Statements on the fund's screen: aid told apart in each way, gifts, receipts, appropriations, periods; and what a line of one
//! opens to.

use crate::command::Failure;
use crate::command::fund::{
    AidBy, AidQuery, AidReport, AppropriationLine, ClosingLine, DonorLine, GiftReport, PledgeLine, ReceiptLine,
    ReportLine,
};
use crate::domain::Day;
use crate::domain::fund::Books;
use crate::present::{SheetPart, Table, Words, closing, giving, report};
use crate::tui::session::Session;
use crate::views::fund::{FormerRow, LineRow};

/// Which statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ReportKind {
    Aid(AidBy),
    Receipts,
    Donors,
    Standing,
    Appropriations,
    Closings,
    Former,
}

impl ReportKind {
    /// In the order in which one key leads through them.
    const ALL: [ReportKind; 12] = [
        ReportKind::Aid(AidBy::Kind),
        ReportKind::Aid(AidBy::Year),
        ReportKind::Aid(AidBy::Unit),
        ReportKind::Aid(AidBy::Source),
        ReportKind::Aid(AidBy::Category),
        ReportKind::Aid(AidBy::Purse),
        ReportKind::Receipts,
        ReportKind::Donors,
        ReportKind::Standing,
        ReportKind::Appropriations,
        ReportKind::Closings,
        ReportKind::Former,
    ];

    pub fn first() -> ReportKind {
        ReportKind::Aid(AidBy::Kind)
    }

    pub fn next(self) -> ReportKind {
        let at = ReportKind::ALL.into_iter().position(|kind| kind == self).unwrap_or(0);
        ReportKind::ALL[(at + 1) % ReportKind::ALL.len()]
    }
}

/// What a statement shows.
pub enum Report {
    Aid(AidReport),
    Receipts(Vec<ReceiptLine>),
    Donors(Vec<DonorLine>),
    Standing(Vec<PledgeLine>),
    Appropriations(i32, Vec<AppropriationLine>),
    Closings(Vec<ClosingLine>),
    Former(Vec<FormerRow>),
    /// What a line of one was opened to.
    AidLines(Vec<ReportLine>, Day),
    Gifts(Box<GiftReport>),
    Counts(Box<ClosingLine>),
    Collected(Vec<LineRow>),
}

impl Report {
    /// Read anew: aid since the book or the years before it began, the rest of this year.
    pub fn read(kind: ReportKind, session: &Session) -> Result<Report, Failure> {
        let (office, now) = (session.office(), session.now());
        let year = now.today.year();
        Ok(match kind {
            ReportKind::Aid(by) => {
                let january = Day::from_ymd(year, 1, 1).unwrap_or(now.today);
                let from = if by == AidBy::Year { Day::from_ymd(1949, 10, 1).unwrap_or(january) } else { january };
                let query = AidQuery { by, then: None, books: None, source: None, from, to: now.today };
                Report::Aid(office.aid_report(&query, now)?)
            }
            ReportKind::Receipts => {
                let mut all = Vec::new();
                for books in Books::ALL {
                    all.extend(office.receipts(books, year, now)?);
                }
                Report::Receipts(all)
            }
            ReportKind::Donors => Report::Donors(office.donors(now)?),
            ReportKind::Standing => Report::Standing(office.standing_donations(Some(year), now)?),
            ReportKind::Appropriations => Report::Appropriations(year, office.appropriations(year, now)?),
            ReportKind::Closings => Report::Closings(office.closings(now)?),
            ReportKind::Former => Report::Former(office.former_years(now)?),
        })
    }

    /// What the line at a place opens to; `None`: it is the last there is to it.
    pub fn open(&self, at: usize, session: &Session) -> Option<Result<Report, Failure>> {
        let (office, now) = (session.office(), session.now());
        match self {
            Report::Aid(aid) => {
                let (group, then) = report::groups(aid).into_iter().nth(at)?;
                let lines = office.aid_report_lines(&aid.query, (&group, then.as_deref()), now);
                Some(lines.map(|lines| Report::AidLines(lines, aid.query.to)))
            }
            Report::Donors(donors) => {
                let gifts = office.gift_report(donors.get(at)?.id, now.today, now);
                Some(gifts.map(|gifts| Report::Gifts(Box::new(gifts))))
            }
            Report::Standing(lines) => Some(Ok(Report::Collected(lines.get(at)?.lines.clone()))),
            Report::Closings(lines) => Some(Ok(Report::Counts(Box::new(lines.get(at)?.clone())))),
            _ => None,
        }
    }

    pub fn is_opened(&self) -> bool {
        matches!(self, Report::AidLines(..) | Report::Gifts(_) | Report::Counts(_) | Report::Collected(_))
    }

    pub fn opens(&self) -> bool {
        matches!(self, Report::Aid(_) | Report::Donors(_) | Report::Standing(_) | Report::Closings(_))
    }

    pub fn table(&self, words: &Words<'_>) -> Table {
        match self {
            Report::Aid(aid) => report::aid(words, aid),
            Report::Receipts(lines) => giving::receipts(words, lines),
            Report::Donors(donors) => giving::donors(words, donors),
            Report::Standing(lines) => giving::standing(words, lines),
            Report::Appropriations(year, lines) => giving::appropriations(words, *year, lines),
            Report::Closings(lines) => closing::closings(words, lines),
            Report::Former(rows) => closing::former(words, rows),
            Report::AidLines(lines, to) => report::lines(words, lines, *to),
            Report::Counts(line) => closing::counts(words, line),
            Report::Collected(lines) => giving::collected(words, lines),
            // Of the sheet its first table; what became of the money stands below it on paper.
            Report::Gifts(gifts) => {
                let parts = giving::report(words, gifts).parts;
                let tables = parts.into_iter().filter_map(|part| match part {
                    SheetPart::Table(table) => Some(table),
                    _ => None,
                });
                tables.into_iter().next().unwrap_or_default()
            }
        }
    }

    pub fn rows(&self, words: &Words<'_>) -> usize {
        self.table(words).rows.len()
    }
}

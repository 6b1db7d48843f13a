//! How wide each column stands, computed from what it holds. Where there is not room for all, texts become narrower first,
//! then columns give way in order of worth.

use super::value::{ColumnKind, Table};
use crate::lang;

/// Blanks between two columns.
pub const GAP: usize = 2;
/// No text is made narrower than this, in cells: four Chinese characters.
const TEXT_MIN: usize = 8;

/// Nor narrower than its title, up to this width.
const TITLE_MAX: usize = 16;

/// The columns that stand, from the left, each with its width in cells.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Place in [`Table::columns`] and width.
    pub columns: Vec<(usize, usize)>,
    /// Places of those that gave way.
    pub gave_way: Vec<usize>,
    gap: usize,
}

impl Layout {
    /// As wide as what each column holds.
    pub fn natural(table: &Table) -> Layout {
        Layout::within(table, usize::MAX, GAP)
    }

    /// At most `cells` cells wide, with `gap` blanks between columns. Only where one column alone is wider is it cut.
    pub fn within(table: &Table, cells: usize, gap: usize) -> Layout {
        let wide: Vec<usize> = (0..table.columns.len()).map(|at| natural(table, at)).collect();
        let mut standing: Vec<usize> = (0..table.columns.len()).filter(|at| wide[*at] > 0).collect();
        let mut gave_way = Vec::new();
        loop {
            let mut columns: Vec<(usize, usize)> = standing.iter().map(|at| (*at, wide[*at])).collect();
            let gaps = gap * columns.len().saturating_sub(1);
            let mut over = columns.iter().map(|(_, w)| w).sum::<usize>().saturating_add(gaps).saturating_sub(cells);
            for worth in 0..=9 {
                over = narrow(table, &mut columns, worth, over);
            }
            let least = (0..standing.len())
                .filter(|i| table.columns[standing[*i]].worth < 9)
                .min_by_key(|i| (table.columns[standing[*i]].worth, usize::MAX - i));
            match least {
                Some(i) if over > 0 && standing.len() > 1 => gave_way.push(standing.remove(i)),
                _ => {
                    if over > 0
                        && let Some((_, width)) = columns.iter_mut().max_by_key(|(_, width)| *width)
                    {
                        *width = width.saturating_sub(over).max(1);
                    }
                    return Layout { columns, gave_way, gap };
                }
            }
        }
    }

    /// The columns of a table too wide for `cells`, in several tables one below the other; the first column stands in each.
    pub fn bands(table: &Table, cells: usize, gap: usize) -> Vec<Vec<usize>> {
        // A text that is broken into lines reads well from this width on.
        const TEXT: usize = 16;
        let wide = |at: usize| match natural(table, at) {
            width if table.columns[at].kind.is_elastic() => width.min(TEXT),
            width => width,
        };
        let standing = (0..table.columns.len()).filter(|at| natural(table, *at) > 0);
        let mut bands: Vec<Vec<usize>> = Vec::new();
        let mut used = 0;
        for at in standing {
            let first = bands.first().and_then(|band| band.first()).copied();
            match bands.last_mut() {
                Some(band) if used + gap + wide(at) <= cells => {
                    band.push(at);
                    used += gap + wide(at);
                }
                None => {
                    bands.push(vec![at]);
                    used = wide(at);
                }
                Some(_) => {
                    let first = first.unwrap_or(at);
                    bands.push(vec![first, at]);
                    used = wide(first) + gap + wide(at);
                }
            }
        }
        bands
    }

    /// One line of cells, each cut or padded to its column. `shown` gives a column's text by its place.
    pub fn line(&self, table: &Table, shown: impl Fn(usize) -> String) -> String {
        let mut out = String::new();
        for (i, (at, width)) in self.columns.iter().enumerate() {
            if i > 0 {
                out.push_str(&" ".repeat(self.gap));
            }
            out.push_str(&aligned(&shown(*at), *width, table.columns[*at].kind));
        }
        out.truncate(out.trim_end().len());
        out
    }

    /// The titles as one line.
    pub fn titles(&self, table: &Table) -> String {
        self.line(table, |at| table.columns[at].title.clone())
    }
}

/// Takes from the texts of that worth, the widest first, so that equals end equal. What could not be taken.
fn narrow(table: &Table, columns: &mut [(usize, usize)], worth: u8, mut over: usize) -> usize {
    let least = |at: usize| lang::cells(&table.columns[at].title).clamp(TEXT_MIN, TITLE_MAX);
    while over > 0 {
        let is_of = |at: usize| table.columns[at].worth == worth && table.columns[at].kind.is_elastic();
        let spare = |at: usize, width: usize| width.saturating_sub(least(at));
        let of_worth = columns.iter_mut().filter(|(at, width)| is_of(*at) && spare(*at, *width) > 0);
        let mut widest: Vec<&mut (usize, usize)> = of_worth.collect();
        widest.sort_by_key(|(_, width)| usize::MAX - width);
        let next = widest.get(1).map_or(0, |(_, width)| *width);
        let Some((at, width)) = widest.first_mut() else { break };
        let given = over.min(spare(*at, *width)).min((*width - next.min(*width)).max(1));
        *width -= given;
        over -= given;
    }
    over
}

/// Cut or padded to exactly `width` cells.
pub(super) fn aligned(text: &str, width: usize, kind: ColumnKind) -> String {
    let text = lang::cut(text, width);
    let blanks = " ".repeat(width.saturating_sub(lang::cells(&text)));
    if kind.is_right() { format!("{blanks}{text}") } else { format!("{text}{blanks}") }
}

/// The width of the title or of the widest cell; 0 for a column that holds nothing, in a table that holds something.
fn natural(table: &Table, at: usize) -> usize {
    let cells = table.all_rows().filter_map(|row| row.cells.get(at)).map(|cell| lang::cells(&cell.shown()));
    match cells.max() {
        Some(0) if table.all_rows().any(|row| row.cells.iter().any(|cell| !cell.is_empty())) => 0,
        Some(widest) => widest.max(lang::cells(&table.columns[at].title)).max(table.columns[at].least),
        None => lang::cells(&table.columns[at].title),
    }
}

#[cfg(test)]
mod tests {
    use super::super::value::{Cell, Column};
    use super::*;

    fn table() -> Table {
        let columns = vec![
            Column::new("no", "编号", ColumnKind::Identifier).worth(9),
            Column::new("name", "姓名", ColumnKind::Text).worth(8),
            Column::new("cause", "主要致困原因", ColumnKind::Text).worth(1),
            Column::new("net", "人均", ColumnKind::Money).worth(4),
        ];
        let mut table = Table::new("t", columns);
        table.push(vec![
            Cell::identifier("150785-2018-0042"),
            Cell::text("娜仁·格日勒"),
            Cell::text("本人或家庭成员患病，自付医药费数额较大"),
            Cell::money(Some(crate::domain::Fen(123_456))),
        ]);
        table
    }

    fn widths(cells: usize) -> Vec<(usize, usize)> {
        Layout::within(&table(), cells, 2).columns
    }

    #[test]
    fn widths_follow_what_a_column_holds() {
        assert_eq!(Layout::natural(&table()).columns, [(0, 16), (1, 11), (2, 38), (3, 8)]);
    }

    #[test]
    fn texts_become_narrower_before_a_column_gives_way_and_figures_are_never_cut() {
        assert_eq!(widths(79), [(0, 16), (1, 11), (2, 38), (3, 8)]);
        assert_eq!(widths(78), [(0, 16), (1, 11), (2, 37), (3, 8)]);
        // A text is never narrower than its title.
        assert_eq!(widths(53), [(0, 16), (1, 11), (2, 12), (3, 8)]);
        assert_eq!(widths(50), [(0, 16), (1, 8), (2, 12), (3, 8)]);
        assert_eq!(widths(49), [(0, 16), (1, 11), (3, 8)]);
        assert_eq!(widths(30), [(0, 16), (1, 11)]);
        assert_eq!(widths(20), [(0, 16)]);
        assert_eq!(widths(10), [(0, 10)]);
    }

    #[test]
    fn no_line_is_wider_than_the_room_and_no_wide_character_is_cut_through() {
        for cells in 1..100 {
            let layout = Layout::within(&table(), cells, 2);
            let line = layout.line(&table(), |at| table().rows[0].cells[at].shown());
            assert!(lang::cells(&line) <= cells, "{cells}: {line}");
        }
    }

    #[test]
    fn what_is_too_wide_stands_in_bands_and_each_says_whose_row_it_is() {
        assert_eq!(Layout::bands(&table(), 80, 2), [vec![0, 1, 2, 3]]);
        assert_eq!(Layout::bands(&table(), 40, 2), [vec![0, 1], vec![0, 2], vec![0, 3]]);
    }

    #[test]
    fn a_column_in_which_nothing_stands_takes_no_room() {
        let mut table =
            Table::new("t", vec![Column::new("a", "甲", ColumnKind::Text), Column::new("b", "乙", ColumnKind::Text)]);
        table.push(vec![Cell::text("x"), Cell::Empty]);
        assert_eq!(Layout::natural(&table).columns, [(0, 2)]);
    }
}

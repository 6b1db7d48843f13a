//! A household's income per head over its surveys, each beside the line of its day: columns of block glyphs, the
//! numbers under them, and `<` or `>=` in words of ASCII, so that nothing rests on colour or on a picture alone.

use crate::domain::Fen;
use crate::tui::page::Page;
use crate::tui::text;
use ratatui::layout::Rect;

/// One survey.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Point {
    /// `2018-03`.
    pub label: String,
    /// Income per head and month; `None` while it is not known.
    pub income: Option<Fen>,
    /// The line that counted then.
    pub line: Option<Fen>,
}

pub struct Chart<'a> {
    pub points: &'a [Point],
}

/// Cells of one column, its gap included.
const COLUMN: u16 = 11;
const EIGHTHS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

impl Chart<'_> {
    /// Draws the newest points that fit, the oldest of them at the left; `»` marks that there are older ones.
    pub fn draw(&self, page: &mut Page<'_>, area: Rect) {
        let theme = page.cx.theme;
        let fit = usize::from(area.width / COLUMN);
        if area.height < 5 || fit == 0 {
            return;
        }
        let from = self.points.len().saturating_sub(fit);
        let points = &self.points[from..];
        let bars = area.height - 3;
        let top = points.iter().flat_map(|p| [p.income, p.line]).flatten().map(|fen| fen.0).max().unwrap_or(0).max(1);
        for (i, point) in points.iter().enumerate() {
            let x = area.x + i as u16 * COLUMN;
            let line_row = point.line.map(|line| row_of(line.0, top, bars));
            let eighths = point.income.map_or(0, |fen| eighths_of(fen.0, top, bars));
            for row in 0..bars {
                let y = area.y + bars - 1 - row;
                let filled = eighths.saturating_sub(u32::from(row) * 8).min(8) as usize;
                if line_row == Some(row) {
                    page.put(x, y, COLUMN - 1, &"─".repeat(usize::from(COLUMN - 1)), theme.doubt());
                }
                if filled > 0 {
                    let block = EIGHTHS[filled].to_string().repeat(4);
                    page.put(x + 3, y, 4, &block, theme.strong());
                }
            }
            let sign = match (point.income, point.line) {
                (Some(income), Some(line)) if income < line => "<",
                (Some(_), Some(_)) => ">=",
                _ => "",
            };
            let income = point.income.map_or_else(|| "?".to_owned(), Fen::grouped);
            let line = point.line.map_or_else(String::new, |line| format!("{sign} {}", line.grouped()));
            page.put(x, area.y + bars, COLUMN - 1, &text::fit_right(&income, usize::from(COLUMN - 1)), theme.strong());
            page.put(x, area.y + bars + 1, COLUMN - 1, &text::fit_right(&line, usize::from(COLUMN - 1)), theme.plain());
            page.put(
                x,
                area.y + bars + 2,
                COLUMN - 1,
                &text::fit_right(&point.label, usize::from(COLUMN - 1)),
                theme.quiet(),
            );
        }
        if from > 0 {
            page.put(area.x, area.y, 1, "«", theme.quiet());
        }
    }
}

/// The height of an amount in eighths of a row; a positive one is never drawn as nothing.
fn eighths_of(fen: i64, top: i64, rows: u16) -> u32 {
    if fen <= 0 {
        return 0;
    }
    let eighths = i128::from(fen) * i128::from(rows) * 8 / i128::from(top.max(1));
    eighths.clamp(1, i128::from(rows) * 8) as u32
}

/// The row, counted from below, in which an amount lies.
fn row_of(fen: i64, top: i64, rows: u16) -> u16 {
    let eighths = eighths_of(fen, top, rows).max(1);
    ((eighths - 1) / 8) as u16
}

//! What `present` made, as lines of so many cells.

use crate::present::{Cell, Field, Layout, Sentence, Table, TableRow, Tone, text};
use crate::tui::text::wrap;
use crate::tui::theme::Theme;
use ratatui::style::Style;

/// A part of a page to be read.
pub enum Block {
    Sentences(Vec<Sentence>),
    Fields(Vec<Field>),
    Table(Table),
}

/// The lines of these parts, an empty one between two.
pub fn lines(blocks: &[Block], cells: usize, theme: Theme) -> Vec<(String, Style)> {
    let mut out = Vec::new();
    for block in blocks {
        let toned = match block {
            Block::Sentences(list) => {
                let lines =
                    list.iter().flat_map(|said| wrap(&said.text, cells).into_iter().map(|line| (line, said.tone)));
                lines.collect()
            }
            Block::Fields(list) => text::toned_fields(list, Some(cells)),
            Block::Table(table) => text::toned_table(table, Some(cells)),
        };
        if !out.is_empty() && !toned.is_empty() {
            out.push((String::new(), theme.plain()));
        }
        out.extend(toned.into_iter().map(|(line, tone)| (line, style(theme, tone))));
    }
    out
}

/// A row of a table as one line of a list.
pub fn row(table: &Table, layout: &Layout, row: Option<&TableRow>, theme: Theme) -> (String, Style) {
    let Some(row) = row else { return (String::new(), theme.plain()) };
    let shown = |at: usize| row.cells.get(at).map(Cell::shown).unwrap_or_default();
    (layout.line(table, shown), style(theme, row.tone))
}

pub fn style(theme: Theme, tone: Tone) -> Style {
    match tone {
        Tone::Plain => theme.plain(),
        Tone::Strong => theme.strong(),
        Tone::Quiet => theme.quiet(),
        Tone::Doubt => theme.doubt(),
        Tone::Wrong => theme.wrong(),
    }
}

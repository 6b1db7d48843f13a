//! A box over the screen.

use crate::tui::page::Page;
use crate::tui::text;
use ratatui::layout::Rect;
use ratatui::widgets::{Block, Clear};

/// Clears a box of about `cells` × `lines` in the middle of the page and draws its border and heading. Returns the
/// inside.
pub fn popup(page: &mut Page<'_>, heading: &str, cells: u16, lines: u16) -> Rect {
    let within = page.area;
    let (cells, lines) = (cells.min(within.width), lines.min(within.height));
    let area = Rect::new(within.x + (within.width - cells) / 2, within.y + (within.height - lines) / 2, cells, lines);
    let block = Block::bordered().title(format!(" {} ", text::cut(heading, usize::from(cells).saturating_sub(6))));
    let inner = block.inner(area);
    page.widget(Clear, area);
    page.widget(block, area);
    inner
}

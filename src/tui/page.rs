//! Where a screen draws: a rectangle of cells, the caret, and the small strokes all screens share.

use super::screen::Cx;
use super::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::widgets::Widget;

pub struct Page<'a> {
    pub cx: &'a Cx,
    pub buffer: &'a mut Buffer,
    /// What the screen may draw on.
    pub area: Rect,
    /// Where the hardware cursor stands; an input method opens its window there. Hidden when `None`.
    pub caret: Option<(u16, u16)>,
}

impl Page<'_> {
    /// Draws the text on one line from `(x, y)`, at most `cells` cells, cut with a mark. Outside the buffer nothing
    /// happens. Returns the cells taken.
    pub fn put(&mut self, x: u16, y: u16, cells: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if y < area.top() || y >= area.bottom() || x < area.left() || x >= area.right() {
            return 0;
        }
        let cells = cells.min(area.right() - x);
        let shown = text::cut(text, usize::from(cells));
        let (end, _) = self.buffer.set_stringn(x, y, &shown, usize::from(cells), style);
        end - x
    }

    /// [`Self::put`], the rest of the `cells` filled in the same style.
    pub fn fill(&mut self, x: u16, y: u16, cells: u16, text: &str, style: Style) {
        self.put(x, y, cells, &text::fit(text, usize::from(cells)), style);
    }

    /// Pieces of one line, one after the other, each in its style. Returns the column after the last.
    pub fn pieces(&mut self, x: u16, y: u16, cells: u16, pieces: &[(&str, Style)]) -> u16 {
        let end = x.saturating_add(cells);
        let mut at = x;
        for (piece, style) in pieces {
            if at >= end {
                break;
            }
            at += self.put(at, y, end - at, piece, *style);
        }
        at
    }

    /// The text wrapped into the rectangle; the last line that fits carries a cut mark when more would follow.
    /// Returns the lines taken.
    pub fn paragraph(&mut self, area: Rect, text: &str, style: Style) -> u16 {
        if area.is_empty() {
            return 0;
        }
        let lines = text::wrap(text, usize::from(area.width));
        let room = usize::from(area.height);
        for (i, line) in lines.iter().take(room).enumerate() {
            let last = i + 1 == room && lines.len() > room;
            let line = if last {
                format!("{}{}", text::take_cells(line, usize::from(area.width) - 1), text::CUT)
            } else {
                line.clone()
            };
            self.put(area.x, area.y + i as u16, area.width, &line, style);
        }
        lines.len().min(room) as u16
    }

    /// A level line across the area.
    pub fn rule(&mut self, x: u16, y: u16, cells: u16) {
        let line = "─".repeat(usize::from(cells));
        self.put(x, y, cells, &line, self.cx.theme.plain());
    }

    /// Any widget of ratatui's.
    pub fn widget(&mut self, widget: impl Widget, area: Rect) {
        widget.render(area.intersection(self.buffer.area), self.buffer);
    }

    /// Places the hardware cursor.
    pub fn set_caret(&mut self, x: u16, y: u16) {
        self.caret = Some((x, y));
    }

    /// The same page, drawing only in `area`.
    pub fn within<R>(&mut self, area: Rect, draw: impl FnOnce(&mut Page<'_>) -> R) -> R {
        let kept = std::mem::replace(&mut self.area, area);
        let done = draw(self);
        self.area = kept;
        done
    }
}

//! Paragraphs to read, longer than the screen: wrapped to its width, moved by lines and pages.

use crate::tui::keymap::Action;
use crate::tui::page::Page;
use crate::tui::screen::Then;
use crate::tui::text;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::cell::Cell;

#[derive(Clone, Debug, Default)]
pub struct Reader {
    top: usize,
    /// Lines there are and lines visible, as of the last drawing.
    drawn: Cell<(usize, usize)>,
}

impl Reader {
    /// Moves; `Then::Ignore` when the action is none of a reader's.
    pub fn act(&mut self, action: Action) -> Then {
        let (lines, seen) = self.drawn.get();
        let last = lines.saturating_sub(seen);
        self.top = match action {
            Action::Up => self.top.saturating_sub(1),
            Action::Down => self.top.saturating_add(1),
            Action::PageUp => self.top.saturating_sub(seen),
            Action::PageDown => self.top.saturating_add(seen),
            Action::First => 0,
            Action::Last => last,
            _ => return Then::Ignore,
        }
        .min(last);
        Then::Stay
    }

    /// Draws what fits; `^` and `v` at the right edge mark where there is more.
    pub fn draw(&self, page: &mut Page<'_>, area: Rect, paragraphs: &[(String, Style)]) {
        let cells = usize::from(area.width.saturating_sub(1));
        let lines: Vec<(String, Style)> = paragraphs
            .iter()
            .flat_map(|(text, style)| text::wrap(text, cells).into_iter().map(|line| (line, *style)))
            .collect();
        let seen = usize::from(area.height);
        self.drawn.set((lines.len(), seen));
        let top = self.top.min(lines.len().saturating_sub(seen));
        for (i, (line, style)) in lines.iter().skip(top).take(seen).enumerate() {
            page.put(area.x, area.y + i as u16, area.width.saturating_sub(1), line, *style);
        }
        let (edge, quiet) = (area.right().saturating_sub(1), page.cx.theme.quiet());
        if top > 0 {
            page.put(edge, area.y, 1, "^", quiet);
        }
        if top + seen < lines.len() {
            page.put(edge, area.bottom().saturating_sub(1), 1, "v", quiet);
        }
    }
}

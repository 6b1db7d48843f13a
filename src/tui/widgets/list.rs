//! A list with a bar: arrows and pages move it, digits pick among what is visible.

use crate::tui::keymap::Action;
use crate::tui::page::Page;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::cell::Cell;

/// Where the bar is. The rows themselves stay with the screen.
#[derive(Clone, Debug, Default)]
pub struct List {
    at: usize,
    len: usize,
    /// First visible row and rows visible, as of the last drawing.
    top: Cell<usize>,
    page: Cell<usize>,
}

impl List {
    pub fn new(len: usize) -> List {
        List { len, ..List::default() }
    }

    /// The row the bar is on; `None` in an empty list.
    pub fn at(&self) -> Option<usize> {
        (self.len > 0).then(|| self.at.min(self.len - 1))
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub fn set_len(&mut self, len: usize) {
        self.len = len;
        self.at = self.at.min(len.saturating_sub(1));
    }

    pub fn go(&mut self, at: usize) {
        self.at = at.min(self.len.saturating_sub(1));
    }

    /// Moves by the action; `Some(row)` when a digit picked one. `None` when it was none of the list's actions too.
    pub fn act(&mut self, action: Action) -> Moved {
        let page = self.page.get().max(1);
        self.at = match action {
            Action::Up => self.at.saturating_sub(1),
            Action::Down => self.at.saturating_add(1),
            Action::PageUp => self.at.saturating_sub(page),
            Action::PageDown => self.at.saturating_add(page),
            Action::First => 0,
            Action::Last => self.len,
            Action::Pick(n) => {
                let nth = if n == 0 { 9 } else { usize::from(n) - 1 };
                let row = self.top.get() + nth;
                if nth < page && row < self.len {
                    self.at = row;
                    return Moved::Picked(row);
                }
                return Moved::No;
            }
            _ => return Moved::No,
        };
        self.at = self.at.min(self.len.saturating_sub(1));
        Moved::Yes
    }

    /// The rows visible in `height` lines, with the bar among them.
    pub fn visible(&self, height: usize) -> std::ops::Range<usize> {
        let height = height.max(1);
        let at = self.at.min(self.len.saturating_sub(1));
        let mut top = self.top.get().min(self.len.saturating_sub(height));
        if at < top {
            top = at;
        } else if at >= top + height {
            top = at + 1 - height;
        }
        self.top.set(top);
        self.page.set(height);
        top..(top + height).min(self.len)
    }

    /// Draws one line a row: a `>` before the bar's, the digit that picks it, the text; at the right edge marks where
    /// more rows are above or below.
    pub fn draw(&self, page: &mut Page<'_>, area: Rect, row: impl Fn(usize) -> (String, Style)) {
        self.draw_with(page, area, true, true, row);
    }

    /// [`Self::draw`], without the digits where digits mean something else, and without the bar while none is chosen.
    pub fn draw_with(
        &self,
        page: &mut Page<'_>,
        area: Rect,
        digits: bool,
        bar: bool,
        row: impl Fn(usize) -> (String, Style),
    ) {
        if area.height == 0 {
            return;
        }
        let theme = page.cx.theme;
        let visible = self.visible(usize::from(area.height));
        let (top, end) = (visible.start, visible.end);
        for i in visible {
            let y = area.y + (i - top) as u16;
            let digit = if i - top < 9 { char::from(b'1' + (i - top) as u8) } else { ' ' };
            let (line, style) = row(i);
            let here = bar && self.at() == Some(i);
            let mark = if here { '>' } else { ' ' };
            let style = if here { style.patch(theme.focus()) } else { style };
            let text = if digits { format!("{mark}{digit} {line}") } else { format!("{mark} {line}") };
            let room = area.width.saturating_sub(1);
            // Only the bar is filled to the edge: blanks would cost the line bytes and tell nothing.
            if here {
                page.fill(area.x, y, room, &text, style);
            } else {
                page.put(area.x, y, room, &text, style);
            }
        }
        let edge = area.right().saturating_sub(1);
        if top > 0 {
            page.put(edge, area.y, 1, "^", theme.quiet());
        }
        if end < self.len {
            page.put(edge, area.bottom().saturating_sub(1), 1, "v", theme.quiet());
        }
    }
}

/// What an action did to a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Moved {
    /// Not an action of lists.
    No,
    /// The bar may have moved.
    Yes,
    /// A digit chose this row.
    Picked(usize),
}

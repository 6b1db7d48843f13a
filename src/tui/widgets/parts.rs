//! A list in parts, each under its heading: one bar walks through all of them.

use super::list::Moved;
use crate::tui::keymap::Action;
use crate::tui::page::Page;
use ratatui::layout::Rect;
use ratatui::style::Style;
use std::cell::Cell;
use std::ops::Range;

/// Where the bar is, counted over all parts.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    at: usize,
    lens: Vec<usize>,
    /// First visible line, and the items visible, as of the last drawing.
    top: Cell<usize>,
    first: Cell<usize>,
    seen: Cell<usize>,
}

enum PartLine {
    Heading(usize),
    /// An empty part says so.
    Nothing(usize),
    Item(usize),
    Blank,
}

impl Parts {
    /// The parts have so many items now; the bar stays where it can.
    pub fn set(&mut self, lens: Vec<usize>) {
        self.lens = lens;
        self.at = self.at.min(self.len().saturating_sub(1));
    }

    pub fn len(&self) -> usize {
        self.lens.iter().sum()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Part and place in it of the item under the bar.
    pub fn at(&self) -> Option<(usize, usize)> {
        self.place(self.at)
    }

    /// Part and place in it of the n-th item of all.
    pub fn place(&self, item: usize) -> Option<(usize, usize)> {
        let mut rest = item;
        for (part, len) in self.lens.iter().enumerate() {
            if rest < *len {
                return Some((part, rest));
            }
            rest -= len;
        }
        None
    }

    pub fn act(&mut self, action: Action) -> Moved {
        let page = self.seen.get().max(1);
        self.at = match action {
            Action::Up => self.at.saturating_sub(1),
            Action::Down => self.at.saturating_add(1),
            Action::PageUp => self.at.saturating_sub(page),
            Action::PageDown => self.at.saturating_add(page),
            Action::First => 0,
            Action::Last => self.len(),
            Action::Pick(n) => {
                let nth = usize::from(n).wrapping_sub(1);
                let item = self.first.get().saturating_add(nth);
                if nth < self.seen.get() && item < self.len() {
                    self.at = item;
                    return Moved::Picked(item);
                }
                return Moved::No;
            }
            _ => return Moved::No,
        };
        self.at = self.at.min(self.len().saturating_sub(1));
        Moved::Yes
    }

    fn lines(&self) -> Vec<PartLine> {
        let mut lines = Vec::new();
        let mut item = 0;
        for (part, len) in self.lens.iter().enumerate() {
            if part > 0 {
                lines.push(PartLine::Blank);
            }
            lines.push(PartLine::Heading(part));
            if *len == 0 {
                lines.push(PartLine::Nothing(part));
            }
            lines.extend((item..item + len).map(PartLine::Item));
            item += len;
        }
        lines
    }

    /// The lines visible in `height`, with the bar among them and, where there is room, the heading above it.
    fn visible(&self, lines: &[PartLine], height: usize) -> Range<usize> {
        let bar = lines.iter().position(|line| matches!(line, PartLine::Item(i) if *i == self.at)).unwrap_or(0);
        let mut top = self.top.get().min(lines.len().saturating_sub(height));
        if bar <= top {
            top = bar.saturating_sub(1);
        } else if bar >= top + height {
            top = bar + 1 - height;
        }
        self.top.set(top);
        top..(top + height).min(lines.len())
    }

    /// `heading` and `nothing` are asked by part, `item` by part and place.
    pub fn draw(
        &self,
        page: &mut Page<'_>,
        area: Rect,
        heading: impl Fn(usize) -> String,
        nothing: impl Fn(usize) -> String,
        item: impl Fn(usize, usize) -> (String, Style),
    ) {
        if area.height == 0 {
            return;
        }
        let theme = page.cx.theme;
        let lines = self.lines();
        let visible = self.visible(&lines, usize::from(area.height));
        let (top, end) = (visible.start, visible.end);
        let first = lines[visible.clone()].iter().find_map(|line| match line {
            PartLine::Item(i) => Some(*i),
            _ => None,
        });
        self.first.set(first.unwrap_or(0));
        let mut seen = 0;
        let room = area.width.saturating_sub(1);
        for (row, line) in lines[visible].iter().enumerate() {
            let y = area.y + row as u16;
            match line {
                PartLine::Blank => {}
                PartLine::Heading(part) => {
                    page.put(area.x, y, room, &heading(*part), theme.strong());
                }
                PartLine::Nothing(part) => {
                    page.put(area.x + 3, y, room.saturating_sub(3), &nothing(*part), theme.quiet());
                }
                PartLine::Item(i) => {
                    seen += 1;
                    let Some((part, place)) = self.place(*i) else { continue };
                    let (text, style) = item(part, place);
                    let digit = if seen <= 9 { char::from(b'0' + seen as u8) } else { ' ' };
                    let here = *i == self.at;
                    let text = format!("{}{digit} {text}", if here { '>' } else { ' ' });
                    if here {
                        page.fill(area.x, y, room, &text, style.patch(theme.focus()));
                    } else {
                        page.put(area.x, y, room, &text, style);
                    }
                }
            }
        }
        self.seen.set(seen);
        let edge = area.right().saturating_sub(1);
        if top > 0 {
            page.put(edge, area.y, 1, "^", theme.quiet());
        }
        if end < lines.len() {
            page.put(edge, area.bottom().saturating_sub(1), 1, "v", theme.quiet());
        }
    }
}

//! The roll drawn: its lines, bars of what was counted, and what is being asked.

use super::{Asking, ChoiceOf, Roll, Shown};
use crate::command::roll::FilterValues;
use crate::present::{Layout, Table};
use crate::tui::page::Page;
use crate::tui::widgets::popup::popup;
use crate::tui::widgets::presented;
use ratatui::layout::Rect;

/// Cells that a bar of the chart takes at the right, where there is room for it.
const BAR: u16 = 22;

impl Roll {
    pub(super) fn draw_body(&self, page: &mut Page<'_>, body: Rect) {
        let cx = page.cx;
        let of_rows = matches!(self.shown, Shown::Rows | Shown::Figure(..));
        let rows = usize::from(body.height.saturating_sub(if of_rows { 1 } else { 2 }));
        let range = self.list.visible(rows.max(1));
        let Some(table) = self.table(cx, range.clone()) else { return };
        if self.list.is_empty() {
            page.put(body.x, body.y + 1, body.width, &cx.word("tui.roll.nobody"), cx.theme.quiet());
            return;
        }
        // A list draws its mark and its digit in the first cells of a line.
        let margin = 4;
        let chart = !of_rows && body.width >= 70 + BAR;
        let width = usize::from(body.width.saturating_sub(margin + 2 + if chart { BAR } else { 0 }));
        let layout = Layout::within(&table, width, 1);
        page.put(body.x + margin, body.y, body.width - margin, &layout.titles(&table), cx.theme.quiet());
        let first = if of_rows { range.start } else { 0 };
        let list = Rect { y: body.y + 1, height: rows as u16, ..body };
        self.list.draw(page, list, |at| {
            presented::row(&table, &layout, table.rows.get(at - first.min(at)).or(table.sums.as_ref()), cx.theme)
        });
        if !of_rows {
            if matches!(self.shown, Shown::Groups)
                && let Some(sums) = &table.sums
            {
                let y = body.y + 1 + (range.len() as u16).min(rows as u16);
                let (line, _) = presented::row(&table, &layout, Some(sums), cx.theme);
                page.put(body.x + margin, y, body.width - margin, &line, cx.theme.strong());
            }
            if chart {
                self.draw_bars(page, list, &table, range);
            }
        }
    }

    /// Bars of the households of each line beside it: block glyphs, or `#` where line glyphs are drawn in ASCII.
    fn draw_bars(&self, page: &mut Page<'_>, list: Rect, table: &Table, range: std::ops::Range<usize>) {
        let of = match self.shown {
            // The closing stands last; of crossed counts the total.
            Shown::Movement(_) => table.columns.len() - 1,
            _ if table.columns.get(1).is_some_and(|column| column.key == "households") => 1,
            _ => table.columns.len() - 1,
        };
        let amount = |at: usize| match table.rows.get(at).and_then(|row| row.cells.get(of)) {
            Some(crate::present::Cell::Number(number)) => (*number).max(0) as u64,
            _ => 0,
        };
        let most = (0..table.rows.len()).map(amount).max().unwrap_or(0).max(1);
        let glyph = if page.cx.theme.ascii { "#" } else { "█" };
        let room = u64::from(BAR - 2);
        for (line, at) in range.enumerate() {
            let amount = amount(at);
            let cells = (amount * room).div_ceil(most).min(room);
            let style = page.cx.theme.strong();
            let x = list.right().saturating_sub(BAR);
            page.put(x, list.y + line as u16, BAR - 2, &glyph.repeat(cells as usize), style);
        }
    }

    pub(super) fn draw_asking(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let word = |name: &str| cx.word(&format!("roll.by.{name}"));
        let title = match &self.asking {
            None => return,
            Some(Asking::Choice(ChoiceOf::Filter, _)) => cx.word("tui.roll.key.filter"),
            Some(Asking::Choice(ChoiceOf::Codes(kind), _) | Asking::Text(kind, _)) => word(kind.name),
            Some(Asking::Choice(ChoiceOf::Group, _)) => cx.word("tui.roll.key.group"),
            Some(Asking::Choice(ChoiceOf::Cross, _)) => cx.word("tui.roll.key.cross"),
            Some(Asking::Choice(ChoiceOf::Sort, _)) => cx.word("tui.roll.key.sort"),
            Some(Asking::Choice(ChoiceOf::Saved, _)) => cx.word("tui.roll.key.saved"),
            Some(Asking::Name(_)) => cx.word("tui.roll.key.save"),
            Some(Asking::Choice(ChoiceOf::Figure(..), _)) => cx.word("tui.roll.figure"),
        };
        match &self.asking {
            Some(Asking::Text(kind, field)) => {
                let inner = popup(page, &title, 60, 4);
                field.draw(page, inner.x + 1, inner.y, inner.width.saturating_sub(2), cx.theme.field());
                let help = match kind.kind {
                    FilterValues::Days => "tui.roll.span_days",
                    FilterValues::Money => "tui.roll.span_money",
                    _ => "tui.roll.span_numbers",
                };
                page.put(inner.x + 1, inner.y + 1, inner.width.saturating_sub(2), &cx.word(help), cx.theme.quiet());
            }
            Some(Asking::Name(field)) => {
                let inner = popup(page, &title, 60, 3);
                field.draw(page, inner.x + 1, inner.y, inner.width.saturating_sub(2), cx.theme.field());
            }
            Some(Asking::Choice(_, picker)) => {
                let inner = popup(page, &title, 60, page.area.height.saturating_sub(4));
                picker.draw(page, inner);
            }
            None => {}
        }
    }
}

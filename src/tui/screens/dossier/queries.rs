//! The page of queries: what was asked about an answer, what was said to it, and the three things one can do.

use super::{Dossier, QUERIES};
use crate::command::Failure;
use crate::command::queries::{QueryLine, QueryState};
use crate::domain::Explain;
use crate::present::Layout;
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Then};
use crate::tui::text;
use crate::tui::widgets::{TextField, presented};
use ratatui::layout::Rect;

/// What words are being typed for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Why names and numbers are to be shown.
    Reveal,
    /// A question: the question's number or name, a blank, the words.
    Ask,
    Answer,
    Close,
}

impl Asked {
    /// The title over the field, and the line below it.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Asked::Reveal => ("tui.dossier.why_reveal", "tui.dossier.reveal_is_kept"),
            Asked::Ask => ("tui.dossier.query_ask", "tui.dossier.query_ask_how"),
            Asked::Answer => ("tui.dossier.query_answer", "tui.dossier.query_is_kept"),
            Asked::Close => ("tui.dossier.query_close", "tui.dossier.query_close_how"),
        }
    }
}

impl Dossier {
    pub(super) fn listen(&mut self, asked: Asked) -> Then {
        let most = if asked == Asked::Reveal { 200 } else { 500 };
        self.asking = Some((asked, TextField::new("").at_most(most)));
        Then::Stay
    }

    /// The query under the bar, while it can be answered and closed.
    pub(super) fn open_query(&self) -> Option<&QueryLine> {
        let line = self.query.at().and_then(|at| self.queries.get(at)).filter(|_| self.page == QUERIES);
        line.filter(|line| line.state != QueryState::Closed)
    }

    /// Keeps what was typed about a query.
    pub(super) fn say(&mut self, asked: Asked, words: &str, cx: &Cx) -> Then {
        match self.keep_words(asked, words) {
            Ok(()) => {
                self.read_again(cx);
                if asked == Asked::Ask {
                    self.query.go(self.queries.len());
                }
                Then::Stay
            }
            Err(failure) => Then::Say(failure.explain()),
        }
    }

    fn keep_words(&self, asked: Asked, words: &str) -> Result<(), Failure> {
        let household = self.household()?;
        match (asked, self.open_query()) {
            (Asked::Ask, _) => {
                let (question, text) = words.split_once(char::is_whitespace).unwrap_or((words, ""));
                household.ask(None, question, text).map(drop)
            }
            (Asked::Answer, Some(query)) => household.answer_query(query, words),
            (Asked::Close, Some(query)) => household.close_query(query, words),
            _ => Ok(()),
        }
    }

    pub(super) fn draw_queries(&self, page: &mut Page<'_>, area: Rect) {
        let cx = page.cx;
        if self.queries.is_empty() {
            page.put(area.x, area.y, area.width, &cx.word("tui.dossier.no_queries"), cx.theme.quiet());
            return;
        }
        let rows = Rect { height: area.height / 2, ..area };
        let layout = Layout::within(&self.asked, usize::from(area.width.saturating_sub(4)), 2);
        let shown = Rect { y: rows.y + 1, height: rows.height.saturating_sub(1), ..rows };
        page.put(area.x + 2, area.y, area.width, &layout.titles(&self.asked), cx.theme.quiet());
        self.query.draw_with(page, shown, false, true, |at| {
            presented::row(&self.asked, &layout, self.asked.rows.get(at), cx.theme)
        });
        let Some(line) = self.query.at().and_then(|at| self.queries.get(at)) else { return };
        let mut y = rows.bottom();
        page.rule(area.x, y, area.width);
        for said in &line.said {
            let by = self.session.officer(said.by, cx.lang);
            let head = format!("{}  {by}", said.at.local());
            for (i, row) in
                text::wrap(&text::clean(&said.text), usize::from(area.width.saturating_sub(28))).iter().enumerate()
            {
                y += 1;
                if y >= area.bottom() {
                    return;
                }
                if i == 0 {
                    page.put(area.x, y, 26, &head, cx.theme.quiet());
                }
                page.put(area.x + 27, y, area.width.saturating_sub(27), row, cx.theme.plain());
            }
        }
    }
}

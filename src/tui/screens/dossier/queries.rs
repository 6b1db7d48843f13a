//! The page of queries: what was asked about an answer, what was said to it, and the three things one can do.

use super::{Dossier, QUERIES};
use crate::command::Failure;
use crate::command::queries::{QueryLine, QueryState};
use crate::domain::{Explain, Message};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Then};
use crate::tui::text;
use crate::tui::widgets::list::{Column, List};
use crate::tui::widgets::Field;
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
        self.asking = Some((asked, Field::new("").at_most(most)));
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
        let reading = self.status.versions.last().map(|version| self.reading(&version.form, &version.form_version));
        let columns = [Column::right(3), Column::left(8), Column::left(30), Column::left(34)];
        let rows = Rect { height: area.height / 2, ..area };
        self.query.draw_with(page, rows, false, true, |at| {
            let Some(line) = self.queries.get(at) else { return Default::default() };
            let label = reading.as_ref().map_or_else(String::new, |reading| reading.label(&line.path, cx));
            let said = line.said.first().map(|said| text::clean(&said.text)).unwrap_or_default();
            let cells = [line.number.to_string(), cx.word(state_key(line.state)), label, said];
            let style = if line.state == QueryState::Closed { cx.theme.quiet() } else { cx.theme.plain() };
            (List::columns(&cells, &columns).trim_end().to_owned(), style)
        });
        let Some(line) = self.query.at().and_then(|at| self.queries.get(at)) else { return };
        let mut y = rows.bottom();
        page.rule(area.x, y, area.width);
        for said in &line.said {
            let by = self.sitting.officer(said.by, cx.lang);
            let head = format!("{}  {by}", said.at.local());
            for (i, row) in text::wrap(&text::clean(&said.text), usize::from(area.width.saturating_sub(28))).iter().enumerate() {
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

    /// The line on the overview, when something waits for an answer.
    pub(super) fn open_queries(&self) -> Option<Message> {
        let open = self.history.queries(self.time.horizon()).iter().filter(|query| query.closed.is_none()).count();
        (open > 0).then(|| Message::new("tui.dossier.open_queries").with("count", open))
    }
}

fn state_key(state: QueryState) -> &'static str {
    match state {
        QueryState::Open => "query.open",
        QueryState::Answered => "query.answered",
        QueryState::Closed => "query.closed",
    }
}

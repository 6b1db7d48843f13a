//! A block pasted into a roster is shown before it fills anything: which column goes where, what is refused and why.

use super::Survey;
use super::entry::AnswerInput;
use super::over::Over;
use crate::domain::{Message, Step};
use crate::form::draft::{BlockTrial, PastedBlock};
use crate::form::model::NodeId;
use crate::tui::keymap::Action;
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Then};
use crate::tui::text;
use crate::tui::widgets::list::Moved;
use crate::tui::widgets::popup::popup;
use crate::tui::widgets::{List, Reader};
use ratatui::layout::Rect;

pub struct PasteBox {
    block: PastedBlock,
    trial: BlockTrial,
    /// The columns.
    list: List,
    /// What is refused.
    reader: Reader,
    /// The question of the column under the bar is being chosen: the questions, then *nothing*.
    choosing: Option<List>,
    questions: Vec<NodeId>,
}

impl PasteBox {
    pub fn is_choosing(&self) -> bool {
        self.choosing.is_some()
    }
}

impl Survey {
    /// Shows what a pasted text would fill in here.
    pub(super) fn paste_block(&mut self, text: &str) -> Then {
        let open = matches!(&self.entry, AnswerInput::Rows(rows) if rows.can_add);
        let Some(block) = self.draft.paste(self.at, text).filter(|_| open) else {
            return Then::Say(Message::new("tui.paste.nothing"));
        };
        let (trial, questions) = (self.draft.try_block(&block), self.draft.pasteable(self.at.node));
        let (list, reader) = (List::new(block.columns.len()), Reader::default());
        self.over = Some(Over::Paste(Box::new(PasteBox { block, trial, list, reader, choosing: None, questions })));
        Then::Stay
    }

    /// A key in the preview: the box that stays open, or none once the rows are filled in.
    pub(super) fn act_paste(&mut self, mut paste: PasteBox, action: Action, cx: &Cx) -> (Option<PasteBox>, Then) {
        if let Some(mut list) = paste.choosing.take() {
            let picked = match (action, list.act(action)) {
                (Action::Back, _) => return (Some(paste), Then::Stay),
                (_, Moved::Picked(at)) => Some(at),
                (Action::Take, _) => list.at(),
                _ => None,
            };
            match (picked, paste.list.at()) {
                (Some(picked), Some(column)) => {
                    let question = paste.questions.get(picked).copied();
                    let taken = |one: &&mut Option<NodeId>| question.is_some() && **one == question;
                    // A question is filled by one column.
                    paste.block.columns.iter_mut().filter(taken).for_each(|one| *one = None);
                    paste.block.columns[column] = question;
                    paste.trial = self.draft.try_block(&paste.block);
                }
                _ => paste.choosing = Some(list),
            }
            return (Some(paste), Then::Stay);
        }
        match action {
            Action::Survey(super::SurveyAction::Fill) => self.fill_block(paste, cx),
            Action::Take => {
                let mut list = List::new(paste.questions.len() + 1);
                let stands = paste.list.at().and_then(|column| paste.block.columns[column]);
                let at = stands.and_then(|node| paste.questions.iter().position(|one| *one == node));
                list.go(at.unwrap_or(paste.questions.len()));
                paste.choosing = Some(list);
                (Some(paste), Then::Stay)
            }
            Action::PageUp | Action::PageDown => {
                paste.reader.act(action);
                (Some(paste), Then::Stay)
            }
            moving => {
                paste.list.act(moving);
                (Some(paste), Then::Stay)
            }
        }
    }

    fn fill_block(&mut self, paste: PasteBox, cx: &Cx) -> (Option<PasteBox>, Then) {
        let rows = paste.trial.rows.clone();
        let count = rows.len();
        if count == 0 {
            return (Some(paste), Then::Say(Message::new("tui.paste.no_row")));
        }
        let path = self.draft.path(paste.block.roster);
        if !self.step(Step::Block { path, rows }, cx) {
            return (None, Then::Stay);
        }
        let rows = self.route.index(self.at).map_or(0, |i| self.route.rows(i).len());
        self.enter(rows.saturating_sub(count), cx);
        (None, Then::Say(Message::new("tui.paste.filled").with("count", count)))
    }

    fn question_title(&self, node: NodeId) -> String {
        let question = self.draft.form().node(node);
        let label = question.label.get(self.draft.language());
        format!("{} {label}", question.number.clone().unwrap_or_default()).trim().to_owned()
    }

    /// A column: what it fills, its title, and what stands in it first.
    fn column_line(&self, paste: &PasteBox, column: usize, cx: &Cx) -> String {
        let fills = match paste.block.columns.get(column).copied().flatten() {
            Some(node) => self.question_title(node),
            None => cx.word("tui.paste.fills_nothing"),
        };
        let title = paste.block.titles.iter().filter_map(|titles| titles.get(column));
        let cells = paste.block.lines.iter().filter_map(|line| line.get(column));
        let shown: Vec<&str> = title.chain(cells).map(String::as_str).filter(|text| !text.is_empty()).take(4).collect();
        let fills = text::cut(&fills, 24);
        format!("{fills}{}{}", " ".repeat(26_usize.saturating_sub(text::width(&fills))), shown.join("  "))
    }

    pub(super) fn draw_paste(&self, page: &mut Page<'_>, paste: &PasteBox) {
        let cx = page.cx;
        let theme = cx.theme;
        let heading = Message::new("tui.paste.heading")
            .with("rows", paste.block.lines.len())
            .with("columns", paste.block.columns.len());
        let inner = popup(page, &cx.say(&heading), 78, page.area.height);
        let columns = (paste.block.columns.len() as u16).clamp(1, (inner.height / 2).max(1));
        let above = Rect { height: columns.min(inner.height), ..inner };
        paste.list.draw_with(page, above, false, true, |i| (self.column_line(paste, i, cx), theme.plain()));
        let below = Rect { y: inner.y + columns + 1, height: inner.height.saturating_sub(columns + 1), ..inner };
        paste.reader.draw(page, below, &self.paste_said(paste, cx));
        if let Some(list) = &paste.choosing {
            let inner =
                popup(page, &cx.word("tui.paste.which"), 50, page.area.height.min(paste.questions.len() as u16 + 3));
            list.draw(page, inner, |i| {
                let node = paste.questions.get(i);
                (
                    node.map_or_else(|| cx.word("tui.paste.fills_nothing"), |node| self.question_title(*node)),
                    theme.plain(),
                )
            });
        }
    }

    /// How many rows it comes to, then what is refused, then what would be asked about.
    fn paste_said(&self, paste: &PasteBox, cx: &Cx) -> Vec<(String, ratatui::style::Style)> {
        let theme = cx.theme;
        let trial = &paste.trial;
        let mut said =
            vec![(cx.say(&Message::new("tui.paste.comes_to").with("rows", trial.rows.len())), theme.strong())];
        if trial.from_id > 0 {
            said.push((cx.say(&Message::new("tui.paste.from_id").with("count", trial.from_id)), theme.plain()));
        }
        for (key, count) in [("tui.paste.no_room", trial.beyond), ("tui.paste.too_long", paste.block.cut)] {
            if count > 0 {
                said.push((cx.say(&Message::new(key).with("count", count)), theme.wrong()));
            }
        }
        for cell in &trial.refused {
            let message = Message::new("tui.paste.refused")
                .with("row", cell.line)
                .with("column", cell.column)
                .with("text", cell.text.as_str())
                .with("why", cell.why.clone());
            said.push((format!("! {}", cx.say(&message)), theme.wrong()));
        }
        for (line, question, why) in &trial.doubtful {
            let message = Message::new("tui.paste.doubtful")
                .with("row", *line)
                .with("question", question.as_str())
                .with("why", why.clone());
            said.push((format!("? {}", cx.say(&message)), theme.doubt()));
        }
        said
    }
}

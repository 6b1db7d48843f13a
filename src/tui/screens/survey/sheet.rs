//! How the survey looks: sections at the left, the page of the sheet at the right, the present question below it.

use super::again::Equals;
use super::entry::{self, AnswerInput};
use super::{Mode, Survey, may_pass};
use crate::domain::{Explain, Given, Message, Origin};
use crate::form::{Stop, StopKind};
use crate::tui::page::Page;
use crate::tui::screen::Cx;
use crate::tui::text;
use ratatui::layout::Rect;
use ratatui::style::Style;

/// Cells of the list of sections, and the least width of a screen that has room for it.
const OUTLINE: u16 = 22;
const OUTLINE_FROM: u16 = 70;
/// The least width that has room for sections, answers and last round's answers.
const BESIDE_FROM: u16 = 110;
/// Lines below the sheet for hint, refusal, choices.
const PANEL: u16 = 9;

impl Survey {
    pub(super) fn draw_sheet(&self, page: &mut Page<'_>) {
        let area = page.area;
        let narrow = area.width < OUTLINE_FROM || (self.beside && area.width < BESIDE_FROM);
        let outline = if narrow { 0 } else { OUTLINE };
        if outline > 0 {
            self.draw_outline(page, Rect { width: outline - 1, ..area });
        }
        let right = Rect { x: area.x + outline, width: area.width.saturating_sub(outline), ..area };
        let panel = PANEL.max(area.height / 3).min(area.height.saturating_sub(1));
        let list = Rect { height: area.height.saturating_sub(panel + 1), ..right };
        self.draw_list(page, list);
        page.rule(right.x, list.bottom(), right.width);
        let below = Rect { y: list.bottom() + 1, height: area.bottom().saturating_sub(list.bottom() + 1), ..right };
        self.draw_panel(page, below);
        if let Some(over) = &self.over {
            self.draw_over(page, over);
        }
    }

    /// A section a line: where one is, its name, answered of asked, and what is wrong: `!2` hard, `?1` soft.
    fn draw_outline(&self, page: &mut Page<'_>, area: Rect) {
        let theme = page.cx.theme;
        let here = self.route.index(self.at).and_then(|i| self.route.section(i)).unwrap_or(0);
        let room = usize::from(area.height);
        let top = here.saturating_sub(room / 2).min(self.route.sections.len().saturating_sub(room));
        for (i, section) in self.route.sections.iter().enumerate().skip(top).take(room) {
            let y = area.y + (i - top) as u16;
            let counts = format!("{}/{}", section.answered, section.questions);
            let wrong = match (section.errors, section.warnings) {
                (0, 0) => String::new(),
                (0, soft) => format!("?{soft}"),
                (hard, _) => format!("!{hard}"),
            };
            let label = if section.label.is_empty() { page.cx.word("tui.survey.other") } else { section.label.clone() };
            let mark = if i == here { ">" } else { " " };
            let style = if i == here { theme.strong() } else { theme.plain() };
            let wide = usize::from(area.width).saturating_sub(10);
            let label = text::fit(&label, wide);
            let counts = text::fit_right(&counts, 6);
            page.pieces(
                area.x,
                y,
                area.width,
                &[(mark, style), (&label, style), (&counts, theme.quiet()), (&wrong, theme.wrong())],
            );
        }
    }

    fn draw_list(&self, page: &mut Page<'_>, area: Rect) {
        self.lines.set(usize::from(area.height));
        let Some(index) = self.route.index(self.at) else { return };
        let shown = self.route.page(index, usize::from(area.height));
        let start = shown.start;
        for i in shown {
            let row = Rect { y: area.y + (i - start) as u16, height: 1, ..area };
            self.draw_line(page, row, self.route.stops[i], i == index);
        }
    }

    /// One stop of the sheet: a `>` where the cursor is, a sign for what stands there, number, label, answer.
    fn draw_line(&self, page: &mut Page<'_>, area: Rect, stop: Stop, here: bool) {
        let cx = page.cx;
        let theme = cx.theme;
        let node = self.draft.form().node(stop.at.node);
        let indent = (stop.depth.saturating_sub(1) as u16).min(4);
        let number = node.number.clone().unwrap_or_default();
        let mark = if here { ">" } else { " " };
        let beside = self.is_again() && (self.beside || page.buffer.area.width >= BESIDE_FROM);
        let (x, answer_x) = (area.x + indent, area.x + area.width * if beside { 40 } else { 55 } / 100);
        let before_x = if beside { area.x + area.width * 71 / 100 } else { area.right() };
        let label_cells = answer_x.saturating_sub(x + 8);
        let answer_cells = before_x.saturating_sub(answer_x + 1);
        match stop.kind {
            StopKind::Group => {
                page.put(
                    x + 2,
                    area.y,
                    area.width.saturating_sub(indent + 2),
                    &self.draft.words(stop.at),
                    theme.strong(),
                );
            }
            StopKind::Row => {
                let name = self.row_name(stop.at, cx);
                page.put(x + 2, area.y, area.width.saturating_sub(indent + 2), &format!("- {name}"), theme.strong());
            }
            StopKind::Note => {
                let style = if here { theme.strong() } else { theme.quiet() };
                page.pieces(
                    x,
                    area.y,
                    area.width.saturating_sub(indent),
                    &[(mark, style), (" ", style), (&self.draft.words(stop.at), style)],
                );
            }
            StopKind::Roster => {
                let style = if here { theme.strong() } else { theme.plain() };
                let rows = self.route.index(stop.at).map_or(0, |i| self.route.rows(i).len());
                let counted = cx.say(&Message::new("tui.survey.rows").with("rows", rows));
                let label = text::cut(&self.draft.words(stop.at), usize::from(label_cells));
                page.pieces(
                    x,
                    area.y,
                    area.width,
                    &[
                        (mark, style),
                        ("  ", style),
                        (&text::fit_right(&number, 4), style),
                        (" ", style),
                        (&label, style),
                    ],
                );
                page.put(answer_x, area.y, answer_cells, &counted, style);
            }
            StopKind::Question => {
                let view = self.draft.view(stop.at);
                let (sign, sign_style) = self.sign(&view, theme.plain(), page);
                let star = if view.required { "*" } else { "" };
                let label = text::cut(&view.label, usize::from(label_cells.saturating_sub(1)));
                let style = if here { theme.strong() } else { theme.plain() };
                page.pieces(
                    x,
                    area.y,
                    answer_x.saturating_sub(x),
                    &[
                        (mark, style),
                        (sign, sign_style),
                        (&text::fit_right(&number, 5), style),
                        (" ", style),
                        (&label, style),
                        (star, style),
                    ],
                );
                self.draw_answer(page, Rect { x: answer_x, width: answer_cells, ..area }, stop, here);
                if let Some(before) = view.before.filter(|_| beside) {
                    let before = entry::shown_before(&self.draft, stop.at, before, cx);
                    let before = format!("{} {before}", cx.word("tui.survey.last_round"));
                    page.put(before_x, area.y, area.right().saturating_sub(before_x + 1), &before, theme.quiet());
                }
            }
        }
    }

    fn draw_answer(&self, page: &mut Page<'_>, area: Rect, stop: Stop, here: bool) {
        let theme = page.cx.theme;
        match (here && self.over.is_none(), &self.entry) {
            // A state stands there: it is shown until something is typed over it.
            (true, AnswerInput::Text { field, .. }) if field.is_empty() && self.draft.given(stop.at).is_some() => {
                let shown = entry::shown(&self.draft, stop.at, page.cx);
                page.fill(area.x, area.y, area.width, &shown, theme.field());
                page.set_caret(area.x, area.y);
            }
            (true, AnswerInput::Text { field, .. }) => field.draw(page, area.x, area.y, area.width, theme.field()),
            (true, AnswerInput::Choice { picker, .. }) => {
                // Whoever answers sees what stands there; it is covered once the cursor has left.
                let shown = entry::shown_open(&self.draft, stop.at, page.cx);
                if picker.typed().is_empty() && !shown.is_empty() {
                    page.fill(area.x, area.y, area.width, &shown, theme.field());
                    page.set_caret(area.x, area.y);
                } else {
                    picker.draw_field(page, area.x, area.y, area.width);
                }
            }
            _ => {
                let (text, style) = match self.halves.get(&stop.at) {
                    Some(half) => (format!("!{}", half.clone()), theme.wrong()),
                    None => (entry::shown(&self.draft, stop.at, page.cx), theme.plain()),
                };
                page.put(area.x, area.y, area.width, &text, style);
            }
        }
    }

    /// What stands at a question: `!` wrong, `?` to be looked at, `=` confirmed, `~` a state, `+` answered, `.` open, blank computed.
    fn sign(&self, view: &crate::form::View<'_>, plain: Style, page: &Page<'_>) -> (&'static str, Style) {
        let theme = page.cx.theme;
        let reported = self.problems_reported(view.at);
        let hard =
            reported.iter().any(|p| !may_pass(p) && !matches!(p.what, crate::form::What::RequiredMissing { .. }));
        if hard || self.halves.contains_key(&view.at) {
            return ("!", theme.wrong());
        }
        if reported.iter().any(may_pass) {
            return ("?", theme.doubt());
        }
        match (view.given.is_some(), view.origin) {
            _ if view.read_only => (" ", plain),
            _ if matches!(view.given, Some(Given::State(_))) => ("~", theme.good()),
            (true, Origin::CarriedUnseen) => ("?", theme.doubt()),
            (true, Origin::CarriedConfirmed) => ("=", theme.good()),
            (true, _) => ("+", theme.good()),
            (false, _) => (".", plain),
        }
    }

    /// What stands below the sheet about the present question, how it looks, and the lines it gets where there is no room for all.
    pub(super) fn panel_says(&self, cx: &Cx) -> Vec<(String, Style, u16)> {
        let theme = cx.theme;
        let view = self.draft.view(self.at);
        let mut said: Vec<(String, Style, u16)> = Vec::new();
        let mut say = |text: String, style: Style, most: u16| {
            if !text.is_empty() {
                said.push((text, style, most));
            }
        };
        if let Some(refusal) = &self.refusal {
            say(format!("! {}", cx.say(refusal)), theme.wrong(), 3);
        }
        if let Some(trouble) = &self.trouble {
            say(format!("! {}", cx.say(trouble)), theme.wrong(), 2);
        }
        if self.mode == Mode::HeadsDown && self.goes_on_by_itself() && !cx.lines {
            say(cx.word("tui.survey.by_itself"), theme.quiet(), 1);
        }
        let reported = self.problems_reported(self.at);
        // What is wrong is said once it was left, not while it is being typed for the first time.
        if self.left.contains(&self.at) || view.given.is_some() {
            for problem in &reported {
                let (sign, style) = if may_pass(problem) { ("?", theme.doubt()) } else { ("!", theme.wrong()) };
                say(format!("{sign} {}", cx.say(&problem.explain())), style, 3);
            }
            if reported.iter().any(may_pass) {
                say(cx.word("tui.survey.may_pass"), theme.quiet(), 1);
            }
        }
        say(view.hint.clone(), theme.quiet(), 2);
        if let Some(day) = self.draft.since(self.at) {
            say(cx.say(&Message::new("tui.survey.since").with("day", day)), theme.quiet(), 1);
        }
        if let Some(before) = view.before {
            let before = entry::shown_before(&self.draft, self.at, before, cx);
            let key = match self.equals_means() {
                Some(Equals::AsBefore) => "tui.survey.before_same",
                _ => "tui.survey.before",
            };
            say(cx.say(&Message::new(key).with("answer", before)), theme.quiet(), 1);
        }
        if self.equals_means() == Some(Equals::Today) {
            say(
                cx.word(if self.draft.asks_part_of_date(self.at) {
                    "tui.survey.now_sign"
                } else {
                    "tui.survey.today_sign"
                }),
                theme.quiet(),
                1,
            );
        }
        for note in &view.notes {
            say(format!("# {note}"), theme.quiet(), 1);
        }
        if let AnswerInput::Text { field, .. } = &self.entry
            && field.is_lines()
            && !field.is_empty()
        {
            if field.value().contains('\n') {
                say(field.value(), theme.plain(), 4);
            }
            say(cx.word("tui.survey.lines"), theme.quiet(), 1);
        }
        said
    }

    /// The present question in full where its line was too short, its hint, last round's answer, what is wrong, its
    /// notes, and the choices.
    fn draw_panel(&self, page: &mut Page<'_>, area: Rect) {
        let cx = page.cx;
        let theme = cx.theme;
        let view = self.draft.view(self.at);
        let mut said = self.panel_says(cx);
        if text::width(&view.label) + 8 > usize::from(area.width) * 55 / 100 || view.label.contains('\n') {
            said.insert(0, (view.label.clone(), theme.strong(), 3));
        }
        let choices = match &self.entry {
            AnswerInput::Choice { picker, .. } => picker.fits().min(4),
            AnswerInput::Rows(_) => 4,
            _ => 0,
        };
        let y = self.draw_said(page, area, &said, choices as u16);
        let rest = Rect { y, height: area.bottom().saturating_sub(y), ..area };
        match &self.entry {
            AnswerInput::Choice { picker, .. } => picker.draw_list(page, rest),
            AnswerInput::Rows(rows) => {
                rows.list.draw(page, rest, |i| (self.line_name(rows.line(i), cx), theme.plain()));
            }
            _ => {}
        }
    }

    /// Draws the texts one below the other; the lines that are left over go to those that would be cut. Where one is
    /// cut all the same, the key that shows it whole is named. Returns the line below.
    fn draw_said(&self, page: &mut Page<'_>, area: Rect, said: &[(String, Style, u16)], choices: u16) -> u16 {
        let wanted: Vec<u16> =
            said.iter().map(|(text, ..)| text::wrap(text, usize::from(area.width)).len() as u16).collect();
        let mut given: Vec<u16> = wanted.iter().zip(said).map(|(wanted, (.., most))| *wanted.min(most)).collect();
        let mut left = area.height.saturating_sub(choices + given.iter().sum::<u16>());
        let short = wanted.iter().sum::<u16>() > given.iter().sum::<u16>() + left;
        left = left.saturating_sub(u16::from(short));
        self.cut.set(short);
        for (wanted, given) in wanted.iter().zip(&mut given) {
            let more = (wanted - *given).min(left);
            (*given, left) = (*given + more, left - more);
        }
        let mut y = area.y;
        for ((text, style, _), lines) in said.iter().zip(&given) {
            let height = area.bottom().saturating_sub(y).min(*lines);
            if height > 0 {
                y += page.paragraph(Rect { y, height, ..area }, text, *style);
            }
        }
        if short && y < area.bottom() {
            let more = page.cx.word("tui.survey.whole");
            page.put(area.x, y, area.width, &more, page.cx.theme.quiet());
            y += 1;
        }
        y
    }
}

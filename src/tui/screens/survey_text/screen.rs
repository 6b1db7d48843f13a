//! The screen of a kept survey: its keys, and how it is drawn.

use super::*;

impl Screen for SurveyReader {
    fn title(&self, cx: &Cx) -> String {
        let title = self.text.as_ref().map(|text| text.title.as_str()).unwrap_or_default();
        format!("{} {}  {title}", cx.word("tui.scope.survey_text"), self.number)
    }

    fn status(&self, cx: &Cx) -> String {
        let Some(line) = self.versions.get(self.at) else { return String::new() };
        let said = Message::new("tui.read.version").with("version", line.version).with("day", line.on);
        cx.say(&said.with("by", self.session.officer(line.by, cx.lang)).with("count", self.versions.len()))
    }

    fn scopes(&self) -> &'static [KeyScope] {
        SCOPES[match (&self.typing, self.legend || self.life.is_some()) {
            (Some(_), _) => 1,
            (None, true) => 2,
            (None, false) => 0,
        }]
    }

    fn can(&self, action: Action) -> bool {
        let typing = self.typing.is_some();
        match action {
            Action::SurveyText(SurveyTextAction::VersionBefore) => self.at > 0,
            Action::SurveyText(SurveyTextAction::VersionAfter) => self.at + 1 < self.versions.len(),
            Action::SurveyText(SurveyTextAction::AskQuery) => {
                !typing && self.may_ask && self.here().and_then(|shows| self.answer(shows)).is_some()
            }
            Action::SurveyText(SurveyTextAction::Life) => {
                !typing && self.here().and_then(|shows| self.answer(shows)).is_some()
            }
            Action::Take if !typing => {
                matches!(self.here(), Some(Shows::Section(_) | Shows::Row(..) | Shows::RowAnswer(..)))
            }
            Action::Menu | Action::Help => !typing && !self.legend && self.life.is_none(),
            Action::Pick(_) => false,
            _ => true,
        }
    }

    fn confirms(&self, action: Action) -> bool {
        action == Action::Take && matches!(self.typing, Some(Typing::Query(..)))
    }

    fn barred(&mut self) -> Option<Message> {
        let state = (self.session.office().people_state(), self.session.now().today);
        if state != self.rights_state && self.gone.is_none() {
            self.gone = self.household().err().map(|failure| failure.explain());
            self.rights_state = state;
            if self.gone.is_some() {
                (self.text, self.life) = (None, None);
                self.lay_out();
            }
        }
        self.gone.clone()
    }

    fn came_in(&mut self, cx: &Cx) {
        (self.eyes, self.life) = (Eyes::default(), None);
        self.read(cx);
    }

    fn act(&mut self, action: Action, cx: &Cx) -> Then {
        if self.legend {
            self.legend = false;
            return Then::Stay;
        }
        if let Some((_, _, reader)) = &mut self.life {
            return match action {
                Action::Back => {
                    self.life = None;
                    Then::Stay
                }
                moving => reader.act(moving),
            };
        }
        match (self.typing.take(), action) {
            (Some(_), Action::Back) => return Then::Stay,
            (Some(Typing::Jump(field)), Action::Take) => {
                self.jump(&field.value());
                return Then::Stay;
            }
            (Some(Typing::Query(path, field)), Action::Take) => {
                let asked = self.ask(&path, &field.value(), cx);
                return asked.map_or_else(
                    |failure| {
                        self.typing = Some(Typing::Query(path, field));
                        Then::Say(failure.explain())
                    },
                    |()| Then::Say(Message::new("tui.read.asked")),
                );
            }
            (Some(typing), _) => {
                self.typing = Some(typing);
                return Then::Ignore;
            }
            (None, _) => {}
        }
        match action {
            Action::Back => Then::Close,
            Action::Take => self.fold(),
            Action::Next => self.go_to_section(true),
            Action::Previous => self.go_to_section(false),
            Action::SurveyText(SurveyTextAction::VersionBefore) => self.turn(false, cx),
            Action::SurveyText(SurveyTextAction::VersionAfter) => self.turn(true, cx),
            Action::SurveyText(SurveyTextAction::Jump) => {
                self.typing = Some(Typing::Jump(TextField::new("").at_most(60)));
                Then::Stay
            }
            Action::SurveyText(SurveyTextAction::AskQuery) => match self.here().and_then(|shows| self.answer(shows)) {
                Some(line) => {
                    self.typing = Some(Typing::Query(line.path.clone(), TextField::new("").at_most(500)));
                    Then::Stay
                }
                None => Then::Ignore,
            },
            Action::SurveyText(SurveyTextAction::Life) => match self.life_here(cx) {
                Some(Ok(life)) => {
                    self.life = Some(life);
                    Then::Stay
                }
                Some(Err(failure)) => Then::Say(failure.explain()),
                None => Then::Ignore,
            },
            Action::SurveyText(SurveyTextAction::Legend) => {
                self.legend = true;
                Then::Stay
            }
            moving => match self.list.act(moving) {
                Moved::No => Then::Ignore,
                _ => Then::Stay,
            },
        }
    }

    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        let (taken, jump) = match &mut self.typing {
            Some(Typing::Jump(field)) => (field.key(key), Some(field.value())),
            Some(Typing::Query(_, field)) => (field.key(key), None),
            None => return Then::Ignore,
        };
        // The bar goes along with what is typed.
        if let Some(typed) = jump.filter(|typed| taken && !typed.trim().is_empty()) {
            self.jump(&typed);
        }
        if taken { Then::Stay } else { Then::Ignore }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let (area, theme) = (page.area, cx.theme);
        if let Some(trouble) = &self.trouble {
            page.paragraph(area, &cx.say(trouble), theme.wrong());
            return;
        }
        if let Some(missing) = self.text.as_ref().and_then(|text| text.missing.as_ref()) {
            page.paragraph(area, &missing.shown(), theme.doubt());
            return;
        }
        // On a low screen the survey counts for more than what is said about a line of it.
        let panel = if area.height >= 10 { (area.height / 4).clamp(3, 7) } else { 0 };
        let rows = Rect { height: area.height - panel, ..area };
        let cells = usize::from(area.width.saturating_sub(3));
        self.list.draw_with(page, rows, false, true, |at| {
            self.lines.get(at).map(|shows| self.line_text(*shows, cells, cx)).unwrap_or_default()
        });
        if panel > 0 {
            page.rule(area.x, rows.bottom(), area.width);
            let mut below = Rect { y: rows.bottom() + 1, height: panel - 1, ..area };
            for (said, style) in self.about(cx) {
                let taken = page.paragraph(below, &said, style);
                below.y += taken;
                below.height -= taken.min(below.height);
            }
        }
        match &self.typing {
            Some(Typing::Jump(field)) => self.draw_field(page, "tui.read.jump", "tui.read.jump_how", field),
            Some(Typing::Query(_, field)) => {
                self.draw_field(page, "tui.read.query", "tui.dossier.query_is_kept", field)
            }
            None => {}
        }
        if let Some((label, table, reader)) = &self.life {
            let cells = page.area.width.saturating_sub(4);
            let lines = presented::lines(&[Block::Table(table.clone())], usize::from(cells.saturating_sub(3)), theme);
            let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(page.area.height);
            let inner = popup(page, label, cells, height);
            let body = Rect { x: inner.x + 1, width: inner.width.saturating_sub(1), ..inner };
            reader.draw(page, body, &lines);
        }
        if self.legend {
            let inner = popup(page, &cx.word("tui.key.legend"), 70, MARKS.len() as u16 + 2);
            for (y, key) in (inner.y..inner.bottom()).zip(MARKS) {
                page.put(inner.x + 1, y, inner.width.saturating_sub(1), &cx.word(key), theme.plain());
            }
        }
    }

    fn resumed(&mut self, cx: &Cx) {
        self.read(cx);
    }

    fn news(&mut self, cx: &Cx) -> bool {
        if self.typing.is_none() {
            self.read(cx);
        }
        true
    }

    fn speak(&mut self, cx: &Cx) {
        self.life = None;
        self.read(cx);
    }
}

impl SurveyReader {
    fn draw_field(&self, page: &mut Page<'_>, title: &'static str, note: &'static str, field: &TextField) {
        let cx = page.cx;
        let inner = popup(page, &cx.word(title), 70, 4);
        field.draw(page, inner.x + 1, inner.y, inner.width.saturating_sub(2), cx.theme.field());
        page.put(inner.x + 1, inner.y + 1, inner.width.saturating_sub(2), &cx.word(note), cx.theme.quiet());
    }
}

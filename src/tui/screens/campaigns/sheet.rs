//! The sheet that is signed on, to be read; it was recorded as gone out when it came up.

use crate::command::Duty;
use crate::command::fund::{CampaignLine, NotInCampaign};
use crate::domain::{Explain, Message};
use crate::present::{campaign, text};
use crate::tui::keymap::{Action, KeyScope};
use crate::tui::page::Page;
use crate::tui::screen::{Cx, Screen, Then};
use crate::tui::session::Session;
use crate::tui::widgets::reader::Reader;
use crate::views::fund::CampaignRow;
use std::sync::Arc;

pub struct HandingSheet {
    session: Arc<Session>,
    row: CampaignRow,
    lines: Vec<CampaignLine>,
    reader: Reader,
    /// Whose rights it was read by.
    people: u64,
}

impl HandingSheet {
    pub fn new(session: Arc<Session>, row: CampaignRow, lines: Vec<CampaignLine>) -> HandingSheet {
        let people = session.office().people_state();
        HandingSheet { session, row, lines, reader: Reader::default(), people }
    }
}

impl Screen for HandingSheet {
    fn title(&self, cx: &Cx) -> String {
        cx.say(&Message::new("campaign.sheet.title").with("name", cx.pick(&self.row.zh, &self.row.en)))
    }

    fn scopes(&self) -> &'static [KeyScope] {
        super::SCOPES[3]
    }

    fn barred(&mut self) -> Option<Message> {
        match self.session.office().may(Duty::PayAid, self.session.now()) {
            Err(failure) => Some(failure.explain()),
            // Whose lines these were may not be theirs any more.
            Ok(_) if self.people != self.session.office().people_state() => Some(NotInCampaign::Meanwhile.explain()),
            Ok(_) => None,
        }
    }

    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        match action {
            Action::Back => Then::Close,
            moving => self.reader.act(moving),
        }
    }

    fn draw(&self, page: &mut Page<'_>) {
        let cx = page.cx;
        let area = page.area;
        let sheet = campaign::sheet(&self.session.words(cx.lang), &self.row, &self.lines);
        let lines = text::sheet(&sheet, Some(usize::from(area.width.saturating_sub(2))));
        let lines: Vec<_> = lines.into_iter().map(|line| (line, cx.theme.plain())).collect();
        self.reader.draw(page, area, &lines);
    }

    fn session(&self) -> Option<Arc<Session>> {
        Some(self.session.clone())
    }
}

//! The texts of the dossier's pages.

use super::answers::Reading;
use super::{Dossier, category, status_word};
use crate::command::Failure;
use crate::command::dossier::{VersionLine, differences};
use crate::command::looks::LookLine;
use crate::domain::event::{Ledger, SurveyKind};
use crate::domain::{Answers, Arg, Eyes, Message, OfficerId, Path, Stamp};
use crate::tui::clerk;
use crate::tui::screen::Cx;
use crate::tui::screens::today::word;
use crate::tui::sitting::Sitting;
use crate::tui::text;
use crate::tui::widgets::list::{Column, List};
use crate::views::Happening;
use ratatui::style::Style;

pub type Body = Vec<(String, Style)>;

impl Dossier {
    pub(super) fn compose(&self, cx: &Cx) -> Result<Body, Failure> {
        match self.page {
            1 => Ok(self.overview(cx)),
            3 => self.people(cx),
            4 => Ok(self.happenings(cx)),
            5 => self.difference(cx),
            6 => self.why(cx),
            _ => Ok(Vec::new()),
        }
    }

    fn overview(&self, cx: &Cx) -> Body {
        let status = &self.status;
        let plain = cx.theme.plain();
        let field = |key: &'static str, value: String| (cx.say(&Message::new(key).with("value", value)), plain);
        let day = |day: Option<crate::domain::Day>| day.map_or_else(|| "-".to_owned(), |day| day.to_string());
        let mut body = vec![
            field("tui.dossier.is_unit", self.sitting.unit(status.unit, cx.lang)),
            field("tui.dossier.is_status", cx.say(&status_word(status))),
            (
                cx.say(&Message::new("tui.dossier.is_category").with("value", category(&self.sitting, status, cx))),
                cx.theme.strong(),
            ),
        ];
        if let (Some(net), Some(line)) = (status.per_head_net, status.line_month) {
            let sign = if net < line { "<" } else { ">=" };
            let said = Message::new("tui.dossier.is_income").with("net", net).with("sign", sign).with("line", line);
            body.push((cx.say(&said), plain));
        }
        body.push(field("tui.dossier.is_decided", day(status.decided_on)));
        body.push(field("tui.dossier.is_due", day(status.next_due)));
        if self.eyes == Eyes::Revealed
            && let Some(face) = &self.face
        {
            body.push(field("tui.dossier.is_id", text::clean(&face.id_numbers.join("  "))));
            body.push(field("tui.dossier.is_phone", text::clean(&face.phones.join("  "))));
        }
        if !status.conflict.is_empty() {
            let said = Message::new("tui.dossier.conflict").with("count", status.conflict.len());
            body.push((cx.say(&said), cx.theme.wrong()));
        }
        if status.contested {
            body.push((cx.word("tui.dossier.contested"), cx.theme.wrong()));
        }
        if let Some(waiting) = self.open_queries() {
            body.push((cx.say(&waiting), cx.theme.doubt()));
        }
        body
    }

    /// Answers as the form has them that they were given with.
    pub(super) fn reading(&self, form: &str, version: &str) -> Reading<'_> {
        let form = self.sitting.office().form_of(form, version);
        Reading { sitting: &self.sitting, form, eyes: self.eyes }
    }

    /// Everybody of the latest survey within the time chosen.
    fn people(&self, cx: &Cx) -> Result<Body, Failure> {
        let Some(version) = self.status.versions.last() else {
            return Ok(vec![(cx.word("tui.dossier.no_survey"), cx.theme.quiet())]);
        };
        let kept = self.household()?.survey(version)?;
        let reading = self.reading(&kept.answers.form, &kept.answers.form_version);
        let heading = Message::new("tui.dossier.people_of").with("day", version.on).with("version", version.version);
        let mut body = vec![(cx.say(&heading), cx.theme.strong()), (String::new(), cx.theme.plain())];
        let columns = [8, 14, 18, 4, 10, 16].map(Column::left);
        let line = |cells: [String; 6]| List::columns(&cells, &columns).trim_end().to_owned();
        let of = |under: &str, names: [&str; 6], relation: Option<String>| {
            let mut cells = names.map(|name| {
                let path = Path::new(if under.is_empty() { name.to_owned() } else { format!("{under}/{name}") });
                let found = kept.answers.given(path.as_str());
                if found.is_none() { String::new() } else { reading.answer(&path, found, cx) }
            });
            if let Some(relation) = relation {
                cells[1] = relation;
            }
            line(cells)
        };
        let worker = ["name", "", "id_number", "sex", "birth_date", "work_status"];
        let under = group_of(&kept.answers, "name");
        body.push((of(&under, worker, Some(cx.word("tui.dossier.worker"))), cx.theme.plain()));
        let member = ["m_name", "m_relation", "m_id_number", "m_sex", "m_birth_date", "m_person_status"];
        for row in kept.answers.rows.iter().filter(|row| row.path.segments().last().is_some_and(|(n, _)| n == "members")) {
            body.push((of(row.path.as_str(), member, None), cx.theme.plain()));
        }
        Ok(body)
    }

    /// All that happened within the time chosen, the latest first.
    fn happenings(&self, cx: &Cx) -> Body {
        let horizon = self.time.horizon();
        let known = self.history.happenings.iter().filter(|happening| {
            let day = happening.ledger.day().unwrap_or(happening.at.day());
            happening.received <= horizon.received && day <= horizon.on
        });
        let mut told: Vec<(Stamp, OfficerId, String)> = known
            .map(|happening| (happening.at, happening.by, cx.say(&self.happened(happening, cx))))
            .collect();
        // Looks are no part of what happened to the household, and stand among it by their time.
        let looks = self.household().and_then(|household| household.looks()).unwrap_or_default();
        let shown = looks.iter().filter(|look| look.at.0 <= horizon.received && look.at.day() <= horizon.on);
        told.extend(shown.map(|look| (look.at, look.by, text::clean(&cx.say(&looked(look))))));
        told.sort_by_key(|(at, ..)| *at);
        let line = |(at, by, said): (Stamp, OfficerId, String)| {
            let by = self.sitting.officer(by, cx.lang);
            (format!("{}  {}  {said}", at.local(), text::fit(&by, 8)), cx.theme.plain())
        };
        told.into_iter().rev().map(line).collect()
    }

    fn happened(&self, happening: &Happening, cx: &Cx) -> Message {
        match &happening.ledger {
            Ledger::DossierOpened { accepted_on, .. } => {
                let numbers = happening.issued.iter().map(|i| crate::views::number_text(&i.series, i.number));
                Message::new("tui.happened.opened")
                    .with("day", *accepted_on)
                    .with("number", numbers.collect::<Vec<_>>().join(" "))
            }
            Ledger::NumberGiven { .. } => {
                let numbers = happening.issued.iter().map(|i| crate::views::number_text(&i.series, i.number));
                Message::new("tui.happened.numbered").with("number", numbers.collect::<Vec<_>>().join(" "))
            }
            Ledger::SurveySubmitted(survey) | Ledger::SurveyProposed { survey, .. } => {
                let kind = match survey.kind.code() {
                    Some(code) => self.sitting.code("survey_type", code, cx.lang),
                    None => survey.form.clone(),
                };
                let category = match (&survey.category, &survey.rule_set) {
                    (Some(code), set) => self.sitting.category(set.as_deref(), code, cx.lang),
                    (None, Some(_)) => cx.word("tui.undecided"),
                    (None, None) => "-".to_owned(),
                };
                let key = match survey.kind {
                    SurveyKind::Correction => "tui.happened.corrected",
                    _ => "tui.happened.surveyed",
                };
                Message::new(key).with("day", survey.on).with("kind", kind).with("category", category)
            }
            Ledger::StatusMoved { to, on, .. } => Message::new("tui.happened.moved")
                .with("day", *on)
                .with("status", word(format!("status.{}", to.code()))),
            Ledger::Approved { on, category, .. } => {
                Message::new("tui.happened.approved").with("day", *on).with("category", category.as_str())
            }
            Ledger::OtherNumber { system, .. } => Message::new("tui.happened.other_number").with("system", system.as_str()),
            Ledger::Erased { .. } => Message::new("tui.happened.erased"),
            Ledger::QueryAsked { .. } => Message::new("tui.happened.query_asked"),
            Ledger::QueryAnswered { .. } => Message::new("tui.happened.query_answered"),
            Ledger::QueryClosed { .. } => Message::new("tui.happened.query_closed"),
            _ => Message::new("tui.happened.other"),
        }
    }

    /// Two surveys, question by question.
    fn difference(&self, cx: &Cx) -> Result<Body, Failure> {
        let Some((earlier, later)) = self.compared() else {
            return Ok(vec![(cx.word("tui.dossier.nothing_to_compare"), cx.theme.quiet())]);
        };
        let household = self.household()?;
        let before = household.survey(earlier)?.answers;
        let after = household.survey(later)?.answers;
        let reading = self.reading(&after.form, &after.form_version);
        let columns = [28, 23, 23].map(Column::left);
        let (one, other) = (version_words(earlier), version_words(later));
        let mut body = vec![(List::columns(&["", one.as_str(), other.as_str()], &columns).trim_end().to_owned(), cx.theme.strong())];
        let found: Vec<_> = differences(&before, &after).into_iter().filter(|d| reading.is_asked(&d.path)).collect();
        for difference in &found {
            let cells = [
                reading.label(&difference.path, cx),
                reading.answer(&difference.path, difference.before.as_ref(), cx),
                reading.answer(&difference.path, difference.after.as_ref(), cx),
            ];
            body.push((List::columns(&cells, &columns).trim_end().to_owned(), cx.theme.plain()));
        }
        let count = Message::new(if found.is_empty() { "tui.dossier.same" } else { "tui.dossier.different" });
        body.push((String::new(), cx.theme.plain()));
        body.push((cx.say(&count.with("count", found.len())), cx.theme.quiet()));
        Ok(body)
    }

    /// Why the category is what it is, as it was decided then.
    fn why(&self, cx: &Cx) -> Result<Body, Failure> {
        let (_, version, decision) = self.household()?.explain(self.time.horizon())?;
        let heading = Message::new("tui.dossier.why_of").with("day", version.on).with("version", version.version);
        let mut body = vec![(cx.say(&heading), cx.theme.strong()), (String::new(), cx.theme.plain())];
        for sentence in clerk::reasons(&self.sitting, &decision, cx.lang) {
            body.push((cx.say(&sentence), cx.theme.plain()));
        }
        Ok(body)
    }
}

/// That somebody looked, and why.
fn looked(look: &LookLine) -> Message {
    let key = match (look.important, look.why.is_some()) {
        (true, _) => "tui.happened.looked_important",
        (false, true) => "tui.happened.looked_why",
        (false, false) => "tui.happened.looked",
    };
    Message::new(key).with("what", Arg::Word(look.word())).with("why", look.why.as_deref().unwrap_or_default())
}

/// The path of the group in which a question of that name stands; empty at the top.
fn group_of(answers: &Answers, name: &str) -> String {
    let path = answers.answers.iter().map(|answer| answer.path.as_str()).find(|path| path.rsplit('/').next() == Some(name));
    path.and_then(|path| path.rsplit_once('/')).map_or_else(String::new, |(group, _)| group.to_owned())
}

fn version_words(version: &VersionLine) -> String {
    format!("{}  {}", version.version, version.on)
}

/// What a version came to: category, undecided, or nothing that decides.
pub fn version_category(sitting: &Sitting, version: &VersionLine, cx: &Cx) -> String {
    match &version.category {
        Some(code) => sitting.category(version.rule_set.as_deref(), code, cx.lang),
        None if version.decides => cx.word("tui.undecided"),
        None => "-".to_owned(),
    }
}

//! What whoever reviews a survey has to see of it, on one sheet; and one answer through all surveys.

use super::lists::column;
use super::reading::Reading;
use super::survey::origin_code;
use super::value::{Cell, ColumnKind, Field, Sentence, Sheet, SheetPart, Table, TableRow, Tone};
use super::words::Words;
use crate::command::case::CaseView;
use crate::command::dossier::{StatusLine, VersionLine};
use crate::command::life::LifeLine;
use crate::command::queries::QueryState;
use crate::command::{Failure, Household};
use crate::domain::case;
use crate::domain::{Answers, Explain, Eyes, Message, Origin, Path};
use crate::views::Horizon;

/// A survey beside the one before it: whose it is, what it comes to beside what is in force and why, what differs, who came and
/// left, which checks were passed and what was remarked, where the answers come from, what is asked, owed, doubtful.
///
/// Errors: the personal part is erased, a record cannot be read.
pub fn sheet(
    words: &Words<'_>,
    household: &Household<'_>,
    version: &VersionLine,
    eyes: Eyes,
) -> Result<Sheet, Failure> {
    let status = household.status(Horizon::NOW);
    let view = household.case(Horizon::NOW)?;
    let kept = household.survey(version)?;
    let reading = Reading::new(words, &kept.answers, eyes);
    let mut sheet = Sheet::new(words.lang, words.word("present.review.title"));
    let mut heads = super::survey::heads(words, household, version);
    heads.extend(super::case::stands(words, &view).into_iter().filter(|field| field.key != "accepted_on"));
    sheet.parts.push(SheetPart::Fields(heads));

    let doubts = doubts(words, household, &status, &view)?;
    part(&mut sheet, words, "present.review.doubts", Said::Sentences(doubts));
    // What it comes to goes first, and the whole trace last: a reviewer looks at what differs before they read conditions.
    let (mut result, mut reasons) = (Vec::new(), Vec::new());
    if version.decides {
        let found = household.explain_survey(version, eyes)?;
        let category = found.category.as_deref();
        let comes_to = words.category(Some(&found.rule_set), category, true).shown();
        let said = Message::new("present.review.comes_to").with("category", comes_to);
        result.push(Sentence::new(words.say(&said)).tone(Tone::Strong));
        reasons = super::dossier::reasons(words, &found);
        if !reasons.is_empty() {
            result.push(reasons.remove(0));
        }
    }
    part(&mut sheet, words, "present.review.result", Said::Sentences(result));

    let before = status.versions.iter().rfind(|line| line.version < version.version && line.form == version.form);
    match before {
        Some(before) => {
            let compared = super::dossier::compared(words, household, before, version, eyes)?;
            let named = Message::new("present.review.differs").with("version", super::dossier::version_words(before));
            sheet.parts.push(SheetPart::Heading(words.say(&named)));
            let mut said = vec![compared.said(words)];
            said.extend(compared.members);
            sheet.parts.push(SheetPart::Sentences(said));
            if !compared.table.rows.is_empty() {
                sheet.parts.push(SheetPart::Table(compared.table));
            }
        }
        None => {
            let said = super::members::sentences(words, &household.changes_named(version.record)?, eyes);
            part(&mut sheet, words, "present.member.changes", Said::Sentences(said));
        }
    }
    part(&mut sheet, words, "present.review.said", Said::Table(beside_answers(words, &reading, &kept.answers)));
    part(&mut sheet, words, "present.review.origins", Said::Fields(origins(words, &reading, &kept.answers)));
    let queries: Vec<_> = super::dossier::queries_of(words, household, Horizon::NOW, eyes)?
        .into_iter()
        .filter(|query| query.state != QueryState::Closed)
        .collect();
    let queries = super::dossier::queries(words, household, &status, &queries, eyes);
    part(&mut sheet, words, "present.review.queries", Said::Table(queries));
    part(&mut sheet, words, "present.review.reasons", Said::Sentences(reasons));
    Ok(sheet)
}

enum Said {
    Sentences(Vec<Sentence>),
    Table(Table),
    Fields(Vec<Field>),
}

/// A part under its heading; none where it has nothing to say.
fn part(sheet: &mut Sheet, words: &Words<'_>, heading: &str, said: Said) {
    let part = match said {
        Said::Sentences(said) if !said.is_empty() => SheetPart::Sentences(said),
        Said::Table(table) if !table.rows.is_empty() => SheetPart::Table(table),
        Said::Fields(fields) if !fields.is_empty() => SheetPart::Fields(fields),
        _ => return,
    };
    sheet.parts.extend([SheetPart::Heading(words.word(heading)), part]);
}

/// What is doubtful about the household itself: the same number elsewhere, two surveys at once, what stands in the way of
/// going on.
fn doubts(
    words: &Words<'_>,
    household: &Household<'_>,
    status: &StatusLine,
    view: &CaseView,
) -> Result<Vec<Sentence>, Failure> {
    let mut out = Vec::new();
    let mut doubt = |message: Message, tone| out.push(Sentence::new(words.say(&message)).tone(tone));
    let same = household.same_id()?;
    if !same.is_empty() {
        doubt(Message::new("present.review.same_id").with("dossiers", words.joined(same)), Tone::Wrong);
    }
    if !status.conflict.is_empty() {
        doubt(Message::new("present.review.two_heads"), Tone::Wrong);
    }
    // Of a household in the files with nothing new to decide, a decision cannot be taken, and need not be.
    let settled = view.status.is_some_and(|status| status.is_on_file()) && view.proposed.is_none();
    for next in view.next.iter().filter(|next| !(settled && case::is_of_decision(next.to))) {
        if let Some(refused) = &next.refused {
            let said = Message::new("present.review.in_the_way")
                .with("step", words.word(&super::case::step_word(next.to)))
                .with("why", words.say(&refused.explain()));
            doubt(said, Tone::Doubt);
        }
    }
    Ok(out)
}

/// Remarks, and why checks were passed, each with its question.
fn beside_answers(words: &Words<'_>, reading: &Reading<'_>, answers: &Answers) -> Table {
    let columns = vec![
        column(words, "question", "present.col.question", ColumnKind::Text).worth(9),
        column(words, "answer", "present.col.answer", ColumnKind::Text).worth(7),
        column(words, "said", "present.col.said", ColumnKind::Text).worth(9),
    ];
    let mut table = Table::new("said", columns);
    let passes = answers.passes.iter().filter(|pass| reading.eyes == Eyes::Duty || !reading.checks_hidden(&pass.path));
    let passes = passes.map(|pass| ("present.pass", &pass.path, &pass.why, Tone::Doubt));
    let notes = answers.notes.iter().map(|note| ("present.note", &note.path, &note.text, Tone::Plain));
    // Before eyes that an answer is hidden from, nothing said about it is told of either.
    let is_said = |path: &Path| !(reading.hides(path) && reading.covers_words(path));
    for (key, path, text, tone) in passes.chain(notes).filter(|(_, path, ..)| is_said(path)) {
        let said = words.say(&Message::new(key).with("text", reading.words_about(path, text)));
        let cells = vec![Cell::text(reading.label(path)), reading.answer(path), Cell::text(said)];
        table.push(TableRow { cells, tone });
    }
    table
}

/// How many of the answers that people are asked came from where.
fn origins(words: &Words<'_>, reading: &Reading<'_>, answers: &Answers) -> Vec<Field> {
    let all: [(&'static str, Origin); 5] = [
        ("asked", Origin::Asked),
        ("carried_changed", Origin::CarriedChanged),
        ("carried_confirmed", Origin::CarriedConfirmed),
        ("carried_unseen", Origin::CarriedUnseen),
        ("imported", Origin::Imported),
    ];
    let is_said = |path: &Path| reading.is_asked(path) && !reading.hides(path);
    let asked: Vec<Origin> =
        answers.answers.iter().filter(|answer| is_said(&answer.path)).map(|answer| answer.origin).collect();
    let counted =
        all.into_iter().map(|(key, origin)| (key, origin, asked.iter().filter(|one| **one == origin).count()));
    counted
        .filter(|(_, _, count)| *count > 0)
        .map(|(key, origin, count)| {
            let field = Field::new(key, words.word(&format!("present.origin.{key}")), Cell::number(count as u64));
            field.tone(if origin == Origin::CarriedUnseen { Tone::Doubt } else { Tone::Plain })
        })
        .collect()
}

/// One answer through all surveys, oldest first: what it was, from when, by whom, where it came from, what was remarked. What
/// differs from the line before stands out.
pub fn life(words: &Words<'_>, lines: &[LifeLine], eyes: Eyes) -> Table {
    let columns = vec![
        column(words, "date", "present.col.date", ColumnKind::Day).worth(9),
        column(words, "version", "present.col.version", ColumnKind::Text).worth(7),
        column(words, "answer", "present.col.answer", ColumnKind::Text).worth(9),
        column(words, "origin", "present.col.origin", ColumnKind::Code).worth(6),
        column(words, "by", "present.col.by", ColumnKind::Text).worth(7),
        column(words, "kept_at", "present.col.kept_at", ColumnKind::Day).worth(3),
        column(words, "said", "present.col.said", ColumnKind::Text).worth(5),
    ];
    let mut table = Table::new("life", columns);
    let mut before: Option<Cell> = None;
    for line in lines {
        let reading = Reading::new(words, &line.answers, eyes);
        let answer = match &line.path {
            Some(path) => reading.answer(path),
            None => Cell::text(words.word("present.life.no_such_person")),
        };
        let is_said = |path: &Path| !reading.hides(path);
        let of = |path: &Path| line.path.as_ref() == Some(path) && (is_said(path) || !reading.covers_words(path));
        let origin = line.answers.answers.iter().find(|one| of(&one.path) && is_said(&one.path)).map(|one| one.origin);
        let passes = line.answers.passes.iter().filter(|pass| eyes == Eyes::Duty || !reading.checks_hidden(&pass.path));
        let passes = passes.map(|pass| (&pass.path, &pass.why));
        let notes = line.answers.notes.iter().map(|note| (&note.path, &note.text));
        let said: Vec<String> = passes
            .chain(notes)
            .filter(|(path, _)| of(path))
            .map(|(path, text)| reading.words_about(path, text))
            .collect();
        let tone = match &before {
            Some(before) if *before != answer => Tone::Strong,
            _ => Tone::Plain,
        };
        let cells = vec![
            Cell::Day(line.reading.on),
            Cell::text(line.reading.called()),
            answer.clone(),
            origin.map_or_else(Cell::default, |origin| {
                let code = origin_code(origin);
                Cell::code(code, words.word(&format!("present.origin.{code}")))
            }),
            Cell::text(words.officer(line.reading.by)),
            Cell::Day(line.reading.at.day()),
            Cell::text(said.join(" / ")),
        ];
        table.push(TableRow { cells, tone });
        before = Some(answer);
    }
    table
}

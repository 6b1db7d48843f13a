//! A sheet as PDF/A-2b, the kind that archives keep: A4, faces embedded, the same bytes for the same sheet.
//!
//! Laid out here from the values that screen and page are made of; krilla writes the file. (A typesetting system such as typst
//! would bring a language of its own, and three times the program, for tables and boxes.)

mod faces;
mod pages;
#[cfg(test)]
mod tests;

pub use faces::Faces;

use super::value::Sheet;
use crate::domain::{Message, Stamp, date::ZONE_MS};
use crate::lang;
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::TextDirection;
use krilla::{Document, SerializeSettings, color::luma};
use pages::{Drawn, HEIGHT, Pages, WIDTH};

/// Bold is drawn by a line around each character, this share of the size.
const BOLD: f32 = 0.03;

/// A sheet as a file, and what is to be told about it.
pub struct PdfFile {
    pub bytes: Vec<u8>,
    pub pages: usize,
    /// Characters that no face has; another sign stands for each, and the last page names them.
    pub missing: Vec<char>,
}

/// The whole file, which says that it was made at `at`. None where it cannot be written, such as with a damaged face.
pub fn sheet(sheet: &Sheet, faces: &Faces, at: Stamp) -> Option<PdfFile> {
    let mut pages = Pages::new(faces);
    pages.sheet(sheet);
    // What stands at the foot is drawn last, and is asked for here: only then is it known what no face has.
    for line in sheet.foot_lines() {
        let _ = faces.width(&line);
    }
    let missing = faces.missing();
    if !missing.is_empty() {
        pages.note(&lang::say(&not_in_a_face(&missing), sheet.lang));
    }
    let pages = pages.finished(sheet);
    let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A2_B).finish().ok()?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let metadata = Metadata::new().title(lang::clean(&sheet.title)).language(sheet.lang.code().to_owned());
    document.set_metadata(metadata.creator("dossier".to_owned()).creation_date(moment(at)));
    let count = pages.len();
    for drawn in pages {
        let mut page = document.start_page_with(PageSettings::from_wh(WIDTH, HEIGHT)?);
        let mut surface = page.surface();
        drawn.iter().for_each(|one| draw(&mut surface, faces, one));
        surface.finish();
        page.finish();
    }
    Some(PdfFile { bytes: document.finish().ok()?, pages: count, missing })
}

/// In the bureau's zone.
fn moment(at: Stamp) -> DateTime {
    let small = |number: i64| u8::try_from(number).unwrap_or(0);
    let (day, seconds) = (at.day(), (at.0 + ZONE_MS).div_euclid(1000).rem_euclid(86_400));
    DateTime::new(u16::try_from(day.year()).unwrap_or(0))
        .month(small(day.month().into()))
        .day(small(day.day_of_month().into()))
        .hour(small(seconds / 3_600))
        .minute(small(seconds / 60 % 60))
        .second(small(seconds % 60))
        .utc_offset_hour(small(ZONE_MS / 3_600_000).cast_signed())
}

/// Which characters stand as another sign.
pub fn not_in_a_face(missing: &[char]) -> Message {
    const SHOWN: usize = 12;
    let codes = missing.iter().take(SHOWN).map(|c| format!("U+{:04X}", u32::from(*c))).collect::<Vec<_>>();
    Message::new("present.pdf.missing").with("count", missing.len()).with("codes", codes.join(" "))
}

fn ink(grey: u8) -> Fill {
    Fill { paint: luma::Color::new(grey).into(), ..Fill::default() }
}

fn draw(surface: &mut Surface<'_>, faces: &Faces, drawn: &Drawn) {
    match drawn {
        Drawn::Text { x, y, size, text, strong, grey } => {
            surface.set_fill(Some(ink(*grey)));
            let around = Stroke { paint: luma::Color::new(*grey).into(), width: size * BOLD, ..Stroke::default() };
            surface.set_stroke(strong.then_some(around));
            let mut x = *x;
            for (face, run) in runs(faces, text) {
                if let Some(font) = faces.font(face) {
                    surface.draw_text(Point::from_xy(x, *y), font, *size, &run, false, TextDirection::LeftToRight);
                }
                x += faces.width(&run) as f32 * size / 1000.0;
            }
        }
        Drawn::Line { from, to, wide } => {
            surface.set_fill(None);
            surface.set_stroke(Some(Stroke { paint: luma::Color::new(0).into(), width: *wide, ..Stroke::default() }));
            let mut path = PathBuilder::new();
            path.move_to(from.0, from.1);
            path.line_to(to.0, to.1);
            path.finish().iter().for_each(|path| surface.draw_path(path));
        }
        Drawn::Shade { x, y, width, height } => {
            surface.set_stroke(None);
            surface.set_fill(Some(ink(0xf0)));
            let mut path = PathBuilder::new();
            Rect::from_xywh(*x, *y, *width, *height).into_iter().for_each(|shade| path.push_rect(shade));
            path.finish().iter().for_each(|path| surface.draw_path(path));
        }
    }
}

/// Parts of a text that come from one face each, with what stands for characters that none has.
fn runs(faces: &Faces, text: &str) -> Vec<(usize, String)> {
    let mut out: Vec<(usize, String)> = Vec::new();
    for c in text.chars() {
        let glyph = faces.glyph(c);
        match out.last_mut() {
            Some((face, run)) if *face == glyph.face => run.push(glyph.shown),
            _ => out.push((glyph.face, glyph.shown.to_string())),
        }
    }
    out
}

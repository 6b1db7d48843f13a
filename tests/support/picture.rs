//! A terminal's screen as a picture and as text. The text form is compared; the picture is for people.

use ab_glyph::{Font, FontVec, PxScale, ScaleFont, point};
use image::{Rgb, RgbImage};
use std::path::Path;

const CELL: (u32, u32) = (10, 20);
const MARGIN: u32 = 8;
const LATIN: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf";
const LATIN_BOLD: &str = "/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf";
const CHINESE: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";
/// Mono SC in the collection.
const CHINESE_INDEX: u32 = 7;

const GROUND: [u8; 3] = [0x16, 0x1a, 0x1d];
const INK: [u8; 3] = [0xd8, 0xdc, 0xd9];
const NAMED: [[u8; 3]; 16] = [
    [0x16, 0x1a, 0x1d],
    [0xd9, 0x5b, 0x4f],
    [0x6f, 0xb0, 0x6a],
    [0xd7, 0xa9, 0x4a],
    [0x5b, 0x8f, 0xd6],
    [0xb4, 0x7e, 0xc4],
    [0x55, 0xb3, 0xb8],
    [0xd8, 0xdc, 0xd9],
    [0x6a, 0x73, 0x78],
    [0xef, 0x7f, 0x73],
    [0x8f, 0xd0, 0x8a],
    [0xf0, 0xc9, 0x6c],
    [0x82, 0xb0, 0xf0],
    [0xd0, 0x9f, 0xde],
    [0x7a, 0xd2, 0xd6],
    [0xff, 0xff, 0xff],
];

pub struct Painter {
    latin: FontVec,
    bold: FontVec,
    chinese: FontVec,
}

impl Painter {
    /// `None` when a font is absent: then there are no pictures, and the text form is compared all the same.
    pub fn new() -> Option<Painter> {
        let read = |path: &str, index: u32| FontVec::try_from_vec_and_index(std::fs::read(path).ok()?, index).ok();
        Some(Painter { latin: read(LATIN, 0)?, bold: read(LATIN_BOLD, 0)?, chinese: read(CHINESE, CHINESE_INDEX)? })
    }

    pub fn paint(&self, screen: &vt100::Screen) -> RgbImage {
        let (rows, cols) = screen.size();
        let (rows, cols) = (u16::from(rows), u16::from(cols));
        let (width, height) = (u32::from(cols) * CELL.0 + 2 * MARGIN, u32::from(rows) * CELL.1 + 2 * MARGIN);
        let mut picture = RgbImage::from_pixel(width, height, Rgb(GROUND));
        let cursor = (!screen.hide_cursor()).then(|| screen.cursor_position());
        for row in 0..rows {
            for col in 0..cols {
                let Some(cell) = screen.cell(row, col) else { continue };
                if cell.is_wide_continuation() {
                    continue;
                }
                let cells = if cell.is_wide() { 2 } else { 1 };
                let (mut ink, mut ground) = (colour(cell.fgcolor(), INK), colour(cell.bgcolor(), GROUND));
                if cell.inverse() != (cursor == Some((row, col))) {
                    std::mem::swap(&mut ink, &mut ground);
                }
                let (x, y) = (MARGIN + u32::from(col) * CELL.0, MARGIN + u32::from(row) * CELL.1);
                for dx in 0..cells * CELL.0 {
                    for dy in 0..CELL.1 {
                        let line = cell.underline() && dy == CELL.1 - 2;
                        picture.put_pixel(x + dx, y + dy, Rgb(if line { ink } else { ground }));
                    }
                }
                let latin = if cell.bold() { &self.bold } else { &self.latin };
                for c in cell.contents().chars() {
                    if stroke(&mut picture, c, (x, y), ink) {
                        continue;
                    }
                    let font = if cells == 2 { &self.chinese } else { latin };
                    glyph(&mut picture, font, c, (x, y), cells, ink, ground);
                }
            }
        }
        picture
    }
}

/// Lines and blocks are drawn to the cell's edges, so that they join; fonts leave gaps.
fn stroke(picture: &mut RgbImage, c: char, at: (u32, u32), ink: [u8; 3]) -> bool {
    let (w, h) = CELL;
    let (mx, my) = (w / 2, h / 2);
    let mut fill = |xs: std::ops::Range<u32>, ys: std::ops::Range<u32>| {
        for x in xs {
            for y in ys.clone() {
                picture.put_pixel(at.0 + x, at.1 + y, Rgb(ink));
            }
        }
    };
    // Right, left, down, up.
    let arms = match c {
        '─' => [true, true, false, false],
        '│' => [false, false, true, true],
        '┌' => [true, false, true, false],
        '┐' => [false, true, true, false],
        '└' => [true, false, false, true],
        '┘' => [false, true, false, true],
        '▁'..='█' => {
            let eighths = u32::from(c) - u32::from('▁') + 1;
            fill(0..w, h - h * eighths / 8..h);
            return true;
        }
        _ => return false,
    };
    for (arm, (xs, ys)) in arms.into_iter().zip([
        (mx..w, my..my + 1),
        (0..mx + 1, my..my + 1),
        (mx..mx + 1, my..h),
        (mx..mx + 1, 0..my + 1),
    ]) {
        if arm {
            fill(xs, ys);
        }
    }
    true
}

fn glyph(picture: &mut RgbImage, font: &FontVec, c: char, at: (u32, u32), cells: u32, ink: [u8; 3], ground: [u8; 3]) {
    let em = if cells == 2 { 18.0 } else { 16.4 };
    let per_em = font.units_per_em().unwrap_or(1000.0);
    let scale = PxScale::from(em * font.height_unscaled() / per_em);
    let scaled = font.as_scaled(scale);
    let id = font.glyph_id(c);
    let left = (cells as f32 * CELL.0 as f32 - scaled.h_advance(id)) / 2.0;
    // Both fonts stand on one base line, whatever their own heights are.
    let glyph = id.with_scale_and_position(scale, point(at.0 as f32 + left, at.1 as f32 + 15.5));
    let Some(outline) = font.outline_glyph(glyph) else { return };
    let bounds = outline.px_bounds();
    outline.draw(|dx, dy, cover| {
        let (x, y) = (bounds.min.x as i64 + i64::from(dx), bounds.min.y as i64 + i64::from(dy));
        if x < 0 || y < 0 || x >= i64::from(picture.width()) || y >= i64::from(picture.height()) {
            return;
        }
        let mix = |i: usize| {
            let cover = cover.clamp(0.0, 1.0);
            (f32::from(ground[i]) * (1.0 - cover) + f32::from(ink[i]) * cover) as u8
        };
        picture.put_pixel(x as u32, y as u32, Rgb([mix(0), mix(1), mix(2)]));
    });
}

fn colour(colour: vt100::Color, default: [u8; 3]) -> [u8; 3] {
    match colour {
        vt100::Color::Default => default,
        vt100::Color::Idx(n) => NAMED.get(usize::from(n)).copied().unwrap_or(default),
        vt100::Color::Rgb(r, g, b) => [r, g, b],
    }
}

/// The text form: the rows, then what text alone doesn't show — where the cursor is, and what is marked.
pub fn text_form(screen: &vt100::Screen) -> String {
    let (_, cols) = screen.size();
    let mut out = String::new();
    for row in screen.rows(0, u16::from(cols)) {
        out.push_str(row.trim_end());
        out.push('\n');
    }
    if !screen.hide_cursor() {
        let (row, col) = screen.cursor_position();
        out.push_str(&format!("-- cursor at row {row}, column {col}\n"));
    }
    out
}

/// Writes `name.png` (where fonts are) and compares with `name.txt` in `folder`; with `DOSSIER_PICTURES=write` the text is
/// written instead.
#[track_caller]
pub fn keep_or_compare(folder: &Path, name: &str, screen: &vt100::Screen) {
    std::fs::create_dir_all(folder).expect("folder for pictures");
    let text = text_form(screen);
    let file = folder.join(format!("{name}.txt"));
    if std::env::var("DOSSIER_PICTURES").as_deref() == Ok("write") {
        std::fs::write(&file, &text).expect("text form");
        match Painter::new() {
            Some(painter) => painter.paint(screen).save(folder.join(format!("{name}.png"))).expect("picture"),
            None => println!("skipped: no fonts for {name}.png"),
        }
    } else {
        let kept = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(kept, text, "{name} looks otherwise than its kept text form");
    }
}

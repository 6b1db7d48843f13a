//! What a terminal shows is what was drawn: wide glyphs half covered, sizes changing, data that would be obeyed.
#![allow(clippy::print_stdout)] // A test says what it measured or skipped.

use dossier::tui::grid::Grid;
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use ratatui::widgets::{Block, Clear, Widget};

#[derive(Clone, Debug)]
enum Stroke {
    Text(u16, u16, String, u8),
    Popup(u16, u16, u16, u16),
    Wipe(u16, u16, u16, u16),
}

fn style(n: u8) -> Style {
    match n % 6 {
        0 => Style::new(),
        1 => Style::new().fg(Color::Red),
        2 => Style::new().add_modifier(Modifier::REVERSED),
        3 => Style::new().add_modifier(Modifier::BOLD | Modifier::UNDERLINED).fg(Color::Cyan),
        4 => Style::new().bg(Color::Blue).fg(Color::White),
        _ => Style::new().add_modifier(Modifier::UNDERLINED),
    }
}

fn stroke() -> impl Strategy<Value = Stroke> {
    let text = prop_oneof![
        "[a-z林家庭困难职工，。（）·]{0,14}",
        "[ａ-ｚ０-９①■…—“”《》]{0,8}",
        "[e\u{301}👨\u{200d}👩❤\u{fe0f}🇨🇳\u{1b}\u{7}x]{0,8}",
    ];
    prop_oneof![
        6 => (0..42u16, 0..11u16, text, any::<u8>()).prop_map(|(x, y, t, s)| Stroke::Text(x, y, t, s)),
        2 => (0..38u16, 0..8u16, 2..20u16, 2..6u16).prop_map(|(x, y, w, h)| Stroke::Popup(x, y, w, h)),
        1 => (0..38u16, 0..8u16, 1..20u16, 1..6u16).prop_map(|(x, y, w, h)| Stroke::Wipe(x, y, w, h)),
    ]
}

fn apply(buffer: &mut Buffer, stroke: &Stroke) {
    let whole = buffer.area;
    match stroke {
        Stroke::Text(x, y, text, s) => {
            if *x < whole.width && *y < whole.height {
                buffer.set_stringn(*x, *y, text, usize::from(whole.width - x), style(*s));
            }
        }
        Stroke::Popup(x, y, w, h) => {
            let area = Rect::new(*x, *y, *w, *h).intersection(whole);
            Clear.render(area, buffer);
            Block::bordered().title(" 提示 ").render(area, buffer);
        }
        Stroke::Wipe(x, y, w, h) => Clear.render(Rect::new(*x, *y, *w, *h).intersection(whole), buffer),
    }
}

/// Every glyph and the four marks that are used, as vt100 holds them.
fn held(screen: &vt100::Screen) -> Vec<(String, vt100::Color, vt100::Color, bool, bool, bool)> {
    let (rows, cols) = screen.size();
    let mut all = Vec::new();
    for row in 0..u16::from(rows) {
        for col in 0..u16::from(cols) {
            let cell = screen.cell(row, col).expect("cell");
            if !cell.is_wide_continuation() {
                let text = if cell.has_contents() { cell.contents() } else { " " };
                let mark = (cell.fgcolor(), cell.bgcolor(), cell.bold(), cell.underline(), cell.inverse());
                all.push((text.to_owned(), mark.0, mark.1, mark.2, mark.3, mark.4));
            }
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn frame_after_frame_the_terminal_shows_what_was_drawn(
        frames in prop::collection::vec((prop::collection::vec(stroke(), 1..8), any::<bool>(), prop::option::of((0..40u16, 0..10u16))), 1..8),
        ascii in any::<bool>(),
    ) {
        let mut vt = vt100::Parser::new(10.try_into().unwrap(), 40.try_into().unwrap(), 0);
        let mut shown: Option<Grid> = None;
        let mut buffer = Buffer::empty(Rect::new(0, 0, 40, 10));
        for (strokes, fresh, caret) in frames {
            if fresh {
                buffer.reset();
            }
            strokes.iter().for_each(|stroke| apply(&mut buffer, stroke));
            let grid = Grid::from_buffer(&buffer, caret, ascii);
            vt.process(&grid.bytes_after(shown.as_ref()));
            // The same frame, drawn whole on a terminal of its own.
            let mut fresh_vt = vt100::Parser::new(10.try_into().unwrap(), 40.try_into().unwrap(), 0);
            fresh_vt.process(&grid.bytes_after(None));
            prop_assert_eq!(held(vt.screen()), held(fresh_vt.screen()));
            let lines: Vec<String> = vt.screen().rows(0, 40).map(|row| row.trim_end().to_owned()).collect();
            prop_assert_eq!(&lines, &grid.lines());
            prop_assert_eq!(vt.screen().hide_cursor(), caret.is_none());
            if let Some((x, y)) = caret {
                prop_assert_eq!(vt.screen().cursor_position(), (y, x));
            }
            prop_assert!(grid.bytes_after(Some(&grid)).is_empty());
            if ascii {
                prop_assert!(lines.iter().flat_map(|l| l.chars()).all(|c| !dossier::tui::text::is_ambiguous(c)));
            }
            shown = Some(grid);
        }
    }
}

#[test]
fn a_wide_glyph_whose_right_half_is_covered_becomes_a_blank() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 1));
    buffer.set_string(0, 0, "林家庭", Style::new());
    buffer.set_string(3, 0, "|", Style::new());
    assert_eq!(Grid::from_buffer(&buffer, None, false).lines(), ["林 |庭"]);
}

#[test]
fn a_wide_glyph_at_the_right_edge_is_not_begun() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
    buffer[(2, 0)].set_symbol("林");
    assert_eq!(Grid::from_buffer(&buffer, None, false).lines(), [""]);
}

#[test]
fn what_a_terminal_would_obey_is_never_sent() {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
    buffer[(0, 0)].set_symbol("\x1b[2J");
    buffer[(1, 0)].set_symbol("\u{9b}31m");
    buffer[(2, 0)].set_symbol("\u{202e}x");
    let bytes = Grid::from_buffer(&buffer, None, false).bytes_after(Some(&Grid::blank(20, 1)));
    assert!(!bytes.windows(2).any(|w| w == b"[2" && !bytes.starts_with(b"\x1b")), "{bytes:?}");
    let text = String::from_utf8(bytes).unwrap();
    assert!(!text.contains("\u{1b}[2J") && !text.contains('\u{9b}') && !text.contains('\u{202e}'));
}

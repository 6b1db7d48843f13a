//! A frame as the terminal will hold it, and the bytes that turn one frame into the next.
//!
//! Widgets draw into ratatui's buffer, where a wide glyph may be half covered (a popup's border over its right half)
//! and a cell may hold whatever was in the data. [`Grid::from_buffer`] makes each row a sequence of whole glyphs; from
//! then on what is compared is what is shown. The terminal is never asked for its size or its cursor.

use super::text::{is_ambiguous, is_invisible};
use ratatui::buffer::Buffer;
use ratatui::style::{Color, Modifier};
use std::io::Write;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Below so many bytes a change is sent bare: it arrives in one piece and nothing can flicker.
const BARE_MAX: usize = 40;
/// Unchanged cells that are cheaper written again than jumped over.
const BRIDGE: u16 = 4;

const GLYPH_BYTES: usize = 14;

/// A glyph's text, inline: a base character and what combines with it.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Glyph {
    bytes: [u8; GLYPH_BYTES],
    len: u8,
    /// Cells: 1 or 2; 0 is the right half of the glyph before.
    cells: u8,
}

const BLANK: Glyph = Glyph { bytes: [b' ', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], len: 1, cells: 1 };
const RIGHT_HALF: Glyph = Glyph { bytes: [0; GLYPH_BYTES], len: 0, cells: 0 };

#[derive(Clone, Copy, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

/// The modifiers that are sent; others are drawn plain.
const SENT: Modifier = Modifier::BOLD
    .union(Modifier::DIM)
    .union(Modifier::ITALIC)
    .union(Modifier::UNDERLINED)
    .union(Modifier::REVERSED)
    .union(Modifier::CROSSED_OUT);

const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };

#[derive(Clone, Copy, PartialEq, Eq)]
struct Spot {
    glyph: Glyph,
    pen: Pen,
}

const EMPTY: Spot = Spot { glyph: BLANK, pen: PLAIN };

/// One frame: whole glyphs in rows, and where the cursor stands.
#[derive(Clone, PartialEq, Eq)]
pub struct Grid {
    cols: u16,
    rows: u16,
    spots: Vec<Spot>,
    caret: Option<(u16, u16)>,
}

impl Grid {
    /// The buffer made true: every glyph whole, every wide one with its right half, nothing a terminal would obey.
    /// With `ascii`, glyphs that some terminals draw two cells wide are replaced by their ASCII cousins.
    pub fn from_buffer(buffer: &Buffer, caret: Option<(u16, u16)>, ascii: bool) -> Grid {
        let (cols, rows) = (buffer.area.width, buffer.area.height);
        let mut spots = Vec::with_capacity(usize::from(cols) * usize::from(rows));
        for y in 0..rows {
            let mut x = 0;
            while x < cols {
                let cell = &buffer[(buffer.area.x + x, buffer.area.y + y)];
                let pen = Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier & SENT };
                // What ratatui reserved for the symbol, which may be more than the terminal will use.
                let reserved = cell.symbol().width().clamp(1, 2);
                let glyph = glyph(cell.symbol(), ascii);
                let uncovered = x + 1 < cols && buffer[(buffer.area.x + x + 1, buffer.area.y + y)].symbol() == " ";
                match (reserved, glyph.cells) {
                    (2, 2) if uncovered => {
                        spots.extend([Spot { glyph, pen }, Spot { glyph: RIGHT_HALF, pen }]);
                        x += 2;
                    }
                    (_, 1) => {
                        spots.push(Spot { glyph, pen });
                        x += 1;
                    }
                    _ => {
                        spots.push(Spot { glyph: BLANK, pen });
                        x += 1;
                    }
                }
            }
        }
        let caret = caret.filter(|&(x, y)| x < cols && y < rows);
        Grid { cols, rows, spots, caret }
    }

    /// A screen just cleared.
    pub fn blank(cols: u16, rows: u16) -> Grid {
        Grid { cols, rows, spots: vec![EMPTY; usize::from(cols) * usize::from(rows)], caret: None }
    }

    pub fn size(&self) -> (u16, u16) {
        (self.cols, self.rows)
    }

    pub fn caret(&self) -> Option<(u16, u16)> {
        self.caret
    }

    /// The rows as text, ends trimmed.
    pub fn lines(&self) -> Vec<String> {
        let cols = usize::from(self.cols).max(1);
        self.spots
            .chunks(cols)
            .map(|row| row.iter().map(|spot| spot.glyph.text()).collect::<String>().trim_end().to_owned())
            .collect()
    }

    /// The bytes that make `self` out of `shown`; of a terminal in any state when `shown` is `None`. Empty when there
    /// is nothing to do.
    pub fn bytes_after(&self, shown: Option<&Grid>) -> Vec<u8> {
        let cleared;
        let (before, whole) = match shown.filter(|s| s.size() == self.size()) {
            Some(shown) => (shown, false),
            None => {
                cleared = Grid::blank(self.cols, self.rows);
                (&cleared, true)
            }
        };
        let mut line = TerminalOutput { out: Vec::new(), pen: PLAIN, at: None, cols: self.cols, rows: self.rows };
        if whole {
            line.at = Some((0, 0));
        } else {
            line.at = before.caret;
        }
        for y in 0..self.rows {
            self.row_after(before, y, &mut line);
        }
        line.set_pen(PLAIN);
        let drawn = line.out.len();
        if let Some((x, y)) = self.caret {
            line.go(x, y);
        }
        if !whole && drawn == 0 && before.caret == self.caret {
            return Vec::new();
        }
        let toggled: &[u8] = match (before.caret.is_some(), self.caret.is_some()) {
            (false, true) => b"\x1b[?25h",
            (true, false) => b"\x1b[?25l",
            _ => b"",
        };
        if !whole && drawn <= BARE_MAX {
            line.out.extend_from_slice(toggled);
            return line.out;
        }
        let mut out = Vec::with_capacity(line.out.len() + 48);
        out.extend_from_slice(b"\x1b[?2026h\x1b[?25l");
        if whole {
            out.extend_from_slice(b"\x1b[m\x1b[2J\x1b[H");
        }
        out.append(&mut line.out);
        if self.caret.is_some() {
            out.extend_from_slice(b"\x1b[?25h");
        }
        out.extend_from_slice(b"\x1b[?2026l");
        out
    }

    fn row(&self, y: u16) -> &[Spot] {
        let from = usize::from(y) * usize::from(self.cols);
        &self.spots[from..from + usize::from(self.cols)]
    }

    fn row_after(&self, before: &Grid, y: u16, line: &mut TerminalOutput) {
        let (old, new) = (before.row(y), self.row(y));
        if old == new {
            return;
        }
        let mut changed: Vec<bool> = old.iter().zip(new).map(|(a, b)| a != b).collect();
        // Half a wide glyph is never written, and never left behind: both halves change together, in the old row and
        // in the new one. Twice, since the one can pull in the other.
        for _ in 0..2 {
            for row in [old, new] {
                for x in 1..row.len() {
                    if row[x].glyph.cells == 0 && (changed[x] || changed[x - 1]) {
                        changed[x] = true;
                        changed[x - 1] = true;
                    }
                }
            }
        }
        let tail = new.iter().rposition(|spot| *spot != EMPTY).map_or(0, |at| at + 1);
        let mut x = 0;
        while x < new.len() {
            if !changed[x] {
                x += 1;
                continue;
            }
            // The rest of the row is blank: one short sequence erases it.
            if x >= tail && new.len() - x > 3 {
                line.go(x as u16, y);
                line.set_pen(PLAIN);
                line.out.extend_from_slice(b"\x1b[K");
                return;
            }
            line.bridge(new, x as u16, y);
            let spot = new[x];
            line.set_pen(spot.pen);
            line.put(&spot.glyph);
            x += usize::from(spot.glyph.cells.max(1));
        }
    }
}

impl Glyph {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or("")
    }

    fn of(c: char, cells: u8) -> Glyph {
        let mut glyph = Glyph { bytes: [0; GLYPH_BYTES], len: c.len_utf8() as u8, cells };
        c.encode_utf8(&mut glyph.bytes);
        glyph
    }
}

/// The one glyph a terminal will make of a cell's symbol: its first visible character, and the marks of no width that
/// combine with it. Emoji sequences, about which no two terminals agree, are reduced to their first picture.
fn glyph(symbol: &str, ascii: bool) -> Glyph {
    if symbol == " " {
        return BLANK;
    }
    let mut chars = symbol.chars().filter(|&c| !c.is_control() && !is_invisible(c));
    let Some(first) = chars.next() else { return BLANK };
    let first = if ascii { ascii_cousin(first) } else { first };
    let mut glyph = match first.width() {
        Some(1) => Glyph::of(first, 1),
        Some(2) => Glyph::of(first, 2),
        _ => return BLANK,
    };
    for mark in chars.take_while(|c| c.width() == Some(0)) {
        let end = usize::from(glyph.len);
        if end + mark.len_utf8() > GLYPH_BYTES {
            break;
        }
        mark.encode_utf8(&mut glyph.bytes[end..]);
        glyph.len += mark.len_utf8() as u8;
    }
    glyph
}

/// What stands for a glyph of ambiguous width where such glyphs are drawn wide.
fn ascii_cousin(c: char) -> char {
    match c {
        _ if c.is_ascii() || !is_ambiguous(c) => match c {
            '«' => '<',
            '»' => '>',
            _ => c,
        },
        '─' | '━' | '═' | '—' | '–' => '-',
        '│' | '┃' | '║' => '|',
        '\u{2500}'..='\u{257f}' => '+',
        '▁'..='▃' => '_',
        '▄'..='█' | '▓' | '▒' => '#',
        '░' => ':',
        '·' | '…' | '•' => '.',
        '“' | '”' => '"',
        '‘' | '’' => '\'',
        '×' => 'x',
        '÷' => '/',
        '±' => '+',
        '→' => '>',
        '←' => '<',
        '①'..='⑨' => char::from(b'1' + (u32::from(c) - u32::from('①')) as u8),
        _ => '?',
    }
}

/// The bytes being written, and what the terminal is known to be at.
struct TerminalOutput {
    out: Vec<u8>,
    pen: Pen,
    /// Where the cursor is; `None` when the last column was just written, since terminals differ about what follows.
    at: Option<(u16, u16)>,
    cols: u16,
    rows: u16,
}

impl TerminalOutput {
    fn put(&mut self, glyph: &Glyph) {
        self.out.extend_from_slice(glyph.text().as_bytes());
        self.at = match self.at {
            Some((x, y)) if x + u16::from(glyph.cells) < self.cols => Some((x + u16::from(glyph.cells), y)),
            _ => None,
        };
    }

    /// Goes to `(x, y)`, writing the few unchanged glyphs in between again where that is shorter than a jump.
    fn bridge(&mut self, row: &[Spot], x: u16, y: u16) {
        if let Some((from, at_row)) = self.at {
            let near = at_row == y && from < x && x - from <= BRIDGE;
            let between = row.get(usize::from(from)..usize::from(x)).unwrap_or_default();
            let whole = between.first().is_some_and(|s| s.glyph.cells > 0);
            if near && whole && between.iter().all(|s| s.pen == self.pen && s.glyph.len <= 1) {
                for spot in between {
                    self.put(&spot.glyph);
                }
            }
        }
        self.go(x, y);
    }

    fn go(&mut self, x: u16, y: u16) {
        if self.at == Some((x, y)) {
            return;
        }
        // Writing to a vector does not fail.
        let _ = match self.at {
            Some((from, row)) if row == y && from < x && x - from == 1 => write!(self.out, "\x1b[C"),
            Some((from, row)) if row == y && from < x => write!(self.out, "\x1b[{}C", x - from),
            Some((_, row)) if x == 0 && row == y => write!(self.out, "\r"),
            Some((_, row)) if x == 0 && row + 1 == y && y < self.rows => write!(self.out, "\r\n"),
            _ if x == 0 && y == 0 => write!(self.out, "\x1b[H"),
            _ if x == 0 => write!(self.out, "\x1b[{}H", y + 1),
            _ => write!(self.out, "\x1b[{};{}H", y + 1, x + 1),
        };
        self.at = Some((x, y));
    }

    fn set_pen(&mut self, pen: Pen) {
        if pen == self.pen {
            return;
        }
        let mut codes: Vec<String> = Vec::new();
        let lost = !(self.pen.modifier - pen.modifier).is_empty()
            || (pen.fg == Color::Reset && self.pen.fg != Color::Reset)
            || (pen.bg == Color::Reset && self.pen.bg != Color::Reset);
        let from = if lost { PLAIN } else { self.pen };
        if lost && pen != PLAIN {
            codes.push("0".into());
        }
        for (flag, code) in [
            (Modifier::BOLD, "1"),
            (Modifier::DIM, "2"),
            (Modifier::ITALIC, "3"),
            (Modifier::UNDERLINED, "4"),
            (Modifier::REVERSED, "7"),
            (Modifier::CROSSED_OUT, "9"),
        ] {
            if (pen.modifier - from.modifier).contains(flag) {
                codes.push(code.into());
            }
        }
        if pen.fg != from.fg {
            codes.push(colour_code(pen.fg, 30));
        }
        if pen.bg != from.bg {
            codes.push(colour_code(pen.bg, 40));
        }
        let _ = write!(self.out, "\x1b[{}m", codes.join(";"));
        self.pen = pen;
    }
}

/// The SGR code of a colour; `base` is 30 for letters, 40 for the ground.
fn colour_code(colour: Color, base: u8) -> String {
    let named = |n: u8| (base + n).to_string();
    let light = |n: u8| (base + 60 + n).to_string();
    match colour {
        Color::Reset => named(9),
        Color::Black => named(0),
        Color::Red => named(1),
        Color::Green => named(2),
        Color::Yellow => named(3),
        Color::Blue => named(4),
        Color::Magenta => named(5),
        Color::Cyan => named(6),
        Color::Gray => named(7),
        Color::DarkGray => light(0),
        Color::LightRed => light(1),
        Color::LightGreen => light(2),
        Color::LightYellow => light(3),
        Color::LightBlue => light(4),
        Color::LightMagenta => light(5),
        Color::LightCyan => light(6),
        Color::White => light(7),
        Color::Indexed(n) => format!("{};5;{n}", base + 8),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
    }
}

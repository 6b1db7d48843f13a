//! Bytes → keys. Bytes come as the line cuts them: half a character, half an escape sequence, half a paste.
//!
//! Sequences are framed here and only whole ones are read (the odd dialects by the table below, the rest by
//! `terminput`), so an unknown sequence is dropped whole and never spills into a field as text. The terminal is never
//! asked anything; an answer that comes all the same is dropped too.

use super::key::Key;
use terminput::{Event, KeyCode, KeyEventKind, KeyModifiers};

/// A lone Esc is held so long, in case it is the first byte of a sequence that the line has cut.
pub const ESC_MS: u64 = 50;
/// After this silence an unfinished sequence or paste counts as all there is.
pub const UNFINISHED_MS: u64 = 500;
/// The rest of a character that the line has cut is waited for so long: no key sends such a byte alone, and a lost packet comes
/// again after seconds.
pub const HALF_MS: u64 = 5_000;
/// So long after a lone Esc, the rest of a sequence that came late is still known as such.
const LATE_MS: u64 = 300;
/// So long after `ESC [ M` the three bytes that make it a mouse report are still known as such.
const BEHIND_F1_MS: u64 = 600;
/// A `[` that comes alone so soon after a lone Esc is held so long, in case a mouse report goes on behind it.
const BRACKET_MS: u64 = 250;
/// No key's sequence is longer.
const SEQUENCE_MAX: usize = 64;
/// A paste is cut here: fields are shorter, and a table of a thousand rows fits.
pub const PASTE_MAX: usize = 256 * 1024;

const X10_OR_F1: &[u8] = b"\x1b[M";
/// Six bytes stand behind it where a terminal reports what was highlighted.
const HIGHLIGHT_OR_F8: &[u8] = b"\x1b[T";
/// So long after a sequence was given up as unfinished, its end is still known as such.
const BROKEN_MS: u64 = 1_500;
/// CSI as terminals that were told to send eight bits write it.
const CSI_8_BIT: u8 = 0x9b;
const PASTE_START: &[u8] = b"\x1b[200~";
const PASTE_END: &[u8] = b"\x1b[201~";

#[derive(Default)]
pub struct Decoder {
    /// Bytes of an unfinished sequence or character.
    held: Vec<u8>,
    /// What has been pasted so far, while a paste is open.
    paste: Option<Vec<u8>>,
    last_ms: u64,
    lone_esc_ms: Option<u64>,
    /// The `ESC` that opens what is held has gone out already, as a key.
    esc_is_out: bool,
    /// A `[` came alone after it, and is what somebody typed unless a mouse report goes on.
    bracket: bool,
    /// What is held behind that `[` may be typed as well.
    perhaps_typed: bool,
    /// When `ESC [ M` was taken for F1, or the last of its bytes came: a mouse report that the line has cut goes on behind it.
    f1_ms: Option<u64>,
    /// How many bytes of that report are still to come.
    mouse_left: u8,
    /// When a sequence with parameters was given up as unfinished, and whether it was a mouse report.
    broken_ms: Option<u64>,
    broken_mouse: bool,
    /// Inside a string that was too long to hold: its end is still to come.
    skipping: bool,
    /// Something in this read was no character. The rest of the read is of the same encoding, whatever it looks like.
    garbled: bool,
    /// The line brought what was no character, and no Chinese one since: it may be of another encoding, of which now and then
    /// two bytes look like a letter. 一 as GBK has it is one of Bashkir.
    other_encoding: bool,
    /// The last key was a letter, which a mark may be set upon.
    after_letter: bool,
}

/// What the held bytes are.
enum Framed {
    /// A whole unit of so many bytes.
    Whole(usize),
    /// More bytes are needed.
    Open,
    /// A string that is too long to wait for its end with all of it.
    Endless,
    /// The first so many bytes belong to nothing.
    Junk(usize),
}

impl Decoder {
    /// Takes what the line brought at `at_ms` (milliseconds of any clock that never runs back).
    pub fn feed(&mut self, bytes: &[u8], at_ms: u64) -> Vec<Key> {
        let mut keys = self.tick(at_ms);
        self.last_ms = at_ms;
        self.garbled = false;
        let late = |since: Option<u64>, most: u64| since.is_some_and(|since| at_ms.saturating_sub(since) <= most);
        let after_esc = late(self.lone_esc_ms.take(), LATE_MS);
        if after_esc && self.held.is_empty() && matches!(bytes, [b'[' | b'O', _, ..]) {
            self.held.push(0x1b);
            self.esc_is_out = true;
        } else if after_esc && self.held.is_empty() && bytes == b"[" {
            self.bracket = true;
            return keys;
        }
        if std::mem::take(&mut self.bracket) {
            if matches!(bytes, [b'<' | b'0'..=b'9', ..] | [b'M', _, _, _, ..]) {
                self.held.extend(b"\x1b[");
                (self.esc_is_out, self.perhaps_typed) = (true, bytes[0] != b'<');
            } else {
                keys.push(Key::Char('['));
            }
        }
        let mut bytes = bytes;
        if late(self.f1_ms.take(), BEHIND_F1_MS) && self.held.is_empty() {
            bytes = self.behind_f1(bytes, at_ms);
        }
        if late(self.broken_ms.take(), BROKEN_MS) && self.held.is_empty() {
            // The letter by itself is one that somebody typed, unless a mouse report wanted nothing else.
            bytes = behind_broken(bytes, usize::from(!std::mem::take(&mut self.broken_mouse)));
        }
        for &byte in bytes {
            // Inside a paste every byte is the paste's; and what opens a sequence is no part of another encoding's text.
            if !self.garbled || self.paste.is_some() || self.skipping || !self.held.is_empty() || byte == 0x1b {
                self.take(byte, &mut keys);
            }
        }
        keys
    }

    /// What is left of a read behind the bytes of a mouse report whose beginning was taken for F1. All at once, a button's byte and
    /// its place; or each alone.
    fn behind_f1<'b>(&mut self, bytes: &'b [u8], at_ms: u64) -> &'b [u8] {
        let button = matches!(bytes, [0x20..=0x23 | 0x40..=0x43 | 0x60, ..]);
        if self.mouse_left == 3 && matches!(bytes, [0x20..=0xff, _, _, ..]) {
            self.held.extend(X10_OR_F1);
            return bytes;
        }
        // Where a column or row is a character of two bytes, its second counts.
        let came = bytes.iter().filter(|byte| !(0xc2..=0xdf).contains(*byte)).count();
        if (self.mouse_left < 3 || button) && came <= usize::from(self.mouse_left) && bytes.iter().all(|b| *b >= 0x20) {
            self.mouse_left -= came as u8;
            self.f1_ms = (self.mouse_left > 0).then_some(at_ms);
            return &[];
        }
        bytes
    }

    /// What the clock alone makes certain: a lone Esc, the end of an unfinished paste.
    pub fn tick(&mut self, at_ms: u64) -> Vec<Key> {
        let mut keys = Vec::new();
        let Some(deadline) = self.deadline() else { return keys };
        if at_ms < deadline {
            return keys;
        }
        if std::mem::take(&mut self.bracket) {
            keys.push(Key::Char('['));
            return keys;
        }
        if let Some(pasted) = self.paste.take() {
            push_paste(pasted, &mut keys);
            self.held.clear();
        } else if self.skipping {
            self.skipping = false;
            self.held.clear();
        } else if self.held == [CSI_8_BIT] {
            self.held.clear();
            keys.push(Key::Unreadable);
        } else if self.held == [0x1b] {
            self.held.clear();
            self.lone_esc_ms = Some(at_ms);
            keys.push(Key::Esc);
        } else if self.held == X10_OR_F1 {
            self.held.clear();
            (self.f1_ms, self.mouse_left) = (Some(at_ms), 3);
            keys.push(Key::F(1));
        } else if self.held == HIGHLIGHT_OR_F8 {
            self.held.clear();
            keys.push(Key::F(8));
        } else if let [0x1b, typed] = self.held[..] {
            // Esc and a letter typed in one breath: `[`, `O`, `P` and their like also open sequences.
            self.held.clear();
            if !self.esc_is_out {
                keys.push(Key::Esc);
            }
            if (0x20..0x7f).contains(&typed) {
                keys.push(Key::Char(char::from(typed)));
            }
        } else if self.held.starts_with(HIGHLIGHT_OR_F8) {
            // The key, and what was typed behind it in one breath.
            let typed = self.held.split_off(HIGHLIGHT_OR_F8.len());
            self.held.clear();
            keys.push(Key::F(8));
            typed.into_iter().for_each(|byte| self.take(byte, &mut keys));
        } else {
            if self.held[0] >= 0x80 {
                keys.push(Key::Unreadable);
            } else if self.perhaps_typed {
                keys.extend(as_typed(&self.held));
            } else if self.held.starts_with(X10_OR_F1) {
                // What is still to come of the report: where a column is a character of two bytes, its second counts.
                let came = self.held[3..].iter().filter(|byte| !(0xc2..=0xdf).contains(*byte)).count();
                (self.f1_ms, self.mouse_left) = (Some(at_ms), 3_u8.saturating_sub(came as u8));
            } else if self.held.starts_with(b"\x1b[") {
                (self.broken_ms, self.broken_mouse) = (Some(at_ms), self.held.starts_with(b"\x1b[<"));
            }
            self.held.clear();
        }
        self.esc_is_out &= !self.held.is_empty();
        self.perhaps_typed &= self.esc_is_out;
        keys
    }

    /// When [`Self::tick`] should next be called; `None` while nothing is held.
    pub fn deadline(&self) -> Option<u64> {
        let wait = match (&self.paste, &self.held[..]) {
            (Some(_), _) => UNFINISHED_MS,
            _ if self.skipping => UNFINISHED_MS,
            _ if self.bracket => BRACKET_MS,
            (None, []) => return None,
            (None, [0x1b] | X10_OR_F1 | HIGHLIGHT_OR_F8) => ESC_MS,
            (None, [0xc2..=0xf4, rest @ ..]) if rest.iter().all(|byte| (0x80..=0xbf).contains(byte)) => HALF_MS,
            (None, _) => UNFINISHED_MS,
        };
        Some(self.last_ms.saturating_add(wait))
    }

    fn take(&mut self, byte: u8, keys: &mut Vec<Key>) {
        if let Some(pasted) = &mut self.paste {
            pasted.push(byte);
            if pasted.ends_with(PASTE_END) {
                pasted.truncate(pasted.len() - PASTE_END.len());
                let whole = self.paste.take().unwrap_or_default();
                push_paste(whole, keys);
            } else if pasted.len() >= PASTE_MAX + PASTE_END.len() {
                // Keep room to see the end mark; what is cut is cut in the middle of nothing a field would take.
                let from = PASTE_MAX - PASTE_END.len();
                pasted.drain(from..=from);
            }
            return;
        }
        self.held.push(byte);
        if self.skipping {
            if byte == 0x07 || self.held.ends_with(b"\x1b\\") {
                self.skipping = false;
                self.held.clear();
            } else if self.held.len() > 1 {
                self.held.drain(..self.held.len() - 1);
            }
            return;
        }
        while !self.held.is_empty() {
            match frame(&self.held) {
                Framed::Open => return,
                Framed::Endless => {
                    self.skipping = true;
                    self.held.clear();
                    return;
                }
                Framed::Junk(n) => {
                    // Said once for a read: whoever types in another encoding types more than one.
                    let sequence =
                        matches!(self.held[..], [CSI_8_BIT, b'<' | b'?' | b'0'..=b'9', ..] | [0xc2, CSI_8_BIT, ..]);
                    if self.held[0] >= 0x80 && !sequence {
                        self.unreadable(keys);
                    }
                    let unit: Vec<u8> = self.held.drain(..n).collect();
                    if std::mem::take(&mut self.perhaps_typed) && unit.get(2).is_some_and(u8::is_ascii_digit) {
                        keys.extend(as_typed(&unit));
                    }
                    if self.garbled && self.held.first() != Some(&0x1b) {
                        self.held.clear();
                    }
                }
                Framed::Whole(n) => {
                    let unit: Vec<u8> = self.held.drain(..n).collect();
                    self.esc_is_out = false;
                    if std::mem::take(&mut self.perhaps_typed) && !unit.ends_with(b"M") {
                        keys.extend(as_typed(&unit));
                        continue;
                    }
                    let mark = std::str::from_utf8(&unit)
                        .is_ok_and(|text| text.starts_with(|c| matches!(c, '\u{300}'..='\u{36f}')));
                    let letter = matches!(unit[..], [0xd0..=0xdf, 0xa1..=0xbf]);
                    self.other_encoding &= !matches!(unit[..], [0xe0..=0xf4, ..]);
                    if letter && self.other_encoding {
                        self.unreadable(keys);
                        continue;
                    }
                    if mark && !self.after_letter {
                        // 通 as GBK has it is a mark to be set upon a letter.
                        self.unreadable(keys);
                        continue;
                    }
                    if unit == PASTE_START {
                        self.paste = Some(Vec::new());
                        return;
                    }
                    read_unit(&unit, keys);
                    self.after_letter = matches!(keys.last(), Some(Key::Char(c)) if c.is_alphabetic() || matches!(c, '\u{300}'..='\u{36f}'));
                }
            }
        }
    }

    fn unreadable(&mut self, keys: &mut Vec<Key>) {
        if !self.garbled {
            keys.push(Key::Unreadable);
        }
        self.garbled = true;
        self.other_encoding = true;
    }
}

/// A sequence as the keys that its bytes are, without the `ESC` that was one already.
fn as_typed(sequence: &[u8]) -> impl Iterator<Item = Key> {
    sequence[1..].iter().map(|byte| Key::Char(char::from(*byte)))
}

/// What is left of a read behind the end of a sequence whose beginning was given up.
fn behind_broken(bytes: &[u8], least: usize) -> &[u8] {
    let parameters = bytes.iter().take_while(|byte| matches!(byte, b'0'..=b';')).count();
    match bytes.get(parameters) {
        Some(b'M' | b'm' | b'~' | b'R' | b'A'..=b'H') if parameters >= least => &bytes[parameters + 1..],
        _ => bytes,
    }
}

/// How far the first unit of `held` reaches.
fn frame(held: &[u8]) -> Framed {
    match held {
        [] => Framed::Open,
        [0x1b] => Framed::Open,
        // F1 of the FreeBSD console; a mouse as X10 reports it, if three bytes come at once behind it.
        [0x1b, b'[', b'M'] => Framed::Open,
        [0x1b, b'[', b'M', rest @ ..] if rest[0] >= 0x20 => frame_mouse(rest),
        [0x1b, b'[', b'T'] => Framed::Open,
        [0x1b, b'[', b'T', rest @ ..] if rest[0] >= 0x20 => match rest.len() {
            0..6 => Framed::Open,
            _ => Framed::Junk(9),
        },
        // Where the mouse was let go in a part of the text that a terminal highlights: two bytes behind it.
        [0x1b, b'[', b't', rest @ ..] if rest.len() < 2 => Framed::Open,
        [0x1b, b'[', b't', ..] => Framed::Junk(5),
        [0x1b, b'[', rest @ ..] => frame_csi(rest),
        // `ESC [` in one byte, before what no character of another encoding has as its second.
        [CSI_8_BIT] => Framed::Open,
        [CSI_8_BIT, b'<' | b'?' | b'0'..=b'9', ..] => match frame_csi(&held[1..]) {
            Framed::Whole(n) | Framed::Junk(n) => Framed::Junk(n - 1),
            open => open,
        },
        // The same as UTF-8 has it.
        [0xc2, CSI_8_BIT, rest @ ..] => match frame_csi(rest) {
            Framed::Whole(n) | Framed::Junk(n) => Framed::Junk(n),
            open => open,
        },
        [0x1b, b'O'] => Framed::Open,
        // SS3, with the parameters some clients put between (`ESC O 5 P`).
        [0x1b, b'O', rest @ ..] => match rest.iter().position(|b| !(b'0'..=b';').contains(b)) {
            None if rest.len() < 4 => Framed::Open,
            None => Framed::Junk(2 + rest.len()),
            Some(at) if (0x40..0x7f).contains(&rest[at]) => Framed::Whole(2 + at + 1),
            Some(at) => Framed::Junk(2 + at),
        },
        // Strings (DCS, SOS, OSC, PM, APC): answers to questions nobody asked. They end with BEL or ST.
        [0x1b, b'P' | b'X' | b']' | b'^' | b'_', rest @ ..] => {
            let bel = rest.iter().position(|&b| b == 0x07).map(|at| at + 1);
            let st = rest.windows(2).position(|w| w == [0x1b, b'\\']).map(|at| at + 2);
            match (bel.into_iter().chain(st)).min() {
                Some(n) => Framed::Junk(2 + n),
                None if held.len() >= 4 * SEQUENCE_MAX => Framed::Endless,
                None => Framed::Open,
            }
        }
        // Esc and any other byte: the Esc is a key of its own.
        [0x1b, ..] => Framed::Whole(1),
        [first, rest @ ..] => match frame_utf8(*first, rest) {
            // Halves of pairs, and what lies behind the last character.
            Framed::Whole(n) if std::str::from_utf8(&held[..n]).is_err() => Framed::Junk(n),
            framed => framed,
        },
    }
}

/// Button, column, row; a column or row beyond 94 may be a character of two bytes (mode 1005).
fn frame_mouse(rest: &[u8]) -> Framed {
    let mut at = 0;
    for _ in 0..3 {
        match rest.get(at) {
            None => return Framed::Open,
            Some(0xc2..=0xdf) if rest.get(at + 1).is_none_or(|b| (0x80..0xc0).contains(b)) => at += 2,
            Some(_) => at += 1,
        }
    }
    if at > rest.len() { Framed::Open } else { Framed::Junk(3 + at) }
}

fn frame_csi(rest: &[u8]) -> Framed {
    // The Linux console's F1..F5: `ESC [ [ A`.
    if let [b'[', tail @ ..] = rest {
        return if tail.is_empty() { Framed::Open } else { Framed::Whole(4) };
    }
    match rest.iter().position(|b| !(0x20..0x40).contains(b)) {
        None if rest.len() >= SEQUENCE_MAX => Framed::Junk(2 + rest.len()),
        None => Framed::Open,
        Some(at) if (0x40..0x7f).contains(&rest[at]) => Framed::Whole(2 + at + 1),
        // A control byte or a character breaks the sequence off and counts for itself.
        Some(at) => Framed::Junk(2 + at),
    }
}

fn frame_utf8(first: u8, rest: &[u8]) -> Framed {
    let want = match first {
        0x00..=0x7f => return Framed::Whole(1),
        0xc2..=0xdf => 1,
        0xe0..=0xef => 2,
        0xf0..=0xf4 => 3,
        _ => return Framed::Junk(1),
    };
    let good = rest.iter().take(want).take_while(|b| (0x80..0xc0).contains(*b)).count();
    match (good == want, rest.len() > good) {
        (true, _) => Framed::Whole(1 + want),
        // GBK has letters for the second half of some characters, GB 18030 digits.
        (false, true) if good == 0 && (0x30..0x7f).contains(&rest[0]) => Framed::Junk(2),
        (false, true) => Framed::Junk(1 + good),
        (false, false) => Framed::Open,
    }
}

/// The dialects `terminput` does not know, or knows otherwise. Mouse and focus reports are never switched on, so the
/// console of SCO and FreeBSD may have `ESC [ M` to `ESC [ X` for its function keys.
fn read_dialect(unit: &[u8]) -> Option<Option<Key>> {
    let key = match unit {
        [0x1b, b'O', letter] => match letter {
            b'P'..=b'W' => Key::F(letter - b'P' + 1),
            b'X' => Key::F(9),
            b'Y' => Key::F(10),
            b'Z' => Key::F(11),
            b'[' => Key::F(12),
            // The keypad in application mode, which is never switched on and met all the same.
            b'p'..=b'y' => Key::Char(char::from(letter - b'p' + b'0')),
            b'j'..=b'o' => Key::Char(char::from(letter - b'j' + b'*')),
            b'M' => Key::Enter,
            b'I' => Key::Tab,
            b'A' => Key::Up,
            b'B' => Key::Down,
            b'C' => Key::Right,
            b'D' => Key::Left,
            b'H' => Key::Home,
            b'F' => Key::End,
            _ => return Some(None),
        },
        // SS3 with a modifier: the key counts without it.
        [0x1b, b'O', .., letter @ b'P'..=b'S'] => Key::F(letter - b'P' + 1),
        [0x1b, b'O', ..] => return Some(None),
        [0x1b, b'[', b'[', letter @ b'A'..=b'E'] => Key::F(letter - b'A' + 1),
        [0x1b, b'[', b'[', _] => return Some(None),
        [0x1b, b'[', letter @ b'M'..=b'X'] => Key::F(letter - b'M' + 1),
        [0x1b, b'[', b'I'] => Key::PageUp,
        [0x1b, b'[', b'G'] => Key::PageDown,
        [0x1b, b'[', b'L'] => Key::Insert,
        [0x1b, b'[', b'E'] => Key::Char('5'),
        // rxvt marks Shift, Ctrl and both by another last byte.
        [0x1b, b'[', number @ .., b'$' | b'^' | b'@'] => return Some(tilde(number)),
        [0x1b, b'[', letter @ b'a'..=b'd'] => {
            return read_dialect(&[0x1b, b'O', letter.to_ascii_uppercase()]);
        }
        // A report of the cursor's place looks like F3 with modifiers; so does a real Ctrl-F3.
        [0x1b, b'[', b'1', b';', b'2'..=b'8', letter @ b'P'..=b'S'] => Key::F(letter - b'P' + 1),
        [0x1b, b'[', .., b'R'] => return Some(None),
        // A mouse that nobody asked for. (One at column 0 is more than the reader can bear.)
        [0x1b, b'[', b'<', ..] | [0x1b, b'[', b'0'..=b'9', .., b'M'] => return Some(None),
        [0x1b, b'[', number @ .., b'~'] if !number.contains(&b';') => return Some(tilde(number)),
        [0x1b] => Key::Esc,
        b"\n" | b"\r" => Key::Enter,
        [0x08] | [0x7f] => Key::Backspace,
        [0x00] => return Some(None),
        // Ctrl with `\\`, `]`, `^` and `_`.
        [sign @ 0x1c..=0x1f] => Key::Ctrl(char::from(sign + 0x40)),
        _ => return None,
    };
    Some(Some(key))
}

/// `ESC [ n ~`, as VT220, xterm, PuTTY and the consoles number the keys.
fn tilde(number: &[u8]) -> Option<Key> {
    let n: u8 = std::str::from_utf8(number).ok()?.parse().ok()?;
    Some(match n {
        1 | 7 => Key::Home,
        2 => Key::Insert,
        3 => Key::Delete,
        4 | 8 => Key::End,
        5 => Key::PageUp,
        6 => Key::PageDown,
        11..=15 => Key::F(n - 10),
        17..=21 => Key::F(n - 11),
        23..=24 => Key::F(n - 12),
        _ => return None,
    })
}

fn read_unit(unit: &[u8], keys: &mut Vec<Key>) {
    if let Some(known) = read_dialect(unit) {
        keys.extend(known);
        return;
    }
    let Ok(Some(Event::Key(event))) = Event::parse_from(unit) else { return };
    if event.kind == KeyEventKind::Release {
        return;
    }
    keys.extend(match event.code {
        KeyCode::Char(c) if event.modifiers.contains(KeyModifiers::CTRL) => match c.to_ascii_lowercase() {
            'm' | 'j' => Some(Key::Enter),
            'i' => Some(Key::Tab),
            'h' => Some(Key::Backspace),
            c if c.is_ascii_lowercase() => Some(Key::Ctrl(c)),
            _ => None,
        },
        KeyCode::Char(c) if !c.is_control() => Some(Key::Char(c)),
        KeyCode::F(n) => Some(Key::F(n)),
        KeyCode::Enter => Some(Key::Enter),
        KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Some(Key::BackTab),
        KeyCode::Tab => Some(Key::Tab),
        KeyCode::Esc => Some(Key::Esc),
        KeyCode::Backspace => Some(Key::Backspace),
        KeyCode::Delete => Some(Key::Delete),
        KeyCode::Insert => Some(Key::Insert),
        KeyCode::Left => Some(Key::Left),
        KeyCode::Right => Some(Key::Right),
        KeyCode::Up => Some(Key::Up),
        KeyCode::Down => Some(Key::Down),
        KeyCode::Home => Some(Key::Home),
        KeyCode::End => Some(Key::End),
        KeyCode::PageUp => Some(Key::PageUp),
        KeyCode::PageDown => Some(Key::PageDown),
        _ => None,
    });
}

/// A clipboard can hold anything, the end mark of a paste and whole escape sequences included. One in another encoding
/// is told and not kept: nobody would see which signs were lost.
fn push_paste(mut bytes: Vec<u8>, keys: &mut Vec<Key>) {
    let room = PASTE_MAX - PASTE_END.len();
    let cut = bytes.len() > room;
    if cut {
        bytes.truncate(room);
    }
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) => text,
        // The last character was cut.
        Err(broken) if broken.error_len().is_none() && cut => {
            std::str::from_utf8(&bytes[..broken.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => {
            keys.push(Key::Unreadable);
            return;
        }
    };
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let clean: String =
        super::text::without_escapes(&text).filter(|&c| c == '\n' || c == '\t' || !c.is_control()).collect();
    if clean.contains('\u{fffd}') {
        keys.push(Key::Unreadable);
    } else if !clean.is_empty() {
        keys.push(Key::Paste(clean));
    }
}

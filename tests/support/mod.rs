//! Helpers of the screens' tests: a session driven by key scripts, a terminal that
//! shows what its bytes make (vt100), and pictures of it.
#![allow(dead_code)] // Each test binary takes what it needs.

pub mod bureau;
pub mod dice;
pub mod owner;
pub mod picture;
pub mod pty;
pub mod ssh;

use dossier::tui::confirming::APART_MS;
use dossier::tui::{App, Lang, Screen, Setup, theme::Theme};

/// The bytes an xterm sends for a script such as `j j <enter> 9800 <f6> <c-g>`. Words are typed letter by letter; a
/// blank is `<space>`. Each element is one chunk as the line would bring it.
pub fn keys(script: &str) -> Vec<Vec<u8>> {
    let mut chunks = Vec::new();
    for word in script.split_whitespace() {
        match word.strip_prefix('<').and_then(|w| w.strip_suffix('>')) {
            Some(name) => chunks.push(named(name)),
            None => chunks.extend(word.chars().map(|c| c.to_string().into_bytes())),
        }
    }
    chunks
}

fn named(name: &str) -> Vec<u8> {
    let csi = |s: &str| format!("\x1b[{s}").into_bytes();
    match name {
        "enter" => b"\r".to_vec(),
        "tab" => b"\t".to_vec(),
        "s-tab" => csi("Z"),
        "esc" => b"\x1b".to_vec(),
        "space" => b" ".to_vec(),
        "backspace" => b"\x7f".to_vec(),
        "up" => csi("A"),
        "down" => csi("B"),
        "right" => csi("C"),
        "left" => csi("D"),
        "home" => csi("H"),
        "end" => csi("F"),
        "ins" => csi("2~"),
        "del" => csi("3~"),
        "pgup" => csi("5~"),
        "pgdn" => csi("6~"),
        "f1" => b"\x1bOP".to_vec(),
        "f2" => b"\x1bOQ".to_vec(),
        "f3" => b"\x1bOR".to_vec(),
        "f4" => b"\x1bOS".to_vec(),
        "f5" => csi("15~"),
        "f6" => csi("17~"),
        "f7" => csi("18~"),
        "f8" => csi("19~"),
        "f9" => csi("20~"),
        "f10" => csi("21~"),
        "f11" => csi("23~"),
        "f12" => csi("24~"),
        other => match other.strip_prefix("c-").and_then(|c| c.chars().next()) {
            Some(c) => vec![c as u8 & 0x1f],
            None => panic!("no key <{other}>"),
        },
    }
}

/// An answers file that says why each of its ID numbers may stand in another dossier too.
pub fn with_reasons(answers: &str) -> String {
    let mut script: serde_json::Value = serde_json::from_str(answers).expect("an answers file");
    let steps = script["steps"].as_array_mut().expect("steps");
    let ids = steps.iter().filter_map(|step| step["set"].as_str()).filter(|path| path.ends_with("id_number"));
    let reasons: Vec<_> = ids.map(|path| serde_json::json!({"pass": path, "why": "户口已分，另立一户"})).collect();
    steps.extend(reasons);
    script.to_string()
}

/// A terminal of that size that shows what its bytes make.
pub fn terminal(cols: u16, rows: u16) -> vt100::Parser {
    let side = |n| std::num::NonZeroU16::new(n).expect("a terminal has cells");
    vt100::Parser::new(side(rows), side(cols), 0)
}

/// A session and the terminal it is shown on.
pub struct Session {
    pub app: App,
    pub vt: vt100::Parser,
    pub at_ms: u64,
    /// Bytes sent for each frame so far.
    pub sent: Vec<usize>,
}

impl Session {
    pub fn open(first: Box<dyn Screen>) -> Session {
        Session::sized(first, 80, 24)
    }

    pub fn sized(first: Box<dyn Screen>, cols: u16, rows: u16) -> Session {
        let setup = Setup { lang: Lang::Zh, theme: Theme::default(), size: (cols, rows) };
        let app = App::new(first, setup);
        let (cols, rows) = app.size();
        let mut session = Session { app, vt: terminal(cols, rows), at_ms: 0, sent: Vec::new() };
        session.show();
        session
    }

    /// Sends the next frame to the terminal; returns its bytes.
    pub fn show(&mut self) -> usize {
        let frame = self.app.frame();
        self.vt.process(&frame);
        if !frame.is_empty() {
            self.sent.push(frame.len());
        }
        frame.len()
    }

    /// Types the script; a frame is shown after each key.
    pub fn keys(&mut self, script: &str) -> &mut Session {
        for chunk in keys(script) {
            self.feed(&chunk);
        }
        self
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        // As a hand types that reads what it answers.
        self.at_ms += APART_MS;
        self.app.feed(bytes, self.at_ms);
        if bytes == b"\x1b" {
            self.at_ms += 100;
            self.app.tick(self.at_ms);
        }
        self.show();
    }

    /// Types a text as it stands, blanks included.
    pub fn text(&mut self, text: &str) -> &mut Session {
        for c in text.chars() {
            self.feed(c.to_string().as_bytes());
        }
        self
    }

    /// The terminal's rows, ends trimmed.
    pub fn lines(&self) -> Vec<String> {
        let screen = self.vt.screen();
        let (_, cols) = screen.size();
        screen.rows(0, cols.into()).map(|row| row.trim_end().to_owned()).collect()
    }

    pub fn screen(&self) -> String {
        self.lines().join("\n")
    }

    pub fn shows(&self, text: &str) -> bool {
        self.screen().contains(text)
    }

    /// Fails with the whole screen when the text is not on it.
    #[track_caller]
    pub fn expect(&mut self, text: &str) -> &mut Session {
        assert!(self.shows(text), "not on screen: {text}\n{}", self.screen());
        self
    }

    #[track_caller]
    pub fn expect_not(&mut self, text: &str) -> &mut Session {
        assert!(!self.shows(text), "on screen: {text}\n{}", self.screen());
        self
    }

    /// The terminal shows exactly what the session means to show, glyph for glyph, and the caret stands right.
    #[track_caller]
    pub fn expect_true(&self) {
        let grid = self.app.draw();
        assert_eq!(self.lines(), grid.lines());
        match grid.caret() {
            Some((x, y)) => {
                assert_eq!(self.vt.screen().cursor_position(), (y, x));
                assert!(!self.vt.screen().hide_cursor());
            }
            None => assert!(self.vt.screen().hide_cursor()),
        }
    }
}

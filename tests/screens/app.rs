//! A session from keys to what the terminal shows: bytes counted, text true, popups, language, sizes.
#![allow(clippy::print_stdout)] // A test says what it measured or skipped.

use crate::support::Session;
use dossier::domain::{Fen, Message};
use dossier::tui::keymap::{Action, KeyScope};
use dossier::tui::widgets::{Chart, Choice, Picker, TextField, chart::Point};
use dossier::tui::{App, Cx, Key, Lang, Page, Screen, Setup, Then, theme::Theme};
use proptest::prelude::*;
use ratatui::layout::Rect;

/// A page of a paper form: thirty-six Chinese fields, two a line.
struct Sheet {
    fields: Vec<TextField>,
    at: usize,
}

impl Sheet {
    fn new() -> Sheet {
        let fields =
            (0..36).map(|i| TextField::new(["示例甲", "金河林业局供电所", "9800.00", "因病致困"][i % 4])).collect();
        Sheet { fields, at: 0 }
    }
}

impl Screen for Sheet {
    fn title(&self, cx: &Cx) -> String {
        cx.pick("困难职工调查表", "Hardship survey").into()
    }
    fn scopes(&self) -> &'static [KeyScope] {
        &[KeyScope::Narrowed]
    }
    fn act(&mut self, action: Action, _cx: &Cx) -> Then {
        self.at = match action {
            Action::Down => (self.at + 1) % self.fields.len(),
            Action::Up => self.at.saturating_sub(1),
            Action::Back => return Then::Close,
            Action::Take => return Then::Say(Message::new("tui.key.take")),
            _ => return Then::Ignore,
        };
        Then::Stay
    }
    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        if self.fields[self.at].key(key) { Then::Stay } else { Then::Ignore }
    }
    fn draw(&self, page: &mut Page<'_>) {
        let theme = page.cx.theme;
        for (i, field) in self.fields.iter().enumerate() {
            let (x, y) = ((i % 2) as u16 * 40, page.area.y + i as u16 / 2);
            if y >= page.area.bottom() {
                break;
            }
            let here = i == self.at;
            let style = if here { theme.focus() } else { theme.plain() };
            page.put(x, y, 18, &format!("{}{:>2} 家庭人均收入", if here { '>' } else { ' ' }, i + 1), style);
            if here {
                field.draw(page, x + 19, y, 20, theme.field());
            } else {
                page.put(x + 19, y, 20, &field.value(), theme.plain());
            }
        }
    }
}

#[test]
fn bytes_stay_within_the_budget() {
    let mut session = Session::open(Box::new(Sheet::new()));
    let full = session.sent[0];
    assert!(full <= 5000, "a full screen took {full} bytes");
    let mut typed = Vec::new();
    for c in "林家庭困难ab9，".chars() {
        session.sent.clear();
        session.feed(c.to_string().as_bytes());
        typed.push(session.sent.iter().sum::<usize>());
    }
    let mut moved = Vec::new();
    for _ in 0..36 {
        session.sent.clear();
        session.feed(b"\x1b[B");
        moved.push(session.sent.iter().sum::<usize>());
    }
    println!("full {full}, typed {typed:?}, moved {moved:?}");
    assert!(typed.iter().all(|n| (1..=80).contains(n)), "typed characters took {typed:?} bytes");
    assert!(moved.iter().all(|n| (1..=250).contains(n)), "moves took {moved:?} bytes");
    session.expect_true();
}

#[test]
fn nothing_is_sent_when_nothing_changed() {
    let mut session = Session::open(Box::new(Sheet::new()));
    assert_eq!(session.show(), 0);
    session.app.tick(10_000);
    assert_eq!(session.show(), 0);
    assert_eq!(session.app.deadline(), None);
    session.feed(b"\x1b[99~");
    assert_eq!(session.sent.len(), 1, "a key nobody knows draws nothing");
}

#[test]
fn many_keys_make_one_frame() {
    let mut session = Session::open(Box::new(Sheet::new()));
    session.sent.clear();
    session.feed("林家".repeat(40).as_bytes());
    assert_eq!(session.sent.len(), 1);
}

#[test]
fn help_and_menu_come_from_the_table_and_go_again() {
    let mut session = Session::open(Box::new(Sheet::new()));
    session.keys("<f1>").expect("Ctrl-T").expect("帮助");
    session.expect_true();
    session.keys("<esc>").expect_not("Ctrl-T");
    session.expect_true();
    // The menu: the language is chosen by pinyin initials while an input method could hold every letter.
    session.keys("<c-p>").expect("English");
    session.text("中文").keys("<enter>");
    session.expect("Hardship survey");
    session.keys("<f12>").expect("困难职工调查表");
    session.expect_true();
}

#[test]
fn a_message_stays_until_the_next_key() {
    let mut session = Session::open(Box::new(Sheet::new()));
    session.keys("<enter>").expect("确定\nEnter");
    session.keys("<down>").expect_not("确定\nEnter");
}

#[test]
fn what_was_found_lost_at_opening_stands_until_it_is_read_and_all_of_it_can_be() {
    let mut session = Session::open(Box::new(Sheet::new()));
    let said = |count: usize| {
        let whose = Message::new("command.keys_of.dossiers").with("dossiers", count);
        Message::new("command.doctor.keys_missing_count").with("whose", whose)
    };
    session.app.say_at_opening((1..=12).map(said).collect());
    session.keys("<f12> <f12>").expect("打开档案库时发现").expect("有 1 份档案").expect_not("有 12 份");
    // Typed on, as the screen below would take it.
    session.keys("<enter> 9 <space>").expect("打开档案库时发现");
    session.keys("<pgdn> <pgdn> <pgdn>").expect("有 12 份档案");
    session.keys("<esc>").expect_not("打开档案库时发现").expect("家庭人均收入");
}

#[test]
fn leaving_takes_two_presses_in_a_row() {
    let mut session = Session::open(Box::new(Sheet::new()));
    session.keys("<c-c> x <c-c>");
    assert!(!session.app.is_over());
    session.keys("<c-c>");
    assert!(session.app.is_over());
}

#[test]
fn lines_of_ascii_only_where_asked_for() {
    let mut session = Session::open(Box::new(Sheet::new()));
    session.keys("<f1>").expect("┌");
    session.keys("<c-b>").expect_not("┌").expect("+-");
    assert!(session.screen().chars().all(|c| !dossier::tui::text::is_ambiguous(c)), "{}", session.screen());
}

#[test]
fn every_size_is_drawn_and_shrinking_under_a_popup_too() {
    for (cols, rows) in [(80, 24), (79, 23), (132, 43), (40, 10), (20, 5), (3, 2), (1, 1), (0, 0), (9999, 9999)] {
        let setup = Setup { lang: Lang::Zh, theme: Theme::default(), size: (80, 24) };
        let mut app = App::new(Box::new(Sheet::new()), setup);
        app.feed(b"\x1bOP", 1);
        app.frame();
        app.resize(cols, rows);
        let (w, h) = app.size();
        let mut vt = crate::support::terminal(w, h);
        vt.process(&app.frame());
        let shown: Vec<String> = vt.screen().rows(0, w).map(|row| row.trim_end().to_owned()).collect();
        assert_eq!(shown, app.draw().lines(), "{cols} × {rows}");
    }
}

#[test]
fn colours_off_nothing_is_lost() {
    let open = |colour| {
        let theme = Theme { colour, ascii: false };
        let setup = Setup { lang: Lang::Zh, theme, size: (80, 24) };
        let mut app = App::new(Box::new(Sheet::new()), setup);
        let mut vt = crate::support::terminal(80, 24);
        vt.process(&app.frame());
        vt.screen().contents()
    };
    assert_eq!(open(true), open(false));
}

/// A field alone, as wide as it is told.
struct One(TextField, u16);

impl Screen for One {
    fn title(&self, _cx: &Cx) -> String {
        String::new()
    }
    fn scopes(&self) -> &'static [KeyScope] {
        &[]
    }
    fn act(&mut self, _action: Action, _cx: &Cx) -> Then {
        Then::Ignore
    }
    fn typed(&mut self, key: &Key, _cx: &Cx) -> Then {
        if self.0.key(key) { Then::Stay } else { Then::Ignore }
    }
    fn draw(&self, page: &mut Page<'_>) {
        self.0.draw(page, 2, 3, self.1, page.cx.theme.field());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn what_is_typed_is_what_is_shown(text in "[a-z0-9林家庭困难示例，。（）·é]{0,30}", wide in prop::sample::select(vec![11u16, 12, 20, 70])) {
        let mut session = Session::open(Box::new(One(TextField::default(), wide)));
        session.text(&text);
        let row = session.lines()[3].clone();
        let row = row.strip_prefix("  ").unwrap_or(&row).to_owned();
        match row.strip_prefix('«') {
            None => prop_assert_eq!(&row, &text),
            Some(tail) => prop_assert!(!tail.is_empty() && text.ends_with(tail), "{} of {}", row, text),
        }
        session.expect_true();
        // The caret stands behind the last glyph.
        let (_, col) = session.vt.screen().cursor_position();
        prop_assert_eq!(usize::from(col), 2 + dossier::tui::text::width(&row));
    }

    #[test]
    fn editing_anywhere_keeps_text_and_caret_true(
        edits in prop::collection::vec(prop_oneof![
            6 => "[a-z林家庭，é０]".prop_map(|s| s),
            1 => Just("\u{1b}[D".to_owned()), 1 => Just("\u{1b}[C".to_owned()), 1 => Just("\u{7f}".to_owned()),
            1 => Just("\u{1b}[3~".to_owned()), 1 => Just("\u{1b}[H".to_owned()), 1 => Just("\u{1b}[F".to_owned()),
            1 => Just("\u{1b}[200~甲e\u{301}\n乙\u{1b}[201~".to_owned()),
        ], 0..50),
        wide in prop::sample::select(vec![8u16, 11, 20]),
    ) {
        // A plain model: characters and a place among them.
        let (mut model, mut at): (Vec<char>, usize) = (Vec::new(), 0);
        let mut session = Session::open(Box::new(One(TextField::default(), wide)));
        for edit in &edits {
            session.feed(edit.as_bytes());
            match edit.as_str() {
                "\u{1b}[D" => at = at.saturating_sub(1),
                "\u{1b}[C" => at = (at + 1).min(model.len()),
                "\u{7f}" => if at > 0 { at -= 1; model.remove(at); },
                "\u{1b}[3~" => if at < model.len() { model.remove(at); },
                "\u{1b}[H" => at = 0,
                "\u{1b}[F" => at = model.len(),
                pasted if pasted.starts_with("\u{1b}[200~") => for c in "甲é 乙".chars() { model.insert(at, c); at += 1; },
                typed => for c in typed.chars() { model.insert(at, c); at += 1; },
            }
        }
        session.expect_true();
        let row = session.lines()[3].clone();
        let shown: String = row.chars().skip(2).filter(|c| !"«»".contains(*c)).collect();
        let whole: String = model.iter().collect();
        let window = shown.trim_end();
        prop_assert!(whole.contains(window), "{} is not in {}", window, whole);
        // What stands just before the caret on screen is what stands before it in the text.
        let (_, col) = session.vt.screen().cursor_position();
        if at > 0 {
            let mut before = col - 1;
            if session.vt.screen().cell(3, before).is_some_and(|c| c.is_wide_continuation()) {
                before -= 1;
            }
            let seen = session.vt.screen().cell(3, before).map(|c| c.contents().to_owned()).unwrap_or_default();
            let expected = model[at - 1].to_string();
            prop_assert!(seen == expected || seen == "«" || (expected == " " && seen.is_empty()), "{} for {}", seen, expected);
        }
    }
}

#[test]
fn a_decomposed_text_is_kept_composed() {
    let mut field = TextField::default();
    for c in "e\u{301}".chars() {
        field.key(&Key::Char(c));
    }
    assert_eq!(field.value(), "é");
}

#[test]
fn the_first_character_replaces_an_offered_text_and_an_arrow_keeps_it() {
    let mut field = TextField::offering("9800.00");
    field.key(&Key::Char('5'));
    assert_eq!(field.value(), "5");
    let mut field = TextField::offering("9800.00");
    field.key(&Key::End);
    field.key(&Key::Char('5'));
    assert_eq!(field.value(), "9800.005");
}

fn causes() -> Vec<Choice> {
    [
        ("1", "本人大病"),
        ("2", "供养直系亲属大病"),
        ("3", "意外灾害"),
        ("4", "子女教育"),
        ("5", "收入低无法维持基本生活"),
        ("10", "残疾"),
        ("11", "重庆"),
    ]
    .map(|(code, text)| Choice::new(code, text))
    .to_vec()
}

#[test]
fn a_choice_is_found_by_code_by_text_by_initials_and_by_pinyin() {
    for (typed, taken) in [
        ("3", Some("3")),
        ("1", Some("1")),
        ("11", Some("11")),
        ("１０", Some("10")),
        ("残", Some("10")),
        ("cj", Some("10")),
        ("canji", Some("10")),
        ("znjy", Some("4")),
        ("ZNJY", Some("4")),
        ("jy", Some("4")),
        ("大病", Some("1")),
        ("cq", Some("11")),
        ("zq", Some("11")),
        ("xyz", None),
    ] {
        let mut picker = Picker::new(causes());
        for c in typed.chars() {
            picker.key(&Key::Char(c));
        }
        assert_eq!(picker.taken().as_deref(), taken, "{typed}");
    }
}

#[test]
fn several_choices_are_marked_with_space_and_taken_in_the_order_of_the_list() {
    let mut picker = Picker::several(causes());
    for c in "cj 3 1".chars() {
        picker.key(&Key::Char(c));
    }
    assert_eq!(picker.taken().as_deref(), Some("1 3 10"));
}

#[test]
fn a_chart_says_in_numbers_what_it_draws() {
    struct Picture(Vec<Point>);
    impl Screen for Picture {
        fn title(&self, _cx: &Cx) -> String {
            String::new()
        }
        fn scopes(&self) -> &'static [KeyScope] {
            &[KeyScope::Letters]
        }
        fn act(&mut self, _action: Action, _cx: &Cx) -> Then {
            Then::Ignore
        }
        fn draw(&self, page: &mut Page<'_>) {
            Chart { points: &self.0 }.draw(page, Rect::new(0, 2, 80, 10));
        }
    }
    let point = |label: &str, income: Option<i64>, line| Point {
        label: label.into(),
        income: income.map(Fen),
        line: Some(Fen(line)),
    };
    let mut session = Session::open(Box::new(Picture(vec![
        point("2016-03", Some(38_700), 52_000),
        point("2018-03", Some(61_111), 70_000),
        point("2019-04", Some(70_000), 70_000),
        point("2020-04", None, 74_000),
        point("2021-04", Some(-1_200), 74_000),
    ])));
    for text in ["611.11", "< 700.00", "700.00", ">= 700.00", "?", "-12.00", "2018-03", "─", "█"] {
        session.expect(text);
    }
    session.expect_true();
    let braille = session.screen().chars().any(|c| ('\u{2800}'..='\u{28ff}').contains(&c));
    assert!(!braille);
}

#[test]
fn what_ran_before_is_taken_off_the_terminal_at_the_start_and_what_died_in_between_at_the_end() {
    use dossier::tui::app::{CLOSING, OPENING};
    let left_behind = b"\x1b[5;10r\x1b[?6h\x1b[4h\x1b[?1003h\x1b[?1006h\x1b[?1h\x1b=\x1b[?25l\x1b[7m\x1b[?2004h";
    let mut terminal = vt100::Parser::new(24.try_into().expect("rows"), 80.try_into().expect("columns"), 0);
    let corner = |terminal: &mut vt100::Parser| {
        terminal.process(b"\x1b[24;1Hx");
        terminal.screen().cell(23, 0).map(|cell| (cell.contents().to_owned(), cell.inverse()))
    };
    let plain = Some(("x".to_owned(), false));
    terminal.process(left_behind);
    assert_ne!(corner(&mut terminal), plain, "margins and origin are in the way");
    terminal.process(OPENING);
    assert_eq!(corner(&mut terminal), plain);
    let screen = terminal.screen();
    assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    assert!(!screen.application_cursor() && !screen.application_keypad());
    assert!(screen.alternate_screen() && screen.bracketed_paste());
    // A terminal keeps margins for each of its screens: those of ours.
    let mut terminal = vt100::Parser::new(24.try_into().expect("rows"), 80.try_into().expect("columns"), 0);
    [OPENING, left_behind, CLOSING].iter().for_each(|bytes| terminal.process(bytes));
    let screen = terminal.screen();
    assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    assert!(!screen.alternate_screen() && !screen.bracketed_paste() && !screen.hide_cursor());
    assert!(!screen.application_cursor() && !screen.application_keypad());
    assert_eq!(corner(&mut terminal), plain);
    // What the emulator has no notion of: margins left and right, character sets, other kinds of mouse reports.
    for bytes in [OPENING, CLOSING] {
        for reset in [
            "\x1b[?69l",
            "\x1b(B",
            "\x1b)0",
            "\x0f",
            "\x1b[?9l",
            "\x1b[?1001l",
            "\x1b[?1004l",
            "\x1b[?1005l",
            "\x1b[?1016l",
            "\x1b[?1007l",
            "\x1b[20l",
        ] {
            assert!(bytes.windows(reset.len()).any(|part| part == reset.as_bytes()), "{reset:?}");
        }
    }
}

//! Keys as every client spells them, cut where every line cuts them.
#![allow(clippy::print_stdout)] // A test says what it measured or skipped.

use dossier::tui::Key;
use dossier::tui::input::{Decoder, ESC_MS, HALF_MS, PASTE_MAX, UNFINISHED_MS};
use proptest::prelude::*;

/// All keys of the bytes, and of the silence after them.
fn read(bytes: &[u8]) -> Vec<Key> {
    let mut decoder = Decoder::default();
    let mut keys = decoder.feed(bytes, 0);
    keys.extend(decoder.tick(10_000));
    keys
}

#[test]
fn every_dialect_of_the_function_keys_is_known() {
    let xterm = [
        "\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[15~", "\x1b[17~", "\x1b[18~", "\x1b[19~", "\x1b[20~", "\x1b[21~",
        "\x1b[23~", "\x1b[24~",
    ];
    let putty = [
        "\x1b[11~", "\x1b[12~", "\x1b[13~", "\x1b[14~", "\x1b[15~", "\x1b[17~", "\x1b[18~", "\x1b[19~", "\x1b[20~",
        "\x1b[21~", "\x1b[23~", "\x1b[24~",
    ];
    let linux = [
        "\x1b[[A", "\x1b[[B", "\x1b[[C", "\x1b[[D", "\x1b[[E", "\x1b[17~", "\x1b[18~", "\x1b[19~", "\x1b[20~",
        "\x1b[21~", "\x1b[23~", "\x1b[24~",
    ];
    let vt100_plus = [
        "\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x1bOT", "\x1bOU", "\x1bOV", "\x1bOW", "\x1bOX", "\x1bOY", "\x1bOZ",
        "\x1bO[",
    ];
    let sco = [
        "\x1b[M", "\x1b[N", "\x1b[O", "\x1b[P", "\x1b[Q", "\x1b[R", "\x1b[S", "\x1b[T", "\x1b[U", "\x1b[V", "\x1b[W",
        "\x1b[X",
    ];
    for (client, spelt) in [("xterm", xterm), ("putty", putty), ("linux", linux), ("vt100+", vt100_plus), ("sco", sco)]
    {
        for (i, bytes) in spelt.iter().enumerate() {
            assert_eq!(read(bytes.as_bytes()), [Key::F(i as u8 + 1)], "{client} F{}", i + 1);
        }
    }
    for (bytes, n) in [("\x1b[1;5P", 1), ("\x1b[1;5R", 3), ("\x1bO5Q", 2), ("\x1b[15;5~", 5), ("\x1b[24^", 12)] {
        assert_eq!(read(bytes.as_bytes()), [Key::F(n)], "{bytes:?}");
    }
}

#[test]
fn the_other_keys() {
    for (bytes, key) in [
        ("\r", Key::Enter),
        ("\n", Key::Enter),
        ("\x1bOM", Key::Enter),
        ("\t", Key::Tab),
        ("\x1b[Z", Key::BackTab),
        ("\x7f", Key::Backspace),
        ("\x08", Key::Backspace),
        ("\x1b[A", Key::Up),
        ("\x1bOB", Key::Down),
        ("\x1b[1;5C", Key::Right),
        ("\x1b[1~", Key::Home),
        ("\x1b[7~", Key::Home),
        ("\x1bOH", Key::Home),
        ("\x1b[4~", Key::End),
        ("\x1b[F", Key::End),
        ("\x1b[2~", Key::Insert),
        ("\x1b[3~", Key::Delete),
        ("\x1b[5~", Key::PageUp),
        ("\x1b[6~", Key::PageDown),
        ("\x07", Key::Ctrl('g')),
        ("\x1bOs", Key::Char('3')),
        ("\x1bOp", Key::Char('0')),
        ("\x1bOk", Key::Char('+')),
        ("林", Key::Char('林')),
        ("𠮷", Key::Char('𠮷')),
    ] {
        assert_eq!(read(bytes.as_bytes()), [key], "{bytes:?}");
    }
}

#[test]
fn answers_nobody_asked_for_are_dropped_whole() {
    for bytes in [
        "\x1b[12;34R",
        "\x1b[?1;2c",
        "\x1b[>0;276;0c",
        "\x1bP1$r0m\x1b\\",
        "\x1b]11;rgb:0/0/0\x07",
        "\x1b]0;t\x1b\\",
        "\x1b[?2026;2$y",
        "\x1b_x\x1b\\",
    ] {
        assert_eq!(read(format!("{bytes}a").as_bytes()), [Key::Char('a')], "{bytes:?}");
    }
}

#[test]
fn a_mouse_that_nobody_asked_for_is_no_key() {
    for report in ["\x1b[<0;0;0M", "\x1b[<0;10;10m", "\x1b[32;0;0M", "\x1b[<M"] {
        let keys = read(format!("a{report}b").as_bytes());
        assert!(!keys.is_empty() && !keys.iter().any(|key| !matches!(key, Key::Char(_))), "{report:?}: {keys:?}");
    }
}

#[test]
fn a_lone_esc_waits_and_then_counts() {
    let mut decoder = Decoder::default();
    assert_eq!(decoder.feed(b"\x1b", 1000), []);
    assert_eq!(decoder.deadline(), Some(1000 + ESC_MS));
    assert_eq!(decoder.tick(1000 + ESC_MS - 1), []);
    assert_eq!(decoder.tick(1000 + ESC_MS), [Key::Esc]);
    assert_eq!(decoder.deadline(), None);
}

#[test]
fn a_sequence_cut_after_its_esc_is_still_one_key() {
    let mut decoder = Decoder::default();
    assert_eq!(decoder.feed(b"\x1b", 0), []);
    assert_eq!(decoder.feed(b"[A", ESC_MS - 1), [Key::Up]);
    // Slower than the wait: the Esc has gone out, and still nothing of the rest becomes text.
    assert_eq!(decoder.feed(b"\x1b", 1000), []);
    assert_eq!(decoder.feed(b"[A", 1000 + ESC_MS + 100), [Key::Esc, Key::Up]);
}

#[test]
fn esc_and_a_letter_in_one_breath_are_two_keys() {
    assert_eq!(read(b"\x1bg"), [Key::Esc, Key::Char('g')]);
    assert_eq!(read(b"\x1bO"), [Key::Esc, Key::Char('O')]);
    assert_eq!(read(b"\x1b\r"), [Key::Esc, Key::Enter]);
    assert_eq!(read(b"\x1b\x1b"), [Key::Esc, Key::Esc]);
    assert_eq!(read("\x1b林".as_bytes()), [Key::Esc, Key::Char('林')]);
}

#[test]
fn a_paste_is_one_key_however_it_is_cut() {
    let bytes = "\x1b[200~张三\r\n李四\x1b[31m红\x07\x1b[201~x".as_bytes();
    let expected = [Key::Paste("张三\n李四红".into()), Key::Char('x')];
    for cut in 0..bytes.len() {
        let mut decoder = Decoder::default();
        let mut keys = decoder.feed(&bytes[..cut], 0);
        keys.extend(decoder.feed(&bytes[cut..], 10));
        assert_eq!(keys, expected, "cut at {cut}");
    }
}

#[test]
fn a_paste_whose_end_is_lost_does_not_hold_the_keyboard() {
    let mut decoder = Decoder::default();
    assert_eq!(decoder.feed("\x1b[200~甲乙".as_bytes(), 0), []);
    assert_eq!(decoder.tick(UNFINISHED_MS), [Key::Paste("甲乙".into())]);
    assert_eq!(decoder.feed(b"a", UNFINISHED_MS + 1), [Key::Char('a')]);
}

#[test]
fn a_paste_in_another_encoding_is_told_and_not_kept() {
    assert_eq!(read(b"\x1b[200~\xd5\xc5\xc8\xfd\x1b[201~a"), [Key::Unreadable, Key::Char('a')]);
    assert_eq!(read("\x1b[200~张\u{fffd}三\x1b[201~".as_bytes()), [Key::Unreadable]);
    assert_eq!(read("\x1b[200~张三\x1b[201~".as_bytes()), [Key::Paste("张三".into())]);
}

#[test]
fn a_paste_that_is_cut_in_the_middle_of_a_character_keeps_those_before_it() {
    for before in 0..3 {
        let text = format!("{}{}", "a".repeat(before), "林".repeat(PASTE_MAX / 2));
        let keys = read(format!("\x1b[200~{text}\x1b[201~").as_bytes());
        assert!(matches!(&keys[..], [Key::Paste(kept)] if text.starts_with(kept.as_str()) && kept.len() > 1_000));
    }
}

#[test]
fn a_string_too_long_to_hold_reaches_no_field_and_what_follows_its_end_does() {
    for end in ["\x07", "\x1b\\"] {
        let bytes = format!("\x1b]52;c;{}{end}b", "QUJD".repeat(500));
        assert_eq!(read(bytes.as_bytes()), [Key::Char('b')]);
    }
    let mut decoder = Decoder::default();
    assert_eq!(decoder.feed(format!("\x1b]52;c;{}", "QUJD".repeat(500)).as_bytes(), 0), []);
    assert_eq!(decoder.tick(UNFINISHED_MS), []);
    assert_eq!(decoder.feed(b"a", UNFINISHED_MS + 1), [Key::Char('a')]);
}

#[test]
fn a_mouse_report_that_comes_in_two_parts_is_f1_and_no_text() {
    let mut decoder = Decoder::default();
    let mut keys = decoder.feed(b"\x1b[M", 0);
    keys.extend(decoder.tick(ESC_MS));
    keys.extend(decoder.feed(b" !!", ESC_MS + 30));
    keys.extend(decoder.feed(b"abc", 2_000));
    assert_eq!(keys, [Key::F(1), Key::Char('a'), Key::Char('b'), Key::Char('c')]);
}

#[test]
fn a_mouse_report_that_was_given_up_leaves_nothing_of_its_end_in_a_field() {
    for (first, wait, rest) in [
        (&b"\x1b[<0;10;10"[..], 600, &b"M"[..]),
        (b"\x1b[<0;10;10", 600, b"m"),
        (b"\x1b[M ", 600, b"!!"),
        (b"\x1b[M !", 600, b"!"),
        (b"\x1b[M", 450, b" !!"),
    ] {
        let mut decoder = Decoder::default();
        let mut keys = decoder.feed(first, 0);
        (1..=wait / 10).for_each(|ten| keys.extend(decoder.tick(ten * 10)));
        keys.extend(decoder.feed(rest, wait));
        keys.extend(decoder.feed(b"M!", wait + 3_000));
        keys.retain(|key| *key != Key::F(1));
        assert_eq!(keys, [Key::Char('M'), Key::Char('!')], "{first:?} {wait} {rest:?}");
    }
}

#[test]
fn an_endless_paste_is_cut() {
    let mut bytes = b"\x1b[200~".to_vec();
    bytes.extend(std::iter::repeat_n(b'a', PASTE_MAX * 2));
    bytes.extend(b"\x1b[201~b");
    let keys = read(&bytes);
    assert!(matches!(&keys[..], [Key::Paste(text), Key::Char('b')] if text.len() <= PASTE_MAX));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn no_bytes_make_it_panic_or_hold_for_ever(chunks in prop::collection::vec((prop::collection::vec(prop_oneof![
        4 => any::<u8>(), 2 => Just(0x1b), 1 => Just(b'['), 1 => Just(b'O'), 1 => Just(b'~'), 1 => b'0'..=b'9'], 0..40), 0..400u64), 0..20)) {
        let mut decoder = Decoder::default();
        let mut at = 0;
        for (bytes, wait) in chunks {
            decoder.feed(&bytes, at);
            at += wait;
            decoder.tick(at);
        }
        for _ in 0..4 {
            at += HALF_MS;
            decoder.tick(at);
        }
        prop_assert_eq!(decoder.deadline(), None);
        prop_assert_eq!(decoder.feed(b"z", at), [Key::Char('z')]);
    }

    #[test]
    fn text_arrives_whole_however_it_is_cut(text in "[a-z林家庭困难，。０-９é𠮷]{0,20}", cut in 0..80usize) {
        let bytes = text.as_bytes();
        let cut = cut.min(bytes.len());
        let mut decoder = Decoder::default();
        let mut keys = decoder.feed(&bytes[..cut], 0);
        keys.extend(decoder.feed(&bytes[cut..], 30));
        let expected: Vec<Key> = text.chars().map(Key::Char).collect();
        prop_assert_eq!(keys, expected);
    }
}

/// What one read is, once nothing came behind it for a second; and who read it.
fn read_and_waited(bytes: &[u8]) -> (Vec<Key>, Decoder) {
    let mut decoder = Decoder::default();
    let mut keys = decoder.feed(bytes, 0);
    keys.extend(decoder.tick(HALF_MS));
    (keys, decoder)
}

#[test]
fn a_mouse_report_of_any_kind_and_bytes_of_another_encoding_reach_no_field() {
    for report in [
        &b"\x1b[M !!"[..],
        b"\x1b[M@\xc3\xa9\xc4\x80",
        b"\x1b[M\x20\xff\xfe",
        b"\x1b[<0;12;5M",
        b"\x1b[<0;12;5m",
        b"\x1b[32;12;5M",
        b"\x1b[1;2;3;4;5&w",
        b"\x1b[t!!",
        b"\x9b<0;1;1M",
        b"\x9b32;1;1M",
        b"\x1b[I",
    ] {
        let (mut keys, mut decoder) = read_and_waited(report);
        keys.extend(decoder.feed(b"a", 2_000));
        keys.retain(|key| *key != Key::PageUp);
        assert_eq!(keys, [Key::Char('a')], "{report:?}");
    }
    // 张三 as GBK has it: said once, and no letter of it is taken.
    let (keys, _) = read_and_waited(b"\xd5\xc5\xc8\xfd");
    assert!(keys.contains(&Key::Unreadable) && keys.iter().all(|key| *key == Key::Unreadable), "{keys:?}");
}

#[test]
fn two_bytes_that_look_like_a_letter_are_none_on_a_line_of_another_encoding() {
    let yi = b"\xd2\xbb";
    let mut decoder = Decoder::default();
    // Who writes Bashkir has not typed anything odd before.
    assert_eq!(decoder.feed(yi, 0), [Key::Char('\u{4bb}')]);
    assert_eq!(decoder.feed(b"\xc0\xee", 100), [Key::Unreadable]);
    assert_eq!(decoder.feed(yi, 200), [Key::Unreadable]);
    // A dot between names stays one, and after a Chinese character the line is of our encoding again.
    assert_eq!(decoder.feed("·".as_bytes(), 300), [Key::Char('·')]);
    assert_eq!(decoder.feed("山".as_bytes(), 400), [Key::Char('山')]);
    assert_eq!(decoder.feed(yi, 500), [Key::Char('\u{4bb}')]);
}

#[test]
fn nothing_of_a_read_in_another_encoding_is_taken_behind_what_was_told() {
    for bytes in [
        &b"\xc4\xe3\xba\xc3world"[..],
        b"\xd5\xc5\xc8\xfd18",
        b"\xc1\xd6 \xc1\xd6",
        b"\xc4\xe3\xba\xc3\r",
        b"\xe9F\xbb\xf9",
        b"\x81@",
        b"\xb1i\xa4T",
        b"\x93c\x92\x86",
        b"\x83\x38\x98\x34",
        b"\xcd\xa8",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xe9",
        b"\x9bM !!",
    ] {
        let (keys, mut decoder) = read_and_waited(bytes);
        assert_eq!(keys, [Key::Unreadable], "{bytes:?}");
        assert_eq!(decoder.feed("好a".as_bytes(), 2 * HALF_MS), [Key::Char('好'), Key::Char('a')], "{bytes:?}");
    }
    // What came before in the same read was read; a mark upon a letter is one; what opens a sequence is no text.
    assert_eq!(read(b"18\xd5\xc5"), [Key::Char('1'), Key::Char('8'), Key::Unreadable]);
    assert_eq!(read("e\u{323}\u{302}".as_bytes()), [Key::Char('e'), Key::Char('\u{323}'), Key::Char('\u{302}')]);
    assert_eq!(read(b"\xd5\xc5ab\x1b[A"), [Key::Unreadable, Key::Up]);
    // Cut in the middle of a character, its second half is no letter.
    let mut decoder = Decoder::default();
    let mut keys = decoder.feed(b"\xe9", 0);
    keys.extend(decoder.feed(b"F", 30));
    assert_eq!(keys, [Key::Unreadable]);
}

#[test]
fn a_mouse_report_reaches_no_field_however_the_line_cuts_it() {
    let typed = |parts: &[&[u8]], wait: u64| {
        let (mut decoder, mut keys, mut at) = (Decoder::default(), Vec::new(), 0);
        for part in parts {
            keys.extend(decoder.feed(part, at));
            keys.extend(decoder.tick(at + wait.min(ESC_MS)));
            at += wait;
            keys.extend(decoder.tick(at));
        }
        keys.extend(decoder.tick(at + UNFINISHED_MS));
        keys.retain(|key| !matches!(key, Key::Esc | Key::F(1) | Key::F(8)));
        keys
    };
    for report in [&b"\x1b[M !!"[..], b"\x1b[<0;10;5M", b"\x1b[32;10;5M", b"\x1b[M@\xc3\xa9\xc4\x80"] {
        let each: Vec<&[u8]> = report.chunks(1).collect();
        assert_eq!(typed(&each, 40), [], "{report:?} byte by byte");
        for cut in 1..report.len() {
            for wait in [10, 80, 200] {
                assert_eq!(typed(&[&report[..cut], &report[cut..]], wait), [], "{report:?} cut at {cut}, {wait} ms");
            }
        }
    }
    // In three parts, the first two of which were keys of their own by then.
    for rest in [&b"<0;10;5M"[..], b"32;10;5M", b"M !!"] {
        for wait in [60, 80, 200] {
            assert_eq!(typed(&[b"\x1b", b"[", rest], wait), [], "{rest:?} {wait} ms behind a bracket");
        }
    }
    assert_eq!(typed(&[b"\x1b", b"[", b"<0;1", b"0;5M"], 80), []);
    let abc = [Key::Char('a'), Key::Char('b'), Key::Char('c')];
    assert_eq!(typed(&[b"\x1b", b"[", b"<0;10;5Mabc"], 80), abc);
    // What somebody types behind an Esc is kept, however fast.
    for wait in [5, 60, 80, 200, 400] {
        let keys = typed(&[b"\x1b", b"[", b"a", b"]"], wait);
        if wait >= 60 {
            assert_eq!(keys, ['[', 'a', ']'].map(Key::Char), "{wait} ms");
        }
    }
    assert_eq!(typed(&[b"\x1b", b"[", b"5", b"0", b"]"], 60), ['[', '5', '0', ']'].map(Key::Char));
    assert_eq!(typed(&[b"\x1b", b"[", b"5", "张".as_bytes()], 60), ['[', '5', '张'].map(Key::Char));
    assert_eq!(typed(&[b"\x1b", b"["], 60), [Key::Char('[')]);
    assert_eq!(typed(&[b"\x1b[M", b" !!abc"], 80), abc);
    for (first, rest) in [(&b"\x1b[<0;1"[..], &b"0;5Mabc"[..]), (b"\x1b[32;1", b"0;5Mabc")] {
        assert_eq!(typed(&[first, rest], 700), abc);
    }
    assert_eq!(typed(&[b"\x1b[T!!!!!!abc"], 10), abc);
    assert_eq!(typed(&["\u{9b}<0;1;1Mabc".as_bytes()], 10), abc);
    // F1 and what somebody types behind it, F8 alone, and a bracket behind an Esc are what they are.
    let mut decoder = Decoder::default();
    let mut keys = decoder.feed(b"\x1b[M", 0);
    keys.extend(decoder.tick(ESC_MS));
    keys.extend(decoder.feed(b"5", 200));
    keys.extend(decoder.feed(b"\x1b[T", 1_000));
    keys.extend(decoder.tick(1_000 + ESC_MS));
    keys.extend(decoder.feed(b"\x1b[Tab", 1_200));
    keys.extend(decoder.tick(1_200 + UNFINISHED_MS));
    assert_eq!(keys.split_off(3), [Key::F(8), Key::Char('a'), Key::Char('b')]);
    keys.extend(decoder.feed(b"\x1b", 2_000));
    keys.extend(decoder.tick(2_000 + ESC_MS));
    // It is a key of its own, and waits a quarter of a second for what a mouse would report.
    keys.extend(decoder.feed(b"[", 2_200));
    assert_eq!(decoder.deadline(), Some(2_450));
    keys.extend(decoder.tick(2_450));
    assert_eq!(keys, [Key::F(1), Key::Char('5'), Key::F(8), Key::Esc, Key::Char('[')]);
}

#[test]
fn a_character_that_a_lost_packet_cuts_is_one_when_its_rest_comes_seconds_later() {
    let text = "张四".as_bytes();
    for cut in 1..3 {
        let mut decoder = Decoder::default();
        assert_eq!(decoder.feed(&text[..cut], 0), []);
        assert_eq!(decoder.tick(HALF_MS - 1), []);
        assert_eq!(decoder.feed(&text[cut..], HALF_MS - 1), [Key::Char('张'), Key::Char('四')], "{cut}");
        // What never comes is given up, and what is typed then is read as it is.
        assert_eq!(decoder.feed(&text[..cut], 10_000), []);
        assert_eq!(decoder.tick(10_000 + HALF_MS), [Key::Unreadable]);
        assert_eq!(decoder.feed(b"a", 20_000), [Key::Char('a')]);
    }
}

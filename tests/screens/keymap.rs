//! What is said about keys is so.
#![allow(clippy::print_stdout)] // A test says what it measured or skipped.

use dossier::lang::has;
use dossier::tui::keymap::{self, Action, KeyScope};
use dossier::tui::{Key, Lang, screens};

/// The scopes of every screen, as it uses them.
fn combinations() -> impl Iterator<Item = &'static [KeyScope]> {
    screens::SCOPES.iter().flat_map(|screen| screen.iter().copied())
}

#[test]
fn every_key_that_is_shown_does_what_is_shown() {
    let mut checked = 0;
    for scopes in combinations() {
        for live in keymap::live(scopes) {
            for key in &live.keys {
                let meant = keymap::action(scopes, key);
                let same = matches!((meant, live.row.action), (Some(Action::Pick(_)), Action::Pick(_)))
                    || meant == Some(live.row.action);
                assert!(same, "{scopes:?}: {} is shown as {:?} and means {meant:?}", key.label(), live.row.action);
                checked += 1;
            }
        }
    }
    assert!(checked > 20, "{checked}");
}

#[test]
fn no_scope_gives_one_key_two_meanings() {
    let rows: Vec<_> = keymap::table().collect();
    for (i, row) in rows.iter().enumerate() {
        for other in &rows[i + 1..] {
            if row.scope == other.scope {
                let shared = row.keys.iter().find(|key| other.keys.contains(key));
                assert!(shared.is_none(), "{:?}: {:?} and {:?} share {shared:?}", row.scope, row.action, other.action);
            }
        }
    }
}

#[test]
fn no_key_that_a_terminal_keeps_for_itself_is_bound() {
    for row in keymap::table() {
        for key in row.keys {
            if let Key::Ctrl(c) = key {
                assert!(!"sqzmijh".contains(*c), "{:?} binds {}", row.scope, key.label());
            }
        }
    }
}

#[test]
fn where_one_types_no_letter_is_a_command() {
    for row in keymap::table().filter(|row| row.scope.is_typing()) {
        assert!(!row.keys.iter().any(|key| matches!(key, Key::Char(_))), "{:?} {:?}", row.scope, row.action);
    }
    for scopes in combinations().filter(|scopes| scopes[0].is_typing()) {
        assert!(scopes.iter().all(|scope| scope.is_typing()), "{scopes:?} mixes typing and letters");
    }
}

#[test]
fn every_function_key_has_a_twin_without_one() {
    for row in keymap::table() {
        let function = row.keys.iter().any(|key| matches!(key, Key::F(_)));
        let twin = row.keys.iter().any(|key| !matches!(key, Key::F(_)));
        assert!(!function || twin, "{:?} {:?}", row.scope, row.action);
    }
}

#[test]
fn a_command_typed_with_full_width_letters_is_the_same_command() {
    for row in keymap::table() {
        for key in row.keys {
            if let Key::Char(c) = key
                && c.is_ascii_graphic()
            {
                let wide = char::from_u32(u32::from(*c) + 0xfee0).expect("full-width twin");
                assert_eq!(keymap::action(&[row.scope], &Key::Char(wide)), keymap::action(&[row.scope], key));
            }
        }
    }
}

#[test]
fn every_word_of_the_table_is_in_both_languages() {
    for lang in [Lang::Zh, Lang::En] {
        for row in keymap::table() {
            assert!(has(row.help, lang), "{lang:?} lacks {}", row.help);
            assert!(has(row.scope.heading(), lang), "{lang:?} lacks {}", row.scope.heading());
        }
    }
}

#[test]
fn the_key_card_names_every_key() {
    let cx = dossier::tui::Cx { lang: Lang::En, theme: dossier::tui::theme::Theme::default(), at_ms: 0, lines: false };
    let card = keymap::card(&cx);
    for row in keymap::table() {
        for key in row.keys.iter().filter(|_| !matches!(row.action, Action::Pick(_))) {
            assert!(card.contains(&key.label()), "{} is not on the card", key.label());
        }
    }
    assert!(!card.contains("tui."), "{card}");
}

//! README's tables are printed by the program from the lists it obeys. `UPDATE_README=1 cargo test --test screens readme`
//! prints them anew.

use dossier::tui::{Cx, Lang, keymap, theme::Theme};
use std::path::Path;

fn between<'t>(text: &'t str, open: &str, close: &str) -> (&'t str, &'t str, &'t str) {
    let (before, rest) = text.split_once(open).expect("the opening mark stands in README.md");
    let (inside, after) = rest.split_once(close).expect("the closing mark stands in README.md");
    (before, inside, after)
}

#[test]
fn the_key_card_is_the_one_the_program_obeys() {
    let cx = Cx { lang: Lang::En, theme: Theme::default(), at_ms: 0, lines: false };
    let card = format!("\n\n{}\n", keymap::card(&cx).trim_end());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = std::fs::read_to_string(&file).unwrap();
    let (before, inside, after) = between(&readme, "<!-- keys -->", "<!-- /keys -->");
    if std::env::var_os("UPDATE_README").is_some() {
        std::fs::write(&file, format!("{before}<!-- keys -->{card}<!-- /keys -->{after}")).unwrap();
    } else {
        assert_eq!(inside, card);
    }
}

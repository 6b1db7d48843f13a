//! Up to four files, parted by the byte 0x1E: survey, choices, settings and a table, in whatever encoding.
#![no_main]

use dossier::domain::{Day, Stamp};
use dossier::form::{Book, Draft, Supply, load};
use libfuzzer_sys::fuzz_target;
use std::collections::HashMap;
use std::sync::Arc;

fuzz_target!(|data: &[u8]| {
    let names = ["survey.csv", "choices.csv", "settings.csv", "t.csv"];
    let files = names.into_iter().zip(data.split(|b| *b == 0x1e));
    let Ok(book) = Book::from_csv(files) else { return };
    let kept = book.to_csv();
    let again = Book::from_csv(kept.iter().map(|(name, text)| (name.as_str(), text.as_bytes())));
    assert!(again.is_ok(), "what is kept of a form is read again");
    let Ok(loaded) = load(&book, &HashMap::new()) else { return };
    for problem in &loaded.problems {
        problem.caret_lines();
    }
    let day = Day::from_ymd(2025, 6, 15).expect("a day");
    Draft::open(Arc::new(loaded.form), Supply::on(Stamp(0), day)).problems();
});

//! The first byte says what the rest is read as: a script, which is then run; facts; a GeoJSON table; an XML table.
#![no_main]

use dossier::domain::{Day, Stamp, encoding};
use dossier::form::{Book, Draft, Form, Supply, load, run};
use libfuzzer_sys::fuzz_target;
use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

const SURVEY: &[u8] =
    b"type,name,label\ntext,a,A\ninteger,n,N\nselect_multiple l,s,S\nbegin repeat,r,R\ndate,x,X\nend repeat,,\n";
const CHOICES: &[u8] = b"list_name,name,label\nl,1,One\nl,2,Two\n";

fn form() -> Arc<Form> {
    static FORM: OnceLock<Arc<Form>> = OnceLock::new();
    FORM.get_or_init(|| {
        let book = Book::from_csv([("survey.csv", SURVEY), ("choices.csv", CHOICES)]).expect("csv");
        Arc::new(load(&book, &HashMap::new()).expect("a form").form)
    })
    .clone()
}

fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else { return };
    match kind % 4 {
        0 => {
            let Ok(read) = encoding::decode(bytes, None) else { return };
            let Ok(steps) = run::steps(&read.text) else { return };
            let day = Day::from_ymd(2025, 6, 15).expect("a day");
            let draft = Draft::from_steps(form(), Supply::on(Stamp(0), day), &steps).0;
            run::nodes(&draft);
        }
        1 => {
            let Ok(read) = encoding::decode(bytes, None) else { return };
            let _ = dossier::rules::json::facts(&read.text);
        }
        kind => {
            let name = if kind == 2 { "t.geojson" } else { "t.xml" };
            let Ok(book) = Book::from_texts([("survey.csv", SURVEY), (name, bytes)], None) else { return };
            let _ = load(&book, &HashMap::new());
        }
    }
});

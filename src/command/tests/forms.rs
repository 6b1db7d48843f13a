//! Forms in the store, and drafts that outlive a version of their form.

use super::*;
use crate::form::{Book, Moved};

fn book(survey: &str, version: &str) -> Book {
    let survey: Vec<&str> = survey.lines().map(str::trim).collect();
    let settings = format!("form_id,form_title,version\nwell,Well,{version}\n");
    Book::from_csv([("survey", survey.join("\n").as_bytes()), ("settings", settings.as_bytes())]).unwrap()
}

const ONE: &str = "type,name,label
    text,owner,Owner
    integer,depth,Depth in m
    text,colour,Colour";
const TWO: &str = "type,name,label
    begin group,g,The well
    text,owner,Whose
    integer,depth,Depth in metres
    end group,,
    date,dug,Dug on";

#[test]
fn a_form_is_kept_once_in_each_version_and_never_with_two_contents() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let now = on("2026-03-10");
    let records = |office: &Office| office.bureau.store.position();
    let one = office.add_form(&book(ONE, "1"), "file", now).unwrap();
    let after = records(&office);
    let again = office.add_form(&book(ONE, "1"), "file", now).unwrap();
    assert!(Arc::ptr_eq(&one, &again));
    assert_eq!(records(&office), after, "nothing is kept twice");
    let refused = office.add_form(&book(TWO, "1"), "file", now).err().map(|failure| said(&failure)).unwrap();
    assert!(refused.contains("版本 1") && refused.contains("well"), "{refused}");
    assert_eq!(records(&office), after);
    office.add_form(&book(TWO, "2"), "file", on("2026-03-11")).unwrap();
    // Without a version of its own a form is known by its content, and without an id by its file's name.
    let nameless = Book::from_csv([("survey", "type,name\ntext,a".as_bytes())]).unwrap();
    let nameless = office.add_form(&nameless, "of-file", now).unwrap();
    assert_eq!(nameless.id, "of-file");
    assert!(nameless.version.starts_with('~') && nameless.version.len() == 9, "{}", nameless.version);
    // Closed, opened, folded anew: every version is there, whole.
    office.close().unwrap();
    let office = super::office(folder.path(), 8, "2026-03-12");
    let listed: Vec<(String, String)> =
        office.forms().unwrap().into_iter().map(|row| (row.form, row.version)).collect();
    let pair = |form: &str, version: &str| (form.to_owned(), version.to_owned());
    assert_eq!(listed, [pair("of-file", &nameless.version), pair("well", "1"), pair("well", "2")]);
    assert_eq!(office.form("well", "1").unwrap().unwrap().nodes.len(), 3);
    assert_eq!(office.form_now("well").unwrap().version, "2");
    assert!(office.form("well", "3").unwrap().is_none());
    assert!(matches!(office.form_now("wells"), Err(Failure::NoSuchForm { .. })));
}

#[test]
fn the_name_of_the_programs_own_form_is_taken() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let files = [("survey", "type,name\ntext,a"), ("settings", "form_id,version\nhardship,99")];
    let book = Book::from_csv(files.map(|(name, text)| (name, text.as_bytes()))).unwrap();
    assert!(matches!(office.add_form(&book, "x", on("2026-03-10")), Err(Failure::FormNameTaken { .. })));
    assert_eq!(office.forms().unwrap(), []);
}

#[test]
fn a_survey_is_read_with_the_form_it_was_taken_with() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let household = survey(&office, None, None, &steps("illness"), "2026-03-10");
    // The built-in form is kept with the first survey taken with it, once.
    survey(&office, None, None, &steps("laid_off"), "2026-03-10");
    let kept = office.forms().unwrap();
    let hardship = library().hardship().unwrap().clone();
    assert_eq!(kept.len(), 1);
    assert_eq!((&kept[0].form, &kept[0].version), (&hardship.id, &hardship.version));
    let files = office.form_files(&kept[0]).unwrap();
    assert!(files.iter().any(|(name, text)| name == "survey.csv" && text.contains("survey_date")));
    // And one of a file: version 1 answered, then version 2 added.
    let one = office.add_form(&book(ONE, "1"), "file", on("2026-03-11")).unwrap();
    let begin = Begin { dossier: Some(household), form: one, corrects: None, updates: false, on_disk: false };
    let mut surveying = office.begin(begin, on("2026-03-11")).unwrap();
    for step in [set("owner", "示例"), set("depth", "12"), set("colour", "red")] {
        surveying.answer(&office, &step).unwrap();
    }
    office.submit(&mut surveying, on("2026-03-11"), false).unwrap();
    office.add_form(&book(TWO, "2"), "file", on("2026-03-12")).unwrap();
    let status = office.status(household, Horizon::NOW).unwrap();
    let line = office.version(&status, None).unwrap();
    let answers = office.survey(household, &line).unwrap().answers;
    let form = office.form_of(&answers.form, &answers.form_version).unwrap();
    let label = |name: &str| form.node(form.by_name[name][0]).label.get(0).to_owned();
    assert_eq!([label("owner"), label("colour")], ["Owner", "Colour"]);
}

#[test]
fn what_another_form_calls_name_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let household = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let face = || {
        let face = office.open(household, on("2026-03-12")).unwrap().face().unwrap().unwrap();
        (face.names, face.id_numbers)
    };
    let before = face();
    let visit = "type,name,label\ntext,name,Name\ntext,id_number,ID number";
    let form = office.add_form(&book(visit, "1"), "file", on("2026-03-11")).unwrap();
    let begin = Begin { dossier: Some(household), form, corrects: None, updates: false, on_disk: false };
    let mut surveying = office.begin(begin, on("2026-03-11")).unwrap();
    for (path, value) in [("name", "示例癸"), ("id_number", "152126196803150311")] {
        surveying.answer(&office, &set(path, value)).unwrap();
    }
    office.submit(&mut surveying, on("2026-03-11"), false).unwrap();
    assert_eq!(face(), before);
    let found = office.lookup("示例癸", 5, on("2026-03-12")).unwrap();
    assert!(found.hits.iter().all(|hit| hit.name != "示例癸"));
}

#[test]
fn a_draft_goes_on_with_the_changed_form_and_tells_what_moved() {
    let folder = tempfile::tempdir().unwrap();
    let (draft, household) = {
        let office = office(folder.path(), 7, "2026-03-10");
        let household = survey(&office, None, None, &steps("illness"), "2026-03-10");
        let form = office.add_form(&book(ONE, "1"), "file", on("2026-03-10")).unwrap();
        let begin = Begin { dossier: Some(household), form, corrects: None, updates: false, on_disk: true };
        let mut surveying = office.begin(begin, on("2026-03-10")).unwrap();
        for step in [set("owner", "示例"), set("depth", "12"), set("colour", "red")] {
            surveying.answer(&office, &step).unwrap();
        }
        surveying.keeping.sync(&office).unwrap();
        office.add_form(&book(TWO, "2"), "file", on("2026-03-11")).unwrap();
        (surveying.keeping.head.draft, household)
    };
    let path = |text: &str| crate::domain::Path::new(text);
    let reported = [
        Moved::To { was: "Owner".into(), to: path("g/owner"), now: "The well › Whose".into() },
        Moved::To { was: "Depth in m".into(), to: path("g/depth"), now: "The well › Depth in metres".into() },
        Moved::Gone { was: "Colour".into() },
    ];
    let office = office(folder.path(), 8, "2026-03-12");
    let form = office.form_now("well").unwrap();
    assert_eq!(office.draft_of(Some(household), None, &form).unwrap(), Some(draft));
    let (surveying, found) = office.resume(draft, form.clone(), on("2026-03-12")).unwrap();
    assert_eq!(found.moved, reported);
    let value = |draft: &crate::form::Draft, at: &str| draft.value(draft.at(&path(at)).unwrap()).to_owned();
    assert_eq!([value(&surveying.draft, "g/owner"), value(&surveying.draft, "g/depth")], ["示例", "12"]);
    assert_eq!(surveying.keeping.head.form_version, "2");
    // Taken up once more it is a draft on the new form like any other, and what had no place stands in a remark.
    drop(surveying);
    let (mut surveying, found) = office.resume(draft, form, on("2026-03-12")).unwrap();
    assert_eq!(found.moved, []);
    office.submit(&mut surveying, on("2026-03-12"), false).unwrap_or_else(|failure| panic!("{}", said(&failure)));
    let status = office.status(household, Horizon::NOW).unwrap();
    let answers = office.survey(household, &office.version(&status, None).unwrap()).unwrap().answers;
    assert_eq!(answers.form_version, "2");
    assert_eq!(answers.value("g/depth"), Some("12"));
    assert!(answers.notes.iter().any(|note| note.text == "Colour = red"));
    let left = std::fs::read_dir(folder.path().join("drafts")).unwrap().count();
    assert_eq!(left, 0, "no file is left behind");
}

#[test]
fn last_saved_is_the_officers_last_survey_with_that_form_and_stands_still_while_a_draft_lasts() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let household = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let survey = "type,name,label,default\ntext,village,Village,${last-saved#village}\ntext,well,Well,";
    let form = office.add_form(&book(survey, "1"), "file", on("2026-03-10")).unwrap();
    let begin = |on_disk| {
        let begin = Begin { dossier: Some(household), form: form.clone(), corrects: None, updates: false, on_disk };
        office.begin(begin, on("2026-03-11")).unwrap()
    };
    let village =
        |draft: &crate::form::Draft| draft.value(draft.at(&crate::domain::Path::new("village")).unwrap()).to_owned();
    let take = |value: &str| {
        let mut surveying = begin(false);
        surveying.answer(&office, &set("village", value)).unwrap();
        office.submit(&mut surveying, on("2026-03-11"), true).unwrap();
    };
    assert_eq!(village(&begin(false).draft), "", "nothing was taken yet");
    take("甲村");
    let mut waits = begin(true);
    assert_eq!(village(&waits.draft), "甲村");
    waits.keeping.sync(&office).unwrap();
    take("乙村");
    assert_eq!(village(&begin(false).draft), "乙村");
    let draft = waits.keeping.head.draft;
    assert!(matches!(office.resume(draft, form.clone(), on("2026-03-12")), Err(Failure::DraftOpen { own: true, .. })));
    drop(waits);
    let (again, _) = office.resume(draft, form.clone(), on("2026-03-12")).unwrap();
    assert_eq!(village(&again.draft), "甲村");
}

#[test]
fn a_form_that_calls_its_questions_as_the_survey_does_says_nothing_of_the_dossier() {
    use crate::domain::event::SurveyKind;
    use crate::domain::questions;
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let household = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let before = office.history(household).unwrap();
    let rows = questions::ALL.iter().map(|name| format!("\ntext,{name},Q")).collect::<String>();
    let form = office.add_form(&book(&format!("type,name,label{rows}"), "1"), "file", on("2026-03-11")).unwrap();
    let begin = Begin { dossier: Some(household), form, corrects: None, updates: false, on_disk: false };
    let mut surveying = office.begin(begin, on("2026-03-11")).unwrap();
    for name in questions::ALL {
        let value = match *name {
            questions::WORK_UNIT | questions::REFUSED_UNIT => "JH12",
            questions::HUKOU_DIVISION => "150782",
            name if name.contains("date") || name.ends_with("_on") || name.ends_with("_at") => "2030-01-01",
            _ => "2",
        };
        surveying.answer(&office, &set(name, value)).unwrap();
    }
    office.submit(&mut surveying, on("2026-03-11"), false).unwrap_or_else(|failure| panic!("{}", said(&failure)));
    let after = office.history(household).unwrap();
    let versions = after.versions(Horizon::NOW);
    let [first, other] = &versions[..] else { panic!("{}", versions.len()) };
    assert_eq!((other.survey.kind, other.survey.on), (SurveyKind::Other, on("2026-03-11").today));
    assert_eq!((other.survey.unit, &other.survey.division), (first.survey.unit, &first.survey.division));
    assert_eq!((other.survey.cause.as_deref(), other.survey.category.as_deref()), (None, None));
    assert_eq!(after.unit(Horizon::NOW), before.unit(Horizon::NOW));
    assert_eq!(after.next_due(Horizon::NOW), before.next_due(Horizon::NOW));
    // And the next survey goes on from the one before, of its own kind.
    let form = library().hardship().unwrap().clone();
    let begin = Begin { dossier: Some(household), form, corrects: None, updates: false, on_disk: false };
    let again = office.begin(begin, on("2026-09-12")).unwrap();
    let previous = again.keeping.head.values.iter().find(|(name, _)| name == questions::PREVIOUS_SURVEY_DATE).unwrap();
    assert_eq!(previous.1, "2026-03-10");
    assert!(again.draft.answers().value("identity/name").is_some(), "answers are carried");
}

//! A right that is taken back while a screen is open: whatever key comes next does nothing more and shows nobody any more, on every
//! screen of the program.

use crate::campaigns;
use crate::confirming::{every_key, key_of};
use crate::fund;
use crate::support::Session;
use crate::support::bureau::{Bureau, TODAY, now};
use dossier::command::SessionContext;
use dossier::domain::{OfficerId, UnitId};
use dossier::tui::keymap::{self, Action};
use dossier::tui::screens::{NAMES, today::Today};
use dossier::tui::session::{self, Unlocked};
use dossier::views::OfficerRow;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Every screen and what it asks, each by the keys that lead there from the first one.
const PLACES: &[&str] = &[
    "",
    "d",
    ":",
    "?",
    "= 0001",
    "b",
    "l",
    "w",
    "w <enter>",
    "w <enter> o",
    "w <enter> <enter>",
    "w <enter> <enter> a",
    "w <enter> <enter> v",
    "f",
    "f a",
    "f c",
    "f c <enter>",
    "f c <enter> <space> h",
    "f c <enter> s",
    "/ 0001",
    "/ 0001 <enter>",
    "/ 0001 <enter> 2 <enter>",
    "/ 0001 <enter> 7 a 6 6 <space> x",
    "/ 0002 <enter> 8 <enter>",
    "/ 0001 <enter> v x x x x x x x",
    "/ 0001 <enter> f",
    "/ 0001 <enter> s",
];

const ROLES: [&str; 6] = ["surveyor", "reviewer", "approver", "cashier", "accountant", "supervisor"];

struct Scene {
    bureau: Bureau,
    officer: OfficerId,
    units: Vec<UnitId>,
    elsewhere: UnitId,
    /// Whom no screen shows any more.
    names: Vec<String>,
}

impl Scene {
    fn new() -> Scene {
        let bureau = Bureau::with_households();
        fund::book(&bureau);
        fund::proposed(&bureau);
        bureau.open_round();
        campaigns::granted(&bureau);
        let office = &bureau.office;
        let book = [("survey.csv", b"type,name,label\ntext,well,Well\n".as_slice())];
        let book = dossier::form::Book::from_csv(book).expect("a form");
        office.add_form(&book, "well", now(TODAY)).expect("added");
        // A draft that somebody else began, about a household of theirs.
        Session::open(Box::new(Today::new(bureau.session()))).keys("/ 0001 <enter> s <c-w>");
        let lines: Vec<_> = office.dossiers(now(TODAY)).expect("dossiers");
        let lines: Vec<_> = lines.into_iter().map(|one| office.line(one, now(TODAY)).expect("a line")).collect();
        let names: Vec<String> = lines.iter().filter_map(|line| line.name.clone()).collect();
        assert_eq!(names.len(), 3);
        let mut units: Vec<UnitId> = lines.iter().filter_map(|line| line.status.unit).collect();
        units.dedup();
        let all = office.units().expect("units");
        let leads = |one: UnitId| all.iter().any(|row| row.parent == Some(one));
        let elsewhere =
            all.iter().map(|row| row.unit).find(|one| !units.contains(one) && !leads(*one)).expect("another");
        let officer = office.add_officer("示例走", "walker", &ROLES, &units, now(TODAY)).expect("added");
        Scene { officer, units, elsewhere, names, bureau }
    }

    fn set(&self, change: impl FnOnce(&mut OfficerRow)) {
        let officers = self.bureau.office.officers().expect("officers");
        let mut row = officers.into_iter().find(|row| row.officer == self.officer).expect("known");
        (row.roles, row.units, row.until) = (ROLES.map(str::to_owned).to_vec(), self.units.clone(), None);
        change(&mut row);
        self.bureau.office.set_officer(&row, now(TODAY)).expect("set");
    }

    fn at(&self, place: &str) -> Session {
        let seat = Arc::new(self.bureau.office.seat(self.officer, SessionContext::program("screens")));
        // Drafts that were begun at the place before would stand in the way of others' on the first screen.
        for line in seat.drafts(now(TODAY)).expect("drafts").0.into_iter().filter(|line| line.by == self.officer) {
            seat.discard_draft(line.draft, now(TODAY)).expect("discarded");
        }
        let session = session::Session::new(seat, Box::new(|| now(TODAY)), Unlocked::KeyFile).expect("a session");
        let mut session = Session::open(Box::new(Today::new(session)));
        session.keys(place);
        session
    }

    /// Takes something back while that place is open, and presses the key.
    fn press(&self, place: &str, key: &str, (way, take): (&str, &dyn Fn(&mut OfficerRow))) {
        let mut session = self.at(place);
        self.set(take);
        let kept = || {
            let drafts = self.bureau.office.drafts(now(TODAY)).expect("drafts").0;
            let others = drafts.iter().filter(|line| line.by != self.officer).count();
            (self.bureau.office.records().expect("records"), others)
        };
        let before = kept();
        session.keys(key);
        let what = format!("{place:?}: {key} after losing the {way}\n{}", session.screen());
        assert_eq!(kept(), before, "{what}");
        let seen = self.names.iter().find(|name| session.shows(name));
        assert!(seen.is_none(), "{seen:?} {what}");
        // As it would be after the next look at what others did.
        session.app.news();
        session.show();
        assert!(self.names.iter().all(|name| !session.shows(name)), "{what}");
        assert_eq!(kept(), before, "{what}");
        drop(session);
        self.set(|_| ());
    }
}

/// A key for each thing that can be done there beside moving about, and a text.
fn keys_that_do(session: &Session) -> Vec<String> {
    use Action::*;
    let moving = [Help, Menu, Language, Lines, Redraw, Leave, Up, Down, PageUp, PageDown, First, Last, Next, Previous];
    let mut done: BTreeSet<Option<Action>> = moving.into_iter().map(Some).collect();
    // Escape alone is no key yet: an arrow may begin so.
    let keys = every_key(session).into_iter().filter(|key| key != "<esc>");
    keys.filter(|key| done.insert(keymap::action(session.app.scopes(), &key_of(key)))).collect()
}

#[test]
fn whatever_key_comes_after_a_right_was_taken_back_nothing_is_done_and_nobody_is_shown_on_any_screen() {
    let scene = Scene::new();
    let elsewhere = scene.elsewhere;
    let roles = |row: &mut OfficerRow| row.roles = vec!["system_administrator".into()];
    let unit = move |row: &mut OfficerRow| row.units = vec![elsewhere];
    let day = |row: &mut OfficerRow| row.until = Some(now(TODAY).today.plus_days(-1));
    let mut rooms: BTreeSet<&str> = BTreeSet::new();
    let mut pressed = 0;
    for place in PLACES {
        let session = scene.at(place);
        rooms.extend(session.app.rooms());
        let keys = keys_that_do(&session);
        drop(session);
        for key in &keys {
            scene.press(place, key, ("role", &roles));
            pressed += 1;
        }
        for key in ["y", "<enter>"] {
            scene.press(place, key, ("unit", &unit));
            scene.press(place, key, ("last day", &day));
            pressed += 2;
        }
    }
    assert!(pressed > 150, "{pressed}");
    // What the clock is asked about comes up where an act was refused for it: `a_right_that_is_taken_back_under_the_clocks_question_…`.
    rooms.insert("clock");
    // What says that a screen has closed is what such a key brings up, below.
    rooms.insert("closed");
    let left_out: Vec<_> = NAMES.iter().filter(|name| !rooms.contains(**name)).collect();
    assert_eq!(left_out, Vec::<&&str>::new(), "screens that the walk does not reach");
}

#[test]
fn keys_that_were_on_their_way_to_a_closed_screen_do_nothing_on_the_one_below_until_the_word_was_read() {
    let scene = Scene::new();
    let elsewhere = scene.elsewhere;
    let place = "/ 0001 <enter>";
    // In one block with the key that met the closed door, and one by one after it, before another frame was shown.
    for typed in ["\r\r\r", "x\r\r", "\r/0001\r", "qq"] {
        let mut session = scene.at(place);
        scene.set(|row| row.units = vec![elsewhere]);
        session.feed(typed.as_bytes());
        assert_eq!(session.app.rooms().last(), Some(&"closed"), "{typed:?}\n{}", session.screen());
        session.expect_true();
        assert!(scene.names.iter().all(|name| !session.shows(name)), "{typed:?}\n{}", session.screen());
        // On screen it takes a key of its own, and no other does anything.
        session.keys("x / 1 <down> <tab> :");
        assert_eq!(session.app.rooms().last(), Some(&"closed"), "{typed:?}\n{}", session.screen());
        session.keys("<esc>");
        assert_ne!(session.app.rooms().last(), Some(&"closed"), "{typed:?}\n{}", session.screen());
        drop(session);
        scene.set(|_| ());
    }
}

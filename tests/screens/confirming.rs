//! Nothing is recorded that was not meant: a key that is pressed twice, held down or typed ahead confirms nothing.

use crate::fund;
use crate::support::Session;
use crate::support::bureau::{Bureau, TODAY, now};
use dossier::tui::confirming::APART_MS;
use dossier::tui::keymap::{self, KeyScope};
use dossier::tui::screens::today::Today;
use std::collections::BTreeSet;

/// The screens and boxes, each by the keys that lead there from the first one.
const PLACES: &[&str] = &[
    "",
    "d",
    ":",
    "?",
    "=",
    "l",
    "l f",
    "l w",
    "l m",
    "w",
    "w <enter>",
    "w <enter> c",
    "w <enter> p",
    "w <enter> <enter>",
    "w <enter> <enter> a",
    "w <enter> <enter> v",
    "f",
    "f a",
    "b",
    "b <enter>",
    "/ 0001",
    "/ 0001 <enter>",
    "/ 0001 <enter> 2",
    "/ 0001 <enter> 2 <enter>",
    "/ 0001 <enter> 2 <enter> <down> <down> a",
    "/ 0001 <enter> 7",
    "/ 0001 <enter> 7 a",
    "/ 0001 <enter> 7 a 6 6 <space> x",
    "/ 0001 <enter> 8",
    "/ 0002 <enter> 8 <enter>",
    "/ 0001 <enter> v",
    "/ 0001 <enter> v x x x x x x x",
    "/ 0001 <enter> s",
    "/ 0001 <enter> s <f7>",
    "/ 0001 <enter> s <f8>",
    "/ 0001 <enter> s <f9>",
    "/ 0001 <enter> s <esc>",
    // A correction that wants nothing any more, at its last page and before it.
    "/ 0001 <enter> 2 c <f6> 6 6 <enter> 4 5 0 0 0 <enter>",
    "/ 0001 <enter> 2 c <f6> 6 6 <enter> 4 5 0 0 0 <enter> <f9>",
    "/ 0001 <enter> 2 c <f6> 6 6 <enter> 4 5 0 0 0 <enter> <f9> :",
];

/// Where something may be asked that is then done for good.
const ASKING: &[KeyScope] = &[KeyScope::YesNo, KeyScope::Entries, KeyScope::Narrowed, KeyScope::SurveyFinish];

pub fn key_of(spelt: &str) -> dossier::tui::Key {
    let mut decoder = dossier::tui::input::Decoder::default();
    decoder.feed(&crate::support::keys(spelt).concat(), 0).remove(0)
}

/// Every key of the table that means something at that place, as a script spells it: where one types, letters are text.
pub fn every_key(session: &Session) -> BTreeSet<String> {
    use dossier::tui::Key::*;
    let spelt = |key: &dossier::tui::Key| match key {
        Char(' ') => "<space>".to_owned(),
        Char(c) => c.to_string(),
        Ctrl(c) => format!("<c-{c}>"),
        F(n) => format!("<f{n}>"),
        Enter => "<enter>".into(),
        Tab => "<tab>".into(),
        BackTab => "<s-tab>".into(),
        Esc => "<esc>".into(),
        Delete => "<del>".into(),
        Insert => "<ins>".into(),
        Left => "<left>".into(),
        Right => "<right>".into(),
        Up => "<up>".into(),
        Down => "<down>".into(),
        Home => "<home>".into(),
        End => "<end>".into(),
        PageUp => "<pgup>".into(),
        PageDown => "<pgdn>".into(),
        other => panic!("how is {} spelt", other.label()),
    };
    let scopes = session.app.scopes();
    let means = |key: &&dossier::tui::Key| keymap::action(scopes, key).is_some();
    let text = ["y", "1", "d"].map(str::to_owned);
    keymap::table().flat_map(|row| row.keys).filter(means).map(spelt).chain(text).collect()
}

/// A bureau with something to do on every screen: households, a payout, a draft of one's own and one of somebody else's.
struct Office(Bureau);

impl Office {
    fn new() -> Office {
        let bureau = Bureau::with_households();
        fund::book(&bureau);
        fund::proposed(&bureau);
        bureau.open_round();
        let office = Office(bureau);
        // A look at a household is recorded once a session.
        let others = ["/ 0002 <enter> s", "/ 0003 <enter> s"];
        PLACES.iter().chain(&others).for_each(|place| drop(office.at(place)));
        office
    }

    /// What stands on disk: records, and drafts.
    fn kept(&self) -> (u64, usize) {
        let drafts = self.0.office.drafts(now(TODAY)).expect("drafts").0.len();
        (self.0.office.records().expect("records"), drafts)
    }

    /// A session at that place. One draft waits on the first screen.
    fn at(&self, place: &str) -> Session {
        let drafts = self.0.office.drafts(now(TODAY)).expect("drafts").0;
        if drafts.len() != 1 || drafts[0].answered > 0 {
            self.0.discard_drafts();
            Session::open(Box::new(Today::new(self.0.session()))).keys("n <c-w>");
        }
        let mut session = Session::open(Box::new(Today::new(self.0.session())));
        session.keys(place);
        session
    }
}

#[test]
fn every_key_pressed_again_on_every_screen_records_nothing_more() {
    let office = Office::new();
    let mut pressed = 0;
    for place in PLACES {
        let mut session = office.at(place);
        for key in &every_key(&session) {
            let sent = session.sent.len();
            session.keys(key);
            if session.sent.len() == sent {
                continue;
            }
            // Any key closes the help, and then means what it says there.
            let kept = || (office.kept().0, Some(office.kept().1).filter(|_| *place != "?"));
            let once = kept();
            for again in 0..3 {
                session.keys(key);
                assert_eq!(kept(), once, "{place:?}: {key} pressed {} times\n{}", again + 2, session.screen());
            }
            pressed += 1;
            drop(session);
            session = office.at(place);
        }
    }
    assert!(pressed > 300, "{pressed}");
}

#[test]
fn what_comes_with_the_key_that_asks_confirms_nothing() {
    let office = Office::new();
    let confirms = ["y", "1", "<enter>", "<f2>", "<c-f>", "<c-w>"];
    let mut asked = 0;
    for place in PLACES {
        let mut session = office.at(place);
        for key in &every_key(&session) {
            let (before, scopes) = (office.kept().0, session.app.scopes());
            let sent = session.sent.len();
            session.keys(key);
            if session.sent.len() == sent {
                continue;
            }
            let now = session.app.scopes();
            let asks = now != scopes && office.kept().0 == before && now.iter().any(|scope| ASKING.contains(scope));
            drop(session);
            let means = |confirm: &&&str| asks && keymap::action(now, &key_of(confirm)).is_some();
            for confirm in confirms.iter().filter(means) {
                let mut session = office.at(place);
                let before = office.kept().0;
                session.feed(&[crate::support::keys(key), crate::support::keys(confirm)].concat().concat());
                assert_eq!(office.kept().0, before, "{place:?}: {key} {confirm}\n{}", session.screen());
                asked += 1;
            }
            session = office.at(place);
        }
    }
    assert!(asked > 20, "{asked}");
}

#[test]
fn keys_in_one_write_mean_what_they_mean_one_by_one() {
    let bureau = Bureau::with_households();
    let open = || Session::sized(Box::new(Today::new(bureau.session())), 80, 24);
    // A list that was not drawn yet, and a page of one that was.
    for script in ["l 3", "l 2 <esc> <end>", "l <pgdn> <enter>", "l <end> 1", "/ 示 例 <down> <enter>", "l <pgdn> 2"]
    {
        let (mut slow, mut ahead) = (open(), open());
        slow.keys(script);
        ahead.feed(&crate::support::keys(script).concat());
        assert_eq!(ahead.screen(), slow.screen(), "{script}");
    }
}

#[test]
fn a_question_that_nobody_can_have_read_yet_is_answered_by_nobody() {
    let office = Office::new();
    let mut session = office.at("");
    let (_, drafts) = office.kept();
    session.keys("d");
    // As on a line that stands still: the key is there a moment after the question was sent.
    let sent = session.at_ms;
    session.app.feed(b"y", sent + APART_MS - 1);
    session.show();
    session.expect("没有算数");
    assert_eq!(office.kept().1, drafts);
    session.app.feed(b"y", sent + APART_MS);
    assert_eq!(office.kept().1, drafts - 1);
}

//! A small demo bureau: made through the real commands, so what is promised of it is promised of them.

use dossier::command::demo::{Made, Plan, make};
use dossier::command::fund::LineState;
use dossier::command::{Failure, Household, Library, Office, OpenOffice, Unlocking, opening};
use dossier::domain::dossier::Status;
use dossier::domain::event::{Ledger, SurveyKind};
use dossier::domain::fund::{Books, CampaignState, ClosingState, MovementKind, PayoutState};
use dossier::domain::{Day, DossierId, Explain, Fen, Given, IdNumber, Now, Origin, Stamp};
use dossier::seal::{SeededRandom, SystemRandom};
use dossier::views::Horizon;
use dossier::views::history::History;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

fn plan(seed: u64) -> Plan {
    Plan { households: 25, seed, today: Day::from_ymd(2026, 11, 26).unwrap() }
}

fn library() -> Arc<Library> {
    static LIBRARY: OnceLock<Arc<Library>> = OnceLock::new();
    LIBRARY.get_or_init(|| Arc::new(Library::built_in())).clone()
}

fn made(folder: &Path, plan: Plan) -> Made {
    make(folder, plan, library(), b"machine".to_vec(), &mut |_, _| {}).unwrap_or_else(|failure| {
        let details: Vec<_> = failure.details().into_iter().map(|d| format!("{d:?}")).collect();
        panic!("{failure:?}\n{}", details.join("\n"))
    })
}

fn open(folder: &Path) -> Office {
    let at = Stamp(1_795_000_000_000);
    let opened = opening::open(OpenOffice {
        machine: b"machine".to_vec(),
        create: false,
        ..OpenOffice::new(folder, library(), Box::new(SystemRandom), Now { at, today: at.day() })
    })
    .unwrap();
    assert!(opened.moved.is_none() && opened.found.is_empty(), "{:?}", opened.found);
    opened.office
}

fn histories(office: &Office) -> Vec<History> {
    let mut ids: Vec<_> = office.dossiers(now()).unwrap();
    ids.sort();
    ids.into_iter().map(|id| opened(office, id).into_history()).collect()
}

fn now() -> Now {
    let at = Stamp(1_795_000_000_000);
    Now { at, today: at.day() }
}

/// The household, for a reason where it takes one.
fn opened(office: &Office, dossier: DossierId) -> Household<'_> {
    let opened = office.open(dossier, now());
    opened.or_else(|_| office.find_because(&dossier.hex(), "示例事由共六字", now())).unwrap()
}

/// One bureau for all promises of this file.
fn bureau() -> &'static (tempfile::TempDir, Made) {
    static BUREAU: OnceLock<(tempfile::TempDir, Made)> = OnceLock::new();
    BUREAU.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let made = made(&folder.path().join("demo"), plan(2018));
        (folder, made)
    })
}

#[test]
fn a_demo_holds_every_category_every_turn_and_valid_people() {
    let (folder, made) = bureau();
    let _turn = turn();
    assert_eq!(made.plan, plan(2018));
    let office = open(&folder.path().join("demo"));

    let verified = office.verify(None, true, |_, _| {}).unwrap();
    assert!(verified.holds(), "{:?}", verified.differences);
    assert_eq!(verified.report.records, made.records);

    let histories = histories(&office);
    assert_eq!(histories.len(), 25);
    let mut categories: BTreeMap<String, usize> = BTreeMap::new();
    let mut moves: BTreeSet<(String, String)> = BTreeSet::new();
    let mut kinds: BTreeSet<String> = BTreeSet::new();
    let mut sets: BTreeSet<String> = BTreeSet::new();
    let mut reasons: BTreeSet<String> = BTreeSet::new();
    let mut statuses: BTreeSet<Status> = BTreeSet::new();
    let mut changes: BTreeSet<String> = BTreeSet::new();
    let (mut conflicts, mut corrected, mut surveys, mut confirmed) = (0, 0, 0, 0);
    let (mut overdue, mut posted, mut approved, mut voted) = (0, 0, 0, 0);
    let today = made.plan.today;
    for history in &histories {
        let versions = history.versions(Horizon::NOW);
        let mut before: Option<String> = None;
        for happening in &history.happenings {
            match &happening.ledger {
                Ledger::SurveySubmitted(survey) => {
                    surveys += 1;
                    kinds.insert(format!("{:?}", survey.kind));
                    sets.extend(survey.rule_set.clone());
                    assert!(survey.on <= today);
                    corrected += usize::from(survey.kind == SurveyKind::Correction);
                }
                Ledger::NoticePosted { .. } => posted += 1,
                Ledger::Approved { .. } => approved += 1,
                Ledger::Deliberated { .. } => voted += 1,
                Ledger::StatusMoved { to, reason, .. } => {
                    statuses.insert(*to);
                    reasons.extend(reason.clone());
                }
                _ => {}
            }
        }
        for version in &versions {
            let now = version.survey.category.clone().unwrap_or("undecided".into());
            *categories.entry(now.clone()).or_default() += 1;
            if let Some(before) = before.replace(now.clone()) {
                moves.insert((before, now));
            }
        }
        if history.status(Horizon::NOW).is_some_and(Status::is_on_file) {
            assert!(history.in_force(Horizon::NOW).is_some(), "nobody is in the files but by approval");
        }
        conflicts += usize::from(history.heads(Horizon::NOW).is_conflict());
        overdue += usize::from(history.next_due(Horizon::NOW).is_some_and(|due| due < today));
        let household = opened(&office, history.dossier);
        let status = household.status(Horizon::NOW);
        for line in &status.versions {
            let kept = household.survey(line).unwrap();
            for answer in &kept.answers.answers {
                let Given::Value(text) = &answer.given else { continue };
                match answer.path.name() {
                    "id_number" | "m_id_number" => {
                        assert!(IdNumber::from_typed(text).is_ok(), "{}", answer.path);
                    }
                    "ch_type" => drop(changes.insert(text.clone())),
                    _ => {}
                }
                confirmed += usize::from(answer.origin == Origin::CarriedConfirmed);
                assert!(answer.origin != Origin::CarriedUnseen, "{} of {}", answer.path, status.number);
            }
        }
    }
    println!("{categories:?}\n{moves:?}\n{kinds:?}\n{sets:?}\n{reasons:?}\n{changes:?}\n{statuses:?}");
    assert_eq!(surveys, made.surveys);
    let expected = ["0", "1", "2", "3", "9", "D1", "D2", "D3", "undecided"];
    assert_eq!(categories.keys().map(String::as_str).collect::<Vec<_>>(), expected);
    for (before, after) in
        [("1", "2"), ("2", "1"), ("2", "0"), ("0", "9"), ("9", "0"), ("undecided", "1"), ("D1", "D2"), ("3", "0")]
    {
        assert!(moves.contains(&(before.into(), after.into())), "nobody goes from {before} to {after}: {moves:?}");
    }
    assert!(
        moves.iter().any(|(a, b)| a.starts_with('D') && !b.starts_with('D')),
        "nobody passes the change of schemes"
    );
    assert_eq!(kinds.len(), 5, "{kinds:?}");
    assert!(sets.len() > 4, "{sets:?}");
    for status in [Status::Open, Status::Suspended, Status::Closed, Status::Rejected] {
        assert!(statuses.contains(&status), "nobody is ever {status:?}");
    }
    for reason in ["01", "02"] {
        assert!(reasons.contains(reason), "{reasons:?}");
    }
    for change in ["08", "15"] {
        assert!(changes.contains(change), "{changes:?}");
    }
    assert!(conflicts == 1 && corrected >= 1 && confirmed > 1000 && overdue >= 1, "{conflicts} {corrected} {overdue}");
    assert!(posted > 10 && approved > posted && voted > posted, "{posted} {approved} {voted}");
    office.close().unwrap();
}

/// After the last act of the last day.
fn evening() -> Now {
    let today = plan(0).today;
    Now { at: Stamp(Stamp::start_of(today).0 + 20 * 3_600_000), today }
}

/// The one bureau is open to one test at a time.
fn turn() -> std::sync::MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The same office, with that officer of the demo at it.
fn sits(mut office: Office, name: &str) -> Office {
    let officer = office.officer_named(name).unwrap().officer;
    office.sit_down(officer);
    office
}

#[test]
fn a_demos_fund_holds_every_sum_and_was_kept_by_people_apart() {
    let (folder, _) = bureau();
    let _turn = turn();
    let office = sits(open(&folder.path().join("demo")), "马丽华");
    let proof = office.check_book(None, evening()).unwrap();
    assert!(proof.holds(), "{proof:?}");
    assert!(proof.lines > 200 && proof.waiting == 0, "{} {}", proof.lines, proof.waiting);

    // The bureau's first ten years as it told of them, about; and the years of the book, which open and close on each other.
    let (first, today) = (Day::from_ymd(2008, 1, 1).unwrap(), evening().today);
    let all = office.fund_period(None, first, today, evening()).unwrap().statement;
    assert!(all.holds() && all.all_aid.person_times > 40, "{:?}", all.all_aid);
    assert_eq!((all.all_former().amount, all.all_former().person_times), (Fen(234_000_000), 3_500));
    for year in 2019..=2026 {
        let [from, to] = [(1, 1), (12, 31)].map(|(month, day)| Day::from_ymd(year, month, day).unwrap().min(today));
        let year = office.fund_period(None, from, to, evening()).unwrap().statement;
        assert!(year.holds() && year.all_aid.amount > Fen(0), "{from}: {:?}", year.all_aid);
    }

    // Nobody granted what they had proposed or checked, and nobody paid what they had granted.
    let office = sits(office, "于春燕");
    for row in office.payouts(None, evening()).unwrap() {
        let by = |state| row.step(state).map(|step| step.by);
        let granted = by(PayoutState::Approved);
        let others = [Some(row.by), by(PayoutState::Checked), by(PayoutState::Sent), by(PayoutState::Paid)];
        assert!(granted.is_none() || !others.contains(&granted), "{row:?}");
    }
    office.close().unwrap();
}

#[test]
fn a_demos_fund_has_work_for_everybody_and_something_for_an_auditor() {
    let (folder, _) = bureau();
    let _turn = turn();
    let office = sits(open(&folder.path().join("demo")), "于春燕");
    let rows = office.payouts(None, evening()).unwrap();
    for state in PayoutState::ALL {
        assert!(rows.iter().any(|row| row.state() == state), "no payout is {state:?}");
    }
    let settled = || rows.iter().filter(|row| row.state() == PayoutState::Settled);
    assert!(settled().any(|row| row.step(PayoutState::Returned).is_some()), "one came back, and was paid again");
    assert!(settled().any(|row| row.payout.is_emergency()), "one was paid first");
    assert!(rows.iter().any(|row| row.payout.draws.len() > 1), "one draws on two purses");
    let kinds: BTreeSet<&str> = rows.iter().map(|row| row.payout.aid.as_str()).collect();
    assert!(kinds.len() > 6, "{kinds:?}");

    // Three festivals are over, one campaign is being handed out, and the next list is being made.
    let campaigns = office.campaigns(evening()).unwrap();
    let states: Vec<CampaignState> = campaigns.iter().map(|row| row.state()).collect();
    use CampaignState::{Approved, Closed, Open};
    assert_eq!(states, [Closed, Closed, Closed, Approved, Open]);
    let lines = |at: usize| office.campaign_lines(&campaigns[at], evening()).unwrap();
    let count = |at, is: fn(&LineState) -> bool| lines(at).iter().filter(|line| is(&line.state)).count();
    assert!(
        count(3, |state| *state == LineState::Granted) > 2 && count(3, |s| matches!(s, LineState::Handed { .. })) > 2
    );
    for at in 0..3 {
        assert!(count(at, |s| matches!(s, LineState::Handed { by_proxy: true, .. })) == 1);
        assert!(count(at, |s| matches!(s, LineState::Returned { .. })) > 0, "what nobody came for came back");
    }
    let outside = lines(4).iter().filter(|line| line.dossier.is_none()).count();
    assert!((10..=40).contains(&outside), "{outside}");

    let office = sits(office, "郑立新");
    let closings = office.closings(evening()).unwrap();
    let (closed, waiting): (Vec<_>, Vec<_>) = closings.iter().partition(|line| line.state == ClosingState::Closed);
    assert_eq!(closed.last().map(|line| line.row.closing.to), Day::from_ymd(2026, 9, 30));
    assert_eq!(closed.iter().filter(|line| line.row.closing.from.month() != line.row.closing.to.month()).count(), 7);
    assert_eq!(waiting.iter().map(|line| line.state).collect::<Vec<_>>(), [ClosingState::Checked]);
    let short: Vec<Fen> = closings.iter().flat_map(|line| &line.counts).map(|line| line.count.differs()).collect();
    assert_eq!(short.iter().filter(|fen| fen.0 != 0).count(), 1, "the box was short once, and it is said why");

    // A grant that ran out with money in it, and a unit of which everybody gave the same.
    assert!(office.settlement("upper-2024", evening().today, evening()).unwrap().is_unspent());
    assert!(office.settlement("budget-2023", evening().today, evening()).unwrap().given_back > Fen(0));
    let equal = office.standing_donations(None, evening()).unwrap();
    assert_eq!(
        equal.iter().filter(|line| line.is_equal_throughout).map(|line| line.from.year()).collect::<Vec<_>>(),
        [2024]
    );
    let missing = office.appropriations(2026, evening()).unwrap();
    assert!(missing.iter().any(|line| line.source == "S01" && line.missing() > Fen(0)), "{missing:?}");
    // A mistake stands in the book beside the line that takes it back.
    let receipts = office.receipts(Books::General, 2021, evening()).unwrap();
    let lines = receipts.iter().filter_map(|receipt| receipt.line.as_ref());
    assert_eq!(lines.filter(|line| line.reversed.is_some()).count(), 1);
    let donors = office.donors(evening()).unwrap();
    assert!(donors.len() == 2 && donors.iter().all(|donor| donor.gave > Fen(0)), "{donors:?}");
    let pair =
        office.fund_statement("pair-2022", Day::from_ymd(2022, 1, 1).unwrap(), evening().today, evening()).unwrap();
    let kind = pair.lines.first().and_then(|line| line.line.what.movement()).map(|movement| movement.kind);
    assert_eq!(kind, Some(MovementKind::Receipt));
    office.close().unwrap();
}

#[test]
fn the_same_seed_makes_the_same_bureau_and_another_another() {
    let folder = tempfile::tempdir().unwrap();
    let small = |seed| Plan { households: 12, ..plan(seed) };
    let reported = |name: &str, seed| {
        let place = folder.path().join(name);
        let made = made(&place, small(seed));
        let office = open(&place);
        let line = |h: &History| {
            let line = opened(&office, h.dossier).status(Horizon::NOW);
            (line.dossier, line.number, line.category, line.status, line.per_head_net, line.next_due)
        };
        let lines: Vec<_> = histories(&office).iter().map(line).collect();
        let office = sits(office, "周文华");
        let state = office.fund_state(evening().today, evening()).unwrap();
        let purses: Vec<_> = state.purses.into_iter().map(|line| (line.row.purse.code, line.sums)).collect();
        let payouts = office.payouts(None, evening()).unwrap();
        let campaigns: Vec<_> = office.campaigns(evening()).unwrap();
        let handed: Vec<_> =
            campaigns.iter().map(|row| (row.id, row.state(), row.last().map(|row| row.step.sum))).collect();
        assert!(office.check_book(None, evening()).unwrap().holds());
        office.close().unwrap();
        (made.surveys, made.records, lines, (purses, payouts, handed))
    };
    let first = reported("one", 2018);
    assert_eq!(first, reported("same", 2018));
    let other = reported("other", 7);
    assert!(first.2 != other.2 && first.3.1 != other.3.1);
}

#[test]
fn a_demo_that_is_there_is_found_and_anything_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("demo");
    let small = Plan { households: 1, ..plan(3) };
    let first = made(&place, small);
    assert!(!first.found);
    let again = made(&place, small);
    assert!(again.found && again.records == first.records);
    let refused = |place: &Path, seed| {
        make(place, Plan { seed, ..small }, library(), Vec::new(), &mut |_, _| {}).unwrap_err().explain().key
    };
    assert_eq!(refused(&place, 4), "command.not_a_demo");
    let foreign = folder.path().join("mine");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("letter.txt"), "keep").unwrap();
    assert_eq!(refused(&foreign, 3), "command.not_a_demo");
    assert_eq!(std::fs::read_dir(&foreign).unwrap().count(), 1);
    let beside = folder.path().join("new.unfinished");
    std::fs::create_dir(&beside).unwrap();
    std::fs::write(beside.join("letter.txt"), "keep").unwrap();
    assert_eq!(refused(&folder.path().join("new"), 3), "command.not_a_demo");
    assert!(beside.join("letter.txt").exists());
    // What an earlier demo left unfinished is made anew.
    std::fs::remove_file(beside.join("letter.txt")).unwrap();
    std::fs::write(beside.join("demo"), "unfinished\n").unwrap();
    assert!(!made(&folder.path().join("new"), small).found && !beside.exists());
}

#[test]
fn every_demo_has_keys_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let small = Plan { households: 1, ..plan(3) };
    let [one, two] = ["one", "two"].map(|name| folder.path().join(name));
    made(&one, small);
    made(&two, small);
    let key_file = |place: &Path| std::fs::read(place.join("dossier.key")).unwrap();
    assert_ne!(key_file(&one), key_file(&two));
    let wanted = OpenOffice {
        unlocking: Unlocking::KeyFile(Some(one.join("dossier.key"))),
        ..OpenOffice::new(&two, library(), Box::new(SeededRandom::new(9)), now())
    };
    assert!(matches!(opening::open(wanted), Err(Failure::Seal(_))), "the key of one opens no other");
}

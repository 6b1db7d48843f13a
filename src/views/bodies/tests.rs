//! The bytes of every event, as they are for ever: a sample of each against the golden file.

use super::*;
use crate::domain::dossier::{Level, Status, UpperState};
use crate::domain::event::{DeliberationPerson, Paper, PaperState, SurveyKind, SurveyLedger};
use crate::domain::fund;
use crate::domain::round::{RoundCounts, VisitOutcome};
use crate::domain::{
    Answer, Answers, Credential, Day, DraftId, Entrance, Fen, Given, LoginStep, MemberMove, OfficerId, Origin, Path,
    PersonId, PlaceId, PurseId, State, StationId, UnitId,
};

fn survey() -> SurveyLedger {
    SurveyLedger {
        dossier: DossierId([1; 16]),
        draft: DraftId([2; 16]),
        kind: SurveyKind::Periodic,
        on: Day(20_000),
        form: "hardship".into(),
        form_version: "1".into(),
        unit: Some(UnitId([3; 16])),
        division: "150785".into(),
        corrects: Some(EntryId([4; 16])),
        rule_set: Some("genhe-2026".into()),
        category: None,
        possible: vec!["1".into(), "2".into()],
        cause: Some("06".into()),
        members: Some(3),
        income: Some(Fen(-1)),
        rigid: None,
        per_head_net: Some(Fen(61_111)),
        line_month: Some(Fen(82_000)),
        persons: vec![PersonId([5; 16])],
        next_due: Some(Day(20_030)),
    }
}

fn line() -> fund::LineId {
    fund::LineId { entry: EntryId([22; 16]), line: 1 }
}

fn movement() -> fund::Movement {
    fund::Movement {
        kind: fund::MovementKind::Payout,
        from: PlaceId([19; 16]),
        to: PlaceId::OUTSIDE,
        purse: PurseId([21; 16]),
        amount: Fen(600_000),
        on: Day(14),
        bank_day: Some(Day(13)),
        aid: Some("P7".into()),
        dossier: Some(DossierId([1; 16])),
        person: Some(PersonId([5; 16])),
        unit: None,
        document: "2018-12".into(),
        names: Some(line()),
    }
}

/// One of every variant, in the order of the enum. A new variant comes at the end, with its line.
fn ledgers() -> Vec<Ledger> {
    let (dossier, station) = (DossierId([1; 16]), StationId([6; 16]));
    vec![
        Ledger::StationStarted { after: Some((station, 9, [7; 32])), signing_key: [8; 32], number_authority: true },
        Ledger::UnitAdded {
            unit: UnitId([3; 16]),
            code: "JH11".into(),
            kind: "forest_farm".into(),
            parent: None,
            since: Some(Day(1)),
            until: None,
            replaced_by: Some(UnitId([9; 16])),
        },
        Ledger::OfficerAdded {
            officer: OfficerId([10; 16]),
            roles: vec!["surveyor".into()],
            units: vec![UnitId([3; 16])],
            until: Some(Day(2)),
        },
        Ledger::DossierOpened { dossier, unit: None, division: "150785".into(), accepted_on: Day(3) },
        Ledger::NumberGiven { dossier },
        Ledger::BlockGiven { series: "150785-2026".into(), from: 1001, to: 2000, station },
        Ledger::SurveySubmitted(survey()),
        Ledger::StatusMoved { dossier, to: Status::Closed, on: Day(4), reason: Some("01".into()) },
        Ledger::Revealed { subject: Subject::Dossier(dossier), what: "face".into() },
        Ledger::Erased { subject: Subject::Person(PersonId([5; 16])), seen: vec![(station, 12)] },
        Ledger::AuthorityMoved { to: station },
        Ledger::OtherNumber { dossier, system: "national".into() },
        Ledger::QueryAsked { dossier, survey: EntryId([4; 16]) },
        Ledger::QueryAnswered { dossier, query: EntryId([11; 16]) },
        Ledger::QueryClosed { dossier, query: EntryId([11; 16]) },
        Ledger::FormAdded {
            form: "sample".into(),
            version: "2".into(),
            title: "示例".into(),
            files: vec![("survey.csv".into(), "type,name\n".into())],
        },
        Ledger::CredentialSet {
            credential: Credential::Key("ssh-ed25519 AAAA".into()),
            officer: Some(OfficerId([10; 16])),
            open: true,
            until: Some(Day(5)),
            from: vec!["10.20.0.0/16".into()],
        },
        Ledger::Login {
            officer: None,
            step: LoginStep::Refused,
            credential: "uid 1001".into(),
            address: "10.20.3.4".into(),
            why: "unknown".into(),
            count: 2,
        },
        Ledger::SessionBegun {
            entrance: Entrance::Own(Credential::Key("ssh-ed25519 AAAA".into())),
            owner: Some(OfficerId([10; 16])),
            address: "10.20.3.4".into(),
            purpose: "screens".into(),
        },
        Ledger::Looked {
            subjects: vec![Subject::Dossier(dossier), Subject::Person(PersonId([5; 16]))],
            what: "open".into(),
            important: true,
        },
        Ledger::SurveyProposed { survey: survey(), adopted: Some(EntryId([12; 16])) },
        Ledger::Approved {
            dossier,
            on: Day(6),
            category: "1".into(),
            rule_set: "genhe-2026".into(),
            adopted: Some(EntryId([12; 16])),
            survey: EntryId([4; 16]),
            notice: Some(EntryId([13; 16])),
            from: Day(7),
            until: Some(Day(372)),
        },
        Ledger::SettingSet { key: "division".into(), value: "150785".into(), since: Some(Day(8)) },
        Ledger::Adopted {
            what: "rule_set".into(),
            id: "genhe-2026".into(),
            text: "id = \"genhe-2026\"\n".into(),
            document: "示例 2026 第 3 号".into(),
            decided_on: Day(9),
            since: Day(10),
            until: None,
        },
        Ledger::PersonAdded {
            person: PersonId([5; 16]),
            kind: "receiver".into(),
            unit: Some(UnitId([3; 16])),
            since: Day(11),
        },
        Ledger::PersonLinked { person: PersonId([5; 16]), member: PersonId([14; 16]), dossier, linked: true },
        Ledger::DraftTaken { dossier, draft: DraftId([2; 16]), of: OfficerId([10; 16]), to: Some(OfficerId([16; 16])) },
        Ledger::Maintenance { what: "key_removed".into(), id: "0a1b2c3d".into(), count: 12 },
        Ledger::StepWithdrawn { dossier, step: EntryId([18; 16]) },
        Ledger::StretchNamed { station, from: 41, to: 43 },
        Ledger::BookTaken { from: Some((station, 44)) },
        Ledger::BookGiven { to: station },
        Ledger::PlaceOpened(fund::Place {
            place: PlaceId([19; 16]),
            code: "bank-way".into(),
            kind: fund::PlaceKind::UnderWay,
            of: Some(PlaceId([20; 16])),
            since: Day(12),
        }),
        Ledger::PurseOpened(fund::Purse {
            purse: PurseId([21; 16]),
            code: "fire-2018".into(),
            source: "S04".into(),
            books: fund::Books::General,
            kinds: vec!["P7".into()],
            household: Some(dossier),
            donor: Some(PersonId([5; 16])),
            since: Day(13),
            until: Some(Day(378)),
        }),
        Ledger::FundMoved(movement()),
        Ledger::FundReserved(fund::Reservation {
            purse: PurseId([21; 16]),
            amount: Fen(600_000),
            on: Day(14),
            until: Day(44),
            aid: "P7".into(),
            dossier: Some(dossier),
            person: Some(PersonId([5; 16])),
            unit: Some(UnitId([3; 16])),
        }),
        Ledger::FundReleased(fund::Release { reservation: line(), amount: Fen(1), on: Day(15) }),
        Ledger::NumbersVoided { series: "fund-r-general-2018".into(), from: 7, to: 9, on: Day(16) },
        Ledger::PayoutProposed(fund::Payout {
            dossier,
            unit: Some(UnitId([3; 16])),
            person: Some(PersonId([5; 16])),
            aid: "P7".into(),
            event: "2018 火灾".into(),
            category: "1".into(),
            survey: EntryId([4; 16]),
            draws: vec![fund::Draw { purse: PurseId([21; 16]), amount: Fen(600_000) }],
            on: Day(17),
            papers_by: Some(Day(27)),
        }),
        Ledger::PayoutMoved(fund::PayoutStep {
            payout: EntryId([23; 16]),
            after: EntryId([24; 16]),
            to: fund::PayoutState::Approved,
            on: Day(18),
            meeting: Some(fund::Meeting {
                document: "2018-3".into(),
                members: 9,
                present: 7,
                votes_for: 5,
                votes_against: 1,
                aside: 1,
            }),
            until: Some(Day(23)),
        }),
        Ledger::BatchSent(fund::Batch {
            books: fund::Books::General,
            on: Day(24),
            count: 2,
            sum: Fen(1_200_000),
            lines: vec![EntryId([23; 16])],
            stopped: vec![(EntryId([25; 16]), "not_open".into())],
        }),
        Ledger::Applied {
            dossier,
            on: Day(12),
            unit: Some(UnitId([3; 16])),
            channel: Some("1".into()),
            asker: Some("3".into()),
            for_whom: Some("1".into()),
            wants: vec!["1".into(), "2".into()],
        },
        Ledger::Deliberated { dossier, on: Day(13), committee: 7, present: 5, aside: 1, agreed: 4, against: 1 },
        Ledger::NoticePosted {
            dossier,
            on: Day(14),
            until: Day(20),
            unit: Some(UnitId([3; 16])),
            category: Some("1".into()),
            survey: Some(EntryId([4; 16])),
            text_hash: Some([19; 32]),
        },
        Ledger::ExclusionsOverridden { dossier, survey: EntryId([4; 16]), codes: vec!["X1".into()], on: Day(15) },
        Ledger::PapersNoted { dossier, on: Day(16), papers: papers() },
        Ledger::WorkerDied { dossier, on: Day(17) },
        Ledger::DonationsPledged(fund::Pledge {
            unit: UnitId([3; 16]),
            from: Day(1),
            until: Day(31),
            expected: Fen(400_000),
            on: Day(2),
        }),
        Ledger::DonationsCounted(fund::Collection {
            unit: UnitId([3; 16]),
            from: Day(1),
            until: Day(31),
            staff: 42,
            gave: vec![(Fen(5_000), 38), (Fen(10_000), 2)],
        }),
        Ledger::AppropriationNoted(fund::Appropriation {
            year: 2018,
            source: "S01".into(),
            stage: fund::Stage::Granted,
            amount: Fen(20_000_000),
            on: Day(25),
            document: "2018-7".into(),
        }),
        Ledger::PeriodCounted(fund::Closing {
            from: Day(1),
            to: Day(31),
            on: Day(33),
            places: vec![fund::PlaceCount { place: PlaceId([19; 16]), book: Fen(100), counted: Fen(99) }],
            purses: vec![(PurseId([21; 16]), Fen(100))],
        }),
        Ledger::PeriodMoved(fund::ClosingStep {
            closing: EntryId([26; 16]),
            to: fund::ClosingState::Closed,
            on: Day(34),
        }),
        Ledger::FormerYearNoted(fund::FormerYear {
            year: 2008,
            aid: "P1".into(),
            amount: Fen(6_000_000),
            person_times: 100,
            on: Day(35),
            document: "2008-1".into(),
        }),
        Ledger::Objected { dossier, on: Day(18), notice: EntryId([27; 16]), returns: true },
        Ledger::ObjectionSettled { dossier, on: Day(19), objection: EntryId([28; 16]), upheld: false },
        Ledger::RollBroughtIn { on: Day(30), households: 500, persons: 1400 },
        Ledger::CameWithRoll {
            dossier,
            roll: EntryId([30; 16]),
            line: 4,
            category: Some("1".into()),
            since: Some(Day(31)),
        },
        Ledger::RollTakenOver {
            rolls: vec![EntryId([30; 16])],
            on: Day(32),
            document: "示例 2026 第 3 号".into(),
            households: 499,
        },
        Ledger::TakenOver {
            dossier,
            on: Day(32),
            category: "1".into(),
            rule_set: "genhe-2026".into(),
            survey: EntryId([4; 16]),
            from: Day(31),
            until: Some(Day(396)),
        },
        Ledger::RoundOpened {
            from: Day(33),
            to: Day(63),
            drawn: Day(32),
            units: vec![UnitId([3; 16])],
            households: vec![dossier],
        },
        Ledger::VisitAssigned { dossier, round: EntryId([23; 16]), to: Some(OfficerId([10; 16])) },
        Ledger::VisitMade {
            dossier,
            round: EntryId([23; 16]),
            on: Day(34),
            outcome: VisitOutcome::NotFound,
            next: Some(Day(40)),
            is_final: false,
        },
        Ledger::RoundClosed {
            round: EntryId([23; 16]),
            on: Day(64),
            counts: RoundCounts {
                households: 3,
                surveyed: 1,
                late: 1,
                ended: vec![(VisitOutcome::Refused, 1), (VisitOutcome::Moved, 0)],
                gone: 1,
            },
        },
        Ledger::VisitAssigned { dossier, round: EntryId([23; 16]), to: None },
        Ledger::LevelNoted { dossier, on: Day(36), level: Level::Provincial, upper: UpperState::Returned },
        Ledger::CampaignOpened(fund::Campaign {
            code: "spring-2027".into(),
            aid: "P6".into(),
            event: "2027 春节".into(),
            from: Day(33),
            until: Day(63),
            classes: vec![fund::CampaignClass {
                code: "retired".into(),
                standard: Fen(50_000),
                purse: PurseId([20; 16]),
            }],
            on: Day(33),
        }),
        Ledger::CampaignFilled {
            campaign: EntryId([31; 16]),
            on: Day(33),
            source: fund::ReceiverSource::File,
            lines: vec![
                fund::Receiver {
                    dossier: Some(dossier),
                    person: Some(PersonId([11; 16])),
                    unit: Some(UnitId([3; 16])),
                    class: 0,
                    category: Some("1".into()),
                },
                fund::Receiver {
                    dossier: None,
                    person: Some(PersonId([12; 16])),
                    unit: None,
                    class: 0,
                    category: None,
                },
            ],
        },
        Ledger::CampaignFilled {
            campaign: EntryId([31; 16]),
            on: Day(33),
            source: fund::ReceiverSource::Roll,
            lines: Vec::new(),
        },
        campaign_step(fund::CampaignState::Open, Vec::new()),
        campaign_step(fund::CampaignState::Checked, Vec::new()),
        campaign_step(fund::CampaignState::Approved, campaign_lines()),
        campaign_step(fund::CampaignState::Closed, Vec::new()),
        receiver_step(fund::ReceiverMove::Dropped, false),
        receiver_step(fund::ReceiverMove::Handed, true),
        receiver_step(fund::ReceiverMove::Returned, false),
    ]
}

fn campaign_lines() -> Vec<(fund::ReceiverId, Option<fund::TakenOut>)> {
    use fund::TakenOut::*;
    let out = [
        None,
        Some(Twice { line: 1 }),
        Some(OtherCampaign { campaign: EntryId([33; 16]) }),
        Some(OtherPayout { payout: EntryId([34; 16]) }),
        Some(AboveOnce { most: Fen(300_000) }),
        Some(AboveYear { cap: Fen(600_000), had: Fen(550_001) }),
        Some(OneKind),
        Some(NoStandard),
        Some(Dead { on: Day(30) }),
        Some(Over),
        Some(Erased),
        Some(Dropped),
    ];
    (0..).zip(out).map(|(line, out)| (fund::ReceiverId { entry: EntryId([32; 16]), line }, out)).collect()
}

fn campaign_step(to: fund::CampaignState, lines: Vec<(fund::ReceiverId, Option<fund::TakenOut>)>) -> Ledger {
    Ledger::CampaignMoved(fund::CampaignStep {
        campaign: EntryId([31; 16]),
        after: EntryId([32; 16]),
        to,
        on: Day(34),
        count: 1,
        sum: Fen(50_000),
        meeting: None,
        lines,
    })
}

fn receiver_step(to: fund::ReceiverMove, by_proxy: bool) -> Ledger {
    let receiver = fund::ReceiverId { entry: EntryId([32; 16]), line: 0 };
    Ledger::ReceiverMoved(fund::ReceiverStep { campaign: EntryId([31; 16]), receiver, to, on: Day(35), by_proxy })
}

fn papers() -> Vec<Paper> {
    let paper = |kind: &str, state| Paper { kind: kind.into(), state, issued: None, expires: None, page: None };
    let seen = PaperState::Seen { original: true };
    vec![
        Paper { issued: Some(Day(1)), expires: Some(Day(366)), page: Some(3), ..paper("hukou", seen) },
        paper("income", PaperState::Owed { until: Some(Day(30)) }),
        paper("dibao", PaperState::Waived { until: Day(40) }),
    ]
}

/// One of every way of coming in; parts of one event and of several.
fn entrances() -> Vec<Entrance> {
    vec![
        Entrance::Folder { uid: 1000 },
        Entrance::Own(Credential::Uid(1001)),
        Entrance::Gateway { uid: 990 },
        Entrance::Program,
    ]
}

fn ledger_parts() -> Vec<LedgerPart> {
    let begun = entrances().into_iter().map(|entrance| Ledger::SessionBegun {
        entrance,
        owner: None,
        address: String::new(),
        purpose: "status".into(),
    });
    let several = vec![ledgers()[3].clone(), Ledger::SurveySubmitted(survey())];
    vec![
        LedgerPart { session: None, events: begun.collect() },
        LedgerPart { session: Some(EntryId([15; 16])), events: several },
    ]
}

fn person_parts() -> Vec<PersonPart> {
    let survey_as_file =
        persons().into_iter().filter(|it| matches!(it, Person::Survey(_) | Person::Fingerprint(_))).take(2);
    vec![
        PersonPart(Vec::new()),
        PersonPart((0..).zip(persons().into_iter().take(6)).collect()),
        PersonPart(survey_as_file.map(|it| (1, it)).collect()),
    ]
}

fn persons() -> Vec<Person> {
    let answers = Answers {
        form: "hardship".into(),
        form_version: "1".into(),
        answers: vec![
            Answer { path: Path::new("a[1]/b"), given: Given::Value("示例".into()), origin: Origin::Asked },
            Answer { path: Path::new("c"), given: Given::State(State::Refused), origin: Origin::CarriedUnseen },
        ],
        ..Answers::default()
    };
    vec![
        Person::Survey(SurveyPerson { answers, decision: None }),
        Person::Named { zh: "示例".into(), en: "Sample".into() },
        Person::Text("示例".into()),
        Person::Number("1".into()),
        Person::Query { path: "a[1]/b".into(), text: "示例".into() },
        Person::Card(vec![("name".into(), "示例".into()), ("phone".into(), "13800000000".into())]),
        Person::Fingerprint([17; 32]),
        Person::Deliberation(DeliberationPerson {
            members: vec!["示例甲".into(), "示例乙".into()],
            aside: vec!["示例丙".into()],
            text: "示例".into(),
        }),
        Person::Posted { line: "示例".into(), key: [20; 16] },
        Person::Members(vec![
            MemberChange {
                person: PersonId([21; 16]),
                joined: false,
                said: MemberMove { since: Some(Day(21)), why: "6".into(), text: String::new() },
            },
            MemberChange {
                person: PersonId([22; 16]),
                joined: true,
                said: MemberMove { since: None, why: "99".into(), text: "示例".into() },
            },
        ]),
        Person::Survey(SurveyPerson {
            answers: Answers {
                form: "hardship".into(),
                form_version: "1".into(),
                answers: vec![Answer {
                    path: Path::new("c"),
                    given: Given::Value("示例".into()),
                    origin: Origin::Imported,
                }],
                ..Answers::default()
            },
            decision: None,
        }),
    ]
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// `DOSSIER_GOLDEN=write` writes the file for a new variant. A line that is there never changes once the schema is
/// frozen: what is on a disk somewhere has to be read.
#[test]
fn every_variant_of_every_event_has_the_bytes_it_always_had() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/events_schema1.txt");
    let mut lines: Vec<String> = Vec::new();
    let mut put = |name: &str, bytes: Result<Vec<u8>, _>| {
        let bytes: Vec<u8> = bytes.map_err(|error: envelope::EnvelopeError| error).unwrap();
        lines.push(format!("{name} {}", hex(&bytes)));
    };
    ledgers().iter().for_each(|it| put("ledger", envelope::encode(LEDGER, SCHEMA, it)));
    persons().iter().for_each(|it| put("person", envelope::encode(PERSON, SCHEMA, it)));
    ledger_parts().iter().for_each(|it| put("ledger_part", envelope::encode(LEDGER_PART, SCHEMA, it)));
    person_parts().iter().for_each(|it| put("person_part", envelope::encode(PERSON_PART, SCHEMA, it)));
    if std::env::var("DOSSIER_GOLDEN").is_ok_and(|v| v == "write") {
        std::fs::write(&file, lines.join("\n") + "\n").unwrap();
    }
    let golden = std::fs::read_to_string(&file).unwrap();
    assert_eq!(golden.lines().collect::<Vec<_>>(), lines);
    let bytes = |digits: &str| -> Vec<u8> {
        (0..digits.len() / 2).map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap()).collect()
    };
    let kept = |name: &str| -> Vec<Vec<u8>> {
        let lines = golden.lines().filter_map(|line| line.split_once(' '));
        lines.filter(|(of, _)| *of == name).map(|(_, digits)| bytes(digits)).collect()
    };
    fn read<T: serde::de::DeserializeOwned>(magic: [u8; 4], kept: Vec<Vec<u8>>) -> Vec<T> {
        kept.iter().map(|bytes| envelope::decode(magic, SCHEMA, bytes).unwrap()).collect()
    }
    assert_eq!(read::<Ledger>(LEDGER, kept("ledger")), ledgers());
    assert!(read::<Person>(PERSON, kept("person")) == persons());
    assert_eq!(read::<LedgerPart>(LEDGER_PART, kept("ledger_part")), ledger_parts());
    assert!(read::<PersonPart>(PERSON_PART, kept("person_part")) == person_parts());
}

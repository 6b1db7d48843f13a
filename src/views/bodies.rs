//! The sealed parts of a record: events on their way in and out. **[disk]**
//!
//! Both ways stand here side by side, since what one writes the other must read for decades.

use super::sealed::ViewError;
use crate::domain::Subject;
use crate::domain::event::{Ledger, Person};
use crate::log::{Part, Prepared, Record, SCHEMA, envelope};
use crate::seal::{KeyName, Keyring, PartKind, Place};

/// `DLED`: the ledger half of an event.
const LEDGER: [u8; 4] = *b"DLED";
/// `DPER`: the person half.
const PERSON: [u8; 4] = *b"DPER";

/// Seals an event into a prepared entry, whose header fields (station, entry, at, by, subject) are final by now.
pub fn seal_event(
    keys: &Keyring,
    prepared: &mut Prepared,
    ledger: &Ledger,
    persons: &[(Subject, Person)],
) -> Result<(), ViewError> {
    let place = |kind, subject| Place::Part {
        kind,
        schema: SCHEMA,
        station: prepared.station,
        entry: prepared.entry,
        at: prepared.at,
        by: prepared.by,
        subject,
    };
    let body = envelope::encode(LEDGER, SCHEMA, ledger)?;
    let sealed = keys.seal(KeyName::Bureau, &place(PartKind::Ledger, prepared.subject), &body)?;
    let mut parts = Vec::with_capacity(persons.len());
    for (subject, person) in persons {
        let body = zeroize::Zeroizing::new(envelope::encode(PERSON, SCHEMA, person)?);
        let sealed = keys.seal(KeyName::Subject(*subject), &place(PartKind::Person, *subject), &body)?;
        parts.push(Part { subject: *subject, sealed });
    }
    prepared.ledger = sealed;
    prepared.persons = parts;
    Ok(())
}

/// The record's ledger half.
pub fn open_ledger(keys: &Keyring, record: &Record) -> Result<Ledger, ViewError> {
    let place = place_of(record, PartKind::Ledger, record.header.subject);
    let body = keys.open_sealed(KeyName::Bureau, &place, &record.ledger)?;
    Ok(envelope::decode(LEDGER, SCHEMA, &body)?)
}

/// The record's person half about `subject`. `None` when it has none, or when the subject's key is erased.
pub fn open_person(keys: &Keyring, record: &Record, subject: Subject) -> Result<Option<Person>, ViewError> {
    let Some(part) = record.persons.iter().find(|p| p.subject == subject) else { return Ok(None) };
    if keys.is_erased(subject) {
        return Ok(None);
    }
    let body =
        keys.open_sealed(KeyName::Subject(subject), &place_of(record, PartKind::Person, subject), &part.sealed)?;
    Ok(Some(envelope::decode(PERSON, SCHEMA, &body)?))
}

fn place_of(record: &Record, kind: PartKind, subject: Subject) -> Place<'static> {
    let header = &record.header;
    Place::Part {
        kind,
        schema: header.schema,
        station: header.station,
        entry: header.entry,
        at: header.at,
        by: header.by,
        subject,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::dossier::Status;
    use crate::domain::event::{SurveyKind, SurveyLedger, SurveyPerson};
    use crate::domain::{
        Answer, Answers, Day, DossierId, DraftId, EntryId, Fen, Given, LoginStep, OfficerId, Origin, Path, PersonId,
        State, StationId, UnitId, Way,
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
            Ledger::WaySet {
                way: Way::Key("ssh-ed25519 AAAA".into()),
                officer: Some(OfficerId([10; 16])),
                open: true,
                until: Some(Day(5)),
                from: vec!["10.20.0.0/16".into()],
            },
            Ledger::Login {
                officer: None,
                step: LoginStep::Refused,
                way: "uid 1001".into(),
                address: "10.20.3.4".into(),
                why: "unknown".into(),
                count: 2,
            },
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
        for ledger in ledgers() {
            lines.push(format!("ledger {}", hex(&envelope::encode(LEDGER, SCHEMA, &ledger).unwrap())));
        }
        for person in persons() {
            lines.push(format!("person {}", hex(&envelope::encode(PERSON, SCHEMA, &person).unwrap())));
        }
        if std::env::var("DOSSIER_GOLDEN").is_ok_and(|v| v == "write") {
            std::fs::write(&file, lines.join("\n") + "\n").unwrap();
        }
        let golden = std::fs::read_to_string(&file).unwrap();
        assert_eq!(golden.lines().collect::<Vec<_>>(), lines);
        let bytes = |line: &str| -> Vec<u8> {
            let digits = line.split_once(' ').unwrap().1;
            (0..digits.len() / 2).map(|i| u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).unwrap()).collect()
        };
        let (kept_ledgers, kept_persons): (Vec<&str>, Vec<&str>) =
            golden.lines().partition(|l| l.starts_with("ledger"));
        let read: Vec<Ledger> =
            kept_ledgers.iter().map(|l| envelope::decode(LEDGER, SCHEMA, &bytes(l)).unwrap()).collect();
        assert_eq!(read, ledgers());
        let read: Vec<Person> =
            kept_persons.iter().map(|l| envelope::decode(PERSON, SCHEMA, &bytes(l)).unwrap()).collect();
        assert!(read == persons());
    }
}

//! The bytes that later programs must still read. A golden file is written once, with the schema it belongs to; when one
//! of these tests fails, the format has changed, and the change wants a new schema, not a new golden file.
//!
//! `DOSSIER_GOLDEN=write` writes the files that are missing and none that is there.

use dossier::domain::{DossierId, DraftId, EntryId, OfficerId, PersonId, Stamp, StationId, Subject, UnitId};
use dossier::log::{Head, HeadCode, Issued, Link, Prepared, Record, RecordPart, SignedHead, next};
use dossier::seal::cipher::{KeyKind, Named, Sealer};
use dossier::seal::{
    Here, KeyFile, KeyName, Keyring, NewRecipient, PartKind, PassphraseCost, SealContext, Secret, SeededRandom, Unlock,
    bundle,
};
use dossier::store::faulty::FaultyDisk;
use std::path::PathBuf;
use std::sync::Arc;

fn golden(name: &str, now: &[u8]) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if !path.exists() && std::env::var("DOSSIER_GOLDEN").is_ok_and(|v| v == "write") {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, now).unwrap();
    }
    std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn same(name: &str, now: &[u8]) -> Vec<u8> {
    let kept = golden(name, now);
    assert!(kept == now, "tests/golden/{name} is not what this program writes");
    kept
}

fn prepared() -> Prepared {
    Prepared {
        station: StationId(*b"station of golds"),
        entry: EntryId(*b"entry  of  golds"),
        at: Stamp(1_526_000_000_123),
        by: OfficerId(*b"officer of golds"),
        subject: Subject::Dossier(DossierId(*b"dossier of golds")),
        parents: vec![EntryId([1; 16]), EntryId([2; 16])],
        wants: vec!["150785-2018".into()],
        ledger: b"a ledger part, sealed".to_vec(),
        persons: vec![
            RecordPart {
                subject: Subject::Dossier(DossierId(*b"dossier of golds")),
                sealed: b"a person part".to_vec(),
            },
            RecordPart { subject: Subject::Person(PersonId([3; 16])), sealed: b"another".to_vec() },
            RecordPart { subject: Subject::Unit(UnitId([4; 16])), sealed: vec![] },
            RecordPart { subject: Subject::Bureau, sealed: b"frame of a notice".to_vec() },
        ],
    }
}

fn first() -> Record {
    next(None, &prepared(), vec![Issued { series: "150785-2018".into(), number: 42 }]).unwrap()
}

#[test]
fn records_are_written_and_read_as_ever() {
    let bytes = same("record_schema1_first.bin", &first().encode().unwrap());
    assert_eq!(Record::decode(&bytes), Ok(first()));
    let head = Head::of(&bytes).unwrap();
    let second = next(Some(&head), &prepared(), vec![]).unwrap();
    let bytes = same("record_schema1_second.bin", &second.encode().unwrap());
    assert_eq!(Record::decode(&bytes), Ok(second));
    assert_eq!(Link::read(&bytes).unwrap().prev, head.hash);
}

#[test]
fn head_codes_and_signed_heads_are_written_and_read_as_ever() {
    let head = Head::of(&first().encode().unwrap()).unwrap();
    let code = head.code().unwrap();
    let text = same("head_code.txt", format!("{code}\n").as_bytes());
    assert_eq!(HeadCode::parse(std::str::from_utf8(&text).unwrap()), Ok(code));

    let keys = folder(&FaultyDisk::default());
    let signed = SignedHead { head, key: keys.public_key(), signature: keys.sign(&head.signed_bytes()) };
    let bytes = same("signed_head.bin", &signed.encode().unwrap());
    assert!(SignedHead::decode(&bytes).unwrap().holds());
}

#[test]
fn sealed_bytes_of_every_place_are_written_and_opened_as_ever() {
    let p = prepared();
    let part = |kind| SealContext::Part {
        kind,
        schema: 1,
        station: p.station,
        entry: p.entry,
        at: p.at,
        by: p.by,
        subject: p.subject,
    };
    let places = [
        ("ledger", KeyKind::Bureau, part(PartKind::Ledger)),
        ("person", KeyKind::Subject, part(PartKind::Person)),
        ("draft", KeyKind::Store, SealContext::DraftDelta { draft: DraftId([5; 16]), number: 7 }),
        ("row", KeyKind::Store, SealContext::Row { keyspace: "dossiers", key: b"key" }),
        ("snapshot", KeyKind::Store, SealContext::Snapshot { name: "lookup", position: 9 }),
    ];
    let sealer = Sealer::new(&Secret::new([6; 32]));
    for (name, kind, place) in places {
        let named = Named { kind, generation: if kind == KeyKind::Subject { 0 } else { 3 } };
        let sealed = sealer.seal(named, &place, "根河 text".as_bytes()).unwrap();
        let bytes = same(&format!("sealed_form1_{name}.bin"), &sealed);
        assert_eq!(Named::of(&bytes), Ok(named));
        assert_eq!(sealer.open(&place, &bytes).unwrap().as_slice(), "根河 text".as_bytes());
    }
}

const PASSPHRASE: &str = "a passphrase of golds";

/// A key folder whose every byte follows from a seed: two ways in, three slots, one of them erased.
fn folder(disk: &FaultyDisk) -> Keyring {
    let mut random = SeededRandom::new(2018);
    let key_file = KeyFile::generate(&mut random).unwrap();
    let here = Here { machine: b"machine of golds".to_vec(), inode: 12 };
    let recipients = [NewRecipient::KeyFile(&key_file), NewRecipient::Passphrase(PASSPHRASE, PassphraseCost::TINY)];
    let station = StationId(*b"station of golds");
    let keys = Keyring::create(Arc::new(disk.clone()), station, &here, &recipients, &mut random).unwrap();
    keys.make_ready(3, &mut random).unwrap();
    let gone = keys.take().unwrap();
    keys.erase(&[(Subject::Dossier(DossierId(gone)), 1_526_000_000_123)]).unwrap();
    keys
}

#[test]
fn a_key_folder_is_written_and_opened_as_ever() {
    let disk = FaultyDisk::default();
    let keys = folder(&disk);
    let kept = FaultyDisk::default();
    for (name, file) in [("ring", "ring"), ("slots-00000001", "slots-00000001"), ("erased", "erased_owned")] {
        let bytes = same(&format!("keys_schema1_{file}.bin"), &disk.bytes(&format!("keys/a/{name}")).unwrap());
        for copy in ["a", "b"] {
            let path = format!("keys/{copy}/{name}");
            dossier::store::Disk::create(&kept, &path).unwrap();
            kept.damage(&path, |file| file.clone_from(&bytes));
        }
    }
    let mut random = SeededRandom::new(2018);
    let made = KeyFile::generate(&mut random).unwrap();
    let text = same("key_file.txt", made.to_text().as_bytes());
    let read = KeyFile::from_text(&text).unwrap();

    let place = SealContext::Row { keyspace: "dossiers", key: b"key" };
    let id = keys.take().unwrap();
    let name = KeyName::Subject(Subject::Dossier(DossierId(id)));
    let sealed = same("keys_schema1_sealed_under_slot.bin", &keys.seal(name, &place, b"text").unwrap());
    for unlock in [Unlock::KeyFile(&read), Unlock::Passphrase(PASSPHRASE)] {
        let opened = Keyring::open(Arc::new(kept.clone()), &unlock).unwrap();
        assert_eq!(opened.damage(), []);
        assert_eq!(opened.open_sealed(name, &place, &sealed).unwrap().as_slice(), b"text");
        assert_eq!(opened.find_ready(&|_| false), Ok(2));
    }
    // The first release wrote zeros where it now says whose tombstones they are; they count as ours.
    let before = golden("keys_schema1_erased.bin", &[]);
    for copy in ["a", "b"] {
        kept.damage(&format!("keys/{copy}/erased"), |file| file.clone_from(&before));
    }
    let opened = Keyring::open(Arc::new(kept.clone()), &Unlock::KeyFile(&read)).unwrap();
    assert_eq!((opened.damage(), opened.erased_count()), (vec![], 1));

    // Clients know the server again by what follows from it.
    same("host_seed.bin", keys.host_seed().expose());

    let bytes = same("keys_schema1_bundle.bin", &bundle::export(&folder(&FaultyDisk::default())).unwrap());
    let reported = bundle::look(&bytes).unwrap();
    assert_eq!((reported.slots, reported.tombstones), (2, 1));
}

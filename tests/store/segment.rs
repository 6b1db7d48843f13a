//! What a file of checked frames promises to the journal, drafts and key slots.

use dossier::store::faulty::{Fault, FaultyDisk};
use dossier::store::segment::*;
use dossier::store::{Damage, Failed, Position, What};

/// The head's length and the checksum's, as the format says.
const HEAD: usize = 64;
const CHECK: usize = 16;

fn head(purpose: Purpose) -> Head {
    Head { purpose, number: 3, first: 5, identity: [6; 16] }
}

fn bodies(reading: &Reading) -> Vec<(Position, u8, &[u8])> {
    reading.frames.iter().map(|f| (f.position, f.kind, f.body.as_slice())).collect()
}

#[test]
fn what_was_appended_is_read_back_with_its_positions_and_kinds() {
    let disk = FaultyDisk::default();
    let mut segment = Segment::create(&disk, "a/1.seg", head(Purpose::Slots), 600).unwrap();
    assert_eq!(segment.append(1, b"one"), Ok(5));
    assert_eq!(segment.append_all(&[(2, b"two"), (3, b"")]), Ok(7));
    segment.sync().unwrap();
    let (again, reading) = Segment::open(&disk, "a/1.seg", Purpose::Slots, 0).unwrap();
    assert_eq!(bodies(&reading), [(5, 1, &b"one"[..]), (6, 2, b"two"), (7, 3, b"")]);
    assert_eq!((reading.head, reading.damages, reading.tail), (head(Purpose::Slots), vec![], None));
    assert_eq!(again.next(), 8);
}

#[test]
fn a_file_of_a_fixed_size_takes_no_more_and_a_draft_grows() {
    let disk = FaultyDisk::default();
    let room = FRAMES_AT + frame_length(10);
    let mut slots = Segment::create(&disk, "slots", head(Purpose::Slots), room).unwrap();
    assert_eq!(slots.append(1, &[1; 11]), Err(Failed::SegmentFull));
    assert_eq!(slots.append(1, &[1; 10]), Ok(5));
    let mut draft = Segment::create(&disk, "draft", head(Purpose::Draft), 0).unwrap();
    assert_eq!(draft.append(1, &[1; 5000]), Ok(5));
    assert_eq!(disk.bytes("slots").unwrap().len() as u64, room);
}

#[test]
fn a_slot_becomes_its_tombstone_in_place() {
    let disk = FaultyDisk::default();
    let mut segment = Segment::create(&disk, "slots", head(Purpose::Slots), 600).unwrap();
    segment.append_all(&[(1, b"key of one"), (1, b"key of two")]).unwrap();
    segment.sync().unwrap();
    let (mut segment, reading) = Segment::open(&disk, "slots", Purpose::Slots, 0).unwrap();
    segment.replace(&reading.frames[0], 9, &[0; 10]).unwrap();
    assert!(segment.replace(&reading.frames[0], 9, &[0; 9]).is_err());
    let reading = Segment::read(&disk.after_power_cut(1), "slots", Purpose::Slots, 0).unwrap();
    assert_eq!(bodies(&reading), [(5, 9, &[0; 10][..]), (6, 1, b"key of two")]);
    assert!(!disk.bytes("slots").unwrap().windows(10).any(|w| w == b"key of one"));
}

#[test]
fn a_frame_that_a_later_one_calls_synced_is_damage_and_one_that_nobody_does_is_not() {
    let disk = FaultyDisk::default();
    let mut draft = Segment::create(&disk, "draft", head(Purpose::Draft), 0).unwrap();
    draft.append(1, b"synced").unwrap();
    draft.sync().unwrap();
    draft.append(1, b"not yet").unwrap();
    draft.append(1, b"nor this").unwrap();
    let flip = |needle: &[u8]| {
        let damaged = disk.copy();
        damaged.damage("draft", |bytes| {
            let at = bytes.windows(needle.len()).position(|w| w == needle).unwrap();
            bytes[at] ^= 1;
        });
        Segment::read(&damaged, "draft", Purpose::Draft, 0).unwrap()
    };
    let reading = flip(b"synced");
    let what = What::Frames { from: 5, to: 5 };
    assert_eq!(reading.damages, [Damage { file: "draft".into(), offset: FRAMES_AT, what }]);
    assert_eq!(reading.frames.len(), 2);
    let reading = flip(b"not yet");
    assert_eq!((bodies(&reading), reading.damages.len()), (vec![(5, 1, &b"synced"[..])], 0));
    assert!(reading.tail.is_some());
}

#[test]
fn left_over_bytes_are_gone_before_the_next_frame_is_written() {
    for purpose in [Purpose::Draft, Purpose::Slots] {
        let disk = FaultyDisk::default();
        let mut segment = Segment::create(&disk, "file", head(purpose), 900).unwrap();
        segment.append(1, b"first").unwrap();
        segment.sync().unwrap();
        disk.plan(0, Fault::Fails);
        assert!(segment.append(1, &[3; 300]).is_err());
        let (mut segment, reading) = Segment::open(&disk, "file", purpose, 0).unwrap();
        assert!(reading.tail.is_some(), "{purpose:?}");
        segment.append(1, b"second").unwrap();
        let reading = Segment::read(&disk, "file", purpose, 0).unwrap();
        assert_eq!(bodies(&reading), [(5, 1, &b"first"[..]), (6, 1, b"second")], "{purpose:?}");
        assert_eq!(reading.tail, None, "{purpose:?}");
    }
}

#[test]
fn a_head_that_is_damaged_once_is_mended_and_twice_is_refused_by_place() {
    let disk = FaultyDisk::default();
    drop(Segment::create(&disk, "file", head(Purpose::Slots), 300).unwrap());
    disk.damage("file", |bytes| bytes[20] ^= 4);
    let (mut segment, reading) = Segment::open(&disk, "file", Purpose::Slots, 0).unwrap();
    assert_eq!(reading.damages, [Damage { file: "file".into(), offset: 0, what: What::Head }]);
    segment.mend_head().unwrap();
    assert_eq!(Segment::read(&disk, "file", Purpose::Slots, 0).unwrap().damages, []);
    disk.damage("file", |bytes| {
        bytes[20] ^= 4;
        bytes[84] ^= 4;
    });
    let refused = Segment::read(&disk, "file", Purpose::Slots, 0).err();
    assert_eq!(refused, Some(Failed::Damaged(Damage { file: "file".into(), offset: 0, what: What::Head })));
}

#[test]
fn other_purposes_other_programs_and_newer_ones_are_refused() {
    let disk = FaultyDisk::default();
    drop(Segment::create(&disk, "file", head(Purpose::Slots), 300).unwrap());
    let not_ours = Some(Failed::NotOurs { file: "file".into() });
    assert_eq!(Segment::read(&disk, "file", Purpose::Journal, 0).err(), not_ours);
    disk.damage("file", |bytes| {
        for at in [0, HEAD] {
            bytes[at + 8] = 77;
            let check = checksum(&bytes[at..at + HEAD - 4 - CHECK]);
            bytes[at + HEAD - 4 - CHECK..at + HEAD - 4].copy_from_slice(&check);
        }
    });
    let newer = Some(Failed::Newer { file: "file".into(), schema: 77 });
    assert_eq!(Segment::read(&disk, "file", Purpose::Slots, 0).err(), newer);
    disk.damage("file", |bytes| *bytes = b"PK\x03\x04 a workbook".repeat(20));
    assert_eq!(Segment::read(&disk, "file", Purpose::Slots, 0).err(), not_ours);
}

#[test]
fn no_length_in_a_file_makes_us_read_beyond_it() {
    let disk = FaultyDisk::default();
    let mut segment = Segment::create(&disk, "file", head(Purpose::Slots), 400).unwrap();
    segment.append(1, b"body").unwrap();
    for length in [0, 5, 1000, BODY_LIMIT as u32, BODY_LIMIT as u32 + 1, u32::MAX] {
        let copy = disk.copy();
        copy.damage("file", |bytes| bytes[136..140].copy_from_slice(&length.to_le_bytes()));
        let reading = Segment::read(&copy, "file", Purpose::Slots, 0).unwrap();
        assert!(reading.frames.is_empty() && reading.tail.is_some(), "{length}");
    }
}

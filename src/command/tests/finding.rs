//! What holds of looking up: half of an index is never taken for the whole, and whoever waits is told in any case.

use super::*;
use crate::domain::OfficerId;
use std::sync::atomic::Ordering;

#[test]
fn an_index_whose_filling_was_cut_off_says_that_it_is_not_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    office.bureau.memory.findable.stop.store(true, Ordering::Release);
    office.wait_until_findable();
    assert!(!office.findable(on("2026-10-02")).1, "who asks hears that not all have been looked at");
    // Two who wait both wait for all of it, whoever of them came first.
    let other = office.seat(office.officer(), SessionContext::program("another"));
    other.wait_until_findable();
    assert!(!other.findable(on("2026-10-02")).1);
    drop(other);
    office.close().unwrap();
    let office = self::office(folder.path(), 77, "2026-11-03");
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    office.wait_until_findable();
                    office.findable(on("2026-10-02"))
                })
            })
            .collect();
        for found in waiting {
            assert_eq!(found.join().unwrap(), (office.dossiers(on("2026-10-02")).unwrap().len(), true));
        }
    });
    assert!(office.face(dossier).unwrap().is_some());
}

#[test]
fn a_part_of_a_covered_number_finds_nobody_for_whoever_does_not_work_with_it_and_a_whole_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let now = on("2026-03-12");
    let (cashier, surveyor) = (another(&office, &["cashier"]), another(&office, &["surveyor"]));
    let finds = |seat: &Office, text: &str| {
        let found = seat.lookup(text, 9, now).unwrap().hits;
        assert!(found.iter().all(|hit| hit.dossier == dossier));
        !found.is_empty()
    };
    // Of the worker's and a member's ID number, and of the phone.
    for part in ["0311", "150311", "19680315", "1526803150311", "0423", "1234", "00001234", "示例甲 0311"] {
        assert!(!finds(&cashier, part), "{part}");
    }
    for part in ["0311", "150311", "19680315", "0423", "1234", "00001234", "示例甲 0311"] {
        assert!(finds(&surveyor, part), "{part}");
    }
    for whole in ["152126196803150311", "152126197108220423", "13800001234", "示例甲", "slj"] {
        assert!(finds(&cashier, whole) && finds(&surveyor, whole), "{whole}");
    }
}

#[test]
fn whoever_works_in_one_unit_counts_that_ones_households() {
    let folder = tempfile::tempdir().unwrap();
    let office = office(folder.path(), 7, "2026-03-10");
    let dossier = survey(&office, None, None, &steps("illness"), "2026-03-10");
    let unit = office.status(dossier, Horizon::NOW).unwrap().unit.unwrap();
    let now = on("2026-03-12");
    let units = office.units().unwrap();
    let is_above = |one| units.iter().any(|row| row.parent == Some(one));
    let elsewhere = units.iter().map(|row| row.unit).find(|one| *one != unit && !is_above(*one)).unwrap();
    let seat = |name: &str, role: &str, unit| {
        let officer = office.add_officer(name, name, &[role], &[unit], now).unwrap();
        office.seat(officer, SessionContext::program("test"))
    };
    let (hers, his) = (seat("示例甲", "surveyor", unit), seat("示例乙", "surveyor", elsewhere));
    let accountant = another(&office, &["accountant"]);
    office.wait_until_findable();
    let counts = || [&office, &hers, &his, &accountant].map(|seat| seat.findable(now).0);
    assert_eq!(counts(), [1, 1, 0, 0]);
    // As much for what came after the index was filled.
    survey(&office, None, None, &steps("accident"), "2026-03-10");
    let of = |unit| {
        let dossiers = office.dossiers(now).unwrap().into_iter();
        dossiers.filter(|one| office.status(*one, Horizon::NOW).unwrap().unit == Some(unit)).count()
    };
    let of_units = [unit, elsewhere].map(of);
    assert!(of_units[0] > 0, "{of_units:?}");
    assert_eq!(counts(), [2, of_units[0], of_units[1], 0]);
    // The doctor's words, too, are counts where they would name households of others.
    survey(&office, None, None, &steps("illness"), "2026-03-11");
    let notes = |seat: &Office| {
        let notes = seat.doctor(now.today).unwrap().notes;
        notes.iter().map(|note| crate::lang::say(note, crate::lang::Lang::En)).collect::<Vec<_>>().join("\n")
    };
    let number = office.status(dossier, Horizon::NOW).unwrap().number;
    assert!(notes(&office).contains(&number));
    let nobody = office.seat(OfficerId([0; 16]), SessionContext::program("test"));
    for seat in [&another(&office, &["accountant"]), &nobody, &another(&office, &["audit_administrator"])] {
        let said = notes(seat);
        assert!(!said.contains(&number) && said.contains("3 ID numbers stand in more than one"), "{said}");
    }
    assert!(notes(&another(&office, &["system_administrator"])).contains(&number), "whoever mends it has to know");
}

//! What holds of looking up: half of an index is never taken for the whole, and whoever waits is told in any case.

use super::*;
use std::sync::atomic::Ordering;

#[test]
fn an_index_whose_filling_was_cut_off_says_that_it_is_not_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    office.bureau.memory.findable.stop.store(true, Ordering::Release);
    office.wait_until_findable();
    assert!(!office.findable().1, "who asks hears that not all have been looked at");
    // Two who wait both wait for all of it, whoever of them came first.
    let other = office.seat(office.officer(), SessionContext::program("another"));
    other.wait_until_findable();
    assert!(!other.findable().1);
    drop(other);
    office.close().unwrap();
    let office = self::office(folder.path(), 77, "2026-11-03");
    std::thread::scope(|scope| {
        let waiting: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    office.wait_until_findable();
                    office.findable()
                })
            })
            .collect();
        for found in waiting {
            assert_eq!(found.join().unwrap(), (office.dossiers(on("2026-10-02")).unwrap().len(), true));
        }
    });
    assert!(office.face(dossier).unwrap().is_some());
}

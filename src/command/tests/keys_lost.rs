//! What holds where the key of somebody outside dossiers is lost and nobody erased them: they are said to be unread, and a list
//! with them on it is neither checked nor granted.

use super::aid::Town;
use super::campaign::{DAY, not, number, read};
use super::fund::{begun, purse};
use super::giving::{donation, donor};
use super::*;
use crate::command::fund::NotInCampaign;
use crate::domain::fund::TakenOut;
use crate::domain::{Fen, PersonId};

const GIFTS: &str = "2026-06-30";

/// A byte of the sealed key of that id, in every file that has it; nobody has the folder open.
fn lose_key(folder: &Path, id: PersonId) {
    let mut lost = 0;
    for copy in ["a", "b"] {
        for entry in std::fs::read_dir(folder.join("keys").join(copy)).unwrap() {
            let file = entry.unwrap().path();
            let mut bytes = std::fs::read(&file).unwrap();
            let Some(at) = bytes.windows(16).position(|window| window == id.0) else { continue };
            bytes[at + 40] ^= 1;
            std::fs::write(file, bytes).unwrap();
            lost += 1;
        }
    }
    assert_eq!(lost, 2, "the key was found in both copies");
}

impl Town {
    /// The same town, with the folder closed while that is done to it.
    fn after(self, folder: &Path, change: impl FnOnce()) -> Town {
        let dossier = self.dossier;
        drop(self);
        change();
        Town::seated(office(folder, 8, DAY), dossier)
    }
}

#[test]
fn a_list_with_somebody_whose_key_is_lost_is_neither_checked_nor_granted_until_that_line_is_off() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.begin("spring", &[("front", 50_000)]);
    let row = town.file(&row, &[("示例甲", 1, "front"), ("示例乙", 2, "front")]);
    let lost = town.proposer.person_named("示例乙", on(DAY)).unwrap();
    town.check(&row, 2, 100_000).unwrap();
    // Checked while it could be read, and not granted.
    let town = town.after(folder.path(), || lose_key(folder.path(), lost));
    assert_eq!(not(town.approve(&row)), NotInCampaign::KeyLost { line: 2, count: 1 });
    town.checker.reopen_campaign(&town.now(&row), "名单上有人读不出来", on(DAY)).unwrap();
    // Nor is it checked as if they were not on it.
    assert_eq!(town.outs(&row), [None, Some(TakenOut::Unreadable)]);
    let refused = town.check(&row, 1, 50_000);
    let words = said(refused.as_ref().unwrap_err());
    assert!(words.contains("第 2 行") && words.contains("dossier key bring"), "{words}");
    assert_eq!(not(refused), NotInCampaign::KeyLost { line: 2, count: 1 });
    // Where no backup has the key the line goes, and the others have theirs.
    town.proposer.drop_lines(&town.now(&row), &[2], "密钥丢失无法核实", on(DAY)).unwrap();
    town.grant(&row, 1, 50_000);
    town.holds();
}

#[test]
fn whoever_is_asked_for_by_name_may_be_one_of_those_whose_keys_are_lost() {
    let folder = tempfile::tempdir().unwrap();
    let town = Town::new(folder.path());
    let row = town.begin("spring", &[("front", 50_000)]);
    town.file(&row, &[("示例甲", 1, "front")]);
    let lost = town.proposer.person_named("示例甲", on(DAY)).unwrap();
    assert!(matches!(town.proposer.person_named("无名氏", on(DAY)), Err(Failure::NoSuchPerson { .. })));
    let town = town.after(folder.path(), || lose_key(folder.path(), lost));
    assert_eq!(not(town.proposer.person_named("示例甲", on(DAY))), NotInCampaign::Unread { count: 1 });
    let without = town.office.without_keys().unwrap();
    assert_eq!(
        (without.dossiers.len(), &without.persons[..], without.donors),
        (0, &[lost.hex()[..8].to_owned()][..], 0)
    );
    let words = lang::say(&without.in_words().unwrap(), lang::Lang::En);
    assert!(words.contains("1 persons outside dossiers") && !words.contains("0 dossiers"), "{words}");
    // Beside a household that nobody can read either both are counted.
    let household = town.dossier;
    let town = town.after(folder.path(), || lose_key(folder.path(), PersonId(household.0)));
    let without = town.office.without_keys().unwrap();
    let words = lang::say(&without.counted().unwrap(), lang::Lang::Zh);
    assert!(words.contains("1 份档案、1 名档案外人员") && without.len() == 2, "{words}");
    // A list of a file with them on it would make two people of one, as ever.
    let again = format!("姓名,身份证号,单位,类别\n示例甲,{},JH,front\n", number(1));
    let filled = town.proposer.fill_from_file(&town.now(&row), &read(&again), None, on(DAY));
    assert_eq!(not(filled.map(|filled| filled.lines)), NotInCampaign::Unread { count: 1 });
}

#[test]
fn donors_whose_keys_are_lost_are_listed_as_unread_with_what_they_gave_and_never_as_erased() {
    for folded_without in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (office, accountant) = begun(folder.path());
        purse(&accountant, "gifts", "S09", &[], None);
        let gave = accountant.add_donor(&donor("示例捐赠甲", false), on(GIFTS)).unwrap();
        let entered = accountant.add_donor(&donor("示例捐赠乙", false), on(GIFTS)).unwrap();
        assert!(!gave.unread && !entered.unread);
        accountant.donate(&donation(Some("示例捐赠甲"), "gifts", 800, "2026-03-02"), on(GIFTS)).unwrap();
        drop((office, accountant));
        [gave.id, entered.id].into_iter().for_each(|id| lose_key(folder.path(), id));
        if folded_without {
            std::fs::remove_dir_all(folder.path().join("sled")).unwrap();
        }
        let office = super::office(folder.path(), 8, GIFTS);
        let accountant = another(&office, &["accountant"]);
        let donors = accountant.donors(on(GIFTS)).unwrap();
        assert!(donors.iter().all(|donor| donor.unread && donor.name.is_none()), "{folded_without}");
        // Of whoever gave nothing, and was folded without a key, nothing tells that they are a donor.
        let known = if folded_without { 1 } else { 2 };
        assert_eq!((donors.len(), donors[0].gave), (known, Fen(80_000)), "{folded_without}");
        assert_eq!(accountant.persons_unread().unwrap(), 2, "{folded_without}");
        assert_eq!(accountant.without_keys().unwrap().donors, known, "{folded_without}");
        let asked = accountant.donor_named("示例捐赠甲", on(GIFTS));
        assert_eq!(not(asked), NotInCampaign::Unread { count: 2 }, "{folded_without}");
    }
}

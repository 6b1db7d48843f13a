//! A campaign (送温暖, 金秋助学): one list of people, each of whom is handed the standard of their class between two days. Most of
//! them have no dossier. Who stands on the list twice, or cannot have it, is taken out with the reason, and a line that was
//! granted is handed over or comes back.

use super::{AidKind, LineId, Meeting};
use crate::domain::{Day, DossierId, EntryId, Fen, PersonId, PurseId, UnitId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The most lines of one campaign: all of them are granted in one record.
pub const RECEIVERS_MAX: usize = 5_000;
/// The most classes of one.
pub const CLASSES_MAX: usize = 32;

/// A class of receivers, and what each of them is handed. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CampaignClass {
    /// What people call it by: `retired`.
    pub code: String,
    pub standard: Fen,
    pub purse: PurseId,
}

/// A campaign as it was opened; its record's entry id names it, and its name stands in a person half of the bureau. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Campaign {
    /// What people call it by: `spring-2027`.
    pub code: String,
    pub aid: AidKind,
    /// The festival, the school year: nobody has the same kind for the same one twice.
    pub event: String,
    /// First and last day on which it is handed over.
    pub from: Day,
    pub until: Day,
    pub classes: Vec<CampaignClass>,
    pub on: Day,
}

impl Campaign {
    /// Whether nobody is to have both: one kind of aid, for one event or at one time.
    pub fn excludes(&self, other: &Campaign) -> bool {
        self.aid == other.aid && (self.event == other.event || (self.from <= other.until && other.from <= self.until))
    }

    pub fn class(&self, at: u16) -> Option<&CampaignClass> {
        self.classes.get(usize::from(at))
    }

    /// What whoever is of that class is handed.
    pub fn standard(&self, class: u16) -> Fen {
        self.class(class).map_or(Fen(0), |class| class.standard)
    }
}

/// A line of a list: the record that brought it, and its place there. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct ReceiverId {
    pub entry: EntryId,
    pub line: u16,
}

/// Somebody on the list: a household, by its worker, or a person outside every dossier. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Receiver {
    pub dossier: Option<DossierId>,
    /// Of a household the number that its worker is counted by; of a person outside the id of their key.
    pub person: Option<PersonId>,
    pub unit: Option<UnitId>,
    /// Which of the campaign's classes.
    pub class: u16,
    /// The category that a household stood in when it was put on the list.
    pub category: Option<String>,
}

/// From where lines came onto the list. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum ReceiverSource {
    Roll,
    File,
}

impl ReceiverSource {
    /// In requests.
    pub fn code(self) -> &'static str {
        match self {
            ReceiverSource::Roll => "roll",
            ReceiverSource::File => "file",
        }
    }
}

/// **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum CampaignState {
    /// Lines come onto its list, and go.
    Open,
    /// Counted by somebody else than those who made it.
    Checked,
    /// Granted; what it takes is reserved.
    Approved,
    /// Every line was handed over or came back; or it was given up before it was granted.
    Closed,
}

impl CampaignState {
    pub const ALL: [CampaignState; 4] =
        [CampaignState::Open, CampaignState::Checked, CampaignState::Approved, CampaignState::Closed];

    /// In JSON, and in the words `campaign.state.open`.
    pub fn code(self) -> &'static str {
        match self {
            CampaignState::Open => "open",
            CampaignState::Checked => "checked",
            CampaignState::Approved => "approved",
            CampaignState::Closed => "closed",
        }
    }

    /// What can follow; a list that was checked can be opened again.
    pub fn next(self) -> &'static [CampaignState] {
        use CampaignState::*;
        match self {
            Open => &[Checked, Closed],
            Checked => &[Approved, Open, Closed],
            Approved => &[Closed],
            Closed => &[],
        }
    }
}

/// A step of a campaign. Why, where it is for a reason, stands in a person half of the bureau. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct CampaignStep {
    pub campaign: EntryId,
    /// The record of the step before it.
    pub after: EntryId,
    pub to: CampaignState,
    pub on: Day,
    /// How many lines stood, and what they came to.
    pub count: u32,
    pub sum: Fen,
    pub meeting: Option<Meeting>,
    /// Of a grant every line of the list, in its order, and why it was taken out where it was. What those that were not are
    /// granted is reserved behind it in the same record, in this order.
    pub lines: Vec<(ReceiverId, Option<TakenOut>)>,
}

impl CampaignStep {
    /// What was reserved for a line: `entry` is the record of this step.
    pub fn reservation(&self, entry: EntryId, of: ReceiverId) -> Option<LineId> {
        let standing = self.lines.iter().filter(|(_, out)| out.is_none());
        let at = standing.map(|(id, _)| *id).position(|id| id == of)?;
        Some(LineId { entry, line: u16::try_from(at + 1).ok()? })
    }
}

/// What becomes of a line. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum ReceiverMove {
    /// Taken off the list by hand, before it was granted.
    Dropped,
    /// Handed over against a signature.
    Handed,
    /// Not handed over: what was reserved is free again.
    Returned,
}

/// A line goes on. Who signed for whom, or why it came back, stands in the person half of whoever the line is about. What it takes
/// or gives of the book stands behind it in the same record. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ReceiverStep {
    pub campaign: EntryId,
    pub receiver: ReceiverId,
    pub to: ReceiverMove,
    pub on: Day,
    pub by_proxy: bool,
}

/// Why a line of the list is not granted. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum TakenOut {
    /// The same person, or the same household, stands in that line already (counted from 1).
    Twice {
        line: u32,
    },
    /// They are on the list of another campaign of the kind, for the same event or at the same time.
    OtherCampaign {
        campaign: EntryId,
    },
    /// The household has a payout of the kind for the same event.
    OtherPayout {
        payout: EntryId,
    },
    /// More than can be had at a time.
    AboveOnce {
        most: Fen,
    },
    /// So much a year, and so much was had.
    AboveYear {
        cap: Fen,
        had: Fen,
    },
    /// The household gets one kind a year, and had another.
    OneKind,
    /// The rules give nothing of the kind to such a category, or to persons outside dossiers.
    NoStandard,
    /// The worker has died.
    Dead {
        on: Day,
    },
    /// The dossier is over.
    Over,
    Erased,
    /// By hand.
    Dropped,
    /// The key to what is known of them is lost or damaged: whether they had it cannot be told.
    Unreadable,
}

impl TakenOut {
    /// In JSON, and in the words `campaign.out.twice`.
    pub fn code(&self) -> &'static str {
        match self {
            TakenOut::Twice { .. } => "twice",
            TakenOut::OtherCampaign { .. } => "campaign",
            TakenOut::OtherPayout { .. } => "payout",
            TakenOut::AboveOnce { .. } => "above_once",
            TakenOut::AboveYear { .. } => "above_year",
            TakenOut::OneKind => "one_kind",
            TakenOut::NoStandard => "no_standard",
            TakenOut::Dead { .. } => "dead",
            TakenOut::Over => "over",
            TakenOut::Erased => "erased",
            TakenOut::Dropped => "dropped",
            TakenOut::Unreadable => "unreadable",
        }
    }
}

/// What somebody is known by. Personal.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KnownBy {
    Dossier(DossierId),
    Person(PersonId),
    IdNumber(String),
}

/// A line of a list with what is known of it by itself.
#[derive(Clone, Default)]
pub struct Candidate {
    /// A household by itself and by the ID numbers of its members: a gift to a family is one.
    pub known_by: BTreeSet<KnownBy>,
    /// What stands in the way whoever else is on the list.
    pub barred: Option<TakenOut>,
}

/// Which lines stand, in their order: of several of one person the first that nothing else stands in the way of.
pub fn judge(list: &[Candidate]) -> Vec<Option<TakenOut>> {
    let mut by: BTreeMap<&KnownBy, u32> = BTreeMap::new();
    let mut out = Vec::with_capacity(list.len());
    for (line, candidate) in (1_u32..).zip(list) {
        let before = candidate.known_by.iter().filter_map(|key| by.get(key)).min();
        let why = candidate.barred.clone().or(before.copied().map(|line| TakenOut::Twice { line }));
        if why.is_none() {
            by.extend(candidate.known_by.iter().map(|key| (key, line)));
        }
        out.push(why);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::PlaceId;
    use crate::domain::fund::{Account, Book, BookLine, Books, Movement, MovementKind, Place, PlaceKind, Purse};
    use crate::domain::fund::{Release, Reservation, What, aid_lines, tally};
    use proptest::prelude::*;

    fn known(by: &[KnownBy]) -> Candidate {
        Candidate { known_by: by.iter().cloned().collect(), barred: None }
    }

    fn number(text: &str) -> KnownBy {
        KnownBy::IdNumber(text.into())
    }

    #[test]
    fn of_several_lines_of_one_person_the_first_that_can_be_had_stands() {
        let (dossier, person) = (KnownBy::Dossier(DossierId([1; 16])), KnownBy::Person(PersonId([2; 16])));
        let dead = Candidate { barred: Some(TakenOut::Dead { on: Day(1) }), ..known(&[number("a")]) };
        let twice = |line| Some(TakenOut::Twice { line });
        for (list, outcome) in [
            (vec![known(&[number("a")]), known(&[number("b")])], vec![None, None]),
            (vec![known(&[number("a")]), known(&[number("a")])], vec![None, twice(1)]),
            // A member of a household, and the household, whichever came first.
            (
                vec![known(&[dossier.clone(), number("a"), number("b")]), known(&[person.clone(), number("b")])],
                vec![None, twice(1)],
            ),
            (
                vec![known(&[person.clone(), number("b")]), known(&[dossier.clone(), number("a"), number("b")])],
                vec![None, twice(1)],
            ),
            // What cannot be had by itself takes nobody else's place.
            (vec![dead.clone(), known(&[number("a")])], vec![dead.barred.clone(), None]),
            // And what was taken out as the same person neither: the third stands for itself.
            (
                vec![known(&[number("a")]), known(&[number("a"), number("b")]), known(&[number("b")])],
                vec![None, twice(1), None],
            ),
        ] {
            assert_eq!(judge(&list), outcome);
        }
    }

    #[test]
    fn two_campaigns_of_a_kind_exclude_each_other_by_event_and_by_a_single_day() {
        let campaign = |aid: &str, event: &str, from, until| Campaign {
            code: "x".into(),
            aid: aid.into(),
            event: event.into(),
            from: Day(from),
            until: Day(until),
            classes: Vec::new(),
            on: Day(0),
        };
        let spring = campaign("P6", "2027 春节", 100, 120);
        for (other, excludes) in [
            (campaign("P6", "2027 春节", 200, 210), true),
            (campaign("P6", "2027 元旦", 120, 130), true),
            (campaign("P6", "2027 元旦", 121, 130), false),
            (campaign("P3", "2027 春节", 100, 120), false),
        ] {
            assert_eq!((spring.excludes(&other), other.excludes(&spring)), (excludes, excludes), "{other:?}");
        }
    }

    #[test]
    fn nothing_is_granted_before_it_was_checked_and_what_is_over_goes_nowhere() {
        use CampaignState::*;
        for state in CampaignState::ALL {
            assert_eq!(state.next().contains(&Approved), state == Checked, "{state:?}");
            assert_eq!(state.next().contains(&Checked), state == Open, "{state:?}");
        }
        assert!(Closed.next().is_empty());
    }

    const PURSE: PurseId = PurseId([7; 16]);
    const CASH: PlaceId = PlaceId([8; 16]);

    fn book(fen: i64) -> Book {
        let place = Place { place: CASH, code: "box".into(), kind: PlaceKind::Cash, of: None, since: Day(1) };
        let purse = Purse {
            purse: PURSE,
            code: "gifts".into(),
            source: "S01".into(),
            books: Books::General,
            kinds: vec!["P6".into()],
            household: None,
            donor: None,
            since: Day(1),
            until: Some(Day(40)),
        };
        let came = movement(MovementKind::Receipt, PlaceId::OUTSIDE, CASH, fen, 1, None, None);
        Book::new([place], [purse]).with(&[line(0, 0, What::Moved(came))]).unwrap()
    }

    fn movement(
        kind: MovementKind,
        from: PlaceId,
        to: PlaceId,
        fen: i64,
        on: i32,
        person: Option<u8>,
        names: Option<LineId>,
    ) -> Movement {
        Movement {
            kind,
            from,
            to,
            purse: PURSE,
            amount: Fen(fen),
            on: Day(on),
            bank_day: None,
            aid: (kind == MovementKind::Payout).then(|| "P6".into()),
            dossier: None,
            person: person.map(|one| PersonId([one; 16])),
            unit: None,
            document: String::new(),
            names,
        }
    }

    fn line(entry: u8, line: u16, what: What) -> BookLine {
        BookLine { id: LineId { entry: EntryId([entry; 16]), line }, what, number: None }
    }

    fn granted(people: u8, fen: i64, on: i32) -> Vec<BookLine> {
        let reserve = |one: u8| {
            What::Reserved(Reservation {
                purse: PURSE,
                amount: Fen(fen),
                on: Day(on),
                until: Day(30),
                aid: "P6".into(),
                dossier: None,
                person: Some(PersonId([one; 16])),
                unit: None,
            })
        };
        (0..people).map(|one| line(1, u16::from(one) + 1, reserve(one))).collect()
    }

    proptest! {
        /// Whoever was handed it and whoever was not, in whatever order and on whatever days: what was granted is what was handed
        /// over, what came back and what is held still; everybody is one time and one person, though one record granted all.
        #[test]
        fn what_a_list_was_granted_is_handed_over_or_comes_back_and_counts_by_head(
            moves in prop::collection::vec((0u8..12, 10i32..=30, prop::bool::ANY), 0..24),
        ) {
            let mut book = book(12 * 500).with(&granted(12, 500, 10)).unwrap();
            prop_assert!(book.with(&[line(2, 0, granted(1, 1, 10).remove(0).what)]).is_err(), "not a fen is left");
            let (mut handed, mut back) = (BTreeSet::new(), BTreeSet::new());
            for (at, (one, on, is_handed)) in (10u8..).zip(moves) {
                let of = LineId { entry: EntryId([1; 16]), line: u16::from(one) + 1 };
                let what = match is_handed {
                    true => What::Moved(movement(MovementKind::Payout, CASH, PlaceId::OUTSIDE, 500, on, Some(one), Some(of))),
                    false => What::Released(Release { reservation: of, amount: Fen(500), on: Day(on) }),
                };
                let over = handed.contains(&one) || back.contains(&one);
                match book.with(&[line(at, 1, what)]) {
                    Ok(after) => {
                        prop_assert!(!over, "a line was over twice");
                        book = after;
                        if is_handed { handed.insert(one) } else { back.insert(one) };
                    }
                    Err(_) => prop_assert!(over),
                }
            }
            let held = 12 - handed.len() - back.len();
            let sums = book.sums(Account::Purse(PURSE), Day(30));
            prop_assert_eq!(sums.reserved(), Fen(held as i64 * 500));
            prop_assert_eq!(sums.balance(), Fen((12 - handed.len() as i64) * 500));
            // What nobody handed over by the last day lapses by itself.
            prop_assert_eq!(book.sums(Account::Purse(PURSE), Day(31)).reserved(), Fen(0));
            prop_assert_eq!(book.broken(None), Vec::new());
            let lines: Vec<BookLine> = book.lines().cloned().collect();
            let aid = aid_lines(&lines, &book.purses, None, Day(40));
            let counts = tally(&aid, |_| ()).remove(&()).unwrap_or_default().counts;
            prop_assert_eq!((counts.person_times, counts.persons), (handed.len() as i64, handed.len()));
        }
    }
}

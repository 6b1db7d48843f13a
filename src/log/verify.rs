//! Checks the chains of a journal without any key.
//!
//! A journal holds every station's chain in order of arrival. Fed with its records one after the other, a [`Verifier`]
//! keeps for each station the hash at each sequence number (32 bytes a record), and says at the end what breaks the
//! chains. What it says is a function of the *set* of records: the order in which they arrived changes nothing but the
//! positions named. Records that break a chain are kept and shown; nothing here throws anything away.

use super::head::{Head, HeadCode};
use super::record::{Link, Record, RecordError, SCHEMA};
use crate::domain::{Explain, Message, StationId};
use std::collections::BTreeMap;

/// Where a chain is broken, or a frame is not a record.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Break {
    /// The frame's bytes are no record.
    Damaged { position: u64, error: RecordError },
    /// No copy has the record any more; what is whole is read without it.
    Lost { position: u64 },
    /// Records `from..=to` of the station are not there, though later ones are.
    Gap { station: StationId, from: u64, to: u64 },
    /// The record does not name the record before it as it stands here: one of the two was altered.
    WrongPrev { station: StationId, seq: u64, position: u64 },
    /// Two records with one station and sequence number, both kept; a copied folder went on beside its original.
    Fork { station: StationId, seq: u64, position: u64 },
}

impl Explain for Break {
    fn explain(&self) -> Message {
        match self {
            Break::Damaged { position, error } => {
                Message::new("log.break.damaged").with("position", *position).with("error", error.explain())
            }
            Break::Lost { position } => Message::new("log.break.lost").with("position", *position),
            Break::Gap { station, from, to } => {
                Message::new("log.break.gap").with("station", station.hex()).with("from", *from).with("to", *to)
            }
            Break::WrongPrev { station, seq, position } => Message::new("log.break.wrong_prev")
                .with("station", station.hex())
                .with("seq", *seq)
                .with("position", *position),
            Break::Fork { station, seq, position } => Message::new("log.break.fork")
                .with("station", station.hex())
                .with("seq", *seq)
                .with("position", *position),
        }
    }
}

/// Takes records in any order; see the head of this file.
#[derive(Default)]
pub struct Verifier {
    chains: BTreeMap<StationId, Chain>,
    records: u64,
    newer: u64,
    repeats: u64,
    breaks: Vec<Break>,
}

/// One station's hashes. At most one at a sequence number unless the chain forks.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Chain {
    /// Hash at `seq - 1`, without gaps from the first record.
    main: Vec<[u8; 32]>,
    /// Further hashes at a sequence number that was already there, and all hashes beyond a gap.
    others: BTreeMap<u64, Vec<[u8; 32]>>,
    /// Records whose predecessor has not come yet, by sequence number.
    waiting: BTreeMap<u64, Vec<(Link, u64)>>,
    /// Records that did not fit what was there when they came; a fork that comes later may still explain them.
    unlinked: Vec<(Link, u64)>,
}

/// What a whole journal was found to be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Report {
    /// Frames taken, damaged ones and repeats among them.
    pub records: u64,
    /// Of these, written by a newer program: chained and checked, not read.
    pub newer: u64,
    /// The same bytes a second time; harmless.
    pub repeats: u64,
    /// The newest record of each chain; several of one station if it forks there.
    pub heads: Vec<Head>,
    /// Empty: every chain holds from its first record to its head.
    pub breaks: Vec<Break>,
    chains: BTreeMap<StationId, Chain>,
}

/// What a head code, kept elsewhere, says about this journal.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Agreement {
    /// The record is here, and the chain before it is unbroken: nothing up to it was altered.
    Holds { head: Head },
    /// The record is here, but the chain before it is broken; [`Report::breaks`] says where.
    BrokenBefore { head: Head },
    /// Another record stands at its place: the chain was rewritten, or it is the code of a copy that went its own way.
    Differs { station: StationId, seq: u64 },
    /// This chain ends before it: records were lost or cut off, or never came here.
    Missing { station: StationId, seq: u64, newest: u64 },
    /// No chain of that station is here.
    UnknownStation,
}

impl Explain for Agreement {
    fn explain(&self) -> Message {
        let named =
            |key, station: &StationId, seq: u64| Message::new(key).with("station", station.hex()).with("seq", seq);
        match self {
            Agreement::Holds { head } => named("log.agreement.holds", &head.station, head.seq),
            Agreement::BrokenBefore { head } => named("log.agreement.broken_before", &head.station, head.seq),
            Agreement::Differs { station, seq } => named("log.agreement.differs", station, *seq),
            Agreement::Missing { station, seq, newest } => {
                named("log.agreement.missing", station, *seq).with("newest", *newest)
            }
            Agreement::UnknownStation => Message::new("log.agreement.unknown_station"),
        }
    }
}

impl Verifier {
    pub fn new() -> Verifier {
        Verifier::default()
    }

    /// The record of this position is lost, and no copy has it.
    pub fn lost(&mut self, position: u64) {
        self.records += 1;
        self.breaks.push(Break::Lost { position });
    }

    /// Takes the record that stands at `position` of the journal.
    pub fn take(&mut self, position: u64, bytes: &[u8]) {
        self.records += 1;
        let link = Link::read(bytes).and_then(|link| match Record::decode(bytes) {
            Err(RecordError::NewerSchema(_)) if link.schema > SCHEMA => {
                self.newer += 1;
                Ok(link)
            }
            Err(error) => Err(error),
            Ok(_) => Ok(link),
        });
        match link {
            Ok(link) => self.take_link(position, link),
            Err(error) => self.breaks.push(Break::Damaged { position, error }),
        }
    }

    /// As [`Self::take`], for one who has read the link already.
    pub fn take_link(&mut self, position: u64, link: Link) {
        let chain = self.chains.entry(link.station).or_default();
        if link.seq > 1 && !chain.knows(link.seq - 1) && !chain.knows(link.seq) {
            chain.waiting.entry(link.seq).or_default().push((link, position));
            return;
        }
        let mut ready = vec![(link, position)];
        while let Some((link, position)) = ready.pop() {
            match chain.place(link, position) {
                Placed::Next => {
                    let next = link.seq.checked_add(1).and_then(|seq| chain.waiting.remove(&seq));
                    ready.extend(next.into_iter().flatten());
                }
                Placed::Fork => {
                    self.breaks.push(Break::Fork { station: link.station, seq: link.seq, position });
                }
                Placed::Repeat => self.repeats += 1,
            }
        }
    }

    /// What all of it was found to be.
    pub fn finish(mut self) -> Report {
        let mut heads = Vec::new();
        for (station, chain) in &mut self.chains {
            while let Some((seq, links)) = chain.waiting.pop_first() {
                if !chain.knows(seq - 1) {
                    let from = chain.newest() + 1;
                    self.breaks.push(Break::Gap { station: *station, from, to: seq - 1 });
                }
                for (link, position) in links {
                    match chain.place(link, position) {
                        Placed::Next => {}
                        Placed::Fork => self.breaks.push(Break::Fork { station: *station, seq, position }),
                        Placed::Repeat => self.repeats += 1,
                    }
                }
            }
            for (link, position) in std::mem::take(&mut chain.unlinked) {
                if !chain.at(link.seq - 1).any(|hash| *hash == link.prev) {
                    self.breaks.push(Break::WrongPrev { station: *station, seq: link.seq, position });
                }
            }
            let seq = chain.newest();
            heads.extend(chain.at(seq).map(|hash| Head { station: *station, seq, hash: *hash }));
        }
        heads.sort_by_key(|head| (head.station, head.seq, head.hash));
        Report {
            records: self.records,
            newer: self.newer,
            repeats: self.repeats,
            heads,
            breaks: self.breaks,
            chains: self.chains,
        }
    }
}

enum Placed {
    Next,
    Fork,
    Repeat,
}

impl Chain {
    fn at(&self, seq: u64) -> impl Iterator<Item = &[u8; 32]> {
        let main = seq.checked_sub(1).and_then(|i| usize::try_from(i).ok()).and_then(|i| self.main.get(i));
        main.into_iter().chain(self.others.get(&seq).into_iter().flatten())
    }

    fn knows(&self, seq: u64) -> bool {
        self.at(seq).next().is_some()
    }

    fn newest(&self) -> u64 {
        let beyond = self.others.last_key_value().map_or(0, |(seq, _)| *seq);
        beyond.max(self.main.len() as u64)
    }

    fn place(&mut self, link: Link, position: u64) -> Placed {
        if self.at(link.seq).any(|hash| *hash == link.hash) {
            return Placed::Repeat;
        }
        let taken = self.knows(link.seq);
        // Behind a gap there is nothing to compare with; the gap itself is reported.
        let first_after_gap = !self.knows(link.seq - 1);
        if link.seq > 1 && !first_after_gap && !self.at(link.seq - 1).any(|hash| *hash == link.prev) {
            self.unlinked.push((link, position));
        }
        if !taken && link.seq == self.main.len() as u64 + 1 {
            self.main.push(link.hash);
        } else {
            self.others.entry(link.seq).or_default().push(link.hash);
        }
        if taken { Placed::Fork } else { Placed::Next }
    }
}

impl Report {
    /// Whether every chain holds.
    pub fn holds(&self) -> bool {
        self.breaks.is_empty()
    }

    /// What a head code kept elsewhere says about this journal.
    pub fn against(&self, code: &HeadCode) -> Agreement {
        let seq = code.seq();
        let mut verdict = Agreement::UnknownStation;
        for (station, chain) in self.chains.iter().filter(|(station, _)| code.names(**station)) {
            for hash in chain.at(seq) {
                let head = Head { station: *station, seq, hash: *hash };
                if code.is_of(&head) {
                    return if self.broken_before(&head) {
                        Agreement::BrokenBefore { head }
                    } else {
                        Agreement::Holds { head }
                    };
                }
            }
            let newest = chain.newest();
            verdict = if chain.knows(seq) {
                Agreement::Differs { station: *station, seq }
            } else {
                Agreement::Missing { station: *station, seq, newest }
            };
        }
        verdict
    }

    fn broken_before(&self, head: &Head) -> bool {
        self.breaks.iter().any(|b| match b {
            Break::Gap { station, from, .. } => *station == head.station && *from <= head.seq,
            Break::WrongPrev { station, seq, .. } => *station == head.station && *seq <= head.seq,
            Break::Fork { .. } | Break::Damaged { .. } | Break::Lost { .. } => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{EntryId, OfficerId, Stamp, Subject};
    use crate::log::{Prepared, envelope, next, record};

    /// One record of station `s`, told apart by `mark`, after `head`.
    fn after(head: Option<&Head>, s: u8, mark: u8) -> Vec<u8> {
        let prepared = Prepared {
            station: StationId([s; 16]),
            entry: EntryId([mark; 16]),
            at: Stamp(0),
            by: OfficerId([0; 16]),
            subject: Subject::Bureau,
            parents: vec![],
            wants: vec![],
            ledger: vec![mark],
            persons: vec![],
        };
        next(head, &prepared, vec![]).unwrap().encode().unwrap()
    }

    fn chain(s: u8, from: Option<&[u8]>, marks: std::ops::Range<u8>) -> Vec<Vec<u8>> {
        let mut head = from.map(|bytes| Head::of(bytes).unwrap());
        marks
            .map(|mark| {
                let bytes = after(head.as_ref(), s, mark);
                head = Some(Head::of(&bytes).unwrap());
                bytes
            })
            .collect()
    }

    fn verify<'a>(records: impl IntoIterator<Item = &'a Vec<u8>>) -> Report {
        let mut verifier = Verifier::new();
        for (position, bytes) in (1..).zip(records) {
            verifier.take(position, bytes);
        }
        verifier.finish()
    }

    /// Breaks without positions, sorted: what must not depend on the order of arrival.
    fn breaks(report: &Report) -> Vec<String> {
        let mut said: Vec<String> = report
            .breaks
            .iter()
            .map(|b| match b {
                Break::Damaged { .. } => "damaged".to_owned(),
                Break::Gap { station, from, to } => format!("gap {} {from}-{to}", station.0[0]),
                Break::WrongPrev { station, seq, .. } => format!("prev {} {seq}", station.0[0]),
                Break::Fork { station, seq, .. } => format!("fork {} {seq}", station.0[0]),
                Break::Lost { position } => format!("lost {position}"),
            })
            .collect();
        said.sort();
        said
    }

    const S: StationId = StationId([1; 16]);

    #[test]
    fn several_chains_in_one_journal_hold() {
        let (a, b) = (chain(1, None, 0..5), chain(2, None, 10..13));
        let report = verify([&a[0], &b[0], &a[1], &a[2], &b[1], &b[2], &a[3], &a[4]]);
        assert!(report.holds());
        assert_eq!(report.heads, vec![Head::of(&a[4]).unwrap(), Head::of(&b[2]).unwrap()]);
        assert_eq!((report.records, report.repeats, report.newer), (8, 0, 0));
    }

    #[test]
    fn an_empty_journal_holds() {
        assert!(verify([]).holds());
    }

    #[test]
    fn a_missing_record_is_a_gap_and_what_follows_still_chains() {
        let a = chain(1, None, 0..6);
        assert_eq!(breaks(&verify([&a[0], &a[1], &a[3], &a[4], &a[5]])), ["gap 1 3-3"]);
        assert_eq!(breaks(&verify([&a[2], &a[3]])), ["gap 1 1-2"]);
        assert_eq!(breaks(&verify([&a[0], &a[2], &a[5]])), ["gap 1 2-2", "gap 1 4-5"]);
    }

    #[test]
    fn an_altered_record_is_seen_at_the_next_one() {
        let a = chain(1, None, 0..4);
        let altered = after(Some(&Head::of(&a[0]).unwrap()), 1, 99);
        assert_eq!(breaks(&verify([&a[0], &altered, &a[2], &a[3]])), ["prev 1 3"]);
    }

    #[test]
    fn two_records_at_one_place_are_a_fork_and_both_branches_are_known() {
        let a = chain(1, None, 0..4);
        let b = chain(1, Some(&a[1]), 50..53);
        let report = verify(a.iter().chain(&b));
        assert_eq!(breaks(&report), ["fork 1 3", "fork 1 4"]);
        assert_eq!(report.heads, vec![Head::of(&b[2]).unwrap()]);
        for tip in [&a[3], &b[2]] {
            let head = Head::of(tip).unwrap();
            assert_eq!(report.against(&head.code().unwrap()), Agreement::Holds { head });
        }
    }

    #[test]
    fn what_is_found_does_not_depend_on_the_order_of_arrival() {
        let a = chain(1, None, 0..6);
        let fork = chain(1, Some(&a[1]), 50..53);
        let altered = after(Some(&Head { station: S, seq: 7, hash: [9; 32] }), 1, 98);
        let c = chain(2, None, 20..24);
        let set: Vec<Vec<u8>> = a.iter().chain(&fork).chain([&altered]).chain([&c[0], &c[2], &c[3]]).cloned().collect();
        let straight = verify(&set);
        assert!(!straight.holds());
        let mut state = 7_u64;
        for _ in 0..300 {
            let mut shuffled = set.clone();
            for i in (1..shuffled.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                shuffled.swap(i, (state >> 33) as usize % (i + 1));
            }
            let report = verify(&shuffled);
            assert_eq!(breaks(&report), breaks(&straight));
            assert_eq!(report.heads, straight.heads);
        }
    }

    #[test]
    fn the_same_record_twice_is_counted_and_harmless() {
        let a = chain(1, None, 0..3);
        let report = verify([&a[0], &a[1], &a[1], &a[2], &a[0]]);
        assert!(report.holds());
        assert_eq!((report.records, report.repeats), (5, 2));
    }

    #[test]
    fn a_damaged_frame_is_named_by_its_position() {
        let mut a = chain(1, None, 0..3);
        a[1][40] ^= 1;
        let report = verify(&a);
        assert!(matches!(report.breaks[0], Break::Damaged { position: 2, .. }));
        assert_eq!(breaks(&report), ["damaged", "gap 1 2-2"]);
    }

    #[test]
    fn a_record_of_a_newer_program_is_chained_and_counted() {
        let a = chain(1, None, 0..2);
        let (_, body) = envelope::unwrap(record::MAGIC, &a[1]).unwrap();
        let newer = envelope::wrap(record::MAGIC, 7, &[body, b"more"].concat()).unwrap();
        let third = after(Some(&Head::of(&newer).unwrap()), 1, 3);
        let report = verify([&a[0], &newer, &third]);
        assert!(report.holds());
        assert_eq!(report.newer, 1);
    }

    #[test]
    fn a_head_code_proves_that_nothing_before_it_was_altered() {
        let a = chain(1, None, 0..5);
        let code = Head::of(&a[2]).unwrap().code().unwrap();
        let head = Head::of(&a[2]).unwrap();
        assert_eq!(verify(&a).against(&code), Agreement::Holds { head });
        assert_eq!(verify(&a[..3]).against(&code), Agreement::Holds { head });
        // Cut off, rewritten from the first record on, never here, a record altered before it.
        assert_eq!(verify(&a[..2]).against(&code), Agreement::Missing { station: S, seq: 3, newest: 2 });
        assert_eq!(verify(&chain(1, None, 60..65)).against(&code), Agreement::Differs { station: S, seq: 3 });
        assert_eq!(verify(&chain(2, None, 0..5)).against(&code), Agreement::UnknownStation);
        let altered = after(Some(&Head::of(&a[0]).unwrap()), 1, 99);
        let report = verify([&a[0], &altered, &a[2], &a[3]]);
        assert_eq!(report.against(&code), Agreement::BrokenBefore { head });
        let report = verify([&a[0], &a[2], &a[3]]);
        assert_eq!(report.against(&code), Agreement::BrokenBefore { head });
    }

    #[test]
    fn a_record_from_the_end_of_time_costs_no_memory() {
        let a = chain(1, None, 0..2);
        let far = after(Some(&Head { station: S, seq: u64::MAX - 1, hash: [9; 32] }), 1, 9);
        let report = verify([&a[0], &a[1], &far]);
        assert_eq!(breaks(&report), [format!("gap 1 3-{}", u64::MAX - 1)]);
    }
}

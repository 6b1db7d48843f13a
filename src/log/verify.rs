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
        let named = |key, station: &StationId, seq: u64| {
            Message::new(key).with("station", station.hex()).with("seq", seq)
        };
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
                Placed::Next => ready.extend(chain.waiting.remove(&(link.seq + 1)).into_iter().flatten()),
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
            Break::Fork { .. } | Break::Damaged { .. } => false,
        })
    }
}

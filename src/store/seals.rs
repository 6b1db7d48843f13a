//! Which closed files of a large journal need not be read while opening: those that were read whole, every frame checked, and
//! that nobody touched since. A clean stop notes them behind its position; any other end makes all of them be read.

use super::Position;
use super::disk::Mark;

/// One closed file as it was when it was read whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Seal {
    number: u64,
    mark: Mark,
}

/// Read longest ago first.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Seals(Vec<Seal>);

const SEAL: usize = 40;

impl Seals {
    /// Whether the file of this number is the one that was read.
    pub fn hold(&self, number: u64, mark: Option<Mark>) -> bool {
        mark.is_some_and(|mark| self.0.contains(&Seal { number, mark }))
    }

    /// It was just read whole.
    pub fn note(&mut self, number: u64, mark: Mark) {
        self.0.retain(|seal| seal.number != number);
        self.0.push(Seal { number, mark });
    }

    /// These, and behind them what was read later.
    pub fn then(mut self, later: Seals) -> Seals {
        later.0.into_iter().for_each(|seal| self.note(seal.number, seal.mark));
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Without so many bytes of what was read longest ago: a share of them is read at each opening all the same, so that what a
    /// disk loses by itself is found while there is another copy.
    pub fn but_for_a_share(mut self, bytes: u64) -> Seals {
        let mut left = bytes;
        let share = self.0.iter().take_while(|seal| {
            let within = left > 0;
            left = left.saturating_sub(seal.mark.length);
            within
        });
        let share = share.count();
        self.0.drain(..share);
        self
    }

    /// **[disk]** number 8 ‖ file 8 ‖ length 8 ‖ written 8 ‖ changed 8 of each.
    pub fn encode(&self) -> Vec<u8> {
        let each = self.0.iter().flat_map(|Seal { number, mark: Mark { file, length, written, changed } }| {
            [
                number.to_le_bytes(),
                file.to_le_bytes(),
                length.to_le_bytes(),
                written.to_le_bytes(),
                changed.to_le_bytes(),
            ]
        });
        each.flatten().collect()
    }

    pub fn decode(bytes: &[u8]) -> Seals {
        let of = |seal: &[[u8; 8]]| -> Option<Seal> {
            let [number, file, length, written, changed] = seal.try_into().ok()?;
            let mark = Mark {
                file: u64::from_le_bytes(file),
                length: u64::from_le_bytes(length),
                written: i64::from_le_bytes(written),
                changed: i64::from_le_bytes(changed),
            };
            Some(Seal { number: u64::from_le_bytes(number), mark })
        };
        let (numbers, _) = bytes.as_chunks::<8>();
        Seals(numbers.chunks_exact(SEAL / 8).filter_map(of).collect())
    }
}

/// Which files are believed to be whole without being read.
#[derive(Clone, Copy)]
pub enum Unread<'a> {
    /// None: all are read.
    Nothing,
    /// All but the last: whoever asks reads them elsewhere, or only wants the end.
    Closed,
    Sealed(&'a Seals),
}

/// What a clean stop noted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Stopped {
    pub identity: [u8; 16],
    pub position: Position,
    pub seals: Seals,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(file: u64) -> Mark {
        Mark { file, length: 9 << 20, written: -5, changed: 7 }
    }

    #[test]
    fn a_seal_holds_for_the_file_that_was_read_and_for_no_other() {
        let mut seals = Seals::default();
        (1..=4).for_each(|number| seals.note(number, mark(number + 10)));
        let read = Seals::decode(&seals.encode());
        assert_eq!(read, seals);
        assert!(read.hold(3, Some(mark(13))) && !read.hold(4, Some(mark(13))) && !read.hold(3, None));
        for touched in [
            Mark { file: 1, ..mark(13) },
            Mark { length: 1, ..mark(13) },
            Mark { written: 1, ..mark(13) },
            Mark { changed: 1, ..mark(13) },
        ] {
            assert!(!read.hold(3, Some(touched)), "{touched:?}");
        }
        assert!(Seals::decode(&seals.encode()[..39]).is_empty());
    }

    #[test]
    fn what_was_read_longest_ago_is_read_next_and_in_the_end_everything_was() {
        let mut seals = Seals::default();
        (1..=5).for_each(|number| seals.note(number, mark(number)));
        let mut read = Vec::new();
        for _ in 0..3 {
            let trusted = seals.clone().but_for_a_share(16 << 20);
            let now: Vec<u64> = (1..=5).filter(|number| !trusted.hold(*number, Some(mark(*number)))).collect();
            seals = trusted;
            now.iter().for_each(|number| seals.note(*number, mark(*number)));
            read.push(now);
        }
        assert_eq!(read, [vec![1, 2], vec![3, 4], vec![1, 5]]);
    }
}

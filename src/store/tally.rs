//! How many rows a keyspace holds, and one number over all of them: so that a stale or missing row is seen without asking
//! another copy.

use super::overlay::Overlay;
use super::rows::{Changes, META, Rows};
use super::segment::Cut;
use super::{Failed, Keyspace, Position, Read};
use std::collections::BTreeMap;

/// Count of rows, and XOR of BLAKE3(length of key, 8 bytes little endian ‖ key ‖ value) over them. The order in which rows
/// came does not matter, and taking one away is the same step as adding it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Tally {
    pub count: u64,
    pub xor: [u8; 32],
}

impl Tally {
    pub fn add(&mut self, key: &[u8], value: &[u8]) {
        self.count = self.count.wrapping_add(1);
        self.mix(key, value);
    }

    pub fn remove(&mut self, key: &[u8], value: &[u8]) {
        self.count = self.count.wrapping_sub(1);
        self.mix(key, value);
    }

    fn mix(&mut self, key: &[u8], value: &[u8]) {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(key.len() as u64).to_le_bytes()).update(key).update(value);
        self.xor.iter_mut().zip(hasher.finalize().as_bytes()).for_each(|(x, h)| *x ^= h);
    }

    /// Count (8, little endian) ‖ XOR. **[disk]**
    pub fn encode(&self) -> Vec<u8> {
        [&self.count.to_le_bytes()[..], &self.xor].concat()
    }

    pub fn decode(bytes: &[u8]) -> Option<Tally> {
        let mut cut = Cut(bytes);
        let (count, xor) = (u64::from_le_bytes(cut.take()?), cut.take()?);
        cut.0.is_empty().then_some(Tally { count, xor })
    }
}

const POSITION: &[u8] = b"position";

/// The row of [`META`] that holds a keyspace's tally.
pub fn tally_key(keyspace: Keyspace) -> Vec<u8> {
    [b"tally/", keyspace.0.as_bytes()].concat()
}

/// The tally kept beside a keyspace; of an empty one if there is none.
pub fn kept_tally(read: &dyn Read, keyspace: Keyspace) -> Result<Tally, Failed> {
    Ok(read.get(META, &tally_key(keyspace))?.and_then(|bytes| Tally::decode(&bytes)).unwrap_or_default())
}

/// Whether these changes say how far the rows go with them.
pub fn is_settled(changes: &Changes) -> bool {
    changes.get(META, POSITION).is_some()
}

/// The position up to which rows have been folded.
pub fn kept_position(rows: &dyn Rows) -> Result<Position, Failed> {
    let row = rows.get(META, POSITION)?;
    Ok(row.and_then(|bytes| bytes.try_into().ok()).map_or(0, Position::from_be_bytes))
}

/// The tallies as they stand, kept in memory by whoever writes.
pub struct Tallies(BTreeMap<Keyspace, Tally>);

impl Tallies {
    pub fn read(rows: &dyn Rows, keyspaces: &[Keyspace]) -> Result<Tallies, Failed> {
        let nothing = Changes::default();
        let read = Overlay { over: &nothing, under: rows };
        keyspaces.iter().map(|k| Ok((*k, kept_tally(&read, *k)?))).collect::<Result<_, _>>().map(Tallies)
    }

    /// Puts into `changes` what must go with them: the tallies that they alter, and the position they lead to.
    pub fn settle(&mut self, rows: &dyn Rows, changes: &mut Changes, position: Position) -> Result<(), Failed> {
        let mut altered = Vec::new();
        for (keyspace, of_space) in changes.spaces() {
            let mut tally = self.0.get(&keyspace).copied().unwrap_or_default();
            for (key, new) in of_space {
                if let Some(old) = rows.get(keyspace, key)? {
                    tally.remove(key, &old);
                }
                if let Some(new) = new {
                    tally.add(key, new);
                }
            }
            altered.push((keyspace, tally));
        }
        for (keyspace, tally) in altered {
            self.0.insert(keyspace, tally);
            changes.set(META, tally_key(keyspace), Some(tally.encode()));
        }
        changes.set(META, POSITION.to_vec(), Some(position.to_be_bytes().to_vec()));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_taken_away_leaves_the_tally_as_if_it_had_never_been() {
        let mut tally = Tally::default();
        tally.add(b"a", b"1");
        let before = tally;
        tally.add(b"b", b"2");
        assert_ne!(tally, before);
        tally.remove(b"b", b"2");
        assert_eq!(tally, before);
        assert_eq!(Tally::decode(&tally.encode()), Some(tally));
    }

    #[test]
    fn bytes_that_move_from_key_to_value_change_the_tally() {
        let (mut one, mut other) = (Tally::default(), Tally::default());
        one.add(b"ab", b"c");
        other.add(b"a", b"bc");
        assert_ne!(one, other);
    }
}

//! One head, or several: a conflict as a value.

use serde::{Deserialize, Serialize};

/// What nothing else is based on. None: nothing yet. One: the usual case. Several: two people went on from the same
/// place; both stand, and a person merges them. Kept in order and each once, so that equal sets are equal values.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Heads<T>(Vec<T>);

impl<T: Ord> Heads<T> {
    pub fn is_conflict(&self) -> bool {
        self.0.len() > 1
    }

    /// The only head; `None` when there is none, or a conflict.
    pub fn one(&self) -> Option<&T> {
        match self.0.as_slice() {
            [head] => Some(head),
            _ => None,
        }
    }

    pub fn all(&self) -> &[T] {
        &self.0
    }
}

impl<T: Ord> FromIterator<T> for Heads<T> {
    fn from_iter<I: IntoIterator<Item = T>>(heads: I) -> Heads<T> {
        let mut heads: Vec<T> = heads.into_iter().collect();
        heads.sort();
        heads.dedup();
        Heads(heads)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_heads_are_a_conflict_and_one_is_not() {
        assert!(!Heads::<u8>::default().is_conflict());
        let one: Heads<u8> = [4, 4].into_iter().collect();
        assert_eq!((one.is_conflict(), one.one()), (false, Some(&4)));
        let two: Heads<u8> = [9, 4].into_iter().collect();
        assert_eq!((two.is_conflict(), two.one(), two.all()), (true, None, [4, 9].as_slice()));
    }
}

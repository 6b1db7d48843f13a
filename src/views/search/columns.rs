//! Plain columns: texts in one arena, lists laid end to end.

use std::ops::Range;

/// Many short texts in one allocation.
#[derive(Default)]
pub(super) struct Texts {
    bytes: String,
    ends: Vec<u32>,
}

impl Texts {
    pub(super) fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len() as u32);
    }

    pub(super) fn get(&self, i: u32) -> &str {
        let i = i as usize;
        let from = i.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(i).and_then(|&to| self.bytes.get(from as usize..to as usize)).unwrap_or("")
    }

    pub(super) fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    pub(super) fn bytes_used(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn shrink(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
    }
}

/// For each owner a run of items in one long list.
pub(super) struct Runs<T> {
    ends: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Runs<T> {
    fn default() -> Runs<T> {
        Runs { ends: Vec::new(), items: Vec::new() }
    }
}

impl<T: Copy> Runs<T> {
    pub(super) fn push(&mut self, items: impl Iterator<Item = T>) {
        self.items.extend(items);
        self.ends.push(self.items.len() as u32);
    }

    pub(super) fn range(&self, owner: u32) -> Range<usize> {
        let owner = owner as usize;
        let from = owner.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0) as usize;
        from..self.ends.get(owner).map_or(from, |&to| to as usize)
    }

    pub(super) fn of(&self, owner: u32) -> &[T] {
        self.items.get(self.range(owner)).unwrap_or(&[])
    }

    /// The items of neighbouring owners.
    pub(super) fn of_all(&self, owners: Range<u32>) -> &[T] {
        if owners.is_empty() {
            return &[];
        }
        self.items.get(self.range(owners.start).start..self.range(owners.end - 1).end).unwrap_or(&[])
    }

    pub(super) fn owner(&self, item: u32) -> u32 {
        self.ends.partition_point(|&end| end <= item) as u32
    }

    pub(super) fn items(&self) -> &[T] {
        &self.items
    }

    pub(super) fn items_mut(&mut self) -> &mut [T] {
        &mut self.items
    }

    pub(super) fn owners(&self) -> u32 {
        self.ends.len() as u32
    }

    pub(super) fn shrink(&mut self) {
        self.ends.shrink_to_fit();
        self.items.shrink_to_fit();
    }
}

impl Runs<u32> {
    /// Groups (owner, item) pairs, given twice in the same order, by owner; items keep their order within one.
    pub(super) fn grouped<I: Iterator<Item = (u32, u32)>>(owners: u32, pairs: impl Fn() -> I) -> Runs<u32> {
        let mut ends = vec![0u32; owners as usize + 1];
        for (owner, _) in pairs() {
            ends[owner as usize + 1] += 1;
        }
        for i in 1..ends.len() {
            ends[i] += ends[i - 1];
        }
        let mut items = vec![0; ends[owners as usize] as usize];
        // Each start moves to its end while its run is filled, so the starts become the ends in place.
        for (owner, item) in pairs() {
            let at = &mut ends[owner as usize];
            items[*at as usize] = item;
            *at += 1;
        }
        ends.pop();
        Runs { ends, items }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grouped_items_come_back_by_owner() {
        let pairs = [(2, 7), (0, 1), (2, 5), (3, 9)];
        let runs = Runs::grouped(5, || pairs.iter().copied());
        let all: Vec<&[u32]> = (0..5).map(|o| runs.of(o)).collect();
        assert_eq!(all, [&[1][..], &[], &[7, 5], &[9], &[]]);
        assert_eq!(runs.of_all(1..4), [7, 5, 9]);
        assert_eq!((runs.owner(0), runs.owner(1), runs.owner(3)), (0, 2, 3));
    }
}

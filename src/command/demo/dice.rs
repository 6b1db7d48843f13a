//! Numbers that follow from a seed alone, the same on every machine.

/// SplitMix64.
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A generator of its own, so that what one household draws does not move what the next one is.
    pub fn apart(&mut self) -> Dice {
        Dice(self.next())
    }

    /// From `low` through `high`.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = high.abs_diff(low).saturating_add(1);
        low.saturating_add((self.next() % span) as i64)
    }

    /// True in so many cases of a hundred.
    pub fn percent(&mut self, chance: i64) -> bool {
        self.between(1, 100) <= chance
    }

    /// One of the list; the default where the list is empty.
    pub fn pick<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let at = self.between(0, list.len().max(1) as i64 - 1);
        list.get(at as usize).copied().unwrap_or_default()
    }

    /// One of the list, the first ones most often.
    pub fn pick_common<T: Copy + Default>(&mut self, list: &[T]) -> T {
        let last = list.len().max(1) as i64 - 1;
        let at = self.between(0, last).min(self.between(0, last));
        list.get(at as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_another_does_not() {
        let draw = |seed| {
            let mut dice = Dice::new(seed);
            (0..20).map(|_| dice.between(-5, 1000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!(draw(1).iter().all(|n| (-5..=1000).contains(n)));
    }
}

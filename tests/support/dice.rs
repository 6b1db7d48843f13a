//! Chance that can be had again: numbers from a seed, and bytes spoilt by them.

/// SplitMix64, so that a round that failed can be tried again by its number.
pub struct Dice(pub u64);

impl Dice {
    /// A number below `n`; 0 where `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n.max(1) as u64) as usize
    }
}

/// The usual ones, or as many as asked for, or the one to be looked at again.
pub fn rounds(usual: u64) -> std::ops::Range<u64> {
    let number = |name| std::env::var(name).ok().and_then(|n| n.parse().ok());
    match number("HOSTILE_ROUND") {
        Some(one) => one..one + 1,
        None => 0..number("HOSTILE_ROUNDS").unwrap_or(usual),
    }
}

/// Cuts, repeats, swaps and overwrites pieces.
pub fn mutate(bytes: &mut Vec<u8>, dice: &mut Dice, words: &[&str]) {
    for _ in 0..1 + dice.below(6) {
        let at = dice.below(bytes.len());
        let end = (at + dice.below(40)).min(bytes.len());
        match dice.below(6) {
            0 => drop(bytes.drain(at..end)),
            1 => {
                let piece = bytes[at..end].to_vec();
                let to = dice.below(bytes.len());
                bytes.splice(to..to, piece);
            }
            2 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            3 => bytes.truncate(at),
            _ => {
                let word = words[dice.below(words.len())].as_bytes();
                bytes.splice(at..end, word.iter().copied());
            }
        }
        if bytes.is_empty() {
            bytes.push(b'x');
        }
    }
}

//! Thirty-two secret bytes that print nothing and are wiped when dropped, and where chance comes from.

use super::SealError;
use std::fmt;
use zeroize::Zeroize;

/// A key. Wiped on drop; comparing takes the same time wherever two differ.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl Secret {
    pub fn new(bytes: [u8; 32]) -> Secret {
        Secret(bytes)
    }

    /// A new key from `random`.
    pub fn random(random: &mut dyn Random) -> Result<Secret, SealError> {
        let mut bytes = [0; 32];
        random.fill(&mut bytes)?;
        Ok(Secret(bytes))
    }

    /// The bytes themselves. Whoever copies them wipes the copy.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        self.0.iter().zip(&other.0).fold(0, |all, (a, b)| all | (a ^ b)) == 0
    }
}
impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Where keys and ids come from. A demo and a test hand in a seeded one.
pub trait Random {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), SealError>;
}

/// The operating system's.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), SealError> {
        getrandom::fill(out).map_err(|_| SealError::NoRandomness)
    }
}

/// A stream that is the same for the same seed: BLAKE3's output, read on. For demos and tests, whose keys protect nothing.
pub struct SeededRandom(blake3::OutputReader);

impl SeededRandom {
    pub fn new(seed: u64) -> SeededRandom {
        SeededRandom(blake3::Hasher::new_derive_key("dossier v1 seeded").update(&seed.to_le_bytes()).finalize_xof())
    }
}

impl Random for SeededRandom {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), SealError> {
        self.0.fill(out);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        assert_eq!(format!("{:?}", Secret::new([0xab; 32])), "Secret");
    }

    #[test]
    fn secrets_are_equal_by_every_byte() {
        let one = Secret::new([7; 32]);
        for at in 0..32 {
            let mut bytes = [7; 32];
            bytes[at] ^= 1;
            assert!(one != Secret::new(bytes));
        }
        assert!(one == one.clone());
    }
}

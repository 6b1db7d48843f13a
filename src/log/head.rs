//! A chain's head: as a value, as a code to print and type, as a signature.
//!
//! A head code holds 40 bits of the station, 40 of the sequence number and 120 of the record's hash, in eight groups of
//! five characters and a check character each: `K7M2Q-…`. Whoever keeps one on paper can prove later that nothing
//! before it was altered. The alphabet is Crockford's (no I, L, O, U). A group's check character is a sum over GF(32)
//! with another weight at each place and the group's number in it, so that any one wrong character, any two exchanged
//! ones and any two exchanged groups are found, and found in their group. **[disk]** (and on paper)

use super::bytes::{Reader, Writer};
use super::envelope::{self, EnvelopeError};
use super::record::{Link, RecordError};
use crate::domain::{Explain, Message, StationId};
use std::fmt;

/// The newest record of a station's chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Head {
    pub station: StationId,
    pub seq: u64,
    /// BLAKE3 over the record's bytes as stored.
    pub hash: [u8; 32],
}

impl Head {
    /// The head that these bytes, a record of any schema, are when they are the newest.
    pub fn of(record: &[u8]) -> Result<Head, RecordError> {
        Link::read(record).map(|link| link.head())
    }

    /// 56 bytes: station, seq LE, hash. A row of the store may hold them.
    pub fn to_bytes(&self) -> [u8; 56] {
        let mut out = [0; 56];
        out[..16].copy_from_slice(&self.station.0);
        out[16..24].copy_from_slice(&self.seq.to_le_bytes());
        out[24..].copy_from_slice(&self.hash);
        out
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Head> {
        let mut reader = Reader(bytes);
        let head = Head { station: StationId(reader.array()?), seq: reader.u64()?, hash: reader.array()? };
        reader.0.is_empty().then_some(head)
    }

    /// What a station signs: a fixed text, so that a head's signature is never one of anything else, and the head.
    pub fn signed_bytes(&self) -> Vec<u8> {
        [b"dossier head v1\0".as_slice(), &self.to_bytes()].concat()
    }

    /// `None` from a sequence number of 2^40 on, which no station reaches.
    pub fn code(&self) -> Option<HeadCode> {
        if self.seq >> SEQ_BITS != 0 {
            return None;
        }
        let mut data = [0; DATA];
        data[..5].copy_from_slice(&self.station.0[..5]);
        data[5..10].copy_from_slice(&self.seq.to_be_bytes()[3..]);
        data[10..].copy_from_slice(&self.hash[..15]);
        Some(HeadCode(data))
    }
}

impl Link {
    pub fn head(&self) -> Head {
        Head { station: self.station, seq: self.seq, hash: self.hash }
    }
}

const SEQ_BITS: u32 = 40;
const DATA: usize = 25;
const GROUPS: usize = 8;
/// Characters of data in a group; one check character follows.
const GROUP: usize = 5;
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A head in 48 characters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HeadCode([u8; DATA]);

/// Why a typed code is none. Places count from 1, and only characters that matter (no spaces, no dashes).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeadCodeError {
    /// Not a character of the alphabet, nor one that is easily taken for one.
    UnknownCharacter { place: usize },
    /// Not 48 characters.
    OtherLength { found: usize },
    /// The group's check character does not fit: something in this group was mistyped, or groups were exchanged.
    GroupWrong { group: usize },
}

impl Explain for HeadCodeError {
    fn explain(&self) -> Message {
        match *self {
            HeadCodeError::UnknownCharacter { place } => {
                Message::new("log.code.unknown_character").with("place", place)
            }
            HeadCodeError::OtherLength { found } => {
                Message::new("log.code.other_length").with("found", found).with("wanted", GROUPS * (GROUP + 1))
            }
            HeadCodeError::GroupWrong { group } => Message::new("log.code.group_wrong").with("group", group),
        }
    }
}

impl HeadCode {
    pub fn seq(&self) -> u64 {
        self.0[5..10].iter().fold(0, |n, b| n << 8 | u64::from(*b))
    }

    /// Whether a station is the one that this code names.
    pub fn names(&self, station: StationId) -> bool {
        station.0[..5] == self.0[..5]
    }

    /// Whether this code is of that head.
    pub fn is_of(&self, head: &Head) -> bool {
        head.code() == Some(*self)
    }

    /// Reads a code as typed: any case, O for 0, I or L for 1, full-width forms, spaces and dashes anywhere.
    pub fn parse(text: &str) -> Result<HeadCode, HeadCodeError> {
        let mut values = Vec::with_capacity(GROUPS * (GROUP + 1));
        let mut found = 0;
        for c in text.chars().filter(|c| !c.is_whitespace() && !is_dash(*c)) {
            found += 1;
            let value = value_of(c).ok_or(HeadCodeError::UnknownCharacter { place: found })?;
            if found <= GROUPS * (GROUP + 1) {
                values.push(value);
            }
        }
        if found != GROUPS * (GROUP + 1) {
            return Err(HeadCodeError::OtherLength { found });
        }
        let mut data = [0; DATA];
        let mut bits = 0;
        for (index, group) in values.chunks(GROUP + 1).enumerate() {
            let (chars, check) = (&group[..GROUP], group[GROUP]);
            if check_of(chars, index) != check {
                return Err(HeadCodeError::GroupWrong { group: index + 1 });
            }
            for value in chars {
                for bit in (0..5).rev() {
                    data[bits / 8] |= (value >> bit & 1) << (7 - bits % 8);
                    bits += 1;
                }
            }
        }
        Ok(HeadCode(data))
    }
}

impl fmt::Display for HeadCode {
    /// Eight groups of six, dashes between: 55 characters, one line of a narrow printer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: Vec<u8> = (0..GROUPS * GROUP)
            .map(|i| (5 * i..5 * i + 5).fold(0, |v, bit| v << 1 | (self.0[bit / 8] >> (7 - bit % 8) & 1)))
            .collect();
        for (index, group) in values.chunks(GROUP).enumerate() {
            if index > 0 {
                f.write_str("-")?;
            }
            for value in group.iter().chain([&check_of(group, index)]) {
                write!(f, "{}", char::from(ALPHABET[usize::from(*value)]))?;
            }
        }
        Ok(())
    }
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '_' | '\u{2010}'..='\u{2015}' | '－')
}

fn value_of(c: char) -> Option<u8> {
    let narrow = match c {
        '！'..='～' => char::from_u32(u32::from(c) - 0xfee0)?,
        _ => c,
    };
    let upper = match narrow.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    ALPHABET.iter().position(|a| char::from(*a) == upper).and_then(|p| u8::try_from(p).ok())
}

/// Σ 2^(place+1)·value over GF(32), plus the group's number. The weights differ and none is zero, so a changed character
/// changes the sum, and so do two exchanged ones.
fn check_of(values: &[u8], group: usize) -> u8 {
    let mut sum = (group % 32) as u8;
    for value in values.iter().rev() {
        sum = double(sum ^ value);
    }
    sum
}

/// Times x in GF(32), modulo x^5 + x^2 + 1.
fn double(value: u8) -> u8 {
    let shifted = value << 1;
    if shifted & 0x20 != 0 { (shifted ^ 0x25) & 0x1f } else { shifted }
}

/// A head with its station's signature: what leaves in print, in exchange, in a backup. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignedHead {
    pub head: Head,
    /// The station's Ed25519 public key.
    pub key: [u8; 32],
    pub signature: [u8; 64],
}

/// `DHED`: a signed head.
const MAGIC: [u8; 4] = *b"DHED";

impl SignedHead {
    /// Whether the key it names signed this head. Whether that key is the station's, the caller knows from the station's
    /// first record.
    pub fn holds(&self) -> bool {
        let Ok(key) = ed25519_dalek::VerifyingKey::from_bytes(&self.key) else { return false };
        let signature = ed25519_dalek::Signature::from_bytes(&self.signature);
        key.verify_strict(&self.head.signed_bytes(), &signature).is_ok()
    }

    pub fn encode(&self) -> Result<Vec<u8>, EnvelopeError> {
        let mut out = Writer::default();
        out.bytes(&self.head.to_bytes()).bytes(&self.key).bytes(&self.signature);
        envelope::wrap(MAGIC, 1, &out.0)
    }

    pub fn decode(bytes: &[u8]) -> Result<SignedHead, EnvelopeError> {
        let (schema, body) = envelope::unwrap(MAGIC, bytes)?;
        if schema != 1 {
            return Err(EnvelopeError::NewerSchema(schema));
        }
        let mut reader = Reader(body);
        let read = |reader: &mut Reader<'_>| {
            let head = Head::from_bytes(reader.bytes(56)?)?;
            Some(SignedHead { head, key: reader.array()?, signature: reader.array()? })
        };
        let signed = read(&mut reader).ok_or(EnvelopeError::BodyUnreadable)?;
        if reader.0.is_empty() { Ok(signed) } else { Err(EnvelopeError::BytesLeftOver) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ed25519_dalek::Signer;

    fn head(seq: u64) -> Head {
        Head { station: StationId([0x5a; 16]), seq, hash: *blake3::hash(&seq.to_le_bytes()).as_bytes() }
    }

    fn text(seq: u64) -> String {
        head(seq).code().unwrap().to_string()
    }

    #[test]
    fn a_code_reads_back_as_the_head_it_was_printed_from() {
        for seq in [1, 2, 255, 256, 1_000_000, (1 << 40) - 1] {
            let code = HeadCode::parse(&text(seq)).unwrap();
            assert!(code.is_of(&head(seq)) && code.names(head(seq).station));
            assert_eq!(code.seq(), seq);
            assert!(!code.is_of(&head(seq ^ 1)));
        }
        assert_eq!(head(1 << 40).code(), None);
        assert_eq!(text(7).len(), 55);
    }

    #[test]
    fn each_single_changed_character_is_found_in_its_group() {
        let plain: Vec<char> = text(42).chars().filter(|c| *c != '-').collect();
        for at in 0..plain.len() {
            for other in ALPHABET.iter().map(|b| char::from(*b)).filter(|c| *c != plain[at]) {
                let mut typed = plain.clone();
                typed[at] = other;
                let wrong = HeadCode::parse(&typed.iter().collect::<String>());
                assert_eq!(wrong, Err(HeadCodeError::GroupWrong { group: at / 6 + 1 }), "{at} {other}");
            }
        }
    }

    #[test]
    fn exchanged_characters_and_exchanged_groups_are_found() {
        let plain: Vec<char> = text(42).chars().filter(|c| *c != '-').collect();
        for a in 0..plain.len() {
            let group = a / 6 * 6;
            for b in a + 1..group + 6 {
                let mut typed = plain.clone();
                typed.swap(a, b);
                let found = HeadCode::parse(&typed.iter().collect::<String>()).is_err();
                assert_eq!(found, plain[a] != plain[b], "{a} {b}");
            }
        }
        let groups: Vec<String> = text(42).split('-').map(str::to_owned).collect();
        for a in 0..8 {
            for b in a + 1..8 {
                let mut typed = groups.clone();
                typed.swap(a, b);
                let wrong = HeadCode::parse(&typed.join("-"));
                assert_eq!(wrong, Err(HeadCodeError::GroupWrong { group: a + 1 }), "{a} {b}");
            }
        }
    }

    #[test]
    fn a_code_is_read_however_it_was_typed() {
        let printed = text(7);
        let code = HeadCode::parse(&printed).unwrap();
        let looks_alike: String = printed
            .chars()
            .map(|c| {
                if c == '0' {
                    'o'
                } else if c == '1' {
                    'l'
                } else {
                    c
                }
            })
            .collect();
        let full_width: String = printed.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c)).collect();
        for typed in [
            printed.to_lowercase(),
            printed.replace('-', " "),
            printed.replace('-', ""),
            format!("  {}\n", printed.replace('-', " — ")),
            looks_alike.to_uppercase(),
            looks_alike,
            full_width,
        ] {
            assert_eq!(HeadCode::parse(&typed), Ok(code), "{typed}");
        }
    }

    #[test]
    fn a_wrong_code_says_where() {
        let plain = text(7).replace('-', "");
        assert_eq!(HeadCode::parse(""), Err(HeadCodeError::OtherLength { found: 0 }));
        assert_eq!(HeadCode::parse(&plain[1..]), Err(HeadCodeError::OtherLength { found: 47 }));
        assert_eq!(HeadCode::parse(&format!("{plain}0")), Err(HeadCodeError::OtherLength { found: 49 }));
        for bad in ['U', '林', '!', '\u{1b}'] {
            let typed = format!("{}{bad}{}", &plain[..9], &plain[10..]);
            assert_eq!(HeadCode::parse(&typed), Err(HeadCodeError::UnknownCharacter { place: 10 }), "{bad}");
        }
    }

    #[test]
    fn a_signature_holds_for_its_head_alone() {
        let key = ed25519_dalek::SigningKey::from_bytes(&[3; 32]);
        let signature = key.sign(&head(9).signed_bytes()).to_bytes();
        let signed = SignedHead { head: head(9), key: key.verifying_key().to_bytes(), signature };
        assert!(signed.holds());
        assert!(!SignedHead { head: head(10), ..signed }.holds());
        let bytes = signed.encode().unwrap();
        assert_eq!(SignedHead::decode(&bytes), Ok(signed));
        for at in 0..bytes.len() {
            let mut bent = bytes.clone();
            bent[at] ^= 0x10;
            assert!(SignedHead::decode(&bent).is_err(), "byte {at}");
        }
        for at in 0..64 {
            let mut bent = signed;
            bent.signature[at] ^= 1;
            assert!(!bent.holds(), "signature byte {at}");
        }
    }

    #[test]
    fn a_head_reads_back_from_its_bytes() {
        assert_eq!(Head::from_bytes(&head(9).to_bytes()), Some(head(9)));
        assert_eq!(Head::from_bytes(&head(9).to_bytes()[1..]), None);
        assert_eq!(Head::from_bytes(&[head(9).to_bytes().as_slice(), &[0]].concat()), None);
    }
}

//! The envelope round everything that outlives a program: magic, schema, length, checksum, body. **[disk]**
//!
//! ```text
//! 0   magic     4 bytes     what kind of thing this is
//! 4   schema    u16 LE      which frozen variant of it the body is
//! 6   length    u32 LE      bytes of body
//! 10  checksum  8 bytes     the first eight of BLAKE3(bytes 0..10 ‖ body)
//! 18  body
//! ```
//!
//! A released variant never changes, not by a field: a change is a new schema number and a `From` the old one.
//! [`encode`] and [`decode`] put a serde value inside (bincode 2.0.1, standard configuration, with a limit and no bytes
//! left over); bincode alone would take two of five flipped bytes for another value, and a bad length for an order to
//! allocate.

use super::bytes::{Reader, Writer};
use crate::domain::{Explain, Message};
use serde::{Serialize, de::DeserializeOwned};

/// Bytes before the body.
pub const OVERHEAD: usize = 18;
/// No body is longer, whatever its length field says: 8 MiB.
pub const BODY_MAX: usize = 8 << 20;

/// What was found instead of a whole envelope.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EnvelopeError {
    /// It ends before its own length says.
    CutShort,
    /// It is of another kind, or not ours at all.
    OtherMagic,
    /// Bytes follow after the body.
    BytesLeftOver,
    /// The checksum is not that of these bytes.
    ChecksumDiffers,
    /// Longer than [`BODY_MAX`].
    TooLong,
    /// The envelope is whole, but its body is not a value of the schema it names.
    BodyUnreadable,
    /// Written by a newer program: a schema this one does not know.
    NewerSchema(u16),
}

impl Explain for EnvelopeError {
    fn explain(&self) -> Message {
        Message::new(match self {
            EnvelopeError::CutShort => "log.envelope.cut_short",
            EnvelopeError::OtherMagic => "log.envelope.other_magic",
            EnvelopeError::BytesLeftOver => "log.envelope.bytes_left_over",
            EnvelopeError::ChecksumDiffers => "log.envelope.checksum_differs",
            EnvelopeError::TooLong => "log.envelope.too_long",
            EnvelopeError::BodyUnreadable => "log.envelope.body_unreadable",
            EnvelopeError::NewerSchema(schema) => {
                return Message::new("log.envelope.newer_schema").with("schema", u32::from(*schema));
            }
        })
    }
}

/// Puts `body` into an envelope. Errors: `TooLong`.
pub fn wrap(magic: [u8; 4], schema: u16, body: &[u8]) -> Result<Vec<u8>, EnvelopeError> {
    let length = u32::try_from(body.len()).ok().filter(|_| body.len() <= BODY_MAX).ok_or(EnvelopeError::TooLong)?;
    let mut out = Writer(Vec::with_capacity(OVERHEAD + body.len()));
    out.bytes(&magic).u16(schema).u32(length);
    let sum = checksum(&out.0, body);
    out.bytes(&sum).bytes(body);
    Ok(out.0)
}

/// Whether an envelope of this kind begins here; the rest of it is not looked at.
pub fn is(magic: [u8; 4], bytes: &[u8]) -> bool {
    bytes.starts_with(&magic)
}

/// The schema and the body of an envelope that is whole to the last byte; any schema, newer ones too.
pub fn unwrap(magic: [u8; 4], bytes: &[u8]) -> Result<(u16, &[u8]), EnvelopeError> {
    let mut reader = Reader(bytes);
    if reader.array::<4>().ok_or(EnvelopeError::CutShort)? != magic {
        return Err(EnvelopeError::OtherMagic);
    }
    let schema = reader.u16().ok_or(EnvelopeError::CutShort)?;
    let length = reader.u32().ok_or(EnvelopeError::CutShort)? as usize;
    let sum = reader.array::<8>().ok_or(EnvelopeError::CutShort)?;
    if length > BODY_MAX {
        return Err(EnvelopeError::TooLong);
    }
    let body = reader.bytes(length).ok_or(EnvelopeError::CutShort)?;
    if !reader.0.is_empty() {
        return Err(EnvelopeError::BytesLeftOver);
    }
    if checksum(&bytes[..10], body) != sum {
        return Err(EnvelopeError::ChecksumDiffers);
    }
    Ok((schema, body))
}

fn checksum(front: &[u8], body: &[u8]) -> [u8; 8] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(front).update(body);
    let mut sum = [0; 8];
    sum.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    sum
}

/// A serde value in an envelope. `variant` is the frozen variant's number and stands as the envelope's schema.
pub fn encode<T: Serialize>(magic: [u8; 4], variant: u16, value: &T) -> Result<Vec<u8>, EnvelopeError> {
    let body = bincode::serde::encode_to_vec(value, config()).map_err(|_| EnvelopeError::BodyUnreadable)?;
    wrap(magic, variant, &body)
}

/// Reads what [`encode`] wrote under this very `variant`. A higher number is `NewerSchema`; for a lower one the caller
/// asks [`variant`] first, decodes that frozen variant and converts.
pub fn decode<T: DeserializeOwned>(magic: [u8; 4], variant: u16, bytes: &[u8]) -> Result<T, EnvelopeError> {
    match unwrap(magic, bytes)? {
        (found, _) if found > variant => Err(EnvelopeError::NewerSchema(found)),
        (found, body) if found == variant => decode_body(body),
        _ => Err(EnvelopeError::BodyUnreadable),
    }
}

/// Which variant stands in this envelope, once the whole of it is checked.
pub fn variant(magic: [u8; 4], bytes: &[u8]) -> Result<u16, EnvelopeError> {
    unwrap(magic, bytes).map(|(schema, _)| schema)
}

/// A serde value from a body that is already out of its envelope.
pub fn decode_body<T: DeserializeOwned>(body: &[u8]) -> Result<T, EnvelopeError> {
    match bincode::serde::decode_from_slice(body, config()) {
        Ok((value, used)) if used == body.len() => Ok(value),
        Ok(_) => Err(EnvelopeError::BytesLeftOver),
        Err(_) => Err(EnvelopeError::BodyUnreadable),
    }
}

/// The limit counts claimed bytes, container lengths included; a body as long as [`BODY_MAX`] still fits.
fn config() -> impl bincode::config::Config {
    bincode::config::standard().with_limit::<{ 4 * BODY_MAX }>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    const MAGIC: [u8; 4] = *b"DTST";

    #[derive(Serialize, Deserialize, PartialEq, Debug)]
    struct Sample {
        words: Vec<String>,
        amount: i64,
    }

    fn sample() -> Sample {
        Sample { words: vec!["林".into(), "".into()], amount: -1 }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_refused() {
        let whole = encode(MAGIC, 3, &sample()).unwrap();
        assert_eq!(decode::<Sample>(MAGIC, 3, &whole).unwrap(), sample());
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bent = whole.clone();
                bent[at] ^= 1 << bit;
                assert!(decode::<Sample>(MAGIC, 3, &bent).is_err(), "byte {at} bit {bit}");
            }
            assert!(decode::<Sample>(MAGIC, 3, &whole[..at]).is_err(), "cut at {at}");
        }
        let longer = [whole.as_slice(), &[0]].concat();
        assert_eq!(decode::<Sample>(MAGIC, 3, &longer), Err(EnvelopeError::BytesLeftOver));
    }

    #[test]
    fn a_newer_variant_is_refused_by_its_number_and_still_checked() {
        let newer = encode(MAGIC, 4, &sample()).unwrap();
        assert_eq!(decode::<Sample>(MAGIC, 3, &newer), Err(EnvelopeError::NewerSchema(4)));
        assert_eq!(variant(MAGIC, &newer), Ok(4));
    }

    #[test]
    fn a_body_that_asks_for_a_terabyte_is_refused() {
        // A sequence of 2^40 strings, in bincode's variable-length form.
        let body = [253, 0, 0, 0, 0, 0, 1, 0, 0];
        let bytes = wrap(MAGIC, 3, &body).unwrap();
        assert_eq!(decode::<Sample>(MAGIC, 3, &bytes), Err(EnvelopeError::BodyUnreadable));
    }

    #[test]
    fn the_longest_body_fits_and_one_byte_more_does_not() {
        let mut body = vec![0; BODY_MAX];
        let bytes = wrap(MAGIC, 1, &body).unwrap();
        assert_eq!(unwrap(MAGIC, &bytes).map(|(_, body)| body.len()), Ok(BODY_MAX));
        body.push(0);
        assert_eq!(wrap(MAGIC, 1, &body), Err(EnvelopeError::TooLong));
    }
}

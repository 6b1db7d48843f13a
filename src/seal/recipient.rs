//! Who can unlock a key folder: a key file, a passphrase, a recovery code on paper. Each wraps the store key for itself.
//!
//! The recovery recipient is an age X25519 pair. The folder holds the public half only, so rotating wraps the new key for
//! the paper without taking the paper out of the safe; the private half is Bech32, whose checksum finds four wrong
//! characters; and if this program were gone, `age --decrypt` with the line on the paper still opens what stands in the
//! ring for it. A code of our own would have had to be kept symmetric, or be the same thing with fewer readers.

use super::cipher::{KeyKind, Named, Sealer};
use super::{Random, SealContext, SealError, Secret};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::{Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;
use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, Zeroizing};

/// What kind of thing unlocks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum RecipientKind {
    KeyFile,
    Passphrase,
    Recovery,
}

impl RecipientKind {
    /// `key_file`, `passphrase`, `recovery`.
    pub fn word(self) -> &'static str {
        match self {
            RecipientKind::KeyFile => "key_file",
            RecipientKind::Passphrase => "passphrase",
            RecipientKind::Recovery => "recovery",
        }
    }

    fn byte(self) -> u8 {
        match self {
            RecipientKind::KeyFile => 1,
            RecipientKind::Passphrase => 2,
            RecipientKind::Recovery => 3,
        }
    }
}

/// One who can unlock, as `doctor` lists them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Recipient {
    pub kind: RecipientKind,
    /// Tells two of a kind apart, and removes one.
    pub id: [u8; 16],
}

impl Recipient {
    /// The id, to be typed; its first eight digits tell it from the others.
    pub fn hex(&self) -> String {
        self.id.iter().map(|b| format!("{b:02x}")).collect()
    }
}

/// What is at hand to unlock with.
pub enum Unlock<'a> {
    KeyFile(&'a KeyFile),
    Passphrase(&'a str),
    Recovery(&'a RecoveryCode),
}

/// Who is to be able to unlock from now on.
pub enum NewRecipient<'a> {
    KeyFile(&'a KeyFile),
    Passphrase(&'a str, PassphraseCost),
    /// The code is printed and then forgotten; only its public half is kept.
    Recovery(&'a RecoveryCode),
}

/// A passphrase has so many characters at least.
pub const PASSPHRASE_CHARS_MIN: usize = 8;

impl NewRecipient<'_> {
    /// The first eight digits of the id that it will have; of a passphrase, whose id is random, none.
    pub fn id_begins(&self) -> String {
        let id = match self {
            NewRecipient::KeyFile(key) => key_file_id(key),
            NewRecipient::Recovery(code) => recovery_id(&code.public()),
            NewRecipient::Passphrase(..) => return String::new(),
        };
        id.iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// What argon2id spends on one passphrase; kept beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PassphraseCost {
    pub memory_kib: u32,
    pub passes: u32,
}

impl PassphraseCost {
    /// 256 MiB, 2 passes: about half a second.
    pub const USUAL: PassphraseCost = PassphraseCost { memory_kib: 256 << 10, passes: 2 };
    /// 64 MiB, 3 passes: for machines with little memory.
    pub const SMALL: PassphraseCost = PassphraseCost { memory_kib: 64 << 10, passes: 3 };
    /// For tests, which protect nothing.
    pub const TINY: PassphraseCost = PassphraseCost { memory_kib: 64, passes: 1 };

    /// What a damaged or hostile ring may make this program spend at most: 2 GiB, 20 passes.
    fn bearable(self) -> bool {
        (8..=2 << 20).contains(&self.memory_kib) && (1..=20).contains(&self.passes)
    }
}

/// A file with 32 random bytes as text, readable by its owner alone. `dossier-key-1`, the bytes, eight bytes of their
/// BLAKE3, all in lower-case hexadecimal on one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyFile(Secret);

const KEY_FILE_MARK: &str = "dossier-key-1 ";

impl KeyFile {
    /// A new key that stands in no file: for a systemd credential, and for tests.
    pub fn generate(random: &mut dyn Random) -> Result<KeyFile, SealError> {
        Secret::random(random).map(KeyFile)
    }

    /// Makes the file, mode 0600, and syncs it. Never writes over one that is there.
    pub fn create(path: &Path, random: &mut dyn Random) -> Result<KeyFile, SealError> {
        let key = KeyFile::generate(random)?;
        let failed = |e: std::io::Error| match e.kind() {
            std::io::ErrorKind::AlreadyExists => SealError::KeyFileExists,
            _ => crate::store::Failed::io(&path.to_string_lossy(), &e).into(),
        };
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file =
            std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(failed)?;
        // What a full disk cut off would be taken for a damaged key the next time.
        let written = file.write_all(key.to_text().as_bytes()).and_then(|()| file.sync_all());
        written.inspect_err(|_| drop(std::fs::remove_file(path))).map_err(failed)?;
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::File::open(folder).and_then(|f| f.sync_all()).map_err(failed)?;
        }
        Ok(key)
    }

    /// Reads a key file. Errors: `KeyFileOpenToOthers` (group or others have any right on it), `KeyFileDamaged`.
    pub fn read(path: &Path) -> Result<KeyFile, SealError> {
        let failed = |e: std::io::Error| crate::store::Failed::io(&path.to_string_lossy(), &e);
        let file = std::fs::File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.permissions().mode() & 0o077 != 0 {
            return Err(SealError::KeyFileOpenToOthers);
        }
        let mut text = Zeroizing::new(Vec::with_capacity(256));
        file.take(256).read_to_end(&mut text).map_err(failed)?;
        KeyFile::from_text(&text)
    }

    /// The file's one line.
    pub fn to_text(&self) -> Zeroizing<String> {
        let sum = blake3::hash(self.0.expose());
        let mut text = Zeroizing::new(String::with_capacity(128));
        text.push_str(KEY_FILE_MARK);
        for byte in self.0.expose().iter().chain(&sum.as_bytes()[..8]) {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
            }
        }
        text.push('\n');
        text
    }

    /// Reads what [`Self::to_text`] writes, to the last character.
    pub fn from_text(text: &[u8]) -> Result<KeyFile, SealError> {
        let digits = text
            .strip_prefix(KEY_FILE_MARK.as_bytes())
            .and_then(|rest| rest.strip_suffix(b"\n"))
            .filter(|digits| digits.len() == 80)
            .ok_or(SealError::KeyFileDamaged)?;
        let mut bytes = Zeroizing::new([0; 40]);
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(SealError::KeyFileDamaged),
                };
                *byte = *byte << 4 | value;
            }
        }
        let (key, sum) = bytes.split_first_chunk::<32>().ok_or(SealError::KeyFileDamaged)?;
        if blake3::hash(key).as_bytes()[..8] != *sum {
            return Err(SealError::KeyFileDamaged);
        }
        Ok(KeyFile(Secret::new(*key)))
    }
}

/// The private half of a recovery recipient: what stands on the paper in the safe.
pub struct RecoveryCode(age::x25519::Identity);

impl fmt::Debug for RecoveryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RecoveryCode")
    }
}

const BECH32_PREFIX: &str = "AGE-SECRET-KEY-1";

impl RecoveryCode {
    /// A new pair, from the operating system's randomness (age takes none handed in).
    pub fn generate() -> RecoveryCode {
        RecoveryCode(age::x25519::Identity::generate())
    }

    /// `AGE-SECRET-KEY-1…`, 74 characters: what age itself reads. To be printed, never stored.
    pub fn to_text(&self) -> Zeroizing<String> {
        use age::secrecy::ExposeSecret;
        Zeroizing::new(self.0.to_string().expose_secret().to_owned())
    }

    /// Reads a code as typed from paper: any case, spaces, dashes, line breaks, with or without the beginning that is
    /// the same in all; `o`, `i`, `1`, `b`, which the alphabet has not, are taken for `0`, `l`, `l`, `8`.
    pub fn parse(text: &str) -> Result<RecoveryCode, SealError> {
        let mut plain = Zeroizing::new(String::with_capacity(128));
        plain.extend(text.nfkc().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_uppercase()).take(100));
        let data = plain.strip_prefix("AGESECRETKEY1").unwrap_or(&plain);
        let mut code = Zeroizing::new(String::with_capacity(128));
        code.push_str(BECH32_PREFIX);
        code.extend(data.chars().map(|c| match c {
            'O' => '0',
            'I' | '1' => 'L',
            'B' => '8',
            other => other,
        }));
        code.parse().map(RecoveryCode).map_err(|_| SealError::RecoveryCodeMistyped)
    }

    fn public(&self) -> String {
        self.0.to_public().to_string()
    }
}

/// The store key as wrapped for one recipient: stands in the ring's clear part. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(super) struct Wrap {
    pub kind: RecipientKind,
    pub id: [u8; 16],
    pub cost: Option<PassphraseCost>,
    pub wrapped: Vec<u8>,
}

/// How to wrap for a recipient again without asking: stands in the ring's sealed body. Whoever reads it has the store key
/// already; a passphrase can't be had from it more cheaply than from the wrap itself. **[disk]**
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Rewrap {
    pub kind: RecipientKind,
    pub id: [u8; 16],
    pub cost: Option<PassphraseCost>,
    /// 32 bytes that wrap, or the text of an age public key.
    pub with: Vec<u8>,
}

impl Drop for Rewrap {
    fn drop(&mut self) {
        self.with.zeroize();
    }
}

impl Rewrap {
    /// Gets ready to wrap for a new recipient. `random` makes its id, and a passphrase's salt is that id.
    pub fn new(recipient: &NewRecipient<'_>, random: &mut dyn Random) -> Result<Rewrap, SealError> {
        let mut id = [0; 16];
        random.fill(&mut id)?;
        Ok(match recipient {
            NewRecipient::KeyFile(key) => {
                let id = key_file_id(key);
                let with = key_file_key(key).expose().to_vec();
                Rewrap { kind: RecipientKind::KeyFile, id, cost: None, with }
            }
            NewRecipient::Passphrase(phrase, cost) => {
                if phrase.chars().count() < PASSPHRASE_CHARS_MIN {
                    return Err(SealError::PassphraseShort);
                }
                let with = passphrase_key(phrase, &id, *cost)?.expose().to_vec();
                Rewrap { kind: RecipientKind::Passphrase, id, cost: Some(*cost), with }
            }
            NewRecipient::Recovery(code) => {
                let public = code.public();
                let id = recovery_id(&public);
                Rewrap { kind: RecipientKind::Recovery, id, cost: None, with: public.into_bytes() }
            }
        })
    }

    /// The store key of this generation, wrapped.
    pub fn wrap(&self, store_key: &Secret, generation: u32) -> Result<Wrap, SealError> {
        let wrapped = match self.kind {
            RecipientKind::Recovery => {
                let public = std::str::from_utf8(&self.with).map_err(|_| SealError::RingDamaged)?;
                let public: age::x25519::Recipient = public.parse().map_err(|_| SealError::RingDamaged)?;
                age::encrypt(&public, store_key.expose()).map_err(|_| SealError::NoRandomness)?
            }
            _ => {
                let mut key: [u8; 32] = self.with.as_slice().try_into().map_err(|_| SealError::RingDamaged)?;
                let secret = Secret::new(key);
                key.zeroize();
                let named = Named { kind: KeyKind::Wrapping, generation };
                let place = SealContext::Recipient { kind: self.kind.byte(), id: self.id };
                Sealer::new(&secret).seal(named, &place, store_key.expose())?
            }
        };
        Ok(Wrap { kind: self.kind, id: self.id, cost: self.cost, wrapped })
    }
}

/// The store key, out of the first wrap that `unlock` opens. Errors: `NoSuchRecipient`, `WrongKey`, `PassphraseCost`.
pub(super) fn unwrap(wraps: &[Wrap], unlock: &Unlock<'_>) -> Result<Secret, SealError> {
    let kind = match unlock {
        Unlock::KeyFile(_) => RecipientKind::KeyFile,
        Unlock::Passphrase(_) => RecipientKind::Passphrase,
        Unlock::Recovery(_) => RecipientKind::Recovery,
    };
    let mut refused = SealError::NoSuchRecipient;
    for wrap in wraps.iter().filter(|wrap| wrap.kind == kind) {
        let opened = match unlock {
            Unlock::KeyFile(key) if key_file_id(key) != wrap.id => Err(SealError::WrongKey),
            Unlock::KeyFile(key) => open_wrap(wrap, &key_file_key(key)),
            Unlock::Passphrase(phrase) => {
                let cost = wrap.cost.ok_or(SealError::PassphraseCost)?;
                passphrase_key(phrase, &wrap.id, cost).and_then(|key| open_wrap(wrap, &key))
            }
            Unlock::Recovery(code) => {
                age::decrypt(&code.0, &wrap.wrapped).map(Zeroizing::new).map_err(|_| SealError::WrongKey)
            }
        };
        match opened.and_then(|key| secret_from(&key)) {
            Ok(key) => return Ok(key),
            Err(SealError::PassphraseCost) => refused = SealError::PassphraseCost,
            Err(_) => refused = SealError::WrongKey,
        }
    }
    Err(refused)
}

fn open_wrap(wrap: &Wrap, key: &Secret) -> Result<Zeroizing<Vec<u8>>, SealError> {
    Sealer::new(key).open(&SealContext::Recipient { kind: wrap.kind.byte(), id: wrap.id }, &wrap.wrapped)
}

fn secret_from(bytes: &[u8]) -> Result<Secret, SealError> {
    bytes.try_into().map(Secret::new).map_err(|_| SealError::WrongKey)
}

fn key_file_key(key: &KeyFile) -> Secret {
    Secret::new(blake3::derive_key("dossier 2026 v1 key file: wrapping key", key.0.expose()))
}

fn key_file_id(key: &KeyFile) -> [u8; 16] {
    first16(&blake3::derive_key("dossier 2026 v1 key file: id", key.0.expose()))
}

fn recovery_id(public: &str) -> [u8; 16] {
    first16(&blake3::derive_key("dossier 2026 v1 recovery id", public.as_bytes()))
}

fn first16(bytes: &[u8; 32]) -> [u8; 16] {
    let mut id = [0; 16];
    id.copy_from_slice(&bytes[..16]);
    id
}

/// Full-width and composed forms are the same passphrase: an input method may be on when it is typed.
fn passphrase_key(phrase: &str, salt: &[u8; 16], cost: PassphraseCost) -> Result<Secret, SealError> {
    if !cost.bearable() {
        return Err(SealError::PassphraseCost);
    }
    let normal = Zeroizing::new(phrase.nfkc().collect::<String>());
    let params =
        argon2::Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(|_| SealError::PassphraseCost)?;
    let argon = argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params);
    let mut key = Zeroizing::new([0; 32]);
    argon.hash_password_into(normal.as_bytes(), salt, key.as_mut()).map_err(|_| SealError::PassphraseCost)?;
    Ok(Secret::new(*key))
}

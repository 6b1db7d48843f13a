//! Public keys of SSH as people hand them in: the line of an `id_ed25519.pub` or of `authorized_keys`, or what PuTTYgen
//! saves (RFC 4716).

use crate::domain::Message;
use russh::keys::ssh_key::{Algorithm, HashAlg, PublicKey};

/// A file of keys is shorter.
const BYTES_MAX: usize = 64 << 10;

/// Every key in a file, each as one line without remarks.
///
/// Errors: no key at all; a key that is a private one, damaged, or of a kind that is not taken.
pub fn read(text: &str) -> Result<Vec<String>, Message> {
    if text.contains("PRIVATE KEY") || text.starts_with("PuTTY-User-Key-File") {
        return Err(Message::new("login.key.private"));
    }
    if text.len() > BYTES_MAX {
        return Err(Message::new("login.key.none"));
    }
    let unfolded = unfold(text);
    let lines = unfolded.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let keys: Vec<String> = lines.map(one).collect::<Result<_, _>>()?;
    if keys.is_empty() { Err(Message::new("login.key.none")) } else { Ok(keys) }
}

/// `SHA256:…`, as `ssh-keygen -l` prints it.
pub(super) fn of(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// The line that stands in the records: kind and base64.
pub(super) fn line_of(key: &PublicKey) -> Option<String> {
    let line = key.to_openssh().ok()?;
    let mut words = line.split_whitespace();
    Some(format!("{} {}", words.next()?, words.next()?))
}

fn one(line: &str) -> Result<String, Message> {
    let damaged = || Message::new("login.key.damaged");
    let words: Vec<&str> = line.split_whitespace().collect();
    // Options may stand before the kind, and a remark behind the key.
    let is_kind = |word: &&str| ["ssh-", "ecdsa-", "sk-"].iter().any(|begins| word.starts_with(begins));
    let at = words.iter().position(is_kind).ok_or_else(|| Message::new("login.key.none"))?;
    let base64 = words.get(at + 1).ok_or_else(damaged)?;
    let key = PublicKey::from_openssh(&format!("{} {base64}", words[at]));
    match key {
        Ok(key) => match key.algorithm() {
            Algorithm::Ed25519 | Algorithm::Ecdsa { .. } | Algorithm::SkEd25519 | Algorithm::SkEcdsaSha2NistP256 => {
                line_of(&key).ok_or_else(damaged)
            }
            other => Err(Message::new("login.key.kind").with("kind", other.as_str())),
        },
        Err(_) if ["ssh-rsa", "ssh-dss"].contains(&words[at]) => {
            Err(Message::new("login.key.kind").with("kind", words[at]))
        }
        Err(_) => Err(damaged()),
    }
}

/// What stands between the marks of RFC 4716 becomes a line; other lines stay.
fn unfold(text: &str) -> String {
    let (mut out, mut key, mut in_header) = (String::new(), None::<String>, false);
    for line in text.trim_start_matches('\u{feff}').lines().map(str::trim) {
        match (&mut key, line) {
            (None, "---- BEGIN SSH2 PUBLIC KEY ----") => key = Some(String::new()),
            (Some(base64), "---- END SSH2 PUBLIC KEY ----") => {
                out.push_str(&kind_of(base64).map_or_else(|| "ssh-?".to_owned(), |kind| format!("{kind} {base64}")));
                out.push('\n');
                key = None;
            }
            (Some(_), line) if in_header || line.contains(':') => in_header = line.ends_with('\\'),
            (Some(base64), line) => base64.push_str(line),
            (None, line) => {
                out.push_str(line);
                out.push('\n');
            }
        }
    }
    out
}

/// The kind that a key's own bytes name.
fn kind_of(base64: &str) -> Option<String> {
    use base64::Engine;
    let bytes = base64::engine::general_purpose::STANDARD.decode(base64).ok()?;
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let kind = rest.get(..u32::from_be_bytes(*length) as usize)?;
    String::from_utf8(kind.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Credential;
    use russh::keys::ssh_key::private::Ed25519Keypair;

    fn line() -> String {
        let key: PublicKey = russh::keys::PrivateKey::from(Ed25519Keypair::from_seed(&[7; 32])).public_key().clone();
        line_of(&key).unwrap()
    }

    #[test]
    fn a_key_is_found_however_it_was_saved() {
        let line = line();
        let base64 = line.split(' ').nth(1).unwrap();
        let (first, second) = base64.split_at(40);
        for text in [
            format!("{line}\n"),
            format!("\n# a remark\n{line} fang@laptop with words\r\n"),
            format!("restrict,pty,from=\"10.0.0.0/8\",command=\"x y\" {line} 王芳"),
            format!(
                "---- BEGIN SSH2 PUBLIC KEY ----\r\nComment: \"ed\\\r\nsh: x\"\r\n{first}\r\n{second}\r\n---- END SSH2 PUBLIC KEY ----\r\n"
            ),
        ] {
            assert_eq!(read(&text), Ok(vec![line.clone()]), "{text}");
        }
        assert_eq!(read(&format!("{line}\n{line} b\n")).unwrap().len(), 2);
    }

    #[test]
    fn a_kept_key_is_shown_by_the_fingerprint_it_came_with() {
        let key = PublicKey::from_openssh(&line()).unwrap();
        assert!(of(&key).starts_with("SHA256:"));
        assert_eq!(Credential::Key(line()).shown(), of(&key));
        assert_eq!(Credential::Key("ssh-ed25519".into()).shown(), "?");
    }

    #[test]
    fn what_is_no_key_to_be_taken_is_told_apart() {
        let line = line();
        for (text, key) in [
            (String::new(), "login.key.none"),
            ("hello".into(), "login.key.none"),
            ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n".into(), "login.key.private"),
            ("PuTTY-User-Key-File-3: ssh-ed25519\n".into(), "login.key.private"),
            ("ssh-ed25519".into(), "login.key.damaged"),
            (line[..line.len() - 4].to_owned(), "login.key.damaged"),
            (line.replace("ssh-ed25519 ", "ecdsa-sha2-nistp256 "), "login.key.damaged"),
            ("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==".into(), "login.key.kind"),
            ("---- BEGIN SSH2 PUBLIC KEY ----\n!!!\n---- END SSH2 PUBLIC KEY ----".into(), "login.key.damaged"),
        ] {
            assert_eq!(read(&text).map_err(|why| why.key), Err(key), "{text}");
        }
    }
}

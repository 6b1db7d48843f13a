//! What client and owner say to one another on the socket: a letter, a length, that many bytes. Whatever else comes ends
//! the connection, and nothing but the connection.

use super::wanted::Wanted;
use crate::domain::Stamp;
use crate::tui::linear::ShownAs;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};
use std::net::IpAddr;

/// Goes up when client and owner of different versions can't understand one another.
pub const VERSION: u16 = 7;

/// From a client: who it is and what it wants; keys; its size as `cols ‖ rows`, little endian.
pub const HELLO: u8 = b'H';
pub const KEYS: u8 = b'K';
pub const SIZE: u8 = b'S';
/// From a client: a command to be done by the owner, and behind it the standard input that it reads, where it reads any; from
/// the owner a line for its output, one for its errors.
pub const REMOTE_COMMAND: u8 = b'R';
pub const INPUT: u8 = b'I';
pub const LINE: u8 = b'L';
pub const ERROR_LINE: u8 = b'X';
/// A part of a file that is no text.
pub const BYTES: u8 = b'B';
/// From the owner: which session; the sessions to choose from; a frame; a sentence for after the screen; the end.
pub const ATTACHED: u8 = b'A';
pub const CHOOSE: u8 = b'C';
pub const FRAME: u8 = b'F';
pub const TEXT: u8 = b'T';
pub const END: u8 = b'E';
/// Behind [`END`]: the folder is free, open it.
pub const AGAIN: u8 = 2;

/// The most bytes behind one letter: of a client, of the standard input of a remote command (which is read once it is known whose it
/// is), and of the owner.
pub const FROM_CLIENT_MAX: usize = 64 << 10;
pub const INPUT_MAX: usize = 16 << 20;
pub const BYTES_MAX: usize = 1 << 20;
pub const FROM_OWNER_MAX: usize = 4 << 20;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hello {
    pub version: u16,
    pub size: (u16, u16),
    /// `zh`, `en`, or empty: nobody said one.
    pub lang: String,
    pub colour: bool,
    #[serde(default)]
    pub shown: ShownAs,
    /// By name; none: whose the credential is.
    pub user: Option<String>,
    /// The name that the machine's user goes by; believed of whoever could open the folder themselves.
    #[serde(default)]
    pub login: String,
    /// Where the person sits, as the program knows that runs the client (the system's sshd).
    pub address: Option<IpAddr>,
    pub wanted: Wanted,
}

/// A command and what it reads.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct RemoteCommand {
    pub version: u16,
    /// The arguments as the command line understood them.
    pub args: String,
    /// A packet with standard input follows.
    pub reads_input: bool,
    /// What stands in it, as it came, in whatever encoding.
    #[serde(skip)]
    pub input: Option<Vec<u8>>,
    /// `zh` or `en`.
    pub lang: String,
    /// Whoever asks is not at this machine: no file of it is theirs to name, and what goes out to them is recorded. Who it is
    /// and where they sit, as in [`Hello`].
    pub afar: bool,
    pub user: Option<String>,
    #[serde(default)]
    pub login: String,
    pub address: Option<IpAddr>,
}

/// A session to choose.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Choice {
    pub number: u64,
    pub begun: Stamp,
    pub title: String,
    pub attached: bool,
}

pub fn write(out: &mut impl Write, letter: u8, bytes: &[u8]) -> io::Result<()> {
    let mut packet = Vec::with_capacity(5 + bytes.len());
    packet.push(letter);
    packet.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    packet.extend_from_slice(bytes);
    out.write_all(&packet)?;
    out.flush()
}

pub fn write_value(out: &mut impl Write, letter: u8, value: &impl Serialize) -> io::Result<()> {
    write(out, letter, &serde_json::to_vec(value).map_err(io::Error::other)?)
}

/// The next packet; none when the other side has ended between two.
///
/// Errors: an end in the middle of one, more than `most` bytes, a lost line.
pub fn read(input: &mut impl Read, most: usize) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut head = [0; 5];
    if input.read(&mut head[..1])? == 0 {
        return Ok(None);
    }
    input.read_exact(&mut head[1..])?;
    let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
    if length > most {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a packet too long"));
    }
    let mut bytes = vec![0; length];
    input.read_exact(&mut bytes)?;
    Ok(Some((head[0], bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_come_back_and_anything_else_is_an_error_or_an_end() {
        let mut bytes = Vec::new();
        write(&mut bytes, KEYS, "键".as_bytes()).unwrap();
        write(&mut bytes, SIZE, &[80, 0, 24, 0]).unwrap();
        let mut input = &bytes[..];
        assert_eq!(read(&mut input, 10).unwrap(), Some((KEYS, "键".as_bytes().to_vec())));
        assert_eq!(read(&mut input, 10).unwrap(), Some((SIZE, vec![80, 0, 24, 0])));
        assert_eq!(read(&mut input, 10).unwrap(), None);
        for cut in 1..bytes.len() {
            let mut input = &bytes[..cut];
            while let Ok(Some(_)) = read(&mut input, 10) {}
        }
        assert!(read(&mut &b"K\xff\xff\xff\xff"[..], FROM_CLIENT_MAX).is_err(), "four gigabytes are not made room for");
    }

    proptest::proptest! {
        #[test]
        fn garbage_never_panics(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            let mut input = &bytes[..];
            while let Ok(Some((_, packet))) = read(&mut input, 64) {
                let _ = serde_json::from_slice::<Hello>(&packet);
            }
        }
    }
}

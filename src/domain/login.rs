//! Getting in from elsewhere: by which credential, and from which networks.

use base64::engine::{Engine, general_purpose};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// How somebody gets in. **[disk]**
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
pub enum Credential {
    /// A public key of SSH as one line writes it: kind and base64, no remark.
    Key(String),
    /// A user of the station's own machine, as its system counts them.
    Uid(u32),
}

impl Credential {
    /// As people read it: the key's fingerprint as `ssh-keygen -l` prints it, or the uid.
    pub fn shown(&self) -> String {
        match self {
            Credential::Key(line) => fingerprint(line).unwrap_or_else(|| "?".to_owned()),
            Credential::Uid(uid) => format!("uid {uid}"),
        }
    }
}

/// `SHA256:…` of a key's bytes.
fn fingerprint(line: &str) -> Option<String> {
    let bytes = general_purpose::STANDARD.decode(line.split_whitespace().nth(1)?).ok()?;
    Some(format!("SHA256:{}", general_purpose::STANDARD_NO_PAD.encode(Sha256::digest(bytes))))
}

/// How the program knows who acts. **[disk]**
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Entrance {
    /// A user of the station's machine who can open the folder, and so may name whom they act as.
    Folder { uid: u32 },
    /// A credential that was given to one officer.
    Own(Credential),
    /// A user of the machine whose program says who it is.
    Gateway { uid: u32 },
    /// Nobody: what the program does by itself.
    Program,
}

impl Entrance {
    /// The credential whose acts are one person's, whatever name they were given; `None`: the name alone tells.
    pub fn person(&self) -> Option<Credential> {
        match self {
            Entrance::Folder { uid } => Some(Credential::Uid(*uid)),
            Entrance::Own(credential) => Some(credential.clone()),
            Entrance::Gateway { .. } | Entrance::Program => None,
        }
    }

    /// As people read it.
    pub fn shown(&self) -> String {
        match self {
            Entrance::Folder { uid } => format!("uid {uid}"),
            Entrance::Own(credential) => credential.shown(),
            Entrance::Gateway { uid } => format!("gateway {uid}"),
            Entrance::Program => String::new(),
        }
    }
}

/// What a record about somebody at the door tells. **[disk]**
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum LoginStep {
    In,
    Refused,
    Out,
}

/// Addresses with the same first bits: `10.20.0.0/16`, `10.20.3.4`, `fd00::/8`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    /// None: it is no network, or names more bits than it fixes (`10.20.3.4/16`, most likely a slip).
    pub fn parse(text: &str) -> Option<Network> {
        let (address, bits) = match text.trim().split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text.trim(), None),
        };
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = match bits {
            // No signs and no leading zeros, which other programs read as other numbers.
            Some(digits)
                if digits.bytes().all(|b| b.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0')) =>
            {
                digits.parse().ok().filter(|bits| *bits <= most)?
            }
            Some(_) => return None,
            None => most,
        };
        let network = Network { address, bits };
        (network.first_of(address) == number(address)).then_some(network)
    }

    /// Whether an address lies in it. An IPv4 address that came in on an IPv6 socket counts as what it is.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.address.is_ipv4() && self.first_of(address) == number(self.address)
    }

    fn first_of(&self, address: IpAddr) -> u128 {
        let width = if address.is_ipv4() { 32 } else { 128 };
        match width - u32::from(self.bits) {
            0 => number(address),
            free => number(address).checked_shr(free).map_or(0, |n| n << free),
        }
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(four) => u128::from(u32::from(four)),
        IpAddr::V6(six) => u128::from(six),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_holds_its_first_and_last_address_and_neither_neighbour() {
        for (network, inside, outside) in [
            ("10.20.0.0/16", ["10.20.0.0", "10.20.255.255"], ["10.19.255.255", "10.21.0.0"]),
            ("10.20.3.4", ["10.20.3.4", "::ffff:10.20.3.4"], ["10.20.3.3", "10.20.3.5"]),
            ("fd00::/8", ["fd00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"], ["fcff::", "fe00::"]),
        ] {
            let network = Network::parse(network).unwrap();
            for address in inside {
                assert!(network.contains(address.parse().unwrap()), "{network:?} {address}");
            }
            for address in outside {
                assert!(!network.contains(address.parse().unwrap()), "{network:?} {address}");
            }
        }
        let all = Network::parse("0.0.0.0/0").unwrap();
        assert!(all.contains("255.255.255.255".parse().unwrap()) && !all.contains("::1".parse().unwrap()));
        assert!(Network::parse("::/0").unwrap().contains("::1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_network_or_most_likely_a_slip_is_none() {
        for text in
            ["", "10.20", "10.20.3.4/16", "10.20.0.0/33", "10.0.0.0/08", "10.0.0.0/+8", "bureau", "::1/129", "1.2.3.4/"]
        {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}

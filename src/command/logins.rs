//! Getting in from elsewhere: which credentials there are, whom each lets in, and who used one.

use super::{Act, Duty, Failure, Office, SessionContext};
use crate::domain::event::Ledger;
use crate::domain::{Credential, Day, Entrance, Explain, LoginStep, Message, Network, Now, OfficerId, Stamp, Subject};
use crate::views::{self, CredentialRow, LoginRow, OfficerRow};
use std::net::IpAddr;

/// What a credential is to let in, and until when.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Terms {
    /// `None`: whomever the program that uses the credential names (a gateway).
    pub officer: Option<OfficerId>,
    /// The last day.
    pub until: Option<Day>,
    /// Networks, as [`Network::parse`] reads them; empty: any.
    pub from: Vec<String>,
}

/// Why somebody is not let in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Barred {
    /// Nobody gave this key or this uid to anyone.
    Unknown,
    /// It was taken back.
    Shut,
    /// It was given until a day that is past.
    Expired(Day),
    /// The officer's last day is past.
    Left(Day),
    /// Not from this address.
    Address,
    /// It is somebody's, and another officer was named.
    OtherName,
}

impl Barred {
    /// What stands in the record.
    pub fn code(self) -> &'static str {
        match self {
            Barred::Unknown => "unknown",
            Barred::Shut => "shut",
            Barred::Expired(_) => "expired",
            Barred::Left(_) => "left",
            Barred::Address => "address",
            Barred::OtherName => "other_name",
        }
    }
}

impl Explain for Barred {
    fn explain(&self) -> Message {
        match self {
            Barred::Unknown => Message::new("login.unknown"),
            Barred::Shut => Message::new("login.shut"),
            Barred::Expired(last) => Message::new("login.expired").with("last", *last),
            Barred::Left(last) => Message::new("login.left").with("last", *last),
            Barred::Address => Message::new("login.address"),
            Barred::OtherName => Message::new("login.other_name"),
        }
    }
}

/// Somebody at the door, as it is recorded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LoginAttempt {
    pub officer: Option<OfficerId>,
    pub step: LoginStep,
    pub credential: String,
    pub address: String,
    pub why: &'static str,
    pub count: u32,
}

impl Office {
    /// Every credential as it stands, shut ones too.
    pub fn credentials(&self) -> Result<Vec<CredentialRow>, Failure> {
        Ok(views::logins::credentials(&self.store, &self.keys, self.station)?)
    }

    /// A credential stands so from now on, whether it is new, known or was shut.
    ///
    /// Errors: who acts is no administrator; the credential is open to somebody else; a network that is none.
    pub fn open_credential(&self, credential: &Credential, terms: Terms, now: Now) -> Result<(), Failure> {
        let _ = self.may(Duty::SetPeople, now)?;
        if let Some(wrong) = terms.from.iter().find(|text| Network::parse(text).is_none()) {
            return Err(Failure::NotANetwork { asked: wrong.clone() });
        }
        let before = views::logins::credential(&self.store, &self.keys, credential, self.station)?;
        if let Some(other) = before.as_ref().filter(|row| row.open && row.officer != terms.officer) {
            let by = other.officer.map(|officer| self.officer_name(officer)).transpose()?.flatten();
            return Err(Failure::CredentialTaken { by: by.unwrap_or_default() });
        }
        self.set_credential(credential, before.as_ref(), true, terms, now)
    }

    /// Whoever opened the folder as that user of the machine is that officer from now on: a folder restored elsewhere, or a
    /// machine whose users are new. Whoever can open the folder can do this, and the record says who did.
    ///
    /// Errors: the user is somebody else's already, or a gateway; from afar.
    pub fn claim(&self, officer: OfficerId, uid: u32, now: Now) -> Result<(), Failure> {
        if self.context().entrance != (Entrance::Folder { uid }) {
            return Err(Failure::NotFromAfar);
        }
        let credential = Credential::Uid(uid);
        let before = views::logins::credential(&self.store, &self.keys, &credential, self.station)?;
        if let Some(other) = before.as_ref().filter(|row| row.open && row.officer != Some(officer)) {
            let by = other.officer.map(|officer| self.officer_name(officer)).transpose()?.flatten();
            return Err(Failure::CredentialTaken { by: by.unwrap_or_default() });
        }
        let claimant = self.seat(officer, SessionContext { purpose: "claim".into(), ..self.context() });
        let ledger =
            Ledger::CredentialSet { credential, officer: Some(officer), open: true, until: None, from: Vec::new() };
        let act = Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger);
        claimant.record_own(&act.parents(before.map(|row| row.entry))).map(drop)
    }

    /// The officer that a user of this machine is.
    pub fn officer_of_uid(&self, uid: u32, today: Day) -> Result<Option<OfficerId>, Failure> {
        let row = views::logins::credential(&self.store, &self.keys, &Credential::Uid(uid), self.station)?;
        let row = row.filter(|row| row.open && row.until.is_none_or(|last| today <= last));
        Ok(row.and_then(|row| row.officer))
    }

    /// Nobody gets in by this credential any more, and whoever is in by it goes.
    pub fn shut_credential(&self, row: &CredentialRow, now: Now) -> Result<(), Failure> {
        let terms = Terms { officer: row.officer, until: row.until, from: row.from.clone() };
        self.set_credential(&row.credential, Some(row), false, terms, now)
    }

    fn set_credential(
        &self,
        credential: &Credential,
        before: Option<&CredentialRow>,
        open: bool,
        terms: Terms,
        now: Now,
    ) -> Result<(), Failure> {
        let permit = self.may(Duty::SetPeople, now)?;
        let Terms { officer, until, from } = terms;
        let ledger = Ledger::CredentialSet { credential: credential.clone(), officer, open, until, from };
        let act = Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger);
        permit.keep(&act.parents(before.map(|row| row.entry))).map(drop)
    }

    /// Who comes in by a credential from an address, having named somebody, or nobody. Nothing is recorded here.
    pub fn admit(
        &self,
        credential: &Credential,
        address: Option<IpAddr>,
        named: Option<&str>,
        today: Day,
    ) -> Result<Result<OfficerId, Barred>, Failure> {
        let Some(row) = views::logins::credential(&self.store, &self.keys, credential, self.station)? else {
            return Ok(Err(Barred::Unknown));
        };
        let officers = self.officers()?;
        let goes_by = |o: &OfficerRow, name: &str| o.zh == name || o.en == name;
        let officer = match row.officer {
            Some(officer) => officers.iter().find(|o| o.officer == officer),
            None => named.and_then(|name| officers.iter().find(|o| goes_by(o, name))),
        };
        let Some(officer) = officer else { return Ok(Err(Barred::Unknown)) };
        let names_another = named.is_some_and(|name| {
            let known = |o: &OfficerRow| o.officer != officer.officer && goes_by(o, name);
            !goes_by(officer, name) && officers.iter().any(known)
        });
        let inside = |text: &String| Network::parse(text).zip(address).is_some_and(|(n, a)| n.contains(a));
        let past = |last: &Day| today > *last;
        Ok(if !row.open {
            Err(Barred::Shut)
        } else if let Some(last) = row.until.filter(past) {
            Err(Barred::Expired(last))
        } else if let Some(last) = officer.until.filter(past) {
            Err(Barred::Left(last))
        } else if !row.from.is_empty() && !row.from.iter().any(inside) {
            Err(Barred::Address)
        } else if names_another {
            Err(Barred::OtherName)
        } else {
            Ok(officer.officer)
        })
    }

    /// Records who came, was refused or went.
    pub fn note_login(&self, seen: LoginAttempt, now: Now) -> Result<(), Failure> {
        let LoginAttempt { officer, step, credential, address, why, count } = seen;
        let ledger = Ledger::Login { officer, step, credential, address, why: why.to_owned(), count };
        self.record_own(&Act::new(self.new_entry()?, now.at, Subject::Bureau, ledger)).map(drop)
    }

    /// Who came, was refused or went since then, the latest first.
    ///
    /// Errors: who asks is no administrator of any kind.
    pub fn logins(&self, since: Stamp, limit: usize, now: Now) -> Result<Vec<LoginRow>, Failure> {
        let _ = self.may(Duty::SeeLogins, now)?;
        Ok(views::logins::logins(&self.store, &self.keys, since, limit)?)
    }
}

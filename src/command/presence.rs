//! Who has which dossier open just now, in this process: nothing of it is kept. The folder has one owner, so nobody else can.

use super::{Listener, Office};
use crate::domain::{DossierId, OfficerId, Stamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Somebody at a dossier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Present {
    pub officer: OfficerId,
    pub since: Stamp,
    /// With a survey of it open; else reading.
    pub surveys: bool,
    seat: u64,
}

#[derive(Default)]
pub struct Presence(Mutex<HashMap<DossierId, Vec<Present>>>);

impl Presence {
    fn lock(&self) -> MutexGuard<'_, HashMap<DossierId, Vec<Present>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// That a dossier is open here; no longer when this is dropped.
pub struct Here {
    presence: Arc<Presence>,
    listeners: Arc<Mutex<Vec<Listener>>>,
    dossier: DossierId,
    present: Present,
}

impl Drop for Here {
    fn drop(&mut self) {
        let mut all = self.presence.lock();
        let others = all.get_mut(&self.dossier).is_some_and(|there| {
            if let Some(at) = there.iter().position(|one| *one == self.present) {
                there.remove(at);
            }
            !there.is_empty()
        });
        if !others {
            all.remove(&self.dossier);
        }
        drop(all);
        if others {
            super::tell(&self.listeners);
        }
    }
}

impl Office {
    /// Says that a dossier is open from now on, to whoever has it open too.
    pub fn be_at(&self, dossier: DossierId, surveys: bool, since: Stamp) -> Here {
        let present = Present { officer: self.officer, since, surveys, seat: self.seat };
        let mut all = self.bureau.seats.presence.lock();
        let there = all.entry(dossier).or_default();
        there.push(present);
        let others = there.len() > 1;
        drop(all);
        if others {
            super::tell(&self.bureau.seats.listeners);
        }
        Here {
            presence: self.bureau.seats.presence.clone(),
            listeners: self.bureau.seats.listeners.clone(),
            dossier,
            present,
        }
    }

    /// Who else has it open, one line a session, whoever surveys it first and then whoever came first.
    pub fn others_at(&self, dossier: DossierId) -> Vec<Present> {
        let all = self.bureau.seats.presence.lock();
        let there = all.get(&dossier).into_iter().flatten().copied();
        let mut others: Vec<Present> = there.filter(|one| one.seat != self.seat).collect();
        others.sort_by_key(|one| (!one.surveys, one.since));
        let mut seats = Vec::new();
        others.retain(|one| {
            !seats.contains(&one.seat) && {
                seats.push(one.seat);
                true
            }
        });
        others
    }
}

//! Places on a socket, by user of this machine, and what answers hold that nobody has read yet: a crowd takes from itself alone.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most connections at once, of one user of the machine, and of one by whom many people come (a gateway, the folder's own
/// user): the others keep some.
const LINES_MAX: usize = 300;
pub const LINES_OF_ONE_MAX: usize = 24;
pub const LINES_OF_MANY_MAX: usize = 270;
/// Of a user who has nothing to do here: one is being told so.
pub const LINES_OF_STRANGER_MAX: usize = 1;
/// What unread answers may hold, in bytes: all of them, those of one user, and those of one by whom many come. One counts as so
/// many at least: it has a thread and a connection besides.
const UNREAD_MAX: usize = 64 << 20;
const UNREAD_OF_ONE_MAX: usize = 6 << 20;
const UNREAD_OF_MANY_MAX: usize = 56 << 20;
const UNREAD_LEAST: usize = 256 << 10;

/// How much there is of something, by user of this machine: connections, bytes of answers that nobody has read yet.
pub struct Budget {
    most: usize,
    taken: Mutex<BTreeMap<u32, usize>>,
}

impl Budget {
    fn new(most: usize) -> Budget {
        Budget { most, taken: Mutex::default() }
    }

    fn of(&self) -> MutexGuard<'_, BTreeMap<u32, usize>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all(&self) -> usize {
        self.of().values().sum()
    }

    /// Takes so much for that user until it is dropped; `None`: they would have more than `most`, or there is not so much.
    pub fn take(self: &Arc<Budget>, uid: u32, count: usize, most: usize) -> Option<BudgetPart> {
        let mut of = self.of();
        let all: usize = of.values().sum();
        let own = of.entry(uid).or_default();
        let fits = all + count <= self.most && *own + count <= most;
        *own += if fits { count } else { 0 };
        of.retain(|_, own| *own > 0);
        fits.then(|| BudgetPart { of: self.clone(), uid, count })
    }
}

/// Somebody's part of what is shared.
pub struct BudgetPart {
    of: Arc<Budget>,
    uid: u32,
    count: usize,
}

impl Drop for BudgetPart {
    fn drop(&mut self) {
        let mut of = self.of.of();
        if let Some(own) = of.get_mut(&self.uid) {
            *own = own.saturating_sub(self.count);
        }
        of.retain(|_, own| *own > 0);
    }
}

/// What all connections of a listener share.
pub struct Budgets {
    pub lines: Arc<Budget>,
    pub unread: Arc<Budget>,
}

impl Default for Budgets {
    fn default() -> Budgets {
        Budgets { lines: Arc::new(Budget::new(LINES_MAX)), unread: Arc::new(Budget::new(UNREAD_MAX)) }
    }
}

impl Budgets {
    pub fn is_empty(&self) -> bool {
        self.lines.all() == 0 && self.unread.all() == 0
    }
}

/// Somebody's connection while it has a place among the others.
pub struct HeldPlace<'r> {
    pub room: &'r Budgets,
    pub uid: u32,
    pub is_many: bool,
    pub place: Option<BudgetPart>,
}

impl HeldPlace<'_> {
    /// Gives the place back before so many bytes of an answer go out, since whoever does not read them is waited for; what they
    /// hold meanwhile is counted. Where there is no room for that the place stays theirs until they have read.
    pub fn give_back(&mut self, bytes: usize) -> Option<BudgetPart> {
        let most = if self.is_many { UNREAD_OF_MANY_MAX } else { UNREAD_OF_ONE_MAX };
        let unread = self.room.unread.take(self.uid, bytes.max(UNREAD_LEAST), most)?;
        self.place = None;
        Some(unread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_takes_their_own_places_and_not_the_others() {
        let lines = Arc::new(Budget::new(LINES_MAX));
        let take = |uid, count, most| (0..count).map_while(|_| lines.take(uid, 1, most)).collect::<Vec<_>>();
        let mut first = take(1001, LINES_OF_ONE_MAX + 1, LINES_OF_ONE_MAX);
        assert_eq!(first.len(), LINES_OF_ONE_MAX, "not one more than one has");
        assert!(lines.take(1002, 1, LINES_OF_ONE_MAX).is_some());
        first.pop();
        first.extend(take(1001, 1, LINES_OF_ONE_MAX));
        assert_eq!(first.len(), LINES_OF_ONE_MAX);
        // By whom many come: some are left for everybody else, and no more than all of them.
        let many = take(0, LINES_MAX, LINES_OF_MANY_MAX);
        assert_eq!(many.len(), LINES_OF_MANY_MAX);
        let others: Vec<_> = (0..6).flat_map(|uid| take(2000 + uid, 1, LINES_OF_ONE_MAX)).collect();
        assert_eq!((others.len(), lines.all()), (6, LINES_MAX));
        assert!(lines.take(3000, 1, LINES_OF_ONE_MAX).is_none());
        drop((first, many, others));
        assert!(lines.of().is_empty());
    }

    #[test]
    fn an_answer_that_nobody_reads_keeps_no_place_unless_too_much_lies_unread() {
        let room = Budgets::default();
        let come = |uid, is_many| {
            let place = room.lines.take(uid, 1, LINES_OF_MANY_MAX);
            HeldPlace { room: &room, uid, is_many, place }
        };
        let mut unread = Vec::new();
        for _ in 0..UNREAD_OF_ONE_MAX / UNREAD_LEAST {
            let mut place = come(1001, false);
            unread.push(place.give_back(10).expect("room"));
            assert!(place.place.is_none(), "the answer has not gone out, and the place is free");
        }
        assert_eq!((room.lines.all(), room.unread.all()), (0, UNREAD_OF_ONE_MAX));
        let mut place = come(1001, false);
        assert!(place.give_back(10).is_none() && place.place.is_some(), "one too many keeps what it has");
        // Nobody else waits for that, unless for one answer that is larger than all that one may leave unread.
        assert!(come(1002, false).give_back(UNREAD_OF_ONE_MAX).is_some());
        assert!(come(1002, false).give_back(UNREAD_OF_ONE_MAX + 1).is_none());
        unread.pop();
        assert!(place.give_back(10).is_some());
        drop((unread, place));
        assert!(room.is_empty());
    }
}

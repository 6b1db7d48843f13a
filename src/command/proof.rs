//! Proving that nothing was altered, and looking the store over.

use super::record_maker::RecordMaker;
use super::turns::Turns;
use super::without_keys::WithoutKeys;
use super::{Duty, Failure, Office};
use crate::domain::{Day, Explain, Message};
use crate::log::{Agreement, HeadCode, Report, Verifier};
use crate::seal::Damage;
use crate::seal::recipient::Recipient;
use crate::store;
use crate::views;
use std::collections::BTreeSet;

/// What a verification found.
pub struct Verified {
    pub report: Report,
    /// What the head code from paper says, if one was given.
    pub agreement: Option<Agreement>,
    /// Which copies of the records were read, and whether both are whole.
    pub copies: store::Copies,
    /// Rows that folding again makes otherwise; `None` when the views were not asked about.
    pub differences: Option<Vec<store::doctor::Difference>>,
    /// Whose rows could not be folded again, since their keys are missing; nobody where the views were not asked about.
    pub without_keys: WithoutKeys,
}

impl Verified {
    pub fn holds(&self) -> bool {
        self.report.holds()
            && self.copies.whole()
            && self.agreement.is_none_or(|a| matches!(a, Agreement::Holds { .. }))
            && self.differences.as_ref().is_none_or(Vec::is_empty)
    }
}

/// How a store is, for `doctor`.
pub struct Health {
    pub records: u64,
    pub dossiers: usize,
    /// What is wrong, each with what to do.
    pub wrong: Vec<Message>,
    /// What is worth knowing and not wrong.
    pub notes: Vec<Message>,
    pub recipients: Vec<Recipient>,
    pub ready_slots: usize,
    pub drafts: usize,
}

/// Progress is told after so many frames.
const PAGE: u64 = 1000;

/// At most this many differing rows are listed.
const DIFFERENCES: usize = 100;

impl Office {
    /// Walks every chain from its first record to its head, without keys; on request compares a head code, and folds
    /// everything again and compares it with the views.
    pub fn verify(
        &self,
        code: Option<&HeadCode>,
        with_views: bool,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<Verified, Failure> {
        self.is_where_it_was()?;
        let last = self.bureau.store.position();
        let mut verifier = Verifier::new();
        let copies = self.bureau.local.each_frame(last, |frame| {
            match frame.record.is_empty() {
                // Left out, where somebody asked for the store without what is lost.
                true => verifier.lost(frame.position),
                false => verifier.take(frame.position, &frame.record),
            }
            if frame.position % PAGE == 0 || frame.position == last {
                progress(frame.position, last);
            }
            true
        })?;
        let report = verifier.finish();
        let (mut differences, mut without_keys) = (None, WithoutKeys::default());
        if with_views {
            let mut maker = RecordMaker { keys: self.bureau.keys.clone() };
            differences = Some(store::doctor::refold(&self.bureau.local, &mut maker, DIFFERENCES, &mut progress)?);
            without_keys = self.without_keys()?;
        }
        Ok(Verified { agreement: code.map(|code| report.against(code)), report, copies, differences, without_keys })
    }

    /// Whether nothing can be kept for want of room. Opening may not have met it: where there was nothing to write it wrote nothing.
    fn is_out_of_room(&self) -> bool {
        let folder = &self.bureau.folder;
        match self.bureau.local.is_read_only() {
            // Opened for reading alone though its disk takes writes and nobody asked for it: there was no room to open it otherwise.
            true => !folder.for_reading && !super::opening::may_only_be_read(&folder.path),
            false => store::ballast::room(&*folder.disk, 0) == Err(store::Failed::Full),
        }
    }

    /// Counts every row, compares both copies of every frame, and says how things stand. Changes nothing.
    pub fn doctor(&self, today: Day) -> Result<Health, Failure> {
        self.is_where_it_was()?;
        let damages = store::doctor::check(&self.bureau.local)?;
        let for_reading = self.bureau.folder.for_reading;
        // A store that is opened without them is told by this very command, and no copy is left to mend from.
        let in_words = |damage: store::Damage| match damage.what {
            store::What::Frames { from, to } if for_reading => Message::new("command.doctor.records_lost")
                .with("file", damage.file)
                .with("offset", damage.offset)
                .with("from", from)
                .with("to", to),
            _ => super::failure::reported(damage.reported()),
        };
        let mut wrong: Vec<Message> = damages.into_iter().map(in_words).collect();
        if self.is_out_of_room() {
            wrong.push(Message::new("command.doctor.disk_full"));
        }
        let without_keys = self.without_keys()?;
        let mut keys_damaged = self.bureau.keys.damage();
        let mut notes = Vec::new();
        if without_keys.is_empty() {
            // Slots that nobody needs, or whose keys came back from a backup.
            let mut idle: BTreeSet<u32> = self.bureau.keys.passed_over().into_iter().collect();
            idle.extend(keys_damaged.iter().filter_map(Damage::slots_lost_in));
            keys_damaged.retain(|damage| !damage.is_of_slots());
            let files = idle.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            notes.extend((!idle.is_empty()).then(|| Message::new("command.doctor.slots_idle").with("files", files)));
        }
        wrong.extend(keys_damage(&keys_damaged, self.bureau.local.is_read_only(), true));
        let (waiting, unread) = views::read::waiting_and_unread(&self.bureau.store)?;
        if waiting > 0 {
            notes.push(Message::new("command.doctor.waiting").with("count", waiting));
        }
        if unread > 0 {
            wrong.push(Message::new("command.doctor.unread").with("count", unread));
        }
        wrong.extend(self.is_outdated()?.then(|| Message::new("command.doctor.outdated")));
        wrong.extend(super::draft_file::damaged_in_words(self)?);
        // Which dossiers there are is told to whoever keeps the store, and to who works with all of them.
        let names = self.carries(Duty::KeepStore)
            || self.carries(Duty::Open) && self.rights().is_ok_and(|rights| rights.is_of_all_units());
        match names {
            true => wrong.extend(without_keys.in_words()),
            false => wrong.extend(without_keys.counted()),
        }
        let (unfinished, kept) = super::leftovers::of(&self.bureau.folder.path);
        wrong.extend(unfinished);
        notes.extend(kept);
        match self.bureau.folder.turns {
            Turns::BehindOutside => notes.push(Message::new("command.doctor.turn_behind")),
            Turns::Unreadable => wrong.push(super::turns::unreadable_in_words(&*self.bureau.folder.disk)),
            Turns::NotCounted | Turns::Alike | Turns::EarlierCopy => {}
        }
        notes.extend(self.maintenance_in_words()?);
        match views::authority(&self.bureau.store)? {
            Some((_, station)) if station == self.bureau.station => {}
            Some((_, station)) => {
                notes.push(Message::new("command.doctor.numbers_elsewhere").with("station", &station.hex()[..6]));
            }
            None => wrong.push(Message::new("command.doctor.no_authority")),
        }
        let (mut conflicts, mut contested) = (0usize, 0usize);
        let mut dossiers = 0usize;
        views::read::each_history(&self.bureau.store, &self.bureau.keys, |history| {
            match history {
                Ok(history) => {
                    dossiers += 1;
                    conflicts += usize::from(history.heads(views::Horizon::NOW).is_conflict());
                    contested += usize::from(matches!(history.erasure(), views::history::Erasure::Contested { .. }));
                }
                Err(error) => wrong.push(error.explain()),
            }
            true
        })?;
        if conflicts > 0 {
            notes.push(Message::new("command.doctor.conflicts").with("count", conflicts));
        }
        if contested > 0 {
            notes.push(Message::new("command.doctor.contested").with("count", contested));
        }
        notes.push(Message::new(match self.size(today)? {
            Some(super::settings::OfficeSize::Full) => "command.doctor.office_full",
            Some(super::settings::OfficeSize::Small) => "command.doctor.office_small",
            None => "command.doctor.office_unsaid",
        }));
        notes.extend(self.settings_in_words(today)?);
        notes.extend(self.stretches()?);
        notes.extend(self.odd_days()?);
        let mut twice = self.same_ids()?;
        if !twice.is_empty() && !names {
            notes.push(Message::new("command.doctor.same_ids_count").with("count", twice.len()));
        } else if !twice.is_empty() {
            // The numbers of the dossiers, and of no person.
            let count = twice.len();
            twice.dedup();
            let mut named = twice.iter().take(NAMED).map(|held| held.join(" = ")).collect::<Vec<_>>().join("; ");
            if twice.len() > NAMED {
                named.push_str("; ...");
            }
            notes.push(Message::new("command.doctor.same_ids").with("count", count).with("numbers", named));
        }
        let overdue = self.all_erasable(today)?.len();
        if overdue > 0 {
            notes.push(Message::new("command.doctor.overdue").with("count", overdue));
        }
        wrong.extend(self.bureau.library.problems.iter().cloned());
        Ok(Health {
            records: self.bureau.store.position(),
            dossiers,
            wrong,
            notes,
            recipients: self.bureau.keys.recipients(),
            ready_slots: self.bureau.keys.ready_slots(),
            drafts: super::draft_file::all(self)?.0.len(),
        })
    }
}

/// So many numbers are named; the rest is counted.
pub(super) const NAMED: usize = 20;

/// What is wrong with the keys, in words: what no copy could mend, and what was mended on the way in, which is left out with
/// `losses_only`. On a folder that may only be read nothing was written again: the other copy stood in, and stays the only one.
pub(super) fn keys_damage(damages: &[Damage], read_only: bool, losses_only: bool) -> Vec<Message> {
    let (lost, mended): (Vec<&Damage>, Vec<&Damage>) = damages.iter().partition(|damage| damage.is_loss());
    let mut out: Vec<Message> = lost.into_iter().map(Explain::explain).collect();
    if read_only && !mended.is_empty() {
        out.push(Message::new("seal.damage.not_written").with("count", mended.len()));
    } else if !losses_only {
        out.extend(mended.into_iter().map(Explain::explain));
    }
    out
}

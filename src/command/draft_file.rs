//! A draft's file: its head, then every step as it is made, and between them what stood half typed in a field. Append
//! only; sealed; checked frame by frame. **[disk]**
//!
//! The head is sealed under the store key and names the dossier; the steps are sealed under the dossier's own key, so
//! that erasing a household reaches its drafts too. Steps are written at once and synced by whoever keeps time (within
//! 200 ms), and at once when a screen is left or a line is lost.

use super::{Failure, Office};
use crate::domain::event::SurveyKind;
use crate::domain::{Day, DossierId, DraftId, EntryId, Message, OfficerId, Path, Stamp, Step, Subject};
use crate::log::envelope;
use crate::seal::{KeyName, SealContext};
use crate::store::Position;
use crate::store::segment::{Head, Purpose, Reading, Segment};
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::sync::mpsc::{Receiver, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// `DDRF`: the head of a draft. `DSTP`: a step. `DTYP`: what stands in a field and was not entered. `DSNT`: the
/// fingerprint of the answers file that it is made of.
const HEAD: [u8; 4] = *b"DDRF";
const STEP: [u8; 4] = *b"DSTP";
const TYPING: [u8; 4] = *b"DTYP";
const SENT: [u8; 4] = *b"DSNT";
const SCHEMA: u16 = crate::log::SCHEMA;
const KIND_HEAD: u8 = 1;
const KIND_STEP: u8 = 2;
const KIND_TYPING: u8 = 3;
/// Right behind the head, where there is one.
const KIND_SENT: u8 = 4;

/// What a draft was begun with: everything that its steps are laid over.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftHead {
    pub draft: DraftId,
    pub dossier: DossierId,
    /// The dossier begins with this survey.
    pub is_new: bool,
    pub kind: SurveyKind,
    pub form: String,
    pub form_version: String,
    /// The surveys it goes on from: one, or both heads of a conflict that it merges.
    pub based_on: Vec<EntryId>,
    /// The survey it replaces, for a correction.
    pub corrects: Option<EntryId>,
    pub begun: Stamp,
    pub by: OfficerId,
    /// The day that code lists and units are cut to when it is begun.
    pub on: Day,
    /// For `random()` and `uuid()` in forms, and for the numbers that stand for members.
    pub seed: u64,
    /// Supplied values, by the question's name.
    pub values: Vec<(String, String)>,
}

/// What stands in the field at `path`, not entered yet; an empty text when nothing does. The latest of a path counts,
/// until a step answers it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typing {
    pub path: Path,
    pub text: String,
}

/// What is written behind the head.
pub enum Written {
    Step(Step),
    Typing(Typing),
}

/// An open draft file.
pub struct DraftFile {
    segment: Segment,
    name: String,
    draft: DraftId,
    dossier: DossierId,
    unsynced: bool,
    /// A sync that is under way.
    behind: Option<Behind>,
    /// A sync has failed, and the system may call the next one a success without having written anything.
    untrusted: bool,
    hold: Hold,
    /// The fingerprint of the answers file that it is made of.
    sent: Option<[u8; 32]>,
}

struct Behind {
    upto: Position,
    done: Receiver<std::io::Result<()>>,
}

/// Drafts that somebody has open in this process, and who. The folder has one owner, so nobody else can.
pub type OpenDrafts = Mutex<HashMap<DraftId, OfficerId>>;

/// That a draft is open; it is free again when this is dropped.
struct Hold {
    open: Arc<OpenDrafts>,
    draft: DraftId,
}

impl Hold {
    /// Errors: somebody has it open. Two who write into one file would spoil it for both.
    fn take(office: &Office, draft: DraftId) -> Result<Hold, Failure> {
        let mut open = office.bureau.seats.open_drafts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(by) = open.get(&draft).copied() {
            drop(open);
            let name = office.officer_name(by).ok().flatten().unwrap_or_default();
            return Err(Failure::DraftOpen { by: name, own: by == office.officer });
        }
        open.insert(draft, office.officer);
        Ok(Hold { open: office.bureau.seats.open_drafts.clone(), draft })
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.draft);
    }
}

/// A draft as it was found.
pub struct FoundDraft {
    pub head: DraftHead,
    /// In the order written.
    pub written: Vec<Written>,
    /// The fingerprint of the answers file that it is made of.
    pub sent: Option<[u8; 32]>,
    /// Steps could be read up to a damaged place only.
    pub damaged: bool,
}

pub(super) fn name_of(draft: DraftId) -> String {
    format!("drafts/{}.draft", draft.hex())
}

/// Which draft a file of the data folder is, by its name.
pub(super) fn named_by(name: &str) -> Option<DraftId> {
    let id = DraftId::from_hex(name.strip_prefix("drafts/")?.strip_suffix(".draft")?)?;
    (name_of(id) == name).then_some(id)
}

impl DraftFile {
    pub fn create(office: &Office, head: &DraftHead, sent: Option<[u8; 32]>) -> Result<DraftFile, Failure> {
        let hold = Hold::take(office, head.draft)?;
        Self::create_as(office, head, name_of(head.draft), hold, sent)
    }

    fn create_as(
        office: &Office,
        head: &DraftHead,
        name: String,
        hold: Hold,
        sent: Option<[u8; 32]>,
    ) -> Result<DraftFile, Failure> {
        let segment_head = Head { purpose: Purpose::Draft, number: 1, first: 1, identity: head.draft.0 };
        let place = SealContext::DraftDelta { draft: head.draft, number: 1 };
        let plain = envelope::encode(HEAD, SCHEMA, head).map_err(|_| Failure::NothingKept)?;
        let sealed = office.bureau.keys.seal(KeyName::Store, &place, &plain)?;
        let segment =
            Segment::create_with(&*office.bureau.folder.disk, &name, segment_head, 0, &[(KIND_HEAD, sealed)])?;
        let mut file = Self::over(segment, name, head, hold, sent);
        if let Some(fingerprint) = sent {
            file.write(office, KIND_SENT, SENT, &fingerprint)?;
        }
        Ok(file)
    }

    fn over(segment: Segment, name: String, head: &DraftHead, hold: Hold, sent: Option<[u8; 32]>) -> DraftFile {
        let (draft, dossier) = (head.draft, head.dossier);
        DraftFile { segment, name, draft, dossier, unsynced: false, behind: None, untrusted: false, hold, sent }
    }

    /// The fingerprint of the answers file that it is made of.
    pub(super) fn sent(&self) -> Option<[u8; 32]> {
        self.sent
    }

    /// Writes a step; it is on disk after the next [`Self::sync`].
    pub fn keep(&mut self, office: &Office, step: &Step) -> Result<(), Failure> {
        self.write(office, KIND_STEP, STEP, step)
    }

    /// Writes what stands in a field; on disk after the next [`Self::sync`].
    pub fn keep_typing(&mut self, office: &Office, typing: &Typing) -> Result<(), Failure> {
        self.write(office, KIND_TYPING, TYPING, typing)
    }

    fn write(&mut self, office: &Office, kind: u8, magic: [u8; 4], body: &impl Serialize) -> Result<(), Failure> {
        let number = self.segment.next();
        let place = SealContext::DraftDelta { draft: self.draft, number };
        let plain = zeroize::Zeroizing::new(envelope::encode(magic, SCHEMA, body).map_err(|_| Failure::NothingKept)?);
        let sealed = office.bureau.keys.seal(KeyName::Subject(Subject::Dossier(self.dossier)), &place, &plain)?;
        self.segment.append(kind, &sealed)?;
        self.unsynced = true;
        Ok(())
    }

    /// Whether something is not known to be on disk.
    pub fn unsynced(&self) -> bool {
        self.unsynced || self.untrusted || self.behind.is_some()
    }

    /// Everything written is on disk when this answers `Ok`.
    pub fn sync(&mut self, office: &Office) -> Result<(), Failure> {
        if let Some(Behind { upto, done }) = self.behind.take() {
            self.came(upto, done.recv().unwrap_or_else(|_| Err(std::io::ErrorKind::Interrupted.into())))?;
        }
        if self.untrusted {
            self.rewrite(office)?;
        } else if self.unsynced
            && let Err(failed) = self.segment.sync()
        {
            self.untrusted = true;
            return Err(failed.into());
        }
        self.unsynced = false;
        Ok(())
    }

    /// The same without waiting for the disk: whether everything is there by now. To be asked again until it is.
    pub fn sync_behind(&mut self, office: &Office) -> Result<bool, Failure> {
        if let Some(Behind { upto, done }) = &self.behind {
            let result = match done.try_recv() {
                Err(TryRecvError::Empty) => return Ok(false),
                Ok(result) => result,
                Err(TryRecvError::Disconnected) => Err(std::io::ErrorKind::Interrupted.into()),
            };
            let upto = *upto;
            self.behind = None;
            self.came(upto, result)?;
        }
        if !self.unsynced && !self.untrusted {
            return Ok(true);
        }
        if self.untrusted {
            return self.sync(office).map(|()| true);
        }
        let (upto, syncer) = self.segment.syncer()?;
        let (tell, done) = sync_channel(1);
        let spawned = std::thread::Builder::new().name("draft".into()).spawn(move || {
            // Nobody may be waiting any more.
            let _ = tell.send(syncer());
        });
        if spawned.is_err() {
            return self.sync(office).map(|()| true);
        }
        self.unsynced = false;
        self.behind = Some(Behind { upto, done });
        Ok(false)
    }

    fn came(&mut self, upto: Position, result: std::io::Result<()>) -> Result<(), Failure> {
        match result {
            Ok(()) => self.segment.is_synced_to(upto),
            Err(error) => {
                self.untrusted = true;
                return Err(crate::store::Failed::io(&self.name, &error).into());
            }
        }
        Ok(())
    }

    /// Every frame into a new file, whole on disk before it takes this one's place.
    fn rewrite(&mut self, office: &Office) -> Result<(), Failure> {
        let reading = Segment::read(&*office.bureau.folder.disk, &self.name, Purpose::Draft, 0)?;
        let last = reading.frames.last().map_or(0, |frame| frame.position);
        if last + 1 != self.segment.next() {
            let error = std::io::Error::new(std::io::ErrorKind::InvalidData, "what was written can't be read back");
            return Err(crate::store::Failed::io(&self.name, &error).into());
        }
        let frames: Vec<(u8, Vec<u8>)> = reading.frames.into_iter().map(|frame| (frame.kind, frame.body)).collect();
        self.segment = Segment::create_with(&*office.bureau.folder.disk, &self.name, reading.head, 0, &frames)?;
        self.untrusted = false;
        Ok(())
    }

    /// A new file with what stands in `written`, whole on disk before it takes this one's place. A damaged file is set
    /// aside under another name.
    pub(super) fn renewed(
        self,
        office: &Office,
        head: &DraftHead,
        written: &[Written],
        damaged: bool,
    ) -> Result<DraftFile, Failure> {
        let failed = |error: std::io::Error| Failure::from(crate::store::Failed::io(&self.name, &error));
        let mut file = Self::create_as(office, head, format!("{}.new", self.name), self.hold, self.sent)?;
        for one in written {
            match one {
                Written::Step(step) => file.keep(office, step)?,
                Written::Typing(typing) => file.keep_typing(office, typing)?,
            }
        }
        file.sync(office)?;
        if damaged {
            office.bureau.folder.disk.rename(&self.name, &format!("{}.damaged", self.name)).map_err(failed)?;
        }
        office
            .bureau
            .folder
            .disk
            .rename(&file.name, &self.name)
            .and_then(|()| office.bureau.folder.disk.sync_folder("drafts"))
            .map_err(failed)?;
        file.name = self.name;
        Ok(file)
    }

    /// Takes the file away: after the submitting record is synced, or when the surveyor throws the draft away.
    pub fn remove(self, office: &Office) -> Result<(), Failure> {
        let gone =
            office.bureau.folder.disk.remove(&self.name).and_then(|()| office.bureau.folder.disk.sync_folder("drafts"));
        gone.map_err(|error| crate::store::Failed::io(&self.name, &error).into())
    }
}

/// Opens one draft, to be gone on with, and everything that can be read of it.
pub(super) fn open(office: &Office, draft: DraftId) -> Result<(DraftFile, FoundDraft), Failure> {
    let name = existing(office, draft)?;
    let hold = Hold::take(office, draft)?;
    let (segment, reading) = Segment::open(&*office.bureau.folder.disk, &name, Purpose::Draft, 0)?;
    let found = read(office, draft, reading)?;
    let file = DraftFile::over(segment, name, &found.head, hold, found.sent);
    Ok((file, found))
}

/// Everything that can be read of a draft; its file stays as it is.
pub(super) fn look(office: &Office, draft: DraftId) -> Result<FoundDraft, Failure> {
    let name = existing(office, draft)?;
    read(office, draft, Segment::read(&*office.bureau.folder.disk, &name, Purpose::Draft, 0)?)
}

fn existing(office: &Office, draft: DraftId) -> Result<String, Failure> {
    let name = name_of(draft);
    if names(office)?.contains(&name) { Ok(name) } else { Err(Failure::NoSuchDraft { asked: draft.hex() }) }
}

fn read(office: &Office, draft: DraftId, reading: Reading) -> Result<FoundDraft, Failure> {
    let no_such = || Failure::NoSuchDraft { asked: draft.hex() };
    let mut frames = reading.frames.into_iter();
    let first = frames.next().filter(|f| f.kind == KIND_HEAD && f.position == 1).ok_or_else(no_such)?;
    let head = open_head(office, draft, &first.body)?;
    let key = KeyName::Subject(Subject::Dossier(head.dossier));
    let (mut written, mut sent) = (Vec::new(), None);
    // A tail that is no frame may be a write that a power cut tore, or a step that was good once: nobody can tell, so it
    // is said.
    let mut damaged = !reading.damages.is_empty() || reading.tail.is_some();
    for (expected, frame) in (2..).zip(frames) {
        let place = SealContext::DraftDelta { draft, number: frame.position };
        let plain = (frame.position == expected)
            .then(|| office.bureau.keys.open_sealed(key, &place, &frame.body).ok())
            .flatten();
        if frame.kind == KIND_SENT {
            sent = plain.and_then(|plain| envelope::decode(SENT, SCHEMA, &plain).ok());
            damaged |= sent.is_none();
            continue;
        }
        let one = plain.and_then(|plain| match frame.kind {
            KIND_STEP => envelope::decode(STEP, SCHEMA, &plain).ok().map(Written::Step),
            KIND_TYPING => envelope::decode(TYPING, SCHEMA, &plain).ok().map(Written::Typing),
            _ => None,
        });
        match one {
            Some(one) => written.push(one),
            // Steps build on one another, so nothing behind a hole is used; the file keeps it.
            None => {
                damaged = true;
                break;
            }
        }
    }
    Ok(FoundDraft { head, written, sent, damaged })
}

fn open_head(office: &Office, draft: DraftId, sealed: &[u8]) -> Result<DraftHead, Failure> {
    let plain =
        office.bureau.keys.open_sealed(KeyName::Store, &SealContext::DraftDelta { draft, number: 1 }, sealed)?;
    envelope::decode(HEAD, SCHEMA, &plain).map_err(|_| Failure::NoSuchDraft { asked: draft.hex() })
}

/// The heads of all drafts whose head can be read, latest begun first; the second list names files that cannot.
pub(super) fn all(office: &Office) -> Result<(Vec<DraftHead>, Vec<String>), Failure> {
    let (mut heads, mut unreadable) = (Vec::new(), Vec::new());
    for name in names(office)? {
        let Some(draft) = named_by(&name) else { continue };
        let head = Segment::read(&*office.bureau.folder.disk, &name, Purpose::Draft, 0)
            .ok()
            .and_then(|reading| reading.frames.into_iter().next())
            .and_then(|frame| open_head(office, draft, &frame.body).ok());
        match head {
            Some(head) => heads.push(head),
            None => unreadable.push(name),
        }
    }
    heads.sort_by_key(|h| std::cmp::Reverse((h.begun, h.draft)));
    Ok((heads, unreadable))
}

/// What is said of draft files that cannot be read, or only in part. They are kept, and carried into backups, as they are.
pub(super) fn damaged_in_words(office: &Office) -> Result<Vec<Message>, Failure> {
    let (drafts, unreadable) = all(office)?;
    let unreadable =
        unreadable.into_iter().map(|name| Message::new("command.doctor.draft_unreadable").with("file", name));
    let torn = drafts.iter().filter(|head| look(office, head.draft).is_ok_and(|found| found.damaged)).map(|head| {
        Message::new("command.doctor.draft_torn").with("file", name_of(head.draft)).with("begun", head.begun.local())
    });
    Ok(unreadable.chain(torn).collect())
}

fn names(office: &Office) -> Result<Vec<String>, Failure> {
    office.bureau.folder.disk.list("drafts").map_err(|error| crate::store::Failed::io("drafts", &error).into())
}

/// Gives a draft its name that was being made anew when the program stopped: where the damaged file is set aside already, the
/// new one is whole and the only one. Other leftovers hold nothing that was answered; `doctor` names them.
pub(super) fn finish_renewing(office: &Office) -> Result<(), Failure> {
    let failed = |error: std::io::Error| Failure::from(crate::store::Failed::io("drafts", &error));
    let names = names(office)?;
    let has = |name: &str| names.iter().any(|n| n == name);
    let of = |unnamed: &'_ str| unnamed.strip_suffix(".new").filter(|name| name.ends_with(".draft")).map(str::to_owned);
    let only = |name: &String| !has(name) && has(&format!("{name}.damaged"));
    let mut finished = false;
    for name in names.iter().filter_map(|unnamed| of(unnamed)).filter(only) {
        office.bureau.folder.disk.rename(&format!("{name}.new"), &name).map_err(failed)?;
        finished = true;
    }
    if finished { office.bureau.folder.disk.sync_folder("drafts").map_err(failed) } else { Ok(()) }
}

/// Dossiers that exist as drafts only: their key slots are taken.
pub(super) fn dossiers_in_drafts(office: &Office) -> Result<HashSet<DossierId>, Failure> {
    Ok(all(office)?.0.into_iter().map(|h| h.dossier).collect())
}

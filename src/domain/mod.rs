//! The field's own values: money, days, ID numbers, codes, answers, decisions, events.
//! It does not know files, keys, screens or rules: nothing of ours is imported here.
//! Start reading at `ids.rs` (who is who), then `event/` (what can happen).
//!
//! Words that English has no word for are kept: *dibao* 低保 (the minimum living allowance), *hukou* 户口 (household
//! registration), *tuokun* 脱困 (the way out of hardship).

pub mod answers;
pub mod bank_card;
mod bug;
pub mod calendar;
pub mod case;
pub mod code;
pub mod date;
pub mod decision;
pub mod dossier;
pub mod encoding;
pub mod event;
pub mod explain;
pub mod fund;
pub mod heads;
pub mod id_number;
pub mod ids;
pub mod json;
pub mod letters;
pub mod login;
pub mod mask;
pub mod membership;
pub mod money;
pub mod nearest;
pub mod questions;
pub mod retirement;
pub mod round;
pub mod unit;
pub mod working;

pub(crate) use bug::bug;

pub use answers::{Answer, Answers, Given, Origin, Path, State, Step};
pub use code::{Code, CodeList};
pub use date::{Day, Now, Stamp};
pub use decision::Decision;
pub use explain::{Arg, Explain, Message};
pub use id_number::IdNumber;
pub use ids::{DossierId, DraftId, EntryId, OfficerId, PersonId, PlaceId, PurseId, StationId, Subject, UnitId};
pub use login::{Credential, Entrance, LoginStep, Network};
pub use mask::{Eyes, Mask};
pub use membership::{MemberChange, MemberMove};
pub use money::Fen;
pub use unit::{Unit, UnitTree};

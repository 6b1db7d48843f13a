//! Keys: what seals a part, a draft's delta, a row; where keys are kept, taken, shared and destroyed.
//! It does not know what it seals, nor records, nor the store's rows: it sees bytes and the *place* they belong to.
//! Start reading at `keyring.rs` (what others call), then `place.rs` and `cipher.rs` (the format), then `slots.rs` (how a
//! subject's key is made, kept twice and erased).
//!
//! What stands here is **[disk]**: sealed bytes and key folders outlive every version of the program.
//!
//! | key | seals | where it is kept | erased |
//! |---|---|---|---|
//! | bureau, in generations | ledger parts | the ring, sealed under the store key | never |
//! | store, in generations | rows without persons, snapshots, drafts, the ring, key slots | the ring, wrapped for each recipient | never |
//! | subject | person parts, rows made from them | dossier, person, unit: a key slot; bureau: the ring | dossier and person only |

pub mod bundle;
pub mod chest;
pub mod cipher;
pub mod error;
pub mod keyring;
mod mend;
pub mod place;
pub mod recipient;
mod ring;
pub mod secret;
mod slots;
mod tombstones;

pub use error::{Damage, SealError};
pub use keyring::{Here, KeyName, Keyring, Moved};
pub use place::{PartKind, SealContext};
pub use recipient::{KeyFile, NewRecipient, PassphraseCost, Recipient, RecipientKind, RecoveryCode, Unlock};
pub use secret::{Random, Secret, SeededRandom, SystemRandom};

//! The keys of one data folder, unlocked: what the floors above call.
//!
//! ```text
//! // First run
//! let key_file = KeyFile::create(path, &mut random)?;                       // 0600, refuses to overwrite
//! let mut keys = Keyring::create(folder, &here, &[NewRecipient::KeyFile(&key_file)], &mut random)?;
//! // Every other run. Then once: every id that has a record, and every erasure record, is told.
//! let mut keys = Keyring::open(folder, &Unlock::KeyFile(&key_file))?;
//! keys.damage()                          -> &[Damage]        // what was mended, or lost
//! keys.moved(&here)                      -> Option<Moved>    // a copied folder, a restored backup, a cloned machine
//! keys.become_new_station(&here, rnd)    -> StationId        // its ready slots of before are never handed out
//! keys.recipients()                      -> Vec<Recipient>   // doctor, status bar
//!
//! keys.make_ready(count, &mut random)    // a block of slots, both copies synced; call it ahead, off the hot path
//! keys.ready_slots(&taken)               -> usize            // `taken(id)`: does a record of this id exist?
//! keys.take()                            -> [u8; 16]         // id whose key is on disk already
//!
//! keys.seal(KeyName::Subject(subject), &place, plaintext)    -> Vec<u8>
//! keys.open_sealed(KeyName::Bureau, &place, &sealed)         -> Zeroizing<Vec<u8>>   // generation read from the bytes
//! keys.erase(subject, at)                // after the erasure record is synced; twice does nothing more
//! keys.is_erased(subject)                -> bool
//!
//! keys.sign(&head.signed_bytes())        -> [u8; 64]         // with keys.public_key(): log::SignedHead
//! keys.rotate_bureau(rnd) / rotate_store(rnd) / add_recipient(…) / remove_recipient(…)
//! bundle::export(&keys) -> Vec<u8>  ·  bundle::import(&mut keys, &bytes) -> Imported
//! ```

//! What is kept on disk: the store behind its trait, the folder of keys, the bytes of the log.

mod kit;

mod conformance;
mod crash;
mod damage;
mod large_journal;
mod log_golden;
mod seal_damage;
mod seal_keys;
mod segment;
mod twice;
mod two_faults;

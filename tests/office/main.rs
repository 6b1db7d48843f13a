//! The bureau through its commands: surveys, looking households up, backups, damage, the demo, a store of the first release.

#[path = "../support/households.rs"]
mod households;

mod backup;
mod damage;
mod demo;
mod first_release;
mod search_model;
mod search_order;
mod surveying;

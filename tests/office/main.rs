//! The bureau through its commands: surveys, looking households up, backups, damage, the demo, a store of the first release.

#[path = "../support/households.rs"]
mod made_up;

mod backup;
mod damage;
mod demo;
mod first_release;
mod households;
mod keys_back;
mod members;
mod restore_steps;
mod search_model;
mod search_order;
mod surveying;
mod updating;

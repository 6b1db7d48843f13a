//! The program as a process: its command line, pseudo-terminals, the service and its lines, signals and `kill -9`.

#[path = "../support/mod.rs"]
mod support;

mod command_line;
mod copies;
mod disks;
mod fund;
mod hostile;
mod import;
mod in_the_way;
mod keyboard;
mod keys_lost;
mod kill;
mod outputs;
mod outside;
mod put_back;
mod read_only;
mod repeated;
mod serve;
mod ssh;
mod sshd;
mod two_faults;
mod who;

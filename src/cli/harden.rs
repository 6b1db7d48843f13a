//! What the process asks of the system before it does anything: nobody else reads what it makes, and nobody reads its memory.

use rustix::fs::Mode;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask};
use std::sync::Arc;

/// Files and folders are for the user alone, whatever the umask was; nothing of the memory goes into a core file, and no other
/// process of the user may look into it. Where the system refuses one of them the program runs all the same.
pub fn process() {
    umask(Mode::RWXG | Mode::RWXO);
    let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    // A limit on the size of files fails the write, which is told in words, and does not end the process amid others.
    let _ = signal_hook::flag::register(libc::SIGXFSZ, Arc::default());
}

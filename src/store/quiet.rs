//! Catching what breaks off in a library, without its words on anybody's terminal.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    static EXPECTED: Cell<bool> = const { Cell::new(false) };
}

/// What `work` answers; `None` if it broke off.
pub fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    let before = EXPECTED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    EXPECTED.set(before);
    done.ok()
}

/// Whether a panic on this thread, now, is one that is caught and said in words: a panic hook has nothing to say then.
pub fn is_expected() -> bool {
    let thread = std::thread::current();
    // sled's own threads (`sled-io-…`) break off where its files are damaged; whoever asks for what they did is told.
    EXPECTED.get() || thread.name().is_some_and(|name| name.starts_with("sled") || name.starts_with("log flusher"))
}

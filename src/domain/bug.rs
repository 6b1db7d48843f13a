//! What cannot be. A state that no input leads to stops the act that met it, rather than going on with something made up:
//! what would be kept, decided or paid then is nobody's to mend. It is caught where any panic is: a session ends and the
//! others go on, the queue refuses the entry, a command says so and fails (`cli/broke.rs`).

/// Stops with `BUG:` and what was expected. Only a literal, so that nothing of somebody's is ever in it and it may be shown.
macro_rules! bug {
    ($expected:literal) => {
        panic!(concat!("BUG: expected ", $expected))
    };
}

pub(crate) use bug;

#[cfg(test)]
mod tests {
    #[test]
    fn an_impossible_state_says_what_was_expected_in_a_text_that_was_there_before() {
        let stopped = std::panic::catch_unwind(|| bug!("a vertex of this form")).unwrap_err();
        assert_eq!(stopped.downcast_ref::<&'static str>(), Some(&"BUG: expected a vertex of this form"));
    }
}

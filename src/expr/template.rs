//! Text with `${name}` in it: labels, hints, messages.

use super::compiled::Reads;
use super::problem::Problem;
use super::scheme::{Scheme, Scope};
use super::world::{Place, World};
use std::borrow::Cow;

#[derive(Clone, Debug)]
pub struct Template {
    reads: Reads,
}

impl Template {
    /// Spans of the problems are bytes of `text`. What looks like no reference stays text.
    pub fn parse(_text: &str, _scheme: &dyn Scheme, _scope: Scope) -> (Template, Vec<Problem>) {
        unimplemented!("being written")
    }

    /// It has no references: it is always the same text.
    pub fn is_plain(&self) -> bool {
        true
    }

    pub fn reads(&self) -> &Reads {
        &self.reads
    }

    pub fn render<'a>(&'a self, _world: &'a dyn World, _place: Place<'a>) -> Cow<'a, str> {
        unimplemented!("being written")
    }
}

//! Queries that nobody has closed, by their record.

use super::fold::Folded;
use super::keyspaces::QUERIES;
use super::pending::Pending;
use super::sealed::ViewError;
use crate::domain::event::Ledger;

pub(super) fn fold(pending: &mut Pending<'_>, folded: &Folded<'_>) -> Result<(), ViewError> {
    match folded.ledger() {
        Ledger::QueryAsked { dossier, .. } => pending.set(QUERIES, folded.header().entry.0, dossier.0),
        // The query is its parent, so it is folded before.
        Ledger::QueryClosed { query, .. } => pending.remove(QUERIES, query.0),
        _ => {}
    }
    Ok(())
}

//! Whoever left the household since the survey before, and whoever came: when and why. The row of who left goes out of the
//! roster and is kept aside, so that it can come back as it was.

use super::instance::RowInstance;
use super::steps::words;
use super::{At, Draft, RowId};
use crate::domain::membership::{JOINED, LEFT, OTHER};
use crate::domain::{MemberChange, MemberMove, Path, PersonId};
use crate::form::links::{NodePart, vertex};
use crate::form::model::*;
use crate::form::problem::{Refusal, What};
use crate::form::read::NotRead;
use std::collections::HashSet;

/// A row that went out with its person.
#[derive(Clone, Debug)]
pub(super) struct LeftRow {
    /// The roster, and the row around it.
    roster: At,
    person: PersonId,
    name: String,
    said: MemberMove,
    /// The row as it stood, then those inside it, each with the row around it by its place here. Empty: it stood in the survey
    /// before the one that is corrected, and only the person can come back.
    rows: Vec<(usize, RowInstance)>,
    /// Answers that named the person.
    named: Vec<At>,
}

impl LeftRow {
    pub(super) fn said(&self) -> &MemberMove {
        &self.said
    }
}

/// Somebody who left in this survey. Personal.
pub struct LeftMember<'d> {
    /// As [`Step::Stay`](crate::domain::Step::Stay) counts them.
    pub number: u32,
    pub name: &'d str,
    pub said: &'d MemberMove,
}

impl Draft {
    /// A row of a roster of persons, by its path.
    fn person_row(&self, path: &Path) -> Result<At, What> {
        let at = self.at(path).ok_or(What::Refused(Refusal::NoSuchPlace))?;
        if self.is_row(at) && self.form.is_of_persons(at.node) {
            Ok(at)
        } else {
            Err(What::Refused(Refusal::WrongKind))
        }
    }

    pub(super) fn leave(&mut self, path: &Path, said: &MemberMove) -> Result<At, What> {
        let at = self.person_row(path)?;
        let row = self.row(at.row);
        let (Some(_), Some(person)) = (row.carried, row.person) else {
            return Err(What::Refused(Refusal::NotCarried));
        };
        let said = self.checked(LEFT, said)?;
        let (name, rows) = (self.called(at), self.kept_aside(at.row));
        let (roster, named) = self.take_out(at)?;
        self.left.push(LeftRow { roster, person, name, said, rows, named });
        self.changed.push(roster);
        Ok(roster)
    }

    pub(super) fn join(&mut self, path: &Path, said: &MemberMove) -> Result<At, What> {
        let at = self.person_row(path)?;
        if self.row(at.row).carried.is_some() && !self.correcting {
            return Err(What::Refused(Refusal::NotNew));
        }
        let said = self.checked(JOINED, said)?;
        self.joined.insert(at.row, said);
        self.changed.push(at);
        Ok(at)
    }

    pub(super) fn stay(&mut self, path: &Path, number: u32) -> Result<At, What> {
        let no_such = What::Refused(Refusal::NoSuchPlace);
        let roster = self.at(path).ok_or(no_such.clone())?;
        let (outer, scope, bounds) = self.roster_of(roster)?;
        let here = |left: &LeftRow| left.roster == At { row: outer, node: roster.node };
        let places: Vec<usize> = (0..self.left.len()).filter(|i| here(&self.left[*i])).collect();
        let place = (number as usize).checked_sub(1).and_then(|nth| places.get(nth)).copied().ok_or(no_such)?;
        let end = self.roster(outer, scope).len();
        if bounds.is_some_and(|(_, most)| end >= most as usize) {
            return Err(What::Refused(Refusal::TooManyRows));
        }
        let row = self.make_row(outer, scope, end).ok_or(What::Refused(Refusal::TooManyRows))?;
        let left = self.left.remove(place);
        self.put_back(row, &left);
        self.push_readers(vertex(roster.node, NodePart::Count), outer);
        let number = (end + 1).to_string();
        for at in left.named.into_iter().filter(|at| self.exists(*at)).collect::<Vec<_>>() {
            let cell = self.cell_mut(at);
            if cell.text.is_empty() && cell.state.is_none() {
                (cell.text, cell.touched) = (number.clone(), true);
                self.push(vertex(at.node, NodePart::Value), at.row);
            }
        }
        Ok(At { row, node: roster.node })
    }

    /// What was said, once it says enough: a reason of the list, no day ahead, words where the reason is none of the others.
    fn checked(&self, list: &str, said: &MemberMove) -> Result<MemberMove, What> {
        let reasons = self.supply.lists.list(list);
        if !reasons.is_empty() && reasons.iter().all(|reason| reason.name != said.why) {
            return Err(What::NotRead(NotRead::NoSuchChoice { typed: said.why.clone(), near: None }));
        }
        if said.since.is_some_and(|day| day > self.supply.today) {
            return Err(What::Refused(Refusal::DayAhead));
        }
        let text = match said.text.trim().is_empty() && said.why != OTHER {
            true => String::new(),
            false => words(&said.text)?,
        };
        Ok(MemberMove { text, ..said.clone() })
    }

    /// What a row is called: its first answer. Personal.
    pub fn called(&self, row: At) -> String {
        let first = self.form.children(Some(row.node)).find(|child| self.form.question(*child).is_some());
        first.map(|node| self.shown(At { row: row.row, node })).unwrap_or_default()
    }

    /// A row and all inside it, outer rows first.
    fn kept_aside(&self, row: RowId) -> Vec<(usize, RowInstance)> {
        let mut out = vec![(0, self.row(row).clone())];
        let mut at = 0;
        while at < out.len() {
            let inside: Vec<RowId> = out[at].1.rosters.iter().flatten().copied().collect();
            out.extend(inside.into_iter().map(|id| (at, self.row(id).clone())));
            at += 1;
        }
        out
    }

    /// What was answered in the rows kept aside stands in the new row again.
    fn put_back(&mut self, row: RowId, left: &LeftRow) {
        self.row_mut(row).person = Some(left.person);
        let mut placed: Vec<RowId> = Vec::with_capacity(left.rows.len());
        for (place, (around, kept)) in left.rows.iter().enumerate() {
            let id = match (place, placed.get(*around).copied()) {
                (0, _) => row,
                (_, Some(outer)) => {
                    // A new row may have come with rows of its own; those that stood before come behind none of them.
                    let before =
                        placed.iter().filter(|id| self.row(**id).parent == outer && self.row(**id).scope == kept.scope);
                    let index = before.count();
                    match self.roster(outer, kept.scope).get(index).copied() {
                        Some(there) => there,
                        None => match self.make_row(outer, kept.scope, index) {
                            Some(made) => made,
                            None => return,
                        },
                    }
                }
                (_, None) => return,
            };
            placed.push(id);
            for (slot, from) in kept.cells.iter().enumerate() {
                if let Some(cell) = self.row_mut(id).cells.get_mut(slot) {
                    cell.text.clone_from(&from.text);
                    cell.before.clone_from(&from.before);
                    (cell.state, cell.over, cell.origin, cell.touched) = (from.state, from.over, from.origin, true);
                }
            }
            let form = self.form.clone();
            for node in form.scopes[kept.scope.index()].nodes.iter().filter(|node| form.question(**node).is_some()) {
                self.push(vertex(*node, NodePart::Value), id);
            }
            let back = self.row_mut(id);
            (back.person, back.carried) = (kept.person, kept.carried);
        }
    }

    /// Those who left the roster in this survey, in the order in which they did.
    pub fn left_from(&self, roster: At) -> Vec<LeftMember<'_>> {
        let here = self.left.iter().filter(|left| left.roster == roster);
        (1..).zip(here).map(|(number, left)| LeftMember { number, name: &left.name, said: &left.said }).collect()
    }

    /// When and why whoever a row is about came, where somebody said.
    pub fn joined(&self, row: RowId) -> Option<&MemberMove> {
        self.joined.get(&row)
    }

    /// Whether it is asked of the row why its person leaves: it stood in the survey before, and is about a person.
    pub fn leaves(&self, row: At) -> bool {
        self.exists(row) && self.is_row(row) && self.form.is_of_persons(row.node) && {
            let row = self.row(row.row);
            row.carried.is_some() && row.person.is_some()
        }
    }

    /// Whether whoever the row is about may have come since the survey before.
    pub fn may_join(&self, row: At) -> bool {
        let is_new = |row: At| self.row(row.row).carried.is_none() || self.correcting;
        let again = self.correcting || self.is_carried();
        again && self.exists(row) && self.is_row(row) && self.form.is_of_persons(row.node) && is_new(row)
    }

    /// Why somebody may have left, or come: codes and their words in the draft's language.
    pub fn member_reasons(&self, joined: bool) -> Vec<(String, String)> {
        let list = self.supply.lists.list(if joined { JOINED } else { LEFT });
        let worded = |reason: &Supplied| {
            let choice = reason.choice(&self.form.languages);
            (choice.name.clone(), choice.label.get(self.language).to_owned())
        };
        list.iter().map(worded).collect()
    }

    /// A choice of a question in the draft's language, wherever the question stands.
    pub fn choice_words(&self, question: NodeId, code: &str) -> Option<String> {
        let list = self.list(self.form.question(question)?.list?)?;
        list.get(code).map(|choice| choice.label.get(self.language).to_owned()).filter(|words| !words.is_empty())
    }

    /// Who left and who came, for the record. Somebody who left and stands in the roster all the same did not leave.
    pub fn member_changes(&self) -> Vec<MemberChange> {
        let alive = self.rows.iter().filter(|row| row.alive);
        let present: HashSet<PersonId> = alive.filter_map(|row| row.person).collect();
        let left = self.left.iter().filter(|left| !present.contains(&left.person));
        let mut out: Vec<MemberChange> =
            left.map(|left| MemberChange { person: left.person, joined: false, said: left.said.clone() }).collect();
        for (row, said) in &self.joined {
            let person = self.row(*row).person;
            out.extend(person.map(|person| MemberChange { person, joined: true, said: said.clone() }));
        }
        out
    }

    /// A correction stands on what the corrected survey says of who left and came; whoever left is called as named beside it.
    pub fn carry_members(&mut self, changes: Vec<(MemberChange, String)>) {
        let rosters: Vec<NodeId> = self.form.ids().filter(|id| self.form.is_of_persons(*id)).collect();
        for (MemberChange { person, joined, said }, name) in changes {
            let row = (0..self.rows.len()).find(|i| self.rows[*i].alive && self.rows[*i].person == Some(person));
            match (joined, row, rosters.first()) {
                (true, Some(row), _) => {
                    self.joined.insert(RowId(row as u32), said);
                }
                (false, None, Some(node)) => {
                    let roster = At { row: RowId::ROOT, node: *node };
                    self.left.push(LeftRow { roster, person, name, said, rows: Vec::new(), named: Vec::new() });
                }
                _ => {}
            }
        }
    }
}

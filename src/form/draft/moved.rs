//! A draft goes on after its form has changed: each step finds its place by path, else by name. What finds none, or does
//! not fit any more, is told and kept as a remark, so that no answer is lost.

use super::{Draft, Outcome};
use crate::domain::{Explain, Message, Path, Step};
use crate::form::markup;
use crate::form::model::*;

/// One thing that is not as it was. Places are called as people know them: by the words of the form they stood in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The question stands elsewhere now.
    To { was: String, to: Path, now: String },
    /// The form asks it no more.
    Gone { was: String },
    /// It is asked, but the answer does not fit.
    Unfit { path: Path, called: String, why: Message },
}

impl Explain for Moved {
    fn explain(&self) -> Message {
        match self {
            Moved::To { was, now, .. } => {
                Message::new("form.moved_to").with("from", was.as_str()).with("to", now.as_str())
            }
            Moved::Gone { was } => Message::new("form.moved_gone").with("path", was.as_str()),
            Moved::Unfit { called, why, .. } => {
                Message::new("form.moved_unfit").with("path", called.as_str()).with("why", why.clone())
            }
        }
    }
}

/// A place by the names in its path, where no form at hand knows it: `members 2 › shoe`.
fn named(path: &Path) -> String {
    let segments: Vec<(&str, Option<u32>)> = path.segments().collect();
    let last = segments.len().saturating_sub(1);
    let said = segments.iter().enumerate().filter_map(|(at, (name, index))| match index {
        Some(index) => Some(format!("{name} {index}")),
        None => (at == last).then(|| (*name).to_owned()),
    });
    said.collect::<Vec<_>>().join(BELOW)
}

/// Between a place and what stands in it.
const BELOW: &str = " › ";

impl Form {
    /// A place as people know it: the labels of the groups and rosters around it with the numbers of their rows, and its own:
    /// `Family › Members 2 › Age`. None: the form has no such place.
    pub fn called(&self, path: &Path, language: usize) -> Option<String> {
        let mut indexes: Vec<u32> = path.segments().filter_map(|(_, index)| index).collect();
        let wanted = without_rows(path.as_str());
        let id = self.by_name.get(path.name())?.iter().copied().find(|id| self.node(*id).path == wanted)?;
        // A roster as a whole has no row.
        let own_row = path.segments().last().is_some_and(|(_, index)| index.is_some());
        let (mut up, mut said) = (Some(id), Vec::new());
        while let Some(at) = up {
            let node = self.node(at);
            // What is filled in stood in that household's answers.
            let label = without_references(&markup::plain(node.label.get(language)));
            let words = match (&node.kind, label.trim()) {
                (ElementKind::Group, "") => None,
                (_, "") => Some(node.name.clone()),
                (_, label) => Some(label.to_owned()),
            };
            let in_row = matches!(node.kind, ElementKind::Repeat { .. }) && (at != id || own_row);
            let row = if in_row { indexes.pop() } else { None };
            said.extend(words.map(|words| row.map_or(words.clone(), |row| format!("{words} {row}"))));
            up = node.parent;
        }
        said.reverse();
        Some(said.join(BELOW))
    }

    /// The place that a path of another version of this form has here: the same path, else the one question (or roster)
    /// of that name inside as many rosters.
    pub fn path_here(&self, path: &Path) -> Option<Path> {
        let segments: Vec<(&str, Option<u32>)> = path.segments().collect();
        let (name, own) = *segments.last()?;
        let indexes: Vec<u32> = segments.iter().filter_map(|(_, index)| *index).collect();
        let fits = |id: &NodeId| {
            let rosters = self.rosters_around(*id).len();
            match self.node(*id).kind {
                ElementKind::Repeat { .. } => rosters + usize::from(own.is_some()) == indexes.len(),
                _ => own.is_none() && rosters == indexes.len(),
            }
        };
        let candidates: Vec<NodeId> = self.by_name.get(name)?.iter().copied().filter(fits).collect();
        let wanted = without_rows(path.as_str());
        let same = candidates.iter().find(|id| self.node(**id).path == wanted);
        let node = match (same, candidates.as_slice()) {
            (Some(same), _) => *same,
            (None, [one]) => *one,
            _ => return None,
        };
        let mut chain = vec![node];
        while let Some(up) = self.node(chain[chain.len() - 1]).parent {
            chain.push(up);
        }
        let mut indexes = indexes.into_iter();
        let mut here = String::new();
        for id in chain.into_iter().rev().filter(|id| !self.node(*id).flat) {
            if !here.is_empty() {
                here.push('/');
            }
            here.push_str(&self.node(id).name);
            if matches!(self.node(id).kind, ElementKind::Repeat { .. })
                && let Some(index) = indexes.next()
            {
                here.push_str(&format!("[{index}]"));
            }
        }
        Some(Path(here))
    }

    /// The rosters around a node, outermost first, itself left out.
    fn rosters_around(&self, id: NodeId) -> Vec<NodeId> {
        let mut rosters = Vec::new();
        let mut up = self.node(id).parent;
        while let Some(node) = up {
            if matches!(self.node(node).kind, ElementKind::Repeat { .. }) {
                rosters.push(node);
            }
            up = self.node(node).parent;
        }
        rosters.reverse();
        rosters
    }
}

/// A path without the numbers of rows.
fn without_rows(path: &str) -> String {
    let mut inside = false;
    let kept = path.chars().filter(|c| {
        inside = (inside || *c == '[') && *c != ']';
        !inside && *c != ']'
    });
    kept.collect()
}

/// A label with `…` in place of each `${…}`.
fn without_references(label: &str) -> String {
    let mut parts = label.split("${");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |said, part| said + "…" + part.split_once('}').map_or("", |(_, behind)| behind))
}

impl Draft {
    /// The steps that a step is made of, where it is several in one: each answer finds its place by itself.
    pub fn one_by_one(&self, step: &Step) -> Vec<Step> {
        let Step::Block { path, rows } = step else { return vec![step.clone()] };
        let here = self.form.path_here(path).and_then(|here| self.at(&here));
        let end = here.map_or(0, |roster| self.rows_of(roster).len());
        let mut steps = Vec::new();
        for (number, answers) in (end + 1..).zip(rows) {
            steps.push(Step::Add { path: path.clone() });
            steps.extend(answers.iter().map(|(inside, value)| Step::Set {
                path: Path::new(format!("{path}[{number}]/{inside}")),
                value: value.clone(),
            }));
        }
        steps
    }

    /// Takes over a step made with another version of the form, which calls its places by their words as far as it is still
    /// there. The steps that stand for it here come back (none for a cursor without a place), with what is to be told.
    pub fn take_over(&mut self, step: &Step, before: Option<&Form>) -> (Vec<Step>, Option<Moved>) {
        let from = step.path().clone();
        let language = self.form.languages.get(self.language());
        let language_before = before.zip(language).and_then(|(form, language)| form.language_index(language));
        let was = before.and_then(|form| form.called(&from, language_before.unwrap_or(form.language)));
        let was = was.unwrap_or_else(|| named(&from));
        let Some(to) = self.form.path_here(&from) else {
            // That a row was added under a roster that is gone is told by the answers in it.
            let answered = matches!(step, Step::Set { .. } | Step::State { .. } | Step::Note { .. });
            return if answered {
                (self.remark(step, None, &was), Some(Moved::Gone { was }))
            } else {
                (Vec::new(), None)
            };
        };
        let moved = step.at(to.clone());
        let Outcome { problem, .. } = self.apply(&moved);
        let refused = problem.filter(|problem| !problem.lets_stand()).map(|problem| problem.explain());
        let why = match (&moved, refused) {
            (Step::Set { value, .. }, None) if !value.is_empty() => {
                let kept = self.at(&to).is_some_and(|at| !self.cell(at).text.is_empty());
                (!kept).then(|| Message::new("form.moved_no_value"))
            }
            (Step::Set { .. } | Step::State { .. } | Step::Note { .. }, refused) => refused,
            // A row, a reason or a confirmation that has no object any more says nothing.
            (_, Some(_)) => return (Vec::new(), None),
            (_, None) => None,
        };
        match why {
            Some(why) => {
                let called = self.form.called(&to, self.language()).unwrap_or_else(|| named(&to));
                (self.remark(step, Some(&to), &was), Some(Moved::Unfit { path: to, called, why }))
            }
            None if to != from && matches!(step, Step::Set { .. } | Step::State { .. }) => {
                let now = self.form.called(&to, self.language()).unwrap_or_else(|| named(&to));
                (vec![moved], Some(Moved::To { was, to, now }))
            }
            None => (vec![moved], None),
        }
    }

    /// The answer of a step as a remark: at its own place, else at the first question there is.
    fn remark(&mut self, step: &Step, place: Option<&Path>, was: &str) -> Vec<Step> {
        let said = match step {
            Step::Set { value, .. } => value.as_str(),
            Step::State { is, .. } => is.code(),
            Step::Note { text, .. } => text.as_str(),
            _ => return Vec::new(),
        };
        let place = place.cloned().or_else(|| self.questions().first().map(|at| self.path(*at)));
        let Some(path) = place.filter(|_| !said.trim().is_empty()) else { return Vec::new() };
        let note = Step::Note { path, text: format!("{was} = {said}") };
        self.apply(&note);
        vec![note]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Day, Stamp};
    use crate::form::{Book, Supply, load};
    use std::sync::Arc;

    fn form(survey: &str) -> Arc<Form> {
        let survey: Vec<&str> = survey.lines().map(str::trim).collect();
        let choices = "list_name,name\ntown,a\ntown,b";
        let book = Book::from_csv([("survey", survey.join("\n").as_bytes()), ("choices", choices.as_bytes())]).unwrap();
        let loaded = load(&book, &Default::default()).unwrap();
        assert!(loaded.usable(), "{:?}", loaded.problems);
        Arc::new(loaded.form)
    }

    fn set(path: &str, value: &str) -> Step {
        Step::Set { path: Path::new(path), value: value.into() }
    }

    #[test]
    fn answers_find_their_places_and_those_that_do_not_become_remarks() {
        let new = form(
            "type,name,label,relevant
             begin group,g,,
             text,name,Name,
             end group,,,
             begin group,h,Household,
             begin repeat,m,Members,
             integer,age,Age,
             select_one town,town,,
             end repeat,,,
             end group,,,
             text,late,,${name} = 'x'",
        );
        let before = form(
            "type,name,label
             text,name,Name
             begin repeat,m,Members
             integer,age,Age of **${name}**
             text,shoe,Size of shoe
             end repeat,,",
        );
        let supply = Supply::on(Stamp(0), Day::from_ymd(2025, 6, 15).unwrap());
        let mut draft = Draft::open(new, supply);
        let old = [
            set("name", "Li"),
            Step::Add { path: Path::new("m") },
            set("m[2]/age", "7"),
            set("m[1]/age", "about ten"),
            set("m[1]/town", "c"),
            set("m[2]/town", "b"),
            set("m[2]/shoe", "41"),
            set("late", "yes"),
            Step::Cursor { path: Path::new("m[2]/town") },
        ];
        let (mut steps, mut reported) = (Vec::new(), Vec::new());
        for step in &old {
            let (new, moved) = draft.take_over(step, Some(&before));
            steps.extend(new);
            reported.extend(moved);
        }
        let value = |path: &str| draft.value(draft.at(&Path::new(path)).unwrap()).to_owned();
        assert_eq!([value("g/name"), value("h/m[2]/age"), value("h/m[2]/town")], ["Li", "7", "b"]);
        assert_eq!([value("h/m[1]/age"), value("h/m[1]/town")], ["", ""]);
        let words: Vec<String> = reported
            .iter()
            .map(|moved| match moved {
                Moved::To { was, to, now } => format!("{was} > {now} ({to})"),
                Moved::Gone { was } => format!("{was} gone"),
                Moved::Unfit { called, .. } => format!("{called} unfit"),
            })
            .collect();
        assert_eq!(
            words,
            [
                "Name > Name (g/name)",
                "Members 2 › Age of … > Household › Members 2 › Age (h/m[2]/age)",
                "Household › Members 1 › Age unfit",
                "Household › Members 1 › town unfit",
                "m 2 › town > Household › Members 2 › town (h/m[2]/town)",
                "Members 2 › Size of shoe gone",
                "late unfit"
            ]
        );
        let notes: Vec<&str> = steps
            .iter()
            .filter_map(|step| match step {
                Step::Note { text, .. } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(
            notes,
            ["Members 1 › Age of … = about ten", "m 1 › town = c", "Members 2 › Size of shoe = 41", "late = yes"]
        );
        assert_eq!(draft.cursor().map(|at| draft.path(at).0).as_deref(), Some("h/m[2]/town"));
        // The steps that came back make the same draft again.
        let (again, refused) = Draft::from_steps(draft.form().clone(), draft.supply().clone(), &steps);
        assert_eq!(refused, []);
        assert_eq!(crate::form::run::nodes(&again), crate::form::run::nodes(&draft));
    }

    #[test]
    fn a_re_survey_with_a_changed_form_carries_the_answers_to_where_they_are_asked_now() {
        let one = form(
            "type,name,dossier::origin\ntext,a,carry\nbegin repeat,m,carry\ntext,n,carry\nend repeat,,\ntext,z,carry",
        );
        let two = form(
            "type,name,dossier::origin\nbegin group,g,\ntext,a,carry\nbegin repeat,m,carry\ntext,n,carry\nend repeat,,\nend group,,",
        );
        let supply = || Supply::on(Stamp(0), Day::from_ymd(2025, 6, 15).unwrap());
        let (first, _) = Draft::from_steps(
            one,
            supply(),
            &[
                set("a", "x"),
                set("m[1]/n", "y"),
                Step::Add { path: Path::new("m") },
                set("m[2]/n", "w"),
                set("z", "gone"),
            ],
        );
        let mut answers = first.answers();
        answers.form_version = "of before".into();
        let next = Draft::carry(two, supply(), &answers);
        let value = |path: &str| next.value(next.at(&Path::new(path)).unwrap()).to_owned();
        assert_eq!([value("g/a"), value("g/m[1]/n"), value("g/m[2]/n")], ["x", "y", "w"]);
    }

    #[test]
    fn two_places_of_one_name_are_nobodys() {
        let new = form("type,name\nbegin group,a\ntext,x\nend group,\nbegin group,b\ntext,x\nend group,");
        assert_eq!(new.path_here(&Path::new("c/x")), None);
        assert_eq!(new.path_here(&Path::new("b/x")), Some(Path::new("b/x")));
        assert_eq!(new.path_here(&Path::new("b/x[1]")), None);
    }
}

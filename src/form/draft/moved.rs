//! A draft goes on after its form has changed: each step finds its place by path, else by name. What finds none, or does
//! not fit any more, is told and kept as a remark, so that no answer is lost.

use super::{Draft, Outcome};
use crate::domain::{Explain, Message, Path, Step};
use crate::form::model::*;

/// One thing that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The question stands elsewhere now.
    To { from: Path, to: Path },
    /// The form asks it no more.
    Gone { path: Path },
    /// It is asked, but the answer does not fit.
    Unfit { path: Path, why: Message },
}

impl Explain for Moved {
    fn explain(&self) -> Message {
        match self {
            Moved::To { from, to } => {
                Message::new("form.moved_to").with("from", from.0.as_str()).with("to", to.0.as_str())
            }
            Moved::Gone { path } => Message::new("form.moved_gone").with("path", path.0.as_str()),
            Moved::Unfit { path, why } => {
                Message::new("form.moved_unfit").with("path", path.0.as_str()).with("why", why.clone())
            }
        }
    }
}

impl Form {
    /// The place that a path of another version of this form has here: the same path, else the one question (or roster)
    /// of that name inside as many rosters.
    pub fn path_here(&self, path: &Path) -> Option<Path> {
        let segments: Vec<(&str, Option<u32>)> = path.segments().collect();
        let (name, own) = *segments.last()?;
        let indexes: Vec<u32> = segments.iter().filter_map(|(_, index)| *index).collect();
        let fits = |id: &NodeId| {
            let rosters = self.rosters_around(*id).len();
            match self.node(*id).kind {
                Kind::Repeat { .. } => rosters + usize::from(own.is_some()) == indexes.len(),
                _ => own.is_none() && rosters == indexes.len(),
            }
        };
        let candidates: Vec<NodeId> = self.by_name.get(name)?.iter().copied().filter(fits).collect();
        let bare = |text: &str| {
            let mut inside = false;
            text.chars()
                .filter(|c| {
                    inside = (inside || *c == '[') && *c != ']';
                    !inside && *c != ']'
                })
                .collect::<String>()
        };
        let same = candidates.iter().find(|id| self.node(**id).path == bare(path.as_str()));
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
            if matches!(self.node(id).kind, Kind::Repeat { .. })
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
            if matches!(self.node(node).kind, Kind::Repeat { .. }) {
                rosters.push(node);
            }
            up = self.node(node).parent;
        }
        rosters.reverse();
        rosters
    }
}

impl Draft {
    /// Takes over a step made with another version of the form. The steps that stand for it here come back (none for a
    /// cursor without a place), with what is to be told.
    pub fn take_over(&mut self, step: &Step) -> (Vec<Step>, Option<Moved>) {
        let from = step.path().clone();
        let Some(to) = self.form.path_here(&from) else {
            // That a row was added under a roster that is gone is told by the answers in it.
            let answered = matches!(step, Step::Set { .. } | Step::State { .. } | Step::Note { .. });
            return if answered {
                (self.remark(step, None), Some(Moved::Gone { path: from }))
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
            Some(why) => (self.remark(step, Some(&to)), Some(Moved::Unfit { path: to, why })),
            None if to != from && matches!(step, Step::Set { .. } | Step::State { .. }) => {
                (vec![moved], Some(Moved::To { from, to }))
            }
            None => (vec![moved], None),
        }
    }

    /// The answer of a step as a remark: at its own place, else at the first question there is.
    fn remark(&mut self, step: &Step, place: Option<&Path>) -> Vec<Step> {
        let said = match step {
            Step::Set { value, .. } => value.as_str(),
            Step::State { is, .. } => is.code(),
            Step::Note { text, .. } => text.as_str(),
            _ => return Vec::new(),
        };
        let place = place.cloned().or_else(|| self.questions().first().map(|at| self.path(*at)));
        let Some(path) = place.filter(|_| !said.trim().is_empty()) else { return Vec::new() };
        let note = Step::Note { path, text: format!("{} = {said}", step.path()) };
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
            "type,name,relevant
             begin group,g,
             text,name,
             end group,
             begin group,h,
             begin repeat,m,
             integer,age,
             select_one town,town,
             end repeat,
             end group,
             text,late,${name} = 'x'",
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
            let (new, moved) = draft.take_over(step);
            steps.extend(new);
            reported.extend(moved);
        }
        let value = |path: &str| draft.value(draft.at(&Path::new(path)).unwrap()).to_owned();
        assert_eq!([value("g/name"), value("h/m[2]/age"), value("h/m[2]/town")], ["Li", "7", "b"]);
        assert_eq!([value("h/m[1]/age"), value("h/m[1]/town")], ["", ""]);
        let words: Vec<String> = reported
            .iter()
            .map(|moved| match moved {
                Moved::To { from, to } => format!("{from} > {to}"),
                Moved::Gone { path } => format!("{path} gone"),
                Moved::Unfit { path, .. } => format!("{path} unfit"),
            })
            .collect();
        assert_eq!(
            words,
            [
                "name > g/name",
                "m[2]/age > h/m[2]/age",
                "h/m[1]/age unfit",
                "h/m[1]/town unfit",
                "m[2]/town > h/m[2]/town",
                "m[2]/shoe gone",
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
        assert_eq!(notes, ["m[1]/age = about ten", "m[1]/town = c", "m[2]/shoe = 41", "late = yes"]);
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

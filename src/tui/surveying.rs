//! The survey screen's keeper over an open store, and the ways to that screen.

use super::screens::survey::{Finished, Keeper, Mode, NotTaken, Survey};
use super::sitting::Sitting;
use super::text;
use super::words::Lang;
use crate::command::presence::Here;
use crate::command::survey::{Begin, Submitted, Surveying};
use crate::command::{Failure, Keeping, library};
use crate::domain::{Answers, DraftId, Explain, Message, Path, Step};
use crate::form::{Draft, Form};
use crate::rules;
use std::sync::Arc;

struct DraftKeeper {
    sitting: Arc<Sitting>,
    keeping: Keeping,
    _here: Here,
}

/// Begins a survey and opens the screen on it.
pub fn begin(sitting: &Arc<Sitting>, begin: Begin) -> Result<Survey, Failure> {
    let surveying = sitting.office().begin(begin, sitting.now())?;
    Ok(screen(sitting, surveying, Vec::new()))
}

/// Takes a draft up where it was left, with what was half typed there.
pub fn resume(sitting: &Arc<Sitting>, draft: DraftId) -> Result<Survey, Failure> {
    let head = sitting.office().draft(draft, sitting.now())?.head;
    resume_on(sitting, draft, sitting.office().form_of_draft(&head)?)
}

/// [`resume`], for a form that the program does not bring along.
pub fn resume_on(sitting: &Arc<Sitting>, draft: DraftId, form: Arc<Form>) -> Result<Survey, Failure> {
    let (surveying, resumed) = sitting.office().resume(draft, form, sitting.now())?;
    let survey = screen(sitting, surveying, resumed.halves).with_moved(resumed.moved);
    Ok(if resumed.damaged { survey.saying(Message::new("tui.survey.draft_damaged")) } else { survey })
}

/// Straight into a survey, without the first screen. A household's survey, or one on a form of one's own, goes on where it
/// was left; new households on the built-in form are many, and the first screen offers their drafts.
pub fn straight_into(sitting: &Arc<Sitting>, wanted: Begin) -> Result<Survey, Failure> {
    let own_form = wanted.form.id != library::HARDSHIP;
    let waits = match wanted.corrects {
        None if own_form || wanted.dossier.is_some() => {
            sitting.office().draft_of(wanted.dossier, None, &wanted.form)?
        }
        _ => None,
    };
    match waits {
        Some(draft) => resume_on(sitting, draft, wanted.form),
        None => begin(sitting, wanted),
    }
}

fn screen(sitting: &Arc<Sitting>, surveying: Surveying, halves: Vec<(Path, String)>) -> Survey {
    let Surveying { keeping, draft } = surveying;
    let dossier = keeping.head.dossier;
    // A household without a dossier has no line yet.
    let line = sitting.office().line(dossier, sitting.now()).ok();
    let name = line.as_ref().and_then(|line| line.name.as_deref()).map(text::clean);
    let number = line.map(|line| line.status.number);
    let about = [number, name].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let here = sitting.office().be_at(dossier, true, sitting.now().at);
    let broken = draft.form().broken;
    let survey =
        Survey::new(draft, Box::new(DraftKeeper { sitting: sitting.clone(), keeping, _here: here }), about, halves);
    let survey = match sitting.office().prefers_heads_down() {
        true => survey.with_mode(Mode::HeadsDown),
        false => survey,
    };
    match broken {
        0 => survey,
        count => survey.saying(Message::new("tui.survey.form_broken").with("count", count)),
    }
}

impl Keeper for DraftKeeper {
    fn keep(&mut self, _draft: &mut Draft, step: &Step) -> Result<(), Message> {
        self.keeping.step(self.sitting.office(), step).map_err(|failure| failure.explain())
    }

    fn typing(&mut self, path: &Path, text: &str) {
        self.keeping.typing(path, text);
    }

    fn sync(&mut self) -> Result<(), Message> {
        self.keeping.sync(self.sitting.office()).map_err(|failure| failure.explain())
    }

    fn sync_behind(&mut self) -> Result<bool, Message> {
        self.keeping.sync_behind(self.sitting.office()).map_err(|failure| failure.explain())
    }

    fn prefers(&mut self, heads_down: bool) {
        self.sitting.office().prefer_heads_down(heads_down);
    }

    fn others(&self, lang: Lang) -> Option<Message> {
        self.sitting.others_at(self.keeping.head.dossier, lang)
    }

    fn barred(&self) -> Option<Message> {
        let head = &self.keeping.head;
        self.sitting.office().may_survey(head, self.sitting.now()).err().map(|failure| failure.explain())
    }

    fn submit(&mut self, draft: &Draft, _answers: Answers, beside: bool) -> Result<Finished, NotTaken> {
        let sitting = &self.sitting;
        match sitting.office().submit_draft(&mut self.keeping, draft, sitting.now(), beside) {
            Ok(submitted) => {
                sitting.look_at(submitted.dossier);
                Ok(finished(sitting, &submitted))
            }
            Err(failure @ Failure::Moved { .. }) => Err(NotTaken::Moved(failure.explain())),
            Err(failure) => Err(NotTaken::Because(failure.explain())),
        }
    }
}

/// Number, category and the sentences that lead to it. What would change it is left out: it coaches.
fn finished(sitting: &Sitting, submitted: &Submitted) -> Finished {
    let heading = Message::new("tui.survey.submitted").with("number", submitted.number.as_str());
    // The survey is kept all the same: which dossier is wrong, or a duplicate, is for a person to say.
    let same_id = sitting.open(submitted.dossier).and_then(|household| household.same_id()).unwrap_or_default();
    let lines = |lang| {
        let mut lines = Vec::new();
        if !same_id.is_empty() {
            lines.push(Message::new("command.same_id").with("numbers", same_id.join(", ")));
        }
        if let Some(decision) = &submitted.decision {
            lines.extend(reasons(sitting, decision, lang));
        }
        lines.extend(submitted.next_due.map(|day| Message::new("tui.survey.next_due").with("day", day)));
        lines
    };
    Finished { heading, zh: lines(Lang::Zh), en: lines(Lang::En) }
}

/// A decision in sentences, in one language.
pub fn reasons(sitting: &Sitting, decision: &crate::domain::Decision, lang: Lang) -> Vec<Message> {
    let pick: rules::trace::Pick = match lang {
        Lang::Zh => |names| &names.zh,
        Lang::En => |names| &names.en,
    };
    let set = sitting.office().library().rule_sets().get(&decision.rule_set);
    set.map(|set| rules::trace::sentences(decision, set, pick)).unwrap_or_default()
}

//! The survey screen's keeper over an open store, and the ways to that screen.

use super::screen::Then;
use super::screens::survey::{Finished, Keeper, Mode, NotTaken, Survey};
use super::session::Session;
use super::text;
use crate::command::presence::Here;
use crate::command::survey::{Begin, Submitted, Surveying};
use crate::command::{Failure, Keeping, library};
use crate::domain::dossier::Status;
use crate::domain::{Answers, DossierId, DraftId, Explain, Message, Path, Step};
use crate::form::{At, Draft, Form};
use crate::lang::Lang;
use crate::rules;
use std::sync::Arc;

struct DraftKeeper {
    session: Arc<Session>,
    keeping: Keeping,
    _here: Here,
}

/// Begins a survey and opens the screen on it.
pub fn begin(session: &Arc<Session>, begin: Begin) -> Result<Survey, Failure> {
    let surveying = session.office().begin(begin, session.now())?;
    let updates = surveying.draft.is_update();
    let survey = screen(session, surveying, Vec::new());
    Ok(if updates { survey.saying(Message::new("tui.survey.update")) } else { survey })
}

/// Takes a draft up where it was left, with what was half typed there.
pub fn resume(session: &Arc<Session>, draft: DraftId) -> Result<Survey, Failure> {
    let head = session.office().draft(draft, session.now())?.head;
    resume_on(session, draft, session.office().form_of_draft(&head)?)
}

/// [`resume`], for a form that the program does not bring along.
pub fn resume_on(session: &Arc<Session>, draft: DraftId, form: Arc<Form>) -> Result<Survey, Failure> {
    let (surveying, resumed) = session.office().resume(draft, form, session.now())?;
    let survey = screen(session, surveying, resumed.halves).with_moved(resumed.moved);
    Ok(if resumed.damaged { survey.saying(Message::new("tui.survey.draft_damaged")) } else { survey })
}

/// Takes up what waits where a survey or an update was asked for; if it is the other of the two, that is said.
pub fn resume_for(session: &Arc<Session>, draft: DraftId, form: Arc<Form>, updates: bool) -> Result<Survey, Failure> {
    let survey = resume_on(session, draft, form)?;
    Ok(match (survey.is_update(), updates) {
        (true, false) => survey.saying(Message::new("tui.survey.update_waits")),
        (false, true) => survey.saying(Message::new("tui.survey.round_waits")),
        _ => survey,
    })
}

/// Errors: the case is over, so that there is nothing to be kept up to date, whatever update waits there.
pub fn may_update(session: &Arc<Session>, dossier: DossierId) -> Result<(), Failure> {
    let line = session.office().line(dossier, session.now())?;
    if line.status.status.is_some_and(Status::is_over) { Err(Failure::UpdateOfClosed) } else { Ok(()) }
}

/// Straight into a survey, without the first screen. A household's survey, or one on a form of one's own, goes on where it
/// was left; new households on the built-in form are many, and the first screen offers their drafts.
pub fn straight_into(session: &Arc<Session>, wanted: Begin) -> Result<Survey, Failure> {
    if let Some(dossier) = wanted.dossier.filter(|_| wanted.updates) {
        may_update(session, dossier)?;
    }
    let own_form = wanted.form.id != library::HARDSHIP;
    let waits = match wanted.corrects {
        None if own_form || wanted.dossier.is_some() => {
            session.office().draft_of(wanted.dossier, None, &wanted.form)?
        }
        _ => None,
    };
    match waits {
        Some(draft) => resume_for(session, draft, wanted.form, wanted.updates),
        None => begin(session, wanted),
    }
}

fn screen(session: &Arc<Session>, surveying: Surveying, halves: Vec<(At, String)>) -> Survey {
    let Surveying { keeping, draft } = surveying;
    let dossier = keeping.head.dossier;
    // A household without a dossier has no line yet.
    let line = session.office().line(dossier, session.now()).ok();
    let name = line.as_ref().and_then(|line| line.name.as_deref()).map(text::clean);
    let number = line.map(|line| line.status.number);
    let about = [number, name].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let here = session.office().be_at(dossier, true, session.now().at);
    let broken = draft.form().broken;
    let survey =
        Survey::new(draft, Box::new(DraftKeeper { session: session.clone(), keeping, _here: here }), about, halves);
    let survey = match session.office().prefers_heads_down() {
        true => survey.with_mode(Mode::HeadsDown),
        false => survey,
    };
    match broken {
        0 => survey,
        count => survey.saying(Message::new("tui.survey.form_broken").with("count", count)),
    }
}

impl DraftKeeper {
    fn ask_elsewhere(&self, draft: &mut Draft, wait: bool) -> Result<(), Message> {
        let (office, now) = (self.session.office(), self.session.now());
        office.say_elsewhere(self.keeping.head.dossier, draft, wait, now).map_err(|failure| failure.explain())
    }
}

impl Keeper for DraftKeeper {
    fn keep(&mut self, draft: &mut Draft, step: &Step) -> Result<(), Message> {
        self.keeping.step(self.session.office(), step).map_err(|failure| failure.explain())?;
        if matches!(step, Step::Cursor { .. }) {
            return Ok(());
        }
        self.ask_elsewhere(draft, false)
    }

    fn say_elsewhere(&mut self, draft: &mut Draft) -> Result<(), Message> {
        self.ask_elsewhere(draft, true)
    }

    fn look_at(&self, dossier: DossierId) -> Then {
        match self.session.open(dossier).map(drop) {
            // Whose it is was told, and not its number.
            Err(Failure::NoSuchDossier { .. }) => Then::Say(Message::new("tui.survey.elsewhere_not_yours")),
            _ => super::screens::dossier::opened(&self.session, dossier),
        }
    }

    fn typing(&mut self, path: &Path, text: &str) {
        self.keeping.typing(path, text);
    }

    fn sync(&mut self) -> Result<(), Message> {
        self.keeping.sync(self.session.office()).map_err(|failure| failure.explain())
    }

    fn sync_behind(&mut self) -> Result<bool, Message> {
        self.keeping.sync_behind(self.session.office()).map_err(|failure| failure.explain())
    }

    fn prefers(&mut self, heads_down: bool) {
        self.session.office().prefer_heads_down(heads_down);
    }

    fn others(&self, lang: Lang) -> Option<Message> {
        self.session.others_at(self.keeping.head.dossier, lang)
    }

    fn barred(&self) -> Option<Message> {
        let head = &self.keeping.head;
        self.session.office().may_survey(head, self.session.now()).err().map(|failure| failure.explain())
    }

    fn submit(&mut self, draft: &Draft, _answers: Answers, beside: bool) -> Result<Finished, NotTaken> {
        let session = &self.session;
        match session.office().submit_draft(&mut self.keeping, draft, session.now(), beside) {
            Ok(submitted) => {
                session.look_at(submitted.dossier);
                Ok(finished(session, &submitted))
            }
            Err(failure @ Failure::Moved { .. }) => Err(NotTaken::Moved(failure.explain())),
            Err(failure) => Err(NotTaken::Because(failure.explain())),
        }
    }
}

/// Number, category and the sentences that lead to it. What would change it is left out: it coaches.
fn finished(session: &Session, submitted: &Submitted) -> Finished {
    let heading = Message::new("tui.survey.submitted").with("number", submitted.number.as_str());
    // The survey is kept all the same: which dossier is wrong, or a duplicate, is for a person to say.
    let same_id = session.open(submitted.dossier).and_then(|household| household.same_id()).unwrap_or_default();
    let lines = |lang| {
        let mut lines = Vec::new();
        if !same_id.is_empty() {
            lines.push(Message::new("command.same_id").with("numbers", same_id.join(", ")));
        }
        if let Some(decision) = &submitted.decision {
            lines.extend(reasons(session, decision, lang));
        }
        lines.extend(submitted.next_due.map(|day| Message::new("tui.survey.next_due").with("day", day)));
        lines
    };
    Finished { heading, zh: lines(Lang::Zh), en: lines(Lang::En) }
}

/// A decision in sentences, in one language.
pub fn reasons(session: &Session, decision: &crate::domain::Decision, lang: Lang) -> Vec<Message> {
    let pick: rules::trace::Pick = match lang {
        Lang::Zh => |names| &names.zh,
        Lang::En => |names| &names.en,
    };
    let Ok(bureau) = session.office().rules() else { return Vec::new() };
    let set = bureau.get(&decision.rule_set);
    let sentences = set.map(|set| rules::trace::sentences(decision, set, pick)).unwrap_or_default();
    sentences.into_iter().chain(bureau.doubts(decision)).collect()
}

//! Each failure as a sentence, and what stands below it.

use super::Failure;
use crate::domain::{Arg, Explain, Message};
use crate::form::problem::Weight;
use crate::store::{NotKept, Notice, Refused};

/// The store's own words, as a sentence of ours.
pub(crate) fn reported(reported: Notice) -> Message {
    reported.args.into_iter().fold(Message::new(reported.key), |message, (name, value)| message.with(name, value))
}

impl Explain for Failure {
    fn explain(&self) -> Message {
        match self {
            Failure::Open(error) => reported(error.reported()),
            Failure::NotKept(NotKept::Lost(names)) => Message::new("command.lost").with("names", names.join(", ")),
            Failure::NotKept(NotKept::Refused(Refused::Because { why, detail })) => {
                Message::new("command.refused_inside")
                    .with("why", *why)
                    .with("detail", String::from_utf8_lossy(detail).into_owned())
            }
            Failure::NotKept(error) => reported(error.reported()),
            Failure::Store(error) => reported(error.reported()),
            Failure::Seal(error) => error.explain(),
            Failure::View(error) => error.explain(),
            Failure::Record(error) => error.explain(),
            Failure::NotADataFolder { folder } => {
                Message::new("command.not_a_data_folder").with("folder", folder.as_str())
            }
            Failure::NoStore { folder } => Message::new("command.no_store").with("folder", folder.as_str()),
            Failure::NotADemo { folder, seed } => {
                Message::new("command.not_a_demo").with("folder", folder.as_str()).with("seed", *seed)
            }
            Failure::NotADivision { asked } => Message::new("command.not_a_division").with("asked", asked.as_str()),
            Failure::NotThatSetting { setting, asked } => Message::new("command.not_that_setting")
                .with("setting", Arg::Word(format!("present.bureau.{setting}")))
                .with("asked", asked.as_str())
                .with("known", Arg::Word(format!("present.bureau.{setting}.how"))),
            Failure::NotThatManyDays { most } => {
                Message::new("command.not_that_many_days").with("most", i64::from(*most))
            }
            Failure::AcceptedTooLongAgo { accepted, last, days } => Message::new("command.accepted_too_long_ago")
                .with("accepted", *accepted)
                .with("last", *last)
                .with("days", i64::from(*days)),
            Failure::NoName => Message::new("command.no_name"),
            Failure::DemoFolder { folder } => Message::new("command.demo_folder").with("folder", folder.as_str()),
            Failure::Trouble(why) => why.explain(),
            Failure::Clock(doubt) => doubt.explain(),
            Failure::OwnerStopped { process } => {
                Message::new("command.owner_stopped").with("process", u64::from(*process))
            }
            Failure::OwnerLost => Message::new("command.owner_lost"),
            Failure::NoStepToWithdraw => Message::new("command.no_step_to_withdraw"),
            Failure::NoSuchStretch { from, to } => {
                Message::new("command.no_such_stretch").with("from", *from).with("to", *to)
            }
            Failure::RequestUsed => Message::new("command.request_used"),
            Failure::StoreExists { folder } => Message::new("command.store_exists").with("folder", folder.as_str()),
            Failure::KeysLost { what } => Message::new("command.keys_lost").with("what", (**what).clone()),
            Failure::NoKeyFile { path } => Message::new("command.no_key_file").with("path", path.as_str()),
            Failure::Folder { folder, why } => {
                Message::new("command.folder").with("folder", folder.as_str()).with("why", why.as_str())
            }
            Failure::Undecoded { file, why } => {
                Message::new("form.encoding").with("name", file.as_str()).with("why", why.explain())
            }
            Failure::PropertyTwice { name } => Message::new("command.property_twice").with("name", name.as_str()),
            Failure::NotAProperty { text } => Message::new("command.not_a_property").with("text", text.as_str()),
            Failure::NoSuchDossier { asked } => Message::new("command.no_such_dossier").with("asked", asked.as_str()),
            Failure::SeveralDossiers { asked, ids } => {
                Message::new("command.several_dossiers").with("asked", asked.as_str()).with("ids", ids.join(", "))
            }
            Failure::NoSuchOfficer { asked } => Message::new("command.no_such_officer").with("asked", asked.as_str()),
            Failure::YearUnknown { year } => Message::new("command.year_unknown").with("year", i64::from(*year)),
            Failure::NoSuchObjection { count } => Message::new("command.no_such_objection").with("count", *count),
            Failure::SeveralOfficers { asked } => {
                Message::new("command.several_officers").with("asked", asked.as_str())
            }
            Failure::OfficerNameTaken { by } => Message::new("command.officer_name_taken").with("by", by.as_str()),
            Failure::NoSuchForm { asked } => Message::new("command.no_such_form").with("asked", asked.as_str()),
            Failure::DraftOpen { own: true, .. } => Message::new("command.draft_open_own"),
            Failure::DraftOpen { by, .. } => Message::new("command.draft_open").with("by", by.as_str()),
            Failure::NoSuchQuestion { path } => Message::new("command.no_such_question").with("path", path.as_str()),
            Failure::UpdateOfClosed => Message::new("command.update_of_closed"),
            Failure::NothingToUpdate => Message::new("command.nothing_to_update"),
            Failure::NoSuchVersion { asked } => Message::new("command.no_such_version").with("asked", asked.as_str()),
            Failure::NoSuchDraft { asked } => Message::new("command.no_such_draft").with("asked", asked.as_str()),
            Failure::Erased => Message::new("command.erased"),
            Failure::Moved { number, by, at, heads } => Message::new("command.moved")
                .with("number", number.as_str())
                .with("by", by.as_str())
                .with("at", at.as_str())
                .with("heads", *heads),
            Failure::Case(why) => why.explain(),
            Failure::Import(why) => why.explain(),
            Failure::Round(why) => why.explain(),
            Failure::NotInList { list, asked, known } => Message::new("command.no_such_code")
                .with("list", *list)
                .with("asked", asked.as_str())
                .with("known", known.as_str()),
            Failure::NotAllowed(why) => why.explain(),
            Failure::Fund(why) => why.explain(),
            Failure::NotPayable(why) => why.explain(),
            Failure::NoAidRules { on } => Message::new("aid.rules.none").with("day", *on),
            Failure::NotCounted { place, book } => {
                Message::new("command.fund.not_counted").with("place", place.as_str()).with("book", *book)
            }
            Failure::DifferenceUnnamed { place, differs } => {
                Message::new("command.fund.difference").with("place", place.as_str()).with("differs", *differs)
            }
            Failure::SameHand { on } => Message::new("command.fund.same_hand").with("day", *on),
            Failure::CashierChecks => Message::new("command.fund.cashier_checks"),
            Failure::NoSuchDonor { asked } => Message::new("command.fund.no_such_donor").with("asked", asked.as_str()),
            Failure::NoSuchPayout { asked } => Message::new("aid.no_such").with("asked", asked.as_str()),
            Failure::PayoutMoved => Message::new("aid.moved"),
            Failure::Campaign(why) => why.explain(),
            Failure::PersonElsewhere => Message::new("person.elsewhere"),
            Failure::NoSuchPerson { asked } => Message::new("person.no_such").with("asked", asked.as_str()),
            Failure::PersonKept(why) => why.explain(),
            Failure::NothingToSend => Message::new("aid.nothing_to_send"),
            Failure::NotAnAnswer(wrong) => Message::new("aid.answer.problems").with("count", wrong.len()),
            Failure::CashierKeepsBook => Message::new("command.fund.cashier"),
            Failure::NotAFundCode { asked } => Message::new("command.fund.code").with("asked", asked.as_str()),
            Failure::NoSuchCode { list, asked } => {
                Message::new("command.fund.no_such_code").with("list", list.as_str()).with("asked", asked.as_str())
            }
            Failure::NotErasable(why) => why.explain(),
            Failure::NotAQuery(why) => why.explain(),
            Failure::Backup(why) => why.explain(),
            Failure::Output(why) => why.explain(),
            Failure::StepTooEarly { on, last } => {
                Message::new("command.step_too_early").with("day", *on).with("last", *last)
            }
            Failure::NeedsRole { role } => {
                Message::new("command.needs_role").with("role", Arg::Word(format!("role.{}", role.code())))
            }
            Failure::Listen { place, why } => {
                Message::new("command.door").with("place", place.as_str()).with("why", why.as_str())
            }
            Failure::NobodyHere { user } => Message::new("command.nobody_here").with("user", user.as_str()),
            Failure::HasLeft { last } => Message::new("login.left").with("last", *last),
            Failure::NotFromAfar => Message::new("cli.attach.not_from_afar"),
            Failure::DayToCome { day, clock } => {
                Message::new("command.day_to_come").with("day", *day).with("clock", *clock)
            }
            Failure::OtherDayFromAfar { day } => Message::new("command.other_day_from_afar").with("day", *day),
            Failure::CannotTakeOver { to } => Message::new("command.cannot_take_over").with("to", to.as_str()),
            Failure::NotYourWork { by } => Message::new("command.not_your_work").with("by", by.as_str()),
            Failure::NeedsReason => Message::new("command.needs_reason"),
            Failure::NotAReason { most } => Message::new("command.not_a_reason").with("most", *most),
            Failure::OtherUnit { unit } => Message::new("command.other_unit").with("unit", unit.as_str()),
            Failure::SamePerson { did: crate::command::Did::Approved, on } => {
                Message::new("aid.cashier_approved").with("day", *on)
            }
            Failure::SamePerson { did, on } => Message::new("command.same_person")
                .with("did", Arg::Word(format!("did.{}", did.code())))
                .with("day", *on),
            Failure::TextTooLong { length, most } => {
                Message::new("command.text_too_long").with("length", *length).with("most", *most)
            }
            Failure::NotANetwork { asked } => Message::new("command.not_a_network").with("asked", asked.as_str()),
            Failure::CredentialTaken { by } => Message::new("command.way_taken").with("by", by.as_str()),
            Failure::NoSuchRole { asked, known } => {
                Message::new("command.no_such_role").with("asked", asked.as_str()).with("known", known.as_str())
            }
            Failure::LastAdministrator => Message::new("command.last_administrator"),
            Failure::NoSuchStation { asked } => Message::new("command.no_such_station").with("asked", asked.as_str()),
            Failure::NoSuchUnit { asked } => Message::new("command.no_such_unit").with("asked", asked.as_str()),
            Failure::NoSuchSeries { asked } => Message::new("command.no_such_series").with("asked", asked.as_str()),
            Failure::NotTheAuthority => Message::new("command.not_the_authority"),
            Failure::Units(problems) => Message::new("command.unit_problems").with("count", problems.len()),
            Failure::Rules(problems) => Message::new("command.rule_problems").with("count", problems.len()),
            Failure::RulesNamedAlready { id } => Message::new("command.rules_named_already").with("id", id.as_str()),
            Failure::StepAhead { on } => Message::new("command.step_ahead").with("day", *on),
            Failure::Form(problems) => {
                let errors = problems.iter().filter(|problem| problem.weight == Weight::Error).count();
                Message::new("command.form_problems").with("count", if errors > 0 { errors } else { problems.len() })
            }
            Failure::FormUnreadable(why) => why.explain(),
            Failure::Survey(problems) => Message::new("command.survey_problems").with("count", problems.len()),
            Failure::Script(wrong) => Message::new("command.script_problems").with("count", wrong.len()),
            Failure::Answers { line, why } => {
                Message::new("command.answers").with("line", *line).with("why", why.clone())
            }
            Failure::Step { number, problem } => {
                Message::new("command.step").with("number", *number).with("problem", problem.explain())
            }
            Failure::NoRuleSet { on, division } => {
                Message::new("command.no_rule_set").with("on", *on).with("division", division.as_str())
            }
            Failure::AmountTooLarge { fact } => Message::new("command.amount_too_large").with("fact", fact.as_str()),
            Failure::AlreadySubmitted => Message::new("command.already_submitted"),
            Failure::OtherForm { form } => Message::new("command.other_form").with("form", form.as_str()),
            Failure::FormVersionTaken { form, version } => {
                Message::new("command.form_version_taken").with("form", form.as_str()).with("version", version.as_str())
            }
            Failure::FormTooLarge { form, limit } => {
                Message::new("command.form_too_large").with("form", form.as_str()).with("limit", *limit)
            }
            Failure::FormNameTaken { form } => Message::new("command.form_name_taken").with("form", form.as_str()),
            Failure::ReceiptUnreadable => Message::new("command.receipt_unreadable"),
            Failure::NothingKept => Message::new("command.nothing_kept"),
            Failure::Roll(why) => why.explain(),
        }
    }
}

impl Failure {
    /// What stands below the sentence: every problem of a form or a survey, one each.
    pub fn details(&self) -> Vec<Message> {
        match self {
            Failure::Form(problems) => problems.iter().map(Explain::explain).collect(),
            Failure::Survey(problems) | Failure::Units(problems) | Failure::Rules(problems) => problems.clone(),
            Failure::Script(wrong) => wrong.iter().map(Explain::explain).collect(),
            Failure::Roll(why) => why.details(),
            Failure::NotAnAnswer(wrong) => wrong.iter().map(Explain::explain).collect(),
            Failure::Campaign(why) => why.details(),
            _ => Vec::new(),
        }
    }
}

use super::*;

fn day(text: &str) -> Day {
    Day::from_iso(text).unwrap()
}

/// A case in which the step may be taken on 2026-04-20.
fn known(to: Status) -> Known {
    use Status::*;
    let status = match to {
        Submitted | Draft => Rejected,
        Verifying => Submitted,
        Reviewed => Verifying,
        Endorsed => Reviewed,
        Noticed => Endorsed,
        Approved => Noticed,
        Open => Approved,
        Suspended | Closed => Open,
        Rejected => Reviewed,
    };
    Known {
        status,
        accepted_on: Some(day("2026-03-05")),
        last: Some(day("2026-03-20")),
        first_survey: Some(day("2026-03-10")),
        survey: Some(SurveyKnown {
            on: day("2026-03-10"),
            money_since: None,
            category: Some("1".into()),
            possible: Vec::new(),
            union_member: true,
            excluded: Vec::new(),
            approved: false,
        }),
        is_contested: false,
        in_force: None,
        notice: Some(NoticeKnown { until: day("2026-04-19"), category: Some("1".into()) }),
        vote: Some(Vote { committee: 5, present: 3, aside: 1, agreed: 2, against: 1 }),
        rules_not_adopted: None,
        papers_owed: Vec::new(),
        queries_open: 0,
        objections_open: 0,
        same_person: None,
        duplicates: Vec::new(),
        died_on: None,
        above_since: None,
    }
}

fn wanted(to: Status) -> Wanted {
    let mut wanted = Wanted::new(to, day("2026-04-20"), day("2026-04-20"));
    wanted.says_why = true;
    wanted.until = Some(day("2026-04-24"));
    wanted.close = Some(CloseReason::Left);
    wanted
}

fn refused(known: &Known, wanted: &Wanted) -> Option<Refusal> {
    refusal(known, wanted, &Limits::USUAL)
}

#[test]
fn every_step_may_be_taken_where_nothing_stands_in_its_way() {
    for to in Status::ALL.into_iter().filter(|to| *to != Status::Draft) {
        assert_eq!(refused(&known(to), &wanted(to)), None, "{to:?}");
    }
}

type Change = fn(&mut Known, &mut Wanted);

/// One line a refusal: its name, the step, what makes it stand in the way, and what is one below.
const TABLE: [(&str, Status, Change, Change); 31] = [
    ("not_allowed", Status::Open, |k, _| k.status = Status::Noticed, |k, _| k.status = Status::Suspended),
    ("after_today", Status::Endorsed, |_, w| w.today = day("2026-04-19"), |_, w| w.today = day("2026-04-20")),
    (
        "before_acceptance",
        Status::Verifying,
        |k, _| k.accepted_on = Some(day("2026-04-21")),
        |k, _| k.accepted_on = Some(day("2026-04-20")),
    ),
    ("before_step", Status::Open, |k, _| k.last = Some(day("2026-04-21")), |k, _| k.last = Some(day("2026-04-20"))),
    ("no_survey", Status::Reviewed, no_survey, |_, _| {}),
    ("before_survey", Status::Verifying, |k, _| k.survey = None, |_, _| {}),
    ("no_reason", Status::Rejected, |_, w| w.says_why = false, |_, _| {}),
    ("two_heads", Status::Approved, |k, _| k.is_contested = true, |_, _| {}),
    ("not_a_union_member", Status::Noticed, |k, _| survey(k).union_member = false, |_, _| {}),
    ("excluded", Status::Noticed, |k, _| survey(k).excluded = vec!["X1".into()], |_, _| {}),
    ("undecided", Status::Approved, |k, _| survey(k).category = None, |_, _| {}),
    (
        "not_eligible",
        Status::Noticed,
        |k, _| survey(k).category = Some("0".into()),
        |k, _| survey(k).category = Some("3".into()),
    ),
    (
        "survey_too_old",
        Status::Approved,
        |k, _| survey(k).on = day("2025-10-21"),
        |k, _| survey(k).on = day("2025-10-22"),
    ),
    (
        "money_too_old",
        Status::Approved,
        |k, _| survey(k).money_since = Some(day("2025-10-21")),
        |k, _| survey(k).money_since = Some(day("2025-10-22")),
    ),
    ("rules_not_adopted", Status::Approved, |k, _| k.rules_not_adopted = Some("genhe-2026".into()), |_, _| {}),
    ("not_quorate", Status::Reviewed, |_, w| w.vote = Some(vote(3, 1, 1, 0)), |_, w| w.vote = Some(vote(3, 2, 2, 0))),
    ("voted_down", Status::Endorsed, |k, _| k.vote = Some(vote(4, 4, 2, 2)), |k, _| k.vote = Some(vote(4, 4, 3, 1))),
    (
        "notice_too_short",
        Status::Noticed,
        |_, w| w.until = Some(day("2026-04-23")),
        |_, w| w.until = Some(day("2026-04-24")),
    ),
    ("not_noticed", Status::Approved, |k, _| k.notice = None, |_, _| {}),
    (
        "notice_not_over",
        Status::Approved,
        |k, _| posted(k).until = day("2026-04-20"),
        |k, _| posted(k).until = day("2026-04-19"),
    ),
    (
        "posted_otherwise",
        Status::Approved,
        |k, _| posted(k).category = Some("2".into()),
        |k, _| posted(k).category = None,
    ),
    ("papers_missing", Status::Approved, |k, _| k.papers_owed = vec!["income".into()], |_, _| {}),
    ("queries_open", Status::Approved, |k, _| k.queries_open = 1, |_, _| {}),
    ("objections_open", Status::Approved, |k, _| k.objections_open = 1, |_, _| {}),
    ("same_person", Status::Approved, |k, _| k.same_person = Some((Did::Surveyed, day("2026-03-10"))), |_, _| {}),
    ("duplicate", Status::Approved, |k, _| k.duplicates = vec!["150785-2026-0009".into()], |_, _| {}),
    ("deceased", Status::Open, |k, _| k.died_on = Some(day("2026-04-01")), |_, _| {}),
    ("already_approved", Status::Approved, already, |_, _| {}),
    (
        "unknown_category",
        Status::Approved,
        |k, w| {
            w.category = Some("7".into());
            k.notice.iter_mut().for_each(|notice| notice.category = None);
        },
        |k, w| {
            w.category = Some("2".into());
            posted(k).category = Some("2".into());
        },
    ),
    (
        "death_not_recorded",
        Status::Closed,
        |_, w| w.close = Some(CloseReason::Death),
        |k, w| {
            w.close = Some(CloseReason::Death);
            k.died_on = Some(day("2026-04-01"));
        },
    ),
    (
        "not_above_the_line",
        Status::Closed,
        |k, w| {
            w.close = Some(CloseReason::OutOfHardship);
            k.above_since = Some(day("2025-10-21"));
        },
        |k, w| {
            w.close = Some(CloseReason::OutOfHardship);
            k.above_since = Some(day("2025-10-20"));
        },
    ),
];

fn no_survey(known: &mut Known, _: &mut Wanted) {
    (known.survey, known.first_survey) = (None, None);
}

/// Nothing was proposed since the approval in force.
fn already(known: &mut Known, _: &mut Wanted) {
    (known.status, known.in_force) = (Status::Open, Some("1".into()));
    survey(known).approved = true;
}

fn survey(known: &mut Known) -> &mut SurveyKnown {
    known.survey.as_mut().unwrap()
}

fn posted(known: &mut Known) -> &mut NoticeKnown {
    known.notice.get_or_insert(NoticeKnown { until: day("2026-04-19"), category: None })
}

fn vote(committee: u32, present: u32, agreed: u32, against: u32) -> Vote {
    Vote { committee, present, aside: 0, agreed, against }
}

#[test]
fn every_refusal_is_given_by_its_name_at_its_line_and_not_one_below() {
    let names: Vec<&str> = TABLE.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names, PRECEDENCE, "each has its line, in order");
    for (name, to, stands, below) in TABLE {
        let (mut case, mut step) = (known(to), wanted(to));
        stands(&mut case, &mut step);
        assert_eq!(refused(&case, &step).map(|refusal| refusal.code()), Some(name));
        let (mut case, mut step) = (known(to), wanted(to));
        below(&mut case, &mut step);
        assert_eq!(refused(&case, &step), None, "one below {name}");
    }
}

#[test]
fn where_several_stand_in_the_way_the_first_in_order_is_told() {
    let of_approval: Vec<_> = TABLE.iter().filter(|(_, to, ..)| *to == Status::Approved).collect();
    for (i, (first, _, one, _)) in of_approval.iter().enumerate() {
        for (second, _, other, _) in &of_approval[i + 1..] {
            let (mut case, mut step) = (known(Status::Approved), wanted(Status::Approved));
            one(&mut case, &mut step);
            other(&mut case, &mut step);
            let found = refusals(&case, &step, &Limits::USUAL);
            let place = |refusal: &Refusal| PRECEDENCE.iter().position(|name| *name == refusal.code());
            assert!(found.windows(2).all(|two| place(&two[0]) <= place(&two[1])), "{first} and {second}: {found:?}");
        }
    }
}

#[test]
fn what_rises_in_the_files_is_posted_again_and_what_falls_is_not() {
    for (before, after, needs) in [
        (Some("2"), "1", true),
        (Some("3"), "2", true),
        (Some("D2"), "1", true),
        (Some("0"), "2", true),
        (Some("1"), "1", false),
        (Some("1"), "2", false),
        (Some("D1"), "1", false),
        (Some("2"), "0", false),
        (None, "2", true),
    ] {
        assert_eq!(rises(before, after), needs, "{before:?} to {after}");
    }
    let mut case = known(Status::Approved);
    (case.status, case.in_force, case.notice) = (Status::Open, Some("2".into()), None);
    assert_eq!(refused(&case, &wanted(Status::Approved)), Some(Refusal::NotNoticed));
    case.in_force = Some("1".into());
    assert_eq!(refused(&case, &wanted(Status::Approved)), None);
    // That it is out is approved while it stands in the files, and nowhere else.
    survey(&mut case).category = Some("0".into());
    assert_eq!(refused(&case, &wanted(Status::Approved)), None);
}

#[test]
fn another_category_than_the_computed_one_wants_a_reason_and_its_own_notice() {
    let (mut case, mut step) = (known(Status::Approved), wanted(Status::Approved));
    step.category = Some("2".into());
    step.says_why = false;
    posted(&mut case).category = Some("2".into());
    assert_eq!(refused(&case, &step), Some(Refusal::NoReason { to: Status::Approved }));
    step.says_why = true;
    assert_eq!(refused(&case, &step), None);
    posted(&mut case).category = Some("1".into());
    assert!(matches!(refused(&case, &step), Some(Refusal::PostedOtherwise { .. })));
}

#[test]
fn whoever_died_is_closed_and_nothing_else() {
    for to in Status::ALL.into_iter().filter(|to| *to != Status::Draft) {
        let mut case = known(to);
        case.died_on = Some(day("2026-04-01"));
        let found = refused(&case, &wanted(to)).map(|refusal| refusal.code());
        assert_eq!(found, (!to.is_over()).then_some("deceased"), "{to:?}");
    }
}

//! What holds of queries: they hang on an answer, are answered until they are closed, and go with the household.

use super::*;
use crate::command::queries::{NotAQuery, QueryState};

fn refused<T>(result: Result<T, Failure>) -> NotAQuery {
    match result {
        Err(Failure::NotAQuery(why)) => why,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was taken"),
    }
}

#[test]
fn a_query_is_open_then_answered_then_closed_and_not_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    let day = |n: i32| Now { at: Stamp(on("2026-11-01").at.0 + i64::from(n) * 86_400_000), ..on("2026-11-01") };
    let at = |n| office.open(dossier, day(n)).unwrap();
    at(0).ask(None, "inc_wage", " 与工资条不符 ").unwrap();
    let line = office.query(dossier, "1").unwrap();
    assert_eq!((line.state, line.path.name(), line.said.len()), (QueryState::Open, "inc_wage", 1));
    assert_eq!(line.said[0].text, "与工资条不符");
    assert_eq!(office.queried(day(0)).unwrap(), [dossier]);
    at(1).answer_query(&line, "工资条漏了一月").unwrap();
    let line = office.query(dossier, "1").unwrap();
    assert_eq!((line.state, line.said.len()), (QueryState::Answered, 2));
    at(2).close_query(&line, "").unwrap();
    let line = office.query(dossier, "1").unwrap();
    assert_eq!((line.state, line.said.len()), (QueryState::Closed, 2));
    assert_eq!(office.queried(day(0)).unwrap(), []);
    assert_eq!(refused(at(3).answer_query(&line, "再说一句")), NotAQuery::Closed);
    // What was known on the day between is what it was then.
    let then = Horizon::new(Some(Day(on("2026-11-01").today.0 + 1)), None);
    assert_eq!(office.queries(dossier, then).unwrap()[0].state, QueryState::Answered);
    assert!(office.verify(None, true, |_, _| {}).unwrap().holds());
}

#[test]
fn a_query_names_an_answer_that_is_there_by_number_name_or_path() {
    let folder = tempfile::tempdir().unwrap();
    let (office, dossier) = lived_in(folder.path());
    let household = office.open(dossier, on("2026-11-01")).unwrap();
    let form = library().hardship().unwrap().clone();
    let number = form.nodes.iter().find(|n| n.name == "inc_wage").unwrap().number.clone().unwrap();
    for question in [number.as_str(), "inc_wage", "income/inc_wage"] {
        household.ask(Some(1), question, "请核对").unwrap();
    }
    let lines = office.queries(dossier, Horizon::NOW).unwrap();
    assert!(lines.iter().all(|line| line.path.as_str() == "income/inc_wage"));
    assert_eq!(lines.iter().map(|line| line.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(matches!(refused(household.ask(None, "999", "请核对")), NotAQuery::NoAnswer { .. }));
    assert_eq!(refused(household.ask(None, "inc_wage", "  ")), NotAQuery::NoWords);
    assert!(matches!(refused(office.query(dossier, "4")), NotAQuery::NoSuchQuery { .. }));
}

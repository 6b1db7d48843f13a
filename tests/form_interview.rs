//! Interviews: small forms and what is answered, one line each.
//! `answer PATH = TEXT` as typed · `add PATH` · `remove PATH` · `state PATH = WORD` · `pass PATH = WHY` ·
//! `expect PATH = VALUE` · `expect hidden PATH` · `expect shown PATH` · `expect rows PATH = N` ·
//! `expect problems PATH = N` · `expect blocked` · `expect finished`.

use dossier::domain::{Day, Path, Stamp, State, Step};
use dossier::form::{Book, Draft, Form, Supplied, Supply, load};
use std::collections::HashMap;
use std::sync::Arc;

fn form(survey: &str, choices: &str) -> Arc<Form> {
    let survey = survey.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let choices = choices.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let files = [("survey", survey.trim().as_bytes()), ("choices", choices.trim().as_bytes())];
    let book = Book::from_csv(files).expect("csv");
    let loaded = load(&book, &HashMap::new()).expect("readable");
    assert!(loaded.usable(), "{:?}", loaded.problems);
    Arc::new(loaded.form)
}

fn open(form: &Arc<Form>) -> Draft {
    Draft::open(form.clone(), Supply::on(Stamp(0), Day::from_ymd(2025, 6, 15).expect("a day")))
}

fn interview(draft: &mut Draft, story: &str) {
    for line in story.lines().map(str::trim).filter(|l| !l.is_empty()) {
        let (words, value) = match line.split_once(" = ") {
            Some((words, value)) => (words, value),
            None => (line.strip_suffix(" =").unwrap_or(line), ""),
        };
        let words: Vec<&str> = words.split(' ').collect();
        let at = |draft: &Draft, path: &str| draft.at(&Path::new(path)).unwrap_or_else(|| panic!("no {path}: {line}"));
        let path = Path::new(*words.last().expect("words"));
        match words.as_slice() {
            ["answer", path] => {
                let place = at(draft, path);
                let (step, outcome) = draft.answer(place, value);
                assert!(step.is_some(), "{line}: {outcome:?}");
            }
            ["add", _] => assert_eq!(draft.apply(&Step::Add { path }).problem, None, "{line}"),
            ["remove", _] => assert_eq!(draft.apply(&Step::Remove { path }).problem, None, "{line}"),
            ["state", _] => {
                let is = State::from_code(value).expect("a state");
                draft.apply(&Step::State { path, is });
            }
            ["pass", _] => {
                draft.apply(&Step::Pass { path, why: value.to_owned() });
            }
            ["expect", "hidden", path] => assert!(!draft.relevant(at(draft, path)), "{line}"),
            ["expect", "shown", path] => assert!(draft.relevant(at(draft, path)), "{line}"),
            ["expect", "rows", path] => assert_eq!(draft.rows_of(at(draft, path)).len().to_string(), value, "{line}"),
            ["expect", "problems", path] => {
                assert_eq!(draft.problems_at(at(draft, path)).len().to_string(), value, "{line}");
            }
            ["expect", "blocked"] => assert!(draft.finish().is_err(), "{line}"),
            ["expect", "finished"] => assert!(draft.finish().is_ok(), "{line}: {:?}", draft.finish()),
            ["expect", path] => assert_eq!(draft.value(at(draft, path)), value, "{line}"),
            other => panic!("no such line: {other:?}"),
        }
    }
}

#[test]
fn an_answer_off_the_route_reads_empty_and_comes_back() {
    let form = form(
        "type,name,relevant,calculation\n integer,age,,\n text,school,${age} < 18,\n calculate,seen,,\"concat('[', ${school}, ']')\"",
        "list_name,name",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "answer age = 12
         answer school = 一小
         expect seen = [一小]
         answer age = 40
         expect hidden school
         expect school =
         expect seen = []
         answer age = １２
         expect school = 一小",
    );
}

#[test]
fn a_count_going_down_deletes_rows_for_good() {
    let form =
        form("type,name,repeat_count\n integer,n,\n begin repeat,r,${n}\n text,x,\n end repeat,,", "list_name,name");
    let mut draft = open(&form);
    interview(
        &mut draft,
        "expect rows r = 0
         answer n = 2
         answer r[2]/x = kept
         answer n = 1
         answer n = 2
         expect r[2]/x =
         answer n =
         expect rows r = 2",
    );
}

#[test]
fn several_choices_are_kept_in_list_order_and_hidden_ones_come_back() {
    let form = form(
        "type,name,choice_filter\n text,div,\n select_multiple town,t,div = ${div}",
        "list_name,name,label,div\n town,a,甲镇,1\n town,b,乙镇,1\n town,c,丙镇,2",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "answer div = 1
         answer t = yz，a
         expect t = a b
         answer div = 2
         expect t =
         answer div = 1
         expect t = a b",
    );
}

#[test]
fn a_soft_check_blocks_until_it_is_passed_and_a_refusal_satisfies_required_where_allowed() {
    let form = form(
        "type,name,required,constraint,dossier::severity,dossier::type,dossier::refusable\n decimal,pay,yes,. < 100,soft,money,yes\n text,name,yes,,,,",
        "list_name,name",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "expect blocked
         answer name = 示例甲
         answer pay = ￥1,200
         expect pay = 1200.00
         expect blocked
         pass pay = 已核对工资条
         expect finished
         state pay = refused
         expect pay =
         expect finished
         state name = refused
         expect name = 示例甲",
    );
}

#[test]
fn one_answer_at_a_time_comes_to_what_recomputing_everything_comes_to() {
    use proptest::prelude::*;
    let form = form(
        "type,name,relevant,calculation,repeat_count,constraint
         integer,n,,,,
         text,flag,,,,
         begin repeat,r,${flag} != 'off',,${n},
         integer,x,,,,. < ${limit}
         integer,y,${x} > 2,,,
         calculate,z,,\"${x} + coalesce(${y}, 0)\",,
         end repeat,,,,,
         integer,limit,,,,
         calculate,total,,sum(${z}),,
         calculate,rows,,count(${r}),,",
        "list_name,name",
    );
    let step = prop_oneof![
        (0u32..5).prop_map(|n| ("n".to_owned(), n.to_string())),
        (0u32..2).prop_map(|n| ("flag".to_owned(), ["on", "off"][n as usize].to_owned())),
        (1u32..5, 0u32..6).prop_map(|(row, x)| (format!("r[{row}]/x"), x.to_string())),
        (1u32..5, 0u32..6).prop_map(|(row, y)| (format!("r[{row}]/y"), y.to_string())),
        (0u32..6).prop_map(|n| ("limit".to_owned(), n.to_string())),
    ];
    proptest!(ProptestConfig::with_cases(64), |(steps in proptest::collection::vec(step, 1..25))| {
        let mut draft = open(&form);
        for (path, value) in steps {
            draft.apply(&Step::Set { path: Path(path), value });
            let before = dossier::form::run::nodes(&draft);
            let mut whole = draft.clone();
            whole.recompute_all();
            prop_assert_eq!(before, dossier::form::run::nodes(&whole));
        }
    });
}

#[test]
fn a_form_with_three_faults_tells_three() {
    let survey = "type,name,relevant\ntext,a,${b} = 1\nselect_one towns,b,\ntextt,c,";
    let choices = "list_name,name\ntown,x";
    let book = Book::from_csv([("survey", survey.as_bytes()), ("choices", choices.as_bytes())]).expect("csv");
    let loaded = load(&book, &HashMap::new()).expect("readable");
    let told: Vec<_> = loaded.errors().map(|p| (p.place.row, p.place.column.as_str(), p.nearest.as_deref())).collect();
    assert_eq!(told, [(3, "type", Some("town")), (4, "type", Some("text"))]);
    let survey = survey.replace("${b}", "${bb}");
    let book = Book::from_csv([("survey", survey.as_bytes()), ("choices", choices.as_bytes())]).expect("csv");
    assert_eq!(load(&book, &HashMap::new()).expect("readable").errors().count(), 3);
}

/// The built-in hardship form with its code lists as they were on a day.
fn hardship() -> Arc<Form> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/src/data");
    let mut lists = HashMap::new();
    for entry in std::fs::read_dir(format!("{root}/codes")).expect("codes") {
        let path = entry.expect("entry").path();
        let name = path.file_stem().and_then(|n| n.to_str()).expect("name").to_owned();
        let (list, problems) = dossier::domain::CodeList::parse(&name, &std::fs::read_to_string(&path).expect("text"));
        assert!(problems.is_empty(), "{problems:?}");
        lists.insert(name, list.all().map(Supplied::from).collect::<Vec<_>>());
    }
    let book = Book::from_path(std::path::Path::new(&format!("{root}/forms/hardship"))).expect("a folder");
    let loaded = load(&book, &lists).expect("readable");
    assert!(loaded.problems.is_empty(), "{:#?}", loaded.problems);
    Arc::new(loaded.form)
}

#[test]
fn the_built_in_form_loads_without_a_problem_and_takes_answers() {
    let form = hardship();
    let mut draft = open(&form);
    interview(
        &mut draft,
        "answer visit/survey_type = 1
         answer visit/survey_date = 2025年6月1日
         expect visit/survey_date = 2025-06-01
         answer visit/consent_sensitive = 1
         expect shown identity
         expect blocked",
    );
}

#[test]
fn a_list_that_stands_in_the_form_is_not_replaced_by_a_list_of_the_bureau_with_that_name() {
    let survey = "type,name,label\nselect_one region,where,Where\nselect_one sex,who,Who";
    let choices = "list_name,name,label\nregion,north,North";
    let book = Book::from_csv([("survey", survey.as_bytes()), ("choices", choices.as_bytes())]).expect("csv");
    let of_bureau: HashMap<String, Vec<Supplied>> = [
        ("region".to_owned(), vec![Supplied::plain("1", "本林业局")]),
        ("sex".to_owned(), vec![Supplied::plain("1", "男")]),
    ]
    .into();
    let loaded = load(&book, &of_bureau).expect("readable");
    let mut supply = Supply::on(Stamp(0), Day::from_ymd(2025, 6, 15).expect("a day"));
    supply.lists = of_bureau;
    let draft = Draft::open(Arc::new(loaded.form), supply);
    let names = |path: &str| -> Vec<String> {
        draft.offers(draft.at(&Path::new(path)).expect("there")).into_iter().map(|c| c.name.to_owned()).collect()
    };
    assert_eq!(names("where"), ["north"], "the form's own");
    assert_eq!(names("who"), ["1"], "the form names it and does not bring it");
}

#[test]
fn a_column_of_ours_that_is_misspelt_is_an_error_with_the_nearest_name() {
    let survey = "type,name,label,dossier::severty\ntext,a,A,soft";
    let loaded = load(&Book::from_csv([("survey", survey.as_bytes())]).expect("csv"), &HashMap::new()).expect("read");
    assert!(!loaded.usable());
    let said = format!("{:?}", loaded.problems);
    assert!(said.contains("dossier::severity"), "{said}");
}

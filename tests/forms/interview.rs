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
        "type,name,label,relevant,calculation,repeat_count,constraint,choice_filter,required
         integer,n,,,,,,,
         text,flag,,,,,,,
         begin repeat,r,Row of ${flag},${flag} != 'off',,${n},,,
         integer,x,,,,,. < ${limit},,${limit} > 2
         integer,y,,${x} > 2,,,,,
         calculate,z,,,\"${x} + coalesce(${y}, 0)\",,,,
         select_one l,s,,,,,,f <= ${x},
         begin repeat,q,,${s} = 'b',,${y},,,
         calculate,deep,,,${x} * 10 + position(..),,,,
         end repeat,,,,,,,,
         end repeat,,,,,,,,
         integer,limit,,,,,,,
         integer,twice,,,${limit} * 2,,,,
         select_one ${x},of_rows,,,,,,,
         calculate,total,,,sum(${z}),,,,
         calculate,label,,,\"jr:choice-name(${pick}, '${pick}')\",,,,
         select_one l,pick,,,,,,,
         calculate,rows,,,count(${r}) + sum(${deep}),,,,",
        "list_name,name,label,f\n l,a,A of ${flag},1\n l,b,B of ${total},3",
    );
    let step = prop_oneof![
        (0u32..5).prop_map(|n| ("n".to_owned(), n.to_string())),
        (0u32..2).prop_map(|n| ("flag".to_owned(), ["on", "off"][n as usize].to_owned())),
        (1u32..5, 0u32..6).prop_map(|(row, x)| (format!("r[{row}]/x"), x.to_string())),
        (1u32..5, 0u32..6).prop_map(|(row, y)| (format!("r[{row}]/y"), y.to_string())),
        (0u32..6).prop_map(|n| ("limit".to_owned(), n.to_string())),
        (0u32..6).prop_map(|n| ("twice".to_owned(), n.to_string())),
        (0u32..6).prop_map(|n| ("of_rows".to_owned(), n.to_string())),
        (0u32..3).prop_map(|n| ("pick".to_owned(), ["a", "b", ""][n as usize].to_owned())),
        (1u32..5, 0u32..2).prop_map(|(row, s)| (format!("r[{row}]/s"), ["a", "b"][s as usize].to_owned())),
    ];
    proptest!(ProptestConfig::with_cases(128), |(steps in proptest::collection::vec(step, 1..30))| {
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
    let reported: Vec<_> =
        loaded.errors().map(|p| (p.place.row, p.place.column.as_str(), p.nearest.as_deref())).collect();
    assert_eq!(reported, [(3, "type", Some("town")), (4, "type", Some("text"))]);
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
    supply.lists = Arc::new(of_bureau.into());
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

#[test]
fn what_is_typed_over_a_calculation_stands_until_something_it_reads_changes() {
    let form = form(
        "type,name,calculation,default
         text,who,,
         text,greeting,\"concat('Hello ', ${who})\",
         text,place,.,Here",
        "list_name,name",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "expect place = Here
         answer who = Li
         expect greeting = Hello Li
         answer greeting = Good day
         expect greeting = Good day
         answer who = Li
         expect greeting = Good day
         answer place = There
         expect place = There",
    );
    draft.recompute_all();
    interview(
        &mut draft,
        "expect greeting = Good day
         answer who = Wu
         expect greeting = Hello Wu",
    );
}

#[test]
fn a_row_added_to_a_roster_that_was_off_the_route_when_the_form_opened_is_on_it() {
    let form = form(
        "type,name,relevant
         text,has,
         begin repeat,r,${has} = '1'
         text,x,
         begin repeat,inner,
         text,y,
         end repeat,,
         end repeat,,",
        "list_name,name",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "answer has = 1
         add r
         expect shown r[2]
         add r[2]/inner
         answer r[2]/inner[1]/y = deep
         answer has = 0
         expect hidden r[1]
         expect hidden r[2]
         expect hidden r[2]/x
         answer has = 1
         expect r[2]/inner[1]/y = deep",
    );
}

#[test]
fn labels_of_choices_are_filled_in_and_calculations_that_read_them_follow() {
    let form = form(
        "type,name,calculation
         text,who,
         select_one greeting,g,
         text,said,\"jr:choice-name(${g}, '${g}')\"",
        "list_name,name,label\n greeting,hi,\"Hi, ${who}!\"",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "answer who = Li
         answer g = hi
         expect said = Hi, Li!
         answer who = Wu
         expect said = Hi, Wu!",
    );
    let at = draft.at(&Path::new("g")).expect("there");
    assert_eq!(draft.offers(at)[0].label, "Hi, Wu!");
    assert_eq!(draft.shown(at), "Hi, Wu!");
}

#[test]
fn the_answers_of_a_roster_are_choices_and_one_that_is_gone_is_no_answer() {
    let form = form(
        "type,name,choice_filter
         begin repeat,m,
         text,n,
         integer,age,
         end repeat,,
         select_one ${n},head,
         select_multiple ${n},grown,${age} >= 18",
        "list_name,name",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "answer m[1]/n = Li
         answer m[1]/age = 40
         add m
         answer m[2]/n = Wu
         answer m[2]/age = 9
         answer head = Wu
         answer grown = Li
         expect head = Wu
         expect grown = Li
         answer m[1]/age = 17
         expect grown =
         answer m[1]/age = 18
         expect grown = Li
         remove m[2]
         expect head =",
    );
    let offered = |path: &str| draft.offers(draft.at(&Path::new(path)).expect("there")).len();
    assert_eq!((offered("head"), offered("grown")), (1, 1));
}

#[test]
fn choices_in_random_order_keep_their_order_while_the_draft_lasts() {
    let form = form(
        "type,name,parameters\n select_one l,q,randomize=true",
        "list_name,name\n l,a\n l,b\n l,c\n l,d\n l,e\n l,f\n l,g\n l,h",
    );
    let order = |seed: u64| {
        let supply = Supply { seed, ..Supply::on(Stamp(0), Day::from_ymd(2025, 6, 15).expect("a day")) };
        let draft = Draft::open(form.clone(), supply);
        let at = draft.at(&Path::new("q")).expect("there");
        let names = |draft: &Draft| draft.offers(at).iter().map(|o| o.name).collect::<String>();
        assert_eq!(names(&draft), names(&draft));
        names(&draft)
    };
    assert_eq!(order(1), order(1));
    let orders: std::collections::HashSet<String> = (0..8).map(order).collect();
    assert!(orders.len() > 4, "{orders:?}");
    assert!(orders.iter().all(|o| {
        let mut letters: Vec<char> = o.chars().collect();
        letters.sort_unstable();
        letters.iter().collect::<String>() == "abcdefgh"
    }));
}

#[test]
fn a_scale_takes_its_steps_from_the_keyboard_and_its_ends_from_a_script() {
    let form = form("type,name,parameters\n range,r,start=0 end=10 step=5", "list_name,name");
    let mut draft = open(&form);
    let at = draft.at(&Path::new("r")).expect("there");
    assert!(draft.read(at, "5").is_ok());
    assert!(draft.read(at, "7").is_err());
    assert!(draft.read(at, "15").is_err());
    let mut set = |value: &str| {
        draft.apply(&Step::Set { path: Path::new("r"), value: value.to_owned() });
        draft.value(at).to_owned()
    };
    assert_eq!([set("7"), set("10"), set("10.5")], ["7", "10", ""]);
}

#[test]
fn an_expression_that_cannot_be_read_guards_nothing_and_is_told() {
    let survey = "type,name,relevant,constraint,required,calculation,repeat_count
        integer,a,,(. > 3,,,
        text,b,duration() > 1,,,,
        text,c,,,${a} ++ ,,
        calculate,d,,,,frobnicate(${a}),
        begin repeat,r,,,,,${a} *
        text,x,,,,,
        end repeat,,,,,,";
    let survey: Vec<&str> = survey.lines().map(str::trim).collect();
    let book = Book::from_csv([("survey", survey.join("\n").as_bytes())]).expect("csv");
    let loaded = load(&book, &HashMap::new()).expect("readable");
    assert!(loaded.usable(), "{:?}", loaded.problems);
    let mut reported: Vec<u32> = loaded.errors().map(|p| p.place.row).collect();
    reported.dedup();
    assert_eq!(reported, [2, 3, 4, 5, 6]);
    assert_eq!(loaded.form.broken, 5);
    let mut draft = open(&Arc::new(loaded.form));
    interview(
        &mut draft,
        "answer a = 1
         expect problems a = 0
         expect shown b
         expect problems c = 0
         expect d =
         add r
         answer r[1]/x = y
         expect finished",
    );
}

#[test]
fn values_are_compared_as_xpath_compares_them() {
    let form = form(
        "type,name,calculation
         integer,n,
         text,t,
         date,day,
         calculate,as_number,\"if(${n} = '7', 'yes', 'no')\"
         calculate,empty_is_not_zero,\"if(${n} = 0, 'yes', 'no')\"
         calculate,empty_is_not_anything,\"if(${n} > -1 or ${n} < 1, 'yes', 'no')\"
         calculate,sum_of_empty,${n} + 1
         calculate,not_empty,\"if(not(${n}), 'yes', 'no')\"
         calculate,days,today() - ${day}
         calculate,whole,\"if(regex(${t}, '[0-9]{3}'), 'yes', 'no')\"
         calculate,part,\"if(selected(${t}, 'b'), 'yes', 'no')\"
         calculate,half,round(${n} div 2)
         calculate,nowhere,\"if(${t} != null or ${t} = null, 'yes', 'no')\"",
        "list_name,name",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "expect as_number = no
         expect empty_is_not_zero = no
         expect empty_is_not_anything = no
         expect sum_of_empty =
         expect not_empty = yes
         expect nowhere = no
         answer n = 7
         expect as_number = yes
         answer n = 0
         expect empty_is_not_zero = yes
         expect not_empty = yes
         answer n = -5
         expect half = -2
         answer day = 2025-06-01
         expect days = 14
         answer t = 1234
         expect whole = no
         answer t = 123
         expect whole = yes
         answer t = ab c
         expect part = no
         answer t = a b
         expect part = yes
         expect nowhere = no",
    );
}

#[test]
fn a_reference_means_the_same_row_inside_the_first_outside_and_each_in_a_condition() {
    let form = form(
        "type,name,calculation
         begin repeat,r,
         integer,x,
         calculate,here,${x} * 10
         calculate,place,position(..)
         calculate,before,\"indexed-repeat(${x}, ${r}, position(..) - 1)\"
         end repeat,,
         calculate,first,${x}
         calculate,total,sum(${x})
         calculate,big,count(${r}[${x} > 5])
         calculate,big_too,count(${r}[./x > 5])
         calculate,past,\"indexed-repeat(${x}, ${r}, 9)\"
         calculate,all,\"join('+', ${x})\"",
        "list_name,name",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "expect total = 0
         answer r[1]/x = 3
         add r
         add r
         answer r[3]/x = 8
         expect r[3]/here = 80
         expect r[2]/here =
         expect r[3]/place = 3
         expect r[2]/before = 3
         expect r[1]/before =
         expect first = 3
         expect total = 11
         expect big = 1
         expect big_too = 1
         expect past =
         remove r[1]
         expect r[2]/place = 2
         expect first =
         expect total = 8
         remove r[1]
         remove r[1]
         expect rows r = 0
         expect total = 0",
    );
}

#[test]
fn once_keeps_a_default_is_made_once_and_a_trigger_goes_over_what_was_typed() {
    let form = form(
        "type,name,calculation,default,trigger
         integer,a,,,
         calculate,kept,once(${a}),,
         integer,start,,${a} + 1,
         integer,stamped,${a} * 10,,${a}",
        "list_name,name",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "expect start =
         expect stamped =
         answer a = 2
         expect kept = 2
         expect start =
         expect stamped = 20
         answer stamped = 5
         answer a = 3
         expect kept = 2
         expect stamped = 30",
    );
}

#[test]
fn what_is_required_or_checked_counts_on_the_route_only_and_a_check_never_on_nothing() {
    let form = form(
        "type,name,relevant,required,constraint
         text,go,,,
         begin group,g,${go} = 'y',,
         integer,n,,yes,. > ${limit}
         end group,,,,
         integer,limit,,,",
        "list_name,name",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "expect finished
         expect hidden g/n
         answer go = y
         expect blocked
         expect problems g/n = 1
         answer g/n = 5
         expect problems g/n = 1
         answer limit = 5
         expect problems g/n = 1
         answer limit = 4
         expect problems g/n = 0
         expect finished
         answer go = n
         expect g/n =
         answer go = y
         expect g/n = 5",
    );
}

#[test]
fn a_count_that_is_emptied_keeps_its_rows_and_one_below_nothing_is_none() {
    let form = form(
        "type,name,repeat_count,default\n integer,n,,2\n begin repeat,r,${n},\n text,x,,fresh\n end repeat,,,",
        "list_name,name",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "expect rows r = 2
         answer r[2]/x = typed
         answer n =
         expect rows r = 2
         answer n = -1
         expect rows r = 0
         answer n = 2
         expect r[2]/x = fresh",
    );
}

#[test]
fn circles_of_calculations_are_told_with_their_way() {
    let survey = "type,name,calculation\ncalculate,a,${b} + 1\ncalculate,b,${c} + 1\ncalculate,c,${a} + 1";
    let loaded = load(&Book::from_csv([("survey", survey.as_bytes())]).expect("csv"), &HashMap::new()).expect("read");
    assert!(!loaded.usable());
    let said = format!("{:?}", loaded.problems);
    assert!(said.contains("form.cycle") && said.contains("a → ") && said.contains(" → b"), "{said}");
}

#[test]
fn every_reason_is_told_with_its_operands_and_the_way_back_to_them() {
    let form = form(
        "type,name,relevant,required,constraint,calculation,choice_filter,dossier::masked
         text,go,,,,,,
         text,secret,,,,,,all
         text,div,,,,,,
         begin group,g,${go} = 'y',,,,,
         integer,n,,${go} = 'y',. > 3,,,
         select_one town,t,,,,,div = ${div},
         calculate,twice,,,,${n} * 2,,
         text,u,${secret} = 'x',,,,,
         end group,,,,,,,",
        "list_name,name,div\n town,a,1\n town,b,2\n town,c,2",
    );
    let mut draft = open(&form);
    interview(
        &mut draft,
        "answer go = y
         answer secret = pearl
         answer div = 2
         answer g/n = 2",
    );
    let reasons = |draft: &Draft, path: &str| draft.reasons(draft.at(&Path::new(path)).expect("there"));
    let reported = |draft: &Draft, path: &str| {
        let said = reasons(draft, path).into_iter();
        said.map(|r| format!("{} {} {:?}", r.ask.code(), r.why.filled, r.why.truth)).collect::<Vec<_>>()
    };
    assert_eq!(reported(&draft, "g/n"), ["relevant y = 'y' Yes", "required y = 'y' Yes", "constraint 2 > 3 No"]);
    assert_eq!(reported(&draft, "g/twice"), ["relevant y = 'y' Yes", "value 2 * 2 Yes"]);
    assert_eq!(reported(&draft, "div"), [] as [&str; 0]);
    let filter = reasons(&draft, "g/t").pop().expect("a filter");
    assert_eq!((filter.ask.code(), filter.offered), ("choices", Some((2, 3))));
    let masked = reported(&draft, "g/u").concat();
    assert!(masked.contains("No") && !masked.contains("pearl"), "{masked}");
    let value = reasons(&draft, "g/twice").pop().expect("a value");
    let place = value.places[0].expect("one place");
    assert_eq!(draft.path(place).0, "g/n");
    interview(&mut draft, "answer go =");
    assert_eq!(
        reported(&draft, "g/n"),
        ["relevant '' = 'y' No", "required '' = 'y' No"],
        "no check is tried on no answer"
    );
}

/// Five hundred questions in fifty groups, and in twenty of their rows a fault each: row, column, what goes wrong there.
fn faulty_form() -> (String, String, Vec<(u32, &'static str, &'static str)>) {
    let header =
        "type,name,label,required,relevant,constraint,calculation,choice_filter,repeat_count,default,dossier::severity";
    let columns: Vec<&str> = header.split(',').collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for group in 0..50 {
        let row = |cells: &[(&str, &str)]| -> Vec<String> {
            let cell = |column: &&str| cells.iter().find(|(c, _)| c == column).map_or("", |(_, text)| text).to_owned();
            columns.iter().map(cell).collect()
        };
        rows.push(row(&[("type", "begin group"), ("name", &format!("g{group}")), ("label", "G")]));
        for n in 0..8 {
            rows.push(row(&[
                ("type", "integer"),
                ("name", &format!("q{group}_{n}")),
                ("label", "Q"),
                ("constraint", ". >= 0"),
            ]));
        }
        rows.push(row(&[("type", "end group")]));
    }
    let faults = [
        (20u32, "type", "interger", "type"),
        (35, "name", "two words", "name"),
        (48, "name", "", "name"),
        (64, "name", "q6_0", "name"),
        (75, "relevant", "${q0_} = 1", "relevant"),
        (87, "relevant", "${q0_0} = ", "relevant"),
        (99, "relevant", "selectd(${q0_0}, '1')", "relevant"),
        (105, "constraint", ". > 3)", "constraint"),
        (117, "constraint", "(. > 3", "constraint"),
        (129, "constraint", ". == 3", "constraint"),
        (143, "constraint", "regex(.)", "constraint"),
        (155, "calculation", "if(${q0_0} > 1, 2)", "calculation"),
        (167, "calculation", "duration()", "calculation"),
        (179, "calculation", "ancestor::x + 1", "calculation"),
        (195, "calculation", "//q0_0", "calculation"),
        (207, "calculation", "'open", "calculation"),
        (219, "required", "${q0_0} and and 1", "required"),
        (233, "type", "select_one towms", "type"),
        (245, "dossier::severity", "sofft", "dossier::severity"),
        (257, "default", "${q0_0} | ${q0_1}", "default"),
    ];
    let mut reported = Vec::new();
    for (row, column, text, at) in faults {
        let place = columns.iter().position(|c| *c == column).expect("column");
        rows[row as usize - 2][place] = text.to_owned();
        reported.push((row, at, text));
    }
    let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
    let lines = rows.iter().map(|row| row.iter().map(quoted).collect::<Vec<_>>().join(","));
    let survey = std::iter::once(header.to_owned()).chain(lines).collect::<Vec<_>>().join("\n");
    (survey, "list_name,name\ntowns,a\n".to_owned(), reported)
}

#[test]
fn a_form_of_five_hundred_rows_with_twenty_faults_tells_twenty_each_at_its_place() {
    let (survey, choices, faults) = faulty_form();
    assert_eq!(survey.lines().count(), 501);
    let book = Book::from_csv([("survey", survey.as_bytes()), ("choices", choices.as_bytes())]).expect("csv");
    let loaded = load(&book, &HashMap::new()).expect("readable");
    let reported: Vec<(u32, &str)> = loaded.errors().map(|p| (p.place.row, p.place.column.as_str())).collect();
    let wanted: Vec<(u32, &str)> = faults.iter().map(|(row, column, _)| (*row, *column)).collect();
    assert_eq!(reported, wanted);
    // In words, in both languages, with the nearest name where there is one, and the place under a caret.
    for problem in loaded.errors() {
        for lang in [dossier::lang::Lang::Zh, dossier::lang::Lang::En] {
            let said = dossier::lang::say(&dossier::domain::Explain::explain(problem), lang);
            assert!(said.contains(&problem.place.row.to_string()) && said.contains("survey"), "{said}");
            assert!(!said.contains("form.") && !said.contains("expr."), "{said}");
        }
    }
    let said = |row: u32| {
        let problem = loaded.errors().find(|p| p.place.row == row).expect("told");
        (
            dossier::lang::say(&dossier::domain::Explain::explain(problem), dossier::lang::Lang::En),
            problem.caret_lines(),
        )
    };
    for (row, near) in [(20, "integer"), (75, "q0_0"), (99, "selected"), (233, "towns"), (245, "soft")] {
        assert!(said(row).0.contains(near), "{row}: {}", said(row).0);
    }
    let (line, carets) = said(99).1.expect("a caret");
    assert_eq!((line.trim_end(), carets.trim_end()), ("selectd(${q0_0}, '1')", "^^^^^^^^^^^^^^^^^^^^^"));
}

#[test]
fn every_type_that_authors_write_is_read_in_every_spelling() {
    let plain = [
        "note",
        "text",
        "string",
        "integer",
        "int",
        "decimal",
        "date",
        "time",
        "dateTime",
        "datetime",
        "calculate",
        "hidden",
        "start",
        "end",
        "today",
        "deviceid",
        "username",
        "phonenumber",
        "email",
        "simserial",
        "subscriberid",
        "audit",
        "image",
        "photo",
        "audio",
        "video",
        "file",
        "barcode",
        "geopoint",
        "gps",
        "location",
        "geotrace",
        "geoshape",
        "range",
        "acknowledge",
        "trigger",
        "start-geopoint",
        "background-audio",
        "background-geopoint",
        "osm",
        "xml-external",
        "csv-external",
        "add text prompt",
        "add integer prompt",
        "add note prompt",
        "add image prompt",
        "q text",
        "comments",
        "text audit",
        "caseid",
    ];
    let lists = [
        "select_one l",
        "select one l",
        "select one from l",
        "select1 l",
        "select_multiple l",
        "select all that apply from l",
        "select_one l or_other",
        "select_multiple l or specify other",
        "rank l",
        "odk:rank l",
        "select_one_external l",
        "add select one prompt using l",
        "select_one_from_file l.csv",
        "select_multiple_from_file l.csv",
    ];
    let mut wrong = Vec::new();
    for (number, written) in plain.iter().chain(&lists).enumerate() {
        let survey = format!(
            "type,name,label,calculation\n{written},q{number},Q,\nbegin_group,g,G,\nend_group,,,\nbegin repeat,r,R,\ntext,x,X,\nend_repeat,,,"
        );
        let choices = "list_name,name,label\nl,a,A\n";
        let files = [
            ("survey", survey.as_str()),
            ("choices", choices),
            ("external_choices", choices),
            ("l", "name,label\na,A\n"),
        ];
        let book = Book::from_csv(files.map(|(name, text)| (name, text.as_bytes()))).expect("csv");
        let loaded = load(&book, &HashMap::new()).expect("readable");
        if !loaded.usable() {
            wrong.push(format!("{written}: {:?}", loaded.problems));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn guidance_is_filled_in_and_read_without_its_signs() {
    let form = form("type,name,label,guidance_hint\ntext,a,A,\ntext,b,B,\"Ask **${a}** alone\"", "");
    let mut draft = open(&form);
    interview(&mut draft, "answer a = Li");
    assert_eq!(draft.guidance(draft.at(&Path::new("b")).expect("b")), "Ask Li alone");
    assert_eq!(draft.guidance(draft.at(&Path::new("a")).expect("a")), "");
}

#[test]
fn a_carried_signature_and_a_day_that_the_form_fills_in_are_asked_fresh() {
    let survey = "type,name,appearance,default,dossier::origin
        date,born,,,carry
        date,filled,,today(),carry
        text,sign,signature,,carry";
    let form = form(survey, "list_name,name");
    let mut last = open(&form);
    interview(&mut last, "answer born = 1970-01-01\nanswer filled = 2020-02-02\nanswer sign = 示例甲");
    let draft =
        Draft::carry(form.clone(), Supply::on(Stamp(0), Day::from_ymd(2025, 6, 15).expect("a day")), &last.answers());
    let value = |name: &str| draft.value(draft.at(&Path::new(name)).expect("there")).to_owned();
    assert_eq!([value("born"), value("filled"), value("sign")], ["1970-01-01", "2025-06-15", ""]);
    let sign = draft.at(&Path::new("sign")).expect("there");
    assert!(draft.view(sign).before.is_some() && draft.wants_a_look(sign), "what stood there is told, and asked for");
}

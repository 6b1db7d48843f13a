//! Forms as strangers write them: each kind of slip, shape or spelling that came from the field, and what is right.
//! A form is a few csv lines, what is answered a list of (path, value), as a script has them.

use dossier::domain::{Day, Path, Stamp, Step};
use dossier::form::problem::Weight;
use dossier::form::{Book, Draft, Form, Loaded, Supply, load};
use std::collections::HashMap;
use std::sync::Arc;

fn read(sheets: &[(&str, &str)]) -> Loaded {
    let trimmed: Vec<(&str, String)> =
        sheets.iter().map(|(name, text)| (*name, text.lines().map(str::trim).collect::<Vec<_>>().join("\n"))).collect();
    let book = Book::from_csv(trimmed.iter().map(|(name, text)| (*name, text.trim().as_bytes()))).expect("csv");
    load(&book, &HashMap::new()).expect("readable")
}

fn form(sheets: &[(&str, &str)]) -> Arc<Form> {
    let loaded = read(sheets);
    assert!(loaded.usable(), "{:?}", loaded.problems);
    Arc::new(loaded.form)
}

/// What is told, as `sheet row key`.
fn told(sheets: &[(&str, &str)]) -> Vec<String> {
    let problems = read(sheets).problems;
    problems.iter().map(|p| format!("{} {} {}", p.place.sheet, p.place.row, p.what.key)).collect()
}

fn open(form: &Arc<Form>) -> Draft {
    Draft::open(form.clone(), Supply::on(Stamp(0), Day::from_ymd(2025, 6, 15).expect("a day")))
}

fn set(draft: &mut Draft, answers: &[(&str, &str)]) {
    for (path, value) in answers {
        let step = match *value {
            "+" => Step::Add { path: Path::new(*path) },
            value => Step::Set { path: Path::new(*path), value: value.to_owned() },
        };
        draft.apply(&step);
    }
}

fn value(draft: &Draft, path: &str) -> String {
    let at = draft.at(&Path::new(path)).unwrap_or_else(|| panic!("no {path}"));
    draft.value(at).to_owned()
}

fn offers(draft: &Draft, path: &str) -> Vec<String> {
    let at = draft.at(&Path::new(path)).unwrap_or_else(|| panic!("no {path}"));
    draft.offers(at).iter().map(|o| o.name.to_owned()).collect()
}

const MEMBERS: &str = "list_name,name,label\n l,a,A\n l,b,B\n l,c,C";

#[test]
fn each_member_is_chosen_once_though_the_filter_reads_what_was_chosen() {
    for filter in ["not(selected(${chosen}, name)) or name = ${me}", "not(selected(${chosen}, name))"] {
        let survey = format!(
            "type,name,calculation,choice_filter
             begin repeat,r,,
             select_one l,me,,\"{filter}\"
             end repeat,,,
             calculate,chosen,\"join(' ', ${{me}})\","
        );
        let form = form(&[("survey", &survey), ("choices", MEMBERS)]);
        let mut draft = open(&form);
        set(&mut draft, &[("r[1]/me", "a"), ("r", "+"), ("r[2]/me", "b")]);
        assert_eq!((value(&draft, "r[1]/me"), value(&draft, "r[2]/me")), ("a".into(), "b".into()), "{filter}");
        assert_eq!(value(&draft, "chosen"), "a b", "{filter}");
        set(&mut draft, &[("r", "+")]);
        assert_eq!(offers(&draft, "r[3]/me"), ["c"], "{filter}");
        // Whoever sets in the third row what stands in the first has chosen nothing that may stand there.
        set(&mut draft, &[("r[2]/me", "c")]);
        assert_eq!(offers(&draft, "r[3]/me"), ["b"], "{filter}");
        draft.recompute_all();
        assert_eq!(value(&draft, "chosen").trim(), "a c", "{filter}");
    }
}

#[test]
fn a_filter_that_reads_its_own_question_still_takes_the_answer_when_something_else_speaks_against_it() {
    let form = form(&[
        (
            "survey",
            "type,name,choice_filter
             text,where,
             select_one l,q,town = ${where} and (${q} = '' or name = ${q})",
        ),
        ("choices", "list_name,name,label,town\n l,a,A,x\n l,b,B,x\n l,c,C,y"),
    ]);
    let mut draft = open(&form);
    set(&mut draft, &[("where", "x"), ("q", "a")]);
    assert_eq!((value(&draft, "q"), offers(&draft, "q")), ("a".into(), vec!["a".to_owned()]));
    set(&mut draft, &[("where", "y")]);
    assert_eq!(value(&draft, "q"), "");
    set(&mut draft, &[("where", "x")]);
    assert_eq!(value(&draft, "q"), "a");
}

#[test]
fn labels_of_choices_and_names_of_ones_own_list_make_no_circle() {
    let form = form(&[
        (
            "survey",
            "type,name,label,calculation,choice_filter
             text,who,Who,,
             select_one l,q,Now: ${said},,${said} = '' or name != 'c'
             calculate,said,,\"jr:choice-name(${q}, '${q}')\",",
        ),
        ("choices", "list_name,name,label\n l,a,A of ${who} (${said})\n l,b,B\n l,c,C"),
    ]);
    let mut draft = open(&form);
    set(&mut draft, &[("who", "Li"), ("q", "b")]);
    assert_eq!((value(&draft, "said"), offers(&draft, "q")), ("B".into(), vec!["a".to_owned(), "b".into()]));
    set(&mut draft, &[("q", "a")]);
    assert!(value(&draft, "said").starts_with("A of Li ("), "{}", value(&draft, "said"));
}

#[test]
fn the_name_of_a_choice_from_a_roster_is_its_answer() {
    let form = form(&[(
        "survey",
        "type,name,label,calculation
         begin repeat,m,,
         text,n,,
         end repeat,,,
         select_one ${n},head,,
         calculate,hn,,\"jr:choice-name(${head}, '${head}')\"",
    )]);
    let mut draft = open(&form);
    set(&mut draft, &[("m[1]/n", "一"), ("m", "+"), ("m[2]/n", "二"), ("head", "二")]);
    assert_eq!(value(&draft, "hn"), "二");
}

#[test]
fn values_that_need_one_another_are_a_circle_still() {
    let loaded = read(&[
        (
            "survey",
            "type,name,label,calculation,choice_filter
         calculate,a,,${b} + 1,
         calculate,b,,${a} + 1,
         select_one l,q,Q,,name != ${a}",
        ),
        ("choices", MEMBERS),
    ]);
    let cycles: Vec<_> = loaded.problems.iter().filter(|p| p.what.key == "form.cycle").map(|p| p.weight).collect();
    assert_eq!(cycles, [Weight::Error]);
}

#[test]
fn a_column_or_a_cell_that_is_not_there_compares_with_nothing_and_the_author_is_told() {
    let lists = "list_name,name,label,town\n l,a,A,x\n l,b,B,\n l,c,C,y";
    let survey = |filter: &str| {
        format!(
            "type,name,label,choice_filter,calculation
             text,t,T,,
             select_one l,q,Q,\"{filter}\",
             calculate,n,,,\"count(instance('l')/root/item/town)\"
             calculate,m,,,\"count(instance('l')/root/item[town != 'x'])\""
        )
    };
    for (filter, offered) in [
        ("town != 'x'", "c"),
        ("town = ''", ""),
        ("town = ${t}", ""),
        ("not(town = 'x')", "b c"),
        ("town != ''", "a c"),
        ("village != 'x'", ""),
        ("village = ''", ""),
        ("village = ${t}", ""),
        ("${t} != village", ""),
        ("village != 'x' or name = 'b'", "b"),
        ("not(village)", "a b c"),
    ] {
        let survey = survey(filter);
        let sheets = [("survey", survey.as_str()), ("choices", lists)];
        let draft = open(&form(&sheets));
        assert_eq!(offers(&draft, "q").join(" "), offered, "{filter}");
        assert_eq!((value(&draft, "n"), value(&draft, "m")), ("2".into(), "1".into()));
        let warned = told(&sheets).iter().any(|t| t == "survey 3 expr.unknown_column");
        assert_eq!(warned, filter.contains("village"), "{filter}");
    }
}

#[test]
fn an_empty_cell_of_a_table_is_an_empty_text() {
    let form = form(&[
        ("survey", "type,name,label,choice_filter\n select_one_from_file towns.csv,q,Q,kind = ''"),
        ("towns", "name,label,kind\n a,A,x\n b,B,\n c,C"),
    ]);
    assert_eq!(offers(&open(&form), "q"), ["b", "c"]);
}

#[test]
fn a_default_is_what_it_says_unless_it_holds_a_reference_or_a_call() {
    for (default, kept) in [
        ("010-12345678", "010-12345678"),
        ("2024-1", "2024-1"),
        ("3-2", "3-2"),
        ("3 - 2", "3 - 2"),
        ("1+1", "1+1"),
        ("2*3", "2*3"),
        ("6 div 2", "6 div 2"),
        ("5 mod 3", "5 mod 3"),
        ("Block B(2)", "Block B(2)"),
        ("Li (head)", "Li (head)"),
        ("张三(户主)", "张三(户主)"),
        ("-", "-"),
        ("concat('a', 1)", "a1"),
        ("1 + string-length('ab')", "3"),
        ("${a}-1", "6"),
    ] {
        let survey = format!("type,name,label,default\n integer,a,A,7\n text,q,Q,\"{default}\"");
        assert_eq!(value(&open(&form(&[("survey", &survey)])), "q"), kept, "{default}");
    }
}

#[test]
fn a_pattern_that_cannot_be_read_is_told_and_refuses_nothing() {
    let survey = "type,name,label,constraint
        text,p,P,
        text,a,A,\"regex(., '^(?!0)\\d{4}$')\"
        text,b,B,\"regex(., '(unclosed')\"
        text,c,C,\"regex(., ${p})\"
        text,d,D,\"not(regex(., ${p}))\"";
    let sheets = [("survey", survey)];
    assert_eq!(told(&sheets), ["survey 4 expr.not_a_regex"]);
    let loaded = read(&sheets);
    assert_eq!((loaded.usable(), loaded.form.broken), (true, 1));
    let mut draft = open(&Arc::new(loaded.form));
    set(&mut draft, &[("p", "(open"), ("a", "5123"), ("b", "x"), ("c", "x"), ("d", "x")]);
    assert_eq!(draft.problems(), []);
    set(&mut draft, &[("a", "0123"), ("p", "y")]);
    assert_eq!(draft.problems().len(), 2);
}

#[test]
fn nothing_is_selected_where_nothing_was_chosen() {
    let survey = "type,name,label,calculation
        text,t,T,
        calculate,c,,\"selected('', '')\"
        calculate,d,,\"selected('a b', '')\"
        calculate,e,,\"selected(${t}, '')\"";
    let draft = open(&form(&[("survey", survey)]));
    assert_eq!(
        (value(&draft, "c"), value(&draft, "d"), value(&draft, "e")),
        ("true".into(), "false".into(), "true".into())
    );
}

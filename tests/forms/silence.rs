//! What was once left out without a word, or told untruly: each kind, and the nearest thing that is right as it is.

use crate::wild::{form, offers, open, read, reported, set, value};
use dossier::domain::{Day, Path, Stamp, Step};
use dossier::form::problem::What;
use dossier::form::read::NotRead;
use dossier::form::{Draft, Supply};

/// What stands at a path when the form is opened.
fn default_of(kind: &str, default: &str) -> (String, Vec<String>) {
    let survey = format!("type,name,label,default\n{kind},q,Q,\"{default}\"");
    let choices = "list_name,name,label\nl,a,Apple\nl,b,Pear";
    let sheets = [("survey", survey.as_str()), ("choices", choices)];
    let told = reported(&sheets).iter().filter_map(|told| told.strip_prefix("survey 2 ")).map(str::to_owned).collect();
    (value(&open(&form(&sheets)), "q"), told)
}

#[test]
fn a_default_that_is_no_answer_is_told_and_one_that_is_stays() {
    for (kind, default, kept) in [
        ("dateTime", "2024-01-15 08:30:00", "2024-01-15T08:30:00.000"),
        ("dateTime", "2024/1/5 8:30", "2024-01-05T08:30:00.000"),
        ("dateTime", "2024-01-15T08:30:00.000+08:00", "2024-01-15T08:30:00.000+08:00"),
        ("dateTime", "2024-01-15", "2024-01-15"),
        ("time", "8:30:00", "08:30:00.000"),
        ("time", "08:30:00", "08:30:00"),
        ("select_one l", "a", "a"),
        ("select_multiple l", "b a", "a b"),
        ("time", "8:30", "08:30:00.000"),
        ("integer", "１２", "12"),
        ("integer", "7.0", "7"),
        ("text", "12-3(东)", "12-3(东)"),
        ("text", "138(备用)", "138(备用)"),
        ("text", "3-2(1)", "3-2(1)"),
        ("text", "COVID-19(n)", "COVID-19(n)"),
    ] {
        assert_eq!(default_of(kind, default), (kept.to_owned(), vec![]), "{kind} {default}");
    }
    for (kind, default, kept, told) in [
        ("dateTime", "soon", "", "form.default_not_of_type"),
        ("dateTime", "2024-13-05T08:30:00", "", "form.default_not_of_type"),
        ("time", "8:70:00", "", "form.default_not_of_type"),
        ("integer", "1.5", "", "form.default_not_of_type"),
        ("select_one l", "zz", "", "form.default_no_choice"),
        ("select_one l", "Apple", "", "form.default_no_choice"),
        ("select_multiple l", "a zz", "a", "form.default_no_choice"),
        ("select_multiple l", "\"a, b\"", "b", "form.default_no_choice"),
    ] {
        let default = default.trim_matches('"');
        assert_eq!(default_of(kind, default), (kept.to_owned(), vec![told.to_owned()]), "{kind} {default}");
    }
}

#[test]
fn a_call_is_still_a_call_though_its_name_is_misspelt() {
    for default in ["todya()", "concatt('a')"] {
        let survey = format!("type,name,label,default\ntext,q,Q,\"{default}\"");
        assert!(!reported(&[("survey", &survey)]).is_empty(), "{default}");
    }
}

#[test]
fn moments_from_cells_are_computed_with() {
    let form = form(&[(
        "survey",
        "type,name,label,default,calculation
         dateTime,m,M,2024-01-15 08:30:00,
         calculate,day,,,\"format-date-time(${m}, '%Y-%m-%d %H:%M')\"",
    )]);
    assert_eq!(value(&open(&form), "day"), "2024-01-15 08:30");
}

const FRUIT: &str = "name_key,fruit,region\nk1,apple,north\nk2,pear,south apple\nk3,plum,east";

fn searched(appearance: &str, choices: &str, tables: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let survey = format!("type,name,label,appearance\nselect_one l,q,Q,\"{appearance}\"");
    let choices = format!("list_name,name,label\n{choices}");
    let mut sheets = vec![("survey", survey.as_str()), ("choices", choices.as_str())];
    sheets.extend(tables);
    let told = reported(&sheets);
    (if read(&sheets).usable() { offers(&open(&form(&sheets)), "q") } else { Vec::new() }, told)
}

#[test]
fn a_search_gives_the_rows_it_finds_beside_every_choice_that_is_a_whole_number() {
    let choices = "l,name_key,fruit\nl,-99,None\nl,98,Other";
    let tables = [("fr", FRUIT)];
    for (appearance, expected) in [
        ("search('fr')", &["k1", "k2", "k3", "-99", "98"][..]),
        ("search('fr', 'contains', 'fruit', 'AP')", &["k1", "-99", "98"]),
        ("search('fr', 'contains', 'fruit, region', 'ap')", &["k1", "k2", "-99", "98"]),
        ("search('fr', 'matches', 'fruit', 'AP')", &["-99", "98"]),
    ] {
        assert_eq!(
            searched(appearance, choices, &tables),
            (expected.iter().map(|n| (*n).to_owned()).collect(), vec![])
        );
    }
}

#[test]
fn what_a_search_cannot_do_is_told_where_the_author_wrote_it() {
    let choices = "l,name_key,fruit\nl,98,Other";
    let (offered, told) = searched("search('nope')", choices, &[]);
    let all = ["name_key", "98"].map(str::to_owned).to_vec();
    assert_eq!((offered, told), (all, vec!["survey 2 form.search_table_missing".to_owned()]));
    let (_, told) = searched("search('fr', 'contains', 'colour', 'x')", choices, &[("fr", FRUIT)]);
    assert_eq!(told, ["survey 2 form.search_column"]);
    let (offered, told) = searched("search('fr')", "l,name_key,fruit\nl,region,fruit", &[("fr", FRUIT)]);
    assert_eq!((offered.len(), told), (3, vec!["choices 3 form.search_row".to_owned()]));
    let survey = "type,name,label,appearance\nselect_one_from_file fr.csv,q,Q,search('fr')";
    let told = reported(&[("survey", survey), ("fr", "name,label\na,A")]);
    assert_eq!(told, ["survey 2 form.unmet_appearance"]);
}

#[test]
fn a_language_in_another_spelling_is_that_language_wherever_the_labels_are_not() {
    let sheets = [
        ("survey", "type,name,label::English (en),label::中文 (zh-CN),hint::中文\nselect_one l,q,Fruit,水果,选一个"),
        ("choices", "list_name,name,label::en,label::zh\nl,a,Apple,苹果"),
    ];
    let told = ["choices 1 form.languages_joined", "choices 1 form.languages_joined", "survey 1 form.languages_joined"];
    let mut found = reported(&sheets);
    found.sort();
    assert_eq!(found, told);
    let form = form(&sheets);
    assert_eq!(form.languages, ["English (en)", "中文 (zh-CN)"]);
    let mut draft = open(&form);
    draft.speak(form.language_index("zh").expect("Chinese"));
    let at = draft.at(&Path::new("q")).expect("q");
    assert_eq!((draft.label(at).as_str(), &*draft.offers(at)[0].label), ("水果", "苹果"));
    // Labels of the survey in two spellings are two languages, as the author has them.
    let told = reported(&[("survey", "type,name,label::zh,label::中文 (zh-CN)\ntext,a,A,B")]);
    assert_eq!(told, ["survey 1 form.languages_alike"]);
}

#[test]
fn default_language_names_a_language_in_any_spelling() {
    for (wanted, at) in [("zh", 1), ("中文", 1), ("English", 0), ("中文 (zh-CN)", 1)] {
        let settings = format!("default_language\n{wanted}");
        let sheets =
            [("survey", "type,name,label::English (en),label::中文 (zh-CN)\ntext,a,A,甲"), ("settings", &settings)];
        assert_eq!((reported(&sheets), form(&sheets).language), (vec![], at), "{wanted}");
    }
    let sheets = [("survey", "type,name,label::English (en)\ntext,a,A"), ("settings", "default_language\nfr")];
    assert_eq!(reported(&sheets), ["settings 2 form.no_such_language"]);
}

#[test]
fn media_of_choices_and_appearances_in_capitals_are_told_or_done() {
    let choices = "list_name,name,label,media::image,picture\nl,a,A,a.png,b";
    let told = reported(&[("survey", "type,name,label\nselect_one l,q,Q"), ("choices", choices)]);
    assert_eq!(told, ["choices 1 form.column_unknown"]);
    let survey = "type,name,label,appearance\ntext,t,T,Multiline\ndate,d,D,Month-Year\ndateTime,m,M,month-year";
    let sheets = [("survey", survey)];
    assert_eq!(reported(&sheets), ["survey 4 form.unmet_appearance"]);
    let draft = open(&form(&sheets));
    assert_eq!(draft.read(draft.at(&Path::new("d")).expect("d"), "2024-03"), Ok("2024-03-01".to_owned()));
}

#[test]
fn a_problem_inside_a_loop_is_told_once() {
    let survey = "type,name,label,relevant
                  begin loop over l,g,G,
                  text,t_%(name)s,T,${nobody} = 1
                  end loop,,,";
    let told = reported(&[("survey", survey), ("choices", "list_name,name,label\nl,a,A\nl,b,B\nl,c,C")]);
    assert_eq!(told.iter().filter(|told| told.starts_with("survey 3 ")).count(), 1, "{told:?}");
}

#[test]
fn a_choice_that_can_be_no_group_of_a_loop_is_told_at_the_choice() {
    let survey = "type,name,label\nbegin loop over l,g,G\ntext,t_%(name)s,T\nend loop,,\nbegin loop over l,h,H\ntext,u_%(name)s,T\nend loop,,";
    let told = reported(&[("survey", survey), ("choices", "list_name,name,label\nl,1,A\nl,b,B\nl,2x,C")]);
    assert_eq!(told, ["choices 2 form.loop_choice_name", "choices 4 form.loop_choice_name"]);
}

#[test]
fn a_loop_that_makes_too_many_rows_is_told_as_that_alone() {
    let rows: String = (0..300).map(|n| format!("text,t{n}_%(name)s,T\n")).collect();
    let survey =
        format!("type,name,label\nbegin loop over l,g,G\n{rows}end loop,,\nbegin group,h,H\ntext,z,Z\nend group,,");
    let choices: String = (0..100).map(|n| format!("l,c{n},C\n")).collect();
    let told = reported(&[("survey", &survey), ("choices", &format!("list_name,name,label\n{choices}"))]);
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].ends_with("form.too_large"));
}

#[test]
fn a_scripted_answer_is_held_to_what_a_typed_one_is() {
    let form = form(&[
        ("survey", "type,name,label\ntext,t,T\nselect_multiple l,m,M"),
        ("choices", "list_name,name,label,exclusive\nl,a,A,\nl,b,B,\nl,none,None,yes"),
    ]);
    let mut draft = open(&form);
    set(&mut draft, &[("t", "one\r\ntwo\rthree"), ("m", "a b")]);
    assert_eq!((value(&draft, "t"), value(&draft, "m")), ("one\ntwo\nthree".into(), "a b".into()));
    for (path, given) in [("t", "a\u{fffd}b"), ("m", "a none")] {
        let outcome = draft.apply(&Step::Set { path: Path::new(path), value: given.to_owned() });
        let refused = outcome.problem.map(|problem| problem.what);
        assert!(
            matches!(refused, Some(What::NotRead(NotRead::Spoilt | NotRead::Exclusive { .. }))),
            "{path} {refused:?}"
        );
    }
    assert_eq!((value(&draft, "t"), value(&draft, "m")), ("one\ntwo\nthree".into(), "a b".into()));
    set(&mut draft, &[("m", "none")]);
    assert_eq!(value(&draft, "m"), "none");
}

#[test]
fn a_pattern_that_is_an_error_in_java_is_told_and_refuses_nothing() {
    for (pattern, broken) in [(r"^\d{,3}$", true), (r"^\d{4$", true), (r"\d\", true), (r"^\d{1,3}$", false)] {
        let survey = format!("type,name,label,constraint\ntext,q,Q,\"regex(., '{pattern}')\"");
        let sheets = [("survey", survey.as_str())];
        assert_eq!(!reported(&sheets).is_empty(), broken, "{pattern}");
        let form = std::sync::Arc::new(read(&sheets).form);
        let mut draft = open(&form);
        set(&mut draft, &[("q", "12")]);
        let at = draft.at(&Path::new("q")).expect("q");
        assert!(draft.problems_at(at).is_empty(), "{pattern}");
    }
}

#[test]
fn a_property_that_somebody_names_is_filled_in_and_one_that_nobody_names_is_empty() {
    let sheets = [("survey", "type,name,label,bind::jr:preload\nsimserial,s,,property\nsubscriberid,i,,\ntext,t,T,")];
    assert!(!reported(&sheets).iter().any(|told| told.ends_with("form.column_unknown")), "{:?}", reported(&sheets));
    let form = form(&sheets);
    let mut supply = Supply::on(Stamp(0), Day::from_ymd(2025, 6, 15).expect("a day"));
    supply.set_property("SimSerial", "8986");
    let draft = Draft::open(form, supply);
    assert_eq!((value(&draft, "s"), value(&draft, "i")), ("8986".into(), String::new()));
}

#[test]
fn a_check_that_nobody_can_work_out_refuses_nothing_and_is_asked_about() {
    let survey = r"type,name,label,constraint,relevant
                  text,t,T,<regex(., '(a|aa)+\1[bc]')>,
                  text,p,P,,
                  text,u,U,<regex(., ${p})>,
                  text,v,V,,<regex(${t}, '(a|aa)+\1[bc]')>"
        .replace(['<', '>'], "\"");
    let form = form(&[("survey", &survey)]);
    let mut draft = open(&form);
    let long = format!("{}b!", "a".repeat(150));
    set(&mut draft, &[("p", "("), ("u", "x")]);
    let unsure = |draft: &dossier::form::Draft, name: &str| {
        let at = draft.at(&Path::new(name)).expect("a question");
        draft
            .problems_at(at)
            .iter()
            .any(|problem| matches!(&problem.what, What::SoftType { what, .. } if what.key == "form.check_unsure"))
    };
    assert!(unsure(&draft, "u"));
    assert!(!draft.relevant(draft.at(&Path::new("v")).expect("v")));
    set(&mut draft, &[("t", &long)]);
    assert!(unsure(&draft, "t"));
    assert!(draft.relevant(draft.at(&Path::new("v")).expect("v")), "a question is not lost because nobody knows");
    let passed = draft.apply(&Step::Pass { path: Path::new("t"), why: "so on the paper".to_owned() });
    assert!(passed.problem.is_none());
    assert!(!unsure(&draft, "t") && unsure(&draft, "u"));
    set(&mut draft, &[("p", "x")]);
    assert!(!unsure(&draft, "u"));
}

#[test]
fn what_a_pattern_that_was_given_up_would_have_said_hides_no_choice_and_reaches_the_check_that_reads_it() {
    let survey = r"type,name,label,calculation,choice_filter,constraint,relevant
                  text,t,T,,,,
                  calculate,c,,<if(regex(${t}, '(a|aa)+\1[bc]'), 'yes', 'no')>,,,
                  calculate,d,,<concat(${c}, '!')>,,,
                  select_one l,o,O,,<regex(${t}, '(a|aa)+\1[bc]') or name = 'n'>,,
                  text,v,V,,,<${d} = 'yes!'>,
                  text,w,W,,,,<${c} = 'yes'>"
        .replace(['<', '>'], "\"");
    let choices = "list_name,name,label\nl,y,Y\nl,n,N";
    let form = form(&[("survey", &survey), ("choices", choices)]);
    let mut draft = open(&form);
    let at = |draft: &Draft, name: &str| draft.at(&Path::new(name)).expect("a question");
    let unsure = |draft: &Draft| {
        let problems = draft.problems_at(at(draft, "v"));
        problems
            .iter()
            .any(|problem| matches!(&problem.what, What::SoftType { what, .. } if what.key == "form.check_unsure"))
    };
    set(&mut draft, &[("t", "aac"), ("v", "x")]);
    assert!(!unsure(&draft) && draft.relevant(at(&draft, "w")));
    set(&mut draft, &[("t", "no")]);
    assert!(!unsure(&draft) && !draft.relevant(at(&draft, "w")));
    assert_eq!(draft.offers(at(&draft, "o")).len(), 1);
    set(&mut draft, &[("t", &format!("{}b!", "a".repeat(150)))]);
    assert!(unsure(&draft), "a check over what nobody knows is asked about");
    assert!(draft.relevant(at(&draft, "w")), "a question is not lost because nobody knows");
    assert_eq!(draft.offers(at(&draft, "o")).len(), 2);
    set(&mut draft, &[("o", "y")]);
    assert_eq!((value(&draft, "o"), value(&draft, "c")), ("y".into(), String::new()));
    set(&mut draft, &[("t", "no")]);
    assert!(!unsure(&draft) && !draft.relevant(at(&draft, "w")));
    assert_eq!(value(&draft, "c"), "no");
}

#[test]
fn a_calculation_that_reads_itself_is_known_again_once_its_pattern_is() {
    let survey = r"type,name,label,calculation,constraint,relevant
                  text,t,T,,,
                  calculate,c,,<if(string-length(.) != 0, ., if(regex(${t}, '(a|aa)+\1[bc]'), 'yes', 'no'))>,,<${t} != ''>
                  text,v,V,,<${c} = 'yes'>,"
        .replace(['<', '>'], "\"");
    let form = form(&[("survey", &survey)]);
    let mut draft = open(&form);
    set(&mut draft, &[("t", &format!("{}b!", "a".repeat(150))), ("v", "x")]);
    assert_eq!(value(&draft, "c"), "");
    set(&mut draft, &[("t", "aac")]);
    assert_eq!(value(&draft, "c"), "yes");
    let at = draft.at(&Path::new("v")).expect("v");
    assert!(draft.problems_at(at).is_empty(), "{:?}", draft.problems_at(at));
}

#[test]
fn a_step_of_a_script_that_is_no_answer_is_told() {
    let form = form(&[
        (
            "survey",
            "type,name,label\ndate,d,D\ntime,t,T\ninteger,i,I\ndecimal,m,M\ndateTime,w,W\nselect_one l,o,O\nselect_multiple l,s,S\nrank l,r,R",
        ),
        ("choices", "list_name,name,label\nl,a,A\nl,b,B"),
    ]);
    let set = |path: &str, value: &str| Step::Set { path: Path::new(path), value: value.to_owned() };
    let good = [
        ("d", "2024-01-05", "2024-01-05"),
        ("t", "08:30:00", "08:30:00"),
        ("i", "12", "12"),
        ("m", "1000", "1000.0"),
        ("w", "2024-01-05T08:30:00.000", "2024-01-05T08:30:00.000"),
        ("o", "a", "a"),
        ("s", "b a", "a b"),
        ("r", "b a", "b a"),
    ];
    let bad = [
        ("d", "20521"),
        ("t", "8:30"),
        ("i", "１２"),
        ("m", "much"),
        ("w", "2024-13-01"),
        ("o", "zz"),
        ("s", "a zz"),
        ("r", "b"),
    ];
    let steps: Vec<Step> = good.iter().map(|(path, given, _)| set(path, given)).collect();
    let (draft, refused) = Draft::from_steps(form.clone(), Supply::on(Stamp(0), Day(20_000)), &steps);
    assert_eq!(refused, []);
    for (path, _, kept) in good {
        assert_eq!(value(&draft, path), kept, "{path}");
    }
    let steps: Vec<Step> = steps.into_iter().chain(bad.iter().map(|(path, given)| set(path, given))).collect();
    let (draft, refused) = Draft::from_steps(form, Supply::on(Stamp(0), Day(20_000)), &steps);
    let told: Vec<(usize, &str)> = refused.iter().map(|step| (step.number, step.problem.path.0.as_str())).collect();
    assert_eq!(told, [(9, "d"), (10, "t"), (11, "i"), (12, "m"), (13, "w"), (14, "o"), (15, "s"), (16, "r")]);
    // As the other engines keep them: nothing, and of several the ones that there are.
    for (path, _) in bad {
        assert_eq!(value(&draft, path), if path == "s" { "a" } else { "" }, "{path}");
    }
}

#[test]
fn a_day_that_is_worked_out_as_a_number_is_that_day() {
    let survey = "type,name,label,default,calculation\ndate,a,A,today() - 1,\ndate,b,B,,today() + 30";
    let draft = Draft::open(form(&[("survey", survey)]), Supply::on(Stamp(0), Day(20_521)));
    assert_eq!((value(&draft, "a"), value(&draft, "b")), (Day(20_520).to_string(), Day(20_551).to_string()));
}

#[test]
fn a_setting_twice_and_a_line_of_a_table_twice_are_told() {
    let survey = "type,name,label\nselect_one_from_file k.csv,q,Q";
    let told = reported(&[
        ("survey", survey),
        ("settings", "form_title,form_title,form_id\none,two,f"),
        ("k", "name,label,place\nk1,K,x\nk2,,x\nk1,Other,y\nk1,Again,x"),
    ]);
    for expected in ["settings 1 form.columns_twice", "k 3 form.choice_without_label", "k 5 form.choice_twice"] {
        assert!(told.iter().any(|told| told == expected), "{expected}: {told:?}");
    }
    assert_eq!(told.len(), 3, "{told:?}");
}

#[test]
fn a_language_that_the_form_has_not_is_told_and_changes_nothing() {
    let form = form(&[("survey", "type,name,label::English (en),label::中文 (zh)\ntext,q,Name,姓名")]);
    for (name, is_there, label) in
        [("zh-CN", true, "姓名"), ("", false, "Name"), ("zz", false, "Name"), ("mn", false, "Name")]
    {
        let mut draft = open(&form);
        let done = draft.apply(&Step::Language { path: Path::new("q"), name: name.to_owned() });
        assert_eq!(done.problem.is_none(), is_there, "{name}");
        assert_eq!(draft.words(draft.at(&Path::new("q")).expect("q")), label, "{name}");
    }
}

#[test]
fn labels_that_stand_in_one_language_and_not_in_another_are_told_once_for_each() {
    let survey = "type,name,label::English (en),label::中文 (zh)\ntext,a,A,甲\ntext,b,B,\ntext,c,C,\ntext,d,,丁";
    let found = reported(&[("survey", survey)]);
    let untranslated = |row: u32| {
        found
            .iter()
            .filter(|told| told.contains("form.text_untranslated"))
            .filter(|told| told.contains(&row.to_string()))
            .count()
    };
    assert_eq!((untranslated(3), untranslated(5)), (1, 1), "{found:?}");
    let whole = "type,name,label::English (en),label::中文 (zh)\ntext,a,A,甲\ncalculate,b,,";
    assert!(!reported(&[("survey", whole)]).iter().any(|told| told.contains("untranslated")));
}

#[test]
fn hints_messages_and_lists_that_lack_a_language_are_told_each_by_their_column() {
    let survey = "type,name,label::en,label::zh,hint::en,hint::zh,constraint,constraint_message::en,constraint_message::zh\n\
                  select_one c,a,A,甲,h,,.!='',m,\ntext,b,B,乙,h,提示,,,";
    let choices = "list_name,name,label::en,label::zh\nc,1,One,\nc,2,Two,";
    let problems = read(&[("survey", survey), ("choices", choices)]).problems;
    let told = problems.iter().filter(|problem| problem.what.key == "form.text_untranslated");
    let mut found: Vec<(&str, &str)> = told.map(|p| (p.place.sheet.as_str(), p.place.column.as_str())).collect();
    found.sort_unstable();
    // Of the list nothing stands in that language.
    let of = [("choices", "label::zh"), ("survey", "constraint_message::zh"), ("survey", "hint::zh")];
    assert_eq!(found, of);
}

#[test]
fn where_a_month_or_a_year_is_asked_the_refusal_asks_for_that() {
    let form = form(&[("survey", "type,name,label,appearance\ndate,m,M,month-year\ndate,y,Y,year\ndate,d,D,")]);
    let draft = open(&form);
    let read = |name: &str, typed: &str| draft.read(draft.at(&Path::new(name)).expect("a question"), typed);
    for (name, taken, refused, why) in [
        ("m", "2024-03", "2024-13", NotRead::NotAMonth),
        ("m", "202403", "0000-01", NotRead::NotAMonth),
        ("y", "2024", "24", NotRead::NotAYear),
        ("d", "2024-03-01", "2024-02-30", NotRead::NotADate),
    ] {
        assert!(read(name, taken).is_ok(), "{taken}");
        assert_eq!(read(name, refused), Err(why), "{refused}");
    }
    // So much ago is its first day; a month and a day of it are no month, whichever year would be meant.
    let today = draft.supply().today;
    for (name, typed) in [("m", "="), ("m", "-3m"), ("m", "-10d"), ("y", "="), ("y", "-1y"), ("y", "-3m")] {
        let kept = Day::from_typed(&read(name, typed).expect("read")).expect("a day");
        let meant = Day::from_typed_near(typed, today).expect("a day");
        let month = if name == "y" { 1 } else { meant.month() };
        assert_eq!(Some(kept), Day::from_ymd(meant.year(), month, 1), "{name} {typed}");
    }
    for (name, typed) in [("m", "03-24"), ("m", "3.15"), ("m", "11-29"), ("y", "11-29")] {
        assert!(read(name, typed).is_err(), "{name} {typed}");
    }
}

#[test]
fn a_step_whose_value_is_none_is_told_as_that() {
    use dossier::form::run::{NotAScript, steps};
    for (text, step) in [
        (r#"[{"set":"a"}]"#, "set"),
        (r#"[{"set":"a","value":true}]"#, "set"),
        (r#"[{"state":"a"}]"#, "state"),
        (r#"[{"leave":"a","why":"1","since":"never"}]"#, "leave"),
    ] {
        let wrong = steps(text).expect_err("no script");
        assert!(matches!(&wrong[..], [NotAScript::Wants { number: 1, step: told, .. }] if *told == step), "{wrong:?}");
    }
    assert!(matches!(&steps(r#"[{"sett":"a"}]"#).expect_err("none")[..], [NotAScript::NotAStep { number: 1 }]));
    // A word that means nothing there is told, and so is one that stands twice.
    let stray = |text: &str, said: &str| {
        let wrong = steps(text).expect_err("no script");
        assert!(matches!(&wrong[..], [NotAScript::Stray { number: 1, name, .. }] if name == said), "{wrong:?}");
    };
    stray(r#"[{"set":"a","vaule":"3"}]"#, "vaule");
    stray(r#"[{"set":"a","value":"3","note":"b"}]"#, "note");
    for twice in [r#"{"steps":[],"steps":[]}"#, r#"[{"set":"a","value":"1","value":"2"}]"#] {
        assert!(matches!(&steps(twice).expect_err("twice")[..], [NotAScript::Twice(_)]), "{twice}");
    }
}

#[test]
fn a_folder_that_shows_its_names_and_lets_nobody_in_is_no_form_without_a_survey() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("folder");
    let inner = folder.path().join("form");
    std::fs::create_dir(&inner).expect("folder");
    std::fs::write(inner.join("survey.csv"), "type,name,label\ntext,a,A\n").expect("sheet");
    std::fs::set_permissions(&inner, std::fs::Permissions::from_mode(0o444)).expect("mode");
    // Whoever may everything is not kept out.
    if std::fs::metadata(inner.join("survey.csv")).is_err() {
        assert!(matches!(dossier::form::Book::from_path(&inner), Err(dossier::form::Unreadable::Io(_))));
    }
    std::fs::set_permissions(&inner, std::fs::Permissions::from_mode(0o755)).expect("mode");
}

#[test]
fn a_table_that_the_form_names_and_that_is_empty_is_told() {
    let survey = "type,name,label\nselect_one_from_file towns.csv,t,T\n";
    let empty = ["", "name,label\n", "name,label\n,\n"];
    for (text, told) in empty.iter().map(|text| (*text, true)).chain([("name,label\na,A\n", false)]) {
        let sheets = [("survey.csv", survey), ("towns.csv", text), ("others.csv", "name\n")];
        let book = dossier::form::Book::from_csv(sheets.iter().map(|(n, t)| (*n, t.as_bytes()))).expect("csv");
        let problems = dossier::form::load(&book, &std::collections::HashMap::new()).expect("readable").problems;
        let found: Vec<&str> =
            problems.iter().filter(|p| p.what.key == "form.table_empty").map(|p| p.place.sheet.as_str()).collect();
        assert_eq!(found, if told { vec!["towns"] } else { vec![] }, "{text:?}");
    }
}

#[test]
fn what_lies_in_the_media_folder_of_a_form_is_found_there_and_goes_first() {
    let folder = tempfile::tempdir().expect("folder");
    let place = |name: &str| folder.path().join(name);
    let mut book = rust_xlsxwriter::Workbook::new();
    let survey = book.add_worksheet().set_name("survey").expect("name");
    for (row, texts) in [["type", "name", "label"], ["select_one_from_file towns.csv", "t", "T"]].iter().enumerate() {
        for (column, text) in texts.iter().enumerate() {
            survey.write_string(row as u32, column as u16, *text).expect("cell");
        }
    }
    book.save(place("visit.xlsx")).expect("saved");
    std::fs::create_dir(place("visit-media")).expect("folder");
    std::fs::write(place("visit-media/towns.csv"), "name,label\na,A\n").expect("table");
    let read = || {
        let book = dossier::form::Book::from_path(&place("visit.xlsx")).expect("read");
        let rows: Vec<String> = book.tables.iter().flat_map(|t| &t.rows).map(|row| row.get(0).to_owned()).collect();
        let loaded = dossier::form::load(&book, &std::collections::HashMap::new()).expect("readable");
        (rows, loaded.problems.iter().filter(|p| p.what.key == "form.table_in_media").count(), loaded.usable())
    };
    assert_eq!(read(), (vec!["a".to_owned()], 0, true));
    std::fs::write(place("towns.csv"), "name,label\nold,Old\n").expect("table");
    assert_eq!(read(), (vec!["a".to_owned()], 1, true));
}

#[test]
fn a_search_offers_its_own_numbers_where_the_table_has_a_name_too_and_no_row_without_a_key() {
    let survey = "type,name,label,appearance,relevant
                  text,r,R,,
                  select_one f,f,F,\"search('fruits', 'matches', 'region', ${r})\",
                  note,n,\"N\",,";
    let choices = "list_name,name,label\nf,name_key,name\nf,99,None";
    let fruits = "name_key,name,region\na,Apple,n\n,Nameless,n\nb,Banana,s\nb,Banane,s";
    let sheets = [("survey", survey), ("choices", choices), ("fruits", fruits)];
    let told = crate::wild::reported(&sheets);
    let count = |key: &str| told.iter().filter(|told| told.contains(key)).count();
    assert_eq!((count("form.search_row_without_key"), count("form.choice_twice")), (1, 1), "{told:?}");
    let mut draft = open(&form(&sheets));
    set(&mut draft, &[("r", "n")]);
    let at = draft.at(&Path::new("f")).expect("f");
    let offered: Vec<String> = draft.offers(at).iter().map(|offer| offer.name.to_owned()).collect();
    assert_eq!(offered, ["a", "99"]);
    set(&mut draft, &[("f", "99")]);
    assert_eq!(value(&draft, "f"), "99");
}

#[test]
fn a_count_beyond_what_can_be_is_told_where_the_rows_are() {
    let survey = "type,name,label,repeat_count\ninteger,n,N,\nbegin repeat,k,K,${n}\ntext,a,A,\nend repeat,,,";
    let mut draft = open(&form(&[("survey", survey)]));
    let at = draft.at(&Path::new("k")).expect("k");
    set(&mut draft, &[("n", "2000")]);
    assert!(draft.problems_at(at).is_empty());
    set(&mut draft, &[("n", "2001")]);
    let found = draft.problems_at(at);
    assert!(matches!(found[..], [dossier::form::Problem { what: What::Rows { rows: 2001, most: 2000, .. }, .. }]));
}

#[test]
fn a_calculation_that_reads_itself_is_told_and_one_that_is_worked_out_once_is_not() {
    for (calculation, told) in [("${c} + 1", true), (". + 1", true), ("once(today())", false), ("sum(${c2})", false)] {
        let survey = format!(
            "type,name,label,calculation\ncalculate,c,,\"{calculation}\"\nbegin repeat,k,K,\ninteger,c2,C2,\nend repeat,,,"
        );
        let problems = crate::wild::reported(&[("survey", &survey)]);
        assert_eq!(problems.iter().any(|told| told.contains("form.reads_itself")), told, "{calculation} {problems:?}");
    }
}

#[test]
fn a_table_without_rows_is_one_however_it_is_closed() {
    for text in ["<root/>", "<root></root>", "<?xml version=\"1.0\"?><root />"] {
        let book = dossier::form::Book::from_texts([("towns.xml", text.as_bytes())], None).expect(text);
        assert!(book.tables[0].rows.is_empty());
    }
    for text in ["<root/><root/>x<", "", "<a"] {
        assert!(dossier::form::Book::from_texts([("towns.xml", text.as_bytes())], None).is_err(), "{text}");
    }
}

#[test]
fn what_an_external_list_does_not_have_is_no_answer_and_one_that_left_it_is_asked_about() {
    let survey = "type,name,label,choice_filter
                  text,p,P,
                  select_one_external c,c,C,p=${p}";
    let external = "list_name,name,label,p\nc,a1,A one,a\nc,b1,B one,b";
    let form = form(&[("survey", survey), ("external_choices", external)]);
    let mut draft = open(&form);
    set(&mut draft, &[("p", "a")]);
    let at = draft.at(&Path::new("c")).expect("c");
    for none in ["b1", "zzz"] {
        assert!(matches!(draft.read(at, none), Err(NotRead::NoSuchChoice { .. })), "{none}");
    }
    assert_eq!(draft.read(at, "a1").as_deref(), Ok("a1"));
    set(&mut draft, &[("c", "a1")]);
    assert!(draft.problems_at(at).is_empty());
    set(&mut draft, &[("p", "b")]);
    assert!(matches!(draft.problems_at(at)[..], [dossier::form::Problem { what: What::SoftType { .. }, .. }]));
}

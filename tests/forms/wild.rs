//! Forms as strangers write them: each kind of slip, shape or spelling that came from the field, and what is right.
//! A form is a few csv lines, what is answered a list of (path, value), as a script has them.

use dossier::domain::{Day, Explain, Path, Stamp, Step};
use dossier::form::problem::{Weight, What};
use dossier::form::{Book, Draft, Form, Loaded, Supply, load};
use std::collections::HashMap;
use std::sync::Arc;

pub fn read(sheets: &[(&str, &str)]) -> Loaded {
    let trimmed: Vec<(&str, String)> =
        sheets.iter().map(|(name, text)| (*name, text.lines().map(str::trim).collect::<Vec<_>>().join("\n"))).collect();
    let book = Book::from_csv(trimmed.iter().map(|(name, text)| (*name, text.trim().as_bytes()))).expect("csv");
    load(&book, &HashMap::new()).expect("readable")
}

pub fn form(sheets: &[(&str, &str)]) -> Arc<Form> {
    let loaded = read(sheets);
    assert!(loaded.usable(), "{:?}", loaded.problems);
    Arc::new(loaded.form)
}

/// What is told, as `sheet row key`.
pub fn reported(sheets: &[(&str, &str)]) -> Vec<String> {
    let problems = read(sheets).problems;
    problems.iter().map(|p| format!("{} {} {}", p.place.sheet, p.place.row, p.what.key)).collect()
}

pub fn open(form: &Arc<Form>) -> Draft {
    Draft::open(form.clone(), Supply::on(Stamp(0), Day::from_ymd(2025, 6, 15).expect("a day")))
}

pub fn set(draft: &mut Draft, answers: &[(&str, &str)]) {
    for (path, value) in answers {
        let step = match *value {
            "+" => Step::Add { path: Path::new(*path) },
            value => Step::Set { path: Path::new(*path), value: value.to_owned() },
        };
        draft.apply(&step);
    }
}

pub fn value(draft: &Draft, path: &str) -> String {
    let at = draft.at(&Path::new(path)).unwrap_or_else(|| panic!("no {path}"));
    draft.value(at).to_owned()
}

pub fn offers(draft: &Draft, path: &str) -> Vec<String> {
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
        let warned = reported(&sheets).iter().any(|t| t == "survey 3 expr.unknown_column");
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
fn a_pattern_that_cannot_be_read_is_told_or_asked_about_and_refuses_nothing() {
    let survey = "type,name,label,constraint
        text,p,P,
        text,a,A,\"regex(., '^(?!0)\\d{4}$')\"
        text,b,B,\"regex(., '(unclosed')\"
        text,c,C,\"regex(., ${p})\"
        text,d,D,\"not(regex(., ${p}))\"";
    let sheets = [("survey", survey)];
    assert_eq!(reported(&sheets), ["survey 4 expr.not_a_regex"]);
    let loaded = read(&sheets);
    assert_eq!((loaded.usable(), loaded.form.broken), (true, 1));
    let mut draft = open(&Arc::new(loaded.form));
    set(&mut draft, &[("p", "(open"), ("a", "5123"), ("b", "x"), ("c", "x"), ("d", "x")]);
    let problems = draft.problems();
    assert!(problems.iter().all(|problem| matches!(problem.what, What::SoftType { .. })), "{problems:?}");
    assert_eq!(problems.iter().map(|problem| problem.path.0.as_str()).collect::<Vec<_>>(), ["c", "d"]);
    set(&mut draft, &[("a", "0123"), ("p", "y")]);
    let refused = draft.problems().into_iter().filter(|problem| matches!(problem.what, What::CheckFails { .. }));
    assert_eq!(refused.count(), 2);
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

#[test]
fn slips_of_authors_are_told_each_at_its_place() {
    let sheets = [
        (
            "survey",
            "type,name,label：：中文,relevance,relevant,default
             ,,只有标签,,,
             ,,,1 = 1,,
             text,a,,,,
             text,b,乙,false(),true(),
             integer,c,丙,,,many
             select_one　l,d,丁,,,",
        ),
        (
            "choices",
            "list_name,name,label,label
             l,x,X,
             ,y,Y,
             l,z,,
             l,w,W,V
             m,q,,",
        ),
        ("settings", "form_id,public_key\nf,k"),
    ];
    let mut found = reported(&sheets);
    found.sort();
    assert_eq!(
        found,
        [
            "choices 1 form.columns_clash",
            "choices 3 form.choice_without_list",
            "choices 4 form.choice_without_label",
            "choices 6 form.list_without_labels",
            "settings 1 form.unmet_setting",
            "survey 1 form.columns_clash",
            "survey 1 form.header_wide",
            "survey 2 form.row_without_type",
            "survey 3 form.row_skipped",
            "survey 4 form.question_without_label",
            "survey 6 form.default_not_of_type",
        ]
    );
    let form = read(&sheets).form;
    assert!(form.languages.contains(&"中文".to_owned()));
    assert_eq!(form.node(form.by_name["d"][0]).question().expect("a question").typed, "select_one　l");
}

#[test]
fn what_an_input_method_writes_is_read_or_named() {
    let survey = "ｔｙｐｅ,name,label，,relevant
        ｔｅｘｔ,a,A,
        \u{feff}text,b\u{200b},B,${a} ！= '1' and ＄｛a｝ = 1";
    let found = reported(&[("survey", &survey.replace("label，", "ｌａｂｅｌ"))]);
    assert_eq!(found[..2], ["survey 1 form.header_wide"; 2]);
    assert_eq!(found.iter().filter(|reported| *reported == "survey 3 expr.foreign_operator").count(), 4, "{found:?}");
    assert!(found[2..].iter().all(|reported| reported.starts_with("survey 3 expr.")), "{found:?}");
}

#[test]
fn a_form_that_asks_nothing_is_told_as_that() {
    for survey in ["", "type,name,label", "text,a,A", "text,a,A\n integer,b,B", "type,name,label\n\n\n"] {
        let found = reported(&[("survey", survey)]);
        assert!(found.iter().any(|reported| reported == "survey 1 form.no_questions"), "{survey:?}: {found:?}");
        let headed = survey.starts_with("type");
        assert_eq!(
            found.iter().any(|reported| reported.ends_with("form.column_missing")),
            !headed,
            "{survey:?}: {found:?}"
        );
    }
}

#[test]
fn one_language_in_two_spellings_two_columns_of_a_table_and_blanks_in_names_are_told() {
    let sheets = [
        (
            "survey",
            "type,name,label::en,hint::English (en),label::中文 (zh-CN),label::zh-TW
             select_multiple l,a,A,H,甲,甲
             select_one l,b,B,H,乙,乙
             select_one_from_file t.csv,c,C,H,丙,丙",
        ),
        ("choices", "list_name,name,label::en\n l,x y,XY\n l,z,Z"),
        ("t", "name,label,label\n 1,One,Eins"),
    ];
    let mut found = reported(&sheets);
    found.sort();
    assert_eq!(found, ["choices 2 form.choice_name_blank", "survey 1 form.languages_joined", "t 1 form.columns_twice"]);
}

#[test]
fn a_loop_over_a_list_is_a_group_for_each_choice() {
    let form = form(&[
        (
            "survey",
            "type,name,label::en,label::zh,relevant
             integer,k,Kinds,种类,
             begin loop over animals,ani,,,${k} > 0
             integer,n,How many %(label)s?,多少%(label)s？,
             text,why,Why no %(name)s,为何没有%(name)s,${n} = 0
             end loop,,,,
             integer,after,After,之后,",
        ),
        ("choices", "list_name,name,label::en,label::zh\n animals,cow,cows,牛\n animals,hen,hens,鸡"),
    ]);
    let mut draft = open(&form);
    set(&mut draft, &[("k", "1"), ("ani/cow/n", "3"), ("ani/hen/n", "0")]);
    let label = |draft: &Draft, path: &str| draft.label(draft.at(&Path::new(path)).expect(path));
    assert_eq!(label(&draft, "ani/cow/n"), "How many cows?");
    assert_eq!(label(&draft, "ani/hen"), "hens");
    let shown = |draft: &Draft, path: &str| draft.relevant(draft.at(&Path::new(path)).expect(path));
    assert!(shown(&draft, "ani/hen/why") && !shown(&draft, "ani/cow/why"));
    draft.speak(form.language_index("zh").expect("zh"));
    assert_eq!(label(&draft, "ani/cow/n"), "多少牛？");
    set(&mut draft, &[("k", "0")]);
    assert!(!shown(&draft, "ani/cow/n"));
}

#[test]
fn half_a_loop_or_one_over_nothing_is_told() {
    for (rows, key) in [
        ("begin loop over nobody,g,\n text,a,A\n end loop,,", "survey 2 form.list_unknown"),
        ("begin loop over l,g,\n text,a,A", "survey 2 form.begin_without_end"),
        ("text,a,A\n end loop,,", "survey 3 form.end_without_begin"),
        ("begin loop,g,\n text,a,A\n end loop,,", "survey 2 form.loop_without_list"),
        ("begin loop over,g,\n text,a,A\n end loop,,", "survey 2 form.loop_without_list"),
        ("begin loop over l,g,\n text,a,A %(colour)s\n end loop,,", "survey 3 form.loop_column"),
        ("begin loop over l,g,\n text,a,A %(label)\n end loop,,", "survey 3 form.loop_column"),
    ] {
        let survey = format!("type,name,label\n {rows}");
        let found = reported(&[("survey", &survey), ("choices", MEMBERS)]);
        assert!(found.iter().any(|t| t == key), "{found:?}");
    }
}

#[test]
fn a_loop_fills_in_any_column_of_its_choices_and_leaves_out_none_of_them() {
    let form = form(&[
        (
            "survey",
            "type,name,label
             Begin_Loop animals,ani,
             integer,n,How many %(label)s in the %(place)s? 100 %(name)s
             End_Loop,,
             begin looped group,r,R
             text,t,T
             end lgroup,,",
        ),
        ("choices", "list_name,name,label,place\n animals,cow,cows,barn\n animals,hen,hens,\n animals,none,None,"),
    ]);
    let draft = open(&form);
    let label = |path: &str| draft.label(draft.at(&Path::new(path)).expect(path));
    assert_eq!(label("ani/cow/n"), "How many cows in the barn? 100 cow");
    assert_eq!(label("ani/hen/n"), "How many hens in the ? 100 hen");
    assert!(draft.at(&Path::new("ani/none/n")).is_none() && draft.at(&Path::new("r[1]/t")).is_some());
}

#[test]
fn other_is_on_offer_whatever_the_filter_says() {
    let form = form(&[
        (
            "survey",
            "type,name,label,choice_filter
             text,p,P,
             select_one l or_other,c,C,prov = ${p}
             select_multiple l or_other,d,D,prov = ${p}",
        ),
        ("choices", "list_name,name,label,prov\n l,a,A,x\n l,b,B,y"),
    ]);
    let mut draft = open(&form);
    set(&mut draft, &[("p", "x"), ("c", "other"), ("d", "a other")]);
    assert_eq!(offers(&draft, "c"), ["a", "other"]);
    assert_eq!((value(&draft, "c"), value(&draft, "d")), ("other".into(), "a other".into()));
    set(&mut draft, &[("p", "y"), ("c_other", "more")]);
    assert_eq!((value(&draft, "c_other"), value(&draft, "d")), ("more".into(), "other".into()));
}

#[test]
fn search_takes_choices_from_the_table_beside_the_form() {
    let table =
        "key,title,title_zh,region,kind\n mango,Mango,芒果,south,1\n apple,Apple,苹果,north,1\n pear,Pear,梨,north,2";
    let choices = "list_name,name,label::en,label::zh\n f,key,title,title_zh\n f,99,None,无";
    for (search, offered) in [
        ("search('fruits')", "mango apple pear 99"),
        ("minimal search('fruits.csv', 'matches', 'region', ${r})", "apple pear 99"),
        ("search(\"fruits\", 'contains', 'title', 'an')", "mango 99"),
        ("search('fruits','startswith','key','p')", "pear 99"),
        ("search('fruits', 'endswith', 'key', 'e')", "apple 99"),
        ("search('fruits', 'matches', 'region', ${r}, 'kind', '2')", "pear 99"),
    ] {
        let cell = search.replace('"', "\"\"");
        let survey = format!(
            "type,name,label,appearance,calculation\n text,r,R,,\n select_one f,q,Q,\"{cell}\",\n calculate,c,,,\"jr:choice-name(${{q}}, '${{q}}')\""
        );
        let form = form(&[("survey", &survey), ("choices", choices), ("fruits", table)]);
        let mut draft = open(&form);
        set(&mut draft, &[("r", "north")]);
        assert_eq!(offers(&draft, "q").join(" "), offered, "{search}");
        let first = offered.split(' ').next().expect("one");
        set(&mut draft, &[("q", first)]);
        assert_eq!(value(&draft, "q"), first);
        assert_eq!(value(&draft, "c").to_lowercase(), first);
    }
    for (search, key) in [
        ("search('nowhere')", "form.search_table_missing"),
        ("search('fruits', 'like', 'region', 'x')", "form.search_shape"),
        ("search()", "form.search_shape"),
        ("search('fruits',", "form.search_shape"),
    ] {
        let survey = format!("type,name,label,appearance\n select_one f,q,Q,\"{search}\"");
        let found = reported(&[("survey", &survey), ("choices", choices), ("fruits", table)]);
        assert!(found.contains(&format!("survey 2 {key}")), "{search}: {found:?}");
    }
}

#[test]
fn tables_may_be_geojson_or_xml_and_a_label_of_a_table_may_have_a_language() {
    let files: [(&str, &[u8]); 4] = [
        (
            "survey.csv",
            b"type,name,label::en,calculation\nselect_one_from_file wells.geojson,q,Q,\nselect_one_from_file kinds.xml,k,K,\nselect_one_from_file towns.csv,t,T,\ncalculate,c,,\"instance('wells')/root/item[id = ${q}]/title\"\ncalculate,g,,\"pulldata('wells', 'geometry', 'id', ${q})\"",
        ),
        (
            "wells.geojson",
            br#"{"type":"FeatureCollection","features":[{"type":"Feature","id":"fs1","geometry":{"type":"Point","coordinates":[121.5,50.7]},"properties":{"title":"Well"}}]}"#,
        ),
        ("kinds.xml", b"<root><item><name>a</name><label>A</label></item></root>"),
        ("towns.csv", "name,label::en,label::zh\n1,Town,镇".as_bytes()),
    ];
    let loaded = load(&Book::from_texts(files, None).expect("read"), &HashMap::new()).expect("read");
    let told: Vec<_> = loaded.problems.iter().map(|p| (p.place.sheet.as_str(), p.what.key)).collect();
    assert_eq!(told, [("towns", "form.table_languages")]);
    let mut draft = open(&Arc::new(loaded.form));
    set(&mut draft, &[("q", "fs1"), ("k", "a"), ("t", "1")]);
    assert_eq!((value(&draft, "c"), value(&draft, "g")), ("Well".into(), "50.7 121.5 0 0".into()));
    assert_eq!(draft.shown(draft.at(&Path::new("t")).expect("t")), "Town");
}

#[test]
fn what_a_form_asks_for_and_does_not_get_is_told_once_for_each_kind() {
    let sheets = [
        (
            "survey",
            "type,name,label,appearance,parameters,media::image
         image,a,A,signature,max-pixels=640,a.png
         image,b,B,signature,max-pixels=640,b.png
         osm,c,C,,,
         audit,audit,,,location-priority=balanced,
         text,d,D,multiline,,
         select_one l,e,E,minimal quick,,
         Select_One_External L,f,F,minimal,,",
        ),
        ("choices", MEMBERS),
        ("external_choices", "list_name,name,label\n L,1,One"),
    ];
    assert_eq!(
        reported(&sheets),
        [
            "survey 1 form.column_unknown",
            "survey 2 form.unmet_appearance",
            "survey 2 form.unmet_parameter",
            "survey 2 form.unmet_type",
            "survey 4 form.unmet_type",
            "survey 5 form.unmet_parameter",
            "survey 5 form.unmet_type",
            "survey 7 form.unmet_appearance",
            "survey 7 form.unmet_appearance",
        ]
    );
}

#[test]
fn what_serves_another_type_only_is_told_too() {
    let survey = "type,name,label,appearance,parameters
        text,a,A,year,start=1
        integer,b,B,multiline,rows
        date,c,C,month-year,
        range,d,D,,\"start=x, end=5 step=0\"
        select_one l,e,E,,randomize=perhaps
        select_one l,f,F,field-list,seed=4
        note,g,G,search('fruits'),
        osm building,h,H,,
        sensor_stream light,i,,,
        geopoint,j,J,,
        begin group,k,K,field-list,
        text,m,M,multiline numbers,
        end group,,,,";
    let found = reported(&[("survey", survey), ("choices", MEMBERS)]);
    assert_eq!(
        found,
        [
            "survey 2 form.unmet_appearance",
            "survey 2 form.unmet_parameter",
            "survey 3 form.unmet_appearance",
            "survey 3 form.parameter_shape",
            "survey 5 form.parameter_value",
            "survey 5 form.parameter_value",
            "survey 6 form.parameter_value",
            "survey 7 form.unmet_appearance",
            "survey 7 form.unmet_parameter",
            "survey 8 form.unmet_appearance",
            "survey 9 form.unmet_type",
            "survey 10 form.unmet_type",
            "survey 11 form.unmet_type",
        ]
    );
}

#[test]
fn a_table_without_the_columns_asked_for_and_a_sheet_of_nearly_the_right_name_are_told() {
    let survey = "type,name,label,parameters,calculation
        select_one_from_file t.csv,a,A,,
        select_one_from_file t.csv,b,B,value=key label=title,
        select_one_from_file T.csv,c,C,,
        select_one_from_file u.csv,d,D,,
        select_one l,e,E,,
        calculate,f,,,search('u')
        csv-external,w,,,
        csv-external,ww,,,
        xml-external,kinds,,,";
    let sheets = [
        ("survey", survey),
        ("choices", "list_name,name,label\n l,1,One\n w,1,One"),
        ("t", "key,title\n 1,One\n 2,Two"),
        ("u", "name,label\n ,One\n 2,Two"),
        ("w", "name,label\n 1,One"),
        ("setings", "form_id\n f"),
        ("external_choices", "list_name,name\n x,1"),
        ("settings", "form_id,version\n f,1\n g,2"),
    ];
    let mut found = reported(&sheets);
    found.sort();
    assert_eq!(
        found,
        [
            "external_choices 2 form.list_without_labels",
            "settings 3 form.settings_rows",
            "survey 10 form.table_missing",
            "survey 2 form.table_column",
            "survey 2 form.table_column",
            "survey 4 form.table_missing",
            "survey 7 expr.search_elsewhere",
            "survey 9 form.table_missing",
            "u 2 form.choice_without_name",
            "w 1 form.table_and_list",
        ]
    );
    let draft = open(&form(&sheets));
    assert_eq!(offers(&draft, "b"), ["1", "2"], "each select reads the table by its own columns");
    let mut renamed = sheets;
    renamed[7].0 = "choice";
    renamed[1].0 = "choises";
    let found = reported(&renamed);
    assert!(found.iter().filter(|t| t.ends_with("form.sheet_unknown")).count() >= 2, "{found:?}");
}

#[test]
fn none_of_these_stands_alone_and_what_it_excludes_is_told() {
    for column in ["exclusive", "Exclusive", "dossier::exclusive", "mutually exclusive"] {
        let choices =
            format!("list_name,name,label,{column}\n ill,heart,Heart,\n ill,lung,Lung,no\n ill,none,None of these,yes");
        let form = form(&[("survey", "type,name,label\n select_multiple ill,i,Ailments"), ("choices", &choices)]);
        let draft = open(&form);
        let at = draft.at(&Path::new("i")).expect("i");
        let said = |typed: &str| draft.read(at, typed).map_err(|why| why.explain().key);
        assert_eq!(said("heart lung"), Ok("heart lung".to_owned()), "{column}");
        assert_eq!(said("none"), Ok("none".to_owned()));
        assert_eq!(said("heart none"), Err("form.exclusive"));
        assert_eq!(said("none，Lung"), Err("form.exclusive"));
    }
}

#[test]
fn a_free_roster_inside_a_counted_row_starts_with_its_first_row() {
    let form = form(&[(
        "survey",
        "type,name,label,repeat_count
         integer,n,N,
         begin repeat,outer,,${n}
         begin repeat,inner,,
         text,x,X,
         end repeat,,,
         end repeat,,,",
    )]);
    let mut draft = open(&form);
    set(&mut draft, &[("n", "2"), ("outer[2]/inner[1]/x", "deep")]);
    assert_eq!(value(&draft, "outer[2]/inner[1]/x"), "deep");
}

#[test]
fn csv_is_read_in_whatever_bytes_spreadsheets_save() {
    let survey = "type,name,label\nselect_one l,b,是否\n";
    let choices = "list_name,name,label\nl,是,\"对, 是\"\nl,否,否\n";
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let utf16 = |text: &str| -> Vec<u8> {
        std::iter::once(0xfeffu16).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    type Way<'w> = (&'w str, &'w dyn Fn(&str) -> Vec<u8>);
    let ways: [Way<'_>; 9] = [
        ("utf-8", &|t| t.as_bytes().to_vec()),
        ("marked", &|t| format!("\u{feff}{t}").into_bytes()),
        ("gbk", &gbk),
        ("utf-16", &utf16),
        ("cr only", &|t| t.replace('\n', "\r").into_bytes()),
        ("crlf", &|t| t.replace('\n', "\r\n").into_bytes()),
        ("semicolons", &|t| t.replace(", ", "#").replace(',', ";").replace('#', ", ").into_bytes()),
        ("tabs", &|t| t.replace(", ", "#").replace(',', "\t").replace('#', ", ").into_bytes()),
        ("sep", &|t| format!("sep=;\n{}", t.replace(", ", "#").replace(',', ";").replace('#', ", ")).into_bytes()),
    ];
    for (way, bytes) in ways {
        let files = [("survey.csv", bytes(survey)), ("choices.csv", bytes(choices))];
        let book = Book::from_csv(files.iter().map(|(name, bytes)| (*name, bytes.as_slice()))).expect(way);
        let loaded = load(&book, &HashMap::new()).expect(way);
        let keys: Vec<_> = loaded.problems.iter().map(|p| p.what.key).collect();
        let expected: &[&str] = if way == "gbk" { &["form.encoding_guessed"; 2] } else { &[] };
        assert_eq!(keys, expected, "{way}");
        let mut draft = open(&Arc::new(loaded.form));
        set(&mut draft, &[("b", "是")]);
        assert_eq!(draft.shown(draft.at(&Path::new("b")).expect("b")), "对, 是", "{way}");
    }
    let spoilt = [("survey.csv", "type,name,label\ntext,a,\u{fffd}\u{fffd}".as_bytes())];
    assert!(Book::from_csv(spoilt).is_err());
}

#[test]
fn workbooks_of_other_programs_say_what_their_cells_show_and_what_is_odd_about_them() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/workbooks");
    // Of a value that openpyxl and odfpy did not work out nothing is there; xlwt writes an empty text.
    let (formula, old_formula) = ("survey 9 form.cell_formula", "survey 10 form.cell_formula");
    let merged = "survey 11 form.cells_merged";
    for (file, odd) in [
        ("1900.xls", vec![old_formula, merged]),
        ("1904.xls", vec![old_formula, merged]),
        ("1900.xlsx", vec![formula, merged]),
        ("1904.xlsx", vec![formula, merged]),
        ("cells.ods", vec![formula, merged]),
    ] {
        let bytes = std::fs::read(folder.join(file)).expect(file);
        let loaded = load(&Book::from_workbook(&bytes).expect(file), &HashMap::new()).expect(file);
        let reported: Vec<String> = loaded
            .problems
            .iter()
            .map(|p| format!("{} {} {}", p.place.sheet, p.place.row, p.what.key))
            .filter(|reported| reported.contains("form.cell"))
            .collect();
        let mut expected = vec!["survey 5 form.cell_digits", "survey 8 form.cell_error"];
        expected.extend(odd);
        assert_eq!(reported, expected, "{file}");
        let draft = open(&Arc::new(loaded.form));
        for (path, expected) in [
            ("d", "2024-01-15"),
            ("m", "2024-01-15 08:30:00"),
            ("t", "08:30:00"),
            ("p", "13800001234"),
            ("b", "TRUE"),
            ("e", "#N/A"),
        ] {
            assert_eq!(value(&draft, path), expected, "{file} {path}");
        }
        assert_eq!(draft.label(draft.at(&Path::new("r")).expect("r")), "Bold and plain", "{file}");
    }
}

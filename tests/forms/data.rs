//! What the embedded files promise each other: the hardship form, the code lists it names, the union tree. Nothing here
//! evaluates an expression; the form's own tests do.

use dossier::data;
use dossier::domain::bank_card::NotCard;
use dossier::domain::code::{CodeFound, CodeProblem};
use dossier::domain::id_number::{IdWarning, NotIdNumber};
use dossier::domain::unit::{UnitFound, UnitProblem};
use dossier::domain::{CodeList, Day, Explain, IdNumber, Mask, UnitTree};
use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use unicode_width::UnicodeWidthChar;

const ZH: &str = "中文 (zh)";
const EN: &str = "English (en)";
/// Lists that the program supplies.
const SUPPLIED: [&str; 2] = ["household", "units"];

type Row = BTreeMap<String, String>;

fn sheet(path: &str) -> Vec<Row> {
    let text = data::file(path).unwrap_or_else(|| panic!("no file {path}"));
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().unwrap().clone();
    let cells = |r: csv::StringRecord| header.iter().zip(r.iter()).map(|(h, c)| (h.into(), c.into())).collect();
    reader.into_records().map(|r| cells(r.unwrap())).collect()
}

fn survey() -> Vec<Row> {
    sheet("forms/hardship/survey.csv")
}

fn cell<'a>(row: &'a Row, column: &str) -> &'a str {
    row.get(column).map_or("", String::as_str)
}

fn day(text: &str) -> Day {
    Day::from_iso(text).unwrap()
}

fn list(name: &str) -> CodeList {
    let text = data::file(&format!("codes/{name}.csv")).unwrap_or_else(|| panic!("no list {name}"));
    let (list, problems) = CodeList::parse(name, text);
    assert_eq!(problems, []);
    list
}

/// The list a row chooses from.
fn chosen_from(row: &Row) -> Option<&str> {
    cell(row, "type").strip_prefix("select_one ").or(cell(row, "type").strip_prefix("select_multiple "))
}

/// Columns that hold expressions.
fn expressions(row: &Row) -> impl Iterator<Item = &str> {
    const COLUMNS: [&str; 7] =
        ["required", "relevant", "constraint", "calculation", "dossier::check2", "dossier::check3", "choice_filter"];
    COLUMNS.into_iter().map(|c| cell(row, c)).filter(|e| !e.is_empty() && *e != "yes")
}

/// `(check, severity, moment, message)` columns.
const CHECKS: [[&str; 4]; 3] = [
    ["constraint", "dossier::severity", "dossier::moment", "constraint_message"],
    ["dossier::check2", "dossier::severity2", "dossier::moment2", "dossier::check2_message"],
    ["dossier::check3", "dossier::severity3", "dossier::moment3", "dossier::check3_message"],
];

#[test]
fn every_csv_is_one_row_a_line_and_quoted_only_where_needed() {
    let codes = data::folder("codes").map(|(name, text)| (format!("codes/{name}"), text));
    let forms = data::folder("forms/hardship").map(|(name, text)| (format!("forms/hardship/{name}"), text));
    let units = data::folder("units").map(|(name, text)| (format!("units/{name}"), text));
    let mut seen = 0;
    for (path, text) in codes.chain(forms).chain(units) {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let mut writer = csv::Writer::from_writer(Vec::new());
        for record in reader.records() {
            writer.write_record(&record.unwrap_or_else(|e| panic!("{path}: {e}"))).unwrap();
        }
        assert_eq!(String::from_utf8(writer.into_inner().unwrap()).unwrap(), text, "{path}");
        let wide = |c: &char| c.width() != c.width_cjk();
        // A name's middle dot look-alikes are told apart in a check; everything that is shown has one width everywhere.
        let shown: String = text.replace("contains(., '•')", "");
        assert_eq!(shown.chars().find(wide), None, "{path}: a glyph that is narrow here and wide there");
        seen += 1;
    }
    assert!(seen > 45, "only {seen} files embedded");
}

#[test]
fn every_code_list_reads_without_a_problem_and_has_labels_in_both_languages() {
    for (file, _) in data::folder("codes") {
        let list = list(file.strip_suffix(".csv").unwrap());
        assert!(list.all().count() > 1, "{file}");
        assert!(list.all().all(|c| c.en.is_ascii()), "{file}");
    }
}

#[test]
fn the_numbers_of_questions_stand_once_each_and_those_of_the_first_version_in_order() {
    let mut numbers: Vec<u32> = survey().iter().filter_map(|r| cell(r, "dossier::number").parse().ok()).collect();
    let first: Vec<u32> = numbers.iter().copied().filter(|number| *number <= 128).collect();
    assert_eq!(first, (1..=128).collect::<Vec<u32>>());
    // What came later stands beside what it belongs to, so that no number changes its question.
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=168).collect::<Vec<u32>>());
}

#[test]
fn the_rosters_carry_their_numbers_and_bounds() {
    let survey = survey();
    let rosters: Vec<_> = survey
        .iter()
        .filter(|r| cell(r, "type") == "begin repeat")
        .map(|r| (cell(r, "name"), cell(r, "dossier::number"), cell(r, "dossier::rows")))
        .collect();
    assert_eq!(
        rosters,
        [
            ("members", "44", "0-19"),
            ("not_counted", "150", "0-10"),
            ("stays", "153", "0-40"),
            ("job_needs", "92", "1-20"),
            ("changes", "102", "1-50"),
            ("skills", "111", "0-20")
        ]
    );
}

#[test]
fn groups_close_in_the_order_they_opened() {
    let mut open = Vec::new();
    for row in &survey() {
        if let Some(kind) = cell(row, "type").strip_prefix("begin ") {
            open.push((kind.to_owned(), cell(row, "name").to_owned()));
        } else if let Some(kind) = cell(row, "type").strip_prefix("end ") {
            assert_eq!(open.pop(), Some((kind.to_owned(), cell(row, "name").to_owned())));
        }
    }
    assert_eq!(open, []);
}

#[test]
fn every_name_is_there_once_and_every_reference_finds_one() {
    let survey = survey();
    let mut names = BTreeSet::new();
    for row in survey.iter().filter(|r| !cell(r, "type").starts_with("end ")) {
        assert!(names.insert(cell(row, "name")), "{} twice", cell(row, "name"));
    }
    let reference = Regex::new(r"\$\{([^}]*)\}").unwrap();
    for row in &survey {
        let texts = row.iter().filter(|(c, _)| c.contains("label") || c.contains("message")).map(|(_, t)| t.as_str());
        for text in expressions(row).chain(texts) {
            for found in reference.captures_iter(text) {
                assert!(names.contains(&found[1]), "{} refers to {}", cell(row, "name"), &found[1]);
            }
        }
    }
}

#[test]
fn every_list_of_the_form_is_a_code_list_or_supplied() {
    let survey = survey();
    let named: BTreeSet<&str> = survey.iter().filter_map(chosen_from).collect();
    for name in &named {
        assert!(SUPPLIED.contains(name) || data::file(&format!("codes/{name}.csv")).is_some(), "{name}");
    }
    assert!(SUPPLIED.iter().all(|s| named.contains(s)));
    assert!(sheet("forms/hardship/choices.csv").is_empty());
}

#[test]
fn every_code_in_an_expression_is_in_its_questions_list() {
    let survey = survey();
    let lists: BTreeMap<&str, &str> = survey.iter().filter_map(|r| Some((cell(r, "name"), chosen_from(r)?))).collect();
    let place = r"(\.|\$\{\w+\})";
    let equal = Regex::new(&format!(r"{place} !?= '([^']*)'")).unwrap();
    let one_of = Regex::new(&format!(r"selected\('([^']*)', {place}\)")).unwrap();
    let holds = Regex::new(&format!(r"selected\({place}, '([^']*)'\)")).unwrap();
    let mut seen = BTreeSet::new();
    for row in &survey {
        for text in expressions(row) {
            let pairs = equal.captures_iter(text).map(|c| (c[1].to_owned(), c[2].to_owned()));
            let pairs = pairs.chain(one_of.captures_iter(text).map(|c| (c[2].to_owned(), c[1].to_owned())));
            for (place, codes) in pairs.chain(holds.captures_iter(text).map(|c| (c[1].to_owned(), c[2].to_owned()))) {
                let question = if place == "." { cell(row, "name") } else { place.trim_matches(['$', '{', '}']) };
                let Some(name) = lists.get(question).filter(|n| !SUPPLIED.contains(n)) else { continue };
                for code in codes.split_whitespace() {
                    assert!(list(name).get(code).is_some(), "{}: {code} is not in {name}", cell(row, "name"));
                    seen.insert((question.to_owned(), code.to_owned()));
                }
            }
        }
    }
    assert!(seen.len() > 90, "only {} codes found: the patterns no longer fit the expressions", seen.len());
}

#[test]
fn what_the_form_says_of_relations_and_work_is_what_the_lists_say() {
    let survey = survey();
    let sexes = survey.iter().find(|r| cell(r, "name") == "m_sex").map(|r| cell(r, "constraint")).unwrap();
    let literal = Regex::new(r"selected\('([^']*)', \$\{m_relation\}\)\) or \. = '(.)'").unwrap();
    let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for c in literal.captures_iter(sexes) {
        said.insert(c[2].to_owned(), c[1].split(' ').map(str::to_owned).collect());
    }
    let relation = list("relation");
    for sex in ["1", "2"] {
        let listed: BTreeSet<String> =
            relation.all().filter(|c| c.further("sex") == Some(sex)).map(|c| c.code.clone()).collect();
        assert_eq!(said.get(sex), Some(&listed));
    }
    let work = list("work_status");
    let employed: Vec<&str> =
        work.all().filter(|c| c.further("employed") == Some("1")).map(|c| c.code.as_str()).collect();
    let literal = format!("selected('{}', ", employed.join(" "));
    for name in ["own_employed", "m_employed", "m_unit"] {
        let row = survey.iter().find(|r| cell(r, "name") == name).unwrap();
        assert!(expressions(row).any(|e| e.contains(&literal)), "{name}");
    }
}

#[test]
fn a_check_says_where_what_and_what_next_in_both_languages() {
    let mut checks = 0;
    for row in &survey() {
        for [check, severity, moment, message] in CHECKS {
            let name = format!("{} {check}", cell(row, "name"));
            let (zh, en) = (cell(row, &format!("{message}::{ZH}")), cell(row, &format!("{message}::{EN}")));
            if cell(row, check).is_empty() {
                assert_eq!((zh, en, cell(row, severity), cell(row, moment)), ("", "", "", ""), "{name}");
                continue;
            }
            checks += 1;
            assert!(["hard", "soft"].contains(&cell(row, severity)), "{name}");
            assert!(["leave", "finish", "approve"].contains(&cell(row, moment)), "{name}");
            // What, then what next: two sentences at least.
            assert!(zh.ends_with('。') && zh.matches('。').count() >= 2, "{name}: {zh}");
            assert!(en.ends_with('.') && en.matches(['.', ';']).count() >= 2, "{name}: {en}");
            let number = cell(row, "dossier::number");
            if !number.is_empty() {
                assert!(
                    zh.contains(&format!("第 {number} 题")) || zh.contains("第 44 题") || zh.contains("第 111 题"),
                    "{name}: {zh}"
                );
                assert!(en.contains("uestion"), "{name}: {en}");
            }
        }
    }
    assert!(checks > 70, "only {checks} checks");
}

#[test]
fn whatever_is_asked_is_labelled_and_says_what_a_re_survey_does_with_it() {
    for row in &survey() {
        let (kind, name) = (cell(row, "type"), cell(row, "name"));
        if ["calculate", "hidden"].contains(&kind) || kind.starts_with("end ") {
            continue;
        }
        assert!(
            !cell(row, &format!("label::{ZH}")).is_empty() && !cell(row, &format!("label::{EN}")).is_empty(),
            "{name}"
        );
        let asked = !kind.starts_with("begin ") && kind != "note" && cell(row, "read_only").is_empty();
        if asked {
            assert!(["ask", "carry"].contains(&cell(row, "dossier::origin")), "{name}");
        }
        let mask = cell(row, "dossier::masked");
        assert!(mask.is_empty() || Mask::from_code(mask).is_some(), "{name}: {mask}");
    }
}

#[test]
fn the_form_never_decides() {
    let survey = survey();
    let number = |r: &Row| cell(r, "dossier::number").parse::<u32>().ok();
    let supplied = |when: &str| -> Vec<u32> {
        survey.iter().filter(|r| cell(r, "dossier::supplied") == when).filter_map(number).collect()
    };
    assert_eq!(supplied("start"), [1, 72, 85]);
    assert_eq!(supplied("finish"), [86, 87, 88, 89]);
    // 128 is three names in one group.
    assert_eq!(supplied("later"), [90, 121, 122, 123, 124, 125, 126, 127]);
    let posts: Vec<&str> = survey
        .iter()
        .filter(|r| cell(r, "dossier::supplied") == "later" && number(r).is_none())
        .map(|r| cell(r, "name"))
        .collect();
    assert_eq!(posts, ["filed_by", "checked_by", "entered_by"]);
    for row in survey.iter().filter(|r| !cell(r, "dossier::supplied").is_empty()) {
        assert_eq!((cell(row, "required"), cell(row, "read_only")), ("", "yes"), "{}", cell(row, "name"));
        assert_eq!(cell(row, "calculation"), "", "{}", cell(row, "name"));
    }
    for row in survey.iter().filter(|r| matches!(number(r), Some(33 | 35 | 73 | 76 | 82))) {
        assert!(!cell(row, "calculation").is_empty() && cell(row, "read_only") == "yes", "{}", cell(row, "name"));
    }
}

#[test]
fn income_spending_and_assets_are_asked_fresh_and_may_be_refused() {
    for row in &survey() {
        let number: u32 = cell(row, "dossier::number").parse().unwrap_or(0);
        let asked = cell(row, "read_only").is_empty();
        if asked && matches!(number, 36 | 39..=43 | 58 | 65..=84) {
            assert_eq!(cell(row, "dossier::origin"), "ask", "{number}");
        }
        if asked && matches!(number, 42 | 58 | 65..=84) {
            assert_eq!(cell(row, "dossier::type"), "money", "{number}");
            assert_eq!(cell(row, "dossier::refusable"), "yes", "{number}");
        }
        if cell(row, "dossier::type") == "money" {
            assert_eq!(cell(row, "type"), "decimal", "{number}");
        }
    }
}

#[test]
fn the_divisions_of_every_year_are_known() {
    let divisions = list("division");
    let on = |d: &str| -> BTreeSet<String> {
        divisions
            .on(day(d))
            .map(|c| c.code.clone())
            .filter(|c| c.starts_with("1521") || c.starts_with("1507"))
            .collect()
    };
    for (code, first, last) in [
        ("152126", "1980-01-01", "1993-12-31"),
        ("152105", "1994-01-01", "2000-12-31"),
        ("150785", "2001-01-01", "2026-01-01"),
        ("152121", "1980-01-01", "1982-12-31"),
        ("150703", "2013-01-01", "2026-01-01"),
    ] {
        assert!(on(first).contains(code) && on(last).contains(code), "{code}");
        assert!(!on(&day(first).plus_days(-1).to_string()).contains(code), "{code}");
    }
    assert!(!on("2001-01-01").contains("152105") && !on("1994-01-01").contains("152126"));
    // Every old code leads to one of today.
    for code in divisions.all() {
        assert!(divisions.successor_on(&code.code, day("2026-01-01")).is_some(), "{}", code.code);
    }
    assert_eq!(divisions.successor_on("152126", day("2018-12-14")).map(|c| c.zh.as_str()), Some("根河市"));
}

#[test]
fn synthetic_people_pass_with_the_divisions_of_their_birth_years() {
    let divisions = list("division");
    for number in [
        "152126196803150311",
        "152126197108220423",
        "152126196207180346",
        "152126198501100131",
        "152126197912030241",
        "152126194501010023",
        "15212619680229011X",
        "152105199605120156",
        "152105199811300289",
        "150785200506170017",
        "150785200802290021",
        "150785201209300051",
        "150785201511110080",
        "15078520181214003X",
        "150782200304040071",
        "152104197309090188",
        "152127198008080567",
        "15078520060606019X",
        "15212619750420007X",
    ] {
        let id = IdNumber::from_typed(number).unwrap();
        assert_eq!(id.warnings(&divisions, day("2018-12-14")), [], "{id}");
    }
}

#[test]
fn the_bureau_has_farms_yards_and_stations_and_units_that_merged() {
    let (tree, problems) = UnitTree::parse(data::file("units/jinhe.csv").unwrap());
    assert_eq!(problems, []);
    let root = tree.by_code("JH").unwrap();
    for on in ["2012-08-31", "2012-09-01", "2016-01-01", "2018-12-31", "2019-01-01", "2026-01-01"] {
        assert!(tree.on(day(on)).count() >= 14, "{on}");
        assert!(tree.on(day(on)).all(|u| tree.is_within(u.id, root, day(on))), "{on}");
    }
    let stands_for =
        |code: &str, on: &str| tree.successor_on(tree.by_code(code).unwrap(), day(on)).map(|u| u.code.clone());
    assert_eq!(stands_for("JH15", "2018-12-31").as_deref(), Some("JH15"));
    assert_eq!(stands_for("JH15", "2019-01-01").as_deref(), Some("JH14"));
    assert_eq!(stands_for("JH52", "2019-01-01"), None);
    let kinds = list("unit_kind");
    assert!(dossier::domain::unit::UnitKind::ALL.iter().all(|k| kinds.get(k.code()).is_some()));
}

#[test]
fn every_refusal_of_the_domain_has_its_words() {
    let today = day("2018-12-14");
    let said = |e: &dyn Explain| e.explain();
    let code = |found| said(&CodeProblem { list: "x".into(), line: 2, found });
    let unit = |found| said(&UnitProblem { line: 2, found });
    let messages = [
        said(&NotIdNumber::Empty),
        said(&NotIdNumber::Length(17)),
        said(&NotIdNumber::Character { at: 3, found: 'k' }),
        said(&NotIdNumber::Division),
        said(&NotIdNumber::NotADay { year: 1969, month: 2, day: 29 }),
        said(&NotIdNumber::YearTooEarly(1700)),
        said(&NotIdNumber::CheckDigit { expected: '1', found: '0' }),
        said(&IdWarning::DivisionUnknown { division: "999999".into() }),
        said(&IdWarning::DivisionLater { division: "150785".into(), since: today }),
        said(&IdWarning::DivisionGone { division: "152126".into(), until: today }),
        said(&IdWarning::BornLater(today)),
        said(&NotCard::Empty),
        said(&NotCard::Length(3)),
        said(&NotCard::Character { at: 1, found: 'x' }),
        code(CodeFound::TooLarge),
        code(CodeFound::ColumnMissing("zh")),
        code(CodeFound::NotARow),
        code(CodeFound::CellEmpty("zh")),
        code(CodeFound::CodeBroken("1 2".into())),
        code(CodeFound::CodeTwice("1".into())),
        code(CodeFound::NotADay("x".into())),
        code(CodeFound::EndsBeforeItBegins { since: today, until: today }),
        code(CodeFound::SuccessorUnknown("1".into())),
        unit(UnitFound::TooLarge),
        unit(UnitFound::ColumnMissing("zh")),
        unit(UnitFound::NotARow),
        unit(UnitFound::CellEmpty("zh")),
        unit(UnitFound::NotAnId("x".into())),
        unit(UnitFound::KindUnknown("x".into())),
        unit(UnitFound::NotADay("x".into())),
        unit(UnitFound::EndsBeforeItBegins { since: today, until: today }),
        unit(UnitFound::Twice("x".into())),
        unit(UnitFound::UnitUnknown("x".into())),
        unit(UnitFound::Ring("x".into())),
        unit(UnitFound::ParentGone { parent: "x".into(), on: today }),
    ];
    let places = Regex::new(r"\{(\w+)\}").unwrap();
    for lang in ["zh", "en"] {
        let text = data::file(&format!("lang/{lang}/domain.toml")).unwrap();
        let words: toml::Table = text.parse().unwrap();
        for message in &messages {
            let sentence = words.get(message.key).and_then(|w| w.as_str()).unwrap_or_else(|| panic!("{}", message.key));
            for place in places.captures_iter(sentence) {
                assert!(message.args.iter().any(|(name, _)| *name == &place[1]), "{lang} {}", message.key);
            }
        }
    }
}

#[test]
fn a_file_is_found_by_its_path_and_code_is_not_handed_out() {
    assert!(data::file("codes/sex.csv").is_some_and(|t| t.starts_with("code,zh,en")));
    assert_eq!(data::file("codes/none.csv"), None);
    assert_eq!(data::file("mod.rs"), None);
    assert_eq!(data::folder("nothing").count(), 0);
    assert_eq!(data::folder("").count(), 0);
    assert!(data::folders("forms").any(|f| f == "hardship"));
}

#[test]
fn every_check_is_as_hard_and_as_early_as_its_row_says() {
    use dossier::form::model::{Moment, Severity};
    let library = dossier::command::Library::built_in();
    assert!(library.problems.is_empty(), "{:?}", library.problems);
    let form = library.hardship().unwrap();
    let (mut compared, mut soft) = (0, 0);
    for row in &survey() {
        let name = cell(row, "name");
        // The notes of a group have no name to be found by.
        let Some(question) = form.by_name.get(name).filter(|_| !name.is_empty()).and_then(|ids| form.question(ids[0]))
        else {
            continue;
        };
        let said: Vec<(&str, &str)> = CHECKS
            .iter()
            .filter(|[check, ..]| !cell(row, check).is_empty())
            .map(|[_, severity, moment, _]| (cell(row, severity), cell(row, moment)))
            .collect();
        let read: Vec<(&str, &str)> = question
            .checks
            .iter()
            .map(|check| {
                let severity = if check.severity == Severity::Soft { "soft" } else { "hard" };
                let moment = match check.moment {
                    Moment::Leave => "leave",
                    Moment::Finish => "finish",
                    Moment::Approve => "approve",
                };
                (severity, moment)
            })
            .collect();
        assert_eq!(read, said, "{name}");
        compared += said.len();
        soft += said.iter().filter(|(severity, _)| *severity == "soft").count();
    }
    assert!(compared > 70 && soft > 10, "{compared} compared, {soft} soft");
}

//! Blocks pasted into a roster, from text to rows.

use dossier::domain::{Day, Explain, Path, Stamp, Step};
use dossier::form::{At, Book, Draft, Supply, load, run};
use dossier::lang::{Lang, say};
use std::collections::HashMap;
use std::sync::Arc;

fn draft() -> Draft {
    let survey = "type,name,label,relevant,constraint,constraint_message,dossier::type,dossier::rows,dossier::masked\n\
        begin repeat,m,成员,,,,,0-3,\n\
        text,who,姓名,,,,,,name\n\
        select_one kin,kin,与职工关系,,,,,,\n\
        date,born,出生日期,,,,,,\n\
        integer,year,入学年份,${kin} = '20',. > 1990,早于 1990 年,,,\n\
        decimal,pay,月收入,,,,money,,\n\
        calculate,age,,,,,,,\n\
        end repeat,,,,,,,,\n";
    let choices = "list_name,name,label\nkin,10,配偶\nkin,20,子\nkin,30,女\n";
    let files = [("survey", survey.as_bytes()), ("choices", choices.as_bytes())];
    let loaded = load(&Book::from_csv(files).expect("csv"), &HashMap::new()).expect("readable");
    assert!(loaded.usable(), "{:?}", loaded.problems);
    Draft::open(Arc::new(loaded.form), Supply::on(Stamp(0), Day::from_ymd(2025, 6, 15).expect("a day")))
}

fn roster(draft: &Draft) -> At {
    draft.at(&Path::new("m")).expect("the roster")
}

/// What each column fills, by name.
fn columns(draft: &Draft, text: &str) -> Vec<String> {
    let block = draft.paste(roster(draft), text).expect("a block");
    let name = |node: &Option<dossier::form::NodeId>| {
        node.map_or("-", |node| draft.form().node(node).name.as_str()).to_owned()
    };
    block.columns.iter().map(name).collect()
}

#[test]
fn a_column_goes_where_its_title_or_else_its_contents_belong() {
    let draft = draft();
    for (text, filled) in [
        // Titles in any order, one of no question among them; a part of a label is enough.
        ("关系\t备注\t姓名\n子\t甲\t示例乙", &["kin", "-", "who"][..]),
        ("who,born\n示例乙,2008-01-02", &["who", "born"]),
        // Contents: names, a relation by its words, a day, money.
        ("示例乙\t儿子\t2008/1/2\t1,500.00", &["who", "kin", "born", "pay"]),
        ("2008-01-02 示例乙", &["born", "who"]),
        // One slip among three makes no other column of it.
        ("子 示例乙\n女 示例丙\n甥 示例丁", &["kin", "who"]),
    ] {
        assert_eq!(columns(&draft, text), filled, "{text}");
    }
    assert!(draft.paste(roster(&draft), " \n ").is_none() && draft.paste(roster(&draft), "姓名\t关系").is_none());
}

#[test]
fn what_is_refused_is_told_cell_by_cell_and_nothing_is_filled_in_before() {
    let draft = draft();
    let text = "姓名\t关系\t入学年份\t出生日期\n示例乙\t子\t1980\t2008-02-30\n示例丙\t外甥\t\t20080102\n示例丁\t女\t2010\t\n\t配偶\t\t\n";
    let block = draft.paste(roster(&draft), text).expect("a block");
    let trial = draft.try_block(&block);
    assert_eq!(draft.rows_of(roster(&draft)).len(), 0);
    let told: Vec<(usize, usize, &str, String)> =
        trial.refused.iter().map(|c| (c.line, c.column, c.text.as_str(), say(&c.why, Lang::Zh))).collect();
    assert_eq!(
        told.iter().map(|(line, column, text, _)| (*line, *column, *text)).collect::<Vec<_>>(),
        [(1, 4, "2008-02-30"), (2, 2, "外甥"), (3, 3, "2010"),]
    );
    assert!(told[2].3.contains("现在不需要回答"), "{told:?}");
    assert_eq!(trial.doubtful.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [1], "1980 stands, and is told");
    assert_eq!(trial.beyond, 1, "the roster has three rows");
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(trial.rows[0], [pair("who", "示例乙"), pair("kin", "20"), pair("year", "1980")]);
}

#[test]
fn a_block_is_one_step_that_is_taken_back_as_one_and_reads_back_from_a_script() {
    let mut draft = draft();
    draft.keep_past();
    let block = draft.paste(roster(&draft), "示例乙\t子\t2008-01-02\n示例丙\t女\t2010-03-04").expect("a block");
    let step = Step::Block { path: Path::new("m"), rows: draft.try_block(&block).rows };
    let text = run::script(std::slice::from_ref(&step)).to_string();
    let read = run::steps(&text).expect("a script");
    assert_eq!(draft.apply(&read[0]).problem, None);
    let value = |draft: &Draft, path: &str| draft.at(&Path::new(path)).map(|at| draft.value(at).to_owned());
    assert_eq!(value(&draft, "m[2]/born").as_deref(), Some("2010-03-04"));
    assert_eq!(value(&draft, "m[1]/kin").as_deref(), Some("20"));
    draft.apply(&Step::Undo { path: Path::new("m") });
    assert_eq!(draft.rows_of(roster(&draft)).len(), 0);
    draft.apply(&Step::Redo { path: Path::new("m") });
    assert_eq!(value(&draft, "m[2]/who").as_deref(), Some("示例丙"));
    // More rows than there is room for: none of them.
    let four = Step::Block { path: Path::new("m"), rows: vec![vec![("who".into(), "示例丁".into())]; 2] };
    assert_eq!(draft.apply(&four).problem.map(|p| p.explain().key), Some("form.too_many_rows"));
    assert_eq!(draft.rows_of(roster(&draft)).len(), 2);
}

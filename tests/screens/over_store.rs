//! The screens over a store: today, lookup, dossier, and a survey taken up where it was left.

use crate::support::Session;
use crate::support::bureau::{Bureau, TODAY, now};
use dossier::command::SessionContext;
use dossier::command::survey::Begin;
use dossier::domain::{Explain, Step};
use dossier::tui::screens::today::Today;
use dossier::tui::session::{self, Unlocked};
use dossier::tui::{App, Lang, Setup, theme::Theme};
use dossier::views::Horizon;

fn open(bureau: &Bureau) -> Session {
    Session::open(Box::new(Today::new(bureau.session())))
}

/// Walks to the dossier of the household surveyed twice.
fn at_the_dossier(bureau: &Bureau) -> Session {
    let mut session = open(bureau);
    session.keys("/").text("示例甲").keys("<enter>");
    session.expect("困难类别");
    session
}

#[test]
fn a_fresh_store_says_what_to_do_first() {
    let bureau = Bureau::empty();
    let mut session = open(&bureau);
    session.expect("没有草稿。按 n 开始新的调查").expect("0 户").expect("密钥文件");
    session.keys("<enter>").expect("今日");
    session.keys("<esc>");
    assert!(!session.app.is_over(), "Esc leaves nobody outside");
    session.keys("q").expect("再按一次离开").keys("q");
    assert!(session.app.is_over());
}

#[test]
fn households_due_are_listed_with_how_late_they_are_in_words() {
    let bureau = Bureau::with_households();
    let mut session = Session::open(Box::new(Today::new(bureau.session_on("2027-05-03"))));
    session.expect("超期").expect("还有").expect("示例丁");
    session.expect_true();
    session.keys("1").expect("档案 150785").expect("总览").keys("<esc>").expect("最近看过");
    session.expect("已提交");
    session.keys("<f12>").expect("days overdue").expect("Last looked at").keys("<c-t>").expect("今日");
    session.expect_true();
}

#[test]
fn a_case_is_sent_back_by_keys_with_a_query_and_both_wait_on_the_first_screen() {
    let bureau = Bureau::with_households();
    let mut session = Session::open(Box::new(Today::new(bureau.session_on("2026-10-01"))));
    session.keys("/").text("示例丁").keys("<enter> 8").expect("退回调查");
    session.keys("<down> <enter>").expect("疑问").keys("<f2>").expect("要补正什么");
    session.keys("<down>").text("phone 号码少一位？").keys("<f2>").expect("已登记：退回调查").expect("草稿");
    session.keys("7").expect("号码少一位");
    session.keys("<esc> <esc>").expect("今日").expect("已退回，待补正").expect("疑问待答复");
    session.expect_true();
}

#[test]
fn a_case_goes_from_submitted_to_posted_by_keys_and_what_is_refused_stays_to_be_mended() {
    let bureau = Bureau::with_households();
    let mut session = Session::open(Box::new(Today::new(bureau.session_on("2026-10-01"))));
    // What waits is opened at the page of its case.
    session.keys("/").text("示例丁").keys("<enter> 8").expect("下一步").expect("核实中");
    session.expect_true();
    session.keys("<enter>").expect("事由").text("二零").keys("<enter>");
    // A day that is none is told, and stands to be mended.
    session.keys("<enter>").expect("二零");
    session.keys("<esc> <enter> <f2>").expect("已登记：核实中");
    session.keys("<enter>").expect("到会").keys("<down>").text("示例子、示例丑、示例寅");
    session.keys("<down> <down> <down>").text("两").keys("<f2>").expect("不是整数");
    // Enter goes to the last line and stays there: held down it takes no step.
    session.keys("<backspace>").text("２").keys("<enter> <enter> <enter> <enter>").expect("到会");
    session.keys("<f2>").expect("已登记：已评议");
    session.keys("<enter> <f2>").expect("已登记：上级已审核");
    session.keys("<enter> <f2>").expect("已登记：公示中");
    session.expect_true();
    // Before its last day it is not approved, and the line of the choice says so.
    session.expect("公示");
    session.keys("4").expect("公示").keys("<f12>").expect("posted from");
    // Somebody objects: it stands on the page, and the latest steps stay there, too.
    session.keys("<f12> 8").expect("下一步");
    let at_it =
        |session: &Session| session.lines().iter().any(|line| line.contains("> ") && line.contains("登记公示异议"));
    for _ in 0..12 {
        if !at_it(&session) {
            session.keys("<down>");
        }
    }
    session.keys("<enter> <down>").text("示例邻").keys("<down> <down>").text("该户另有一处出租房").keys("<f2>");
    session.expect("已登记：登记公示异议").expect("示例邻").expect("未处理");
    let lines = session.lines();
    let heads = lines.iter().position(|line| line.trim_start().starts_with("步骤")).expect("the steps");
    assert!(lines[heads + 1].contains("2026-10-01"), "{}", session.screen());
    session.expect_true();
}

#[test]
fn a_draft_is_taken_up_at_the_same_question_with_its_half_word() {
    let bureau = Bureau::empty();
    let mut session = open(&bureau);
    session.keys("n").expect("困难职工家庭调查表");
    session.keys("1 <enter> 20261126 <enter>").text("赵一").keys("<enter> 1 <enter>");
    session.keys("<f6>").text("姓名").keys("<enter>").text("示例").expect("6 姓名*");
    session.app.tick(session.at_ms + 1000);
    session.show();
    drop(session);
    // A new session over the same folder: nothing but the file tells it of the draft.
    let mut session = open(&bureau);
    session.expect("未完成的草稿（1）").expect("新的家庭").expect("姓名").expect("已答 4");
    session.keys("<enter>").expect("6 姓名*").expect("示例");
    session.text("甲").keys("<enter>").expect("示例甲");
    session.keys("<c-w>").expect("草稿已保存").expect("示例甲");
}

#[test]
fn a_draft_is_thrown_away_only_when_asked_twice() {
    let bureau = Bureau::empty();
    let mut session = open(&bureau);
    session.keys("n <c-w>").expect("未完成的草稿（1）");
    session.keys("d").expect("按 y 丢弃").keys("n").expect("未完成的草稿（1）");
    session.keys("d y").expect("未完成的草稿（0）");
    assert!(bureau.office.drafts(now(TODAY)).expect("drafts").0.is_empty());
}

#[test]
fn a_damaged_draft_says_so_and_is_gone_on_with_up_to_the_damage() {
    let bureau = Bureau::empty();
    let mut session = open(&bureau);
    session.keys("n");
    // Each step is synced before the next, so what stands behind the damage was safe once.
    for step in ["1 <enter>", "20261125 <enter>", "z <enter>", "1 <enter>", "<c-w>"] {
        session.keys(step);
        session.at_ms += 1000;
        session.app.tick(session.at_ms);
    }
    drop(session);
    let folder = bureau.folder.path().join("data/drafts");
    let file = std::fs::read_dir(folder).expect("drafts").next().expect("a draft").expect("entry").path();
    let mut bytes = std::fs::read(&file).expect("draft");
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&file, bytes).expect("damaged");
    let mut session = open(&bureau);
    session.expect("! 有损坏").keys("<enter>").expect("有一处损坏").expect("2 调查类型");
    session.keys("<c-w>");
    drop(session);
    // Gone on with, nothing of it is damaged any more; and neither copy of what was recorded ever was.
    let health = bureau.office.doctor(now(TODAY).today).expect("doctor");
    assert!(health.wrong.is_empty(), "{:?}", health.wrong);
    let verified = bureau.office.verify(None, true, |_, _| {}).expect("verified");
    assert!(verified.holds() && verified.copies.whole(), "{:?}", verified.copies);
    let backed = bureau.office.backup(&bureau.folder.path().join("b.backup"), now(TODAY), |_, _| {}).expect("a backup");
    assert!(backed.copies.whole(), "{:?}", backed.copies);
}

#[test]
fn a_household_with_a_draft_is_given_no_second_one() {
    let bureau = Bureau::with_households();
    let form = bureau.office.library().hardship().expect("form").clone();
    let dossier = bureau.office.find("150785-2026-0002", now(TODAY)).expect("household").id();
    let begin = Begin { dossier: Some(dossier), form: form.clone(), corrects: None, updates: false, on_disk: true };
    bureau.office.begin(begin, now(TODAY)).expect("begun");
    let (drafts, _) = bureau.office.drafts(now(TODAY)).expect("drafts");
    assert_eq!((drafts.len(), drafts[0].submitted), (1, None));
    let draft = drafts[0].draft;
    assert_eq!(bureau.office.draft_of(Some(dossier), None, &form).expect("asked"), Some(draft));
    // The dossier screen goes on with it and begins no second one.
    let mut session = open(&bureau);
    session.keys("/").text("0002").keys("<enter> s").expect("困难职工家庭调查表").keys("<c-w>");
    session.expect("总览");
    assert_eq!(bureau.office.drafts(now(TODAY)).expect("drafts").0.len(), 1);
}

#[test]
fn a_draft_whose_file_outlived_its_submission_leads_to_the_dossier_and_goes() {
    let bureau = Bureau::with_households();
    let mut session = at_the_dossier(&bureau);
    session.keys("2 c <f6> 66 <enter> 45000 <enter>");
    session.app.leave();
    let folder = bureau.folder.path().join("data/drafts");
    let file = std::fs::read_dir(folder).expect("drafts").next().expect("a draft").expect("entry").path();
    let bytes = std::fs::read(&file).expect("draft");
    session.keys("<f9> <f2>").expect("已提交");
    // The program was cut off between the record and the file's removal.
    std::fs::write(&file, bytes).expect("left behind");
    let records = bureau.office.records().expect("records");
    let mut session = open(&bureau);
    session.expect("已提交").keys("1").expect("总览").expect("150785-2026-0001");
    assert!(!file.exists());
    assert_eq!(bureau.office.records().expect("records"), records);
}

#[test]
fn when_somebody_was_faster_the_draft_stays_and_both_may_be_kept() {
    let bureau = Bureau::with_households();
    let mut session = at_the_dossier(&bureau);
    session.keys("2 c <f6> 66 <enter> 45000 <enter>");
    // Meanwhile, at another desk.
    let dossier = bureau.office.find("150785-2026-0001", now(TODAY)).expect("household").id();
    bureau.submit(Some(dossier), "illness.json", "2026-11-20", &[("visit/survey_type", "2")]);
    session.keys("<f9> <f2>").expect("已有变动").expect("示例员");
    session.keys("n").expect("可以提交");
    assert_eq!(bureau.office.drafts(now(TODAY)).expect("drafts").0.len(), 1, "the draft stays");
    session.keys("<f2> y").expect("已提交").keys("<esc> 1").expect("并存的调查");
    session.expect_true();
    assert!(bureau.office.drafts(now(TODAY)).expect("drafts").0.is_empty());
}

#[test]
fn an_id_number_of_another_dossier_is_told_beneath_the_question_looked_up_and_passed_with_a_reason() {
    let bureau = Bureau::with_households();
    let mut session = open(&bureau);
    session.keys("n <f6>").text("身份证号").keys("<enter>").expect("身份证号");
    // The cursor stays: the next question is another household's.
    session.text("152126680315031").keys("<enter>").expect("也在档案 150785-2026-0001（已提交）中");
    session.expect("F5 看那份档案").expect_true();
    session.keys("<f5>").expect("档案 150785-2026-0001").expect("总览").keys("<esc>");
    session.expect("困难职工家庭调查表").expect("也在档案 150785-2026-0001").expect_true();
    // Enter goes on all the same, and the last page asks again.
    session.keys("<enter>").expect_not("F5 看那份档案").keys("<f9> <end>").expect("也在档案").keys("<esc> <f6>");
    session.text("身份证号").keys("<enter> <f2>").text("户口已分，另立一户").keys("<enter>").expect_not("也在档案");
    session.keys("<f9> <end>").expect_not("也在档案").keys("<esc> <c-w>");
    // Taken up again, the reason stands.
    let mut session = open(&bureau);
    session.keys("<enter> <f6>").text("身份证号").keys("<enter>").expect("F5 看那份档案").expect_not("须写明理由");
    session.keys("<c-w>");
    bureau.discard_drafts();
    // A number that stands nowhere is asked nothing.
    session.keys("n <f6>").text("身份证号").keys("<enter>").text("152126196803150020").keys("<enter>");
    session.expect_not("也在档案").expect_not("看那份档案");
}

#[test]
fn keying_goes_on_past_an_id_number_of_another_dossier_and_says_so() {
    let bureau = Bureau::with_households();
    bureau.office.prefer_heads_down(true);
    let mut session = open(&bureau);
    session.keys("n <f6>").text("身份证号").keys("<enter>").text("152126196803150311");
    session.expect("也在档案 150785-2026-0001").expect_not("F5 看那份档案").keys("<s-tab>").expect("F5 看那份档案");
    // Of another unit's household the unit is told and no number, not even by the key that would open it.
    let unit = bureau.office.unit_by_code("JH12", now(TODAY).today).expect("asked").expect("a unit");
    let her = bureau.office.add_officer("示例乙", "two", &["surveyor"], &[unit], now(TODAY)).expect("added");
    let mut session = open_as(&bureau, her);
    session.keys("n <f6>").text("身份证号").keys("<enter>").text("152126196803150311").keys("<enter>");
    session.expect("另一单位").expect_not("150785-2026-0001").keys("<f5>");
    session.expect("那户不归您查看").expect_not("150785-2026-0001").expect_true();
}

#[test]
fn lookup_finds_as_one_types_and_says_why() {
    let bureau = Bureau::with_households();
    let mut session = open(&bureau);
    session.keys("/").expect("输入姓名").expect_true();
    session.text("slj").expect("拼音首字母相同").expect("示例甲").expect("共 2 户");
    session.expect_true();
    session.keys("<backspace> <backspace> <backspace>").text("0001").expect("尾号相同").expect("1968");
    session.keys("<c-a>").text("没有这个").expect("没有找到");
    session.keys("<esc>").expect("今日");
}

#[test]
fn an_officer_of_one_unit_finds_only_its_households() {
    let bureau = Bureau::with_households();
    let all = bureau.office.lookup("示例", 20, now(TODAY)).expect("found").hits.len();
    let unit = bureau.office.find("150785-2026-0001", now(TODAY)).expect("found").status(Horizon::NOW);
    let unit = unit.unit.expect("unit");
    let officer = bureau.office.add_officer("只管一处", "one unit", &["surveyor"], &[unit], now(TODAY)).expect("added");
    let mut office = std::sync::Arc::into_inner(bureau.office).expect("the only holder");
    office.sit_down(officer);
    let reach = office.reach(now(TODAY)).expect("asked").expect("cut");
    let mine = office.lookup("示例", 20, now(TODAY)).expect("found").hits.len();
    assert!(mine >= 1 && mine < all, "{mine} of {all}");
    let due = office.due_until(now("2030-01-01").today, 100, now(TODAY)).expect("due");
    assert!(due.iter().all(|line| line.unit.is_some_and(|unit| reach.contains(&unit))));
}

#[test]
fn a_dossier_shows_its_pages_masked_until_revealed_with_a_reason() {
    let bureau = Bureau::with_households();
    let mut session = at_the_dossier(&bureau);
    session.expect("档案 150785-2026-0001  示例甲").expect("2026-09");
    session.keys("2").expect("定期复查").expect("首次建档");
    session.keys("3").expect("1****************1").expect("示例乙").expect_not("152126");
    session.keys("4").expect("建档，编号").expect("2026-09-12 的调查");
    session.keys("5").expect("42,000.00").expect("66,000.00").expect("题不同");
    session.keys("6").expect("认定为").expect_true();
    session.keys("v").expect("为什么要看全文").keys("<enter>").expect("请写明理由");
    session.text("职工来电核对").keys("<enter>").expect("已记入档案");
    session.keys("3").expect("152126196803150311").expect("示例乙");
    session.keys("4").expect("查看：遮盖的内容，事由：职工来电核对");
    // The next to come sees it covered again.
    session.keys("<esc> <enter> 3").expect("示例乙").expect_not("152126");
}

#[test]
fn a_key_moves_through_time_and_says_where_one_is() {
    let bureau = Bureau::with_households();
    let mut session = at_the_dossier(&bureau);
    session.expect("现在").keys("2 <left>").expect("截至 2026-09-12").expect("定期复查");
    session.keys("<left>").expect("截至 2026-03-10").expect_not("定期复查").expect("1 深度困难");
    session.keys("5").expect("只有一次调查").keys("6").expect("2026-03-10").expect("611.11");
    session.keys("<right> <right>").expect("现在").keys("t").expect("当时所知");
    session.keys("t").expect("截至").keys("<right>");
    session.expect_true();
}

#[test]
fn two_surveys_are_marked_and_compared() {
    let bureau = Bureau::with_households();
    let mut session = at_the_dossier(&bureau);
    session.keys("2 <up> <space>").expect("[x]").keys("<down> <space>").expect("66,000.00").expect("2  2026-09-12");
    session.keys("<f12>").expect("answers differ").expect("Wages").keys("<f12>");
    session.expect_true();
}

#[test]
fn a_survey_is_read_whole_and_asked_about_where_the_answer_stands() {
    let bureau = Bureau::with_households();
    let mut session = at_the_dossier(&bureau);
    session.keys("2 <enter>").expect("读调查 150785-2026-0001").expect("- 调查").expect("定期复查").expect("第 2/2 次");
    // By number, by the initials of its words, by a member's name; the bar goes along while one types.
    session.keys("/").text("66").keys("<enter>").expect("66 工资性收入（年）：66,000.00").expect("本次询问");
    session.keys("/").text("zyzkyy").keys("<enter>").expect("62 主要致困原因：");
    session.keys("/").text("示例乙").keys("<enter>").expect(">   +   示例乙");
    // A row of the roster is a table's line until it is opened.
    session.keys("<enter>").expect("46 与职工关系").expect("妻").expect_not("152126");
    session.keys("<enter>").expect_not("46 与职工关系  妻");
    // A query is raised on the answer under the bar, and its mark stands there.
    session.keys("/").text("66").keys("<enter> a").expect("对这项回答提出查询").text("与工资条不符").keys("<enter>");
    session.expect("查询已记入").expect("? 66 工资性收入（年）").expect("与工资条不符");
    session.keys("l").expect("~  没有答案的原因").expect("#  有备注").keys("<esc>");
    // Another version of it, with what it said then.
    session.keys("<left>").expect("第 1/2 次").keys("<home>").expect("首次建档");
    session.keys("/").text("66").keys("<enter>").expect("66 工资性收入（年）：42,000.00").expect_not("与工资条不符");
    session.keys("<esc>").expect("[2 调查]").keys("7").expect("66 工资性收入（年）").expect("与工资条不符");
    session.expect_true();
}

#[test]
fn a_dossier_and_its_surveys_are_read_on_any_terminal() {
    let bureau = Bureau::with_households();
    for (cols, rows) in [(60, 24), (80, 24), (60, 10), (200, 60)] {
        let mut session = Session::sized(Box::new(Today::new(bureau.session())), cols, rows);
        session.keys("/").text("示例甲").keys("<enter>").expect("示例甲");
        // Every page can be reached, and says which it is.
        for (page, name) in [(2, "[2 调查]"), (3, "[3 成员]"), (5, "[5 对比]"), (6, "[6 理由]"), (1, "[1 总览]")]
        {
            session.keys(&page.to_string()).expect(name).expect_true();
        }
        // What tells the versions apart stands whatever gives way, and no figure is cut.
        session.keys("2").expect("2026-03-10").expect("1 深度困难").expect_true();
        session.keys("3").expect("示例乙").expect("1971-08-22").expect_true();
        // The survey counts for more than what is said about a line of it.
        session
            .keys("2 <enter> /")
            .text("66")
            .keys("<enter>")
            .expect("66 工资性收入（年）")
            .expect("66,000.00")
            .expect_true();
        if cols == 200 {
            session.keys("<esc> 2").expect("保存时间").expect("标准").expect_true();
        }
    }
}

#[test]
fn a_correction_begins_from_the_version_under_the_bar_and_replaces_it() {
    let bureau = Bureau::with_households();
    let mut session = at_the_dossier(&bureau);
    session.keys("2 <up> c").expect("困难职工家庭调查表").expect("更正");
    session.keys("<f6>").text("66").keys("<enter>").text("30000").keys("<enter> <f9>").expect("可以提交");
    session.keys("<f2>").expect("已提交，档案编号 150785-2026-0001").keys("<esc>");
    session.expect("1*").keys("4").expect("更正 2026-03-10 的调查");
}

#[test]
fn the_language_is_switched_on_every_page_and_help_names_the_keys() {
    let bureau = Bureau::with_households();
    let mut session = at_the_dossier(&bureau);
    for page in 1..=6 {
        session.keys(&page.to_string()).keys("<f12>").expect("overview").expect_true();
        session.keys("<f12>").expect("总览").expect_true();
    }
    session.keys("<f1>").expect("往前").expect("再次调查").keys("<esc> :").expect("可做的事").keys("<esc>");
    session.expect("总览");
}

#[test]
fn a_hang_up_syncs_the_draft() {
    let bureau = Bureau::empty();
    let mut session = open(&bureau);
    session.keys("n 1 <enter>").text("半");
    session.app.leave();
    let (drafts, _) = bureau.office.drafts(now(TODAY)).expect("drafts");
    let form = bureau.office.library().hardship().expect("form").clone();
    drop(session);
    let (surveying, resumed) = bureau.office.resume(drafts[0].draft, form, now(TODAY)).expect("resumed");
    assert_eq!(resumed.halves.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), ["半"]);
    assert!(!surveying.keeping.unsynced());
}

#[test]
fn a_half_word_goes_with_the_step_that_answers_it_and_follows_its_row() {
    let bureau = Bureau::empty();
    let form = bureau.office.library().hardship().expect("form").clone();
    let begin = Begin { dossier: None, form: form.clone(), corrects: None, updates: false, on_disk: true };
    let mut surveying = bureau.office.begin(begin, now(TODAY)).expect("begun");
    let path = |text: &str| dossier::domain::Path::new(text);
    let add = Step::Add { path: path("family/members") };
    surveying.answer(&bureau.office, &add).expect("kept");
    surveying.answer(&bureau.office, &add).expect("kept");
    surveying.keeping.typing(&path("identity/name"), "示例");
    surveying.keeping.typing(&path("family/members[2]/m_name"), "乙");
    surveying.keeping.sync(&bureau.office).expect("synced");
    let set = Step::Set { path: path("identity/name"), value: "示例甲".into() };
    surveying.answer(&bureau.office, &set).expect("kept");
    surveying.answer(&bureau.office, &Step::Remove { path: path("family/members[1]") }).expect("kept");
    surveying.keeping.sync(&bureau.office).expect("synced");
    let draft = surveying.keeping.head.draft;
    drop(surveying);
    let (mut surveying, resumed) = bureau.office.resume(draft, form.clone(), now(TODAY)).expect("resumed");
    let of_b = surveying.draft.at(&path("family/members[1]/m_name")).expect("there");
    assert_eq!(resumed.halves, [(of_b, "乙".to_owned())]);
    // A row that is removed takes its texts along, and brings them back.
    surveying.answer(&bureau.office, &Step::Remove { path: path("family/members[1]") }).expect("kept");
    surveying.keeping.sync(&bureau.office).expect("synced");
    drop(surveying);
    let (mut surveying, resumed) = bureau.office.resume(draft, form.clone(), now(TODAY)).expect("resumed");
    assert_eq!(resumed.halves, [(of_b, "乙".to_owned())]);
    assert!(!surveying.draft.exists(of_b));
    surveying.answer(&bureau.office, &Step::Undo { path: path("") }).expect("kept");
    assert!(surveying.draft.exists(of_b));
    // One that was never added has none when another is.
    surveying.answer(&bureau.office, &add).expect("kept");
    surveying.keeping.typing(&path("family/members[2]/m_name"), "丙");
    surveying.keeping.sync(&bureau.office).expect("synced");
    surveying.answer(&bureau.office, &Step::Undo { path: path("") }).expect("kept");
    surveying.answer(&bureau.office, &add).expect("kept");
    surveying.keeping.sync(&bureau.office).expect("synced");
    drop(surveying);
    let (_, resumed) = bureau.office.resume(draft, form, now(TODAY)).expect("resumed");
    assert_eq!(resumed.halves, [(of_b, "乙".to_owned())]);
}

fn well(survey: &str, version: &str) -> dossier::form::Book {
    let settings = format!("form_id,form_title,version\nwell,水井调查,{version}\n");
    let files = [("survey", survey.as_bytes()), ("settings", settings.as_bytes())];
    dossier::form::Book::from_csv(files).expect("csv")
}

#[test]
fn a_household_is_surveyed_with_a_form_of_the_store_which_changes_under_the_draft() {
    let bureau = Bureau::with_households();
    let mut session = at_the_dossier(&bureau);
    session.keys("f").expect("库里还没有别的表");
    let one = "type,name,label\ntext,owner,井主\ninteger,depth,井深\ntext,colour,颜色";
    bureau.office.add_form(&well(one, "1"), "well", now(TODAY)).expect("added");
    session.keys("f").expect("用哪张表调查").expect("水井调查").keys("<enter>").expect("井主");
    session.text("示例甲").keys("<enter> 12 <enter>").text("红").keys("<enter>").expect("可以提交").keys("<esc> <c-w>");
    // The next version asks the depth inside a group, and no colour.
    let two = "type,name,label\ntext,owner,井主姓名\nbegin group,g,水井\ninteger,depth,井深（米）\nend group,,";
    bureau.office.add_form(&well(two, "2"), "well", now(TODAY)).expect("added");
    session.keys("f").expect("水井调查  2").keys("<enter>");
    session
        .expect("表已改版：2 个答案与原来不同")
        .expect("「井深」现在是「水井 › 井深（米）」")
        .expect("「颜色」不再问")
        .expect_true();
    // Enter on what moved goes there.
    session.keys("<enter>").expect("井深（米）").expect("12");
    session.keys("<enter> <f2>").expect("已提交").keys("<esc>");
    // On the dossier, the survey reads as it was taken.
    session.keys("2").expect("well");
}

#[test]
fn every_failure_a_screen_may_say_has_words() {
    let bureau = Bureau::with_households();
    let setup = Setup { lang: Lang::En, theme: Theme::default(), size: (80, 24) };
    let mut app = App::new(Box::new(Today::new(bureau.session())), setup);
    app.say(dossier::command::Failure::Erased.explain());
    for script in ["1", "2", "3", "4", "5", "6", "<esc>", "/"] {
        for chunk in crate::support::keys(script) {
            app.feed(&chunk, 1);
        }
        app.tick(1000);
        let screen = app.draw().lines().join("\n");
        assert!(!screen.contains("[tui.") && !screen.contains("[status.") && !screen.contains('{'), "{screen}");
    }
}

/// The screens of somebody else at the same store.
fn open_as(bureau: &Bureau, officer: dossier::domain::OfficerId) -> Session {
    let seat = bureau.office.seat(officer, SessionContext::program("screens"));
    let clock = Box::new(|| now(TODAY));
    let session = session::Session::new(std::sync::Arc::new(seat), clock, Unlocked::KeyFile).expect("a session");
    Session::open(Box::new(Today::new(session)))
}

fn set_roles(bureau: &Bureau, officer: dossier::domain::OfficerId, roles: &[&str]) {
    let mut row =
        bureau.office.officers().expect("officers").into_iter().find(|o| o.officer == officer).expect("known");
    row.roles = roles.iter().map(|role| (*role).to_owned()).collect();
    bureau.office.set_officer(&row, now(TODAY)).expect("set");
}

#[test]
fn a_screen_closes_with_a_word_at_the_next_key_when_the_right_to_it_was_taken_back() {
    let bureau = Bureau::with_households();
    let her = bureau.office.add_officer("示例乙", "two", &["surveyor"], &[], now(TODAY)).expect("added");
    let mut session = open_as(&bureau, her);
    session.keys("/").text("0001").keys("<enter>").expect("困难类别");
    set_roles(&bureau, her, &["system_administrator"]);
    let records = bureau.office.records().expect("records");
    session.keys("v").expect("需要「调查员」角色").expect_not("为什么要看全文");
    session.keys("<esc>").expect("没有草稿").expect_not("示例甲");
    assert_eq!(bureau.office.records().expect("records"), records, "and nothing was done");
}

#[test]
fn a_survey_that_is_open_when_the_role_is_taken_back_closes_and_its_draft_stays() {
    let bureau = Bureau::with_households();
    let her = bureau.office.add_officer("示例乙", "two", &["surveyor"], &[], now(TODAY)).expect("added");
    let mut session = open_as(&bureau, her);
    session.keys("n 1 <enter> 20261127 <enter>").expect("调查人").text("赵一");
    set_roles(&bureau, her, &["cashier"]);
    session.text("二").expect("需要「调查员」角色").expect_not("调查人");
    set_roles(&bureau, her, &["surveyor"]);
    // What was typed before stands there.
    let mut session = open_as(&bureau, her);
    session.expect("未完成的草稿（1）").keys("<enter>").expect("赵一");
}

#[test]
fn what_somebody_may_not_do_is_neither_hinted_nor_done() {
    let bureau = Bureau::with_households();
    let cashier = bureau.office.add_officer("示例丙", "three", &["cashier"], &[], now(TODAY)).expect("added");
    let mut session = open_as(&bureau, cashier);
    session.expect("没有草稿。").expect_not("按 n 开始").expect_not("n 新的家庭");
    session.keys("n").expect("今日");
    session.keys("/").text("0001").keys("<enter>").expect("困难类别").expect_not("再次调查").expect_not("更正");
    session.keys("s").expect("总览");
    session.keys("7 a").expect_not("提出查询");
}

#[test]
fn the_roll_is_filtered_grouped_and_opened_to_its_rows() {
    let bureau = Bureau::with_households();
    let mut session = open(&bureau);
    session.keys("l").expect("名册").expect("在档全部");
    // Households that are not in the files yet: the status is a filter like any other.
    session.keys("f").expect("档案状态").text("档案状态").keys("<enter>").text("submitted").keys("<enter>");
    session.expect("档案状态=submitted").expect("示例甲").expect("150785-2026-0001");
    session.keys("g").text("困难类别").keys("<enter>").expect("合计").expect("户数").expect("人数");
    session.keys("<enter>").expect("困难类别=").expect("示例");
    session.keys("d d").expect("在档全部");
    session.keys("m").expect("期初").expect("期末").keys("<esc>").expect("在档全部").keys("<esc>").expect("今日");
}

#[test]
fn how_a_household_stands_is_told_from_anywhere_and_copied() {
    let bureau = Bureau::with_households();
    let mut session = open(&bureau);
    session.keys("=").expect("速查").text("示例甲").expect("150785-2026-0001").expect("Enter 复制");
    session.keys("<enter>").expect("已请终端复制");
    session.keys("<esc>").expect("今日");
    session.keys("/ <ins>").expect("速查").text("没有这个人").expect("没有找到").keys("<esc>").expect("查找");
}

/// A household of five: the worker, the spouse, two children at school, and the worker's mother.
fn household_of_five(bureau: &Bureau) -> dossier::domain::DossierId {
    let id = |birth: &str, sequence: u16| {
        let birth = dossier::domain::Day::from_iso(birth).expect("a day");
        dossier::domain::IdNumber::new("152126", birth, sequence).expect("an ID number").reveal().to_owned()
    };
    let member = |row: usize, of: &[(&str, &str)]| -> Vec<(String, String)> {
        of.iter().map(|(name, value)| (format!("family/members[{row}]/{name}"), (*value).to_owned())).collect()
    };
    let (son, daughter, mother) = (id("2013-03-04", 31), id("2011-08-09", 42), id("1945-10-11", 24));
    let child = |row, name: &str, relation: &str, number: &str, sex: &str, birth: &str| {
        let of = [
            ("m_name", name),
            ("m_relation", relation),
            ("m_id_number", number),
            ("m_sex", sex),
            ("m_birth_date", birth),
        ];
        let more = [("m_health", "10"), ("m_person_status", "31"), ("m_school_stage", "2"), ("m_school", "示例学校")];
        let rest = [("m_medical_ins", "1"), ("m_lives_together", "1")];
        member(row, &[&of[..], &more[..], &rest[..]].concat())
    };
    let mut answers = child(2, "示例丙", "20", &son, "1", "2013-03-04");
    answers.extend(child(3, "示例己", "30", &daughter, "2", "2011-08-09"));
    answers.extend(member(4, &[("m_name", "示例庚"), ("m_relation", "52"), ("m_id_number", &mother), ("m_sex", "2")]));
    answers.extend(member(4, &[("m_birth_date", "1945-10-11"), ("m_health", "10"), ("m_person_status", "21")]));
    answers.extend(member(4, &[("m_month_income", "0"), ("m_medical_ins", "1"), ("m_lives_together", "1")]));
    bureau.submit_with("illness.json", "2026-03-10", 2, &answers)
}

/// Surveys a household again as whoever has been there before would, nothing having changed but what is typed by
/// `changed` (question number → keys). The keys pressed from the first question to the receipt.
fn survey_again(session: &mut Session, changed: &[(&str, &str)]) -> usize {
    let mut keys = 0;
    let mut press = |session: &mut Session, script: &str| {
        keys += crate::support::keys(script).len();
        session.keys(script);
    };
    for _ in 0..80 {
        let screen = session.lines().join("\n");
        if screen.contains("可以提交") {
            press(session, "<f2>");
            session.expect("已提交");
            return keys;
        }
        let rows: Vec<String> = session.vt.screen().rows(22, 58).collect();
        let here = rows.iter().skip(1).take(11).find(|row| row.trim_start().starts_with('>')).expect("a cursor");
        let number = here.trim_start().chars().skip(2).collect::<String>();
        let number = number.split_whitespace().next().unwrap_or_default().to_owned();
        let typed = changed.iter().find(|(of, _)| *of == number).map(|(_, keys)| *keys);
        match number.as_str() {
            _ if typed.is_some() => press(session, typed.unwrap_or_default()),
            _ if screen.contains("未核对") => press(session, "c"),
            // The kind of survey, and what only a later survey asks.
            "2" | "101" | "108" | "109" => press(session, "2"),
            _ if here.trim_start().starts_with(">?") && !screen.contains("元") => press(session, "<c-]>"),
            _ => press(session, "="),
        }
    }
    panic!("no end:\n{}", session.lines().join("\n"));
}

#[test]
fn a_second_survey_of_five_people_takes_as_few_keys_as_the_readme_says() {
    let bureau = Bureau::empty();
    household_of_five(&bureau);
    bureau.office.prefer_heads_down(true);
    let reported = |changed: &[(&str, &str)], on: &'static str| {
        let mut session = Session::open(Box::new(Today::new(bureau.session_on(on))));
        session.keys("/").text("示例甲").keys("<enter> s").expect("困难职工家庭调查表");
        session.sent.clear();
        let keys = survey_again(&mut session, changed);
        let bytes: usize = session.sent.iter().sum();
        (keys, bytes)
    };
    let (same, same_bytes) = reported(&[], "2026-09-12");
    // Another wage, and with it the household's, and a child's move up a school.
    let (three, three_bytes) = reported(&[("65", "2300 <enter>"), ("66", "46000 <enter>"), ("36", "2")], "2027-03-12");
    assert!(same <= 40, "{same}");
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("README");
    let figure = |(keys, bytes): (usize, usize)| format!("{keys} keys, {} kB", bytes.div_ceil(1000));
    let figures = [(same, same_bytes), (three, three_bytes)].map(figure);
    for said in &figures {
        assert!(readme.contains(said.as_str()), "README.md does not say: {figures:?}");
    }
}

#[test]
fn an_update_asks_what_changed_and_says_of_the_rest_when_it_was_asked() {
    let bureau = Bureau::empty();
    household_of_five(&bureau);
    let mut session = Session::open(Box::new(Today::new(bureau.session_on("2026-09-12"))));
    session.keys("/").text("示例甲").keys("<enter> u").expect("变更调查").expect("沿用上次");
    // Straight to the phone, by its number, and its new value.
    session.keys("<f6>").text("23").keys("<enter>").expect("沿用 2026-03-10 的答案").text("13900001111");
    // From there to what every visit asks; no amount, and nobody's birthday, on the way.
    session.keys("<enter>").expect_not("沿用 2026-03-10");
    for _ in 0..40 {
        let screen = session.lines().join("\n");
        assert!(!screen.contains("沿用 2026-03-10 的答案"), "{screen}");
        if screen.contains("可以提交") || screen.contains("提交前") {
            break;
        }
        session.keys("2 <enter>");
    }
}

/// The bureau opened again, with an eye on what the clock says.
fn watching(bureau: Bureau) -> Bureau {
    let Bureau { office, folder } = bureau;
    std::sync::Arc::into_inner(office).expect("nobody else at it").close().expect("closed");
    let asked = dossier::command::opening::OpenOffice {
        machine: b"test".to_vec(),
        user: "示例员".into(),
        watch_clock: true,
        ..dossier::command::opening::OpenOffice::new(
            &folder.path().join("data"),
            std::sync::Arc::new(dossier::command::Library::built_in()),
            Box::new(dossier::seal::SystemRandom),
            now(TODAY),
        )
    };
    let opened = dossier::command::opening::open(asked).expect("opened again");
    Bureau { office: std::sync::Arc::new(opened.office), folder }
}

#[test]
fn a_clock_that_jumps_while_somebody_works_is_asked_about_and_what_was_refused_can_be_done_again() {
    let bureau = watching(Bureau::with_households());
    let records = bureau.office.records().expect("records");
    let mut session = Session::open(Box::new(Today::new(bureau.session_on("2041-03-01"))));
    // Opening a household would be recorded, with that day for good.
    session.keys("/").text("0001").keys("<enter>").expect("时钟对吗").expect("2041-03-01").expect("2026-09-12");
    session.keys("n").expect_not("时钟对吗").expect("相差太远");
    assert_eq!(bureau.office.records().expect("records"), records, "and nothing was kept");
    session.keys("<enter>").expect("时钟对吗").keys("y").expect("从现在起按 2041-03-01 保存");
    session.keys("<enter>").expect("困难类别");
    assert!(bureau.office.records().expect("records") > records);
    // Back again is a jump, too.
    let mut session = Session::open(Box::new(Today::new(bureau.session())));
    session.keys("/").text("0002").keys("<enter>").expect("时钟对吗").expect("2041-03-01");
}

#[test]
fn whoever_comes_from_afar_and_does_not_keep_the_store_is_told_of_the_clock_and_not_asked() {
    let bureau = watching(Bureau::with_households());
    let her = bureau.office.add_officer("示例乙", "two", &["surveyor"], &[], now(TODAY)).expect("added");
    for (afar, asked) in [(true, false), (false, true)] {
        let context = SessionContext { afar, ..SessionContext::program("screens") };
        let seat = std::sync::Arc::new(bureau.office.seat(her, context));
        let clock = Box::new(|| now("2041-03-01"));
        let session = session::Session::new(seat, clock, Unlocked::KeyFile).expect("a session");
        let mut session = Session::open(Box::new(Today::new(session)));
        session.keys("/").text("0001").keys("<enter>");
        assert_eq!(session.shows("时钟对吗"), asked, "{}", session.screen());
        assert!(asked || session.shows("相差太远"), "{}", session.screen());
    }
}

#[test]
fn a_right_that_is_taken_back_under_the_clocks_question_leaves_nothing_that_its_answer_does() {
    let bureau = watching(Bureau::with_households());
    let names: Vec<String> = {
        let lines = bureau.office.dossiers(now(TODAY)).expect("dossiers");
        lines.into_iter().filter_map(|one| bureau.office.line(one, now(TODAY)).expect("a line").name.clone()).collect()
    };
    let her = bureau.office.add_officer("示例乙", "two", &["surveyor"], &[], now(TODAY)).expect("added");
    let row = || bureau.office.officers().expect("officers").into_iter().find(|row| row.officer == her).expect("known");
    for way in ["role", "last day"] {
        let whole = row();
        let seat = std::sync::Arc::new(bureau.office.seat(her, SessionContext::program("screens")));
        let clock = Box::new(|| now("2041-03-01"));
        let session = session::Session::new(seat, clock, Unlocked::KeyFile).expect("a session");
        let mut session = Session::open(Box::new(Today::new(session)));
        session.keys("/").text("0001").keys("<enter>").expect("时钟对吗");
        let mut less = whole.clone();
        match way {
            "role" => less.roles = vec!["system_administrator".into()],
            _ => less.until = Some(now(TODAY).today.plus_days(-1)),
        }
        bureau.office.set_officer(&less, now(TODAY)).expect("set");
        let kept = bureau.office.records().expect("records");
        for key in ["y", "<enter>", "<esc>", "<enter>"] {
            session.keys(key);
            assert!(!names.iter().any(|name| session.shows(name)), "{way} {key}\n{}", session.screen());
        }
        assert_eq!(bureau.office.records().expect("records"), kept, "{way}\n{}", session.screen());
        bureau.office.set_officer(&whole, now(TODAY)).expect("given back");
    }
}

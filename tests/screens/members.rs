//! Whoever leaves the household, and whoever comes, by keys: in the survey's roster, and read again at the dossier.

use crate::support::Session;
use crate::support::bureau::{Bureau, TODAY, now};
use dossier::domain::{Path, Step};
use dossier::tui::screens::today::Today;

fn again(bureau: &Bureau) -> Session {
    let mut session = Session::open(Box::new(Today::new(bureau.session())));
    session.keys("/").text("示例甲").keys("<enter>").expect("困难类别");
    session.keys("s").expect("困难职工家庭调查表");
    session.keys("2 <enter> = <tab>").expect("敏感信息").keys("1 <enter>");
    session.keys("<f6>").text("44").keys("<enter>").expect("家庭成员").expect("示例乙").expect("示例丙");
    session
}

#[test]
fn a_row_that_leaves_asks_why_and_when_and_proposes_the_life_change() {
    let bureau = Bureau::with_households();
    let mut session = again(&bureau);
    session.keys("<home> <down> d").expect("因何离开：2 示例丙").expect("6 去世").expect_true();
    // The key that brought the question up, held down, answers nothing; Esc leaves the row where it was.
    session.keys("d d d").expect("因何离开").keys("<esc>").expect("2 示例丙");
    session.keys("d 6").expect("自何日起").text("十月").keys("<enter>").expect("没有这一天");
    session.keys("<esc> d 6").text("20261030").keys("<enter>").expect("是否记入生活变化").expect("死亡");
    session.expect_true();
    session.keys("n").expect("已离开：示例丙，去世 2026-10-30").expect_not("2 示例丙");
    session.expect_true();
    // And back: the row stands as it stood.
    session.keys("<end> <enter>").expect("仍在户内").keys("y").expect("2 示例丙").expect_not("已离开");
    session.keys("<home> <down> d 6").text("20261030").keys("<enter> y").expect("已记入生活变化");
    let (drafts, _) = bureau.office.drafts(now(TODAY)).expect("drafts");
    session.keys("<c-w>");
    drop(session);
    let form = bureau.office.library().hardship().expect("form").clone();
    let (surveying, _) = bureau.office.resume(drafts[0].draft, form, now(TODAY)).expect("resumed");
    let value = |path: &str| surveying.draft.at(&Path::new(path)).map(|at| surveying.draft.value(at).to_owned());
    assert_eq!(value("life/changes[1]/ch_type").as_deref(), Some("04"));
    assert_eq!(value("life/changes[1]/ch_date").as_deref(), Some("2026-10-30"));
    assert_eq!(surveying.draft.member_changes().len(), 1);
}

#[test]
fn a_death_that_is_entered_already_is_not_entered_again_when_the_row_leaves() {
    let bureau = Bureau::with_households();
    // By the proposal itself: back, and gone once more.
    let mut session = again(&bureau);
    session.keys("<home> <down> d 6").text("20261030").keys("<enter> y").expect("已记入生活变化");
    session.keys("<end> <enter>").expect("仍在户内").keys("y").expect("2 示例丙");
    session.keys("<home> <down> d 6").text("20261030").keys("<enter>").expect("已离开：示例丙");
    session.expect_not("是否记入生活变化").expect_true();
    let (drafts, _) = bureau.office.drafts(now(TODAY)).expect("drafts");
    session.keys("<c-w>");
    drop(session);
    let form = bureau.office.library().hardship().expect("form").clone();
    let (mut surveying, _) = bureau.office.resume(drafts[0].draft, form.clone(), now(TODAY)).expect("resumed");
    let changes = |surveying: &dossier::command::survey::Surveying| {
        surveying.draft.rows_of(surveying.draft.at(&Path::new("life/changes")).expect("changes")).len()
    };
    assert_eq!(changes(&surveying), 1);
    // By the answer that names the row: the name stands beside it once the row is gone.
    let stay = Step::Stay { path: Path::new("family/members"), number: 1 };
    surveying.answer(&bureau.office, &stay).expect("kept");
    for (name, value) in [("ch_type", "04"), ("ch_person", "1")] {
        let path = Path::new(format!("life/changes[1]/{name}"));
        surveying.answer(&bureau.office, &Step::Set { path, value: value.into() }).expect("kept");
    }
    drop(surveying);
    let mut session = Session::open(Box::new(Today::new(bureau.session())));
    session.keys("/").text("示例甲").keys("<enter>").expect("困难类别").keys("s");
    session.keys("<f6>").text("44").keys("<enter>").expect("1 示例乙").keys("<home> d 6").text("20261030");
    session.keys("<enter>").expect("已离开：示例乙").expect_not("是否记入生活变化").expect_true();
    session.keys("<c-w>");
    drop(session);
    let (surveying, _) = bureau.office.resume(drafts[0].draft, form, now(TODAY)).expect("resumed");
    assert_eq!(changes(&surveying), 1);
    let kind = surveying.draft.at(&Path::new("life/changes[1]/ch_type")).expect("kind");
    assert!(surveying.draft.view(kind).notes.contains(&"示例乙"));
}

#[test]
fn a_row_typed_in_this_survey_is_removed_after_a_yes_and_says_why_its_person_came() {
    let bureau = Bureau::with_households();
    let mut session = again(&bureau);
    session.keys("<end> <up> <enter>").text("示例寅").keys("<enter> <f6>").text("44").keys("<enter>");
    session.keys("<home> <down> <down>").expect("3 示例寅").expect("新来，按 e").expect_true();
    session.keys("e").expect("因何而来：3 示例寅").keys("1 <enter> n").expect("新来：出生");
    session.expect_true();
    session.keys("d").expect("删除这一行").keys("y").expect_not("示例寅");
    session.keys("<home> e").expect_not("因何而来");
}

#[test]
fn who_left_stands_on_the_page_of_people_with_day_and_reason() {
    let bureau = Bureau::with_households();
    let household = bureau.office.find("150785-2026-0001", now(TODAY)).expect("found");
    let dossier = household.id();
    drop(household);
    bureau.submit_again(dossier, "illness.json", "2026-11-20", |surveying, office| {
        let said = dossier::domain::MemberMove {
            since: dossier::domain::Day::from_iso("2026-10-01"),
            why: "2".into(),
            text: String::new(),
        };
        let step = Step::Leave { path: Path::new("family/members[2]"), said };
        assert_eq!(surveying.answer(office, &step).expect("kept").problem, None);
    });
    let mut session = Session::open(Box::new(Today::new(bureau.session())));
    session
        .keys("/")
        .text("示例甲")
        .keys("<enter> 3")
        .expect("历次调查的家庭成员")
        .expect("服兵役")
        .expect("2026-10-01");
    session.expect_true();
    session.keys("5").expect("离开：示例丙，服兵役，2026-10-01 起");
}

fn paste(session: &mut Session, text: &str) {
    session.feed(format!("\x1b[200~{text}\x1b[201~").as_bytes());
}

#[test]
fn a_pasted_block_is_shown_before_it_fills_rows_and_is_taken_back_as_one() {
    let bureau = Bureau::with_households();
    let mut session = again(&bureau);
    let block = "姓名\t关系\t性别\t出生日期\t身份证号\t备注\n\
        示例寅\t子\t男\t2005/06/17\t150785200506170017\t甲\n\
        示例卯\t女儿\t女\t2008-02-30\t150785200802290021\t乙\n";
    paste(&mut session, block);
    session.expect("粘贴：2 行 6 栏").expect("46 与职工关系").expect("（不填）").expect("将填入 2 行");
    session.expect("第 2 行第 4 栏「2008-02-30」不填").expect("另由身份证号填入").expect_true();
    // Neither the key that chooses a column's question nor Esc fills anything.
    session.keys("<enter>").expect("这一栏填哪一题").keys("<esc> <esc>").expect_not("示例寅");
    paste(&mut session, block);
    session.keys("<f2>").expect("已填入 2 行").expect("3 示例寅").expect("4 示例卯").expect_true();
    session.keys("<c-_>").expect_not("示例寅").expect_not("示例卯").expect("2 示例丙");
    session.keys("<c-^>").expect("示例寅").keys("<c-w>");
    drop(session);
    let (drafts, _) = bureau.office.drafts(now(TODAY)).expect("drafts");
    let form = bureau.office.library().hardship().expect("form").clone();
    let (surveying, _) = bureau.office.resume(drafts[0].draft, form, now(TODAY)).expect("resumed");
    let value = |path: &str| surveying.draft.at(&Path::new(path)).map(|at| surveying.draft.value(at).to_owned());
    assert_eq!(value("family/members[3]/m_relation").as_deref(), Some("20"));
    assert_eq!(value("family/members[4]/m_birth_date").as_deref(), Some("2008-02-29"));
    assert_eq!(value("family/members[4]/m_id_number").as_deref(), Some("150785200802290021"));
}

#[test]
fn a_block_without_titles_goes_where_its_contents_belong_and_a_column_can_be_sent_elsewhere() {
    let bureau = Bureau::with_households();
    let mut session = again(&bureau);
    paste(&mut session, "示例寅 儿子 150785200506170017 2005-06-17\n示例卯 母亲 152126194501010023 1945-01-01");
    session.expect("45 姓名").expect("47 身份证号").expect("49 出生日期").expect("将填入 2 行").expect_true();
    session.keys("<enter> <end> <enter>").expect_not("45 姓名  ").keys("<enter> <home> <enter>").expect("45 姓名");
    session.keys("<f2>").expect("3 示例寅").expect("4 示例卯");
    // Into a field goes one text, as ever.
    session.keys("<f6>").text("45").keys("<enter>");
    paste(&mut session, "示例\n辰");
    session.expect("示例 辰").expect_not("粘贴：");
}

#[test]
fn what_a_correction_changed_stands_on_the_page_of_differences() {
    let bureau = Bureau::with_households();
    let mut session = Session::open(Box::new(Today::new(bureau.session())));
    session.keys("/").text("示例甲").keys("<enter> 5").expect_not("更正前后").expect_not("的更正");
    session.keys("2 c").keys("<f6>").text("66").keys("<enter>").text("67000").keys("<enter> <f9>");
    session.expect("可以提交").keys("<f2>").expect("已提交").keys("<esc>");
    session.keys("5 <end>").expect("第 2 次调查的更正").expect("66,000.00").expect("67,000.00");
    session.expect_true();
}

#[test]
fn a_block_is_pasted_in_a_terminal_of_a_few_rows_too() {
    let bureau = Bureau::with_households();
    let mut session = again(&bureau);
    for (cols, rows) in [(80, 7), (80, 6), (80, 5), (20, 3), (80, 1), (80, 24)] {
        session.app.resize(cols, rows);
        session.vt = crate::support::terminal(cols, rows);
        paste(&mut session, "示例寅\t子\n示例卯\t女儿\n");
        session.expect_true();
        session.keys("<enter> <esc>").expect_true();
        session.app.resize(80, 24);
        session.vt = crate::support::terminal(80, 24);
        session.show();
        session.expect("将填入 2 行").keys("<esc>").expect_not("粘贴：");
    }
}

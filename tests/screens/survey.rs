//! A survey at the keyboard: type, Enter, type, Enter.
#![allow(clippy::print_stdout)] // A test says what it measured or skipped.

use crate::support::Session;
use dossier::domain::{Answers, Day, Mask, Message, Path, Stamp, State, Step};
use dossier::form::{Book, Draft, Form, Supply, load};
use dossier::tui::linear::ShownAs;
use dossier::tui::screens::survey::{Finished, Keeper, Mode, NotTaken, Survey};
use proptest::prelude::*;
use std::sync::{Arc, Mutex};

const SURVEY: &str = "\
type,name,label::中文 (zh),label::English (en),hint::中文 (zh),required,relevant,constraint,constraint_message::中文 (zh),calculation,dossier::number,dossier::type,dossier::severity,dossier::refusable,dossier::masked,dossier::origin
begin group,person,职工,Worker,,,,,,,,,,,,
text,name,姓名,Name,与身份证一致,yes,,,,,1,,,,,carry
select_one sex,sex,性别,Sex,,yes,,,,,2,,,,,carry
select_one ill,health,健康状况,Health,,,,,,,3,,,,,
text,which,病名,Illness,,yes,${health} = '2',,,,4,,,,,
end group,,,,,,,,,,,,,,,
begin repeat,members,家庭成员,Members,,,,,,,5,,,,,carry person
text,m_name,姓名,Name,,yes,,,,,,,,,,carry
integer,m_age,年龄,Age,,,,. < 120,年龄应小于 120。,,,,,,,
end repeat,,,,,,,,,,,,,,,
begin group,money,收支,Money,,,,,,,,,,,,
decimal,income,年收入,Yearly income,元,yes,,. < 1000000,年收入超过一百万，请核对。,,6,money,soft,yes,,
date,since,从何时起,Since,,,,,,,7,,,,,
note,thanks,谢谢配合,Thank you,,,,,,,,,,,,
decimal,double,两倍,Twice,,,,,,${income} * 2,8,money,,,,
end group,,,,,,,,,,,,,,,
";

const CHOICES: &str = "\
list_name,name,label::中文 (zh),label::English (en)
sex,1,男,Male
sex,2,女,Female
ill,1,健康,Healthy
ill,2,患病,Ill
ill,10,残疾,Disabled
";

const SETTINGS: &str = "form_title,form_id,version,default_language\n困难职工调查,test,1,中文 (zh)\n";

fn form() -> Arc<Form> {
    form_of(SURVEY)
}

fn form_of(survey: &str) -> Arc<Form> {
    let folder = tempfile::tempdir().expect("folder");
    for (name, text) in [("survey.csv", survey), ("choices.csv", CHOICES), ("settings.csv", SETTINGS)] {
        std::fs::write(folder.path().join(name), text).expect("form file");
    }
    let book = Book::from_path(folder.path()).expect("book");
    let loaded = load(&book, &Default::default()).expect("readable");
    assert!(loaded.usable(), "{:?}", loaded.problems);
    Arc::new(loaded.form)
}

fn supply() -> Supply {
    Supply::on(Stamp(1_700_000_000_000), Day::from_ymd(2023, 11, 15).expect("day"))
}

#[derive(Default)]
struct Desk {
    steps: Vec<Step>,
    half: String,
    syncs: usize,
    taken: Option<Answers>,
    full: bool,
    /// Someone went on with the dossier meanwhile.
    moved: bool,
}

#[derive(Clone, Default)]
struct Note(Arc<Mutex<Desk>>);

impl Keeper for Note {
    fn keep(&mut self, _draft: &mut Draft, step: &Step) -> Result<(), Message> {
        let mut desk = self.0.lock().expect("desk");
        if desk.full {
            return Err(Message::new("tui.survey.not_kept"));
        }
        desk.steps.push(step.clone());
        Ok(())
    }
    fn typing(&mut self, _path: &Path, text: &str) {
        self.0.lock().expect("desk").half = text.to_owned();
    }
    fn sync(&mut self) -> Result<(), Message> {
        self.0.lock().expect("desk").syncs += 1;
        Ok(())
    }
    fn submit(&mut self, _draft: &Draft, answers: Answers, beside: bool) -> Result<Finished, NotTaken> {
        let mut desk = self.0.lock().expect("desk");
        if desk.moved && !beside {
            return Err(NotTaken::Moved(Message::new("command.erased")));
        }
        desk.taken = Some(answers);
        let lines = vec![Message::new("tui.survey.kept")];
        Ok(Finished { heading: Message::new("tui.key.submit"), zh: lines.clone(), en: lines })
    }
}

impl Note {
    /// What was answered, without where the cursor stood.
    fn answers(&self) -> Vec<Step> {
        let desk = self.0.lock().expect("desk");
        desk.steps.iter().filter(|step| !matches!(step, Step::Cursor { .. })).cloned().collect()
    }
    fn set(&self) -> Vec<(String, String)> {
        self.answers()
            .into_iter()
            .filter_map(|step| match step {
                Step::Set { path, value } => Some((path.0, value)),
                _ => None,
            })
            .collect()
    }
}

fn open() -> (Session, Note) {
    let note = Note::default();
    let survey = Survey::new(Draft::open(form(), supply()), Box::new(note.clone()), "示例甲", None);
    (Session::open(Box::new(survey)), note)
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn words_of_a_remark_typed_ahead_are_kept_and_what_is_typed_behind_them_is_an_answer() {
    let (mut slow, mut ahead) = (open().0, open().0);
    let script = "<f7> h i <enter> a b c <enter>";
    slow.keys(script);
    ahead.feed(&crate::support::keys(script).concat());
    ahead.expect_not("没有算数");
    assert_eq!(ahead.screen(), slow.screen());
}

#[test]
fn type_enter_type_enter_to_a_kept_survey() {
    let (mut session, note) = open();
    session.expect("困难职工调查").expect(">").expect("1 姓名*");
    session.text("示例甲").keys("<enter>");
    // By code, by pinyin initials.
    session.keys("1 <enter> hb <enter>").expect("病名");
    session.text("心血管病").keys("<enter>");
    // The roster: add a row, fill it, no more.
    session.expect("（空行）").expect("加一行").keys("<enter>").text("示例乙").keys("<enter> 45 <enter>");
    session.expect("没有了，继续").keys("<enter>");
    session.text("９，８００").keys("<enter> 20180315 <enter>");
    session.expect("谢谢配合").keys("<enter>");
    // A computed answer may be looked over; Enter lets it stand.
    session.expect("两倍").expect("19600").keys("<enter>");
    session.expect("可以提交").keys("<f2>");
    session.expect("提交");
    assert_eq!(
        note.set(),
        pairs(&[
            ("person/name", "示例甲"),
            ("person/sex", "1"),
            ("person/health", "2"),
            ("person/which", "心血管病"),
            ("members[1]/m_name", "示例乙"),
            ("members[1]/m_age", "45"),
            ("money/income", "9800.00"),
            ("money/since", "2018-03-15"),
        ])
    );
    let taken = note.0.lock().expect("desk").taken.clone().expect("submitted");
    assert_eq!(taken.value("money/income"), Some("9800.00"));
    session.expect_true();
    session.keys("<esc>");
    assert!(session.app.is_over());
}

#[test]
fn what_was_typed_and_never_became_an_answer_holds_up_the_last_page() {
    let (mut session, note) = at_the_last_question();
    // Back to an answer that stands, and to one that must stand: what is typed over them cannot be read.
    session.keys("<f6> 6 <enter> <c-u>").text("5OOO").keys("<tab>").expect("!5OOO");
    session.keys("<f6> 2 <enter> <c-u>").text("zz").keys("<tab>").expect("!zz");
    session.keys("<f9>").expect("还有 2 项未完成").expect("输入的内容未记录").expect_not("可以提交");
    session.keys("<f2>");
    assert!(note.0.lock().expect("desk").taken.is_none(), "the answer that stood before is not what was typed last");
    // The key that looks for what is wrong finds both, the nearest first.
    session.keys("<esc> <f6> 1 <enter> <f10>").expect(">!    2 性别").keys("<f10>").expect("年收入");
    session
        .keys("<c-u>")
        .text("5000")
        .keys("<enter> <f6> 2 <enter> <c-u> 1 <enter> <f9>")
        .expect("可以提交")
        .keys("<f2>");
    let taken = note.0.lock().expect("desk").taken.clone().expect("submitted");
    assert_eq!(taken.value("money/income"), Some("5000.00"));
}

/// What comes of lines that are typed where nothing is drawn: what was said, from the beginning on.
fn said(session: &mut Session, lines: &[&str]) -> String {
    let mut said = session.app.frame();
    for line in lines {
        session.app.feed(format!("{line}\n").as_bytes(), session.at_ms);
        said.extend(session.app.frame());
    }
    String::from_utf8(said).expect("text")
}

fn line_by_line(echoes: bool) -> (Session, Note) {
    let (mut session, note) = open();
    session.app.show_as(ShownAs::Lines { echoes });
    (session, note)
}

#[test]
fn line_by_line_the_same_survey_is_asked_answered_and_kept() {
    let (mut session, note) = line_by_line(false);
    let typed = ["示例甲", "1", "hb", "心血管病", "", "示例乙", "45", "", "９，８００", "20180315", "", "", "/f2"];
    let said = said(&mut session, &typed);
    assert!(note.0.lock().expect("desk").taken.is_some(), "{said}");
    assert_eq!(note.set().len(), 8, "{:?}", note.set());
    // Every question in turn, whole, with its section, hint and choices, and nothing that only a screen obeys.
    let mut rest = said.as_str();
    for part in [
        "== 困难职工调查  示例甲",
        "职工",
        "1 姓名 *",
        "与身份证一致",
        "2 性别 *",
        "1 男",
        "2 女",
        "3 健康状况",
        "10 残疾",
        "4 病名 *",
        "5 家庭成员",
        "-> 1 （空行）",
        "家庭成员 › 1",
        "姓名 *",
        "年龄",
        "-> 3 没有了，继续",
        "6 年收入 *",
        "7 从何时起",
        "谢谢配合",
        "8 两倍",
        "= 19,600",
        "可以提交",
    ] {
        let at = rest.find(part).unwrap_or_else(|| panic!("{part} is not said in: {rest}"));
        rest = &rest[at + part.len()..];
    }
    assert!(said.chars().all(|c| c == '\n' || !c.is_control()), "{said:?}");
}

#[test]
fn line_by_line_a_refusal_is_said_and_the_question_again_by_its_key() {
    let (mut session, note) = line_by_line(false);
    let text = said(&mut session, &["示例甲", "9", "/shift-tab", "/nothing", "/?", "/f12"]);
    assert_eq!(note.set(), pairs(&[("person/name", "示例甲")]), "{text}");
    for part in ["! ", "= 示例甲", "没有「nothing」键", "/F12 ", "1 Name *", "[/"] {
        assert!(text.contains(part), "{part} is not said in: {text}");
    }
    // A line that is lost in its middle is the half word that it is on a screen.
    let (mut session, note) = line_by_line(false);
    session.app.feed("示例".as_bytes(), session.at_ms);
    session.app.leave();
    assert_eq!(note.0.lock().expect("desk").half, "示例");
    let (mut session, note) = line_by_line(false);
    session.app.feed("/f".as_bytes(), session.at_ms);
    session.app.leave();
    assert_eq!(note.0.lock().expect("desk").half, "");
    // Taken back to its beginning it never was, and the answer that stands stays.
    let (mut session, note) = line_by_line(false);
    said(&mut session, &["示例甲", "/shift-tab"]);
    session.app.feed("乙\u{7f}\n".as_bytes(), session.at_ms);
    assert_eq!(note.set(), pairs(&[("person/name", "示例甲")]));
    let (mut session, note) = line_by_line(true);
    session.app.feed("示例\u{7f}甲\r".as_bytes(), session.at_ms);
    let shown = String::from_utf8(session.app.frame()).expect("text");
    assert!(shown.starts_with("示例\u{8} \u{8}\u{8} \u{8}甲\r\n"), "{shown:?}");
    assert_eq!(note.set(), pairs(&[("person/name", "示甲")]));
}

#[test]
fn line_by_line_one_line_is_one_answer_and_what_was_typed_ahead_confirms_nothing() {
    // Keyed from paper, too: nothing goes on by itself in the middle of a line.
    let (mut session, note) = line_by_line(false);
    let text = said(&mut session, &["/f11", "示例甲", "1", "1 2"]);
    assert_eq!(note.set(), pairs(&[("person/name", "示例甲"), ("person/sex", "1")]), "{text}");
    assert!(text.contains("2 性别 = 男"), "what was taken is read back: {text}");
    assert!(text.contains("没有「1 2」这个选项"), "{text}");
    let (mut session, _) = line_by_line(false);
    said(&mut session, &["示例甲"]);
    // A refusal is said to each line that it is a refusal of.
    assert_eq!(said(&mut session, &["9", "9"]).matches("! 没有「9」").count(), 2);
    // Submitting is no key that was pressed before it was asked about.
    let (mut session, note) = line_by_line(false);
    said(&mut session, &["示例甲", "1", "1", "", "示例乙", "45", "", "9800", "20180315", "", ""]);
    said(&mut session, &["/f9", "/f9"]);
    after(&mut session, 2_000, "");
    assert!(note.0.lock().expect("desk").taken.is_none(), "the key that finishes does not submit line by line");
    // Thrown away is thrown away.
    let (mut session, note) = line_by_line(false);
    session.app.feed("示例\u{15}\n".as_bytes(), session.at_ms);
    assert_eq!(note.set(), Vec::new());
}

/// A survey in which one answer is missing, at its last question.
fn at_the_last_question() -> (Session, Note) {
    let (mut session, note) = open();
    session
        .text("示例甲")
        .keys("<enter> 1 <enter> 1 <enter> <enter>")
        .text("示例乙")
        .keys("<enter> 45 <enter> <enter> 100 <enter> 20180315 <enter> <enter>");
    session.expect("两倍");
    (session, note)
}

#[test]
fn no_key_that_leads_to_the_last_page_submits_however_long_it_is_held() {
    for key in ["<enter>", "<f9>", "<c-x>", "<f2>", "s", "y", "<c-e>", "<space>"] {
        let (mut session, note) = at_the_last_question();
        for _ in 0..20 {
            session.keys(key);
        }
        assert!(note.0.lock().expect("desk").taken.is_none(), "{key}");
    }
    // Nor do the other keys that lead there, once it is shown: they say which one does.
    for (leads, other) in [("<enter>", "<f9>"), ("<f9>", "<enter>"), ("<f9>", "<c-x>"), ("<c-x>", "<f9>")] {
        let (mut session, note) = at_the_last_question();
        session.keys(leads).expect("可以提交").keys(other).expect("按 F2 提交").expect_not("确定");
        assert!(note.0.lock().expect("desk").taken.is_none(), "{leads} {other}");
        session.keys("<f2>");
        assert!(note.0.lock().expect("desk").taken.is_some(), "{leads} {other} F2");
    }
}

/// Milliseconds go by, and then a key comes; or none.
fn after(session: &mut Session, ms: u64, keys: &str) {
    session.at_ms += ms;
    session.app.tick(session.at_ms);
    session.keys(keys);
}

#[test]
fn the_key_that_finishes_submits_too_where_it_is_pressed_once_more_and_let_go() {
    for key in ["<f9>", "<c-x>"] {
        let (mut session, note) = at_the_last_question();
        session.keys(key).expect("可以提交");
        after(&mut session, 300, key);
        assert!(note.0.lock().expect("desk").taken.is_none(), "it may be held down still");
        after(&mut session, 200, "");
        assert!(note.0.lock().expect("desk").taken.is_some(), "{key}");
        session.expect("提交");
        // Held down it comes again after half a second, and then thirty times in one.
        let (mut session, note) = at_the_last_question();
        session.keys(key).expect("可以提交");
        let held: Vec<u8> = crate::support::keys(key).concat();
        session.at_ms += 500;
        for _ in 0..20 {
            session.at_ms += 33;
            session.app.feed(&held, session.at_ms);
            session.app.tick(session.at_ms);
        }
        after(&mut session, 1000, "");
        assert!(note.0.lock().expect("desk").taken.is_none(), "{key} held down");
    }
}

#[test]
fn what_was_typed_ahead_submits_nothing_and_the_same_key_does_once_the_page_is_seen() {
    let (mut session, note) = at_the_last_question();
    let ahead: Vec<u8> = crate::support::keys("<f9> <f2>").concat();
    session.feed(&ahead);
    session.expect("可以提交").expect("在画面显示之前");
    assert!(note.0.lock().expect("desk").taken.is_none());
    session.keys("<f2>");
    assert!(note.0.lock().expect("desk").taken.is_some());
}

#[test]
fn the_menu_submits_by_its_line_and_not_by_a_menu_nobody_saw() {
    let (mut session, note) = at_the_last_question();
    session.keys("<f9>").feed(&crate::support::keys(": <enter>").concat());
    assert!(note.0.lock().expect("desk").taken.is_none());
    session.keys(":").text("提交").expect("F2 Ctrl-F").keys("<enter>");
    assert!(note.0.lock().expect("desk").taken.is_some());
}

#[test]
fn when_the_dossier_has_gone_on_both_are_kept_only_if_one_says_so() {
    let (mut session, note) = open();
    note.0.lock().expect("desk").moved = true;
    session
        .text("示例甲")
        .keys("<enter> 1 <enter> 1 <enter> <enter>")
        .text("示例乙")
        .keys("<enter> 45 <enter> <enter>");
    session.keys("100 <enter> <f9>").expect("可以提交").keys("<f2>");
    session.expect("已有变动").keys("n").expect("可以提交");
    assert!(note.0.lock().expect("desk").taken.is_none());
    session.keys("<f2>").expect("两次调查并存").keys("y").expect("提交");
    assert!(note.0.lock().expect("desk").taken.is_some());
}

#[test]
fn steps_kept_make_the_same_draft_again_at_the_same_question() {
    let (mut session, note) = open();
    session.text("示例甲").keys("<enter> 1 <enter> 3").keys("<tab>");
    let steps = note.0.lock().expect("desk").steps.clone();
    let (again, refused) = Draft::from_steps(form(), supply(), &steps);
    assert!(refused.iter().all(|p| !matches!(p.problem.what, dossier::form::What::Refused(_))), "{refused:?}");
    let survey = Survey::new(again, Box::new(Note::default()), "示例甲", None);
    let session_again = Session::open(Box::new(survey));
    let body = |s: &Session| s.lines()[1..22].join("\n");
    session.app.tick(10_000);
    session.show();
    assert_eq!(body(&session_again), body(&session));
}

#[test]
fn what_cannot_be_read_says_why_and_waits_where_it_was_typed() {
    let (mut session, note) = open();
    session.keys("<f6> 6 <enter>").expect("6 年收入");
    session.keys("1 , 5 <enter>").expect("!");
    assert_eq!(note.set(), []);
    session.expect("1,5");
    session.keys("<tab>").expect("!1,5");
    session.keys("<s-tab>").expect("1,5");
    session.keys("<backspace> <backspace> 5 <enter>");
    assert_eq!(note.set(), pairs(&[("money/income", "15.00")]));
}

#[test]
fn a_problem_holds_nobody_and_stands_in_words_until_it_is_mended() {
    let (mut session, note) = open();
    session.expect_not("必答").keys("<enter>").expect("1 姓名：此题必答").expect(">.    2");
    // The cursor is on question 2 now: a code is taken there, and the words stand on.
    session.keys("2 <enter>").expect("1 姓名：此题必答");
    assert_eq!(note.set(), pairs(&[("person/sex", "2")]));
    session.keys("<f6> 1 <enter>").expect("! 此题必答").text("示例甲").keys("<enter>").expect_not("必答");
}

#[test]
fn a_soft_check_lets_the_next_keys_go_to_the_next_question() {
    let (mut session, note) = open();
    session.keys("<f6> 6 <enter> 2000000 <enter> 20180315 <enter>").expect("6 年收入：年收入超过一百万");
    let set = [("money/income", "2000000.00"), ("money/since", "2018-03-15")];
    assert_eq!(note.set(), pairs(&set));
    session.keys("<f6> 6 <enter>").expect("? 年收入超过一百万").expect("?    6");
}

#[test]
fn only_enter_or_what_was_typed_answers_and_nothing_highlighted_does() {
    for leave in ["<tab>", "<s-tab>", "<pgdn>", "<pgup>", "<f6> 1 <enter>", "<f9>", "<f10>", "<f3>", "<f12>"] {
        let (mut session, note) = open();
        session.keys("<f6> 3 <enter> <down> <down>").expect(">  2 患病").keys(leave);
        assert_eq!(note.set(), [], "{leave}");
    }
    // What is typed and is one choice is entered on the way out; `1` could be 1 or 10 but is the first by its code.
    for (typed, entered) in [("2", "2"), ("hb", "2"), ("１", "1")] {
        let (mut session, note) = open();
        session.keys("<f6> 3 <enter>").text(typed).keys("<tab>");
        assert_eq!(note.set(), pairs(&[("person/health", entered)]), "{typed}");
    }
    // What is typed and does not say which waits where it was typed, and so does what the bar was moved away from.
    for typed in ["1 <down>", "健z"] {
        let (mut session, note) = open();
        session.keys("<f6> 3 <enter>").keys(typed).keys("<tab> <f6> 3 <enter>");
        assert_eq!(note.set(), [], "{typed}");
        session.expect(&typed.chars().next().expect("typed").to_string());
    }
}

#[test]
fn up_and_down_stay_inside_the_question_whatever_it_is() {
    let (mut session, _) = open();
    session.expect(">.    1").keys("<down>").expect(">.    1").expect("Tab 下一题").keys("<up>").expect(">.    1");
    session
        .keys("<tab>")
        .expect(">.    2")
        .keys("<down> <down> <down>")
        .expect(">.    2")
        .keys("<up>")
        .expect(">.    2");
}

#[test]
fn the_standing_answer_stays_marked_while_another_is_highlighted() {
    let (mut session, note) = open();
    session.keys("<f6> 2 <enter> 2 <enter> <s-tab>").expect("> (x) 2 女").keys("<up>");
    session.expect("  (x) 2 女").expect(">     1 男").expect("女").keys("<tab>");
    assert_eq!(note.set(), pairs(&[("person/sex", "2")]));
}

#[test]
fn enter_on_a_choice_nobody_read_answers_nothing() {
    let (mut session, note) = open();
    session.text("示例甲").keys("<enter> <enter> <enter> <enter> <enter>");
    assert_eq!(note.set(), pairs(&[("person/name", "示例甲")]));
    session.keys("<f6> 2 <enter> <down> <down> <enter>");
    assert_eq!(note.set()[1..], pairs(&[("person/sex", "2")]));
}

#[test]
fn a_soft_check_is_passed_with_a_reason_and_a_hard_one_is_not() {
    let (mut session, note) = open();
    session.keys("<f6> 6 <enter> 2000000 <enter> <f6> 6 <enter>").expect("超过一百万").expect("F2");
    session.keys("<f2>").text("卖房").keys("<enter>");
    let passed = Step::Pass { path: Path::new("money/income"), why: "卖房".into() };
    assert!(note.answers().contains(&passed), "{:?}", note.answers());
    session.expect_not("超过一百万");
    session.keys("<f6> 5 <enter> 1").text("示例乙").keys("<enter> 130 <enter>").expect("年龄应小于 120");
    session.keys("<f10> <f10> <f10> <f10>").expect("! 年龄应小于 120").keys("<f2>").expect_not("放行的理由");
}

#[test]
fn states_stand_behind_a_key_and_a_refusal_behind_a_second() {
    let (mut session, note) = open();
    session.keys("<f6> 6 <enter> <f8>").expect("不知道").expect_not("2 拒答");
    session.keys("<f8>").expect("拒答").keys("<enter>");
    let refused = Step::State { path: Path::new("money/income"), is: State::Refused };
    assert_eq!(note.answers(), [refused]);
    session.keys("<s-tab>").expect("~拒答");
    // With the plain twins, while an input method types full-width letters.
    session.keys("<c-y> １");
    let unknown = Step::State { path: Path::new("money/income"), is: State::DontKnow };
    assert_eq!(note.answers().last(), Some(&unknown));
}

#[test]
fn esc_opens_the_menu_and_takes_nothing_back() {
    let (mut session, note) = open();
    session.text("示例").keys("<esc>").expect("可做的事").expect("存为草稿并离开");
    session.keys("<esc>").expect("示例").text("甲").keys("<enter>");
    assert_eq!(note.set(), pairs(&[("person/name", "示例甲")]));
    // Everything is reached by number, words or pinyin.
    session.keys("<esc>").text("存为草稿").keys("<enter>");
    assert!(session.app.is_over());
}

#[test]
fn rows_are_inserted_before_edited_and_removed_only_when_asked_twice() {
    let (mut session, note) = open();
    session.keys("<f6> 5 <enter> <enter>").text("示例乙").keys("<enter> 45 <enter>").expect("1 示例乙 45");
    session.keys("a").text("示例丙").keys("<enter> 16 <enter>").expect("2 示例丙 16");
    session.keys("<home> <f3>").text("示例丁").keys("<enter> 70 <enter>");
    session.keys("<f6> 5 <enter>").expect("1 示例丁").expect("3 示例丙");
    session.keys("2 <enter> 46 <enter>").expect("46");
    session.keys("<f6> 5 <enter> <home> d").expect("删除这一行");
    session.keys("n").expect("1 示例丁");
    session.keys("<home> d y").expect("1 示例乙").expect_not("示例丁");
    let removals = note.answers().iter().filter(|step| matches!(step, Step::Remove { .. })).count();
    assert_eq!(removals, 1);
}

#[test]
fn an_answer_off_the_route_is_out_of_sight_and_listed_before_finishing() {
    let (mut session, _) = open();
    session.text("示例甲").keys("<enter> 1 <enter> 2 <enter>").text("胃病").keys("<enter> <f6> 3 <enter>");
    session.keys("1 <enter>").expect_not("胃病").expect_not("病名");
    session.keys("<f9>").expect("不再适用").expect("病名").expect("还有");
    // Enter goes to what is missing.
    session.keys("<enter>").expect(">.      姓名*");
    session.keys("<c-x> <down> <enter>").expect(">.    6 年收入").keys("8000 <enter>").expect("8,000.00");
}

#[test]
fn the_keeper_hears_of_every_step_at_once_and_syncs_soon() {
    let (mut session, note) = open();
    session.text("示例甲").keys("<enter>").expect("保存中");
    assert_eq!(note.0.lock().expect("desk").syncs, 0);
    let due = session.app.deadline().expect("a sync is due");
    assert!(due <= session.at_ms + 200, "{due}");
    session.app.tick(due);
    session.show();
    session.expect("已存");
    assert_eq!(note.0.lock().expect("desk").syncs, 1);
    assert_eq!(session.app.deadline(), None);
    session.text("半");
    assert_eq!(note.0.lock().expect("desk").half, "半");
    session.app.leave();
    assert_eq!(note.0.lock().expect("desk").syncs, 2);
}

#[test]
fn when_keeping_fails_the_screen_says_so_and_the_answer_stands() {
    let (mut session, note) = open();
    note.0.lock().expect("desk").full = true;
    session.text("示例甲").keys("<enter>").expect("未存！").expect("示例甲");
}

#[test]
fn what_stood_in_the_field_comes_back() {
    let draft = Draft::open(form(), supply());
    let half = draft.at(&Path::new("person/name")).map(|at| (at, "示例".to_owned()));
    let note = Note::default();
    let mut session = Session::open(Box::new(Survey::new(draft, Box::new(note.clone()), "", half)));
    session.expect("示例").text("甲").keys("<enter>");
    assert_eq!(note.set(), pairs(&[("person/name", "示例甲")]));
}

#[test]
fn a_carried_answer_is_shown_and_confirmed_by_entering_it() {
    let mut last = Draft::open(form(), supply());
    for (path, value) in [("person/name", "示例甲"), ("person/sex", "2"), ("money/income", "9800")] {
        last.apply(&Step::Set { path: Path::new(path), value: value.into() });
    }
    let draft = Draft::carry(form(), supply(), &last.answers());
    let note = Note::default();
    let mut session = Session::open(Box::new(Survey::new(draft, Box::new(note.clone()), "", None)));
    session.expect("上次：示例甲").keys("<enter>");
    assert_eq!(note.answers(), [Step::Confirm { path: Path::new("person/name") }]);
    // Passing over a carried answer says nothing about it.
    session.keys("<tab> <s-tab>").expect("?    2");
    assert_eq!(note.answers().len(), 1);
    // Income is asked fresh, with last time's beside it; a key brings it.
    session.keys("<f6> 6 <enter>").expect("上次：9,800.00").expect_not("+    6");
    session.keys("<f5> <enter>");
    assert_eq!(note.set(), pairs(&[("money/income", "9800.00")]));
}

#[test]
fn what_one_types_stands_as_typed_and_what_was_carried_is_covered() {
    let form = form_of(
        "type,name,label::中文 (zh),dossier::masked,dossier::origin\n\
         text,more,其他,,\ntext,phone,电话,phone,carry\ntext,last,说明,,\n",
    );
    let phone = "13800000000";
    let mut session =
        Session::open(Box::new(Survey::new(Draft::open(form.clone(), supply()), Box::new(Note::default()), "", None)));
    session.keys("<tab>").text(phone).keys("<enter>").expect("说明").expect(phone);
    let mut last = Draft::open(form.clone(), supply());
    last.apply(&Step::Set { path: Path::new("phone"), value: phone.into() });
    let draft = Draft::carry(form, supply(), &last.answers());
    let mut session = Session::open(Box::new(Survey::new(draft, Box::new(Note::default()), "", None)));
    session.expect(&Mask::Phone.cover(phone)).expect_not(phone);
    // What is typed over it is theirs.
    session.keys("<tab>").text("13900000000").keys("<enter>").expect("13900000000");
}

#[test]
fn keying_goes_on_by_itself_and_only_marks_problems() {
    let note = Note::default();
    let draft = Draft::open(form(), supply());
    let survey = Survey::new(draft, Box::new(note.clone()), "", None).with_mode(Mode::HeadsDown);
    let mut session = Session::open(Box::new(survey));
    session.expect("录入");
    // Sex and health settle with one digit; `1` of health could still become `10`.
    session.text("示例甲").keys("<enter> 2 1");
    assert_eq!(note.set(), pairs(&[("person/name", "示例甲"), ("person/sex", "2")]));
    session.keys("<enter> <f6> 7 <enter>").expect("答满自动下一题").keys("20180315");
    assert_eq!(note.set().last(), Some(&("money/since".into(), "2018-03-15".into())));
}

#[test]
fn an_enter_after_an_answer_that_went_on_by_itself_is_its_own_however_late() {
    let note = Note::default();
    let survey =
        Survey::new(Draft::open(form(), supply()), Box::new(note.clone()), "", None).with_mode(Mode::HeadsDown);
    let mut session = Session::open(Box::new(survey));
    session.text("示例甲").keys("<enter> 2").expect(">.    3");
    session.at_ms += 60_000;
    session.app.tick(session.at_ms);
    session.keys("<enter>").expect(">.    3").expect("不再算一次").keys("2").expect("病名");
}

#[test]
fn keying_leaves_what_cannot_be_read_where_it_was_typed_and_says_so_in_words() {
    let note = Note::default();
    let survey =
        Survey::new(Draft::open(form(), supply()), Box::new(note.clone()), "", None).with_mode(Mode::HeadsDown);
    let mut session = Session::open(Box::new(survey));
    session.keys("<f6> 6 <enter>").text("1,5").keys("<enter> 20180315").expect("!1,5").expect("6 年收入：");
    assert_eq!(note.set(), pairs(&[("money/since", "2018-03-15")]));
}

#[test]
fn the_mode_is_kept_with_the_draft() {
    let (mut session, note) = open();
    session.keys("<f11>").expect("录入");
    let steps = note.0.lock().expect("desk").steps.clone();
    let (again, _) = Draft::from_steps(form(), supply(), &steps);
    assert_eq!(again.heads_down(), Some(true));
    Session::open(Box::new(Survey::new(again, Box::new(Note::default()), "", None))).expect("录入");
}

#[test]
fn the_language_is_switched_in_the_middle_and_nothing_typed_is_lost() {
    let (mut session, note) = open();
    session.text("示例").keys("<f12>").expect("Name*").expect("示例").expect("Worker");
    session.text("甲").keys("<enter>");
    assert_eq!(note.set(), pairs(&[("person/name", "示例甲")]));
    session.expect("Male").keys("<c-t>").expect("男");
    session.expect_true();
}

#[test]
fn bytes_of_a_typed_character_and_of_a_move() {
    let (mut session, _) = open();
    session.sent.clear();
    for c in "示例甲".chars() {
        session.feed(c.to_string().as_bytes());
    }
    assert!(session.sent.iter().all(|n| *n <= 80), "typed: {:?}", session.sent);
    session.sent.clear();
    session.keys("<tab> <tab> <s-tab> <s-tab>");
    println!("moves {:?}", session.sent);
    assert!(session.sent.iter().all(|n| *n <= 250), "moved: {:?}", session.sent);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever is pressed in whatever order: no panic, the terminal shows what is meant, every step kept makes the
    /// same draft again, and no answer ever goes without a key that means it.
    #[test]
    fn any_keys_in_any_order_keep_the_survey_whole(script in prop::collection::vec(prop_oneof![
        12 => "[0-9a-z示例林，.-]".prop_map(|c| c),
        10 => Just("<enter>".to_owned()), 4 => Just("<tab>".to_owned()), 2 => Just("<s-tab>".to_owned()),
        2 => Just("<up>".to_owned()), 2 => Just("<down>".to_owned()), 2 => Just("<esc>".to_owned()),
        1 => Just("<f2>".to_owned()), 2 => Just("<f3>".to_owned()), 2 => Just("<f4>".to_owned()),
        1 => Just("<f5>".to_owned()), 1 => Just("<f6>".to_owned()), 1 => Just("<f7>".to_owned()),
        1 => Just("<f8>".to_owned()), 1 => Just("<f9>".to_owned()), 1 => Just("<f10>".to_owned()),
        1 => Just("<f11>".to_owned()), 1 => Just("<f12>".to_owned()), 1 => Just("<pgup>".to_owned()),
        1 => Just("<pgdn>".to_owned()), 1 => Just("<del>".to_owned()), 1 => Just("<backspace>".to_owned()),
        1 => Just("<f1>".to_owned()), 1 => Just("<c-o>".to_owned()), 1 => Just("<home>".to_owned()),
        2 => Just("<c-_>".to_owned()), 1 => Just("<c-^>".to_owned()), 1 => Just("<c-]>".to_owned()), 1 => Just("=".to_owned()),
    ], 0..120), carried in any::<bool>()) {
        let mut last = Draft::open(form(), supply());
        last.apply(&Step::Set { path: Path::new("person/name"), value: "示例甲".into() });
        last.apply(&Step::Set { path: Path::new("members[1]/m_name"), value: "示例乙".into() });
        let last = last.answers();
        let fresh = || {
            let mut draft =
                if carried { Draft::carry(form(), supply(), &last) } else { Draft::open(form(), supply()) };
            draft.keep_past();
            draft
        };
        let note = Note::default();
        let mut session = Session::open(Box::new(Survey::new(fresh(), Box::new(note.clone()), "示例甲", None)));
        let mut before = "";
        for key in &script {
            let offered = session.shows("可以提交");
            let kept = note.0.lock().expect("desk").taken.is_some();
            session.keys(key);
            if !kept && note.0.lock().expect("desk").taken.is_some() {
                prop_assert!(offered && key == "<f2>" && before != key, "submitted by {before} {key}");
            }
            before = key;
            if session.app.is_over() {
                break;
            }
            session.expect_true();
        }
        let mut again = fresh();
        for step in &note.0.lock().expect("desk").steps {
            let refused = again.apply(step).problem;
            prop_assert!(!matches!(refused.map(|p| p.what), Some(dossier::form::What::Refused(_))));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Whatever is pressed: an answer is only ever given to the question whose line carries the cursor as the key is
    /// pressed, in either mode, and the text or code typed since one came there is what is given.
    #[test]
    fn each_typed_code_lands_in_the_question_that_showed_when_it_was_typed(script in prop::collection::vec(prop_oneof![
        12 => "[0-9]".prop_map(|c| c), 4 => "[a-z示例林，.-]".prop_map(|c| c),
        10 => Just("<enter>".to_owned()), 3 => Just("<tab>".to_owned()), 2 => Just("<s-tab>".to_owned()),
        2 => Just("<up>".to_owned()), 2 => Just("<down>".to_owned()), 1 => Just("<f2>".to_owned()),
        1 => Just("<pgup>".to_owned()), 1 => Just("<pgdn>".to_owned()), 1 => Just("<f10>".to_owned()),
        1 => Just("<f9>".to_owned()), 1 => Just("<esc>".to_owned()), 1 => Just("<f3>".to_owned()),
        1 => Just("=".to_owned()),
    ], 0..80), heads_down in any::<bool>()) {
        let note = Note::default();
        let mode = if heads_down { Mode::HeadsDown } else { Mode::Interview };
        let survey = Survey::new(Draft::open(form(), supply()), Box::new(note.clone()), "", None).with_mode(mode);
        let mut session = Session::open(Box::new(survey));
        // What was typed at the place that shows, since one came there.
        let (mut place, mut typed) = (None, String::new());
        for key in &script {
            // Under a box it is the question that the box lies over.
            let shown = under_cursor(&session).or(place.clone());
            // The line also holds what was typed so far, and the answer.
            if asked(shown.as_deref()) != asked(place.as_deref()) {
                typed.clear();
            }
            place.clone_from(&shown);
            let before = note.set().len();
            typed.push_str(key.strip_prefix('<').map_or(key.as_str(), |_| ""));
            session.keys(key);
            for (path, value) in &note.set()[before..] {
                // The menu, by its number, may have switched the language.
                let shows = |label: &String| shown.as_deref().is_some_and(|shown| shown.contains(label));
                prop_assert!(labels_of(path).iter().any(shows), "{path}: {shown:?}");
                // A code that was typed whole is the code that was given.
                if ["person/sex", "person/health"].contains(&path.as_str()) && value == "10" {
                    prop_assert!(typed.contains('1') || key == "<enter>", "{typed}");
                }
            }
            if session.app.is_over() {
                break;
            }
        }
    }
}

/// The line of the sheet that carries the cursor, while no box lies over it.
fn under_cursor(session: &Session) -> Option<String> {
    let rows: Vec<String> = session.vt.screen().rows(22, 58).collect();
    rows.into_iter().skip(1).take(11).find(|row| row.trim_start().starts_with('>'))
}

/// Which question a line of the sheet is about: the longest label that stands in it.
fn asked(line: Option<&str>) -> Option<String> {
    let form = form();
    let labels = form.ids().flat_map(|id| {
        let label = |language| form.node(id).label.get(language).to_owned();
        (0..form.languages.len()).map(label).collect::<Vec<_>>()
    });
    labels.filter(|label| !label.is_empty() && line.is_some_and(|line| line.contains(label))).max_by_key(String::len)
}

/// The words of a question, in each language.
fn labels_of(path: &str) -> Vec<String> {
    let form = form();
    let name = path.rsplit('/').next().unwrap_or_default();
    let id = form.by_name[name][0];
    (0..form.languages.len()).map(|language| form.node(id).label.get(language).to_owned()).collect()
}

#[test]
fn the_key_why_says_what_decides_and_leads_back_to_the_answers() {
    let (mut session, _) = open();
    session.text("示例甲").keys("<enter> 1 <enter> 2 <enter>").expect("病名");
    session.keys("<c-o>").expect("显示，因为下式成立").expect("${health} = '2'").expect("健康状况 = 2 患病");
    // Down to the operand, Enter: at the question it came from.
    session.keys("<down> <down> <down> <enter>").expect("> ").expect("健康");
    session.keys("1 <enter>");
    // A question that is not asked now is found by going to it, and says why.
    session.keys("<f6>").text("病名").expect("（现在不问）").keys("<enter>");
    session.expect("不显示，因为下式不成立").expect("1 健康 = '2'").keys("<esc>");
    // One that nothing decides says so.
    session.keys("<f6>").text("性别").keys("<enter> <c-o>").expect("表单总是要求答此题").keys("<esc>").expect("性别");
    session.keys("<f6>").text("健康").keys("<enter> <c-o>").expect("没有公式决定此题").keys("<esc>");
}

/// A survey of the household that was surveyed before, with these answers.
fn again(before: &[(&str, &str)]) -> (Session, Note) {
    let mut last = Draft::open(form(), supply());
    for (path, value) in before {
        last.apply(&Step::Set { path: Path::new(*path), value: (*value).into() });
    }
    let mut draft = Draft::carry(form(), supply(), &last.answers());
    draft.keep_past();
    let note = Note::default();
    (Session::open(Box::new(Survey::new(draft, Box::new(note.clone()), "", None))), note)
}

const LAST_ROUND: &[(&str, &str)] = &[
    ("person/name", "示例甲"),
    ("person/sex", "2"),
    ("members[1]/m_name", "示例乙"),
    ("money/income", "42000"),
    ("money/since", "2018-03-15"),
];

#[test]
fn what_stands_as_last_time_is_one_key_and_the_cursor_goes_to_what_is_open() {
    let (mut session, note) = again(LAST_ROUND);
    // The section without its amounts, then the row, then the amount, and the day asked fresh.
    session.expect("按 = 与上次相同").keys("<c-]>").expect("已核对本节 2 题").expect(">     5 家庭成员");
    session.keys("c").expect(">.    6").expect("上次：42,000.00");
    session.keys("=").expect(">.    7").keys("= =");
    session.expect("可以提交");
    let confirmed = |path: &str| Step::Confirm { path: Path::new(path) };
    let set = |path: &str, value: &str| Step::Set { path: Path::new(path), value: value.into() };
    assert_eq!(
        note.answers(),
        [
            confirmed("person/name"),
            confirmed("person/sex"),
            confirmed("members[1]"),
            set("money/income", "42000.00"),
            set("money/since", "2023-11-15"),
        ]
    );
}

#[test]
fn an_amount_far_from_last_time_is_asked_about_before_submitting() {
    let (mut session, note) = again(LAST_ROUND);
    session.keys("<c-]> c 20000 <enter>").expect("上次 42,000.00 元，本次 20,000.00 元").keys("=");
    session.expect("还有 1 项").keys("<f9>");
    assert!(note.0.lock().expect("desk").taken.is_none());
    session
        .keys("<enter>")
        .expect(">?    6")
        .expect("F2")
        .keys("<f2>")
        .text("停发工资")
        .keys("<enter> <f9>")
        .expect("可以提交");
    session.keys("<f2>");
    let taken = note.0.lock().expect("desk").taken.clone().expect("submitted");
    assert_eq!(taken.passes.iter().map(|pass| pass.why.as_str()).collect::<Vec<_>>(), ["停发工资"]);
}

#[test]
fn an_answer_of_last_time_never_vanishes_unseen() {
    let (mut session, note) = again(LAST_ROUND);
    session.keys("<c-]> c = <f9>").expect("还有 1 项").expect("上次答过（2018-03-15），本次未答");
    session.keys("<enter> <f8> 1 <f9>").expect("可以提交").keys("<f2>");
    assert!(note.0.lock().expect("desk").taken.is_some());
}

#[test]
fn confirming_a_section_touches_no_amount_and_no_row() {
    let (mut session, note) = again(LAST_ROUND);
    session.keys("<pgdn> <c-]>").expect("没有待核对").keys("<pgdn> <c-]>").expect("没有待核对");
    assert_eq!(note.answers(), []);
    // A row in which one answer was changed is not looked at as a whole.
    session.keys("<f6> 5 <enter> 1 <tab> 46 <enter>").expect("未核对").keys("<home> c <f6> 5 <enter>").expect("已核对");
}

#[test]
fn steps_are_taken_back_and_done_again_through_the_whole_draft() {
    let (mut session, note) = again(&[]);
    session.text("示例甲").keys("<enter> 2 <enter>").keys("<f6> 5 <enter> <enter>").text("示例乙").keys("<enter>");
    session.keys("<c-_>").expect("已撤销一步").expect(">.      姓名*").keys("<c-_>").expect(">.    2");
    session.keys("<c-_>").expect(">.    1").keys("<c-_>").expect(">.    1");
    session.keys("<c-^>").expect("示例甲").keys("<c-^>").expect("女").keys("<c-^> <c-^>").expect("示例乙");
    // What was taken back and typed over cannot be done again; the file makes the same draft.
    session
        .keys("<c-_>")
        .text("示例丙")
        .keys("<enter> <c-^>")
        .expect_not("已重做")
        .expect("示例丙")
        .expect_not("示例乙");
    let steps = note.0.lock().expect("desk").steps.clone();
    let mut same = Draft::carry(form(), supply(), &Draft::open(form(), supply()).answers());
    same.keep_past();
    for step in &steps {
        same.apply(step);
    }
    assert_eq!(same.answers().value("members[1]/m_name"), Some("示例丙"));
}

#[test]
fn amounts_are_worked_out_and_the_working_is_kept() {
    let (mut session, note) = open();
    session.keys("<f6> 6 <enter>").text("（800＋1200）×6").keys("<enter>");
    let working = Step::Note { path: Path::new("money/income"), text: "(800+1200)*6 = 12,000.00".into() };
    assert_eq!(note.set(), pairs(&[("money/income", "12000.00")]));
    assert!(note.answers().contains(&working), "{:?}", note.answers());
}

#[test]
fn days_are_typed_short() {
    for (typed, day) in [
        ("=", "2023-11-15"),
        ("11-14", "2023-11-14"),
        ("11.16", "2022-11-16"),
        ("-1y", "2022-11-15"),
        ("-10d", "2023-11-05"),
    ] {
        let (mut session, note) = open();
        session.keys("<f6> 7 <enter>").text(typed).keys("<enter>");
        assert_eq!(note.set(), pairs(&[("money/since", day)]), "{typed}");
    }
}

#[test]
fn last_rounds_answers_stand_beside_on_a_key_and_by_themselves_where_there_is_room() {
    let (mut session, _) = again(LAST_ROUND);
    session
        .expect_not("上次 女")
        .keys("<c-\\>")
        .expect("上次 女")
        .expect("上次 示例甲")
        .keys("<c-\\>")
        .expect_not("上次 女");
    let mut last = Draft::open(form(), supply());
    last.apply(&Step::Set { path: Path::new("person/sex"), value: "2".into() });
    let draft = Draft::carry(form(), supply(), &last.answers());
    let survey = Survey::new(draft, Box::new(Note::default()), "", None);
    Session::sized(Box::new(survey), 120, 30).expect("上次 女");
}

/// A form as a stranger writes it: three languages, long texts, signs, several lines.
fn strange_form() -> Arc<Form> {
    let long = "We ask what the household lives on. ".repeat(30);
    let survey = format!(
        "type,name,label::Русский (ru),label::Монгол,label::中文 (zh-CN),hint::Русский (ru),appearance\n\
         text,m,<b>Имя</b> и **слова**,Нэр,姓名,\"{long}The end.\",multiline\n\
         date,d,Месяц,Сар,月份,,month-year\n"
    );
    let settings = "form_title,form_id,default_language\nt,t,Русский (ru)";
    let book = Book::from_csv([("survey", survey.as_bytes()), ("settings", settings.as_bytes())]).expect("csv");
    Arc::new(load(&book, &std::collections::HashMap::new()).expect("readable").form)
}

#[test]
fn a_strangers_form_is_read_whole_in_any_of_its_languages_and_takes_lines_and_months() {
    let note = Note::default();
    let survey = Survey::new(Draft::open(strange_form(), supply()), Box::new(note.clone()), "", None);
    let mut session = Session::open(Box::new(survey));
    session.expect("姓名");
    // By the list of its languages, and back to the form's own.
    session.keys("<c-b> 2").expect("Нэр");
    session.keys("<c-b> 1").expect("Имя и слова").expect("PgDn");
    session.keys("<pgdn> <pgdn>").expect("The end.");
    session.keys("<esc>").text("one").keys("<down>").text("two").keys("<down> <down> <enter>");
    session.text("2024-03").keys("<enter>");
    assert_eq!(note.set(), pairs(&[("m", "one\ntwo"), ("d", "2024-03-01")]));
    session.expect_true();
    // Whoever goes on with the draft, a week later or elsewhere, goes on in that language.
    let (draft, problems) = Draft::from_steps(strange_form(), supply(), &note.answers());
    assert_eq!(problems, []);
    let survey = Survey::new(draft, Box::new(Note::default()), "", None);
    Session::open(Box::new(survey)).expect("Имя и слова");
}

//! Synthetic people: names as they are heard in the forest, ID numbers with the division of their years, telephones and
//! cards with fitting digits. None of them exists.

use super::dice::Dice;
use crate::domain::bank_card::luhn_fits;
use crate::domain::id_number::Sex;
use crate::domain::{Day, IdNumber};
use std::collections::HashSet;

/// The commonest first.
const SURNAMES: [&str; 60] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "孙", "周", "吴", "徐", "于", "马", "朱", "胡", "林", "郭", "高", "何",
    "宋", "郑", "梁", "姜", "韩", "曲", "唐", "冯", "董", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾", "吕", "苏",
    "卢", "蒋", "蔡", "贾", "丁", "魏", "薛", "叶", "阎", "潘", "杜", "戴", "夏", "田", "任", "范", "方", "石", "姚",
    "谭", "邹", "单",
];
const MEN: [&str; 40] = [
    "国", "建", "志", "海", "永", "春", "刚", "军", "伟", "强", "明", "文", "宝", "山", "林", "德", "福", "生", "成",
    "东", "庆", "辉", "峰", "飞", "鹏", "宇", "浩", "轩", "树", "森", "松", "柏", "根", "长", "义", "信", "利", "祥",
    "恒", "远",
];
const WOMEN: [&str; 40] = [
    "丽", "秀", "霞", "艳", "敏", "静", "娟", "英", "华", "玉", "兰", "红", "梅", "金", "玲", "凤", "云", "芳", "娜",
    "杰", "淑", "珍", "桂", "香", "萍", "琴", "燕", "颖", "洁", "莉", "雪", "琳", "佳", "慧", "欣", "怡", "婷", "晶",
    "荷", "菊",
];
const MEN_OF_THE_STEPPE: [&str; 10] =
    ["巴特尔", "宝力道", "那顺", "布和", "呼和", "朝鲁", "牧仁", "阿拉坦", "吉日嘎拉", "格日勒"];
const WOMEN_OF_THE_STEPPE: [&str; 10] =
    ["乌云", "其其格", "娜仁", "苏日娜", "萨仁", "高娃", "斯琴", "图雅", "敖登", "哈斯"];

/// Code of list `ethnicity`, how many of a thousand workers, clan names that stand before the middle dot.
const PEOPLES: [(&str, i64, &[&str]); 9] = [
    ("01", 720, &[]),
    ("02", 130, &["包", "白", "敖", "孛儿只斤"]),
    ("11", 40, &[]),
    ("31", 35, &["敖拉", "郭布勒", "莫日登", "鄂嫩", "沃热", "苏都尔"]),
    ("45", 30, &["杜拉尔", "那哈塔", "涂格敦", "何音"]),
    ("52", 15, &["柯尔特依尔", "葛瓦依尔", "玛拉依尔"]),
    ("03", 15, &[]),
    ("10", 10, &[]),
    ("44", 5, &[]),
];

/// Who somebody is, for life. `key` tells people of one household apart and is never shown.
#[derive(Clone)]
pub struct Human {
    pub key: u32,
    pub name: String,
    pub id_number: String,
    pub sex: Sex,
    pub birth: Day,
}

/// Makes people; no two of them get one ID number.
pub struct Register {
    given: HashSet<String>,
}

impl Register {
    pub fn new() -> Register {
        Register { given: HashSet::new() }
    }

    /// An ID number that was not given before. A number is given with the division as it was called in those years:
    /// Genhe is 150785 only since 2001.
    pub fn id_number(&mut self, dice: &mut Dice, birth: Day, sex: Sex) -> String {
        let home = dice.between(1, 100);
        loop {
            let old = birth.year() < 2001;
            let division = match home {
                1..=78 if birth.year() < 1994 => "152126",
                1..=78 if old => "152105",
                1..=78 => "150785",
                79..=88 if old => "152104",
                79..=88 => "150782",
                89..=95 if old => "152127",
                89..=95 => "150723",
                _ if old => "152101",
                _ => "150702",
            };
            let half = dice.between(0, 499) as u16;
            let sequence = half * 2 + u16::from(sex == Sex::Male);
            let Some(number) = IdNumber::new(division, birth, sequence) else { continue };
            if self.given.insert(number.reveal().to_owned()) {
                return number.reveal().to_owned();
            }
        }
    }
}

/// A people's code, the commonest most often.
pub fn people(dice: &mut Dice) -> &'static str {
    let mut drawn = dice.between(1, 1000);
    for (code, share, _) in PEOPLES {
        drawn -= share;
        if drawn <= 0 {
            return code;
        }
    }
    "01"
}

/// A family's name: what its children bear too. A clan name stands before a middle dot.
pub fn family_name(dice: &mut Dice, people: &str) -> String {
    let clans = PEOPLES.iter().find(|(code, ..)| *code == people).map_or(&[][..], |(_, _, clans)| clans);
    if !clans.is_empty() && dice.percent(70) {
        return format!("{}·", dice.pick(clans));
    }
    dice.pick_common(&SURNAMES).to_owned()
}

/// A whole name in a family.
pub fn name(dice: &mut Dice, family: &str, sex: Sex) -> String {
    let (given, steppe) = match sex {
        Sex::Male => (&MEN, &MEN_OF_THE_STEPPE),
        Sex::Female => (&WOMEN, &WOMEN_OF_THE_STEPPE),
    };
    if family.ends_with('·') {
        return format!("{family}{}", dice.pick(steppe));
    }
    let (first, second) = (dice.pick_common(given), dice.pick(given));
    if dice.percent(30) || first == second { format!("{family}{first}") } else { format!("{family}{first}{second}") }
}

pub fn phone(dice: &mut Dice) -> String {
    format!(
        "1{}{:09}",
        dice.pick(&["35", "38", "39", "50", "58", "77", "86"]),
        dice.between(0, 999_999_999) % 100_000_000
    )
    .chars()
    .take(11)
    .collect()
}

/// Nineteen digits of which the last fits.
pub fn card(dice: &mut Dice) -> String {
    let head = format!("{}{:011}", dice.pick(&["6228480", "6217000", "6222020"]), dice.between(0, 99_999_999_999));
    (0..10).map(|digit| format!("{head}{digit}")).find(|digits| luhn_fits(digits)).unwrap_or(head)
}

/// Two different names for the investigators' line, neither of them the applicant's: made-up people may bear one name.
pub fn investigators(dice: &mut Dice, officers: &[&str], applicant: &str) -> String {
    let officers: Vec<&str> = officers.iter().copied().filter(|officer| *officer != applicant).collect();
    let one = dice.between(0, officers.len() as i64 - 1) as usize;
    let other = (one + 1 + dice.between(0, officers.len() as i64 - 2) as usize) % officers.len().max(1);
    format!("{}、{}", officers.get(one).unwrap_or(&""), officers.get(other).unwrap_or(&""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_bears_the_division_of_its_birth_year_and_is_given_once() {
        let (mut dice, mut register) = (Dice::new(7), Register::new());
        let mut seen = HashSet::new();
        for year in 1940..2026 {
            let birth = Day::from_ymd(year, 2, 28).unwrap();
            for sex in [Sex::Male, Sex::Female] {
                let number = register.id_number(&mut dice, birth, sex);
                let read = IdNumber::from_typed(&number).unwrap();
                assert_eq!((read.birth(), read.sex()), (birth, sex));
                assert_eq!(read.division().starts_with("1507"), year >= 2001, "{year}");
                assert!(seen.insert(number));
            }
        }
    }

    #[test]
    fn phones_and_cards_have_fitting_digits() {
        let mut dice = Dice::new(3);
        for _ in 0..200 {
            let (phone, card) = (phone(&mut dice), card(&mut dice));
            assert!(phone.len() == 11 && phone.starts_with('1') && phone.bytes().all(|b| b.is_ascii_digit()));
            assert!(card.len() == 19 && luhn_fits(&card));
        }
    }

    #[test]
    fn nobody_investigates_alone() {
        let mut dice = Dice::new(3);
        for _ in 0..50 {
            let pair = investigators(&mut dice, &["甲一", "乙二", "丙三"], "乙二");
            let (one, other) = pair.split_once('、').unwrap();
            assert_ne!(one, other);
            assert!(one != "乙二" && other != "乙二", "nor one's own household");
        }
    }
}

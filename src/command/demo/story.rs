//! Where a household starts, and how it lives on between two surveys: children go to school and leave it, old people die,
//! work is lost and found.

use super::dice::Dice;
use super::household::{Change, Household, Member, Theme, WORKER};
use super::people::{self, Human, Register};
use crate::domain::id_number::Sex;
use crate::domain::{Day, UnitTree};

const BANKS: [&str; 3] = ["农业银行林城支行", "建设银行林城支行", "工商银行林城支行"];
/// Units by code, the larger ones first.
const UNITS: [&str; 13] =
    ["JH12", "JH11", "JH21", "JH15", "JH14", "JH13", "JH31", "JH32", "JH41", "JH61", "JH51", "JH0103", "JH0102"];

/// A day in the year, from the generator.
fn day_in(dice: &mut Dice, year: i32) -> Day {
    Day::from_ymd(year, dice.between(1, 12) as u32, dice.between(1, 28) as u32).unwrap_or(Day(0))
}

/// Makes households out of the generator, the register and the union tree.
pub struct Maker<'a> {
    pub register: &'a mut Register,
    pub units: &'a UnitTree,
}

impl Maker<'_> {
    fn human(&mut self, dice: &mut Dice, key: u32, family: &str, sex: Sex, birth: Day) -> Human {
        Human {
            key,
            name: people::name(dice, family, sex),
            id_number: self.register.id_number(dice, birth, sex),
            sex,
            birth,
        }
    }

    /// A household that applies on `on` for the reason of its theme. `unit`: a code, where the story needs one.
    pub fn household(&mut self, dice: &mut Dice, theme: Theme, on: Day, unit: Option<&str>) -> Household {
        let sex = if dice.percent(62) { Sex::Male } else { Sex::Female };
        let spouse_sex = if sex == Sex::Male { Sex::Female } else { Sex::Male };
        let age = dice.between(33, 54) as i32;
        let birth = day_in(dice, on.year() - age);
        let ethnicity = people::people(dice);
        let family = people::family_name(dice, ethnicity);
        let worker = self.human(dice, WORKER, &family, sex, birth);
        let unit_code = unit.unwrap_or_else(|| dice.pick_common(&UNITS));
        let unit = self.units.by_code(unit_code).unwrap_or(crate::domain::UnitId([0; 16]));
        let place = self.units.successor_on(unit, on).map_or_else(String::new, |u| u.zh.clone());
        let mut home = Household {
            ethnicity,
            political: dice.pick(&["13", "13", "13", "01", "03"]),
            marital: "20",
            education: dice.pick(&["71", "71", "61", "81", "41", "31"]),
            health: "10",
            disease: "",
            grade: "",
            model: "0",
            division: dice.pick(&["150785", "150785", "150785", "150785", "150785", "150785", "150782", "150723"]),
            address: format!("{place}第{}居民组{}号", dice.pick(&["一", "二", "三", "四", "五"]), dice.between(1, 120)),
            phone: people::phone(dice),
            unit,
            unit_nature: if unit_code.starts_with("JH6") { "3" } else { "2" },
            unit_condition: dice.pick(&["1", "1", "1", "2", "4"]),
            work_status: "11",
            work_start: birth.plus_months(12 * dice.between(17, 22) as i32 + 5),
            contract: "7",
            bank: dice.pick(&BANKS),
            card: people::card(dice),
            members: Vec::new(),
            housing: dice.pick(&["3", "3", "2", "4", "1", "5", "6"]),
            area: dice.between(32, 78),
            vehicle: dice.pick(&["1", "1", "1", "1", "5"]),
            cause: "10",
            other_cause: "",
            cause_note: "",
            helps: "1",
            trade: dice.pick(&["04", "04", "01", "02", "03", "05", "07", "08", "11", "15", "99"]),
            skill_level: dice.pick(&["5", "4", "3", "0"]),
            skilled: Vec::new(),
            job_need: false,
            next_key: 1,
            worker,
            family,
        };
        if theme != Theme::SingleParent && dice.percent(88) {
            let born = birth.plus_months(dice.between(-40, 60) as i32);
            let people = if dice.percent(75) { "01" } else { ethnicity };
            let family = people::family_name(dice, people);
            let spouse = self.human(dice, home.new_key(), &family, spouse_sex, born);
            let status = dice.pick(&["13", "21", "21", "11", "51"]);
            home.members.push(Member {
                human: spouse,
                relation: if spouse_sex == Sex::Male { "11" } else { "12" },
                health: "10",
                disease: "",
                status,
                lives_together: true,
                studies: false,
            });
        } else {
            home.marital = dice.pick(&["40", "30", "40"]);
        }
        let children = match theme {
            Theme::Schooling | Theme::SingleParent => dice.between(1, 2),
            _ => dice.between(0, 2),
        };
        for number in 0..children {
            let oldest = (birth.age_on(on) - 22).clamp(3, 19) as i64;
            let age = if theme == Theme::Schooling && number == 0 { oldest.max(12) } else { dice.between(1, oldest) };
            let born = day_in(dice, on.year() - age as i32);
            self.child(dice, &mut home, born, on);
        }
        if dice.percent(28) {
            let mother = dice.percent(60);
            let older = dice.between(21, 28) as i32;
            let born = day_in(dice, birth.year() - older);
            let family = if mother { people::family_name(dice, "01") } else { home.family.clone() };
            let sex = if mother { Sex::Female } else { Sex::Male };
            let parent = self.human(dice, home.new_key(), &family, sex, born);
            home.members.push(Member {
                human: parent,
                relation: if mother { "52" } else { "51" },
                health: dice.pick(&["20", "30", "31"]),
                disease: "11",
                status: dice.pick(&["14", "51"]),
                lives_together: true,
                studies: false,
            });
        }
        home.suffer(dice, theme);
        home
    }

    fn child(&mut self, dice: &mut Dice, home: &mut Household, born: Day, on: Day) {
        let sex = if dice.percent(52) { Sex::Male } else { Sex::Female };
        let family = match home.worker.sex {
            Sex::Male => home.family.clone(),
            // Children bear their father's name.
            Sex::Female => {
                let father = home.spouse().map(|s| s.human.name.clone()).unwrap_or_default();
                match father.split_once('·') {
                    Some((clan, _)) => format!("{clan}·"),
                    None => father.chars().next().map_or(home.family.clone(), String::from),
                }
            }
        };
        let human = self.human(dice, home.new_key(), &family, sex, born.min(on));
        let first = !home.members.iter().any(Member::is_child);
        let relation = match (sex, first) {
            (Sex::Male, true) => "22",
            (Sex::Male, false) => "23",
            (Sex::Female, true) => "32",
            (Sex::Female, false) => "33",
        };
        let mut child = Member {
            human,
            relation,
            health: "10",
            disease: "",
            status: "32",
            lives_together: true,
            studies: dice.percent(65),
        };
        if child.school(on).is_some() {
            child.status = "31";
        } else if child.human.birth.age_on(on) >= 16 {
            child.status = "21";
        }
        home.members.push(child);
    }

    /// Lives from one survey to the next, and answers what happened.
    pub fn live(&mut self, dice: &mut Dice, home: &mut Household, from: Day, to: Day) -> Vec<Change> {
        let mut changes = Vec::new();
        let span = i64::from(to.0 - from.0).max(1);
        let when = |dice: &mut Dice| from.plus_days(dice.between(1, span) as i32);
        let in_years = |per_cent_a_year: i64| (per_cent_a_year * span / 365).max(i64::from(per_cent_a_year > 0));
        let change = |on, kind, person, evidence| Change { on, kind, person, amount: None, evidence };

        let mut gone: Vec<u32> = Vec::new();
        for member in &mut home.members {
            let key = member.human.key;
            let age = member.human.birth.age_on(to);
            if age > 68 && dice.percent(in_years(5)) {
                gone.push(key);
                changes.push(change(when(dice), "04", None, "死亡证明"));
                continue;
            }
            if !member.is_child() {
                continue;
            }
            match (member.status, member.school(to)) {
                ("32", Some(_)) => {
                    member.status = "31";
                    changes.push(change(when(dice), "08", Some(key), "学籍证明"));
                }
                ("31", Some((_, year))) if year == to.year() && from.year() < year => {
                    changes.push(change(when(dice), "08", Some(key), "录取通知书"));
                }
                ("31", None) if age >= 16 => {
                    member.status = dice.pick(&["11", "21", "13"]);
                    member.lives_together = dice.percent(40);
                    changes.push(change(when(dice), "09", Some(key), "毕业证"));
                }
                ("11" | "21" | "13", _) if age > 23 && dice.percent(in_years(20)) => {
                    gone.push(key);
                    changes.push(change(when(dice), "17", None, "户口迁移证明"));
                }
                _ => {}
            }
        }
        for key in gone {
            home.leave(key);
        }
        if let Some(spouse) = home.members.iter_mut().find(|m| m.is_spouse()) {
            let key = spouse.human.key;
            match spouse.status {
                "13" if dice.percent(in_years(10)) => {
                    spouse.status = "21";
                    changes.push(change(when(dice), "11", Some(key), "务工证明"));
                }
                "21" if dice.percent(in_years(8)) => {
                    spouse.status = "13";
                    changes.push(change(when(dice), "10", Some(key), "社区证明"));
                }
                _ => {}
            }
            let mother = if spouse.human.sex == Sex::Female { spouse.human.birth } else { home.worker.birth };
            let children = home.members.iter().filter(|m| m.is_child()).count();
            if mother.age_on(to) < 40 && children < 2 && dice.percent(in_years(9)) {
                let born = when(dice);
                self.child(dice, home, born, to);
                let key = home.members.last().map(|m| m.human.key);
                changes.push(change(born, "05", key, "出生医学证明"));
            }
        }
        let retires = if home.worker.sex == Sex::Male { 60 } else { 50 };
        if matches!(home.work_status, "11" | "12" | "13" | "21") && home.worker.birth.age_on(to) >= retires {
            home.work_status = "14";
            home.job_need = false;
            changes.push(change(when(dice), "12", Some(WORKER), "退休证"));
        }
        changes.sort_by_key(|c| c.on);
        changes
    }
}

impl Household {
    pub fn new_key(&mut self) -> u32 {
        let key = self.next_key;
        self.next_key += 1;
        key
    }

    /// Somebody who has died or gone is no longer a member.
    pub fn leave(&mut self, key: u32) {
        self.members.retain(|m| m.human.key != key);
        if self.spouse().is_none() && self.marital == "20" {
            self.marital = "30";
        }
    }

    /// What the theme does to a household: who is ill, who lost work, what is asked for.
    fn suffer(&mut self, dice: &mut Dice, theme: Theme) {
        let spouse = self.members.iter_mut().find(|m| m.is_spouse());
        match theme {
            Theme::Illness => {
                (self.health, self.disease) = dice.pick(&[("41", "01"), ("31", "02"), ("32", "03"), ("35", "04")]);
                (self.cause, self.helps) = ("061", "1 2");
                self.work_status = dice.pick(&["15", "16", "11"]);
            }
            Theme::SpouseIll => {
                self.cause = "064";
                if let Some(spouse) = spouse {
                    (spouse.health, spouse.disease) = dice.pick(&[("41", "01"), ("37", "08"), ("32", "03")]);
                    spouse.status = "51";
                    self.cause = "062";
                }
                self.helps = "1 2";
            }
            Theme::LaidOff => {
                (self.work_status, self.cause, self.helps) = (dice.pick(&["12", "13"]), "03", "1 4 5");
                self.other_cause = "06";
                self.job_need = true;
                self.unit_condition = "3";
            }
            Theme::Disability => {
                self.health = dice.pick(&["64", "61", "62", "66"]);
                self.grade = dice.pick(&["1", "2", "3"]);
                (self.work_status, self.cause, self.helps) = ("51", "011", "1 2");
                self.trade = "99";
            }
            Theme::Schooling => (self.cause, self.helps) = ("09", "3"),
            Theme::Accident => (self.cause, self.helps) = ("08", "1"),
            Theme::SingleParent => {
                (self.cause, self.cause_note) = ("10", "单亲抚养子女，收入低");
                self.helps = "1 3 10";
            }
        }
        if !matches!(self.work_status, "11" | "18") {
            self.contract = "";
        }
        if let Some(spouse) = self.members.iter().find(|m| m.is_spouse() && m.status == "21" && m.human.key != WORKER)
            && dice.percent(40)
        {
            self.skilled.push(spouse.human.key);
        }
    }
}

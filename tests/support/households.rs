//! Synthetic households by the million: the same seed gives the same people. None of them exists.
#![allow(dead_code)]

use dossier::domain::{DossierId, UnitId};
use dossier::views::search::{IndexedHousehold, Unit};

/// A small generator of numbers, so that a seed means the same on every machine.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// The commonest first; drawn twice and the smaller taken, so that the first are the most frequent.
const SURNAMES: &str = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶\
                        阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖\
                        龚文敖鄂涂那何吴单仇解查翟盖";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红国建文志海永春梅金玲凤云龙宝山林德福生荣新成东\
                     庆辉峰飞鹏鑫浩宇博轩子涵梓欣怡雨婷雪琳佳慧颖洁莉萍琴燕珍淑贵友富忠义仁礼信良善才有学长根树森松柏\
                     立民权兴旺发财喜乐安康宁和顺利吉祥瑞祺安邦正清廉毅坚恒远航程万里波澜江河湖泉源润泽霖露霜晨曦旭阳光\
                     亮晶莹彩虹星月娥嫦仙芝草莲荷菊竹桃杏李柳杨槐榆桦";
const MONGOL: &[&str] = &[
    "巴特尔",
    "乌云",
    "其其格",
    "娜仁",
    "格日勒",
    "宝力道",
    "苏日娜",
    "那顺",
    "布和",
    "萨仁",
    "高娃",
    "呼和",
    "朝鲁",
    "牧仁",
    "阿拉坦",
    "斯琴",
    "图雅",
    "吉日嘎拉",
    "敖登",
    "哈斯",
];
const CLANS: &[&str] = &[
    "敖",
    "鄂",
    "涂",
    "杜拉尔",
    "那哈塔",
    "何",
    "布",
    "索",
    "敖拉",
    "郭布勒",
    "莫日登",
    "鄂嫩",
    "沃热",
    "苏都尔",
    "柯尔特依尔",
];
const FARMS: &[&str] = &[
    "金河",
    "得耳布尔",
    "满归",
    "阿龙山",
    "图里河",
    "根河",
    "库都尔",
    "绰尔",
    "乌尔旗汉",
    "克一河",
    "甘河",
    "吉文",
    "阿里河",
    "大杨树",
    "毕拉河",
    "莫尔道嘎",
    "伊图里河",
    "绰源",
    "北大河",
    "吉拉林",
];
const PARTS: &[&str] =
    &["一林场", "二林场", "三林场", "贮木场", "机修厂", "运输处", "供电所", "防火办", "医院", "机关"];

pub fn name(dice: &mut Dice) -> String {
    let surnames: Vec<char> = SURNAMES.chars().collect();
    let given: Vec<char> = GIVEN.chars().collect();
    match dice.below(100) {
        0..=5 => format!("{}·{}", dice.pick(CLANS), dice.pick(MONGOL)),
        6..=8 => format!("{}·{}{}", dice.pick(CLANS), dice.pick(MONGOL), dice.pick(MONGOL)),
        9..=11 => format!("{}{}", dice.pick(MONGOL), dice.pick(MONGOL)),
        shape => {
            let surname = surnames[dice.below(surnames.len()).min(dice.below(surnames.len()))];
            let first = given[dice.below(given.len()).min(dice.below(given.len()))];
            if shape < 35 { format!("{surname}{first}") } else { format!("{surname}{first}{}", dice.pick(&given)) }
        }
    }
}

/// 200 units.
pub fn unit(number: usize) -> Unit {
    let number = number % (FARMS.len() * PARTS.len());
    let mut id = [0; 16];
    id[..8].copy_from_slice(&(number as u64).to_le_bytes());
    let name = format!("{}{}", FARMS[number / PARTS.len()], PARTS[number % PARTS.len()]);
    Unit { id: UnitId(id), short: format!("D{number:03}"), name }
}

/// 18 characters with the right check character.
pub fn id_number(dice: &mut Dice, year: u16) -> String {
    let division = dice.pick(&["152126", "152105", "150785", "152104", "152127"]);
    let head = format!("{division}{year}{:02}{:02}{:03}", 1 + dice.below(12), 1 + dice.below(28), dice.below(1000));
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = head.bytes().zip(weights).map(|(b, w)| u32::from(b - b'0') * w).sum();
    format!("{head}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

pub fn household(dice: &mut Dice, number: u32) -> IndexedHousehold {
    let mut id = [0; 16];
    id[..8].copy_from_slice(&dice.next().to_le_bytes());
    id[8..12].copy_from_slice(&number.to_le_bytes());
    let year = 1950 + dice.below(50) as u16;
    let persons = 1 + dice.below(4);
    let serial = number % 10_000_000;
    let number_text = if dice.below(50) == 0 {
        format!("临-{}-{}", 1 + dice.below(9), serial)
    } else {
        format!("150785-{}-{serial:04}", 2016 + dice.below(10))
    };
    IndexedHousehold {
        dossier: DossierId(id),
        number: number_text,
        other_numbers: if dice.below(5) == 0 { vec![format!("GH{}{serial:05}", dice.below(90))] } else { Vec::new() },
        names: (0..persons).map(|_| name(dice)).collect(),
        unit: unit(dice.below(200)),
        id_numbers: (0..persons)
            .map(|i| {
                let other = 1950 + dice.below(70) as u16;
                id_number(dice, if i == 0 { year } else { other })
            })
            .collect(),
        phones: vec![format!("1{}{:09}", dice.pick(&[3, 5, 7, 8]), dice.below(1_000_000_000))],
        birth_year: Some(year),
        category: dice.pick(&["1", "2", "3", "0", "9"]).to_owned(),
        status: dice.pick(&["open", "closed", "survey"]).to_owned(),
    }
}

pub fn households(seed: u64, count: u32) -> impl Iterator<Item = IndexedHousehold> {
    let mut dice = Dice::new(seed);
    (0..count).map(move |number| household(&mut dice, number))
}

/// A household with these names in this unit, everything else from its number.
pub fn named(number: u32, names: &[&str], unit_number: usize, birth_year: u16) -> IndexedHousehold {
    let mut dice = Dice::new(u64::from(number) + 77);
    let mut row = household(&mut dice, number);
    row.number = format!("150785-2018-{number:04}");
    row.names = names.iter().map(|n| (*n).to_owned()).collect();
    row.id_numbers.truncate(1);
    row.unit = unit(unit_number);
    row.birth_year = Some(birth_year);
    row
}

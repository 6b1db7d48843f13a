//! How characters are read aloud, as numbered syllables in alphabetical order, so that a range of numbers is a prefix.
//!
//! The pinyin crate's first reading stands for a character; its many archaic ones would find strangers. The living
//! second readings of surnames and of characters usual in given names are listed here.

use pinyin::ToPinyin;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::OnceLock;

/// Read so when they open a name. 单于, 尉迟, 万俟, 长孙 need their first reading here and 俟 below.
const SURNAMES: &[(char, &[&str])] = &[
    ('单', &["shan", "dan", "chan"]),
    ('曾', &["zeng", "ceng"]),
    ('仇', &["qiu", "chou"]),
    ('解', &["xie", "jie"]),
    ('区', &["ou", "qu"]),
    ('查', &["zha", "cha"]),
    ('盖', &["ge", "gai"]),
    ('乐', &["yue", "le"]),
    ('朴', &["piao", "pu"]),
    ('翟', &["zhai", "di"]),
    ('员', &["yun", "yuan"]),
    ('缪', &["miao", "mou"]),
    ('尉', &["wei", "yu"]),
    ('覃', &["qin", "tan"]),
    ('折', &["she", "zhe"]),
    ('黑', &["he", "hei"]),
    ('秘', &["bi", "mi"]),
    ('洗', &["xian", "xi"]),
    ('那', &["na", "nuo"]),
    ('召', &["shao", "zhao"]),
    ('种', &["chong", "zhong"]),
    ('都', &["du", "dou"]),
    ('车', &["che", "ju"]),
    ('沈', &["shen", "chen"]),
    ('万', &["wan", "mo"]),
    ('长', &["zhang", "chang"]),
    ('繁', &["po", "fan"]),
    ('褚', &["chu", "zhu"]),
    ('祭', &["zhai", "ji"]),
    ('句', &["gou", "ju"]),
    ('过', &["guo"]),
    ('牟', &["mu", "mou"]),
    ('隗', &["wei", "kui"]),
    ('逄', &["pang"]),
    ('谌', &["chen", "shen"]),
    ('卜', &["bu"]),
    ('宓', &["mi", "fu"]),
    ('令', &["ling"]),
    ('澹', &["tan", "dan"]),
    ('石', &["shi"]),
    ('应', &["ying"]),
    ('冼', &["xian"]),
    ('柏', &["bai", "bo"]),
    ('薄', &["bo", "bao"]),
    ('郇', &["xun", "huan"]),
    ('阚', &["kan"]),
    ('撒', &["sa"]),
    ('纪', &["ji"]),
    ('任', &["ren"]),
    ('哈', &["ha"]),
    ('肖', &["xiao"]),
    ('乜', &["nie", "mie"]),
    ('粘', &["nian", "zhan"]),
    ('钭', &["tou", "dou"]),
    ('郄', &["qie", "xi"]),
    ('佴', &["nai", "er"]),
    ('贠', &["yun", "yuan"]),
    ('殷', &["yin", "yan"]),
    ('俞', &["yu", "shu"]),
    ('么', &["yao", "me"]),
    ('儿', &["ni", "er"]),
];

/// Read so anywhere in a name, as the dictionaries of today have them; the usual one first.
const GIVEN: &str = "都 dou du|阿 a e|佴 nai er|乜 mie nie|粘 zhan nian|贠 yun yuan|郄 qie xi|钭 tou dou|勒 le lei|卜 bu bo|\
     杜 du tu|色 se shai|血 xue xie|薄 bo bao|剥 bo bao|拗 ao niu|把 ba pa|蚌 bang beng|堡 bao bu pu|暴 bao pu|\
     贲 ben bi|泌 mi bi|辟 bi pi|扁 bian pian|便 bian pian|骠 biao piao|屏 ping bing|泊 bo po|伯 bo bai|柏 bai bo|\
     藏 cang zang|侧 ce ze|禅 chan shan|长 chang zhang|厂 chang an|朝 chao zhao|嘲 chao zhao|车 che ju|\
     称 cheng chen|澄 cheng deng|匙 chi shi|臭 chou xiu|畜 chu xu|传 chuan zhuan|幢 chuang zhuang|绰 chuo chao|\
     伺 ci si|枞 cong zong|大 da dai|单 dan shan chan|弹 dan tan|石 shi dan|提 ti di|翟 zhai di|调 tiao diao|\
     丁 ding zheng|度 du duo|囤 dun tun|冯 feng ping|佛 fo fu|脯 fu pu|盖 gai ge|扛 kang gang|给 gei ji|\
     颈 jing geng|红 hong gong|谷 gu yu|鹄 hu gu|纶 lun guan|桧 hui gui|炅 jiong gui|涡 wo guo|虾 xia ha|\
     巷 xiang hang|行 xing hang|和 he huo hu|核 he hu|黑 hei he|虹 hong jiang|会 hui kuai|还 huan hai|奇 qi ji|\
     缉 ji qi|系 xi ji|茄 qie jia|贾 jia gu|价 jia jie|强 qiang jiang|降 jiang xiang|角 jiao jue|嚼 jiao jue|\
     觉 jue jiao|校 xiao jiao|桔 ju jie|解 jie xie|芥 jie gai|劲 jin jing|靓 jing liang|咀 ju zui|句 ju gou|\
     圈 quan juan|隽 jun juan|浚 jun xun|均 jun yun|咖 ka ga|卡 ka qia|楷 kai jie|壳 ke qiao|溃 kui hui|\
     括 kuo gua|腊 la xi|莨 liang lang|乐 le yue lao|俩 lia liang|了 liao le|绿 lv lu|率 lv shuai|六 liu lu|\
     陆 lu liu|露 lu lou|偻 lou lv|络 luo lao|落 luo la lao|脉 mai mo|蔓 man wan|氓 mang meng|没 mei mo|糜 mi mei|\
     秘 mi bi|缪 miao mou miu|模 mo mu|牟 mou mu|娜 na nuo|那 na nuo|弄 nong long|疟 nve yao|区 qu ou|番 fan pan|\
     胖 pang pan|朴 pu piao po|瀑 pu bao|曝 pu bao|栖 qi xi|期 qi ji|稽 ji qi|铅 qian yan|浅 qian jian|茜 qian xi|\
     亲 qin qing|雀 que qiao|券 quan xuan|仇 qiu chou|塞 sai se|厦 xia sha|杉 shan sha|汤 tang shang|\
     召 zhao shao|蛇 she yi|折 zhe she|什 shi shen|沈 shen chen|盛 sheng cheng|晟 sheng cheng|省 sheng xing|\
     识 shi zhi|似 si shi|适 shi kuo|属 shu zhu|术 shu zhu|说 shuo shui yue|宿 su xiu|莎 sha suo|覃 tan qin|\
     澹 dan tan|陶 tao yao|褪 tui tun|拓 tuo ta|万 wan mo|尾 wei yi|尉 wei yu|遗 yi wei|吓 xia he|洗 xi xian|\
     纤 xian qian|削 xiao xue|叶 ye xie|殷 yin yan|咽 yan ye|约 yue yao|钥 yao yue|艾 ai yi|於 yu wu|吁 yu xu|\
     员 yuan yun|攒 zan cuan|扎 zha za|查 cha zha|祭 ji zhai|曾 zeng ceng|琢 zhuo zuo|殖 zhi shi|枝 zhi qi|\
     峙 zhi shi|种 zhong chong|重 zhong chong|著 zhu zhe zhuo|爪 zhua zhao|赚 zhuan zuan|综 zong zeng|\
     参 can shen cen|差 cha chai ci|刹 cha sha|俟 si qi|隗 wei kui|谌 chen shen|宓 mi fu|郇 xun huan|繁 fan po|\
     褚 chu zhu|郗 xi chi|荥 xing ying|侗 dong tong|姥 lao mu|嬛 huan xuan|婼 ruo chuo|媞 ti shi|莘 xin shen|\
     藉 ji jie|蛾 e yi|镡 tan xin chan|阏 e yan|颉 jie xie|俞 yu shu|僮 tong zhuang|其 qi ji|冒 mao mo|否 fou pi|\
     啜 chuo chuai|嗒 da ta|孛 bei bo|峒 dong tong|崴 wai wei|恶 e wu|景 jing ying|柜 gui ju|沓 ta da|浍 hui kuai|\
     渑 mian sheng|溱 zhen qin|熨 yun yu|疋 ya pi|笮 ze zuo|莞 guan wan|蔚 wei yu|裨 bi pi|褶 zhe xi|诘 jie ji|\
     邪 xie ye|铛 cheng dang|陂 bei pi|食 shi si|骀 dai tai|魄 po tuo|龟 gui jun qiu|筠 yun jun|㴱 shen|\
     伽 jia qie ga|么 me yao|呢 ne ni|宛 wan yuan|焘 tao dao|奘 zang zhuang|泷 long shuang|般 ban bo|\
     若 ruo re|乘 cheng sheng|择 ze zhai|镐 hao gao|歙 she xi|圩 wei xu|蕃 fan bo|埔 pu bu|阇 she du|摩 mo ma|\
     桁 heng hang|莆 pu fu|亘 gen xuan|芒 mang wang|夹 jia ga|蛤 ge ha|喀 ka ke|着 zhe zhuo zhao|的 de di|\
     得 de dei|仔 zi zai|柞 zuo zha|栅 zha shan|裳 shang chang|椎 zhui chui|氏 shi zhi|顿 dun du|无 wu mo|\
     哪 na ne nei|噶 ga ge|\
     被 bei pi|扒 ba pa|刨 pao bao|见 jian xian|肋 le lei|吭 keng hang|潦 liao lao|呱 gua gu|龈 yin ken|\
     擘 bo bai|耙 ba pa|磅 bang pang|叨 dao tao|颤 chan zhan|轧 ya zha|将 jiang qiang|蹊 xi qi|谁 shui shei|\
     絜 xie jie|捋 lv luo|迫 po pai|辗 zhan nian|綮 qi qing|槛 kan jian|柚 you zhou|数 shu shuo|抹 mo ma|\
     埋 mai man|喳 zha cha|咳 ke hai|卒 zu cu|焯 chao zhuo|芎 qiong xiong|晁 chao zhao|磾 di mi";

const FIRST: u32 = 0x3400;
const LAST: u32 = 0x9FFF;
/// Beyond the block: 〇, and the extensions in the planes above, of which some have a reading.
const BEYOND: [std::ops::RangeInclusive<u32>; 2] = [0x3007..=0x3007, 0x20000..=0x323AF];

pub(super) struct Table {
    syllables: Vec<&'static str>,
    starts: Vec<u32>,
    flat: Vec<u16>,
    beyond: HashMap<char, Vec<u16>>,
    fronts: HashMap<char, Vec<u16>>,
}

/// Syllables as typed: `lü` is `lv`, and is found by `lu` and the passports' `lyu` too.
fn spelled(reading: &'static str) -> Vec<&'static str> {
    match reading {
        "lü" | "lv" => vec!["lv", "lu", "lyu"],
        "nü" | "nv" => vec!["nv", "nu", "nyu"],
        "lüe" | "lve" => vec!["lve", "lue", "lyue"],
        "nüe" | "nve" => vec!["nve", "nue", "nyue"],
        _ if !reading.is_empty() && reading.bytes().all(|b| b.is_ascii_lowercase()) => vec![reading],
        _ => Vec::new(),
    }
}

const LETTERS: &str = "abcdefghijklmnopqrstuvwxyz";

impl Table {
    pub(super) fn get() -> &'static Table {
        static TABLE: OnceLock<Table> = OnceLock::new();
        TABLE.get_or_init(Table::build)
    }

    fn build() -> Table {
        let given: HashMap<char, Vec<&'static str>> = GIVEN
            .split('|')
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                Some((words.next()?.chars().next()?, words.collect()))
            })
            .collect();
        let read = |c: char| -> Vec<&'static str> {
            let plain = || match c {
                '〇' => vec!["ling"],
                c => c.to_pinyin().map(|p| vec![p.plain()]).unwrap_or_default(),
            };
            let readings = given.get(&c).cloned().unwrap_or_else(plain);
            readings.into_iter().flat_map(spelled).collect()
        };
        let block = || (FIRST..=LAST).filter_map(char::from_u32);
        let beyond: Vec<(char, Vec<&'static str>)> = BEYOND
            .into_iter()
            .flatten()
            .filter_map(char::from_u32)
            .map(|c| (c, read(c)))
            .filter(|(_, readings)| !readings.is_empty())
            .collect();
        let mut all: BTreeSet<&'static str> = block().flat_map(read).collect();
        all.extend(beyond.iter().flat_map(|(_, readings)| readings.iter().copied()));
        all.extend(SURNAMES.iter().flat_map(|(_, list)| list.iter().copied()));
        all.extend((0..LETTERS.len()).filter_map(|i| LETTERS.get(i..i + 1)));
        let syllables: Vec<&'static str> = all.into_iter().collect();
        // Zero says "no syllable", so that a shorter name sorts before a longer one.
        let number = |s: &str| syllables.binary_search(&s).ok().and_then(|i| u16::try_from(i + 1).ok());
        let mut starts = vec![0];
        let mut flat = Vec::new();
        for c in block() {
            flat.extend(read(c).into_iter().filter_map(number));
            starts.push(flat.len() as u32);
        }
        // A surname is also read as the character is elsewhere.
        let fronts = SURNAMES.iter().map(|(c, list)| {
            let also = read(*c).into_iter().filter(|reading| !list.contains(reading));
            (*c, list.iter().copied().chain(also).filter_map(number).collect())
        });
        let fronts = fronts.collect();
        let beyond = beyond.into_iter().map(|(c, list)| (c, list.into_iter().filter_map(number).collect())).collect();
        Table { syllables, starts, flat, beyond, fronts }
    }

    /// The readings of a character, as syllable numbers; a Latin letter reads as itself; empty if it has none.
    pub(super) fn of(&self, c: char, opens_name: bool) -> &[u16] {
        if opens_name && let Some(list) = self.fronts.get(&c) {
            return list;
        }
        let code = u32::from(c);
        if c.is_ascii_lowercase() {
            return self.letter(c);
        }
        if !(FIRST..=LAST).contains(&code) {
            return self.beyond.get(&c).map_or(&[], Vec::as_slice);
        }
        let at = (code - FIRST) as usize;
        match (self.starts.get(at), self.starts.get(at + 1)) {
            (Some(&from), Some(&to)) => self.flat.get(from as usize..to as usize).unwrap_or(&[]),
            _ => &[],
        }
    }

    fn letter(&self, c: char) -> &[u16] {
        static NUMBERS: OnceLock<Vec<u16>> = OnceLock::new();
        let numbers = NUMBERS.get_or_init(|| {
            let find = |i| LETTERS.get(i..i + 1).map(|s| self.whole(s.as_bytes()).unwrap_or(0)).unwrap_or(0);
            (0..LETTERS.len()).map(find).collect()
        });
        let at = (u32::from(c) - u32::from('a')) as usize;
        numbers.get(at..at + 1).unwrap_or(&[])
    }

    pub(super) fn text(&self, syllable: u16) -> &'static [u8] {
        usize::from(syllable).checked_sub(1).and_then(|i| self.syllables.get(i)).map(|s| s.as_bytes()).unwrap_or(&[])
    }

    /// The number of exactly this syllable.
    pub(super) fn whole(&self, text: &[u8]) -> Option<u16> {
        self.syllables.binary_search_by(|s| s.as_bytes().cmp(text)).ok().and_then(|i| u16::try_from(i + 1).ok())
    }

    /// The numbers of all syllables that begin so.
    pub(super) fn beginning(&self, text: &[u8]) -> Range<u16> {
        let from = self.syllables.partition_point(|s| s.as_bytes() < text);
        let to = from + self.syllables[from..].partition_point(|s| s.as_bytes().starts_with(text));
        from as u16 + 1..to as u16 + 1
    }

    /// The letters with which a character's readings begin, each once.
    pub(super) fn initials(&self, c: char, opens_name: bool) -> impl Iterator<Item = u8> + '_ {
        let list = self.of(c, opens_name);
        let first = |s: &u16| self.text(*s).first().copied().unwrap_or(b'?');
        list.iter()
            .enumerate()
            .filter(move |(i, s)| !list[..*i].iter().any(|t| first(t) == first(s)))
            .map(move |(_, s)| first(s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(c: char, opens: bool) -> Vec<String> {
        let table = Table::get();
        table.of(c, opens).iter().map(|s| String::from_utf8_lossy(table.text(*s)).into_owned()).collect()
    }

    #[test]
    fn a_surname_is_read_as_a_surname_and_as_it_looks() {
        assert_eq!(read('单', true), ["shan", "dan", "chan"]);
        assert_eq!(read('仇', true), ["qiu", "chou"]);
        assert_eq!(read('吕', true), ["lv", "lu", "lyu"]);
        assert_eq!(read('王', true), ["wang"]);
        assert_eq!(read('都', false), ["dou", "du"]);
        assert_eq!(read('乜', true), ["nie", "mie"]);
        assert_eq!(read('阿', true), ["a", "e"]);
        assert_eq!(read('〇', false), ["ling"]);
        assert_eq!(read('𬭚', false), ["chun"]);
        for (c, also) in [
            ('伽', "jia"),
            ('宛', "yuan"),
            ('焘', "tao"),
            ('奘', "zhuang"),
            ('莆', "fu"),
            ('氏', "zhi"),
            ('见', "xian"),
        ] {
            assert!(read(c, false).contains(&also.to_owned()), "{c}");
        }
        assert_eq!(read('么', true), ["yao", "me"]);
        assert_eq!(read('·', false), Vec::<String>::new());
        assert_eq!(read('q', false), ["q"]);
    }

    #[test]
    fn syllable_numbers_fit_nine_bits_and_a_prefix_is_a_range() {
        let table = Table::get();
        assert!(table.syllables.len() < 511, "{}", table.syllables.len());
        let zh: Vec<&str> =
            table.beginning(b"zhan").map(|s| std::str::from_utf8(table.text(s)).unwrap_or("")).collect();
        assert_eq!(zh, ["zhan", "zhang"]);
        assert!(table.beginning(b"zhx").is_empty());
    }
}

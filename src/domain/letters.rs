//! Characters of names as people have them: what nobody sees is taken out, and old, private or accented forms of a
//! character stand for the one that is meant.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::decompose_canonical;

/// Marks that nobody sees: zero-width blanks and joiners, soft hyphens, marks of direction, byte order marks.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2065}' | '\u{3164}' | '\u{ffa0}' | '\u{206a}'..='\u{206f}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' | '\u{e0000}'..='\u{e007f}')
}

/// Scripts in which a joiner or a selector changes what is seen: Arabic, those of India and Tibet, Mongolian; and emoji.
fn joins(c: char) -> bool {
    matches!(c, '\u{600}'..='\u{8ff}' | '\u{900}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{fb50}'..='\u{fdff}'
        | '\u{fe70}'..='\u{fefc}' | '\u{2190}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// Marks that turn the direction of writing. Contact books wrap numbers in them.
pub fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text without what nobody sees. A joiner or a selector stays where its script needs it.
pub fn seen(text: &str) -> String {
    if !text.contains(is_invisible) {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    // What is seen next, from each place on: a text of nothing but joiners must not be walked through for each of them.
    let mut next = vec![None; chars.len() + 1];
    for (at, c) in chars.iter().enumerate().rev() {
        next[at] = if is_invisible(*c) { next[at + 1] } else { Some(*c) };
    }
    let mut before = None;
    let mut out = String::with_capacity(text.len());
    for (c, next) in chars.iter().copied().zip(&next[1..]) {
        if !is_invisible(c) {
            before = Some(c);
            out.push(c);
            continue;
        }
        let needed = matches!(c, '\u{200c}' | '\u{200d}' | '\u{180b}'..='\u{180f}' | '\u{fe00}'..='\u{fe0f}');
        // A joiner at the end joins nothing.
        let behind = next.or(before.filter(|_| c >= '\u{fe00}'));
        if needed && before.is_some_and(joins) && behind.is_some_and(|seen| joins(seen) || c >= '\u{fe00}') {
            out.push(c);
        }
    }
    out
}

/// Characters that GB 18030 kept in the private area of Unicode, in the order of its bytes FE50 to FEA0 (U+E815 on).
/// Those that have long had a place of their own are known to the decoder.
const PRIVATE: &[(char, char)] = &[
    ('\u{e816}', '\u{20087}'),
    ('\u{e817}', '\u{20089}'),
    ('\u{e818}', '\u{200cc}'),
    ('\u{e81e}', '\u{9fb4}'),
    ('\u{e826}', '\u{9fb5}'),
    ('\u{e82b}', '\u{9fb6}'),
    ('\u{e82c}', '\u{9fb7}'),
    ('\u{e831}', '\u{215d7}'),
    ('\u{e832}', '\u{9fb8}'),
    ('\u{e83b}', '\u{2298f}'),
    ('\u{e843}', '\u{9fb9}'),
    ('\u{e854}', '\u{9fba}'),
    ('\u{e855}', '\u{241fe}'),
    ('\u{e864}', '\u{9fbb}'),
];

/// Radicals that are typed for the character they are (the rest is told by Unicode's own folding).
const RADICALS: &[(char, char)] = &[
    ('⺁', '厂'),
    ('⺄', '乙'),
    ('⺅', '亻'),
    ('⺆', '冂'),
    ('⺈', '刀'),
    ('⺉', '刂'),
    ('⺋', '卩'),
    ('⺌', '小'),
    ('⺍', '小'),
    ('⺎', '兀'),
    ('⺏', '尣'),
    ('⺒', '巳'),
    ('⺓', '幺'),
    ('⺔', '彑'),
    ('⺕', '彐'),
    ('⺖', '忄'),
    ('⺗', '心'),
    ('⺘', '扌'),
    ('⺙', '攵'),
    ('⺛', '旡'),
    ('⺝', '月'),
    ('⺞', '歺'),
    ('⺟', '母'),
    ('⺠', '民'),
    ('⺡', '氵'),
    ('⺢', '氺'),
    ('⺣', '灬'),
    ('⺤', '爪'),
    ('⺥', '爪'),
    ('⺦', '丬'),
    ('⺧', '牛'),
    ('⺨', '犭'),
    ('⺩', '王'),
    ('⺪', '疋'),
    ('⺫', '目'),
    ('⺬', '示'),
    ('⺭', '礻'),
    ('⺮', '竹'),
    ('⺯', '糸'),
    ('⺰', '纟'),
    ('⺱', '网'),
    ('⺲', '罒'),
    ('⺳', '网'),
    ('⺶', '羊'),
    ('⺷', '羊'),
    ('⺸', '羊'),
    ('⺹', '老'),
    ('⺺', '聿'),
    ('⺻', '聿'),
    ('⺼', '肉'),
    ('⺽', '臼'),
    ('⺾', '艹'),
    ('⺿', '艹'),
    ('⻀', '艹'),
    ('⻁', '虎'),
    ('⻂', '衤'),
    ('⻃', '西'),
    ('⻄', '西'),
    ('⻅', '见'),
    ('⻆', '角'),
    ('⻇', '角'),
    ('⻈', '讠'),
    ('⻉', '贝'),
    ('⻊', '足'),
    ('⻋', '车'),
    ('⻌', '辶'),
    ('⻍', '辶'),
    ('⻎', '辶'),
    ('⻏', '阝'),
    ('⻐', '钅'),
    ('⻑', '長'),
    ('⻒', '镸'),
    ('⻓', '长'),
    ('⻔', '门'),
    ('⻕', '阜'),
    ('⻖', '阝'),
    ('⻗', '雨'),
    ('⻘', '青'),
    ('⻙', '韦'),
    ('⻚', '页'),
    ('⻛', '风'),
    ('⻜', '飞'),
    ('⻝', '食'),
    ('⻟', '飠'),
    ('⻠', '饣'),
    ('⻡', '首'),
    ('⻢', '马'),
    ('⻣', '骨'),
    ('⻤', '鬼'),
    ('⻥', '鱼'),
    ('⻦', '鸟'),
    ('⻧', '卤'),
    ('⻨', '麦'),
    ('⻩', '黄'),
    ('⻪', '黾'),
    ('⻫', '斉'),
    ('⻬', '齐'),
    ('⻭', '歯'),
    ('⻮', '齿'),
    ('⻯', '竜'),
    ('⻰', '龙'),
    ('⻱', '亀'),
    ('⻲', '亀'),
    ('⻳', '龟'),
];

/// The character that is meant by a radical, a compatibility form or a private one; itself for any other.
pub fn meant(c: char) -> char {
    let of = |table: &[(char, char)]| table.iter().find(|(from, _)| *from == c).map(|(_, to)| *to);
    match c {
        '\u{2e80}'..='\u{2ef3}' => of(RADICALS).unwrap_or(c),
        '\u{e78d}'..='\u{e796}' => char::from_u32(u32::from(c) - 0xe78d + 0xfe10).unwrap_or(c),
        '\u{e815}'..='\u{e864}' => of(PRIVATE).unwrap_or_else(|| of_gb18030(c)),
        // Kangxi radicals, compatibility ideographs: one character each, by Unicode's tables.
        '\u{2f00}'..='\u{2fd5}' | '\u{f900}'..='\u{fad9}' | '\u{2f800}'..='\u{2fa1d}' => {
            std::iter::once(c).nfkc().next().unwrap_or(c)
        }
        '○' | '◯' => '〇',
        c => c,
    }
}

/// Where GB 18030 has moved a character out of the private area since.
fn of_gb18030(c: char) -> char {
    let offset = (u32::from(c) - 0xe815) as u8;
    let second = 0x50 + offset + u8::from(offset >= 0x2f);
    let bytes = [0xfe, second];
    let (text, _) = encoding_rs::GB18030.decode_without_bom_handling(&bytes);
    text.chars().next().filter(|c| *c != '\u{fffd}').unwrap_or(c)
}

/// A Latin, Greek or Cyrillic letter without its accents; none for an accent that stands alone.
pub fn unaccented(c: char) -> Option<char> {
    match c {
        c if c.is_ascii() => Some(c),
        '\u{300}'..='\u{36f}' => None,
        'ħ' | 'Ħ' => Some('h'),
        'ŋ' | 'Ŋ' => Some('n'),
        'ŧ' | 'Ŧ' => Some('t'),
        'ς' => Some('σ'),
        'ø' | 'Ø' => Some('o'),
        'ł' | 'Ł' => Some('l'),
        'đ' | 'Đ' | 'ð' | 'Ð' => Some('d'),
        'ı' | 'İ' => Some('i'),
        'ß' => Some('s'),
        'æ' | 'Æ' => Some('a'),
        'œ' | 'Œ' => Some('o'),
        'þ' | 'Þ' => Some('t'),
        '\u{c0}'..='\u{24f}' | '\u{370}'..='\u{4ff}' | '\u{1e00}'..='\u{1fff}' => {
            let mut first = None;
            decompose_canonical(c, |part| first = first.or(Some(part)));
            first
        }
        c => Some(c),
    }
}

/// A mobile number as 11 digits, however it was typed: full width, +86, blanks, dashes, brackets. None if it is none.
pub fn mobile(text: &str) -> Option<String> {
    let mut digits = String::new();
    let mut abroad = false;
    for c in seen(text)
        .trim_matches(|c: char| c.is_whitespace() || is_direction_mark(c))
        .chars()
        .map(super::money::narrow_char)
    {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() => abroad = true,
            c if c.is_whitespace()
                || matches!(c, '-' | '(' | ')' | '.' | '－' | '\u{2010}'..='\u{2015}' | '−' | 'ー' | '（' | '）') =>
                {}
            _ => return None,
        }
    }
    let home = ["0086", "86"].iter().find_map(|p| digits.strip_prefix(p).filter(|rest| rest.len() == 11));
    // Behind a plus stands a country: +1 5551234567 is none of ours.
    let home = home.or((!abroad).then_some(&*digits))?;
    (home.len() == 11 && home.starts_with('1')).then(|| home.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_taken_out_and_what_a_script_needs_stays() {
        for (given, kept) in [
            ("张\u{200b}三\u{200e}", "张三"),
            ("陈\u{200d}三", "陈三"),
            ("钱\u{ad}\u{2060}七\u{feff}", "钱七"),
            ("葛\u{e0100}城", "葛城"),
            ("نامه\u{200c}ای", "نامه\u{200c}ای"),
            ("ᠮᠣ\u{180b}ᠩ", "ᠮᠣ\u{180b}ᠩ"),
            ("张\u{200c}", "张"),
            ("a\u{200d}b", "ab"),
        ] {
            assert_eq!(seen(given), kept);
        }
    }

    #[test]
    fn old_and_private_forms_stand_for_the_character_that_is_meant() {
        for (given, is) in [
            ('⻢', '马'),
            ('⼈', '人'),
            ('\u{f9d1}', '六'),
            ('\u{2f800}', '丽'),
            ('\u{e863}', '\u{4dae}'),
            ('\u{e815}', '\u{2e81}'),
            ('\u{e844}', '\u{4723}'),
            ('\u{e864}', '\u{9fbb}'),
            ('○', '〇'),
            ('林', '林'),
        ] {
            assert_eq!(meant(given), is, "{given}");
        }
    }

    #[test]
    fn a_mobile_number_is_eleven_digits_however_it_is_typed() {
        for typed in [
            "13800001234",
            "１３８００００１２３４",
            "+86 138 0000 1234",
            "86-138-0000-1234",
            "0086 13800001234",
            "＋８６（138）0000－1234",
            "138\u{200b}00001234\u{a0}",
            "138\u{2011}0000\u{2012}1234",
        ] {
            assert_eq!(mobile(typed).as_deref(), Some("13800001234"), "{typed}");
        }
        assert_eq!(mobile(" \u{202a}+8613800001234\u{202c}").as_deref(), Some("13800001234"));
        for other in
            ["+1 5551234567", "+13800001234", "0470-5612345", "1380000123", "138000012345", "电话13800001234", ""]
        {
            assert_eq!(mobile(other), None, "{other}");
        }
    }

    #[test]
    fn letters_lose_their_accents() {
        let plain: String = "Müller Łukasz José Đặng".chars().filter_map(unaccented).collect();
        assert_eq!(plain.to_lowercase(), "muller lukasz jose dang");
    }
}

//! The languages of a form by whatever name: `中文 (zh-CN)`, `zh-Hans`, `中文` and `Chinese` are one.

/// Names that languages go by where no tag stands beside them.
const NAMES: &[(&str, &[&str])] = &[
    (
        "zh",
        &["中文", "汉语", "汉文", "漢語", "华语", "華語", "chinese", "mandarin", "putonghua", "普通话", "國語", "国语"],
    ),
    ("en", &["english", "英文", "英语", "anglais", "inglés"]),
    ("mn", &["монгол", "монгол хэл", "蒙古文", "蒙古语", "mongolian", "ᠮᠣᠩᠭᠣᠯ"]),
    ("ru", &["русский", "russian", "俄文", "俄语"]),
    ("ug", &["ئۇيغۇرچە", "uyghur", "维吾尔语", "维吾尔文"]),
    ("bo", &["བོད་ཡིག", "tibetan", "藏文", "藏语"]),
    ("kk", &["қазақша", "kazakh", "哈萨克语"]),
    ("ko", &["한국어", "korean", "朝鲜语", "韩语"]),
    ("ja", &["日本語", "japanese", "日语"]),
    ("fr", &["français", "francais", "french", "法语"]),
    ("es", &["español", "espanol", "spanish", "西班牙语"]),
    ("pt", &["português", "portugues", "portuguese"]),
    ("ar", &["العربية", "arabic", "阿拉伯语"]),
    ("vi", &["tiếng việt", "vietnamese", "越南语"]),
    ("th", &["ไทย", "thai"]),
    ("de", &["deutsch", "german"]),
];

/// A language's tag as far as it is known: the main part, and what stands behind it.
#[derive(PartialEq, Eq, Debug)]
struct Tag {
    main: String,
    rest: Vec<String>,
}

fn tag(text: &str) -> Option<Tag> {
    let mut parts = text.split(['-', '_']).map(str::to_owned);
    let main =
        parts.next().filter(|main| (2..=3).contains(&main.len()) && main.bytes().all(|b| b.is_ascii_lowercase()))?;
    let rest: Vec<String> = parts.collect();
    let shaped =
        rest.iter().all(|part| (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    // Regions of one script stand for it.
    let script = |part: &String| match part.as_str() {
        "cn" | "sg" => "hans".to_owned(),
        "tw" | "hk" | "mo" => "hant".to_owned(),
        _ => part.clone(),
    };
    shaped.then(|| Tag { rest: if main == "zh" { rest.iter().map(script).collect() } else { rest }, main })
}

/// Words for the two scripts of Chinese, as they stand in names and behind them. The longer ones first.
const SCRIPTS: &[(&str, &[&str])] = &[
    ("hans", &["simplified", "简体", "簡體", "简", "大陆", "大陸", "hans"]),
    (
        "hant",
        &["traditional", "繁體", "繁体", "正體", "正体", "繁", "台湾", "臺灣", "台灣", "香港", "澳门", "澳門", "hant"],
    ),
];

/// A language's name as it was understood.
struct Understood {
    /// Without its tag.
    first: String,
    /// The tag that stands in brackets, is the whole name, or belongs to the name.
    tag: Option<Tag>,
    /// The tag stands in brackets behind a name.
    is_tagged: bool,
}

fn understood(name: &str) -> Understood {
    let lower = name.trim().to_lowercase().replace(['（', '）'], "|").replace(['(', ')', '[', ']'], "|");
    let mut parts = lower.split('|').map(str::trim).filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default().to_owned();
    let behind: Vec<&str> = parts.collect();
    let tagged = behind.iter().find_map(|part| tag(part));
    let named = |name: &str| NAMES.iter().find(|(_, names)| names.contains(&name)).map(|(tag, _)| *tag);
    let is_tagged = tagged.is_some();
    let tag = tagged.or_else(|| tag(&first)).or_else(|| named(&first).and_then(tag)).or_else(|| chinese(&first));
    let tag = tag.map(|tag| match script_of(&behind.join(" ")) {
        Some((script, _)) if tag.main == "zh" && tag.rest.is_empty() => Tag { rest: vec![script.to_owned()], ..tag },
        _ => tag,
    });
    Understood { first, tag, is_tagged }
}

/// The script that a word names, and what is left of the text without it.
fn script_of(text: &str) -> Option<(&'static str, String)> {
    SCRIPTS.iter().find_map(|(script, words)| {
        let stands = |word: &&&str| {
            let mut parts = text.split(|c: char| !c.is_ascii_alphabetic());
            if word.is_ascii() { parts.any(|part| part == **word) } else { text.contains(**word) }
        };
        let word = words.iter().find(stands)?;
        Some((*script, text.replacen(word, "", 1)))
    })
}

/// `繁体中文`, `Traditional Chinese`, `简体`: Chinese in one of its scripts.
fn chinese(name: &str) -> Option<Tag> {
    let (script, left) = script_of(name)?;
    let left = left.trim_matches(|c: char| c.is_whitespace() || matches!(c, '-' | '_' | ',' | '，' | '/' | '·'));
    let (main, names) = NAMES.iter().find(|(main, _)| *main == "zh")?;
    let left = left.strip_suffix("版").unwrap_or(left);
    let is_chinese = left.is_empty() || left == *main || names.contains(&left) || left == "字";
    is_chinese.then(|| Tag { main: (*main).to_owned(), rest: vec![script.to_owned()] })
}

/// How well a language of a form fits the one wanted: higher is better, none not at all.
pub fn fits(name: &str, wanted: &str) -> Option<u8> {
    if name.trim().to_lowercase() == wanted.trim().to_lowercase() {
        return Some(5);
    }
    let (here, asked) = (understood(name), understood(wanted));
    // Of two scripts of one name, the one meant; of none meant, the one that most read.
    let in_hant = |tag: &Option<Tag>| tag.as_ref().is_some_and(|tag| tag.rest.iter().any(|part| part == "hant"));
    if here.first == asked.first && !here.first.is_empty() {
        let open = here.tag.is_none() || asked.tag.as_ref().is_none_or(|tag| tag.rest.is_empty());
        let alike = here.tag == asked.tag || open && !in_hant(&here.tag);
        if alike {
            return Some(4);
        }
    }
    let (tag, wanted) = (here.tag?, asked.tag?);
    if tag.main != wanted.main {
        return None;
    }
    let clash =
        |script: &str, other: &str| tag.rest.iter().any(|p| p == script) && wanted.rest.iter().any(|p| p == other);
    Some(match () {
        () if tag == wanted => 3,
        () if clash("hans", "hant") || clash("hant", "hans") => 0,
        () if tag.rest.iter().any(|p| p == "hant") => 1,
        () => 2,
    })
}

/// Whether two names are spellings of one language: `中文`, `zh` and `中文 (zh-CN)` are, `中文 (zh-CN)` and `中文 (zh-TW)` are
/// not. A tag without region or script is one with any.
pub fn same(one: &str, other: &str) -> bool {
    if one.trim().to_lowercase() == other.trim().to_lowercase() {
        return true;
    }
    let (one, other) = (understood(one), understood(other));
    // Whoever gave both a tag meant both.
    let both_tagged = one.is_tagged && other.is_tagged;
    match (one.tag, other.tag) {
        (Some(a), Some(b)) => {
            let open = !both_tagged && (a.rest.is_empty() || b.rest.is_empty());
            a.main == b.main && (a.rest == b.rest || open)
        }
        _ => one.first == other.first && !one.first.is_empty(),
    }
}

/// The place of the language that fits best; the first of equals.
pub fn find(names: &[String], wanted: &str) -> Option<usize> {
    let scored = names.iter().enumerate().filter_map(|(at, name)| Some((fits(name, wanted)?, std::cmp::Reverse(at))));
    scored.max().map(|(_, std::cmp::Reverse(at))| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_language_are_one_and_regions_of_it_are_not() {
        for (one, other, alike) in [
            ("中文", "中文 (zh-CN)", true),
            ("zh", "中文 (zh-CN)", true),
            ("English", "english (en)", true),
            ("Klingon", "Klingon (tlh)", true),
            ("中文 (zh-TW)", "中文 (zh-CN)", false),
            ("Português (pt-BR)", "Português (pt-PT)", false),
            ("Chinese (Simplified)", "Chinese (Traditional)", false),
            ("繁體中文", "简体中文", false),
            ("中文（繁体）", "中文（简）", false),
            ("Traditional Chinese", "繁體中文 (zh-TW)", true),
            ("简体", "Chinese, Simplified", true),
            ("French (fr)", "Français (fr-CA)", false),
            ("English", "中文", false),
            ("", "中文", false),
        ] {
            assert_eq!((same(one, other), same(other, one)), (alike, alike), "{one} {other}");
        }
    }

    #[test]
    fn a_language_is_found_in_any_spelling() {
        let names = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        for (spelled, wanted, at) in [
            (&["English (en)", "中文 (zh-CN)"][..], "zh", Some(1)),
            (&["English (en)", "中文（zh）"], "zh-Hans", Some(1)),
            (&["English", "中文"], "zh", Some(1)),
            (&["zh-Hans", "en"], "zh", Some(0)),
            (&["zh_CN", "en_US"], "en", Some(1)),
            (&["繁體中文 (zh-TW)", "简体中文 (zh-CN)"], "zh", Some(1)),
            (&["繁體中文 (zh-TW)"], "zh", Some(0)),
            (&["Русский", "Монгол", "中文"], "Монгол", Some(1)),
            (&["Русский (ru)", "Монгол (mn)"], "en", None),
            (&["Chinese", "Mongolian"], "mn", Some(1)),
            (&["繁體中文", "简体中文"], "zh", Some(1)),
            (&["Chinese (Traditional)", "Chinese (Simplified)"], "zh", Some(1)),
            (&["Chinese (Traditional)", "Chinese (Simplified)"], "Chinese", Some(1)),
            (&["Chinese (Simplified)", "Chinese (Traditional)"], "zh-TW", Some(1)),
            (&["中文（简体）", "中文（繁体）"], "zh-Hant", Some(1)),
            (&["中文（繁体）", "中文（简体）"], "中文", Some(1)),
            (&["English", "繁体中文"], "Traditional Chinese", Some(1)),
            (&["English", "Traditional Chinese"], "zh", Some(1)),
            (&["English", "Wolof"], "Wolof (wo-SN)", Some(1)),
            (&["English", "简体中文版"], "zh", Some(1)),
            (&["English", "Chinese (Shantou)", "Chinese"], "zh", Some(1)),
            (&["Simplified English", "English (en)"], "en", Some(1)),
            (&[""], "zh", None),
            (&["", "English (en)"], "en", Some(1)),
        ] {
            assert_eq!(find(&names(spelled), wanted), at, "{spelled:?} {wanted}");
        }
    }
}

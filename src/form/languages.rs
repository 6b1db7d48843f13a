//! The languages of a form by whatever name: `中文 (zh-CN)`, `zh-Hans`, `中文` and `Chinese` are one.

/// Names that languages go by where no tag stands beside them.
const NAMES: &[(&str, &[&str])] = &[
    ("zh", &["中文", "汉语", "汉文", "简体中文", "简体", "繁體中文", "chinese", "mandarin", "putonghua", "普通话"]),
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

/// The name without its tag, and the tag that stands in brackets, is the whole name, or belongs to the name.
fn understood(name: &str) -> (String, Option<Tag>) {
    let lower = name.trim().to_lowercase().replace(['（', '）'], "|").replace(['(', ')'], "|");
    let mut parts = lower.split('|').map(str::trim).filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or_default().to_owned();
    let named = NAMES.iter().find(|(_, names)| names.contains(&first.as_str())).map(|(tag, _)| *tag);
    let tag = parts.find_map(tag).or_else(|| tag(&first)).or_else(|| named.and_then(tag));
    (first, tag)
}

/// How well a language of a form fits the one wanted: higher is better, none not at all.
pub fn fits(name: &str, wanted: &str) -> Option<u8> {
    if name.trim().to_lowercase() == wanted.trim().to_lowercase() {
        return Some(5);
    }
    let ((first, tag), (wanted_first, wanted_tag)) = (understood(name), understood(wanted));
    if first == wanted_first && !first.is_empty() {
        return Some(4);
    }
    let (tag, wanted) = (tag?, wanted_tag?);
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
    let ((first, tag), (second, other)) = (understood(one), understood(other));
    match (tag, other) {
        (Some(a), Some(b)) => a.main == b.main && (a.rest == b.rest || a.rest.is_empty() || b.rest.is_empty()),
        _ => first == second && !first.is_empty(),
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
            (&[""], "zh", None),
            (&["", "English (en)"], "en", Some(1)),
        ] {
            assert_eq!(find(&names(spelled), wanted), at, "{spelled:?} {wanted}");
        }
    }
}

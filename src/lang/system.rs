//! What the operating system says about a failure, in the reader's language. Its own words are English or whatever the
//! machine speaks, and never reach a person.

use super::{Lang, text};

/// The number behind an operating system's words: `No such file or directory (os error 2)`.
fn number(said: &str) -> Option<i32> {
    said.trim_end().strip_suffix(')')?.rsplit_once("(os error ")?.1.parse().ok()
}

/// Numbers as Linux gives them, and the words that the standard library has for a kind of failure without one.
const KNOWN: &[(&str, &[i32], &[&str])] = &[
    ("lang.system.not_there", &[2], &["entity not found"]),
    ("lang.system.not_allowed", &[1, 13], &["permission denied"]),
    ("lang.system.is_there", &[17], &["entity already exists"]),
    ("lang.system.full", &[28, 122], &["no storage space", "quota exceeded"]),
    ("lang.system.too_large", &[27], &["file too large"]),
    ("lang.system.read_only", &[30], &["read-only filesystem or storage medium"]),
    ("lang.system.no_folder", &[20], &["not a directory"]),
    ("lang.system.is_folder", &[21], &["is a directory"]),
    ("lang.system.link", &[40], &[]),
    ("lang.system.no_file", &[], &["no plain file"]),
    ("lang.system.not_empty", &[39], &["directory not empty"]),
    ("lang.system.device", &[5, 6, 19], &["other os error"]),
    ("lang.system.name", &[22, 36], &["invalid filename", "invalid input parameter"]),
    ("lang.system.busy", &[11, 16, 26], &["resource busy", "operation would block"]),
    ("lang.system.memory", &[12], &["out of memory"]),
    ("lang.system.too_many", &[23, 24], &["too many open files"]),
    ("lang.system.other_disk", &[18], &["cross-device link or rename"]),
    ("lang.system.taken", &[98], &["address in use"]),
    ("lang.system.no_address", &[99], &["address not available"]),
    ("lang.system.nobody", &[104, 111], &["connection refused", "connection reset"]),
    ("lang.system.too_late", &[110], &["timed out"]),
    ("lang.system.broke_off", &[32], &["unexpected end of file", "failed to fill whole buffer", "broken pipe"]),
];

/// The words for what the operating system said; `None` where the text is something else.
pub fn said(said: &str, lang: Lang) -> Option<String> {
    let code = number(said);
    let is_known = |(_, codes, words): &&(&str, &[i32], &[&str])| {
        code.is_some_and(|code| codes.contains(&code)) || words.contains(&said.trim())
    };
    if let Some((key, ..)) = KNOWN.iter().find(is_known) {
        return text(key, lang).map(str::to_owned);
    }
    let code = code?.to_string();
    text("lang.system.other", lang).map(|words| words.replace("{number}", &code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Error;

    #[test]
    fn no_word_of_the_operating_system_comes_through_in_either_language() {
        for code in 1..=133 {
            let own = Error::from_raw_os_error(code).to_string();
            for lang in Lang::ALL {
                let said = said(&own, lang).unwrap_or_else(|| panic!("{own} has no words"));
                assert!(!said.contains("os error") && !own.starts_with(&said), "{own}: {said}");
            }
        }
    }

    #[test]
    fn kinds_without_a_number_have_words_and_other_texts_stay() {
        for kind in
            [std::io::ErrorKind::NotFound, std::io::ErrorKind::PermissionDenied, std::io::ErrorKind::UnexpectedEof]
        {
            assert!(said(&kind.to_string(), Lang::Zh).is_some(), "{kind}");
        }
        assert_eq!(said("王芳 (已婚)", Lang::Zh), None);
        assert_eq!(said("", Lang::Zh), None);
    }
}

//! Markdown and HTML in the texts of a form, as the other engines style them, become plain words: a terminal has no use for
//! the signs, and nobody reads `<span style="color:red">` to a household.

use std::borrow::Cow;

/// Tags that mean something there; any other `<…>` is a text with signs in it.
const TAGS: &[&str] = &[
    "span", "b", "strong", "i", "em", "u", "s", "font", "p", "br", "a", "div", "center", "small", "big", "sub", "sup",
    "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "mark", "code",
];

/// The words, without the signs.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(['*', '_', '#', '<', '&', '[', '\\', '`']) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<String> = untagged(text).split('\n').map(|line| unmarked(heading(line))).collect();
    let out = lines.join("\n");
    Cow::Owned(entities(out.trim_matches('\n')))
}

fn untagged(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        let inner = rest[1..].split(['<', '>']).next().unwrap_or_default();
        let closed = rest[1 + inner.len()..].starts_with('>');
        let name: String = inner.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        let after = inner.trim_start_matches('/')[name.len()..].chars().next();
        let shaped = after.is_none_or(|c| c.is_whitespace() || c == '/');
        if closed && shaped && TAGS.contains(&name.as_str()) {
            let breaks = matches!(name.as_str(), "br" | "p" | "div" | "li" | "hr") || name.starts_with('h');
            if breaks && !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            rest = &rest[inner.len() + 2..];
        } else {
            out.push('<');
            rest = &rest[1..];
        }
    }
    out.push_str(rest);
    out
}

/// `## Words`, the signs at the end too.
fn heading(line: &str) -> &str {
    let inner = line.trim_start().trim_start_matches('#');
    let signs = line.trim_start().len() - inner.len();
    if (1..=6).contains(&signs) && inner.starts_with([' ', '\t']) {
        inner.trim().trim_end_matches('#').trim_end()
    } else {
        line
    }
}

/// Without `**`, `*`, `__`, `_` around words, links as their words and address, backslashes before signs.
fn unmarked(line: &str) -> String {
    let chars: Vec<char> = line.chars().collect();
    let mut out = String::with_capacity(line.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' if chars.get(at + 1).is_some_and(|next| "*_#[]<>\\`&".contains(*next)) => {
                out.push(chars[at + 1]);
                at += 2;
            }
            '*' | '_' => {
                let signs = chars[at..].iter().take_while(|s| **s == c).count();
                match emphasised(&chars, at, signs.min(3)) {
                    Some(end) => {
                        let length = signs.min(3);
                        let inner: String = chars[at + length..end].iter().collect();
                        out.push_str(&unmarked(&inner));
                        at = end + length;
                    }
                    None => {
                        out.extend(std::iter::repeat_n(c, signs));
                        at += signs;
                    }
                }
            }
            '[' => match link(&chars[at..]) {
                Some((words, address, length)) => {
                    out.push_str(&unmarked(&words));
                    if address != words {
                        out.push_str(&format!(" ({address})"));
                    }
                    at += length;
                }
                None => {
                    out.push(c);
                    at += 1;
                }
            },
            c => {
                out.push(c);
                at += 1;
            }
        }
    }
    out
}

/// Where the signs that open at `at` close: no blank stands inside them, and `_` has no letter outside.
fn emphasised(chars: &[char], at: usize, signs: usize) -> Option<usize> {
    let sign = chars[at];
    let first = chars.get(at + signs)?;
    let letter = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric());
    if first.is_whitespace() || *first == sign || (sign == '_' && at > 0 && letter(chars.get(at - 1))) {
        return None;
    }
    let mut end = at + signs + 1;
    while end + signs <= chars.len() {
        let here = chars[end..end + signs].iter().all(|c| *c == sign);
        let alone = chars.get(end + signs) != Some(&sign) && (chars[end - 1] != sign);
        let word_ends = sign != '_' || !letter(chars.get(end + signs));
        if here && alone && word_ends && !chars[end - 1].is_whitespace() && chars[end - 1] != '\\' {
            return Some(end);
        }
        end += 1;
    }
    None
}

fn link(chars: &[char]) -> Option<(String, String, usize)> {
    let close = chars.iter().position(|c| *c == ']')?;
    if chars.get(close + 1) != Some(&'(') {
        return None;
    }
    let end = close + chars[close..].iter().position(|c| *c == ')')?;
    let address: String = chars[close + 2..end].iter().collect();
    let words: String = chars[1..close].iter().collect();
    (!address.contains(char::is_whitespace) && !words.is_empty()).then_some((words, address, end + 1))
}

fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let name = rest[1..]
            .split(';')
            .next()
            .filter(|name| name.len() < 9 && rest.as_bytes().get(name.len() + 1) == Some(&b';'));
        let stands = name.and_then(|name| match name {
            "nbsp" => Some(' '),
            "lt" | "gt" | "amp" | "quot" | "apos" => quick_xml::escape::resolve_xml_entity(name)?.chars().next(),
            name => {
                let number = name.strip_prefix('#')?;
                let value = match number.strip_prefix(['x', 'X']) {
                    Some(hex) => u32::from_str_radix(hex, 16),
                    None => number.parse(),
                };
                char::from_u32(value.ok()?).filter(|c| !c.is_control())
            }
        });
        match (stands, name) {
            (Some(c), Some(name)) => {
                out.push(c);
                rest = &rest[name.len() + 2..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn signs_go_and_words_stay() {
        for (text, words) in [
            ("<span style=\"color:red\">**重要**</span>：请先说明来意", "重要：请先说明来意"),
            ("# Head #", "Head"),
            ("#1 is first", "#1 is first"),
            ("Name *not* a __nick__name", "Name not a __nick__name"),
            ("***both*** and _one_", "both and one"),
            ("<b>Yes</b><br/>No<BR>Maybe", "Yes\nNo\nMaybe"),
            ("head &lt;as on the card&gt; &amp; so &#39;on&#x27;", "head <as on the card> & so 'on'"),
            ("5 * 3 * 2 = 30", "5 * 3 * 2 = 30"),
            ("snake_case_name", "snake_case_name"),
            ("a < b and c > d", "a < b and c > d"),
            ("<unknown> stays", "<unknown> stays"),
            ("[Manual](https://a.b/c) and [x]", "Manual (https://a.b/c) and [x]"),
            ("\\*kept\\* \\# so", "*kept* # so"),
            ("**open", "**open"),
            ("AT&T", "AT&T"),
            ("<span", "<span"),
            ("**a *b* c**", "a b c"),
            ("****", "****"),
        ] {
            assert_eq!(plain(text), words, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(text in "[*_#<>&\\[\\]()\\\\a b;n/]{0,40}") {
            let _ = plain(&text);
        }
    }
}

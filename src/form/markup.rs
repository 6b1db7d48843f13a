//! Markdown and HTML in the texts of a form, as the other engines style them, become plain words: a terminal has no use for
//! the signs, and nobody reads `<span style="color:red">` to a household.

use std::borrow::Cow;

/// Tags that mean something there; any other `<…>` is a text with signs in it.
const TAGS: &[&str] = &[
    "span",
    "b",
    "strong",
    "i",
    "em",
    "u",
    "s",
    "font",
    "p",
    "br",
    "a",
    "div",
    "center",
    "small",
    "big",
    "sub",
    "sup",
    "ul",
    "ol",
    "li",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "mark",
    "code",
    "img",
    "table",
    "thead",
    "tbody",
    "tr",
    "td",
    "th",
    "pre",
    "blockquote",
    "del",
    "ins",
    "strike",
    "kbd",
];

/// The words, without the signs.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(['*', '_', '#', '<', '&', '[', '\\', '`', '~']) {
        return Cow::Borrowed(text);
    }
    let lines: Vec<String> = untagged(text).split('\n').map(|line| unmarked(heading(line))).collect();
    let out = lines.join("\n");
    Cow::Owned(entities(out.trim_matches('\n')))
}

fn untagged(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut comments_end = true;
    while let Some(open) = rest.find('<') {
        out.push_str(&rest[..open]);
        rest = &rest[open..];
        if comments_end && let Some(inner) = rest.strip_prefix("<!--") {
            if let Some((_, behind)) = inner.split_once("-->") {
                rest = behind;
                continue;
            }
            comments_end = false;
        }
        let inner = rest[1..].split(['<', '>']).next().unwrap_or_default();
        let closed = rest[1 + inner.len()..].starts_with('>');
        let name: String = inner.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
        let name = name.to_ascii_lowercase();
        let after = inner.trim_start_matches('/')[name.len()..].chars().next();
        let shaped = after.is_none_or(|c| c.is_whitespace() || c == '/');
        if closed && shaped && TAGS.contains(&name.as_str()) {
            let breaks = matches!(name.as_str(), "br" | "p" | "div" | "li" | "hr" | "tr" | "pre" | "blockquote")
                || name.starts_with('h');
            if breaks && !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            // Cells of one row are words apart.
            if matches!(inner.to_ascii_lowercase().get(..2), Some("td" | "th"))
                && !out.is_empty()
                && !out.ends_with(char::is_whitespace)
            {
                out.push(' ');
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
    // Signs that close nowhere from here to the end: not looked for again, so that a text of nothing but signs is read once.
    let mut unclosed: Vec<(char, usize)> = Vec::new();
    while let Some(&c) = chars.get(at) {
        match c {
            '\\' if chars.get(at + 1).is_some_and(|next| "*_#[]<>\\`&".contains(*next)) => {
                out.push(chars[at + 1]);
                at += 2;
            }
            '*' | '_' | '~' => {
                let signs = chars[at..].iter().take_while(|s| **s == c).count();
                // One tilde stands before a number, two strike words out.
                let length = if c == '~' { 2 } else { signs.min(3) };
                let enough = signs >= length && (c != '~' || signs == 2);
                let opens = enough && opens(&chars, at, length) && !unclosed.contains(&(c, length));
                let end = opens.then(|| closes(&chars, at, length)).flatten();
                match end {
                    Some(end) => {
                        let inner: String = chars[at + length..end].iter().collect();
                        out.push_str(&unmarked(&inner));
                        at = end + length;
                    }
                    None => {
                        if opens {
                            unclosed.push((c, length));
                        }
                        out.extend(std::iter::repeat_n(c, signs));
                        at += signs;
                    }
                }
            }
            // A picture is its words.
            '!' if chars.get(at + 1) == Some(&'[') => match link(&chars[at + 1..]) {
                Some((words, _, length)) => {
                    out.push_str(&unmarked(&words));
                    at += 1 + length;
                }
                None => {
                    out.push(c);
                    at += 1;
                }
            },
            '`' if !unclosed.contains(&(c, 1)) => match chars[at + 1..].iter().position(|s| *s == '`') {
                Some(length) if length > 0 => {
                    out.extend(&chars[at + 1..=at + length]);
                    at += length + 2;
                }
                found => {
                    if found.is_none() {
                        unclosed.push((c, 1));
                    }
                    out.push(c);
                    at += 1;
                }
            },
            '[' => match link(&chars[at..]).filter(|(words, ..)| !words.is_empty()) {
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

/// Whether the signs at `at` open something: no blank follows them, and `_` has no letter before it.
fn opens(chars: &[char], at: usize, signs: usize) -> bool {
    let sign = chars[at];
    let before = at.checked_sub(1).map(|at| chars[at]);
    let inside = sign == '_' && before.is_some_and(char::is_alphanumeric);
    // Between digits it is the sign of a product.
    let product = sign == '*' && signs == 1 && before.is_some_and(|c| c.is_ascii_digit());
    let product = product && chars.get(at + 1).is_some_and(char::is_ascii_digit);
    !inside && !product && chars.get(at + signs).is_some_and(|first| !first.is_whitespace() && *first != sign)
}

/// Where the signs that open at `at` close: no blank before them, and `_` has no letter behind it.
fn closes(chars: &[char], at: usize, signs: usize) -> Option<usize> {
    let sign = chars[at];
    (at + signs + 1..=chars.len().saturating_sub(signs)).find(|&end| {
        let (before, behind) = (chars[end - 1], chars.get(end + signs));
        let here = chars[end..end + signs].iter().all(|c| *c == sign);
        let alone = behind != Some(&sign) && before != sign;
        let word_ends = sign != '_' || !behind.is_some_and(|c| c.is_alphanumeric());
        here && alone && word_ends && !before.is_whitespace() && before != '\\'
    })
}

/// Characters of a link's address at most: behind that it is a text.
const ADDRESS_MAX: usize = 2_048;

/// The link that begins here, the innermost of nested brackets: its words (a picture may have none), its address without a
/// title, its length.
fn link(chars: &[char]) -> Option<(String, String, usize)> {
    let close = 1 + chars[1..].iter().position(|c| matches!(c, '[' | ']'))?;
    if chars[close] == '[' || chars.get(close + 1) != Some(&'(') {
        return None;
    }
    let end = close + chars[close..].iter().take(ADDRESS_MAX).position(|c| *c == ')')?;
    let inside: String = chars[close + 2..end].iter().collect();
    let (address, title) = inside.trim().split_once(char::is_whitespace).unwrap_or((inside.trim(), ""));
    let title = title.trim();
    let quoted = title.len() > 1 && ["\"", "'"].iter().any(|sign| title.starts_with(sign) && title.ends_with(sign));
    let words: String = chars[1..close].iter().collect();
    (title.is_empty() || quoted).then(|| (words, address.to_owned(), end + 1))
}

fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = rest.bytes().skip(1).take(9).position(|byte| byte == b';');
        let name = length.map(|length| &rest[1..1 + length]);
        let stands = name.and_then(|name| match name {
            "nbsp" | "ensp" | "emsp" | "thinsp" => Some(' '),
            "copy" => Some('©'),
            "reg" => Some('®'),
            "trade" => Some('™'),
            "deg" => Some('°'),
            "times" => Some('×'),
            "divide" => Some('÷'),
            "plusmn" => Some('±'),
            "middot" => Some('·'),
            "bull" => Some('•'),
            "hellip" => Some('…'),
            "ndash" => Some('–'),
            "mdash" => Some('—'),
            "lsquo" => Some('‘'),
            "rsquo" => Some('’'),
            "ldquo" => Some('“'),
            "rdquo" => Some('”'),
            "laquo" => Some('«'),
            "raquo" => Some('»'),
            "le" => Some('≤'),
            "ge" => Some('≥'),
            "ne" => Some('≠'),
            "yen" => Some('¥'),
            "euro" => Some('€'),
            "larr" => Some('←'),
            "rarr" => Some('→'),
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
            ("<img src=x>Look", "Look"),
            ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
            ("[Manual](https://a.b/c) and [x]", "Manual (https://a.b/c) and [x]"),
            ("[see [Manual](https://a.b/c)", "[see Manual (https://a.b/c)"),
            ("*a **b** c", "*a b c"),
            ("&emsp1234;&amp;", "&emsp1234;&"),
            ("\\*kept\\* \\# so", "*kept* # so"),
            ("**open", "**open"),
            ("AT&T", "AT&T"),
            ("<span", "<span"),
            ("**a *b* c**", "a b c"),
            ("2*3*4 = 24, *so* it is", "2*3*4 = 24, so it is"),
            ("~~no~~ yes, ~5 and ~6, ~~~", "no yes, ~5 and ~6, ~~~"),
            ("type `a_b_c*` or ``", "type a_b_c* or ``"),
            ("one `open", "one `open"),
            ("![a house](a.png) here, ![x", "a house here, ![x"),
            ("See ![](b.png)here ![a](b.png \"A title\")", "See here a"),
            ("[Manual](https://a.b/c 'its title'), [a](b c), [](x)", "Manual (https://a.b/c), [a](b c), [](x)"),
            ("a<!-- for <b>us</b> -->b <!-- open", "ab <!-- open"),
            ("&copy; 2024 &mdash; 5&nbsp;&deg;C &unknown;", "© 2024 — 5 °C &unknown;"),
            ("****", "****"),
        ] {
            assert_eq!(plain(text), words, "{text}");
        }
    }

    /// Each kind would be read again from every one of its signs, if a sign that closes nowhere were looked for twice.
    #[test]
    fn a_text_of_nothing_but_signs_is_read_once() {
        for sign in ["*a ", "_a ", "**a __b ***c ", "[", "[a](", "&", "<", "<b", "~~a ", "![", "<!--"] {
            let text = sign.repeat(40_000);
            assert_eq!(plain(&text), text, "{sign}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_taken(text in "[*_#<>&~`!\\[\\]()\\\\a b;n/-]{0,40}") {
            let _ = plain(&text);
        }
    }
}

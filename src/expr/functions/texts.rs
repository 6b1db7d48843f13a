//! Texts. Places in a text are counted in characters, so that an emoji is one.

use super::{Call, Function, row};
use crate::expr::value::Value;
use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use sha1::Digest;
use std::borrow::Cow;
use std::collections::HashMap;

pub(super) const TABLE: &[Function] = &[
    row!("regex", 2..=2, [Text, Text] -> Boolean, "整个文本符合正则式", "the whole text matches the pattern",
        "regex('0712', '^07[0-9]{2}$')" => "true", "regex('abc', 'b')" => "false", |c| {
        // A pattern that comes from an answer and can't be read: nobody knows, and a check refuses nothing for it.
        super::pattern::matches(&c.text(0), &c.text(1)).map_or(Value::Unknown, Value::Bool)
    }),
    row!("contains", 2..=2, [Text, Text] -> Boolean, "文本中有这一段", "the text has the piece in it",
        "contains('hello', 'ell')" => "true", "contains('hello', 'x')" => "false", |c| Value::Bool(c.text(0).contains(&*c.text(1)))),
    row!("starts-with", 2..=2, [Text, Text] -> Boolean, "文本以此开头", "the text begins so",
        "starts-with('hello', 'he')" => "true", "starts-with('hello', 'lo')" => "false", |c| Value::Bool(c.text(0).starts_with(&*c.text(1)))),
    row!("ends-with", 2..=2, [Text, Text] -> Boolean, "文本以此结尾", "the text ends so",
        "ends-with('hello', 'lo')" => "true", "ends-with('hello', 'he')" => "false", |c| Value::Bool(c.text(0).ends_with(&*c.text(1)))),
    row!("substr", 2..=3, [Text, Number, Number] -> Text, "从第几个字符(从 0 数)到第几个之前;负数从末尾数",
        "from a place, counted from 0, to before another; negative ones count from the end",
        "substr('hello world', 0, 5)" => "hello", "substr('hello', -3)" => "llo", substr),
    row!("substring", 2..=3, [Text, Number, Number] -> Text, "从第几个字符(从 1 数)起的若干个字符(XPath 写法)", "so many characters from a place, counted from 1, XPath's way",
        "substring('12345', 2, 3)" => "234", "substring('12345', 2)" => "2345", substring),
    row!("substring-before", 2..=2, [Text, Text] -> Text, "某段之前的文本", "what stands before the piece",
        "substring-before('2024-02-29', '-')" => "2024", "substring-before('a', 'z')" => "", |c| {
        let (text, piece) = (c.text(0), c.text(1));
        Value::from(text.split_once(&*piece).map_or("", |(before, _)| before).to_owned())
    }),
    row!("substring-after", 2..=2, [Text, Text] -> Text, "某段之后的文本", "what stands behind the piece",
        "substring-after('2024-02-29', '-')" => "02-29", "substring-after('a', 'z')" => "", |c| {
        let (text, piece) = (c.text(0), c.text(1));
        Value::from(text.split_once(&*piece).map_or("", |(_, after)| after).to_owned())
    }),
    row!("translate", 3..=3, [Text, Text, Text] -> Text, "逐字替换", "each character of the second by its twin in the third",
        "translate('hello', 'lo', '01')" => "he001", "translate('hello', 'lo', '0')" => "he00", translate),
    row!("string-length", 0..=1, [Text] -> Number, "有几个字符", "how many characters there are", "string-length('林区')" => "2", "string-length('')" => "0",
        |c| Value::Number(c.text(0).chars().count() as f64)),
    row!("normalize-space", 0..=1, [Text] -> Text, "去掉多余空白", "without white space at the ends, and one for many between",
        "normalize-space('  two   spaces ')" => "two spaces", "normalize-space('   ')" => "", |c| {
        Value::from(c.text(0).split_ascii_whitespace().collect::<Vec<_>>().join(" "))
    }),
    row!("string", 0..=1, [Any] -> Text, "当作文本", "as a text", "string(1.50)" => "1.5", "string(true())" => "true", |c| Value::Text(c.text(0))),
    row!("digest", 2..=3, [Text, Text, Text] -> Text, "摘要:MD5、SHA-1、SHA-256、SHA-384、SHA-512;hex 或 base64", "a digest by MD5, SHA-1, SHA-256, SHA-384 or SHA-512, in hex or base64",
        "digest('abc', 'MD5', 'hex')" => "900150983cd24fb0d6963f7d28e17f72", "digest('abc', 'SHA-1')" => "qZk+NkcGgWq6PiVxeFDCbJzQ2J0=", digest),
    row!("base64-decode", 1..=1, [Text] -> Text, "解 base64", "what a base64 text stands for",
        "base64-decode('aGVsbG8=')" => "hello", "base64-decode('not base64!')" => "", |c| {
        Value::from(decode(&c.text(0)).and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default())
    }),
    row!("extract-signed", 2..=2, [Text, Text] -> Text, "验签(Ed25519)后取出内容;验不过为空", "the message of a signed text (Ed25519); empty if the signature is not that key's",
        "extract-signed('abc', 'MCowBQYDK2VwAyEA')" => "", "extract-signed('', '')" => "", extract_signed),
];

/// A part of a text by characters; borrowed where the text is.
fn part<'a>(text: Cow<'a, str>, from: usize, to: usize) -> Value<'a> {
    let byte = |text: &str, n: usize| text.char_indices().nth(n).map_or(text.len(), |(i, _)| i);
    let (start, end) = (byte(&text, from), byte(&text, to));
    let end = end.max(start);
    match text {
        Cow::Borrowed(text) => Value::from(text.get(start..end).unwrap_or("")),
        Cow::Owned(text) => Value::from(text.get(start..end).unwrap_or("").to_owned()),
    }
}

fn substr<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let text = call.text(0);
    let length = text.chars().count() as f64;
    let place = |n: f64| {
        let n = n.trunc();
        (if n < 0.0 { (length + n).max(0.0) } else { n.min(length) }) as usize
    };
    let from = call.number(1);
    let to = if call.len() > 2 { call.number(2) } else { length };
    if from.is_nan() || to.is_nan() {
        return Value::EMPTY;
    }
    part(text, place(from), place(to))
}

/// XPath 1.0 §4.2, rounding included.
fn substring<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let text = call.text(0);
    let length = text.chars().count() as f64;
    let from = super::math::round_half_up(call.number(1));
    let to = if call.len() > 2 { from + super::math::round_half_up(call.number(2)) } else { length + 1.0 };
    if from.is_nan() || to.is_nan() {
        return Value::EMPTY;
    }
    part(text, (from - 1.0).clamp(0.0, length) as usize, (to - 1.0).clamp(0.0, length) as usize)
}

fn translate<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let (text, from, to) = (call.text(0), call.text(1), call.text(2));
    let to: Vec<char> = to.chars().collect();
    let mut twins: HashMap<char, Option<char>> = HashMap::new();
    for (i, c) in from.chars().enumerate() {
        twins.entry(c).or_insert(to.get(i).copied());
    }
    Value::from(text.chars().filter_map(|c| twins.get(&c).copied().unwrap_or(Some(c))).collect::<String>())
}

pub(super) const DIGESTS: [&str; 5] = ["MD5", "SHA-1", "SHA-256", "SHA-384", "SHA-512"];

fn digest<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let text = call.text(0);
    let bytes = text.as_bytes();
    let digest = match &*call.text(1) {
        "MD5" => md5::Md5::digest(bytes).to_vec(),
        "SHA-1" => sha1::Sha1::digest(bytes).to_vec(),
        "SHA-256" => sha2::Sha256::digest(bytes).to_vec(),
        "SHA-384" => sha2::Sha384::digest(bytes).to_vec(),
        "SHA-512" => sha2::Sha512::digest(bytes).to_vec(),
        _ => return Value::EMPTY,
    };
    match &*call.text(2) {
        "hex" => Value::from(digest.iter().map(|b| format!("{b:02x}")).collect::<String>()),
        _ => Value::from(base64::engine::general_purpose::STANDARD.encode(digest)),
    }
}

/// With or without its padding; white space is passed over.
fn decode(text: &str) -> Option<Vec<u8>> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let plain: String = text.split_ascii_whitespace().collect();
    GeneralPurpose::new(&alphabet::STANDARD, lenient).decode(plain).ok()
}

/// The signed text is the signature (64 bytes) and the message behind it, in base64; the key is 32 bytes in base64.
fn extract_signed<'a>(call: &Call<'_, 'a>) -> Value<'a> {
    let message = || -> Option<String> {
        let signed = decode(&call.text(0))?;
        let key: [u8; 32] = decode(&call.text(1))?.try_into().ok()?;
        let (signature, message) = signed.split_at_checked(64)?;
        let key = ed25519_dalek::VerifyingKey::from_bytes(&key).ok()?;
        let signature = ed25519_dalek::Signature::from_slice(signature).ok()?;
        key.verify_strict(message, &signature).ok()?;
        String::from_utf8(message.to_vec()).ok()
    };
    Value::from(message().unwrap_or_default())
}

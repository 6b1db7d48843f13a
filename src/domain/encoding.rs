//! Bytes that somebody saved → text. UTF-8 with a mark or without, UTF-16, and what spreadsheets write on Chinese
//! Windows (GB 18030, of which GBK and GB 2312 are parts). What was guessed is said to be; nothing unreadable is kept.

use super::{Explain, Message};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, GB18030, GBK, UTF_8, UTF_16BE, UTF_16LE};

/// What a csv begins with that a spreadsheet is to open as UTF-8.
pub const MARK: &str = "\u{feff}";

/// What makes a spreadsheet take a cell for a formula, at its beginning; in full width too, as input methods type it.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];

/// The text as a cell of a file that a person opens: with an apostrophe before it, where a spreadsheet could take it for a
/// formula (what comes from outside would then be computed on the reader's machine).
pub fn no_formula(text: &str) -> String {
    if text.trim_start().starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// A cell of such a file, read back: without the apostrophe that [`no_formula`] put before it; and what others write so that
/// a spreadsheet keeps all digits, `="13800001234"`, as those digits.
pub fn read_back(text: &str) -> &str {
    let own = text.strip_prefix('\'').filter(|rest| rest.trim_start().starts_with(FORMULA));
    let quoted = || text.strip_prefix("=\"")?.strip_suffix('"').filter(|inside| !inside.contains('"'));
    own.or_else(quoted).unwrap_or(text)
}

/// How much of a text an encoding is guessed from, in bytes.
const SAMPLE: usize = 1 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    /// `UTF-8`, `GB18030`, …
    pub encoding: &'static str,
    /// Neither a mark nor the caller said so, and it is not UTF-8 for certain.
    pub guessed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotDecoded {
    /// The bytes are no text in that encoding, nor in any that is known.
    NotIn(String),
    /// Whole in no encoding that is known, from this line on.
    Neither { line: usize },
    /// The text holds U+FFFD: a program before this one could not read it, and signs are lost.
    Spoilt,
    /// UTF-8 but for some bytes, the first of them on this line.
    Cut { line: usize },
    /// Nobody knows an encoding of that name.
    UnknownName(String),
}

impl Explain for NotDecoded {
    fn explain(&self) -> Message {
        match self {
            NotDecoded::NotIn(name) => Message::new("domain.encoding_not").with("encoding", name.clone()),
            NotDecoded::Spoilt => Message::new("domain.encoding_spoilt"),
            NotDecoded::Neither { line } => Message::new("domain.encoding_neither").with("line", *line),
            NotDecoded::Cut { line } => Message::new("domain.encoding_cut").with("line", *line),
            NotDecoded::UnknownName(name) => Message::new("domain.encoding_unknown").with("name", name.clone()),
        }
    }
}

/// The text, without its mark. `wanted` overrules every guess, and a mark too.
pub fn decode(bytes: &[u8], wanted: Option<&str>) -> Result<Decoded, NotDecoded> {
    let found = match wanted {
        Some(name) => (encoding_of(name, bytes).ok_or_else(|| NotDecoded::UnknownName(name.to_owned()))?, false),
        None => sniffed(bytes),
    };
    if let Some(text) = wanted.is_none().then(|| of_utf_32(bytes)).flatten() {
        return text.map(|text| Decoded { text, encoding: "UTF-32", guessed: false });
    }
    let (encoding, guessed) = found;
    if let Some(line) = damaged_utf_8(bytes).filter(|_| guessed && encoding != UTF_8) {
        return Err(NotDecoded::Cut { line });
    }
    let bytes = match Encoding::for_bom(bytes) {
        Some((of_mark, length)) if of_mark == encoding => &bytes[length..],
        _ => bytes,
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    let text = text.ok_or_else(|| not_in(encoding, bytes, guessed))?.into_owned();
    if text.contains('\u{fffd}') {
        return Err(NotDecoded::Spoilt);
    }
    Ok(Decoded { text, encoding: encoding.name(), guessed })
}

/// UTF-32 with its mark, whose beginning looks like the mark of UTF-16.
fn of_utf_32(bytes: &[u8]) -> Option<Result<String, NotDecoded>> {
    let number: fn([u8; 4]) -> u32 = match bytes {
        [0xff, 0xfe, 0, 0, ..] => u32::from_le_bytes,
        [0, 0, 0xfe, 0xff, ..] => u32::from_be_bytes,
        _ => return None,
    };
    let not = || NotDecoded::NotIn("UTF-32".to_owned());
    let (whole, rest) = bytes.as_chunks::<4>();
    let text: Option<String> = whole[1..].iter().map(|four| char::from_u32(number(*four))).collect();
    Some(text.filter(|text| rest.is_empty() && !text.contains('\u{fffd}')).ok_or_else(not))
}

/// The text of a csv behind the line `sep=;`, which Excel writes first where commas stand in numbers; what parts its cells;
/// and how many lines were left out.
pub fn parted(text: &str) -> (u8, &str, u64) {
    if let Some((first, rest)) = text.split_once('\n')
        && let Some(&[sign]) = first.trim().strip_prefix("sep=").map(str::as_bytes)
    {
        return (sign, rest, 1);
    }
    (separator(text), text, 0)
}

/// What parts the cells of a csv: comma, semicolon or tab, whichever parts most of the first line that holds something.
fn separator(text: &str) -> u8 {
    let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for b in line.bytes() {
        quoted ^= b == b'"';
        counts.iter_mut().filter(|(sign, _)| *sign == b && !quoted).for_each(|(_, n)| *n += 1);
    }
    // Of equals the first: a comma.
    counts.iter().rev().max_by_key(|(_, n)| *n).map_or(b',', |(sign, _)| *sign)
}

/// Where nothing was known of the encoding and most is UTF-8, the line that is not.
fn not_in(encoding: &'static Encoding, bytes: &[u8], guessed: bool) -> NotDecoded {
    let characters = String::from_utf8_lossy(bytes);
    let lost = characters.matches('\u{fffd}').count();
    let read = characters.chars().filter(|c| !c.is_ascii()).count() - lost;
    if guessed && encoding == GB18030 && lost < read {
        return NotDecoded::Cut { line: line_of_damage(bytes) };
    }
    if guessed && encoding == GB18030 {
        return NotDecoded::Neither { line: line_of_damage(bytes) };
    }
    NotDecoded::NotIn(encoding.name().to_owned())
}

fn line_of_damage(bytes: &[u8]) -> usize {
    let whole = std::str::from_utf8(bytes).map_or_else(|broken| broken.valid_up_to(), str::len);
    bytes[..whole].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// The first line of UTF-8 that is damaged (a download that was cut, a byte too many), though all of it can be read as GB 18030 too,
/// as other signs. Of GBK hardly a pair reads as a character of three bytes, and never most of a text.
fn damaged_utf_8(bytes: &[u8]) -> Option<usize> {
    let broken = std::str::from_utf8(bytes).err()?;
    let characters = String::from_utf8_lossy(bytes);
    // Whole up to a character that its end cuts in two.
    let whole = std::str::from_utf8(&bytes[..broken.valid_up_to()]).unwrap_or_default();
    if broken.error_len().is_none() && whole.contains(|c| c >= '\u{800}') {
        return Some(line_of_damage(bytes));
    }
    let lost = characters.matches('\u{fffd}').count();
    let long = characters.chars().filter(|c| *c >= '\u{800}' && *c != '\u{fffd}').count();
    (long >= 4 && lost * 4 <= long).then(|| line_of_damage(bytes))
}

/// Whether a text that is UTF-8 may be GBK all the same: `女` is the two bytes of `Ů`. All that is not ASCII reads as usual
/// characters of GB 2312, and most of it stands alone: a letter with an accent stands beside others.
fn may_be_gbk(bytes: &[u8]) -> bool {
    let (mut alone, mut beside) = (0, 0);
    for run in bytes.split(u8::is_ascii).filter(|run| !run.is_empty()) {
        if !run.chunks(2).all(|pair| matches!(pair, [0xb0..=0xd7, 0xa1..=0xfe])) {
            return false;
        }
        // The run is a part of the bytes: what stands around it is found by its place.
        let from = run.as_ptr() as usize - bytes.as_ptr() as usize;
        let letter = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphabetic);
        let touches = letter(from.checked_sub(1)) || letter(Some(from + run.len()));
        *(if touches { &mut beside } else { &mut alone }) += 1;
    }
    alone > beside
}

fn encoding_of(name: &str, bytes: &[u8]) -> Option<&'static Encoding> {
    let plain = name.trim().to_lowercase().replace([' ', '_'], "-");
    match plain.as_str() {
        // Which of the two halves stands first is said by the mark, or seen.
        "utf-16" | "utf16" => Some(if sniffed(bytes).0 == UTF_16BE { UTF_16BE } else { UTF_16LE }),
        "gbk" | "gb2312" | "gb-2312" | "gb-18030" | "cp936" | "936" | "ansi" => Some(GB18030),
        "utf-8-sig" | "utf-8-bom" | "utf8" => Some(UTF_8),
        plain => Encoding::for_label(plain.as_bytes()),
    }
}

fn sniffed(bytes: &[u8]) -> (&'static Encoding, bool) {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return (encoding, false);
    }
    let sample = &bytes[..bytes.len().min(SAMPLE)];
    // Commas, digits and line ends of UTF-16 have a nought on one side.
    let noughts = |side: usize| sample.iter().skip(side).step_by(2).filter(|b| **b == 0).count();
    let (low, high) = (noughts(0), noughts(1));
    if low + high > 0 && (low + high) * 20 >= sample.len() {
        return (if high >= low { UTF_16LE } else { UTF_16BE }, true);
    }
    if std::str::from_utf8(bytes).is_ok() {
        return (UTF_8, may_be_gbk(bytes));
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(sample, true);
    let guess = detector.guess(Some(b"cn"), Utf8Detection::Deny);
    let reads = |e: &'static Encoding| e.decode_without_bom_handling_and_without_replacement(bytes).is_some();
    let encoding = if guess == GBK || !reads(guess) { GB18030 } else { guess };
    (encoding, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
    }

    #[test]
    fn utf_32_with_its_mark_is_read_and_half_of_it_is_told() {
        let text = "type,姓名𠮷\r\n";
        let bytes = |four: fn(u32) -> [u8; 4]| {
            "\u{feff}".chars().chain(text.chars()).flat_map(|c| four(u32::from(c))).collect::<Vec<u8>>()
        };
        for bytes in [bytes(u32::to_le_bytes), bytes(u32::to_be_bytes)] {
            let read = decode(&bytes, None).unwrap();
            assert_eq!((read.text.as_str(), read.encoding, read.guessed), (text, "UTF-32", false));
            assert_eq!(decode(&bytes[..bytes.len() - 1], None), Err(NotDecoded::NotIn("UTF-32".to_owned())));
        }
    }

    #[test]
    fn what_was_guarded_against_being_a_formula_is_read_back_as_it_was() {
        for text in ["=1", " +1", "-x", "@x", "＝1", "王芳", "'quoted'", "", "1-2"] {
            assert_eq!(read_back(&no_formula(text)), text);
        }
        for (written, read) in [("=\"13800001234\"", "13800001234"), ("=\"a\"&\"b\"", "=\"a\"&\"b\""), ("=1+1", "=1+1")]
        {
            assert_eq!(read_back(written), read);
        }
        assert_eq!(no_formula("=1"), "'=1");
    }

    #[test]
    fn what_spreadsheets_save_is_read_and_what_was_guessed_is_said() {
        let text = "type,name,label\ntext,a,困难职工\n";
        let gbk = GB18030.encode(text).0.into_owned();
        let marked = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for (bytes, encoding, guessed) in [
            (text.as_bytes().to_vec(), "UTF-8", false),
            (marked, "UTF-8", false),
            (utf16(text, true, true), "UTF-16LE", false),
            (utf16(text, false, true), "UTF-16BE", false),
            (utf16(text, true, false), "UTF-16LE", true),
            (utf16(text, false, false), "UTF-16BE", true),
            (gbk, "gb18030", true),
            (GB18030.encode("姓名,王𠅤\n").0.into_owned(), "gb18030", true),
            (GB18030.encode("是").0.into_owned(), "gb18030", true),
        ] {
            let read = decode(&bytes, None).unwrap();
            assert_eq!((read.encoding, read.guessed), (encoding, guessed));
            assert!(!read.text.starts_with('\u{feff}') && !read.text.contains('\0'));
        }
        assert_eq!(decode(b"", None).unwrap().text, "");
    }

    #[test]
    fn a_name_overrules_and_nothing_unreadable_is_kept() {
        let big5 = encoding_rs::BIG5.encode("困難職工家庭").0.into_owned();
        assert_eq!(decode(&big5, Some("Big5")).unwrap().text, "困難職工家庭");
        assert_eq!(decode("困".as_bytes(), Some("GBK")), Err(NotDecoded::NotIn("gb18030".into())));
        assert_eq!(decode("a\u{fffd}".as_bytes(), None), Err(NotDecoded::Spoilt));
        assert_eq!(decode(b"a", Some("klingon")), Err(NotDecoded::UnknownName("klingon".into())));
        assert!(decode(b"\xff\xff\xff\x80\xff", None).is_err());
    }

    #[test]
    fn utf_16_is_read_as_its_mark_says_whatever_order_the_name_leaves_open() {
        for (little, mark) in [(true, true), (false, true), (true, false), (false, false)] {
            let read = decode(&utf16("type,name\ntext,林区\n", little, mark), Some("UTF-16")).unwrap();
            assert_eq!((read.text.as_str(), read.guessed), ("type,name\ntext,林区\n", false), "{little} {mark}");
        }
        // A stray byte behind it makes it no other encoding.
        let stray = [utf16("type,name\n", true, false), vec![b'x']].concat();
        assert_eq!(decode(&stray, None), Err(NotDecoded::NotIn("UTF-16LE".into())));
    }

    #[test]
    fn gbk_that_is_utf_8_by_chance_is_told_and_letters_with_accents_are_not() {
        let gbk = |text: &str| GB18030.encode(text).0.into_owned();
        let read = decode(&gbk("sex,女\n"), None).unwrap();
        assert_eq!((read.text.as_str(), read.guessed), ("sex,Ů\n", true));
        for plain in ["café,naïve\n", "É,été,déjà\n", "Иван,да\n", "女\n", "sex,f\n", "ñandú\n"] {
            assert!(!decode(plain.as_bytes(), None).unwrap().guessed, "{plain}");
        }
    }

    #[test]
    fn utf_8_with_a_byte_cut_out_says_on_which_line() {
        let one = ["a\nb\n困".as_bytes(), b"\xff", "难职工家庭\n".as_bytes()].concat();
        assert_eq!(decode(&one, None), Err(NotDecoded::Cut { line: 3 }));
        // However it was cut, and whatever else it can be read as: at each byte, and with a byte too many or too few at each.
        let text = "type,name,label\n".to_owned() + &"text,q,姓名与家庭情况说明\n".repeat(30);
        let whole = text.as_bytes();
        for at in whole.len() - 40..whole.len() {
            let cut = &whole[..at];
            let extra = [cut, b"\xe9", &whole[at..]].concat();
            let fewer = [cut, &whole[at + 1..]].concat();
            for bytes in [cut, &extra, &fewer] {
                let read = decode(bytes, None);
                let is_cut = matches!(read, Err(NotDecoded::Cut { .. }));
                assert!(is_cut || std::str::from_utf8(bytes).is_ok(), "{at}: {read:?}");
            }
        }
        let short = "name,label\r\na,林业局".as_bytes();
        for at in [18, 19, 21, 22] {
            assert!(matches!(decode(&short[..at], None), Err(NotDecoded::Cut { line: 2 })), "{at}");
        }
        // And what is GBK is read as that, a sign cut in two or not.
        let gbk = GB18030.encode(&text).0.into_owned();
        assert_eq!(decode(&gbk, None).unwrap().text, text);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_a_whole_text_or_none(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            if let Ok(read) = decode(&bytes, None) {
                assert!(!read.text.contains('\u{fffd}'));
            }
        }
    }
}

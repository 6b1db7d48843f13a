//! The one place that writes to standard output and error. A reader that went away (`| head`) is no failure.

use std::io::Write;

/// A line for people, or for the next program in a pipe.
pub fn line(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

pub fn error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// One JSON value, pretty, with a line's end.
pub fn json(value: &serde_json::Value) {
    // JSON lets the upper control characters through, and a terminal may obey them.
    let text = serde_json::to_string_pretty(value).unwrap_or_default();
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{7f}'..='\u{9f}' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    line(&out);
}

//! The three lines of every screen: title, message, hints.

use crate::tui::page::Page;
use crate::tui::text;

/// The first line: where one is at the left, what holds at the right. The right side gives way first.
pub fn title(page: &mut Page<'_>, title: &str, status: &str) {
    let style = page.cx.theme.title();
    let cols = page.buffer.area.width;
    let title = text::cut(title, usize::from(cols).saturating_sub(2));
    let left = format!(" {title} ");
    let room = usize::from(cols).saturating_sub(text::width(&left));
    let right = if status.is_empty() { String::new() } else { text::cut(&format!("{status} "), room) };
    let gap = room.saturating_sub(text::width(&right));
    page.put(0, 0, cols, &format!("{left}{}{right}", " ".repeat(gap)), style);
}

/// The line above the hints: what was just said.
pub fn message(page: &mut Page<'_>, y: u16, said: &str) {
    if y == 0 || said.is_empty() {
        return;
    }
    let cols = page.buffer.area.width;
    let style = page.cx.theme.strong();
    page.put(0, y, cols, said, style);
}

/// The last line: key, meaning, key, meaning, as many as fit whole; `»` where some did not.
pub fn hints(page: &mut Page<'_>, y: u16, hints: &[(String, String)]) {
    if y == 0 {
        return;
    }
    let cols = page.buffer.area.width;
    let (key, plain) = (page.cx.theme.key(), page.cx.theme.plain());
    let mut x = 0;
    for (i, (name, meaning)) in hints.iter().enumerate() {
        let wide = text::width(name) + 1 + text::width(meaning);
        let rest = if i + 1 < hints.len() { 2 } else { 0 };
        if usize::from(x) + wide + rest > usize::from(cols) {
            page.put(x, y, 1, &text::CUT.to_string(), plain);
            return;
        }
        x += page.put(x, y, cols, name, key);
        x += page.put(x, y, cols, &format!(" {meaning}"), plain);
        x += 2;
    }
}

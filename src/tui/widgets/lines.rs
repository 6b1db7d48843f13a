//! The three lines of every screen: title, message, hints.

use crate::tui::key::Key;
use crate::tui::page::Page;
use crate::tui::text;

/// The first line: where one is at the left, what holds at the right. The right side gives way first.
pub fn title(page: &mut Page<'_>, title: &str, status: &str) {
    let style = page.cx.theme.title();
    let cols = page.buffer.area.width;
    let title = text::cut(title, usize::from(cols).saturating_sub(2));
    let left = format!(" {title} ");
    let room = usize::from(cols).saturating_sub(text::width(&left));
    // What counts most stands at its end: whether it is kept.
    let right = if status.is_empty() { String::new() } else { text::cut_front(&format!("{status} "), room) };
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

/// The last line: key, meaning, key, meaning, as many as fit whole; `»` where some did not. Help, where it is the last of
/// them, always stands there: behind it are all the others.
pub fn hints(page: &mut Page<'_>, y: u16, hints: &[(String, String)]) {
    let Some((last, others)) = hints.split_last().filter(|_| y > 0) else { return };
    let cols = usize::from(page.buffer.area.width);
    let wide = |(name, meaning): &(String, String)| text::width(name) + 1 + text::width(meaning);
    let is_help = last.0 == Key::F(1).label();
    let all = others.iter().map(|hint| wide(hint) + 2).sum::<usize>() + wide(last);
    // Room kept for the mark and the last hint, where not all fit.
    let kept = match (all <= cols, is_help) {
        (true, _) => 0,
        (false, true) => wide(last) + 2,
        (false, false) => 1,
    };
    let mut x = 0;
    for hint in others {
        if kept > 0 && x + wide(hint) + 2 + kept > cols {
            break;
        }
        put_hint(page, x, y, hint);
        x += wide(hint) + 2;
    }
    if kept > 0 {
        page.put(x as u16, y, 1, &text::CUT.to_string(), page.cx.theme.plain());
        x += 2;
    }
    if kept == 0 || is_help {
        put_hint(page, x, y, last);
    }
}

fn put_hint(page: &mut Page<'_>, x: usize, y: u16, (name, meaning): &(String, String)) {
    let (cols, x) = (page.buffer.area.width, x as u16);
    let (key, plain) = (page.cx.theme.key(), page.cx.theme.plain());
    let after = x + page.put(x, y, cols, name, key);
    page.put(after, y, cols, &format!(" {meaning}"), plain);
}

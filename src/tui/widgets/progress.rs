//! How far a long work is, in numbers first: `[######----]  1,200 / 2,000  60%`.

use crate::tui::page::Page;

pub fn progress(page: &mut Page<'_>, x: u16, y: u16, cells: u16, done: u64, all: u64) {
    let done = done.min(all);
    let share = if all == 0 { 100 } else { (u128::from(done) * 100 / u128::from(all)) as u64 };
    let numbers = format!(" {done} / {all}  {share}%");
    let bar = usize::from(cells).saturating_sub(numbers.len() + 2).min(40);
    let full = bar * share as usize / 100;
    let line = format!("[{}{}]{numbers}", "#".repeat(full), "-".repeat(bar - full));
    let style = page.cx.theme.plain();
    page.put(x, y, cells, &line, style);
}

//! A sheet cut into pages: where each text and line stands, in points from the upper left corner of A4.

use super::Faces;
use crate::domain::Message;
use crate::lang;
use crate::present::layout::Layout;
use crate::present::value::{Cell, Field, Sheet, SheetPart, Signature, Table, TableRow, Tone};

/// A4.
pub(super) const WIDTH: f32 = 595.28;
pub(super) const HEIGHT: f32 = 841.89;
const MILLIMETRE: f32 = 72.0 / 25.4;
pub(super) const SIDE: f32 = 14.0 * MILLIMETRE;
const TOP: f32 = 15.0 * MILLIMETRE;
/// Above the foot.
pub(super) const BOTTOM: f32 = HEIGHT - 20.0 * MILLIMETRE;
const ROOM: f32 = WIDTH - 2.0 * SIDE;
const TEXT: f32 = 10.0;
const CELL: f32 = 9.0;
pub(super) const FOOT: f32 = 7.5;
const LINE: f32 = 1.4;
/// From a cell's border to its text.
const PAD: f32 = 1.3 * MILLIMETRE;
const HAIR: f32 = 0.6;
/// So many cells of the terminal have room side by side: more columns stand below, as on the page for browsers.
const CELLS: usize = 92;
const PADDING: usize = 2;
/// No text is made narrower: four Chinese characters.
const NARROW: f32 = 4.0 * CELL;
/// Between two heads of a sheet.
const HEADS_APART: f32 = 7.0 * MILLIMETRE;
const BOX: f32 = 30.0 * MILLIMETRE;

pub(super) enum Drawn {
    /// `y` is the line that letters stand on.
    Text {
        x: f32,
        y: f32,
        size: f32,
        text: String,
        strong: bool,
        grey: u8,
    },
    Line {
        from: (f32, f32),
        to: (f32, f32),
        wide: f32,
    },
    Shade {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
    },
}

/// How a text is written.
#[derive(Clone, Copy)]
struct Hand {
    size: f32,
    strong: bool,
    grey: u8,
}

impl Hand {
    fn new(size: f32) -> Hand {
        Hand { size, strong: false, grey: 0 }
    }

    fn of(size: f32, tone: Tone) -> Hand {
        let strong = matches!(tone, Tone::Strong | Tone::Wrong);
        Hand { size, strong, grey: if tone == Tone::Quiet { 0x50 } else { 0 } }
    }

    fn line(self) -> f32 {
        self.size * LINE
    }
}

/// A cell of a row, broken into lines.
struct Block {
    lines: Vec<String>,
    x: f32,
    width: f32,
    is_right: bool,
    hand: Hand,
    is_head: bool,
}

pub(super) struct Pages<'f> {
    faces: &'f Faces,
    pages: Vec<Vec<Drawn>>,
    y: f32,
}

impl<'f> Pages<'f> {
    pub fn new(faces: &'f Faces) -> Pages<'f> {
        Pages { faces, pages: vec![Vec::new()], y: TOP }
    }

    fn put(&mut self, drawn: Drawn) {
        if let Some(page) = self.pages.last_mut() {
            page.push(drawn);
        }
    }

    fn turn(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    /// A further page where so much does not stand on this one any more. Whether there was one.
    fn room(&mut self, height: f32) -> bool {
        let turns = self.y + height > BOTTOM && self.y > TOP;
        if turns {
            self.turn();
        }
        turns
    }

    fn width(&self, text: &str, size: f32) -> f32 {
        self.faces.width(text) as f32 * size / 1000.0
    }

    /// Lines of a text, its own line ends kept.
    fn broken(&self, text: &str, width: f32, size: f32) -> Vec<String> {
        let most = (width * 1000.0 / size).max(0.0) as usize;
        text.split('\n')
            .flat_map(|line| lang::wrap_by(&lang::clean(line), most, |part| self.faces.width(part)))
            .collect()
    }

    fn text(&mut self, x: f32, top: f32, hand: Hand, text: &str) {
        self.put(written(x, top, hand, text));
    }

    fn paragraph(&mut self, text: &str, hand: Hand) {
        for line in self.broken(text, ROOM, hand.size) {
            self.room(hand.line());
            self.text(SIDE, self.y, hand, &line);
            self.y += hand.line();
        }
    }

    pub fn sheet(&mut self, sheet: &Sheet) {
        let title = Hand { size: 16.0, strong: true, grey: 0 };
        for line in self.broken(&sheet.title, ROOM, title.size).into_iter().filter(|line| !line.is_empty()) {
            self.room(title.line());
            let x = SIDE + (ROOM - self.width(&line, title.size)).max(0.0) / 2.0;
            self.text(x, self.y, title, &line);
            self.y += title.line();
        }
        self.heads(sheet);
        for (at, part) in sheet.parts.iter().enumerate() {
            match part {
                SheetPart::Heading(text) => {
                    let hand = Hand { size: 11.5, strong: true, grey: 0 };
                    // A heading never stands alone at a page's end.
                    let next = if sheet.parts.len() > at + 1 { 3.0 * CELL * LINE } else { 0.0 };
                    self.y += 2.0 * MILLIMETRE;
                    self.room(hand.line() + next);
                    self.paragraph(text, hand);
                    self.y += MILLIMETRE;
                }
                SheetPart::Fields(list) => self.fields(list),
                SheetPart::Table(table) => self.table(table),
                SheetPart::Sentences(list) => {
                    list.iter().for_each(|one| self.paragraph(&one.text, Hand::of(TEXT, one.tone)));
                    self.y += MILLIMETRE;
                }
                SheetPart::Signatures(list) => self.signatures(list),
            }
        }
    }

    /// Something said below all the rest.
    pub fn note(&mut self, text: &str) {
        self.paragraph(text, Hand::of(CELL, Tone::Quiet));
    }

    /// Side by side, as many as have room.
    fn heads(&mut self, sheet: &Sheet) {
        if sheet.heads.is_empty() {
            return;
        }
        let hand = Hand::new(TEXT);
        let said =
            sheet.heads.iter().map(|f| lang::clean(&format!("{}{}{}", f.label, sheet.lang.colon(), f.value.shown())));
        let said: Vec<String> = said.collect();
        self.y += MILLIMETRE;
        let mut x = SIDE;
        for text in &said {
            let wide = self.width(text, TEXT);
            if x > SIDE && x + wide > WIDTH - SIDE {
                (x, self.y) = (SIDE, self.y + hand.line());
                self.room(hand.line());
            }
            if wide > ROOM {
                self.paragraph(text, hand);
                continue;
            }
            self.text(x, self.y, hand, text);
            x += wide + HEADS_APART;
        }
        self.y += if x > SIDE { hand.line() } else { 0.0 } + MILLIMETRE;
    }

    /// Two labels with their values on a line.
    fn fields(&mut self, list: &[Field]) {
        for pair in list.chunks(2) {
            let mut blocks = Vec::new();
            for (at, field) in pair.iter().enumerate() {
                let (left, label, value) = (SIDE + at as f32 * ROOM / 2.0, ROOM * 0.24, ROOM * 0.26);
                let value = if pair.len() == 1 { ROOM - label } else { value };
                blocks.push(self.block(&field.label, left, label, Hand::new(CELL), true));
                blocks.push(self.block(&field.value.raw(), left + label, value, Hand::of(CELL, field.tone), false));
            }
            self.row(blocks, &[]);
        }
        self.y += 2.0 * MILLIMETRE;
    }

    fn block(&self, text: &str, x: f32, width: f32, hand: Hand, is_head: bool) -> Block {
        let lines = self.broken(text, width - 2.0 * PAD, hand.size);
        Block { lines, x, width, is_right: false, hand, is_head }
    }

    fn table(&mut self, table: &Table) {
        if !table.title.is_empty() {
            let hand = Hand { size: TEXT, strong: true, grey: 0 };
            self.room(hand.line() + 3.0 * CELL * LINE);
            self.paragraph(&table.title, hand);
        }
        for columns in Layout::bands(table, CELLS, PADDING) {
            self.band(&table.part(&columns));
            self.y += 2.0 * MILLIMETRE;
        }
    }

    fn band(&mut self, table: &Table) {
        let (widths, size) = self.widths(table);
        let left = |at: usize| SIDE + widths[..at].iter().sum::<f32>();
        let head = |pages: &Self| -> Vec<Block> {
            let hand = Hand { size, strong: true, grey: 0 };
            let one = |(at, column): (usize, &crate::present::Column)| {
                pages.block(&column.title, left(at), widths[at], hand, true)
            };
            table.columns.iter().enumerate().map(one).collect()
        };
        let row = |pages: &Self, row: &TableRow, strong: bool| -> Vec<Block> {
            let mut hand = Hand::of(size, row.tone);
            hand.strong |= strong;
            let one = |(at, column): (usize, &crate::present::Column)| {
                let text = row.cells.get(at).map(Cell::raw).unwrap_or_default();
                let mut block = pages.block(&text, left(at), widths[at], hand, false);
                block.is_right = column.kind.is_right();
                block
            };
            table.columns.iter().enumerate().map(one).collect()
        };
        let heads = head(self);
        // The titles and the first row stand on one page.
        self.room(height(&heads) + 2.0 * size * LINE);
        self.row(head(self), &[]);
        for one in &table.rows {
            let blocks = row(self, one, false);
            self.row(blocks, &heads);
        }
        if let Some(sums) = &table.sums {
            let y = self.y - 1.2;
            self.put(Drawn::Line { from: (SIDE, y), to: (SIDE + widths.iter().sum::<f32>(), y), wide: HAIR });
            let blocks = row(self, sums, true);
            self.row(blocks, &heads);
        }
    }

    /// How wide each column stands, and how large its letters: what holds figures stands whole, texts share the rest.
    fn widths(&self, table: &Table) -> (Vec<f32>, f32) {
        let elastic: Vec<bool> = table.columns.iter().map(|column| column.kind.is_elastic()).collect();
        let mut size = CELL;
        loop {
            let wide =
                |text: &str| text.split('\n').map(|line| self.width(&lang::clean(line), size)).fold(0.0, f32::max);
            let natural = |at: usize| {
                let cells = table.all_rows().filter_map(|row| row.cells.get(at)).map(|cell| wide(&cell.raw()));
                let title = wide(&table.columns[at].title);
                // A title may be broken where what stands below it is short.
                let title = if elastic[at] { title } else { title.min(NARROW) };
                cells.fold(title, f32::max) + 2.0 * PAD + 0.5
            };
            let mut widths: Vec<f32> = (0..table.columns.len()).map(natural).collect();
            let mut over = widths.iter().sum::<f32>() - ROOM;
            // From the widest text first, so that equals end equal.
            while over > 0.1 {
                let texts =
                    widths.iter().enumerate().filter(|(at, width)| elastic[*at] && **width > NARROW + 2.0 * PAD);
                let Some((at, _)) = texts.max_by(|a, b| a.1.total_cmp(b.1)) else { break };
                let given = over.min(4.0).min(widths[at] - NARROW - 2.0 * PAD).max(0.05);
                (widths[at], over) = (widths[at] - given, over - given);
            }
            if over <= 0.1 || size <= 5.0 {
                let spare = (ROOM - widths.iter().sum::<f32>()).max(0.0);
                let texts = elastic.iter().filter(|is| **is).count();
                let (share, of) = if texts > 0 { (texts, true) } else { (widths.len(), false) };
                for (at, width) in widths.iter_mut().enumerate() {
                    *width += if !of || elastic[at] { spare / share.max(1) as f32 } else { 0.0 };
                }
                return (widths, size);
            }
            size -= 0.5;
        }
    }

    /// One row with its borders. On a further page the titles stand again; a row longer than a page goes on on the next.
    fn row(&mut self, mut blocks: Vec<Block>, heads: &[Block]) {
        let whole = height(&blocks);
        let under_heads = BOTTOM - TOP - if heads.is_empty() { 0.0 } else { height(heads) };
        if whole <= under_heads {
            if self.room(whole) {
                self.boxes(heads, height(heads));
            }
            self.boxes(&blocks, whole);
            return;
        }
        loop {
            let line = blocks.iter().map(|block| block.hand.line()).fold(1.0, f32::max);
            if self.room(2.0 * PAD + 3.0 * line) {
                self.boxes(heads, height(heads));
            }
            let fit = (((BOTTOM - self.y - 2.0 * PAD) / line).floor() as usize).max(1);
            let rest: Vec<Block> = blocks
                .iter_mut()
                .map(|block| {
                    let lines = block.lines.split_off(fit.min(block.lines.len()));
                    Block { lines, ..*block }
                })
                .collect();
            self.boxes(&blocks, height(&blocks));
            if rest.iter().all(|block| block.lines.is_empty()) {
                return;
            }
            blocks = rest;
        }
    }

    fn boxes(&mut self, blocks: &[Block], tall: f32) {
        let top = self.y;
        for block in blocks {
            if block.is_head {
                self.put(Drawn::Shade { x: block.x, y: top, width: block.width, height: tall });
            }
        }
        for block in blocks {
            let (right, bottom) = (block.x + block.width, top + tall);
            for (from, to) in [
                ((block.x, top), (right, top)),
                ((block.x, bottom), (right, bottom)),
                ((block.x, top), (block.x, bottom)),
                ((right, top), (right, bottom)),
            ] {
                self.put(Drawn::Line { from, to, wide: HAIR });
            }
            for (at, line) in block.lines.iter().enumerate() {
                let x = match block.is_right {
                    true => right - PAD - self.width(line, block.hand.size),
                    false => block.x + PAD,
                };
                self.text(x, top + PAD + at as f32 * block.hand.line(), block.hand, line);
            }
        }
        self.y += tall;
    }

    /// Two boxes side by side, all on one page where they have room there.
    fn signatures(&mut self, list: &[Signature]) {
        let rows = list.len().div_ceil(2) as f32;
        if rows * BOX <= BOTTOM - TOP {
            self.room(rows * BOX);
        }
        for pair in list.chunks(2) {
            self.room(BOX);
            let width = ROOM / pair.len() as f32;
            let top = self.y;
            let box_of = |at: usize, one: &Signature| Block {
                lines: self.broken(&one.title, width - 2.0 * PAD, CELL),
                x: SIDE + at as f32 * width,
                width,
                is_right: false,
                hand: Hand::new(CELL),
                is_head: false,
            };
            let blocks: Vec<Block> = pair.iter().enumerate().map(|(at, one)| box_of(at, one)).collect();
            self.boxes(&blocks, BOX);
            for (at, one) in pair.iter().enumerate() {
                let below = lang::clean(&one.below.join("    "));
                let x = SIDE + (at + 1) as f32 * width - PAD - self.width(&below, CELL);
                self.text(x, top + BOX - PAD - CELL * LINE, Hand::new(CELL), &below);
            }
        }
    }

    /// The pages, each with its foot and number.
    pub fn finished(mut self, sheet: &Sheet) -> Vec<Vec<Drawn>> {
        let count = self.pages.len();
        let hand = Hand { size: FOOT, strong: false, grey: 0x30 };
        let top = BOTTOM + 3.0 * MILLIMETRE;
        for at in 0..count {
            let number = Message::new("present.pdf.page").with("page", at + 1).with("pages", count);
            let number = lang::say(&number, sheet.lang);
            let right = WIDTH - SIDE - self.width(&number, FOOT);
            let rule = Drawn::Line { from: (SIDE, top - MILLIMETRE), to: (WIDTH - SIDE, top - MILLIMETRE), wide: HAIR };
            let mut foot = vec![rule, written(right, top, hand, &number)];
            let mut y = top;
            for (line, text) in sheet.foot_lines().iter().enumerate() {
                // What stands beside the number leaves it room.
                let width = if line == 0 { right - SIDE - 3.0 * MILLIMETRE } else { ROOM };
                for text in self.broken(text, width, FOOT) {
                    foot.push(written(SIDE, y, hand, &text));
                    y += hand.line();
                }
            }
            self.pages[at].extend(foot);
        }
        self.pages
    }
}

/// A text whose line begins at `top`.
fn written(x: f32, top: f32, hand: Hand, text: &str) -> Drawn {
    let y = top + hand.line() * 0.5 + hand.size * 0.36;
    Drawn::Text { x, y, size: hand.size, text: text.to_owned(), strong: hand.strong, grey: hand.grey }
}

fn height(blocks: &[Block]) -> f32 {
    let tall = |block: &Block| block.lines.len().max(1) as f32 * block.hand.line();
    blocks.iter().map(tall).fold(0.0, f32::max) + 2.0 * PAD
}

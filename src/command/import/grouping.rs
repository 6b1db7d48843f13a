//! The lines of a roll → households, and of each which columns are about the worker and which about a member.

use super::headings::{CATEGORY, HOUSEHOLD, Headings, NoAnswer, OfMember, SKIP};
use super::map::{ColumnUse, LaidMap, MappedColumn, RollLayout};
use super::sheet::{RollSheet, SheetLine};
use crate::domain::{Message, encoding, questions};
use std::collections::HashMap;

/// One cell that is to fill something. Personal.
#[derive(Clone)]
pub(super) struct RollCell {
    pub line: u32,
    pub column: usize,
    /// A question of the worker or of the roster, or a target that is no question.
    pub to: String,
    pub text: String,
    pub ten_thousand: bool,
}

/// A member of the household, as the roll has it. Personal.
#[derive(Clone, Default)]
pub(super) struct RollMember {
    pub of: OfMember,
    pub line: u32,
    pub cells: Vec<RollCell>,
}

/// A household as its lines have it. Personal.
#[derive(Default)]
pub(super) struct RollGroup {
    pub lines: Vec<usize>,
    pub worker: Vec<RollCell>,
    pub members: Vec<RollMember>,
    /// What is wrong with it as a whole.
    pub wrong: Vec<(u32, Message)>,
    /// What its lines lack in a cell, and what was taken there of another; each with its line and column.
    pub lost: Vec<(u32, usize, Message)>,
    pub noted: Vec<(u32, usize, Message)>,
}

fn cell(line: &SheetLine, used: &ColumnUse, to: &str) -> Option<RollCell> {
    // A csv that we wrote keeps a sign from becoming a formula by one before it.
    let text = encoding::read_back(line.get(used.column).trim());
    (!text.is_empty()).then(|| RollCell {
        line: line.number,
        column: used.column,
        to: to.to_owned(),
        text: text.to_owned(),
        ten_thousand: used.mapped.ten_thousand,
    })
}

/// Whether a cell says something: not `无`, nor a stroke in its place.
fn says(text: &str) -> bool {
    let text = text.trim();
    !text.is_empty() && !matches!(Headings::built_in().no_answer(text), Some(NoAnswer::Empty | NoAnswer::None))
}

/// Words at the beginning of a line that sums up or explains.
fn is_foot_word(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    let words = [
        "合计",
        "总计",
        "小计",
        "共计",
        "填表人",
        "制表",
        "审核人",
        "备注",
        "说明",
        "填报人",
        "负责人",
        "注意",
        "total",
    ];
    // `注` alone may be a family name.
    let is_note = text.strip_prefix('注').is_some_and(|rest| !rest.starts_with(char::is_alphabetic));
    is_note || words.iter().any(|word| text.starts_with(word))
}

/// Whether a cell of names names a person, and not so many households.
fn is_name(text: &str) -> bool {
    let text = text.trim();
    let counts = text.ends_with(['户', '人']) || text.chars().any(char::is_numeric);
    says(text) && !counts && !is_foot_word(text) && text.chars().filter(|c| c.is_alphabetic()).count() > 1
}

/// Whether a line has anybody's name or ID number.
fn is_somebody(map: &LaidMap, line: &SheetLine) -> bool {
    let who = [questions::NAME, questions::ID_NUMBER, questions::M_NAME, questions::M_ID_NUMBER];
    map.uses.iter().any(|used| who.contains(&used.mapped.to.as_str()) && says(line.get(used.column)))
}

/// A line that names nobody, and yet has a category or a unit that the household before it has not, or nothing of a member:
/// somebody's name was lost. `known`: what the household has.
fn is_of_nobody(map: &LaidMap, line: &SheetLine, known: &[RollCell]) -> bool {
    let is_named = is_somebody(map, line);
    let mut own = map.uses.iter().filter(|used| {
        used.mapped.member.is_none() && [CATEGORY, questions::WORK_UNIT].contains(&used.mapped.to.as_str())
    });
    let is_known = |used: &ColumnUse| {
        let text = line.get(used.column).trim();
        known.iter().any(|cell| cell.column == used.column && cell.text == text)
    };
    own.any(|used| says(line.get(used.column)) && !(is_named && is_known(used)))
}

/// Lines at the foot that sum up or explain: they name nobody.
fn is_foot(sheet: &RollSheet, map: &LaidMap, line: &SheetLine) -> bool {
    let first = line.cells.iter().find(|cell| !cell.is_empty()).map_or("", String::as_str);
    let is_id = |used: &&ColumnUse| used.mapped.to.ends_with(questions::ID_NUMBER);
    let of_name = |used: &&ColumnUse| [questions::NAME, questions::M_NAME].contains(&used.mapped.to.as_str());
    let named = map.uses.iter().filter(is_id).any(|used| !line.get(used.column).is_empty())
        || map.uses.iter().filter(of_name).any(|used| is_name(line.get(used.column)));
    let is_word = is_foot_word(first);
    let heading = sheet.headings.iter().zip(&line.cells).filter(|(h, c)| !c.is_empty() && h == c).count();
    (is_word && !named) || heading >= 2
}

pub(super) fn households(sheet: &RollSheet, map: &LaidMap) -> Vec<RollGroup> {
    let lines = sheet.lines.iter().enumerate().filter(|(_, line)| !is_foot(sheet, map, line));
    let lines: Vec<(usize, &SheetLine)> = lines.collect();
    let mut groups = match map.layout {
        RollLayout::Household => by_lines(map, &lines),
        RollLayout::Person => by_persons(map, &lines),
    };
    groups.iter_mut().for_each(|group| with_lost(sheet, map, group));
    groups
}

/// What of several households stands once, in cells that were merged over all their lines: it is taken down for each.
const TAKEN_DOWN: [&str; 4] = [questions::WORK_UNIT, questions::ADDRESS, questions::CAUSE_MAIN, CATEGORY];

/// A spreadsheet leaves cells empty that hold something on the screen: formulas that nobody worked out, and all but the
/// first of merged ones. Nothing of that may be missing without a word.
fn with_lost(sheet: &RollSheet, map: &LaidMap, group: &mut RollGroup) {
    let heading = |used: &ColumnUse| sheet.headings.get(used.column).cloned().unwrap_or_default();
    let uses = || map.uses.iter().filter(|used| used.mapped.to != SKIP);
    for line in group.lines.iter().filter_map(|at| sheet.lines.get(*at)) {
        for used in
            uses().filter(|used| line.get(used.column).is_empty() && sheet.is_unworked(line.number, used.column))
        {
            let what = Message::new("import.unworked").with("heading", heading(used));
            group.lost.push((line.number, used.column, what));
        }
    }
    let Some(first) = group.lines.first().and_then(|at| sheet.lines.get(*at)) else { return };
    for used in uses().filter(|used| first.get(used.column).is_empty()) {
        let Some(text) = sheet.merged_from_above(first.number, used.column) else { continue };
        if TAKEN_DOWN.contains(&used.mapped.to.as_str()) && used.mapped.member.is_none() {
            group.worker.push(RollCell {
                line: first.number,
                column: used.column,
                to: used.mapped.to.clone(),
                text: text.to_owned(),
                ten_thousand: used.mapped.ten_thousand,
            });
            let what = Message::new("import.merged_taken").with("heading", heading(used));
            group.noted.push((first.number, used.column, what));
        } else {
            let what = Message::new("import.merged_over").with("heading", heading(used));
            group.lost.push((first.number, used.column, what));
        }
    }
    // Within the household what is about one person may not stand for two, nor what is of one column for another.
    for (place, line) in group.lines.iter().enumerate().filter_map(|(n, at)| Some((n, sheet.lines.get(*at)?))) {
        for used in uses().filter(|used| line.get(used.column).is_empty()) {
            let is_of_member = used.mapped.member.is_some() || used.mapped.to.starts_with("m_");
            let from_above = place > 0 && is_of_member && sheet.merged_from_above(line.number, used.column).is_some();
            if from_above || sheet.is_merged_from_left(line.number, used.column) {
                let what = Message::new("import.merged_over").with("heading", heading(used));
                group.lost.push((line.number, used.column, what));
            }
        }
    }
}

/// One line a household; lines without a worker go on with the one before.
fn by_lines(map: &LaidMap, lines: &[(usize, &SheetLine)]) -> Vec<RollGroup> {
    let of_worker = |used: &&ColumnUse| used.mapped.member.is_none() && !used.mapped.to.starts_with("m_");
    let says_who = |used: &&ColumnUse| [questions::NAME, questions::ID_NUMBER].contains(&used.mapped.to.as_str());
    let mut out: Vec<RollGroup> = Vec::new();
    for (place, line) in lines {
        let new = map.uses.iter().filter(of_worker).filter(says_who).any(|used| says(line.get(used.column)));
        if new || out.is_empty() {
            out.push(RollGroup::default());
        }
        let Some(group) = out.last_mut() else { continue };
        group.lines.push(*place);
        let known: HashMap<String, usize> = if new {
            let cells = map.uses.iter().filter(of_worker);
            group.worker.extend(cells.filter_map(|used| cell(line, used, &used.mapped.to)));
            HashMap::new()
        } else {
            if is_of_nobody(map, line, &group.worker) {
                group.wrong.push((line.number, Message::new("import.line_of_nobody")));
            }
            // What is merged down stands once; what else stands here belongs to the household all the same.
            for used in map.uses.iter().filter(of_worker) {
                let Some(more) = cell(line, used, &used.mapped.to) else { continue };
                if !group.worker.iter().any(|known| known.to == more.to) {
                    group.worker.push(more);
                }
            }
            HashMap::new()
        };
        let mut places = known;
        for used in map.uses.iter().filter(|used| !of_worker(used)) {
            let Some(cell) = cell(line, used, &used.mapped.to) else { continue };
            let MappedColumn { member, relation, child, .. } = &used.mapped;
            let label = member.clone().unwrap_or_default();
            let at = *places.entry(label.clone()).or_insert_with(|| {
                let of = OfMember { label, relation: relation.clone(), child: *child };
                group.members.push(RollMember { of, line: line.number, cells: Vec::new() });
                group.members.len() - 1
            });
            group.members[at].cells.push(cell);
        }
        group.members.retain(|member| member.cells.iter().any(|cell| says(&cell.text)));
    }
    out
}

/// One line a person: together where they have one key, else from one worker to the next.
fn by_persons(map: &LaidMap, lines: &[(usize, &SheetLine)]) -> Vec<RollGroup> {
    let headings = Headings::built_in();
    let column = |to: &str| map.uses.iter().find(|used| used.mapped.to == to).map(|used| used.column);
    let (key, relation) = (column(HOUSEHOLD), column(questions::M_RELATION));
    let is_worker =
        |line: &SheetLine| relation.is_some_and(|column| headings.meant("relation", line.get(column)) == Some("01"));
    let mut groups: Vec<Vec<(usize, &SheetLine)>> = Vec::new();
    let mut by_key: HashMap<&str, usize> = HashMap::new();
    for (place, line) in lines {
        let own = key.map(|column| line.get(column).trim()).filter(|key| !key.is_empty());
        let at = match own {
            Some(key) => *by_key.entry(key).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            }),
            // Merged down, or a roll without keys.
            None if groups.is_empty() || key.is_none() && is_worker(line) => {
                groups.push(Vec::new());
                groups.len() - 1
            }
            None => groups.len() - 1,
        };
        groups[at].push((*place, line));
    }
    groups.into_iter().map(|group| one_of_persons(map, &group, relation, &is_worker)).collect()
}

fn one_of_persons(
    map: &LaidMap,
    lines: &[(usize, &SheetLine)],
    relation: Option<usize>,
    is_worker: &dyn Fn(&SheetLine) -> bool,
) -> RollGroup {
    let headings = Headings::built_in();
    let mut group = RollGroup { lines: lines.iter().map(|(place, _)| *place).collect(), ..RollGroup::default() };
    let workers: Vec<usize> = (0..lines.len()).filter(|at| is_worker(lines[*at].1)).collect();
    let first = lines.first().map_or(0, |(_, line)| line.number);
    let worker = match (workers[..].split_first(), relation) {
        (Some((one, [])), _) => *one,
        (Some(_), _) => {
            group.wrong.push((first, Message::new("import.two_workers")));
            0
        }
        // Without a word about it the first line is the worker's.
        (None, None) => 0,
        (None, Some(column)) if lines.first().is_some_and(|(_, line)| line.get(column).is_empty()) => 0,
        (None, Some(_)) => {
            group.wrong.push((first, Message::new("import.no_worker")));
            0
        }
    };
    for (at, (_, line)) in lines.iter().enumerate() {
        if at == worker {
            let own = map.uses.iter().filter(|used| !used.mapped.to.starts_with("m_"));
            group.worker.extend(own.filter_map(|used| cell(line, used, &used.mapped.to)));
            continue;
        }
        if !is_somebody(map, line) && is_of_nobody(map, line, &[]) {
            group.wrong.push((line.number, Message::new("import.line_of_nobody")));
        }
        let mut member = RollMember { line: line.number, ..RollMember::default() };
        for used in &map.uses {
            let to = used.mapped.to.as_str();
            let of_member = if to.starts_with("m_") { Some(to) } else { headings.of_members(to) };
            match of_member {
                Some(to) => member.cells.extend(cell(line, used, to)),
                // What is the household's may stand on any of its lines.
                None => {
                    let Some(more) = cell(line, used, to) else { continue };
                    if !group.worker.iter().any(|known| known.to == more.to) {
                        group.worker.push(more);
                    }
                }
            }
        }
        if member.cells.iter().any(|cell| says(&cell.text)) {
            group.members.push(member);
        }
    }
    // The worker's own line is the last word on what is theirs.
    let own = lines.get(worker).map_or(0, |(_, line)| line.number);
    group.worker.sort_by_key(|cell| cell.line != own);
    let mut seen: Vec<(String, usize)> = Vec::new();
    group.worker.retain(|cell| {
        let known = seen.iter().any(|(to, column)| *to == cell.to && *column == cell.column);
        seen.push((cell.to.clone(), cell.column));
        !known
    });
    group
}

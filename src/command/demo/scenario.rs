//! Which stories are told. The first households are the same in every demo, so that each category, each transition and
//! *undecided* is there however few there are; the rest is drawn.

use super::dice::Dice;
use super::household::{Level, Theme};

/// What else happens to a household.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    Nothing,
    /// The survey of this round was wrong and is corrected a month later.
    Corrected(usize),
    /// In the last year two surveyors went on from the same survey, and nobody has merged them.
    Conflict,
    /// Nobody came any more: the survey is overdue.
    Overdue,
    /// Closed in this round for the reason of list `close_reason`.
    Leaves(usize, &'static str),
    /// Suspended after this round and open again before the next.
    Suspended(usize),
    /// Between this round and the next the household reports a change.
    Reports(usize),
    /// A car above the price line is found in this round.
    Car(usize),
    /// Refused at first, applies again two years later.
    ComesAgain,
}

pub struct Scenario {
    pub theme: Theme,
    /// A month of the first survey, year and month; `None`: as drawn.
    pub first: Option<(i32, u32)>,
    /// How the household stands in each round; the last level goes on.
    pub levels: Vec<Level>,
    pub turn: Turn,
    /// A unit by its code.
    pub unit: Option<&'static str>,
}

/// The stories that every demo tells.
pub fn reported() -> Vec<Scenario> {
    use Level::*;
    let tell = |theme, first, levels: &[Level], turn, unit| Scenario {
        theme,
        first: Some(first),
        levels: levels.to_vec(),
        turn,
        unit,
    };
    vec![
        tell(Theme::Illness, (2016, 3), &[Deep, Deep, Relative, Relative, Deep], Turn::Corrected(2), Some("JH12")),
        tell(Theme::Schooling, (2017, 9), &[Relative, Relative, Deep, Relative], Turn::Reports(1), Some("JH15")),
        tell(Theme::Accident, (2018, 6), &[Accident, Over, Over], Turn::Nothing, Some("JH21")),
        tell(Theme::LaidOff, (2021, 4), &[Relative, Relative, Watch, Watch, Over], Turn::Nothing, Some("JH32")),
        tell(Theme::SpouseIll, (2022, 5), &[Refused, Deep, Deep], Turn::Nothing, Some("JH11")),
        tell(Theme::Disability, (2019, 2), &[Deep], Turn::Overdue, Some("JH14")),
        tell(Theme::SingleParent, (2023, 3), &[Deep, Deep, Relative], Turn::Conflict, Some("JH13")),
        tell(Theme::LaidOff, (2020, 7), &[Over, Deep, Relative], Turn::ComesAgain, Some("JH61")),
        tell(Theme::Accident, (2024, 8), &[Accident, Accident, Over, Over], Turn::Nothing, Some("JH31")),
        tell(Theme::Illness, (2017, 1), &[Deep, Relative, Deep], Turn::Leaves(4, "02"), Some("JH41")),
        tell(Theme::Schooling, (2019, 11), &[Relative, Deep, Relative], Turn::Suspended(2), Some("JH0103")),
        tell(Theme::LaidOff, (2022, 10), &[Relative, Deep, Deep], Turn::Car(2), Some("JH62")),
        tell(Theme::Illness, (2026, 1), &[Refused], Turn::Overdue, Some("JH12")),
        tell(Theme::SpouseIll, (2016, 10), &[Over], Turn::Nothing, Some("JH51")),
        tell(Theme::Disability, (2018, 12), &[Deep, Refused, Deep, Relative], Turn::Nothing, Some("JH15")),
    ]
}

/// A story out of the generator.
pub fn drawn(dice: &mut Dice) -> Scenario {
    let theme = dice.pick_common(&[
        Some(Theme::Illness),
        Some(Theme::LaidOff),
        Some(Theme::Schooling),
        Some(Theme::SpouseIll),
        Some(Theme::Disability),
        Some(Theme::SingleParent),
        Some(Theme::Accident),
    ]);
    let theme = theme.unwrap_or(Theme::Illness);
    let mut level = match dice.between(1, 100) {
        _ if theme == Theme::Accident => Level::Accident,
        1..=45 => Level::Deep,
        46..=84 => Level::Relative,
        85..=90 => Level::Accident,
        91..=93 => Level::Refused,
        _ => Level::Over,
    };
    let mut levels = vec![level];
    for _ in 0..24 {
        level = next_level(dice, level);
        levels.push(level);
    }
    let round = dice.between(1, 5) as usize;
    let turn = match dice.between(1, 100) {
        1..=8 => Turn::Corrected(round),
        9..=11 => Turn::Leaves(round, dice.pick_common(&["03", "02", "04", "07", "09", "08"])),
        12..=19 => Turn::Reports(round),
        20..=23 => Turn::Suspended(round),
        24..=25 => Turn::Car(round),
        26..=31 => Turn::Overdue,
        32..=33 => Turn::ComesAgain,
        _ => Turn::Nothing,
    };
    Scenario { theme, first: None, levels, turn, unit: None }
}

fn next_level(dice: &mut Dice, level: Level) -> Level {
    let drawn = dice.between(1, 100);
    match (level, drawn) {
        (Level::Deep, 1..=80) => Level::Deep,
        (Level::Deep, 81..=98) => Level::Relative,
        (Level::Relative, 1..=66) => Level::Relative,
        (Level::Relative, 67..=80) => Level::Deep,
        (Level::Relative, 81..=84) => Level::Accident,
        (Level::Relative, 85..=92) => Level::Watch,
        (Level::Accident, 1..=30) => Level::Relative,
        (Level::Refused, 1..=60) => Level::Deep,
        (Level::Refused, _) => Level::Relative,
        (Level::Watch, 1..=40) => Level::Watch,
        (Level::Watch, 41..=52) => Level::Relative,
        _ => Level::Over,
    }
}

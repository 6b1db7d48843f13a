//! Legal retirement, as the form's check on question 93 needs it: an age at which everybody has reached it.
//!
//! Source: 全国人民代表大会常务委员会关于实施渐进式延迟法定退休年龄的决定 (13 September 2024), in force from 1 January
//! 2025: men from 60 and women cadres from 55 by one month in every four, up to 63 and 58; women workers from 50 by one
//! month in every two, up to 55.

use super::Day;

/// The whole years at which, on `day`, every man (`women`: every woman) has reached legal retirement. Below it some may
/// not have. For women it goes by cadres, the later of the two: the form does not ask which, and must not refuse who may
/// still work.
pub fn reached_by(women: bool, day: Day) -> u32 {
    let from = if women { 55 * 12 } else { 60 * 12 };
    let months = (day.year() - 2025) * 12 + i32::try_from(day.month()).unwrap_or(1) - 1;
    let later = if months < 0 { 0 } else { u32::try_from(months / 4 + 1).unwrap_or(0).min(36) };
    (from + later).div_ceil(12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retirement_moves_a_month_in_every_four_from_2025_on() {
        for (day, men, women) in [
            ("2016-06-01", 60, 55),
            ("2024-12-31", 60, 55),
            ("2025-01-01", 61, 56),
            // Twelve months later than before: the last third of 2028.
            ("2028-12-31", 61, 56),
            ("2029-01-01", 62, 57),
            ("2036-12-31", 63, 58),
            ("2060-01-01", 63, 58),
        ] {
            let day = Day::from_iso(day).unwrap();
            assert_eq!((reached_by(false, day), reached_by(true, day)), (men, women), "{day}");
        }
    }
}

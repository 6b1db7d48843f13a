//! "Did you mean": the known name that looks most like the one found.

/// Calls what it is given with every known name.
type Each<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&str));

/// The nearest of the names that `each` tells, if it is near enough to be meant. The same letters in another case are
/// nearer than any change.
pub(super) fn nearest(name: &str, each: Each<'_>) -> Option<String> {
    const LONGEST: usize = 64;
    let wanted: Vec<char> = name.chars().flat_map(char::to_lowercase).take(LONGEST).collect();
    let most = (wanted.len() / 3).clamp(1, 4);
    let mut best: Option<(usize, String)> = None;
    each(&mut |known| {
        let limit = best.as_ref().map_or(most, |(distance, _)| distance.saturating_sub(1));
        if known.len() > 4 * LONGEST {
            return;
        }
        let letters: Vec<char> = known.chars().flat_map(char::to_lowercase).collect();
        if letters.len().abs_diff(wanted.len()) > limit {
            return;
        }
        let distance = distance(&wanted, &letters);
        if distance <= limit && best.as_ref().is_none_or(|(d, _)| distance < *d) {
            best = Some((distance, known.to_owned()));
        }
    });
    best.map(|(_, known)| known)
}

/// Letters to be changed, added, left out, or swapped with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let changed = last[j] + usize::from(x != y);
            let mut least = changed.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let known = ["m_health", "m_disease", "count-selected", "income"];
        let found = |name: &str| nearest(name, &mut |tell| known.iter().for_each(|k| tell(k)));
        assert_eq!(found("m_helth").as_deref(), Some("m_health"));
        assert_eq!(found("m_haelth").as_deref(), Some("m_health"));
        assert_eq!(found("Income").as_deref(), Some("income"));
        assert_eq!(found("count_selected").as_deref(), Some("count-selected"));
        assert_eq!(found("zzz"), None);
    }
}

//! "Did you mean": the known word that looks most like the one found.

/// No word is compared beyond this many letters.
const LONGEST: usize = 64;

/// The nearest of the known words, if it is near enough to be meant: at most a third of the letters, and at most `most`,
/// are wrong, missing, added or swapped with their neighbour. The same letters in another case are nearer than any change;
/// of equally near words the first.
pub fn nearest<'n>(word: &str, most: usize, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    let plain = |text: &str| text.to_lowercase().chars().take(LONGEST).collect::<String>();
    let wanted = plain(word);
    let most = (wanted.chars().count() / 3).clamp(1, most.max(1));
    known
        .into_iter()
        .filter(|known| *known != word && known.len() <= 4 * LONGEST)
        .map(|known| (strsim::osa_distance(&wanted, &plain(known)), known))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_a_far_one_is_not() {
        let known = ["m_health", "m_disease", "count-selected", "income"];
        let found = |name: &str| nearest(name, 4, known);
        assert_eq!(found("m_helth").as_deref(), Some("m_health"));
        assert_eq!(found("m_haelth").as_deref(), Some("m_health"));
        assert_eq!(found("Income").as_deref(), Some("income"));
        assert_eq!(found("count_selected").as_deref(), Some("count-selected"));
        assert_eq!(found("zzz"), None);
        assert_eq!(found("income"), None, "what is there already is not meant instead");
    }

    #[test]
    fn a_third_of_the_letters_may_be_wrong_and_never_more_than_is_allowed() {
        assert_eq!(nearest("abcdef", 2, ["abcdxy"]).as_deref(), Some("abcdxy"));
        assert_eq!(nearest("abcdef", 1, ["abcdxy"]), None);
        assert_eq!(nearest("abcde", 2, ["abcxy"]), None, "a third of five letters is one");
    }
}

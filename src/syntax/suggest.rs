//! "Did you mean": the nearest of some known words.
//!
//! Nearness is the Damerau-Levenshtein distance, in which swapping two neighbouring letters counts
//! as one slip (Damerau 1964); upper and lower case count as equal.

/// The known word nearest to a wrong one, if it is near enough: at most one slip for each three
/// letters, and one slip in any case. The first of equally near words wins.
#[must_use]
pub fn closest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A word this long is no slip of the pen, and the distance costs the product of the lengths.
    const LONGEST: usize = 80;
    let length = wrong.chars().take(LONGEST + 1).count();
    if length == 0 || length > LONGEST {
        return None;
    }
    let wrong = wrong.to_lowercase();
    let allowed = (length / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate.len() > 4 * LONGEST {
            continue;
        }
        let distance = strsim::damerau_levenshtein(&wrong, &candidate.to_lowercase());
        // One slip in a word of one letter is another word.
        let near = distance <= allowed && distance < length;
        if near && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// The question ``did you mean `x`?`` for the nearest known word, if any is near enough.
#[must_use]
pub fn did_you_mean<'a>(
    wrong: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    closest(wrong, candidates).map(|near| format!("did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let known = ["lag_days", "lead", "weight", "US", "CN"];
        assert_eq!(closest("lag_day", known), Some("lag_days"));
        assert_eq!(closest("wieght", known), Some("weight"), "a swap is one slip");
        assert_eq!(closest("LEAD", known), Some("lead"));
        assert_eq!(closest("us", known), Some("US"));
        assert_eq!(closest("x", known), None);
        assert_eq!(closest("", known), None);
        assert_eq!(closest("something_else", known), None);
        assert_eq!(closest(&"w".repeat(1_000_000), known), None);
        assert_eq!(did_you_mean("laed", known).unwrap(), "did you mean `lead`?");
    }

    #[test]
    fn the_first_of_equals_wins() {
        assert_eq!(closest("bat", ["cat", "hat"]), Some("cat"));
    }
}

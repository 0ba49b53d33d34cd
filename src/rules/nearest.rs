//! What someone most likely meant by a name that nothing has.

/// No name that is compared is longer, in bytes: comparing takes time in the product of the lengths.
const LONGEST: usize = 60;

/// The known name that a wrong one most likely stands for.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wrong.len() > LONGEST {
        return None;
    }
    let lower = wrong.to_lowercase();
    let allowed = 1 + wrong.len() / 4;
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let known = ["startTime", "endTime", "days", "every"];
        for (wrong, near) in [
            ("starttime", Some("startTime")),
            ("endTme", Some("endTime")),
            ("day", Some("days")),
            ("color", None),
            ("x", None),
        ] {
            assert_eq!(nearest(wrong, known), near, "{wrong}");
        }
        assert_eq!(nearest(&"x".repeat(1_000_000), known), None);
    }
}

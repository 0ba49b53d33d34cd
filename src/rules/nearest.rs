//! What someone most likely meant by a name that nothing has.

/// No name that is compared is longer, in bytes: comparing takes time in the product of the lengths.
const LONGEST: usize = 60;

/// The known name that a wrong one most likely stands for: the closest, or the only one that it abbreviates.
pub fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if wrong.len() > LONGEST {
        return None;
    }
    let lower = wrong.to_lowercase();
    let allowed = 1 + wrong.len() / 4;
    let known: Vec<(String, &str)> = known.into_iter().map(|name| (name.to_lowercase(), name)).collect();
    let closest = known
        .iter()
        .map(|(known, name)| (strsim::damerau_levenshtein(&lower, known), *name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name);
    closest.or_else(|| {
        let mut abbreviated = known.iter().filter(|(known, _)| lower.len() > 1 && known.starts_with(&lower));
        let (_, name) = abbreviated.next()?;
        abbreviated.next().is_none().then_some(*name)
    })
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
            ("ev", Some("every")),
            ("e", None),
            ("color", None),
            ("x", None),
        ] {
            assert_eq!(nearest(wrong, known), near, "{wrong}");
        }
        assert_eq!(nearest(&"x".repeat(1_000_000), known), None);
    }
}

//! Which schedules a document is about.

use std::collections::BTreeMap;

/// Labels that a schedule must have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selector {
    /// Each of them, with exactly this value; none matches every schedule.
    pub match_labels: BTreeMap<String, String>,
}

impl Selector {
    /// Whether a schedule with these labels is meant.
    pub fn matches(&self, labels: &BTreeMap<String, String>) -> bool {
        self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_label_must_be_there_with_its_value() {
        let labels = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<BTreeMap<_, _>>()
        };
        let schedule = labels(&[("team", "retention"), ("region", "us")]);
        for (wanted, matches) in [
            (labels(&[]), true),
            (labels(&[("region", "us")]), true),
            (labels(&[("region", "us"), ("team", "retention")]), true),
            (labels(&[("region", "us"), ("team", "sales")]), false),
            (labels(&[("region", "US")]), false),
            (labels(&[("country", "us")]), false),
        ] {
            assert_eq!(Selector { match_labels: wanted.clone() }.matches(&schedule), matches, "{wanted:?}");
        }
    }
}

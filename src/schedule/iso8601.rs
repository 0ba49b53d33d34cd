//! Local times as ISO 8601 writes them.

use chrono::{NaiveDateTime, SubsecRound as _};

/// For example `2027-03-01T09:00:00`. Fractions of a second are left out.
pub fn iso8601(local: NaiveDateTime) -> String {
    // Without a pattern, which would be read anew for each of the many times of a plan.
    format!("{:?}", local.trunc_subsecs(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_fields_are_there_and_nothing_else() {
        for text in ["2027-03-01T09:00:00", "2027-12-31T23:59:59", "0001-01-01T00:00:00"] {
            let local: NaiveDateTime = text.parse().unwrap();
            assert_eq!(iso8601(local), text);
            assert_eq!(iso8601(local + chrono::TimeDelta::milliseconds(7)), text);
        }
    }
}

//! A set of days of the week.

use chrono::Weekday;

/// A set of days of the week, Monday first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Weekdays(u8);

/// The days in their order, with the names that manifests and the API use.
pub const NAMES: [(Weekday, &str); 7] = [
    (Weekday::Mon, "Monday"),
    (Weekday::Tue, "Tuesday"),
    (Weekday::Wed, "Wednesday"),
    (Weekday::Thu, "Thursday"),
    (Weekday::Fri, "Friday"),
    (Weekday::Sat, "Saturday"),
    (Weekday::Sun, "Sunday"),
];

impl Weekdays {
    /// All seven days.
    pub const ALL: Self = Self(0b111_1111);

    /// Whether the day is in the set.
    pub const fn contains(self, day: Weekday) -> bool {
        self.0 & 1 << day.num_days_from_monday() != 0
    }

    /// Whether there is no day in the set.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many days are in the set.
    pub const fn len(self) -> u32 {
        self.0.count_ones()
    }

    /// The days of both sets.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The days of the set, Monday first.
    pub fn iter(self) -> impl Iterator<Item = Weekday> {
        NAMES.into_iter().map(|(day, _)| day).filter(move |day| self.contains(*day))
    }

    /// The full English names of the days, Monday first.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        NAMES.into_iter().filter(move |(day, _)| self.contains(*day)).map(|(_, name)| name)
    }

    /// The day with this full English name.
    pub fn day_named(name: &str) -> Option<Weekday> {
        NAMES.into_iter().find(|(_, known)| *known == name).map(|(day, _)| day)
    }
}

impl FromIterator<Weekday> for Weekdays {
    fn from_iter<I: IntoIterator<Item = Weekday>>(days: I) -> Self {
        days.into_iter().fold(Self::default(), |set, day| Self(set.0 | 1 << day.num_days_from_monday()))
    }
}

/// Days by their full English names in short: `Mon-Fri` for days in a row, at least three of them; `Tue, Thu` otherwise.
pub fn short_days(days: &[&str]) -> String {
    let mut runs: Vec<Vec<&str>> = Vec::new();
    let mut gap = true;
    for (_, name) in NAMES {
        if !days.contains(&name) {
            gap = true;
            continue;
        }
        let short = name.get(..3).unwrap_or(name);
        match runs.last_mut() {
            Some(run) if !gap => run.push(short),
            _ => runs.push(vec![short]),
        }
        gap = false;
    }
    let texts = runs.iter().map(|run| match run.as_slice() {
        [first, _, .., last] => format!("{first}-{last}"),
        few => few.join(", "),
    });
    texts.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_days_in_week_order_whatever_order_they_came_in() {
        let set: Weekdays = [Weekday::Sun, Weekday::Mon, Weekday::Mon].into_iter().collect();
        assert_eq!(set.names().collect::<Vec<_>>(), ["Monday", "Sunday"]);
        assert_eq!(set.len(), 2);
        assert_eq!(NAMES.iter().map(|(day, _)| *day).collect::<Weekdays>(), Weekdays::ALL);
    }

    #[test]
    fn days_in_a_row_are_put_together() {
        for (days, short) in [
            (vec!["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"], "Mon-Fri"),
            (vec!["Tuesday", "Thursday"], "Tue, Thu"),
            (vec!["Saturday", "Sunday"], "Sat, Sun"),
            (vec!["Monday", "Tuesday", "Wednesday", "Sunday"], "Mon-Wed, Sun"),
        ] {
            assert_eq!(short_days(&days), short);
        }
    }
}

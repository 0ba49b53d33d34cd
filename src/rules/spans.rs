//! Spans of local time in words.

use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike, Weekday};

use crate::schedule::Weekdays;

/// A span of local time as people say it: `Monday 12:00-13:00`, over several days with dates.
pub fn weekly(start: NaiveDateTime, end: NaiveDateTime) -> String {
    let day = day_name(start.weekday());
    if end - start > TimeDelta::days(1) {
        return format!("{day} {} to {} {}", dated(start), day_name(end.weekday()), dated(end));
    }
    let until = if end.num_seconds_from_midnight() == 0 { "24:00".to_owned() } else { clock(end) };
    format!("{day} {}-{until}", clock(start))
}

/// A local time with its date, for example `2027-03-01 12:00`.
pub fn dated(time: NaiveDateTime) -> String {
    format!("{} {}", time.date(), clock(time))
}

/// The wall clock alone, with seconds only when there are some.
pub fn clock(time: NaiveDateTime) -> String {
    let format = if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    time.format(format).to_string()
}

/// The full English name of a day.
pub fn day_name(day: Weekday) -> &'static str {
    Weekdays::from_iter([day]).names().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_read_as_people_say_them() {
        for (start, end, text) in [
            ("2027-03-01T12:00:00", "2027-03-01T13:00:30", "Monday 12:00-13:00:30"),
            ("2027-03-01T22:00:00", "2027-03-02T02:00:00", "Monday 22:00-02:00"),
            ("2027-03-01T22:00:00", "2027-03-02T00:00:00", "Monday 22:00-24:00"),
            ("2027-03-01T22:00:00", "2027-03-03T02:00:00", "Monday 2027-03-01 22:00 to Wednesday 2027-03-03 02:00"),
        ] {
            assert_eq!(weekly(start.parse().unwrap(), end.parse().unwrap()), text);
        }
    }
}

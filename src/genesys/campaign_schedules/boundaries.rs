//! The span in which a schedule is valid: local dates here, instants on the wire.
//!
//! An occurrence belongs to the date on which it starts, so an overnight slot of the last date runs past
//! the end of the span.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, SecondsFormat, Timelike, Utc};

use crate::schedule::Zone;

/// Writes the instant at which a local date begins.
pub(super) fn beginning(date: NaiveDate, zone: Zone) -> String {
    zone.start_of_day(date).to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Writes the instant at which a local date ends. `None` at the end of the calendar.
pub(super) fn ending(date: NaiveDate, zone: Zone) -> Option<String> {
    Some(beginning(date.checked_add_days(Days::new(1))?, zone))
}

/// A boundary as read: a local date, and how many seconds of its wall clock have passed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Boundary {
    date: NaiveDate,
    seconds: u32,
}

impl Boundary {
    /// Reads an instant (RFC 3339), a local time, or a local date.
    pub(super) fn read(text: &str, zone: Zone) -> Result<Self, String> {
        let local = if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            zone.local(instant.with_timezone(&Utc))
        } else if let Ok(local) = text.parse::<NaiveDateTime>() {
            local
        } else {
            let date =
                text.parse::<NaiveDate>().map_err(|_| format!("`{text}` is not a time that this program reads"))?;
            date.into()
        };
        let date = local.date();
        // Where the clock jumps over midnight, the day begins later than 00:00.
        let begins = zone.instant(local) == zone.start_of_day(date);
        Ok(Self { date, seconds: if begins { 0 } else { local.num_seconds_from_midnight() } })
    }

    /// The first date that lies wholly after the boundary for a slot between these seconds of the day.
    /// `None` when the boundary cuts the slot, or at the end of the calendar.
    fn first_date(self, from: u32, to: u32) -> Option<NaiveDate> {
        match self.seconds {
            seconds if seconds <= from => Some(self.date),
            seconds if seconds >= to => self.date.checked_add_days(Days::new(1)),
            _ => None,
        }
    }

    /// The first date on which a slot between these seconds of the day may start.
    pub(super) fn first(self, from: u32, to: u32) -> Result<NaiveDate, String> {
        self.first_date(from, to).ok_or_else(|| "its startTime lies within a slot".to_owned())
    }

    /// The last date on which a slot between these seconds of the day may start.
    pub(super) fn last(self, from: u32, to: u32) -> Result<NaiveDate, String> {
        let after = self.first_date(from, to).and_then(|date| date.checked_sub_days(Days::new(1)));
        after.ok_or_else(|| "its endTime lies within a slot".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_belongs_to_the_side_of_a_slot_on_which_it_lies() {
        let zone = Zone::named("America/New_York").unwrap();
        // A slot from 09:00 to 13:00.
        let (from, to) = (9 * 3600, 13 * 3600);
        for (text, first) in [
            ("2027-07-01T04:00:00Z", Some("2027-07-01")),
            ("2027-07-01T03:59:59Z", Some("2027-07-01")),
            ("2027-07-01T13:00:00Z", Some("2027-07-01")),
            ("2027-07-01T13:00:01Z", None),
            ("2027-07-01T17:00:00Z", Some("2027-07-02")),
            ("2027-07-01T00:00:00-04:00", Some("2027-07-01")),
            ("2027-07-01T00:00:00", Some("2027-07-01")),
            ("2027-07-01", Some("2027-07-01")),
        ] {
            let boundary = Boundary::read(text, zone).unwrap();
            assert_eq!(boundary.first(from, to).ok().map(|date| date.to_string()).as_deref(), first, "{text}");
        }
        let end = Boundary::read("2027-07-01T04:00:00Z", zone).unwrap();
        assert_eq!(end.last(from, to).map(|date| date.to_string()), Ok("2027-06-30".into()));
        assert!(Boundary::read("next week", zone).is_err());
    }

    #[test]
    fn a_day_that_begins_after_midnight_is_a_whole_day() {
        // Cairo's clock jumps from 00:00 to 01:00 on the last Friday of April.
        let zone = Zone::named("Africa/Cairo").unwrap();
        let date: NaiveDate = "2027-04-30".parse().unwrap();
        let boundary = Boundary::read(&beginning(date, zone), zone).unwrap();
        assert_eq!(boundary.first(1800, 3600), Ok(date));
    }
}

//! A local time of one zone on the clock of another.

use chrono::NaiveDateTime;

use super::Zone;

impl Zone {
    /// A local time of this zone on the clock of another. Of two moments that the other clock shows alike it
    /// stands for the earlier, so that a span which begins with it never begins too late.
    pub fn early_on(self, other: Self, time: NaiveDateTime) -> NaiveDateTime {
        if self == other { time } else { other.local(self.instant(time)) }
    }

    /// A local time of this zone on the clock of another. The later of two moments that the other clock shows
    /// alike reads as the earlier, so it moves on past both: a span which ends with it never ends too soon.
    pub fn late_on(self, other: Self, time: NaiveDateTime) -> NaiveDateTime {
        if self == other {
            return time;
        }
        let moment = self.instant(time);
        let local = other.local(moment);
        local.checked_add_signed(moment - other.instant(local)).unwrap_or(local)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_another_clock_is_set_back_a_span_never_shrinks() {
        let (utc, new_york) = (Zone::utc(), Zone::named("America/New_York").unwrap());
        let at = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        // New York shows 01:00 to 02:00 twice: at 05:00Z and at 06:00Z.
        for (time, early, late) in [
            ("2027-11-07T04:30:00", "2027-11-07T00:30:00", "2027-11-07T00:30:00"),
            ("2027-11-07T05:30:00", "2027-11-07T01:30:00", "2027-11-07T01:30:00"),
            ("2027-11-07T06:30:00", "2027-11-07T01:30:00", "2027-11-07T02:30:00"),
            ("2027-11-07T07:00:00", "2027-11-07T02:00:00", "2027-11-07T02:00:00"),
        ] {
            assert_eq!(utc.early_on(new_york, at(time)), at(early), "{time}");
            assert_eq!(utc.late_on(new_york, at(time)), at(late), "{time}");
            assert_eq!(new_york.late_on(new_york, at(time)), at(time));
        }
    }
}

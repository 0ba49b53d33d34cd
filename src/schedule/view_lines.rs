//! A schedule in a few lines, for people: what does not differ stands on the same line.

use super::view::{ScheduleView, SlotView, SpanView};
use super::weekdays::short_days;

impl ScheduleView {
    /// The schedule in lines: its name, its zone, then a line for each window and each exception.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(self.name.as_ref().map(|name| format!("name {}", name.escape_debug())));
        lines.push(format!("zone {}", self.timetable.timezone));
        for slot in &self.timetable.daily_slots {
            lines.push(slot.line());
            lines.extend(slot.exclusions.iter().map(|span| format!("  not {}", span.text())));
            lines.extend(slot.inclusions.iter().map(|span| format!("  also {}", span.text())));
        }
        lines.extend(self.timetable.intervals.iter().map(|span| format!("once {}", span.text())));
        lines.extend(self.capacity.map(|stored| format!("at most {} calls, {} agents", stored.calls, stored.agents)));
        lines
    }
}

impl SlotView {
    /// For example `slot 09:00-13:00 Mon-Fri from 2027-03-01 to 2027-06-30`.
    fn line(&self) -> String {
        let mut line = format!("slot {}-{}", self.start_time, self.end_time);
        if let Some(days) = self.lasts_days {
            line.push_str(&format!(" {days} days later"));
        }
        match (&self.days, self.every) {
            (None, None) => line.push_str(" daily"),
            (None, Some(every)) => line.push_str(&format!(" every {every} days")),
            (Some(days), None) => line.push_str(&format!(" {}", short_days(days))),
            (Some(days), Some(every)) => line.push_str(&format!(" {} every {every} weeks", short_days(days))),
        }
        line.push_str(&format!(" from {}", self.start_date));
        if let Some(end) = &self.end_date {
            line.push_str(&format!(" to {end}"));
        }
        if let Some(occurrences) = self.occurrences {
            line.push_str(&format!(", {occurrences} times"));
        }
        if let Some(zone) = self.timezone {
            line.push_str(&format!(" in {zone}"));
        }
        line
    }
}

impl SpanView {
    fn text(&self) -> String {
        let short = |time: &str| time.strip_suffix(":00").unwrap_or(time).replace('T', " ");
        let day = self.start.split_once('T').map(|(day, _)| day);
        let end =
            self.end.split_once('T').filter(|(end_day, _)| Some(*end_day) == day).map_or(&*self.end, |(_, time)| time);
        format!("{} to {}", short(&self.start), short(end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_within_a_day_names_the_day_once() {
        for (start, end, text) in [
            ("2027-05-01T10:00:00", "2027-05-01T14:00:00", "2027-05-01 10:00 to 14:00"),
            ("2027-05-01T22:00:30", "2027-05-02T06:00:00", "2027-05-01 22:00:30 to 2027-05-02 06:00"),
        ] {
            assert_eq!(SpanView { start: start.to_owned(), end: end.to_owned() }.text(), text);
        }
    }
}

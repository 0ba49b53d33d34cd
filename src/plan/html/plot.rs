//! A demand over a week as steps, before and after, with the limit as a line and the peak marked.

use std::fmt::{self, Display};

use chrono::NaiveDate;

use super::escape::text;
use crate::schedule::demand::Step;
use crate::schedule::local_day::LocalDay;
use crate::schedule::{Occurrence, Zone};

/// Quarters of an hour of a day.
pub const QUARTERS: usize = 96;

const QUARTER_SECONDS: i64 = 900;

/// The height of the picture; its width is the quarters of the week.
const HEIGHT: u64 = 1000;

/// A demand over a week.
pub struct Series {
    /// What is asked for: `calls` or `agents`.
    pub name: &'static str,
    /// How many there are.
    pub limit: u64,
    /// For each quarter of an hour of the week its highest demand, before.
    pub before: Vec<u64>,
    /// After.
    pub after: Vec<u64>,
    /// The highest demand, and the first time of it, before.
    pub most_before: Option<(u64, Occurrence)>,
    /// After.
    pub most_after: Option<(u64, Occurrence)>,
}

/// The highest demand within each quarter of an hour of the days' own clock: what a picture can show.
pub fn profile(steps: &[Step], days: &[LocalDay], of: fn(&Step) -> u64) -> Vec<u64> {
    let mut profile = vec![0; days.len() * QUARTERS];
    for (step, (n, day)) in steps.iter().flat_map(|step| days.iter().enumerate().map(move |day| (step, day))) {
        for (from, until) in day.stretches(step.span) {
            for quarter in from / QUARTER_SECONDS..=(until - 1) / QUARTER_SECONDS {
                let place = usize::try_from(quarter).ok().map(|quarter| n * QUARTERS + quarter);
                if let Some(highest) = place.and_then(|place| profile.get_mut(place)) {
                    *highest = of(step).max(*highest);
                }
            }
        }
    }
    profile
}

/// What the lines of all plots mean.
pub fn legend() -> impl Display {
    let marks = [("after", "after"), ("before", "before"), ("limit", "what the pool has"), ("peak", "highest, after")];
    fmt::from_fn(move |f| {
        f.write_str("<ul class=\"legend\" aria-label=\"Lines of the plots\">\n")?;
        for (class, word) in marks {
            let shape = match class {
                "after" => "<path class=\"after\" d=\"M0 24V8H40V24\"/>",
                "peak" => "<circle class=\"peak\" cx=\"20\" cy=\"12\" r=\"4\"/>",
                "before" => "<path class=\"before\" d=\"M0 12H40\"/>",
                _ => "<path class=\"limit\" d=\"M0 12H40\"/>",
            };
            writeln!(f, "<li><svg viewBox=\"0 0 40 24\" aria-hidden=\"true\">{shape}</svg> {word}</li>")?;
        }
        f.write_str("</ul>\n")
    })
}

/// The plot of one series.
pub fn plot(series: &Series, days: &[NaiveDate], zone: Zone) -> impl Display {
    fmt::from_fn(move |f| {
        let highest = |side: &[u64]| side.iter().max().copied().unwrap_or_default();
        // A quarter of the limit above the highest leaves room for the words at it.
        let top = highest(&series.before).max(highest(&series.after)).max(series.limit).max(1) * 5 / 4 + 1;
        let scale = Scale { top, width: series.after.len() };
        write!(
            f,
            "<div class=\"plot\">\n<p>{}</p>\n<svg class=\"load\" aria-hidden=\"true\">",
            text(&in_words(series, zone))
        )?;
        write!(f, "<svg viewBox=\"0 0 {} {HEIGHT}\" preserveAspectRatio=\"none\">", scale.width)?;
        write!(f, "<path class=\"after\" d=\"{}\"/>", scale.steps(&series.after))?;
        if series.before != series.after {
            write!(f, "<path class=\"before\" d=\"{}\"/>", scale.steps(&series.before))?;
        }
        let limit = scale.percent(series.limit);
        write!(f, "</svg><line class=\"limit\" x1=\"0\" x2=\"100%\" y1=\"{limit}\" y2=\"{limit}\"/>")?;
        let most = highest(&series.after);
        let peak = series.after.iter().position(|one| *one == most).filter(|_| most > 0);
        let is_early = peak.is_some_and(|peak| peak * 2 < scale.width);
        let (x, anchor) = if is_early { ("100%", "end") } else { ("0", "start") };
        write!(
            f,
            "<text class=\"limit\" x=\"{x}\" y=\"{limit}\" dy=\"-5\" text-anchor=\"{anchor}\">{} {}</text>",
            series.limit, series.name
        )?;
        if let Some(peak) = peak {
            let over = if most > series.limit { " over" } else { "" };
            let (x, y) = (scale.across(peak), scale.percent(most));
            let (anchor, dx) = if is_early { ("start", "8") } else { ("end", "-8") };
            write!(f, "<circle class=\"peak{over}\" cx=\"{x}\" cy=\"{y}\" r=\"4\"/>")?;
            write!(
                f,
                "<text class=\"peak{over}\" x=\"{x}\" y=\"{y}\" dx=\"{dx}\" dy=\"-5\" text-anchor=\"{anchor}\">{most}</text>"
            )?;
        }
        f.write_str("</svg>\n<ol aria-hidden=\"true\">")?;
        for date in days {
            write!(f, "<li>{} <span>{}</span></li>", date.format("%a"), date.format("%m-%d"))?;
        }
        f.write_str("</ol>\n</div>\n")
    })
}

/// For example `Calls: at most 38 of 40, from Tue 2027-03-02 13:00 to 15:30; before at most 30`.
fn in_words(series: &Series, zone: Zone) -> String {
    let (name, limit) = (series.name, series.limit);
    let before = match series.most_before {
        _ if series.before == series.after => String::new(),
        None => "; before none".to_owned(),
        Some((most, span)) => format!("; before at most {most}, {}", span.in_words(zone)),
    };
    match series.most_after {
        None => format!("{name}: none of {limit}{before}"),
        Some((most, span)) => {
            let too_many = most.checked_sub(limit).filter(|more| *more > 0);
            let too_many = too_many.map(|more| format!(", {more} too many")).unwrap_or_default();
            format!("{name}: at most {most} of {limit}{too_many}, {}{before}", span.in_words(zone))
        }
    }
}

struct Scale {
    /// The demand at the upper edge.
    top: u64,
    /// Quarters of an hour at the right edge.
    width: usize,
}

impl Scale {
    /// How far from the upper edge a demand is, of [`HEIGHT`].
    fn down(&self, demand: u64) -> u64 {
        HEIGHT - demand * HEIGHT / self.top.max(1)
    }

    fn percent(&self, demand: u64) -> String {
        format!("{:.1}%", self.down(demand) as f64 / HEIGHT as f64 * 100.0)
    }

    fn across(&self, quarter: usize) -> String {
        format!("{:.1}%", quarter as f64 / self.width.max(1) as f64 * 100.0)
    }

    /// A line along the tops of the steps, up from the ground and back to it for each part of the week with a demand.
    fn steps(&self, profile: &[u64]) -> String {
        let mut path = String::new();
        let (mut at, mut is_up) = (0, false);
        for run in profile.chunk_by(|a, b| a == b) {
            let demand = run.first().copied().unwrap_or_default();
            match (is_up, demand) {
                (false, 1..) => path.extend([format!("M{at} {HEIGHT}V{}", self.down(demand))]),
                (true, 1..) => path.extend([format!("V{}", self.down(demand))]),
                (true, 0) => path.extend([format!("V{HEIGHT}")]),
                (false, 0) => {}
            }
            (at, is_up) = (at + run.len(), demand > 0);
            if is_up {
                path.extend([format!("H{at}")]);
            }
        }
        if is_up {
            path.extend([format!("V{HEIGHT}")]);
        }
        path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(start: &str, end: &str, calls: u64) -> Step {
        let span = Occurrence { start: start.parse().unwrap(), end: end.parse().unwrap() };
        Step { span, calls, agents: 1 }
    }

    #[test]
    fn a_quarter_shows_its_highest_demand() {
        let date: NaiveDate = "2027-11-07".parse().unwrap();
        let day = LocalDay::of(Zone::named("America/New_York").unwrap(), date);
        let steps = [
            // The hour that happens twice, less the second time.
            step("2027-11-07T05:00:00Z", "2027-11-07T05:20:00Z", 5),
            step("2027-11-07T05:20:00Z", "2027-11-07T05:25:00Z", 7),
            step("2027-11-07T06:00:00Z", "2027-11-07T06:15:00Z", 3),
        ];
        let profile = profile(&steps, &[day], |step| step.calls);
        let first: Vec<u64> = profile.iter().skip(3).take(5).copied().collect();
        assert_eq!((profile.len(), first), (QUARTERS, vec![0, 5, 7, 0, 0]));
    }

    #[test]
    fn steps_stand_on_the_ground_where_there_is_a_demand() {
        let scale = Scale { top: 10, width: 6 };
        for (profile, path) in [
            (&[0, 0, 0][..], ""),
            (&[5, 5, 10], "M0 1000V500H2V0H3V1000"),
            (&[0, 1, 0, 0, 2, 0], "M1 1000V900H2V1000M4 1000V800H5V1000"),
        ] {
            assert_eq!(scale.steps(profile), path, "{profile:?}");
        }
    }

    #[test]
    fn the_peak_is_told_beside_the_limit() {
        let span = step("2027-03-02T13:00:00Z", "2027-03-02T15:30:00Z", 0).span;
        let when = "Tue 2027-03-02 13:00 to 15:30";
        for (before, after, told) in [
            (None, None, "calls: none of 40".to_owned()),
            (Some(30), None, format!("calls: none of 40; before at most 30, {when}")),
            (None, Some(38), format!("calls: at most 38 of 40, {when}; before none")),
            (Some(38), Some(38), format!("calls: at most 38 of 40, {when}")),
            (Some(40), Some(43), format!("calls: at most 43 of 40, 3 too many, {when}; before at most 40, {when}")),
        ] {
            let (most_before, most_after) = (before.map(|most| (most, span)), after.map(|most| (most, span)));
            let profile = |most: Option<u64>| vec![most.unwrap_or_default()];
            let (before, after) = (profile(before), profile(after));
            let series = Series { name: "calls", limit: 40, before, after, most_before, most_after };
            assert_eq!(in_words(&series, Zone::utc()), told);
        }
    }
}

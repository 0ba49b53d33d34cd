//! The text format of Prometheus, version 0.0.4: families of metrics, each with its help, its type and its samples.

use std::fmt::{Display, Write as _};
use std::time::Duration;

/// What a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// What only grows within a run.
    Counter,
    /// What may be anything.
    Gauge,
}

/// A text that grows family by family.
#[derive(Debug, Default)]
pub struct Exposition {
    text: String,
}

/// A sample: its labels, and its value.
type Sample<'a> = (Vec<(&'a str, &'a str)>, f64);

impl Exposition {
    /// Adds a family. Where there is no sample, nothing is written: a type without a sample says nothing.
    pub fn family<'a>(&mut self, name: &str, kind: Kind, help: &str, samples: impl IntoIterator<Item = Sample<'a>>) {
        let mut samples = samples.into_iter().peekable();
        if samples.peek().is_none() {
            return;
        }
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        self.head(name, kind, help);
        for (labels, value) in samples {
            self.sample(name, &labels, value);
        }
    }

    /// Adds a family of one sample without labels.
    pub fn single(&mut self, name: &str, kind: Kind, help: &str, value: f64) {
        self.family(name, kind, help, [(Vec::new(), value)]);
    }

    /// Adds a histogram, in seconds. `bounds` are the upper bounds of its buckets, rising; the last bucket, without a
    /// bound, comes by itself.
    pub fn histogram(&mut self, name: &str, help: &str, bounds: &[f64], durations: impl Iterator<Item = Duration>) {
        let mut durations: Vec<Duration> = durations.collect();
        durations.sort_unstable();
        self.head(name, "histogram", help);
        let bucket = format!("{name}_bucket");
        for bound in bounds {
            let within = durations.partition_point(|one| one.as_secs_f64() <= *bound);
            self.sample(&bucket, &[("le", &bound.to_string())], count(within));
        }
        self.sample(&bucket, &[("le", "+Inf")], count(durations.len()));
        self.sample(&format!("{name}_sum"), &[], durations.iter().sum::<Duration>().as_secs_f64());
        self.sample(&format!("{name}_count"), &[], count(durations.len()));
    }

    /// The whole text.
    pub fn into_text(self) -> String {
        self.text
    }

    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let help = help.replace('\\', r"\\").replace('\n', r"\n");
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: f64) {
        let labels: Vec<String> =
            labels.iter().map(|(label, value)| format!("{label}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        self.line(format_args!("{name}{labels} {value}"));
    }

    fn line(&mut self, line: impl Display) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.text, "{line}");
    }
}

/// A number of things as a value. The format has no whole numbers; these are exact up to 2⁵³.
pub fn count(n: impl TryInto<u64>) -> f64 {
    n.try_into().unwrap_or(u64::MAX) as f64
}

fn escaped(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', r#"\""#).replace('\n', r"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_stand_below_the_head_of_their_family() {
        let mut text = Exposition::default();
        text.family(
            "a_total",
            Kind::Counter,
            "All of it.\nTruly, \\ too.",
            [(vec![("of", "a \"b\"\\\nc"), ("kind", "ü")], 7.0), (vec![("of", "")], 0.25)],
        );
        text.family("never", Kind::Gauge, "Nothing.", []);
        text.single("b", Kind::Gauge, "One.", count(1_800_000_000_u64));
        assert_eq!(
            text.into_text(),
            "# HELP a_total All of it.\\nTruly, \\\\ too.\n# TYPE a_total counter\n\
             a_total{of=\"a \\\"b\\\"\\\\\\nc\",kind=\"ü\"} 7\na_total{of=\"\"} 0.25\n\
             # HELP b One.\n# TYPE b gauge\nb 1800000000\n"
        );
    }

    #[test]
    fn buckets_hold_what_is_within_their_bound_and_all_before() {
        let mut text = Exposition::default();
        let millis = [500, 1, 250, 251, 3000].map(Duration::from_millis);
        text.histogram("d_seconds", "How long.", &[0.25, 1.0], millis.into_iter());
        text.histogram("none_seconds", "None.", &[1.0], std::iter::empty());
        assert_eq!(
            text.into_text(),
            "# HELP d_seconds How long.\n# TYPE d_seconds histogram\nd_seconds_bucket{le=\"0.25\"} 2\n\
             d_seconds_bucket{le=\"1\"} 4\nd_seconds_bucket{le=\"+Inf\"} 5\nd_seconds_sum 4.002\nd_seconds_count 5\n\
             # HELP none_seconds None.\n# TYPE none_seconds histogram\nnone_seconds_bucket{le=\"1\"} 0\n\
             none_seconds_bucket{le=\"+Inf\"} 0\nnone_seconds_sum 0\nnone_seconds_count 0\n"
        );
    }
}

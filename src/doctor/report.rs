//! Checks as text, one line each, and as JSON.

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use super::{Check, Verdict};

/// The checks for people, a line each. Colour codes are for whoever writes it to strip.
pub fn text(checks: &[Check]) -> String {
    let width = checks.iter().map(|check| check.subject.chars().count()).max().unwrap_or_default();
    let line = |check: &Check| {
        let (word, style) = match check.verdict {
            Verdict::Ok => ("ok", AnsiColor::Green.on_default()),
            Verdict::Warning => ("warning", AnsiColor::Yellow.on_default()),
            Verdict::Failed(_) => ("FAILED", AnsiColor::Red.on_default().bold()),
            Verdict::Skipped => ("skipped", Style::new().dimmed()),
        };
        let (subject, found) = (&check.subject, one_line(&check.found));
        format!("{style}{word:<7}{style:#}  {subject:<width$}  {found}\n")
    };
    checks.iter().map(line).collect()
}

/// The checks for programs.
pub fn json(checks: &[Check]) -> Value {
    let failed = checks.iter().filter(|check| matches!(check.verdict, Verdict::Failed(_))).count();
    let each = |check: &Check| {
        let status = match check.verdict {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Failed(_) => "failed",
            Verdict::Skipped => "skipped",
        };
        json!({"check": check.subject, "status": status, "detail": check.found})
    };
    let checks: Vec<Value> = checks.iter().map(each).collect();
    json!({"formatVersion": 1, "healthy": failed == 0, "checks": checks})
}

/// Some errors have several lines.
fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::Exit;

    #[test]
    fn each_check_is_one_line_and_one_object() {
        let checks = [
            Check::ok("state", ".dialctl"),
            Check::failed("login", Exit::Denied, "wrong secret\n  check it\n"),
            Check::skipped("webhook", "none is set"),
            Check::warning("zone database", "old"),
        ];
        let shown = anstream::adapter::strip_str(&text(&checks)).to_string();
        assert_eq!(
            shown,
            "ok       state          .dialctl\n\
             FAILED   login          wrong secret; check it\n\
             skipped  webhook        none is set\n\
             warning  zone database  old\n"
        );
        assert_eq!(super::super::exit(&checks), Exit::Denied);
        let json = json(&checks);
        assert_eq!((&json["healthy"], json["checks"].as_array().unwrap().len()), (&Value::Bool(false), 4));
        assert_eq!(json["checks"][1]["status"], "failed");
        assert_eq!(super::super::exit(&checks[2..]), Exit::Done);
    }
}

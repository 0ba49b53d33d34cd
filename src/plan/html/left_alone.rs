//! What the plan leaves alone, and how it knows that it has seen everything.

use std::fmt::{self, Display};

use super::super::Plan;
use super::action::named;
use super::escape::text;
use crate::schedule::LiveSchedule;

/// Schedules that no manifest declares, those of others where they were asked for, and the notes.
pub fn left_alone(plan: &Plan) -> impl Display {
    fmt::from_fn(move |f| {
        let (orphans, others) = (plan.orphans.as_slice(), plan.others.as_deref().unwrap_or_default());
        let them = if orphans.len() == 1 { "it" } else { "them" };
        schedules("orphans", "no longer in the repository", orphans).fmt(f)?;
        if !orphans.is_empty() {
            writeln!(f, "<p>They are left as they are; <code>--prune</code> deletes {them}.</p>\n</section>")?;
        }
        schedules("unmanaged", "not managed by this repository", others).fmt(f)?;
        if !others.is_empty() {
            f.write_str("</section>\n")?;
        }
        compared(plan).fmt(f)
    })
}

/// A section without its end; nothing where there is no schedule.
fn schedules(id: &str, what: &str, schedules: &[LiveSchedule]) -> impl Display {
    fmt::from_fn(move |f| {
        let count = match schedules.len() {
            0 => return Ok(()),
            1 => "1 schedule".to_owned(),
            several => format!("{several} schedules"),
        };
        write!(f, "<section id=\"{id}\">\n<h2>{count} {what}</h2>\n<ul>\n")?;
        for live in schedules {
            let name = text(live.name.as_deref().unwrap_or("(without a name)"));
            let (kind, field) = (live.kind, live.kind.target_field());
            writeln!(f, "<li><b>{name}</b> {kind}, {field} {}</li>", text(&named(&live.target)))?;
        }
        f.write_str("</ul>\n")
    })
}

fn compared(plan: &Plan) -> impl Display {
    fmt::from_fn(move |f| {
        let seen = &plan.completeness;
        write!(
            f,
            "<section id=\"compared\">\n<h2>Compared</h2>\n<p>Manifests {}, live schedules {}, of others {}, answers of \
             the API {}.</p>\n",
            seen.manifests_considered, seen.objects_seen, plan.unmanaged, seen.pages_fetched
        )?;
        if !seen.ignored.is_empty() {
            f.write_str("<h3>Notes</h3>\n<ul>\n")?;
            for ignored in &seen.ignored {
                writeln!(f, "<li>{}</li>", text(ignored))?;
            }
            f.write_str("</ul>\n")?;
        }
        f.write_str("</section>\n")
    })
}

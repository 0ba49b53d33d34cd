//! The plan as people read it. What comes from the service is shown without control characters, which
//! could steer a terminal or the log of a pipeline.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use similar::{ChangeTag, TextDiff};

use crate::schedule::{LiveSchedule, ScheduleView, Target};

use super::{Action, Effect, Plan, blackouts};

const CREATE: Style = AnsiColor::Green.on_default();
const UPDATE: Style = AnsiColor::Yellow.on_default();
const DELETE: Style = AnsiColor::Red.on_default();
const QUIET: Style = Style::new().dimmed();
const BOLD: Style = Style::new().bold();

/// Writes the plan with colour codes; the writer strips them where they are not wanted.
pub fn write(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    for action in &plan.actions {
        write_action(action, out)?;
    }
    write_orphans(plan, out)?;
    for ignored in &plan.completeness.ignored {
        writeln!(out, "{UPDATE}Note:{UPDATE:#} {ignored}")?;
    }
    let counts = plan.counts();
    if plan.actions.is_empty() {
        write!(out, "{BOLD}Nothing to change.{BOLD:#}")?;
    } else {
        let (create, update, delete) = (counts.create, counts.update, counts.delete);
        write!(out, "{BOLD}Plan: {create} to create, {update} to update, {delete} to delete")?;
        if counts.refused > 0 {
            write!(out, ", {} refused", counts.refused)?;
        }
        write!(out, ".{BOLD:#}")?;
    }
    writeln!(out, " {} unchanged, {} unmanaged.", counts.unchanged, counts.unmanaged)
}

/// The plan without colour codes.
pub fn to_text(plan: &Plan) -> String {
    let mut text = Vec::new();
    // Writing to memory cannot fail.
    let _ = write(plan, &mut anstream::StripStream::new(&mut text));
    String::from_utf8_lossy(&text).into_owned()
}

fn write_action(action: &Action, out: &mut dyn Write) -> io::Result<()> {
    let (sign, style) = match action {
        Action::Create { .. } => ('+', CREATE),
        Action::Update { .. } => ('~', UPDATE),
        Action::Delete { .. } => ('-', DELETE),
        Action::Refused { .. } => ('!', DELETE),
    };
    let (verb, kind, name) = (action.verb(), action.kind(), action.name().escape_debug());
    write!(out, "{style}{sign} {verb}{style:#} {kind} {BOLD}{name}{BOLD:#}")?;
    write!(out, " {QUIET}{} {}{QUIET:#}", action.kind().target_field(), named(action.target()))?;
    if let Some(wanted) = action.wanted() {
        write!(out, " {QUIET}{}:{}{QUIET:#}", wanted.source.file, wanted.source.line)?;
    }
    writeln!(out)?;
    if let Action::Refused { reason, .. } = action {
        writeln!(out, "    {reason}")?;
    }
    if let Some(Err(reason)) = action.live().map(|live| &live.timetable) {
        writeln!(out, "    what is stored now cannot be read: {reason}")?;
    }
    write_diff(&text_of(action.before()), &text_of(action.after()), out)?;
    if let (Some(wanted), Some(effect)) = (action.wanted(), action.effect()) {
        for line in blackouts::lines(&wanted.schedule.blackouts, effect) {
            writeln!(out, "    {QUIET}{line}{QUIET:#}")?;
        }
    }
    if let Some(effect) = action.effect() {
        write_effect(effect, out)?;
    }
    writeln!(out)
}

/// A schedule in lines; nothing for one that does not exist.
fn text_of(view: Option<ScheduleView>) -> String {
    view.map_or_else(String::new, |view| view.lines().into_iter().map(|line| line + "\n").collect())
}

/// All lines of what is new or gone; of what changes, the changed lines and two lines around them.
fn write_diff(before: &str, after: &str, out: &mut dyn Write) -> io::Result<()> {
    let diff = TextDiff::from_lines(before, after);
    for (index, group) in diff.grouped_ops(2).iter().enumerate() {
        if index > 0 {
            writeln!(out, "    {QUIET}...{QUIET:#}")?;
        }
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            let (sign, style) = match change.tag() {
                ChangeTag::Delete => ('-', DELETE),
                ChangeTag::Insert => ('+', CREATE),
                ChangeTag::Equal => (' ', Style::new()),
            };
            writeln!(out, "    {style}{sign} {}{style:#}", change.value().trim_end())?;
        }
    }
    Ok(())
}

fn write_effect(effect: &Effect, out: &mut dyn Write) -> io::Result<()> {
    let (added, removed) = (effect.added_hours_per_week, effect.removed_hours_per_week);
    let hours = match (added > 0.0, removed > 0.0) {
        (true, true) => format!("adds {added} h and removes {removed} h a week"),
        (true, false) => format!("adds {added} h a week"),
        (false, true) => format!("removes {removed} h a week"),
        (false, false) => "no effect on the time dialed within a year and a half".to_owned(),
    };
    write!(out, "    {QUIET}{hours}")?;
    if let Some((instant, zone)) = effect.next_affected_start {
        let (local, utc) = (zone.local(instant).format("%a %Y-%m-%d %H:%M"), instant.format("%Y-%m-%d %H:%M"));
        write!(out, ", from {local} {zone} ({utc} UTC) on")?;
    }
    writeln!(out, "{QUIET:#}")
}

fn write_orphans(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if plan.orphans.is_empty() {
        return Ok(());
    }
    let one = plan.orphans.len() == 1;
    let (count, schedules, they) =
        (plan.orphans.len(), if one { "schedule is" } else { "schedules are" }, if one { "it" } else { "them" });
    writeln!(out, "{UPDATE}{count} {schedules} no longer in the repository{UPDATE:#}; `--prune` deletes {they}:")?;
    for live in &plan.orphans {
        let LiveSchedule { kind, name, target, .. } = live;
        let name = name.as_deref().unwrap_or_default().escape_debug();
        writeln!(out, "    {kind} {name} {QUIET}{} {}{QUIET:#}", kind.target_field(), named(target))?;
    }
    writeln!(out)
}

fn named(target: &Target) -> String {
    match &target.name {
        Some(name) => format!("{} \"{}\"", target.id.escape_debug(), name.escape_debug()),
        None => target.id.escape_debug().to_string(),
    }
}

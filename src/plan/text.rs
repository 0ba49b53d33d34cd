//! The plan as people read it. What comes from the service is shown without control characters, which
//! could steer a terminal or the log of a pipeline.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use crate::schedule::{LiveSchedule, Target};

use super::line_diff::{DiffLine, line_diff};
use super::{Action, Operation, Plan, blackouts};

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
    write_others(plan, out)?;
    for ignored in &plan.completeness.ignored {
        writeln!(out, "{UPDATE}Note:{UPDATE:#} {ignored}")?;
    }
    if !plan.header.raised.is_empty() {
        writeln!(out, "{UPDATE}Note:{UPDATE:#} raised for this run: {}", plan.header.raised)?;
    }
    let counts = plan.counts();
    write!(out, "{BOLD}{}{BOLD:#}", plan.headline())?;
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
    let (sign, style) = match action.operation {
        _ if action.is_refused() => ('!', DELETE),
        Operation::Create { .. } => ('+', CREATE),
        Operation::Update { .. } => ('~', UPDATE),
        Operation::Delete { .. } => ('-', DELETE),
    };
    let (verb, kind, name) = (action.verb(), action.kind(), action.name().escape_debug());
    write!(out, "{style}{sign} {verb}{style:#} {kind} {BOLD}{name}{BOLD:#}")?;
    write!(out, " {QUIET}{} {}{QUIET:#}", action.kind().target_field(), named(action.target()))?;
    if let Some(wanted) = action.wanted() {
        write!(out, " {QUIET}{}:{}{QUIET:#}", printable(&wanted.source.file), wanted.source.line)?;
    }
    writeln!(out)?;
    if let Some(reason) = &action.refusal {
        writeln!(out, "    {reason}")?;
    }
    if let Some(theirs) = action.origin.theirs() {
        for line in theirs.in_words() {
            writeln!(out, "    {UPDATE}{}{UPDATE:#}", printable(&line))?;
        }
    }
    if let Some(Err(reason)) = action.live().map(|live| &live.timetable) {
        writeln!(out, "    what is stored now cannot be read: {}", printable(reason))?;
    }
    write_diff(action, out)?;
    if let Some(wanted) = action.wanted() {
        for line in blackouts::lines(&wanted.schedule.blackouts, &action.effect) {
            writeln!(out, "    {QUIET}{}{QUIET:#}", printable(&line))?;
        }
    }
    writeln!(out, "    {QUIET}{}{QUIET:#}", action.effect.in_words())?;
    let next_days = action.effect.next_days.lines(action.effect.zone);
    if !next_days.is_empty() {
        writeln!(out, "    {QUIET}in the next 14 days, {}:{QUIET:#}", action.effect.zone)?;
    }
    for line in next_days {
        writeln!(out, "      {QUIET}{line}{QUIET:#}")?;
    }
    writeln!(out)
}

fn write_diff(action: &Action, out: &mut dyn Write) -> io::Result<()> {
    for line in line_diff(action.before().as_ref(), action.after().as_ref()) {
        let (style, sign, line) = match &line {
            DiffLine::Gone(line) => (DELETE, "- ", line.as_str()),
            DiffLine::New(line) => (CREATE, "+ ", line.as_str()),
            DiffLine::Kept(line) => (Style::new(), "  ", line.as_str()),
            DiffLine::Skipped => (QUIET, "...", ""),
        };
        writeln!(out, "    {style}{sign}{line}{style:#}")?;
    }
    Ok(())
}

fn write_orphans(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    if plan.orphans.is_empty() {
        return Ok(());
    }
    let one = plan.orphans.len() == 1;
    let (count, schedules, they) =
        (plan.orphans.len(), if one { "schedule is" } else { "schedules are" }, if one { "it" } else { "them" });
    writeln!(out, "{UPDATE}{count} {schedules} no longer in the repository{UPDATE:#}; `--prune` deletes {they}:")?;
    write_left_alone(&plan.orphans, out)
}

fn write_others(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let Some(others) = plan.others.as_deref().filter(|others| !others.is_empty()) else { return Ok(()) };
    let (count, are) = (others.len(), if others.len() == 1 { "schedule is" } else { "schedules are" });
    writeln!(out, "{BOLD}{count} {are} not managed by this repository{BOLD:#}:")?;
    write_left_alone(others, out)
}

fn write_left_alone(schedules: &[LiveSchedule], out: &mut dyn Write) -> io::Result<()> {
    for LiveSchedule { kind, name, target, .. } in schedules {
        let name = name.as_deref().unwrap_or("(without a name)").escape_debug();
        writeln!(out, "    {kind} {name} {QUIET}{} {}{QUIET:#}", kind.target_field(), named(target))?;
    }
    writeln!(out)
}

/// The text with its control characters written out.
pub fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() { shown.extend(character.escape_debug()) } else { shown.push(character) }
    }
    shown
}

fn named(target: &Target) -> String {
    match &target.name {
        Some(name) => format!("{} \"{}\"", target.id.escape_debug(), name.escape_debug()),
        None => target.id.escape_debug().to_string(),
    }
}

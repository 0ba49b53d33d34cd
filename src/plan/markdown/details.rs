//! What one action changes, field by field, to be folded out.

use serde_json::Value;

use super::super::changes::changes;
use super::super::line_diff::line_diff;
use super::super::visible::visible;
use super::super::{Action, Theirs, blackouts, json};
use super::escape::{code, inline};

/// The end of the block; a week grid goes before it.
pub const END: &str = "\n</details>\n\n";

/// The block of an action, with its end.
pub fn block(action: &Action) -> String {
    let (verb, kind, name) = (action.verb(), action.kind(), inline(action.name()));
    let facts: String = facts(action).iter().map(|fact| format!("- {}\n", inline(fact))).collect();
    let fields = code("diff", &fields(action));
    // Only after an empty line is Markdown read as such within HTML.
    format!("<details>\n<summary>{verb} {kind} <b>{name}</b></summary>\n\n{facts}\n{fields}{END}")
}

fn facts(action: &Action) -> Vec<String> {
    let mut facts = vec![action.effect.in_words()];
    let next_days = action.effect.next_days.lines(action.effect.zone);
    if !next_days.is_empty() {
        facts.push(format!("in the next 14 days, {}: {}", action.effect.zone, next_days.join("; ")));
    }
    facts.extend(action.origin.theirs().map(Theirs::in_words).unwrap_or_default());
    if let Some(Err(reason)) = action.live().map(|live| &live.timetable) {
        facts.push(format!("what is stored now cannot be read: {reason}"));
    }
    if let Some(wanted) = action.wanted() {
        facts.extend(blackouts::lines(&wanted.schedule.blackouts, &action.effect));
        facts.push(format!("declared in {}:{}", wanted.source.file, wanted.source.line));
    }
    facts
}

/// The lines that differ, as the text plan has them, then the fields that do, as the JSON plan has them. Of what
/// is new or gone as a whole, every field would differ.
fn fields(action: &Action) -> Vec<String> {
    let (before, after) = (action.before(), action.after());
    let diff = line_diff(before.as_ref(), after.as_ref());
    let mut lines: Vec<String> = diff.iter().map(ToString::to_string).collect();
    if let (Some(before), Some(after)) = (&before, &after) {
        let changes = changes(&json::view_json(before), &json::view_json(after));
        let value = |value: Option<Value>| value.map_or_else(|| "none".to_owned(), |value| value.to_string());
        lines.extend(
            changes.into_iter().map(|change| {
                visible(&format!("! {}: {} -> {}", change.path, value(change.before), value(change.after)))
            }),
        );
    }
    lines
}

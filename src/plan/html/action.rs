//! The actions: a line for each, with all that it changes to be folded out.

use std::fmt::{self, Display};
use std::mem;

use serde_json::Value;

use super::super::changes::{Change, changes};
use super::super::line_diff::{DiffLine, line_diff};
use super::super::{Action, Effect, Theirs, blackouts, json};
use super::escape::text;
use super::week;
use crate::schedule::Target;

/// The most actions of a plan whose blocks are open from the start: a reviewer of few wants to see them.
const FEW: usize = 3;

/// The most actions of a plan that is printed with all blocks open. The paper for more of them would fill folders.
const PRINTED_WHOLE: usize = 100;

/// The verbs by which the actions can be filtered.
const VERBS: [&str; 4] = ["create", "update", "delete", "refused"];

/// The section of the actions; nothing where there is none.
pub fn actions(actions: &[Action]) -> impl Display {
    fmt::from_fn(move |f| {
        if actions.is_empty() {
            return Ok(());
        }
        let length = if actions.len() <= PRINTED_WHOLE { "short" } else { "long" };
        write!(f, "<section id=\"actions\" class=\"{length}\">\n<h2>Actions</h2>\n")?;
        tools(actions).fmt(f)?;
        week::legend().fmt(f)?;
        let open = if actions.len() <= FEW { " open" } else { "" };
        for action in actions {
            block(action, open).fmt(f)?;
        }
        f.write_str("</section>\n")
    })
}

/// What the script makes usable: without it, nothing of this would work, so it is hidden.
fn tools(actions: &[Action]) -> impl Display {
    fmt::from_fn(move |f| {
        f.write_str(
            "<div id=\"tools\" role=\"search\" hidden>\n<label>Find <input type=\"search\" id=\"find\" \
             placeholder=\"name, campaign, file\" autocomplete=\"off\" spellcheck=\"false\"></label>\n\
             <fieldset>\n<legend>Show</legend>\n",
        )?;
        for verb in VERBS {
            let count = actions.iter().filter(|action| action.verb() == verb).count();
            if count > 0 {
                writeln!(f, "<label><input type=\"checkbox\" value=\"{verb}\" checked> {verb} ({count})</label>")?;
            }
        }
        f.write_str(
            "</fieldset>\n<button type=\"button\" id=\"open\">Open all</button>\n\
             <button type=\"button\" id=\"close\">Close all</button>\n\
             <output id=\"shown\" for=\"find\"></output>\n</div>\n",
        )
    })
}

/// Without blanks between its elements, each of which a browser would keep in mind: of a large plan, hundreds of
/// thousands.
fn block(action: &Action, open: &str) -> impl Display {
    fmt::from_fn(move |f| {
        let verb = action.verb();
        write!(f, "<details class=\"{verb}\"{open}><summary>")?;
        write!(f, "<span class=\"verb\">{verb}</span> <b>{}</b> ", text(action.name()))?;
        write!(f, "<span class=\"hours\">{}</span> ", hours(&action.effect))?;
        write!(f, "<span class=\"start\">{}</span> ", text(&start(&action.effect)))?;
        let about = format!("{} · {} {}", action.kind(), action.kind().target_field(), named(action.target()));
        let source = action.wanted().map(|wanted| format!(" · {}:{}", wanted.source.file, wanted.source.line));
        write!(f, "<span class=\"about\">{}</span>", text(&(about + &source.unwrap_or_default())))?;
        if let Some(reason) = &action.refusal {
            write!(f, " <span class=\"reason\">{}</span>", text(&reason.to_string()))?;
        }
        write!(f, "</summary><div>{}", lines(&facts(action)))?;
        if let Some(figure) = week::figure(action) {
            figure.fmt(f)?;
        }
        let (next_days, fields) = (next_days(&action.effect), fields(action));
        writeln!(f, "<div class=\"beside\">{next_days}{fields}</div></div></details>")
    })
}

/// A paragraph that ends its lines where they end.
pub fn lines(lines: &[String]) -> impl Display {
    fmt::from_fn(move |f| write!(f, "<p class=\"lines\">{}</p>", joined(lines)))
}

fn joined(lines: &[String]) -> impl Display {
    fmt::from_fn(move |f| {
        for (n, line) in lines.iter().enumerate() {
            let end = if n == 0 { "" } else { "\n" };
            write!(f, "{end}{}", text(line))?;
        }
        Ok(())
    })
}

fn facts(action: &Action) -> Vec<String> {
    let mut facts = vec![action.effect.in_words()];
    facts.extend(action.origin.theirs().map(Theirs::in_words).unwrap_or_default());
    if let Some(Err(reason)) = action.live().map(|live| &live.timetable) {
        facts.push(format!("what is stored now cannot be read: {reason}"));
    }
    if let Some(wanted) = action.wanted() {
        facts.extend(blackouts::lines(&wanted.schedule.blackouts, &action.effect));
    }
    facts
}

fn next_days(effect: &Effect) -> impl Display {
    fmt::from_fn(move |f| {
        let told = effect.next_days.lines(effect.zone);
        if told.is_empty() {
            return Ok(());
        }
        let zone = text(effect.zone.name());
        write!(f, "<section><h3>Next 14 days, {zone}</h3>{}</section>", lines(&told))
    })
}

/// The lines that differ, as the text plan has them, then the fields that do, as the JSON plan has them. Of what
/// is new or gone as a whole, every field would differ.
fn fields(action: &Action) -> impl Display {
    fmt::from_fn(move |f| {
        let (before, after) = (action.before(), action.after());
        f.write_str("<section><h3>Fields</h3>")?;
        if let (Some(before), Some(after)) = (&before, &after) {
            changed(&changes(&json::view_json(before), &json::view_json(after))).fmt(f)?;
        }
        f.write_str("<pre>")?;
        let diff = line_diff(before.as_ref(), after.as_ref());
        for (n, run) in diff.chunk_by(|a, b| mem::discriminant(a) == mem::discriminant(b)).enumerate() {
            let end = if n == 0 { "" } else { "\n" };
            let told: Vec<String> = run.iter().map(DiffLine::to_string).collect();
            let told = joined(&told);
            match run.first() {
                Some(DiffLine::Gone(_)) => write!(f, "{end}<del>{told}</del>"),
                Some(DiffLine::New(_)) => write!(f, "{end}<ins>{told}</ins>"),
                _ => write!(f, "{end}{told}"),
            }?;
        }
        f.write_str("</pre></section>")
    })
}

fn changed(changes: &[Change]) -> impl Display {
    fmt::from_fn(move |f| {
        f.write_str("<table><tr>")?;
        ["field", "before", "after"].iter().try_for_each(|name| write!(f, "<th scope=\"col\">{name}</th>"))?;
        f.write_str("</tr>")?;
        for Change { path, before, after } in changes {
            let (before, after) = (value(before.as_ref()), value(after.as_ref()));
            let (path, before, after) = (text(path), text(&before), text(&after));
            write!(f, "<tr><th scope=\"row\">{path}</th><td>{before}</td><td>{after}</td></tr>")?;
        }
        f.write_str("</table>")
    })
}

/// Texts as they are, lists of them one after the other; anything else as JSON.
fn value(value: Option<&Value>) -> String {
    match value {
        None => "none".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(items)) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        Some(other) => other.to_string(),
    }
}

/// A campaign or sequence: its name, where it is known, and its id.
pub fn named(target: &Target) -> String {
    match &target.name {
        Some(name) => format!("{name} ({})", target.id),
        None => target.id.clone(),
    }
}

fn hours(effect: &Effect) -> String {
    let (added, removed) = (effect.added_hours_per_week, effect.removed_hours_per_week);
    match (added > 0.0, removed > 0.0) {
        (true, true) => format!("+{added} h −{removed} h a week"),
        (true, false) => format!("+{added} h a week"),
        (false, true) => format!("−{removed} h a week"),
        (false, false) => "no time".to_owned(),
    }
}

fn start(effect: &Effect) -> String {
    let start = effect.next_affected_start.map(|instant| {
        let zone = effect.zone;
        format!("{} {zone}", zone.local(instant).format("%a %Y-%m-%d %H:%M"))
    });
    start.unwrap_or_default()
}

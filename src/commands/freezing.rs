//! Freeze windows, and who overrides them.

use super::Invocation;
use super::terminal::Terminal;
use crate::plan::Frozen;

/// What is frozen now. In the sandbox nothing is: nobody is dialed there.
pub fn frozen(invocation: &Invocation<'_>) -> Option<Frozen> {
    if invocation.in_sandbox { None } else { invocation.settings.freeze.at(invocation.now()) }
}

/// The same for an apply, which somebody may override with a reason. That is told.
pub fn unless_overridden(reason: Option<&str>, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Option<Frozen> {
    let frozen = frozen(invocation);
    let Some(reason) = reason else { return frozen };
    match frozen {
        Some(Frozen { reasons, .. }) => {
            let (reasons, reason) = (reasons.join(", "), reason.escape_debug());
            terminal.note(format!("warning: changes are frozen ({reasons}), which is overridden: {reason}"));
        }
        None => terminal.note("No changes are frozen now; --override-freeze is written down all the same."),
    }
    None
}

/// A reason, as `--override-freeze` takes it.
pub fn reason(text: &str) -> Result<String, String> {
    let reason = text.trim();
    if reason.is_empty() { Err("say why in a few words".to_owned()) } else { Ok(reason.to_owned()) }
}

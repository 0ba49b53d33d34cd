//! Who is told about changes: the receivers of events.

use super::Invocation;
use super::connection;
use super::error::CommandError;
use super::terminal::Terminal;
use crate::ledger::Webhook;

/// The receiver with a name.
///
/// # Errors
/// When there is none; which there are is told.
pub fn named<'a>(webhooks: &'a [Webhook], name: &str) -> Result<&'a Webhook, CommandError> {
    let names = || webhooks.iter().map(|webhook| webhook.receiver().name.clone()).collect();
    let found = webhooks.iter().find(|webhook| webhook.receiver().name == name);
    found.ok_or_else(|| CommandError::UnknownReceiver { name: name.to_owned(), names: names() })
}

/// The receivers of events, ready to be sent to. About the sandbox only those on this machine are told.
///
/// # Errors
/// When a setting or a variable that one of them takes cannot be used.
pub fn configured(invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<Vec<Webhook>, CommandError> {
    let environment = invocation.surroundings.environment;
    let receivers =
        invocation.settings.receivers(&environment).map_err(|problems| CommandError::Receiver(problems.join("\n")))?;
    let authorities = connection::authorities(&invocation.settings)?;
    let mut webhooks = Vec::new();
    for receiver in receivers {
        let address = &receiver.address;
        if invocation.in_sandbox && !address.is_on_this_machine() {
            terminal
                .note(format!("Events about the sandbox are not sent to {address}: nothing has happened out there."));
            continue;
        }
        let builder = authorities.trusted_by(reqwest::Client::builder());
        webhooks.push(Webhook::new(receiver, builder).map_err(|error| CommandError::Receiver(error.to_string()))?);
    }
    Ok(webhooks)
}

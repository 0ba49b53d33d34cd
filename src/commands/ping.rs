//! `dialctl events test`

use serde_json::json;
use uuid::Uuid;

use super::Invocation;
use super::error::CommandError;
use super::events::{FORMAT_VERSION, Format};
use super::receivers;
use super::terminal::Terminal;
use crate::apply::millis;
use crate::exit::Exit;
use crate::ledger::{Message, Receiver};

/// Send a signed ping to a receiver, once, and tell what it answers; exit 1 where it does not take it
///
/// Its type is DIALCTL_PING. It is about no schedule, and the ledger does not know of it.
#[derive(Debug, clap::Args)]
pub struct TestArgs {
    /// Name of the receiver
    #[arg(value_name = "RECEIVER")]
    receiver: String,
    /// Format of the answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

pub async fn run(args: &TestArgs, invocation: &Invocation<'_>, terminal: &mut Terminal) -> Result<Exit, CommandError> {
    let webhooks = receivers::configured(invocation, terminal)?;
    let webhook = receivers::named(&webhooks, &args.receiver)?;
    let message = Message::ping(Uuid::now_v7(), invocation.now());
    let answer = webhook.deliver(&message).await;
    let Receiver { name, address, secrets, .. } = webhook.receiver();
    let signed = match secrets.len() {
        0 => "not signed".to_owned(),
        1 => "signed".to_owned(),
        n => format!("signed with {n} secrets"),
    };
    let shown = terminal.show(|out| match (args.format, &answer) {
        (Format::Human, Ok(delivery)) => {
            let (status, ms) = (delivery.status, millis(delivery.latency));
            writeln!(out, "`{name}` ({address}) took the ping, {signed}: {status} within {ms} ms.")
        }
        (Format::Human, Err(error)) => writeln!(out, "`{name}` did not take the ping, {signed}: {error}."),
        (Format::Json, answer) => {
            let mut document = json!({
                "formatVersion": FORMAT_VERSION, "receiver": name, "address": address.to_string(), "id": message.id,
                "signatures": secrets.len(), "isTaken": answer.is_ok(),
            });
            match answer {
                Ok(delivery) => {
                    document["status"] = json!(delivery.status);
                    document["latencyMs"] = json!(millis(delivery.latency));
                }
                Err(error) => document["error"] = json!(error.to_string()),
            }
            writeln!(out, "{document:#}")
        }
    });
    shown.map_err(CommandError::Output)?;
    Ok(if answer.is_ok() { Exit::Done } else { Exit::Failed })
}

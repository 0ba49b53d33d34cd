//! The login, struck by every fault.

use dialctl::exit::Exit;
use dialctl::genesys::{Matter, Scope};
use dialctl::schedule::ScheduleKind;

use super::faults::{FAULTS, Strikes};
use crate::world::{OUTBOUND, World};

#[tokio::test]
async fn a_login_is_repeated_within_its_bound_or_its_failure_is_named() {
    let world = World::with_targets([], "[]").await;
    let scope = Scope { matter: Matter::All, ..Scope::whole(ScheduleKind::Campaign) };
    for strikes in Strikes::BOTH {
        for fault in FAULTS {
            world.strike(&strikes.rule("POST", "/oauth/token", fault.effect)).await;
            let client = world.client(OUTBOUND);
            let first = client.api.list(&scope).await;
            let again = client.api.list(&scope).await;
            let cell = format!("{strikes:?} {}", fault.effect);
            let sent = world.journal().await;
            let logins = sent.iter().filter(|request| request["path"] == "/oauth/token").count();
            if fault.login.overcomes(strikes) {
                assert!(first.is_ok() && again.is_ok(), "{cell}: {first:?}");
                assert_eq!((logins, sent.len() - logins), (fault.login.sends(strikes), 2), "{cell}");
            } else {
                let error = first.unwrap_err();
                let message = error.to_string();
                assert!(message.contains("POST /oauth/token: "), "{cell}: {message}");
                assert!(message.contains(fault.login_words), "{cell}: {message}");
                // Who was refused does not try again; who was not, may be let in later.
                let retried = if error.is_login_refused() {
                    assert_eq!(error.exit(), Exit::Denied, "{cell}");
                    again.unwrap_err();
                    0
                } else if strikes == Strikes::Once {
                    again.unwrap();
                    1
                } else {
                    again.unwrap_err();
                    fault.login.sends(strikes)
                };
                assert_eq!(logins, fault.login.sends(strikes) + retried, "{cell}");
            }
        }
    }
}

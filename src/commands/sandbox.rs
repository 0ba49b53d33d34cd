//! `dialctl sandbox`

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;

use super::error::CommandError;
use super::terminal::Terminal;
use super::{Invocation, connection, seed_file};
use crate::exit::Exit;
use crate::manifest;
use crate::sandbox::{Assumption, Faults, Permission, Permissions, SandboxOptions};

/// Serve a local stand-in for Genesys Cloud.
///
/// Speaks both APIs and the login over HTTP on this machine only, and is stricter than the service.
/// It takes the credentials in GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET; without them the id is
/// `sandbox` and the secret `sandbox-secret`. `--rate-limit` is the number of requests it answers in a minute.
///
/// Tests read the requests so far at `GET /sandbox/requests` and forget them with DELETE; `GET`, `PUT` and
/// `DELETE /sandbox/faults` show, replace and remove the faults while it runs.
#[derive(Debug, clap::Args)]
pub struct SandboxArgs {
    /// Manifests whose campaigns and sequences exist from the start [default: schedules, where there is one]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Address to listen on, of this machine only
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// File that keeps the data; without it, all is forgotten at the end
    #[arg(long, value_name = "FILE")]
    data: Option<PathBuf>,
    /// Campaigns, sequences, queues and sites that exist from the start, a YAML or JSON mapping of lists
    ///
    /// Each entry has a `name`, and an `id` where it is not to be made from the name. For example:
    ///
    ///   queues:
    ///     - {name: Sales, memberCount: 12, userMemberCount: 12, joinedMemberCount: 7}
    ///   sites:
    ///     - {name: Berlin}
    ///   campaigns:
    ///     - {name: Spring, outboundLineCount: 20, queue: Sales, site: Berlin}
    ///   sequences:
    ///     - {name: Year, campaigns: [Spring]}
    ///   emailCampaigns:     # also messagingCampaigns and whatsAppCampaigns
    ///     - {name: News, messagesPerMinute: 50}
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    seed: Option<PathBuf>,
    /// Faults to inject, a YAML or JSON list of rules
    ///
    /// A rule covers the requests of a `method` (any) whose path begins with `path` (`/api/`;
    /// the login is `/oauth/token`), strikes always, at each n-th (`every: 5`) or at the n-th
    /// alone (`nth: 3`), and does one of these:
    ///
    ///   status: 503          answers so and does nothing; retryAfter: SECONDS, html: true,
    ///                        retryAfterDate: true (as a date), body: TEXT and delayMs go with it
    ///   delayMs: 20000       does it, and answers late
    ///   reset: before|after  closes the connection before or after doing it
    ///   truncate: true       does it, and breaks off in the middle of the answer
    ///   expireToken: true    forgets the token first
    ///   bumpVersion: true    lets somebody else write the schedule first
    ///   shiftPages: true     lets somebody else create what comes first in the listing
    ///   staleReads: SECONDS  does it, but reads answer as before for so long
    ///   clockSkew: SECONDS   is so far ahead in the `Date` of its answer
    ///
    /// For example:
    ///
    ///   - {every: 5, status: 429, retryAfter: 1}
    ///   - {method: PUT, nth: 3, reset: after}
    #[arg(long, value_name = "FILE", verbatim_doc_comment)]
    faults: Option<PathBuf>,
    /// The only permissions of the client, one a flag, as `outbound:schedule:view` [default: all]
    ///
    /// A request that asks for others is answered 403 with their names. The client can ask for its own at
    /// `GET /api/v2/authorization/subjects/me`.
    #[arg(long = "grant", value_name = "PERMISSION")]
    grants: Vec<Permission>,
    /// Another reading of the service where its behaviour is not known; give the flag once for each
    #[arg(long = "assume", value_enum, value_name = "CHOICE")]
    assumptions: Vec<Assumption>,
    /// Seconds for which a token is good
    #[arg(long, value_name = "SECONDS", default_value_t = 86_400)]
    token_lifetime: u64,
}

pub async fn run(
    args: &SandboxArgs,
    invocation: &Invocation<'_>,
    terminal: &mut Terminal,
) -> Result<Exit, CommandError> {
    let settings = &invocation.settings;
    let from_environment = settings.client_id.clone().zip(settings.client_secret.clone());
    let is_default = from_environment.is_none();
    let (id, secret) = from_environment.unwrap_or_else(|| ("sandbox".to_owned(), SecretString::from("sandbox-secret")));
    let default = PathBuf::from(super::DEFAULT_PATH);
    let paths = if args.paths.is_empty() && default.exists() { vec![default] } else { args.paths.clone() };
    let seeds = if paths.is_empty() { Vec::new() } else { connection::seeds(&manifest::load(&paths)) };
    let known = seeds.len();
    let options = SandboxOptions {
        listen: args.listen,
        data: args.data.clone(),
        inventory: args.seed.as_deref().map(seed_file::read).transpose()?.unwrap_or_default(),
        faults: args.faults.as_deref().map(Faults::read).transpose()?.unwrap_or_default(),
        permissions: if args.grants.is_empty() {
            Permissions::All
        } else {
            Permissions::Only(args.grants.iter().cloned().collect())
        },
        rate_limit: settings.rate_limit,
        assumptions: args.assumptions.iter().copied().collect(),
        token_lifetime: Duration::from_secs(args.token_lifetime),
        ..SandboxOptions::new(id, secret)
    };
    let sandbox = crate::sandbox::start(options, seeds).await?;
    let url = sandbox.url();
    terminal.note(format!("The sandbox listens on {url} and knows {known} targets from the manifests. Connect with:"));
    let credentials = if is_default { " GENESYS_CLIENT_ID=sandbox GENESYS_CLIENT_SECRET=sandbox-secret" } else { "" };
    terminal.note(format!("  export DIALCTL_API_URL={url}{credentials}"));
    super::stop_signal(Exit::Done).await;
    sandbox.stop().await;
    Ok(Exit::Done)
}

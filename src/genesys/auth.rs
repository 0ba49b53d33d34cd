//! Login: OAuth client credentials for a token, kept in memory, renewed before it ends.

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::HeaderValue;
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::http::{Http, Outgoing, request_line};
use super::reply::Reply;
use super::retry::{Effect, Outcome};
use super::secrets::Secrets;
use super::{ApiError, Credentials, Failure};

/// A token is renewed this long before it ends, as the official Go SDK does, so that none ends on its
/// way to the service.
const RENEWED_BEFORE: Duration = Duration::from_secs(60);
/// The lifetime of a token of an OAuth client that sets none: 24 hours (official Python SDK).
const DEFAULT_LIFETIME: u64 = 86_400;

/// Who the program is for the service, for as long as the process lives.
#[derive(Debug)]
pub(super) struct Session {
    credentials: Credentials,
    token_url: Url,
    // Held while a login is under way, so that concurrent requests share one login.
    state: tokio::sync::Mutex<State>,
}

#[derive(Debug)]
enum State {
    LoggedOut,
    LoggedIn(Issued),
    // Kept, so that a wrong secret is tried once and not once per request.
    Refused(ApiError),
}

/// A token that was issued.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    header: HeaderValue,
    secrets: Secrets,
    /// Counts the logins of the process: tells whether somebody else has renewed a token already.
    serial: u64,
    renew_at: Option<Duration>,
}

#[derive(Deserialize)]
struct TokenBody {
    access_token: String,
    expires_in: Option<u64>,
}

/// The error body of the login, which is not that of the API.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct LoginError {
    error: Option<String>,
    description: Option<String>,
    error_description: Option<String>,
}

impl Issued {
    /// The value of the `Authorization` header.
    pub(super) fn header(&self) -> HeaderValue {
        self.header.clone()
    }

    /// What must not be shown of an answer to a request with this token.
    pub(super) fn secrets(&self) -> Secrets {
        self.secrets.clone()
    }
}

impl Session {
    /// A session that logs in when it is first needed.
    pub(super) fn new(credentials: Credentials, token_url: Url) -> Self {
        Self { credentials, token_url, state: tokio::sync::Mutex::new(State::LoggedOut) }
    }

    /// A token for the next request.
    pub(super) async fn token(&self, http: &Http) -> Result<Issued, ApiError> {
        self.token_other_than(None, http).await
    }

    /// A token in place of one that the service did not accept; `None` when there can be no other.
    pub(super) async fn renewed(&self, stale: &Issued, http: &Http) -> Result<Option<Issued>, ApiError> {
        match self.credentials {
            Credentials::Token(_) => Ok(None),
            Credentials::Client { .. } => self.token_other_than(Some(stale.serial), http).await.map(Some),
        }
    }

    async fn token_other_than(&self, stale: Option<u64>, http: &Http) -> Result<Issued, ApiError> {
        let mut state = self.state.lock().await;
        let serial = match &*state {
            State::LoggedOut => 0,
            State::Refused(error) => return Err(error.clone()),
            State::LoggedIn(issued) => {
                let ends = issued.renew_at.is_some_and(|renew_at| http.clock.now() >= renew_at);
                if !ends && stale != Some(issued.serial) {
                    return Ok(issued.clone());
                }
                issued.serial + 1
            }
        };
        match self.issue(serial, http).await {
            Ok(issued) => {
                *state = State::LoggedIn(issued.clone());
                Ok(issued)
            }
            Err(error) => {
                if matches!(error.failure, Failure::NotAuthenticated(_)) {
                    *state = State::Refused(error.clone());
                }
                Err(error)
            }
        }
    }

    async fn issue(&self, serial: u64, http: &Http) -> Result<Issued, ApiError> {
        let error =
            |failure| ApiError { request: request_line(&Method::POST, &self.token_url), failure, correlation_id: None };
        let (id, secret) = match &self.credentials {
            Credentials::Token(token) => {
                return issued(token, serial, None).map_err(error);
            }
            Credentials::Client { id, secret } => (id, secret),
        };
        let pair = BASE64_STANDARD.encode(format!("{id}:{}", secret.expose_secret()));
        let request = Outgoing {
            method: Method::POST,
            url: self.token_url.clone(),
            // A second login leaves nothing behind but a second token.
            effect: Effect::Read,
            authorization: sensitive(&format!("Basic {pair}")).map_err(error)?,
            secrets: Secrets::new([secret.expose_secret(), &pair]),
            body: Some(("application/x-www-form-urlencoded", b"grant_type=client_credentials".to_vec())),
            again: false,
            outcome,
        };
        let asked = http.clock.now();
        let reply = http.send(&request, None).await?;
        let refused = |failure| ApiError { correlation_id: reply.correlation_id.clone(), ..error(failure) };
        if !reply.is_success() {
            return Err(refused(failure(&reply)));
        }
        let body: TokenBody =
            serde_json::from_slice(&reply.body).map_err(|_| refused(Failure::Unreadable(unreadable(&reply))))?;
        let lifetime = Duration::from_secs(body.expires_in.unwrap_or(DEFAULT_LIFETIME));
        // A token that lives no longer than the margin would be renewed by every request.
        let renewed_before = RENEWED_BEFORE.min(lifetime / 2);
        let renew_at = Some(asked.saturating_add(lifetime - renewed_before));
        issued(&body.access_token.into(), serial, renew_at).map_err(refused)
    }
}

/// The answer to a login that is not a token. Its body may hold one all the same, in a shape that was not
/// understood, so nothing of it is shown.
fn unreadable(reply: &Reply) -> String {
    let (status, kind) = (reply.status, reply.content_type.as_deref().unwrap_or("no content type"));
    format!("status {status} with {kind}, but without a token: check the region, the login URL and any proxy")
}

fn outcome(reply: &Reply) -> Outcome {
    // The login turns away too many requests with 400; the official Terraform provider matches this prefix.
    let throttled =
        reply.status == 400 && login_error(reply).is_some_and(|e| e.words().starts_with("rate limit exceeded;"));
    if throttled { Outcome::Throttled { retry_after: reply.retry_after } } else { reply.outcome() }
}

/// What a refused login means. The service tells an unknown client from a wrong secret.
fn failure(reply: &Reply) -> Failure {
    let Some(error) = login_error(reply) else {
        return match super::refusal::failure(Effect::Read, reply) {
            // The API answers so too, which knows nothing of logins.
            Failure::NotAuthenticated(_) => {
                Failure::NotAuthenticated("no login answers there: check the region and the login URL".to_owned())
            }
            other => other,
        };
    };
    let words = reply.shown(error.words(), 300);
    let way_out = match (reply.status, words.as_str()) {
        (400, "client not found") => {
            "the client id is not known in this region: check GENESYS_CLIENT_ID and the region"
        }
        (400 | 401, "authentication failed") => {
            "wrong secret, or the right one in another region: check GENESYS_CLIENT_SECRET and the region"
        }
        _ if matches!(outcome(reply), Outcome::Throttled { .. }) => {
            return Failure::RateLimited { retry_after: reply.retry_after.unwrap_or_default(), message: words };
        }
        (400 | 401 | 403, _) => "check GENESYS_CLIENT_ID, GENESYS_CLIENT_SECRET and the region",
        _ => return super::refusal::failure(Effect::Read, reply),
    };
    Failure::NotAuthenticated(format!("{way_out} (the login says: {words})"))
}

fn login_error(reply: &Reply) -> Option<LoginError> {
    let body: LoginError = serde_json::from_slice(&reply.body).ok()?;
    body.error.is_some().then_some(body)
}

impl LoginError {
    fn words(&self) -> &str {
        let text = self.error_description.as_deref().or(self.description.as_deref()).or(self.error.as_deref());
        text.unwrap_or_default()
    }
}

fn issued(token: &SecretString, serial: u64, renew_at: Option<Duration>) -> Result<Issued, Failure> {
    let token = token.expose_secret();
    Ok(Issued { header: sensitive(&format!("Bearer {token}"))?, secrets: Secrets::new([token]), serial, renew_at })
}

fn sensitive(text: &str) -> Result<HeaderValue, Failure> {
    let mut value = HeaderValue::from_str(text).map_err(|_| {
        let words =
            "the access token has characters that no header can carry: check GENESYSCLOUD_ACCESS_TOKEN for line breaks";
        Failure::NotAuthenticated(words.to_owned())
    })?;
    value.set_sensitive(true);
    Ok(value)
}

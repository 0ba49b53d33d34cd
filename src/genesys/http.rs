//! HTTP: one client for the whole process; each request is paced, bounded in time and size, counted,
//! and repeated where that does no harm.

use std::ops::ControlFlow;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Method, Url};

use super::breakage::{Breakage, CONNECT_TIMEOUT, LONGEST_ANSWER};
use super::pacing::Pacer;
use super::reply::{Reply, SHOWN};
use super::retry::{Decision, Effect, Outcome, RetryPolicy, Tries, decide};
use super::secrets::Secrets;
use super::stats::{Meter, RequestOutcome};
use super::{ApiError, Authorities, Clock, RequestLine, course};

/// A request, ready to be sent any number of times.
#[derive(Clone, Debug)]
pub(super) struct Outgoing {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) effect: Effect,
    /// Marked as sensitive, so that no debug output shows it.
    pub(super) authorization: HeaderValue,
    /// What the authorization gives away, for masking answers that repeat it.
    pub(super) secrets: Secrets,
    /// The content type and the body.
    pub(super) body: Option<(&'static str, Vec<u8>)>,
    /// Whether it repeats one with a token that the service did not accept.
    pub(super) again: bool,
    /// How an answer ended the attempt; the login tells it otherwise than the API.
    pub(super) outcome: fn(&Reply) -> Outcome,
}

/// The client of the whole process.
#[derive(Debug)]
pub(super) struct Http {
    pub(super) client: Client,
    pub(super) pacer: Pacer,
    pub(super) clock: Clock,
    pub(super) retry: RetryPolicy,
    pub(super) request_timeout: Duration,
    pub(super) meter: Meter,
}

/// How much longer than other requests one may take whose answer is used while it arrives. Each part of it
/// must still come in time.
const STREAMED_TIMES: u32 = 20;

/// What uses the body of a success while it arrives, so that it need not be kept.
pub(super) trait Intake: Send {
    /// Forgets everything: the request is sent, perhaps not for the first time.
    fn begin(&mut self);
    /// Takes the next part. After a break the rest is of no use.
    fn take(&mut self, part: &[u8]) -> ControlFlow<()>;
}

/// No HTTP client can be made on this machine.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "cannot set up TLS: {0}; install your system's CA certificates (package `ca-certificates`) or give a PEM file with --ca-file"
)]
pub struct NoClient(String);

/// Builds the one client. `direct` bypasses any proxy: what stays on this machine must not leave it.
pub(super) fn client(request_timeout: Duration, authorities: &Authorities, direct: bool) -> Result<Client, NoClient> {
    // Without a provider, building the client would panic. An error means that there is one already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = authorities
        .trusted_by(Client::builder())
        .user_agent(concat!("dialctl/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(request_timeout);
    let builder = if direct { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| {
        let causes = std::iter::successors(std::error::Error::source(&error), |error| error.source());
        NoClient(causes.map(ToString::to_string).collect::<Vec<_>>().join(": "))
    })
}

impl Outgoing {
    /// The request as errors name it.
    pub(super) fn line(&self) -> RequestLine {
        request_line(&self.method, &self.url)
    }

    /// How an attempt ended that did not succeed.
    fn outcome_of(&self, attempt: &Result<Reply, Breakage>) -> Option<Outcome> {
        match attempt {
            Ok(reply) if reply.is_success() => None,
            Ok(reply) => Some((self.outcome)(reply)),
            Err(breakage) => Some(breakage.outcome),
        }
    }
}

/// A request as errors name it.
pub(super) fn request_line(method: &Method, url: &Url) -> RequestLine {
    let method = match *method {
        Method::GET => "GET",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "POST",
    };
    RequestLine { method, path: url.path().to_owned() }
}

impl Http {
    /// Sends a request until it gets an answer that repeating would not better. The answer may be a
    /// refusal; only where there is none this is an error. With an intake, the body of a success goes there,
    /// and the reply has no more of it than is shown of a broken one.
    pub(super) async fn send(
        &self,
        request: &Outgoing,
        mut intake: Option<&mut (dyn Intake + '_)>,
    ) -> Result<Reply, ApiError> {
        let mut tries = Tries::default();
        let mut began = None;
        loop {
            let asked = self.clock.now();
            self.pacer.turn(tries != Tries::default()).await;
            self.meter.waited(self.clock.now().saturating_sub(asked));
            let began = *began.get_or_insert_with(|| self.clock.now());
            let attempt = self.attempt(request, intake.as_deref_mut(), tries).await;
            let outcome = request.outcome_of(&attempt);
            let decision = outcome.map_or(Decision::GiveUp, |outcome| {
                tries = Tries { spent: self.clock.now().saturating_sub(began), ..tries.after(outcome) };
                decide(request.effect, outcome, tries, &self.retry, fastrand::f64())
            });
            match (decision, outcome) {
                // Whoever asked next would be turned away as well, so everybody waits.
                (Decision::RetryAfter(wait), Some(Outcome::Throttled { .. })) => self.pacer.hold_for(wait),
                (Decision::RetryAfter(wait), _) => self.clock.sleep(wait).await,
                (Decision::GiveUp, _) => {
                    return attempt.map_err(|breakage| ApiError {
                        request: request.line(),
                        failure: breakage.failure(request.effect),
                        correlation_id: None,
                    });
                }
            }
        }
    }

    async fn attempt(
        &self,
        request: &Outgoing,
        intake: Option<&mut (dyn Intake + '_)>,
        earlier: Tries,
    ) -> Result<Reply, Breakage> {
        let left = self.clock.now();
        let answer = self.exchange(request, intake).await;
        let elapsed = self.clock.now().saturating_sub(left);
        let attempt = earlier.failed + earlier.throttled + 1;
        let repeated = course::sent(request.again || attempt > 1);
        self.meter.count(repeated, RequestOutcome::of(request.outcome_of(&answer)), elapsed);
        if let (Ok(reply), Effect::Write) = (&answer, request.effect) {
            course::answered(reply.correlation_id.as_deref());
        }
        // Neither headers nor bodies: they hold the token, the secret, and what people wrote.
        tracing::debug!(
            method = %request.method,
            path = request.url.path(),
            status = answer.as_ref().ok().map(|reply| reply.status),
            attempt,
            elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            "request"
        );
        if let Ok(Reply { exhausted_for: Some(wait), .. }) = &answer {
            self.pacer.hold_for((*wait).min(self.retry.longest_retry_after));
        }
        answer
    }

    async fn exchange(
        &self,
        request: &Outgoing,
        mut intake: Option<&mut (dyn Intake + '_)>,
    ) -> Result<Reply, Breakage> {
        let mut builder = self
            .client
            .request(request.method.clone(), request.url.clone())
            .header(AUTHORIZATION, request.authorization.clone());
        if let Some((content_type, body)) = &request.body {
            builder = builder.header(CONTENT_TYPE, *content_type).body(body.clone());
        }
        if let Some(intake) = &mut intake {
            intake.begin();
            builder = builder.timeout(self.request_timeout.saturating_mul(STREAMED_TIMES));
        }
        let mut response = self.in_time(request, builder.send()).await?;
        let mut intake = intake.filter(|_| response.status().is_success());
        let mut body = Vec::new();
        while let Some(chunk) = self.in_time(request, response.chunk()).await? {
            if let Some(intake) = &mut intake {
                let shown = chunk.len().min(SHOWN.saturating_sub(body.len()));
                body.extend(chunk.iter().take(shown));
                if intake.take(&chunk).is_break() {
                    break;
                }
            } else if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(Breakage::oversized());
            } else {
                body.extend_from_slice(&chunk);
            }
        }
        let (status, secrets) = (response.status().as_u16(), request.secrets.clone());
        Ok(Reply::new(status, response.headers(), body, secrets, self.clock.calendar()))
    }

    /// Waits for a part of an answer.
    async fn in_time<T>(
        &self,
        request: &Outgoing,
        part: impl Future<Output = reqwest::Result<T>>,
    ) -> Result<T, Breakage> {
        match tokio::time::timeout(self.request_timeout, part).await {
            Ok(part) => part.map_err(|error| Breakage::of(&error, &request.url, self.request_timeout)),
            Err(_) => Err(Breakage::late(&request.url, self.request_timeout)),
        }
    }
}

//! Requests that got no whole answer: what happened, in words.

use std::error::Error;
use std::io;
use std::time::Duration;

use reqwest::Url;

use super::Failure;
use super::excerpt::one_line;
use super::retry::{Effect, Outcome};

/// How long a connection may take to come about.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest answer that is taken in, in bytes: far above a page of schedules, far below the memory.
pub(super) const LONGEST_ANSWER: usize = 64 * 1024 * 1024;

const TLS_WAY_OUT: &str = "check the address; where a proxy or a gateway has certificates of its own, give their \
     authority with --ca-file";
/// What the HTTP library says of a proxy that does not connect; its error has no type to ask for.
const PROXY: &str = "tunnel error";
const PROXY_ASKS: &str = "tunnel error: proxy authorization required";

/// A request that got no whole answer.
#[derive(Clone, Debug)]
pub(super) struct Breakage {
    pub(super) outcome: Outcome,
    words: String,
}

impl Breakage {
    /// From an error of the HTTP client.
    pub(super) fn of(error: &reqwest::Error, url: &Url, request_timeout: Duration) -> Self {
        let host = host(url);
        let causes = causes(error);
        // Asked in this order: an error while connecting may also be a timeout, a name that cannot be
        // resolved or a certificate that is not trusted.
        let (outcome, what) = if chain(error).any(is_tls) {
            (Outcome::Untrusted, format!("the TLS connection to {host} failed: {}", TLS_WAY_OUT))
        } else if error.is_connect() && error.is_timeout() {
            (Outcome::NotConnected, format!("no connection to {host} within {} s", CONNECT_TIMEOUT.as_secs()))
        } else if causes.contains(PROXY_ASKS) {
            let way_out = "put them into HTTPS_PROXY, as in http://name:password@proxy.example:8080";
            (Outcome::Barred, format!("the proxy on the way to {host} asks for a name and a password: {way_out}"))
        } else if causes.contains(PROXY) {
            let way_out =
                format!("check HTTPS_PROXY, or go past it with NO_PROXY={}", url.host_str().unwrap_or_default());
            (Outcome::NotConnected, format!("the proxy makes no connection to {host}: {way_out}"))
        } else if error.is_connect() && causes.contains("dns error") {
            (Outcome::NotConnected, format!("the name {host} cannot be resolved: check the region and the DNS"))
        } else if error.is_connect() && chain(error).any(is_refused) {
            (Outcome::NotConnected, format!("{host} refuses connections: check the address and that it is up"))
        } else if error.is_connect() {
            (Outcome::NotConnected, format!("no connection to {host}"))
        } else if error.is_timeout() {
            (Outcome::TimedOut, no_answer(url, request_timeout))
        } else {
            (Outcome::Broken, format!("the connection to {host} broke"))
        };
        Self { outcome, words: one_line(&format!("{what} ({causes})"), 600) }
    }

    /// From an answer of which no further part came in time.
    pub(super) fn late(url: &Url, request_timeout: Duration) -> Self {
        Self { outcome: Outcome::TimedOut, words: no_answer(url, request_timeout) }
    }

    /// From an answer that was longer than is taken in.
    pub(super) fn oversized() -> Self {
        let limit = LONGEST_ANSWER / 1024 / 1024;
        Self { outcome: Outcome::Oversized, words: format!("the answer is longer than {limit} MiB") }
    }

    /// What the caller is told once no attempt is left.
    pub(super) fn failure(self, effect: Effect) -> Failure {
        match (self.outcome, effect) {
            (Outcome::NotConnected | Outcome::Untrusted | Outcome::Barred, _) => Failure::Unreachable(self.words),
            (_, Effect::Write) => Failure::OutcomeUnknown(self.words),
            (Outcome::Oversized, Effect::Read) => Failure::Unreadable(self.words),
            (_, Effect::Read) => Failure::Failed(self.words),
        }
    }
}

fn host(url: &Url) -> String {
    match (url.host_str().unwrap_or_default(), url.port()) {
        (host, Some(port)) => format!("{host}:{port}"),
        (host, None) => host.to_owned(),
    }
}

fn no_answer(url: &Url, request_timeout: Duration) -> String {
    format!("no answer from {} within {} s", host(url), request_timeout.as_secs_f32())
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    // Asked of the error itself: a reference to it is an error too, but lives too short.
    std::iter::successors(Some(error), |error| (**error).source())
}

/// The texts of an error and of everything below it, each once: the top line alone hides the cause.
fn causes(error: &reqwest::Error) -> String {
    let mut texts: Vec<String> = Vec::new();
    for text in chain(error).skip(1).map(ToString::to_string) {
        if !texts.iter().any(|earlier| earlier.contains(&text)) {
            texts.push(text);
        }
    }
    if texts.is_empty() { "no further cause is known".to_owned() } else { texts.join(": ") }
}

/// An I/O error does not name what it wraps as its source, and may wrap another of its kind.
fn is_tls(error: &(dyn Error + 'static)) -> bool {
    let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    error.is::<rustls::Error>() || wrapped.is_some_and(|wrapped| is_tls(wrapped))
}

fn is_refused(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
}

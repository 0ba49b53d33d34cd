//! The transport: authenticated requests to the platform API, answered or explained.

use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::time::Duration;

use reqwest::{Method, Url};
use serde::de::DeserializeOwned;

use super::auth::Session;
use super::http::{self, Http, Intake, NoClient, Outgoing, request_line};
use super::list_reader::{Ending, Items, ListReader, NoList};
use super::pacing::Pacer;
use super::reply::Reply;
use super::retry::{Effect, RetryPolicy};
use super::stats::{Meter, Stats};
use super::{ApiError, Authorities, Clock, Credentials, Endpoints, Failure, RequestLine, refusal};

/// What a transport needs to know.
#[derive(Clone, Debug)]
pub struct TransportOptions {
    /// Where the API and the login answer.
    pub endpoints: Endpoints,
    /// Who the program is.
    pub credentials: Credentials,
    /// The most requests in any minute; the service allows a client 300 by default.
    pub rate_per_minute: NonZeroU32,
    /// How patient the client is.
    pub retry: RetryPolicy,
    /// The longest that one attempt may take, its answer included.
    pub request_timeout: Duration,
    /// Who is trusted besides the authorities that the system trusts.
    pub authorities: Authorities,
    /// The time that waits are measured with.
    pub clock: Clock,
}

impl TransportOptions {
    /// The most requests in any minute, where nobody says otherwise.
    // 300 is not zero, which the compiler checks: the constant is evaluated when it builds.
    pub const DEFAULT_RATE_PER_MINUTE: NonZeroU32 = NonZeroU32::new(300).unwrap();
    /// The longest that one attempt may take, where nobody says otherwise.
    pub const DEFAULT_REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
}

/// Sends authenticated requests to the platform API. One per process: its pace and its token are shared.
#[derive(Debug)]
pub struct Transport {
    http: Http,
    session: Session,
    api: Url,
    login: Url,
}

/// A request that succeeded.
#[derive(Clone, Debug)]
pub(super) struct Success {
    request: RequestLine,
    effect: Effect,
    reply: Reply,
}

/// A list that was read to its end.
#[derive(Debug)]
pub(super) struct Listed<T> {
    /// The answer, with the head of its body.
    pub(super) answer: Success,
    /// What the list said about itself.
    pub(super) ending: Ending,
    /// What took its items.
    pub(super) items: T,
}

/// A list that is being read.
struct Reading<T> {
    empty: T,
    reader: Result<ListReader<T>, NoList>,
}

impl<T: Items + Clone + Send> Intake for Reading<T> {
    fn begin(&mut self) {
        self.reader = Ok(ListReader::new(self.empty.clone()));
    }

    fn take(&mut self, part: &[u8]) -> ControlFlow<()> {
        let read = self.reader.as_mut().map_err(|no_list| *no_list).and_then(|reader| reader.push(part));
        match read {
            Ok(()) => ControlFlow::Continue(()),
            Err(no_list) => {
                self.reader = Err(no_list);
                ControlFlow::Break(())
            }
        }
    }
}

impl Transport {
    /// A transport that logs in when it is first used.
    pub fn new(options: TransportOptions) -> Result<Self, NoClient> {
        let TransportOptions { endpoints, credentials, rate_per_minute, retry, request_timeout, authorities, clock } =
            options;
        let http = Http {
            client: http::client(request_timeout, &authorities, endpoints.is_loopback())?,
            pacer: Pacer::new(rate_per_minute, clock.clone()),
            clock,
            retry,
            request_timeout,
            meter: Meter::default(),
        };
        let session = Session::new(credentials, below(endpoints.login(), &["oauth", "token"]));
        Ok(Self { http, session, api: endpoints.api().clone(), login: endpoints.login().clone() })
    }

    /// Logs in, unless that is done.
    ///
    /// # Errors
    /// Why the credentials are not accepted.
    pub async fn log_in(&self) -> Result<(), ApiError> {
        self.session.token(&self.http).await.map(drop)
    }

    /// The base of the API.
    pub fn api(&self) -> &Url {
        &self.api
    }

    /// The base of the login.
    pub fn login(&self) -> &Url {
        &self.login
    }

    /// What everything is sent with.
    pub(super) fn http(&self) -> &Http {
        &self.http
    }

    /// What the conversation took so far.
    pub fn stats(&self) -> Stats {
        self.http.meter.snapshot()
    }

    /// The address of a path below `/api/v2`.
    pub(super) fn platform(&self, segments: &[&str]) -> Url {
        below(&below(&self.api, &["api", "v2"]), segments)
    }

    /// The address of a path below `/api/v2/outbound`. An id that would lead to another path (an empty
    /// one, `.` or `..`) is refused: a delete must never reach the collection.
    pub(super) fn outbound(&self, method: &Method, segments: &[&str]) -> Result<Url, ApiError> {
        let url = self.platform(&["outbound"]);
        match segments.iter().find(|segment| matches!(**segment, "" | "." | "..")) {
            None => Ok(below(&url, segments)),
            Some(bad) => Err(refused_unsent(method, &url, 400, "bad.id", &format!("`{bad}` is not an id"))),
        }
    }

    /// The address of the next page, as a page names it. It must be on the same host: the token goes with it.
    pub(super) fn next_page(&self, page: &Url, next: &str) -> Result<Url, ApiError> {
        let unreadable = |words: String| ApiError {
            request: request_line(&Method::GET, page),
            failure: Failure::Unreadable(words),
            correlation_id: None,
        };
        let mut url = page.join(next).map_err(|_| unreadable("the next page has no readable address".to_owned()))?;
        if url.origin() != page.origin() {
            let host = url.host_str().unwrap_or("an unnamed place");
            return Err(unreadable(format!("the next page is on another host ({host}), which is not followed")));
        }
        // The service writes `/api/v2/…` and does not know of a gateway's path in front of it.
        let gateway = self.api.path().trim_end_matches('/');
        if !url.path().starts_with(gateway) {
            url.set_path(&format!("{gateway}{}", url.path()));
        }
        Ok(url)
    }

    /// Reads.
    pub(super) async fn get(&self, url: Url) -> Result<Success, ApiError> {
        self.send(Method::GET, url, Effect::Read, None, None).await
    }

    /// Reads a list item by item while it arrives. Each attempt begins with a copy of `empty`.
    pub(super) async fn list<T: Items + Clone + Send>(&self, url: Url, empty: T) -> Result<Listed<T>, ApiError> {
        let reader = ListReader::new(empty.clone());
        let mut reading = Reading { empty, reader: Ok(reader) };
        let answer = self.send(Method::GET, url, Effect::Read, None, Some(&mut reading)).await?;
        match reading.reader.and_then(ListReader::finish) {
            Ok((ending, items)) => Ok(Listed { answer, ending, items }),
            Err(no_list) => Err(answer.no_list(no_list)),
        }
    }

    /// Writes, with a JSON body or none. Repeated only where the request provably had no effect.
    pub(super) async fn write(&self, method: Method, url: Url, body: Option<Vec<u8>>) -> Result<Success, ApiError> {
        self.send(method, url, Effect::Write, body, None).await
    }

    async fn send(
        &self,
        method: Method,
        url: Url,
        effect: Effect,
        body: Option<Vec<u8>>,
        mut intake: Option<&mut (dyn Intake + '_)>,
    ) -> Result<Success, ApiError> {
        let token = self.session.token(&self.http).await?;
        let body = body.map(|body| ("application/json", body));
        let (authorization, secrets) = (token.header(), token.secrets());
        let outcome = Reply::outcome;
        let mut request = Outgoing { method, url, effect, authorization, secrets, body, again: false, outcome };
        let mut reply = self.http.send(&request, intake.as_deref_mut()).await?;
        // Whoever is not let in has changed nothing, so even a write may be repeated.
        if reply.status == 401
            && let Some(token) = self.session.renewed(&token, &self.http).await?
        {
            (request.authorization, request.secrets, request.again) = (token.header(), token.secrets(), true);
            reply = self.http.send(&request, intake).await?;
        }
        if reply.is_success() {
            return Ok(Success { request: request.line(), effect, reply });
        }
        let correlation_id = reply.correlation_id.clone().or_else(|| refusal::context_id(&reply));
        Err(ApiError { request: request.line(), failure: refusal::failure(effect, &reply), correlation_id })
    }
}

impl Success {
    /// The body as JSON. Of a write that succeeded but whose answer cannot be read, the outcome is unknown.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, ApiError> {
        serde_json::from_slice(&self.reply.body).map_err(|error| {
            if error.is_data() {
                self.unreadable(self.reply.shown(&error.to_string(), 600))
            } else {
                self.unreadable(self.reply.not_json())
            }
        })
    }

    /// Checks that the answer is the API's own where nothing is to be read from it: a proxy's page with
    /// status 200 is no proof that the API has done anything.
    pub(super) fn nothing_or_json(&self) -> Result<(), ApiError> {
        if self.reply.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(());
        }
        self.json::<serde::de::IgnoredAny>().map(drop)
    }

    /// The body as it came; of a list that was read while it arrived, its head.
    pub(super) fn body(&self) -> &[u8] {
        &self.reply.body
    }

    /// The error of an answer that should be a list.
    pub(super) fn no_list(&self, no_list: NoList) -> ApiError {
        let is_json = || serde_json::from_slice::<serde::de::IgnoredAny>(&self.reply.body).is_ok();
        match no_list {
            NoList::NoEntities | NoList::LongItem => self.unreadable(no_list.to_string()),
            NoList::Another if is_json() => self.unreadable(no_list.to_string()),
            NoList::Another | NoList::Broken => self.unreadable(self.reply.not_json()),
        }
    }

    /// The error of an answer that is not what the API gives.
    pub(super) fn unreadable(&self, words: String) -> ApiError {
        let failure = match self.effect {
            Effect::Read => Failure::Unreadable(words),
            Effect::Write => Failure::OutcomeUnknown(format!("the answer cannot be read: {words}")),
        };
        ApiError { request: self.request.clone(), failure, correlation_id: self.reply.correlation_id.clone() }
    }
}

/// The error of a request that this program itself refuses to send.
pub(super) fn refused_unsent(method: &Method, url: &Url, status: u16, code: &str, message: &str) -> ApiError {
    let message = format!("{message}; nothing was sent");
    let failure = Failure::Refused { status, code: code.to_owned(), message };
    ApiError { request: request_line(method, url), failure, correlation_id: None }
}

fn below(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    // An http or https address always has a path, so there is no other case.
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(segments);
    }
    url
}

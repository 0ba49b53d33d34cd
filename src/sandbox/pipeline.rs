//! What happens to every request around its handler: faults, authentication, rate limit, the size
//! limit, error bodies, headers, journal.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, header, request::Parts};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use futures_util::{StreamExt as _, stream};
use uuid::Uuid;

use super::connection::Severance;
use super::faults::{Effect, FaultyAnswer, FaultyBody, ResetPoint, RetryAfter};
use super::journal::Entry;
use super::model::Model;
use super::refusal::Refusal;
use super::service::{Service, lock};
use super::tokens::{Admission, Usage, bearer};

/// The path of the token endpoint.
pub const TOKEN_PATH: &str = "/oauth/token";
/// The largest body, in bytes: the service's `request.bytes.max`.
const MAX_BODY: usize = 512_000;
/// Bodies up to this size are read to their end before they are refused, so that the client gets to
/// read the refusal. Beyond it the connection breaks.
const MAX_READ: usize = 16 * MAX_BODY;

/// A handler's refusal travels as an extension: only here is the correlation id known that its body needs.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Carries a request through, from its arrival to its answer.
pub async fn run(
    State(service): State<Arc<Service>>,
    ConnectInfo(connection): ConnectInfo<Severance>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let (method, uri) = (parts.method.to_string(), parts.uri.clone());
    let body = read(body).await;
    let kept_body = match &body {
        Ok(bytes) if uri.path() != TOKEN_PATH => bytes.clone(),
        _ => Bytes::new(),
    };
    let effect = lock(&service.faults).strike(&method, uri.path());
    let before = matches!(effect, Some(Effect::StaleReads(_))).then(|| service.snapshot());
    prepare(&service, effect.as_ref(), &parts);
    let answer = match &effect {
        Some(Effect::Reset(ResetPoint::Before)) => StatusCode::OK.into_response(),
        Some(Effect::Answer(answer, _)) => faulty(answer, uri.path()),
        _ => carried_out(&service, parts, body, next).await,
    };
    let mut answer = finished(answer, service.options.clock.now(), effect.as_ref());
    if effect == Some(Effect::Truncate) {
        answer = truncated(answer, &connection).await;
    }
    let is_cut = matches!(effect, Some(Effect::Reset(_)));
    let status = (!is_cut).then(|| answer.status().as_u16());
    record(&service, method, &uri, status, kept_body);
    if is_cut {
        connection.sever();
    }
    if let (Some(Effect::StaleReads(time)), Some(before)) = (&effect, before) {
        service.keep_reads_at(before, *time);
    }
    if let Some(Effect::Delay(delay) | Effect::Answer(_, delay)) = effect {
        tokio::time::sleep(delay).await;
    }
    answer
}

/// What a fault does before the request is looked at.
fn prepare(service: &Service, effect: Option<&Effect>, request: &Parts) {
    let path = request.uri.path();
    let others = |change: fn(&mut Model, &str, DateTime<Utc>)| {
        // Where the data file cannot be written, which is told there, others have changed nothing.
        let _ = service.commit(|model, moment| {
            change(model, path, moment.now);
            Ok(())
        });
    };
    match effect {
        Some(Effect::BumpVersion) => others(Model::written_by_others),
        Some(Effect::ShiftPages) => others(Model::created_by_others),
        Some(Effect::ExpireToken) => {
            if let Ok(token) = bearer(authorization(&request.headers)) {
                lock(&service.tokens).forget(token);
            }
        }
        _ => {}
    }
}

/// An answer whose body breaks off in the middle. One without a body is not given at all.
async fn truncated(answer: Response, connection: &Severance) -> Response {
    let (mut parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    if body.is_empty() {
        connection.sever();
    }
    parts.headers.insert(header::CONTENT_LENGTH, body.len().into());
    let half = body.slice(..body.len() / 2);
    let parts_of_body = stream::once(async { Ok(half) }).chain(stream::once(async {
        // What was given so far leaves before the connection ends.
        tokio::task::yield_now().await;
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))
    }));
    Response::from_parts(parts, Body::from_stream(parts_of_body))
}

fn authorization(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok())
}

fn record(service: &Service, method: String, uri: &Uri, status: Option<u16>, body: Bytes) {
    let (path, query) = (uri.path().to_owned(), uri.query().unwrap_or_default().to_owned());
    lock(&service.journal).record(Entry { method, path, query, status, body });
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    match to_bytes(body, MAX_READ).await {
        Ok(bytes) if bytes.len() <= MAX_BODY => Ok(bytes),
        // What is no longer read, or came broken, is answered alike; a broken connection gets no answer anyway.
        Ok(_) | Err(_) => Err(Refusal::of_status(413)),
    }
}

async fn carried_out(service: &Service, parts: Parts, body: Result<Bytes, Refusal>, next: Next) -> Response {
    let usage = if parts.uri.path() == TOKEN_PATH {
        None
    } else {
        match admit(service, &parts.headers) {
            Ok(usage) => usage,
            Err((refusal, usage)) => return with_usage(refusal.into_response(), usage),
        }
    };
    let answer = match permitted(service, &parts).and(body) {
        Ok(bytes) => {
            let mut answer = next.run(Request::from_parts(parts, Body::from(bytes))).await;
            match answer.extensions_mut().remove::<Refusal>() {
                Some(refusal) => service.options.assumptions.worded(refusal).into_response(),
                None => answer,
            }
        }
        Err(refusal) => refusal.into_response(),
    };
    with_usage(answer, usage)
}

fn admit(service: &Service, headers: &HeaderMap) -> Result<Option<Usage>, (Refusal, Option<Usage>)> {
    let token = bearer(authorization(headers)).map_err(|refusal| (refusal, None))?;
    let now = service.options.clock.now();
    match lock(&service.tokens).admit(token, now, service.options.rate_limit) {
        Admission::Admitted(usage) => Ok(usage),
        Admission::Limited(usage) => Err((Refusal::rate_limited(usage.reset), Some(usage))),
        Admission::Unknown => Err((Refusal::of_status(401), None)),
    }
}

/// Whether the client has a permission that the request asks for. Whether the service looks at the permission
/// before it looks for the target is not known; it is assumed, as it would else tell strangers what there is.
fn permitted(service: &Service, request: &Parts) -> Result<(), Refusal> {
    match request.extensions.get::<MatchedPath>() {
        Some(route) => {
            service.permission_rules.check(&service.options.permissions, request.method.as_str(), route.as_str())
        }
        // There is nothing there.
        None => Ok(()),
    }
}

fn with_usage(mut answer: Response, usage: Option<Usage>) -> Response {
    if let Some(Usage { count, allowed, reset }) = usage {
        let headers = answer.headers_mut();
        headers.insert(HeaderName::from_static("inin-ratelimit-count"), count.into());
        headers.insert(HeaderName::from_static("inin-ratelimit-allowed"), allowed.into());
        headers.insert(HeaderName::from_static("inin-ratelimit-reset"), reset.into());
    }
    answer
}

/// Gives an answer its correlation id and its date, and a refusal its body.
fn finished(mut answer: Response, now: DateTime<Utc>, effect: Option<&Effect>) -> Response {
    let context_id = Uuid::new_v4().to_string();
    if let Some(refusal) = answer.extensions_mut().remove::<Refusal>() {
        let (mut kept, _) = answer.into_parts();
        kept.headers.remove(header::CONTENT_TYPE);
        kept.headers.remove(header::CONTENT_LENGTH);
        let mut with_body = (kept.status, kept.headers, Json(refusal.body(&context_id))).into_response();
        if let Some(seconds) = refusal.retry_after {
            with_body.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        answer = with_body;
    }
    if let Ok(value) = HeaderValue::from_str(&context_id) {
        answer.headers_mut().insert(HeaderName::from_static("inin-correlation-id"), value);
    }
    let skew = if let Some(Effect::ClockSkew(seconds)) = effect { *seconds } else { 0 };
    let date = TimeDelta::try_seconds(skew).and_then(|skew| now.checked_add_signed(skew)).unwrap_or(now);
    if let Some(value) = http_date(date) {
        answer.headers_mut().insert(header::DATE, value);
    }
    if let Some(Effect::Answer(FaultyAnswer { retry_after: Some(asked), .. }, _)) = effect
        && asked.is_date
        && let Some(value) = http_date(date + TimeDelta::seconds(asked.seconds.into()))
    {
        answer.headers_mut().insert(header::RETRY_AFTER, value);
    }
    answer
}

/// A date as headers show it; their format has no years but these.
fn http_date(date: DateTime<Utc>) -> Option<HeaderValue> {
    let is_shown = (1970..=9999).contains(&date.year());
    is_shown.then(|| HeaderValue::from_str(&httpdate::fmt_http_date(date.into())).ok()).flatten()
}

fn faulty(answer: &FaultyAnswer, path: &str) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let html = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
    let mut response = match &answer.body {
        FaultyBody::Html(page) => {
            let page = page.clone().unwrap_or_else(|| format!("<html><body><h1>{status}</h1></body></html>\n"));
            (status, html, page).into_response()
        }
        FaultyBody::Text(text) if serde_json::from_str::<serde_json::Value>(text).is_ok() => {
            (status, [(header::CONTENT_TYPE, "application/json")], text.clone()).into_response()
        }
        FaultyBody::Text(text) => (status, text.clone()).into_response(),
        FaultyBody::Service if path == TOKEN_PATH => {
            let description = "rate limit exceeded; the sandbox was told to answer so";
            let body = serde_json::json!(
                {"error": "invalid_request", "description": description, "error_description": description}
            );
            (status, Json(body)).into_response()
        }
        FaultyBody::Service => match (answer.status, answer.retry_after) {
            (429, Some(asked)) => Refusal::rate_limited(asked.seconds).into_response(),
            (other, _) => Refusal { status: other, ..Refusal::of_status(other) }.into_response(),
        },
    };
    if let Some(RetryAfter { seconds, .. }) = answer.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

//! What tests ask of the sandbox itself: the journal of requests, and the faults. Needs no token, counts
//! against no limit, and is itself struck by no fault.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use super::faults::Faults;
use super::journal;
use super::refusal::Refusal;
use super::service::{Service, lock};

type Shared = State<Arc<Service>>;

/// `GET` and `DELETE /sandbox/requests`; `GET`, `PUT` and `DELETE /sandbox/faults`.
pub fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route("/sandbox/requests", get(requests).delete(forget_requests))
        .route("/sandbox/faults", get(faults).put(replace_faults).delete(remove_faults))
}

async fn requests(State(service): Shared) -> Json<Vec<journal::Shown>> {
    Json(lock(&service.journal).shown())
}

async fn forget_requests(State(service): Shared, headers: HeaderMap) -> Result<StatusCode, Refused> {
    refuse_pages(&headers)?;
    *lock(&service.journal) = journal::Journal::default();
    Ok(StatusCode::NO_CONTENT)
}

async fn faults(State(service): Shared) -> Response {
    Json(lock(&service.faults).shown()).into_response()
}

async fn replace_faults(State(service): Shared, headers: HeaderMap, body: String) -> Result<StatusCode, Refused> {
    refuse_pages(&headers)?;
    let faults = Faults::parse(&body).map_err(|reason| Refused(Refusal::bad_request("", &reason)))?;
    *lock(&service.faults) = faults;
    Ok(StatusCode::NO_CONTENT)
}

async fn remove_faults(State(service): Shared, headers: HeaderMap) -> Result<StatusCode, Refused> {
    refuse_pages(&headers)?;
    *lock(&service.faults) = Faults::default();
    Ok(StatusCode::NO_CONTENT)
}

/// Browsers name the page that a request comes from. No page is to steer a sandbox on the same machine.
fn refuse_pages(headers: &HeaderMap) -> Result<(), Refused> {
    if headers.contains_key(header::ORIGIN) { Err(Refused(Refusal::of_status(403))) } else { Ok(()) }
}

/// A refusal outside the pipeline, which gives the others their bodies.
struct Refused(Refusal);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.0.body(""))).into_response()
    }
}

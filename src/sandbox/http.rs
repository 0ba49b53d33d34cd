//! The HTTP face: paths and methods, and what each of them asks of the model.

use std::sync::Arc;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router, middleware};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::schedule::ScheduleKind;

use super::admin;
use super::assumptions::Assumption;
use super::authorization;
use super::campaign_window::CampaignWindow;
use super::families::{schedule_path, schedules_segment};
use super::listing::{Filters, ListingQuery};
use super::login;
use super::lookups;
use super::pipeline::{self, TOKEN_PATH};
use super::refusal::Refusal;
use super::schedule_checks;
use super::schedule_content::ScheduleWrite;
use super::service::{Service, lock};

/// Query parameters in their order.
pub type Parameters = Query<Vec<(String, String)>>;
type Shared = State<Arc<Service>>;

/// Everything that the sandbox serves.
pub fn router(service: Arc<Service>) -> Router {
    let mut api = lookups::routes()
        .merge(authorization::routes())
        .route(TOKEN_PATH, post(give_out_token))
        .route("/api/v2/outbound/campaigns/{id}/schedules", get(campaign_schedules).post(add_campaign_schedule));
    for kind in ScheduleKind::ALL {
        let all = format!("/api/v2/outbound/schedules/{}", schedules_segment(kind));
        let list = move |service: Shared, parameters: Parameters| list_schedules(kind, service, parameters);
        let read = move |service: Shared, id: Path<String>| read_schedule(kind, service, id);
        let put = move |service: Shared, id: Path<String>, headers: HeaderMap, body: axum::body::Bytes| {
            put_schedule(kind, service, id, headers, body)
        };
        let delete = move |service: Shared, id: Path<String>| delete_schedule(kind, service, id);
        api = api.route(&all, get(list)).route(&schedule_path(kind, "{id}"), get(read).put(put).delete(delete));
    }
    api.fallback(|| async { Refusal::of_status(404) })
        .method_not_allowed_fallback(|| async { Refusal::of_status(405) })
        .layer(middleware::from_fn_with_state(Arc::clone(&service), pipeline::run))
        .merge(admin::routes())
        .with_state(service)
}

async fn give_out_token(
    State(service): Shared,
    headers: HeaderMap,
    form: Result<Form<Vec<(String, String)>>, FormRejection>,
) -> Response {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let form = form.ok().map(|Form(pairs)| pairs);
    let options = &service.options;
    match login::check(authorization, form.as_deref(), &options.client_id, &options.client_secret) {
        Ok(()) => {
            let token = format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
            lock(&service.tokens).give_out(token.clone(), options.clock.now(), options.token_lifetime);
            let lifetime = options.token_lifetime.as_secs();
            Json(json!({"access_token": token, "token_type": "bearer", "expires_in": lifetime})).into_response()
        }
        Err(error) => {
            let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::BAD_REQUEST);
            (status, Json(error.body())).into_response()
        }
    }
}

/// Voice and sequence schedules come as a plain array, the digital ones as pages (as the document has
/// it). Whether the service ever splits those is not known; the sandbox does, so that a client must follow.
async fn list_schedules(
    kind: ScheduleKind,
    State(service): Shared,
    Query(parameters): Parameters,
) -> Result<Json<Value>, Refusal> {
    let schedules = service.read(|model| model.schedules(kind));
    match kind {
        ScheduleKind::Campaign | ScheduleKind::Sequence => match parameters.first() {
            None => Ok(Json(Value::Array(schedules))),
            Some((name, _)) => Err(Refusal::invalid_value(name, "this listing has no parameters")),
        },
        ScheduleKind::MessagingCampaign | ScheduleKind::EmailCampaign | ScheduleKind::WhatsAppCampaign => {
            let query = ListingQuery::read(&parameters, Filters::None)?;
            let path = format!("/api/v2/outbound/schedules/{}", schedules_segment(kind));
            Ok(Json(query.page(&path, schedules)))
        }
    }
}

async fn read_schedule(
    kind: ScheduleKind,
    State(service): Shared,
    Path(target_id): Path<String>,
) -> Result<Json<Value>, Refusal> {
    service.read(|model| model.schedule(kind, &target_id)).map(Json)
}

async fn put_schedule(
    kind: ScheduleKind,
    State(service): Shared,
    Path(target_id): Path<String>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Result<Json<Value>, Refusal> {
    let body = json_body(&headers, &body)?;
    service.schemas.check(kind.manifest_kind(), &body)?;
    let mut write = ScheduleWrite::read(kind, body)?;
    let options = &service.options;
    schedule_checks::check(&write.content, &options.assumptions, options.clock.now())?;
    if options.assumptions.hold(Assumption::IntervalsNormalized) {
        schedule_checks::normalize_intervals(&mut write.content)?;
    }
    let put = in_background(&service, move |service| {
        let assumptions = &service.options.assumptions;
        service.commit(|model, moment| model.put_schedule(kind, &target_id, write, assumptions, moment))
    });
    put.await.map(Json)
}

async fn delete_schedule(
    kind: ScheduleKind,
    State(service): Shared,
    Path(target_id): Path<String>,
) -> Result<StatusCode, Refusal> {
    let delete =
        in_background(&service, move |service| service.commit(|model, _| model.delete_schedule(kind, &target_id)));
    delete.await.map(|()| StatusCode::OK)
}

async fn campaign_schedules(
    State(service): Shared,
    Path(campaign_id): Path<String>,
) -> Result<Json<Vec<CampaignWindow>>, Refusal> {
    let found =
        service.read(|model| model.campaign_schedules(&campaign_id).map(|found| found.into_iter().cloned().collect()));
    found.map(Json)
}

async fn add_campaign_schedule(
    State(service): Shared,
    Path(campaign_id): Path<String>,
    headers: HeaderMap,
    body: axum::body::Bytes,
) -> Result<(StatusCode, Json<CampaignWindow>), Refusal> {
    let body = json_body(&headers, &body)?;
    let add = in_background(&service, move |service| {
        service.commit(|model, moment| model.add_campaign_schedule(&campaign_id, body, moment))
    });
    add.await.map(|window| (StatusCode::CREATED, Json(window)))
}

/// Runs what waits for the disk where it holds no other request up.
async fn in_background<T: Send + 'static>(
    service: &Arc<Service>,
    work: impl FnOnce(&Service) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let service = Arc::clone(service);
    let outcome = tokio::task::spawn_blocking(move || work(&service)).await;
    outcome.unwrap_or_else(|_| Err(Refusal::of_status(500)))
}

fn json_body(headers: &HeaderMap, body: &[u8]) -> Result<Value, Refusal> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Refusal::of_status(415));
    }
    serde_json::from_slice(body).map_err(|error| Refusal::bad_request("", &format!("The body is not JSON: {error}")))
}

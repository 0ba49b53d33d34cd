//! Look-ups of campaigns, sequences and queues.

use std::sync::Arc;

use axum::extract::{Path, Query, State};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::Value;

use crate::schedule::ScheduleKind;

use super::http::Parameters;
use super::listing::{Filters, ListingQuery};
use super::model::Model;
use super::refusal::Refusal;
use super::service::Service;
use super::targets::{KnownTarget, is_of_type};

type Shared = State<Arc<Service>>;
type Answer = Result<Json<Value>, Refusal>;

const CAMPAIGNS: &str = "/api/v2/outbound/campaigns";
const DIVISION_VIEWS: &str = "/api/v2/outbound/campaigns/divisionviews";
const SEQUENCES: &str = "/api/v2/outbound/sequences";
const QUEUES: &str = "/api/v2/routing/queues";
const DIGITAL: &str = "/api/v2/outbound/messagingcampaigns";

/// The look-ups that the sandbox serves.
pub fn routes() -> Router<Arc<Service>> {
    Router::new()
        .route(CAMPAIGNS, get(campaigns))
        .route("/api/v2/outbound/campaigns/{id}", get(campaign))
        .route("/api/v2/outbound/campaigns/{id}/linedistribution", get(line_distribution))
        .route(DIVISION_VIEWS, get(division_views))
        .route("/api/v2/outbound/campaigns/divisionviews/{id}", get(division_view))
        .route(SEQUENCES, get(sequences))
        .route("/api/v2/outbound/sequences/{id}", get(sequence))
        .route(DIGITAL, get(digital_campaigns))
        .route("/api/v2/outbound/messagingcampaigns/{id}", get(digital_campaign))
        .route(QUEUES, get(queues))
        .route("/api/v2/routing/queues/{id}", get(queue))
}

async fn campaigns(State(service): Shared, Query(parameters): Parameters) -> Answer {
    let query = ListingQuery::read(&parameters, Filters::Campaigns)?;
    let kind = ScheduleKind::Campaign;
    Ok(service.read(|model| listing(model, &[kind], &query, CAMPAIGNS, Model::shown)))
}

async fn division_views(State(service): Shared, Query(parameters): Parameters) -> Answer {
    let query = ListingQuery::read(&parameters, Filters::Campaigns)?;
    let view = |_: &Model, target: &KnownTarget, _| target.division_view();
    Ok(service.read(|model| listing(model, &[ScheduleKind::Campaign], &query, DIVISION_VIEWS, view)))
}

async fn sequences(State(service): Shared, Query(parameters): Parameters) -> Answer {
    let query = ListingQuery::read(&parameters, Filters::Sequences)?;
    let kind = ScheduleKind::Sequence;
    Ok(service.read(|model| listing(model, &[kind], &query, SEQUENCES, Model::shown)))
}

async fn digital_campaigns(State(service): Shared, Query(parameters): Parameters) -> Answer {
    let query = ListingQuery::read(&parameters, Filters::Digital)?;
    let wanted = |kind: &ScheduleKind| is_of_type(*kind, query.digital_type.as_deref());
    let kinds: Vec<ScheduleKind> = ScheduleKind::ALL.into_iter().filter(wanted).collect();
    Ok(service.read(|model| listing(model, &kinds, &query, DIGITAL, Model::shown)))
}

async fn campaign(State(service): Shared, Path(id): Path<String>) -> Answer {
    one(&service, ScheduleKind::Campaign, &id, |model, target| model.shown(target, ScheduleKind::Campaign))
}

async fn division_view(State(service): Shared, Path(id): Path<String>) -> Answer {
    one(&service, ScheduleKind::Campaign, &id, |_, target| target.division_view())
}

async fn line_distribution(State(service): Shared, Path(id): Path<String>) -> Answer {
    one(&service, ScheduleKind::Campaign, &id, |_, target| target.line_distribution())
}

async fn sequence(State(service): Shared, Path(id): Path<String>) -> Answer {
    one(&service, ScheduleKind::Sequence, &id, |model, target| model.shown(target, ScheduleKind::Sequence))
}

async fn digital_campaign(State(service): Shared, Path(id): Path<String>) -> Answer {
    let digital = ScheduleKind::ALL.into_iter().filter(|kind| is_of_type(*kind, None));
    let found = service.read(|model| {
        digital.filter_map(|kind| model.target(kind, &id).ok().map(|target| model.shown(target, kind))).next()
    });
    found.map(Json).ok_or_else(|| Refusal::of_status(404))
}

async fn queues(State(service): Shared, Query(parameters): Parameters) -> Answer {
    let query = ListingQuery::read(&parameters, Filters::Queues)?;
    Ok(service.read(|model| {
        let taken = model.queues().filter(|queue| query.takes(&queue.id, &queue.name));
        let mut entities: Vec<(&str, Value)> = taken.map(|queue| (queue.name.as_str(), queue.shown())).collect();
        query.sort(&mut entities);
        Json(query.page(QUEUES, entities.into_iter().map(|(_, entity)| entity).collect()))
    }))
}

async fn queue(State(service): Shared, Path(id): Path<String>) -> Answer {
    service.read(|model| model.queue(&id).map(|queue| Json(queue.shown())))
}

fn one(service: &Service, kind: ScheduleKind, id: &str, show: impl Fn(&Model, &KnownTarget) -> Value) -> Answer {
    service.read(|model| model.target(kind, id).map(|target| Json(show(model, target))))
}

fn listing(
    model: &Model,
    kinds: &[ScheduleKind],
    query: &ListingQuery,
    path: &str,
    show: impl Fn(&Model, &KnownTarget, ScheduleKind) -> Value,
) -> Json<Value> {
    let targets = kinds.iter().flat_map(|kind| model.targets(*kind).map(|target| (target, *kind)));
    let taken = targets.filter(|(target, _)| query.takes(&target.id, &target.name));
    let mut entities: Vec<(&str, Value)> =
        taken.map(|(target, kind)| (target.name.as_str(), show(model, target, kind))).collect();
    query.sort(&mut entities);
    Json(query.page(path, entities.into_iter().map(|(_, entity)| entity).collect()))
}

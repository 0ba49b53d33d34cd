//! Look-ups of campaigns and sequences.

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
}

async fn campaigns(State(service): Shared, Query(parameters): Parameters) -> Answer {
    let query = ListingQuery::read(&parameters, Filters::Campaigns)?;
    let kind = ScheduleKind::Campaign;
    Ok(service.read(|model| listing(model, &[kind], &query, CAMPAIGNS, KnownTarget::shown)))
}

async fn division_views(State(service): Shared, Query(parameters): Parameters) -> Answer {
    let query = ListingQuery::read(&parameters, Filters::Campaigns)?;
    let view = |target: &KnownTarget, _| target.division_view();
    Ok(service.read(|model| listing(model, &[ScheduleKind::Campaign], &query, DIVISION_VIEWS, view)))
}

async fn sequences(State(service): Shared, Query(parameters): Parameters) -> Answer {
    let query = ListingQuery::read(&parameters, Filters::Sequences)?;
    let kind = ScheduleKind::Sequence;
    Ok(service.read(|model| listing(model, &[kind], &query, SEQUENCES, KnownTarget::shown)))
}

async fn digital_campaigns(State(service): Shared, Query(parameters): Parameters) -> Answer {
    let query = ListingQuery::read(&parameters, Filters::Digital)?;
    let wanted = |kind: &ScheduleKind| is_of_type(*kind, query.digital_type.as_deref());
    let kinds: Vec<ScheduleKind> = ScheduleKind::ALL.into_iter().filter(wanted).collect();
    Ok(service.read(|model| listing(model, &kinds, &query, DIGITAL, KnownTarget::shown)))
}

async fn campaign(State(service): Shared, Path(id): Path<String>) -> Answer {
    one(&service, ScheduleKind::Campaign, &id, |target| target.shown(ScheduleKind::Campaign))
}

async fn division_view(State(service): Shared, Path(id): Path<String>) -> Answer {
    one(&service, ScheduleKind::Campaign, &id, KnownTarget::division_view)
}

async fn line_distribution(State(service): Shared, Path(id): Path<String>) -> Answer {
    one(&service, ScheduleKind::Campaign, &id, KnownTarget::line_distribution)
}

async fn sequence(State(service): Shared, Path(id): Path<String>) -> Answer {
    one(&service, ScheduleKind::Sequence, &id, |target| target.shown(ScheduleKind::Sequence))
}

async fn digital_campaign(State(service): Shared, Path(id): Path<String>) -> Answer {
    let digital = ScheduleKind::ALL.into_iter().filter(|kind| is_of_type(*kind, None));
    let found = service
        .read(|model| digital.filter_map(|kind| model.target(kind, &id).ok().map(|target| target.shown(kind))).next());
    found.map(Json).ok_or_else(|| Refusal::of_status(404))
}

fn one(service: &Service, kind: ScheduleKind, id: &str, show: impl Fn(&KnownTarget) -> Value) -> Answer {
    service.read(|model| model.target(kind, id).map(|target| Json(show(target))))
}

fn listing(
    model: &Model,
    kinds: &[ScheduleKind],
    query: &ListingQuery,
    path: &str,
    show: impl Fn(&KnownTarget, ScheduleKind) -> Value,
) -> Json<Value> {
    let targets = kinds.iter().flat_map(|kind| model.targets(*kind).map(|target| (target, *kind)));
    let taken = targets.filter(|(target, _)| query.takes(&target.id, &target.name));
    let mut entities: Vec<(&str, Value)> =
        taken.map(|(target, kind)| (target.name.as_str(), show(target, kind))).collect();
    query.sort(&mut entities);
    Json(query.page(path, entities.into_iter().map(|(_, entity)| entity).collect()))
}

//! What a client can ask about its own rights.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::date_time::shown;
use super::permissions::Permissions;
use super::service::Service;
use super::targets::DIVISION;

const ROLE: &str = "3d7c0a52-1f64-4b8e-a9c3-5e2f80d61b47";

/// `GET /api/v2/authorization/subjects/me` (official Python SDK,
/// `AuthorizationApi.get_authorization_subjects_me`): everyone may ask.
pub fn routes() -> Router<Arc<Service>> {
    Router::new().route("/api/v2/authorization/subjects/me", get(subject))
}

async fn subject(State(service): State<Arc<Service>>) -> Json<Value> {
    let options = &service.options;
    Json(shown_subject(&options.client_id, &options.permissions, service.started))
}

/// The `AuthzSubject` of a client: one role in the one division.
fn shown_subject(client_id: &str, permissions: &Permissions, granted: DateTime<Utc>) -> Value {
    json!({
        "id": client_id,
        "name": "dialctl sandbox",
        "grants": [{
            "subjectId": client_id,
            "division": {
                "id": DIVISION,
                "name": "Home",
                "description": "The only division of the sandbox",
                "homeDivision": true,
                "selfUri": format!("/api/v2/authorization/divisions/{DIVISION}"),
            },
            "role": {
                "id": ROLE,
                "name": "Sandbox client",
                "description": "What the client of the sandbox may do",
                "policies": policies(permissions),
                "default": false,
                "selfUri": format!("/api/v2/authorization/roles/{ROLE}"),
            },
            "grantMadeAt": shown(granted),
        }],
        "version": 1,
        "selfUri": format!("/api/v2/authorization/subjects/{client_id}"),
    })
}

fn policies(permissions: &Permissions) -> Vec<Value> {
    match permissions {
        Permissions::All => {
            let domains = ["outbound", "routing"].into_iter();
            domains.map(|domain| json!({"domain": domain, "entityName": "*", "actions": ["*"]})).collect()
        }
        Permissions::Only(granted) => {
            let mut by_entity: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
            for permission in granted {
                let (domain, entity, action) = permission.parts();
                by_entity.entry((domain, entity)).or_default().push(action);
            }
            let policies = by_entity.into_iter();
            policies
                .map(|((domain, entity), actions)| json!({"domain": domain, "entityName": entity, "actions": actions}))
                .collect()
        }
    }
}

//! What the sandbox's client may do, and which request asks for which permission.

use std::collections::BTreeSet;
use std::str::FromStr;

use serde_json::Value;

use super::openapi::{BrokenDocument, DOCUMENT};
use super::refusal::Refusal;

/// What the client of the sandbox may do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Permissions {
    /// Everything.
    #[default]
    All,
    /// What these permissions allow, and nothing else.
    Only(BTreeSet<Permission>),
}

/// A permission that some request of the sandbox asks for, for example `outbound:schedule:view`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission(String);

/// A text is no permission that the sandbox knows.
#[derive(Debug, thiserror::Error)]
pub enum UnknownPermission {
    /// No request asks for it.
    #[error("no request to the sandbox asks for this permission; {way_out}")]
    NotAskedFor {
        /// The permission that was meant, or an example.
        way_out: String,
    },
    /// The permissions are not known.
    #[error(transparent)]
    Document(#[from] BrokenDocument),
}

/// The permissions that each operation asks for.
pub struct PermissionRules {
    rules: Vec<PermissionRule>,
}

struct PermissionRule {
    method: String,
    /// The path, each parameter as `{}`.
    path: String,
    /// Any one of these is enough.
    any_of: Vec<String>,
}

/// The operations that the document lacks.
const BESIDES_THE_DOCUMENT: [(&str, &str, &[&str]); 4] = [
    // Official Python SDK, RoutingApi.md (genesys-api.md, 4.3).
    ("GET", "/api/v2/routing/queues", &["routing:queue:view"]),
    ("GET", "/api/v2/routing/queues/{}", &["routing:queue:view"]),
    // The API `campaign-schedules` is not public: as for the schedule of a campaign in the public one.
    ("GET", "/api/v2/outbound/campaigns/{}/schedules", &["outbound:campaign:viewSchedule"]),
    ("POST", "/api/v2/outbound/campaigns/{}/schedules", &["outbound:campaign:editSchedule"]),
];

impl Permissions {
    fn include(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(granted) => granted.iter().any(|permission| permission.0 == name),
        }
    }
}

impl Permission {
    /// Its domain, entity and action, for example `outbound`, `schedule` and `view`.
    pub fn parts(&self) -> (&str, &str, &str) {
        let (domain, rest) = self.0.split_once(':').unwrap_or((&self.0, ""));
        let (entity, action) = rest.split_once(':').unwrap_or((rest, ""));
        (domain, entity, action)
    }
}

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, UnknownPermission> {
        let rules = PermissionRules::read()?;
        let known: BTreeSet<&str> = rules.rules.iter().flat_map(|rule| &rule.any_of).map(String::as_str).collect();
        if known.contains(text) {
            return Ok(Self(text.to_owned()));
        }
        let near = known.iter().map(|known| (strsim::damerau_levenshtein(text, known), *known)).min();
        let way_out = match near {
            Some((distance, near)) if distance <= 1 + text.len() / 4 => format!("did you mean `{near}`?"),
            _ => "write for example `outbound:schedule:view`".to_owned(),
        };
        Err(UnknownPermission::NotAskedFor { way_out })
    }
}

impl PermissionRules {
    /// The rules of the document (`x-required-permissions`) and those of what it lacks.
    ///
    /// # Errors
    /// When the document cannot be read, or a rule in it is not of the type ANY, the only one it has.
    pub fn read() -> Result<Self, BrokenDocument> {
        let document: Value =
            serde_json::from_str(DOCUMENT).map_err(|error| BrokenDocument::because(&error.to_string()))?;
        let mut rules = Vec::new();
        for (path, operations) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
            for (method, operation) in operations.as_object().into_iter().flatten() {
                let Some(required) = operation.get("x-required-permissions") else { continue };
                let names = required.get("permissions").and_then(Value::as_array).into_iter().flatten();
                let any_of: Vec<String> = names.filter_map(Value::as_str).map(str::to_owned).collect();
                if required.get("type").is_none_or(|kind| kind != "ANY") || any_of.is_empty() {
                    return Err(BrokenDocument::because(&format!("{method} {path} asks for no permissions")));
                }
                rules.push(PermissionRule { method: method.to_uppercase(), path: unnamed(path), any_of });
            }
        }
        rules.extend(BESIDES_THE_DOCUMENT.map(|(method, path, any_of)| PermissionRule {
            method: method.to_owned(),
            path: path.to_owned(),
            any_of: any_of.iter().map(|&name| name.to_owned()).collect(),
        }));
        Ok(Self { rules })
    }

    /// Whether a client may make a request to a route. What asks for no permission is everyone's.
    ///
    /// # Errors
    /// 403 with the permissions of which it needs one.
    pub fn check(&self, granted: &Permissions, method: &str, route: &str) -> Result<(), Refusal> {
        // HEAD is answered as GET is.
        let method = if method == "HEAD" { "GET" } else { method };
        let route = unnamed(route);
        let rule = self.rules.iter().find(|rule| rule.method == method && rule.path == route);
        match rule {
            Some(rule) if !rule.any_of.iter().any(|name| granted.include(name)) => {
                Err(Refusal::missing_permissions(&rule.any_of))
            }
            _ => Ok(()),
        }
    }
}

/// `/campaigns/{campaignId}` as `/campaigns/{}`: the routes name their parameters differently.
fn unnamed(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_some_request_asks_for_is_a_permission() {
        for known in ["outbound:schedule:view", "outbound:campaign:search", "outbound:whatsAppCampaign:editSchedule"] {
            assert_eq!(known.parse::<Permission>().unwrap().0, known);
        }
        for (unknown, hint) in [
            ("outbound:schedule:veiw", "did you mean `outbound:schedule:view`?"),
            ("outbound:campaign:add", "`outbound:"),
            ("everything", "write for example"),
            ("", "write for example"),
        ] {
            let message = unknown.parse::<Permission>().unwrap_err().to_string();
            assert!(message.contains(hint), "{unknown}: {message}");
        }
    }

    #[test]
    fn a_permission_has_three_parts() {
        let permission: Permission = "outbound:campaign:viewSchedule".parse().unwrap();
        assert_eq!(permission.parts(), ("outbound", "campaign", "viewSchedule"));
    }
}

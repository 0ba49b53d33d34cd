//! `webhooks` in `dialctl.yaml`, and the receivers of events that they and the environment add up to.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::settings::Environment;
use crate::ledger::{Address, EventType, Format, Interest, Receiver, SigningSecret, WFM};
use crate::schedule::Selector;

/// Where the address of the receiver [`WFM`] comes from, and what events to it are signed with.
const WFM_URL: &str = "WFM_WEBHOOK_URL";
const WFM_SECRET: &str = "WFM_WEBHOOK_SECRET";

/// Headers that say how a request is made; the program sets them itself.
const RESERVED: [&str; 7] =
    ["connection", "content-length", "content-type", "host", "te", "transfer-encoding", "upgrade"];

/// A receiver of events.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WebhookFile {
    /// What the receiver is called; unique here. `wfm` is that of the variable `WFM_WEBHOOK_URL`.
    #[schemars(title = "a name of 1 to 40 characters: a-z, 0-9 and `-`", regex(pattern = "^[a-z0-9-]{1,40}$"))]
    name: String,
    /// Its address; plain http only to this machine. Whoever reads this file reads it too: an address that is a secret
    /// comes by `urlFrom`.
    #[schemars(example = "https://events.example.com/dialing")]
    url: Option<String>,
    /// The environment variable that has its address.
    url_from: Option<Variable>,
    /// The types of events that it is told about. Default: all.
    #[schemars(length(min = 1), extend("uniqueItems" = true))]
    events: Option<Vec<EventName>>,
    /// The schedules that it is told about, by the labels of their manifests. Default: all. A schedule that is deleted
    /// has the labels with which it was last applied.
    selector: Option<SelectorFile>,
    /// What requests to it look like. Default `mission`.
    format: Option<FormatFile>,
    /// The environment variable that has its secret for signatures, `whsec_` and Base64; or a list of them, all of
    /// which sign, so that the receiver can change from one to the next. Default: nothing is signed.
    secret_from: Option<Variables>,
    /// Headers that it asks for besides, by their names.
    #[serde(default)]
    headers: BTreeMap<String, HeaderFile>,
    /// Where it stands, for messages.
    #[serde(skip)]
    #[schemars(skip)]
    place: String,
}

/// The name of an environment variable.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
struct Variable(String);

/// One environment variable or several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
enum Variables {
    One(Variable),
    Several(Vec<Variable>),
}

/// The types of events, as their receivers see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
enum EventName {
    /// A schedule now exists.
    #[serde(rename = "SCHEDULE_CREATED")]
    Created,
    /// A schedule changed.
    #[serde(rename = "SCHEDULE_UPDATED")]
    Updated,
    /// A schedule is gone.
    #[serde(rename = "SCHEDULE_DELETED")]
    Deleted,
}

/// What requests look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum FormatFile {
    /// The body is the event, the attributes of the CloudEvent are headers.
    Mission,
    /// The body is the CloudEvent with the event as its data.
    CloudeventsStructured,
}

/// Which schedules a receiver is told about.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct SelectorFile {
    /// Labels that a schedule must have, all of them.
    match_labels: BTreeMap<String, String>,
}

/// Where the value of a header comes from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct HeaderFile {
    /// The environment variable that has it.
    from: Variable,
}

impl JsonSchema for Variable {
    fn schema_name() -> Cow<'static, str> {
        "Variable".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "title": "the name of an environment variable",
            "type": "string",
            "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        })
    }
}

impl JsonSchema for Variables {
    fn schema_name() -> Cow<'static, str> {
        "Variables".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        // Keywords of lists say nothing about texts, and those of texts nothing about lists.
        let one = Variable::json_schema(generator).to_value();
        json_schema!({
            "title": "the name of an environment variable, or a list of them",
            "type": ["string", "array"],
            "pattern": one.get("pattern"),
            "items": one,
            "minItems": 1,
        })
    }
}

impl Variables {
    fn all(&self) -> &[Variable] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(several) => several,
        }
    }
}

/// Keeps the place of each entry, and finds what the schema cannot: each problem with its JSON pointer.
///
/// # Errors
/// What is wrong, and where.
pub fn check(
    mut files: Vec<WebhookFile>,
    place: &dyn Fn(&str) -> String,
) -> Result<Vec<WebhookFile>, Vec<(String, String)>> {
    let mut problems = Vec::new();
    let mut names = BTreeSet::new();
    for (position, file) in files.iter_mut().enumerate() {
        let entry = format!("/webhooks/{position}");
        file.place = place(&entry);
        let mut found = |below: &str, message: String| problems.push((format!("{entry}{below}"), message));
        if file.name == WFM {
            found("/name", format!("`{WFM}` is the receiver of {WFM_URL}; give this one another name"));
        } else if !names.insert(file.name.clone()) {
            found("/name", format!("another webhook is called `{}` too; give each a name of its own", file.name));
        }
        match (&file.url, &file.url_from) {
            (None, None) => found("", "it has no address; give `url`, or `urlFrom` with a variable".to_owned()),
            (Some(_), Some(_)) => found("/urlFrom", "there is `url` already; keep one of the two".to_owned()),
            (Some(url), None) => match Address::parse(url) {
                Err(error) => found("/url", error.to_string()),
                Ok(address) if address.has_secret_parts() => found(
                    "/url",
                    "a user, a query or a fragment may be a secret, which does not belong here; put the address into an \
                     environment variable and name that with `urlFrom`"
                        .to_owned(),
                ),
                Ok(_) => {}
            },
            (None, Some(_)) => {}
        }
        for name in file.headers.keys() {
            let at = format!("/headers/{}", name.replace('~', "~0").replace('/', "~1"));
            match HeaderName::try_from(name) {
                Err(_) => found(&at, "this is no name of a header".to_owned()),
                Ok(header) if is_reserved(&header) => {
                    found(&at, format!("dialctl sets the header `{header}` itself; remove it"));
                }
                Ok(_) => {}
            }
        }
    }
    if problems.is_empty() { Ok(files) } else { Err(problems) }
}

fn is_reserved(header: &HeaderName) -> bool {
    let name = header.as_str();
    RESERVED.contains(&name) || name.starts_with("ce-") || name.starts_with("webhook-")
}

/// The receivers that the file and the environment add up to, in the order of their names.
///
/// # Errors
/// Every problem with what the environment has or lacks, with its place and the way out.
pub fn receivers(files: &[WebhookFile], environment: Environment<'_>) -> Result<Vec<Receiver>, Vec<String>> {
    let set = |name: &str| environment(name).filter(|value| !value.trim().is_empty());
    let (mut receivers, mut problems) = (Vec::new(), Vec::new());
    if let Some(url) = set(WFM_URL) {
        let secrets = set(WFM_SECRET).map_or_else(|| Ok(Vec::new()), |text| SigningSecret::parse_all(&text));
        let address = Address::parse(&url);
        let mut failed = |variable: &str, error: &dyn Display| problems.push(format!("{variable}: {error}"));
        match (address, secrets) {
            (Ok(address), Ok(secrets)) => {
                let (interest, format, headers) = (Interest::default(), Format::Mission, HeaderMap::new());
                receivers.push(Receiver { name: WFM.to_owned(), address, interest, format, secrets, headers });
            }
            (address, secrets) => {
                address.err().into_iter().for_each(|error| failed(WFM_URL, &error));
                secrets.err().into_iter().for_each(|error| failed(WFM_SECRET, &error));
            }
        }
    }
    for file in files {
        match file.receiver(&set) {
            Ok(receiver) => receivers.push(receiver),
            Err(found) => {
                let told = |problem| format!("{}: the webhook `{}`: {problem}", file.place, file.name);
                problems.extend(found.into_iter().map(told));
            }
        }
    }
    receivers.sort_by(|a, b| a.name.cmp(&b.name));
    if problems.is_empty() { Ok(receivers) } else { Err(problems) }
}

impl WebhookFile {
    fn receiver(&self, set: &dyn Fn(&str) -> Option<String>) -> Result<Receiver, Vec<String>> {
        let mut problems = Vec::new();
        let mut value = |field: &str, Variable(name): &Variable| {
            let value = set(name);
            if value.is_none() {
                problems
                    .push(format!("`{field}` names the variable {name}, which is not set; set it or remove the field"));
            }
            value.map(|value| (name.clone(), value))
        };
        let url = self.url_from.as_ref().and_then(|variable| value("urlFrom", variable));
        let listed = self.secret_from.as_ref().map_or(&[][..], Variables::all);
        let texts: Vec<_> = listed.iter().filter_map(|variable| value("secretFrom", variable)).collect();
        let own = self.headers.iter();
        let own: Vec<_> = own.filter_map(|(name, file)| Some((name, value("headers", &file.from)?))).collect();

        let mut refused = |name: &str, error: &dyn Display| problems.push(format!("{name}: {error}"));
        let address = match (&self.url, &url) {
            (Some(url), _) => Address::parse(url).map_err(|error| refused("url", &error)).ok(),
            (None, Some((name, url))) => Address::parse(url).map_err(|error| refused(name, &error)).ok(),
            // Told already.
            (None, None) => None,
        };
        let mut secrets = Vec::new();
        for (name, text) in &texts {
            match SigningSecret::parse_all(text) {
                Ok(parsed) => secrets.extend(parsed),
                Err(error) => refused(name, &error),
            }
        }
        let mut headers = HeaderMap::new();
        for (header, (variable, value)) in own {
            match (HeaderName::try_from(header), HeaderValue::try_from(value.trim())) {
                (Ok(header), Ok(mut value)) => {
                    value.set_sensitive(true);
                    headers.insert(header, value);
                }
                _ => refused(&variable, &"a header cannot have this value; it takes one line of visible characters"),
            }
        }
        let Some(address) = address.filter(|_| problems.is_empty()) else { return Err(problems) };
        let interest = Interest {
            events: self.events.iter().flatten().map(|name| EventType::from(*name)).collect(),
            selector: self.selector.clone().map(Selector::from).unwrap_or_default(),
        };
        let format = self.format.map(Format::from).unwrap_or_default();
        Ok(Receiver { name: self.name.clone(), address, interest, format, secrets, headers })
    }
}

impl From<EventName> for EventType {
    fn from(name: EventName) -> Self {
        match name {
            EventName::Created => Self::ScheduleCreated,
            EventName::Updated => Self::ScheduleUpdated,
            EventName::Deleted => Self::ScheduleDeleted,
        }
    }
}

impl From<FormatFile> for Format {
    fn from(format: FormatFile) -> Self {
        match format {
            FormatFile::Mission => Self::Mission,
            FormatFile::CloudeventsStructured => Self::CloudEventsStructured,
        }
    }
}

impl From<SelectorFile> for Selector {
    fn from(SelectorFile { match_labels }: SelectorFile) -> Self {
        Self { match_labels }
    }
}

#[cfg(test)]
#[path = "webhooks_tests.rs"]
mod tests;

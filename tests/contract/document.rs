//! The OpenAPI document as a judge of exchanges. It is read more strictly than it is written: fields
//! that a schema does not list are refused, and so are parameters and statuses that are not declared.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, LazyLock, Mutex};

use axum::http::{HeaderMap, header};
use jsonschema::{Draft, Validator};
use reqwest::Url;
use serde_json::{Value, json};

use crate::wire::Exchange;

/// The document that the sandbox itself is built on.
const TEXT: &str = include_str!("../../src/sandbox/genesys-outbound-openapi.json");

/// The document.
pub struct Document {
    root: Value,
    /// Its components, without room for fields that are not listed.
    components: Value,
    /// Compiled schemas by their text; compiling takes far longer than judging.
    compiled: Mutex<HashMap<String, Arc<Validator>>>,
}

/// An operation of the document: `GET /api/v2/outbound/schedules/campaigns/{campaignId}`.
struct Operation<'a> {
    name: String,
    path: &'a Value,
    operation: &'a Value,
}

impl Document {
    /// The document, read once.
    pub fn shared() -> &'static Self {
        static SHARED: LazyLock<Document> = LazyLock::new(Document::read);
        &SHARED
    }

    fn read() -> Self {
        let root: Value = serde_json::from_str(TEXT).unwrap();
        let mut components = root["components"].clone();
        tighten(&mut components["schemas"]);
        Self { root, components, compiled: Mutex::default() }
    }

    /// Fails unless request and answer are what the document says; gives the name of the operation and
    /// the status.
    #[track_caller]
    pub fn judge(&self, exchange: &Exchange) -> (String, u16) {
        let operation = self.operation(exchange);
        self.request(&operation, exchange);
        self.answer(&operation, exchange);
        (operation.name, exchange.status)
    }

    /// Judges all exchanges, in which a page may name the next one as it likes: those addresses are the
    /// server's. Gives the operations that were used, with their statuses.
    #[track_caller]
    pub fn judge_all(&self, exchanges: &[Exchange]) -> HashSet<(String, u16)> {
        let mut linked = HashSet::new();
        let judged = exchanges.iter().map(|exchange| {
            let mut exchange = exchange.clone();
            if linked.contains(&format!("{}?{}", exchange.path, exchange.query)) {
                exchange.query = String::new();
            }
            let body: Value = serde_json::from_slice(&exchange.response).unwrap_or_default();
            linked.extend(body["nextUri"].as_str().map(str::to_owned));
            self.judge(&exchange)
        });
        judged.collect()
    }

    /// Fails unless only the answer is what the document says, for requests that are wrong on purpose.
    #[track_caller]
    pub fn judge_answer(&self, exchange: &Exchange) -> (String, u16) {
        let operation = self.operation(exchange);
        self.answer(&operation, exchange);
        (operation.name, exchange.status)
    }

    #[track_caller]
    fn operation(&self, exchange: &Exchange) -> Operation<'_> {
        let method = exchange.method.to_ascii_lowercase();
        let paths = self.root["paths"].as_object().unwrap();
        let mut fitting: Vec<_> = paths.iter().filter(|(template, _)| fits(template, &exchange.path)).collect();
        // A path without parameters goes before one with them.
        fitting.sort_by_key(|(template, _)| template.matches('{').count());
        let (template, path) = fitting.first().unwrap_or_else(|| panic!("{} is not in the document", exchange.path));
        let operation = path.get(&method).unwrap_or_else(|| panic!("{template} has no {method}"));
        Operation { name: format!("{} {template}", exchange.method), path, operation }
    }

    #[track_caller]
    fn request(&self, operation: &Operation<'_>, exchange: &Exchange) {
        let name = &operation.name;
        self.parameters(operation, exchange);
        let authorization = exchange.request_headers[header::AUTHORIZATION].to_str().unwrap();
        let scheme = if name == "POST /oauth/token" { "Basic " } else { "Bearer " };
        assert!(authorization.starts_with(scheme), "{name}");
        let Some(declared) = operation.operation.get("requestBody") else {
            assert!(exchange.request.is_empty(), "{name} takes no body");
            return;
        };
        let kind = media_type(&exchange.request_headers);
        let schema = declared["content"].get(&kind).map(|content| &content["schema"]);
        let schema = schema.unwrap_or_else(|| panic!("{name} does not take {kind}"));
        let body = match kind.as_str() {
            "application/json" => serde_json::from_slice(&exchange.request).unwrap(),
            _ => {
                let query = std::str::from_utf8(&exchange.request).unwrap();
                let url = Url::parse(&format!("http://form/?{query}")).unwrap();
                url.query_pairs().map(|(name, value)| (name.into_owned(), Value::String(value.into_owned()))).collect()
            }
        };
        self.fits(schema, &body, &format!("the request of {name}"));
        self.assert_nothing_read_only(schema, &body, name);
    }

    /// Parameters of path and query: all declared, none missing, each of its type.
    #[track_caller]
    fn parameters(&self, operation: &Operation<'_>, exchange: &Exchange) {
        let name = &operation.name;
        let declared = |place: &str| {
            let lists = [operation.path.get("parameters"), operation.operation.get("parameters")];
            let all = lists.into_iter().flatten().flat_map(|list| list.as_array().unwrap());
            all.filter(|parameter| parameter["in"] == place).cloned().collect::<Vec<_>>()
        };
        let template = name.split_once(' ').unwrap().1;
        for (part, value) in template.split('/').zip(exchange.path.split('/')) {
            if let Some(parameter) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
                assert!(declared("path").iter().any(|known| known["name"] == parameter), "{name}: {parameter}");
                assert!(!value.is_empty(), "{name}: {parameter} is empty");
            }
        }
        let query = declared("query");
        let url = Url::parse(&format!("http://query/?{}", exchange.query)).unwrap();
        let sent: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        for (key, value) in &sent {
            let parameter = query.iter().find(|known| known["name"] == key.as_str());
            let schema = &parameter.unwrap_or_else(|| panic!("{name} has no parameter {key}"))["schema"];
            let typed = match schema["type"].as_str().unwrap() {
                "integer" | "number" | "boolean" => serde_json::from_str(value).unwrap(),
                "array" => sent.iter().filter(|(other, _)| other == key).map(|(_, value)| json!(value)).collect(),
                _ => json!(value),
            };
            self.fits(schema, &typed, &format!("{key} of {name}"));
        }
        for required in query.iter().filter(|parameter| parameter["required"] == true) {
            assert!(sent.iter().any(|(key, _)| required["name"] == key.as_str()), "{name} needs {required}");
        }
    }

    #[track_caller]
    fn answer(&self, operation: &Operation<'_>, exchange: &Exchange) {
        let Exchange { status, response, .. } = exchange;
        let name = format!("{status} of {}", operation.name);
        let declared = operation.operation["responses"].get(status.to_string());
        let declared = self.followed(declared.unwrap_or_else(|| panic!("{name} is not declared")));
        let Some(content) = declared.get("content") else {
            assert!(response.is_empty(), "{name} has no body");
            return;
        };
        let kind = media_type(&exchange.headers);
        let schema = &content.get(&kind).unwrap_or_else(|| panic!("{name} is not {kind}"))["schema"];
        let body: Value = serde_json::from_slice(response).unwrap_or_else(|error| panic!("{name}: {error}"));
        self.fits(schema, &body, &name);
        if *status >= 400 && operation.name != "POST /oauth/token" {
            let correlation = exchange.headers["inin-correlation-id"].to_str().unwrap();
            assert_eq!((&body["status"], &body["contextId"]), (&json!(status), &json!(correlation)), "{name}");
        }
    }

    /// What a reference refers to.
    fn followed<'a>(&'a self, value: &'a Value) -> &'a Value {
        let reference = value.get("$ref").and_then(Value::as_str);
        reference.map_or(value, |reference| self.root.pointer(reference.trim_start_matches('#')).unwrap())
    }

    #[track_caller]
    fn fits(&self, schema: &Value, value: &Value, what: &str) {
        let validator = self.compiled(schema);
        let errors: Vec<String> =
            validator.iter_errors(value).map(|error| format!("{} {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{what}: {errors:#?} in {value:#}");
    }

    fn compiled(&self, schema: &Value) -> Arc<Validator> {
        let mut compiled = self.compiled.lock().unwrap();
        let validator = compiled.entry(schema.to_string()).or_insert_with(|| {
            let mut schema = schema.clone();
            tighten(&mut schema);
            let root = json!({"allOf": [schema], "components": self.components});
            let options = jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
            Arc::new(options.build(&root).unwrap())
        });
        Arc::clone(validator)
    }

    #[track_caller]
    fn assert_nothing_read_only(&self, schema: &Value, body: &Value, name: &str) {
        let properties = self.followed(schema)["properties"].as_object().unwrap();
        for (field, _) in properties.iter().filter(|(_, property)| property["readOnly"] == true) {
            assert!(body.get(field).is_none(), "{name} sends {field}, which only the server sets");
        }
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (template, path): (Vec<&str>, Vec<&str>) = (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(path).all(|(part, value)| part.starts_with('{') || *part == value)
}

fn media_type(headers: &HeaderMap) -> String {
    let text = headers.get(header::CONTENT_TYPE).map_or("", |value| value.to_str().unwrap());
    text.split(';').next().unwrap().trim().to_owned()
}

/// OpenAPI's own notation as JSON Schema: `nullable`, the ranges of `format`, and no further fields.
fn tighten(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            let range = match object.get("format").and_then(Value::as_str) {
                Some("int32") => Some((i64::from(i32::MIN), i64::from(i32::MAX))),
                Some("int64") => Some((i64::MIN, i64::MAX)),
                _ => None,
            };
            if let Some((least, most)) = range {
                object.insert("minimum".to_owned(), least.into());
                object.insert("maximum".to_owned(), most.into());
            }
            if object.get("nullable") == Some(&json!(true)) {
                let kind = object["type"].clone();
                object.insert("type".to_owned(), json!([kind, "null"]));
            }
            if object.get("type") == Some(&json!("object")) && object.contains_key("properties") {
                object.entry("additionalProperties").or_insert(json!(false));
            }
            object.iter_mut().filter(|(key, _)| *key != "example").for_each(|(_, inner)| tighten(inner));
        }
        Value::Array(items) => items.iter_mut().for_each(tighten),
        _ => {}
    }
}

#[test]
fn the_judge_finds_what_is_wrong() {
    let document = Document::shared();
    let right = Exchange {
        method: "PUT".to_owned(),
        path: "/api/v2/outbound/schedules/campaigns/c".to_owned(),
        query: String::new(),
        request_headers: [(header::AUTHORIZATION, "Bearer t"), (header::CONTENT_TYPE, "application/json")]
            .map(|(name, value)| (name, value.parse().unwrap()))
            .into_iter()
            .collect(),
        request: r#"{"intervals": [], "campaign": {"id": "c"}}"#.into(),
        status: 200,
        headers: HeaderMap::from_iter([(header::CONTENT_TYPE, "application/json".parse().unwrap())]),
        response: r#"{"id": "1", "intervals": [], "campaign": {"id": "c"}}"#.into(),
    };
    assert_eq!(document.judge(&right).1, 200);
    let body = |text: &'static str| Exchange { request: text.into(), ..right.clone() };
    let answer = |text: &'static str| Exchange { response: text.into(), ..right.clone() };
    for wrong in [
        body(r#"{"campaign": {"id": "c"}}"#),
        body(r#"{"intervals": [], "campaign": {"id": "c"}, "timezone": "UTC"}"#),
        body(r#"{"intervals": [], "campaign": {"id": "c"}, "version": 2147483648}"#),
        body(r#"{"intervals": [], "campaign": {"id": "c"}, "id": "1"}"#),
        body(r#"{"intervals": [{"start": 5}], "campaign": {"id": "c"}}"#),
        answer(r#"{"id": 1, "intervals": [], "campaign": {"id": "c"}}"#),
        answer(r#"{"intervals": [], "campaign": {"id": "c"}, "dateCreated": "yesterday"}"#),
        answer("<html>"),
        Exchange { query: "force=true".to_owned(), ..right.clone() },
        Exchange { status: 201, ..right.clone() },
        Exchange { method: "POST".to_owned(), ..right.clone() },
        Exchange { path: "/api/v2/outbound/schedules/campaign/c".to_owned(), ..right.clone() },
        Exchange { path: "/api/v2/outbound/schedules/campaigns/".to_owned(), ..right.clone() },
        Exchange { headers: HeaderMap::new(), ..right.clone() },
    ] {
        let judged = std::panic::catch_unwind(|| Document::shared().judge(&wrong));
        assert!(judged.is_err(), "{wrong:?}");
    }
}

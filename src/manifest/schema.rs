//! The JSON Schema of manifests, generated from their types; the one that validates.

use std::sync::{LazyLock, OnceLock};

use jsonschema::{Draft, PatternOptions, Validator};
use schemars::JsonSchema;
use schemars::generate::{SchemaGenerator, SchemaSettings};
use schemars::transform::{RecursiveTransform, Transform};
use serde_json::{Map, Value, json};

use super::document::{
    API_VERSION, BlackoutCalendarSpec, CallingHoursSpec, CampaignCapacitySpec, CapacityPoolSpec, Kind, Metadata,
    ScheduleMetadata, ScheduleSpec,
};
use super::text::with_formats;
use crate::schedule::ScheduleKind;

const ID: &str = "urn:dialctl:manifest:v1";
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The schema of a manifest of any kind.
pub fn manifest_schema() -> Value {
    static SCHEMA: LazyLock<Value> = LazyLock::new(generate);
    SCHEMA.clone()
}

/// A JSON document as it is committed: indented, with a newline at the end.
pub fn pretty(json: &Value) -> String {
    format!("{json:#}\n")
}

/// A generator for schemas of what people write: draft 2020-12, where a field that may be absent may
/// not therefore be null, and without the formats of Rust's number types.
pub fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().with_transform(RecursiveTransform(AsWritten)).into_generator()
}

/// The validator of one kind, with exact errors where the schema of all kinds could only say that none
/// of them fits.
pub(super) fn validator(kind: Kind) -> &'static Compiled {
    static COMPILED: [OnceLock<Compiled>; Kind::ALL.len()] = [const { OnceLock::new() }; Kind::ALL.len()];
    let position = Kind::ALL.iter().position(|other| *other == kind).unwrap_or_default();
    COMPILED[position].get_or_init(|| {
        let mut schema = manifest_schema();
        if let Some(root) = schema.as_object_mut() {
            root.remove("oneOf");
            root.remove("$id");
            root.insert("$ref".to_owned(), reference(kind.as_str()));
        }
        let validator = compile(&schema);
        Compiled { schema, validator }
    })
}

/// A schema, and the validator made of it.
pub struct Compiled {
    pub(super) schema: Value,
    pub(super) validator: Validator,
}

impl Compiled {
    /// Compiles a schema that [`generator`] made.
    pub fn new(schema: Value) -> Self {
        Self { validator: compile(&schema), schema }
    }
}

pub(super) fn compile(schema: &Value) -> Validator {
    let options = with_formats(jsonschema::options())
        .with_draft(Draft::Draft202012)
        // Linear time whatever the text; the patterns need nothing more.
        .with_pattern_options(PatternOptions::regex());
    // The schema depends on nothing but this program, and the tests compile it.
    #[expect(clippy::expect_used, reason = "the generated schema compiles, as the tests show")]
    options.build(schema).expect("the generated schema compiles")
}

fn generate() -> Value {
    let mut generator = generator();
    let mut kinds = Map::new();
    for kind in Kind::ALL {
        let spec = match kind {
            Kind::Schedule(kind) => schedule_spec(&mut generator, kind),
            Kind::CampaignCapacity => refer::<CampaignCapacitySpec>(&mut generator),
            Kind::CapacityPool => refer::<CapacityPoolSpec>(&mut generator),
            Kind::BlackoutCalendar => refer::<BlackoutCalendarSpec>(&mut generator),
            Kind::CallingHours => refer::<CallingHoursSpec>(&mut generator),
        };
        let metadata = match kind {
            Kind::Schedule(_) => refer::<ScheduleMetadata>(&mut generator),
            _ => refer::<Metadata>(&mut generator),
        };
        kinds.insert(kind.as_str().to_owned(), envelope(kind, &metadata, &spec));
    }
    let mut definitions = generator.take_definitions(true);
    definitions.remove(&ScheduleSpec::schema_name().into_owned());
    definitions.extend(kinds);
    json!({
        "$schema": DIALECT,
        "$id": ID,
        "title": "dialctl manifest",
        "description": "One document of a dialctl repository.",
        "oneOf": Kind::ALL.map(|kind| json!({ "$ref": reference(kind.as_str()) })),
        "$defs": definitions,
    })
}

fn reference(definition: &str) -> Value {
    json!(format!("#/$defs/{definition}"))
}

fn refer<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    generator.subschema_for::<T>().to_value()
}

fn envelope(kind: Kind, metadata: &Value, spec: &Value) -> Value {
    json!({
        "title": kind.as_str(),
        "description": about(kind),
        "type": "object",
        "properties": {
            "apiVersion": { "description": "The version of the manifest format.", "const": API_VERSION },
            "kind": { "description": "The kind of document.", "const": kind.as_str() },
            "metadata": metadata,
            "spec": spec,
        },
        "required": ["apiVersion", "kind", "metadata", "spec"],
        "additionalProperties": false,
    })
}

fn about(kind: Kind) -> &'static str {
    match kind {
        Kind::Schedule(ScheduleKind::Campaign) => "When a voice campaign dials.",
        Kind::Schedule(ScheduleKind::Sequence) => "When a sequence of voice campaigns runs.",
        Kind::Schedule(ScheduleKind::MessagingCampaign) => "When an SMS campaign sends.",
        Kind::Schedule(ScheduleKind::EmailCampaign) => "When an email campaign sends.",
        Kind::Schedule(ScheduleKind::WhatsAppCampaign) => "When a WhatsApp campaign sends.",
        Kind::CampaignCapacity => "What one campaign has at any instant.",
        Kind::CapacityPool => "What several campaigns share at the same instant.",
        Kind::BlackoutCalendar => "Days without dialing.",
        Kind::CallingHours => "The legal or agreed local hours.",
    }
}

/// The spec of one family: that of all families, with the family's own name for its target.
fn schedule_spec(generator: &mut SchemaGenerator, kind: ScheduleKind) -> Value {
    let shared = refer::<ScheduleSpec>(generator);
    let name = format!("{kind}Spec");
    let mut spec = generator.definitions().get(&ScheduleSpec::schema_name().into_owned()).cloned().unwrap_or(shared);
    if let Some(properties) = spec.get_mut("properties").and_then(Value::as_object_mut)
        && let Some(mut target) = properties.remove("target")
    {
        target["description"] = json!(format!("The {} that the schedule drives.", kind.target_field()));
        properties.insert(kind.target_field().to_owned(), target);
    }
    for required in spec.get_mut("required").and_then(Value::as_array_mut).into_iter().flatten() {
        if required == "target" {
            *required = json!(kind.target_field());
        }
    }
    let reference = reference(&name);
    generator.definitions_mut().insert(name, spec);
    json!({ "$ref": reference })
}

#[derive(Clone)]
struct AsWritten;

impl Transform for AsWritten {
    fn transform(&mut self, schema: &mut schemars::Schema) {
        let Some(object) = schema.as_object_mut() else { return };
        if let Some(Value::Array(types)) = object.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                object.insert("type".to_owned(), only);
            }
        }
        if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
            branches.retain(|branch| branch.get("type") != Some(&json!("null")));
            if let [Value::Object(only)] = branches.as_slice() {
                let only = only.clone();
                object.remove("anyOf");
                object.extend(only);
            }
        }
        // Names with a comment each come as one branch each; a list of names gives better messages.
        let names = object.get("oneOf").and_then(Value::as_array).and_then(|branches| {
            branches.iter().map(|branch| branch.get("const").cloned()).collect::<Option<Vec<Value>>>()
        });
        if let Some(names) = names {
            object.remove("oneOf");
            object.insert("type".to_owned(), json!("string"));
            object.insert("enum".to_owned(), Value::Array(names));
        }
        if object.get("format").and_then(Value::as_str).is_some_and(|format| format.starts_with("uint")) {
            object.remove("format");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_committed_schema_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/dialctl.schema.json");
        let current = pretty(&manifest_schema());
        let committed = std::fs::read_to_string(path).unwrap_or_default();
        assert!(committed == current, "schemas/dialctl.schema.json is stale: run `dialctl schema`");
    }

    #[test]
    fn the_whole_schema_takes_what_the_schema_of_the_kind_takes() {
        let whole = compile(&manifest_schema());
        let target = json!({"id": "a"});
        let good = |kind: Kind| match kind {
            Kind::Schedule(kind) => json!({ kind.target_field(): target }),
            Kind::CampaignCapacity => json!({"campaign": target, "maxConcurrentCalls": 1, "maxConcurrentAgents": 1}),
            Kind::CapacityPool => json!({"maxConcurrentCalls": 1, "maxConcurrentAgents": 1}),
            Kind::BlackoutCalendar => json!({
                "selector": {"matchLabels": {}}, "action": "deny", "dates": [{"date": "2027-12-25", "name": "Christmas"}],
            }),
            Kind::CallingHours => json!({
                "selector": {"matchLabels": {}},
                "hours": [{"days": ["Monday"], "startTime": "08:00", "endTime": "21:00"}],
            }),
        };
        for kind in Kind::ALL {
            for other in Kind::ALL {
                for change in [None, Some("color"), Some("timezone"), Some("dailySlots"), Some("endDate"), Some("pool")]
                {
                    let mut spec = good(other);
                    if let Some(field) = change {
                        spec[field] = json!([]);
                    }
                    let metadata = json!({"name": "a"});
                    let manifest = json!({
                        "apiVersion": API_VERSION, "kind": kind.as_str(), "metadata": metadata, "spec": spec,
                    });
                    let taken = validator(kind).validator.is_valid(&manifest);
                    assert_eq!(whole.is_valid(&manifest), taken, "{manifest}");
                    if kind == other || change.is_some() {
                        assert_eq!(taken, change.is_none(), "{manifest}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_schema_is_one_and_speaks_to_people() {
        let schema = manifest_schema();
        assert!(jsonschema::meta::is_valid(&schema));
        for (name, definition) in schema["$defs"].as_object().unwrap() {
            for (field, about) in definition.get("properties").and_then(Value::as_object).into_iter().flatten() {
                let told = about.get("description").or_else(|| about.get("$ref")).is_some();
                assert!(told, "{name}.{field} has no description");
            }
        }
        let spec = &schema["$defs"]["CampaignScheduleSpec"]["properties"];
        assert_eq!((&spec["maxConcurrentCalls"]["default"], &spec["timezone"]["default"]), (&json!(10), &json!("UTC")));
        assert!(!schema.to_string().contains("\"null\""));
    }
}

//! The service's OpenAPI document, as the judge of what goes in and comes out.

use std::collections::HashMap;

use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use serde_json::{Value, json};

use super::refusal::Refusal;

/// The document: OpenAPI 3.0.3, the part of the public API that the sandbox serves.
pub const DOCUMENT: &str = include_str!("genesys-outbound-openapi.json");

/// The component schemas of the document, compiled.
///
/// They are read more strictly than they are written: fields that a schema does not list are refused
/// (the document is silent on them), and `format: int32` is a range (validators take it as a hint).
pub struct Schemas {
    validators: HashMap<String, Validator>,
}

/// The embedded document cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("the embedded OpenAPI document is broken: {0}")]
pub struct BrokenDocument(String);

impl BrokenDocument {
    /// For this reason.
    pub(super) fn because(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

impl Schemas {
    /// Compiles the component schemas with these names.
    ///
    /// # Errors
    /// When the document has no such schema, or one that does not compile.
    pub fn compile<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, BrokenDocument> {
        let broken = |error: &dyn std::fmt::Display| BrokenDocument(error.to_string());
        let mut document: Value = serde_json::from_str(DOCUMENT).map_err(|e| broken(&e))?;
        let mut components = document.pointer_mut("/components").map(Value::take).unwrap_or_default();
        if let Some(schemas) = components.pointer_mut("/schemas").and_then(Value::as_object_mut) {
            schemas.values_mut().for_each(tighten);
        }
        let mut validators = HashMap::new();
        for name in names {
            if components.pointer(&format!("/schemas/{name}")).is_none() {
                return Err(BrokenDocument(format!("it has no schema {name}")));
            }
            let root = json!({"$ref": format!("#/components/schemas/{name}"), "components": &components});
            let validator = jsonschema::options()
                .with_draft(jsonschema::Draft::Draft202012)
                .should_validate_formats(true)
                .build(&root)
                .map_err(|e| broken(&e))?;
            validators.insert(name.to_owned(), validator);
        }
        Ok(Self { validators })
    }

    /// Whether a value fits a schema.
    ///
    /// # Errors
    /// 400 `bad.request` with the first field that does not fit.
    pub fn check(&self, name: &str, value: &Value) -> Result<(), Refusal> {
        let Some(validator) = self.validators.get(name) else {
            return Err(Refusal::of_status(500));
        };
        match validator.iter_errors(value).next() {
            None => Ok(()),
            Some(error) => Err(refusal(&error)),
        }
    }
}

fn tighten(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("format").is_some_and(|format| format == "int32") {
                object.insert("minimum".into(), i32::MIN.into());
                object.insert("maximum".into(), i32::MAX.into());
            }
            let is_closed =
                object.get("type").is_some_and(|kind| kind == "object") && object.contains_key("properties");
            if is_closed {
                object.entry("additionalProperties").or_insert(false.into());
            }
            // Examples are data, not schemas.
            object.iter_mut().filter(|(key, _)| *key != "example").for_each(|(_, inner)| tighten(inner));
        }
        Value::Array(items) => items.iter_mut().for_each(tighten),
        _ => {}
    }
}

fn refusal(error: &ValidationError<'_>) -> Refusal {
    let place = dotted(error.instance_path().as_str());
    let below = |field: &str| if place.is_empty() { field.to_owned() } else { format!("{place}.{field}") };
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let field = property.as_str().unwrap_or_default();
            Refusal::bad_request(&below(field), "is required")
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let field = unexpected.first().map(String::as_str).unwrap_or_default();
            Refusal::bad_request(&below(field), "there is no such field")
        }
        // The value itself may be large, or none of an error message's business.
        _ => Refusal::bad_request(&place, &error.masked().to_string()),
    }
}

/// `/recurrences/0/pattern` as `recurrences[0].pattern`.
fn dotted(pointer: &str) -> String {
    let mut text = String::new();
    for part in pointer.split('/').skip(1) {
        if !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()) {
            text.push_str(&format!("[{part}]"));
        } else {
            if !text.is_empty() {
                text.push('.');
            }
            text.push_str(part);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_the_document_rejects_is_refused_with_the_field() {
        let schemas = Schemas::compile(["CampaignSchedule"]).unwrap();
        let good = json!({"campaign": {"id": "c"}, "intervals": []});
        assert_eq!(schemas.check("CampaignSchedule", &good), Ok(()));
        let weekly =
            json!({"start": "s", "end": "e", "range": {"type": "NoEnd"}, "pattern": {"type": "Weekly", "interval": 1}});
        for (change, field) in [
            (json!({"intervals": null}), "intervals"),
            (json!({"intervals": [{"start": "x"}]}), "intervals[0].end"),
            (json!({"version": "three"}), "version"),
            (json!({"version": 2_147_483_648_i64}), "version"),
            (json!({"version": 1.5}), "version"),
            (json!({"name": 5}), "name"),
            (json!({"timezone": "UTC"}), "timezone"),
            (json!({"campaign": {"id": "c", "kind": "x"}}), "campaign.kind"),
            (json!({"recurrences": [weekly, {"start": "s"}]}), "recurrences[1]"),
            (
                json!({"recurrences": [{"start": "s", "end": "e", "range": {"type": "NoEnd"},
                "pattern": {"type": "Monthly", "interval": 1}}]}),
                "recurrences[0].pattern.type",
            ),
            (
                json!({"recurrences": [{"start": "s", "end": "e", "range": {"type": "NoEnd"},
                "pattern": {"type": "Weekly", "interval": 1, "daysOfWeek": ["monday"]}}]}),
                "recurrences[0].pattern.daysOfWeek[0]",
            ),
        ] {
            let mut body = good.clone();
            body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let refusal = schemas.check("CampaignSchedule", &body).unwrap_err();
            assert!(refusal.field.as_deref().unwrap().starts_with(field), "{change}: {refusal:?}");
            assert!(refusal.message.starts_with(field), "{refusal:?}");
            assert_eq!((refusal.status, refusal.code), (400, "bad.request"));
        }
    }

    #[test]
    fn a_body_that_is_no_object_is_refused() {
        let schemas = Schemas::compile(["CampaignSchedule"]).unwrap();
        for body in [json!(null), json!([]), json!("x")] {
            assert_eq!(schemas.check("CampaignSchedule", &body).unwrap_err().code, "bad.request");
        }
    }

    #[test]
    fn a_schema_that_the_document_lacks_is_an_error() {
        assert!(Schemas::compile(["Nothing"]).is_err());
    }
}

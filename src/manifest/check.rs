//! Whether a document has the shape of its kind: errors of the schema as findings, one for each fault.

use std::collections::{HashMap, HashSet};

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind};
use serde_json::Value as Json;

use super::document::Kind;
use super::repair::{fits, repaired};
use super::schema::{Compiled, validator};
use super::slips::{OTHERWISE, Slips, is_dependent, is_otherwise, split};
use super::wording::{expected, found, listed, shown, whole_number};
use super::yaml::{Node, Value, escape_pointer_token};
use crate::rules::{Code, DocumentId, Finding, Place, nearest};

/// How many findings one document may give; who has more has the wrong file.
pub(super) const MAX_FINDINGS: usize = 100;

/// The kind of a document that has the shape of its kind; otherwise what is wrong with it.
///
/// # Errors
/// A finding for each fault.
pub fn check(document: DocumentId, root: &Node) -> Result<Kind, Vec<Finding>> {
    let kind = kind_of(document, root).map_err(|finding| vec![*finding])?;
    check_against(validator(kind), document, root).map(|()| kind)
}

/// Whether a document fits a schema; otherwise what is wrong with it.
pub(super) fn check_against(compiled: &Compiled, document: DocumentId, root: &Node) -> Result<(), Vec<Finding>> {
    let json = root.to_json();
    if compiled.validator.is_valid(&json) {
        return Ok(());
    }
    let faults = Faults { document, root, json: &json, compiled };
    let errors: Vec<ValidationError<'_>> = compiled.validator.iter_errors(&json).collect();
    Err(faults.findings(&errors))
}

fn kind_of(document: DocumentId, root: &Node) -> Result<Kind, Box<Finding>> {
    let names = Kind::ALL.map(Kind::as_str);
    let all = format!("the kinds are {}", listed(names, "and"));
    let start = Place::Key { document, pointer: String::new() };
    if !matches!(root.value, Value::Mapping(_)) {
        let message = format!("expected a manifest, found {}", found(&root.to_json()));
        let help = "a manifest is a mapping with `apiVersion`, `kind`, `metadata` and `spec`";
        return Err(Box::new(Finding::new(Code::Schema, start, message).help(help)));
    }
    let Some(kind) = root.get("kind") else {
        if let Some(misspelt) = misspelt_kind(root) {
            let place = Place::Key { document, pointer: format!("/{}", escape_pointer_token(misspelt)) };
            let finding = Finding::new(Code::UnknownField, place, format!("unknown field `{}`", shown(misspelt)));
            return Err(Box::new(finding.label("did you mean `kind`?").help(all)));
        }
        return Err(Box::new(Finding::new(Code::UnknownKind, start, "the field `kind` is missing").help(all)));
    };
    let place = Place::Value { document, pointer: "/kind".to_owned() };
    let Some(name) = kind.as_str() else {
        let message = format!("expected a kind of manifest, found {}", found(&kind.to_json()));
        return Err(Box::new(Finding::new(Code::UnknownKind, place, message).help(all)));
    };
    Kind::named(name).ok_or_else(|| {
        let finding = Finding::new(Code::UnknownKind, place, format!("there is no kind `{}`", shown(name)));
        Box::new(match nearest(name, names) {
            Some(near) => finding.label(format!("did you mean `{near}`?")).help(all),
            None => finding.help(all),
        })
    })
}

/// The field that stands for the missing `kind`.
fn misspelt_kind(root: &Node) -> Option<&str> {
    let Value::Mapping(entries) = &root.value else { return None };
    let mut fields = entries.iter().map(|entry| entry.key.as_str());
    fields.find(|field| nearest(field, ["apiVersion", "kind", "metadata", "spec"]) == Some("kind"))
}

/// A document that does not fit its schema, for what is wrong with it.
pub(super) struct Faults<'a> {
    document: DocumentId,
    root: &'a Node,
    json: &'a Json,
    compiled: &'a Compiled,
}

impl Faults<'_> {
    fn findings(&self, errors: &[ValidationError<'_>]) -> Vec<Finding> {
        let slips = Slips::of(self, errors);
        let mappings_with = |is: fn(&ValidationError<'_>) -> bool| -> HashSet<&str> {
            errors.iter().filter(|error| is(error)).map(|error| error.instance_path().as_str()).collect()
        };
        let crowded = mappings_with(|error| matches!(error.kind(), ValidationErrorKind::AdditionalProperties { .. }));
        let incomplete = mappings_with(is_dependent);
        // Of the fields that another one excludes, the first in the text: they are one fault.
        let mut excluded: HashMap<&str, &str> = HashMap::new();
        for error in errors.iter().filter(|error| matches!(error.kind(), ValidationErrorKind::FalseSchema)) {
            let at = error.instance_path().as_str();
            let first = excluded.entry(split(at).0).or_insert(at);
            if self.root.key_span(at).start < self.root.key_span(first).start {
                *first = at;
            }
        }
        let mut seen = HashSet::new();
        let mut findings = Vec::new();
        for error in errors {
            let at = error.instance_path().as_str();
            let caused = match error.kind() {
                // The misspelt field is the fault, not that the right one is missing.
                ValidationErrorKind::Required { .. } => {
                    slips.explain(at, &self.lacking(error))
                        || (is_dependent(error) && excluded.contains_key(at))
                        || (is_otherwise(error) && incomplete.contains(at))
                }
                ValidationErrorKind::MaxProperties { .. } => crowded.contains(at),
                ValidationErrorKind::FalseSchema => excluded.get(split(at).0) != Some(&at),
                _ => false,
            };
            if caused {
                continue;
            }
            for finding in self.of(error, &slips) {
                // A text that breaks both its pattern and its format is one fault.
                let (Place::Value { pointer, .. } | Place::Key { pointer, .. }) = &finding.place else { continue };
                let told = match error.kind() {
                    ValidationErrorKind::Required { .. } => (pointer.clone(), finding.message.clone()),
                    _ => (pointer.clone(), String::new()),
                };
                if seen.insert(told) {
                    findings.push(finding);
                }
                if findings.len() == MAX_FINDINGS {
                    return findings;
                }
            }
        }
        findings
    }

    /// The fields of which one is missing, by an error that says so.
    pub(super) fn lacking<'s>(&'s self, error: &'s ValidationError<'_>) -> Vec<&'s str> {
        let ValidationErrorKind::Required { property } = error.kind() else { return Vec::new() };
        property.as_str().into_iter().chain(self.instead(error)).collect()
    }

    /// The field that may stand instead of a missing one.
    fn instead(&self, error: &ValidationError<'_>) -> Option<&str> {
        let conditional = error.schema_path().as_str().strip_suffix(OTHERWISE)?;
        self.compiled.schema.pointer(conditional)?.pointer("/if/required/0")?.as_str()
    }

    /// The schema that holds the keyword of an error.
    fn schema(&self, error: &ValidationError<'_>) -> &Json {
        let path = error.schema_path().as_str();
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        self.compiled.schema.pointer(parent).unwrap_or(&Json::Null)
    }

    pub(super) fn fields(&self, error: &ValidationError<'_>) -> impl Iterator<Item = &str> {
        let properties = self.schema(error).get("properties").and_then(Json::as_object);
        properties.into_iter().flat_map(|properties| properties.keys().map(String::as_str))
    }

    /// Whether the value of a field of the mapping at a pointer would be taken under another name.
    pub(super) fn would_fit(&self, at: &str, key: &str, field: &str) -> bool {
        let value = self.json.pointer(at).and_then(|mapping| mapping.get(key));
        value.is_some_and(|value| fits(&self.compiled.validator, self.json, at, field, value))
    }

    fn value(&self, pointer: &str) -> Place {
        Place::Value { document: self.document, pointer: pointer.to_owned() }
    }

    fn key(&self, pointer: &str) -> Place {
        Place::Key { document: self.document, pointer: pointer.to_owned() }
    }

    fn of(&self, error: &ValidationError<'_>, slips: &Slips<'_>) -> Vec<Finding> {
        let at = error.instance_path().as_str();
        let here = |message: String| Finding::new(Code::Schema, self.value(at), message);
        let schema = self.schema(error);
        let found_here = || found(error.instance());
        let finding = match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                let unknown = unexpected.iter().take(MAX_FINDINGS);
                return unknown.map(|key| self.unknown_field(error, key, slips.meant(at, key))).collect();
            }
            ValidationErrorKind::Required { property } => self.missing(error, property.as_str().unwrap_or_default()),
            ValidationErrorKind::Type { kind } => self.wrong_type(error, kind),
            ValidationErrorKind::Constant { expected_value } => {
                here(format!("expected {}, found {}", found(expected_value), found_here()))
                    .help(format!("write {}", found(expected_value)))
            }
            ValidationErrorKind::Enum { options } => {
                let names: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Json::as_str).collect();
                let finding = here(format!("expected {}, found {}", listed(names.iter().copied(), "or"), found_here()));
                match error.instance().as_str().and_then(|wrong| nearest(wrong, names)) {
                    Some(near) => finding.help(format!("did you mean `{near}`?")),
                    None => finding,
                }
            }
            ValidationErrorKind::Pattern { .. } | ValidationErrorKind::Format { .. } => {
                let title = schema.get("title").and_then(Json::as_str).unwrap_or("another text");
                let finding = here(format!("expected {title}, found {}", found_here()));
                match schema.pointer("/examples/0").and_then(Json::as_str) {
                    Some(example) => finding.help(format!("for example: {example}")),
                    None => finding,
                }
            }
            ValidationErrorKind::Minimum { .. } | ValidationErrorKind::Maximum { .. } => {
                here(format!("expected {}, found {}", whole_number(schema), found_here()))
            }
            ValidationErrorKind::MinLength { .. } => here("expected a text that is not empty".to_owned()),
            ValidationErrorKind::MaxLength { limit } => here(format!("expected a text of at most {limit} characters")),
            ValidationErrorKind::MinItems { limit } => {
                let help = "add one, or remove the field if it may be absent";
                here(format!("the list needs at least {limit} item")).help(help)
            }
            ValidationErrorKind::MaxItems { limit } => {
                let count = error.instance().as_array().map_or(0, Vec::len);
                Finding::new(Code::Schema, self.key(at), format!("at most {limit} items are allowed, found {count}"))
                    .help("split the document into several")
            }
            ValidationErrorKind::MinProperties { .. } | ValidationErrorKind::MaxProperties { .. } => {
                let fields = listed(self.fields(error), "or");
                Finding::new(Code::Schema, self.key(at), format!("exactly one of {fields} must be given"))
            }
            ValidationErrorKind::UniqueItems => self.repeated(error),
            ValidationErrorKind::FalseSchema => self.excluded(error),
            // No other keyword is in the schema; should one come, its own words are better than silence.
            _ => here(error.to_string()),
        };
        vec![finding]
    }

    fn unknown_field(&self, error: &ValidationError<'_>, key: &str, meant: Option<&str>) -> Finding {
        let pointer = format!("{}/{}", error.instance_path().as_str(), escape_pointer_token(key));
        let are_codes = self.fields(error).any(|field| Code::named(field).is_some());
        if are_codes && Code::named(key).is_some() {
            let message = format!("`{key}` is always an error and cannot be judged");
            return Finding::new(Code::UnknownField, self.key(&pointer), message)
                .help("remove it; what it finds keeps a document from being understood or applied");
        }
        let finding = Finding::new(Code::UnknownField, self.key(&pointer), format!("unknown field `{}`", shown(key)));
        let allowed = format!("the fields here are {}", listed(self.fields(error), "and"));
        match meant {
            Some(meant) => finding.label(format!("did you mean `{meant}`?")).help(allowed),
            None => finding.help(allowed),
        }
    }

    fn missing(&self, error: &ValidationError<'_>, field: &str) -> Finding {
        let at = error.instance_path().as_str();
        if is_dependent(error)
            && let Some(beside) = self.in_need_of(error, field)
        {
            let place = self.key(&format!("{at}/{beside}"));
            return Finding::new(Code::Schema, place, format!("`{beside}` needs `{field}` beside it"))
                .help(format!("add `{field}`"));
        }
        if let Some(instead) = self.instead(error) {
            let message = format!("either `{instead}` or `{field}` must be given");
            return Finding::new(Code::Schema, self.key(at), message).help(format!("add `{instead}` or `{field}`"));
        }
        let finding = Finding::new(Code::Schema, self.key(at), format!("the field `{field}` is missing"));
        let schema = self.schema(error).pointer(&format!("/properties/{field}")).unwrap_or(&Json::Null);
        match self.described(schema) {
            Some(description) => finding.help(format!("add `{field}`: {description}")),
            None => finding.help(format!("add `{field}`")),
        }
    }

    /// The field of a mapping that needs another one beside it.
    fn in_need_of(&self, error: &ValidationError<'_>, field: &str) -> Option<&str> {
        let needs = self.schema(error).get("dependentRequired")?.as_object()?;
        let needed = |by: &Json| by.as_array().is_some_and(|fields| fields.iter().any(|name| name == field));
        needs
            .iter()
            .find(|(name, by)| needed(by) && error.instance().get(name.as_str()).is_some())
            .map(|(name, _)| name.as_str())
    }

    /// What a schema or the definition it refers to expects, in words.
    fn described<'s>(&'s self, schema: &'s Json) -> Option<&'s str> {
        let definition = schema.get("$ref").and_then(Json::as_str).and_then(|reference| {
            let pointer = reference.strip_prefix('#')?;
            self.compiled.schema.pointer(pointer)
        });
        let title = definition.and_then(|definition| definition.get("title"));
        title.or_else(|| schema.get("description")).and_then(Json::as_str)
    }

    fn wrong_type(&self, error: &ValidationError<'_>, kind: &TypeKind) -> Finding {
        let at = error.instance_path().as_str();
        let value: &Json = error.instance();
        let message = format!("expected {}, found {}", expected(self.schema(error), kind), found(value));
        // A whole block would be underlined, where its key says enough.
        let place = if value.is_object() || value.is_array() { self.key(at) } else { self.value(at) };
        let finding = Finding::new(Code::Schema, place, message);
        if value.is_null() {
            return finding.help("give it a value, or remove the field");
        }
        match repaired(&self.compiled.validator, self.json, at, value) {
            Some(Json::String(text)) => finding.help(format!("put it in quotes: \"{text}\"")),
            Some(Json::Array(_)) => finding.help("write a list: each item on its own line after `- `, or all in `[ ]`"),
            Some(_) => finding.help("remove the quotes"),
            None => finding,
        }
    }

    fn repeated(&self, error: &ValidationError<'_>) -> Finding {
        let at = error.instance_path().as_str();
        let items = error.instance().as_array().map(Vec::as_slice).unwrap_or_default();
        let again = items.iter().enumerate().find_map(|(n, item)| {
            let first = items.iter().take(n).position(|other| other == item)?;
            Some((first, n, item))
        });
        let Some((first, second, item)) = again else {
            return Finding::new(Code::Schema, self.value(at), "an item stands twice in the list");
        };
        Finding::new(
            Code::Schema,
            self.value(&format!("{at}/{second}")),
            format!("{} stands twice in the list", found(item)),
        )
        .related(self.value(&format!("{at}/{first}")), "it stands here first")
        .help("keep one of the two")
    }

    fn excluded(&self, error: &ValidationError<'_>) -> Finding {
        let at = error.instance_path().as_str();
        let (mapping, field) = split(at);
        let path = error.schema_path().as_str();
        let other = match path.split_once("/dependentSchemas/") {
            Some((_, rest)) => rest.split('/').next().unwrap_or_default(),
            None => "date",
        };
        let finding = Finding::new(Code::Schema, self.key(at), format!("`{field}` cannot stand beside `{other}`"))
            .help("keep one of the two");
        let pointer = format!("{mapping}/{other}");
        if self.root.at(&pointer).is_some() { finding.related(self.key(&pointer), "the other one") } else { finding }
    }
}

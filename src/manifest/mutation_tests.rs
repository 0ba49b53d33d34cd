//! Every field of every kind of document, each made wrong in every way that its schema knows: one finding
//! each, in its place. The fields and the ways come from the generated schema itself.

use serde_json::{Map, Value as Json, json};

use super::check::check;
use super::document::Kind;
use super::schema::validator;
use super::yaml;
use crate::rules::{Code, DocumentId, Finding, Place};

/// A key for mappings whose keys are free.
const FREE_KEY: &str = "team";

/// One place of a document that a schema describes.
struct Field {
    pointer: String,
    schema: Json,
    /// Whether it is an entry with a name of its own, and not an item of a list or a free label.
    is_named: bool,
}

/// One wrong document.
struct Mutation {
    what: String,
    document: Json,
    code: Code,
    pointer: String,
    /// What `did you mean` must propose.
    meant: Option<String>,
}

/// A schema with the definition that it refers to put into it.
fn resolved(root: &Json, schema: &Json) -> Json {
    let Some(reference) = schema.get("$ref").and_then(Json::as_str) else { return schema.clone() };
    let mut whole = root.pointer(reference.strip_prefix('#').unwrap()).unwrap().as_object().unwrap().clone();
    whole.extend(schema.as_object().unwrap().clone().into_iter().filter(|(key, _)| key != "$ref"));
    Json::Object(whole)
}

fn properties(schema: &Json) -> Map<String, Json> {
    schema.get("properties").and_then(Json::as_object).cloned().unwrap_or_default()
}

fn texts(list: Option<&Json>) -> Vec<String> {
    list.and_then(Json::as_array).into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// All places below a schema, in depth.
fn fields(root: &Json, schema: &Json, at: &str, found: &mut Vec<Field>) {
    let mut add = |step: &str, schema: &Json, is_named| {
        let (pointer, schema) = (format!("{at}/{step}"), resolved(root, schema));
        found.push(Field { pointer: pointer.clone(), schema: schema.clone(), is_named });
        fields(root, &schema, &pointer, found);
    };
    for (name, schema) in properties(schema) {
        add(&name, &schema, true);
    }
    if let Some(items) = schema.get("items") {
        add("0", items, false);
    }
    if let Some(values) = schema.get("additionalProperties").filter(|values| values.is_object()) {
        add(FREE_KEY, values, false);
    }
}

/// The smallest value that a schema takes and that has something at a path.
fn instance(root: &Json, schema: &Json, path: &[&str]) -> Json {
    let schema = resolved(root, schema);
    let keyword = |name: &str| schema.get(name);
    if let Some(value) =
        keyword("const").or_else(|| schema.pointer("/enum/0")).or_else(|| schema.pointer("/examples/0"))
        && path.is_empty()
    {
        return value.clone();
    }
    match keyword("type").and_then(Json::as_str).unwrap() {
        "object" => object(root, &schema, path),
        "array" => {
            let least = keyword("minItems").and_then(Json::as_u64).unwrap_or(0);
            let below = path.split_first().map(|(_, below)| below);
            let items = if below.is_some() { 1 } else { least };
            (0..items).map(|_| instance(root, &schema["items"], below.unwrap_or_default())).collect()
        }
        "integer" => keyword("minimum").unwrap().clone(),
        "boolean" => json!(true),
        "string" => json!("text"),
        other => panic!("no example for {other}"),
    }
}

fn object(root: &Json, schema: &Json, path: &[&str]) -> Json {
    let properties = properties(schema);
    let mut names = texts(schema.get("required"));
    names.extend(path.first().filter(|step| !names.iter().any(|name| name == **step)).map(|step| (*step).to_owned()));
    if schema.get("minProperties").is_some() && names.is_empty() {
        names.extend(properties.keys().next().cloned());
    }
    if let Some(condition) = schema.pointer("/if/required")
        && texts(Some(condition)).iter().any(|name| !names.contains(name))
    {
        names.extend(texts(schema.pointer("/else/required")));
    }
    for (name, needed) in schema.get("dependentRequired").and_then(Json::as_object).into_iter().flatten() {
        if names.contains(name) {
            names.extend(texts(Some(needed)));
        }
    }
    let value = |name: &String| {
        let below = path.split_first().filter(|(step, _)| *step == name).map_or(&[][..], |(_, below)| below);
        let schema = properties.get(name).unwrap_or_else(|| &schema["additionalProperties"]);
        (name.clone(), instance(root, schema, below))
    };
    Json::Object(names.iter().map(value).collect())
}

/// Values of another type than a schema asks for.
fn wrong_types(schema: &Json) -> Vec<Json> {
    let wanted = schema.get("type").and_then(Json::as_str).unwrap_or("string");
    [
        ("null", json!(null)),
        ("boolean", json!(true)),
        ("number", json!(7.5)),
        ("integer", json!(7)),
        ("string", json!("text")),
        ("array", json!([])),
        ("object", json!({})),
    ]
    .into_iter()
    .filter(|(name, _)| *name != wanted)
    .map(|(_, value)| value)
    .collect()
}

/// Values of the right type that a schema does not take, each with the place below it that is at fault.
fn out_of_range(root: &Json, schema: &Json) -> Vec<(Json, &'static str)> {
    let mut values = Vec::new();
    let number = |name: &str| schema.get(name).and_then(Json::as_i64);
    let item = || instance(root, &schema["items"], &[]);
    values.extend(number("minimum").map(|least| (json!(least - 1), "")));
    values.extend(number("maximum").map(|most| (json!(most + 1), "")));
    values.extend(number("minLength").map(|_| (json!(""), "")));
    values.extend(number("maxLength").map(|most| (json!("a".repeat(most as usize + 1)), "")));
    values.extend(number("minItems").map(|_| (json!([]), "")));
    values.extend(number("maxItems").map(|most| (Json::Array(vec![item(); most as usize + 1]), "")));
    values.extend(number("minProperties").map(|_| (json!({}), "")));
    values.extend(number("maxProperties").map(|_| {
        let all = properties(schema).into_iter().map(|(name, schema)| (name, instance(root, &schema, &[])));
        (Json::Object(all.collect()), "")
    }));
    if schema.get("uniqueItems").is_some() {
        values.push((json!([item(), item()]), "/1"));
    }
    for keyword in ["pattern", "enum", "const"] {
        values.extend(schema.get(keyword).map(|_| (json!("§"), "")));
    }
    values
}

fn mutations(kind: Kind) -> Vec<Mutation> {
    let root = &validator(kind).schema;
    let envelope = &root["$defs"][kind.as_str()];
    let mut all = Vec::new();
    fields(root, envelope, "", &mut all);
    all.iter().flat_map(|field| of_field(root, envelope, field)).collect()
}

fn of_field(root: &Json, envelope: &Json, field: &Field) -> Vec<Mutation> {
    let steps: Vec<&str> = field.pointer.split('/').skip(1).collect();
    let good = instance(root, envelope, &steps);
    assert_eq!(found(&good), [], "{good:#}");
    let (mapping, name) = field.pointer.rsplit_once('/').unwrap();
    let code = if field.pointer == "/kind" { Code::UnknownKind } else { Code::Schema };
    let mut mutations = Vec::new();
    let mut add = |what: String, document: Json, code, pointer: String, meant: Option<&str>| {
        mutations.push(Mutation { what, document, code, pointer, meant: meant.map(str::to_owned) });
    };
    let wrong = wrong_types(&field.schema).into_iter().map(|value| (value, ""));
    for (value, below) in wrong.chain(out_of_range(root, &field.schema)) {
        let mut document = good.clone();
        let what = format!("{} as {}", field.pointer, &value.to_string().chars().take(40).collect::<String>());
        *document.pointer_mut(&field.pointer).unwrap() = value;
        add(what, document, code, format!("{}{below}", field.pointer), None);
    }
    if !field.is_named {
        return mutations;
    }
    let without = |other: Option<&str>| {
        let mut document = good.clone();
        let entries = document.pointer_mut(mapping).unwrap().as_object_mut().unwrap();
        let value = entries.remove(name).unwrap();
        if let Some(other) = other {
            entries.insert(other.to_owned(), value);
        }
        document
    };
    let enclosing = steps[..steps.len() - 1].iter().fold(envelope.clone(), |schema, step| {
        let schema = resolved(root, &schema);
        schema.get("properties").and_then(|fields| fields.get(*step)).unwrap_or(&schema["items"]).clone()
    });
    if texts(resolved(root, &enclosing).get("required")).iter().any(|required| required == name) {
        add(format!("without {}", field.pointer), without(None), code, mapping.to_owned(), None);
    }
    let misspelt = format!("{name}{}", &name[name.len() - 1..]);
    add(
        format!("{} as {misspelt}", field.pointer),
        without(Some(&misspelt)),
        Code::UnknownField,
        format!("{mapping}/{misspelt}"),
        Some(name),
    );
    mutations
}

fn found(document: &Json) -> Vec<Finding> {
    let stream = yaml::read(&document.to_string());
    assert_eq!(stream.problems, []);
    check(DocumentId(0), &stream.documents[0].root).err().unwrap_or_default()
}

#[test]
fn each_field_made_wrong_is_one_finding_in_its_place() {
    let mut wrong = Vec::new();
    for kind in Kind::ALL {
        let mutations = mutations(kind);
        // An envelope alone has five fields, which can be wrong in more than ten ways each.
        assert!(mutations.len() > 50, "{kind:?}: {}", mutations.len());
        for Mutation { what, document, code, pointer, meant } in mutations {
            let findings = found(&document);
            let is_told = match findings.as_slice() {
                [finding] => {
                    let (Place::Value { pointer: at, .. } | Place::Key { pointer: at, .. }) = &finding.place else {
                        panic!("{finding:?}")
                    };
                    let proposal = meant.map(|name| format!("did you mean `{name}`?"));
                    // The words of a schema mean nothing to people.
                    let is_plain =
                        !["^", "[0-9]", "oneOf", "anyOf", "schema"].iter().any(|it| finding.message.contains(it));
                    (finding.code, at) == (code, &pointer)
                        && is_plain
                        && (proposal.is_none() || finding.label == proposal)
                }
                _ => false,
            };
            if !is_told {
                let found: Vec<_> = findings
                    .iter()
                    .map(|it| format!("{} {:?} {} {:?}", it.code, it.place, it.message, it.label))
                    .collect();
                wrong.push(format!("{}: {what}: expected {code} {pointer}, found {found:#?}", kind.as_str()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} mutations:\n{}", wrong.len(), wrong.join("\n"));
}

//! A YAML file that is no manifest but is read as strictly: one document of one schema.

use serde::de::DeserializeOwned;

use super::check::check_against;
use super::discover::Content;
use super::load::{Read, finding};
use super::schema::Compiled;
use super::source::Sources;
use super::yaml::Value;
use crate::rules::{Code, Finding, Place};

/// Reads a file of settings; one without any is the default.
///
/// # Errors
/// What is wrong, a line each with file, line and column. The text itself is not shown around it: people
/// put secrets where they do not belong.
pub fn read_settings<T: DeserializeOwned + Default>(
    path: &str,
    bytes: Vec<u8>,
    schema: &Compiled,
) -> Result<T, Vec<String>> {
    let mut sources = Sources::default();
    let read = settings(path, bytes, schema, &mut sources);
    read.map_err(|mut findings| {
        findings.sort_by_cached_key(|finding| sources.resolve(&finding.place).range.start);
        findings.iter().map(|finding| line(finding, &sources)).collect()
    })
}

fn settings<T: DeserializeOwned + Default>(
    path: &str,
    bytes: Vec<u8>,
    schema: &Compiled,
    sources: &mut Sources,
) -> Result<T, Vec<Finding>> {
    let (text, stream) = match Read::from(Content::Bytes(bytes)) {
        Read::Text(text, stream) => (text, stream),
        Read::NotText { readable, range, message, help } => {
            let file = sources.add_file(path.to_owned(), readable);
            return Err(vec![Finding::new(Code::YamlSyntax, Place::Bytes { file, range }, message).help(help)]);
        }
    };
    let file = sources.add_file(path.to_owned(), text);
    let problems: Vec<Finding> = stream.problems.into_iter().map(|problem| finding(file, problem)).collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut documents = stream.documents.into_iter().map(|document| document.root);
    let root = match documents.next() {
        None => return Ok(T::default()),
        Some(root) if root.value == Value::Null => return Ok(T::default()),
        Some(root) => root,
    };
    if let Some(second) = documents.next() {
        let place = Place::Bytes { file, range: second.span };
        return Err(vec![Finding::new(Code::Schema, place, "only one document is allowed here")]);
    }
    let document = sources.add_document(file, root.clone());
    check_against(schema, document, &root)?;
    T::deserialize(&root).map_err(|error| {
        // The schema is that of the type, so only a check that no schema can make ends here.
        vec![Finding::new(Code::Schema, Place::Key { document, pointer: String::new() }, error.to_string())]
    })
}

fn line(finding: &Finding, sources: &Sources) -> String {
    let at = sources.resolve(&finding.place);
    let label = finding.label.as_deref().map(|label| format!(", {label}")).unwrap_or_default();
    let help = finding.help.as_deref().map(|help| format!("; {help}")).unwrap_or_default();
    format!("{}:{}:{}: {}{label}{help}", at.path, at.start.line, at.start.column, finding.message)
}

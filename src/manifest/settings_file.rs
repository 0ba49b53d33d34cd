//! A YAML file that is no manifest but is read as strictly: one document of one schema.

use serde::de::DeserializeOwned;

use super::check::check_against;
use super::discover::Content;
use super::load::{Read, finding};
use super::schema::Compiled;
use super::source::Sources;
use super::yaml::Value;
use crate::rules::{Code, DocumentId, Finding, Place};

/// Reads a file of settings; one without any is the default. `check` gives what the settings come to, or for all that is
/// wrong and no schema can say: the place, as a JSON pointer, and what is wrong there.
///
/// # Errors
/// What is wrong, a line each with file, line and column. The text itself is not shown around it: people
/// put secrets where they do not belong.
pub fn read_checked_settings<T: DeserializeOwned + Default, U>(
    path: &str,
    bytes: Vec<u8>,
    schema: &Compiled,
    check: impl FnOnce(T, &dyn Fn(&str) -> String) -> Result<U, Vec<(String, String)>>,
) -> Result<U, Vec<String>> {
    let mut sources = Sources::default();
    let read = settings(path, bytes, schema, &mut sources).and_then(|(settings, document)| {
        let place = |pointer: String| match document {
            Some(document) => Place::Value { document, pointer },
            None => Place::Path(path.to_owned()),
        };
        let shown = |pointer: &str| {
            let at = sources.resolve(&place(pointer.to_owned()));
            format!("{}:{}:{}", at.path, at.start.line, at.start.column)
        };
        check(settings, &shown).map_err(|problems| {
            let problems = problems.into_iter();
            problems.map(|(pointer, message)| Finding::new(Code::Schema, place(pointer), message)).collect()
        })
    });
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
) -> Result<(T, Option<DocumentId>), Vec<Finding>> {
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
        None => return Ok((T::default(), None)),
        Some(root) if root.value == Value::Null => return Ok((T::default(), None)),
        Some(root) => root,
    };
    if let Some(second) = documents.next() {
        let place = Place::Bytes { file, range: second.span };
        return Err(vec![Finding::new(Code::Schema, place, "only one document is allowed here")]);
    }
    let document = sources.add_document(file, root.clone());
    check_against(schema, document, &root)?;
    T::deserialize(&root).map(|settings| (settings, Some(document))).map_err(|error| {
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

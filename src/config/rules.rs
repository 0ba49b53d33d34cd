//! `rules` in `dialctl.yaml`: what the repository makes of each code.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value};

use crate::rules::{Code, Judgement, Severities, Severity, explain};

/// How bad the findings of single codes are, instead of what the codes say themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RulesFile(BTreeMap<Code, Judged>);

/// How bad the findings of one code are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Judged {
    /// Nothing is planned or applied.
    Error,
    /// Shown, but stops nothing.
    Warning,
    /// Not shown.
    Off,
}

impl RulesFile {
    /// The same as values of the rules.
    pub fn severities(&self) -> Severities {
        let judgement = |judged| match judged {
            Judged::Error => Judgement::Shown(Severity::Error),
            Judged::Warning => Judgement::Shown(Severity::Warning),
            Judged::Off => Judgement::Off,
        };
        self.0.iter().map(|(code, judged)| (*code, judgement(*judged))).collect()
    }
}

impl<'de> Deserialize<'de> for RulesFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let named = BTreeMap::<String, Judged>::deserialize(deserializer)?;
        let coded = named.into_iter().map(|(name, judged)| {
            let code = Code::named(&name).filter(|code| code.is_judgement());
            code.map(|code| (code, judged)).ok_or_else(|| de::Error::custom("expected a code that can be judged"))
        });
        coded.collect::<Result<_, _>>().map(Self)
    }
}

impl JsonSchema for RulesFile {
    fn schema_name() -> Cow<'static, str> {
        "RulesFile".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let judged = generator.subschema_for::<Judged>().to_value();
        let property = |code: Code| {
            let mut schema = judged.clone();
            let word = code.severity().as_str();
            schema["description"] = Value::from(format!("{} Default `{word}`.", explain::summary(code)));
            (code.as_str().to_owned(), schema)
        };
        let codes: Map<String, Value> =
            Code::ALL.into_iter().filter(|code| code.is_judgement()).map(property).collect();
        json_schema!({
            "type": "object",
            "properties": codes,
            "additionalProperties": false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::file::Config;
    use super::*;

    #[test]
    fn codes_are_judged() {
        let config = Config::parse("dialctl.yaml", "rules: {slots-overlap: warning, dst-gap: error, ended: off}\n");
        let expected = [
            (Code::SlotsOverlap, Judgement::Shown(Severity::Warning)),
            (Code::DstGap, Judgement::Shown(Severity::Error)),
            (Code::Ended, Judgement::Off),
        ];
        assert_eq!(config.unwrap().file.rules.severities(), expected.into_iter().collect());
    }

    #[test]
    fn what_cannot_be_judged_is_told_with_its_place() {
        for (text, told) in [
            ("rules: {dst-gab: off}", &["1:9: unknown field `dst-gab`, did you mean `dst-gap`?"][..]),
            (
                "rules: {slots-overlap: of}",
                &["1:24: ", "`error`, `warning` or `off`", "found `of`", "did you mean `off`?"],
            ),
            ("rules: {unknown-pool: off}", &["1:9: `unknown-pool` is always an error and cannot be judged; remove it"]),
            ("rules: {schema: warning}", &["1:9: `schema` is always an error"]),
            ("rules: [ended]", &["1:1: expected a mapping, found a list"]),
        ] {
            let message = Config::parse("dialctl.yaml", text).unwrap_err().join("\n");
            assert!(told.iter().all(|part| message.contains(part)), "{text:?}: {message}");
        }
    }
}

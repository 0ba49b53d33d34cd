//! Kinds of schedules as text: by the name that manifests use, for example `CampaignSchedule`.

use std::borrow::Cow;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::ScheduleKind;

/// No kind of schedule has this name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no kind of schedule `{}`; the kinds are {}", .0.escape_debug(), ScheduleKind::ALL.map(ScheduleKind::manifest_kind).join(", "))]
pub struct UnknownKind(pub String);

impl FromStr for ScheduleKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        let named = Self::ALL.into_iter().find(|kind| kind.manifest_kind() == name);
        named.ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

impl Serialize for ScheduleKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.manifest_kind())
    }
}

impl<'de> Deserialize<'de> for ScheduleKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Cow::<str>::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for ScheduleKind {
    fn schema_name() -> Cow<'static, str> {
        "ScheduleKind".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let names = Self::ALL.map(Self::manifest_kind);
        json_schema!({ "description": "A kind of schedule.", "type": "string", "enum": names })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_read_from_what_it_is_written_as() {
        for kind in ScheduleKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            assert_eq!(serde_json::from_value::<ScheduleKind>(serde_json::json!(kind)).unwrap(), kind);
        }
        let error = "campaignSchedule".parse::<ScheduleKind>().unwrap_err().to_string();
        assert!(error.contains("`campaignSchedule`; the kinds are CampaignSchedule, SequenceSchedule, "), "{error}");
    }
}

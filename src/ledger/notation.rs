//! How records and events write instants and kinds of schedules.

/// Instants as RFC 3339 in UTC with milliseconds, for example `2027-03-01T09:00:00.000Z`.
pub mod instant {
    use chrono::{DateTime, SecondsFormat, Utc};
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub fn text(instant: &DateTime<Utc>) -> String {
        instant.to_rfc3339_opts(SecondsFormat::Millis, true)
    }

    pub fn serialize<S: Serializer>(instant: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(instant))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DateTime<Utc>, D::Error> {
        DateTime::deserialize(deserializer)
    }
}

/// Kinds by the name that manifests use, for example `CampaignSchedule`.
pub mod kind {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::schedule::ScheduleKind;

    pub fn serialize<S: Serializer>(kind: &ScheduleKind, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(kind.manifest_kind())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<ScheduleKind, D::Error> {
        let name = String::deserialize(deserializer)?;
        ScheduleKind::ALL
            .into_iter()
            .find(|kind| kind.manifest_kind() == name)
            .ok_or_else(|| D::Error::custom(format_args!("no kind of schedule is called `{name}`")))
    }
}

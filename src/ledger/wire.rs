//! What a receiver gets: a message as a CloudEvent 1.0 over HTTP, in binary or in structured mode. Pure.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::{Value, json};
use uuid::Uuid;

use super::event::{Event, SOURCE};
use super::notation;

/// The largest body that is sent, in bytes. A larger one goes without the schedules in it.
pub const BODY_MAX: usize = 256 * 1024;

/// The type of the message that only tries a receiver out.
pub const PING: &str = "DIALCTL_PING";

/// What is told, whatever its form on the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The same on every attempt to deliver it.
    pub id: Uuid,
    /// Its type, for example `SCHEDULE_CREATED`.
    pub message_type: &'static str,
    /// When that happened which it tells.
    pub time: DateTime<Utc>,
    /// What it is about, where it is about something.
    pub subject: Option<String>,
    /// The fields of its body.
    pub data: Value,
}

/// How messages are put into requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// The body has the event's own fields, the attributes of the CloudEvent are headers (binary mode).
    #[default]
    Mission,
    /// The body is the CloudEvent, with the event's own fields as its data (structured mode).
    CloudEventsStructured,
}

/// A message as it is sent.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// What its form adds to the headers of the request.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Message {
    /// A message that only tries a receiver out.
    pub fn ping(id: Uuid, time: DateTime<Utc>) -> Self {
        let timestamp = notation::instant::text(&time);
        let data = json!({
            "scheduleId": null, "campaignId": null, "event": PING, "timestamp": timestamp, "source": SOURCE, "id": id,
        });
        Self { id, message_type: PING, time, subject: None, data }
    }

    /// Puts it into the form in which it is sent.
    pub fn encode(&self, format: Format) -> Encoded {
        let encoded = self.encode_whole(format);
        if encoded.body.len() <= BODY_MAX { encoded } else { self.without_schedules().encode_whole(format) }
    }

    /// The same without the schedules before and after, which may be large; `omitted` names them.
    fn without_schedules(&self) -> Self {
        let mut slim = self.clone();
        if let Value::Object(fields) = &mut slim.data {
            let omitted: Vec<&str> =
                ["before", "after"].into_iter().filter(|key| fields.remove(*key).is_some()).collect();
            fields.insert("omitted".to_owned(), json!(omitted));
        }
        slim
    }

    fn encode_whole(&self, format: Format) -> Encoded {
        let (id, time) = (self.id.to_string(), notation::instant::text(&self.time));
        let attributes = [
            ("specversion", Some("1.0")),
            ("id", Some(id.as_str())),
            ("type", Some(self.message_type)),
            ("source", Some(SOURCE)),
            ("time", Some(time.as_str())),
            ("subject", self.subject.as_deref()),
        ];
        let attributes = attributes.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let mut headers = HeaderMap::new();
        let (content_type, body) = match format {
            Format::Mission => {
                for (name, value) in attributes {
                    let name = reqwest::header::HeaderName::try_from(format!("ce-{name}"));
                    if let (Ok(name), Ok(value)) = (name, HeaderValue::try_from(encoded(value))) {
                        headers.insert(name, value);
                    }
                }
                ("application/json", self.data.to_string())
            }
            Format::CloudEventsStructured => {
                let mut event: serde_json::Map<String, Value> =
                    attributes.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
                event.insert("datacontenttype".to_owned(), Value::from("application/json"));
                event.insert("data".to_owned(), self.data.clone());
                ("application/cloudevents+json", Value::Object(event).to_string())
            }
        };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        Encoded { headers, body: body.into_bytes() }
    }
}

impl From<&Event> for Message {
    fn from(event: &Event) -> Self {
        Self {
            id: event.id,
            message_type: event.event_type().as_str(),
            time: event.timestamp,
            subject: Some(format!("{}/{}", event.kind, event.name)),
            // Nothing in an event has keys that are no texts, which is all that could fail.
            data: serde_json::to_value(event).unwrap_or_default(),
        }
    }
}

/// The text as the value of a header (CloudEvents 1.0, HTTP protocol binding, 3.1.3.2): blanks, quotes,
/// percent signs and all that is not printable ASCII are percent-encoded.
fn encoded(text: &str) -> String {
    let mut value = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'"' && byte != b'%' {
            value.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(value, "%{byte:02X}");
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::super::event::tests::event;
    use super::super::record::Change;
    use super::*;

    fn decoded(encoded: &Encoded) -> Value {
        serde_json::from_slice(&encoded.body).unwrap()
    }

    #[test]
    fn in_binary_mode_the_attributes_are_headers() {
        let event = Event { name: "grün & 100%".to_owned(), ..event(7, "") };
        let encoded = Message::from(&event).encode(Format::Mission);
        for (name, value) in [
            ("content-type", "application/json"),
            ("ce-specversion", "1.0"),
            ("ce-id", "00000000-0000-0000-0000-000000000007"),
            ("ce-type", "SCHEDULE_CREATED"),
            ("ce-source", "genesys-outbound-automation"),
            ("ce-time", "2027-03-01T09:00:00.250Z"),
            ("ce-subject", "CampaignSchedule/gr%C3%BCn%20&%20100%25"),
        ] {
            let values: Vec<_> = encoded.headers.get_all(name).iter().collect();
            assert_eq!(values, [value], "{name}");
        }
        assert_eq!(encoded.headers.len(), 7);
        assert_eq!(serde_json::from_slice::<Event>(&encoded.body).unwrap(), event);
    }

    #[test]
    fn in_structured_mode_they_stand_around_the_data() {
        let event = event(7, "grün");
        let encoded = Message::from(&event).encode(Format::CloudEventsStructured);
        assert_eq!(encoded.headers.len(), 1);
        assert_eq!(encoded.headers[CONTENT_TYPE], "application/cloudevents+json");
        assert_eq!(
            decoded(&encoded),
            json!({
                "specversion": "1.0", "id": "00000000-0000-0000-0000-000000000007", "type": "SCHEDULE_CREATED",
                "source": "genesys-outbound-automation", "time": "2027-03-01T09:00:00.250Z",
                "subject": "CampaignSchedule/grün", "datacontenttype": "application/json",
                "data": serde_json::to_value(&event).unwrap(),
            })
        );
    }

    #[test]
    fn a_ping_is_about_nothing() {
        let ping = Message::ping(Uuid::from_u128(7), "2027-03-01T09:00:00Z".parse().unwrap());
        let encoded = ping.encode(Format::Mission);
        assert_eq!(encoded.headers["ce-type"], "DIALCTL_PING");
        assert!(!encoded.headers.contains_key("ce-subject"));
        let body = decoded(&encoded);
        assert_eq!((&body["event"], &body["campaignId"]), (&json!("DIALCTL_PING"), &Value::Null));
    }

    #[test]
    fn what_is_too_large_goes_without_the_schedules_and_says_so() {
        let large = |size| json!({"dailySlots": "x".repeat(size)});
        for format in [Format::Mission, Format::CloudEventsStructured] {
            for (change, omitted) in [
                (Change::Create { after: large(BODY_MAX) }, json!(["after"])),
                (
                    Change::Update { before: large(BODY_MAX / 2), after: large(BODY_MAX / 2) },
                    json!(["before", "after"]),
                ),
                (Change::Update { before: large(BODY_MAX / 4), after: large(BODY_MAX / 4) }, Value::Null),
            ] {
                let event = Event { change, ..event(7, "spring") };
                let encoded = Message::from(&event).encode(format);
                assert!(encoded.body.len() <= BODY_MAX);
                let body = decoded(&encoded);
                let data = body.get("data").unwrap_or(&body);
                assert_eq!(data.get("omitted").cloned().unwrap_or_default(), omitted, "{format:?}");
                assert_eq!(data.get("after").is_some(), omitted.is_null(), "{format:?}");
                assert_eq!(data["name"], "spring");
            }
        }
    }
}

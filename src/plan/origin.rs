//! Who has changed what since the last apply: the manifest, somebody in Genesys Cloud, or both.

use super::Wanted;
use super::changes::{Change, changes};
use super::json::{view_digest, view_json};
use crate::ledger::{Applied, Stored};
use crate::schedule::LiveSchedule;

/// Where the difference between both sides comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Origin {
    /// Nothing is known of an earlier apply.
    Unknown,
    /// The manifest has changed; what is live is what was last applied.
    Manifest,
    /// What is live has changed; the manifest asks for what was last applied.
    Drift(Theirs),
    /// Both have changed.
    Conflict(Theirs),
}

/// What others have made of a schedule since it was last applied.
#[derive(Clone, Debug, PartialEq)]
pub enum Theirs {
    /// They have deleted it.
    Deleted,
    /// They have changed these fields: as they were applied, and as they are.
    Changed(Vec<Change>),
}

impl Origin {
    /// Holds both sides against what was last applied.
    pub fn of(applied: Option<&Applied>, live: Option<&LiveSchedule>, wanted: Option<&Wanted>) -> Self {
        let Some(applied) = applied else { return Self::Unknown };
        let asks_for_the_same =
            wanted.is_some_and(|wanted| view_json(&wanted.schedule.view(wanted.stores_capacity)) == applied.wanted);
        let theirs = match live {
            Some(live) if is_untouched(applied, live) => return Self::Manifest,
            Some(live) => {
                Theirs::Changed(live.view().map_or_else(Vec::new, |now| changes(&applied.wanted, &view_json(&now))))
            }
            None => Theirs::Deleted,
        };
        if asks_for_the_same { Self::Drift(theirs) } else { Self::Conflict(theirs) }
    }

    /// What others have done, where they have done something.
    pub fn theirs(&self) -> Option<&Theirs> {
        match self {
            Self::Drift(theirs) | Self::Conflict(theirs) => Some(theirs),
            Self::Unknown | Self::Manifest => None,
        }
    }
}

impl Theirs {
    /// What they have done, in words; each field as it was applied and as it is.
    pub fn in_words(&self) -> Vec<String> {
        match self {
            Self::Deleted => vec!["deleted in Genesys Cloud since the last apply".to_owned()],
            Self::Changed(fields) if fields.is_empty() => {
                vec!["changed in Genesys Cloud since the last apply".to_owned()]
            }
            Self::Changed(fields) => {
                let each = fields
                    .iter()
                    .map(|field| format!("changed in Genesys Cloud since the last apply: {}", field.in_words()));
                each.collect()
            }
        }
    }
}

/// Whether what is live is what the service has stored at the last apply. A version alone does not prove that: it begins
/// again where a schedule is deleted and made anew.
fn is_untouched(applied: &Applied, live: &LiveSchedule) -> bool {
    let Some(now) = live.view() else { return false };
    match &applied.stored {
        Some(Stored { digest: Some(digest), .. }) => *digest == view_digest(&now),
        _ => applied.wanted == view_json(&now),
    }
}

/// Whether the ledger proves that a live schedule without a name is the one that was last applied: version and content
/// are those that the service has stored then.
pub fn is_proven(applied: Option<&Applied>, live: &LiveSchedule) -> bool {
    let stored = applied.and_then(|applied| applied.stored.as_ref());
    let digest = live.view().map(|now| view_digest(&now));
    stored.is_some_and(|stored| stored.version == live.version && stored.digest.is_some() && stored.digest == digest)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::{live, wanted};
    use super::*;

    /// What is remembered of an apply of `wanted`, after which the service has stored `live`.
    fn applied(wanted: &Wanted, live: &LiveSchedule) -> Applied {
        let view = live.view().unwrap();
        Applied {
            name: wanted.schedule.name.to_string(),
            labels: wanted.labels.clone(),
            wanted: view_json(&wanted.schedule.view(false)),
            stored: Some(Stored { version: live.version, digest: Some(view_digest(&view)) }),
        }
    }

    #[test]
    fn who_has_changed_what_is_told_from_what_was_last_applied() {
        let (nine, ten) = (wanted("a", "1", "09:00"), wanted("a", "1", "10:00"));
        let stored = |start| live(Some("dialctl/a"), "1", start);
        let eleven = LiveSchedule { version: Some(2), ..stored("11:00") };
        let before = applied(&nine, &stored("09:00"));
        let end_and_start = json!([
            {"path": "/dailySlots/0/endTime", "before": "13:00", "after": "15:00"},
            {"path": "/dailySlots/0/startTime", "before": "09:00", "after": "11:00"},
        ]);
        for (what, live, wanted, expected, theirs) in [
            ("we changed it", Some(&stored("09:00")), Some(&ten), "manifest", json!(null)),
            ("we no longer want it", Some(&stored("09:00")), None, "manifest", json!(null)),
            ("they changed it", Some(&eleven), Some(&nine), "drift", end_and_start.clone()),
            ("they deleted it", None, Some(&nine), "drift", json!("deleted")),
            ("both changed it", Some(&eleven), Some(&ten), "conflict", end_and_start.clone()),
            ("they changed what we no longer want", Some(&eleven), None, "conflict", end_and_start),
            ("they deleted what we changed", None, Some(&ten), "conflict", json!("deleted")),
            // Somebody saved it again, or made it anew.
            (
                "the same content",
                Some(&LiveSchedule { version: Some(7), ..stored("09:00") }),
                Some(&ten),
                "manifest",
                json!(null),
            ),
            (
                "the same version",
                Some(&LiveSchedule { version: Some(1), ..stored("11:00") }),
                Some(&nine),
                "drift",
                json!([
                    {"path": "/dailySlots/0/endTime", "before": "13:00", "after": "15:00"},
                    {"path": "/dailySlots/0/startTime", "before": "09:00", "after": "11:00"},
                ]),
            ),
        ] {
            let origin = Origin::of(Some(&before), live, wanted);
            let (name, found) = match &origin {
                Origin::Unknown => ("unknown", None),
                Origin::Manifest => ("manifest", None),
                Origin::Drift(theirs) => ("drift", Some(theirs)),
                Origin::Conflict(theirs) => ("conflict", Some(theirs)),
            };
            let found = match found {
                None => json!(null),
                Some(Theirs::Deleted) => json!("deleted"),
                Some(Theirs::Changed(fields)) => json!(fields),
            };
            assert_eq!((name, found), (expected, theirs), "{what}");
        }
        assert_eq!(Origin::of(None, Some(&eleven), Some(&nine)), Origin::Unknown);
    }

    #[test]
    fn without_a_name_only_version_and_content_together_prove_whose_it_is() {
        let nine = wanted("a", "1", "09:00");
        let stored = live(None, "1", "09:00");
        let before = applied(&nine, &stored);
        for (what, live, proven) in [
            ("as it was left", stored.clone(), true),
            ("another version", LiveSchedule { version: Some(2), ..stored.clone() }, false),
            ("another content", live(None, "1", "10:00"), false),
            ("unreadable", LiveSchedule { timetable: Err("odd".to_owned()), ..stored.clone() }, false),
        ] {
            assert_eq!(is_proven(Some(&before), &live), proven, "{what}");
        }
        assert!(!is_proven(None, &stored));
        assert!(!is_proven(Some(&Applied { stored: None, ..before }), &stored));
    }
}

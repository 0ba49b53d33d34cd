//! What a document means: from the shape that people write to the domain.

use std::num::NonZeroU32;

use chrono::NaiveDateTime;
use serde::de::DeserializeOwned;

use super::document::{
    CampaignCapacitySpec, CapacityPoolSpec, DailySlot, Envelope, Kind, ScheduleMetadata, ScheduleSpec, Span, Target,
};
use super::lower_calendar::{blackout_calendar, calling_hours};
use super::lower_slot::Spec;
use super::yaml::Node;
use crate::rules::{CampaignCapacity, CapacityPool, Code, DocumentId, Finding, Place};
use crate::schedule::{
    BlackoutCalendar, CallingHours, Capacity, Interval, Schedule, ScheduleKind, Slot, TargetRef, Timetable, Zone, zone,
};

/// What one document declares.
#[derive(Debug)]
pub(super) enum Meaning {
    Schedule(Schedule),
    CampaignCapacity(CampaignCapacity),
    CapacityPool(CapacityPool),
    BlackoutCalendar(BlackoutCalendar),
    CallingHours(CallingHours),
}

/// The meaning of a document that has the shape of its kind; otherwise what is wrong with it.
pub(super) fn lower(document: DocumentId, kind: Kind, root: &Node) -> Result<Meaning, Vec<Finding>> {
    let meaning = match kind {
        Kind::Schedule(kind) => Meaning::Schedule(schedule(document, kind, decode(document, root)?)?),
        Kind::CampaignCapacity => {
            let Envelope { metadata, spec, .. } = decode::<Envelope<CampaignCapacitySpec>>(document, root)?;
            Meaning::CampaignCapacity(CampaignCapacity {
                name: metadata.name.0,
                campaign: target(document, "/spec/campaign", spec.campaign)?,
                capacity: Capacity { calls: spec.max_concurrent_calls, agents: spec.max_concurrent_agents },
                pool: spec.pool.map(|pool| pool.0.as_str().to_owned()),
            })
        }
        Kind::CapacityPool => {
            let Envelope { metadata, spec, .. } = decode::<Envelope<CapacityPoolSpec>>(document, root)?;
            Meaning::CapacityPool(CapacityPool {
                name: metadata.name.0,
                capacity: Capacity { calls: spec.max_concurrent_calls, agents: spec.max_concurrent_agents },
            })
        }
        Kind::BlackoutCalendar => Meaning::BlackoutCalendar(blackout_calendar(document, decode(document, root)?)?),
        Kind::CallingHours => Meaning::CallingHours(calling_hours(document, decode(document, root)?)?),
    };
    Ok(meaning)
}

/// The schema has checked all that the types ask for; should the two ever differ, this says where.
fn decode<T: DeserializeOwned>(document: DocumentId, root: &Node) -> Result<T, Vec<Finding>> {
    T::deserialize(root).or_else(|_| {
        serde_path_to_error::deserialize(root).map_err(|error| {
            let pointer = error.path().iter().map(|step| format!("/{step}")).collect();
            vec![Finding::new(Code::Schema, Place::Value { document, pointer }, error.inner().to_string())]
        })
    })
}

fn target(document: DocumentId, pointer: &str, target: Target) -> Result<TargetRef, Vec<Finding>> {
    match target {
        Target { id: Some(id), name: None } => Ok(TargetRef::Id(id)),
        Target { id: None, name: Some(name) } => Ok(TargetRef::Name(name)),
        Target { .. } => {
            let place = Place::Key { document, pointer: pointer.to_owned() };
            Err(vec![Finding::new(Code::Schema, place, "exactly one of `id` or `name` must be given")])
        }
    }
}

fn schedule(
    document: DocumentId,
    kind: ScheduleKind,
    manifest: Envelope<ScheduleSpec, ScheduleMetadata>,
) -> Result<Schedule, Vec<Finding>> {
    let Envelope { api_version: _, kind: _, metadata, spec } = manifest;
    let target = target(document, &format!("/spec/{}", kind.target_field()), spec.target)?;
    let mut findings = Findings::of(document);
    let zone = findings.zone("/spec/timezone", &spec.timezone);
    let intervals = findings.spans("/spec/intervals", &spec.intervals);
    let exclusions = findings.spans("/spec/exclusions", &spec.exclusions);
    let inclusions = findings.spans("/spec/inclusions", &spec.inclusions);
    for (field, spans) in [("exclusions", &exclusions), ("inclusions", &inclusions)] {
        if spec.daily_slots.is_empty() && !spans.is_empty() {
            let message = format!("`{field}` change the slots of a schedule, and this one has none");
            let finding = Finding::new(Code::NotRepresentable, findings.key(&format!("/spec/{field}")), message);
            // Who wrote an exclusion wants no call in it: the advice must not make it a time to dial.
            let help = if field == "exclusions" {
                "remove them, or add the `dailySlots` that they cut; nothing is excluded from `intervals`"
            } else {
                "write one-off times as `intervals`"
            };
            findings.list.push(finding.help(help));
        }
    }
    cut_intervals(&intervals, &exclusions, &mut findings);
    let shared = Spec { zone, start: spec.start_date, end: spec.end_date, exclusions, inclusions };
    shared.check(&mut findings);
    let days = |slot: &DailySlot| slot.days.iter().flatten().map(|day| day.0).collect();
    let listed_days = spec.daily_slots.iter().map(days).collect();
    let slots: Vec<Option<Slot>> =
        spec.daily_slots.iter().enumerate().map(|(n, slot)| shared.slot(n, slot, &mut findings)).collect();
    if !findings.list.is_empty() {
        return Err(findings.list);
    }
    Ok(Schedule {
        kind,
        name: metadata.name.0,
        labels: metadata.labels,
        protect: metadata.protect,
        target,
        // With no finding, the zone and every slot were understood.
        timetable: Timetable {
            zone: zone.unwrap_or_else(Zone::utc),
            slots: slots.into_iter().flatten().collect(),
            intervals,
        },
        capacity: Capacity { calls: spec.max_concurrent_calls, agents: spec.max_concurrent_agents },
        listed_days,
        blackouts: Vec::new(),
    })
}

/// Says which intervals an exclusion would cut: the service excludes time from slots alone, and the interval
/// would be dialed in full.
fn cut_intervals(intervals: &[Interval], exclusions: &[Interval], findings: &mut Findings) {
    for (n, interval) in intervals.iter().enumerate() {
        let cuts = |cut: &Interval| cut.start < interval.end && interval.start < cut.end;
        let Some(cut) = exclusions.iter().position(cuts) else { continue };
        let finding = Finding::new(
            Code::NotRepresentable,
            findings.value(&format!("/spec/intervals/{n}")),
            "the interval runs through an exclusion, which cuts slots alone: it would be dialed in full",
        )
        .related(findings.value(&format!("/spec/exclusions/{cut}")), "the exclusion")
        .help("remove the interval, or shorten it to the time outside of the exclusion");
        findings.list.push(finding);
    }
}

/// What is wrong with one document.
pub(super) struct Findings {
    document: DocumentId,
    pub list: Vec<Finding>,
}

impl Findings {
    pub fn of(document: DocumentId) -> Self {
        Self { document, list: Vec::new() }
    }

    pub fn value(&self, pointer: &str) -> Place {
        Place::Value { document: self.document, pointer: pointer.to_owned() }
    }

    pub fn key(&self, pointer: &str) -> Place {
        Place::Key { document: self.document, pointer: pointer.to_owned() }
    }

    /// The zone of this name; `None` after saying that there is none.
    pub fn zone(&mut self, pointer: &str, name: &str) -> Option<Zone> {
        if let Ok(zone) = Zone::named(name) {
            return Some(zone);
        }
        let message = format!("there is no time zone `{}`", super::wording::shown(name));
        let finding = Finding::new(Code::UnknownTimezone, self.value(pointer), message);
        // Names are short, and comparing long ones takes long.
        let similar = if name.len() > 60 { Vec::new() } else { zone::similar_names(name) };
        self.list.push(if similar.is_empty() {
            finding.help("use a name of the IANA database such as America/New_York or UTC")
        } else {
            finding.help(format!("did you mean {}?", super::wording::listed(similar, "or")))
        });
        None
    }

    fn spans(&mut self, pointer: &str, spans: &[Span]) -> Vec<Interval> {
        let each = spans.iter().enumerate();
        each.filter_map(|(n, Span { start, end })| self.span(&format!("{pointer}/{n}"), start.0, end.0)).collect()
    }

    /// A span of local time; `None` after saying that it has none.
    pub fn span(&mut self, pointer: &str, start: NaiveDateTime, end: NaiveDateTime) -> Option<Interval> {
        if start < end {
            return Some(Interval { start, end });
        }
        let (code, message, help) = if start == end {
            (Code::EmptyWindow, "the span ends when it starts", "move the end, or remove the span")
        } else {
            (Code::DatesReversed, "the span ends before it starts", "swap `start` and `end`")
        };
        let finding = Finding::new(code, self.value(&format!("{pointer}/end")), message)
            .related(self.value(&format!("{pointer}/start")), "it starts here")
            .help(help);
        self.list.push(finding);
        None
    }
}

/// A number that the schema keeps above zero.
pub(super) fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
#[path = "lower_tests.rs"]
mod tests;

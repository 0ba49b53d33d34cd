//! The real client against the real sandbox, with both sides recorded in between.

use std::collections::{BTreeSet, HashSet};
use std::num::NonZeroU32;
use std::sync::Arc;

use dialctl::genesys::{
    Authorities, Clock, Credentials, Endpoints, IntervalTimes, OutboundSchedules, RetryPolicy, ScheduleApi, Scope,
    Transport, TransportOptions,
};
use dialctl::sandbox::{Sandbox, SandboxOptions, Seed, start};
use dialctl::schedule::{
    Alteration, AlterationKind, Bound, Capacity, DesiredSchedule, Interval, Owner, Pattern, ScheduleKind, ScheduleName,
    Slot, Target, TargetRef, Timetable, TimetableView, Weekdays, Zone,
};

use crate::document::Document;
use crate::wire::RecordingServer;

/// A sandbox, and what is between it and its client.
pub struct Line {
    pub recorder: RecordingServer,
    _sandbox: Sandbox,
}

impl Line {
    pub async fn to(seeds: Vec<Seed>) -> Self {
        Self::with(SandboxOptions { rate_limit: 0, ..options() }, seeds).await
    }

    pub async fn with(options: SandboxOptions, seeds: Vec<Seed>) -> Self {
        let sandbox = start(options, seeds).await.unwrap();
        Self { recorder: RecordingServer::before(&sandbox.url()), _sandbox: sandbox }
    }

    /// A transport to the sandbox whose waits take no time.
    pub fn transport(&self) -> Arc<Transport> {
        let transport = Transport::new(TransportOptions {
            endpoints: Endpoints::resolve(None, Some(&self.recorder.url), None).unwrap(),
            credentials: Credentials::Client { id: "id".to_owned(), secret: "the-secret".into() },
            rate_per_minute: NonZeroU32::new(100_000).unwrap(),
            retry: RetryPolicy::default(),
            request_timeout: TransportOptions::DEFAULT_REQUEST_TIMEOUT,
            authorities: Authorities::default(),
            clock: Clock::virtual_time(),
        });
        Arc::new(transport.unwrap())
    }
}

/// A sandbox for the client of these tests.
pub fn options() -> SandboxOptions {
    SandboxOptions::new("id".to_owned(), "the-secret".into())
}

/// A seed by its name.
pub fn seed(kind: ScheduleKind, name: &str) -> Seed {
    Seed { kind, target: TargetRef::Name(name.to_owned()), lines: None }
}

/// A schedule for a target.
pub fn desired(kind: ScheduleKind, target: &Target, timetable: Timetable) -> DesiredSchedule {
    let name = ScheduleName::try_from("spring".to_owned()).unwrap();
    DesiredSchedule {
        kind,
        live_name: Owner::default().live_name(&name),
        name,
        target: target.clone(),
        timetable,
        capacity: Capacity { calls: 25, agents: 10 },
        protect: false,
        blackouts: Vec::new(),
    }
}

fn number(n: u32) -> NonZeroU32 {
    NonZeroU32::new(n).unwrap()
}

/// A timetable with every pattern times every bound, in two zones, with alterations and intervals.
fn everything() -> Timetable {
    let zone = Zone::named("America/New_York").unwrap();
    let days: Weekdays = [chrono::Weekday::Mon, chrono::Weekday::Wed, chrono::Weekday::Sun].into_iter().collect();
    let alteration =
        |kind, start: &str, end: &str| Alteration { kind, start: start.parse().unwrap(), end: end.parse().unwrap() };
    let mut slots = Vec::new();
    for pattern in [
        Pattern::Daily { every: number(1) },
        Pattern::Daily { every: number(3) },
        Pattern::Weekly { every: number(1), days },
        Pattern::Weekly { every: number(2), days },
    ] {
        for bound in [Bound::Open, Bound::Until("2027-12-31".parse().unwrap()), Bound::Count(number(12))] {
            for zone in [zone, Zone::named("Asia/Kathmandu").unwrap()] {
                slots.push(Slot {
                    zone,
                    first: "2027-03-01".parse().unwrap(),
                    start: "22:30:15".parse().unwrap(),
                    length: number(3 * 3600),
                    pattern,
                    bound,
                    alterations: Vec::new(),
                });
            }
        }
    }
    slots[0].alterations = vec![
        alteration(AlterationKind::Exclusion, "2027-05-31T00:00:00", "2027-06-01T00:00:00"),
        alteration(AlterationKind::Inclusion, "2027-06-05T10:00:00", "2027-06-05T12:00:00"),
    ];
    let (start, end) = ("2027-05-01T10:00:00".parse().unwrap(), "2027-05-01T14:00:00".parse().unwrap());
    Timetable { zone, slots, intervals: vec![Interval { start, end }] }
}

/// Judges everything that was recorded; gives the operations of the document that were used.
#[track_caller]
pub fn judge(line: &Line) -> HashSet<(String, u16)> {
    Document::shared().judge_all(&line.recorder.exchanges())
}

fn collection(kind: ScheduleKind) -> &'static str {
    match kind {
        ScheduleKind::Campaign => "campaigns/{campaignId}",
        ScheduleKind::Sequence => "sequences/{sequenceId}",
        ScheduleKind::MessagingCampaign => "messagingcampaigns/{messagingCampaignId}",
        ScheduleKind::EmailCampaign => "emailcampaigns/{emailCampaignId}",
        ScheduleKind::WhatsAppCampaign => "whatsappcampaigns/{whatsAppCampaignId}",
    }
}

#[tokio::test]
async fn every_request_and_every_answer_of_every_family_is_what_the_document_says() {
    for kind in ScheduleKind::ALL {
        let line = Line::to(vec![seed(kind, "A & B"), seed(kind, "C")]).await;
        for times in [IntervalTimes::Local, IntervalTimes::Utc] {
            let api = OutboundSchedules::new(line.transport(), times);
            let one: BTreeSet<String> = ["A & B".to_owned()].into();
            let both: BTreeSet<String> = ["A & B".to_owned(), "C".to_owned()].into();
            let found = api.find_targets(kind, &one).await.unwrap();
            assert_eq!(found["A & B"].len(), 1, "{kind}");
            assert_eq!(api.find_targets(kind, &both).await.unwrap().values().flatten().count(), 2, "{kind}");
            let target = &found["A & B"][0];
            let scope = Scope::whole(kind);

            assert!(api.list(&scope).await.unwrap().schedules.is_empty());
            assert!(api.read(kind, target).await.unwrap().is_empty());
            let created = api.create(&desired(kind, target, everything())).await.unwrap();
            let stored = created.timetable.as_ref().unwrap();
            assert_eq!(TimetableView::of(stored), TimetableView::of(&everything()));
            let empty = Timetable { zone: Zone::utc(), slots: Vec::new(), intervals: Vec::new() };
            let updated = api.update(&created, &desired(kind, target, empty)).await.unwrap();
            // The version has moved on.
            api.update(&created, &desired(kind, target, everything())).await.unwrap_err();
            assert_eq!(api.list(&scope).await.unwrap().schedules.len(), 1);
            assert_eq!(api.read(kind, target).await.unwrap().len(), 1);
            api.delete(&updated).await.unwrap();
            api.delete(&updated).await.unwrap();
            let nobody = Target { id: "none/such?".to_owned(), name: None };
            api.create(&desired(kind, &nobody, everything())).await.unwrap_err();
        }
        let used = judge(&line);
        let item = collection(kind);
        let all = item.split('/').next().unwrap();
        for (operation, status) in [
            ("POST /oauth/token".to_owned(), 200),
            (format!("GET /api/v2/outbound/schedules/{all}"), 200),
            (format!("GET /api/v2/outbound/schedules/{item}"), 200),
            (format!("GET /api/v2/outbound/schedules/{item}"), 404),
            (format!("PUT /api/v2/outbound/schedules/{item}"), 200),
            (format!("PUT /api/v2/outbound/schedules/{item}"), 404),
            (format!("PUT /api/v2/outbound/schedules/{item}"), 409),
            (format!("DELETE /api/v2/outbound/schedules/{item}"), 200),
            (format!("DELETE /api/v2/outbound/schedules/{item}"), 404),
        ] {
            assert!(used.contains(&(operation.clone(), status)), "{operation} {status}: {used:#?}");
        }
    }
}

#[tokio::test]
async fn pages_are_followed_and_each_is_what_the_document_says() {
    for kind in [ScheduleKind::MessagingCampaign, ScheduleKind::Campaign, ScheduleKind::Sequence] {
        let names: BTreeSet<String> = (0..130).map(|n| format!("target {n}")).collect();
        let line = Line::to(names.iter().map(|name| seed(kind, name)).collect()).await;
        let api = OutboundSchedules::new(line.transport(), IntervalTimes::Local);
        let found = api.find_targets(kind, &names).await.unwrap();
        assert!(found.values().all(|targets| targets.len() == 1));
        let empty = Timetable { zone: Zone::utc(), slots: Vec::new(), intervals: Vec::new() };
        for targets in found.values().take(30) {
            api.create(&desired(kind, &targets[0], empty.clone())).await.unwrap();
        }
        let listing = api.list(&Scope::whole(kind)).await.unwrap();
        assert_eq!(listing.schedules.len(), 30);
        assert_eq!(listing.pages > 1, kind == ScheduleKind::MessagingCampaign);
        judge(&line);
    }
}

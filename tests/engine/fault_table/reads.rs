//! Reads of the client, each struck by every fault.

use std::collections::BTreeSet;

use dialctl::genesys::{ApiError, Matter, ScheduleApi, Scope};
use dialctl::schedule::{DesiredSchedule, Owner, ScheduleKind, Target};

use super::faults::{FAULTS, Fault, Strikes, Way};
use super::late::pass_time;
use crate::schedules::{desired, mornings};
use crate::world::{Api, OUTBOUND, World, schedule_path, windows_path};

const CAMPAIGN: &str = "campaign-000";

/// What is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Read {
    /// A family that comes as one array.
    Array(ScheduleKind),
    /// A family that comes in pages.
    Pages,
    One,
    /// Targets by their names, in pages.
    Names(ScheduleKind),
    Lines,
    /// The schedules of campaigns, one campaign after the other.
    Windows,
    OneWindow,
}

const READS: [Read; 9] = [
    Read::Array(ScheduleKind::Campaign),
    Read::Array(ScheduleKind::Sequence),
    Read::Pages,
    Read::One,
    Read::Names(ScheduleKind::Campaign),
    Read::Names(ScheduleKind::EmailCampaign),
    Read::Lines,
    Read::Windows,
    Read::OneWindow,
];

impl Read {
    fn api(self) -> Api {
        if matches!(self, Self::Windows | Self::OneWindow) { Api::CampaignSchedules } else { OUTBOUND }
    }

    fn path(self) -> String {
        let outbound = "/api/v2/outbound";
        match self {
            Self::Array(ScheduleKind::Campaign) => format!("{outbound}/schedules/campaigns"),
            Self::Array(_) => format!("{outbound}/schedules/sequences"),
            Self::Pages => format!("{outbound}/schedules/emailcampaigns"),
            Self::One => schedule_path(ScheduleKind::Campaign, CAMPAIGN),
            Self::Names(ScheduleKind::Campaign) | Self::Lines => format!("{outbound}/campaigns"),
            Self::Names(_) => format!("{outbound}/messagingcampaigns"),
            Self::Windows | Self::OneWindow => windows_path(CAMPAIGN),
        }
    }

    /// How many requests it takes without a fault.
    const fn requests(self) -> usize {
        match self {
            Self::Pages | Self::Names(_) => 2,
            _ => 1,
        }
    }

    /// What it finds, as text.
    async fn ask(self, api: &dyn ScheduleApi) -> Result<String, ApiError> {
        let target = Target { id: CAMPAIGN.to_owned(), name: None };
        let text = |found: Vec<_>| format!("{found:#?}");
        match self {
            Self::Array(kind) => ours(api, kind).await,
            Self::Pages => ours(api, ScheduleKind::EmailCampaign).await,
            Self::Windows => ours(api, ScheduleKind::Campaign).await,
            Self::One | Self::OneWindow => api.read(ScheduleKind::Campaign, &target).await.map(text),
            Self::Names(kind) => {
                // Two, because one is asked for by a filter.
                let names = BTreeSet::from([name(kind, 0), name(kind, 1)]);
                api.find_targets(kind, &names).await.map(|found| format!("{found:#?}"))
            }
            Self::Lines => {
                let ids = BTreeSet::from([CAMPAIGN.to_owned()]);
                api.campaign_lines(&ids).await.map(|found| format!("{found:#?}"))
            }
        }
    }

    /// What becomes of this read under a fault, where it is not what becomes of all.
    fn way(self, fault: &Fault) -> Way {
        match (self, fault.effect) {
            // A schedule that is not found is none.
            (Self::One | Self::Windows | Self::OneWindow, "status: 404") => Way::Harmless,
            _ => fault.read,
        }
    }
}

async fn ours(api: &dyn ScheduleApi, kind: ScheduleKind) -> Result<String, ApiError> {
    let found = api.list(&scope(kind)).await?;
    Ok(format!("{:#?}", found.schedules))
}

/// What the program asks for when it plans.
fn scope(kind: ScheduleKind) -> Scope {
    let targets = BTreeSet::from([CAMPAIGN.to_owned()]);
    Scope { kind, targets, matter: Matter::OwnedOrOnTarget(Owner::default()) }
}

fn name(kind: ScheduleKind, n: usize) -> String {
    format!("{kind} {n:03}")
}

/// A world with two pages of everything that comes in pages.
async fn world() -> World {
    let named = [ScheduleKind::Campaign, ScheduleKind::EmailCampaign];
    let names = named.into_iter().flat_map(|kind| (0..101).map(move |n| (kind, name(kind, n))));
    let schedules = schedules();
    let ids = schedules.iter().map(|one| (one.kind, one.target.id.clone()));
    let world = World::with_named(ids, names).await;
    world.client(OUTBOUND).create(&schedules).await;
    world.client(Api::CampaignSchedules).create(&[desired(ScheduleKind::Campaign, CAMPAIGN, mornings("09:00"))]).await;
    world
}

fn schedules() -> Vec<DesiredSchedule> {
    let one = |kind, id: &str| desired(kind, id, mornings("09:00"));
    let mut all: Vec<_> = (0..26).map(|n| one(ScheduleKind::EmailCampaign, &format!("email-{n:03}"))).collect();
    all.extend((0..3).map(|n| one(ScheduleKind::Campaign, &format!("campaign-{n:03}"))));
    all.push(one(ScheduleKind::Sequence, "sequence-000"));
    all
}

#[tokio::test]
async fn a_read_that_is_struck_once_finds_the_truth_or_names_the_cause() {
    every_read(Strikes::Once).await;
}

#[tokio::test]
async fn a_read_that_is_struck_always_is_repeated_within_its_bound_and_names_the_cause() {
    every_read(Strikes::Always).await;
}

#[tokio::test]
async fn a_read_that_is_answered_too_late_is_repeated_within_its_bound() {
    let world = world().await;
    for read in READS {
        let (client, path) = (world.client(read.api()), read.path());
        let truth = read.ask(client.api.as_ref()).await.unwrap();
        for (effect, given_up) in [("nth: 1, delayMs: 60000", 1), ("delayMs: 60000", 4)] {
            world.strike(&format!("- {{method: GET, path: {path}, {effect}}}")).await;
            let (answer, ()) = tokio::join!(read.ask(client.api.as_ref()), pass_time(&world, "GET", &path, given_up));
            let sent = world.requests().await.len();
            world.strike("[]").await;
            if given_up == 1 {
                assert_eq!((answer.unwrap(), sent), (truth.clone(), read.requests() + 1), "{read:?}");
            } else {
                let message = answer.unwrap_err().to_string();
                let expected = format!("GET {path}: failed: no answer from");
                assert!(message.contains(&expected) && message.contains("within 15 s"), "{read:?}: {message}");
                assert_eq!(sent, given_up, "{read:?}");
            }
        }
    }
}

async fn every_read(strikes: Strikes) {
    let world = world().await;
    for read in READS {
        let mut client = world.client(read.api());
        let mut truth = read.ask(client.api.as_ref()).await.unwrap();
        for fault in FAULTS {
            world.strike(&strikes.rule("GET", &read.path(), fault.effect)).await;
            let answer = read.ask(client.api.as_ref()).await;
            let sent = world.requests().await.len();
            world.strike("[]").await;
            match fault.effect {
                "bumpVersion: true" => truth = read.ask(client.api.as_ref()).await.unwrap(),
                // Whoever was refused is not let in any more.
                _ if fault.read == Way::Renewed => client = world.client(read.api()),
                _ => {}
            }
            cell(read, &fault, strikes, answer, &truth, sent);
        }
    }
    // No read has changed what it read, but for what the faults let others do.
    let email = schedule_path(ScheduleKind::EmailCampaign, "email-000");
    assert_eq!(world.stored(&email).await.unwrap()["version"], 1);
}

/// Checks the answer of a read under a fault, and how many requests it took.
fn cell(read: Read, fault: &Fault, strikes: Strikes, answer: Result<String, ApiError>, truth: &str, sent: usize) {
    let (cell, way) = (format!("{read:?} {strikes:?} {}", fault.effect), read.way(fault));
    // Who may not see campaigns may still search them: another path, which the same rule covers.
    let is_campaign_search = read == Read::Names(ScheduleKind::Campaign) && fault.effect == "status: 403";
    if is_campaign_search {
        let found = if strikes == Strikes::Once { answer.unwrap() == truth } else { answer.is_err() };
        assert_eq!((found, sent), (true, if strikes == Strikes::Once { 3 } else { 2 }), "{cell}");
    } else if way.overcomes(strikes) {
        let expected = if fault.effect == "status: 404" { "[]" } else { truth };
        assert_eq!(answer.as_deref().unwrap(), expected, "{cell}");
        // Where others create something before each page, there may be one page more.
        let most = read.requests() + way.sends(strikes) - 1;
        assert!((most..=most + usize::from(fault.effect == "shiftPages: true")).contains(&sent), "{cell}: {sent}");
    } else {
        let message = answer.unwrap_err().to_string();
        for words in [format!("GET {}: ", read.path()).as_str(), fault.words] {
            assert!(message.contains(words), "{cell}: {words}: {message}");
        }
        assert_eq!(sent, way.sends(strikes), "{cell}");
    }
}

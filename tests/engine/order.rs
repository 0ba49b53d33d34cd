//! In which order actions are carried out, how many at once, and what ends a run early.

use std::sync::LazyLock;
use std::time::Duration;

use dialctl::apply::{ApplyOptions, OnError, Summary, apply};
use dialctl::exit::Exit;
use dialctl::genesys::{Clock, Failure};
use dialctl::plan::{ApprovedPlan, Rails};
use dialctl::schedule::{DesiredSchedule, LiveSchedule, ScheduleKind};

use crate::records::{Records, Told};
use crate::schedules::{desired, mornings};
use crate::subject::PRUNE;
use crate::watched_api::{WRITE, WatchedApi, live};
use crate::world::{comparison, failures, options, unlimited};

const FULL: &str = "the audit ledger failed, so nothing more was started: the disk is full";
const CREATES: usize = 10;
const UPDATES: usize = 7;
const DELETES: usize = 5;
const TOTAL: usize = CREATES + UPDATES + DELETES;

fn some(what: &str, count: usize, start: &str) -> Vec<DesiredSchedule> {
    let kinds = ScheduleKind::ALL.into_iter().cycle();
    let names = (0..count).map(|n| format!("{what}-{n}"));
    names.zip(kinds).map(|(name, kind)| desired(kind, &name, mornings(start))).collect()
}

/// The live side: what is to be updated, and what is to be deleted.
fn live_side() -> Vec<LiveSchedule> {
    some("updated", UPDATES, "09:00").iter().chain(&some("deleted", DELETES, "09:00")).map(live).collect()
}

/// A plan with every sort of action, over all kinds. Made once, for comparing takes longer than all
/// the rest.
static PLAN: LazyLock<ApprovedPlan> = LazyLock::new(|| {
    let wanted: Vec<_> =
        some("created", CREATES, "10:00").into_iter().chain(some("updated", UPDATES, "10:00")).collect();
    let plan = comparison(&wanted, live_side(), PRUNE, true);
    plan.approve(&unlimited()).unwrap()
});

struct Ran {
    summary: Summary,
    api: WatchedApi,
    records: Records,
}

async fn run(api: WatchedApi, concurrency: usize, mut records: Records, stop: impl Future<Output = ()>) -> Ran {
    let options = options(concurrency, &Clock::virtual_time());
    let summary = apply(&PLAN, &api, &options, &mut records, stop).await;
    Ran { summary, api, records }
}

/// A run in which these writes are refused.
async fn run_against(refused: &[String], concurrency: usize, on_error: OnError) -> Ran {
    let api = refused.iter().fold(api(), |api, name| api.refusing(name, refusal()));
    let options = ApplyOptions { on_error, ..options(concurrency, &Clock::virtual_time()) };
    let mut records = Records::default();
    let summary = apply(&PLAN, &api, &options, &mut records, std::future::pending()).await;
    Ran { summary, api, records }
}

fn refusal() -> Failure {
    Failure::Refused { status: 400, code: "bad.request".to_owned(), message: "no".to_owned() }
}

impl Ran {
    /// Checks that what had begun came to its end, and that everything is counted once.
    #[track_caller]
    fn adds_up(&self) {
        let Self { summary, api, records } = self;
        let counts = api.counts();
        assert_eq!(counts.begun.len(), counts.ended.len(), "what is under way is finished");
        assert_eq!(counts.begun, records.intended, "nothing begins unwritten");
        assert_eq!(summary.succeeded() + summary.failed(), counts.begun.len());
        assert_eq!(summary.succeeded() + summary.failed() + summary.not_attempted(), TOTAL);
        let mut told: Vec<Told> = summary.results.iter().map(|one| (one.action, one.name.clone())).collect();
        let mut planned: Vec<Told> = PLAN.actions().iter().map(|one| (one.verb(), one.name().to_owned())).collect();
        told.sort_unstable();
        planned.sort_unstable();
        assert_eq!(told, planned, "every action has one result");
    }
}

fn api() -> WatchedApi {
    WatchedApi::with(live_side(), &some("created", CREATES, "10:00"))
}

#[tokio::test(start_paused = true)]
async fn creates_end_before_updates_begin_and_updates_before_deletes() {
    for concurrency in [1, 3, 64] {
        let began = tokio::time::Instant::now();
        let ran = run(api(), concurrency, Records::default(), std::future::pending()).await;
        ran.adds_up();
        ran.records.agree_with(&ran.summary);
        assert_eq!((ran.summary.succeeded(), ran.summary.exit()), (TOTAL, Exit::Done));
        let wanted = PLAN.actions().iter().filter_map(|action| action.wanted());
        let wanted = wanted.map(|one| (one.schedule.kind, one.schedule.live_name.as_str().to_owned()));
        assert_eq!(ran.api.held().await, wanted.collect());
        let counts = ran.api.counts();
        let expected: Vec<&str> =
            [("create", CREATES), ("update", UPDATES), ("delete", DELETES)].map(|(verb, n)| vec![verb; n]).concat();
        for told in [&counts.begun, &counts.ended] {
            assert_eq!(told.iter().map(|told| told.0).collect::<Vec<_>>(), expected, "{concurrency}");
        }
        assert_eq!(counts.peak, concurrency.min(CREATES));
        // As few rounds as the bound allows: the bound is used, too.
        let rounds: usize = [CREATES, UPDATES, DELETES].map(|n| n.div_ceil(concurrency)).iter().sum();
        assert_eq!(began.elapsed().as_secs(), (WRITE * u32::try_from(rounds).unwrap()).as_secs());
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_what_is_under_way_end_and_begins_nothing_more() {
    // Three at once, each a second long: among the creates, among the updates, after the end.
    for (after, attempted) in [(2_500, 9), (4_500, 13), (20_000, TOTAL)] {
        let stop = tokio::time::sleep(Duration::from_millis(after));
        let ran = run(api(), 3, Records::default(), stop).await;
        ran.adds_up();
        ran.records.agree_with(&ran.summary);
        assert_eq!((ran.summary.succeeded(), ran.summary.not_attempted()), (attempted, TOTAL - attempted), "{after}");
        assert_eq!(ran.summary.exit(), if attempted == TOTAL { Exit::Done } else { Exit::Partial });
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_take_an_intention_ends_the_run() {
    for nth in 1..=TOTAL {
        let records = Records::failing_to_begin(nth);
        let ran = run(api(), 3, records, std::future::pending()).await;
        ran.adds_up();
        ran.records.agree_with(&ran.summary);
        assert_eq!((ran.summary.succeeded(), ran.summary.not_attempted()), (nth - 1, TOTAL - (nth - 1)), "{nth}");
        assert_eq!(ran.summary.exit(), Exit::Failed);
        assert_eq!(ran.summary.journal_error.unwrap().to_string(), FULL);
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_cannot_take_an_end_ends_the_run() {
    for nth in 1..=TOTAL {
        let records = Records::failing_to_end(nth);
        let ran = run(api(), 3, records, std::future::pending()).await;
        ran.adds_up();
        // When the n-th had ended, at most two more were under way.
        let attempted = ran.summary.succeeded();
        assert!((nth..nth + 3).contains(&attempted), "{nth}: {attempted}");
        assert_eq!(ran.records.finished.len(), nth - 1);
        assert_eq!(ran.summary.exit(), Exit::Failed);
        assert_eq!(ran.summary.journal_error.unwrap().to_string(), FULL);
    }
}

#[tokio::test(start_paused = true)]
async fn one_refusal_stops_nothing_and_a_refused_login_everything() {
    let ran = run(api().refusing("created-4", refusal()), 3, Records::default(), std::future::pending()).await;
    ran.adds_up();
    ran.records.agree_with(&ran.summary);
    assert_eq!((ran.summary.succeeded(), ran.summary.failed()), (TOTAL - 1, 1));
    assert_eq!(failures(&ran.summary), ["created-4: PUT /created-4: refused with 400: no (bad.request)"]);
    assert_eq!(ran.summary.exit(), Exit::Partial);

    let login = Failure::NotAuthenticated("the secret was changed".to_owned());
    let ran = run(api().refusing("created-4", login), 1, Records::default(), std::future::pending()).await;
    ran.adds_up();
    ran.records.agree_with(&ran.summary);
    let position = ran.api.counts().begun.iter().position(|told| told.1 == "created-4").unwrap();
    assert_eq!((ran.summary.succeeded(), ran.summary.failed()), (position, 1));
    assert_eq!(ran.api.counts().begun.len(), position + 1, "nothing begins after it");
    assert_eq!(ran.summary.exit(), Exit::Partial);
}

fn numbered(what: &str, count: usize) -> Vec<String> {
    (0..count).map(|n| format!("{what}-{n}")).collect()
}

#[tokio::test(start_paused = true)]
async fn a_failure_lets_what_is_under_way_end_and_begins_nothing_more_where_that_is_asked_for() {
    let (creates, updates) = (numbered("created", CREATES), numbered("updated", UPDATES));
    let deletes = numbered("dialctl/deleted", DELETES);
    for (refused, concurrency, succeeded, failed) in [
        (&creates, 1, 0, 1),
        (&creates, 3, 0, 3),
        (&creates, 64, 0, CREATES),
        (&updates, 1, CREATES, 1),
        (&updates, 3, CREATES, 3),
        (&updates, 64, CREATES, UPDATES),
        (&deletes, 1, CREATES + UPDATES, 1),
        (&deletes, 3, CREATES + UPDATES, 3),
        (&deletes, 64, CREATES + UPDATES, DELETES),
    ] {
        let ran = run_against(refused, concurrency, OnError::Stop).await;
        ran.adds_up();
        ran.records.agree_with(&ran.summary);
        let told = (ran.summary.succeeded(), ran.summary.failed(), ran.summary.not_attempted());
        assert_eq!(told, (succeeded, failed, TOTAL - succeeded - failed), "{refused:?}, {concurrency} at once");
        assert_eq!(ran.summary.exit(), Exit::Partial);
    }
}

#[tokio::test(start_paused = true)]
async fn of_several_failures_the_first_ends_the_run_or_none_does() {
    let refused = ["created-2", "created-8", "updated-3", "dialctl/deleted-0"].map(str::to_owned);
    for concurrency in [1, 2, 3, 8, 64] {
        let ran = run_against(&refused, concurrency, OnError::Continue).await;
        ran.adds_up();
        ran.records.agree_with(&ran.summary);
        assert_eq!((ran.summary.failed(), ran.summary.not_attempted()), (refused.len(), 0), "{concurrency}");
        assert_eq!(ran.summary.exit(), Exit::Partial);

        let ran = run_against(&refused, concurrency, OnError::Stop).await;
        ran.adds_up();
        ran.records.agree_with(&ran.summary);
        assert_eq!(ran.records.intended_at_first_failure, Some(ran.records.intended.len()), "{concurrency}");
        assert!((1..=2).contains(&ran.summary.failed()), "updates and deletes do not begin");
        assert!(ran.summary.not_attempted() >= UPDATES + DELETES, "{concurrency}");
        assert_eq!(ran.summary.exit(), Exit::Partial);
    }
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_cannot_be_created_on_its_new_target_stays_on_its_old_one() {
    let moved = desired(ScheduleKind::Campaign, "moved", mornings("09:00"));
    let mut old = live(&moved);
    old.target.id = "the-old-target".to_owned();
    let plan = comparison(std::slice::from_ref(&moved), vec![old.clone()], PRUNE, true);
    let plan = plan.approve(&Rails::default()).unwrap();
    for (api, verbs, exit) in [
        (WatchedApi::with(vec![old.clone()], std::slice::from_ref(&moved)), vec!["create", "delete"], Exit::Done),
        (
            WatchedApi::with(vec![old.clone()], std::slice::from_ref(&moved)).refusing("moved", refusal()),
            vec!["create"],
            Exit::Partial,
        ),
    ] {
        let options = options(3, &Clock::virtual_time());
        let summary = apply(&plan, &api, &options, &mut Records::default(), std::future::pending()).await;
        assert_eq!(api.counts().begun.iter().map(|told| told.0).collect::<Vec<_>>(), verbs);
        assert_eq!((summary.results.len(), summary.exit()), (2, exit));
    }
}

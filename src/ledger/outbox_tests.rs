use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::time::sleep;

use super::super::attempt::{IN_ALL, TRIES};
use super::super::event::EventType;
use super::super::event::tests::event;
use super::super::lane::AT_ONCE;
use super::super::receiver::tests::receiver;
use super::super::receiver::{Interest, Receiver};
use super::super::webhook::tests::{deserted, webhook};
use super::super::webhook::{DeliveryError, TIMEOUT};
use super::*;

const ADDRESS: &str = "https://wfm.example/s3cret";

/// What a receiver does with an event, and after how many milliseconds.
type Answer = (u64, Result<u16, DeliveryError>);

/// What receivers are sent and answer, in order: `+7` for the event 7 that is sent, `-7` once it is answered.
type Log = Arc<Mutex<Vec<String>>>;

fn lane(
    receiver: Receiver,
    is_gone: bool,
    told: mpsc::UnboundedSender<Told>,
    answer: impl Fn(&Event) -> Answer + Send + Sync + 'static,
) -> (Lane, Log) {
    let log = Log::default();
    let kept = log.clone();
    let lane = Lane::start(receiver, is_gone, told, move |event| {
        let (log, (wait, result)) = (kept.clone(), answer(&event));
        async move {
            let id = event.id.as_u128();
            log.lock().unwrap().push(format!("+{id}"));
            let latency = Duration::from_millis(wait);
            sleep(latency).await;
            log.lock().unwrap().push(format!("-{id}"));
            result.map(|status| Delivery { status, latency })
        }
    });
    (lane, log)
}

fn outbox_of(lanes: Vec<Lane>, told: UnboundedReceiver<Told>) -> Outbox {
    let lanes = lanes.into_iter().map(|lane| (lane.receiver.name.clone(), lane)).collect();
    Outbox { lanes, told, open: BTreeMap::new() }
}

/// An outbox to one receiver, which answers as told.
fn outbox(answer: impl Fn(&Event) -> Answer + Send + Sync + 'static) -> (Outbox, Log) {
    let (teller, told) = mpsc::unbounded_channel();
    let (lane, log) = lane(receiver("wfm", ADDRESS), false, teller, answer);
    (outbox_of(vec![lane], told), log)
}

/// An outbox to one receiver that answers its nth request, from 1, as told.
fn outbox_by_turn(answer: impl Fn(u32) -> Answer + Send + Sync + 'static) -> (Outbox, Log) {
    let turn = Mutex::new(0);
    outbox(move |_| {
        let mut turn = turn.lock().unwrap();
        *turn += 1;
        answer(*turn)
    })
}

fn to_all(outbox: &mut Outbox, event: &Event) {
    let all = outbox.lanes.keys().cloned().collect();
    outbox.queue(event, &all);
}

fn timed_out() -> DeliveryError {
    DeliveryError::TimedOut { receiver: ADDRESS.to_owned() }
}

fn refused(status: u16, wait: Option<u64>) -> DeliveryError {
    DeliveryError::Refused { receiver: ADDRESS.to_owned(), status, wait: wait.map(Duration::from_secs) }
}

fn sent(log: &Log) -> Vec<String> {
    log.lock().unwrap().iter().filter(|line| line.starts_with('+')).cloned().collect()
}

/// The reports as (number of the event, why it was not delivered), in the order of the events.
fn results(reports: Vec<Report>) -> Vec<(u128, Option<Undelivered>)> {
    let mut results: Vec<_> =
        reports.into_iter().map(|report| (report.event_id.as_u128(), report.result.err())).collect();
    results.sort_by_key(|(number, _)| *number);
    results
}

#[tokio::test(start_paused = true)]
async fn events_of_one_schedule_go_out_in_order_and_one_at_a_time() {
    // Later events would overtake earlier ones if they could.
    let (mut outbox, log) = outbox(|event| (100 / event.id.as_u128() as u64, Ok(200)));
    for number in 1..=4 {
        to_all(&mut outbox, &event(number, "spring"));
    }
    let reports = outbox.finish(GRACE).await;
    assert_eq!(results(reports), [(1, None), (2, None), (3, None), (4, None)]);
    assert_eq!(*log.lock().unwrap(), ["+1", "-1", "+2", "-2", "+3", "-3", "+4", "-4"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_tried_again_still_goes_before_the_next_of_its_schedule() {
    let (mut outbox, log) = outbox_by_turn(|turn| (10, if turn < TRIES { Err(refused(503, None)) } else { Ok(200) }));
    for number in 1..=2 {
        to_all(&mut outbox, &event(number, "spring"));
    }
    let reports = outbox.finish(GRACE).await;
    assert_eq!(sent(&log), ["+1", "+1", "+1", "+2"]);
    let failed: Vec<usize> = reports.iter().map(|report| report.failed.len()).collect();
    assert_eq!((failed, results(reports)), (vec![2, 0], vec![(1, None), (2, None)]));
}

#[tokio::test(start_paused = true)]
async fn different_schedules_go_out_together_up_to_a_limit() {
    let (mut outbox, _) = outbox(|_| (100, Ok(200)));
    for number in 1..=10 {
        to_all(&mut outbox, &event(number, &format!("schedule-{number}")));
    }
    let began = Instant::now();
    assert_eq!(outbox.finish(GRACE).await.len(), 10);
    // Ten events, four at once: three rounds.
    assert_eq!(began.elapsed(), Duration::from_millis(300));
}

#[tokio::test(start_paused = true)]
async fn one_slow_schedule_does_not_hold_up_the_others() {
    let (mut outbox, log) = outbox(|event| (if event.name == "slow" { 1_000 } else { 10 }, Ok(200)));
    for (number, name) in [(1, "slow"), (2, "slow"), (3, "slow"), (4, "slow"), (5, "quick")] {
        to_all(&mut outbox, &event(number, name));
    }
    sleep(Duration::from_millis(50)).await;
    assert_eq!(results(outbox.reports()), [(5, None)]);
    assert_eq!(*log.lock().unwrap(), ["+1", "+5", "-5"]);
    assert_eq!(results(outbox.finish(GRACE).await), [(1, None), (2, None), (3, None), (4, None)]);
}

#[tokio::test(start_paused = true)]
async fn one_slow_receiver_does_not_hold_up_the_others() {
    let (teller, told) = mpsc::unbounded_channel();
    let (slow, _) = lane(receiver("slow", ADDRESS), false, teller.clone(), |_| (60_000, Ok(200)));
    let (quick, log) = lane(receiver("quick", ADDRESS), false, teller, |_| (10, Ok(200)));
    let mut outbox = outbox_of(vec![slow, quick], told);
    for number in 1..=3 {
        to_all(&mut outbox, &event(number, "spring"));
    }
    let mut reports = outbox.finish(GRACE).await;
    assert_eq!(sent(&log), ["+1", "+2", "+3"]);
    reports.retain(|report| report.receiver == "slow");
    let ended = || Some(Undelivered::RunEnded);
    assert_eq!(results(reports), [(1, ended()), (2, ended()), (3, ended())]);
}

#[tokio::test(start_paused = true)]
async fn receivers_get_what_they_are_interested_in() {
    let (teller, told) = mpsc::unbounded_channel();
    let deletes = Interest { events: [EventType::ScheduleDeleted].into(), ..Interest::default() };
    let (all, _) = lane(receiver("all", ADDRESS), false, teller.clone(), |_| (10, Ok(200)));
    let (some, log) =
        lane(Receiver { interest: deletes, ..receiver("some", ADDRESS) }, false, teller, |_| (10, Ok(200)));
    let mut outbox = outbox_of(vec![all, some], told);
    let event = event(1, "spring");
    let interested = outbox.interested(&event);
    assert!(interested.iter().eq(["all"]));
    // Who is owed it has been decided already, and who is no longer configured gets nothing.
    outbox.queue(&event, &["some".to_owned(), "former".to_owned()].into());
    assert_eq!(results(outbox.finish(GRACE).await), [(1, None)]);
    assert_eq!(sent(&log), ["+1"]);
}

#[tokio::test(start_paused = true)]
async fn a_refused_event_is_not_tried_again_and_holds_back_its_schedule_alone() {
    let (mut outbox, log) =
        outbox(|event| (10, if event.id.as_u128() == 1 { Err(refused(400, None)) } else { Ok(200) }));
    for (number, name) in [(1, "spring"), (2, "spring"), (3, "autumn")] {
        to_all(&mut outbox, &event(number, name));
    }
    assert_eq!(
        results(outbox.finish(GRACE).await),
        [(1, Some(Undelivered::Failed(refused(400, None)))), (2, Some(Undelivered::HeldBack)), (3, None)]
    );
    assert_eq!(sent(&log), ["+1", "+3"]);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_times_out_is_given_up_after_its_tries() {
    let timeout = u64::try_from(TIMEOUT.as_millis()).unwrap();
    let (mut outbox, log) = outbox(move |_| (timeout, Err(timed_out())));
    for number in 1..=100 {
        to_all(&mut outbox, &event(number, &format!("schedule-{number}")));
    }
    let began = Instant::now();
    let reports = outbox.finish(Duration::from_secs(60)).await;
    assert!(began.elapsed() <= IN_ALL, "{:?}", began.elapsed());
    // Whoever is free before the first has used up its tries may begin one more.
    let tries = sent(&log).len();
    assert_eq!(tries, AT_ONCE * TRIES as usize);
    let results = results(reports);
    assert_eq!(results.len(), 100);
    let down = results.iter().filter(|(_, why)| *why == Some(Undelivered::ReceiverDown)).count();
    assert_eq!(down, 100 - AT_ONCE);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_a_receiver_asks_for_holds_for_all_its_events() {
    let (mut outbox, log) = outbox_by_turn(|turn| (10, if turn == 1 { Err(refused(429, Some(9))) } else { Ok(200) }));
    to_all(&mut outbox, &event(1, "spring"));
    sleep(Duration::from_secs(1)).await;
    to_all(&mut outbox, &event(2, "autumn"));
    sleep(Duration::from_secs(7)).await;
    assert_eq!(sent(&log), ["+1"]);
    assert_eq!(results(outbox.finish(GRACE).await), [(1, None), (2, None)]);
    assert_eq!(sent(&log).len(), 3);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_longer_than_the_tries_of_an_event_may_take() {
    let (mut outbox, log) = outbox(|_| (10, Err(refused(503, Some(86_400)))));
    to_all(&mut outbox, &event(1, "spring"));
    sleep(Duration::from_secs(1)).await;
    to_all(&mut outbox, &event(2, "autumn"));
    let began = Instant::now();
    assert_eq!(
        results(outbox.finish(GRACE).await),
        [(1, Some(Undelivered::Failed(refused(503, Some(86_400))))), (2, Some(Undelivered::AskedToWait))]
    );
    assert!(began.elapsed() < Duration::from_secs(1));
    assert_eq!(sent(&log), ["+1"]);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_is_gone_gets_nothing_more_and_is_told_by_the_digest_of_its_address() {
    let (mut outbox, log) = outbox(|_| (10, Err(refused(410, None))));
    for (number, name) in [(1, "spring"), (2, "spring"), (3, "spring")] {
        to_all(&mut outbox, &event(number, name));
    }
    let reports = outbox.finish(GRACE).await;
    assert_eq!(sent(&log), ["+1"]);
    let entries: Vec<_> = reports.iter().flat_map(Report::entries).map(|entry| json!(entry)).collect();
    let digest = receiver("wfm", ADDRESS).address.digest();
    let [failed, disabled] = entries.as_slice() else { panic!("{entries:?}") };
    assert_eq!(failed["record"], "eventFailed");
    assert_eq!(*disabled, json!({"record": "receiverDisabled", "receiver": "wfm", "addressDigest": digest}));
    assert_eq!(results(reports)[2].1, Some(Undelivered::ReceiverGone));
}

#[tokio::test]
async fn a_disabled_receiver_gets_nothing_until_its_address_changes() {
    let base = deserted().await;
    let webhook = webhook(&base);
    let gone = webhook.receiver().address.digest();
    for (digest, expected) in [(gone, true), ("of another address".to_owned(), false)] {
        let mut outbox = Outbox::start(vec![webhook.clone()], &BTreeMap::from([("wfm".to_owned(), digest)]));
        to_all(&mut outbox, &event(1, "spring"));
        let reports = results(outbox.finish(GRACE).await);
        assert_eq!(reports[0].1 == Some(Undelivered::ReceiverGone), expected, "{reports:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_run_waits_no_longer_than_its_grace() {
    // The first is answered just before the timeout, so that the receiver never counts as down.
    let (mut outbox, _) = outbox(|_| (4_900, Ok(200)));
    for number in 1..=9 {
        to_all(&mut outbox, &event(number, &format!("schedule-{number}")));
    }
    let began = Instant::now();
    let results = results(outbox.finish(GRACE).await);
    assert_eq!(began.elapsed(), GRACE);
    let (delivered, ended): (Vec<_>, Vec<_>) = results.into_iter().partition(|(_, why)| why.is_none());
    assert_eq!((delivered.len(), ended.len()), (4, 5));
    assert!(ended.iter().all(|(_, why)| *why == Some(Undelivered::RunEnded)));
}

#[tokio::test(start_paused = true)]
async fn attempts_are_kept_where_the_run_ends_before_the_last_one() {
    let (mut outbox, _) = outbox_by_turn(|turn| if turn == 1 { (10, Err(timed_out())) } else { (60_000, Ok(200)) });
    to_all(&mut outbox, &event(1, "spring"));
    let reports = outbox.finish(GRACE).await;
    let [Report { failed, result: Err(Undelivered::RunEnded), .. }] = reports.as_slice() else { panic!("{reports:?}") };
    assert_eq!(failed.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_event_is_reported_once() {
    let (mut outbox, _) = outbox(|_| (10, Ok(200)));
    to_all(&mut outbox, &event(1, "spring"));
    sleep(Duration::from_millis(20)).await;
    assert_eq!(results(outbox.reports()), [(1, None)]);
    assert_eq!(outbox.reports(), []);
    to_all(&mut outbox, &event(2, "spring"));
    assert_eq!(results(outbox.finish(GRACE).await), [(2, None)]);
}

#[tokio::test]
async fn reports_over_a_real_socket_become_records_without_secrets() {
    let base = deserted().await;
    let mut outbox = Outbox::start(vec![webhook(&base)], &BTreeMap::new());
    to_all(&mut outbox, &event(1, "spring"));
    let reports = outbox.finish(GRACE).await;
    let [entry] = reports.iter().flat_map(Report::entries).collect::<Vec<_>>().try_into().unwrap();
    let json = json!(entry);
    assert_eq!((&json["record"], &json["receiver"]), (&"eventFailed".into(), &"wfm".into()));
    assert_eq!(json["failedAttempts"].as_array().map(Vec::len), Some(TRIES as usize), "{json}");
    assert!(!json.to_string().contains("s3cret"), "{json}");
}

#[test]
fn a_delivery_becomes_a_record() {
    let delivery = Delivery { status: 202, latency: Duration::from_micros(31_900) };
    let (event_id, receiver, failed) = (Uuid::from_u128(7), "wfm".to_owned(), Vec::new());
    let report = Report { event_id, receiver, failed, result: Ok(delivery), gone: None };
    let entries = report.entries();
    let [Entry::EventDelivered { status: 202, latency_ms: 31, .. }] = entries.as_slice() else { panic!("{entries:?}") };
}

//! The outbox: delivers events while the run goes on, and never holds it up for long.
//!
//! Events of one schedule go out one after the other; up to [`AT_ONCE`] schedules go out together. The
//! outbox does not touch the ledger: its reports go to whoever owns the writer.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use uuid::Uuid;

use super::event::Event;
use super::queue::{Queue, Step};
use super::record::Entry;
use super::webhook::{Delivery, DeliveryError, Webhook};

/// How many events are under way to one receiver at once.
pub const AT_ONCE: usize = 4;

/// How long the end of a run may wait for what is still under way.
pub const GRACE: Duration = Duration::from_secs(5);

/// What became of an event in this run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The event, by its id.
    pub event_id: Uuid,
    /// The receiver, by scheme and host alone.
    pub receiver: String,
    /// Whether the receiver took it.
    pub result: Result<Delivery, Undelivered>,
}

/// Why an event was not delivered in this run. The ledger still holds it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The receiver did not take it.
    #[error(transparent)]
    Failed(#[from] DeliveryError),
    /// It was not sent, because the receiver did not answer an earlier one.
    #[error("not sent: the receiver is down")]
    ReceiverDown,
    /// It was not sent, because an earlier event of its schedule was not delivered.
    #[error("not sent: an earlier event of this schedule was not delivered")]
    HeldBack,
    /// The run ended before its turn came or the receiver answered.
    #[error("the run ended before the receiver answered")]
    RunEnded,
}

/// Delivers events in the background.
#[derive(Debug)]
pub struct Outbox {
    inbox: UnboundedSender<Event>,
    reports: UnboundedReceiver<Report>,
    /// The events without a report, in the order of their ids, which is that of their age.
    open: BTreeSet<Uuid>,
    receiver: String,
    task: JoinHandle<()>,
}

impl Report {
    /// What the ledger says about it.
    pub fn entry(&self) -> Entry {
        let (event_id, receiver) = (self.event_id, self.receiver.clone());
        match &self.result {
            Ok(Delivery { status, latency }) => Entry::EventDelivered {
                event_id,
                receiver,
                status: *status,
                latency_ms: u64::try_from(latency.as_millis()).unwrap_or(u64::MAX),
            },
            Err(error) => Entry::EventFailed { event_id, receiver, error: error.to_string() },
        }
    }
}

impl Outbox {
    /// Starts to deliver to a receiver, within the current tokio runtime.
    pub fn start(webhook: Webhook) -> Self {
        let receiver = webhook.receiver().to_string();
        Self::delivering_by(receiver, move |event| {
            let webhook = webhook.clone();
            async move { webhook.deliver(&event).await }
        })
    }

    fn delivering_by<D, F>(receiver: String, deliver: D) -> Self
    where
        D: Fn(Event) -> F + Send + 'static,
        F: Future<Output = Result<Delivery, DeliveryError>> + Send + 'static,
    {
        let (inbox, events) = mpsc::unbounded_channel();
        let (outgoing, reports) = mpsc::unbounded_channel();
        let task = tokio::spawn(work(events, outgoing, receiver.clone(), deliver));
        Self { inbox, reports, open: BTreeSet::new(), receiver, task }
    }

    /// Hands over an event and returns at once. It must be in the ledger before, or a crash loses it.
    pub fn queue(&mut self, event: Event) {
        self.open.insert(event.id);
        // Should the task have died, the event stays open and `finish` reports it as undelivered.
        let _ = self.inbox.send(event);
    }

    /// The reports that came in since the last call, without waiting.
    pub fn reports(&mut self) -> Vec<Report> {
        let mut reports = Vec::new();
        while let Ok(report) = self.reports.try_recv() {
            self.open.remove(&report.event_id);
            reports.push(report);
        }
        reports
    }

    /// Waits for what is still under way, at most for `grace`, and gives the reports that
    /// [`Outbox::reports`] has not given. Every event that was queued has then been reported once.
    pub async fn finish(self, grace: Duration) -> Vec<Report> {
        let Self { inbox, reports: mut incoming, mut open, receiver, task } = self;
        drop(inbox);
        let deadline = Instant::now() + grace;
        let mut reports = Vec::new();
        while let Ok(Some(report)) = timeout_at(deadline, incoming.recv()).await {
            open.remove(&report.event_id);
            reports.push(report);
        }
        task.abort();
        reports.extend(open.into_iter().map(|event_id| Report {
            event_id,
            receiver: receiver.clone(),
            result: Err(Undelivered::RunEnded),
        }));
        reports
    }
}

/// Delivers until the inbox is closed and everything in it is reported.
async fn work<D, F>(mut inbox: UnboundedReceiver<Event>, reports: UnboundedSender<Report>, receiver: String, deliver: D)
where
    D: Fn(Event) -> F,
    F: Future<Output = Result<Delivery, DeliveryError>>,
{
    // Nobody listens any more once the run has ended; there is nothing to tell then.
    let report = |event_id, result| drop(reports.send(Report { event_id, receiver: receiver.clone(), result }));
    let mut queue = Queue::default();
    let mut under_way = FuturesUnordered::new();
    let mut is_open = true;
    loop {
        while under_way.len() < AT_ONCE {
            match queue.next() {
                Some(Step::Send(event)) => {
                    let (event_id, key) = (event.id, event.schedule_key());
                    let delivery = deliver(event);
                    under_way.push(async move { (event_id, key, delivery.await) });
                }
                Some(Step::GiveUp(event_id, reason)) => report(event_id, Err(reason)),
                None => break,
            }
        }
        tokio::select! {
            event = inbox.recv(), if is_open => match event {
                Some(event) => queue.push(event),
                None => is_open = false,
            },
            Some((event_id, key, result)) = under_way.next() => {
                queue.settle(key, &result);
                report(event_id, result.map_err(Undelivered::from));
            }
            else => break,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use tokio::time::sleep;

    use super::super::event::tests::event;
    use super::super::webhook::tests::{deserted, webhook};
    use super::*;

    const RECEIVER: &str = "https://wfm.example";

    /// What a receiver does with an event, and after how many milliseconds.
    type Answer = (u64, Result<u16, DeliveryError>);

    /// An outbox to a receiver that answers as told, and the names of the events in the order in which
    /// they were sent and answered.
    fn outbox(answer: impl Fn(&Event) -> Answer + Send + 'static) -> (Outbox, Arc<Mutex<Vec<String>>>) {
        let log = Arc::new(Mutex::new(Vec::new()));
        let kept = log.clone();
        let outbox = Outbox::delivering_by(RECEIVER.to_owned(), move |event| {
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
        (outbox, log)
    }

    fn timed_out() -> DeliveryError {
        DeliveryError::TimedOut { receiver: RECEIVER.to_owned() }
    }

    fn refused() -> DeliveryError {
        DeliveryError::Refused { receiver: RECEIVER.to_owned(), status: 500 }
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
            outbox.queue(event(number, "spring"));
        }
        let reports = outbox.finish(GRACE).await;
        assert_eq!(results(reports), [(1, None), (2, None), (3, None), (4, None)]);
        assert_eq!(*log.lock().unwrap(), ["+1", "-1", "+2", "-2", "+3", "-3", "+4", "-4"]);
    }

    #[tokio::test(start_paused = true)]
    async fn different_schedules_go_out_together_up_to_a_limit() {
        let (mut outbox, _) = outbox(|_| (100, Ok(200)));
        for number in 1..=10 {
            outbox.queue(event(number, &format!("schedule-{number}")));
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
            outbox.queue(event(number, name));
        }
        sleep(Duration::from_millis(50)).await;
        assert_eq!(results(outbox.reports()), [(5, None)]);
        assert_eq!(*log.lock().unwrap(), ["+1", "+5", "-5"]);
        assert_eq!(results(outbox.finish(GRACE).await), [(1, None), (2, None), (3, None), (4, None)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_refused_event_holds_back_its_schedule_alone() {
        let (mut outbox, _) = outbox(|event| (10, if event.id.as_u128() == 1 { Err(refused()) } else { Ok(200) }));
        for (number, name) in [(1, "spring"), (2, "spring"), (3, "autumn")] {
            outbox.queue(event(number, name));
        }
        assert_eq!(
            results(outbox.finish(GRACE).await),
            [(1, Some(Undelivered::Failed(refused()))), (2, Some(Undelivered::HeldBack)), (3, None)]
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_receiver_that_times_out_once_is_not_waited_for_again() {
        let (mut outbox, log) = outbox(|_| (5_000, Err(timed_out())));
        for number in 1..=100 {
            outbox.queue(event(number, &format!("schedule-{number}")));
        }
        let began = Instant::now();
        let reports = outbox.finish(Duration::from_secs(60)).await;
        assert_eq!(began.elapsed(), Duration::from_secs(5));
        assert_eq!(log.lock().unwrap().iter().filter(|line| line.starts_with('+')).count(), AT_ONCE);
        let results = results(reports);
        assert_eq!(results.len(), 100);
        let down = results.iter().filter(|(_, why)| *why == Some(Undelivered::ReceiverDown)).count();
        assert_eq!(down, 100 - AT_ONCE);
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_of_a_run_waits_no_longer_than_its_grace() {
        // The first is answered just before the timeout, so that the receiver never counts as down.
        let (mut outbox, _) = outbox(|_| (4_900, Ok(200)));
        for number in 1..=9 {
            outbox.queue(event(number, &format!("schedule-{number}")));
        }
        let began = Instant::now();
        let results = results(outbox.finish(GRACE).await);
        assert_eq!(began.elapsed(), GRACE);
        let (delivered, ended): (Vec<_>, Vec<_>) = results.into_iter().partition(|(_, why)| why.is_none());
        assert_eq!((delivered.len(), ended.len()), (4, 5));
        assert!(ended.iter().all(|(_, why)| *why == Some(Undelivered::RunEnded)));
    }

    #[tokio::test(start_paused = true)]
    async fn every_event_is_reported_once() {
        let (mut outbox, _) = outbox(|_| (10, Ok(200)));
        outbox.queue(event(1, "spring"));
        sleep(Duration::from_millis(20)).await;
        assert_eq!(results(outbox.reports()), [(1, None)]);
        assert_eq!(outbox.reports(), []);
        outbox.queue(event(2, "spring"));
        assert_eq!(results(outbox.finish(GRACE).await), [(2, None)]);
    }

    #[tokio::test]
    async fn reports_over_a_real_socket_become_records_without_secrets() {
        let base = deserted().await;
        let mut outbox = Outbox::start(webhook(&base));
        outbox.queue(event(1, "spring"));
        let reports = outbox.finish(GRACE).await;
        let [report] = reports.as_slice() else { panic!("{reports:?}") };
        let json = serde_json::to_value(report.entry()).unwrap();
        assert_eq!((&json["record"], &json["receiver"]), (&"eventFailed".into(), &base.into()));
        assert!(!json.to_string().contains("s3cret"), "{json}");
    }

    #[test]
    fn a_delivery_becomes_a_record() {
        let delivery = Delivery { status: 202, latency: Duration::from_micros(31_900) };
        let report = Report { event_id: Uuid::from_u128(7), receiver: RECEIVER.to_owned(), result: Ok(delivery) };
        let Entry::EventDelivered { status, latency_ms, .. } = report.entry() else { panic!("{report:?}") };
        assert_eq!((status, latency_ms), (202, 31));
    }
}

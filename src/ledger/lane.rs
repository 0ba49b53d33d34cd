//! The way of events to one receiver: those of one schedule one after the other, up to [`AT_ONCE`] schedules together,
//! each event with a few tries.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::Utc;
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use uuid::Uuid;

use super::attempt::{FailedAttempt, IN_ALL, fits, wait_before_next};
use super::event::Event;
use super::queue::{Closed, Queue, Step};
use super::receiver::Receiver;
use super::webhook::{Delivery, DeliveryError};

/// How many events are under way to one receiver at once.
pub const AT_ONCE: usize = 4;

/// Why an event was not delivered in this run. The ledger still holds it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Undelivered {
    /// The receiver did not take it.
    #[error(transparent)]
    Failed(#[from] DeliveryError),
    /// It was not sent, because the receiver did not answer an earlier one.
    #[error("not sent: the receiver is down")]
    ReceiverDown,
    /// It was not sent, because the receiver has said that it is gone.
    #[error("not sent: the receiver has answered 410 (gone), and its address is still the same")]
    ReceiverGone,
    /// It was not sent, because the receiver wants to be left alone for longer than this run waits.
    #[error("not sent: the receiver has asked to wait for longer than a run does")]
    AskedToWait,
    /// It was not sent, because an earlier event of its schedule was not delivered.
    #[error("not sent: an earlier event of this schedule was not delivered")]
    HeldBack,
    /// The run ended before its turn came or the receiver answered.
    #[error("the run ended before the receiver answered")]
    RunEnded,
}

impl Undelivered {
    /// What this means for all further events to the receiver.
    pub fn closes(&self) -> Option<Closed> {
        match self {
            Self::Failed(error) if error.means_gone() => Some(Closed::Gone),
            Self::Failed(error) if error.means_down() => Some(Closed::Down),
            _ => None,
        }
    }
}

/// What a lane tells while it works.
pub struct Told {
    /// The name of the receiver.
    pub receiver: String,
    /// The event.
    pub event_id: Uuid,
    /// What became of it.
    pub progress: Progress,
}

/// What has become of an event.
pub enum Progress {
    /// A try has failed; perhaps another one follows.
    Tried(FailedAttempt),
    /// Nothing more is done about it in this run.
    Ended(Result<Delivery, Undelivered>),
}

/// The way to one receiver.
#[derive(Debug)]
pub struct Lane {
    /// The receiver.
    pub receiver: Receiver,
    inbox: Option<UnboundedSender<Event>>,
    task: JoinHandle<()>,
}

impl Lane {
    /// Starts to deliver, within the current tokio runtime, in the way that `deliver` makes one attempt. To a receiver
    /// that is gone nothing is sent.
    pub fn start<D, F>(receiver: Receiver, is_gone: bool, told: UnboundedSender<Told>, deliver: D) -> Self
    where
        D: Fn(Event) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Delivery, DeliveryError>> + Send + 'static,
    {
        let (inbox, events) = mpsc::unbounded_channel();
        let queue = if is_gone { Queue::to_gone() } else { Queue::default() };
        let teller = Teller { receiver: receiver.name.clone(), told };
        let task = tokio::spawn(work(events, queue, teller, deliver));
        Self { receiver, inbox: Some(inbox), task }
    }

    /// Hands over an event and returns at once.
    pub fn push(&self, event: Event) {
        if let Some(inbox) = &self.inbox {
            // Should the task have died, the event stays open and is told as undelivered at the end.
            let _ = inbox.send(event);
        }
    }

    /// Takes no more events; those that it has are still delivered.
    pub fn close(&mut self) {
        self.inbox = None;
    }

    /// Drops what is still under way.
    pub fn abort(&self) {
        self.task.abort();
    }
}

/// Tells what becomes of the events to one receiver.
struct Teller {
    receiver: String,
    told: UnboundedSender<Told>,
}

impl Teller {
    fn tell(&self, event_id: Uuid, progress: Progress) {
        // Nobody listens any more once the run has ended; there is nothing to tell then.
        let _ = self.told.send(Told { receiver: self.receiver.clone(), event_id, progress });
    }
}

/// Until when the receiver wants to be left alone.
struct Pause(Mutex<Instant>);

impl Pause {
    fn left(&self) -> Duration {
        let until = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        until.saturating_duration_since(Instant::now())
    }

    fn extend(&self, asked: Duration) {
        let mut until = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // No event waits for longer than all its tries may take.
        *until = (*until).max(Instant::now() + asked.min(IN_ALL));
    }
}

/// Delivers until the inbox is closed and everything in it is told.
async fn work<D, F>(mut inbox: UnboundedReceiver<Event>, mut queue: Queue, teller: Teller, deliver: D)
where
    D: Fn(Event) -> F,
    F: Future<Output = Result<Delivery, DeliveryError>>,
{
    let pause = Pause(Mutex::new(Instant::now()));
    let mut under_way = FuturesUnordered::new();
    let mut is_open = true;
    loop {
        while under_way.len() < AT_ONCE {
            match queue.next() {
                Some(Step::Send(event)) => {
                    let (event_id, key) = (event.id, event.schedule_key());
                    let delivery = try_to_deliver(event, &deliver, &pause, &teller);
                    under_way.push(async move { (event_id, key, delivery.await) });
                }
                Some(Step::GiveUp(event_id, reason)) => teller.tell(event_id, Progress::Ended(Err(reason))),
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
                teller.tell(event_id, Progress::Ended(result));
            }
            else => break,
        }
    }
}

/// Tries to deliver an event until it is delivered, another try makes no sense, or its time is over.
async fn try_to_deliver<D, F>(
    event: Event,
    deliver: &D,
    pause: &Pause,
    teller: &Teller,
) -> Result<Delivery, Undelivered>
where
    D: Fn(Event) -> F,
    F: Future<Output = Result<Delivery, DeliveryError>>,
{
    let began = Instant::now();
    let mut tried = 0;
    loop {
        while !pause.left().is_zero() {
            if !fits(began.elapsed(), pause.left()) {
                return Err(Undelivered::AskedToWait);
            }
            sleep(pause.left()).await;
        }
        let (timestamp, sent) = (Utc::now(), Instant::now());
        let error = match deliver(event.clone()).await {
            Ok(delivery) => return Ok(delivery),
            Err(error) => error,
        };
        tried += 1;
        let latency_ms = u64::try_from(sent.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!("event {} to `{}`, try {tried}: {error}", event.id, teller.receiver);
        let attempt = FailedAttempt { timestamp, latency_ms, error: error.to_string() };
        teller.tell(event.id, Progress::Tried(attempt));
        pause.extend(error.asked_to_wait().unwrap_or_default());
        match wait_before_next(&error, tried, began.elapsed(), fastrand::f64()) {
            Some(wait) => sleep(wait).await,
            None => return Err(error.into()),
        }
    }
}

//! One action: the write, and what is done when nobody knows whether it happened.

use std::time::Duration;

use crate::genesys::{ApiError, Clock, Failure, ScheduleApi, course};
use crate::plan::{Action, Operation, Wanted, is_as_wanted, is_stored_as_sent};
use crate::schedule::LiveSchedule;

/// How often and how patiently a write is repeated that is known not to have happened.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    /// Attempts in all, at least 1.
    pub attempts: u32,
    /// The wait before the second attempt; it doubles from then on.
    pub first_wait: Duration,
    /// The longest wait.
    pub longest_wait: Duration,
}

/// Why an action failed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StepError {
    /// The API did not do it.
    #[error("{0}")]
    Api(#[from] ApiError),
    /// A write of unknown outcome was read back, and somebody else's change was found.
    #[error("{write}; read back, the target has changed since the plan was made: plan again")]
    ChangedMeanwhile {
        /// The write whose outcome was unknown.
        write: ApiError,
    },
    /// Somebody has changed what was to be deleted.
    #[error("the target has changed since the plan was made, so nothing was deleted: plan again")]
    ChangedBeforeDelete,
    /// A write of unknown outcome could not be read back.
    #[error("{write}; nor could it be read back: {read}; the write may have happened: plan again")]
    Unsettled {
        /// The write whose outcome is unknown.
        write: Box<ApiError>,
        /// Why it could not be read back.
        read: Box<ApiError>,
    },
    /// The service accepted the schedule and stored something else.
    #[error("the service stored something else than was sent: {difference}; {way_out}", way_out = way_out(.difference))]
    StoredOtherwise {
        /// The fields that differ.
        difference: String,
        /// What is stored now.
        stored: Box<LiveSchedule>,
    },
}

/// What to do about a schedule that was stored in another way than it was sent.
fn way_out(difference: &str) -> &'static str {
    if difference.contains("/intervals") {
        "where one-off intervals come back at other hours, the service takes their times for UTC: set \
         `genesys: {intervalTimes: utc}`, then plan again"
    } else {
        "compare it in the web interface and plan again"
    }
}

impl StepError {
    /// What the API said last, where it is the API that did not do it.
    pub fn last_answer(&self) -> Option<&ApiError> {
        match self {
            Self::Api(error) => Some(error),
            Self::Unsettled { read, .. } => Some(read),
            Self::ChangedMeanwhile { .. } | Self::ChangedBeforeDelete | Self::StoredOtherwise { .. } => None,
        }
    }

    /// What is stored now, where the service said so.
    pub fn stored(&self) -> Option<&LiveSchedule> {
        match self {
            Self::StoredOtherwise { stored, .. } => Some(stored),
            _ => None,
        }
    }

    /// Whether nobody knows if the write happened.
    pub fn is_open(&self) -> bool {
        matches!(self, Self::Unsettled { .. })
    }
}

/// What a read shows of an action: whether it is done already, still to do, or no longer to be done.
enum Settled {
    Done(Option<LiveSchedule>),
    NotDone,
    Changed,
}

/// Carries one action out and gives the schedule as stored; none for a delete.
pub(super) async fn carry_out(
    action: &Action,
    api: &dyn ScheduleApi,
    backoff: &Backoff,
    clock: &Clock,
) -> Result<Option<LiveSchedule>, StepError> {
    // An update repeats the version that was read, and the service refuses an outdated one. A delete
    // carries no version, so it is compared here, as late as possible.
    if let Operation::Delete { .. } = action.operation {
        match settle(action, api).await? {
            Settled::Done(_) => return Ok(None),
            Settled::Changed => return Err(StepError::ChangedBeforeDelete),
            Settled::NotDone => {}
        }
    }
    let mut wait = backoff.first_wait;
    let mut attempt = 0;
    loop {
        attempt += 1;
        if attempt > 1 {
            course::repeats();
        }
        let error = match write(action, api).await {
            Ok(stored) => return checked(action, stored),
            Err(error) => error,
        };
        // A conflict on a repeat may be the first attempt's late success.
        let late = attempt > 1 && matches!(error.failure, Failure::Conflict { .. });
        if !error.outcome_unknown() && !late {
            return Err(error.into());
        }
        tracing::debug!(schedule = action.name(), %error, attempt, "reading back");
        // After a conflict a read that still shows what was there before is behind the write. Only reading
        // is repeated then, and in full waits: nobody else waits for the same moment.
        let mut reads = 1;
        let settled = loop {
            match settle(action, api).await {
                Ok(Settled::NotDone) if late && reads < backoff.attempts => clock.sleep(wait).await,
                Ok(settled) => break settled,
                Err(read) => return Err(StepError::Unsettled { write: Box::new(error), read: Box::new(read) }),
            }
            reads += 1;
            wait = (wait * 2).min(backoff.longest_wait);
        };
        match settled {
            Settled::Done(stored) => return checked(action, stored),
            Settled::Changed => return Err(StepError::ChangedMeanwhile { write: error }),
            Settled::NotDone if late => return Err(not_shown_yet(error).into()),
            Settled::NotDone if attempt >= backoff.attempts => return Err(error.into()),
            Settled::NotDone => {
                clock.sleep(wait.mul_f64(fastrand::f64())).await;
                wait = (wait * 2).min(backoff.longest_wait);
            }
        }
    }
}

/// A conflict with something that reads do not show, which may be an earlier attempt's late success.
fn not_shown_yet(mut conflict: ApiError) -> ApiError {
    if let Failure::Conflict { message, .. } = &mut conflict.failure {
        message.push_str("; an earlier attempt may have done it, though reads do not show it yet: plan again later");
    }
    conflict
}

async fn write(action: &Action, api: &dyn ScheduleApi) -> Result<Option<LiveSchedule>, ApiError> {
    match &action.operation {
        Operation::Create { wanted } => api.create(&wanted.schedule).await.map(Some),
        Operation::Update { live, wanted } => api.update(live, &wanted.schedule).await.map(Some),
        Operation::Delete { live, .. } => api.delete(live).await.map(|()| None),
    }
}

async fn settle(action: &Action, api: &dyn ScheduleApi) -> Result<Settled, ApiError> {
    let mut found = api.read(action.kind(), action.target()).await?;
    if let Some(wanted) = action.wanted()
        && let Some(at) = found.iter().position(|live| is_as_wanted(live, wanted))
    {
        return Ok(Settled::Done(Some(found.swap_remove(at))));
    }
    let untouched = match action.live() {
        Some(before) => found.iter().any(|live| live.version == before.version && live.id == before.id),
        // Where a target may have several schedules, the others say nothing about this one.
        None => found.is_empty() || !api.can_change(),
    };
    let nameless =
        |wanted: &Wanted| found.iter().position(|live| live.name.is_none() && is_stored_as_sent(live, wanted));
    Ok(match action.operation {
        Operation::Delete { .. } if found.is_empty() => Settled::Done(None),
        _ if untouched => Settled::NotDone,
        _ => match action.wanted().and_then(nameless) {
            Some(at) => Settled::Done(Some(found.swap_remove(at))),
            None => Settled::Changed,
        },
    })
}

/// Compares what the service says it stored with what was sent.
fn checked(action: &Action, stored: Option<LiveSchedule>) -> Result<Option<LiveSchedule>, StepError> {
    let (Some(live), Some(wanted)) = (&stored, action.wanted()) else { return Ok(stored) };
    if is_stored_as_sent(live, wanted) {
        return Ok(stored);
    }
    Err(StepError::StoredOtherwise { difference: difference(live, wanted), stored: Box::new(live.clone()) })
}

fn difference(live: &LiveSchedule, wanted: &Wanted) -> String {
    use crate::plan::{changes::changes, json::view_json};
    let Some(view) = live.view() else {
        return live.timetable.as_ref().err().cloned().unwrap_or_default();
    };
    let found = changes(&view_json(&wanted.schedule.view(wanted.stores_capacity)), &view_json(&view));
    let fields: Vec<String> = found.into_iter().map(|change| change.path).collect();
    fields.join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::future::ready;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::genesys::{Answer, Listing, Scope};
    use crate::plan::{Effect, Origin};
    use crate::schedule::{DesiredSchedule, ScheduleKind, Target, Timetable, Zone};

    /// An API that finds always the same and counts deletes.
    struct Finding {
        found: Vec<LiveSchedule>,
        deletes: AtomicUsize,
    }

    impl ScheduleApi for Finding {
        fn name(&self) -> &'static str {
            "finding"
        }
        fn can_change(&self) -> bool {
            true
        }
        fn list<'a>(&'a self, _: &'a Scope) -> Answer<'a, Listing> {
            unreachable!("nothing is listed")
        }
        fn read<'a>(&'a self, _: ScheduleKind, _: &'a Target) -> Answer<'a, Vec<LiveSchedule>> {
            Box::pin(ready(Ok(self.found.clone())))
        }
        fn create<'a>(&'a self, _: &'a DesiredSchedule) -> Answer<'a, LiveSchedule> {
            unreachable!("nothing is created")
        }
        fn update<'a>(&'a self, _: &'a LiveSchedule, _: &'a DesiredSchedule) -> Answer<'a, LiveSchedule> {
            unreachable!("nothing is updated")
        }
        fn delete<'a>(&'a self, _: &'a LiveSchedule) -> Answer<'a, ()> {
            self.deletes.fetch_add(1, Ordering::Relaxed);
            Box::pin(ready(Ok(())))
        }
        fn find_targets<'a>(
            &'a self,
            _: ScheduleKind,
            _: &'a BTreeSet<String>,
        ) -> Answer<'a, BTreeMap<String, Vec<Target>>> {
            unreachable!("no name is looked up")
        }
    }

    fn live(version: i32) -> LiveSchedule {
        LiveSchedule {
            kind: ScheduleKind::Campaign,
            target: Target { id: "c".to_owned(), name: None },
            id: Some("s".to_owned()),
            name: Some("dialctl/a".to_owned()),
            version: Some(version),
            timetable: Ok(Timetable { zone: Zone::utc(), slots: vec![], intervals: vec![] }),
            capacity: None,
        }
    }

    #[tokio::test]
    async fn only_what_was_planned_is_deleted() {
        for (what, found, deletes, is_done) in [
            ("as planned", vec![live(1)], 1, true),
            ("gone already", vec![], 0, true),
            ("changed by somebody", vec![live(2)], 0, false),
            ("replaced by somebody", vec![LiveSchedule { id: Some("other".to_owned()), ..live(1) }], 0, false),
        ] {
            let api = Finding { found, deletes: AtomicUsize::new(0) };
            let as_of = "2027-03-01T00:00:00Z".parse().unwrap();
            let operation = Operation::Delete { live: live(1), name: "dialctl/a".to_owned() };
            let action =
                Action { operation, effect: Effect::of(None, None, as_of), origin: Origin::Unknown, refusal: None };
            let backoff = Backoff { attempts: 1, first_wait: Duration::ZERO, longest_wait: Duration::ZERO };
            let answer = carry_out(&action, &api, &backoff, &Clock::virtual_time()).await;
            assert_eq!((api.deletes.into_inner(), answer.is_ok()), (deletes, is_done), "{what}");
        }
    }
}

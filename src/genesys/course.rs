//! What one piece of work took of the conversation: several are under way at once over the same transport, and each is
//! told what it alone has caused.

use std::cell::RefCell;
use std::pin::pin;

tokio::task_local! {
    // Holds for the future that it was set for, whichever others the same task goes on with in between.
    static COURSE: RefCell<Course>;
}

/// What one piece of work took.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// Requests that repeated an earlier one.
    pub retries: u32,
    /// The service's correlation id of the last answer to a write, where it gave one.
    pub correlation_id: Option<String>,
    /// Whether the next request repeats one that this work has sent before.
    repeats: bool,
}

/// Does the work, and tells what it took.
pub async fn followed<T>(work: impl Future<Output = T>) -> (T, Course) {
    let mut work = pin!(COURSE.scope(RefCell::default(), work));
    let done = work.as_mut().await;
    let course = work.as_mut().take_value().unwrap_or_default().into_inner();
    (done, course)
}

/// Says that the next request of this work repeats one before: after a write of unknown outcome that was read back, only
/// whoever does the work knows.
pub fn repeats() {
    change(|course| course.repeats = true);
}

/// Notes that a request is sent, and tells whether it repeats an earlier one, which the caller may know already.
pub(super) fn sent(again: bool) -> bool {
    let mut repeated = again;
    change(|course| {
        repeated |= std::mem::take(&mut course.repeats);
        course.retries += u32::from(repeated);
    });
    repeated
}

/// Notes what the service calls its answer to a write.
pub(super) fn answered(correlation_id: Option<&str>) {
    change(|course| course.correlation_id = correlation_id.map(str::to_owned));
}

/// Outside of any work that is followed there is nothing to note.
fn change(change: impl FnOnce(&mut Course)) {
    let _ = COURSE.try_with(|course| change(&mut course.borrow_mut()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn works_at_once_are_each_told_what_they_took() {
        let work = async |name: &'static str, requests: u32| {
            for n in 0..requests {
                if name == "writes again" && n == 2 {
                    repeats();
                }
                sent(n % 2 == 1);
                tokio::task::yield_now().await;
                answered(Some(name));
            }
        };
        let (one, two, none) =
            tokio::join!(followed(work("writes again", 4)), followed(work("reads", 3)), followed(async { 7 }));
        let course = |retries, id: &str| Course { retries, correlation_id: Some(id.to_owned()), ..Course::default() };
        assert_eq!((one.1, two.1, none), (course(3, "writes again"), course(1, "reads"), (7, Course::default())));
        assert!(sent(true) && !sent(false), "outside nothing is noted");
    }
}

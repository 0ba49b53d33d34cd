//! How long the client waits when it is told to, and what a refused login ends.

use chrono::{TimeDelta, Utc};
use dialctl::exit::Exit;
use dialctl::plan::Policy;
use dialctl::sandbox::{SandboxClock, SandboxOptions};
use dialctl::schedule::ScheduleKind;

use crate::schedules::{desired, mornings};
use crate::world::{OUTBOUND, World, failures};

#[tokio::test]
async fn the_wait_is_the_one_that_the_service_asks_for_whatever_its_clock_shows() {
    let wanted = [desired(ScheduleKind::Campaign, "struck", mornings("09:00"))];
    for skew in [TimeDelta::zero(), TimeDelta::days(400), TimeDelta::days(-400)] {
        for form in ["", ", retryAfterDate: true"] {
            let clock = SandboxClock::from_fn(move || Utc::now() + skew);
            let options = SandboxOptions { rate_limit: 0, clock, ..World::options() };
            let world = World::with(options, [(ScheduleKind::Campaign, "struck".to_owned())]).await;
            let client = world.client(OUTBOUND);
            let plan = client.plan(&wanted, Policy::default()).await;
            world.strike(&format!("- {{method: PUT, nth: 1, status: 429, retryAfter: 120{form}}}")).await;
            let before = client.clock.slept();
            let summary = client.apply(plan).await;
            let slept = (client.clock.slept() - before).as_secs();
            assert_eq!((summary.succeeded(), slept), (1, 120), "{skew} {form}");
            assert_eq!(summary.results[0].latency.as_secs(), 120);
        }
    }
}

#[tokio::test]
async fn a_refused_login_ends_the_run_before_anything_is_written() {
    let wanted =
        ["a", "b", "c", "d", "e", "f"].map(|target| desired(ScheduleKind::Campaign, target, mornings("09:00")));
    let world = World::for_schedules(&wanted).await;
    let plan = world.client(OUTBOUND).plan(&wanted, Policy::default()).await;
    let summary = world.stranger(OUTBOUND).apply(plan).await;
    assert_eq!((summary.succeeded(), summary.failed() + summary.not_attempted()), (0, wanted.len()));
    // Four at once had begun.
    assert!((1..=4).contains(&summary.failed()), "{}", summary.failed());
    assert!(failures(&summary)[0].contains("not authenticated"), "{:?}", failures(&summary));
    assert_eq!((summary.exit(), world.writes().await), (Exit::Denied, 0));
}

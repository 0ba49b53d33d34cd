//! A token that ends while many requests are under way.

use dialctl::plan::Policy;
use dialctl::schedule::ScheduleKind;

use crate::schedules::{desired, mornings};
use crate::world::{OUTBOUND, World, failures, schedule_path};

#[tokio::test]
async fn a_token_that_ends_in_the_middle_of_many_writes_is_renewed_once() {
    let wanted: Vec<_> =
        (0..40).map(|n| desired(ScheduleKind::Campaign, &format!("t-{n:02}"), mornings("09:00"))).collect();
    let world = World::for_schedules(&wanted).await;
    let client = world.client(OUTBOUND);
    let plan = client.plan(&wanted, Policy::default()).await;
    world.strike("- {method: PUT, nth: 20, expireToken: true}").await;
    let summary = client.apply_at_once(16, plan).await;
    assert_eq!((failures(&summary), summary.succeeded()), (vec![], 40));
    let sent = world.journal().await;
    assert_eq!(sent.iter().filter(|request| request["path"] == "/oauth/token").count(), 1);
    // Each that was under way with the old token is sent once more, and no other.
    let refused = sent.iter().filter(|request| request["status"] == 401).count();
    assert!((1..=16).contains(&refused), "{refused}");
    assert_eq!(sent.len(), 1 + 40 + refused);
    for schedule in &wanted {
        let stored = world.stored(&schedule_path(schedule.kind, &schedule.target.id)).await.unwrap();
        assert_eq!(stored["version"], 1);
    }
    assert_eq!(client.plan(&wanted, Policy::default()).await.actions.len(), 0);
}

//! Faults as a client meets them.

use super::*;

#[tokio::test]
async fn every_fifth_request_is_limited_and_has_no_effect() {
    let world = World::with_faults("- {every: 5, status: 429, retryAfter: 1}").await;
    for n in 1..=10 {
        let answer = world.get("/api/v2/outbound/campaigns").await;
        if n % 5 == 0 {
            assert_eq!(answer.error(), error(429, "too.many.requests.retry.after"));
            assert_eq!(answer.header("retry-after"), Some("1"));
        } else {
            assert_eq!(answer.status, 200, "{n}");
        }
    }
}

#[tokio::test]
async fn a_reset_closes_the_connection_before_or_after_the_change() {
    for (point, stored) in [("before", 404), ("after", 200)] {
        let world = World::with_faults(&format!("- {{method: PUT, nth: 1, reset: {point}}}")).await;
        // A first request leaves a connection to reuse, as clients do.
        assert_eq!(world.get(VOICE).await.status, 404);
        let failed = world.request(Method::PUT, VOICE).json(&voice(None)).send().await.unwrap_err();
        assert!(failed.is_request() && !failed.is_timeout() && !failed.is_connect(), "{failed:?}");
        assert_eq!(world.get(VOICE).await.status, stored, "{point}");
        let journal = world.journal().await;
        let puts: Vec<_> = journal.iter().filter(|entry| entry["method"] == "PUT").collect();
        assert_eq!((puts.len(), &puts[0]["status"]), (1, &Value::Null), "the client did not repeat it by itself");
    }
}

#[tokio::test]
async fn a_delay_comes_after_the_change() {
    let world = World::with_faults("- {method: PUT, delayMs: 600000}").await;
    let put = tokio::spawn(world.request(Method::PUT, VOICE).json(&voice(None)).send());
    // The request is in the journal once it is carried out, before the wait begins.
    let mut seen = Vec::new();
    for _ in 0..10_000 {
        seen = world.journal().await;
        if seen.len() == 2 {
            break;
        }
    }
    assert_eq!(seen[1]["status"], 200);
    assert_eq!(world.get(VOICE).await.json()["version"], 1);
    assert!(!put.is_finished(), "the answer is still to come");
    // A client that gives up does not keep the sandbox from stopping.
    put.abort();
    world.sandbox.stop().await;
}

#[tokio::test]
async fn answers_are_those_of_the_rule() {
    let rules = "
- {nth: 1, status: 502, html: true}
- {nth: 2, status: 200, body: '<<<'}
- {nth: 3, status: 503}
- {nth: 4, status: 418}
- {path: /oauth/token, nth: 2, status: 400}";
    let mut world = World::with_faults(rules).await;
    let page = world.get(VOICE).await;
    assert_eq!((page.status.as_u16(), page.header("content-type")), (502, Some("text/html; charset=utf-8")));
    assert!(page.text.starts_with("<html>"));
    assert_eq!(world.get(VOICE).await.text, "<<<");
    assert_eq!(world.get(VOICE).await.error(), error(503, "service.unavailable"));
    assert_eq!(world.get(VOICE).await.error(), error(418, "internal.server.error"));
    world.log_in().await;
    assert_eq!(world.token, "", "the second login was refused");
}

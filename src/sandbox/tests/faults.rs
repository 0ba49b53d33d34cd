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

#[tokio::test]
async fn an_answer_breaks_off_after_the_change() {
    let world = World::with_faults("- {method: PUT, nth: 1, truncate: true}\n- {method: DELETE, truncate: true}").await;
    let answer = world.request(Method::PUT, VOICE).json(&voice(None)).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let length: usize = answer.headers()["content-length"].to_str().unwrap().parse().unwrap();
    assert!(length > 100);
    answer.bytes().await.unwrap_err();
    assert_eq!(world.get(VOICE).await.json()["version"], 1);
    world.request(Method::DELETE, VOICE).send().await.unwrap_err();
    assert_eq!(world.get(VOICE).await.status, 404);
}

#[tokio::test]
async fn a_token_ends_early_and_another_one_is_good() {
    let mut world = World::with_faults("- {nth: 2, expireToken: true}").await;
    assert_eq!(world.get(VOICE).await.status, 404);
    assert_eq!(world.get(VOICE).await.error(), error(401, "bad.credentials"));
    assert_eq!(world.get(VOICE).await.status, 401);
    world.log_in().await;
    assert_eq!(world.get(VOICE).await.status, 404);
}

#[tokio::test]
async fn somebody_else_writes_just_before() {
    let world = World::with_faults("- {method: PUT, nth: 2, bumpVersion: true}").await;
    world.put(VOICE, &voice(None)).await;
    assert_eq!(world.put(VOICE, &voice(Some(1))).await.error(), error(409, "invalid.update.wrong.version"));
    assert_eq!(world.get(VOICE).await.json()["version"], 2);
}

#[tokio::test]
async fn pages_shift_so_that_an_item_comes_twice() {
    let world = World::with_faults("- {path: /api/v2/outbound/sequences, nth: 2, shiftPages: true}").await;
    let page = async |n: u32| world.get(&format!("/api/v2/outbound/sequences?pageSize=1&pageNumber={n}")).await.json();
    let (first, second) = (page(1).await, page(2).await);
    assert_eq!((&first["total"], &second["total"]), (&json!(1), &json!(2)));
    assert_eq!(first["entities"], second["entities"]);
}

#[tokio::test]
async fn reads_stay_behind_for_a_while() {
    let world = World::with_faults("- {method: PUT, nth: 1, staleReads: 30}").await;
    assert_eq!(world.put(VOICE, &voice(None)).await.json()["version"], 1);
    for (seconds, status, listed) in [(0, 404, 0), (29, 404, 0), (30, 200, 1)] {
        world.seconds.store(seconds, Ordering::SeqCst);
        assert_eq!(world.get(VOICE).await.status, status, "{seconds}");
        let all = world.get("/api/v2/outbound/schedules/campaigns").await.json();
        assert_eq!(all.as_array().map(Vec::len), Some(listed), "{seconds}");
    }
}

#[tokio::test]
async fn the_date_is_that_of_the_clock_unless_it_is_off() {
    let world = World::with_faults("- {nth: 2, clockSkew: 3600}").await;
    assert_eq!(world.get(VOICE).await.header("date"), Some("Fri, 15 Jan 2027 08:00:00 GMT"));
    assert_eq!(world.get(VOICE).await.header("date"), Some("Fri, 15 Jan 2027 09:00:00 GMT"));
}

#[tokio::test]
async fn faults_are_shown_replaced_and_removed_while_it_runs() {
    let world = World::with_faults("- {every: 2, status: 500}").await;
    assert_eq!(world.get(VOICE).await.status, 404);
    let admin = async |method: Method, body: &'static str, origin: Option<&'static str>| {
        let mut request = world.http.request(method, format!("{}/sandbox/faults", world.sandbox.url())).body(body);
        if let Some(origin) = origin {
            request = request.header("origin", origin);
        }
        Answer::to(request).await
    };
    assert_eq!(admin(Method::GET, "", None).await.json(), json!([{"every": 2, "status": 500, "seen": 1, "struck": 0}]));
    assert_eq!(admin(Method::PUT, "- {status: 503}", Some("http://evil.example")).await.status, 403);
    let wrong = admin(Method::PUT, "- {status: 503}\n- {every: 2}", None).await;
    assert_eq!(wrong.status, 400);
    assert!(wrong.json()["message"].as_str().unwrap().contains("rule 2: give exactly one"), "{}", wrong.text);
    assert_eq!(admin(Method::PUT, "- {status: 503}", None).await.status, 204);
    assert_eq!(world.get(VOICE).await.status, 503);
    assert_eq!(admin(Method::DELETE, "", None).await.status, 204);
    assert_eq!(world.get(VOICE).await.status, 404);
    assert_eq!(world.journal().await.len(), 4, "the login, and no request of these");
    let journal = world.http.delete(format!("{}/sandbox/requests", world.sandbox.url())).send().await.unwrap();
    assert_eq!((journal.status().as_u16(), world.journal().await.len()), (204, 0));
}

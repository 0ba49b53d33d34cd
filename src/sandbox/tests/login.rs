//! Tokens and the rate limit.

use super::*;

#[tokio::test]
async fn tokens_are_for_the_right_client_with_the_right_form() {
    let world = World::new().await;
    let url = format!("{}/oauth/token", world.sandbox.url());
    let grant = |grant: &str| format!("grant_type={grant}");
    for (client, secret, content_type, body, status, error) in [
        ("client", "secret-7Q", "application/x-www-form-urlencoded", grant("client_credentials"), 200, None),
        (
            "nobody",
            "secret-7Q",
            "application/x-www-form-urlencoded",
            grant("client_credentials"),
            400,
            Some("invalid_client"),
        ),
        (
            "client",
            "wrong",
            "application/x-www-form-urlencoded",
            grant("client_credentials"),
            401,
            Some("invalid_client"),
        ),
        (
            "client",
            "secret-7Q",
            "application/x-www-form-urlencoded",
            grant("password"),
            400,
            Some("unsupported_grant_type"),
        ),
        ("client", "secret-7Q", "application/x-www-form-urlencoded", String::new(), 400, Some("invalid_request")),
        ("client", "secret-7Q", "application/json", grant("client_credentials"), 400, Some("invalid_request")),
    ] {
        let request = world.http.post(&url).basic_auth(client, Some(secret)).header("content-type", content_type);
        let answer = Answer::to(request.body(body.clone())).await;
        assert_eq!(answer.status.as_u16(), status, "{client} {secret} {body}: {}", answer.text);
        assert!(answer.header("inin-correlation-id").is_some());
        let schema = if status == 200 { "OAuthToken" } else { "OAuthError" };
        Schemas::compile([schema]).unwrap().check(schema, &answer.json()).unwrap();
        assert_eq!(answer.json().get("error").and_then(Value::as_str), error);
    }
    let journal = world.journal().await;
    assert_eq!(journal.len(), 7);
    assert!(!serde_json::to_string(&journal).unwrap().contains("client_credentials"));
}

#[tokio::test]
async fn everything_else_needs_a_token_that_is_alive() {
    let mut world = World::new().await;
    let path = format!("{}/api/v2/outbound/campaigns", world.sandbox.url());
    let without = Answer::to(world.http.get(&path)).await;
    assert_eq!(without.error(), error(401, "authentication.required"));
    let wrong = Answer::to(world.http.get(&path).bearer_auth("wrong")).await;
    assert_eq!(wrong.error(), error(401, "bad.credentials"));
    assert_eq!(world.get("/api/v2/outbound/campaigns").await.status, 200);
    world.seconds.store(86_400, Ordering::SeqCst);
    assert_eq!(world.get("/api/v2/outbound/campaigns").await.error(), error(401, "bad.credentials"));
    world.log_in().await;
    assert_eq!(world.get("/api/v2/outbound/campaigns").await.status, 200);
}

#[tokio::test]
async fn the_rate_limit_holds_until_its_window_ends() {
    let mut world = World::with(|options| options.rate_limit = 2).await;
    for count in ["1", "2"] {
        let answer = world.get("/api/v2/outbound/campaigns").await;
        assert_eq!(answer.header("inin-ratelimit-count"), Some(count));
        assert_eq!(answer.header("inin-ratelimit-allowed"), Some("2"));
        assert_eq!(answer.header("inin-ratelimit-reset"), Some("60"));
    }
    world.seconds.store(18, Ordering::SeqCst);
    let limited = world.put(VOICE, &voice(None)).await;
    assert_eq!(limited.error(), error(429, "too.many.requests.retry.after"));
    assert_eq!(limited.header("retry-after"), Some("42"));
    assert_eq!(limited.header("inin-ratelimit-count"), Some("3"));
    assert_eq!(limited.json()["message"], "Rate limit exceeded the maximum. Retry the request in [42] seconds");
    world.seconds.store(60, Ordering::SeqCst);
    assert_eq!(world.get(VOICE).await.error(), error(404, "not.found"), "the limited PUT had no effect");
    world.log_in().await;
    assert_eq!(world.get(VOICE).await.header("inin-ratelimit-count"), Some("1"), "the limit is per token");
}

#[tokio::test]
async fn without_a_limit_nothing_is_counted() {
    let world = World::with(|options| options.rate_limit = 0).await;
    let answer = world.get("/api/v2/outbound/campaigns").await;
    assert_eq!((answer.status.as_u16(), answer.header("inin-ratelimit-count")), (200, None));
}

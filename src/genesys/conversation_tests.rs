//! Whole conversations: logins, repeats, refusals and broken connections, over real sockets and a clock
//! that does not wait.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use reqwest::Method;
use serde_json::json;

use super::scripted_server::{Answer, Scripted, options, transport};
use super::{ApiError, Clock, Credentials, Failure, Transport};

fn client() -> Credentials {
    Credentials::Client { id: "id".into(), secret: "hunter2".into() }
}

async fn read(transport: &Transport) -> Result<(), ApiError> {
    let url = transport.outbound(&Method::GET, &["things"])?;
    transport.get(url).await.map(|_| ())
}

async fn write(transport: &Transport) -> Result<(), ApiError> {
    let url = transport.outbound(&Method::PUT, &["things", "a"])?;
    transport.write(Method::PUT, url, Some(b"{}".to_vec())).await.map(|_| ())
}

fn empty() -> Answer {
    Answer::json(200, json!([]))
}

#[tokio::test]
async fn concurrent_requests_share_one_login() {
    let server = Scripted::api(|_, _| empty()).await;
    let transport = server.transport();
    let reads = (0..10).map(|_| read(&transport));
    futures_util::future::try_join_all(reads).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen.len(), 11);
    // Basic authentication of `id:hunter2`, and nothing but the grant in the form.
    assert_eq!(
        (seen[0].line.as_str(), seen[0].authorization.as_str()),
        ("POST /oauth/token", "Basic aWQ6aHVudGVyMg==")
    );
    assert_eq!(seen[0].body, b"grant_type=client_credentials");
    assert_eq!(seen[0].content_type, "application/x-www-form-urlencoded");
    assert!(seen[1..].iter().all(|seen| seen.authorization == "Bearer token-1"));
    let stats = transport.stats();
    assert_eq!((stats.requests, stats.retries, stats.latencies.len()), (11, 0, 11));
}

#[tokio::test]
async fn a_token_is_renewed_a_minute_before_it_ends() {
    let server = Scripted::api(|_, _| empty()).await;
    let transport = server.transport();
    for (later, logins) in [(0, 1), (86_400 - 61, 1), (1, 2)] {
        server.clock.sleep(Duration::from_secs(later)).await;
        read(&transport).await.unwrap();
        let seen = server.seen();
        assert_eq!(seen.iter().filter(|seen| seen.line.contains("/oauth/")).count(), logins, "{later} s later");
    }
}

#[tokio::test]
async fn a_token_that_is_not_accepted_is_renewed_once() {
    // The first token is refused; so is every token in the second case.
    for (refused, expected) in [("Bearer token-1", true), ("Bearer ", false)] {
        let server = Scripted::api(move |_, seen| match seen.authorization.starts_with(refused) {
            true => Answer::json(401, json!({"code": "bad.credentials", "message": "Invalid login credentials."})),
            false => empty(),
        })
        .await;
        let outcome = write(&server.transport()).await;
        assert_eq!(outcome.is_ok(), expected, "{outcome:?}");
        let lines: Vec<_> = server.seen().into_iter().map(|seen| seen.line).collect();
        let put = "PUT /api/v2/outbound/things/a";
        assert_eq!(lines, ["POST /oauth/token", put, "POST /oauth/token", put]);
    }
}

#[tokio::test]
async fn a_ready_token_is_used_as_it_is() {
    let server = Scripted::whole(|_, _| Answer::json(401, json!({"code": "bad.credentials"}))).await;
    let error = read(&server.transport_as(Credentials::Token("ready".into()))).await.unwrap_err();
    assert!(matches!(error.failure, Failure::NotAuthenticated(_)), "{error}");
    assert_eq!(server.seen().iter().map(|seen| seen.authorization.as_str()).collect::<Vec<_>>(), ["Bearer ready"]);
    let torn = read(&server.transport_as(Credentials::Token("two\nlines".into()))).await.unwrap_err();
    assert!(torn.to_string().contains("line breaks"), "{torn}");
}

#[tokio::test]
async fn refused_logins_are_told_apart_and_not_repeated() {
    let refused = |status, words: &str| {
        Answer::json(status, json!({"error": "invalid_client", "description": words, "error_description": words}))
    };
    for (answer, words) in [
        (refused(400, "client not found"), "the client id is not known in this region: check GENESYS_CLIENT_ID"),
        (refused(401, "authentication failed"), "wrong secret"),
        (refused(400, "authentication failed"), "wrong secret"),
        (refused(401, "something new"), "something new"),
        (Answer::text(200, "text/html", "<h1>Sign in</h1>"), "text/html"),
        (Answer::text(403, "text/html", "<h1>Blocked</h1>"), "Blocked"),
        (Answer::json(200, json!({"token": "token-9"})), "without a token"),
        (Answer::text(302, "", "").header("location", "https://sso.example.com/"), "sso.example.com"),
    ] {
        let server = Scripted::whole(move |_, _| answer.clone()).await;
        let transport = server.transport();
        let error = read(&transport).await.unwrap_err();
        assert!(error.to_string().contains(words), "{words}: {error}");
        assert!(!error.to_string().contains("token-9") && !error.to_string().contains("hunter2"), "{error}");
        assert_eq!(error.request.to_string(), "POST /oauth/token");
        assert_eq!(server.seen().len(), 1);
        if matches!(error.failure, Failure::NotAuthenticated(_)) {
            assert_eq!(read(&transport).await.unwrap_err().failure, error.failure);
            assert_eq!(server.seen().len(), 1, "a wrong secret is tried once");
        }
    }
}

#[tokio::test]
async fn an_answer_that_repeats_the_request_gives_no_secret_away() {
    for kind in ["text/html", "application/json", "text/plain"] {
        let server = Scripted::whole(move |_, seen| match seen.line.as_str() {
            "POST /oauth/token" => Answer::token(77_777),
            _ if kind == "application/json" => Answer::json(400, json!({"message": seen.authorization, "code": "x"})),
            _ => Answer::text(404, kind, &format!("{} {}", "x".repeat(180), seen.authorization)),
        })
        .await;
        let error = read(&server.transport()).await.unwrap_err().to_string();
        assert!(!error.contains("77777") && !error.contains("token-7"), "{error}");
        assert!(error.contains("Bearer [secret]"), "{error}");
    }
    let server = Scripted::whole(|_, seen| Answer::text(403, "text/html", &seen.authorization)).await;
    let error = read(&server.transport()).await.unwrap_err().to_string();
    assert!(error.contains("Basic [secret]"), "{error}");
}

#[tokio::test]
async fn a_login_that_is_turned_away_is_repeated() {
    let server = Scripted::whole(|n, _| match n {
        1 => {
            let words = "rate limit exceeded; expected max 300";
            Answer::json(400, json!({"error": "invalid_request", "error_description": words}))
        }
        2 => Answer::token(n),
        _ => empty(),
    })
    .await;
    read(&server.transport()).await.unwrap();
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_as_long_as_asked_even_by_writes() {
    let limited = |n, _: &_| match n {
        1 => Answer::json(429, json!({"code": "too.many.requests.retry.after"})).header("retry-after", "42"),
        _ => empty(),
    };
    let server = Scripted::api(limited).await;
    let transport = server.transport();
    write(&transport).await.unwrap();
    assert_eq!(server.clock.now().as_secs(), 42);
    let stats = transport.stats();
    assert_eq!((stats.requests, stats.retries), (3, 1));
}

#[tokio::test]
async fn two_hundred_writes_come_through_when_every_fifth_request_is_turned_away() {
    let server = Scripted::api(|n, _| match n % 5 {
        0 => Answer::json(429, json!({"code": "too.many.requests.retry.after"})).header("retry-after", "1"),
        _ => empty(),
    })
    .await;
    let transport = server.transport();
    let writes: Vec<_> = (0..200).map(|_| write(&transport)).collect();
    let written: Vec<_> = stream::iter(writes).buffer_unordered(8).collect().await;
    assert_eq!(written.iter().filter(|outcome| outcome.is_ok()).count(), 200);
    assert_eq!(server.asked().len(), 249, "each write is sent again only after it was turned away");
}

#[tokio::test]
async fn an_answer_without_end_is_not_taken_in() {
    let server = Scripted::api(|_, _| Answer::text(200, "application/json", &" ".repeat((64 << 20) + 1))).await;
    let transport = server.transport();
    let error = read(&transport).await.unwrap_err();
    assert!(matches!(error.failure, Failure::Unreadable(_)) && error.to_string().contains("64 MiB"), "{error}");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_limit_that_is_used_up_is_waited_for_before_it_strikes() {
    let server = Scripted::api(|n, _| {
        let answer = empty().header("inin-ratelimit-allowed", "300").header("inin-ratelimit-reset", "17");
        answer.header("inin-ratelimit-count", if n == 2 { "300" } else { "12" })
    })
    .await;
    let transport = server.transport();
    for (n, seconds) in [(1, 0), (2, 0), (3, 17)] {
        read(&transport).await.unwrap();
        assert_eq!(server.clock.now().as_secs(), seconds, "after request {n}");
    }
}

#[tokio::test]
async fn a_wait_of_hours_is_given_up_with_its_length() {
    let daily = |_, _: &_| Answer::json(429, json!({"message": "daily limit"})).header("Retry-After", "7200");
    let server = Scripted::api(daily).await;
    let error = write(&server.transport()).await.unwrap_err();
    let expected = Failure::RateLimited { retry_after: Duration::from_secs(7200), message: "daily limit".into() };
    assert_eq!(error.failure, expected);
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_failing_service_is_asked_again_for_reads_and_never_for_writes() {
    let failing = |_, _: &_| Answer::json(503, json!({"message": "down", "contextId": "c-7"}));
    let server = Scripted::api(failing).await;
    let transport = server.transport();
    let error = read(&transport).await.unwrap_err();
    assert_eq!((server.asked().len(), error.correlation_id.as_deref()), (4, Some("c-7")));
    assert!(matches!(error.failure, Failure::Failed(_)) && error.to_string().contains("503: down"), "{error}");
    let error = write(&transport).await.unwrap_err();
    assert!(error.outcome_unknown(), "{error}");
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn nobody_listening_is_unreachable_for_reads_and_writes() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let transport = transport(&base, Credentials::Token("t".into()), &Clock::virtual_time());
    for outcome in [read(&transport).await, write(&transport).await] {
        let error = outcome.unwrap_err();
        assert!(matches!(error.failure, Failure::Unreachable(_)), "{error}");
        assert!(error.to_string().contains("refuses connections"), "{error}");
    }
    assert_eq!((transport.stats().requests, transport.stats().retries), (8, 6));
}

#[tokio::test]
async fn a_server_without_tls_is_untrusted_at_once() {
    let server = Scripted::api(|_, _| empty()).await;
    let base = server.base.replace("http:", "https:");
    let transport = transport(&base, client(), &server.clock);
    let error = read(&transport).await.unwrap_err();
    assert!(matches!(error.failure, Failure::Unreachable(_)) && error.to_string().contains("TLS"), "{error}");
    assert_eq!(transport.stats().requests, 1);
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_a_write_unknown() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        // Takes the request in, and hangs up.
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 4096]).await;
        }
    });
    let transport = transport(&base, Credentials::Token("t".into()), &Clock::virtual_time());
    let error = write(&transport).await.unwrap_err();
    assert!(error.outcome_unknown() && error.to_string().contains("broke"), "{error}");
    assert_eq!(transport.stats().requests, 1);
    let error = read(&transport).await.unwrap_err();
    assert!(matches!(error.failure, Failure::Failed(_)), "{error}");
    assert_eq!(transport.stats().requests, 1 + 4);
}

#[tokio::test]
async fn a_server_that_never_answers_leaves_a_write_unknown() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let mut options = options(&base, Credentials::Token("t".into()), &Clock::virtual_time());
    options.request_timeout = Duration::from_millis(20);
    let transport = Transport::new(options).unwrap();
    let error = write(&transport).await.unwrap_err();
    assert!(error.outcome_unknown() && error.to_string().contains("no answer"), "{error}");
    assert_eq!(transport.stats().requests, 1);
}

#[tokio::test]
async fn an_id_that_leads_elsewhere_is_never_sent() {
    let server = Scripted::api(|_, _| empty()).await;
    let transport = server.transport();
    for id in ["", ".", ".."] {
        assert!(transport.outbound(&Method::DELETE, &["schedules", "campaigns", id]).is_err(), "{id:?}");
    }
    let url = transport.outbound(&Method::DELETE, &["schedules", "campaigns", "a/../b?c"]).unwrap();
    assert_eq!(url.path(), "/api/v2/outbound/schedules/campaigns/a%2F..%2Fb%3Fc");
}

#[tokio::test]
async fn the_next_page_is_followed_on_the_same_host_only() {
    let api = |base| transport(base, client(), &Clock::virtual_time());
    for (base, next, path) in [
        ("https://api.example.com", "/api/v2/x?pageNumber=2", Some("/api/v2/x?pageNumber=2")),
        ("https://api.example.com", "https://api.example.com/api/v2/x?p=2", Some("/api/v2/x?p=2")),
        ("https://gw.example.com/genesys", "/api/v2/x?p=2", Some("/genesys/api/v2/x?p=2")),
        ("https://gw.example.com/genesys", "/genesys/api/v2/x", Some("/genesys/api/v2/x")),
        ("https://api.example.com", "https://evil.example.com/api/v2/x", None),
        ("https://api.example.com", "//evil.example.com/api/v2/x", None),
        ("https://api.example.com", "http://api.example.com/api/v2/x", None),
    ] {
        let transport = api(base);
        let page = transport.outbound(&Method::GET, &["x"]).unwrap();
        let found = transport.next_page(&page, next);
        let found = found.map(|url| url.as_str().trim_start_matches(&url.origin().ascii_serialization()).to_owned());
        assert_eq!(found.ok().as_deref(), path, "{base} {next}");
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn the_log_names_requests_and_no_secret() {
    let log = Log::default();
    let sink = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_ansi(false)
        .with_writer(move || sink.clone())
        .finish();
    // While there is one dispatcher only, a log line that another test reaches first is judged by that
    // test's thread, which has none, and stays silent. A second one ends that shortcut.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let guard = tracing::subscriber::set_default(subscriber);
    let server = Scripted::api(|_, _| empty()).await;
    let transport = server.transport();
    write(&transport).await.unwrap();
    tracing::debug!("{transport:?}");
    drop(guard);
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("/api/v2/outbound/things/a") && log.contains("status=200"), "{log}");
    for secret in ["hunter2", "token-1", "aWQ6aHVudGVyMg=="] {
        assert!(!log.contains(secret), "{secret} in {log}");
    }
}

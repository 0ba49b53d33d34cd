//! Something between the client and the sandbox that swallows a write or its answer, or delivers a write late.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use tokio::sync::{Mutex, Notify};

/// What becomes of the first write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstWrite {
    /// It never arrives.
    Lost,
    /// It arrives, but its answer does not.
    Unanswered,
    /// It arrives after the client has given it up and read back, just before its second write.
    Late,
}

/// A relay that listens.
pub struct Listening {
    /// Its address.
    pub url: String,
    /// Told when the first write has gone wrong, and its sender waits for an answer that never comes.
    pub swallowed: Arc<Notify>,
}

struct Relay {
    swallowed: Arc<Notify>,
    to: String,
    first_write: FirstWrite,
    struck: AtomicBool,
    held: Mutex<Option<reqwest::Request>>,
    http: reqwest::Client,
}

/// Starts a relay to a sandbox. It lives as long as the test's runtime.
pub async fn relay(to: &str, first_write: FirstWrite) -> Listening {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let swallowed = Arc::new(Notify::new());
    let relay = Relay {
        swallowed: Arc::clone(&swallowed),
        to: to.to_owned(),
        first_write,
        struck: AtomicBool::new(false),
        held: Mutex::default(),
        http: reqwest::Client::builder().no_proxy().build().unwrap(),
    };
    let app = axum::Router::new().fallback(pass_on).with_state(Arc::new(relay));
    tokio::spawn(async { axum::serve(listener, app).await });
    Listening { url: format!("http://{address}"), swallowed }
}

async fn pass_on(State(relay): State<Arc<Relay>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let url = format!("{}{}", relay.to, parts.uri);
    let onward = relay.http.request(parts.method.clone(), url).headers(parts.headers).body(body).build().unwrap();
    let is_write = parts.method != "GET" && parts.uri.path().starts_with("/api/");
    if is_write && !relay.struck.swap(true, Ordering::SeqCst) {
        match relay.first_write {
            FirstWrite::Lost => {}
            FirstWrite::Unanswered => drop(relay.http.execute(onward).await.unwrap()),
            FirstWrite::Late => *relay.held.lock().await = Some(onward),
        }
        relay.swallowed.notify_one();
        return std::future::pending().await;
    }
    if is_write && let Some(late) = relay.held.lock().await.take() {
        relay.http.execute(late).await.unwrap();
    }
    let answer = relay.http.execute(onward).await.unwrap();
    let mut passed = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        // The body is passed on whole, whatever way it came.
        if name != "transfer-encoding" && name != "content-length" {
            passed = passed.header(name, value);
        }
    }
    passed.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

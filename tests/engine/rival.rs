//! Another client of the same token, at work all the time between the program's own requests.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::Response;
use chrono::{DateTime, Utc};
use dialctl::genesys::Clock;
use dialctl::sandbox::SandboxClock;

/// The time that the sandbox sees: the program's, unless the rival's turn was earlier.
#[derive(Clone, Debug)]
pub struct SharedTime {
    program: Clock,
    rival: Arc<std::sync::Mutex<Option<Duration>>>,
}

impl SharedTime {
    /// The time of a program.
    pub fn of(program: &Clock) -> Self {
        Self { program: program.clone(), rival: Arc::default() }
    }

    /// The same as a clock for a sandbox.
    pub fn sandbox_clock(&self) -> SandboxClock {
        let time = self.clone();
        SandboxClock::from_fn(move || {
            let now = time.rival.lock().unwrap().unwrap_or_else(|| time.program.now());
            DateTime::<Utc>::UNIX_EPOCH + now
        })
    }
}

struct Rival {
    to: String,
    http: reqwest::Client,
    time: SharedTime,
    period: Duration,
    // Held while a request is passed on, so that all requests arrive in the order of their times.
    sent: tokio::sync::Mutex<u32>,
}

/// Starts what stands between the program and the sandbox, and gives its address. Before each request of the
/// program, it sends with the same token what the rival would have sent by then, one request a period.
pub async fn rival(to: &str, time: &SharedTime, period: Duration) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let rival = Rival { to: to.to_owned(), http, time: time.clone(), period, sent: tokio::sync::Mutex::default() };
    let app = axum::Router::new().fallback(pass_on).with_state(Arc::new(rival));
    tokio::spawn(async { axum::serve(listener, app).await });
    format!("http://{address}")
}

async fn pass_on(State(rival): State<Arc<Rival>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let mut sent = rival.sent.lock().await;
    let is_login = parts.uri.path() == "/oauth/token";
    while !is_login && rival.period * *sent <= rival.time.program.now() {
        *rival.time.rival.lock().unwrap() = Some(rival.period * *sent);
        let token = parts.headers[header::AUTHORIZATION].clone();
        let url = format!("{}/api/v2/outbound/schedules/sequences", rival.to);
        rival.http.get(url).header(header::AUTHORIZATION, token).send().await.unwrap();
        *sent += 1;
    }
    *rival.time.rival.lock().unwrap() = None;
    let url = format!("{}{}", rival.to, parts.uri);
    let onward = rival.http.request(parts.method, url).headers(parts.headers).body(body);
    let answer = onward.send().await.unwrap();
    let mut passed = Response::builder().status(answer.status());
    for (name, value) in answer.headers() {
        // The body is passed on whole, whatever way it came.
        if name != header::TRANSFER_ENCODING && name != header::CONTENT_LENGTH {
            passed = passed.header(name, value);
        }
    }
    passed.body(Body::from(answer.bytes().await.unwrap())).unwrap()
}

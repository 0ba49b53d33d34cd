//! Stands between the program and the sandbox, and kills the program at a request of its choice.

use std::net::{Ipv4Addr, TcpListener};
use std::process::Child;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use tokio::runtime::Runtime;

/// When within the request the program dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before the sandbox has seen the request.
    Before,
    /// After the sandbox has answered, before the program has seen the answer.
    After,
}

/// Passes requests on until one at which the program dies. Ends when it is dropped.
pub struct Killer {
    /// Where it listens.
    pub url: String,
    state: Arc<Death>,
    _runtime: Runtime,
}

struct Death {
    to: String,
    at: usize,
    moment: Moment,
    seen: AtomicUsize,
    /// Requests that the sandbox is at work on.
    under_way: AtomicUsize,
    victim: Mutex<Option<Child>>,
    http: reqwest::Client,
}

impl Killer {
    /// Starts to listen. The program dies at its `at`-th request, counted from 1.
    pub fn start(to: &str, at: usize, moment: Moment) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (seen, under_way, victim) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::default());
        let state = Arc::new(Death { to: to.to_owned(), at, moment, seen, under_way, victim, http });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let router = axum::Router::new().fallback(pass_on).with_state(Arc::clone(&state));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        Self { url, state, _runtime: runtime }
    }

    /// Starts the program by `spawn`, and waits until it is dead and what it sent has arrived. Whether it was killed; else
    /// it came to its own end.
    pub fn kill(&self, spawn: impl FnOnce() -> Child) -> bool {
        // Held until the victim is known, so that no request outruns it.
        let mut victim = self.state.victim.lock().unwrap();
        *victim = Some(spawn());
        drop(victim);
        let status = loop {
            let status = self.state.victim.lock().unwrap().as_mut().unwrap().try_wait().unwrap();
            match status {
                Some(status) => break status,
                None => std::thread::yield_now(),
            }
        };
        while self.state.under_way.load(Ordering::SeqCst) > 0 {
            std::thread::yield_now();
        }
        status.code().is_none()
    }
}

async fn pass_on(State(death): State<Arc<Death>>, request: Request) -> Response {
    let is_last = death.seen.fetch_add(1, Ordering::SeqCst) + 1 == death.at;
    if is_last && death.moment == Moment::Before {
        return death.strike().await;
    }
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    let url = format!("{}{}", death.to, parts.uri);
    let onward = death.http.request(parts.method, url).headers(parts.headers).body(body).build().unwrap();
    // In a task of its own, which lives on when the program hangs up.
    death.under_way.fetch_add(1, Ordering::SeqCst);
    let (there, http) = (Arc::clone(&death), death.http.clone());
    let forwarded = tokio::spawn(async move {
        let answer = async {
            let answer = http.execute(onward).await?;
            let (status, headers) = (answer.status(), answer.headers().clone());
            Ok::<_, reqwest::Error>((status, headers, answer.bytes().await?))
        };
        let answer = answer.await;
        there.under_way.fetch_sub(1, Ordering::SeqCst);
        answer.unwrap()
    });
    let (status, headers, body) = forwarded.await.unwrap();
    let mut passed = Response::builder().status(status);
    for (name, value) in &headers {
        // The body is passed on whole, whatever way it came.
        if name != "transfer-encoding" && name != "content-length" {
            passed = passed.header(name, value);
        }
    }
    if is_last {
        return death.strike().await;
    }
    passed.body(Body::from(body)).unwrap()
}

impl Death {
    /// Kills the program as `kill -9` does. Nobody is left to get an answer.
    async fn strike(&self) -> Response {
        self.victim.lock().unwrap().as_mut().unwrap().kill().unwrap();
        std::future::pending().await
    }
}

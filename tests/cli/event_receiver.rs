//! A receiver of events on this machine.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::http::{HeaderMap, StatusCode};
use axum::{Router, routing};
use serde_json::Value;
use tokio::runtime::Runtime;

/// An event as it arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub headers: HeaderMap,
    pub body: Value,
}

/// Takes every event and keeps it. Ends when it is dropped.
pub struct EventReceiver {
    /// Where events are to be sent.
    pub url: String,
    received: Arc<Mutex<Vec<Received>>>,
    _runtime: Runtime,
}

impl EventReceiver {
    /// Starts to listen.
    pub fn start() -> Self {
        let received = Arc::<Mutex<Vec<Received>>>::default();
        let kept = Arc::clone(&received);
        let take = move |headers: HeaderMap, body: Bytes| async move {
            let body = serde_json::from_slice(&body).unwrap();
            kept.lock().unwrap().push(Received { headers, body });
            StatusCode::ACCEPTED
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let router = Router::new().route("/events", routing::post(take));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, router).await.unwrap();
        });
        Self { url, received, _runtime: runtime }
    }

    /// What arrived since the last call, in the order of the schedules' names.
    pub fn take(&self) -> Vec<Received> {
        let mut all = std::mem::take(&mut *self.received.lock().unwrap());
        all.sort_by_key(|received| received.body["name"].to_string());
        all
    }
}

/// An address of this machine where nothing listens.
pub fn deserted_url() -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    format!("http://{}/events", listener.local_addr().unwrap())
}

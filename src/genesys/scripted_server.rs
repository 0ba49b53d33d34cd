//! A server for the tests of this module: answers as a script says, and remembers what it was asked.

use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, Method, Uri};
use serde_json::{Value, json};

use super::{Authorities, Clock, Credentials, Endpoints, RetryPolicy, Transport, TransportOptions};

/// A request that the server saw.
#[derive(Clone, Debug)]
pub struct Seen {
    pub line: String,
    pub authorization: String,
    pub content_type: String,
    pub body: Vec<u8>,
}

/// An answer of the script.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Answer {
    pub fn json(status: u16, body: Value) -> Self {
        Self::text(status, "application/json", &body.to_string())
    }

    pub fn text(status: u16, content_type: &str, body: &str) -> Self {
        Self { status, headers: vec![("content-type", content_type.to_owned())], body: body.into() }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn token(n: usize) -> Self {
        Self::json(200, json!({"access_token": format!("token-{n}"), "token_type": "bearer", "expires_in": 86400}))
    }
}

/// A server on a free port of the loopback interface, gone with the test that made it.
pub struct Scripted {
    pub base: String,
    pub clock: Clock,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Scripted {
    /// A server whose whole script is given: the number of the request, from 1, and the request.
    pub async fn whole(script: impl Fn(usize, &Seen) -> Answer + Send + Sync + 'static) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let memory = Arc::clone(&seen);
        let script = Arc::new(script);
        let app = axum::Router::new().fallback(move |method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
            let text = |name: &str| headers.get(name).map_or("", |v| v.to_str().unwrap()).to_owned();
            let request = Seen {
                line: format!("{method} {uri}"),
                authorization: text("authorization"),
                content_type: text("content-type"),
                body: body.to_vec(),
            };
            let n = {
                let mut seen = memory.lock().unwrap();
                seen.push(request.clone());
                seen.len()
            };
            let answer = script(n, &request);
            async move {
                let mut response = axum::http::Response::builder().status(answer.status);
                for (name, value) in answer.headers {
                    response = response.header(name, value);
                }
                response.body(Body::from(answer.body)).unwrap()
            }
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { base, clock: Clock::virtual_time(), seen }
    }

    /// A server that grants every login; the script is asked about the rest, numbered from 1.
    pub async fn api(script: impl Fn(usize, &Seen) -> Answer + Send + Sync + 'static) -> Self {
        let asked = Mutex::new(0);
        Self::whole(move |n, request| {
            if request.line == "POST /oauth/token" {
                return Answer::token(n);
            }
            let mut asked = asked.lock().unwrap();
            *asked += 1;
            script(*asked, request)
        })
        .await
    }

    /// A transport to this server, on its virtual clock.
    pub fn transport(&self) -> Arc<Transport> {
        let secret = "hunter2".into();
        self.transport_as(Credentials::Client { id: "id".into(), secret })
    }

    pub fn transport_as(&self, credentials: Credentials) -> Arc<Transport> {
        transport(&self.base, credentials, &self.clock)
    }

    /// Everything that was asked, logins aside, as `METHOD path?query`.
    pub fn asked(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).filter(|line| !line.contains("/oauth/")).collect()
    }

    /// Everything that was asked.
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// The JSON bodies that were sent, logins aside.
    pub fn bodies(&self) -> Vec<Value> {
        let json = self.seen().into_iter().filter(|seen| seen.content_type == "application/json");
        json.map(|seen| serde_json::from_slice(&seen.body).unwrap()).collect()
    }
}

/// A transport to an address.
pub fn transport(base: &str, credentials: Credentials, clock: &Clock) -> Arc<Transport> {
    Arc::new(Transport::new(options(base, credentials, clock)).unwrap())
}

/// Everything by default, with the address for both the API and the login.
pub fn options(base: &str, credentials: Credentials, clock: &Clock) -> TransportOptions {
    TransportOptions {
        endpoints: Endpoints::resolve(None, Some(base), Some(base)).unwrap(),
        credentials,
        rate_per_minute: TransportOptions::DEFAULT_RATE_PER_MINUTE,
        retry: RetryPolicy::default(),
        request_timeout: TransportOptions::DEFAULT_REQUEST_TIMEOUT,
        authorities: Authorities::default(),
        clock: clock.clone(),
    }
}

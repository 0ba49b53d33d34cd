//! A server that sees both sides of each exchange as they are on the wire: it passes requests on to
//! another server, or answers them as a script says.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Response, header};
use tokio::runtime::Runtime;

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub method: String,
    pub path: String,
    pub query: String,
    pub request_headers: HeaderMap,
    pub request: Bytes,
    pub status: u16,
    pub headers: HeaderMap,
    pub response: Bytes,
}

/// A request that a script answers.
pub struct Asked {
    pub path: String,
    /// The value of its `Authorization` header.
    pub authorization: String,
}

/// Status, content type and body of an answer.
pub type Said = (u16, &'static str, String);

enum Source {
    Upstream(reqwest::Client, String),
    Script(Box<dyn Fn(&Asked) -> Said + Send + Sync>),
}

/// A server on a free loopback port, gone with the test that made it.
pub struct RecordingServer {
    pub url: String,
    seen: Arc<Mutex<Vec<Exchange>>>,
    runtime: Option<Runtime>,
}

impl RecordingServer {
    /// Passes every request on.
    pub fn before(upstream: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
        Self::start(Source::Upstream(client.build().unwrap(), upstream.to_owned()))
    }

    /// Answers every request as the script says.
    pub fn answering(script: impl Fn(&Asked) -> Said + Send + Sync + 'static) -> Self {
        Self::start(Source::Script(Box::new(script)))
    }

    fn start(source: Source) -> Self {
        // A runtime of its own, so that tests may block while it serves.
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, source) = (Arc::new(Mutex::new(Vec::new())), Arc::new(source));
        let memory = Arc::clone(&seen);
        let app = axum::Router::new().fallback(move |request: Request| {
            let (memory, source) = (Arc::clone(&memory), Arc::clone(&source));
            async move {
                let exchange = source.exchange(request).await;
                let mut answer = Response::builder().status(exchange.status);
                for (name, value) in &exchange.headers {
                    if name != header::TRANSFER_ENCODING && name != header::CONNECTION {
                        answer = answer.header(name, value);
                    }
                }
                let body = exchange.response.clone();
                memory.lock().unwrap().push(exchange);
                answer.body(Body::from(body)).unwrap()
            }
        });
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            axum::serve(listener, app).await
        });
        Self { url, seen, runtime: Some(runtime) }
    }

    /// Everything so far, oldest first.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.seen.lock().unwrap().clone()
    }
}

impl Drop for RecordingServer {
    fn drop(&mut self) {
        // Unlike an ordinary drop this may happen within another runtime.
        self.runtime.take().unwrap().shutdown_background();
    }
}

impl Source {
    async fn exchange(&self, request: Request) -> Exchange {
        let (parts, body) = request.into_parts();
        let request = to_bytes(body, usize::MAX).await.unwrap();
        let (path, query) = (parts.uri.path().to_owned(), parts.uri.query().unwrap_or_default().to_owned());
        let (status, headers, response) = match self {
            Self::Script(script) => {
                let authorization = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
                let asked = Asked { path: path.clone(), authorization: authorization.unwrap_or_default().to_owned() };
                let (status, kind, body) = script(&asked);
                let headers = HeaderMap::from_iter([(header::CONTENT_TYPE, kind.parse().unwrap())]);
                (status, headers, Bytes::from(body))
            }
            Self::Upstream(client, url) => {
                let mut headers = parts.headers.clone();
                headers.remove(header::HOST);
                let url = format!("{url}{}", parts.uri);
                let sent = client.request(parts.method.clone(), url).headers(headers).body(request.clone());
                let answer = sent.send().await.unwrap();
                (answer.status().as_u16(), answer.headers().clone(), answer.bytes().await.unwrap())
            }
        };
        let (method, request_headers) = (parts.method.to_string(), parts.headers);
        Exchange { method, path, query, request_headers, request, status, headers, response }
    }
}

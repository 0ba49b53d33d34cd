//! Delivery: one attempt to hand one message to one receiver.

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use chrono::Utc;
use reqwest::header::{self, HeaderMap, HeaderValue};
use reqwest::redirect;
use tokio::time::Instant;

use super::receiver::Receiver;
use super::signature::signatures;
use super::wire::{Encoded, Message};
use crate::retry_after::retry_after;

/// How long one attempt may take, from connecting to the end of the answer.
pub const TIMEOUT: Duration = Duration::from_secs(5);

/// A receiver and the client that talks to it.
#[derive(Clone, Debug)]
pub struct Webhook {
    receiver: Receiver,
    client: reqwest::Client,
}

/// A receiver took an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The HTTP status, one of 200 to 299.
    pub status: u16,
    /// From sending to the answer.
    pub latency: Duration,
}

/// A receiver did not take an event. No message holds more of its address than scheme and host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// It answered, but not with success. A redirect counts as such, because following it would hand the
    /// event to an address that nobody configured.
    #[error("{receiver} answered {status}")]
    Refused {
        /// The receiver, by scheme and host alone.
        receiver: String,
        /// The HTTP status.
        status: u16,
        /// How long it asks to wait, where it does.
        wait: Option<Duration>,
    },
    /// It did not answer in time.
    #[error("{receiver} did not answer within {} s", TIMEOUT.as_secs())]
    TimedOut {
        /// The receiver, by scheme and host alone.
        receiver: String,
    },
    /// There was no connection, or it broke.
    #[error("no connection to {receiver}: {cause}")]
    NoConnection {
        /// The receiver, by scheme and host alone.
        receiver: String,
        /// What the network says.
        cause: String,
    },
}

impl DeliveryError {
    /// Whether another attempt soon after will most likely fail in the same way, and cost as much time.
    pub fn means_down(&self) -> bool {
        !matches!(self, Self::Refused { .. })
    }

    /// Whether the receiver says that it is gone for good.
    pub fn means_gone(&self) -> bool {
        matches!(self, Self::Refused { status: 410, .. })
    }

    /// Whether the same request may succeed a little later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Refused { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::TimedOut { .. } | Self::NoConnection { .. } => true,
        }
    }

    /// How long the receiver asks to wait, where it does.
    pub fn asked_to_wait(&self) -> Option<Duration> {
        match self {
            Self::Refused { wait, .. } => *wait,
            Self::TimedOut { .. } | Self::NoConnection { .. } => None,
        }
    }
}

/// A client for receivers could not be set up.
#[derive(Debug, thiserror::Error)]
#[error("cannot set up the client for webhooks: {0}; check that the system has its certificates installed")]
pub struct NoClient(String);

impl Webhook {
    /// A receiver, and a client for it from a builder that may already know of certificates and proxies.
    ///
    /// # Errors
    /// When the client cannot be built, for example without any certificate authorities.
    pub fn new(receiver: Receiver, builder: reqwest::ClientBuilder) -> Result<Self, NoClient> {
        // What stays on this machine must not leave it through a proxy.
        let builder = if receiver.address.is_on_this_machine() { builder.no_proxy() } else { builder };
        let client = builder
            .redirect(redirect::Policy::none())
            .timeout(TIMEOUT)
            .user_agent(concat!("dialctl/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| NoClient(root_cause(&error)))?;
        Ok(Self { receiver, client })
    }

    /// The receiver.
    pub fn receiver(&self) -> &Receiver {
        &self.receiver
    }

    /// Asks the receiver for nothing, and gives the status of its answer: whatever it is, somebody is there.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn reach(&self) -> Result<u16, DeliveryError> {
        let answer = self.client.head(self.receiver.address.url().clone()).send().await;
        answer.map(|answer| answer.status().as_u16()).map_err(|error| self.failure(error))
    }

    /// Makes one attempt to deliver a message. It is signed for this attempt alone, with the time of it. Of the answer
    /// only the status counts; its body is not read.
    ///
    /// # Errors
    /// Why the receiver did not take it.
    pub async fn deliver(&self, message: &Message) -> Result<Delivery, DeliveryError> {
        let began = Instant::now();
        let Receiver { name: _, address, interest: _, format, secrets, headers: own } = &self.receiver;
        let Encoded { headers, body } = message.encode(*format);
        let (id, timestamp) = (message.id.to_string(), Utc::now().timestamp());
        let mut request = self.client.post(address.url().clone()).headers(own.clone()).headers(headers);
        if let Some(signatures) = signatures(secrets, &id, timestamp, &body) {
            request = request.header("webhook-signature", signatures);
        }
        let request = request.header("webhook-id", id).header("webhook-timestamp", timestamp).body(body);
        let answer = request.send().await.map_err(|error| self.failure(error))?;
        let status = answer.status();
        if status.is_success() {
            Ok(Delivery { status: status.as_u16(), latency: began.elapsed() })
        } else {
            let wait = asked_wait(answer.headers());
            Err(DeliveryError::Refused { receiver: address.to_string(), status: status.as_u16(), wait })
        }
    }

    fn failure(&self, error: reqwest::Error) -> DeliveryError {
        let receiver = self.receiver.address.to_string();
        if error.is_timeout() {
            DeliveryError::TimedOut { receiver }
        } else {
            DeliveryError::NoConnection { receiver, cause: root_cause(&error) }
        }
    }
}

/// What `Retry-After` asks for. A date counts from the answer's own, so that no clock of this machine spoils the wait.
fn asked_wait(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let sent = text(header::DATE).and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    retry_after(text(header::RETRY_AFTER)?, sent.unwrap_or_else(SystemTime::now))
}

/// What lies at the bottom of an error. The top of it names the whole URL, and says less.
fn root_cause(error: &reqwest::Error) -> String {
    let mut cause = match error.source() {
        Some(source) => source,
        None => return "the request could not be made".to_owned(),
    };
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::{Arc, Mutex};

    use axum::Router;
    use axum::body::Bytes;
    use axum::http::{HeaderMap, StatusCode, header};
    use axum::routing::post;
    use tokio::net::TcpListener;

    use super::super::event::tests::event;
    use super::super::receiver::tests::receiver;
    use super::super::signature::SigningSecret;
    use super::super::signature::tests::SECRET;
    use super::super::wire::Format;
    use super::*;

    type Received = Arc<Mutex<Vec<(HeaderMap, Bytes)>>>;

    /// Serves on a free port of this machine and gives the address.
    async fn serve(app: Router) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        format!("http://{address}")
    }

    /// A receiver at `/s3cret` that answers with a status and keeps what it gets.
    async fn receiver_answering(status: StatusCode) -> (String, Received) {
        let received = Received::default();
        let kept = received.clone();
        let answer = move |headers: HeaderMap, body: Bytes| async move {
            kept.lock().unwrap().push((headers, body));
            (status, [(header::LOCATION, "/elsewhere")])
        };
        let elsewhere = post(|| async { StatusCode::OK }).get(|| async { StatusCode::OK });
        let app = Router::new().route("/s3cret", post(answer)).route("/elsewhere", elsewhere);
        (serve(app).await, received)
    }

    /// A webhook to `/s3cret` of a server on this machine.
    pub fn webhook(base: &str) -> Webhook {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let secrets = SigningSecret::parse_all(SECRET).unwrap();
        let receiver = Receiver { secrets, ..receiver("wfm", &format!("{base}/s3cret?key=s3cret")) };
        Webhook::new(receiver, reqwest::Client::builder().no_proxy()).unwrap()
    }

    fn message() -> Message {
        Message::from(&event(7, "spring"))
    }

    /// An address of this machine where nothing listens.
    pub async fn deserted() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }

    #[tokio::test]
    async fn a_message_arrives_as_it_was_encoded_and_signed_for_the_attempt() {
        let (base, received) = receiver_answering(StatusCode::ACCEPTED).await;
        let (webhook, message) = (webhook(&base), message());
        let Encoded { headers: expected, body: sent } = message.encode(Format::Mission);
        let before = Utc::now().timestamp();
        assert_eq!(webhook.deliver(&message).await.unwrap().status, 202);

        let received = received.lock().unwrap();
        let [(headers, body)] = received.as_slice() else { panic!("{received:?}") };
        assert!(expected.iter().all(|(name, value)| headers.get_all(name).iter().eq([value])), "{headers:?}");
        assert_eq!(body, &sent);
        assert_eq!(headers["webhook-id"], message.id.to_string());
        let timestamp: i64 = headers["webhook-timestamp"].to_str().unwrap().parse().unwrap();
        assert!((before..=Utc::now().timestamp()).contains(&timestamp), "{timestamp}");
        let secrets = SigningSecret::parse_all(SECRET).unwrap();
        let signed = signatures(&secrets, &message.id.to_string(), timestamp, &sent).unwrap();
        assert_eq!(headers["webhook-signature"], signed);
    }

    #[tokio::test]
    async fn headers_of_the_receiver_go_along_and_cannot_replace_those_of_the_message() {
        let (base, received) = receiver_answering(StatusCode::OK).await;
        let mut headers = HeaderMap::new();
        for (name, value) in [("x-key", "s3cret"), ("ce-id", "s3cret")] {
            let mut value = HeaderValue::from_static(value);
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let receiver = Receiver { headers, ..webhook(&base).receiver };
        assert!(!format!("{receiver:?}").contains("s3cret"), "{receiver:?}");
        Webhook::new(receiver, reqwest::Client::builder()).unwrap().deliver(&message()).await.unwrap();
        let headers = &received.lock().unwrap()[0].0;
        assert_eq!(headers["x-key"], "s3cret");
        assert!(headers.get_all("ce-id").iter().eq([&message().id.to_string()]), "{headers:?}");
    }

    #[test]
    fn a_wait_is_asked_for_in_seconds_or_until_a_date() {
        for (date, asked, wait) in [
            (None, None, None),
            (None, Some("7"), Some(7)),
            (Some("Sun, 06 Nov 1994 08:49:37 GMT"), Some("Sun, 06 Nov 1994 08:50:07 GMT"), Some(30)),
            (None, Some("Sun, 06 Nov 1994 08:50:07 GMT"), Some(0)),
            (None, Some("soon"), None),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [(header::DATE, date), (header::RETRY_AFTER, asked)] {
                value.map(|value| headers.insert(name, HeaderValue::from_static(value)));
            }
            assert_eq!(asked_wait(&headers), wait.map(Duration::from_secs), "{asked:?}");
        }
    }

    #[tokio::test]
    async fn without_a_secret_nothing_is_signed() {
        let (base, received) = receiver_answering(StatusCode::OK).await;
        let receiver = Receiver { secrets: Vec::new(), ..webhook(&base).receiver };
        Webhook::new(receiver, reqwest::Client::builder()).unwrap().deliver(&message()).await.unwrap();
        assert!(!received.lock().unwrap()[0].0.contains_key("webhook-signature"));
    }

    #[tokio::test]
    async fn only_2xx_is_success_and_redirects_are_not_followed() {
        for (status, taken) in [
            (StatusCode::OK, true),
            (StatusCode::NO_CONTENT, true),
            (StatusCode::MOVED_PERMANENTLY, false),
            (StatusCode::TEMPORARY_REDIRECT, false),
            (StatusCode::BAD_REQUEST, false),
            (StatusCode::INTERNAL_SERVER_ERROR, false),
        ] {
            let (base, received) = receiver_answering(status).await;
            let result = webhook(&base).deliver(&message()).await;
            match &result {
                Ok(delivery) => assert_eq!(delivery.status, status.as_u16()),
                Err(error) => {
                    assert!(!error.means_down());
                    assert_eq!(error.to_string(), format!("{base} answered {}", status.as_u16()));
                }
            }
            assert_eq!(result.is_ok(), taken, "{status}");
            assert_eq!(received.lock().unwrap().len(), 1, "{status}");
        }
    }

    #[tokio::test]
    async fn a_receiver_that_is_not_there_counts_as_down() {
        let base = deserted().await;
        let webhook = webhook(&base);
        let error = webhook.deliver(&message()).await.unwrap_err();
        assert!(error.means_down());
        assert!(error.to_string().starts_with(&format!("no connection to {base}: ")), "{error}");
        assert!(!format!("{error} {error:?} {webhook:?}").contains("s3cret"), "{error:?} {webhook:?}");
    }

    #[tokio::test]
    async fn what_stays_on_this_machine_goes_through_no_proxy() {
        let (base, received) = receiver_answering(StatusCode::OK).await;
        let receiver = webhook(&base).receiver().clone();
        let proxy = reqwest::Proxy::all(deserted().await).unwrap();
        let webhook = Webhook::new(receiver, reqwest::Client::builder().proxy(proxy)).unwrap();
        assert_eq!(webhook.deliver(&message()).await.unwrap().status, 200);
        assert_eq!(received.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn a_receiver_that_hangs_up_counts_as_down() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            loop {
                drop(listener.accept().await.unwrap());
            }
        });
        let error = webhook(&base).deliver(&message()).await.unwrap_err();
        assert!(matches!(&error, DeliveryError::NoConnection { receiver, .. } if *receiver == base), "{error:?}");
        assert!(error.means_down());
        assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_receiver_that_never_answers_costs_its_timeout_and_counts_as_down() {
        // Connections are made by the system and nobody takes them; time leaps while all wait.
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let webhook = webhook(&base);
        let began = Instant::now();
        let error = webhook.deliver(&message()).await.unwrap_err();
        // Timers are as fine as a millisecond.
        assert!(began.elapsed().abs_diff(TIMEOUT) <= Duration::from_millis(2), "{:?}", began.elapsed());
        assert_eq!(error, DeliveryError::TimedOut { receiver: base.clone() });
        assert!(error.means_down());
        assert_eq!(error.to_string(), format!("{base} did not answer within 5 s"));
    }
}

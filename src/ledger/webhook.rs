//! Delivery: one attempt to hand one event to one receiver, as CloudEvents 1.0 over HTTP in binary mode.

use std::error::Error as _;
use std::fmt::Write as _;
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::redirect;
use tokio::time::Instant;

use super::event::{Event, SOURCE};
use super::notation;
use super::receiver::Receiver;

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
        let builder = if receiver.is_on_this_machine() { builder.no_proxy() } else { builder };
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
        let answer = self.client.head(self.receiver.url().clone()).send().await;
        answer.map(|answer| answer.status().as_u16()).map_err(|error| self.failure(error))
    }

    /// Makes one attempt to deliver an event.
    ///
    /// # Errors
    /// Why the receiver did not take it.
    pub async fn deliver(&self, event: &Event) -> Result<Delivery, DeliveryError> {
        let began = Instant::now();
        let request = self.client.post(self.receiver.url().clone()).json(event).headers(headers(event));
        let status = request.send().await.map_err(|error| self.failure(error))?.status();
        if status.is_success() {
            Ok(Delivery { status: status.as_u16(), latency: began.elapsed() })
        } else {
            Err(DeliveryError::Refused { receiver: self.receiver.to_string(), status: status.as_u16() })
        }
    }

    fn failure(&self, error: reqwest::Error) -> DeliveryError {
        let receiver = self.receiver.to_string();
        if error.is_timeout() {
            DeliveryError::TimedOut { receiver }
        } else {
            DeliveryError::NoConnection { receiver, cause: root_cause(&error) }
        }
    }
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

/// The attributes of the event as headers (CloudEvents 1.0, HTTP protocol binding, 3.1).
fn headers(event: &Event) -> HeaderMap {
    let subject = format!("{}/{}", event.kind, event.name);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    for (name, value) in [
        ("ce-specversion", "1.0"),
        ("ce-id", &event.id.to_string()),
        ("ce-type", event.event_type().as_str()),
        ("ce-source", SOURCE),
        ("ce-time", &notation::instant::text(&event.timestamp)),
        ("ce-subject", &subject),
    ] {
        if let Ok(value) = HeaderValue::try_from(encoded(value)) {
            headers.insert(name, value);
        }
    }
    headers
}

/// The text as the value of a header (CloudEvents 1.0, HTTP protocol binding, 3.1.3.2): blanks, quotes,
/// percent signs and all that is not printable ASCII are percent-encoded.
fn encoded(text: &str) -> String {
    let mut value = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_graphic() && byte != b'"' && byte != b'%' {
            value.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(value, "%{byte:02X}");
        }
    }
    value
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
        let receiver = Receiver::parse(&format!("{base}/s3cret?key=s3cret")).unwrap();
        Webhook::new(receiver, reqwest::Client::builder().no_proxy()).unwrap()
    }

    /// An address of this machine where nothing listens.
    pub async fn deserted() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    }

    #[tokio::test]
    async fn an_event_arrives_as_a_cloud_event_in_binary_mode() {
        let (base, received) = receiver_answering(StatusCode::ACCEPTED).await;
        let event = Event { name: "grün & 100%".to_owned(), ..event(7, "") };
        assert_eq!(webhook(&base).deliver(&event).await.unwrap().status, 202);

        let received = received.lock().unwrap();
        let [(headers, body)] = received.as_slice() else { panic!("{received:?}") };
        for (name, value) in [
            ("content-type", "application/json"),
            ("ce-specversion", "1.0"),
            ("ce-id", "00000000-0000-0000-0000-000000000007"),
            ("ce-type", "SCHEDULE_CREATED"),
            ("ce-source", "genesys-outbound-automation"),
            ("ce-time", "2027-03-01T09:00:00.250Z"),
            ("ce-subject", "CampaignSchedule/gr%C3%BCn%20&%20100%25"),
        ] {
            let values: Vec<_> = headers.get_all(name).iter().collect();
            assert_eq!(values, [value], "{name}");
        }
        assert_eq!(serde_json::from_slice::<Event>(body).unwrap(), event);
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
            let result = webhook(&base).deliver(&event(7, "spring")).await;
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
        let error = webhook.deliver(&event(7, "spring")).await.unwrap_err();
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
        assert_eq!(webhook.deliver(&event(7, "spring")).await.unwrap().status, 200);
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
        let error = webhook(&base).deliver(&event(7, "spring")).await.unwrap_err();
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
        let error = webhook.deliver(&event(7, "spring")).await.unwrap_err();
        // Timers are as fine as a millisecond.
        assert!(began.elapsed().abs_diff(TIMEOUT) <= Duration::from_millis(2), "{:?}", began.elapsed());
        assert_eq!(error, DeliveryError::TimedOut { receiver: base.clone() });
        assert!(error.means_down());
        assert_eq!(error.to_string(), format!("{base} did not answer within 5 s"));
    }
}

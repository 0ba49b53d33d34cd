//! A receiver of events that answers as it is told, down to the connection.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::Value;

/// What the receiver does with a request.
#[derive(Clone, Debug)]
pub enum Answer {
    /// It answers with this status.
    Status(u16),
    /// It asks to wait for so many seconds.
    Wait(u16, u64),
    /// It sends the program elsewhere.
    Redirect(String),
    /// It closes the connection without a word.
    HangUp,
    /// It closes the connection in the middle of the head of its answer.
    CutHead,
    /// It takes the event, and closes the connection in the middle of the body of its answer.
    CutBody,
}

/// Answers all requests alike, until it is told to answer otherwise.
pub struct FaultyReceiver {
    /// Where events are to be sent.
    pub url: String,
    answer: Arc<Mutex<Answer>>,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
struct Seen {
    asked: usize,
    taken: Vec<Value>,
}

impl FaultyReceiver {
    /// Starts to listen, for as long as the test runs.
    pub fn answering(answer: Answer) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}/events", listener.local_addr().unwrap());
        let (answer, seen) = (Arc::new(Mutex::new(answer)), Arc::<Mutex<Seen>>::default());
        let shared = (Arc::clone(&answer), Arc::clone(&seen));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A run that ends while it connects is no concern of the receiver's.
                let Some(request) = stream.ok().and_then(Request::read) else { continue };
                let answer = shared.0.lock().unwrap().clone();
                request.answer(&answer, &mut shared.1.lock().unwrap());
            }
        });
        Self { url, answer, seen }
    }

    /// Answers in another way from now on.
    pub fn answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    /// How many requests came since the last call.
    pub fn asked(&self) -> usize {
        std::mem::take(&mut self.seen.lock().unwrap().asked)
    }

    /// What was taken since the last call, in the order in which it came.
    pub fn taken(&self) -> Vec<Value> {
        std::mem::take(&mut self.seen.lock().unwrap().taken)
    }
}

struct Request {
    stream: TcpStream,
    body: Value,
}

impl Request {
    fn read(stream: TcpStream) -> Option<Self> {
        let mut reader = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).ok()? == 0 {
                return None;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        Some(Self { body: serde_json::from_slice(&body).unwrap(), stream: reader.into_inner() })
    }

    fn answer(mut self, answer: &Answer, seen: &mut Seen) {
        let head = |status: u16, more: &str| format!("HTTP/1.1 {status} Said\r\nconnection: close\r\n{more}");
        let text = match answer {
            Answer::Status(status) => head(*status, "content-length: 0\r\n\r\n"),
            Answer::Wait(status, seconds) => {
                head(*status, &format!("retry-after: {seconds}\r\ncontent-length: 0\r\n\r\n"))
            }
            Answer::Redirect(to) => head(307, &format!("location: {to}\r\ncontent-length: 0\r\n\r\n")),
            Answer::HangUp => String::new(),
            Answer::CutHead => "HTTP/1.1 200 Sa".to_owned(),
            Answer::CutBody => head(200, "content-length: 1000\r\n\r\nhalf"),
        };
        seen.asked += 1;
        if matches!(answer, Answer::CutBody | Answer::Status(200..=299)) {
            seen.taken.push(self.body);
        }
        let _ = self.stream.write_all(text.as_bytes());
    }
}

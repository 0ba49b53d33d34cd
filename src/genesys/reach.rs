//! Whether the servers of a conversation answer at all, before anybody logs in.

use std::time::{Duration, SystemTime};

use reqwest::Url;

use super::Failure;
use super::breakage::Breakage;
use super::retry::Effect;
use super::transport::Transport;

/// A server that answers.
#[derive(Clone, Copy, Debug)]
pub struct Reached {
    /// The time of its answer, by its own clock, in whole seconds.
    pub date: Option<SystemTime>,
    /// The time of its answer, by the clock of this machine.
    pub received: SystemTime,
    /// How long it took.
    pub took: Duration,
}

impl Transport {
    /// Asks the server of the API for nothing: whatever it answers, it is there. Sends no credentials.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn reach_api(&self) -> Result<Reached, Failure> {
        self.reach(self.api()).await
    }

    /// The same for the server of the login.
    ///
    /// # Errors
    /// Why there is no answer.
    pub async fn reach_login(&self) -> Result<Reached, Failure> {
        self.reach(self.login()).await
    }

    async fn reach(&self, base: &Url) -> Result<Reached, Failure> {
        let http = self.http();
        let left = http.clock.now();
        let answer = http.client.head(base.clone()).send().await;
        let (took, received) = (http.clock.now().saturating_sub(left), http.clock.calendar());
        match answer {
            Ok(answer) => {
                let date = answer.headers().get(reqwest::header::DATE).and_then(|date| date.to_str().ok());
                Ok(Reached { date: date.and_then(|date| httpdate::parse_http_date(date).ok()), received, took })
            }
            Err(error) => Err(Breakage::of(&error, base, http.request_timeout).failure(Effect::Read)),
        }
    }
}

//! Requests straight to the sandbox, as other people and their programs send them.

use serde_json::{Value, json};

use crate::support::{CLIENT_ID, CLIENT_SECRET, SandboxProcess};

impl SandboxProcess {
    /// Sends a request with a token of its own, and gives the status and the body of the answer.
    pub fn send(&self, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let client = reqwest::Client::new();
            let login = client.post(format!("{}/oauth/token", self.url)).basic_auth(CLIENT_ID, Some(CLIENT_SECRET));
            let login = login.form(&[("grant_type", "client_credentials")]).send().await.unwrap();
            let token: Value = login.json().await.unwrap();
            let url = format!("{}{path}", self.url);
            let request =
                client.request(method.parse().unwrap(), url).bearer_auth(token["access_token"].as_str().unwrap());
            let request = if let Some(body) = body { request.json(body) } else { request };
            let answer = request.send().await.unwrap();
            let status = answer.status().as_u16();
            let text = answer.text().await.unwrap();
            (status, if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() })
        })
    }

    /// From now on these faults strike, and no others.
    pub fn strike(&self, faults: &str) {
        let (status, answer) = self.send("PUT", "/sandbox/faults", Some(&serde_json::from_str(faults).unwrap()));
        assert_eq!(status, 204, "{answer}");
    }

    /// Reads what must be there.
    #[track_caller]
    pub fn get(&self, path: &str) -> Value {
        let (status, body) = self.send("GET", path, None);
        assert_eq!(status, 200, "{body}");
        body
    }

    /// The names of the live schedules of voice campaigns, sorted.
    pub fn live_names(&self) -> Vec<String> {
        let listed = self.get("/api/v2/outbound/schedules/campaigns");
        let names = listed.as_array().unwrap().iter().map(|live| live["name"].as_str().unwrap().to_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// Puts a schedule on a campaign that has none, as somebody does in the web interface.
    #[track_caller]
    pub fn put_by_hand(&self, campaign: &str, name: &str) {
        let body = json!({
            "name": name, "timeZone": "Europe/Paris", "intervals": [], "campaign": {"id": campaign},
            "recurrences": [{
                "start": "2027-03-01T08:00:00", "end": "2027-03-01T09:00:00",
                "pattern": {"type": "Daily", "interval": 1}, "range": {"type": "NoEnd"},
            }],
        });
        let (status, answer) = self.send("PUT", &schedule_path(campaign), Some(&body));
        assert_eq!(status, 200, "{answer}");
    }
}

/// The path of the schedule of a voice campaign.
pub fn schedule_path(campaign: &str) -> String {
    format!("/api/v2/outbound/schedules/campaigns/{campaign}")
}

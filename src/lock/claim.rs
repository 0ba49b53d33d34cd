//! What a lock says of itself: its id, what it covers, and who holds it. Pure.

use std::fmt;

use chrono::{DateTime, SecondsFormat, SubsecRound as _, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ledger::canonical::Digest;

/// How long a claim holds unless it is renewed. A run that goes on renews it with the actions that it starts, so
/// this only has to be longer than what one action can take with all its repeats.
pub const TERM: TimeDelta = TimeDelta::hours(2);

/// The longest name of an organisation that is part of a file's name, in bytes; many systems end at 255.
const ORG_MAX: usize = 180;

/// The name of a lock: 8 hexadecimal digits, few enough to be typed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LockId(String);

/// What a lock covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Scope {
    /// What stands for the organisation: the host of the API, or `sandbox`.
    pub org: String,
    /// The owner whose schedules the run manages; all owners when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// Who asks for a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimant {
    /// Who it is, for people: actor, machine and process.
    pub holder: String,
    /// The web page of the pipeline's run, where there is one.
    pub run: Option<String>,
}

/// What the file of a lock holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// The name of the lock.
    pub id: LockId,
    /// What it covers.
    #[serde(flatten)]
    pub scope: Scope,
    /// Who holds it, for people.
    pub holder: String,
    /// Since when, in whole seconds.
    pub since: DateTime<Utc>,
    /// From when on another run may take it over, even though the holder lives.
    pub expires_at: DateTime<Utc>,
    /// The web page of the holder's run, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
}

impl LockId {
    /// A new one.
    pub fn random() -> Self {
        Self(Uuid::new_v4().simple().to_string().chars().take(8).collect())
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for LockId {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, &'static str> {
        let fits = text.len() == 8 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if fits { Ok(Self(text)) } else { Err("the id of a lock has 8 digits of 0-9 and a-f") }
    }
}

impl From<LockId> for String {
    fn from(id: LockId) -> Self {
        id.0
    }
}

impl Scope {
    /// The name of the file. Different scopes have different ones, also where a file system does not tell
    /// capital letters from small ones.
    pub fn file_name(&self) -> String {
        let Self { org, owner } = self;
        let mut name = encoded(org);
        if name.len() > ORG_MAX {
            name = Digest::of(org.as_bytes()).to_string();
        }
        if let Some(owner) = owner {
            name.push('~');
            name.push_str(&encoded(owner));
        }
        name + ".lock"
    }
}

/// The text with everything written as `%XX` that a name of a file may not have, or that would separate.
fn encoded(text: &str) -> String {
    let mut name = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'_' => name.push(char::from(byte)),
            other => name.push_str(&format!("%{other:02X}")),
        }
    }
    name
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.owner {
            Some(owner) => write!(f, "owner `{}` in {}", printable(owner), printable(&self.org)),
            None => write!(f, "every owner in {}", printable(&self.org)),
        }
    }
}

impl Claim {
    /// A claim from now on.
    pub fn new(scope: Scope, claimant: Claimant, now: DateTime<Utc>) -> Self {
        let since = now.trunc_subsecs(0);
        let Claimant { holder, run } = claimant;
        Self { id: LockId::random(), scope, holder, since, expires_at: since + TERM, run }
    }

    /// Whether another run may take the lock over although the holder lives.
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at <= now
    }

    /// The same claim for another term, once half of the last one is over; nothing before that.
    pub fn renewed(&self, now: DateTime<Utc>) -> Option<Self> {
        let is_due = self.expires_at - now <= TERM / 2;
        is_due.then(|| Self { expires_at: now.trunc_subsecs(0) + TERM, ..self.clone() })
    }

    /// Everything about it, for people, on one line.
    pub fn told(&self, now: DateTime<Utc>) -> String {
        let Self { id, scope, holder, since, expires_at, run } = self;
        let (id, holder, age) = (id.as_str(), printable(holder), age(now - *since));
        let (since, expires_at) = (instant(*since), instant(*expires_at));
        let run = run.as_deref().map(|run| format!(", run {}", printable(run))).unwrap_or_default();
        format!("{id} for {scope}, held by {holder}, since {since} ({age}), expires {expires_at}{run}")
    }
}

fn instant(instant: DateTime<Utc>) -> String {
    instant.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A time in the two largest units that it has.
fn age(time: TimeDelta) -> String {
    // Another machine's clock may be ahead.
    let seconds = time.num_seconds().max(0);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        _ => format!("{days} d {hours} h"),
    }
}

/// The text without control characters: whoever can write to the folder can write them.
fn printable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    pub const NINE: &str = "2027-03-01T09:00:00.7Z";

    pub fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    pub fn scope(org: &str, owner: &str) -> Scope {
        Scope { org: org.to_owned(), owner: Some(owner.to_owned()) }
    }

    pub fn claimant(holder: &str) -> Claimant {
        Claimant { holder: holder.to_owned(), run: None }
    }

    #[test]
    fn a_claim_is_written_as_agreed() {
        let by = Claimant { run: Some("https://ci.example/7".to_owned()), ..claimant("ci@runner, process 7") };
        let claim = Claim::new(scope("api.mypurecloud.de", "sales"), by, at(NINE));
        let json = serde_json::to_value(&claim).unwrap();
        assert_eq!(
            json,
            json!({
                "id": claim.id.as_str(), "org": "api.mypurecloud.de", "owner": "sales", "holder": "ci@runner, process 7",
                "since": "2027-03-01T09:00:00Z", "expiresAt": "2027-03-01T11:00:00Z", "run": "https://ci.example/7",
            })
        );
        assert_eq!(serde_json::from_value::<Claim>(json).unwrap(), claim);
    }

    #[test]
    fn an_id_is_nothing_but_eight_digits() {
        assert_ne!(LockId::random(), LockId::random());
        let id = LockId::random();
        assert_eq!(LockId::try_from(id.as_str().to_owned()).unwrap(), id);
        for wrong in ["", "1234567", "123456789", "../../ab", "ABCDEF01", "1234567é"] {
            assert!(LockId::try_from(wrong.to_owned()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn every_scope_has_a_file_name_of_its_own_that_any_system_takes() {
        let everybody = |org: &str| Scope { org: org.to_owned(), owner: None };
        let long = "a".repeat(300);
        let scopes = [
            scope("api.mypurecloud.de", "dialctl"),
            scope("api.mypurecloud.de", "sales"),
            scope("API.mypurecloud.de", "sales"),
            scope("[::1]", "sales"),
            scope("../../etc", "passwd"),
            scope("a~b", "c"),
            scope("a", "b~c"),
            scope("", ""),
            scope("\u{1F642}/\0\\", "x"),
            scope(&long, "x"),
            scope(&format!("{long}b"), "x"),
            everybody("sandbox"),
            everybody(""),
        ];
        let names: Vec<String> = scopes.iter().map(Scope::file_name).collect();
        assert_eq!(names[0], "api.mypurecloud.de~dialctl.lock");
        assert_eq!(names[3], "%5B%3A%3A1%5D~sales.lock");
        let folded: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
        assert_eq!(folded.len(), scopes.len(), "{names:?}");
        for name in &names {
            let safe = |byte: u8| byte.is_ascii_alphanumeric() || b".-_~%".contains(&byte);
            assert!(name.len() <= 255 && name.bytes().all(safe), "{name}");
        }
    }

    #[test]
    fn a_claim_lasts_two_hours_from_its_last_renewal() {
        let claim = Claim::new(scope("o", "w"), claimant("me"), at(NINE));
        for (now, expired, renewed) in [
            ("2027-03-01T09:59:59Z", false, None),
            ("2027-03-01T10:00:00Z", false, Some("2027-03-01T12:00:00Z")),
            ("2027-03-01T10:59:59Z", false, Some("2027-03-01T12:59:59Z")),
            ("2027-03-01T11:00:00Z", true, Some("2027-03-01T13:00:00Z")),
        ] {
            assert_eq!(claim.has_expired(at(now)), expired, "{now}");
            assert_eq!(claim.renewed(at(now)).map(|new| new.expires_at), renewed.map(at), "{now}");
        }
    }

    #[test]
    fn people_are_told_everything_and_no_control_characters() {
        let by = Claimant { run: Some("https://ci.example/7".to_owned()), ..claimant("\u{1b}[31mci@runner\n") };
        let claim = Claim::new(scope("api.mypurecloud.de", "sales"), by, at(NINE));
        let id = claim.id.as_str();
        assert_eq!(
            claim.told(at("2027-03-01T09:12:30Z")),
            format!(
                "{id} for owner `sales` in api.mypurecloud.de, held by [31mci@runner, since 2027-03-01T09:00:00Z \
                 (12 min), expires 2027-03-01T11:00:00Z, run https://ci.example/7"
            )
        );
    }

    #[test]
    fn ages_are_told_in_two_units() {
        for (seconds, told) in [
            (-5, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3600, "1 h 0 min"),
            (12_000, "3 h 20 min"),
            (180_000, "2 d 2 h"),
        ] {
            assert_eq!(age(TimeDelta::seconds(seconds)), told);
        }
    }
}

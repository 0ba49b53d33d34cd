//! Names: of manifests, of their owner, and of the live schedules that carry both.

use std::fmt;

/// The longest name of a manifest, in characters.
pub const NAME_MAX: usize = 50;
/// The longest owner, in characters: with the slash and a name of 50 it fills the 64 that the service
/// allows for the names of outbound objects (help.mypurecloud.com, limitations-with-outbound-dialer).
pub const OWNER_MAX: usize = 13;

/// The name of a manifest: lower-case letters, digits and hyphens, at most 50 characters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScheduleName(String);

/// The text is not a name of a manifest.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not a name: use 1 to {NAME_MAX} of a-z, 0-9 and `-`")]
pub struct InvalidName(String);

/// Who owns the schedules of a repository; the first half of their live names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner(String);

/// The text is not an owner.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{0}` is not an owner: use 1 to {OWNER_MAX} of a-z, 0-9 and `-`")]
pub struct InvalidOwner(String);

/// `<owner>/<name>`: the name of a live schedule that is ours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LiveName(String);

fn is_slug(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

impl TryFrom<String> for ScheduleName {
    type Error = InvalidName;
    fn try_from(raw: String) -> Result<Self, InvalidName> {
        if is_slug(&raw, NAME_MAX) { Ok(Self(raw)) } else { Err(InvalidName(raw)) }
    }
}

impl TryFrom<String> for Owner {
    type Error = InvalidOwner;
    fn try_from(raw: String) -> Result<Self, InvalidOwner> {
        if is_slug(&raw, OWNER_MAX) { Ok(Self(raw)) } else { Err(InvalidOwner(raw)) }
    }
}

impl Default for Owner {
    fn default() -> Self {
        Self("dialctl".to_owned())
    }
}

impl Owner {
    /// The live name of one of this owner's schedules.
    pub fn live_name(&self, name: &ScheduleName) -> LiveName {
        LiveName(format!("{}/{}", self.0, name.0))
    }

    /// The manifest name inside a live name, when the live schedule is this owner's.
    pub fn owned_name<'a>(&self, live_name: &'a str) -> Option<&'a str> {
        live_name.strip_prefix(self.0.as_str())?.strip_prefix('/')
    }
}

impl ScheduleName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Owner {
    /// The owner as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl LiveName {
    /// The live name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ScheduleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for LiveName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_slugs_of_bounded_length() {
        for (text, ok) in [
            ("spring-renewals", true),
            ("a", true),
            ("", false),
            ("Spring", false),
            ("with space", false),
            ("with/slash", false),
            ("ä", false),
        ] {
            assert_eq!(ScheduleName::try_from(text.to_owned()).is_ok(), ok, "{text:?}");
        }
        assert!(ScheduleName::try_from("x".repeat(NAME_MAX)).is_ok());
        assert!(ScheduleName::try_from("x".repeat(NAME_MAX + 1)).is_err());
        assert!(Owner::try_from("x".repeat(OWNER_MAX + 1)).is_err());
    }

    #[test]
    fn only_the_whole_owner_before_the_slash_counts() {
        let owner = Owner::default();
        for (live, name) in [
            ("dialctl/spring", Some("spring")),
            ("dialctl2/spring", None),
            ("dialctl", None),
            ("spring", None),
            ("other/dialctl/spring", None),
        ] {
            assert_eq!(owner.owned_name(live), name, "{live}");
        }
        let longest = Owner::try_from("o".repeat(OWNER_MAX)).unwrap();
        let name = ScheduleName::try_from("n".repeat(NAME_MAX)).unwrap();
        assert_eq!(longest.live_name(&name).as_str().len(), 64);
    }
}

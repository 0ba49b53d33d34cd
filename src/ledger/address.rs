//! Where events go: the address of a receiver, whose path and query may be a secret.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

use super::canonical::Digest;

/// The address of a receiver. Only its scheme, host and port are ever shown, because webhook services
/// put secrets into paths and queries.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Url);

/// The text is not the address of a receiver. The message never repeats the text.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum InvalidAddress {
    /// It is not a URL.
    #[error("the webhook address is not a URL: {0}; write it as https://host/path")]
    NotAUrl(String),
    /// Its scheme is not HTTP.
    #[error("the webhook address has the scheme `{0}`; write it as https://host/path")]
    Scheme(String),
    /// It would send events over a network in the clear.
    #[error(
        "the webhook address uses plain http to {0}; use https (plain http is only for 127.0.0.1, ::1 and localhost)"
    )]
    Plain(String),
}

impl Address {
    /// Reads the address of a receiver: `https`, or `http` to this machine alone.
    ///
    /// # Errors
    /// What is wrong with it, without repeating it.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let url = Url::parse(text.trim()).map_err(|error| InvalidAddress::NotAUrl(error.to_string()))?;
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_this_machine(url.host_str().unwrap_or_default()) => Ok(Self(url)),
            "http" => Err(InvalidAddress::Plain(url.host_str().unwrap_or_default().to_owned())),
            other => Err(InvalidAddress::Scheme(other.to_owned())),
        }
    }

    /// Whether what is sent to it stays on this machine.
    pub fn is_on_this_machine(&self) -> bool {
        is_this_machine(self.0.host_str().unwrap_or_default())
    }

    /// Whether it has parts that are secrets more often than not: a user, a password, a query, a fragment.
    pub fn has_secret_parts(&self) -> bool {
        let url = &self.0;
        let has_user = !url.username().is_empty() || url.password().is_some();
        has_user || url.query().is_some() || url.fragment().is_some()
    }

    /// What tells it from all other addresses without showing it.
    pub fn digest(&self) -> String {
        Digest::of(self.0.as_str().as_bytes()).to_string()
    }

    /// The whole address, for sending alone.
    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

fn is_this_machine(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.origin().ascii_serialization())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_scheme_host_and_port_are_shown() {
        for (text, shown) in [
            ("https://user:s3cret@wfm.example/s3cret?key=s3cret#s3cret", "https://wfm.example"),
            (" https://wfm.example:8443/s3cret\n", "https://wfm.example:8443"),
            ("http://localhost:9000/s3cret", "http://localhost:9000"),
            ("http://127.0.0.1/s3cret", "http://127.0.0.1"),
            ("http://127.9.9.9/", "http://127.9.9.9"),
            ("http://[::1]:9000/", "http://[::1]:9000"),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!(format!("{address:?}"), format!("Address({shown})"));
        }
    }

    #[test]
    fn what_often_is_a_secret_is_known() {
        for (text, has) in [
            ("https://wfm.example/path", false),
            ("https://me@wfm.example/", true),
            ("https://:s3cret@wfm.example/", true),
            ("https://wfm.example/?key=s3cret", true),
            ("https://wfm.example/#s3cret", true),
        ] {
            assert_eq!(Address::parse(text).unwrap().has_secret_parts(), has, "{text}");
        }
    }

    #[test]
    fn other_addresses_are_refused_without_being_repeated() {
        for (text, says) in [
            ("http://wfm.example/s3cret", "plain http to wfm.example"),
            ("http://localhost.example/s3cret", "plain http to localhost.example"),
            ("http://10.0.0.1/s3cret", "plain http to 10.0.0.1"),
            ("ftp://wfm.example/s3cret", "the scheme `ftp`"),
            ("wfm.example/s3cret", "not a URL"),
            ("https://[s3cret", "not a URL"),
            ("", "not a URL"),
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(error.to_string().contains(says), "{error}");
            assert!(error.to_string().contains("https"), "{error}");
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error}");
        }
    }
}

//! Endpoints: the two addresses that every conversation needs.

use std::net::IpAddr;

use reqwest::Url;

use super::Region;

/// Where the API and the login answer. Made only by [`Endpoints::resolve`], so that both are safe to
/// send credentials to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    api: Url,
    login: Url,
}

/// The addresses cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEndpoint {
    /// Neither a region nor an address of the API was given.
    #[error("no region is set: set GENESYS_ENV or `genesys.region`, for example to `us-east-1`")]
    NoRegion,
    /// The text is not an address at all.
    #[error("`{0}` is not a URL: write it as https://host[:port][/path]")]
    NotAUrl(String),
    /// Credentials would travel unprotected, or not over HTTP.
    #[error("`{0}` must be an https URL: plain http is accepted only for this machine (127.0.0.1, ::1, localhost)")]
    NotHttps(String),
    /// The address carries a name or a password. It is not repeated here, because that may be a secret.
    #[error("the URL for host `{0}` carries a user name or password: remove it, credentials come from the environment")]
    Userinfo(String),
    /// The address carries more than a place. Only its host is repeated: a query may hold a secret.
    #[error("the URL for host `{0}` has a query or a fragment: give only scheme, host, port and path")]
    QueryOrFragment(String),
}

impl Endpoints {
    /// The addresses of a region, each replaced by its override where one is given.
    ///
    /// Where only the API is overridden, the login is derived from it as the official SDKs do: `//api.`
    /// becomes `//login.`; any other host serves both.
    pub fn resolve(
        region: Option<Region>,
        api_url: Option<&str>,
        login_url: Option<&str>,
    ) -> Result<Self, InvalidEndpoint> {
        let api = match (api_url, region) {
            (Some(text), _) => checked(text)?,
            (None, Some(region)) => checked(&format!("https://api.{}", region.domain))?,
            (None, None) => return Err(InvalidEndpoint::NoRegion),
        };
        let login = match login_url {
            Some(text) => checked(text)?,
            None => checked(&api.as_str().replacen("//api.", "//login.", 1))?,
        };
        Ok(Self { api, login })
    }

    /// The base of the API, without `/api/v2`.
    pub fn api(&self) -> &Url {
        &self.api
    }

    /// The base of the login, without `/oauth/token`.
    pub fn login(&self) -> &Url {
        &self.login
    }

    /// Whether no request leaves this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.api) && is_loopback(&self.login)
    }
}

fn checked(text: &str) -> Result<Url, InvalidEndpoint> {
    let url = Url::parse(text.trim()).map_err(|_| InvalidEndpoint::NotAUrl(bare(text)))?;
    let Some(host) = url.host_str() else { return Err(InvalidEndpoint::NotAUrl(bare(text))) };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(InvalidEndpoint::Userinfo(host.to_owned()));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(InvalidEndpoint::QueryOrFragment(host.to_owned()));
    }
    let protected = url.scheme() == "https" || url.scheme() == "http" && is_loopback(&url);
    if protected { Ok(url) } else { Err(InvalidEndpoint::NotHttps(text.to_owned())) }
}

/// What does not parse may still hold a password before an `@`, or a secret in its query.
fn bare(text: &str) -> String {
    if text.contains(['@', '?', '#']) { "…".to_owned() } else { text.to_owned() }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let literal = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || literal.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolved(api: Option<&str>, login: Option<&str>) -> Result<(String, String), InvalidEndpoint> {
        let region = Region::named("eu-central-1").ok();
        Endpoints::resolve(region, api, login).map(|found| (found.api.to_string(), found.login.to_string()))
    }

    #[test]
    fn overrides_replace_the_region_and_derive_the_login() {
        for (api, login, expected) in [
            (None, None, ("https://api.mypurecloud.de/", "https://login.mypurecloud.de/")),
            (Some("https://api.example.com/"), None, ("https://api.example.com/", "https://login.example.com/")),
            (Some("https://gw.example.com/g/"), None, ("https://gw.example.com/g/", "https://gw.example.com/g/")),
            (Some("http://127.0.0.1:8080"), None, ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/")),
            (Some("http://[::1]:80"), None, ("http://[::1]/", "http://[::1]/")),
            (None, Some("http://localhost:9"), ("https://api.mypurecloud.de/", "http://localhost:9/")),
        ] {
            let expected = (expected.0.to_owned(), expected.1.to_owned());
            assert_eq!(resolved(api, login), Ok(expected), "{api:?} {login:?}");
        }
        assert_eq!(Endpoints::resolve(None, None, None), Err(InvalidEndpoint::NoRegion));
    }

    #[test]
    fn every_region_has_usable_endpoints() {
        for region in Region::ALL {
            let endpoints = Endpoints::resolve(Some(region), None, None).unwrap();
            assert_eq!(endpoints.api().host_str(), Some(format!("api.{}", region.domain).as_str()));
            assert_eq!(endpoints.login().host_str(), Some(format!("login.{}", region.domain).as_str()));
            assert!(!endpoints.is_loopback());
        }
    }

    #[test]
    fn unsafe_addresses_are_refused_without_showing_a_password() {
        for text in [
            "http://api.example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://128.0.0.1",
            "ftp://127.0.0.1",
            "https://user:hunter2@api.example.com",
            "http://user:hunter2@[bad",
            "https://api.example.com/?a=1",
            "https://api.example.com/#a",
            "api.example.com",
            "",
        ] {
            let error = resolved(Some(text), None).expect_err(text);
            assert!(!error.to_string().contains("hunter2"), "{error}");
            assert!(resolved(None, Some(text)).is_err(), "{text}");
        }
    }
}

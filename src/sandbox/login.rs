//! The client credentials grant (RFC 6749, section 4.4) as the login service answers it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

/// Why no token is given out. The token endpoint has an error body of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoginError {
    /// 400: no client has this id.
    UnknownClient,
    /// 401: the secret is wrong, or no credentials were sent.
    WrongSecret,
    /// 400: the body is not a form, or says nothing about the grant.
    NoGrant,
    /// 400: another grant than client credentials.
    OtherGrant,
}

/// Checks the credentials and the form of a token request. `form` is `None` when the body is not one.
///
/// # Errors
/// What is wrong; the client comes before the form.
pub fn check(
    authorization: Option<&str>,
    form: Option<&[(String, String)]>,
    client_id: &str,
    client_secret: &SecretString,
) -> Result<(), LoginError> {
    let (id, secret) = authorization.and_then(basic).ok_or(LoginError::WrongSecret)?;
    if id != client_id {
        return Err(LoginError::UnknownClient);
    }
    if secret.expose_secret() != client_secret.expose_secret() {
        return Err(LoginError::WrongSecret);
    }
    let grant = form.into_iter().flatten().find(|(name, _)| name == "grant_type");
    match grant.map(|(_, grant)| grant.as_str()) {
        Some("client_credentials") => Ok(()),
        Some(_) => Err(LoginError::OtherGrant),
        None => Err(LoginError::NoGrant),
    }
}

fn basic(header: &str) -> Option<(String, SecretString)> {
    let (scheme, encoded) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("basic").then_some(())?;
    let text = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((id.to_owned(), secret.into()))
}

impl LoginError {
    /// The HTTP status.
    pub const fn status(self) -> u16 {
        match self {
            Self::WrongSecret => 401,
            Self::UnknownClient | Self::NoGrant | Self::OtherGrant => 400,
        }
    }

    /// The `OAuthError` of the service's document.
    pub fn body(self) -> Value {
        let (error, description) = match self {
            Self::UnknownClient => ("invalid_client", "client not found"),
            Self::WrongSecret => ("invalid_client", "authentication failed"),
            Self::NoGrant => ("invalid_request", "grant_type is missing: send it in a form-encoded body"),
            Self::OtherGrant => ("unsupported_grant_type", "grant_type must be client_credentials"),
        };
        json!({"error": error, "description": description, "error_description": description})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_needs_the_right_client_the_right_secret_and_the_grant() {
        let basic = |credentials: &str| format!("Basic {}", STANDARD.encode(credentials));
        let grant = |grant: &str| Some(vec![("grant_type".to_owned(), grant.to_owned())]);
        for (header, form, outcome) in [
            (Some(basic("me:s:3")), grant("client_credentials"), Ok(())),
            (Some(basic("you:s:3")), grant("client_credentials"), Err(LoginError::UnknownClient)),
            (Some(basic("me:wrong")), grant("client_credentials"), Err(LoginError::WrongSecret)),
            (Some(basic("me")), grant("client_credentials"), Err(LoginError::WrongSecret)),
            (Some("Basic ???".to_owned()), grant("client_credentials"), Err(LoginError::WrongSecret)),
            (Some("Bearer x".to_owned()), grant("client_credentials"), Err(LoginError::WrongSecret)),
            (None, grant("client_credentials"), Err(LoginError::WrongSecret)),
            (Some(basic("me:s:3")), grant("password"), Err(LoginError::OtherGrant)),
            (Some(basic("me:s:3")), Some(Vec::new()), Err(LoginError::NoGrant)),
            (Some(basic("me:s:3")), None, Err(LoginError::NoGrant)),
        ] {
            let secret = SecretString::from("s:3");
            assert_eq!(check(header.as_deref(), form.as_deref(), "me", &secret), outcome, "{header:?}");
        }
    }
}

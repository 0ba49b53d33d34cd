//! Signatures of messages as Standard Webhooks has them: HMAC-SHA256 with a secret that both sides know.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ring::hmac;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret as _, SecretSlice};

/// What every secret begins with.
const PREFIX: &str = "whsec_";

/// How long a secret may be, in bytes, as the standard has it.
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// A secret that messages are signed with. Shows nothing of itself.
#[derive(Clone)]
pub struct SigningSecret(SecretSlice<u8>);

/// The text is no secret to sign with. The message never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "it is no signing secret: write it as `whsec_` and 24 to 64 random bytes in Base64, for example what \
     `echo whsec_$(openssl rand -base64 32)` prints"
)]
pub struct InvalidSecret;

impl SigningSecret {
    /// Reads a secret: `whsec_` and 24 to 64 bytes in Base64.
    ///
    /// # Errors
    /// When it is anything else.
    pub fn parse(text: &str) -> Result<Self, InvalidSecret> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(InvalidSecret)?;
        let bytes = Zeroizing::new(BASE64_STANDARD.decode(encoded).map_err(|_| InvalidSecret)?);
        if !LENGTHS.contains(&bytes.len()) {
            return Err(InvalidSecret);
        }
        Ok(Self(SecretSlice::from(bytes.to_vec())))
    }

    /// Reads secrets with blanks between them; all of them sign, so that receivers can change from one to the next.
    ///
    /// # Errors
    /// When one of them is none, or there is none at all.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, InvalidSecret> {
        let secrets: Vec<Self> = text.split_whitespace().map(Self::parse).collect::<Result<_, _>>()?;
        if secrets.is_empty() { Err(InvalidSecret) } else { Ok(secrets) }
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(..)")
    }
}

/// The value of `webhook-signature`: one signature with each secret, blanks between them; nothing without a secret.
/// `timestamp` is that of the attempt, in seconds since the Unix epoch.
pub fn signatures(secrets: &[SigningSecret], id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let each = secrets.iter().map(|secret| {
        let mut signing = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, secret.0.expose_secret()));
        signing.update(format!("{id}.{timestamp}.").as_bytes());
        signing.update(body);
        format!("v1,{}", BASE64_STANDARD.encode(signing.sign()))
    });
    Some(each.collect::<Vec<_>>().join(" ")).filter(|signatures| !signatures.is_empty())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A secret of 24 bytes that nobody uses.
    pub const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_example_of_the_standard_has_its_signature() {
        let secrets = SigningSecret::parse_all(SECRET).unwrap();
        let signed = signatures(&secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn every_secret_signs() {
        let other = format!("whsec_{}", BASE64_STANDARD.encode([7; 64]));
        let sign = |secrets: &str| signatures(&SigningSecret::parse_all(secrets).unwrap(), "id", 1, b"{}").unwrap();
        assert_eq!(sign(&format!(" {SECRET}  {other}\n")), format!("{} {}", sign(SECRET), sign(&other)));
        assert_ne!(sign(SECRET), sign(&other));
        assert_eq!(signatures(&[], "id", 1, b"{}"), None);
    }

    #[test]
    fn what_is_no_secret_is_refused_without_being_repeated() {
        let of = |length: usize| format!("whsec_{}", BASE64_STANDARD.encode(vec![b's'; length]));
        for text in ["", " ", "whsec_", &SECRET[6..], "whsec_s3cret!", &of(23), &of(65), &format!("{SECRET} s3cret")] {
            assert!(SigningSecret::parse_all(text).is_err(), "{text}");
        }
        for text in [SECRET, &of(24), &of(64)] {
            let secrets = SigningSecret::parse_all(text).unwrap();
            assert_eq!(format!("{secrets:?}"), "[SigningSecret(..)]");
        }
        assert!(InvalidSecret.to_string().contains("openssl rand"));
    }
}

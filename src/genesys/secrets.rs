//! Secrets kept out of what is shown: a server or a proxy may repeat the request in its answer.

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

/// What stands in the place of a secret.
const MASK: &str = "[secret]";
/// Shorter texts are no secrets, and masking them would make words unreadable.
const SHORTEST: usize = 6;

/// The secrets that a request carries, in every notation in which an answer may repeat them.
#[derive(Clone, Default)]
pub(super) struct Secrets(Arc<[SecretString]>);

impl Secrets {
    /// These secrets. The padding of Base64 says nothing and may be escaped, so it does not count.
    pub(super) fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let long = texts.into_iter().map(|text| text.trim_end_matches('=')).filter(|text| text.len() >= SHORTEST);
        let mut notations: Vec<String> =
            long.flat_map(|text| [text.to_owned(), percent(text), entities(text)]).collect();
        // A secret within another one is masked last, so that it leaves nothing of the other.
        notations.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        notations.dedup();
        Self(notations.into_iter().map(SecretString::from).collect())
    }

    /// The text without them.
    pub(super) fn hidden_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| text.replace(secret.expose_secret(), MASK))
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secrets(..)")
    }
}

fn percent(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn entities(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    escaped.replace('"', "&quot;").replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_masked_in_every_notation() {
        let secrets = Secrets::new(["hunter2/<x>", "aHVudGVyMg==", "hunter2/<x>yz", "ab"]);
        for (text, shown) in [
            ("secret hunter2/<x>!", "secret [secret]!"),
            ("?s=hunter2%2F%3Cx%3E&t=1", "?s=[secret]&t=1"),
            ("<b>hunter2/&lt;x&gt;</b>", "<b>[secret]</b>"),
            ("Basic aHVudGVyMg%3D%3D", "Basic [secret]%3D%3D"),
            ("hunter2/<x>yz", "[secret]"),
            ("ab is too short to be a secret", "ab is too short to be a secret"),
        ] {
            assert_eq!(secrets.hidden_in(text), shown);
        }
        assert_eq!(format!("{secrets:?}"), "Secrets(..)");
    }
}

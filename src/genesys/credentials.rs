//! Credentials: how the program proves who it is.

use std::fmt;

use secrecy::SecretString;

/// How the program proves who it is. Shows nothing of itself.
#[derive(Clone)]
pub enum Credentials {
    /// An OAuth client of the grant type "client credentials".
    Client {
        /// Its id.
        id: String,
        /// Its secret.
        secret: SecretString,
    },
    /// A ready token. It cannot be renewed.
    Token(SecretString),
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Client { .. } => "Client(..)",
            Self::Token(_) => "Token(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_neither_id_nor_secret() {
        let client = Credentials::Client { id: "the-id".into(), secret: "hunter2".into() };
        assert_eq!(format!("{client:?} {:?}", Credentials::Token("hunter2".into())), "Client(..) Token(..)");
    }
}

//! Profiles of `gc`, the vendor's command line client: a region and credentials under a name.
//!
//! The file and its keys are those of the client's own README and `config.go`: `~/.gc/config.toml` with a table for
//! each profile, in it `environment`, `client_credentials` (the id), `client_secret`, `access_token`.

use std::io;
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use toml::{Table, Value};

use super::settings::Environment;
use crate::genesys::Credentials;

/// The largest file of profiles that is read, in bytes.
const SIZE_MAX: u64 = 256 * 1024;

/// What a profile says.
#[derive(Clone, Debug)]
pub struct Profile {
    /// The region, by AWS name or domain, where it names one.
    pub region: Option<String>,
    /// Who the program is.
    pub credentials: Credentials,
}

/// A profile cannot be used. No message repeats a value, which may be a secret.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// Nobody knows where the file would be.
    #[error("--profile needs the home directory, and HOME is not set; set it, or give credentials by variables")]
    NoHome,
    /// The file cannot be read.
    #[error(
        "cannot read the profiles of `gc` in {}: {source}; create one with `gc profiles new`, or give credentials by \
         variables",
        .path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file is not what `gc` writes.
    #[error("{}{place}: {reason}", .path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// `:line:column`, where it is known.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// There is no such profile.
    #[error("{} has no profile `{name}`; it has {}", .path.display(), list(.names))]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The name that was asked for.
        name: String,
        /// The names that there are.
        names: Vec<String>,
    },
    /// The profile does not say who the program is.
    #[error(
        "the profile `{name}` in {} has neither `client_credentials` with `client_secret` nor `access_token`; add the \
         credentials of an OAuth client with the grant Client Credentials",
        .path.display()
    )]
    NoCredentials {
        /// The file.
        path: PathBuf,
        /// The name of the profile.
        name: String,
    },
}

impl Profile {
    /// Reads a profile from the file of the user whose environment this is.
    ///
    /// # Errors
    /// When the file cannot be read, has no such profile, or one without credentials.
    pub fn read(name: &str, environment: Environment<'_>) -> Result<Self, ProfileError> {
        let home = ["HOME", "USERPROFILE"].iter().find_map(|name| environment(name).filter(|home| !home.is_empty()));
        let path = Path::new(&home.ok_or(ProfileError::NoHome)?).join(".gc").join("config.toml");
        let unreadable = |source| ProfileError::Unreadable { path: path.clone(), source };
        let metadata = std::fs::metadata(&path).map_err(unreadable)?;
        if !metadata.is_file() || metadata.len() > SIZE_MAX {
            let reason = format!("it is not a file of at most {SIZE_MAX} bytes");
            return Err(ProfileError::Broken { path, place: String::new(), reason });
        }
        let text = std::fs::read_to_string(&path).map_err(unreadable)?;
        Self::parse(&path, &text, name)
    }

    fn parse(path: &Path, text: &str, name: &str) -> Result<Self, ProfileError> {
        let path = || path.to_owned();
        let profiles: Table = text.parse().map_err(|error: toml::de::Error| {
            let place = error.span().map(|span| place(text, span.start)).unwrap_or_default();
            ProfileError::Broken { path: path(), place, reason: "this is not TOML".to_owned() }
        })?;
        let Some(Value::Table(profile)) = profiles.get(name) else {
            let names = profiles.iter().filter(|(_, value)| value.is_table()).map(|(name, _)| name.clone()).collect();
            return Err(ProfileError::Unknown { path: path(), name: name.to_owned(), names });
        };
        let text = |key: &str| match profile.get(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Some(other) => {
                let reason = format!("`{key}` of the profile `{name}` must be a text, not {}", other.type_str());
                Err(ProfileError::Broken { path: path(), place: String::new(), reason })
            }
        };
        let secret = |key: &str| text(key).map(|text| text.map(SecretString::from));
        let region = text("environment")?;
        // In the order of `gc` itself: a token that somebody wrote down is used as it is.
        let credentials = match (secret("access_token")?, text("client_credentials")?, secret("client_secret")?) {
            (Some(token), _, _) => Credentials::Token(token),
            (None, Some(id), Some(secret)) => Credentials::Client { id, secret },
            (None, _, _) => return Err(ProfileError::NoCredentials { path: path(), name: name.to_owned() }),
        };
        let unused = |key: &&String| key.starts_with("proxy_") || key.starts_with("gateway_");
        if let Some(key) = profile.keys().find(unused) {
            tracing::warn!(
                "`{key}` of the profile `{name}` is not used: set HTTPS_PROXY for a proxy, --api-url and --login-url for \
                 a gateway"
            );
        }
        Ok(Self { region, credentials })
    }
}

/// The place of a byte as `:line:column`, both from 1.
fn place(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!(":{line}:{column}")
}

fn list(names: &[String]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    const FILE: &str = r#"
[DEFAULT]
environment = "mypurecloud.de"
client_credentials = "the-id"
client_secret = "hunter2"
logging_enabled = false

[ready]
access_token = "hunter2"
environment = ""
client_credentials = "the-id"
client_secret = "hunter3"

[implicit]
environment = "mypurecloud.com"
grant_type = "2"
client_credentials = "the-id"
client_secret = " "

[odd]
client_credentials = 12345
"#;

    fn parse(text: &str, name: &str) -> Result<Profile, String> {
        Profile::parse(Path::new("config.toml"), text, name).map_err(|error| error.to_string())
    }

    #[test]
    fn a_profile_gives_region_and_credentials() {
        let default = parse(FILE, "DEFAULT").unwrap();
        assert_eq!(default.region.as_deref(), Some("mypurecloud.de"));
        let Credentials::Client { id, secret } = default.credentials else { panic!("no client") };
        assert_eq!((id.as_str(), secret.expose_secret()), ("the-id", "hunter2"));
        let ready = parse(FILE, "ready").unwrap();
        assert_eq!(ready.region, None);
        assert!(matches!(ready.credentials, Credentials::Token(token) if token.expose_secret() == "hunter2"));
    }

    #[test]
    fn what_is_wrong_is_told_without_a_value() {
        for (text, name, told) in [
            (FILE, "DEFUALT", "has no profile `DEFUALT`; it has `DEFAULT`, `implicit`, `odd`, `ready`"),
            (FILE, "implicit", "the profile `implicit` in config.toml has neither `client_credentials`"),
            (FILE, "odd", "config.toml: `client_credentials` of the profile `odd` must be a text, not integer"),
            ("", "DEFAULT", "has no profile `DEFAULT`; it has none"),
            ("a = 1\n", "a", "has no profile `a`; it has none"),
            ("[DEFAULT]\nclient_secret = \"hunter2\n", "DEFAULT", "config.toml:2:"),
            ("[DEFAULT]\nclient_secret = hunter2\n", "DEFAULT", "config.toml:2:17: this is not TOML"),
        ] {
            let message = parse(text, name).unwrap_err();
            assert!(message.contains(told), "{message}");
            assert!(!message.contains("hunter2") && !message.contains("12345"), "{message}");
        }
    }

    #[test]
    fn the_file_is_below_the_home_directory() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().to_str().unwrap().to_owned();
        let environment = |name: &str| (name == "HOME").then(|| path.clone());
        let message = Profile::read("DEFAULT", &environment).unwrap_err().to_string();
        assert!(message.contains("config.toml") && message.contains("gc profiles new"), "{message}");
        std::fs::create_dir(home.path().join(".gc")).unwrap();
        std::fs::write(home.path().join(".gc/config.toml"), FILE).unwrap();
        assert!(Profile::read("DEFAULT", &environment).is_ok());
        assert!(Profile::read("DEFAULT", &|_| None).unwrap_err().to_string().contains("HOME is not set"));
    }
}

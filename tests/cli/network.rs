//! Networks as they are: proxies, certificates of somebody else, names that do not exist.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::support::{Ran, Workspace};

/// A listener that reads the head of each request, answers with a status, and remembers the first lines.
struct Proxy {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    fn answering(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let memory = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let head = head(&mut stream);
                memory.lock().unwrap().push(head.lines().next().unwrap_or_default().to_owned());
                let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap_or_default() == 1 {
        head.push(byte[0]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

/// A server with a certificate of its own, for `localhost`, that answers everything with a token.
struct TlsServer {
    url: String,
    certificate: String,
    _runtime: tokio::runtime::Runtime,
}

impl TlsServer {
    fn start() -> Self {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
        let _ = rustls::crypto::ring::default_provider().install_default();
        let config = ServerConfig::builder().with_no_client_auth();
        let acceptor =
            TlsAcceptor::from(Arc::new(config.with_single_cert(vec![made.cert.der().clone()], key).unwrap()));
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move { Self::serve(acceptor.accept(stream).await?).await });
            }
        });
        Self { url, certificate: made.cert.pem(), _runtime: runtime }
    }

    async fn serve(mut stream: tokio_rustls::server::TlsStream<tokio::net::TcpStream>) -> std::io::Result<()> {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut head, mut part) = (Vec::new(), [0; 4096]);
        loop {
            let read = stream.read(&mut part).await?;
            head.extend(&part[..read]);
            let text = String::from_utf8_lossy(&head);
            if read == 0 || text.contains("\r\n\r\n") && (text.starts_with("GET") || text.ends_with("credentials")) {
                break;
            }
        }
        let is_login = head.starts_with(b"POST /oauth/token");
        let body = if is_login { r#"{"access_token": "token", "expires_in": 86400}"# } else { "[]" };
        let length = body.len();
        let answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(answer.as_bytes()).await?;
        stream.shutdown().await
    }
}

/// A folder with a manifest, credentials, and no patience.
fn workspace() -> Workspace {
    let mut workspace = Workspace::with_examples();
    workspace.write("dialctl.yaml", "retry: {maxAttempts: 1}\n");
    workspace.set("GENESYS_CLIENT_ID", "me");
    workspace.set("GENESYS_CLIENT_SECRET", "hunter2-secret");
    workspace
}

#[track_caller]
fn fails(workspace: &Workspace, told: &[&str]) -> Ran {
    let ran = workspace.run(&["plan", "schedules/voice/europe.yaml"]).exits(1);
    for part in told {
        assert!(ran.stderr.contains(part), "{part:?} is missing:\n{}", ran.stderr);
    }
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
    ran
}

#[test]
fn a_proxy_is_asked_for_a_tunnel_and_its_refusals_are_told() {
    for (status, told) in [
        ("407 Proxy Authentication Required", &["asks for a name and a password", "HTTPS_PROXY"][..]),
        (
            "502 Bad Gateway",
            &["the proxy makes no connection to login.mypurecloud.de", "NO_PROXY=login.mypurecloud.de"],
        ),
    ] {
        let proxy = Proxy::answering(status);
        let mut workspace = workspace();
        workspace.set("GENESYS_ENV", "eu-central-1");
        // A password of the proxy is a secret too.
        workspace.set("HTTPS_PROXY", &proxy.url.replace("//", "//somebody:hunter2@"));
        fails(&workspace, told);
        assert_eq!(proxy.asked(), ["CONNECT login.mypurecloud.de:443 HTTP/1.1"]);
    }
}

#[test]
fn what_no_proxy_names_goes_past_the_proxy() {
    let proxy = Proxy::answering("502 Bad Gateway");
    let mut workspace = workspace();
    workspace.set("HTTPS_PROXY", &proxy.url);
    workspace.set("NO_PROXY", "other.invalid,.nowhere.invalid");
    workspace.set("DIALCTL_API_URL", "https://api.nowhere.invalid");
    fails(&workspace, &["the name login.nowhere.invalid cannot be resolved", "check the region and the DNS"]);
    assert_eq!(proxy.asked(), [""; 0]);
}

#[test]
fn what_stays_on_this_machine_goes_past_the_proxy() {
    let proxy = Proxy::answering("502 Bad Gateway");
    let server = TlsServer::start();
    let mut workspace = workspace();
    workspace.set("HTTPS_PROXY", &proxy.url);
    workspace.set("DIALCTL_API_URL", &server.url);
    fails(&workspace, &["the TLS connection to localhost"]);
    assert_eq!(proxy.asked(), [""; 0]);
}

#[test]
fn a_certificate_of_nobody_known_is_refused_until_its_authority_is_given() {
    let server = TlsServer::start();
    let mut workspace = workspace();
    workspace.set("DIALCTL_API_URL", &server.url);
    fails(&workspace, &["cannot reach the server", "the TLS connection to localhost", "UnknownIssuer", "--ca-file"]);

    workspace.write("authority.pem", &server.certificate);
    let by_flag = workspace.run(&["plan", "schedules/voice/europe.yaml", "--ca-file", "authority.pem"]).exits(0);
    assert!(by_flag.stdout.contains("to create"), "{by_flag}");
    workspace.set("DIALCTL_CA_FILE", "authority.pem");
    workspace.run(&["plan", "schedules/voice/europe.yaml"]).exits(0);
}

#[test]
fn a_file_without_certificates_is_told() {
    let workspace = workspace();
    workspace.write("key.pem", "-----BEGIN CERTIFICATE-----\nbm90aGluZw==\n");
    workspace.write("empty.pem", "");
    for (file, code, told) in [
        ("none.pem", 1, "cannot read the certificates in none.pem"),
        ("empty.pem", 3, "empty.pem holds no certificates"),
        ("key.pem", 3, "key.pem holds no certificates"),
        ("schedules", 3, "schedules holds no certificates"),
    ] {
        let ran = workspace.run(&["plan", "--region", "eu-central-1", "--ca-file", file]).exits(code);
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
}

#[test]
fn a_port_without_a_server_is_told() {
    let mut workspace = workspace();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    workspace.set("DIALCTL_API_URL", &format!("http://127.0.0.1:{port}"));
    fails(&workspace, &["refuses connections: check the address and that it is up"]);
}

#[test]
fn a_profile_of_the_vendors_client_gives_region_and_credentials() {
    let proxy = Proxy::answering("502 Bad Gateway");
    let mut workspace = workspace();
    workspace.write(
        "home/.gc/config.toml",
        "[eu]\nenvironment = \"mypurecloud.ie\"\nclient_credentials = \"id\"\nclient_secret = \"hunter2\"\n",
    );
    workspace.set("HOME", workspace.path("home").to_str().unwrap());
    workspace.set("HTTPS_PROXY", &proxy.url);
    workspace.set("GENESYS_ENV", "eu-central-1");
    workspace.run(&["plan", "--profile", "eu"]).exits(1);
    assert_eq!(proxy.asked(), ["CONNECT login.mypurecloud.ie:443 HTTP/1.1"]);
    let unknown = workspace.run(&["plan", "--profile", "us"]).exits(3);
    assert!(unknown.stderr.contains("has no profile `us`; it has `eu`"), "{}", unknown.stderr);
    workspace.run(&["plan", "--profile", "eu", "--sandbox"]).exits(64);
}

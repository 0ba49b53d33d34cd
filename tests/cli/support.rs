//! A folder to run the program in, a sandbox to run it against, and what it printed.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use dialctl::ledger::chain::{Head, check_line};
use serde_json::Value;
use tempfile::TempDir;

/// The id of the sandbox's client, when none is set.
pub const CLIENT_ID: &str = "sandbox";
/// The secret of the sandbox's client, when none is set.
pub const CLIENT_SECRET: &str = "sandbox-secret";

/// A folder to run the program in, with an environment of its own.
pub struct Workspace {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

/// What a run printed, and how it ended.
pub struct Ran {
    pub stdout: String,
    pub stderr: String,
    pub code: Option<i32>,
}

/// A separately started `dialctl sandbox`. Ends when it is dropped.
pub struct SandboxProcess {
    /// The process.
    pub child: Child,
    /// Where it listens.
    pub url: String,
}

impl Workspace {
    /// An empty folder.
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), variables: Vec::new() }
    }

    /// A folder with the project's example manifests.
    pub fn with_examples() -> Self {
        let workspace = Self::new();
        copy_tree(&Path::new(env!("CARGO_MANIFEST_DIR")).join("schedules"), &workspace.path("schedules"));
        workspace
    }

    /// A path in the folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Writes a file, with the folders above it.
    pub fn write(&self, relative: &str, content: impl AsRef<[u8]>) {
        let path = self.path(relative);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    /// Reads a file.
    pub fn read(&self, relative: &str) -> String {
        std::fs::read_to_string(self.path(relative)).unwrap()
    }

    /// Replaces text that must be there in a file.
    pub fn replace(&self, relative: &str, old: &str, new: &str) {
        let text = self.read(relative);
        assert!(text.contains(old), "{relative} has no {old:?}");
        self.write(relative, text.replace(old, new));
    }

    /// Sets an environment variable for all further runs.
    pub fn set(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Points all further runs at a sandbox.
    pub fn connect(&mut self, sandbox: &SandboxProcess) {
        self.set("DIALCTL_API_URL", &sandbox.url);
        self.set("GENESYS_CLIENT_ID", CLIENT_ID);
        self.set("GENESYS_CLIENT_SECRET", CLIENT_SECRET);
    }

    /// The program, ready to be started here with nothing of this machine's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dialctl"));
        command.args(arguments);
        self.at_home(command)
    }

    /// A command that is to be started here with nothing of this machine's environment.
    pub fn at_home(&self, mut command: Command) -> Command {
        command.current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        // Else what a test may change depends on the day on which it runs.
        command.env("DIALCTL_GRACE", "0");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs the program.
    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(&mut self.command(arguments))
    }

    /// Starts a sandbox that knows the targets of this folder's manifests.
    pub fn sandbox(&self, arguments: &[&str]) -> SandboxProcess {
        let mut all = vec!["sandbox", "--listen", "127.0.0.1:0"];
        all.extend(arguments);
        let mut child = self.command(&all).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let first = lines.next().expect("the sandbox says where it listens").unwrap();
        let url = first.split_whitespace().find(|word| word.starts_with("http://"));
        let url = url.unwrap_or_else(|| panic!("no address in {first:?}")).to_owned();
        // Read on, so that a full pipe never holds the sandbox up.
        std::thread::spawn(move || lines.for_each(drop));
        SandboxProcess { child, url }
    }

    /// The records of the audit ledger.
    pub fn ledger(&self) -> Vec<Value> {
        let text = self.read(".dialctl/ledger.jsonl");
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The records of the audit ledger, which is one unbroken chain.
    #[track_caller]
    pub fn verified_ledger(&self) -> Vec<Value> {
        let mut head = Head::EMPTY;
        for line in self.read(".dialctl/ledger.jsonl").lines() {
            head = check_line(Some(&head), line).unwrap_or_else(|bad| panic!("{bad}: {line}"));
        }
        let records = self.ledger();
        assert_eq!(head.seq, records.len() as u64);
        records
    }
}

impl SandboxProcess {
    /// All requests that the sandbox has answered, oldest first.
    pub fn requests(&self) -> Vec<Value> {
        let url = format!("{}/sandbox/requests", self.url);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let _ = rustls::crypto::ring::default_provider().install_default();
            reqwest::Client::new().get(url).send().await.unwrap().json().await.unwrap()
        })
    }

    /// Gives the live schedule of a campaign another name, as somebody else.
    pub fn rename_live(&self, campaign: &str, name: &str) {
        let url = format!("{}/api/v2/outbound/schedules/campaigns/{campaign}", self.url);
        let token = format!("{}/oauth/token", self.url);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let _ = rustls::crypto::ring::default_provider().install_default();
            let http = reqwest::Client::new();
            let login = http.post(token).basic_auth(CLIENT_ID, Some(CLIENT_SECRET));
            let login = login.form(&[("grant_type", "client_credentials")]).send().await.unwrap();
            let token = login.json::<Value>().await.unwrap()["access_token"].as_str().unwrap().to_owned();
            let stored = http.get(&url).bearer_auth(&token).send().await.unwrap();
            let mut schedule = stored.json::<Value>().await.unwrap();
            schedule["name"] = Value::from(name);
            let written = http.put(&url).bearer_auth(&token).json(&schedule).send().await.unwrap();
            assert_eq!(written.status(), 200, "{}", written.text().await.unwrap());
        });
    }

    /// How many writes the sandbox was asked for.
    pub fn writes(&self) -> usize {
        let is_write = |request: &Value| {
            let api = request["path"].as_str().is_some_and(|path| path.starts_with("/api/"));
            api && request["method"] != "GET"
        };
        self.requests().iter().filter(|request| is_write(request)).count()
    }
}

impl Drop for SandboxProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Ran {
    /// Runs a command to its end.
    pub fn of(command: &mut Command) -> Self {
        Self::from(command.output().unwrap())
    }

    /// Waits for the end of a run whose outputs are pipes, or were taken.
    pub fn ended(child: Child) -> Self {
        Self::from(child.wait_with_output().unwrap())
    }

    fn from(output: Output) -> Self {
        Self {
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            code: output.status.code(),
        }
    }

    /// Fails with all that was printed unless the exit code is this one.
    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// Stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }

    /// Stdout as lines of JSON.
    #[track_caller]
    pub fn lines(&self) -> Vec<Value> {
        assert!(self.stdout.is_empty() || self.stdout.ends_with('\n'), "{}", self.stdout);
        let read = |line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
        self.stdout.lines().map(read).collect()
    }

    /// The last line of stdout as JSON: of an apply, how it ended.
    #[track_caller]
    pub fn last_line(&self) -> Value {
        self.lines().pop().unwrap_or_else(|| panic!("{self}"))
    }
}

/// Everything that a user sees of a run.
impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { stdout, stderr, code } = self;
        write!(f, "{stdout}")?;
        if !stderr.is_empty() {
            write!(f, "-- stderr --\n{stderr}")?;
        }
        match code {
            Some(code) => write!(f, "[exit status: {code}]"),
            None => write!(f, "[ended by a signal]"),
        }
    }
}

/// Runs assertions on snapshots in which what differs from run to run is neutral: times, ports, ids
/// made at random.
pub fn with_neutral_values(assertions: impl FnOnce()) {
    let mut settings = insta::Settings::clone_current();
    settings.add_filter(r"\b\d+ ms\b", "[N] ms");
    settings.add_filter(r"127\.0\.0\.1:\d+", "127.0.0.1:[PORT]");
    settings.add_filter(r"from \w{3} \d{4}-\d\d-\d\d \d\d:\d\d (\S+) \(.+? UTC\) on", "from [TIME] $1 on");
    // Which days these are, and whether there are any, depends on the day of the test.
    settings.add_filter(r"(?m)^ +in the next 14 days, .*\n(?: +(?:[+-] \w{3} \d{4}-|and \d+ more).*\n)*", "");
    settings.add_filter(r"correlation id [0-9a-f-]{36}", "correlation id [ID]");
    settings.bind(assertions);
}

/// Copies a folder with all that is in it.
pub fn copy_tree(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() { copy_tree(&from, &to) } else { std::fs::copy(from, to).map(drop).unwrap() }
    }
}

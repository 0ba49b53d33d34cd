//! The sample manifests in `tests/manifests`: valid ones without a finding, invalid ones with exactly the
//! findings that their first lines state.
//!
//! An invalid sample begins with a line `# expect: CODE LINE:COLUMN` for each finding, or `# expect: CODE`
//! where the finding has no place in the text. A folder is one sample of several files, each of which states
//! its own findings, and may have a `dialctl.yaml`. What cannot be read states nothing itself: `expect.txt`
//! speaks for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{Ran, Workspace};

const SETTINGS: &str = "dialctl.yaml";
const EXPECT: &str = "expect.txt";

/// One file or folder of samples.
struct Sample {
    name: String,
    /// Where the program runs.
    folder: PathBuf,
    files: Vec<String>,
}

fn samples(kind: &str) -> Vec<Sample> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manifests").join(kind);
    names(&root)
        .into_iter()
        .map(|name| {
            let path = root.join(&name);
            if path.is_dir() {
                let files = names(&path).into_iter().filter(|file| file != SETTINGS && file != EXPECT).collect();
                Sample { name, folder: path, files }
            } else {
                Sample { files: vec![name.clone()], name, folder: root.clone() }
            }
        })
        .collect()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

impl Sample {
    /// What the first lines of the files say, as `FILE: CODE LINE:COLUMN`.
    fn stated(&self) -> Vec<String> {
        let mut stated = Vec::new();
        for file in &self.files {
            let bytes = fs::read(self.folder.join(file)).or_else(|_| fs::read(self.folder.join(EXPECT))).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            let lines = text.trim_start_matches('\u{feff}').lines().map_while(|line| line.strip_prefix("# expect: "));
            stated.extend(lines.map(|line| format!("{file}: {line}")));
        }
        stated.sort();
        stated
    }

    /// How bad the codes are that it states; `None` where its own settings judge them.
    fn own_severities<'a>(
        &self,
        stated: &[String],
        severities: &'a BTreeMap<String, String>,
    ) -> Option<BTreeSet<&'a str>> {
        if self.folder.join(SETTINGS).exists() {
            return None;
        }
        let codes = stated.iter().filter_map(|line| line.split(' ').nth(1));
        Some(codes.map(|code| severities[code].as_str()).collect())
    }

    /// What `validate` says of it.
    fn validate(&self) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dialctl"));
        command.args(["validate", "--as-of", "2027-01-01T00:00:00Z", "--format", "json"]).args(&self.files);
        Ran::of(command.current_dir(&self.folder).env_clear().stdin(Stdio::null()))
    }
}

/// The findings of a run, in the words of a sample.
fn found(ran: &Ran) -> Vec<String> {
    let report = ran.json();
    let findings = report["findings"].as_array().unwrap();
    let mut found: Vec<String> = findings
        .iter()
        .map(|finding| {
            let (file, code) = (finding["file"].as_str().unwrap(), finding["code"].as_str().unwrap());
            let start = &finding["range"]["start"];
            let place = if start.is_null() { String::new() } else { format!(" {}:{}", start["line"], start["column"]) };
            format!("{file}: {code}{place}")
        })
        .collect();
    found.sort();
    found
}

/// Names every sample with what became of it, and fails when one is not as it should be.
fn judge(samples: &[Sample], fault: impl Fn(&Sample, &Ran) -> Option<String>) {
    let mut faults = Vec::new();
    for sample in samples {
        let ran = sample.validate();
        match fault(sample, &ran) {
            None => println!("{} ... ok", sample.name),
            Some(fault) => {
                println!("{} ... FAILED", sample.name);
                faults.push(format!("{}: {fault}\n{ran}", sample.name));
            }
        }
    }
    assert!(faults.is_empty(), "{} of {} samples:\n{}", faults.len(), samples.len(), faults.join("\n"));
}

#[test]
fn valid_samples_give_no_finding() {
    let samples = samples("valid");
    assert!(samples.len() >= 25);
    judge(&samples, |_, ran| {
        let found = found(ran);
        let is_good = found.is_empty() && ran.code == Some(0) && ran.stderr.is_empty();
        (!is_good).then(|| format!("found {found:?}"))
    });
}

#[test]
fn invalid_samples_give_the_findings_that_they_state() {
    let samples = samples("invalid");
    assert!(samples.len() >= 80);
    let listed = Workspace::new().run(&["explain", "--list", "--format", "json"]).exits(0).json();
    let text = |entry: &serde_json::Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let severities: BTreeMap<String, String> =
        listed.as_array().unwrap().iter().map(|entry| (text(entry, "code"), text(entry, "severity"))).collect();
    judge(&samples, |sample, ran| {
        let (stated, found) = (sample.stated(), found(ran));
        // A code's own severity decides, unless the sample comes with settings.
        let own = sample.own_severities(&stated, &severities);
        let is_stated = !stated.is_empty() && stated == found && ran.stderr.is_empty();
        let is_unread = stated.iter().any(|line| line.ends_with(": unreadable"));
        let exit = own.map(|own| if is_unread { 1 } else { 3 * i32::from(own.contains("error")) });
        let ends_so = exit.is_none_or(|exit| ran.code == Some(exit));
        (!is_stated || !ends_so).then(|| format!("stated {stated:?}, found {found:?}, exit {exit:?} was expected"))
    });
}

#[test]
fn samples_are_named_after_a_code_that_they_state_and_leave_none_out() {
    let mut seen = BTreeSet::new();
    for sample in samples("invalid") {
        let stated = sample.stated();
        let codes: Vec<&str> = stated.iter().filter_map(|line| line.split(' ').nth(1)).collect();
        assert!(codes.iter().any(|code| sample.name.starts_with(code)), "{}: {codes:?}", sample.name);
        seen.extend(codes.into_iter().map(str::to_owned));
    }
    let listed = Workspace::new().run(&["explain", "--list", "--format", "json"]).exits(0).json();
    let all = listed.as_array().unwrap().iter().map(|entry| entry["code"].as_str().unwrap().to_owned());
    let missing: Vec<String> = all.filter(|code| !seen.contains(code)).collect();
    assert_eq!(missing, [""; 0]);
}

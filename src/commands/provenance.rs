//! Where a run comes from: who started it, and from which commit.

use std::path::Path;
use std::process::{Command, Stdio};

/// The commit that the manifests stand in: what the pipeline says, else what git says.
pub fn git_commit(near: &Path, environment: fn(&str) -> Option<String>) -> Option<String> {
    let said = ["GITHUB_SHA", "CI_COMMIT_SHA", "BUILD_SOURCEVERSION", "GIT_COMMIT"].into_iter().find_map(environment);
    said.filter(|commit| !commit.is_empty()).or_else(|| {
        let folder = if near.is_dir() { near } else { near.parent().filter(|p| !p.as_os_str().is_empty())? };
        let mut git = Command::new("git");
        git.arg("-C").arg(folder).args(["rev-parse", "HEAD"]).stdin(Stdio::null()).stderr(Stdio::null());
        let output = git.output().ok().filter(|output| output.status.success())?;
        let commit = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        (!commit.is_empty()).then_some(commit)
    })
}

/// Who started the run: the pipeline's actor, else the user of this machine.
pub fn actor(environment: fn(&str) -> Option<String>) -> String {
    let said = ["GITHUB_ACTOR", "GITLAB_USER_LOGIN", "BUILD_REQUESTEDFOR", "USER", "USERNAME"];
    let named = said.into_iter().filter_map(environment).find(|name| !name.is_empty());
    named.unwrap_or_else(|| "unknown".to_owned())
}

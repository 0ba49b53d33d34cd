//! Where a run comes from: who started it, where it runs, and from which commit.

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

/// Who runs, for people who want to find the process: actor, machine, number of the process.
pub fn holder(environment: fn(&str) -> Option<String>) -> String {
    let machine = gethostname::gethostname();
    format!("{}@{}, process {}", actor(environment), machine.to_string_lossy(), std::process::id())
}

/// The web page of the pipeline's run, where this is one.
pub fn run_page(environment: impl Fn(&str) -> Option<String>) -> Option<String> {
    let said = |name: &str| environment(name).filter(|value| !value.is_empty());
    let github = || {
        let (server, repository) = (said("GITHUB_SERVER_URL")?, said("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/actions/runs/{}", said("GITHUB_RUN_ID")?))
    };
    let azure = || {
        // Names of projects may have blanks.
        let (collection, project) = (said("SYSTEM_COLLECTIONURI")?, said("SYSTEM_TEAMPROJECT")?.replace(' ', "%20"));
        let collection = collection.trim_end_matches('/');
        Some(format!("{collection}/{project}/_build/results?buildId={}", said("BUILD_BUILDID")?))
    };
    github().or_else(|| said("CI_JOB_URL")).or_else(azure).or_else(|| said("BUILD_URL"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_pipeline_leads_to_its_run() {
        for (variables, page) in [
            (&[][..], None),
            (
                &[
                    ("GITHUB_SERVER_URL", "https://github.com"),
                    ("GITHUB_REPOSITORY", "acme/dialing"),
                    ("GITHUB_RUN_ID", "42"),
                ],
                Some("https://github.com/acme/dialing/actions/runs/42"),
            ),
            (&[("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_RUN_ID", "42")], None),
            (&[("CI_JOB_URL", "https://gitlab.example/a/b/-/jobs/7")], Some("https://gitlab.example/a/b/-/jobs/7")),
            (
                &[
                    ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/acme/"),
                    ("SYSTEM_TEAMPROJECT", "Out bound"),
                    ("BUILD_BUILDID", "9"),
                ],
                Some("https://dev.azure.com/acme/Out%20bound/_build/results?buildId=9"),
            ),
            (&[("CI_JOB_URL", ""), ("BUILD_URL", "https://ci.example/job/3/")], Some("https://ci.example/job/3/")),
        ] {
            let environment =
                |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            assert_eq!(run_page(environment).as_deref(), page, "{variables:?}");
        }
    }
}

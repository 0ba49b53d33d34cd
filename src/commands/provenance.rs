//! Where a run comes from: who started it, where it runs, and for which pull request, as the pipeline tells it.

use reqwest::Url;

use crate::ledger::{Ci, Provenance};

/// Looks up an environment variable.
type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The systems that are known; which of them it is, each tells by a variable of its own.
const SYSTEMS: [(Ci, &str); 4] =
    [(Ci::GitHub, "GITHUB_ACTIONS"), (Ci::GitLab, "GITLAB_CI"), (Ci::Azure, "TF_BUILD"), (Ci::Jenkins, "JENKINS_URL")];

/// Who starts a run, and where.
pub fn provenance(environment: impl Fn(&str) -> Option<String>) -> Provenance {
    let pipeline = Pipeline { environment: &environment };
    Provenance {
        actor: actor(&environment),
        host: Some(machine()).filter(|name| !name.is_empty()),
        ci: pipeline.ci(),
        repository: pipeline.first(Pipeline::repository),
        run_url: run_page(&environment),
        pull_request: pipeline.first(Pipeline::pull_request),
    }
}

/// The commit that the pipeline runs for.
pub fn commit(environment: impl Fn(&str) -> Option<String>) -> Option<String> {
    let said = |pipeline: &Pipeline<'_>, ci| {
        pipeline.said(match ci {
            Ci::GitHub => "GITHUB_SHA",
            Ci::GitLab => "CI_COMMIT_SHA",
            Ci::Azure => "BUILD_SOURCEVERSION",
            Ci::Jenkins => "GIT_COMMIT",
        })
    };
    Pipeline { environment: &environment }.first(said)
}

/// Who runs, for people who want to find the process: actor, machine, number of the process.
pub fn holder(environment: impl Fn(&str) -> Option<String>) -> String {
    format!("{}@{}, process {}", actor(environment), machine(), std::process::id())
}

/// The web page of the pipeline's run, where this is one.
pub fn run_page(environment: impl Fn(&str) -> Option<String>) -> Option<String> {
    Pipeline { environment: &environment }.first(Pipeline::run_page)
}

/// Who started the run: the pipeline's actor, else the user of this machine.
fn actor(environment: impl Fn(&str) -> Option<String>) -> String {
    let pipeline = Pipeline { environment: &environment };
    let of_machine = || ["USER", "USERNAME"].into_iter().find_map(|name| pipeline.said(name));
    pipeline.first(Pipeline::actor).or_else(of_machine).unwrap_or_else(|| "unknown".to_owned())
}

fn machine() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}

/// What a pipeline says about itself in its variables. Addresses may have a token in front of the host, which is left out.
struct Pipeline<'a> {
    environment: Environment<'a>,
}

impl Pipeline<'_> {
    /// The system that runs this, where it tells so.
    fn ci(&self) -> Option<Ci> {
        SYSTEMS.into_iter().find(|(_, mark)| self.said(mark).is_some()).map(|(ci, _)| ci)
    }

    /// What the system that runs this says; where it does not tell its name, as in a container that was given a few
    /// variables only, the first that says anything.
    fn first<T>(&self, ask: impl Fn(&Self, Ci) -> Option<T>) -> Option<T> {
        match self.ci() {
            Some(ci) => ask(self, ci),
            None => SYSTEMS.into_iter().find_map(|(ci, _)| ask(self, ci)),
        }
    }

    fn said(&self, name: &str) -> Option<String> {
        (self.environment)(name).filter(|value| !value.is_empty())
    }

    fn address(&self, name: &str) -> Option<String> {
        without_user(&self.said(name)?)
    }

    fn actor(&self, ci: Ci) -> Option<String> {
        match ci {
            // Whoever runs a workflow again is not the one who ran it first.
            Ci::GitHub => self.said("GITHUB_TRIGGERING_ACTOR").or_else(|| self.said("GITHUB_ACTOR")),
            Ci::GitLab => self.said("GITLAB_USER_LOGIN"),
            Ci::Azure => self.said("BUILD_REQUESTEDFOR"),
            Ci::Jenkins => self.said("BUILD_USER_ID").or_else(|| self.said("CHANGE_AUTHOR")),
        }
    }

    fn repository(&self, ci: Ci) -> Option<String> {
        match ci {
            Ci::GitHub => Some(format!("{}/{}", self.address("GITHUB_SERVER_URL")?, self.said("GITHUB_REPOSITORY")?)),
            Ci::GitLab => self.address("CI_PROJECT_URL"),
            Ci::Azure => self.address("BUILD_REPOSITORY_URI"),
            Ci::Jenkins => self.address("GIT_URL"),
        }
    }

    fn run_page(&self, ci: Ci) -> Option<String> {
        match ci {
            Ci::GitHub => Some(format!("{}/actions/runs/{}", self.repository(ci)?, self.said("GITHUB_RUN_ID")?)),
            Ci::GitLab => self.address("CI_JOB_URL"),
            Ci::Azure => {
                // Names of projects may have blanks.
                let project = self.said("SYSTEM_TEAMPROJECT")?.replace(' ', "%20");
                let collection = self.address("SYSTEM_COLLECTIONURI")?;
                Some(format!("{collection}/{project}/_build/results?buildId={}", self.said("BUILD_BUILDID")?))
            }
            Ci::Jenkins => self.address("BUILD_URL"),
        }
    }

    /// A run on the main branch comes after a merge; of which pull request, only the service could tell.
    fn pull_request(&self, ci: Ci) -> Option<String> {
        match ci {
            Ci::GitHub => {
                let reference = self.said("GITHUB_REF")?;
                let number = reference.strip_prefix("refs/pull/")?.split('/').next()?;
                Some(format!("{}/pull/{number}", self.repository(ci)?))
            }
            Ci::GitLab => {
                let merge_request = || {
                    let project = self.address("CI_MERGE_REQUEST_PROJECT_URL")?;
                    Some(format!("{project}/-/merge_requests/{}", self.said("CI_MERGE_REQUEST_IID")?))
                };
                // Of a branch: those that it is the source of, as in `group/project!12,group/project!34`.
                merge_request().or_else(|| self.said("CI_OPEN_MERGE_REQUESTS"))
            }
            Ci::Azure => {
                let repository = self.repository(ci)?;
                // Only a repository on GitHub has a number, which is not the id.
                match self.said("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER") {
                    Some(number) => Some(format!("{repository}/pull/{number}")),
                    None => {
                        Some(format!("{repository}/pullrequest/{}", self.said("SYSTEM_PULLREQUEST_PULLREQUESTID")?))
                    }
                }
            }
            Ci::Jenkins => self.address("CHANGE_URL"),
        }
    }
}

/// An address without the name and password of a user, and without what may follow its path: either may be a secret. None
/// where nobody can tell what is what.
fn without_user(address: &str) -> Option<String> {
    if !address.contains("://") {
        // As in `git@host:path`.
        let place = address.rsplit_once('@').map_or(address, |(_, place)| place);
        return Some(place.to_owned());
    }
    let mut url = Url::parse(address).ok()?;
    // These fail where an address has no host, and then it has no user either.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_query(None);
    url.set_fragment(None);
    Some(url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
#[path = "provenance_tests.rs"]
mod tests;

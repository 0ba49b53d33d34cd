//! The manifests as git sees them: from which commit, and whether they differ from it.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Manifests in a working tree. Git is asked when something is to be known, once, and not at all where there is no
/// repository.
#[derive(Debug)]
pub struct Checkout {
    paths: Vec<PathBuf>,
    status: OnceCell<Option<Status>>,
}

#[derive(Debug, PartialEq, Eq)]
struct Status {
    commit: String,
    is_dirty: bool,
}

impl Checkout {
    /// Of the manifests below these paths.
    pub fn of(paths: &[PathBuf]) -> Self {
        Self { paths: paths.to_owned(), status: OnceCell::new() }
    }

    /// The commit that is checked out, where git can tell.
    pub fn commit(&self) -> Option<String> {
        self.status().map(|status| status.commit.clone())
    }

    /// Whether files below the paths differ from the commit, or are not part of it; where git can tell.
    pub fn is_dirty(&self) -> Option<bool> {
        self.status().map(|status| status.is_dirty)
    }

    fn status(&self) -> Option<&Status> {
        self.status.get_or_init(|| ask(&self.paths)).as_ref()
    }
}

fn ask(paths: &[PathBuf]) -> Option<Status> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.canonicalize()).collect::<Result<_, _>>().ok()?;
    let first = paths.first()?;
    let folder = if first.is_dir() { first } else { first.parent()? };
    if !folder.ancestors().any(|folder| folder.join(".git").exists()) {
        return None;
    }
    let mut git = Command::new("git");
    // Nothing that the repository configures is run, nothing is written, and no file is taken for a pattern.
    git.args(["-c", "core.fsmonitor=false", "--no-optional-locks", "--literal-pathspecs", "-C"]).arg(folder);
    git.args(["status", "--porcelain=v2", "--branch", "--untracked-files=normal", "--"]).args(&paths);
    let output = git.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    if output.status.success() { parse(&output.stdout) } else { None }
}

/// A commit, and a line for each file that differs.
fn parse(told: &[u8]) -> Option<Status> {
    let told = String::from_utf8_lossy(told);
    let commit = told.lines().find_map(|line| line.strip_prefix("# branch.oid "))?;
    let is_dirty = told.lines().any(|line| !line.starts_with('#'));
    // `(initial)` before the first commit.
    (!commit.starts_with('(')).then(|| Status { commit: commit.to_owned(), is_dirty })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_tells_the_commit_and_what_differs_from_it() {
        let status = |is_dirty| Some(Status { commit: "c0ffee".to_owned(), is_dirty });
        for (told, expected) in [
            ("# branch.oid c0ffee\n# branch.head main\n", status(false)),
            ("# branch.oid c0ffee\n1 .M N... 100644 100644 100644 a a spring.yaml\n", status(true)),
            ("# branch.oid c0ffee\n? spring.yaml\n", status(true)),
            ("# branch.oid (initial)\n? spring.yaml\n", None),
            ("", None),
        ] {
            assert_eq!(parse(told.as_bytes()), expected, "{told:?}");
        }
    }
}

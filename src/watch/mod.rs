//! Tells when manifests change on disk.
//!
//! A change says nothing about what changed: whoever is told loads everything again. That makes missed
//! and doubled notices of single files harmless, of which every system has its own.

mod relevance;
mod settle;

use std::path::{Path, PathBuf};
use std::time::Duration;

use notify::{RecommendedWatcher, RecursiveMode, Watcher as _};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use relevance::Roots;
use settle::{Notice, settled};

/// How long it must be quiet before a change counts as complete: an editor saves in several steps.
pub const QUIET: Duration = Duration::from_millis(150);

/// How long a change is held back at most while it never becomes quiet.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// The changes of some files and directories, from the moment that this was made.
#[derive(Debug)]
pub struct Changes {
    roots: Roots,
    notices: UnboundedReceiver<Notice>,
    sender: UnboundedSender<Notice>,
    /// Watches until it is dropped.
    watcher: RecommendedWatcher,
}

/// Files cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// A path cannot be made absolute.
    #[error("cannot watch {}: {cause}", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The system does not watch, or no longer.
    #[error("cannot watch for changes: {cause}; {}", way_out(cause))]
    System {
        /// What the system says.
        cause: notify::Error,
    },
}

fn system(cause: notify::Error) -> WatchError {
    WatchError::System { cause }
}

fn way_out(error: &notify::Error) -> &'static str {
    match error.kind {
        notify::ErrorKind::MaxFilesWatch => {
            "too many directories are being watched; raise fs.inotify.max_user_watches, or watch fewer paths"
        }
        _ => "check that the paths can be read, then start again",
    }
}

/// Begins to watch files and directories, whole trees each. A path that does not exist is watched for.
///
/// # Errors
/// When a path cannot be made absolute or the system refuses to watch.
pub fn changes(paths: &[PathBuf]) -> Result<Changes, WatchError> {
    let mut absolute = Vec::new();
    for path in paths {
        let whole = std::path::absolute(path).map_err(|cause| WatchError::Path { path: path.clone(), cause })?;
        absolute.push(with_real_parent(&whole));
    }
    let roots = Roots::new(absolute);
    let (sender, notices) = mpsc::unbounded_channel();
    let watcher = watch(&roots, &sender).map_err(system)?;
    Ok(Changes { roots, notices, sender, watcher })
}

impl Changes {
    /// Waits until something has changed and it is quiet again. Not safe to cancel: a change that is not
    /// yet complete is forgotten.
    ///
    /// # Errors
    /// When the system no longer watches all of the paths.
    pub async fn next(&mut self) -> Result<(), WatchError> {
        let burst = settled(&mut self.notices, QUIET, PATIENCE).await;
        if burst.moved {
            // A watch follows the directory itself, not its name: what was deleted and made again has to
            // be watched anew. A new watcher knows nothing of the old directories; what happened between
            // the two is seen by the caller, who loads after this.
            self.watcher = watch(&self.roots, &self.sender).map_err(system)?;
        }
        burst.failure.map_or(Ok(()), |error| Err(system(error)))
    }
}

/// The path with everything but its last part resolved, as far as it exists: some systems report real
/// paths whatever they were asked to watch. The last part may be a link that will point elsewhere.
fn with_real_parent(path: &Path) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(parent), Some(name)) => real(parent).join(name),
        _ => path.canonicalize().unwrap_or_else(|_| path.to_owned()),
    }
}

fn real(dir: &Path) -> PathBuf {
    dir.canonicalize().unwrap_or_else(|_| with_real_parent(dir))
}

fn watch(roots: &Roots, sender: &UnboundedSender<Notice>) -> notify::Result<RecommendedWatcher> {
    let (relevant, sender) = (roots.clone(), sender.clone());
    let mut watcher = notify::recommended_watcher(move |event| {
        if let Some(notice) = relevant.notice(event) {
            // Nobody listens any more once the changes are dropped.
            let _ = sender.send(notice);
        }
    })?;
    for root in roots.iter() {
        watch_from_above(&mut watcher, root)?;
    }
    // Last, because a later watch of the same directory decides how deep it goes.
    for root in roots.iter().filter(|root| root.is_dir()) {
        unless_gone(watcher.watch(root, RecursiveMode::Recursive))?;
    }
    Ok(watcher)
}

/// Watches the nearest directory above a path that exists: it tells when the path comes, goes or is
/// replaced, which the path itself cannot.
fn watch_from_above(watcher: &mut RecommendedWatcher, path: &Path) -> notify::Result<()> {
    let nearest = || path.ancestors().skip(1).find(|above| above.is_dir());
    while let Some(above) = nearest() {
        unless_gone(watcher.watch(above, RecursiveMode::NonRecursive))?;
        // A nearer one may have been made in the meantime, without a notice.
        if nearest() == Some(above) {
            break;
        }
    }
    Ok(())
}

/// A directory that went away meanwhile is no failure: the watch above it tells.
fn unless_gone(result: notify::Result<()>) -> notify::Result<()> {
    match result {
        Err(error) if is_gone(&error) => Ok(()),
        other => other,
    }
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(cause) => cause.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Waits for a change; the limit only turns a change that is never told into a failure.
    async fn told(changes: &mut Changes) {
        tokio::time::timeout(Duration::from_secs(30), changes.next()).await.expect("a change was not told").unwrap();
    }

    #[tokio::test]
    async fn tells_of_files_that_are_written_saved_over_moved_and_removed() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("schedules");
        fs::create_dir(&dir).unwrap();
        let mut changes = changes(std::slice::from_ref(&dir)).unwrap();

        fs::write(dir.join("a.yaml"), "1").unwrap();
        told(&mut changes).await;
        // As editors save: a new file takes the place of the old one.
        fs::write(temp.path().join("new"), "2").unwrap();
        fs::rename(temp.path().join("new"), dir.join("a.yaml")).unwrap();
        told(&mut changes).await;
        fs::create_dir_all(dir.join("deep/er")).unwrap();
        told(&mut changes).await;
        fs::write(dir.join("deep/er/b.yaml"), "3").unwrap();
        told(&mut changes).await;
        fs::remove_file(dir.join("a.yaml")).unwrap();
        told(&mut changes).await;
    }

    #[tokio::test]
    async fn follows_a_directory_that_is_deleted_and_made_again() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("repository/schedules");
        let mut changes = changes(std::slice::from_ref(&dir)).unwrap();
        for _ in 0..2 {
            fs::create_dir_all(&dir).unwrap();
            told(&mut changes).await;
            fs::write(dir.join("a.yaml"), "1").unwrap();
            told(&mut changes).await;
            fs::remove_dir_all(temp.path().join("repository")).unwrap();
            told(&mut changes).await;
        }
    }

    #[tokio::test]
    async fn follows_a_single_file_through_atomic_saves() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("one.yaml");
        fs::write(&file, "0").unwrap();
        let mut changes = changes(std::slice::from_ref(&file)).unwrap();
        for text in ["1", "2"] {
            fs::write(temp.path().join("new"), text).unwrap();
            fs::rename(temp.path().join("new"), &file).unwrap();
            told(&mut changes).await;
        }
        fs::write(&file, "3").unwrap();
        told(&mut changes).await;
    }
}

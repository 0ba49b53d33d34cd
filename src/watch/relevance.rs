//! Decides which notices of the system are about the watched paths. Pure.

use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode, ModifyKind};
use notify::{Event, EventKind};

use super::settle::Notice;

/// Directories inside a watched tree that hold no manifests, but change while this program works.
const NOT_MANIFESTS: [&str; 2] = [".git", ".dialctl"];

/// The watched paths: absolute, none inside another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots(Vec<PathBuf>);

impl Roots {
    /// Keeps of some absolute paths those that are not inside another.
    pub fn new(mut paths: Vec<PathBuf>) -> Self {
        // A path sorts before what is inside it.
        paths.sort();
        let mut roots: Vec<PathBuf> = Vec::new();
        for path in paths {
            if !roots.iter().any(|root| path.starts_with(root)) {
                roots.push(path);
            }
        }
        Self(roots)
    }

    /// The paths.
    pub fn iter(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(PathBuf::as_path)
    }

    /// What a notice of the system means for the paths, if anything.
    pub fn notice(&self, event: notify::Result<Event>) -> Option<Notice> {
        let event = match event {
            Ok(event) => event,
            Err(error) => return Some(Notice::Failed(error)),
        };
        if event.need_rescan() {
            // The system lost notices, perhaps that of a directory that was replaced.
            return Some(Notice::Moved);
        }
        let is_structural = match event.kind {
            EventKind::Create(_) | EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(_)) => true,
            // Opening and reading raise notices too: to answer those by loading would never end.
            EventKind::Modify(_) | EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
            EventKind::Any | EventKind::Access(_) | EventKind::Other => return None,
        };
        let is_about_root = |path: &PathBuf| self.iter().any(|root| root.starts_with(path));
        if is_structural && event.paths.iter().any(is_about_root) {
            Some(Notice::Moved)
        } else if event.paths.iter().any(|path| self.holds(path)) {
            Some(Notice::Changed)
        } else {
            None
        }
    }

    fn holds(&self, path: &Path) -> bool {
        self.iter().any(|root| {
            path.strip_prefix(root).is_ok_and(|inner| {
                !inner.components().any(|part| NOT_MANIFESTS.iter().any(|name| part.as_os_str() == *name))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, Flag, MetadataKind, RemoveKind, RenameMode};

    use super::*;

    const CREATED: EventKind = EventKind::Create(CreateKind::File);
    const CREATED_DIR: EventKind = EventKind::Create(CreateKind::Folder);
    const WRITTEN: EventKind = EventKind::Modify(ModifyKind::Data(DataChange::Any));
    const CLOSED: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Write));
    const REMOVED: EventKind = EventKind::Remove(RemoveKind::File);
    const REMOVED_DIR: EventKind = EventKind::Remove(RemoveKind::Folder);
    const RENAMED: EventKind = EventKind::Modify(ModifyKind::Name(RenameMode::To));
    const CHMOD: EventKind = EventKind::Modify(ModifyKind::Metadata(MetadataKind::Any));
    const OPENED: EventKind = EventKind::Access(AccessKind::Open(AccessMode::Any));
    const READ: EventKind = EventKind::Access(AccessKind::Close(AccessMode::Read));

    fn meaning(kind: EventKind, path: &str) -> &'static str {
        let roots = Roots::new(vec!["/repo/schedules".into(), "/repo/one.yaml".into()]);
        match roots.notice(Ok(Event::new(kind).add_path(path.into()))) {
            Some(Notice::Moved) => "moved",
            Some(Notice::Changed) => "changed",
            Some(Notice::Failed(_)) => "failed",
            None => "nothing",
        }
    }

    #[test]
    fn notices_are_told_apart_by_kind_and_place() {
        for (kind, path, expected) in [
            (CREATED, "/repo/schedules/a.yaml", "changed"),
            (WRITTEN, "/repo/schedules/deep/a.yaml", "changed"),
            (CLOSED, "/repo/schedules/a.yaml", "changed"),
            (REMOVED, "/repo/schedules/a.yaml", "changed"),
            (RENAMED, "/repo/schedules/a.yaml", "changed"),
            (CHMOD, "/repo/schedules/a.yaml", "changed"),
            (CREATED_DIR, "/repo/schedules/deep", "changed"),
            (OPENED, "/repo/schedules/a.yaml", "nothing"),
            (READ, "/repo/schedules/a.yaml", "nothing"),
            (OPENED, "/repo/schedules", "nothing"),
            (WRITTEN, "/repo/one.yaml", "changed"),
            (RENAMED, "/repo/one.yaml", "moved"),
            (CREATED_DIR, "/repo/schedules", "moved"),
            (REMOVED_DIR, "/repo/schedules", "moved"),
            (RENAMED, "/repo", "moved"),
            (CHMOD, "/repo", "nothing"),
            (CREATED, "/repo/other.yaml", "nothing"),
            (CREATED, "/repo/schedules-old/a.yaml", "nothing"),
            (WRITTEN, "/repo/schedules/.git/index", "nothing"),
            (WRITTEN, "/repo/schedules/.dialctl/ledger.jsonl", "nothing"),
        ] {
            assert_eq!(meaning(kind, path), expected, "{kind:?} {path}");
        }
    }

    #[test]
    fn lost_notices_and_failures_are_passed_on() {
        let roots = Roots::new(vec!["/repo".into()]);
        let lost = Event::new(EventKind::Other).set_flag(Flag::Rescan);
        assert!(matches!(roots.notice(Ok(lost)), Some(Notice::Moved)));
        let failure = notify::Error::new(notify::ErrorKind::MaxFilesWatch);
        assert!(matches!(roots.notice(Err(failure)), Some(Notice::Failed(_))));
    }

    #[test]
    fn what_lies_inside_another_path_is_not_watched_twice() {
        let roots = Roots::new(["/b/inner", "/a", "/b", "/b-2", "/a"].map(PathBuf::from).to_vec());
        assert_eq!(roots.iter().collect::<Vec<_>>(), [Path::new("/a"), Path::new("/b"), Path::new("/b-2")]);
    }
}

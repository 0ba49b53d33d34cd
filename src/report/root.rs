//! Paths as platforms know them: from the root of the repository, with forward slashes.

use std::path::{Component, Path, PathBuf};

/// Where the repository begins, and where the program was started.
#[derive(Clone, Debug)]
pub struct Root {
    root: PathBuf,
    current: PathBuf,
}

impl Root {
    /// Both as absolute paths.
    pub fn new(root: impl Into<PathBuf>, current: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), current: current.into() }
    }

    /// The path from the root of the repository; `None` for one outside of it.
    pub fn relative(&self, path: &str) -> Option<String> {
        let whole = self.whole(path);
        let below = whole.strip_prefix(&self.root).ok()?;
        Some(if below.as_os_str().is_empty() { ".".to_owned() } else { slashed(below) })
    }

    /// The path from the root of the repository, or as it was given for one outside of it.
    pub fn shown(&self, path: &str) -> String {
        self.relative(path).unwrap_or_else(|| path.to_owned())
    }

    /// The path from the root of the file system.
    pub fn absolute(&self, path: &str) -> String {
        slashed(&self.whole(path))
    }

    /// Only the words of the path count: what links lead to may differ from machine to machine.
    fn whole(&self, path: &str) -> PathBuf {
        self.current.join(path).components().fold(PathBuf::new(), |mut whole, component| {
            match component {
                Component::CurDir => {}
                Component::ParentDir => drop(whole.pop()),
                other => whole.push(other),
            }
            whole
        })
    }
}

fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn paths_are_told_from_the_root() {
        let root = Root::new("/srv/repository", "/srv/repository/ops");
        for (path, relative, absolute) in [
            ("schedules/a.yaml", Some("ops/schedules/a.yaml"), "/srv/repository/ops/schedules/a.yaml"),
            ("./schedules//./a.yaml", Some("ops/schedules/a.yaml"), "/srv/repository/ops/schedules/a.yaml"),
            ("../a.yaml", Some("a.yaml"), "/srv/repository/a.yaml"),
            ("/srv/repository/a.yaml", Some("a.yaml"), "/srv/repository/a.yaml"),
            ("..", Some("."), "/srv/repository"),
            ("../../other/a.yaml", None, "/srv/other/a.yaml"),
            ("/srv/repository-2/a.yaml", None, "/srv/repository-2/a.yaml"),
        ] {
            assert_eq!(root.relative(path).as_deref(), relative, "{path}");
            assert_eq!(root.absolute(path), absolute, "{path}");
            assert_eq!(root.shown(path), relative.unwrap_or(path), "{path}");
        }
    }
}

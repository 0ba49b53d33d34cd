//! A file that others read at any moment: they find the old text or the new one, never half of it.

use std::io::{self, Write as _};
use std::path::Path;

/// Replaces a file. What is no file, such as a pipe, is written to.
///
/// # Errors
/// When it cannot be written; the old text is then still there.
pub fn replace(path: &Path, text: &str) -> io::Result<()> {
    let path = match std::fs::metadata(path) {
        // Where it is a link, the file that it leads to is replaced.
        Ok(there) if there.is_file() => path.canonicalize()?,
        Ok(_) => return std::fs::write(path, text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => path.to_owned(),
        Err(error) => return Err(error),
    };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = tempfile::Builder::new();
    // A collector takes files whose names end in `.prom`, and runs as another user.
    builder.prefix(".dialctl-metrics-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o644));
    }
    let mut new = builder.tempfile_in(folder)?;
    new.write_all(text.as_bytes())?;
    new.persist(&path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let (path, away) = (folder.path().join("a.prom"), folder.path().join("no/such/folder"));
        for text in ["long text", "new"] {
            replace(&path, text).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert!(replace(&away, "lost").is_err());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn others_may_read_it_and_links_and_devices_stay_what_they_are() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("a.prom"), folder.path().join("link.prom"));
        replace(&path, "old").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o444, 0o444);
        std::os::unix::fs::symlink(&path, &link).unwrap();
        replace(&link, "new").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        assert!(link.is_symlink());
        replace(Path::new("/dev/null"), "lost").unwrap();
        assert!(!Path::new("/dev/null").is_file());
    }
}

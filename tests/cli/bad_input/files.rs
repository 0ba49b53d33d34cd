//! Files and folders that cannot be read as manifests.

use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use insta::assert_snapshot;

use super::{Bench, GOOD, assert_calm};
use crate::support::Ran;

/// A bench whose folder of manifests is empty.
fn emptied() -> Bench {
    let bench = Bench::new();
    std::fs::remove_file(bench.workspace.path("schedules/good.yaml")).unwrap();
    bench
}

fn make_pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Runs what may wait for a pipe for ever; then the pipe is opened, so that the test ends, and fails.
fn run_beside_a_pipe(bench: &Bench, arguments: &[&str], pipe: &Path) -> Ran {
    let (ended, end) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| ended.send(bench.workspace.run(arguments)).unwrap());
        end.recv_timeout(Duration::from_secs(60)).unwrap_or_else(|_| {
            drop(std::fs::OpenOptions::new().read(true).write(true).open(pipe));
            panic!("{arguments:?} waits for the pipe");
        })
    })
}

#[test]
fn empty_directory() {
    assert_snapshot!(emptied().invalid(3), @r"
    error[no-manifests]: there is no manifest in schedules
    --> schedules
     = help: write a manifest into a *.yaml or *.yml file there, or give another path

    0 files, 0 schedules: 1 error
    [exit status: 3]
    ");
}

#[test]
fn missing_directory() {
    let bench = emptied();
    std::fs::remove_dir(bench.workspace.path("schedules")).unwrap();
    assert_snapshot!(bench.invalid(1), @r"
    error[unreadable]: cannot read schedules: No such file or directory (os error 2)
    --> schedules
     = help: check the path; manifests are in `schedules` unless a path is given

    0 files, 0 schedules: 1 error
    [exit status: 1]
    ");
}

#[test]
#[cfg(unix)]
fn links_that_lead_nowhere() {
    use std::os::unix::fs::symlink;
    let bench = Bench::new();
    symlink("nowhere", bench.workspace.path("schedules/dangling.yaml")).unwrap();
    symlink("loop.yaml", bench.workspace.path("schedules/loop.yaml")).unwrap();
    assert_snapshot!(bench.invalid(1), @r"
    error[unreadable]: cannot read schedules/dangling.yaml: No such file or directory (os error 2)
    --> schedules/dangling.yaml
     = help: check the path; manifests are in `schedules` unless a path is given

    error[unreadable]: cannot read schedules/loop.yaml: Too many levels of symbolic links (os error 40)
    --> schedules/loop.yaml
     = help: repair or remove it, then run again

    1 file, 1 schedule: 2 errors
    [exit status: 1]
    ");
    let json = bench.workspace.run(&["validate", "--format", "json"]).exits(1).json();
    assert_eq!(json["valid"], false);
}

#[test]
fn a_directory_with_the_name_of_a_file_is_walked() {
    let bench = emptied();
    bench.workspace.write("schedules/x.yaml/good.yaml", GOOD);
    bench.workspace.run(&["validate"]).exits(0);
    bench.workspace.write("schedules/x.yaml/bad.yaml", GOOD.replace("endTime", "endTme"));
    let ran = bench.invalid(3);
    assert!(ran.stdout.contains("schedules/x.yaml/bad.yaml:8:28"), "{ran}");
}

#[test]
fn fifty_megabytes() {
    assert_snapshot!(Bench::refused(format!("a: {}\n", "x".repeat(50_000_000))), @r"
    error[yaml-syntax]: the file has 50000004 bytes; at most 4194304 are read
    --> schedules/good.yaml
     = help: split it into several files, or remove it if it holds no manifests

    1 file, 0 schedules: 1 error
    [exit status: 3]
    ");
}

#[test]
#[cfg(unix)]
fn a_pipe_among_the_manifests_is_not_waited_for() {
    let bench = Bench::new();
    let pipe = bench.workspace.path("schedules/pipe.yaml");
    make_pipe(&pipe);
    let beside = run_beside_a_pipe(&bench, &["validate"], &pipe).exits(1);
    assert_snapshot!(beside, @r"
    error[unreadable]: cannot read schedules/pipe.yaml: it is neither a file nor a directory
    --> schedules/pipe.yaml
     = help: give a file or a directory, and remove what else is named like a manifest

    1 file, 1 schedule: 1 error
    [exit status: 1]
    ");
    let named = run_beside_a_pipe(&bench, &["validate", "schedules/pipe.yaml"], &pipe).exits(1);
    assert_calm(&named);
    assert_snapshot!(named, @r"
    error[unreadable]: cannot read schedules/pipe.yaml: it is neither a file nor a directory
    --> schedules/pipe.yaml
     = help: give a file or a directory, and remove what else is named like a manifest

    0 files, 0 schedules: 1 error
    [exit status: 1]
    ");
    run_beside_a_pipe(&bench, &["apply"], &pipe).exits(1);
    run_beside_a_pipe(&bench, &["apply", "schedules/pipe.yaml"], &pipe).exits(1);
    bench.assert_untouched();
}

#[test]
#[cfg(unix)]
fn a_pipe_for_a_configuration_is_not_waited_for() {
    let bench = Bench::new();
    let pipe = bench.workspace.path("pipe.yaml");
    make_pipe(&pipe);
    for command in ["validate", "apply"] {
        let ran = run_beside_a_pipe(&bench, &[command, "--config", "pipe.yaml"], &pipe).exits(1);
        let words = "cannot read the configuration pipe.yaml: it is not a file; give another with --config";
        assert_eq!(ran.to_string(), format!("-- stderr --\nerror: {words}\n[exit status: 1]"));
    }
    bench.assert_untouched();
}

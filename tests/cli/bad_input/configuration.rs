//! A broken `dialctl.yaml`, and wrong usage.

use insta::assert_snapshot;

use super::Bench;
use crate::support::Ran;

fn refused(configuration: impl AsRef<[u8]>) -> Ran {
    let bench = Bench::new();
    bench.workspace.write("dialctl.yaml", configuration);
    bench.invalid(3)
}

#[test]
fn every_mistake_is_told_with_its_place_and_the_way_out() {
    assert_snapshot!(refused("owner: [a\n"), @r"
    -- stderr --
    error: the configuration is not valid:
    dialctl.yaml:1:8: `[` is never closed; add the closing bracket
    [exit status: 3]
    ");
    assert_snapshot!(refused("ownr: sales\nratelimit: 5\n"), @r"
    -- stderr --
    error: the configuration is not valid:
    dialctl.yaml:1:1: unknown field `ownr`, did you mean `owner`?; the fields here are `freeze`, `genesys`, `graceMinutes`, `limits`, `owner`, `policy`, `rateLimit`, `retry`, `rules`, `state` and `webhooks`
    dialctl.yaml:2:1: unknown field `ratelimit`, did you mean `rateLimit`?; the fields here are `freeze`, `genesys`, `graceMinutes`, `limits`, `owner`, `policy`, `rateLimit`, `retry`, `rules`, `state` and `webhooks`
    [exit status: 3]
    ");
    assert_snapshot!(refused("rateLimit: many\nowner: Sales Team\npolicy: {delete: maybe}\n"), @r"
    -- stderr --
    error: the configuration is not valid:
    dialctl.yaml:1:12: expected a whole number from 1 to 100000, found `many`
    dialctl.yaml:2:8: expected an owner of 1 to 13 characters: a-z, 0-9 and `-`, found `Sales Team`
    dialctl.yaml:3:18: expected `allow` or `deny`, found `maybe`
    [exit status: 3]
    ");
    let freeze = "freeze:\n  - {start: 2026-12-20, end: 2026-12-02, reason: year-end}\n  \
                  - {days: [Friday], startTime: 15:00, endTime: 24:00, timezone: Europe/Berln, reason: Friday}\n  \
                  - {days: [Friday], reason: Friday}\n";
    assert_snapshot!(refused(freeze), @r"
    -- stderr --
    error: the configuration is not valid:
    dialctl.yaml:4:6: `days` needs `startTime` beside it; add `startTime`
    [exit status: 3]
    ");
    assert_snapshot!(refused(freeze.rsplit_once("  -").unwrap().0), @r"
    -- stderr --
    error: the configuration is not valid:
    dialctl.yaml:2:30: the end does not lie after the start; move one of them
    dialctl.yaml:3:66: there is no time zone `Europe/Berln`; did you mean `Europe/Berlin`, `Europe/Dublin` or `Europe/Jersey`?
    [exit status: 3]
    ");
    assert_snapshot!(refused("owner: a\nowner: b\n"), @r"
    -- stderr --
    error: the configuration is not valid:
    dialctl.yaml:2:1: the key `owner` stands twice in this mapping; keep one of the two
    [exit status: 3]
    ");
    assert_snapshot!(refused(b"owner: caf\xe9\n"), @r"
    -- stderr --
    error: the configuration is not valid:
    dialctl.yaml:1:11: the file is not UTF-8: the byte 0xe9 does not belong here; save the file as UTF-8
    [exit status: 3]
    ");
    assert_snapshot!(refused("- owner\n"), @r"
    -- stderr --
    error: the configuration is not valid:
    dialctl.yaml:1:1: expected dialctl.yaml, a mapping of settings, found a list
    [exit status: 3]
    ");
}

#[test]
fn a_configuration_that_cannot_be_read() {
    let bench = Bench::new();
    for (arguments, words) in [
        (["validate", "--config", "none.yaml"], "none.yaml"),
        (["apply", "--config", "schedules"], "schedules: it is not a file"),
    ] {
        let ran = bench.workspace.run(&arguments).exits(1);
        assert!(ran.stderr.contains(words) && ran.stderr.contains("--config"), "{ran}");
    }
    bench.assert_untouched();
}

#[test]
fn wrong_usage() {
    let bench = Bench::new();
    assert_snapshot!(bench.workspace.run(&["apply", "--api", "rest"]).exits(64), @r"
    -- stderr --
    error: invalid value 'rest' for '--api <API>'
      [possible values: outbound-schedules, campaign-schedules]

    For more information, try '--help'.
    [exit status: 64]
    ");
    assert_snapshot!(bench.workspace.run(&["apply", "--frobnicate"]).exits(64), @r"
    -- stderr --
    error: unexpected argument '--frobnicate' found

      tip: a similar argument exists: '--format'

    Usage: dialctl apply --format <FORMAT> [PATH]...

    For more information, try '--help'.
    [exit status: 64]
    ");
    for arguments in [&["validate", "--format", "xml"][..], &["frob"], &["validate", "--as-of", "soon"], &[]] {
        let ran = bench.workspace.run(arguments).exits(64);
        assert!(ran.stdout.is_empty() && ran.stderr.contains("--help"), "{ran}");
    }
    bench.assert_untouched();
}

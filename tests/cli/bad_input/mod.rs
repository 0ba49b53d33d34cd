//! Whatever is put in: a clear error that names the place and the way out, the right exit code, and
//! nothing written anywhere.

mod configuration;
mod conversation;
mod files;
mod manifests;

use crate::support::{Ran, SandboxProcess, Workspace};

/// A manifest without fault.
const GOOD: &str = "\
apiVersion: dialctl/v1
kind: CampaignSchedule
metadata: {name: spring}
spec:
  campaign: {id: c-1}
  startDate: 2027-03-01
  dailySlots:
    - {startTime: \"09:00\", endTime: \"13:00\"}
";

/// A folder that is connected to a running sandbox, in which a good manifest would be applied.
struct Bench {
    workspace: Workspace,
    sandbox: SandboxProcess,
}

impl Bench {
    fn new() -> Self {
        Self::with_faults("[]")
    }

    /// The sandbox goes wrong as these rules say.
    fn with_faults(faults: &str) -> Self {
        let mut workspace = Workspace::new();
        workspace.write("schedules/good.yaml", GOOD);
        workspace.write("dialctl.yaml", "retry: {maxAttempts: 1}\n");
        workspace.write("faults.yaml", faults);
        let sandbox = workspace.sandbox(&["--faults", "faults.yaml"]);
        workspace.connect(&sandbox);
        Self { workspace, sandbox }
    }

    /// What `validate` prints of a manifest that it and `apply` refuse.
    #[track_caller]
    fn refused(content: impl AsRef<[u8]>) -> Ran {
        let bench = Self::new();
        bench.workspace.write("schedules/good.yaml", content);
        bench.invalid(3)
    }

    /// Both `validate` and `apply` end with this code and tell the same, `apply` without asking the API.
    #[track_caller]
    fn invalid(&self, code: i32) -> Ran {
        let validate = self.workspace.run(&["validate"]).exits(code);
        let apply = self.workspace.run(&["apply"]).exits(code);
        assert!(apply.stderr.contains(&validate.stderr), "{apply}\n{validate}");
        // The last line of `validate` counts what it looked at, which `apply` tells only of findings.
        let findings = validate.stdout.split("error[").skip(1).collect::<String>();
        assert!(apply.stderr.replace("error[", "").contains(&findings), "{apply}\n{validate}");
        for ran in [&validate, &apply] {
            assert_calm(ran);
        }
        assert!(self.sandbox.requests().is_empty());
        self.assert_untouched();
        validate
    }

    /// Both `plan` and `apply` end with this code and print nothing to stdout; gives what `apply` told.
    #[track_caller]
    fn fails(&self, code: i32) -> Ran {
        let plan = self.workspace.run(&["plan"]).exits(code);
        let apply = self.workspace.run(&["apply"]).exits(code);
        for ran in [&plan, &apply] {
            assert_calm(ran);
            assert_eq!(ran.stdout, "", "{ran}");
            assert!(ran.stderr.starts_with("error: "), "{ran}");
        }
        self.assert_untouched();
        apply
    }

    /// No write was asked for, and the ledger knows of no run.
    #[track_caller]
    fn assert_untouched(&self) {
        assert_eq!(self.sandbox.writes(), 0);
        let ledger = self.workspace.path(".dialctl/ledger.jsonl");
        assert!(!ledger.exists() || self.workspace.ledger().is_empty());
    }
}

#[track_caller]
fn assert_calm(ran: &Ran) {
    let told = ran.to_string();
    assert!(!told.contains("panicked") && !told.contains("RUST_BACKTRACE"), "{told}");
    // A screen full, not a flood, whatever the input.
    assert!(told.len() < 8_000, "{} bytes", told.len());
}

#[test]
fn the_bench_itself_is_in_order() {
    let bench = Bench::new();
    bench.workspace.run(&["validate"]).exits(0);
    bench.workspace.run(&["apply"]).exits(0);
    assert_eq!(bench.sandbox.writes(), 1);
    assert!(!bench.workspace.ledger().is_empty());
}

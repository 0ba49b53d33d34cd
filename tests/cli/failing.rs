//! What apply does with the other actions when some fail.

use crate::support::Workspace;

const COUNT: usize = 30;
/// How many actions run at once.
const AT_ONCE: usize = 8;

#[test]
fn after_a_failure_the_rest_is_started_or_left_as_the_command_line_says() {
    let mut workspace = Workspace::with_schedules(COUNT);
    workspace.write("faults.yaml", "- {method: PUT, status: 400}\n");
    for (arguments, most) in
        [(&[][..], COUNT), (&["--on-error", "continue"], COUNT), (&["--on-error", "stop"], AT_ONCE)]
    {
        let sandbox = workspace.sandbox(&["--faults", "faults.yaml"]);
        workspace.connect(&sandbox);
        let ran = workspace.run(&[&["apply"], arguments].concat()).exits(7);
        let failed = ran.stdout.lines().filter(|line| line.starts_with("FAILED to create")).count();
        let told = format!("Applied: 0 succeeded, {failed} failed, {} not attempted.", COUNT - failed);
        assert!(ran.stdout.contains(&told), "{ran}");
        assert_eq!(sandbox.writes(), failed);
        if most == COUNT {
            assert_eq!(failed, COUNT);
        } else {
            assert!((1..=most).contains(&failed), "{ran}");
        }
    }
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let ran = workspace.run(&["apply", "--on-error", "stop"]).exits(0);
    assert!(ran.stdout.contains(&format!("Applied: {COUNT} succeeded, 0 failed, 0 not attempted.")), "{ran}");
}

//! An apply that is killed at any request, and the one after it.

use std::collections::BTreeSet;
use std::process::Stdio;

use dialctl::ledger::chain::{Head, check_line};
use serde_json::Value;

use crate::event_receiver::EventReceiver;
use crate::killer::{Killer, Moment};
use crate::manifests::{campaign_id, schedule_name};
use crate::over_http::schedule_path;
use crate::support::{SandboxProcess, Workspace};

const SCHEDULES: usize = 30;

/// A login, a listing, and a write for each schedule.
const REQUESTS: usize = 2 + SCHEDULES;

/// A pace that waits for nothing; the sandbox has no limit then either.
const FAST: &str = "100000";

#[test]
fn killed_before_any_request_arrives_nothing_is_lost_and_nothing_is_done_twice() {
    for at in 1..=REQUESTS {
        kill_and_run_again(at, Moment::Before);
    }
}

#[test]
fn killed_before_any_answer_arrives_nothing_is_lost_and_nothing_is_done_twice() {
    for at in 1..=REQUESTS {
        kill_and_run_again(at, Moment::After);
    }
}

#[test]
fn wherever_a_kill_tears_the_ledger_each_change_has_one_end_and_one_event() {
    let mut workspace = Workspace::with_schedules(1);
    let sandbox = workspace.sandbox(&[]);
    workspace.connect(&sandbox);
    let receiver = EventReceiver::start();
    workspace.set("WFM_WEBHOOK_URL", &receiver.url);
    workspace.run(&["apply"]).exits(0);
    receiver.take();
    let whole = workspace.read(".dialctl/ledger.jsonl");
    let intended = whole.find("\n{\"action\":\"create\"").unwrap() + 1;
    let begun = intended + whole[intended..].find('\n').unwrap() + 1;
    // At each end of a line after the intention, and in the middle of each line.
    let ends = whole.match_indices('\n').map(|(at, _)| at + 1).filter(|at| (begun..whole.len()).contains(at));
    for cut in ends.flat_map(|end| [end, end + 100]) {
        let case = format!("cut at {cut} of {}", whole.len());
        workspace.write(".dialctl/ledger.jsonl", &whole[..cut]);
        workspace.run(&["apply"]).exits(0);
        let records = workspace.verified_ledger();
        let of = |sort: &str| records.iter().filter(|record| record["record"] == sort).collect::<Vec<_>>();
        let (ended, queued, delivered) = (of("actionFinished"), of("eventQueued"), of("eventDelivered"));
        assert_eq!((ended.len(), queued.len(), delivered.len()), (1, 1, 1), "{case}");
        let id = &ended[0]["changeId"];
        assert_eq!((&queued[0]["event"]["id"], &delivered[0]["eventId"]), (id, id), "{case}");
        // What was delivered before the ledger was cut may be sent again, with the same id.
        assert!(receiver.take().iter().all(|event| event.body["id"] == *id), "{case}");
    }
    assert_eq!(sandbox.writes(), 1);
}

fn kill_and_run_again(at: usize, moment: Moment) {
    let mut workspace = Workspace::with_schedules(SCHEDULES);
    let sandbox = workspace.sandbox(&["--rate-limit", FAST]);
    let receiver = EventReceiver::start();
    workspace.set("WFM_WEBHOOK_URL", &receiver.url);

    let killer = Killer::start(&sandbox.url, at, moment);
    workspace.connect(&sandbox);
    workspace.set("DIALCTL_API_URL", &killer.url);
    let apply = ["apply", "--rate-limit", FAST];
    let spawn = || workspace.command(&apply).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    assert!(killer.kill(spawn), "{moment:?} request {at} the run came to its own end");

    workspace.connect(&sandbox);
    let case = || format!("killed {moment:?} the answer to request {at}");
    let again = workspace.run(&apply);
    assert_eq!(again.code, Some(0), "{}: {again}", case());
    agrees(&workspace, &sandbox, &receiver, &case());
    workspace.run(&["plan", "--detailed-exitcode"]).exits(0);
}

/// Each schedule is there once and was written once, the ledger is one chain that tells so, and each change has one
/// event.
#[track_caller]
fn agrees(workspace: &Workspace, sandbox: &SandboxProcess, receiver: &EventReceiver, case: &str) {
    for n in 0..SCHEDULES {
        let live = sandbox.get(&schedule_path(&campaign_id(n)));
        assert_eq!(live["name"], format!("dialctl/{}", schedule_name(n)), "{case}");
        assert_eq!(live["version"], 1, "{case}: {} was written more than once", schedule_name(n));
    }

    let text = workspace.read(".dialctl/ledger.jsonl");
    text.lines().try_fold(Head::EMPTY, |head, line| check_line(Some(&head), line)).expect(case);
    let records = workspace.ledger();
    let of = |sort: &str| records.iter().filter(move |record| record["record"] == sort).collect::<Vec<_>>();
    let ids = |records: &[&Value], pointer: &str| -> Vec<String> {
        records.iter().map(|record| record.pointer(pointer).unwrap().as_str().unwrap().to_owned()).collect()
    };
    let finished = of("actionFinished");
    let done: Vec<&Value> = finished.iter().copied().filter(|record| record["status"] == "SUCCESS").collect();
    let names: BTreeSet<String> = ids(&done, "/name").into_iter().collect();
    assert_eq!((done.len(), names.len()), (SCHEDULES, SCHEDULES), "{case}: each schedule is created once");
    let begun: BTreeSet<String> = ids(&of("actionIntended"), "/changeId").into_iter().collect();
    let ended: BTreeSet<String> = ids(&finished, "/changeId").into_iter().collect();
    assert_eq!((&begun, finished.len()), (&ended, ended.len()), "{case}: what was begun has ended, once");

    let changes: BTreeSet<String> = ids(&done, "/changeId").into_iter().collect();
    let queued = ids(&of("eventQueued"), "/event/id");
    assert_eq!(queued.len(), SCHEDULES, "{case}: one event for each change");
    assert_eq!(queued.into_iter().collect::<BTreeSet<_>>(), changes, "{case}");
    // An event may arrive again with the same id, where the run died before it knew that it had.
    let received = receiver.take();
    let received: BTreeSet<String> =
        received.iter().map(|event| event.body["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(received, changes, "{case}: every change is told");
}

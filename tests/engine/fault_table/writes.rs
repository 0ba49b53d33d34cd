//! Writes of an apply, struck by every fault: the write itself, the look before a delete, and the read-back of a
//! write of unknown outcome.

use std::collections::BTreeSet;

use dialctl::apply::Outcome;
use dialctl::exit::Exit;
use dialctl::schedule::{DesiredSchedule, ScheduleKind};

use super::faults::{FAULTS, Fault, Strikes, Way};
use crate::schedules::{desired, mornings};
use crate::subject::{Operation, PRUNE, Subject};
use crate::world::{Api, OUTBOUND, World};

/// Which request of an operation is struck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Write,
    /// The read before a delete.
    Look,
    /// The read after a write whose answer was lost.
    ReadBack,
}

/// What is left in the sandbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Left {
    Done,
    /// The same, and written once more by somebody else, as it was.
    DoneAndRewritten,
    Untouched,
    /// What somebody else has made of it.
    Theirs,
}

/// A fault that strikes one request of the operation on one schedule.
#[derive(Debug)]
struct Case {
    fault: Fault,
    strikes: Strikes,
    place: Place,
    subject: Subject,
}

/// What is expected of a case: whether the run tells success, what is sent, what is left, what is told.
struct Expected {
    succeeds: bool,
    sent: Vec<&'static str>,
    left: Left,
    words: Vec<&'static str>,
}

/// A schedule that stays as it is: where no manifest declares one, nothing is pruned.
const BESIDE: &str = "beside";

/// How often one is sent that is turned away each time.
const MOST_READS: usize = 10;

fn nth_read(path: &str, n: usize, effect: &str) -> String {
    format!("- {{method: GET, path: {path}, nth: {n}, {effect}}}\n")
}

/// Every fault at every place of every operation of an API, each with a schedule of its own.
fn cases(api: Api, strikes: Strikes) -> Vec<Case> {
    let mut cases = Vec::new();
    for operation in Operation::of(api) {
        for place in [Place::Write, Place::Look, Place::ReadBack] {
            if place == Place::Look && *operation != Operation::Delete {
                continue;
            }
            for fault in FAULTS {
                let target = format!("struck-{:03}", cases.len());
                let subject = Subject { api, operation: *operation, target };
                cases.push(Case { fault, strikes, place, subject });
            }
        }
    }
    cases
}

impl Case {
    fn rules(&self) -> String {
        let (write, path, effect) = (self.subject.method(), self.subject.path(), self.fault.effect);
        match self.place {
            Place::Write => self.strikes.rule(write, &path, effect),
            Place::Look => self.strikes.rule("GET", &path, effect),
            Place::ReadBack => {
                let lost = Strikes::Once.rule(write, &path, "reset: after");
                lost + &match (self.subject.operation, self.strikes) {
                    // The look before it is spared.
                    (Operation::Delete, Strikes::Once) => nth_read(&path, 2, effect),
                    (Operation::Delete, Strikes::Always) => {
                        (2..2 + MOST_READS).map(|n| nth_read(&path, n, effect)).collect()
                    }
                    _ => self.strikes.rule("GET", &path, effect),
                }
            }
        }
    }

    /// Whether it would strike others too, or end the whole run.
    fn runs_alone(&self) -> bool {
        self.fault.read == Way::Renewed
    }

    fn expected(&self) -> Expected {
        match self.place {
            Place::Write => self.expected_of_write(),
            Place::Look => self.expected_of_look(),
            Place::ReadBack => self.expected_of_read_back(),
        }
    }

    fn expected_of_write(&self) -> Expected {
        let (strikes, operation, words) = (self.strikes, self.subject.operation, vec![self.fault.words]);
        let write = |n| self.subject.sends(&vec!["write"; n]);
        match (self.fault.effect, operation) {
            // Told that there is nothing, or that it is done, there is nothing left to do.
            ("status: 404" | "status: 200, body: ''", Operation::Delete) => {
                return Expected { succeeds: true, sent: write(1), left: Left::Untouched, words };
            }
            // A delete carries no version.
            ("bumpVersion: true", Operation::Update) => {
                let words = vec!["conflict: The request has version 1, but version 2 is stored"];
                return Expected { succeeds: false, sent: write(1), left: Left::Theirs, words };
            }
            _ => {}
        }
        let way = self.fault.write;
        let succeeds = way == Way::Done || way.overcomes(strikes);
        let sent = match (way, strikes) {
            (Way::Done, _) => self.subject.sends(&["write", "GET"]),
            (Way::Undone, Strikes::Once) => self.subject.sends(&["write", "GET", "write"]),
            (Way::Undone, Strikes::Always) => self.subject.sends(&["write", "GET"].repeat(4)),
            _ => write(way.sends(strikes)),
        };
        Expected { succeeds, sent, left: if succeeds { Left::Done } else { Left::Untouched }, words }
    }

    fn expected_of_look(&self) -> Expected {
        let (way, words) = (self.fault.read, vec![self.fault.words]);
        match self.fault.effect {
            "status: 404" => Expected { succeeds: true, sent: vec!["GET"], left: Left::Untouched, words },
            "bumpVersion: true" => Expected { succeeds: false, sent: vec!["GET"], left: Left::Theirs, words },
            _ => {
                let succeeds = way.overcomes(self.strikes);
                let mut sent = vec!["GET"; way.sends(self.strikes)];
                sent.extend(succeeds.then_some("DELETE"));
                Expected { succeeds, sent, left: if succeeds { Left::Done } else { Left::Untouched }, words }
            }
        }
    }

    /// The first write has happened in each of these.
    fn expected_of_read_back(&self) -> Expected {
        let (way, operation) = (self.fault.read, self.subject.operation);
        let expected = |succeeds, sent: &[&'static str], words| {
            let sent = self.subject.sends(sent);
            let left = if self.fault.effect == "bumpVersion: true" { Left::DoneAndRewritten } else { Left::Done };
            Expected { succeeds, sent, left, words }
        };
        match (self.fault.effect, operation, self.strikes) {
            ("status: 404", Operation::Delete, _) => return expected(true, &["write", "GET"], vec![]),
            ("status: 404", Operation::Update, _) => {
                return expected(
                    false,
                    &["write", "GET"],
                    vec!["broke", "changed since the plan was made: plan again"],
                );
            }
            // The repeat clashes with what the first attempt has stored.
            ("status: 404", Operation::Create, Strikes::Once) => {
                return expected(true, &["write", "GET", "write", "GET"], vec![]);
            }
            ("status: 404", Operation::Create, Strikes::Always) => {
                let sent = ["write", "GET", "write", "GET", "GET", "GET", "GET"];
                return expected(false, &sent, vec!["conflict", "an earlier attempt may have done it", "plan again"]);
            }
            _ => {}
        }
        let mut sent = vec!["write"];
        sent.extend(vec!["GET"; way.sends(self.strikes)]);
        let words = vec!["outcome unknown", "broke", "read back", self.fault.words, "may have happened: plan again"];
        expected(way.overcomes(self.strikes), &sent, words)
    }
}

/// Runs cases at once in a world of their own, and checks each.
async fn run(cases: &[Case]) {
    let api = cases[0].subject.api;
    let beside = Subject { api, operation: Operation::Create, target: BESIDE.to_owned() };
    let spared = Subject { api, operation: Operation::Create, target: "z-spared".to_owned() };
    let subjects = cases.iter().map(|case| &case.subject).chain([&beside, &spared]);
    let world = World::with_targets(subjects.map(|one| (ScheduleKind::Campaign, one.target.clone())), "[]").await;
    let client = world.client(api);
    let beside = desired(ScheduleKind::Campaign, BESIDE, mornings("09:00"));
    let before: Vec<_> = cases.iter().filter_map(|case| case.subject.before()).chain([beside.clone()]).collect();
    client.create(&before).await;
    let mut wanted: Vec<DesiredSchedule> = cases.iter().filter_map(|case| case.subject.after()).collect();
    wanted.extend([beside]);
    wanted.extend(spared.after().filter(|_| cases.len() > 1));
    let plan = client.plan(&wanted, PRUNE).await;
    world.strike(&cases.iter().map(Case::rules).collect::<String>()).await;
    let summary = client.apply(plan).await;
    let sent = world.requests().await;
    let logins = world.journal().await.iter().filter(|request| request["path"] == "/oauth/token").count();
    world.strike("[]").await;

    let all_succeed = cases.iter().all(|case| case.expected().succeeds);
    assert_eq!(summary.exit() == Exit::Done, all_succeed);
    let mut remaining = BTreeSet::new();
    for case in cases {
        let Expected { succeeds, sent: expected, left, words } = case.expected();
        let subject = &case.subject;
        let path = format!(" {}", subject.path());
        let methods: Vec<_> = sent.iter().filter_map(|request| request.strip_suffix(path.as_str())).collect();
        assert_eq!(methods, expected, "{case:?}");
        match left {
            Left::Done => subject.is_done_once(&world).await,
            Left::DoneAndRewritten => subject.is_done_once_and_rewritten(&world, 1).await,
            Left::Untouched => subject.is_untouched(&world, 1).await,
            Left::Theirs => subject.is_untouched(&world, 2).await,
        }
        remaining.extend(matches!(left, Left::Untouched | Left::Theirs).then(|| subject.target.clone()));
        let result = summary.results.iter().find(|result| result.name.ends_with(&subject.target)).unwrap();
        match &result.outcome {
            Outcome::Succeeded => assert!(succeeds, "{case:?}"),
            Outcome::Failed(error) => {
                let message = error.to_string();
                assert!(!succeeds, "{case:?}: {message}");
                for words in words {
                    assert!(message.contains(words), "{case:?}: {words}: {message}");
                }
            }
            Outcome::NotAttempted => panic!("{case:?}"),
        }
        assert_eq!(logins, usize::from(case.runs_alone()), "one renewal at most: {case:?}");
    }
    if cases.len() > 1 {
        spared.is_done_once(&world).await;
    }
    let after = world.client(api).plan(&wanted, PRUNE).await;
    let named = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let planned: BTreeSet<String> = after.actions.iter().map(|action| named(action.name())).collect();
    assert_eq!(planned, remaining, "a plan afterwards says what remains");
}

async fn every_operation(api: Api, strikes: Strikes) {
    let (alone, together): (Vec<_>, Vec<_>) = cases(api, strikes).into_iter().partition(Case::runs_alone);
    run(&together).await;
    for case in alone {
        run(&[case]).await;
    }
}

#[tokio::test]
async fn a_fault_that_strikes_once_is_overcome_or_named_and_nothing_is_written_twice() {
    every_operation(OUTBOUND, Strikes::Once).await;
    every_operation(Api::CampaignSchedules, Strikes::Once).await;
}

#[tokio::test]
async fn a_fault_that_stays_fails_its_own_schedule_and_is_named() {
    every_operation(OUTBOUND, Strikes::Always).await;
    every_operation(Api::CampaignSchedules, Strikes::Always).await;
}

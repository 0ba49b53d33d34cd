//! Every fault against every operation of both APIs: what is stored in the end, how often it was
//! written, and what is told.

use dialctl::apply::{Outcome, Summary};
use dialctl::exit::Exit;
use dialctl::plan::Policy;
use dialctl::schedule::{DesiredSchedule, ScheduleKind};

use crate::schedules::{desired, mornings};
use crate::subject::{Operation, PRUNE, Subject};
use crate::world::{Api, Client, OUTBOUND, World, failures};

/// What the client does about a fault that strikes once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// It had no effect for certain: sent again.
    Again,
    /// Nobody knows: read back, found undone, sent again.
    ReadAndAgain,
    /// Nobody knows: read back, found done.
    Read,
}

/// A fault, what the client does about it, and the words that name it when it stays.
#[derive(Clone, Copy, Debug)]
struct Fault {
    effect: &'static str,
    way: Way,
    words: &'static str,
}

const fn fault(effect: &'static str, way: Way, words: &'static str) -> Fault {
    Fault { effect, way, words }
}

const FAULTS: [Fault; 9] = [
    fault("status: 429, retryAfter: 7", Way::Again, "rate limited, asked to wait 7 s, gave up: Rate limit exceeded"),
    fault("status: 429", Way::Again, "rate limited"),
    fault("status: 500", Way::ReadAndAgain, "500: The server encountered an unexpected condition"),
    fault("status: 503, retryAfter: 7", Way::ReadAndAgain, "503: Service Unavailable (service.unavailable)"),
    fault("reset: before", Way::ReadAndAgain, "broke"),
    fault("reset: after", Way::Read, ""),
    fault("status: 200, html: true", Way::ReadAndAgain, "status 200 with text/html"),
    fault("status: 502, html: true", Way::ReadAndAgain, "status 502 with text/html"),
    fault("status: 200, body: 'half'", Way::ReadAndAgain, "status 200 with text/plain"),
];

const APIS: [Api; 2] = [OUTBOUND, Api::CampaignSchedules];

/// A fault that strikes one schedule.
#[derive(Debug)]
struct Case {
    fault: Fault,
    subject: Subject,
}

/// Every fault against every operation of an API, each with a schedule of its own.
fn cases(api: Api, faults: &[Fault]) -> Vec<Case> {
    let operations = Operation::of(api).iter().enumerate();
    let all =
        operations.flat_map(|(m, operation)| faults.iter().enumerate().map(move |(n, fault)| (m, operation, n, fault)));
    all.map(|(m, operation, n, fault)| Case {
        fault: *fault,
        subject: Subject { api, operation: *operation, target: format!("struck-{m}{n}") },
    })
    .collect()
}

impl Case {
    /// The rules by which the fault strikes the first writes of the run.
    fn rules(&self, times: usize) -> String {
        let (method, path, effect) = (self.subject.method(), self.subject.path(), self.fault.effect);
        let earlier = self.subject.earlier_writes();
        let rule = |n| format!("- {{method: {method}, path: {path}, nth: {n}, {effect}}}\n");
        (earlier + 1..=earlier + times).map(rule).collect()
    }
}

/// More often than the client tries.
const ALWAYS: usize = 20;

/// A world in the state before the run, in which these faults strike, and what is wanted there.
async fn world<'a>(
    subjects: impl IntoIterator<Item = &'a Subject> + Clone,
    rules: &str,
) -> (World, Vec<DesiredSchedule>) {
    let targets = subjects.clone().into_iter().map(|subject| (ScheduleKind::Campaign, subject.target.clone()));
    let world = World::with_targets(targets, rules).await;
    for subject in subjects.clone() {
        world.client(subject.api).create(&subject.before()).await;
    }
    let wanted = subjects.into_iter().filter_map(Subject::after).collect();
    (world, wanted)
}

/// Plans and applies; gives what came of it and the requests that the apply sent.
async fn run(world: &World, client: &Client, wanted: &[DesiredSchedule]) -> (Summary, Vec<String>) {
    let plan = client.plan(wanted, PRUNE).await;
    let planned = world.requests().await.len();
    let summary = client.apply(plan).await;
    (summary, world.requests().await.split_off(planned))
}

/// The methods of the requests for one schedule, in their order.
fn methods<'a>(requests: &'a [String], subject: &Subject) -> Vec<&'a str> {
    let path = format!(" {}", subject.path());
    requests.iter().filter_map(|request| request.strip_suffix(path.as_str())).collect()
}

async fn strike_once(cases: &[Case]) {
    let api = cases[0].subject.api;
    let rules: String = cases.iter().map(|case| case.rules(1)).collect();
    let (world, wanted) = world(cases.iter().map(|case| &case.subject), &rules).await;
    let client = world.client(api);
    let (summary, sent) = run(&world, &client, &wanted).await;
    assert_eq!(failures(&summary), [""; 0]);
    assert_eq!((summary.exit(), summary.succeeded()), (Exit::Done, cases.len()));
    for case in cases {
        let expected: &[_] = match case.fault.way {
            Way::Again => &["write", "write"],
            Way::ReadAndAgain => &["write", "GET", "write"],
            Way::Read => &["write", "GET"],
        };
        assert_eq!(methods(&sent, &case.subject), case.subject.sends(expected), "{case:?}");
        case.subject.is_done_once(&world).await;
    }
    let after = client.plan(&wanted, PRUNE).await;
    assert_eq!((after.actions.len(), after.unchanged), (0, wanted.len()));
}

#[tokio::test]
async fn a_fault_that_strikes_once_is_overcome_and_nothing_is_written_twice() {
    for api in APIS {
        strike_once(&cases(api, &FAULTS)).await;
    }
}

#[tokio::test]
async fn a_fault_that_stays_fails_its_own_schedule_and_is_named() {
    for api in APIS {
        let cases = cases(api, &FAULTS);
        let rules: String = cases.iter().map(|case| case.rules(ALWAYS)).collect();
        let spared: Vec<Subject> = Operation::of(api)
            .iter()
            .zip(["spared-a", "spared-b", "z-spared"])
            .map(|(operation, target)| Subject { api, operation: *operation, target: target.to_owned() })
            .collect();
        let (world, wanted) = world(cases.iter().map(|case| &case.subject).chain(&spared), &rules).await;
        let (summary, sent) = run(&world, &world.client(api), &wanted).await;
        let done = cases.iter().filter(|case| case.fault.way == Way::Read).count() + spared.len();
        let (failed, total) = (cases.len() + spared.len() - done, cases.len() + spared.len());
        assert_eq!((summary.succeeded(), summary.failed(), summary.results.len()), (done, failed, total));
        assert_eq!(summary.exit(), Exit::Partial);
        for subject in &spared {
            subject.is_done_once(&world).await;
            assert_eq!(methods(&sent, subject), subject.sends(&["write"]));
        }
        for case in &cases {
            let (subject, method) = (&case.subject, case.subject.method());
            if case.fault.way == Way::Read {
                subject.is_done_once(&world).await;
                continue;
            }
            subject.is_untouched(&world).await;
            let result = summary.results.iter().find(|result| result.name.ends_with(&subject.target)).unwrap();
            let Outcome::Failed(error) = &result.outcome else { panic!("{case:?}: {:?}", result.outcome) };
            let message = error.to_string();
            for words in [&format!("{method} {}", subject.path()), case.fault.words] {
                assert!(message.contains(words), "{case:?}: {message}");
            }
            let expected = match case.fault.way {
                Way::Again => vec!["write"; 10],
                Way::ReadAndAgain | Way::Read => ["write", "GET"].repeat(4),
            };
            assert_eq!(methods(&sent, subject), subject.sends(&expected), "{case:?}");
        }
    }
}

#[tokio::test]
async fn a_write_that_cannot_be_read_back_is_told_as_one_that_may_have_happened() {
    for api in APIS {
        let cases = cases(api, &[fault("reset: after", Way::Read, "")]);
        let reads = |case: &Case| -> String {
            // Under `campaign-schedules` the plan reads the same path, and a delete looks first.
            let planned = u8::from(api == Api::CampaignSchedules || case.subject.operation == Operation::Delete);
            let read = |n| format!("- {{method: GET, path: {}, nth: {n}, status: 504}}\n", case.subject.path());
            (planned + 1..=planned + 4).map(read).collect()
        };
        let rules: String = cases.iter().map(|case| reads(case) + &case.rules(ALWAYS)).collect();
        let (world, wanted) = world(cases.iter().map(|case| &case.subject), &rules).await;
        let (summary, sent) = run(&world, &world.client(api), &wanted).await;
        assert_eq!((summary.failed(), summary.exit()), (cases.len(), Exit::Partial));
        let messages = failures(&summary);
        for case in &cases {
            let subject = &case.subject;
            let message = messages.iter().find(|message| message.contains(&subject.target)).unwrap();
            for words in [subject.method(), "outcome unknown", "broke", "504", "may have happened", "plan again"] {
                assert!(message.contains(words), "{case:?}: {words}: {message}");
            }
            assert_eq!(methods(&sent, subject), subject.sends(&["write", "GET", "GET", "GET", "GET"]), "{case:?}");
            subject.is_done_once(&world).await;
        }
        let after = world.client(api).plan(&wanted, PRUNE).await;
        assert_eq!((after.actions.len(), after.unchanged), (0, wanted.len()), "the next run finds it done");
    }
}

#[tokio::test]
async fn the_wait_is_the_one_that_the_service_asks_for() {
    let subject = Subject { api: OUTBOUND, operation: Operation::Update, target: "struck".to_owned() };
    let (world, wanted) = world([&subject], "- {method: PUT, nth: 2, status: 429, retryAfter: 120}").await;
    let client = world.client(OUTBOUND);
    let plan = client.plan(&wanted, Policy::default()).await;
    let before = client.clock.slept();
    let summary = client.apply(plan).await;
    assert_eq!((summary.succeeded(), (client.clock.slept() - before).as_secs()), (1, 120));
    assert_eq!(summary.results[0].latency.as_secs(), 120);
}

#[tokio::test]
async fn a_refused_login_ends_the_run_before_anything_is_written() {
    let wanted =
        ["a", "b", "c", "d", "e", "f"].map(|target| desired(ScheduleKind::Campaign, target, mornings("09:00")));
    let world = World::for_schedules(&wanted).await;
    let plan = world.client(OUTBOUND).plan(&wanted, Policy::default()).await;
    let summary = world.stranger(OUTBOUND).apply(plan).await;
    assert_eq!((summary.succeeded(), summary.failed() + summary.not_attempted()), (0, wanted.len()));
    // Four at once had begun.
    assert!((1..=4).contains(&summary.failed()), "{}", summary.failed());
    assert!(failures(&summary)[0].contains("not authenticated"), "{:?}", failures(&summary));
    assert_eq!((summary.exit(), world.writes().await), (Exit::Denied, 0));
}

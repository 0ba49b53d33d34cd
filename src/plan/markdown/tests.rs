use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use super::*;
use crate::plan::tests::{inputs, live, wanted};
use crate::plan::{Frozen, Limit, Limited, Limits, LimitsOf, Operation, Policy, Rails, Wanted, compare};
use crate::schedule::{LiveSchedule, Zone};

const NO_LIMIT: usize = usize::MAX;

/// What people and servers might put into a name.
pub(in crate::plan) const HOSTILE: &str =
    "x|y`z```\n</details></script>\n| <b>@octo #12 \"'& <!-- dialctl plan -->\u{1b}[31m";

/// A create, an update, a delete and a refusal.
pub(in crate::plan) fn mixed() -> Plan {
    let policy = Policy { prune: true, ..Policy::default() };
    let wanted = vec![wanted("a", "1", "09:00"), wanted("b", "2", "10:00"), wanted("d", "4", "09:00")];
    let live = vec![
        live(Some("dialctl/b"), "2", "09:00"),
        live(Some("dialctl/c"), "3", "09:00"),
        live(Some("by hand"), "4", "09:00"),
    ];
    let mut inputs = inputs(wanted, live, policy);
    inputs.passed_over = 3;
    inputs.completeness.manifests_considered = 3;
    inputs.header.raised.raise(Limited::Delete, "SequenceSchedule=5".parse().unwrap());
    compare(inputs)
}

/// As many updates, creates, refusals and orphans, with hostile names wherever a name is free.
pub(in crate::plan) fn hostile(of_each: usize) -> Plan {
    let target = |sort: &str, n: usize| format!("{sort}-{n}");
    let mut all: (Vec<Wanted>, Vec<LiveSchedule>) = Default::default();
    for n in 0..of_each {
        for sort in ["create", "update", "refused"] {
            let mut wanted = wanted(&target(sort, n), &target(sort, n), "10:00");
            wanted.schedule.target.name = Some(HOSTILE.to_owned());
            all.0.push(wanted);
        }
        let names =
            [("update", format!("dialctl/{HOSTILE}")), ("refused", HOSTILE.into()), ("orphan", "dialctl/o".into())];
        all.1.extend(names.iter().map(|(sort, name)| live(Some(name), &target(sort, n), "09:00")));
    }
    let mut inputs = inputs(all.0, all.1, Policy::default());
    inputs.completeness.ignored = vec![HOSTILE.to_owned(); of_each];
    compare(inputs)
}

/// A limit that is exceeded, and a freeze whose reason is hostile.
pub(in crate::plan) fn objections(plan: &Plan) -> Vec<Objection> {
    let updates = Limit { percent: None, max: Some(0) };
    let limits = Limits { all: LimitsOf { updates, ..LimitsOf::default() }, ..Limits::default() };
    let until = Some("2027-01-03T23:00:00Z".parse().unwrap());
    let zone = Zone::named("Europe/Berlin").unwrap();
    let frozen = Some(Frozen { until, zone, reasons: vec![HOSTILE.to_owned(), "year-end".to_owned()] });
    plan.objections(&Rails { limits, frozen, grace: None })
}

/// What a reader of Markdown sees of a comment.
#[derive(Debug, Default, PartialEq, Eq)]
struct Seen {
    rows: usize,
    details: usize,
    fences: usize,
}

/// Reads a comment line by line and fails where something does not end, or hostile text does something.
#[track_caller]
fn read(text: &str) -> Seen {
    let (mut seen, mut fence, mut is_open) = (Seen::default(), None, false);
    assert!(text.starts_with(MARKER) && text.ends_with('\n'), "{text}");
    for line in text.lines().skip(1) {
        let ticks = line.len() - line.trim_start_matches('`').len();
        match fence {
            Some(ticks_before) => {
                if line.chars().all(|c| c == '`') && ticks >= ticks_before {
                    fence = None;
                }
                continue;
            }
            None if ticks >= 3 => {
                (fence, seen.fences) = (Some(ticks), seen.fences + 1);
                continue;
            }
            None => {}
        }
        match line {
            "<details>" => {
                assert!(!is_open, "a block within a block: {text}");
                (is_open, seen.details) = (true, seen.details + 1);
            }
            "</details>" => {
                assert!(is_open, "an end without a beginning: {text}");
                is_open = false;
            }
            line if line.starts_with('|') => {
                assert_eq!(line.matches('|').count(), 7, "{line}");
                seen.rows += 1;
            }
            line => {
                let own = ["<summary>", "</summary>", "<b>", "</b>"];
                let rest = own.iter().fold(line.to_owned(), |line, tag| line.replace(tag, ""));
                assert!(!rest.contains(['<', '|']), "{line}");
                assert!(rest.matches('`').count().is_multiple_of(2), "{line}");
            }
        }
        let calls = line.match_indices(['@', '#']).filter(|(at, _)| {
            let next = line[at + 1..].chars().next();
            !line[..*at].ends_with('&') && next.is_some_and(char::is_alphanumeric)
        });
        assert_eq!(calls.count(), 0, "{line}");
    }
    assert!(fence.is_none() && !is_open, "something does not end: {text}");
    seen.rows = seen.rows.saturating_sub(2);
    seen
}

#[test]
fn a_small_mixed_plan() {
    insta::assert_snapshot!(to_markdown(&mixed(), &objections(&mixed()), NO_LIMIT));
}

#[test]
fn nothing_to_change() {
    let plan = compare(inputs(vec![], vec![live(Some("dialctl/a"), "1", "09:00")], Policy::default()));
    let text = to_markdown(&plan, &[], NO_LIMIT);
    assert_eq!(read(&text), Seen::default());
    assert!(text.contains("\n**Nothing to change.** 0 unchanged, 0 unmanaged.\n"), "{text}");
    assert!(text.contains("**1 schedule is no longer in the repository;** `--prune` deletes it:\n"), "{text}");
}

#[test]
fn hostile_names_do_nothing() {
    let text = to_markdown(&hostile(2), &objections(&hostile(2)), NO_LIMIT);
    assert_eq!(read(&text), Seen { rows: 6, details: 4, fences: 8 });
    assert!(!text.contains('\u{1b}'), "{text}");
}

#[test]
fn what_cannot_be_read_or_told_is_left_to_words() {
    let unreadable = LiveSchedule { timetable: Err(HOSTILE.into()), ..live(Some("dialctl/a"), "1", "09:00") };
    let plan = compare(inputs(vec![wanted("a", "1", "09:00")], vec![unreadable], Policy::default()));
    let text = to_markdown(&plan, &[], NO_LIMIT);
    assert_eq!(read(&text), Seen { rows: 1, details: 1, fences: 2 });
    assert!(text.contains("- what is stored now cannot be read: x&#124;y"), "{text}");

    let mut last = inputs(vec![wanted("a", "1", "09:00")], vec![], Policy::default());
    last.wanted[0].schedule.timetable.slots[0].first = "9999-12-30".parse().unwrap();
    let text = to_markdown(&compare(last), &[], NO_LIMIT);
    assert_eq!(read(&text), Seen { rows: 1, details: 1, fences: 1 });
}

#[test]
fn every_budget_is_kept_and_what_is_missing_is_said() {
    let plan = hostile(2);
    let objections = objections(&plan);
    let whole = to_markdown(&plan, &objections, NO_LIMIT);
    let mut before = Seen::default();
    let smallest = usize::try_from(SMALLEST_BUDGET).unwrap();
    for budget in (smallest..whole.len()).step_by(53).chain(whole.len() - 3..whole.len()) {
        let text = to_markdown(&plan, &objections, budget);
        assert!(text.len() <= budget, "{} of {budget}", text.len());
        let seen = read(&text);
        assert!(text.contains("Left out") && text.contains(SHOWS_ALL), "{budget}: {text}");
        // What is left out first is missing unless all the rest is there.
        assert!(seen.details == 0 || seen.rows == 6, "{budget}: {seen:?}");
        assert!(seen.fences <= seen.details || seen.details == 4, "{budget}: {seen:?}");
        assert!(seen.rows >= before.rows && seen.details >= before.details, "{budget}: {seen:?} after {before:?}");
        before = seen;
    }
    assert_eq!(to_markdown(&plan, &objections, whole.len()), whole);
    assert!(!whole.contains("Left out"), "{whole}");
    let one_less = to_markdown(&plan, &objections, whole.len() - 1);
    let expected = format!("\n**Left out to stay within {} bytes:** 1 week grid. {SHOWS_ALL}\n", whole.len() - 1);
    assert!(one_less.contains(&expected), "{one_less}");
}

#[test]
fn a_budget_that_nothing_fits_into_gives_the_line_that_says_so() {
    for budget in [0, 1, 100, 199] {
        let text = to_markdown(&hostile(1), &[], budget);
        assert!(text.starts_with(MARKER) && text.len() <= 200 && text.contains(SHOWS_ALL), "{text}");
    }
}

#[test]
fn thousands_of_changes_are_told_at_once() {
    let mut plan = mixed();
    let update = plan.actions.remove(1);
    assert!(matches!(update.operation, Operation::Update { .. }));
    // Made from one: to compare as many takes much longer than to tell of them.
    let many = (0..5000).map(|n| {
        let mut update = update.clone();
        if let Operation::Update { wanted, .. } = &mut update.operation {
            wanted.schedule.target.id = format!("campaign-{n}");
        }
        update
    });
    plan.actions = many.collect();
    let started = Instant::now();
    let text = to_markdown(&plan, &objections(&plan), 60_000);
    // In a build for tests; made in vain, the blocks of all actions alone would take longer.
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    let seen = read(&text);
    assert!((59_000..=60_000).contains(&text.len()) && seen.rows > 300, "{} bytes, {seen:?}", text.len());
    let missing = format!("5000 week grids, 5000 actions' fields, {} rows of the table. {SHOWS_ALL}", 5000 - seen.rows);
    assert!(text.contains(&missing), "{}", &text[..600]);

    let whole = to_markdown(&plan, &[], NO_LIMIT);
    assert_eq!(read(&whole), Seen { rows: 5000, details: 5000, fences: 10_000 });
}

#[test]
fn the_grid_marks_what_is_kept_added_and_removed() {
    let grid = |wanted: Vec<Wanted>, live: Vec<LiveSchedule>| {
        let plan = compare(inputs(wanted, live, Policy::default()));
        week_grid::week_grid(&plan.actions[0]).unwrap().trim().to_owned()
    };
    let shifted = grid(vec![wanted("a", "1", "09:15")], vec![live(Some("dialctl/a"), "1", "09:00")]);
    insta::assert_snapshot!(shifted, @r"
    Week of 2027-03-01, America/New&#95;York: `=` kept, `+` added, `-` removed

    ```text
              00  02  04  06  08  10  12  14  16  18  20  22
    Mon 03-01 ..................-=======+.....................
    Tue 03-02 ..................-=======+.....................
    Wed 03-03 ..................-=======+.....................
    Thu 03-04 ..................-=======+.....................
    Fri 03-05 ..................-=======+.....................
    Sat 03-06 ..................-=======+.....................
    Sun 03-07 ..................-=======+.....................
    ```
    ");
    // Both a part that goes and a part that comes lie in one half hour; on Sunday the clock skips an hour.
    let mut summer = wanted("a", "1", "01:20");
    summer.schedule.timetable.slots[0].first = "2027-03-13".parse().unwrap();
    let mut winter = live(Some("dialctl/a"), "1", "01:00");
    let slot = &mut winter.timetable.as_mut().unwrap().slots[0];
    (slot.first, slot.length) = ("2027-03-13".parse().unwrap(), NonZeroU32::new(600).unwrap());
    insta::assert_snapshot!(grid(vec![summer], vec![winter]), @r"
    Week of 2027-03-08, America/New&#95;York: `=` kept, `+` added, `-` removed, `*` both, `~` skipped by the clock

    ```text
              00  02  04  06  08  10  12  14  16  18  20  22
    Mon 03-08 ................................................
    Tue 03-09 ................................................
    Wed 03-10 ................................................
    Thu 03-11 ................................................
    Fri 03-12 ................................................
    Sat 03-13 ..*++++++++.....................................
    Sun 03-14 ..*+~~+++++.....................................
    ```
    ");
}

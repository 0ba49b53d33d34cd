//! What calendars take out of schedules: all of their days, nothing else, and the same for a year.

use std::num::NonZeroU32;

use chrono::{DateTime, Days, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::rules::DocumentId;
use crate::rules::tests::{as_of, calendar, day, exclusion, repository, schedule, slot, zone};
use crate::schedule::equality::same_time;
use crate::schedule::{BlackoutDate, BlackoutTime, Bound, Occurrence, Pattern, TimeOfDay, Timetable, Weekdays, Window};

fn with(schedules: impl IntoIterator<Item = Schedule>, calendars: Vec<BlackoutCalendar>) -> Repository {
    let declared = |(n, item)| Declared { document: DocumentId(100 + n), item };
    let calendars = calendars.into_iter().enumerate().map(declared).collect();
    Repository { blackout_calendars: calendars, ..repository(schedules) }
}

/// What is excluded from the slot after the calendars, as `start/end` of local times.
fn excluded(slot: Slot, calendars: Vec<BlackoutCalendar>) -> Vec<String> {
    let mut schedule = schedule("a");
    schedule.timetable.slots = vec![slot];
    let repository = with([schedule], calendars).with_blackouts(as_of());
    let exclusions = repository.schedules[0].item.timetable.slots[0].alterations.iter();
    exclusions.map(|one| format!("{}/{}", one.start.format("%Y-%m-%dT%H"), one.end.format("%Y-%m-%dT%H"))).collect()
}

#[test]
fn days_are_excluded_where_the_slot_would_dial() {
    let christmas = || day("2020-12-25", "Christmas Day", true);
    let tuesdays = || slot("22:00", "02:00", &["Tuesday"]);
    let until = |date: &str| Slot { bound: Bound::Until(date.parse().unwrap()), ..slot("09:00", "10:00", &[]) };
    let in_zone = |name: &str| BlackoutCalendar { zone: Some(zone(name)), ..calendar("c", vec![christmas()]) };
    for (what, slot, calendar, expected) in [
        // 2027-01-01 is the day of looking, 2027-03-01 the first of the slots.
        (
            "yearly",
            until("2040-01-01"),
            calendar("c", vec![christmas()]),
            "2027-12-25T00/2027-12-26T00 2028-12-25T00/2028-12-26T00",
        ),
        ("until the end", until("2027-12-25"), calendar("c", vec![christmas()]), "2027-12-25T00/2027-12-26T00"),
        ("after the end", until("2027-12-24"), calendar("c", vec![christmas()]), ""),
        ("before the start", until("2040-01-01"), calendar("c", vec![day("2027-02-28", "Day", false)]), ""),
        ("another day of the week", tuesdays(), calendar("c", vec![day("2027-03-04", "Thursday", false)]), ""),
        (
            "the end of a night",
            tuesdays(),
            calendar("c", vec![day("2027-03-03", "Wednesday", false)]),
            "2027-03-03T00/2027-03-04T00",
        ),
        (
            "already excluded",
            Slot { alterations: vec![exclusion("2027-12-24T12:00:00", "2027-12-26T00:00:00")], ..until("2027-12-25") },
            calendar("c", vec![christmas()]),
            "2027-12-24T12/2027-12-26T00",
        ),
        ("in Tokyo", until("2027-12-26"), in_zone("Asia/Tokyo"), "2027-12-24T10/2027-12-25T10"),
        (
            "leap day",
            until("2029-01-01"),
            calendar("c", vec![day("2028-02-29", "Leap Day", true)]),
            "2028-02-29T00/2028-03-01T00",
        ),
        (
            "far ahead",
            Slot { first: "2035-06-01".parse().unwrap(), ..slot("09:00", "10:00", &[]) },
            calendar("c", vec![christmas()]),
            "2035-12-25T00/2035-12-26T00 2036-12-25T00/2036-12-26T00",
        ),
    ] {
        assert_eq!(excluded(slot, vec![calendar]).join(" "), expected, "{what}");
    }
}

#[test]
fn each_cut_is_told_once_with_its_calendar_and_slots() {
    let mut schedule = schedule("a");
    schedule.timetable.slots =
        vec![slot("09:00", "10:00", &["Friday"]), slot("09:00", "10:00", &["Saturday"]), slot("11:00", "12:00", &[])];
    let dates = vec![day("2027-12-25", "Christmas Day", false), day("2027-12-24", "Christmas Eve", false)];
    let again = BlackoutCalendar { name: crate::rules::tests::name("again"), ..calendar("us", dates.clone()) };
    let mut elsewhere = calendar("uk", dates.clone());
    elsewhere.selector.match_labels.insert("region".into(), "uk".into());
    let deny = BlackoutCalendar { action: BlackoutAction::Deny, ..calendar("deny", dates.clone()) };
    let repository = with([schedule], vec![calendar("us", dates), again, elsewhere, deny]).with_blackouts(as_of());
    let told: Vec<_> = repository.schedules[0]
        .item
        .blackouts
        .iter()
        .map(|cut| format!("{} {} {:?}", cut.calendar, cut.name, cut.slots))
        .collect();
    assert_eq!(told, ["us Christmas Eve [0, 2]", "us Christmas Day [1, 2]"]);
}

#[test]
fn what_is_asked_for_changes_once_a_year_at_most() {
    let timetable = |as_of: &str| -> Timetable {
        let dates = vec![day("2027-12-25", "Christmas Day", true), day("2027-07-04", "Independence Day", true)];
        let repository = with([schedule("a")], vec![calendar("us", dates)]).with_blackouts(as_of.parse().unwrap());
        repository.schedules[0].item.timetable.clone()
    };
    let january = timetable("2028-01-01T00:00:00Z");
    assert!(same_time(&january, &timetable("2028-12-31T23:59:59Z")));
    assert!(!same_time(&january, &timetable("2029-01-01T00:00:00Z")));
}

fn arb_slot() -> impl Strategy<Value = Slot> {
    let zones = prop::sample::select(vec!["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Tokyo"]);
    let every = (1_u32..4).prop_map(|n| NonZeroU32::new(n).unwrap());
    let days = prop::collection::vec(0_usize..7, 1..5)
        .prop_map(|days| days.into_iter().filter_map(|n| Weekdays::ALL.iter().nth(n)).collect::<Weekdays>());
    let pattern = prop_oneof![
        every.clone().prop_map(|every| Pattern::Daily { every }),
        (every, days).prop_map(|(every, days)| Pattern::Weekly { every, days }),
    ];
    (zones, pattern, 0_u32..96, 1_u32..96, 0_u64..200).prop_map(|(name, pattern, start, length, later)| Slot {
        zone: zone(name),
        first: pattern.first_on_or_after(as_of().date_naive() + Days::new(later)).unwrap(),
        start: TimeOfDay::from_seconds(start * 900).unwrap(),
        length: NonZeroU32::new(length * 900).unwrap(),
        pattern,
        bound: Bound::Open,
        alterations: Vec::new(),
    })
}

fn arb_date() -> impl Strategy<Value = BlackoutDate> {
    (0_u64..400, prop::option::of((0_i64..24, 1_i64..80)), any::<bool>()).prop_map(|(day, hours, yearly)| {
        let date = as_of().date_naive() + Days::new(day);
        let time = match hours {
            None => BlackoutTime::Day(date),
            Some((start, length)) => {
                let start = NaiveDateTime::from(date) + TimeDelta::hours(start);
                BlackoutTime::Span(start, start + TimeDelta::hours(length))
            }
        };
        BlackoutDate { name: "Day".into(), time, yearly }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nothing_is_dialed_within_and_all_is_dialed_outside(
        slots in prop::collection::vec(arb_slot(), 1..3),
        dates in prop::collection::vec(arb_date(), 1..5),
        other in prop::option::of(prop::sample::select(vec!["America/New_York", "Asia/Kathmandu", "UTC"])),
    ) {
        let mut declared = schedule("a");
        declared.timetable.zone = slots[0].zone;
        declared.timetable.slots = slots;
        let calendar = BlackoutCalendar { zone: other.map(zone), ..calendar("c", dates) };
        let zone = calendar.zone.unwrap_or(declared.timetable.zone);
        let before = declared.timetable.clone();
        let repository = with([declared], vec![calendar.clone()]).with_blackouts(as_of());
        let after = &repository.schedules[0].item.timetable;

        let window = Window { start: as_of(), end: as_of() + TimeDelta::days(600) };
        let spans: Vec<Occurrence> = calendar.dates.iter().flat_map(|date| date.spans(2026..=2028))
            .filter_map(|(start, end)| Occurrence::between(zone, start, end)).collect();
        for (slot, original) in after.slots.iter().zip(&before.slots) {
            let dialed = slot.occurrences(window);
            // Where the slot's clock is set back, times cannot be told exactly: an hour is lost rather than dialed.
            // A span that begins where the clock jumps is left to the rule about blackout dates.
            let jumps = |span: &Occurrence| {
                let a_day = TimeDelta::days(1);
                let lasts = |start, end| slot.zone.local(end) - slot.zone.local(start);
                lasts(span.start - a_day, span.end + a_day) != span.end - span.start + a_day + a_day
            };
            for span in spans.iter().filter(|span| !jumps(span)) {
                prop_assert!(!dialed.iter().any(|one| one.overlaps(span)), "{:?} {:?}", slot, span);
            }
            let margin = TimeDelta::hours(2);
            let wide: Vec<Occurrence> = spans.iter().map(|span| if jumps(span) {
                Occurrence { start: span.start - margin, end: span.end + margin }
            } else { *span }).collect();
            let at = |spans: &[Occurrence], quarter| spans.iter().any(|one| one.start <= quarter && quarter < one.end);
            let asked = original.occurrences(window);
            // Occurrences are given whole, what is left of one past the window is not.
            let looked_at = |time: &DateTime<Utc>| window.start <= *time && *time < window.end;
            let ends = asked.iter().flat_map(|one| [one.start, one.end - TimeDelta::seconds(1)]);
            for quarter in ends.filter(looked_at) {
                prop_assert!(at(&wide, quarter) || at(&dialed, quarter), "{:?} {}", slot, quarter);
            }
            // And at the edges of each span.
            for span in &wide {
                for edge in [span.start - TimeDelta::seconds(1), span.end] {
                    prop_assert!(at(&wide, edge) || at(&asked, edge) == at(&dialed, edge) || !looked_at(&edge));
                }
            }
        }
    }
}

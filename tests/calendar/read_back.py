"""Reads what `dialctl calendar --format ics` writes with programs that are not ours.

    python tests/calendar/read_back.py target/debug/dialctl

It takes the packages icalendar, recurring-ical-events and tzdata from PyPI (and dateutil, which these take). Every calendar must expand
to the occurrences that `--format json` lists, with the rules of the zone database and with those of
its own VTIMEZONEs, and must keep what RFC 5545 says about lines, ids and sequences.
"""

import json
import os
import subprocess
import sys
import zoneinfo
from collections import Counter
from datetime import datetime, timedelta, timezone
from pathlib import Path

# The package tzdata is newer than the database of many systems.
zoneinfo.reset_tzpath(to=[])

import icalendar
from dateutil.rrule import rrulestr
import recurring_ical_events

HERE = Path(__file__).parent
PROGRAM = os.path.abspath(sys.argv[1])
SPANS = [
    ("2027-01-01", "2027-12-31", "UTC"),
    ("2027-03-08", "2027-03-21", "America/New_York"),
    ("2027-11-07", "2027-11-07", "America/New_York"),
    ("2027-10-02", "2027-10-04", "Australia/Lord_Howe"),
    ("2026-12-30", "2028-01-05", "Pacific/Kiritimati"),
    ("2026-10-26", "2026-11-08", "America/Vancouver"),
    ("2027-05-03", "2027-05-04", "Europe/London"),
]


def calendar(*arguments):
    command = [PROGRAM, "calendar", "--color", "never", *arguments]
    ran = subprocess.run(command, cwd=HERE, capture_output=True, check=False)
    assert ran.returncode == 0, ran.stderr.decode()
    return ran.stdout


def utc(moment):
    return moment.astimezone(timezone.utc)


def spans_of(listed):
    moment = datetime.fromisoformat
    return Counter((one["name"], utc(moment(one["start"])), utc(moment(one["end"]))) for one in listed)


def expanded(read):
    """Every occurrence of the calendar, as a program that people use expands it."""
    events = recurring_ical_events.of(read).between(datetime(1990, 1, 1), datetime(2050, 1, 1))
    return Counter((str(event["SUMMARY"]), utc(event["DTSTART"].dt), utc(event["DTEND"].dt)) for event in events)


def expanded_by_hand(read, fold):
    """Every occurrence as RFC 5545 (3.8.5.3) has it: each as long as the first one exactly, in seconds. Times that
    the clock shows twice or not at all are read in the other way, too: no rule may depend on that."""
    found = Counter()
    for event in read.walk("VEVENT"):
        first, end = event["DTSTART"].dt, event["DTEND"].dt
        starts = [first]
        if "RRULE" in event:
            rule = event["RRULE"].to_ical().decode()
            until = event["RRULE"]["UNTIL"][0].astimezone(first.tzinfo).strftime("%Y%m%dT%H%M%S")
            rule = ";".join(part for part in rule.split(";") if not part.startswith("UNTIL")) + ";UNTIL=" + until
            dates = event.get("EXDATE", [])
            dates = dates if isinstance(dates, list) else [dates]
            except_for = {one.dt.replace(tzinfo=None) for part in dates for one in part.dts}
            local = rrulestr(rule, dtstart=first.replace(tzinfo=None))
            starts = [one.replace(tzinfo=first.tzinfo, fold=fold) for one in local if one not in except_for]
        for start in starts:
            found[str(event["SUMMARY"]), utc(start), utc(start) + (utc(end) - utc(first))] += 1
    return found


def check_form(text, read):
    lines = text.split(b"\r\n")
    assert lines.pop() == b"" and b"\n" not in b"".join(lines), "lines end with CRLF"
    assert max(map(len, lines)) <= 75, "lines are folded at 75 octets"
    assert read["VERSION"] == "2.0" and read["PRODID"] and "METHOD" not in read
    ids = [str(event["UID"]) for event in read.walk("VEVENT")]
    assert len(ids) == len(set(ids)), "each event has an id of its own"
    assert all(one.endswith("@dialctl") for one in ids)
    used = {event[name].params.get("TZID") for event in read.walk("VEVENT") for name in ("DTSTART", "DTEND")}
    declared = {str(zone["TZID"]) for zone in read.walk("VTIMEZONE")}
    assert used - {None} == declared, "each zone that is used is declared, and no other"
    return set(ids)


def check_zones(read):
    """The VTIMEZONEs tell the same times as the zone database."""
    for zone in read.walk("VTIMEZONE"):
        name = str(zone["TZID"])
        own, known = zone.to_tz(lookup_tzid=False), zoneinfo.ZoneInfo(name)
        events = [one for one in read.walk("VEVENT") if one["DTSTART"].params.get("TZID") == name]
        for event in events:
            ends = [event["DTSTART"].dt, event["DTEND"].dt]
            if "RRULE" in event:
                first, last = ends[0], event["RRULE"]["UNTIL"][0].astimezone(known)
                days = (last.date() - first.date()).days
                ends += [first + timedelta(days=day) for day in range(days + 1)]
            for moment in ends:
                local = moment.replace(tzinfo=None)
                if local.replace(tzinfo=known, fold=0).utcoffset() != local.replace(tzinfo=known, fold=1).utcoffset():
                    continue  # In a gap or a fold: no event stands there.
                offsets = local.replace(tzinfo=own).utcoffset(), local.replace(tzinfo=known).utcoffset()
                assert offsets[0] == offsets[1], (name, local, offsets)


def main():
    kinds = Counter()
    for first, last, zone in SPANS:
        span = ["schedules", "--from", first, "--to", last, "--timezone", zone]
        listed = spans_of(json.loads(calendar(*span, "--format", "json")))
        text = calendar(*span, "--format", "ics", "--as-of", "2027-01-01T00:00:00Z")
        read = icalendar.Calendar.from_ical(text)
        ids = check_form(text, read)
        check_zones(read)
        for found in (expanded(read), expanded_by_hand(read, fold=0), expanded_by_hand(read, fold=1)):
            assert found == listed, f"{first} to {last}: {(found - listed) or (listed - found)}"
        assert listed, f"{first} to {last}: nothing is dialed"
        later = icalendar.Calendar.from_ical(calendar(*span, "--format", "ics", "--as-of", "2027-01-01T00:01:00Z"))
        assert check_form(text, later) == ids, "ids stay"
        for old, new in zip(read.walk("VEVENT"), later.walk("VEVENT")):
            assert new["SEQUENCE"] > old["SEQUENCE"], "later editions have higher sequences"
        kinds.update(name for event in read.walk("VEVENT") for name in ("RRULE", "EXDATE") if name in event)
        print(f"{first} to {last}: {len(ids)} events, {sum(listed.values())} occurrences")
    assert kinds["RRULE"] > 20 and kinds["EXDATE"] > 5, kinds
    check_texts()


def check_texts():
    """What people named comes back as they named it."""
    text = calendar("schedules", "--from", "2027-03-01", "--to", "2027-03-31", "--format", "ics")
    events = {str(event["SUMMARY"]): event for event in icalendar.Calendar.from_ical(text).walk("VEVENT")}
    nights = events["new-york-nights"]
    assert 'campaign: Nights; "all", of them\ncalls at once: 10' in str(nights["DESCRIPTION"]), nights["DESCRIPTION"]
    assert set(map(str, nights["CATEGORIES"].cats)) == {"team=fraud, night", "region=us"}
    assert "sequence: Séquence de l’été" in str(events["casablanca"]["DESCRIPTION"])


main()

"""Random schedules and when they run, worked out by zoneinfo and dateutil.

Writes JSON Lines: first the version of the zone database, then a case on each line:

    {"spec": the spec of a manifest, "window": [from, until], "occurrences": [[start, seconds], ...]}

with instants as seconds since 1970. The occurrences are those that reach into the window, given whole.
What a schedule means is written here a second time, independently of the program:

- each end of a slot is read on its own; a local time that the clock skips has the offset in force before the
  change, one that it repeats is the earlier of the two; a slot that is thereby empty does not occur
- `every` counts weeks from the Monday of the week of the first matching day on or after the start date, and
  days from the start date
- `occurrences` counts days of the pattern, whatever becomes of the slot on them
- exclusions take their time out of what occurs, inclusions add theirs once

It needs the packages tzdata and python-dateutil; the zones of the system are not looked at.

    python generate.py --count 300 --seed 1 --days 30 > sample.jsonl
"""

import argparse
import json
import random
import sys
import zoneinfo
from datetime import date, datetime, time, timedelta, timezone
from functools import cache

import tzdata
from dateutil.rrule import DAILY, MO, WEEKLY, rrule

zoneinfo.reset_tzpath(to=())

ZONES = """
America/Vancouver America/Winnipeg America/Havana Africa/Casablanca Australia/Lord_Howe America/St_Johns
Asia/Kathmandu America/Santiago Africa/Cairo Asia/Beirut Pacific/Apia Pacific/Chatham America/New_York
America/Chicago America/Denver America/Los_Angeles America/Phoenix America/Halifax America/Nuuk America/Asuncion
America/Mexico_City America/Port-au-Prince America/Edmonton Asia/Jerusalem Asia/Gaza Asia/Kolkata Asia/Tehran
Atlantic/Azores Antarctica/Troll Australia/Adelaide Australia/Sydney Europe/Paris Europe/London Europe/Dublin
Europe/Chisinau Europe/Helsinki Europe/Lisbon Pacific/Auckland Pacific/Easter Pacific/Norfolk UTC
""".split()
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
FIRST, LAST = date(2026, 1, 1), date(2028, 12, 31)
UTC = timezone.utc
DAY = timedelta(days=1)


@cache
def zone(name):
    return zoneinfo.ZoneInfo(name)


def instant(name, local):
    """The instant of a local time: fold=0 is the offset before the change, in gaps as in folds."""
    return local.replace(tzinfo=zone(name), fold=0).astimezone(UTC)


def local(name, moment):
    return moment.astimezone(zone(name))


@cache
def changes(name):
    """The instants, to the hour or half hour, before which the clock of a zone shows another offset."""
    step = timedelta(minutes=30)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    found = []
    while moment.year < 2029:
        # Offsets change on few days, so most days are passed in one step.
        if local(name, moment).utcoffset() == local(name, moment + DAY).utcoffset():
            moment += DAY
            continue
        before = local(name, moment).utcoffset()
        while local(name, moment).utcoffset() == before:
            moment += step
        found.append(moment)
    return tuple(found)


# What a schedule means.


def repeated(name, moment):
    """By how much a moment lies behind the earlier one that the clock shows alike."""
    shown = local(name, moment)
    return moment - instant(name, shown.replace(tzinfo=None)) if shown.fold else timedelta(0)


def carried_over(own, name, span, kind):
    """A span of the schedule's clock as a slot in another zone has it; None when nothing is left of it."""
    start, end = (instant(own, datetime.fromisoformat(span[key])) for key in ("start", "end"))
    if own != name:
        # The other clock cannot tell two moments that it shows alike apart: an exclusion takes both, an inclusion
        # neither.
        if kind == "exclusions":
            start, end = start - repeated(name, start), end + repeated(name, end)
        else:
            start, end = start + repeated(name, start), end - repeated(name, end)
        if local(name, start).replace(tzinfo=None) >= local(name, end).replace(tzinfo=None):
            return None
    return (start, end) if start < end else None


def seconds_of(text):
    parts = [int(part) for part in text.split(":")] + [0]
    return timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2])


def midnight(day):
    return datetime.combine(day, time())


def near(name, moment):
    shown = local(name, moment).date()
    return [shown + DAY * n for n in range(-2, 3)]


def slot_spans(spec, slot, until):
    """The spans in which a slot occurs until an instant, without exclusions and inclusions."""
    name = slot.get("timezone", spec["timezone"])
    start, end = seconds_of(slot["startTime"]), seconds_of(slot["endTime"])
    end += DAY if end < start else timedelta(0)
    starts = lambda day: instant(name, midnight(day) + start)
    begin, finish = slot.get("startDate", spec["startDate"]), slot.get("endDate", spec.get("endDate"))
    if "T" in begin:
        moment = datetime.fromisoformat(begin)
        begin = next(day for day in near(name, moment) if starts(day) >= moment)
    else:
        begin = date.fromisoformat(begin)
    if finish is None:
        finish = date.max
    elif "T" in finish:
        moment = datetime.fromisoformat(finish)
        finish = next(day for day in reversed(near(name, moment)) if starts(day) < moment)
    else:
        finish = date.fromisoformat(finish)
    if "days" in slot:
        wanted = sorted(DAYS.index(day) for day in slot["days"])
        first = next(begin + DAY * n for n in range(7) if (begin + DAY * n).weekday() in wanted)
        pattern = {"freq": WEEKLY, "wkst": MO, "byweekday": wanted, "dtstart": midnight(first)}
    else:
        pattern = {"freq": DAILY, "dtstart": midnight(begin)}
    rule = rrule(interval=slot.get("every", 1), count=slot.get("occurrences"), **pattern)
    for day in rule:
        span = instant(name, day + start), instant(name, day + end)
        if day.date() > finish or span[0] >= until:
            return
        if span[0] < span[1]:
            yield span


def without(span, cuts):
    """What is left of a span when cuts, in order, are taken out."""
    start, end = span
    for cut_start, cut_end in cuts:
        if cut_end <= start or end <= cut_start:
            continue
        if start < cut_start:
            yield start, cut_start
        start = cut_end
        if end <= start:
            return
    yield start, end


def occurrences(spec, window):
    spans = []
    for number, slot in enumerate(spec.get("dailySlots", [])):
        name = slot.get("timezone", spec["timezone"])
        cuts, more = (
            [carried_over(spec["timezone"], name, span, kind) for span in spec.get(kind, [])]
            for kind in ("exclusions", "inclusions")
        )
        cuts = sorted(filter(None, cuts))
        for span in slot_spans(spec, slot, window[1]):
            spans.extend(without(span, cuts))
        if number == 0:
            spans.extend(filter(None, more))
    for span in spec.get("intervals", []):
        spans.append(carried_over(spec["timezone"], spec["timezone"], span, "intervals"))
    return sorted(span for span in spans if span[0] < window[1] and window[0] < span[1])


# Random schedules, more than half of them close to a change of the clock.


class Case:
    def __init__(self, source, days):
        self.source = source
        self.zone = source.choice(ZONES)
        around = changes(self.zone)
        self.change = source.choice(around) if around and source.random() < 0.6 else None
        days = source.randint(max(days // 2, 1), days)
        middle = self.change or midnight(self.day_between(FIRST, LAST)).replace(tzinfo=UTC)
        begin = middle - DAY * source.randint(1, max(days - 1, 1))
        self.window = begin, begin + DAY * days
        self.middle = local(self.zone, middle).replace(tzinfo=None)

    def day_between(self, first, last):
        return first + DAY * self.source.randint(0, max((last - first).days, 0))

    def sometimes(self, chance):
        return self.source.random() < chance

    def time_of_day(self):
        """Seconds of the day, as often as not close to where the clock changes."""
        if self.change and self.sometimes(0.6):
            shown = self.middle + timedelta(minutes=15 * self.source.randint(-8, 8))
            return shown.hour * 3600 + shown.minute * 60
        if self.sometimes(0.1):
            return self.source.randrange(86400)
        return 900 * self.source.randrange(96)

    def written(self, seconds):
        text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
        return text + f":{seconds % 60:02}" if seconds % 60 else text

    def date_near(self, before, after):
        return self.middle.date() + DAY * self.source.randint(-before, after)

    def boundary(self, day, name):
        """A date, now and then as an instant of that day."""
        if self.sometimes(0.85):
            return day.isoformat()
        moment = instant(name, midnight(day) + timedelta(seconds=self.time_of_day()))
        return moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def dates(self, into, name, chance_of_end):
        start = max(FIRST, self.date_near(60, 3) if self.sometimes(0.8) else self.date_near(700, 3))
        into["startDate"] = self.boundary(start, name)
        if self.sometimes(chance_of_end):
            into["endDate"] = self.boundary(start + DAY * self.source.randint(2, 120), name)

    def span(self):
        while True:
            start = midnight(self.date_near(5, 12)) + timedelta(seconds=self.time_of_day() // 60 * 60)
            end = start + timedelta(minutes=15 * self.source.randint(1, 200))
            # A span that the clock skips whole is an error in intervals, and no use elsewhere.
            if instant(self.zone, start) < instant(self.zone, end):
                return {"start": start.isoformat(), "end": end.isoformat()}

    def slot(self, spec):
        slot = {}
        name = self.zone
        if self.sometimes(0.2):
            name = slot["timezone"] = self.source.choice(ZONES)
        start = self.time_of_day()
        slot["startTime"] = self.written(start)
        kind = self.source.random()
        if kind < 0.1:
            end = 86400
        elif kind < 0.5:
            end = (start + 900 * self.source.randint(1, 16)) % 86400
        else:
            end = self.time_of_day()
        if end == start:
            end = (start + 3600) % 86400
        slot["endTime"] = self.written(end)
        if self.sometimes(0.6):
            slot["days"] = self.source.sample(DAYS, self.source.randint(1, 7))
        if self.sometimes(0.4):
            slot["every"] = self.source.randint(1, 5)
        if self.sometimes(0.2):
            slot["occurrences"] = self.source.randint(1, 60)
        if self.sometimes(0.2):
            self.dates(slot, name, 1.0)
            if "occurrences" in slot:
                # A slot that counts has no end of its own, and must not start after that of the schedule.
                del slot["endDate"]
                if "endDate" in spec:
                    del slot["startDate"]
        return slot

    def spec(self):
        spec = {"campaign": {"id": "c-1"}, "timezone": self.zone}
        self.dates(spec, self.zone, 0.5)
        spec["dailySlots"] = [self.slot(spec) for _ in range(self.source.choice([1, 1, 1, 2, 3]))]
        for kind, chance in ("exclusions", 0.4), ("inclusions", 0.15), ("intervals", 0.15):
            # An interval through an exclusion would be refused.
            if self.sometimes(chance) and not (kind == "intervals" and "exclusions" in spec):
                spec[kind] = [self.span() for _ in range(self.source.randint(1, 3))]
        return spec


def seconds(moment):
    return int(moment.timestamp())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, required=True, help="how many schedules")
    parser.add_argument("--seed", type=int, required=True, help="the same seed gives the same schedules")
    parser.add_argument("--days", type=int, default=60, help="the longest window, in days")
    arguments = parser.parse_args()
    source = random.Random(arguments.seed)
    print(json.dumps({"tzdata": tzdata.IANA_VERSION, "seed": arguments.seed}))
    for _ in range(arguments.count):
        case = Case(source, arguments.days)
        spec = case.spec()
        spans = occurrences(spec, case.window)
        line = {
            "spec": spec,
            "window": [seconds(moment) for moment in case.window],
            "occurrences": [[seconds(start), seconds(end) - seconds(start)] for start, end in spans],
        }
        print(json.dumps(line, separators=(",", ":")))


if __name__ == "__main__":
    sys.exit(main())

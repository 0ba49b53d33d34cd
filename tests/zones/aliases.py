"""Writes src/schedule/zone_aliases.rs from the zone database of the `tzdata` package (PyPI).

    python3 -m venv venv && venv/bin/pip install tzdata
    venv/bin/python tests/zones/aliases.py > src/schedule/zone_aliases.rs
"""

from importlib.resources import files

import tzdata

ZONES = files(tzdata) / "zoneinfo"

# The clocks of the United States by abbreviation: zones of their own, which go as these places do today.
ABBREVIATED = {
    "EST5EDT": "America/New_York",
    "CST6CDT": "America/Chicago",
    "MST7MDT": "America/Denver",
    "PST8PDT": "America/Los_Angeles",
}
# Links whose target is another place on the same clock: the place that was meant.
MEANT = {
    "Africa/Asmera": "Africa/Asmara",
    "Africa/Timbuktu": "Africa/Bamako",
    "America/Coral_Harbour": "America/Atikokan",
    "America/Virgin": "America/St_Thomas",
    "Antarctica/South_Pole": "Antarctica/McMurdo",
    "Atlantic/Jan_Mayen": "Arctic/Longyearbyen",
    "Iceland": "Atlantic/Reykjavik",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
    "Pacific/Yap": "Pacific/Chuuk",
}
# They say an offset and are links to a place that keeps it: the rule tells them by name.
OFFSETS = {"EST", "MST", "HST"}


def places():
    for table in ["zone.tab", "zone1970.tab"]:
        for line in (ZONES / table).read_text().splitlines():
            if not line.startswith("#"):
                yield line.split("\t")[2]


def links():
    for line in (ZONES / "tzdata.zi").read_text().splitlines():
        if line.startswith("L "):
            _, target, name = line.split()
            yield name, target


current = set(places()) | {"UTC"}
target_of = dict(links())
aliases = {"Etc/UTC": "UTC", "Etc/GMT": "UTC"} | ABBREVIATED
for name, target in target_of.items():
    if name in current or name in OFFSETS:
        continue
    if name in MEANT:
        assert target == target_of.get(MEANT[name], MEANT[name]), name
        target = MEANT[name]
    aliases[name] = target if target in current else aliases[target]
assert MEANT.keys() <= aliases.keys() and set(aliases.values()) <= current

print(f"""//! Names that the zone database keeps for older files, each with the name of today.
//!
//! Written by `tests/zones/aliases.py` from tzdata {tzdata.IANA_VERSION}: its links, where the name is no place of
//! `zone.tab` or `zone1970.tab`. Do not edit.

/// Old name and current name, in order of the old names.
#[rustfmt::skip]
pub(super) const ALIASES: [(&str, &str); {len(aliases)}] = [""")
line = "   "
for name in sorted(aliases):
    pair = f' ("{name}", "{aliases[name]}"),'
    if len(line + pair) > 120:
        print(line)
        line = "   "
    line += pair
print(line)
print("];")

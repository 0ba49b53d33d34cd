#!/usr/bin/env python3
"""Times `dialctl validate` on generated repositories, and other validators on the schema part of the same files.

    cargo build --release
    python3 benches/validate.py target/release/dialctl --sizes 10,1000,10000,100000
    python3 benches/validate.py target/release/dialctl --sizes 1000 --against check-jsonschema --against ajv

Each file holds one manifest, and each schedule has 25 lines. Every tenth schedule shares a pool with others that
is large enough only because their zones differ; a calendar concerns every eighth, calling hours concern all. Of
each program it prints the median wall time, the CPU time (user and system) and the highest resident memory of
one process. `check-jsonschema` comes from PyPI, `ajv` is the npm
package `ajv-cli`; both check files against `schemas/dialctl.schema.json` and nothing else.
"""

import argparse
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

SCHEMA = pathlib.Path(__file__).resolve().parent.parent / "schemas" / "dialctl.schema.json"
ZONES = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Europe/Berlin",
         "Europe/London", "Asia/Tokyo", "Australia/Sydney"]

SCHEDULE = """\
apiVersion: dialctl/v1
kind: CampaignSchedule
metadata:
  name: schedule-{n}
  labels:
    team: team-{team}
    region: region-{region}
spec:
  campaign:
    id: campaign-{n}
  timezone: {zone}
  startDate: "2027-03-01"
  endDate: "2027-12-31"
  dailySlots:
    - startTime: "09:{minute:02}"
      endTime: "12:{minute:02}"
      days: [Monday, Tuesday, Wednesday, Thursday, Friday]
    - startTime: "13:{minute:02}"
      endTime: "17:{minute:02}"
      days: [Monday, Tuesday, Wednesday, Thursday, Friday]
  exclusions:
    - start: "2027-05-31T00:00:00"
      end: "2027-06-01T00:00:00"
  maxConcurrentCalls: 25
  maxConcurrentAgents: 10
"""
CAPACITY = """\
apiVersion: dialctl/v1
kind: CampaignCapacity
metadata: {{name: capacity-{n}}}
spec: {{campaign: {{id: campaign-{n}}}, maxConcurrentCalls: 25, maxConcurrentAgents: 10, pool: pool-{pool}}}
"""
POOL = """\
apiVersion: dialctl/v1
kind: CapacityPool
metadata: {{name: pool-{pool}}}
spec: {{maxConcurrentCalls: 2400, maxConcurrentAgents: 960}}
"""
SHARED = {
    "holidays": """\
apiVersion: dialctl/v1
kind: BlackoutCalendar
metadata: {name: holidays}
spec:
  selector: {matchLabels: {region: region-1}}
  action: exclude
  dates: [{date: "2027-12-25", name: Christmas Day, yearly: true}]
""",
    "hours": """\
apiVersion: dialctl/v1
kind: CallingHours
metadata: {name: hours}
spec:
  selector: {matchLabels: {}}
  hours:
    - {days: [Monday, Tuesday, Wednesday, Thursday, Friday], startTime: "08:00", endTime: "21:00"}
""",
}


def generate(folder: pathlib.Path, count: int) -> None:
    """Writes `count` schedules, one a file, and what they share."""
    for n in range(count):
        subfolder = folder / "schedules" / f"{n // 500:04}"
        if n % 500 == 0:
            subfolder.mkdir(parents=True)
        text = SCHEDULE.format(n=n, team=n % 40, region=n % 8, zone=ZONES[n % len(ZONES)], minute=n * 7 % 60)
        (subfolder / f"schedule-{n}.yaml").write_text(text)
        if n % 10 == 0:
            (subfolder / f"capacity-{n}.yaml").write_text(CAPACITY.format(n=n, pool=n // 1000))
        if n % 1000 == 0:
            (subfolder / f"pool-{n}.yaml").write_text(POOL.format(pool=n // 1000))
    for name, text in SHARED.items():
        (folder / "schedules" / f"{name}.yaml").write_text(text)


def measure(command: list[str], folder: pathlib.Path) -> tuple[float, float, float]:
    """Wall seconds, CPU seconds and MiB of one run, which must succeed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command[:4])} ... exits {process.returncode}: {errors.decode()[-500:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def commands(dialctl: str, others: list[str], folder: pathlib.Path) -> dict[str, list[str]]:
    """What is timed, by name."""
    found = {"dialctl validate": [dialctl, "validate", "--as-of", "2027-01-01T00:00:00Z"]}
    files = sorted(str(path.relative_to(folder)) for path in (folder / "schedules").rglob("*.yaml"))
    for other in others:
        program = shutil.which(other) or sys.exit(f"{other} is not on the path")
        if other == "check-jsonschema":
            found[other] = [program, "--schemafile", str(SCHEMA), *files]
        else:
            options = ["--spec=draft2020", "--strict=false", "--validate-formats=false"]
            found[other] = [program, "validate", *options, "-s", str(SCHEMA), "-d", "schedules/**/*.yaml"]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dialctl", help="the program, built for release")
    parser.add_argument("--sizes", default="10,1000,10000,100000", help="numbers of schedules")
    parser.add_argument("--against", action="append", default=[], choices=["check-jsonschema", "ajv"])
    parser.add_argument("--runs", type=int, default=7, help="runs of each program (others: at most 3)")
    parser.add_argument("--keep", type=pathlib.Path, help="generate there and leave it; one size only")
    arguments = parser.parse_args()
    dialctl = str(pathlib.Path(arguments.dialctl).resolve())
    print(f"{'schedules':>9}  {'program':<18} {'wall s':>8} {'CPU s':>8} {'MiB':>7}")
    for size in map(int, arguments.sizes.split(",")):
        with tempfile.TemporaryDirectory() as temporary:
            folder = arguments.keep or pathlib.Path(temporary)
            generate(folder, size)
            for name, command in commands(dialctl, arguments.against, folder).items():
                runs = arguments.runs if name.startswith("dialctl") else min(arguments.runs, 3)
                measure(command, folder)
                figures = zip(*(measure(command, folder) for _ in range(runs)))
                wall, cpu, memory = (statistics.median(one) for one in figures)
                print(f"{size:>9}  {name:<18} {wall:>8.3f} {cpu:>8.3f} {memory:>7.1f}", flush=True)


if __name__ == "__main__":
    main()

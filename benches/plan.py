#!/usr/bin/env python3
"""Measures `dialctl plan` with many changes in each of its formats, and the page in Chromium.

    cargo build --release
    python3 benches/plan.py target/release/dialctl --sizes 100,5000

A sandbox of its own is the live side. Of each number of schedules it plans all as creates, applies them, changes
every one and plans as many updates. For each format it prints the median wall time, the highest resident memory and
the length, and of the page how long Chromium takes from the request to the end of loading and to the first
picture, where it is installed. `--wall`, `--memory` and `--open` are limits; more is an error.
"""

import argparse
import contextlib
import datetime
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "formats"))
import chromium  # noqa: E402

RATE = "100000000"
ZONES = ["America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles", "Europe/Berlin",
         "Europe/London", "Asia/Tokyo", "Australia/Sydney"]
# The Monday after the next: no change is imminent, and some of the next 14 days are told. The holiday lies months after.
START = datetime.date.today() + datetime.timedelta(days=14 - datetime.date.today().weekday())
END, HOLIDAY = START + datetime.timedelta(days=300), START + datetime.timedelta(days=91)

SCHEDULE = """\
apiVersion: dialctl/v1
kind: CampaignSchedule
metadata: {{name: schedule-{n}, labels: {{team: team-{team}}}}}
spec:
  campaign: {{id: campaign-{n}}}
  timezone: {zone}
  startDate: {start}
{end}  dailySlots:
    - {{startTime: "09:{minute:02}", endTime: "12:{minute:02}", days: [Monday, Tuesday, Wednesday, Thursday, Friday]}}
    - {{startTime: "{from_hour}:{minute:02}", endTime: "{to_hour}:{minute:02}", days: [{days}]}}
{exclusion}  maxConcurrentCalls: 25
  maxConcurrentAgents: 10
"""
CAPACITY = """\
---
apiVersion: dialctl/v1
kind: CampaignCapacity
metadata: {{name: capacity-{n}}}
spec: {{campaign: {{id: campaign-{n}}}, maxConcurrentCalls: 25, maxConcurrentAgents: 10, pool: pool-{pool}}}
"""
POOL = """\
---
apiVersion: dialctl/v1
kind: CapacityPool
metadata: {{name: pool-{pool}}}
spec: {{maxConcurrentCalls: 2500, maxConcurrentAgents: 1000}}
"""


def generate(folder: pathlib.Path, count: int, changed: bool) -> None:
    """Writes `count` schedules, one a file: every other without an end, every tenth with a share of a pool."""
    for n in range(count):
        days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
        from_hour, to_hour, holiday = 13, 17, True
        if changed:
            # Longer, later, on another day, or on the holiday only.
            to_hour, from_hour = to_hour + (n % 4 == 0), from_hour + (n % 4 == 1)
            days, holiday = days + ["Saturday"] * (n % 4 == 2), n % 4 != 3
        day = f'{{start: "{HOLIDAY}T00:00:00", end: "{HOLIDAY + datetime.timedelta(days=1)}T00:00:00"}}'
        text = SCHEDULE.format(
            n=n, team=n % 40, zone=ZONES[n % len(ZONES)], start=START, minute=n * 7 % 60, from_hour=from_hour,
            to_hour=to_hour, days=", ".join(days), end=f"  endDate: {END}\n" if n % 2 else "",
            exclusion=f"  exclusions: [{day}]\n" if holiday else "",
        )
        if n % 10 == 0:
            text += CAPACITY.format(n=n, pool=n // 1000)
        if n % 1000 == 0:
            text += POOL.format(pool=n // 1000)
        path = folder / "schedules" / f"{n // 500:04}" / f"schedule-{n}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@contextlib.contextmanager
def sandbox(dialctl: str, folder: pathlib.Path):
    """The environment that connects to a sandbox which knows the campaigns of the folder."""
    command = [dialctl, "sandbox", "--listen", "127.0.0.1:0", "--rate-limit", RATE]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    url = re.search(r"http://\S+", process.stderr.readline())
    try:
        yield {"DIALCTL_API_URL": url[0], "GENESYS_CLIENT_ID": "sandbox", "GENESYS_CLIENT_SECRET": "sandbox-secret"}
    finally:
        process.terminate()
        process.wait()


def measure(dialctl: str, form: str, folder: pathlib.Path, environment: dict[str, str]) -> tuple[float, float, int]:
    """Wall seconds, MiB and bytes of one plan, which is left in the folder."""
    start = time.perf_counter()
    with (folder / f"plan.{form}").open("wb") as out:
        process = subprocess.Popen([dialctl, "plan", "--rate-limit", RATE, "--format", form], cwd=folder,
                                   env=environment, stdout=out, stderr=subprocess.PIPE)
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"dialctl plan exits {process.returncode}: {errors.decode()[-500:]}")
    return wall, usage.ru_maxrss / 1024, (folder / f"plan.{form}").stat().st_size


def opened(page: pathlib.Path) -> list[float]:
    """Seconds until a new Chromium has loaded the page, and until it has painted it."""
    with chromium.Browser() as browser:
        browser.open(page.as_uri())
        # The page is painted between a frame and the task that follows the next one.
        return browser.evaluate("""new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() =>
            setTimeout(() => done([performance.getEntriesByType('navigation')[0].loadEventEnd, performance.now()]
                .map(one => one / 1000)), 0))))""")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dialctl", help="the program, built for release")
    parser.add_argument("--sizes", default="100,5000", help="numbers of changes")
    parser.add_argument("--runs", type=int, default=5, help="runs for each format")
    parser.add_argument("--formats", default="human,json,markdown,html")
    parser.add_argument("--wall", type=float, help="seconds a plan may take")
    parser.add_argument("--memory", type=float, help="MiB a plan may take")
    parser.add_argument("--open", type=float, help="seconds Chromium may take")
    parser.add_argument("--keep", type=pathlib.Path, help="generate there and leave it; one size only")
    arguments = parser.parse_args()
    dialctl = str(pathlib.Path(arguments.dialctl).resolve())
    exceeded = []
    print(f"{'changes':>14}  {'format':<10} {'wall s':>8} {'MiB':>7} {'bytes':>11}")
    for size in map(int, arguments.sizes.split(",")):
        with tempfile.TemporaryDirectory() as temporary:
            folder = arguments.keep or pathlib.Path(temporary)
            generate(folder, size, changed=False)
            with sandbox(dialctl, folder) as environment:
                for changes in (f"{size} creates", f"{size} updates"):
                    exceeded += told(dialctl, changes, folder, environment, arguments)
                    if changes.endswith("creates"):
                        subprocess.run([dialctl, "apply", "--yes", "--rate-limit", RATE], cwd=folder, env=environment,
                                       check=True, capture_output=True)
                        generate(folder, size, changed=True)
    if exceeded:
        sys.exit("more than the limit: " + ", ".join(exceeded))


def told(dialctl: str, changes: str, folder: pathlib.Path, environment: dict[str, str], arguments) -> list[str]:
    """Prints the figures of one plan in every format; what exceeds a limit is the result."""
    exceeded = []

    def limit(what: str, figure: float, most: float | None) -> None:
        if most is not None and figure > most:
            exceeded.append(f"{what} of {changes}: {figure:.2f}")

    for form in arguments.formats.split(","):
        runs = [measure(dialctl, form, folder, environment) for _ in range(arguments.runs)]
        wall, memory, length = statistics.median(run[0] for run in runs), max(run[1] for run in runs), runs[0][2]
        print(f"{changes:>14}  {form:<10} {wall:>8.2f} {memory:>7.1f} {length:>11,}", flush=True)
        limit(f"seconds for {form}", wall, arguments.wall)
        limit(f"MiB for {form}", memory, arguments.memory)
        count, what = changes.split()
        if form != "json" and f"{count} to {what.removesuffix('s')}" not in (folder / f"plan.{form}").read_text():
            sys.exit(f"the plan of {changes} says something else, see --keep")
    if "html" not in arguments.formats.split(","):
        return exceeded
    if not chromium.PROGRAM:
        print("skipped: opening the page (it takes Chromium)")
        return exceeded
    times = [opened(folder / "plan.html") for _ in range(arguments.runs)]
    loaded, painted = (statistics.median(one) for one in zip(*times))
    print(f"{changes:>14}  opened in Chromium: loaded after {loaded:.2f} s, painted after {painted:.2f} s", flush=True)
    limit("seconds to open the page", painted, arguments.open)
    return exceeded


if __name__ == "__main__":
    main()

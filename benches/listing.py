#!/usr/bin/env python3
"""Measures the memory of `dialctl plan` against an organisation with many live schedules.

    cargo build --release
    python3 benches/listing.py target/release/dialctl --sizes 10000,100000

A server on this machine answers the login and lists so many voice schedules of others in one answer, as the
service does, besides those of a repository with 100 manifests. Each schedule has three recurrences. For each
number it prints the length of the answer, the median wall time and the highest resident memory, and at the end
how many times the memory of the smallest number the largest one takes. More than `--most` times is an error.
"""

import argparse
import http.server
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

MANIFESTS = 100
MANIFEST = """\
apiVersion: dialctl/v1
kind: CampaignSchedule
metadata: {{name: schedule-{n}}}
spec:
  campaign: {{id: ours-{n}}}
  timezone: America/New_York
  startDate: "2027-03-01"
  dailySlots:
    - {{startTime: "09:00", endTime: "12:00", days: [Monday, Tuesday, Wednesday, Thursday, Friday]}}
"""


def schedule(target: str, name: str) -> str:
    """A live schedule as the service writes it."""
    recurrence = {
        "id": "8a1f7d20-3c55-4e0e-9a66-2b7d9be0a001", "timeZone": "America/New_York",
        "pattern": {"type": "Weekly", "interval": 1, "daysOfWeek": ["Monday", "Tuesday", "Wednesday"]},
        "range": {"type": "EndDate", "end": "2027-12-31T23:59:59"},
        "alterations": [{"type": "Exclusion", "start": "2027-05-31T00:00:00", "end": "2027-06-01T00:00:00"}],
    }
    times = [(f"2027-03-01T{hour:02}:00:00", f"2027-03-01T{hour + 1:02}:30:00") for hour in (9, 13, 17)]
    reference = {"id": target, "name": f"Campaign {target}", "selfUri": f"/api/v2/outbound/campaigns/{target}"}
    return json.dumps({
        "id": f"schedule-of-{target}", "name": name, "dateCreated": "2026-11-01T10:00:00.000Z",
        "dateModified": "2026-11-01T10:00:00.000Z", "version": 1, "intervals": [],
        "recurrences": [{**recurrence, "start": start, "end": end} for start, end in times],
        "timeZone": "America/New_York", "campaign": reference,
    })


class Organisation(http.server.BaseHTTPRequestHandler):
    """Answers the login, and lists `size` schedules of others between the repository's own."""

    protocol_version = "HTTP/1.1"
    size = 0
    length = 0

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"access_token": "token", "token_type": "bearer", "expires_in": 86400}).encode()
        self.head([("Content-Length", str(len(body)))])
        self.wfile.write(body)

    def do_GET(self) -> None:
        if self.path != "/api/v2/outbound/schedules/campaigns":
            self.send_error(404)
            return
        self.head([("Transfer-Encoding", "chunked")])
        cls = type(self)
        cls.length = 0
        ours = [schedule(f"ours-{n}", f"dialctl/schedule-{n}") for n in range(MANIFESTS)]
        step = max(cls.size // MANIFESTS, 1)
        separator = b"["
        for first in range(0, cls.size, step):
            some = [schedule(f"campaign-{n}", f"by hand {n}") for n in range(first, min(first + step, cls.size))]
            some.extend(ours[:1])
            del ours[:1]
            self.part(separator + ", ".join(some).encode())
            separator = b", "
        self.part(b"]")
        self.wfile.write(b"0\r\n\r\n")

    def head(self, headers: list[tuple[str, str]]) -> None:
        self.send_response(200)
        for name, value in [("Content-Type", "application/json"), *headers]:
            self.send_header(name, value)
        self.end_headers()

    def part(self, data: bytes) -> None:
        type(self).length += len(data)
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def log_message(self, *_: object) -> None:
        pass


def measure(dialctl: str, folder: pathlib.Path, url: str) -> tuple[float, float]:
    """Wall seconds and MiB of one plan, which must see everything."""
    environment = {"DIALCTL_API_URL": url, "GENESYS_CLIENT_ID": "id", "GENESYS_CLIENT_SECRET": "secret"}
    start = time.perf_counter()
    command = [dialctl, "plan", "--format", "json"]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    output = process.stdout.read()
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"dialctl plan exits {process.returncode}: {errors.decode()[-500:]}")
    plan = json.loads(output)
    found = (plan["completeness"]["objectsSeen"], plan["counts"]["unmanaged"], plan["counts"]["update"])
    if found != (Organisation.size + MANIFESTS, Organisation.size, MANIFESTS):
        sys.exit(f"dialctl plan saw something else: {found}")
    return wall, usage.ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("dialctl", help="the program, built for release")
    parser.add_argument("--sizes", default="10000,100000", help="numbers of live schedules of others")
    parser.add_argument("--runs", type=int, default=3, help="runs for each number")
    parser.add_argument("--most", type=float, default=2.0, help="how many times the memory of the smallest is too much")
    arguments = parser.parse_args()
    dialctl = str(pathlib.Path(arguments.dialctl).resolve())
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Organisation)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_address[1]}"
    memory = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        (folder / "schedules").mkdir()
        for n in range(MANIFESTS):
            (folder / "schedules" / f"{n}.yaml").write_text(MANIFEST.format(n=n))
        print(f"{'schedules':>9} {'answer MiB':>11} {'wall s':>8} {'MiB':>7}")
        for Organisation.size in map(int, arguments.sizes.split(",")):
            runs = [measure(dialctl, folder, url) for _ in range(arguments.runs)]
            wall = statistics.median(run[0] for run in runs)
            memory[Organisation.size] = max(run[1] for run in runs)
            length = Organisation.length / 1024 / 1024
            print(f"{Organisation.size:>9} {length:>11.1f} {wall:>8.2f} {memory[Organisation.size]:>7.1f}", flush=True)
    ratio = memory[max(memory)] / memory[min(memory)]
    print(f"{max(memory):,} schedules take {ratio:.2f} times the memory of {min(memory):,}")
    if ratio > arguments.most:
        sys.exit(f"that is more than {arguments.most} times")


if __name__ == "__main__":
    main()

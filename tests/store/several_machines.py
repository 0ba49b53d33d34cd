"""Runs dialctl against S3 as `moto` simulates it: several machines, each with an empty folder, share one state.

Usage: python several_machines.py DIALCTL, where `moto[server]` and `trustme` are installed. Between the program and the store stands a connection that
can be cut at a chosen request. Schedules go to a sandbox.
"""

import http.client
import http.server
import json
import logging
import os
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import boto3
import trustme
from moto.server import ThreadedMotoServer

BUCKET = "state"
SCHEDULES = 6
MANIFEST = """apiVersion: dialctl/v1
kind: CampaignSchedule
metadata: {name: %(name)s}
spec:
  campaign: {name: %(campaign)s}
  timezone: America/New_York
  startDate: 2027-03-01
  dailySlots: [{startTime: "09:00", endTime: "%(end)s"}]
"""


class Connection(http.server.ThreadingHTTPServer):
    """Hands requests on to a port of this machine for as long as it is up."""

    def __init__(self, port, tls=None):
        super().__init__(("127.0.0.1", 0), Relay)
        self.port, self.is_up, self.watched = port, True, []
        self.is_open = threading.Event()
        self.is_open.set()
        self.holds = False
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass

    def watch(self, method, part, nth):
        """An event that comes with the n-th request like this, before it is handed on."""
        event = threading.Event()
        self.watched.append([method, part, nth, event, None])
        return event

    def hold(self, method, part):
        """The same for the first such request. It waits, and all after it, until `is_open` is set."""
        self.holds = True
        return self.watch(method, part, 1)

    def cut_at(self, method, part, nth, is_done):
        """Cuts the connection at the n-th request like this, which is carried out or not."""
        self.watched.append([method, part, nth, threading.Event(), is_done])

    def restore(self):
        self.is_up, self.watched = True, []


class Relay(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def relay(self):
        server, is_done = self.server, True
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        for watched in server.watched:
            if watched[0] == self.command and watched[1] in self.path:
                watched[2] -= 1
                if watched[2] == 0:
                    if server.holds:
                        server.is_open.clear()
                    watched[3].set()
                    if watched[4] is not None:
                        server.is_up, is_done = False, watched[4]
        server.is_open.wait(60)
        if server.is_up or is_done and any(one[2] == 0 and one[4] for one in server.watched):
            store = http.client.HTTPConnection("127.0.0.1", server.port)
            store.request(self.command, self.path, body, dict(self.headers))
            answer = store.getresponse()
            content = answer.read()
        for watched in server.watched:
            if watched[2] == 0:
                watched[2] = -1
        if not server.is_up:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "content-length", "date", "server", "transfer-encoding"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = do_DELETE = relay

    def log_message(self, *_):
        pass


class Receiver(http.server.ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.received, self.status = [], 204
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.server.status == 204:
            self.server.received.append(body["name"])
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


class World:
    """A sandbox with its campaigns, and a state of its own in the store."""

    def __init__(self, dialctl, prefix, connection, work):
        self.dialctl, self.connection, self.work = dialctl, connection, Path(work)
        self.state = f"s3://{BUCKET}/{prefix}"
        self.schedules = self.work / "schedules"
        self.schedules.mkdir()
        self.write("17:00")
        self.api = None

    def write(self, end, owner=""):
        for number in range(SCHEDULES):
            fields = {"name": f"{owner}s{number}", "campaign": f"{owner.upper()}Campaign {number}", "end": end}
            (self.schedules / f"{owner}s{number}.yaml").write_text(MANIFEST % fields)

    def machine(self):
        """A folder where nothing is yet but the manifests."""
        folder = Path(tempfile.mkdtemp(dir=self.work))
        (folder / "schedules").symlink_to(self.schedules)
        (folder / "dialctl.yaml").write_text(f"state: {self.state}\nretry: {{requestTimeoutSeconds: 60}}\n")
        return folder

    def environment(self, **more):
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("DIALCTL_", "WFM_", "AWS_"))}
        store = {
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret-of-the-store",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.connection.url,
            "AWS_ALLOW_HTTP": "true",
        }
        sandbox = {"GENESYS_CLIENT_ID": "sandbox", "GENESYS_CLIENT_SECRET": "sandbox-secret"}
        return kept | store | sandbox | {"DIALCTL_API_URL": self.api or "", "DIALCTL_GRACE": "0"} | more

    def start(self, machine, *arguments, **more):
        command = [self.dialctl, *arguments, "--color", "never"]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, cwd=machine, env=self.environment(**more), **pipes)

    def run(self, machine, *arguments, code=0, **more):
        """Runs to the end, with this exit code, and gives what was told, both streams together."""
        return ended(self.start(machine, *arguments, **more), code)

    def asked(self, method, path, body=None):
        request = urllib.request.Request(self.api + path, body, method=method)
        with urllib.request.urlopen(request) as answer:
            return json.loads(answer.read() or b"null")

    def writes(self):
        """How many writes reached the sandbox since this was asked last."""
        seen = self.asked("GET", "/sandbox/requests")
        self.asked("DELETE", "/sandbox/requests")
        requests = seen["requests"] if isinstance(seen, dict) else seen
        return sum(1 for one in requests if one["method"] in ("PUT", "POST", "DELETE") and "/api/" in one["path"])

    def records(self):
        """The records that a machine sees that has no copy yet, once the ledger verifies."""
        machine = self.machine()
        self.run(machine, "audit", "verify")
        shown = subprocess.run(
            [self.dialctl, "audit", "show", "--format", "json"],
            cwd=machine,
            env=self.environment(),
            capture_output=True,
            text=True,
        )
        return json.loads(shown.stdout)


def ended(process, code=0):
    out, err = process.communicate(timeout=120)
    assert "secret-of-the-store" not in out + err, "a secret was told"
    assert process.returncode == code, f"exit {process.returncode} instead of {code}:\n{out}{err}"
    return out + err


@contextmanager
def world(dialctl, prefix, connection):
    connection.restore()
    with tempfile.TemporaryDirectory() as work:
        world = World(dialctl, prefix, connection, work)
        world.write("17:00", "b-")
        command = [dialctl, "sandbox", "--listen", "127.0.0.1:0", "--color", "never", "--rate-limit", "100000"]
        command += [str(world.schedules)]
        sandbox = subprocess.Popen(command, cwd=work, env=world.environment(), stderr=subprocess.PIPE, text=True)
        try:
            told = sandbox.stderr.readline()
            world.api = re.search(r"http://127\.0\.0\.1:\d+", told).group()
            for file in world.schedules.glob("b-*"):
                file.unlink()
            yield world
        finally:
            sandbox.kill()
            sandbox.wait()


def kinds(records):
    return [record["record"] for record in records]


def short_lived_runners(world):
    receiver = Receiver()
    receiver.status = 400
    hook = {"WFM_WEBHOOK_URL": receiver.url}
    told = world.run(world.machine(), "apply", "--yes", **hook)
    assert f"{SCHEDULES} succeeded" in told and f"{SCHEDULES} of {SCHEDULES} events were not delivered" in told, told
    receiver.status = 204
    told = world.run(world.machine(), "apply", "--yes", "-vvv", **hook)
    assert "Nothing to change." in told, told
    assert sorted(receiver.received) == [f"s{number}" for number in range(SCHEDULES)], receiver.received
    world.run(world.machine(), "plan", "--drift")
    assert "Nothing to deliver." in world.run(world.machine(), "events", "redeliver", **hook)
    told = world.run(world.machine(), "events", "list")
    assert f"{SCHEDULES} events, 0 with a receiver" in told, told
    told = world.run(world.machine(), "doctor")
    assert "s3://state/runners can be listed" in told, told
    saved = world.machine()
    world.write("18:00")
    world.run(saved, "plan", "--out", "plan.json")
    world.run(saved, "apply", "--yes", "--plan", "plan.json")
    other = world.machine()
    (other / "plan.json").write_bytes((saved / "plan.json").read_bytes())
    assert "a run has applied it already" in world.run(other, "apply", "--yes", "--plan", "plan.json", code=5)
    assert kinds(world.records()).count("runStarted") == 3
    assert world.run(world.machine(), "audit", "push") == "Nothing to send to s3://state/runners.\n"
    # A sandbox inside the process has nothing to do with the store.
    machine = world.machine()
    world.connection.is_up = False
    world.run(machine, "apply", "--sandbox")
    world.run(machine, "audit", "verify", "--sandbox")


def racing_for_the_lock(world):
    # Its first write stands before a gate, so that the second one surely meets it.
    gate = Connection(int(world.api.rsplit(":", 1)[1]))
    started = gate.hold("PUT", "/api/")
    first = world.start(world.machine(), "apply", "--yes", DIALCTL_API_URL=gate.url)
    assert started.wait(60), "the first run does not begin"
    told = world.run(world.machine(), "apply", "--yes", code=6)
    assert "another run holds the lock" in told and "dialctl unlock" in told, told
    assert "held by" in world.run(world.machine(), "doctor")
    gate.is_open.set()
    ended(first)
    world.writes()
    world.write("18:00")
    rivals = [world.start(world.machine(), "apply", "--yes", "--lock-timeout", "100") for _ in range(4)]
    told = [ended(rival) for rival in rivals]
    assert sum("Nothing to change." in one for one in told) == 3, told
    assert world.writes() == SCHEDULES, "one of the four has written"
    assert kinds(world.records()).count("runFinished") == 5


def two_owners_share_a_ledger(world):
    world.write("17:00", "b-")
    machines = [world.machine() for _ in range(2)]
    for machine, owned in zip(machines, ("s", "b-")):
        (machine / "schedules").unlink()
        (machine / "schedules").mkdir()
        for file in world.schedules.glob(f"{owned}*"):
            (machine / "schedules" / file.name).write_text(file.read_text())
    runs = [world.start(machine, "apply", "--yes", "--owner", f"owner{n}") for n, machine in enumerate(machines)]
    for run in runs:
        ended(run)
    records = world.records()
    assert [record["seq"] for record in records] == list(range(1, len(records) + 1))
    for run in {record["runId"] for record in records}:
        of_run = kinds(record for record in records if record["runId"] == run)
        assert of_run.count("actionFinished") == of_run.count("actionIntended") == SCHEDULES, of_run
        assert of_run[0] == "runStarted" and of_run[-1] == "runFinished", of_run


def killed_while_it_held_the_lock(world):
    started = world.connection.watch("PUT", "/ledger/", 3)
    run = world.start(world.machine(), "apply", "--yes")
    assert started.wait(60), "the run does not begin"
    run.send_signal(signal.SIGKILL)
    run.communicate()
    told = world.run(world.machine(), "apply", "--yes", code=6)
    identity = re.search(r"dialctl unlock ([0-9a-f]{8})", told).group(1)
    told = world.run(world.machine(), "unlock", identity, "--yes")
    assert "Took away the lock" in told, told
    world.run(world.machine(), "apply", "--yes")
    assert "Nothing to change." in world.run(world.machine(), "apply", "--yes")
    records = world.records()
    assert {one["changeId"] for one in records if one["record"] == "actionIntended"} == {
        one["changeId"] for one in records if one["record"] == "actionFinished"
    }, "what the killed run began was settled"


def down_at_the_start(world):
    world.connection.is_up = False
    told = world.run(world.machine(), "apply", "--yes", code=1)
    assert world.state in told and "AWS_ENDPOINT_URL" in told, told
    assert world.writes() == 0
    told = world.run(world.machine(), "plan")
    assert f"{SCHEDULES} to create" in told and "it cannot be read" in told, told
    world.run(world.machine(), "audit", "verify", code=1)
    assert world.state in world.run(world.machine(), "doctor", code=1)
    told = world.run(world.machine(), "apply", "--yes", "--state", "s3://not-there/x", code=1)
    world.connection.is_up = True
    told = world.run(world.machine(), "apply", "--yes", "--state", "s3://not-there/x", code=1)
    assert "NoSuchBucket" in told, told
    told = world.run(world.machine(), "apply", "--yes", "--state", "https://not-there/x", code=3)
    assert world.writes() == 0


def cut_midway(world):
    for is_done in (False, True):
        world.connection.restore()
        world.write("20:00" if is_done else "19:00")
        machine = world.machine()
        world.connection.cut_at("PUT", "/ledger/", 4, is_done)
        told = world.run(machine, "apply", "--yes")
        assert f"{SCHEDULES} succeeded" in told and told.count("dialctl audit push") == 2, told
        told = world.run(machine, "audit", "show")
        assert "Shown is what" in told and told.count("runFinished") >= 1, told
        world.run(machine, "audit", "push", code=1)
        # The lock could not be given back.
        world.connection.restore()
        assert "still to be sent to" in world.run(machine, "doctor")
        told = world.run(machine, "apply", "--yes", code=6)
        world.run(machine, "unlock", re.search(r"dialctl unlock ([0-9a-f]{8})", told).group(1), "--yes")
        # Another machine goes on before what is missing comes.
        other = world.machine()
        assert "Nothing to change." in world.run(other, "apply", "--yes")
        assert re.search(r"Sent \d+ records to", world.run(machine, "audit", "push"))
        assert "Nothing to send" in world.run(machine, "audit", "push")
        world.run(machine, "audit", "verify")
        world.run(other, "audit", "verify")
    of_runs = kinds(world.records())
    assert of_runs.count("runStarted") == of_runs.count("runFinished") == 4, of_runs
    # What the other machine saw half done it has settled, and what came later says it once more.
    assert of_runs.count("actionIntended") == 2 * SCHEDULES, of_runs


def over_tls(world):
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(world.work / "ca.pem")
    there = {"AWS_ENDPOINT_URL": Connection(world.connection.port, tls).url, "AWS_ALLOW_HTTP": "false"}
    told = world.run(world.machine(), "apply", "--yes", code=1, **there)
    assert "certificate" in told.lower() and world.state in told, told
    world.run(world.machine(), "apply", "--yes", "--ca-file", str(world.work / "ca.pem"), **there)
    assert kinds(world.records()).count("runFinished") == 1


def checks_after(world, requests):
    """Lets the store look at credentials after so many requests."""
    url = f"http://127.0.0.1:{world.connection.port}/moto-api/reset-auth"
    plain = {"content-type": "text/plain"}
    urllib.request.urlopen(urllib.request.Request(url, requests.encode(), plain, method="POST")).read()


def denied(world):
    checks_after(world, "0")
    try:
        told = world.run(world.machine(), "apply", "--yes", code=8)
    finally:
        checks_after(world, "inf")
    assert world.state in told and "InvalidAccessKeyId" in told and "AWS_ACCESS_KEY_ID" in told, told
    assert world.writes() == 0


def main(dialctl):
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    port = server.get_host_and_port()[1]
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=f"http://127.0.0.1:{port}", **keys).create_bucket(Bucket=BUCKET)
    connection = Connection(port)
    for prefix, check in (
        ("runners", short_lived_runners),
        ("race", racing_for_the_lock),
        ("owners", two_owners_share_a_ledger),
        ("killed", killed_while_it_held_the_lock),
        ("down", down_at_the_start),
        ("midway", cut_midway),
        ("tls", over_tls),
        ("denied", denied),
    ):
        with world(dialctl, prefix, connection) as one:
            check(one)
        print(f"{check.__name__.replace('_', ' ')}: as it should be")
    server.stop()


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).resolve()))

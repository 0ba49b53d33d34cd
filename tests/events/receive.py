"""Receives events as somebody else would: signatures verified by `standardwebhooks`, events read by `cloudevents`.

Usage: python receive.py DIALCTL, where both libraries are installed. Schedules are applied to a sandbox, and what it
tells a receiver of each format is held against what was done.
"""

import base64
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from cloudevents.core.bindings import http as binding
from cloudevents.core.bindings.http import HTTPMessage
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

OLD, NEW, OTHER = ("whsec_" + base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2, 3))
SCHEDULE = """apiVersion: dialctl/v1
kind: CampaignSchedule
metadata: {name: spring, labels: {team: retention}}
spec:
  campaign: {name: Spring}
  timezone: America/New_York
  startDate: 2027-03-01
  dailySlots: [{startTime: "09:00", endTime: "%s"}]
"""
CONFIGURATION = """webhooks:
- {name: plain, url: "%(url)s/plain", secretFrom: PLAIN_SECRET}
- {name: structured, url: "%(url)s/structured", secretFrom: [OLD, NEW], format: cloudevents-structured}
"""


class Receiver(http.server.ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.received = []
        self.is_silent = False
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def take(self):
        received, self.received = self.received, []
        return received


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.received.append((self.path, dict(self.headers), body))
        if self.server.is_silent:
            # Nothing more comes but the end of the connection.
            self.rfile.read(1)
            return
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def main(dialctl):
    receiver = Receiver()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        (work / "schedules").mkdir()
        # One that stays and that nobody is told of: without any, nothing would be pruned.
        stays = SCHEDULE.replace("spring", "autumn").replace("Spring", "Autumn")
        (work / "schedules" / "autumn.yaml").write_text(stays % "17:00")
        run(dialctl, work, "apply", "--sandbox")
        (work / "dialctl.yaml").write_text(CONFIGURATION % {"url": receiver.url})
        manifest = work / "schedules" / "spring.yaml"

        manifest.write_text(SCHEDULE % "17:00")
        run(dialctl, work, "apply", "--sandbox")
        created = judge(receiver.take(), "SCHEDULE_CREATED")
        assert created["after"]["dailySlots"][0]["endTime"] == "17:00" and "before" not in created, created

        manifest.write_text(SCHEDULE % "18:00")
        run(dialctl, work, "apply", "--sandbox")
        updated = judge(receiver.take(), "SCHEDULE_UPDATED")
        ends = [updated[side]["dailySlots"][0]["endTime"] for side in ("before", "after")]
        assert ends == ["17:00", "18:00"], updated

        manifest.unlink()
        run(dialctl, work, "apply", "--sandbox", "--prune")
        deleted = judge(receiver.take(), "SCHEDULE_DELETED")
        assert "after" not in deleted and deleted["labels"] == {"team": "retention"}, deleted

        run(dialctl, work, "events", "redeliver", "--sandbox", "--since", "2020-01-01T00:00:00Z")
        again = receiver.take()
        ids = {json.loads(body)["id"] for _, _, body in again}
        assert len(again) == 6 and ids == {one["id"] for one in (created, updated, deleted)}, again
        for name in ("plain", "structured"):
            order = [headers["webhook-id"] for path, headers, _ in again if path == f"/{name}"]
            assert order == [one["id"] for one in (created, updated, deleted)], order

        # Receivers that take events and never say so.
        receiver.is_silent = True
        manifest.write_text(SCHEDULE % "17:00")
        began = time.monotonic()
        warned = run(dialctl, work, "apply", "--sandbox").stderr
        took = time.monotonic() - began
        # What an attempt, and the end of a run, may take is 5 s.
        assert took < 12, f"the end of the apply was held up for {took} s"
        for name in ("plain", "structured"):
            assert f"1 of 1 events were not delivered to `{name}`" in warned, warned
        receiver.is_silent = False
        run(dialctl, work, "events", "redeliver", "--sandbox")
        unheard = receiver.take()
        assert len(unheard) >= 4 and len({headers["webhook-id"] for _, headers, _ in unheard}) == 1, unheard
        judge(unheard[-2:], "SCHEDULE_CREATED")

        run(dialctl, work, "events", "test", "plain")
        [(path, headers, body)] = receiver.take()
        event = verified(path, headers, body)
        assert event.get_type() == "DIALCTL_PING", event
    print("events are what two libraries of others take them for")


def judge(received, kind):
    """Both receivers were told the same, each in its format; gives the fields of the event."""
    assert sorted(path for path, _, _ in received) == ["/plain", "/structured"], received
    told = []
    for path, headers, body in received:
        event = verified(path, headers, body)
        data = event.get_data()
        assert event.get_type() == data["event"] == kind, event
        assert event.get_id() == data["id"] == headers["webhook-id"], event
        assert event.get_source() == data["source"] == "genesys-outbound-automation", event
        assert event.get_subject() == "CampaignSchedule/spring", event
        for field in ("scheduleId", "campaignId", "timestamp", "kind", "name", "action", "runId", "planDigest"):
            assert data[field], f"{field} is missing: {data}"
        told.append(data)
    assert told[0] == told[1], told
    return told[0]


def verified(path, headers, body):
    """The event, once its signatures are those of the secrets of its receiver and of no other."""
    secrets = [OLD] if path == "/plain" else [OLD, NEW]
    for secret in secrets:
        Webhook(secret).verify(body, headers)
    for wrong, changed in ((OTHER, body), (OLD, body.replace(b"2", b"3"))):
        try:
            Webhook(wrong).verify(changed, headers)
        except WebhookVerificationError:
            continue
        raise AssertionError("a wrong secret or a changed body is taken for genuine")
    message = HTTPMessage(headers=headers, body=body)
    read = binding.from_binary_event if path == "/plain" else binding.from_structured_event
    return read(message)


def run(dialctl, work, *arguments):
    secrets = {"PLAIN_SECRET": OLD, "OLD": OLD, "NEW": NEW}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DIALCTL_", "WFM_"))}
    ran = subprocess.run([dialctl, *arguments], cwd=work, env=environment | secrets, capture_output=True, text=True)
    assert ran.returncode == 0, ran
    return ran


if __name__ == "__main__":
    main(str(Path(sys.argv[1]).resolve()))

"""Drives `dialctl sandbox` with the vendor's own Python SDK.

Usage: python five_families.py DIALCTL, in an environment with PureCloudPlatformClientV2 and openapi-schema-validator
from PyPI. In each of the five families a schedule is listed, read, created, updated, refused when it is outdated, and
deleted, with the SDK's own types; targets are looked up by name. Every answer, refusals included, must be one that the
OpenAPI document of the sandbox declares, as a validator that is not ours reads it.
"""

import base64
import copy
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
from collections import Counter
from pathlib import Path

from openapi_schema_validator import OAS30ReadValidator, oas30_format_checker
from referencing import Registry
from referencing.jsonschema import DRAFT4

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENT = REPOSITORY / "src/sandbox/genesys-outbound-openapi.json"
CLIENT = ("sdk", "sdk:secret")
# Kind in manifests and model of the SDK, how its methods end for one and for all, field that refers to the target.
FAMILIES = [
    ("CampaignSchedule", "campaign", "campaigns", "campaign"),
    ("SequenceSchedule", "sequence", "sequences", "sequence"),
    ("MessagingCampaignSchedule", "messagingcampaign", "messagingcampaigns", "messagingCampaign"),
    ("EmailCampaignSchedule", "emailcampaign", "emailcampaigns", "emailCampaign"),
    ("WhatsAppCampaignSchedule", "whatsappcampaign", "whatsappcampaigns", "whatsAppCampaign"),
]
MANIFEST = """\
apiVersion: dialctl/v1
kind: {kind}
metadata: {{name: {name}}}
spec:
  {field}: {{name: "{target}"}}
  startDate: 2027-03-01
  dailySlots: [{{startTime: "09:00", endTime: "17:00"}}]
---
"""


def main(dialctl, work):
    manifests = work / "schedules"
    manifests.mkdir()
    documents = [
        MANIFEST.format(kind=kind, name=f"{number}-{one}", field=field, target=target)
        for kind, one, _, field in FAMILIES
        for number, target in enumerate(targets(one))
    ]
    (manifests / "all.yaml").write_text("".join(documents), encoding="utf-8")
    # The SDK reads a file of settings in the home directory.
    os.environ["HOME"] = str(work)
    environment = {"GENESYS_CLIENT_ID": CLIENT[0], "GENESYS_CLIENT_SECRET": CLIENT[1]}
    command = [dialctl, "sandbox", "--listen", "127.0.0.1:0", "--color", "never", manifests]
    sandbox = subprocess.Popen(command, cwd=work, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        told = sandbox.stderr.readline()
        port = re.search(r"http://127\.0\.0\.1:(\d+) and knows 10 targets", told)
        expect(port, told or "the sandbox does not start")
        check(int(port[1]), Judge(json.loads(DOCUMENT.read_text(encoding="utf-8"))))
    finally:
        sandbox.kill()
        sandbox.wait()


def targets(family):
    """The target that is scheduled, and one whose name is longer only."""
    return [f"Été & {family}", f"Été & {family} 2"]


def check(port, judge):
    import PureCloudPlatformClientV2 as sdk

    outbound = log_in(sdk, port, judge)
    look_ups(outbound)
    for family in FAMILIES:
        lifecycle(sdk, outbound, *family)
    refusals(port, judge, outbound.api_client.access_token)
    seen = judge.seen
    missing = {200, 400, 401, 404, 409, 413, 415} - {status for _, status in seen}
    expect(not missing, f"no answer had the status {missing}")
    print(f"{sum(seen.values())} answers of {len({name for name, _ in seen})} operations are what the document declares")


def log_in(sdk, port, judge):
    class JudgedClient(sdk.default_http_client.DefaultHttpClient):
        """The SDK's own connection; the answers pass the judge on their way."""

        def request(self, options):
            try:
                answer = super().request(options)
            except sdk.rest.ApiException as refused:
                judge.answer(options.method, options.url, refused.status, refused.headers, refused.body)
                raise
            judge.answer(options.method, options.url, answer.status, answer.getheaders(), answer.data)
            return answer

    def client(host=None):
        made = sdk.api_client.ApiClient(host)
        made.set_http_client(JudgedClient())
        return made

    def gateway():
        # The SDK's own host stays: all goes through the gateway, the login too.
        made = client()
        made.set_gateway("127.0.0.1", "http", port, "", "")
        return made

    for host in (f"http://127.0.0.1:{port}", None):
        made = client(host) if host else gateway()
        outbound = sdk.OutboundApi(made.get_client_credentials_token(*CLIENT))
        expect(outbound.get_outbound_schedules_campaigns() == [], "a new sandbox has no schedules")
    refused(sdk, 401, "invalid_client", gateway().get_client_credentials_token, CLIENT[0], "wrong")
    refused(sdk, 400, "invalid_client", gateway().get_client_credentials_token, "unknown", CLIENT[1])
    stranger = gateway()
    stranger.access_token = "made-up"
    refused(sdk, 401, "bad.credentials", sdk.OutboundApi(stranger).get_outbound_schedules_campaigns)
    print("login: by host and through a gateway; wrong secret, client and token are refused")
    return outbound


def look_ups(outbound):
    """Sequences have no filter by id, digital campaigns none that tells how names are compared."""
    exactly, prefix = {"filter_type": "Equals"}, {"filter_type": "Prefix"}
    for ask, names in [
        (outbound.get_outbound_campaigns, targets("campaign")),
        (outbound.get_outbound_campaigns_divisionviews, targets("campaign")),
        (outbound.get_outbound_sequences, targets("sequence")),
    ]:
        equal(found(ask(name=names[0], **exactly)), names[:1], ask.__name__)
        equal(found(ask(name=names[0], **prefix)), names, ask.__name__)
        equal(found(ask(name=names[0], page_size=1, page_number=2)), names[1:], ask.__name__)
        equal(found(ask(name="nobody")), [], ask.__name__)
    digital = outbound.get_outbound_messagingcampaigns
    for kind, family in [("SMS", "messagingcampaign"), ("EMAIL", "emailcampaign"), ("WHATSAPP", "whatsappcampaign")]:
        names = targets(family)
        equal(found(digital(type=kind, sort_by="name", sort_order="descending")), names[::-1], kind)
        one = digital(name=names[1]).entities[0]
        equal(one.name, names[1], "the digital campaign of this name")
        equal(outbound.get_outbound_messagingcampaign(one.id).name, one.name, "the digital campaign of this id")
    one = outbound.get_outbound_campaigns(name=targets("campaign")[0]).entities[0]
    equal(found(outbound.get_outbound_campaigns(id=[one.id])), [one.name], "the campaign of this id")
    equal(outbound.get_outbound_campaign(one.id).outbound_line_count, 100, "lines of the campaign")
    equal(outbound.get_outbound_campaigns_divisionview(one.id).division.id, one.division.id, "division")
    equal(outbound.get_outbound_campaign_linedistribution(one.id).max_outbound_line_count, 100, "lines")
    print("look-ups: campaigns, division views, sequences and digital campaigns, by name, id and type")


def found(listing):
    equal(listing.total >= len(listing.entities), True, "the total counts all pages")
    return [entity.name for entity in listing.entities]


def lifecycle(sdk, outbound, model, one, many, field):
    def call(verb, *arguments, of=one):
        return getattr(outbound, f"{verb}_outbound_schedules_{of}")(*arguments)

    def listed():
        answer = call("get", of=many)
        return answer if isinstance(answer, list) else answer.entities

    attribute = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", field)
    target = target_of(outbound, one)
    refused(sdk, 404, "not.found", call, "get", target.id)
    refused(sdk, 404, "not.found", call, "delete", target.id)
    equal(listed(), [], f"{many} before")

    sent = schedule(sdk, model, attribute, target)
    created = call("put", target.id, sent)
    equal(content(created), content(sent), f"the {one} schedule as created")
    reference = getattr(created, attribute)
    equal((created.version, reference.id, reference.name), (1, target.id, target.name), f"the new {one} schedule")
    expect(created.id and created.date_created.utcoffset() is not None, created)
    equal(call("get", target.id), created, f"the {one} schedule as read")
    equal(listed(), [created], f"{many} after the create")

    # As an SDK user changes it: what was read goes back whole, read-only fields included.
    changed = call("get", target.id)
    changed.name, changed.time_zone, changed.intervals = "dialctl/changed", "Australia/Lord_Howe", []
    changed.recurrences = changed.recurrences[1:]
    updated = call("put", target.id, changed)
    equal(content(updated), content(changed), f"the {one} schedule as updated")
    equal((updated.version, updated.id, updated.date_created), (2, created.id, created.date_created), "the update")
    equal([kept.id for kept in updated.recurrences], [kept.id for kept in created.recurrences[1:]], "ids stay")

    refused(sdk, 409, "invalid.update.wrong.version", call, "put", target.id, changed)
    refused(sdk, 409, "invalid.update.wrong.version", call, "put", target.id, sent)
    equal(call("get", target.id), updated, f"the {one} schedule after the refusals")
    wrong = copy.copy(updated)
    wrong.recurrences = [recurrence(sdk, ("Monthly", 1, None), ("NoEnd", None, None))]
    refused(sdk, 400, "bad.request", call, "put", target.id, wrong)

    equal(call("delete", target.id), None, "a deletion answers nothing")
    refused(sdk, 404, "not.found", call, "get", target.id)
    refused(sdk, 404, "not.found", call, "delete", target.id)
    equal(listed(), [], f"{many} after the deletion")
    print(f"{one}: create, read, list, update, outdated update, wrong update, delete")


def target_of(outbound, family):
    name = targets(family)[0]
    if family == "campaign":
        listing = outbound.get_outbound_campaigns(name=name, filter_type="Equals")
    elif family == "sequence":
        listing = outbound.get_outbound_sequences(name=name, filter_type="Equals")
    else:
        listing = outbound.get_outbound_messagingcampaigns(name=name, sort_by="name")
    return listing.entities[0]


def schedule(sdk, model, attribute, target):
    made = getattr(sdk, model)()
    made.name, made.time_zone = "dialctl/été", "America/New_York"
    interval = typed(sdk.ScheduleInterval, start="2027-05-01T10:00:00.000Z", end="2027-05-01T14:00:00.000Z")
    made.intervals = [interval]
    made.recurrences = [
        recurrence(sdk, ("Daily", 3, None), ("NoEnd", None, None)),
        recurrence(sdk, ("Weekly", 2, ["Monday", "Sunday"]), ("EndDate", "2027-06-30T09:00:00", None), "Asia/Kolkata"),
        recurrence(sdk, ("Weekly", 1, ["Friday"]), ("Numbered", None, 12)),
    ]
    made.recurrences[0].alterations = [
        typed(sdk.Alteration, type="Exclusion", start="2027-05-31T00:00:00", end="2027-06-01T00:00:00"),
        typed(sdk.Alteration, type="Inclusion", start="2027-06-05T10:00:00", end="2027-06-05T12:00:00"),
    ]
    reference = sdk.DomainEntityRef if attribute == "sequence" else sdk.DivisionedDomainEntityRef
    setattr(made, attribute, typed(reference, id=target.id))
    return made


def recurrence(sdk, pattern, span, zone=None):
    kind, every, days = pattern
    ends, end, count = span
    pattern = typed(sdk.Pattern, interval=every, days_of_week=days)
    # The setter of a type replaces what the SDK does not know.
    pattern._type = kind
    return typed(
        sdk.Reoccurrence,
        start="2027-03-01T22:00:00",
        end="2027-03-02T01:30:00",
        time_zone=zone,
        pattern=pattern,
        range=typed(sdk.Range, type=ends, end=end, number_of_occurrences=count),
    )


def typed(model, **values):
    made = model()
    for name, value in values.items():
        setattr(made, name, value)
    return made


def content(of):
    """What a client decides on, as the SDK would send it. The server may give recurrences ids."""
    recurrences = [copy.copy(one) for one in of.recurrences]
    for one in recurrences:
        one.id = None
    return [of.name, of.time_zone, [one.to_dict() for one in of.intervals], [one.to_dict() for one in recurrences]]


def refusals(port, judge, token):
    """What the SDK cannot send."""
    bearer = {"Authorization": f"Bearer {token}"}
    typed_json = {**bearer, "Content-Type": "application/json"}
    basic = {"Authorization": "Basic " + base64.b64encode(":".join(CLIENT).encode()).decode()}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for method, path, headers, body, status in [
        ("POST", "/oauth/token", form, "grant_type=client_credentials", 401),
        ("POST", "/oauth/token", {**basic, **form}, "grant_type=password", 400),
        ("POST", "/oauth/token", {**basic, "Content-Type": "application/json"}, "{}", 400),
        ("GET", "/api/v2/outbound/campaigns?pageSize=0", bearer, None, 400),
        ("GET", "/api/v2/outbound/messagingcampaigns?filterType=Equals", bearer, None, 400),
        ("GET", "/api/v2/outbound/campaigns/none", bearer, None, 404),
        ("GET", "/api/v2/outbound/sequences/none", bearer, None, 404),
        ("GET", "/api/v2/outbound/messagingcampaigns/none", bearer, None, 404),
        ("GET", "/api/v2/outbound/campaigns/divisionviews/none", bearer, None, 404),
    ]:
        raw(port, judge, method, path, headers, body, status)
    for _, _, many, field in FAMILIES:
        path = f"/api/v2/outbound/schedules/{many}/none"
        known = json.dumps({"intervals": [], field: {"id": "none"}})
        raw(port, judge, "GET", path, {}, None, 401)
        raw(port, judge, "DELETE", path, bearer, None, 404)
        raw(port, judge, "PUT", path, typed_json, known, 404)
        raw(port, judge, "PUT", path, typed_json, "{", 400)
        raw(port, judge, "PUT", path, typed_json, json.dumps({"intervals": []}), 400)
        raw(port, judge, "PUT", path, {**bearer, "Content-Type": "text/plain"}, known, 415)
        raw(port, judge, "PUT", path, typed_json, " " * 512_001, 413)
    print("raw requests: wrong forms, bodies, types, sizes and ids are refused with the declared bodies")


def raw(port, judge, method, path, headers, body, status):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    equal(answer.status, status, f"{method} {path}: {text}")
    judge.answer(method, path, answer.status, answer.headers, text)


class Judge:
    """The OpenAPI document, with no room for fields that it does not list."""

    def __init__(self, document):
        close(document["components"]["schemas"])
        self.document = document
        resource = DRAFT4.create_resource(document)
        self.registry = Registry().with_resource("document", resource)
        self.seen = Counter()

    def answer(self, method, url, status, headers, text):
        path = urllib.parse.urlsplit(url).path
        template, operation = self.operation(method, path)
        name = f"{method} {template}"
        declared = operation["responses"].get(str(status))
        expect(declared, f"{name} declares no {status}: {text}")
        declared = self.followed(declared)
        for header, of in declared.get("headers", {}).items():
            expect(header in headers, f"{status} of {name} lacks {header}")
            schema, value = self.followed(of)["schema"], headers[header]
            self.fits(schema, int(value) if schema["type"] == "integer" else value, f"{header} of {name}")
        if "content" in declared:
            kind = headers.get("Content-Type", "").split(";")[0]
            expect(kind in declared["content"], f"{status} of {name} has the type {kind}")
            body = json.loads(text)
            self.fits(declared["content"][kind]["schema"], body, f"{status} of {name}")
            if status >= 400 and template != "/oauth/token":
                told = (body["status"], body["contextId"])
                equal(told, (status, headers["inin-correlation-id"]), f"status and id in the body of {name}")
        else:
            equal(text, "", f"the body of {status} of {name}")
        self.seen[name, status] += 1

    def operation(self, method, path):
        # A path without parameters goes before one with them.
        for template in sorted(self.document["paths"], key=lambda one: one.count("{")):
            pattern = re.sub(r"\\\{[^/]+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path):
                operation = self.document["paths"][template].get(method.lower())
                expect(operation, f"{template} has no {method}")
                return template, operation
        sys.exit(f"not as it should be: {path} is not in the document")

    def followed(self, declared):
        if "$ref" not in declared:
            return declared
        found = self.document
        for part in declared["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        return found

    def fits(self, schema, value, what):
        absolute = json.loads(json.dumps(schema).replace('"#/', '"document#/'))
        validator = OAS30ReadValidator(absolute, registry=self.registry, format_checker=oas30_format_checker)
        errors = [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]
        expect(not errors, f"{what}: {errors} in {value}")


def close(schema):
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for key, inner in schema.items():
            if key != "example":
                close(inner)
    elif isinstance(schema, list):
        for inner in schema:
            close(inner)


def refused(sdk, status, code, call, *arguments):
    try:
        answer = call(*arguments)
    except sdk.rest.ApiException as exception:
        body = json.loads(exception.body)
        equal((exception.status, body.get("code", body.get("error"))), (status, code), exception.body)
        return
    sys.exit(f"not as it should be: {status} {code} was expected, the answer is {answer}")


def equal(found, wanted, what):
    expect(found == wanted, f"{what} is {found}, not {wanted}")


def expect(holds, told):
    if not holds:
        sys.exit(f"not as it should be: {told}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(sys.argv[1]).resolve(), Path(folder))

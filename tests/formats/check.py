"""Puts the machine formats of `dialctl validate` and the JSON plan before tools and schemas of others.

Usage: python check.py DIALCTL, in a virtual environment that may be installed into. Takes what it needs from PyPI
and npm; where one of them cannot be reached, it says which checks were left out.
"""

import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import urllib.parse
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
AS_OF = "2027-01-01T00:00:00Z"
# What is looked at, and the exit code: faults and a path that is not there, faults alone, none.
CASES = {
    "unreadable": (["tests/formats/faulty", "tests/formats/no such folder"], 1),
    "faulty": (["tests/formats/faulty"], 3),
    "good": (["tests/formats/faulty/good.yaml"], 0),
}


def main(dialctl, work):
    if not install("check-jsonschema", "junitparser", "lxml", "sarif-tools"):
        print("skipped: the tools that check the formats cannot be installed (they take PyPI)")
        return
    multitool = npm_package("@microsoft/sarif-multitool-linux@5.7.0", work)
    junit_schema = source_file("pytest==9.2.0", "testing/example_scripts/junit-10.xsd", work)
    for case, (paths, code) in CASES.items():
        made = {}
        for name in ("json", "sarif", "junit", "gitlab", "github"):
            ran = run(dialctl, "validate", *paths, "--as-of", AS_OF, "--format", name, cwd=REPOSITORY)
            expect(ran.returncode == code and not ran.stderr, f"{case}, {name}: {ran}")
            made[name] = work / f"{case}.{name}"
            made[name].write_text(ran.stdout, encoding="utf-8")
        schema(made["json"], REPOSITORY / "schemas/dialctl-report.schema.json")
        counts = json.loads(made["json"].read_text())["counts"]
        sarif(made["sarif"], counts, multitool)
        gitlab(made["gitlab"], made["sarif"], work)
        junit(made["junit"], counts, junit_schema)
        github(made["github"], counts)
        print(f"{case}: {counts['errors']} errors and {counts['warnings']} warnings agree in all formats")
    plan(dialctl, work)


def plan(dialctl, work):
    ran = run(dialctl, "plan", "--sandbox", "--state", work / "state", "--format", "json", cwd=REPOSITORY)
    expect(ran.returncode == 0, ran)
    path = work / "plan.json"
    path.write_text(ran.stdout, encoding="utf-8")
    schema(path, REPOSITORY / "schemas/dialctl-plan.schema.json")
    print(f"plan: {len(json.loads(ran.stdout)['actions'])} actions fit the schema")


def sarif(path, counts, multitool):
    results = json.loads(path.read_text())["runs"][0]["results"]
    levels = [result["level"] for result in results]
    expect((levels.count("error"), levels.count("warning")) == (counts["errors"], counts["warnings"]), path)
    if not multitool:
        print("skipped: the schema of SARIF (it takes npm)")
        return
    schema(path, multitool / "sarif-2.1.0.json")
    # The reference validator also knows the rules that the schema cannot say.
    program = multitool / "Sarif.Multitool"
    program.chmod(0o755)
    environment = {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1", "HOME": str(path.parent)}
    checked = run(program, "validate", path, env=environment)
    told = checked.stdout + checked.stderr
    expect("Analysis completed successfully" in told and not re.search(r": error\b", told), told)


def gitlab(path, sarif_path, work):
    # No package with a schema of this format was found: another tool's translation of the SARIF log must say the same.
    issues = json.loads(path.read_text())
    translated = work / "translated.json"
    tool = Path(sys.executable).with_name("sarif")
    ran = run(tool, "codeclimate", "-o", translated, sarif_path)
    expect(ran.returncode == 0, ran)

    def places(found):
        return sorted(
            (one["check_name"], urllib.parse.unquote(one["location"]["path"]), one["location"]["lines"]["begin"])
            for one in found
        )

    others = json.loads(translated.read_text())
    # The translation leaves out findings that agree in these.
    expect(sorted(set(places(issues))) == sorted(set(places(others))), (issues, others))
    expect(len({issue["fingerprint"] for issue in issues}) == len(issues), path)
    severities = {"info", "minor", "major", "critical", "blocker"}
    expect(all(issue["severity"] in severities and issue["description"] for issue in issues), path)


def junit(path, counts, junit_schema):
    import junitparser
    from lxml import etree

    cases = [case for suite in junitparser.JUnitXml.fromfile(str(path)) for case in suite]
    failures = [result for case in cases for result in case.result if isinstance(result, junitparser.Failure)]
    expect(len(failures) == counts["errors"] and len(cases) >= counts["files"], path)
    if junit_schema:
        etree.XMLSchema(etree.parse(str(junit_schema))).assertValid(etree.parse(str(path)))
    else:
        print("skipped: the schema of JUnit reports (it takes PyPI)")


def github(path, counts):
    # As the runner reads them: a command only counts outside of what it was told to leave alone.
    kinds, stopped = [], None
    for line in path.read_text().splitlines():
        command = re.match(r"\s*::([^ :]+)(?: ([^:]*))?::(.*)", line)
        if not command:
            continue
        if stopped:
            stopped = None if command[1] == stopped else stopped
        elif command[1] == "stop-commands":
            stopped = command[3]
        else:
            kinds.append(command[1])
    expected = ["error"] * min(counts["errors"], 10) + ["warning"] * min(counts["warnings"], 10)
    expect(kinds == expected and stopped is None, (kinds, expected))


def schema(path, of):
    tool = Path(sys.executable).with_name("check-jsonschema")
    ran = run(tool, "--schemafile", of, path)
    expect(ran.returncode == 0, ran.stdout + ran.stderr)


def install(*packages):
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return subprocess.run([*pip, *packages], check=False).returncode == 0


def source_file(package, name, work):
    """A file of a package's source distribution; None where PyPI cannot be reached."""
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    folder = work / "sources"
    if run(*pip, "--no-deps", "--no-binary", ":all:", "--dest", folder, package).returncode:
        return None
    return unpack(next(folder.iterdir()), folder) / name


def npm_package(name, work):
    """The unpacked package; None where npm cannot be reached."""
    folder = work / "npm"
    folder.mkdir()
    if not shutil.which("npm") or run("npm", "pack", "--silent", name, cwd=folder).returncode:
        return None
    return unpack(next(folder.glob("*.tgz")), folder)


def unpack(archive, folder):
    with tarfile.open(archive) as opened:
        opened.extractall(folder, filter="data")
        return folder / opened.getnames()[0].split("/")[0]


def run(*command, **options):
    return subprocess.run([*map(str, command)], capture_output=True, text=True, check=False, **options)


def expect(holds, told):
    if not holds:
        sys.exit(f"not as it should be: {told}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        main(Path(sys.argv[1]).resolve(), Path(folder))

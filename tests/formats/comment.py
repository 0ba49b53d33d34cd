"""Reads the Markdown of `dialctl plan` with the parser of others.

Usage: python comment.py DIALCTL, in a virtual environment that may be installed into. Takes markdown-it-py from PyPI;
where that cannot be reached, it says so.
"""

import json
import re
import subprocess
import sys
import tempfile
from html.parser import HTMLParser
from pathlib import Path

SCHEDULES = 60
# What people might call a campaign.
NAMES = ["honest", "a|b", "`x` ```", "</details><details>", "@octo #1 GH-2", "| --- |", "line\nend", "<!-- x", "[a](b)"]
LIMITS = [200, 500, 1_000, 5_000, 10_000, 20_000, 40_000, 1_000_000]


def main(dialctl, folder):
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "markdown-it-py"]
    if subprocess.run(pip, check=False).returncode:
        print("skipped: markdown-it-py cannot be installed (it takes PyPI)")
        return
    manifests = folder / "schedules"
    manifests.mkdir()
    for n in range(SCHEDULES):
        (manifests / f"{n}.yaml").write_text(manifest(n), encoding="utf-8")
    known = json.loads(plan(dialctl, folder, "json"))
    for limit in LIMITS:
        text = plan(dialctl, folder, "markdown", "--markdown-budget", limit)
        expect(len(text.encode()) <= limit, (limit, text))
        expect(text.startswith(f"<!-- dialctl plan {known['digest']} -->\n"), text)
        read = Comment(text)
        missing = re.search(r"Left out[^\n]*", text)
        rows = re.search(r"(\d+) rows? of the table", missing[0]) if missing else None
        if not missing or "the rest" not in missing[0]:
            expect(len(read.tables) == (0 if rows and int(rows[1]) == SCHEDULES else 1), (limit, text))
            expect(sum(read.tables) == SCHEDULES - (int(rows[1]) if rows else 0), (limit, read.tables, text))
        else:
            expect(not read.tables, text)
        expect(read.open == 0 and read.details == read.folded_code, (limit, vars(read)))
        if not missing:
            expect(read.details == SCHEDULES and read.code == 2 * SCHEDULES, vars(read))
            for name in NAMES:
                shown = name.replace("\n", "\\n")
                expect(any(cell.startswith(f"{shown} (") for cell in read.cells), (shown, read.cells))
        print(f"comment of {limit} bytes: {sum(read.tables)} rows, {read.details} blocks, {read.code} pieces of code")


class Comment(HTMLParser):
    """What the parser makes of a comment."""

    def __init__(self, text):
        from markdown_it import MarkdownIt

        super().__init__()
        self.tables, self.cells = [], []
        self.details = self.open = self.code = self.folded_code = 0
        tags = set()
        for token in MarkdownIt("commonmark").enable("table").parse(text):
            if token.type == "table_open":
                self.tables.append(-1)
            elif token.type == "tr_open":
                self.tables[-1] += 1
            elif token.type == "fence":
                self.code += 1
                # A grid stands only where the fields do.
                self.folded_code += token.info == "diff" and self.open == 1
            elif token.type == "html_block":
                self.feed(token.content)
            elif token.type == "inline":
                inner = token.children or []
                tags.update(child.type for child in inner)
                self.cells.append("".join(child.content for child in inner).replace("\u200b", ""))
        expect(tags <= {"text", "text_special", "strong_open", "strong_close", "code_inline"}, tags)

    def handle_starttag(self, tag, attrs):
        expect(tag in ("details", "summary", "b") and not attrs, tag)
        if tag == "details":
            self.details, self.open = self.details + 1, self.open + 1
            expect(self.open == 1, "a block within a block")

    def handle_endtag(self, tag):
        if tag == "details":
            self.open -= 1
            expect(self.open == 0, "an end without a beginning")


def manifest(n):
    hostile = NAMES[n % len(NAMES)]
    name = json.dumps(hostile if n < len(NAMES) else f"{hostile} {n}")
    return (
        f"apiVersion: dialctl/v1\nkind: CampaignSchedule\nmetadata: {{name: s{n}}}\nspec:\n"
        f"  campaign: {{name: {name}}}\n"
        '  timezone: Europe/London\n  startDate: 2027-03-01\n  dailySlots: [{startTime: "09:00", endTime: "18:00"}]\n'
    )


def plan(dialctl, folder, form, *more):
    command = [dialctl, "plan", "--sandbox", "--format", form, *more]
    ran = subprocess.run([*map(str, command)], capture_output=True, check=False, cwd=folder)
    expect(ran.returncode == 0, ran)
    return ran.stdout.decode()


def expect(holds, told):
    if not holds:
        sys.exit(f"not as it should be: {told}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(sys.argv[1]).resolve(), Path(made))

"""Reads the HTML of `dialctl plan` with the parser of others, and uses it in Chromium where that is installed.

Usage: python page.py DIALCTL [FOLDER], in a virtual environment that may be installed into. Takes html5lib from PyPI;
where that cannot be reached, it says so. With a folder, pictures of the page are left there to be looked at.
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import chromium

SCHEDULES = 24
# What people might call a campaign.
NAMES = ["honest", "</script><script>alert(1)</script>", "\" onclick=\"x", "' '", "<!-- x", "&amp; &lt", "line\nend",
         "<img src=http://127.0.0.1:9/x>", "größe 東京", "\u202egpj.exe", "]]>", "javascript:alert(1)"]


def main(dialctl, folder, pictures):
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "html5lib"]
    if subprocess.run(pip, check=False).returncode:
        print("skipped: html5lib cannot be installed (it takes PyPI)")
        return
    write(folder, changed=False)
    creates = plan(dialctl, folder, "creates")
    run(dialctl, folder, "apply", "--sandbox")
    write(folder, changed=True)
    mixed = plan(dialctl, folder, "mixed", "--prune", "--max-deletes", "1", code=4)
    for name, page in (("creates", creates), ("mixed", mixed)):
        read(page, json.loads(page.with_suffix(".json").read_text()))
        print(f"page of {name}: {page.stat().st_size} bytes, read as they should be")
    if not chromium.PROGRAM:
        print("skipped: the page in a browser (it takes Chromium)")
        return
    for page in (creates, mixed):
        with chromium.Browser() as browser:
            use(browser, page)
            if pictures and page == mixed:
                show(browser, page, pictures)
    with chromium.Browser() as browser:
        without_script(browser, mixed)
    print("pages: one request each, usable by keyboard, on paper, in the dark, at 320 pixels and without script")


def read(page, known):
    """What is in the text, whoever looks at it."""
    import html5lib

    # The parser fails at the first thing that the standard calls an error.
    root = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page.read_text())
    elements = list(root.iter())
    ids = [element.get("id") for element in elements if element.get("id")]
    expect(len(ids) == len(set(ids)), ids)
    for element in elements:
        for name, value in element.attrib.items():
            expect(not name.startswith("on") and name != "style", (element.tag, name))
            if name in ("href", "src", "srcset", "action", "data", "poster", "{http://www.w3.org/1999/xlink}href"):
                expect(value.startswith("#") and value[1:] in ids, (element.tag, name, value))
        if element.tag in ("input", "button"):
            label = [one for one in elements if one.tag == "label" and element in list(one)]
            expect(label or (element.text or "").strip(), element.attrib)
    expect({element.tag for element in elements if isinstance(element.tag, str)}.isdisjoint(
        {"link", "img", "iframe", "object", "embed", "base", "form", "audio", "video"}), "an element that may load")
    style, script = root.find(".//style").text, root.find(".//script").text
    expect(len(root.findall(".//script")) == 1 and not re.search(r"url\(|@import|https?:", style + script), script)
    policy = root.find(".//meta[@http-equiv]").get("content")
    for code in (style, script):
        digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
        expect(f"'sha256-{digest}'" in policy, policy)
    expect(policy.startswith("default-src 'none'; "), policy)
    blocks = root.findall(".//section[@id='actions']/details")
    expect([block.get("class") for block in blocks] == [action["action"] for action in known["actions"]], blocks)
    for block, action in zip(blocks, known["actions"]):
        shown = "".join(block.itertext())
        for text in (action["name"], action["target"]["id"], action.get("reason", "")):
            expect(text in shown, (text, shown))
        expect(block[0].tag == "summary" and block.find(".//figure/p").text, shown)
        for change in action["changes"] if action["action"] == "update" else []:
            expect(change["path"] in shown, (change, shown))
    expect(known["digest"] in "".join(root.itertext()), "the digest of the plan")


def use(browser, page):
    """What it does in the hands of people."""
    browser.size(1200, 900)
    browser.open(page.as_uri())
    count = browser.evaluate("document.querySelectorAll('#actions > details').length")
    expect(browser.evaluate("document.getElementById('tools').checkVisibility()"), "the tools are not there")
    # With the keyboard alone: to the first action, open it, close it.
    for _ in range(40):
        browser.press("Tab")
        if browser.evaluate("document.activeElement.matches('#actions > details > summary')"):
            break
    expect(browser.evaluate("document.activeElement.tagName") == "SUMMARY", "no action can be reached by keyboard")
    outline = browser.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    expect(outline == "solid", "nobody sees where the keyboard is")
    for is_open in (True, False):
        browser.press("Enter", text="\r")
        expect(browser.evaluate("document.activeElement.parentElement.open") == is_open, "Enter does not open or close")
    # The filter: by words of its text, then by verb.
    shown = "[...document.querySelectorAll('#actions > details')].filter(one => one.checkVisibility()).length"
    browser.evaluate("document.getElementById('find').focus()")
    browser.on_page("Input.insertText", text="s11 HONEST")
    expect(browser.evaluate(shown) == 0, "both words must be there")
    browser.evaluate("document.getElementById('find').select()")
    browser.on_page("Input.insertText", text="s11")
    expect(browser.evaluate(shown) == 1, "one action has this name")
    expect(browser.evaluate("document.getElementById('shown').value") == f"1 of {count} shown", "what is shown is told")
    browser.evaluate("document.getElementById('find').select()")
    browser.press("Delete")
    expect(browser.evaluate(shown) == count, "without words all are shown")
    browser.evaluate("document.querySelector('#tools [type=checkbox]').focus()")
    browser.press(" ", text=" ", code="Space")
    first = browser.evaluate("document.querySelectorAll(`#actions > details.${document.activeElement.value}`).length")
    expect(browser.evaluate(shown) == count - first, "a verb that is not chosen is hidden")
    browser.press(" ", text=" ", code="Space")
    browser.evaluate("document.getElementById('open').click()")
    expect(browser.evaluate("document.querySelectorAll('#actions > details[open]').length") == count, "not all are open")
    for scheme in ("light", "dark"):
        browser.media(prefers_color_scheme=scheme)
        dim = browser.evaluate(CONTRAST)
        expect(not dim, f"too little contrast in the {scheme}: {dim}")
    grounds = [browser.evaluate(GROUND), browser.media(prefers_color_scheme="light"), browser.evaluate(GROUND)]
    expect(grounds[0] != grounds[2], "the dark is not dark")
    for width in (1200, 700, 320):
        browser.size(width, 900)
        wide = browser.evaluate(f"[...document.querySelectorAll('*')].filter(one => one.checkVisibility() && !one.closest('svg')"
                                f" && one.getBoundingClientRect().right > {width}).map(one => one.outerHTML.slice(0, 200))")
        expect(not wide, f"wider than {width} pixels: {wide}")
    browser.evaluate("document.getElementById('close').click()")
    browser.media("print", prefers_color_scheme="dark")
    on_paper = "[...document.querySelectorAll('#actions figure')].every(one => one.checkVisibility())"
    expect(browser.evaluate(on_paper), "the weeks are not on paper")
    expect(not browser.evaluate("document.getElementById('tools').checkVisibility()"), "the tools are on paper")
    expect(browser.evaluate(GROUND) == "rgb(255, 255, 255)", "the paper is not white")
    expect(browser.pdf().startswith(b"%PDF"), "no paper")
    browser.media()
    told = browser.told("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
    expect(not told, told)
    asked = [event["request"]["url"] for event in browser.told("Network.requestWillBeSent")]
    expect(asked == [page.as_uri()], asked)
    # Whatever might slip into it cannot load anything.
    browser.evaluate("document.body.append(Object.assign(new Image(), {src: 'http://127.0.0.1:9/x'}))")
    blocked = browser.evaluate("fetch('http://127.0.0.1:9/x').then(() => false, () => true)")
    failed = [event.get("blockedReason") for event in browser.told("Network.loadingFailed")]
    expect(blocked and failed and set(failed) == {"csp"}, failed)


def without_script(browser, page):
    browser.on_page("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page.as_uri())
    expect(not browser.evaluate("document.getElementById('tools').checkVisibility()"), "tools that do nothing")
    browser.evaluate("document.querySelector('#actions > details > summary').focus()")
    browser.press("Enter", text="\r")
    expect(browser.evaluate("document.querySelector('#actions > details figure').checkVisibility()"), "closed for ever")


def show(browser, page, folder):
    """Leaves pictures of a page whose first blocks are open."""
    folder.mkdir(parents=True, exist_ok=True)
    browser.evaluate("document.querySelectorAll('#actions > details').forEach((one, n) => { one.open = n % 4 == 2; })")
    for name, width, scheme in (("light", 1200, "light"), ("dark", 1200, "dark"), ("narrow", 400, "light")):
        browser.media(prefers_color_scheme=scheme)
        browser.size(width, 900)
        browser.size(width, min(browser.evaluate("document.documentElement.scrollHeight"), 8000))
        (folder / f"{name}.png").write_bytes(browser.screenshot())
    browser.media()
    (folder / "print.pdf").write_bytes(browser.pdf())


GROUND = "getComputedStyle(document.body).backgroundColor"
# The texts whose contrast to the ground behind them is less than WCAG 2 asks for at level AA.
CONTRAST = """(() => {
  const parts = color => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(one => one / 255)
    .map(one => one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
    .reduce((sum, one, n) => sum + one * [0.2126, 0.7152, 0.0722][n], 0);
  const ground = element => {
    for (let at = element; at; at = at.parentElement) {
      const color = parts(getComputedStyle(at).backgroundColor);
      if (color.length < 4 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const dim = new Set();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const element = texts.currentNode.parentElement;
    if (!texts.currentNode.data.trim() || !element.checkVisibility() || element.tagName === "SCRIPT") continue;
    const style = getComputedStyle(element);
    const ink = light(parts(element.closest("svg") ? style.fill : style.color)), behind = light(ground(element));
    const ratio = (Math.max(ink, behind) + 0.05) / (Math.min(ink, behind) + 0.05);
    if (ratio < 4.5) dim.add(`${element.className || element.tagName} ${ratio.toFixed(2)}`);
  }
  return [...dim];
})()"""


def write(folder, changed):
    manifests = folder / "schedules"
    manifests.mkdir(exist_ok=True)
    for n in range(SCHEDULES):
        path = manifests / f"{n}.yaml"
        # One is to be deleted, and one refuses to be.
        is_protected, is_gone = n == SCHEDULES - 1, n >= SCHEDULES - 2
        if changed and is_gone:
            path.unlink()
            continue
        later = changed and n % 2
        hostile = NAMES[n % len(NAMES)]
        target = json.dumps(hostile if n < len(NAMES) else f"{hostile} {n}")
        path.write_text(
            f"apiVersion: dialctl/v1\nkind: CampaignSchedule\n"
            f"metadata: {{name: s{n}, protect: {str(is_protected).lower()}}}\nspec:\n"
            f"  campaign: {{name: {target}}}\n  timezone: Europe/London\n  startDate: 2027-03-22\n"
            f'  dailySlots: [{{startTime: "{"10" if later else "09"}:00", endTime: "{"02:30" if later else "18:00"}"}}]\n'
            f"---\napiVersion: dialctl/v1\nkind: CampaignCapacity\nmetadata: {{name: c{n}}}\n"
            f"spec: {{campaign: {{name: {target}}}, maxConcurrentCalls: 10, maxConcurrentAgents: 5, pool: lines}}\n",
            encoding="utf-8",
        )
    (manifests / "pool.yaml").write_text(
        "apiVersion: dialctl/v1\nkind: CapacityPool\nmetadata: {name: lines}\n"
        f"spec: {{maxConcurrentCalls: {SCHEDULES * 10}, maxConcurrentAgents: {SCHEDULES * 5}}}\n"
    )


def plan(dialctl, folder, name, *more, code=0):
    """A plan as HTML, and beside it as JSON."""
    for form in ("json", "html"):
        path = folder / f"{name}.{form}"
        path.write_bytes(run(dialctl, folder, "plan", "--sandbox", "--format", form, *more, code=code))
    return path


def run(dialctl, folder, *arguments, code=0):
    ran = subprocess.run([dialctl, *arguments, "--rate-limit", "100000"], capture_output=True, check=False, cwd=folder)
    expect(ran.returncode == code, ran)
    return ran.stdout


def expect(holds, told):
    if not holds:
        sys.exit(f"not as it should be: {str(told)[:3000]}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        main(Path(sys.argv[1]).resolve(), Path(made), Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else None)

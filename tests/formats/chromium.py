"""Chromium without a window, spoken to over a pipe in its DevTools protocol: no package and no port is needed."""

import base64
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile

# The program; None where it is not installed.
PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
# Seconds after which it is taken to be stuck.
PATIENCE = 120


class Browser:
    """One browser with one empty profile and one page, for as long as the `with` block lasts."""

    def __init__(self):
        self.events, self.last = [], 0
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)

    def __enter__(self):
        to_browser, self.to = os.pipe()
        self.back, from_browser = os.pipe()
        # It reads from the file descriptor 3 and writes to 4.
        wrapped = f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'
        arguments = ["--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-dev-shm-usage",
                     "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     f"--user-data-dir={self.profile.name}", "about:blank"]
        self.process = subprocess.Popen(
            ["bash", "-c", wrapped, PROGRAM, *arguments], pass_fds=(to_browser, from_browser),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )
        os.close(to_browser)
        os.close(from_browser)
        self.rest = b""
        pages = [one for one in self.call("Target.getTargets")["targetInfos"] if one["type"] == "page"]
        attached = self.call("Target.attachToTarget", targetId=pages[0]["targetId"], flatten=True)
        self.session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.on_page(f"{domain}.enable")
        return self

    def __exit__(self, *failed):
        if not any(failed):
            self.call("Browser.close")
        else:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        os.close(self.back)
        os.close(self.to)
        self.profile.cleanup()

    def call(self, method, **parameters):
        """The result of a command to the browser."""
        return self._call({"method": method, "params": parameters})

    def on_page(self, method, **parameters):
        """The result of a command to the page."""
        return self._call({"method": method, "params": parameters, "sessionId": self.session})

    def open(self, url):
        """Goes to an address and waits until all is loaded."""
        self.on_page("Page.navigate", url=url)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self._receive()

    def evaluate(self, expression):
        """The value of an expression in the page, waited for."""
        answer = self.on_page("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def press(self, key, text=None, code=None):
        """Presses a key and lets it go."""
        what = {"key": key, "code": code or key, "windowsVirtualKeyCode": {"Tab": 9, "Enter": 13, " ": 32, "Delete": 46}.get(key, 0)}
        self.on_page("Input.dispatchKeyEvent", type="keyDown", **what, **({"text": text} if text else {}))
        self.on_page("Input.dispatchKeyEvent", type="keyUp", **what)

    def media(self, media="", **features):
        """Shows the page as on paper (`print`), or with features such as `prefers_color_scheme`."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.on_page("Emulation.setEmulatedMedia", media=media, features=named)

    def size(self, width, height):
        """Sets the size of the window in CSS pixels."""
        self.on_page("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                     mobile=False)

    def screenshot(self):
        """What the window shows, as PNG."""
        return base64.b64decode(self.on_page("Page.captureScreenshot", format="png")["data"])

    def pdf(self):
        """The page on paper."""
        return base64.b64decode(self.on_page("Page.printToPDF", printBackground=False)["data"])

    def told(self, *methods):
        """What the page has told of so far in events of these names."""
        return [event["params"] for event in self.events if event["method"] in methods]

    def _call(self, message):
        self.last += 1
        os.write(self.to, json.dumps({"id": self.last, **message}).encode() + b"\0")
        while True:
            answer = self._receive()
            if answer.get("id") == self.last:
                if "error" in answer:
                    raise RuntimeError(f"{message['method']}: {answer['error']}")
                return answer["result"]

    def _receive(self):
        while b"\0" not in self.rest:
            if not select.select([self.back], [], [], PATIENCE)[0]:
                raise RuntimeError(f"Chromium has said nothing for {PATIENCE} seconds")
            part = os.read(self.back, 1 << 20)
            if not part:
                raise RuntimeError("Chromium has ended")
            self.rest += part
        message, _, self.rest = self.rest.partition(b"\0")
        message = json.loads(message)
        if "method" in message:
            self.events.append(message)
        return message

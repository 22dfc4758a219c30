# ruff: noqa: E501 - tables of awkward input are easier to read on long lines
"""Drives headless Chromium over its debugging pipe: no driver, no web socket, no package.

with Chromium(1400, 900) as browser:
    browser.open("http://127.0.0.1:6006/")
    browser.wait("document.body.hasAttribute('data-graph-ready')")
    browser.screenshot("page.png")
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")


def program() -> str | None:
    """Path of Chromium, or None. GRAPHFLOW_CHROMIUM names another one."""
    return os.environ.get("GRAPHFLOW_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


class Chromium:
    """One browser with one page of a given size. problems: what its console and its scripts complained about."""

    def __init__(self, width: int = 1400, height: int = 900, dark: bool = False) -> None:
        found = program()
        if found is None:
            raise RuntimeError("Chromium is not installed; set GRAPHFLOW_CHROMIUM to its path")
        self.problems: list[str] = []
        self._traced: list[dict[str, Any]] = []
        self._tracing = False
        self._numbers = itertools.count(1)
        self._rest = b""
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        (their_in, self._out), (self._in, their_out) = os.pipe(), os.pipe()
        for fd in (their_in, their_out):
            os.set_inheritable(fd, True)
        script = f'exec "$0" "$@" 3<&{their_in} 4>&{their_out}'
        flags = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-pipe",
            "--no-first-run",
            f"--user-data-dir={self._folder.name}",
        ]
        self._process = subprocess.Popen(
            ["bash", "-c", script, found, *flags, "about:blank"],
            pass_fds=(their_in, their_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(their_in)
        os.close(their_out)
        target = next(t for t in self._call("Target.getTargets")["targetInfos"] if t["type"] == "page")
        self._session = self._call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.requests: list[str] = []
        self.received = 0
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def _call(self, method: str, session: str | None = None, **params: Any) -> Any:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self._event(answer)

    def call(self, method: str, **params: Any) -> Any:
        """A command of the debugging protocol to the page."""
        return self._call(method, self._session, **params)

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            piece = os.read(self._in, 1 << 20)
            if not piece:
                raise RuntimeError("Chromium ended")
            self._rest += piece
        message, _, self._rest = self._rest.partition(b"\0")
        return json.loads(message)

    def _event(self, event: dict[str, Any]) -> None:
        method, params = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.problems.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.problems.append(params["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Tracing.dataCollected":
            self._traced += params["value"]
        elif method == "Tracing.tracingComplete":
            self._tracing = False
        elif method == "Network.loadingFinished":
            self.received += int(params["encodedDataLength"])

    def open(self, url: str) -> None:
        self.requests, self.received = [], 0
        self.call("Page.navigate", url=url)

    def ask(self, script: str) -> Any:
        """The value of an expression in the page (promises are awaited)."""
        done = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in done:
            raise RuntimeError(done["exceptionDetails"].get("exception", {}).get("description", "the script failed"))
        return done["result"].get("value")

    def ask_frames(self, script: str) -> list[Any]:
        """As `ask`, in each sandboxed frame of the page."""
        frames = [target for target in self._call("Target.getTargets")["targetInfos"] if target["type"] == "iframe"]
        sessions = [self._call("Target.attachToTarget", targetId=frame["targetId"], flatten=True)["sessionId"] for frame in frames]
        answers = [self._call("Runtime.evaluate", one, expression=script, returnByValue=True) for one in sessions]
        return [answer["result"].get("value") for answer in answers]

    def wait(self, condition: str, seconds: float = 20.0) -> float:
        """Waits until an expression is true; how long it took. RuntimeError tells the page's problems."""
        began = time.monotonic()
        while time.monotonic() - began < seconds:
            if self.ask(f"Boolean({condition})"):
                return time.monotonic() - began
            time.sleep(0.01)
        raise RuntimeError(
            f"{condition} did not come true in {seconds} s; problems: {self.problems}; status: {self.ask('document.body.innerText.slice(-300)')}"
        )

    def key(self, key: str, text: str | None = None) -> None:
        code = {
            "Enter": 13,
            "Backspace": 8,
            "Escape": 27,
            "ArrowDown": 40,
            "ArrowUp": 38,
            "ArrowLeft": 37,
            "ArrowRight": 39,
            "Tab": 9,
        }.get(key, 0)
        extra = {"text": key} if len(key) == 1 else {"text": "\r"} if key == "Enter" else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, windowsVirtualKeyCode=code, **extra)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key, windowsVirtualKeyCode=code)

    def type(self, text: str) -> None:
        for letter in text:
            self.key(letter)

    def click(self, selector: str, times: int = 1, shift: bool = False) -> None:
        """A click (or double click) in the middle of the first element that the selector finds."""
        place = self.ask(
            f"(() => {{ const r = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            "return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for n in range(1, times + 1):
            for kind in ("mousePressed", "mouseReleased"):
                self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=n, modifiers=8 * shift)

    def trace(self) -> None:
        """Begins to note the tasks of the page's main thread."""
        self._traced, self._tracing = [], True
        self.call("Tracing.start", transferMode="ReportEvents", traceConfig={"includedCategories": ["toplevel", "__metadata"], "excludedCategories": ["*"]})

    def tasks(self) -> list[tuple[float, float]]:
        """Ends the trace: (milliseconds by the clock, of processor time) of each task of the renderers' main threads, longest first by the latter."""
        self.call("Tracing.end")
        while self._tracing:
            self._event(self._read())
        mains = {(e["pid"], e["tid"]) for e in self._traced if e["name"] == "thread_name" and e["args"]["name"] == "CrRendererMain"}
        done = [e for e in self._traced if e["name"].endswith("RunTask") and "dur" in e and (e["pid"], e["tid"]) in mains]
        found = [(e["dur"] / 1000, e.get("tdur", e["dur"]) / 1000) for e in done]
        return sorted(found, key=lambda one: -one[1])

    def screenshot(self, path: str | Path) -> None:
        Path(path).write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def __enter__(self) -> Chromium:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._call("Browser.close")
        except (RuntimeError, OSError):
            self._process.kill()
        self._process.wait(20)
        os.close(self._out)
        os.close(self._in)
        self._folder.cleanup()

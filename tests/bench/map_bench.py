"""Benchmark (a): what the map costs, ours against QGraphicsView and Phaser, all in one run.

``python -m tests.bench.map_bench [COUNT ...]``. Prints CPU time per painted frame (whole processes, user
and system; the whole tree of Chromium's) while 10 % of the people walk, while panning and while zooming; CPU
while idle; memory; and the ratios. Qt programs run under a real Xvfb with the xcb platform, Chromium headless
without a GPU. What is missing is fetched: Phaser into build/bench by npm, Chromium by apt.
"""

from __future__ import annotations

import http.server
import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlparse

from tests.bench import processes
from tests.bench.map_scene import SECONDS, WARM_UP, ZOOM

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "bench"
PAGE = Path(__file__).parent / "phaser"
OURS, ITEMS, PHASER, PHASER_CANVAS = "ours", "QGraphicsView", "Phaser", "Phaser, canvas"
CHROMIUM = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,800",
)
MODES = ("moving", "panning", "zooming")
LATEST = 90.0
"""s a contestant may take for the next thing it says."""


@dataclass
class Result:
    """What one contestant cost.

    Attributes:
        frame: CPU ms per painted frame, by mode; rate: frames a second.
        idle: share of one core while nothing moves.
        pss, rss: MiB.
    """

    frame: dict[str, float] = field(default_factory=dict)
    rate: dict[str, float] = field(default_factory=dict)
    idle: float = 0.0
    pss: float = 0.0
    rss: float = 0.0
    note: str = ""


class Judge:
    """Takes down what one contestant says."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._started: tuple[float, float, int] = (0.0, 0.0, 0)
        self.result = Result()

    def hear(self, word: str, mode: str, frames: int, cpu: float) -> None:
        """``cpu``: s the contestant has used so far."""
        now = processes.now()
        if word == "begin":
            self._started = (cpu, now, frames)
            return
        cpu_before, began, frames_before = self._started
        painted, seconds = frames - frames_before, now - began
        if mode == "idle":
            self.result.idle = (cpu - cpu_before) / seconds
            self.result.pss, self.result.rss = processes.memory(self._pid)
        else:
            self.result.frame[mode] = (cpu - cpu_before) * 1000 / max(painted, 1)
            self.result.rate[mode] = painted / seconds


def run_qt(module: str, argument: str, display: str) -> Result:
    """Run one of the Qt contestants to its end."""
    with subprocess.Popen(
        [sys.executable, "-m", module, argument],
        cwd=ROOT,
        env=qt_environment(display),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        judge = Judge(process.pid)
        assert process.stdout is not None
        for line in process.stdout:
            word, mode, frames, cpu = line.split()
            judge.hear(word, mode, int(frames), float(cpu))
    return judge.result


def qt_environment(display: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("QT_")}
    return {**kept, "DISPLAY": display, "QT_QPA_PLATFORM": "xcb"}


class Pages(http.server.ThreadingHTTPServer):
    """Serves the page, the scene and Phaser, and passes on what the page says."""

    def __init__(self, scene: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.said: queue.Queue[dict[str, str]] = queue.Queue()
        phaser = BUILD / "node_modules" / "phaser" / "dist" / "phaser.min.js"
        self.files = {
            "/": PAGE / "index.html",
            "/contestant.js": PAGE / "contestant.js",
            "/phaser.min.js": phaser,
            **{f"/scene/{name}": scene / name for name in ("background.png", "atlas.png", "scene.json")},
        }


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Pages

    def do_GET(self) -> None:
        url = urlparse(self.path)
        body, kind = b"", "text/plain"
        if url.path == "/say":
            self.server.said.put({k: v[0] for k, v in parse_qs(url.query, keep_blank_values=True).items()})
        elif url.path == "/modes":
            body = json.dumps([[mode, seconds, WARM_UP] for mode, seconds in SECONDS.items()]).encode()
            kind = "application/json"
        elif url.path in self.server.files:
            path = self.server.files[url.path]
            body = path.read_bytes()
            kinds = {".html": "text/html", ".js": "text/javascript", ".png": "image/png"}
            kind = kinds.get(path.suffix, "application/json")
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base's
        """Requests are no news."""


def run_phaser(scene: Path, renderer: str) -> Result:
    """Run the Phaser page in a fresh headless Chromium with one of Phaser's renderers."""
    pages = Pages(scene)
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{pages.server_port}/?renderer={renderer}"
    with tempfile.TemporaryDirectory() as profile:
        browser = subprocess.Popen(
            ["chromium", *CHROMIUM, f"--user-data-dir={profile}", address],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        judge = Judge(browser.pid)
        try:
            while "done" not in (said := pages.said.get(timeout=LATEST)):
                if "ready" in said:
                    judge.result.note = said["renderer"]
                else:
                    word = "begin" if "begin" in said else "end"
                    cpu = processes.cpu_seconds(browser.pid)
                    judge.hear(word, said["mode"], int(said["frames"]), cpu)
        finally:
            processes.stop(browser)
            pages.shutdown()
    return judge.result


def fetch() -> None:
    """Get the peers that are not here yet."""
    BUILD.mkdir(parents=True, exist_ok=True)
    if not (BUILD / "node_modules" / "phaser").exists():
        npm = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(BUILD), "phaser@4"]
        subprocess.run(npm, check=True, stdout=subprocess.DEVNULL)
    if shutil.which("chromium") is None:
        apt = ["apt-get", "install", "-y", "--no-install-recommends", "chromium"]
        subprocess.run(apt, check=True, stdout=subprocess.DEVNULL)


def contest(count: int, display: str) -> dict[str, Result]:
    scene = BUILD / f"scene-{count}"
    subprocess.run(
        [sys.executable, "-m", "tests.bench.map_ours", str(count), str(scene)],
        cwd=ROOT,
        env=qt_environment(display),
        check=True,
    )
    ours = run_qt("tests.bench.map_ours", str(count), display)
    items = run_qt("tests.bench.map_graphicsview", str(scene), display)
    # Left alone Phaser takes WebGL, in software here; told to, it draws on a canvas.
    by_itself = run_phaser(scene, "webgl")
    told_to = run_phaser(scene, "canvas")
    return {OURS: ours, ITEMS: items, PHASER: by_itself, PHASER_CANVAS: told_to}


def report(count: int, results: dict[str, Result]) -> None:
    print(f"\n{count:,} avatars in view, 10 % walking          CPU ms per frame (frames/s)")
    print(f"{'':16}{'walking':>18}{'panning':>18}{'zooming':>18}{'idle':>10}{'PSS':>9}{'RSS':>9}")
    for name, result in results.items():
        cells = "".join(f"{result.frame[mode]:10.2f} ({result.rate[mode]:5.1f})" for mode in MODES)
        memory = f"{result.pss:6.0f} MB{result.rss:6.0f} MB"
        print(f"{name:16}{cells}{result.idle * 100:9.3f}%{memory}  {result.note}")
    ours = results[OURS]
    for peer in (ITEMS, PHASER, PHASER_CANVAS):
        ratios = "  ".join(f"{mode} 1/{results[peer].frame[mode] / ours.frame[mode]:.1f}" for mode in MODES)
        print(f"  ours/{peer}: {ratios}  memory 1/{results[peer].pss / ours.pss:.1f}")


def main() -> dict[int, dict[str, Result]]:
    """What each contestant did, by the number of avatars."""
    counts = [int(argument) for argument in sys.argv[1:]] or list(ZOOM)
    fetch()
    results = {}
    with processes.x_server() as display:
        for count in counts:
            results[count] = contest(count, display)
            report(count, results[count])
    return results


if __name__ == "__main__":
    main()

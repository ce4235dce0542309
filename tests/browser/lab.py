"""JupyterLab and a headless Chromium to drive it: what the browser tests and the pictures share."""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import nbformat
from playwright.sync_api import sync_playwright

from helpers.cli import find_browser

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# All cells in the page at once, nothing saved or asked behind the test's back.
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},
    "docmanager-extension/plugin": {"autosave": False},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@contextlib.contextmanager
def running_lab(folder):
    """Serve a copy of the notebooks without outputs, made in `folder`; yield a function from path to address."""
    for source in (ROOT / "notebooks").glob("*.ipynb"):
        notebook = nbformat.read(source, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        (folder / "notebooks").mkdir(exist_ok=True)
        nbformat.write(notebook, folder / "notebooks" / source.name)
    os.symlink(ROOT / "data", folder / "data")
    for name, values in SETTINGS.items():
        path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    port, token = _free_port(), secrets.token_hex(8)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        f"--port={port}",
        f"--IdentityProvider.token={token}",
        "--allow-root",
        f"--ServerApp.root_dir={folder}",
        "--ServerApp.port_retries=0",
        "--LabApp.expose_app_in_browser=True",
    ]
    places = {"JUPYTERLAB_SETTINGS_DIR": folder / "settings", "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces"}
    environment = os.environ | {name: str(path) for name, path in places.items()}
    with open(folder / "lab.log", "w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT, cwd=folder)
    try:
        _wait_for(f"http://127.0.0.1:{port}/api?token={token}", server, folder / "lab.log")
        yield lambda path: f"http://127.0.0.1:{port}/lab/tree/notebooks/{path}?token={token}&reset"
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def browser():
    """Start the Chromium that `find_browser` finds."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        try:
            yield chromium
        finally:
            chromium.close()


class Lesson:
    """One notebook open in JupyterLab."""

    def __init__(self, chromium, address, width=1280, height=1000, scale=1):
        self.page = chromium.new_page(viewport={"width": width, "height": height}, device_scale_factor=scale)
        self.console = []
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.goto(address)
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.ready")

    def run_all(self, timeout=120):
        """Run all cells and wait for the last; an error in one keeps the rest from running."""
        self.page.evaluate(
            """seconds => Promise.race([
                jupyterapp.commands.execute("notebook:run-all-cells"),
                new Promise((_, fail) => setTimeout(() => fail(Error(`ran over ${seconds} s`)), 1000 * seconds))
            ])""",
            timeout,
        )
        self.page.wait_for_timeout(300)

    def errors(self):
        """Return the text of every error output."""
        return self.page.locator("[data-mime-type='application/vnd.jupyter.error']").all_inner_texts()

    def close(self):
        """Shut the kernel down and close the page."""
        self.page.evaluate("() => jupyterapp.shell.currentWidget.sessionContext.shutdown()")
        self.page.close()


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(address, server, log, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(address, timeout=5).read()
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()}")

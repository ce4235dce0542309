"""JupyterLab and a headless Chromium to drive it: what the browser tests and the pictures share."""

import ast
import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
from playwright.sync_api import expect, sync_playwright

import course
from helpers import translation
from tests.support import ROOT
from tests.support.panel import PANEL, PANELS, Panel
from tools.rerun import KERNEL

expect.set_options(timeout=30_000)  # milliseconds, for two tests beside each other on a small machine
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
NOTEBOOK = "jupyterapp.shell.currentWidget"
# Waits for the kernel; then keeps those of the widgets' messages that it has not handled to the end.
LISTEN = f"""async () => {{
    const session = {NOTEBOOK}.sessionContext;
    await session.ready;
    const waiting = window.unanswered ??= new Set(), heard = window.heard ??= new Set();
    if (heard.has(session)) return;
    heard.add(session);
    session.session.kernel.anyMessage.connect((_, {{msg, direction}}) => {{
        if (direction === "send" && msg.header.msg_type === "comm_msg") waiting.add(msg.header.msg_id);
        if (msg.header.msg_type === "status" && msg.content.execution_state === "idle")
            waiting.delete(msg.parent_header.msg_id);
    }});
}}"""
ASK = f"""async answer => {{
    const request = {{code: "", silent: true, store_history: false, user_expressions: {{answer}}}};
    const reply = await {NOTEBOOK}.sessionContext.session.kernel.requestExecute(request).done;
    return reply.content.user_expressions.answer;
}}"""


@contextlib.contextmanager
def running_lab(folder, language="en"):
    """Serve the lessons in a language without outputs, made in `folder`; yield a function from path to address."""
    for source in (ROOT / "notebooks").glob("*.ipynb"):
        notebook = nbformat.reads(json.dumps(translation.notebook(source.stem, language)), as_version=4)
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
    if os.name == "posix":  # sockets as files: a TCP port can be taken by another process before the kernel binds it
        command.append("--KernelManager.transport=ipc")
    places = {
        "COURSE_LANGUAGE": language,
        "JUPYTER_CONFIG_PATH": course.jupyter_settings(language),
        "JUPYTERLAB_SETTINGS_DIR": folder / "settings",
        "JUPYTERLAB_WORKSPACES_DIR": folder / "workspaces",
    }
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
    """Start the Chromium that `course.find_browser` finds.

    Raises:
        CourseError: there is none.
    """
    path = course.find_browser()
    if path is None:
        raise course.CourseError(
            "no Chromium or Chrome is here, and none could be fetched: install one (Debian, Ubuntu: "
            "`apt-get install chromium`), or set COURSE_BROWSER to its path"
        )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        try:
            yield chromium
        finally:
            chromium.close()


class Lesson:
    """One notebook open in JupyterLab."""

    def __init__(self, chromium, address, width=1280, height=1000, scale=1):
        self.page = chromium.new_page(viewport={"width": width, "height": height}, device_scale_factor=scale)
        self.console = []  # errors, those that nobody caught and those that somebody wrote there
        self.page.on("pageerror", lambda error: self.console.append(str(error)))
        self.page.on("console", lambda message: message.type == "error" and self.console.append(message.text))
        self.page.goto(address)
        self.page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
        self.page.evaluate(LISTEN)

    def show(self, path):
        """Open another notebook in a tab of the same page, or show its tab; all methods then mean that one."""
        self.page.evaluate(
            """path => jupyterapp.commands.execute("docmanager:open", {path}).then(tab => tab.context.ready)""",
            f"notebooks/{path}",
        )
        self.page.evaluate(LISTEN)

    def run_all(self, timeout=120):
        """Run all cells and wait for the last; an error in one keeps the rest from running."""
        self.command("notebook:run-all-cells", timeout)
        self.settle()

    def place_of(self, text):
        """Return the place among all cells of the first one that holds a text."""
        script = f"text => {NOTEBOOK}.content.widgets.findIndex(cell => cell.model.sharedModel.source.includes(text))"
        return self.page.evaluate(script, text)

    def write(self, number, source):
        """Replace the source of a cell, by its place among all cells."""
        script = f"([number, source]) => {NOTEBOOK}.content.widgets[number].model.sharedModel.setSource(source)"
        self.page.evaluate(script, [number, source])

    def run_cell(self, number, above=False, timeout=120):
        """Run one cell, by its place among all cells, or first all those above it, too."""
        self.page.evaluate(f"number => {{ {NOTEBOOK}.content.activeCellIndex = number }}", number)
        if above:
            self.command("notebook:run-all-above", timeout)
        self.command("notebook:run-cell", timeout)

    def command(self, name, timeout=60):
        """Execute a command of JupyterLab and wait until it is done."""
        self.page.evaluate(
            """([name, seconds]) => Promise.race([
                jupyterapp.commands.execute(name),
                new Promise((_, fail) => setTimeout(() => fail(Error(`${name}: over ${seconds} s`)), 1000 * seconds))
            ])""",
            [name, timeout],
        )

    def start_cell(self, number):
        """Run one cell without waiting for its end."""
        self.page.evaluate(
            f"number => {{ {NOTEBOOK}.content.activeCellIndex = number;"
            " jupyterapp.commands.execute('notebook:run-cell') }",
            number,
        )

    def restart(self):
        """Restart the kernel as a learner does, who is asked for a confirmation."""
        self.page.evaluate("() => { window.restarted = jupyterapp.commands.execute('notebook:restart-kernel') }")
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.page.evaluate("async () => { await restarted; unanswered.clear() }")

    def settle(self):
        """Wait until the kernel has handled all that the page sent to it, such as a slider's new value."""
        self.page.wait_for_function("() => unanswered.size === 0")

    def ask(self, expression):
        """Evaluate Python in the kernel, beside the cells, and return the value, a literal."""
        answer = self.page.evaluate(ASK, expression)
        if answer["status"] != "ok":
            raise RuntimeError(f"{expression}: {answer['ename']}: {answer['evalue']}")
        return ast.literal_eval(answer["data"]["text/plain"])

    def panels(self):
        """List the panels, once all those that the kernel has stand in the page."""
        count = self.ask(f"len({PANELS})")
        expect(self.page.locator(PANEL)).to_have_count(count)
        return [Panel(self, number) for number in range(count)]

    def cell_of(self, locator):
        """Return the place among all cells of the cell that holds an element."""
        return locator.evaluate(f"element => {NOTEBOOK}.content.widgets.findIndex(cell => cell.node.contains(element))")

    def output(self, number):
        """Return the locator of what a cell put out, by its place among all cells."""
        return self.page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell").nth(number).locator(".jp-OutputArea")

    def errors(self):
        """Return every error that stands under a cell, as one line."""
        return self.page.evaluate(
            f"""() => {NOTEBOOK}.content.widgets.flatMap(cell => cell.model.toJSON().outputs ?? [])
                .filter(output => output.output_type === "error")
                .map(output => `${{output.ename}}: ${{output.evalue}}`)"""
        )

    def close_notebooks(self):
        """Close all tabs of the page without saving and shut their kernels down; `show` opens the next."""
        self.page.evaluate(
            """async () => {
                for (const tab of [...jupyterapp.shell.widgets("main")]) {
                    await tab.sessionContext?.shutdown();
                    tab.dispose();
                }
                heard.clear();
                unanswered.clear();
            }"""
        )
        self.console.clear()

    def close(self):
        """Shut all its kernels down and close the page."""
        self.close_notebooks()
        self.page.close()


def write_notebook(path, sources):
    """Write a notebook of code cells with these sources, which has not run."""
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": KERNEL}), path)


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

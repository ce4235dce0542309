"""Two learners at the class's hub, one of whom is nosy; prints what came of it as JSON."""

import contextlib
import json
import pwd
import subprocess
import tempfile
from pathlib import Path

import requests
import zmq

from tests.support import hub
from tests.support.learner import Failed, Learner

PANEL = """
import numpy as np
from ipywidgets import FloatSlider
from helpers import plots
from helpers.explore import explore

def wave(k):
    yield np.sin(k * np.linspace(0, 1))

def draw(figure):
    (line,) = figure.subplots().plot(np.linspace(0, 1), np.zeros(50))
    return lambda y: line.set_ydata(y)

explore(wave, draw, caption="A wave.", k=FloatSlider(value=1, min=0, max=10))
"""
LOOK = """
import os
from pathlib import Path
print("threads", os.environ["OMP_NUM_THREADS"])
def attempt(what, do):
    try:
        do()
        print("may", what)
    except OSError as error:
        print("may not", what)
attempt("list the other's home", lambda: os.listdir("/home/bo"))
attempt("read the other's lesson", lambda: open("/home/bo/lessons/00_start_here.ipynb").read())
attempt("read the hub's files", lambda: os.listdir("/srv/class/hub"))
attempt("end the other's server", lambda: os.kill({pid}, 15))
attempt("read the other's token", lambda: open("/proc/{pid}/environ").read())
attempt("write data", lambda: open(os.environ["COURSE_DATA"] + "/mine", "w"))
attempt("write packages", lambda: open(__import__("jupyter_core").__file__, "a"))
attempt("write the common lessons", lambda: open("/srv/class/lessons/00_start_here.ipynb", "a"))
attempt("read its own lesson", lambda: open("00_start_here.ipynb").read())
"""


def main():
    """Let both learn, one look around, and the lessons change."""
    with tempfile.TemporaryDirectory() as folder, hub.running(["ann", "bo"], Path(folder) / "log") as passwords:
        report, learners = {}, {name: Learner(hub.ADDRESS, name, word) for name, word in passwords.items()}
        for name, one in learners.items():
            one.log_in()
            one.start()
            one.open("00_start_here.ipynb")
            one.run(PANEL)
            (((slider,), picture),) = one.panels()
            report[name] = one.move(slider, picture, 0.5), one.errors
        ann, bo = learners.values()
        report["visit"] = ann.web.get(f"{hub.ADDRESS}/user/bo/api/contents").status_code
        report["wrong password"] = tries_to_log_in("ann", passwords["bo"])
        report["root"] = tries_to_log_in("root", "")
        pid = next(path.name for path in hub.processes("bo"))
        report["look"] = ann.run(LOOK.replace("{pid}", pid)).splitlines()
        report["doors"] = doors(bo)
        report["update"] = update(ann)
    print(json.dumps(report))


def tries_to_log_in(name, password):
    """Tell what comes of it."""
    try:
        Learner(hub.ADDRESS, name, password).log_in()
    except Failed as error:
        return str(error)
    return "is in"


def doors(one):
    """List what a stranger hears at each TCP port at which a learner's processes listen, while the learner works."""
    user, found = str(pwd.getpwnam(one.name).pw_uid), []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        fields = line.split()
        if fields[3] == "0A" and fields[7] == user:  # it listens
            address = f"127.0.0.1:{int(fields[1].partition(':')[2], 16)}"
            with zmq.Context() as context, context.socket(zmq.SUB) as ear:
                ear.linger = 0
                ear.subscribe("")
                ear.connect(f"tcp://{address}")  # as a kernel's words are heard
                one.run("import time; time.sleep(0.5); print('mine')")
                found.append("words" if ear.poll(500) else "")
            with contextlib.suppress(requests.Timeout):
                found[-1] += requests.get(f"http://{address}/user/{one.name}/api/contents", timeout=1).reason
    return sorted(found)


def update(one):
    """Change two lessons, of which a learner has changed one, too; tell what the learner has at the next start."""
    mine, names = Path("/home", one.name, "lessons"), ["00_start_here.ipynb", "01_minibatch_sgd.ipynb"]
    one.run(f"open({names[0]!r}, 'a').write('my own line')")
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            Path(folder, name).write_text((mine / name).read_text().removesuffix("my own line") + "a new line")
        subprocess.run(["sh", hub.FOLDER / "lessons.sh", folder], check=True)
    one.stop()
    one.start()
    return [(mine / name).read_text().rpartition("\n")[2] for name in names]


if __name__ == "__main__":
    main()

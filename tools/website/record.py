"""Record the panels of a lesson: a run at each position of its controls, as one small animated picture.

    python -m tools.website.record notebooks/01_minibatch_sgd.ipynb FOLDER [--preview]

Runs the lesson from top to bottom and writes into the folder `panels.json` (what the player needs to know of each
panel, in order) and, in a folder for each panel, `still.webp` and a picture for each position, such as `3-0.webp`:
the first control at its place 3, the second at 0. A preview has the ends of each slider alone. Prints a line for each
run, for who shows progress.
"""

import contextlib
import io
import itertools
import json
import os
import shutil
import sys
import time
from pathlib import Path

import nbformat
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image
from traitlets.config import Config

from helpers import explore, predict
from helpers.explore import FRAME
from helpers.plots import PIXELS_PER_INCH
from helpers.screen import Screen
from tools.website.places import ENDS, FEW, FINE, control, levels

FRAMES = 8  # a run keeps as many frames or up to twice as many, evenly spread over its steps, and its last one
LONGEST = 4  # seconds that a recorded run takes at most
DEAR, DEAREST = 1.0, 5.0  # a panel whose run takes more seconds of a core has few places on its sliders, or the ends
MOST, ROOM, SECONDS = 150, 5e6, 40  # what the runs of a panel may be, and take: their number, bytes, seconds of a core


class Recorder:
    """Records each panel that `explore` makes; `panels` describes them.

    Args:
        folder: where a folder for each panel is made.
        preview: whether the ends of each slider are enough.
        tell: function that gets a line for each run.
    """

    def __init__(self, folder, preview, tell):
        self._folder, self._preview, self._tell = folder, preview, tell
        self.cell, self.panels, self._marks = None, [], []
        self._mark, predict.mark = predict.mark, self._note_mark

    def _note_mark(self, axes, prediction, upright=False):
        """Stand in for `predict.mark`: remember where the drawing would put the learner's number."""
        self._marks.append((axes, upright))
        return self._mark(axes, prediction, upright)

    def __call__(self, panel):
        number = len(self.panels)
        self._marks.clear()
        recording = Recording(panel, self._folder / str(number), self._preview)
        recording.record_all(lambda text: self._tell(f"panel {number + 1} {text}"))
        marks = [place_of(*mark) for mark in dict.fromkeys(self._marks)]  # a drawing may set them again and again
        self.panels.append({"cell": self.cell, "marks": marks, **recording.description()})


class Recording:
    """The runs of one panel in a folder."""

    def __init__(self, panel, folder, preview):
        self._panel, self._folder, self._preview = panel, folder, preview
        self._screen = Screen(panel.draw, panel.size)
        begin, self._stride = time.process_time(), 1
        _, steps, _ = self._play(panel.values)  # which also lays out the figure: no run that counts pays for that
        self._stride = max(1, steps // (16 * FRAMES))  # of many steps not even the first are drawn one by one
        seconds = time.process_time() - begin
        self._begin(ENDS if preview or seconds > DEAREST else FEW if seconds > DEAR else FINE)

    def _begin(self, places):
        """Let the controls have at most so many places, and forget all runs."""
        self._places = places
        self._controls = [control(slider, places) for slider in self._panel.sliders.values()]
        self._runs = {}  # name of a position -> milliseconds, 0 for a still, the last step, and why it diverged, if so
        self._bytes, self._seconds = 0, 0.0
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)

    def record_all(self, tell):
        """Record each control alone, and then level by level as many combinations as there is room for."""
        self._record_alone(tell)
        while self._bytes > ROOM and self._places > FEW:
            self._begin(max(FEW, int(self._places * ROOM / self._bytes)))
            self._record_alone(tell)
        for positions in itertools.islice(levels(self._controls), 1, None):
            new = self._new(positions)
            if self._preview or not self._has_room(len(new)):
                break
            self._record_each(new, tell)

    def _record_alone(self, tell):
        start = tuple(one.start for one in self._controls)
        self._record(start).save(self._folder / "still.webp", quality=75, method=6)
        self._record_each(self._new(next(levels(self._controls))), tell)

    def _new(self, positions):
        return [position for position in dict.fromkeys(positions) if name_of(position) not in self._runs]

    def _record_each(self, positions, tell):
        for i, position in enumerate(positions, 1):
            tell(f"run {i} of {len(positions)}")
            self._record(position)

    def _has_room(self, more):
        """Tell whether so many more runs, if they are like those so far, stay within what a panel may take."""
        count = len(self._runs)
        share = (count + more) / count
        return count + more <= MOST and self._bytes * share <= ROOM and self._seconds * share <= SECONDS

    def description(self):
        """Return what pages need to know of the panel, for json."""
        wide, high = (round(PIXELS_PER_INCH * inches) for inches in self._panel.size)
        shown = ("kind", "label", "labels", "start")
        controls = [{name: getattr(one, name) for name in shown} for one in self._controls]
        return {"caption": self._panel.caption, "width": wide, "height": high, "controls": controls, "runs": self._runs}

    def _record(self, position):
        """Record the run at a position; return its last frame."""
        begin, path = time.process_time(), self._folder / f"{name_of(position)}.webp"
        values = {
            name: one.values[i] for name, one, i in zip(self._panel.sliders, self._controls, position, strict=True)
        }
        frames, steps, error = self._play(values)
        each = self._panel.pause or FRAME
        milliseconds = round(1000 * min(LONGEST, steps * each)) if len(frames) > 1 else 0
        save(frames, milliseconds, path)
        self._bytes += path.stat().st_size
        if milliseconds:
            last = path.with_stem(f"{path.stem}-end")
            save(frames[-1:], 0, last)
            self._bytes += last.stat().st_size
        self._runs[name_of(position)] = milliseconds, steps, error
        self._seconds += time.process_time() - begin
        return frames[-1]

    def _play(self, values):
        """Run the experiment; return its frames, the number of its steps and why it diverged, None if it didn't."""
        frames, steps, stride, painted, error = [], 0, self._stride, 0, None
        with contextlib.closing(self._panel.experiment(**values)) as run:
            try:
                for steps, state in enumerate(run, 1):
                    if (steps - 1) % stride == 0:
                        newest, painted = self._screen.paint(state), steps  # now: a state may change in place
                        frames.append(newest)
                        if len(frames) == 2 * FRAMES:
                            frames, stride = frames[::2], 2 * stride
            except FloatingPointError as raised:
                error = str(raised)
        if not steps:
            newest = self._screen.paint_nothing()
        elif painted < steps:  # once only: a state may hold iterators
            newest = self._screen.paint(state)
        frames.append(newest)
        kept = [frame for frame, after in itertools.pairwise([*frames, None]) if frame != after]
        return [Image.open(io.BytesIO(frame)) for frame in kept], steps, error


def save(frames, milliseconds, path):
    """Save frames as one picture that moves once."""
    options = {"duration": max(1, milliseconds // len(frames)), "loop": 1}
    options |= {"kmin": 9999, "kmax": 10_000}  # no key frames, so each frame holds only what changed
    frames[0].save(path, save_all=True, append_images=frames[1:], quality=60, method=2, allow_mixed=True, **options)


def place_of(axes, upright):
    """Say where a number stands on an Axes: its sides as parts of the picture, from the lower left, and its scale."""
    axis = axes.xaxis if upright else axes.yaxis
    ends = [float(end) for end in axis.get_view_interval()]
    return {"box": axes.get_position().extents.tolist(), "ends": ends, "scale": axis.get_scale(), "upright": upright}


def name_of(position):
    return "-".join(map(str, position))


def record(path, folder, preview=False, tell=lambda text: None):
    """Run a lesson and record its panels into a folder; an error in a cell is raised."""
    folder = folder.resolve()
    recorder = Recorder(folder, preview, tell)
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    explore.listeners.append(recorder)
    notebook = nbformat.read(path, as_version=4)
    os.chdir(path.parent)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            recorder.cell = cell.id
            shell.run_cell(cell.source).raise_error()
            tell("cell")
    (folder / "panels.json").write_text(json.dumps(recorder.panels, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    told = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what the lesson prints is not for who shows progress
    lesson, into, *preview = sys.argv[1:]
    record(Path(lesson), Path(into), bool(preview), tell=lambda text: print(text, file=told, flush=True))

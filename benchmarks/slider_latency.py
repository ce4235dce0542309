"""From a slider's move to a changed picture, in JupyterLab in headless Chromium: python benchmarks/slider_latency.py

Four kinds of answer in one page, 50 moves each: a bare text (the floor: messages and screen alone), a still panel,
a training panel, and `ipywidgets.interact` with a new figure each time. For the training panel also the pictures
per second while it trains. Promised: the still panel's median is at most 0.45 of interact's and at most one screen
frame (17 ms) above the floor's; the training panel shows at least 10 pictures a second.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import results

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from helpers import device  # noqa: E402
from tests.support import lab  # noqa: E402

CELLS = {
    "floor": """
import ipywidgets as w
slider, text = w.FloatSlider(min=0, max=10, value=1), w.HTML("<b>1</b>")
slider.observe(lambda change: setattr(text, "value", f"<b>{change.new}</b>"), "value")
box = w.VBox([slider, text]); box.add_class("floor"); box""",
    "still panel": """
import numpy as np
from helpers import plots
from helpers.explore import explore
x = np.linspace(-4, 4, 200)

def wave(k):
    yield np.sin(k * x)

def draw(figure):
    axes = figure.subplots()
    (line,) = axes.plot(x, x)
    axes.set_ylim(-1.1, 1.1)
    plots.label(axes, "A wave", "x", "sin kx")

    def update(y):
        line.set_ydata(y)
        return (line,)

    return update

panel = explore(wave, draw, caption="A wave.", k=w.FloatSlider(min=0, max=10, value=1))
panel.add_class("still-panel"); panel""",
    "training panel": """
import torch
from torch import nn
from helpers import data
from helpers.training import train
images = data.fashion_mnist(examples=20_000)

def learn(eta):
    net = nn.Sequential(data.Preprocess(), nn.Flatten(), nn.Linear(784, 128), nn.ReLU(), nn.Linear(128, 10))
    losses = []
    optimizer = torch.optim.SGD(net.parameters(), lr=eta)
    for step in train(net, data.loader(images, 64, shuffle=True), optimizer, epochs=20):
        losses.append(float(step.loss))
        yield losses

def draw_loss(figure):
    axes = figure.subplots()
    (line,) = axes.plot([], [])
    axes.set(xlim=(0, 6000), ylim=(0, 2.5))

    def update(losses):
        line.set_data(range(len(losses)), losses)
        return (line,)

    return update

training = explore(learn, draw_loss, caption="A loss.", still_steps=20,
                   eta=w.FloatSlider(min=0, max=1, step=0.01, value=0.01))
training.add_class("training-panel"); training""",
    "interact": """
import matplotlib.pyplot as plt

def plot(k):
    figure, axes = plt.subplots(figsize=(7, 3.2))
    axes.plot(x, np.sin(k * x))
    plt.show()

shown = w.interactive(plot, k=w.FloatSlider(min=0, max=10, value=1))
shown.add_class("interact"); shown""",
}
MOVE = """async ([kind, moves]) => {
  const box = document.querySelector('.' + kind.replace(' ', '-'));
  const look = () => box.querySelector('img')?.src ?? box.querySelector('b')?.textContent;
  const handle = box.querySelector('.noUi-handle'), times = [];
  for (let i = 0; i < moves; i++) {
    const before = look(), start = performance.now();
    handle.focus();
    handle.dispatchEvent(new KeyboardEvent('keydown', {key: 'ArrowRight', keyCode: 39, which: 39, bubbles: true}));
    while (!look() || look() === before) {
      await new Promise(requestAnimationFrame);
      if (performance.now() - start > 5000) throw Error(kind + ' did not answer within 5 s');
    }
    times.push(performance.now() - start);
    await new Promise(wait => setTimeout(wait, 150));
  }
  return times;
}"""
WATCH = """async seconds => {
  const image = document.querySelector('.training-panel img'), start = performance.now();
  let pictures = 0, last = image.src;
  while (performance.now() - start < 1000 * seconds) {
    await new Promise(requestAnimationFrame);
    if (image.src !== last) { pictures++; last = image.src; }
  }
  return [pictures / seconds, image.isConnected];
}"""


def main():
    parser = results.parser(__doc__)
    parser.add_argument("--moves", type=int, default=50, help="slider moves of each kind")
    options = parser.parse_args()
    load = results.busy()
    with tempfile.TemporaryDirectory() as folder, lab.running_lab(Path(folder)) as address, lab.browser() as chromium:
        times, rate, kept = measure(open_notebook(chromium, address, Path(folder)), options.moves)
    median = {kind: statistics.median(values) for kind, values in times.items()}
    late = {kind: sorted(values)[int(0.95 * len(values)) - 1] for kind, values in times.items()}  # the 95th percentile
    for kind in CELLS:
        print(f"{kind:15} median {median[kind]:4.0f} ms, 95th percentile {late[kind]:4.0f} ms")
    line = (
        f"still panel / interact = {median['still panel'] / median['interact']:.2f} (goal 0.45); still panel - floor = "
        f"{median['still panel'] - median['floor']:+.0f} ms, at the 95th percentile "
        f"{late['still panel'] - late['floor']:+.0f} ms (goal 17); training panel {rate:.0f} pictures a second "
        f"(goal 10), in the same <img>: {kept}; {results.machine(device.pick())}"
    )
    details = {"median": median, "percentile_95": late, "pictures_per_second": rate, "same_image": kept}
    results.save("slider_latency", line, options, load_before=load, **details)


def open_notebook(chromium, address, folder):
    """Open a notebook of the four kinds in JupyterLab, run."""
    lab.write_notebook(folder / "notebooks" / "latency.ipynb", CELLS.values())
    lesson = lab.Lesson(chromium, address("latency.ipynb"), height=2500)
    lesson.run_all()
    if lesson.errors():
        sys.exit("\n".join(lesson.errors()))
    lesson.page.wait_for_timeout(1000)
    return lesson


def measure(lesson, moves):
    """Return each kind's milliseconds, the training panel's pictures a second, and whether its <img> stayed."""
    times = {}
    for kind in CELLS:
        times[kind] = lesson.page.evaluate(MOVE, [kind, moves])
        if kind == "training panel":
            rate, kept = lesson.page.evaluate(WATCH, 3)
    return times, rate, kept


if __name__ == "__main__":
    main()

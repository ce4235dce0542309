"""A notebook to make a learner's mistakes in: one small network, two panels, `fit`."""

from tests.support import lab

CELLS = {
    "setup": """
import threading, time, torch
from ipywidgets import FloatLogSlider, FloatSlider, IntSlider
from torch import nn
from helpers import data
from helpers.explore import explore
from helpers.training import evaluate, fit, train

images = data.fashion_mnist(examples=200)
workers, moved, closed = [], [], []

def network(width=16, p=0.0):
    torch.manual_seed(0)
    layers = nn.Linear(784, width), nn.ReLU(), nn.Dropout(p), nn.Linear(width, 10)
    return nn.Sequential(data.Preprocess(), nn.Flatten(), *layers)

def learn(eta=0.1, width=16, p=0.0, batch_size=20, epochs=10):
    workers.append(sum(thread.name == "panel" for thread in threading.enumerate()))
    net, losses = network(width, p), []
    optimizer = torch.optim.SGD(net.parameters(), lr=eta)
    for step in train(net, data.loader(images, batch_size), optimizer, epochs=epochs):
        losses.append(step.loss.item())
        yield losses

def draw(figure):
    axes = figure.subplots()
    (line,) = axes.plot([], [])
    axes.set(xlim=(0, 100), ylim=(0, 3))

    def update(losses):
        line.set_data(range(len(losses)), losses)
        return (line,)

    return update""",
    "panel": """
explore(learn, draw, caption="The loss of each step.", still_steps=5,
        eta=FloatLogSlider(value=0.1, min=-3, max=4, step=0.5, description="η"),
        width=IntSlider(value=16, min=1, max=64, description="width"),
        p=FloatSlider(value=0, min=0, max=1, description="p dropout"),
        batch_size=IntSlider(value=20, min=1, max=1000, description="batch size"))""",
    "endless": """
def train_on(k):
    try:
        yield from learn(epochs=100_000)
    finally:
        closed.append(time.monotonic())

k = IntSlider(value=0, min=0, max=100, description="k")
k.observe(lambda change: moved.append(time.monotonic()), "value")
explore(train_on, draw, caption="A run that never ends.", still_steps=5, k=k)""",
    "diverge": """
net = network()
fit(net, data.loader(images, 20), torch.optim.SGD(net.parameters(), lr=1e4), epochs=10)""",
    "no batch": """
net = network()
fit(net, data.loader(images, 1000, drop_last=True), torch.optim.SGD(net.parameters(), lr=0.1))""",
    "fit": """
net = network()
history = fit(net, data.loader(images, 20), torch.optim.SGD(net.parameters(), lr=0.01), epochs=100_000)""",
    "next": 'print(f"interrupted: {history.interrupted}, loss {evaluate(net, data.loader(images, 200))[0]:.1f}")',
}


class Own:
    """The notebook open in JupyterLab; its cells go by their names in CELLS."""

    def __init__(self, folder, address, chromium):
        lab.write_notebook(folder / "notebooks" / "own.ipynb", CELLS.values())
        self.lesson = lab.Lesson(chromium, address("own.ipynb"))

    def run(self, name):
        """Run a cell."""
        self.lesson.run_cell(list(CELLS).index(name))

    def start(self, name):
        """Run a cell without waiting for its end."""
        self.lesson.start_cell(list(CELLS).index(name))

    def output(self, name):
        """Return the locator of what a cell put out."""
        return self.lesson.output(list(CELLS).index(name))

"""Draw onto the Axes that is given and return it. No pyplot, no global style.

Whatever the user's matplotlibrc says, pictures look as matplotlib's defaults and STYLE say. matplotlib keeps its
settings for the whole process, so `style` sets them while anything here draws, on any thread, and no longer.

Figures made here belong to nobody else, so they are safe on any thread. Colours are the Okabe-Ito
palette, which stays distinct under the common kinds of colour blindness (Okabe and Ito, 2008).
"""

import base64
import contextlib
import io
import math
import threading

import matplotlib as mpl
import torch
from IPython.display import Markdown, display
from ipywidgets import Image, Layout
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from traitlets import Unicode

COLORS = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "red": "#D55E00",
    "purple": "#CC79A7",
    "sky": "#56B4E9",
    "black": "#222222",
    "grey": "#999999",
}
PIXELS_PER_INCH = 100  # on the page; figures are drawn finer to be sharp on dense screens, panels less so to be quick
STYLE = {
    "axes.prop_cycle": mpl.cycler(color=[COLORS[c] for c in ("blue", "orange", "green", "red", "purple", "sky")]),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlesize": 11,
    "axes.labelsize": 10,
    "axes.grid": False,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "image.cmap": "gray",
    "lines.linewidth": 1.8,
    "font.size": 10,
}


_lock, _inside, _theirs = threading.Lock(), 0, {}  # how many are inside `style`; the settings outside of it
_ours = {key: value for key, value in mpl.rcParamsDefault.items() if not key.startswith("backend")} | STYLE


@contextlib.contextmanager
def style():
    """Return a context, also a decorator, in which what is made and drawn takes the course's style.

    All who are inside, on whatever threads, want the same settings: the first sets them, the last sets them back.
    """
    global _inside
    with _lock:
        if not _inside:
            _theirs.update(dict.items(mpl.rcParams))  # as dicts: to validate each takes milliseconds
            dict.update(mpl.rcParams, _ours)
        _inside += 1
    try:
        yield
    finally:
        with _lock:
            _inside -= 1
            if not _inside:
                dict.update(mpl.rcParams, _theirs)


@style()
def figure(width=7.0, height=3.2):
    """Make an empty figure of width × height inches that pyplot does not know."""
    new = Figure(figsize=(width, height), dpi=1.5 * PIXELS_PER_INCH, layout="constrained", facecolor="white")
    FigureCanvasAgg(new)
    return new


@style()
def subplots(rows=1, columns=1, width=7.0, height=3.2, **options):
    """Make a figure with rows × columns axes in the course's style.

    Returns:
        (figure, axes): axes is one Axes, or an array of them, as matplotlib's `Figure.subplots` gives.
    """
    new = figure(width, height)
    return new, new.subplots(rows, columns, **options)


@style()
def png(figure, **options):
    """Return the figure as PNG bytes."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", **options)
    return buffer.getvalue()


def show(figure, caption):
    """Show a figure with its caption under it, as the last line of a cell.

    Args:
        figure: a matplotlib Figure.
        caption: one sentence that says what the figure shows; it is also the figure's text alternative.
    """
    present(*still(png(figure, dpi=2 * PIXELS_PER_INCH), caption, figure.get_figwidth()), caption)


def present(data, metadata, caption):
    """Display a picture and its caption under it, where every page shows it: most drop a picture's text alternative."""
    display(data, metadata=metadata, raw=True)
    display(Markdown(f"*{caption}*"))


def still(pixels, caption, width=7.0):
    """Return the display data and metadata of a picture for readers without a kernel.

    Args:
        pixels: the picture as PNG bytes.
        caption: its text alternative.
        width: its width in inches; without it, a page shows one pixel of the fine picture as one of the screen.
    """
    data = {"image/png": base64.b64encode(pixels).decode(), "text/plain": caption}
    return data, {"image/png": {"width": round(width * PIXELS_PER_INCH), "alt": caption}}


class Picture(Image):
    """A picture of width inches as a widget, whose PNG bytes are replaced in place, with a text alternative.

    The front end makes a tooltip the title of the image, which screen readers read, but only beside a
    description, and a plain `ipywidgets.Image` has none.
    """

    description = Unicode().tag(sync=True)

    def __init__(self, caption, width=7.0):
        layout = Layout(width=f"{round(width * PIXELS_PER_INCH)}px", max_width="100%", margin="2px 0")
        super().__init__(format="png", tooltip=caption, layout=layout)


@style()
def label(axes, title="", x="", y=""):
    """Set the title and the axis labels of an Axes, add a legend if anything has a label, and return it."""
    axes.set_title(title, fontsize=STYLE["axes.titlesize"])
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if axes.get_legend_handles_labels()[1]:
        axes.legend(frameon=False, fontsize=STYLE["legend.fontsize"])
    return axes


@style()
def image(axes, pixels, title="", **options):
    """Draw one image of shape (H, W) or (1, H, W), with a thin frame and without ticks."""
    axes.imshow(torch.as_tensor(pixels).detach().float().squeeze(0).numpy(), **{"cmap": "gray", **options})
    axes.set_title(title, fontsize=9)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=COLORS["grey"], linewidth=0.5)
    return axes


def images(pixels, titles=(), columns=8, width=7.0):
    """Lay out images of shape (N, H, W) or (N, 1, H, W) in a grid and return the figure."""
    rows = -(-len(pixels) // columns)
    tall = width / columns * (1.25 if len(titles) else 1.0) * rows
    new, axes = subplots(rows, columns, width, tall, squeeze=False)
    for i, ax in enumerate(axes.flat):
        if i < len(pixels):
            image(ax, pixels[i], titles[i] if i < len(titles) else "")
        else:
            ax.axis("off")
    return new


@style()
def curves(axes, history, title="Training"):
    """Draw the loss and accuracies of a training history over its epochs.

    Args:
        axes: the Axes to draw on.
        history: a `history.History`, or anything with its `curve` and `epochs`.
    """
    epochs = [point.epoch for point in history.curve]
    axes.plot(epochs, [point.loss for point in history.curve], label="train loss", color=COLORS["blue"])
    rated = [(point.epoch, point.accuracy) for point in history.curve if point.accuracy is not None]
    tested = [(epoch.epoch, epoch.test_accuracy) for epoch in history.epochs if epoch.test_accuracy is not None]
    for points, line, name, color in (
        (rated, "--", "train accuracy", "orange"),
        (tested, "o", "test accuracy", "green"),
    ):
        if points:  # not so in a regression
            axes.plot(*zip(*points, strict=True), line, label=name, color=COLORS[color])
    axes.set_ylim(0, 2.5)
    return label(axes, title, "epoch", "loss, accuracy")


@style()
def shares(axes, smallest, largest, name="measured", color="blue"):
    """Draw an empty picture of the share of the truth that is learned along each eigenvector; return its `update`.

    Call it once more on the same Axes for a second set of dots.

    Args:
        axes: the Axes to draw on.
        smallest, largest: the ends of the axis of eigenvalues, which is logarithmic; both above 0.
        name: what the legend calls the dots.
        color: a name in COLORS, for the dots and the line through them.

    Returns:
        update(eigenvalues, learned, formula=None): moves the dots to the shares learned, 0 for nothing and 1 for all,
        over their eigenvalues, both of shape (d,), and the line to those that `formula` foretells, a function of a
        tensor of eigenvalues. It returns the artists that moved, as a panel wants them.
    """
    places = torch.logspace(math.log10(smallest), math.log10(largest), 300, dtype=torch.double)
    axes.axhline(0.5, color=COLORS["grey"], linestyle=":", linewidth=1)
    (line,) = axes.semilogx([], [], color=COLORS[color], linewidth=1)
    (dots,) = axes.semilogx([], [], "o", color=COLORS[color], markersize=5, label=name)
    axes.set(xlim=(smallest, largest), ylim=(-0.1, 1.15))
    label(axes, "Share of the truth learned", "eigenvalue s", "share").legend(loc="upper left")

    def update(eigenvalues, learned, formula=None):
        dots.set_data(eigenvalues, learned)
        line.set_data(*((places, formula(places)) if formula else ([], [])))
        return line, dots

    return update


@style()
def confusion(axes, matrix, names):
    """Draw a confusion matrix of counts, shape (classes, classes), rows true and columns predicted."""
    matrix = torch.as_tensor(matrix)
    axes.imshow(matrix.float().sqrt().numpy(), cmap="Blues")  # the root keeps rare mistakes visible
    for row in range(len(names)):
        for column in range(len(names)):
            count = int(matrix[row, column])
            if count:
                dark = matrix[row, column] > matrix.max() / 2
                axes.text(column, row, count, ha="center", va="center", fontsize=7, color="white" if dark else "black")
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(names)), names, fontsize=8)
    return label(axes, "Confusion matrix: test images", "predicted", "true")

"""The graph that autograd keeps of a scalar expression: what each node gave and got, and a picture of it."""

import torch
from matplotlib.patches import Rectangle
from torch.overrides import TorchFunctionMode

from helpers import plots
from helpers.language import spoken

WIDTH, HEIGHT = 0.68, 0.8  # of a box, where columns and rows are 1 apart


class _Watch(TorchFunctionMode):
    """While switched on with `with`, notes the result of each operator under its grad_fn."""

    def __init__(self):
        super().__init__()
        self.values = {}

    def __torch_function__(self, operator, types, args=(), kwargs=None):
        result = operator(*args, **(kwargs or {}))
        if isinstance(result, torch.Tensor) and result.grad_fn is not None:
            self.values[result.grad_fn] = result.detach().clone()  # an in-place operator may change it later
        return result


def evaluate(expression, **leaves):
    """Run expression(**leaves) and note what each node of its graph gave.

    Args:
        expression: function of the leaves, by name, to a tensor that depends on at least one of them.
        leaves: numbers, lists or tensors; fresh leaves with these values are made.

    Returns:
        (result, names, values): the tensor, and two dicts by node. An operator inside a composite function
        has a name but no value.

    Raises:
        ValueError: the result is not a tensor that depends on a leaf.
    """
    leaves = {n: torch.as_tensor(v, dtype=torch.float32).detach().clone().requires_grad_() for n, v in leaves.items()}
    with _Watch() as watch:
        result = expression(**leaves)
    if not isinstance(result, torch.Tensor) or result.grad_fn is None:
        told = spoken("the expression must give a tensor computed from {names}, it gave {this}")
        raise ValueError(told.format(names=", ".join(leaves), this=repr(result)))
    names, values, waiting = {}, dict(watch.values), [result.grad_fn]
    while waiting:
        node = waiting.pop()
        names[node] = node.name().split("::")[-1].split("Backward")[0]
        for name, leaf in leaves.items():
            if getattr(node, "variable", None) is leaf:
                names[node], values[node] = name, leaf.detach()
        waiting += [earlier for earlier in _earlier(node) if earlier not in names]
    return result, names, {node: value for node, value in values.items() if node in names}


def trace(expression, **leaves):
    """Run expression(**leaves) forward and back, and note what goes through each node.

    Args:
        expression, leaves: as for `evaluate`; the expression gives a single number.

    Returns:
        (nodes, names, values, gradients): the nodes, each after those that it was computed from, and three dicts
        by node. The gradients stand in the order in which the backward sweep reached the nodes.
    """
    result, names, values = evaluate(expression, **leaves)
    nodes, gradients = [], {}

    def visit(node):
        if node not in nodes:
            for earlier in _earlier(node):
                visit(earlier)
            nodes.append(node)

    visit(result.grad_fn)
    for node in nodes:
        # a hook is called when all that flows into its node has arrived
        node.register_prehook(lambda arrived, node=node: gradients.update({node: arrived[0]}))
    result.backward()
    return nodes, names, values, gradients


def draw(axes, nodes, names, values, gradients):
    """Draw the graph with arrows in the forward direction and what is known: values blue, gradients red.

    Args:
        axes: the Axes to draw on; what another call drew there is removed.
        nodes: the nodes in forward order, each after those that it was computed from.
        names, values, gradients: dicts by node; nodes that miss in the last two are drawn without.
    """
    for artist in (*axes.texts, *axes.patches):
        artist.remove()
    where = _places(nodes)
    for node in nodes:
        x, y = where[node]
        fill = "#fbe3d5" if node in gradients else "#dcebf5" if node in values else "#f4f4f4"
        corner = x - WIDTH / 2, y - HEIGHT / 2
        axes.add_patch(Rectangle(corner, WIDTH, HEIGHT, facecolor=fill, edgecolor=plots.COLORS["grey"]))
        _write(axes, x, y, 12, names[node], color=plots.COLORS["black"], fontweight="bold")
        for known, down, color in ((values, 0, "blue"), (gradients, -12, "red")):
            if node in known:
                _write(axes, x, y, down, short(known[node]), color=plots.COLORS[color])
        _draw_arrows(axes, node, where)
    columns, rows = zip(*where.values(), strict=True)
    tall = max(1.1, max(rows) + 0.7)
    axes.set(xlim=(-0.5, max(columns) + 0.5), ylim=(-tall, tall))
    axes.axis("off")
    return axes


def short(tensor):
    """Write a number or a vector in few characters.

    >>> short(torch.tensor([3.0, -1.25]))
    '(3, −1.2)'
    """
    digits = 3 if tensor.numel() == 1 else 2
    numbers = [f"{value:.{digits}g}".replace("-", "−") for value in tensor.reshape(-1).tolist()]
    if len(numbers) > 3:
        numbers = [*numbers[:2], "…"]
    return numbers[0] if tensor.dim() == 0 else f"({', '.join(numbers)})"


def _earlier(node):
    return [earlier for earlier, _ in node.next_functions if earlier is not None]


def _places(nodes):
    """Give each node (column, row): its column is the longest way to it from a leaf."""
    column, groups = {}, {}
    for node in nodes:
        column[node] = 1 + max((column[earlier] for earlier in _earlier(node)), default=-1)
        groups.setdefault(column[node], []).append(node)
    return {node: (x, (len(group) - 1) / 2 - i) for x, group in groups.items() for i, node in enumerate(group)}


def _write(axes, x, y, up, text, **style):
    """Write a centred line so many points above (x, y)."""
    offset = {"xytext": (0, up), "textcoords": "offset points", "ha": "center", "va": "center"}
    axes.annotate(text, (x, y), fontsize=9, **offset, **style)


def _draw_arrows(axes, node, where):
    """Draw an arrow to the node from each node before it, bent where it would hide or be hidden."""
    earlier, (end, to) = _earlier(node), where[node]
    for i, before in enumerate(earlier):
        start, row = where[before]
        up = row > 0 or (row == 0 and i % 2 == 0)
        bend = 0.3 if end - start > 1 or earlier.count(before) > 1 else 0
        tips = (end - WIDTH / 2, to), (start + WIDTH / 2, row)
        if end - start > 1 and row == to:  # over the boxes in between
            edge = HEIGHT / 2 if up else -HEIGHT / 2
            tips = (end, to + edge), (start, row + edge)
        arrow = {"arrowstyle": "-|>", "color": plots.COLORS["grey"], "shrinkA": 1, "shrinkB": 1}
        arrow["connectionstyle"] = f"arc3,rad={-bend if up else bend}"
        axes.annotate("", *tips, arrowprops=arrow, zorder=0)

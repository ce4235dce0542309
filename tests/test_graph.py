"""helpers/graph.py: the values of a graph's nodes, and its picture."""

import pytest
import torch

from helpers import graph, plots


def forward_order(node, found=None):
    found = [] if found is None else found
    if node not in found:
        for earlier, _ in node.next_functions:
            if earlier is not None:
                forward_order(earlier, found)
        found.append(node)
    return found


def test_names_and_values_are_those_of_the_expression():
    result, names, values = graph.evaluate(lambda p, q: (p * q - p).tanh(), p=2.0, q=0.5)
    assert result.item() == pytest.approx(torch.tensor(-1.0).tanh().item())
    assert {names[node]: value.item() for node, value in values.items()} == pytest.approx(
        {"p": 2.0, "q": 0.5, "Mul": 1.0, "Sub": -1.0, "Tanh": result.item()}
    )


def test_the_leaves_are_fresh():
    given = torch.tensor([1.0, 2.0])
    graph.evaluate(lambda w: w.sum(), w=given)[0].backward()
    assert given.grad is None
    assert not given.requires_grad


def test_operators_inside_a_composite_have_a_name_and_no_value():
    _, names, values = graph.evaluate(lambda w: torch.nn.functional.cosine_similarity(w, w * w, dim=0), w=[1.0, 2.0])
    assert set(values) < set(names)


@pytest.mark.parametrize("expression", [lambda w: 3, lambda w: torch.ones(2), lambda w: w.detach()])
def test_a_result_without_a_graph_is_told(expression):
    with pytest.raises(ValueError, match="computed from w"):
        graph.evaluate(expression, w=1.0)


@pytest.mark.parametrize(
    "expression",
    [
        lambda w: w * w,
        lambda w: (w * torch.exp(-w)).sum(),
        lambda w: torch.nn.functional.cosine_similarity(w, w * w, dim=0),
        lambda w: w.clone().relu_().sum(),
    ],
)
def test_every_node_is_drawn(expression):
    result, names, values = graph.evaluate(expression, w=[1.0, -2.0])
    nodes = forward_order(result.grad_fn)
    figure, axes = plots.subplots()
    graph.draw(axes, nodes, names, values, {nodes[-1]: torch.tensor(1.0)})
    texts = [text.get_text() for text in axes.texts]
    assert all(names[node] in texts for node in nodes)
    assert plots.png(figure).startswith(b"\x89PNG")


def test_numbers_are_short():
    assert graph.short(torch.tensor(-1234.5)) == "−1.23e+03"
    assert graph.short(torch.arange(5.0)) == "(0, 1, …)"

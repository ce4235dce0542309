"""The graph of an expression: names, values, and a picture."""

import doctest

import pytest
import torch

from helpers import graph, plots


def test_nodes_have_the_names_and_values_of_the_operators():
    result, names, values = graph.evaluate(lambda w: (torch.dot(torch.tensor([1.0, 2.0]), w) - 2) ** 2, w=[3.0, -1.0])
    by_name = {names[node]: values[node].tolist() for node in values}
    assert by_name == {"w": [3.0, -1.0], "Dot": 1.0, "Sub": -1.0, "Pow": 1.0}
    assert result.item() == 1.0


def test_a_trace_notes_what_arrives_when_all_of_it_has_arrived():
    nodes, names, values, gradients = graph.trace(lambda w: (w * torch.exp(-w)).sum(), w=[0.0, 1.0])
    assert names[nodes[0]] == "w"
    assert names[nodes[-1]] == "Sum"
    assert [names[node] for node in gradients] == ["Sum", "Mul", "Exp", "Neg", "w"]
    torch.testing.assert_close(gradients[nodes[0]], torch.tensor([1.0, 0.0]))  # e⁻ʷ − w·e⁻ʷ: both ways added
    assert set(values) == set(nodes)


def test_a_result_without_a_graph_is_told():
    with pytest.raises(ValueError, match=r"must give a tensor computed from w, it gave 3\.0"):
        graph.evaluate(lambda w: 3.0, w=1.0)


def test_the_picture_shows_what_is_known_and_no_more():
    result, names, values = graph.evaluate(lambda w: w * w, w=3.0)
    nodes = list(names)[::-1]  # leaf first
    _, axes = plots.subplots()
    graph.draw(axes, nodes, names, values, {})
    shown = " ".join(text.get_text() for text in axes.texts)
    assert "Mul" in shown
    assert "9" in shown
    graph.draw(axes, nodes, names, {}, {})
    assert "9" not in " ".join(text.get_text() for text in axes.texts)


def test_the_example_in_the_docstring():
    assert doctest.testmod(graph, extraglobs={"torch": torch}).attempted > 0
    assert doctest.testmod(graph).failed == 0

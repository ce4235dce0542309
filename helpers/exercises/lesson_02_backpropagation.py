"""Exercises of lesson 2, backpropagation."""

from contextlib import contextmanager

import torch

from helpers.exercises import Exercise, Wrong, WrongWay, calls


def linear_backward(X, W, G):
    return G @ W.T, X.T @ G


def _sum_over_examples(X, W, G):
    of_X = torch.stack([W @ g for g in G])
    of_W = torch.zeros_like(W)
    for x, g in zip(X, G, strict=True):
        of_W += torch.outer(x, g)
    return of_X, of_W


def _layers():
    generator = torch.Generator().manual_seed(0)
    return [
        (
            torch.randn(batch, inputs, generator=generator),
            torch.randn(inputs, outputs, generator=generator),
            torch.randn(batch, outputs, generator=generator),
        )
        for batch, inputs, outputs in ((4, 3, 3), (3, 3, 3), (2, 3, 5))
    ]


@contextmanager
def _by_hand():
    with calls(torch.autograd.grad, torch.autograd.backward) as made:
        yield
    if made:
        raise WrongWay("Right, but autograd did it. Write the two products yourself.")


def gradients(edges):
    found = [0.0] * len(edges)
    found[-1] = 1.0
    for i in reversed(range(len(edges))):
        for earlier, derivative in edges[i]:
            found[earlier] += derivative * found[i]
    return found


def _sum_over_paths(edges):
    def gradient(i):
        if i == len(edges) - 1:
            return 1.0
        return sum(d * gradient(later) for later in range(len(edges)) for earlier, d in edges[later] if earlier == i)

    return [gradient(i) for i in range(len(edges))]


def _solve_the_equations(edges):
    moves = torch.eye(len(edges))
    for i, pairs in enumerate(edges):
        for earlier, derivative in pairs:
            moves[earlier, i] -= derivative
    last = torch.zeros(len(edges))
    last[-1] = 1.0
    return torch.linalg.solve(moves, last)


def _sweep(edges, order=reversed, start=1.0, put=lambda old, new: old + new, times=lambda a, b: a * b, last=True):
    """A sweep with room for mistakes: in the order, the start, `+=` and the product."""
    found = [0.0] * len(edges)
    found[-1] = start
    for i in order(range(len(edges))):
        for earlier, derivative in edges[i] if last else edges[i][:1]:
            found[earlier] = put(found[earlier], times(derivative, found[i]))
    return found


def _overwrite(old, new):
    return new


def _nothing_but_the_leaves(edges):
    return [g for g, pairs in zip(gradients(edges), edges, strict=True) if not pairs]


def _graphs():
    chain = [[], [(0, 2.0)], [(1, -3.0)], [(2, 0.5)]]
    meeting = [[], [], [(0, 2.0), (1, 3.0)], [(2, 1.0), (1, 1.0)]]  # v·w + w at v = 3, w = 2
    squared = [[], [], [(0, 1.5), (1, -1.0)], [(2, 4.0), (2, 4.0)]]
    crossed = [[], [(0, 0.5)], [(0, 3.0), (1, 2.0)], [(1, -1.0), (2, 2.0)], [(3, 3.0), (1, 1.0), (2, 0.5)]]
    aside = [[], [], [(0, 4.0), (1, 2.0)], [(0, 7.0)], [(2, 2.0), (0, 1.0)]]  # nobody uses number 3
    return [(graph,) for graph in (chain, meeting, squared, crossed, aside)]


EXERCISES = [
    Exercise(
        name="backprop.paths",
        difficulty="medium",
        minutes=5,
        task="Derive dz/dw at w = 3 for z = a·b with a = w² and b = w + 3.",
        solution=45,
        why="Through a: b · 2w = 6 · 6 = 36. Through b: a · 1 = 9. Where the paths meet they add: 45.",
        hints=(
            "There are two paths from w to z: through a and through b.",
            "Along a path multiply: ∂z/∂a · da/dw is one, ∂z/∂b · db/dw the other.",
            "∂z/∂a = b = 6 and ∂z/∂b = a = 9.",
        ),
        wrongs=(
            Wrong(36, "That is the path through a alone. w also acts through b."),
            Wrong(9, "That is the path through b alone. w also acts through a."),
            Wrong(60, "The two factors are swapped: z = a · b changes with a as fast as b is large, so ∂z/∂a = b."),
            Wrong(54, "That is z itself, a · b. The derivative was asked for."),
            Wrong(15, "You left out a factor of the chain: a = w² changes 2w = 6 times as fast as w."),
            Wrong(27, "The derivative of w² is 2w, not w."),
            Wrong(324, "You multiplied the two paths. Multiply along a path, but add where paths meet."),
            Wrong(
                6, "That is the product of the derivatives of a and b. Each belongs to a path, with the other's value."
            ),
            Wrong(7, "You added the derivatives of a and b. Each is to be multiplied with ∂z/∂a or ∂z/∂b first."),
        ),
        rights=(45.0, 3 * 3**2 + 6 * 3, torch.tensor([45.0])),
        refused=(0, 44, -45, [36, 9]),
    ),
    Exercise(
        name="backprop.cost",
        difficulty="easy",
        minutes=2,
        task="Five layers of equal width take 10 ms forward. How many ms backward, if time follows FLOPs?",
        solution=18,
        why="(2d − 1)/d = 9/5 times 10 ms. The first layer saves one product of ten.",
        hints=("How many matrix products are there forward, and how many backward?", "Backward has 2 · 5 − 1 of them."),
        wrongs=(
            Wrong(20, "Nearly: the first layer passes no gradient on to the data, so one product of ten is missing."),
            Wrong(10, "That is what the article says. But each layer needs two products backward."),
            Wrong(28, "That is the whole step. The backward sweep alone was asked for."),
            Wrong(19, "1.9 is the ratio for the ten layers of the lesson. Here are five."),
            Wrong(1.8, "1.8 is the ratio. Multiply it with the 10 ms."),
            Wrong(9, "9 is the number of products backward. A product takes 2 ms here."),
            Wrong(90, "9 products, but 10 ms is the time of five of them, not of one."),
        ),
        rights=(18.0, 10 * 9 / 5, torch.tensor(18)),
        refused=(5, 17, 16, 50),
    ),
    Exercise(
        name="backprop.passes",
        difficulty="medium",
        minutes=2,
        task="How many passes does the better direction need for the Jacobian of 10 scores with respect to 784 pixels?",
        solution=10,
        why="Reverse accumulation gives one row per pass, that is, per output: 10. Forward would need 784.",
        hints=("Reverse gives a row per pass, forward a column.", "The Jacobian has 10 rows and 784 columns."),
        wrongs=(
            Wrong(784, "That is forward accumulation, one pass per input. The other direction is better here."),
            Wrong(1, "One backward pass gives the derivatives of one output (or of one sum of outputs): a single row."),
            Wrong(11, "You counted the forward sweep as well. How many passes back are there?"),
            Wrong(7840, "7840 is the number of entries. A pass gives a whole row or column."),
            Wrong(794, "You added both directions. One of them is enough."),
            Wrong(20, "A sweep back through the layers costs 1 evaluation here, but passes were asked for, not costs."),
        ),
        rights=(10.0, min(10, 784), torch.tensor(10)),
        refused=(0, 78.4, 28, 1568),
    ),
    Exercise(
        name="backprop.mend",
        difficulty="medium",
        minutes=6,
        task="Mend the sweep: from edges[i], the pairs (earlier number, derivative) of number i, list all gradients.",
        solution=gradients,
        why="Add where paths meet, and go from the end: a number hands on its gradient when all of it is there.",
        hints=(
            "One bug is in the order: where is the 1.0 when the loop starts?",
            "The other shows where a number is used twice: compare with careless.",
            "reversed(range(len(edges))) goes from the end.",
        ),
        inputs=_graphs,
        wrongs=(
            Wrong(
                lambda edges: _sweep(edges, order=list, put=_overwrite),
                "Both bugs are still there: try it on a chain, edges = [[], [(0, 2.0)], [(1, 3.0)]].",
            ),
            Wrong(
                lambda edges: _sweep(edges, put=_overwrite),
                "The order is right now. But a number that is used twice keeps only what came last.",
            ),
            Wrong(
                lambda edges: _sweep(edges, order=list),
                "It adds now. But a number hands on its gradient before the later ones have delivered to it. "
                "(If you do go from the end: does `return` stand inside the loop?)",
            ),
            Wrong(
                lambda edges: _sweep(edges, start=0.0),
                "All zero: the derivative of the result with respect to itself is 1, and all others come from it.",
            ),
            Wrong(
                lambda edges: _sweep(edges, times=lambda derivative, g: derivative),
                "You add derivatives, but the gradient that has arrived at number i is a factor of each.",
            ),
            Wrong(
                lambda edges: _sweep(edges, times=lambda derivative, g: derivative + g),
                "Along a path derivatives are multiplied, not added.",
            ),
            Wrong(lambda edges: gradients(edges)[::-1], "All right, but in the wrong order: number 0 comes first."),
            Wrong(_nothing_but_the_leaves, "Right, but list the gradients of all numbers, not of the leaves alone."),
        ),
        rights=(
            _sum_over_paths,
            _solve_the_equations,
            _sweep,
            lambda edges: torch.tensor(gradients(edges)),
        ),
        refused=(
            lambda edges: _sweep(edges, last=False),
            lambda edges: gradients(edges)[:-1],
            lambda edges: sum(gradients(edges)),
            lambda edges: [abs(g) for g in gradients(edges)],
        ),
    ),
    Exercise(
        name="backprop.linear",
        difficulty="hard",
        minutes=8,
        task="Write the backward step of Y = X @ W by hand: from G, the gradient with respect to Y, those of X and W.",
        solution=linear_backward,
        why="Shapes alone nearly fix it: G @ W.T is (batch, inputs) and X.T @ G is (inputs, outputs).",
        hints=(
            "A gradient has the shape of what it belongs to: (batch, inputs) for X, (inputs, outputs) for W.",
            "y_j = Σ x_i w_ij, so x_i reaches the loss through every y_j: ∂L/∂x_i = Σ_j g_j w_ij.",
            "For W the sum runs over the batch: X.T @ G.",
        ),
        inputs=_layers,
        way=_by_hand,
        names=("X", "W"),
        wrongs=(
            Wrong(lambda X, W, G: (X.T @ G, G @ W.T), "Both are right, in the other order: first X, then W."),
            Wrong(
                lambda X, W, G: (G @ W.T, X.T @ G / len(X)),
                "The gradient of W is the sum over the batch. If the loss is a mean, G is divided already.",
            ),
            Wrong(
                lambda X, W, G: (G @ W.T, G.T @ X),
                "The gradient of W is transposed: it must have the shape of W, (inputs, outputs).",
            ),
            Wrong(
                lambda X, W, G: ((G @ W.T).T, X.T @ G),
                "The gradient of X is transposed: it must have the shape of X, (batch, inputs).",
            ),
            Wrong(
                lambda X, W, G: (G @ W.T, X[:, :, None] * G[:, None]),
                "Your gradient of W holds a matrix for each example. All examples use the same W: add them up.",
            ),
            Wrong(
                lambda X, W, G: (torch.ones_like(G) @ W.T, X.T @ torch.ones_like(G)),
                "You forgot the factor G: the chain rule multiplies with the gradient that arrives.",
            ),
            Wrong(
                lambda X, W, G: (G.sum(1, keepdim=True) * W.sum(1), X.T @ G),
                "In the gradient of X you summed the factors before multiplying: each g_j belongs to its own w_ij.",
            ),
            Wrong(lambda X, W, G: G @ W.T, "That is the gradient of X. Return that of W, too: X's, W's."),
            Wrong(lambda X, W, G: X.T @ G, "That is the gradient of W. Return that of X, too: X's, W's."),
            Wrong(
                lambda X, W, G: (W.T, X.T),
                "Those are the other factors. Each is to be multiplied with G, by a matrix product.",
            ),
        ),
        rights=(
            _sum_over_examples,
            lambda X, W, G: (torch.einsum("bo,io->bi", G, W), torch.einsum("bi,bo->io", X, G)),
            lambda X, W, G: [(W @ G.T).T, (G.T @ X).T],
            lambda X, W, G: {"X": G @ W.T, "W": X.T @ G},
            lambda X, W, G: (G.numpy() @ W.numpy().T, X.numpy().T @ G.numpy()),
        ),
        refused=(
            lambda X, W, G: (G @ W.T, (X.T @ G).mean(0)),
            lambda X, W, G: (-G @ W.T, -X.T @ G),
            lambda X, W, G: (G @ W.T / len(X), X.T @ G / len(X)),
        ),
    ),
]

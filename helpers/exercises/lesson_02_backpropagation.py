"""Exercises of lesson 2, backpropagation."""

import torch

from helpers.exercises import Exercise, Wrong


def linear_backward(X, W, G):
    return G @ W.T, X.T @ G


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


EXERCISES = [
    Exercise(
        name="backprop.slope",
        difficulty="easy",
        minutes=2,
        task="With x = (1, 2), w = (3, −1) and y = 5, what is ∂z/∂a for z = (⟨x,w⟩ − y)²?",
        solution=-8,
        why="a = 1, b = a − y = −4, and ∂z/∂a = 2b · 1 = −8.",
        hints=("What are a and b?", "∂z/∂b = 2b, and ∂b/∂a = 1. Multiply."),
        wrongs=(
            Wrong(-4, "−4 is b itself: the derivative of b² is 2b."),
            Wrong(8, "Check the sign of b = a − y."),
            Wrong(16, "16 is z, the value. The derivative of b² is 2b."),
            Wrong([-8.0, -16.0], "That is ∂z/∂w, one operator further. ∂z/∂a is a single number."),
            Wrong(-2, "−2 belongs to y = 2. Here y is 5, so b is another number."),
        ),
    ),
    Exercise(
        name="backprop.paths",
        difficulty="medium",
        minutes=5,
        task="Derive dz/dw at w = 2 for z = a·b with a = w² and b = w + 3.",
        solution=24,
        why="Through a: b · 2w = 5 · 4 = 20. Through b: a · 1 = 4. Where the paths meet they add: 24.",
        hints=(
            "There are two paths from w to z: through a and through b.",
            "Along a path multiply: ∂z/∂a · da/dw is one, ∂z/∂b · db/dw the other.",
            "∂z/∂a = b = 5 and ∂z/∂b = a = 4.",
        ),
        wrongs=(
            Wrong(20, "That is the path through a alone. w also acts through b."),
            Wrong(4, "That is the path through b alone. w also acts through a."),
            Wrong(9, "You left out a factor of the chain: a = w² changes 2w = 4 times as fast as w."),
            Wrong(80, "You multiplied the two paths. Multiply along a path, but add where paths meet."),
        ),
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
            Wrong(1.8, "1.8 is the ratio. Multiply it with the 10 ms."),
        ),
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
        ),
    ),
    Exercise(
        name="backprop.linear",
        difficulty="hard",
        minutes=8,
        task="Write the backward step of Y = X @ W: from G, the gradient with respect to Y, those of X and W.",
        solution=linear_backward,
        why="Shapes alone nearly fix it: G @ W.T is (batch, inputs) and X.T @ G is (inputs, outputs).",
        hints=(
            "A gradient has the shape of what it belongs to: (batch, inputs) for X, (inputs, outputs) for W.",
            "y_j = Σ x_i w_ij, so x_i reaches the loss through every y_j: ∂L/∂x_i = Σ_j g_j w_ij.",
            "For W the sum runs over the batch: X.T @ G.",
        ),
        inputs=_layers,
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
                lambda X, W, G: (torch.ones_like(G) @ W.T, X.T @ torch.ones_like(G)),
                "You forgot the factor G: the chain rule multiplies with the gradient that arrives.",
            ),
            Wrong(
                lambda X, W, G: (G.sum(1, keepdim=True) * W.sum(1), X.T @ G),
                "In the gradient of X you summed the factors before multiplying: each g_j belongs to its own w_ij.",
            ),
        ),
    ),
]

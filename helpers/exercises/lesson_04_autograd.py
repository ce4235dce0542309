"""Exercises of lesson 4, autograd."""

import torch

from helpers.exercises import Exercise, Wrong


def jacobian(f, x):
    x = x.clone().requires_grad_(True)
    y = f(x)
    return torch.stack([torch.autograd.grad(y, x, row, retain_graph=True)[0] for row in torch.eye(len(y))])


def _accumulated(f, x):
    """The Jacobian by backward, with x.grad never zeroed."""
    x = x.clone().requires_grad_(True)
    rows = []
    for row in torch.eye(len(f(x))):
        f(x).backward(row)
        rows.append(x.grad.clone())
    return torch.stack(rows)


def _same_tensor(f, x):
    """The same, with x.grad itself in every row."""
    return _accumulated(f, x)[-1].expand(len(f(x)), -1)


def _sum(f, x):
    x = x.clone().requires_grad_(True)
    return torch.autograd.grad(f(x).sum(), x)[0]


def _products(x):
    return torch.stack([x[0] * x[1], x[0] + x[1], x[1] ** 3])


def _first_two(x):
    return 2 * x[:2] + x[-1] ** 2


def _functions():
    return [
        (_products, torch.tensor([2.0, 3.0])),
        (_first_two, torch.tensor([1.0, -1.0, 0.5, 2.0])),
        (torch.exp, torch.tensor([0.0, 1.0, 2.0])),
    ]


EXERCISES = [
    Exercise(
        name="autograd.adds",
        difficulty="easy",
        minutes=1,
        task="What is x.grad at x = 3 after four backward() of y = x², each y made anew, without zeroing or stepping?",
        solution=24,
        why="Each backward() adds 2x = 6, so 4 · 6 = 24.",
        hints=("What does one backward() give at x = 3?", "backward() adds to what is in x.grad already."),
        wrongs=(
            Wrong(6, "6 is what one backward() gives. Nobody zeroed, so the four add up."),
            Wrong(36, "You added up the values 9. x.grad collects derivatives, 2x."),
            Wrong(9, "9 is the value of y, not its derivative."),
            Wrong(12, "The derivative of x² is 2x, not x."),
        ),
    ),
    Exercise(
        name="autograd.vjp",
        difficulty="medium",
        minutes=4,
        task="What does backward((1, 10)) of y = (x₁x₂, x₁ + x₂) leave in x.grad at x = (2, 3)?",
        solution=[13.0, 12.0],
        why="J = [[3, 2], [1, 1]], and vᵀJ = 1·(3, 2) + 10·(1, 1) = (13, 12).",
        hints=(
            "Write J: one row per output, (∂yᵢ/∂x₁, ∂yᵢ/∂x₂).",
            "The first row is (x₂, x₁) = (3, 2), the second (1, 1).",
            "x.grad = 1 · first row + 10 · second row.",
        ),
        wrongs=(
            Wrong([23.0, 11.0], "That is Jv. backward(v) gives vᵀJ: it weights the rows, the outputs."),
            Wrong([4.0, 3.0], "That is the plain sum of the rows, v = (1, 1). Here the second one counts ten times."),
            Wrong([6.0, 50.0], "That is v times y, element by element. x.grad needs the derivatives of y, that is J."),
            Wrong(56.0, "That is the number v·y. x.grad is its derivative: one number for each x."),
            Wrong([12.0, 13.0], "The derivative of x₁x₂ by x₁ is x₂: you have taken the two for each other."),
            Wrong([6.5, 6.0], "You took a mean. backward(v) adds the rows up and divides by nothing."),
        ),
    ),
    Exercise(
        name="autograd.detach",
        difficulty="medium",
        minutes=3,
        task="y = x·x and z = y.detach()·y at x = 2: what is x.grad after z.backward()?",
        solution=16,
        why="The detached factor counts as the constant 4, so ∂z/∂x = 4 · 2x = 16: half of 4x³ = 32.",
        hints=("Write u = y.detach() = 4. Then z = 4·y, with y = x².", "What is the derivative of 4x² at x = 2?"),
        wrongs=(
            Wrong(32, "That is 4x³, with both paths open. One of the two factors is detached."),
            Wrong(4, "4 is ∂z/∂y. The factor ∂y/∂x = 2x is missing from the chain."),
            Wrong(12, "That is 3x², of x·x·x. Here z is y·y, with one of the two as a constant."),
            Wrong(0, "Only one of the two factors is detached; the gradient still flows through the other."),
            Wrong(8, "8 is ∂z/∂y of y². And ∂y/∂x = 2x is missing from the chain."),
        ),
    ),
    Exercise(
        name="autograd.path",
        difficulty="medium",
        minutes=3,
        task="What is the slope of the lesson's f at a = −5?",
        solution=25600,
        why="10 must double 7 times to reach 1000, so |b| = 1280 = 256·5, and the negative branch multiplies by 100.",
        hints=(
            "f starts with b = 2a, so |b| = 10. How often must it double to reach 1000?",
            "Seven times: the slope of b is 2 · 2⁷ = 256. And which branch does a negative b take?",
        ),
        wrongs=(
            Wrong(256, "b is negative here, so the last branch multiplies by 100 too."),
            Wrong(-25600, "d is negative and a too: the slope d/a is positive."),
            Wrong(-128000, "That is the value d = f(−5). The slope is what a was multiplied with."),
            Wrong(12800, "You counted the seven doublings in the loop, but not the 2a before it."),
            Wrong(51200, "One doubling too many: after the seventh |b| is 1280, and the loop ends."),
        ),
    ),
    Exercise(
        name="autograd.jacobian",
        difficulty="hard",
        minutes=8,
        task="Write the Jacobian of f at x, shape (outputs, inputs), by reverse-mode walks only.",
        solution=jacobian,
        why="A walk with v = the i-th row of the unit matrix gives row i of J: vᵀJ picks it out.",
        hints=(
            "Start with x = x.clone().requires_grad_(True), then y = f(x).",
            "Which v makes vᵀJ equal to row i of J?",
            "for row in torch.eye(len(y)): torch.autograd.grad(y, x, row, retain_graph=True)[0]; then torch.stack.",
        ),
        inputs=_functions,
        wrongs=(
            Wrong(lambda f, x: jacobian(f, x).T, "Transposed: one row per output, one column per input."),
            Wrong(_accumulated, "Each row contains the rows before it: x.grad was not zeroed between two walks."),
            Wrong(
                _same_tensor,
                "All rows are the same: you stored x.grad itself, and every walk added to it. Clone it, then zero it.",
            ),
            Wrong(lambda f, x: list(jacobian(f, x)), "The right rows, as a list. Make them one tensor: torch.stack."),
            Wrong(_sum, "That is the sum of all rows, y.sum().backward(). The Jacobian keeps them apart."),
        ),
    ),
]

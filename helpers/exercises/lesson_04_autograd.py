"""Exercises of lesson 4, autograd."""

from contextlib import contextmanager

import numpy as np
import torch

from helpers.exercises import Exercise, Wrong, WrongWay, calls

WALKS = (torch.autograd.grad, torch.autograd.backward)
READY_MADE = (torch.func.jacrev, torch.func.jacfwd, torch.autograd.functional.jacobian)


@contextmanager
def by_walks():
    """Let pass only what walks a graph backward, and no function that gives the whole Jacobian."""
    with calls(*WALKS, *READY_MADE) as made:
        yield
    if any(made[function] for function in READY_MADE):
        raise WrongWay("That function writes the Jacobian for you. Get its rows yourself: one walk backward for each.")
    if not any(made[function] for function in WALKS):
        raise WrongWay("Nothing went backward here. Each row of the Jacobian is one walk: torch.autograd.grad.")


def jacobian(f, x):
    x = x.clone().requires_grad_(True)
    y = f(x)
    return torch.stack([torch.autograd.grad(y, x, row, retain_graph=True)[0] for row in torch.eye(len(y))])


def _by_backward(f, x):
    x = x.clone().requires_grad_(True)
    rows = []
    for row in torch.eye(len(f(x))):
        x.grad = None
        f(x).backward(row)
        rows.append(x.grad)
    return torch.stack(rows)


def _output_by_output(f, x):
    x = x.detach().requires_grad_()
    return [torch.autograd.grad(output, x, retain_graph=True)[0].tolist() for output in f(x)]


def _all_at_once(f, x):
    x = x.clone().requires_grad_()
    y = f(x)
    return torch.autograd.grad(y, x, torch.eye(len(y)), is_grads_batched=True)[0]


def _by_vjp(f, x):
    y, pull = torch.func.vjp(f, x)
    return torch.stack([pull(row)[0] for row in torch.eye(len(y))])


def _into_a_matrix(f, x):
    x = x.clone().requires_grad_()
    matrix = np.zeros((len(f(x)), len(x)))
    for i in range(len(matrix)):
        f(x)[i].backward()
        matrix[i] = x.grad.numpy()
        x.grad.zero_()
    return matrix


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


def _zeroed_in_place(f, x):
    """x.grad itself in every row, and zeroed after each walk."""
    return torch.zeros(len(f(x)), len(x))


def _tuples(f, x):
    return [[row] for row in jacobian(f, x)]


def _sum(f, x):
    x = x.clone().requires_grad_(True)
    return torch.autograd.grad(f(x).sum(), x)[0]


def _diagonal(f, x):
    return torch.diag(jacobian(f, x).diagonal())


def _first_row(f, x):
    return jacobian(f, x)[0]


def _by_differences(f, x):
    steps = 1e-3 * torch.eye(len(x))
    return torch.stack([(f(x + step) - f(x - step)) / 2e-3 for step in steps], dim=1)


def _by_directions(f, x):
    return torch.stack([torch.func.jvp(f, (x,), (direction,))[1] for direction in torch.eye(len(x))], dim=1)


def _products(x):
    return torch.stack([x[0] * x[1], x[0] + x[1], x[1] ** 3])


def _first_two(x):
    return 2 * x[:2] + x[-1] ** 2


def _functions():
    return [
        (_products, torch.tensor([2.0, 3.0])),
        (_first_two, torch.tensor([1.0, -1.0, 0.5, 2.0])),
        (torch.exp, torch.tensor([0.0, 1.0, 2.0])),
        (lambda x: (x**2).sum().reshape(1), torch.tensor([1.0, 5.0])),
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
            Wrong(18, "That is after three. The first backward() counts as well: it adds to nothing."),
            Wrong(1296, "The gradients are added, not multiplied."),
            Wrong(-24, "Nobody stepped: x.grad is the sum of the derivatives, and those are positive at x = 3."),
        ),
        rights=(24.0, torch.tensor(24.0), np.float32(24), [24], 4 * 6),
        refused=(4, 3, 30, "4 * 6", 8, True),
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
            Wrong(
                [3.0, 10.0],
                "You took only the diagonal of J: y₁ by x₁ and y₂ by x₂. But both outputs use both inputs.",
            ),
            Wrong([31.0, 21.0], "The weights are the other way round: the first output counts 1, the second 10."),
            Wrong([6.0, 50.0], "That is v times y, element by element. x.grad needs the derivatives of y, that is J."),
            Wrong(56.0, "That is the number v·y. x.grad is its derivative: one number for each x."),
            Wrong([12.0, 13.0], "The derivative of x₁x₂ by x₁ is x₂: you have taken the two for each other."),
            Wrong([6.5, 6.0], "You took a mean. backward(v) adds the rows up and divides by nothing."),
            Wrong([[3.0, 2.0], [10.0, 10.0]], "Those are the weighted rows. backward(v) adds them up."),
        ),
        rights=((13, 12), torch.tensor([13.0, 12.0]), np.array([13, 12]), [13, 12.0], [torch.tensor(13), 12]),
        refused=([3.0, 2.0], [1.0, 1.0], 25, [13], [13, 12, 0], "13, 12", [[3, 2], [1, 1]], [10.0, 10.0]),
    ),
    Exercise(
        name="autograd.detach",
        difficulty="medium",
        minutes=3,
        task="y = x·x and z = y.detach()·y at x = 5: what is x.grad after z.backward()?",
        solution=250,
        why="The detached factor counts as the constant 25, so ∂z/∂x = 25 · 2x = 250: half of 4x³ = 500.",
        hints=("Write u = y.detach() = 25. Then z = 25·y, with y = x².", "What is the derivative of 25x² at x = 5?"),
        wrongs=(
            Wrong(500, "That is 4x³, with both paths open. One of the two factors is detached."),
            Wrong(625, "625 is the value of z, not its derivative."),
            Wrong(25, "25 is ∂z/∂y. The factor ∂y/∂x = 2x is missing from the chain."),
            Wrong(75, "That is 3x², of x·x·x. Here z is y·y, with one of the two as a constant."),
            Wrong(0, "Only one of the two factors is detached; the gradient still flows through the other."),
            Wrong(50, "50 is ∂z/∂y of y². But one factor is a constant, and ∂y/∂x = 2x is missing from the chain."),
            Wrong(10, "That is ∂y/∂x = 2x. It is multiplied with ∂z/∂y, the detached factor."),
            Wrong(125, "The derivative of x² is 2x, not x."),
        ),
        rights=(250.0, torch.tensor(250.0), np.float32(250), [250], 25 * 2 * 5),
        refused=(-250, 249, 100, "250", 5, 1250, True),
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
            Wrong(
                1280,
                "That is |b| when the loop ends. The slope is what a was multiplied with, and then comes a branch.",
            ),
            Wrong(128, "Those are the seven doublings in the loop. Before it stands 2a, and after it a branch."),
            Wrong(100, "That is the last branch alone. Before it, a was doubled again and again."),
            Wrong(6400, "One doubling is missing: |b| goes 10, 20, 40, … and ends above 1000, at 1280."),
        ),
        rights=(25600.0, torch.tensor(25600.0), np.int64(25600), [25600], 2 * 2**7 * 100),
        refused=(128000, 25601, "25600", 700, 102400, 0, True),
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
        way=by_walks,
        wrongs=(
            Wrong(lambda f, x: jacobian(f, x).T, "Transposed: one row per output, one column per input."),
            Wrong(_accumulated, "Each row contains the rows before it: x.grad was not zeroed between two walks."),
            Wrong(
                _same_tensor,
                "All rows are the same: you stored x.grad itself, and every walk added to it. Clone it, then zero it.",
            ),
            Wrong(
                _zeroed_in_place,
                "All rows are zero: you stored x.grad itself and zeroed it afterwards. Store a clone.",
            ),
            Wrong(
                _tuples,
                "autograd.grad returns a tuple, one gradient for each input. You kept it whole: take its element [0].",
            ),
            Wrong(_sum, "That is the sum of all rows, y.sum().backward(). The Jacobian keeps them apart."),
            Wrong(_diagonal, "Only the diagonal is there. An output may depend on every input."),
            Wrong(_first_row, "That is the first row alone. Walk once for each output."),
        ),
        rights=(_by_backward, _output_by_output, _all_at_once, _by_vjp, _into_a_matrix),
        refused=(
            lambda f, x: torch.func.jacrev(f)(x),
            lambda f, x: torch.func.jacfwd(f)(x),
            lambda f, x: torch.autograd.functional.jacobian(f, x),
            _by_differences,
            _by_directions,
            lambda f, x: f(x),
            lambda f, x: torch.eye(len(x)),
            lambda f, x: jacobian(f, x).flatten(),
        ),
    ),
]

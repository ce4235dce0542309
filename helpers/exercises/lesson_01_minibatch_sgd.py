"""Exercises of lesson 1, minibatch SGD."""

import torch

from helpers.exercises import Exercise, Wrong


def sgd_step(parameters, gradients, eta):
    return parameters - eta * gradients.mean(0)


def _in_place(parameters, gradients, eta):
    parameters -= eta * gradients.mean(dim=0)
    return parameters


def _example_by_example(parameters, gradients, eta):
    total = torch.zeros_like(parameters)
    for gradient in gradients:
        total = total + gradient
    return parameters - eta * total / len(gradients)


def _batches():
    generator = torch.Generator().manual_seed(0)
    return [
        (torch.randn(n, generator=generator), torch.randn(batch, n, generator=generator), eta)
        for n, batch, eta in ((3, 4, 0.1), (1, 7, 0.5), (5, 2, 1.0), (3, 3, 0.2))
    ]


EXERCISES = [
    Exercise(
        name="sgd.steps",
        difficulty="easy",
        minutes=1,
        task="How many steps has one epoch of 60,000 images in batches of 128?",
        solution=469,
        why="468 full batches hold 59,904 images; the last 96 make a short batch, so ⌈60000/128⌉ = 469.",
        hints=("Divide 60,000 by 128.", "The images that are left over make a batch too, a short one."),
        wrongs=(
            Wrong(468, "468 full batches leave 96 images over, and they are trained on too (unless drop_last=True)."),
            Wrong(468.75, "There are no three quarters of a step: the short last batch takes a whole one."),
            Wrong(470, "One too many: 469 · 128 = 60,032 images have room for all."),
            Wrong(96, "96 images are in the last batch. How many batches are there?"),
            Wrong(128, "128 is the size of a batch, not their number."),
            Wrong(60000, "That would be one step per image, batches of 1."),
        ),
        rights=(469.0, -(-60000 // 128), torch.tensor(60000 / 128).ceil()),
        refused=(0, 60000 * 128, [468, 1], "469 steps"),
    ),
    Exercise(
        name="sgd.limit",
        difficulty="medium",
        minutes=3,
        task="Above which η does gradient descent on f(w, b) = 3w² + ½b² diverge?",
        solution=1 / 3,
        why="The curvatures are 6 along w and 1 along b. The steepest decides: L = 6, and 2/L = 1/3.",
        hints=(
            "What are the second derivatives along w and along b?",
            "One η must do for both directions. Which of them decides?",
            "The curvature of 3w² is its second derivative, 6.",
        ),
        wrongs=(
            Wrong(2, "That is enough for b, whose curvature is 1. The steeper direction breaks earlier."),
            Wrong(2 / 3, "You took 2/3, but the curvature of 3w² is its second derivative, 6, not 3."),
            Wrong(1 / 6, "1/6 is 1/L, the η that arrives along w in a single step. It takes twice that to diverge."),
            Wrong(2 / 7, "You added the curvatures. Each direction shrinks or grows alone; the steepest decides."),
            Wrong(6, "6 is the largest curvature L itself; the limit is 2/L."),
            Wrong(
                4 / 7, "That is 2 over the mean of the curvatures. Not the mean decides, but the steepest direction."
            ),
        ),
        rights=(0.33333, 0.3333, 0.33),
        refused=(0.3, 0.32, 3, 0.5, 1, [1 / 3, 2]),
        tolerance=0.012,
    ),
    Exercise(
        name="sgd.floor",
        difficulty="medium",
        minutes=3,
        task="The noise floor is 0.024 at η = 0.09 and batches of 8: what is it at η = 0.03 and batches of 32?",
        solution=0.002,
        why="For small η the floor goes with η/|𝓑|: a third of η and four times the batch give a twelfth of 0.024.",
        hints=(
            "The floor is proportional to η divided by the batch size.",
            "η divides it by 3. What does the batch divide it by?",
        ),
        wrongs=(
            Wrong(0.006, "You counted the batch, a quarter, but not η, which divides it by 3 once more."),
            Wrong(0.008, "You counted η, but the batch is four times as large too."),
            Wrong(0.032, "A larger batch lowers the floor, it does not raise it."),
            Wrong(0.018, "A smaller η lowers the floor, it does not raise it."),
            Wrong(0.004, "The excess loss goes with 1/|𝓑|. It is the distance that goes with 1/√|𝓑|."),
            Wrong(0.024 / 36, "The excess loss goes with η, not with η²."),
            Wrong(0.288, "Both the other way round: a smaller η and a larger batch calm the walk."),
        ),
        rights=(0.024 / 12, torch.tensor(0.002), [0.002]),
        refused=(0.096, 0.072, 0.024, 0.0005, 0.02, 12),
    ),
    Exercise(
        name="sgd.step",
        difficulty="medium",
        minutes=5,
        task="Write one step of minibatch SGD from the gradients of each example, shape (batch, parameters).",
        solution=sgd_step,
        why="The mean over the batch, dimension 0, leaves one number per parameter, and the step goes against it.",
        hints=(
            "Average over the batch first: which dimension is it?",
            "gradients.mean(0) has one number per parameter.",
            "New parameters = old parameters − η · mean gradient.",
        ),
        inputs=_batches,
        wrongs=(
            Wrong(
                lambda w, g, eta: w + eta * g.mean(0),
                "With a plus you climb: the gradient points to where the loss grows.",
            ),
            Wrong(
                lambda w, g, eta: w - eta * g.sum(0),
                "You summed. With the mean the step does not depend on the batch size.",
            ),
            Wrong(
                lambda w, g, eta: w - eta * g.mean(0) / len(g),
                "mean() has divided by the batch size already. You divided again.",
            ),
            Wrong(
                lambda w, g, eta: w - eta * g.mean(),
                "mean() over everything mixes the parameters: each needs its own mean, over dimension 0.",
            ),
            Wrong(lambda w, g, eta: w - g.mean(0), "Where is η?"),
            Wrong(lambda w, g, eta: w - eta * g, "That gives one row per example. Average over the batch first."),
            Wrong(lambda w, g, eta: eta * g.mean(0), "That is the length of the step. Return where it leads to."),
            Wrong(
                lambda w, g, eta: w - eta * g[0],
                "That is the gradient of one example. Take the mean over the batch.",
            ),
        ),
        rights=(
            _in_place,
            _example_by_example,
            lambda w, g, eta: w - eta * torch.einsum("bn->n", g) / g.shape[0],
            lambda w, g, eta: torch.stack([w - eta * row for row in g]).mean(dim=0),
            lambda w, g, eta: [p - eta * sum(column) / len(column) for p, column in zip(w, g.T, strict=True)],
            lambda w, g, eta: w.numpy() - eta * g.numpy().mean(axis=0),
        ),
        refused=(
            lambda w, g, eta: w - eta * g.mean(1),
            lambda w, g, eta: w - eta * g.sum(0) / len(w),
            lambda w, g, eta: w * (1 - eta * g.mean(0)),
            lambda w, g, eta: w - eta * g.mean(0).abs(),
            lambda w, g, eta: w - eta * g.median(0).values,
        ),
    ),
    Exercise(
        name="sgd.single",
        difficulty="hard",
        minutes=6,
        task="A quarter of the examples have x = 4, the others x = 0: above which η do batches of one diverge?",
        solution=0.125,
        why="λ is the mean of x², 16/4 = 4, and q that of x⁴, 256/4 = 64. So η₁ = 2λ/q = 8/64 = 1/8, "
        "a quarter of 2/λ: the step must suit the examples with x = 4 alone, and 2/16 does.",
        hints=(
            "η₁ = 2λ/q, where λ is the mean of x² over all examples, and q the mean of x⁴.",
            "λ = 16/4. And q?",
        ),
        wrongs=(
            Wrong(0.5, "That is 2/λ, which is enough with all examples in a step. A batch of one bears less."),
            Wrong(0.25, "That is 1/λ. The limit of batches of one is 2λ/q."),
            Wrong(1 / 32, "That is 2/q. The λ above it is missing: 2λ/q."),
            Wrong(1 / 16, "That is λ/q. Where is the 2?"),
            Wrong(2, "You took the mean of x, 1, for λ. It is the mean of x²."),
            Wrong(8, "That is q/(2λ), the fraction upside down."),
        ),
        rights=(1 / 8, torch.tensor(0.125), (0.125,)),
        refused=(4, 64, 1, 0.1, [0.5, 0.125]),
        tolerance=1e-3,
    ),
]

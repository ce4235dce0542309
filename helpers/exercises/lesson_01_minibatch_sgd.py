"""Exercises of lesson 1, minibatch SGD."""

import torch

from helpers.exercises import Exercise, Wrong


def sgd_step(parameters, gradients, eta):
    return parameters - eta * gradients.mean(0)


def _batches():
    generator = torch.Generator().manual_seed(0)
    return [
        (torch.randn(n, generator=generator), torch.randn(batch, n, generator=generator), eta)
        for n, batch, eta in ((3, 4, 0.1), (1, 7, 0.5), (5, 2, 1.0))
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
            Wrong(128, "128 is the size of a batch, not their number."),
            Wrong(60000, "That would be one step per image, batches of 1."),
        ),
        tolerance=1e-6,
    ),
    Exercise(
        name="sgd.limit",
        difficulty="easy",
        minutes=3,
        task="Above which η does gradient descent on f(w) = 5w² diverge?",
        solution=0.2,
        why="f″ = 10 is the curvature L, and 2/L = 0.2; at η = 0.2 each step turns w into −w.",
        hints=(
            "What is the second derivative of 5w²?",
            "One step turns w into (1 − η·f″)·w. When is that factor larger than 1 in size?",
        ),
        wrongs=(
            Wrong(0.1, "0.1 is 1/L, the η that arrives in a single step. It takes twice that to diverge."),
            Wrong(0.4, "You took 2/5, but the curvature of 5w² is its second derivative, 10, not 5."),
            Wrong(5, "5 is the factor in 5w². The curvature is its second derivative, 10, and the limit is 2/L."),
            Wrong(10, "10 is the curvature L itself; the limit is 2/L."),
        ),
    ),
    Exercise(
        name="sgd.floor",
        difficulty="medium",
        minutes=3,
        task="The noise floor is 0.02 at η = 0.1 and batches of 8: what is it at η = 0.05 and batches of 32?",
        solution=0.0025,
        why="The floor is proportional to η/|𝓑|: half of η and four times the batch give an eighth of 0.02.",
        hints=("The floor is proportional to η divided by the batch size.", "η halves it. By how much does the batch?"),
        wrongs=(
            Wrong(0.005, "You counted the batch, a quarter, but not η, which halves it once more."),
            Wrong(0.01, "You counted η, but the batch is four times as large too."),
            Wrong(0.08, "A larger batch lowers the floor, it does not raise it. And η has changed too."),
            Wrong(0.04, "A larger batch lowers the floor, it does not raise it."),
            Wrong(0.00125, "The excess loss goes with η, not with η²."),
        ),
        tolerance=1e-6,
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
                lambda w, g, eta: w - eta * g.mean(),
                "mean() over everything mixes the parameters: each needs its own mean, over dimension 0.",
            ),
            Wrong(lambda w, g, eta: w - g.mean(0), "Where is η?"),
            Wrong(lambda w, g, eta: w - eta * g, "That gives one row per example. Average over the batch first."),
            Wrong(lambda w, g, eta: eta * g.mean(0), "That is the length of the step. Return where it leads to."),
        ),
    ),
    Exercise(
        name="sgd.half",
        difficulty="hard",
        minutes=5,
        task="Which η with nn.MSELoss takes the same steps as η = 0.03 with the ½ in the loss?",
        solution=0.015,
        why="Without the ½ the gradient is twice as large, so half the η takes the same step.",
        hints=("Compare the derivatives of ½e² and of e².", "η times gradient must stay the same."),
        wrongs=(
            Wrong(0.06, "The other way round: the gradient of MSELoss is the larger one, so η must be smaller."),
            Wrong(0.03, "The gradients differ by a factor of 2: the derivative of e² is 2e, that of ½e² is e."),
        ),
    ),
]

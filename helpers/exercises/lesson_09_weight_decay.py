"""Exercises of lesson 9, weight decay."""

import torch

from helpers.exercises import Exercise, Wrong


def decay_step(w, b, grad_w, grad_b, eta, lam):
    return (1 - eta * lam) * w - eta * grad_w, b - eta * grad_b


def _steps():
    generator = torch.Generator().manual_seed(0)
    return [
        (
            torch.randn(n, generator=generator),
            torch.tensor(bias),
            torch.randn(n, generator=generator),
            torch.tensor(0.5),
            eta,
            lam,
        )
        for n, bias, eta, lam in ((3, 2.0, 0.1, 3.0), (5, -1.0, 0.5, 0.4))
    ]


EXERCISES = [
    Exercise(
        name="decay.factor",
        difficulty="easy",
        minutes=1,
        task="By which factor does a step with η = 0.1 and λ = 0.5 multiply a weight without a gradient?",
        solution=0.95,
        why="1 − ηλ = 1 − 0.05 = 0.95.",
        hints=("Put g = 0 into the rule of the step.", "The factor is 1 − ηλ."),
        wrongs=(
            Wrong(0.05, "0.05 is the share that the step takes away. What is left?"),
            Wrong(0.5, "That would be 1 − λ. The penalty's gradient λw is multiplied by η like any gradient."),
            Wrong(0.9, "The penalty is λ/2 times ‖w‖², so its derivative is λw, not 2λw."),
            Wrong(0.975, "The ½ of λ/2 is gone after differentiating: the derivative of λ/2 · w² is λw."),
            Wrong(1.05, "Decay shrinks. Look at the sign."),
        ),
        tolerance=1e-6,
    ),
    Exercise(
        name="decay.norm",
        difficulty="medium",
        minutes=4,
        task="How large is the norm of 100 weights from N(0, 1) after 200 steps, with 36 examples, η = 0.01, λ = 0.5?",
        solution=2.936,
        why="64 directions are out of reach and shrink from √64 = 8 by 0.995²⁰⁰ = 0.367, to 2.9.",
        hints=(
            "In how many of the 100 directions do 36 examples give no gradient?",
            "Those 64 start with a norm of about √64 = 8.",
            "Each step multiplies that by 1 − ηλ = 0.995.",
        ),
        wrongs=(
            Wrong(
                3.67, "36 of the 100 directions are fitted to the data. Only the other 64 keep their shrunken start."
            ),
            Wrong(0.367, "That is the factor 0.995²⁰⁰. Which norm does it multiply?"),
            Wrong(10, "That is the norm at the start, √100. What have 200 steps done to it?"),
            Wrong(8, "That is the norm in the 64 free directions without decay."),
            Wrong(
                2.2, "You took the 36 directions that the examples reach. The others are those that remember the start."
            ),
            Wrong(23.5, "The norm is the root of the sum of squares: √64, not 64."),
            Wrong(1.07, "One step multiplies by 1 − ηλ = 0.995, with η and λ both in it. You used 0.99, without λ."),
        ),
        tolerance=0.03,
    ),
    Exercise(
        name="decay.best",
        difficulty="medium",
        minutes=2,
        task="λ = 0.8 is best for 50 examples: which λ does theory predict for 200 of the same kind?",
        solution=0.2,
        why="λ* = σ²d/n: four times the examples, a quarter of λ.",
        hints=("The best λ is σ²d/n.", "Only n changes. By which factor?"),
        wrongs=(
            Wrong(3.2, "The other way round: more examples hold the weights better, and need less decay."),
            Wrong(0.4, "λ* goes with 1/n, not with 1/√n."),
            Wrong(0.8, "With more examples the data hold the weights better, so the best λ changes."),
            Wrong(0.05, "λ* goes with 1/n, not with 1/n²."),
        ),
        tolerance=1e-6,
    ),
    Exercise(
        name="decay.step",
        difficulty="medium",
        minutes=4,
        task="Write one step of SGD with weight decay λ on w and none on b.",
        solution=decay_step,
        why="The penalty adds λw to the gradient of w, which is the factor 1 − ηλ; b takes a plain step.",
        hints=(
            "The penalty adds λ·w to grad_w.",
            "w − η·(grad_w + λ·w), and b − η·grad_b.",
            "Return both, with a comma between them.",
        ),
        inputs=_steps,
        wrongs=(
            Wrong(
                lambda w, b, gw, gb, eta, lam: ((1 - eta * lam) * w - eta * gw, (1 - eta * lam) * b - eta * gb),
                "You decay the bias too. It should take a plain step.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: (w - eta * gw, b - eta * gb),
                "These are plain steps. Where is λ?",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: ((1 - lam) * w - eta * gw, b - eta * gb),
                "λw is part of the gradient, so η multiplies it too.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: ((1 + eta * lam) * w - eta * gw, b - eta * gb),
                "With a plus the weights grow. The step goes against the gradient λw.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: ((1 + eta * lam) * w + eta * gw, b + eta * gb),
                "You climb. A step goes against the gradient.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: ((1 - eta * lam / 2) * w - eta * gw, b - eta * gb),
                "The ½ of λ/2 is gone after differentiating: the derivative of λ/2 · ‖w‖² is λw.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: ((1 - 2 * eta * lam) * w - eta * gw, b - eta * gb),
                "The penalty is λ/2 · ‖w‖², so its derivative is λw, without a 2.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: ((1 - eta * lam) * (w - eta * gw), b - eta * gb),
                "You shrink after the step. The penalty's gradient is taken at the old w, together with grad_w.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: (1 - eta * lam) * w - eta * gw,
                "Return both, the new w and the new b.",
            ),
        ),
    ),
    Exercise(
        name="decay.half",
        difficulty="hard",
        minutes=4,
        task="Which (eta, lam) with nn.MSELoss takes the same steps as η = 0.004, λ = 2 with the ½ in the loss?",
        solution=(0.002, 4.0),
        why="The gradient is twice as large, so η = 0.002; ηλ must stay 0.008, so λ = 4.",
        hints=(
            "Two things must stay the same: η times the gradient of the loss, and ηλ.",
            "Without the ½ the gradient of the loss is twice as large. What must η be?",
            "Then choose λ so that ηλ = 0.004 · 2.",
        ),
        wrongs=(
            Wrong(
                (0.002, 2.0), "The gradient's part is right, but with half the η the weights now decay by half as much."
            ),
            Wrong(
                (0.002, 1.0),
                "η is right. ηλ must stay 0.008, so with half the η you need a larger λ, not a smaller one.",
            ),
            Wrong((4.0, 0.002), "The right numbers in the wrong order: eta first."),
            Wrong((0.004, 1.0), "The gradient of MSELoss is twice as large, so η must change."),
            Wrong((0.008, 1.0), "The gradient of MSELoss is the larger one, so η must be smaller."),
            Wrong((0.004, 4.0), "That doubles the penalty along with the loss, so each step is twice as long."),
            Wrong(
                (0.004, 2.0), "MSELoss has no ½, so its gradient is twice as large. The same settings take other steps."
            ),
        ),
    ),
    Exercise(
        name="decay.adam",
        difficulty="hard",
        minutes=3,
        task="What is a weight of 2.0 without a data gradient after one step of Adam, lr=0.01, weight_decay=0.1?",
        solution=1.99,
        why="Adam sees the gradient λw = 0.2 and divides it by its own size: a step of η = 0.01, whatever λ.",
        hints=(
            "Adam adds λw to the gradient. What is the gradient then?",
            "Adam's first step divides the gradient by its own size.",
        ),
        wrongs=(
            Wrong(1.998, "That is 2·(1 − ηλ), as SGD and AdamW would do. Adam divides by the size of the gradient."),
            Wrong(2.0, "The data give no gradient, but weight_decay adds λw = 0.2 to it."),
            Wrong(1.8, "You subtracted λw = 0.2, without η and without Adam's division."),
            Wrong(2.01, "Right size, wrong way: decay goes towards zero."),
        ),
        tolerance=1e-4,
    ),
]

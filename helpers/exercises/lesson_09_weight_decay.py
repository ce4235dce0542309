"""Exercises of lesson 9, weight decay."""

import torch

from helpers.exercises import Exercise, Wrong


def decay_step(w, b, grad_w, grad_b, eta, lam):
    return (1 - eta * lam) * w - eta * grad_w, b - eta * grad_b


def _with_torch(w, b, grad_w, grad_b, eta, lam):
    w, b = torch.nn.Parameter(w), torch.nn.Parameter(b)
    w.grad, b.grad = grad_w, grad_b
    torch.optim.SGD([{"params": [w], "weight_decay": lam}, {"params": [b]}], lr=eta).step()
    return w, b


def _penalty_by_autograd(w, b, grad_w, grad_b, eta, lam):
    w = w.clone().requires_grad_()
    (lam / 2 * (w**2).sum()).backward()
    return w.detach() - eta * (grad_w + w.grad), b - eta * grad_b


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
        for n, bias, eta, lam in ((3, 2.0, 0.1, 3.0), (5, -1.0, 0.5, 0.4), (1, 0.5, 0.25, 0.8))
    ]


EXERCISES = [
    Exercise(
        name="decay.factor",
        difficulty="easy",
        minutes=1,
        task="By which factor does a step with η = 0.2 and λ = 0.3 multiply a weight without a gradient?",
        solution=0.94,
        why="1 − ηλ = 1 − 0.06 = 0.94.",
        hints=("Put g = 0 into the rule of the step.", "The factor is 1 − ηλ."),
        wrongs=(
            Wrong(0.06, "0.06 is the share that the step takes away. What is left?"),
            Wrong(0.7, "That would be 1 − λ. The penalty's gradient λw is multiplied by η like any gradient."),
            Wrong(0.8, "That would be 1 − η. The step takes η·λw away, not η·w."),
            Wrong(0.88, "The penalty is λ/2 times ‖w‖², so its derivative is λw, not 2λw."),
            Wrong(0.97, "The ½ of λ/2 is gone after differentiating: the derivative of λ/2 · w² is λw."),
            Wrong(1.06, "Decay shrinks. Look at the sign."),
            Wrong(1.0, "No gradient from the data, but the penalty has one, λw: the step takes η·λw away."),
            Wrong(0.5, "0.5 comes from η + λ. The step takes η·λw away: the two are multiplied."),
            Wrong(0.56, "That is (1 − η)(1 − λ). Only the product of η and λ counts: the step takes η·λw away."),
            Wrong(-0.06, "That is what the step adds to a weight of 1. By which factor does it multiply the weight?"),
            Wrong(94, "Right idea. Give the factor, not a percentage."),
        ),
    ),
    Exercise(
        name="decay.norm",
        difficulty="medium",
        minutes=4,
        task="How large is the norm of 100 weights from N(0, 1) after 20 steps, with 36 examples, η = 0.1, λ = 0.5?",
        solution=8 * 0.95**20,
        why="64 directions are out of reach and shrink from √64 = 8 by 0.95²⁰ = 0.358, to 2.9.",
        hints=(
            "In how many of the 100 directions do 36 examples give no gradient?",
            "Those 64 start with a norm of about √64 = 8.",
            "Each step multiplies that by 1 − ηλ = 0.95.",
        ),
        wrongs=(
            Wrong(
                10 * 0.95**20,
                "36 of the 100 directions are fitted to the data. Only the other 64 keep their shrunken start.",
            ),
            Wrong(0.95**20, "That is the factor 0.95²⁰. Which norm does it multiply?"),
            Wrong(10.0, "That is the norm at the start, √100. What have 20 steps done to it?"),
            Wrong(8.0, "That is the norm in the 64 free directions without decay."),
            Wrong(8 * 0.95, "That is after a single step. Each of the 20 multiplies by 0.95 again."),
            Wrong(
                6 * 0.95**20,
                "You took the 36 directions that the examples reach. The others are those that remember the start.",
            ),
            Wrong(64 * 0.95**20, "The norm is the root of the sum of squares: √64, not 64."),
            Wrong(
                8 * 0.9**20, "One step multiplies by 1 − ηλ = 0.95, with η and λ both in it. You used 0.9, without λ."
            ),
            Wrong(
                8 * 0.95**10, "The factor is for the weights and for their norm, not for its square: 20 steps, 0.95²⁰."
            ),
            Wrong(
                8 * 0.5**20, "One step multiplies by 1 − ηλ = 0.95, with η and λ both in it. You used 0.5, without η."
            ),
            Wrong(6.0, "That is √36, of the directions that the examples reach, and without decay. Take the others."),
            Wrong(9.5, "That is a single step, and all 100 directions. Take those out of reach, and 20 steps."),
            Wrong(
                0.0, "Twenty steps don't shrink them that far. One multiplies by 0.95, twenty by 0.95²⁰, not 1 − 20ηλ."
            ),
        ),
        tolerance=0.02,
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
            Wrong(1.6, "The other way round, and with 1/n, not with √n: more examples need less decay."),
            Wrong(0.004, "That is 0.8/200. λ* at 50 examples is 0.8 already: only the ratio of the two n counts."),
            Wrong(0.25, "That is the factor, 50/200. Multiply the old λ by it."),
            Wrong(4.0, "That is how many times as many examples there are. Divide the old λ by it."),
        ),
    ),
    Exercise(
        name="decay.share",
        difficulty="easy",
        minutes=2,
        task="With λ = 0.6, which share of the truth is learned along an eigenvector with eigenvalue s = 2.4?",
        solution=0.8,
        why="s/(s + λ) = 2.4/3: the data pull four times as strongly as the penalty.",
        hints=("The share is where the pull of the data and that of the penalty are equal.", "It is s/(s + λ)."),
        wrongs=(
            Wrong(0.2, "That is λ/(s + λ), the share that decay takes away. What is left?"),
            Wrong(4.0, "That is s/λ. A share of the truth is below 1: s/(s + λ)."),
            Wrong(0.25, "That is λ/s. The share is s/(s + λ)."),
            Wrong(3.0, "That is s + λ, below the line of the fraction. What stands above it?"),
            Wrong(1.8, "That is s − λ. The two pulls are compared, not subtracted: s/(s + λ)."),
            Wrong(2.4, "That is s itself. Divide it by s + λ."),
            Wrong(1.44, "That is sλ. The two pulls are compared, not multiplied: s/(s + λ)."),
            Wrong(-0.44, "That is 1 − sλ. A factor of that kind belongs to one step, not to the end of training."),
            Wrong(0.4, "That is 1 − λ. How much decay leaves depends on s, too: s/(s + λ)."),
            Wrong(1 / 1.6, "That is 1/(1 + λ), the share where s = 1. Here s is 2.4."),
            Wrong(2.4 / 3.6, "That is s/(s + 2λ). The derivative of ½λv² is λv, without a 2."),
            Wrong(
                2.4 / 2.7,
                "That is s/(s + λ/2). The ½ of the penalty is gone after differentiating, as that of the loss.",
            ),
            Wrong(80, "Right idea. Give the share, not a percentage."),
        ),
        tolerance=3e-3,
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
            Wrong(
                lambda w, b, gw, gb, eta, lam: (b - eta * gb, (1 - eta * lam) * w - eta * gw),
                "Both are right, in the other order: first w, then b.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: (w - eta * gw, (1 - eta * lam) * b - eta * gb),
                "The other way round: w decays, and b takes a plain step.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: ((1 - eta * lam) * w, b - eta * gb),
                "w only decays. Where is its gradient?",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: (eta * (gw + lam * w), eta * gb),
                "Those are the lengths of the steps. Return where they lead to.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: (gw + lam * w, gb),
                "Those are the gradients. A step goes against them, and is η times as long.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: ((1 - eta * lam) * w - eta * gw, b),
                "w is right. b takes a step, too: only its decay is left out.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: ((1 - eta * lam) * w - gw, b - gb),
                "The gradient of the data is multiplied by η, too.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: ((1 - eta * lam) * w + eta * gw, b + eta * gb),
                "The decay is right. A step goes against the gradient of the data, too.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: (w - eta * lam * gw, b - eta * gb),
                "λ multiplies w, not the gradient: each step takes η·λw away, beside η·grad_w.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: (w - eta * (gw + lam), b - eta * gb),
                "The derivative of λ/2 · ‖w‖² is λw. You left out the w.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: (w - eta * (gw + lam * w**2), b - eta * gb),
                "The derivative of λ/2 · ‖w‖² is λw: the square is gone.",
            ),
            Wrong(
                lambda w, b, gw, gb, eta, lam: (w - eta * (gw + lam / 2 * (w**2).sum()), b - eta * gb),
                "You added the penalty itself. Its derivative, λw, belongs beside grad_w.",
            ),
        ),
        names=("w", "b"),
        rights=(
            _with_torch,
            _penalty_by_autograd,
            lambda w, b, gw, gb, eta, lam: (w - eta * (gw + lam * w), b - eta * gb),
            lambda w, b, gw, gb, eta, lam: [w.sub_(eta * gw + eta * lam * w), b.sub_(eta * gb)],
            lambda w, b, gw, gb, eta, lam: {"w": w - eta * gw - eta * lam * w, "b": b - eta * gb},
        ),
    ),
    Exercise(
        name="decay.sum",
        difficulty="hard",
        minutes=4,
        task="Which (eta, lam) with the sum over batches of 20 takes the same steps as η = 0.05, λ = 3 with the mean?",
        solution=(0.0025, 60.0),
        why="The gradient is 20 times as large, so η = 0.05/20 = 0.0025; ηλ must stay 0.15, so λ = 60.",
        hints=(
            "Two things must stay the same: η times the gradient of the loss, and ηλ.",
            "The gradient of the sum is 20 times that of the mean. What must η be?",
            "Then choose λ so that ηλ = 0.05 · 3.",
        ),
        wrongs=(
            Wrong(
                (0.0025, 3.0),
                "The gradient's part is right, but with a smaller η the weights now decay by less. ηλ must stay.",
            ),
            Wrong(
                (0.0025, 0.15),
                "η is right. ηλ must stay 0.15, so with a smaller η you need a larger λ. 0.15 is the product itself.",
            ),
            Wrong((60.0, 0.0025), "The right numbers in the wrong order: eta first."),
            Wrong((0.05, 60.0), "The gradient of the sum is 20 times as large, so η must change, not only λ."),
            Wrong(
                (0.05, 3.0),
                "The gradient of the sum is 20 times that of the mean. The same settings take longer steps.",
            ),
            Wrong((1.0, 0.15), "The other way round: the gradient of the sum is the larger one, so η must be smaller."),
            Wrong((1.0, 3.0), "The gradient of the sum is the larger one, so η must be smaller. And ηλ must stay."),
            Wrong((0.05, 0.15), "The gradient of the sum is 20 times as large, so η must change."),
            Wrong((1.0, 60.0), "η goes the other way: a larger gradient needs a smaller η. λ is right."),
            Wrong((3.0, 0.05), "That is (λ, η) of the mean. Give eta first, and both for the sum."),
            Wrong((1 / 400, 1 / 60), "η is right. ηλ must stay 0.15, so λ is 0.15 divided by the new η."),
            Wrong((1 / 400, 1200.0), "η is right. With η/20, 20λ keeps ηλ at 0.15: once 20, not 20²."),
        ),
        names=("eta", "lam"),
    ),
    Exercise(
        name="decay.adam",
        difficulty="hard",
        minutes=4,
        task="Where does the first step of Adam, and of AdamW, take a weight of 0.6 with data gradient −0.2, "
        "at lr=0.1 and weight_decay=0.5?",
        solution=(0.5, 0.67),
        why="Adam sees −0.2 + 0.5 · 0.6 = 0.1, and its first step is η against the sign: 0.5. AdamW shrinks by "
        "1 − ηλ = 0.95 to 0.57 and steps against the data's gradient alone: + 0.1.",
        hints=(
            "The first step of either has length η, whatever the size of the gradient. Only its sign counts.",
            "Adam adds λw to the gradient before it looks at the sign. Which sign has the sum?",
            "AdamW multiplies w by 1 − ηλ, and steps against the sign of the data's gradient.",
        ),
        wrongs=(
            Wrong((0.67, 0.5), "The right numbers in the wrong order: first Adam, then AdamW."),
            Wrong((0.59, 0.59), "That is SGD, 0.6 − 0.1 · 0.1. Adam divides the gradient by its own size."),
            Wrong((0.59, 0.67), "AdamW is right. Adam divides −0.2 + λw by its own size too: a step of 0.1."),
            Wrong((0.7, 0.7), "Where is the decay? Adam adds λw to the gradient, AdamW shrinks the weight first."),
            Wrong((0.5, 0.7), "Adam is right. Where is the decay of AdamW? It shrinks the weight by 1 − ηλ first."),
            Wrong((0.7, 0.67), "AdamW is right. In Adam −0.2 + λw = 0.1 is positive, so the step goes down."),
            Wrong((0.67, 0.67), "AdamW is right. Adam adds λw to the gradient before it divides."),
            Wrong((0.5, 0.5), "Adam is right. AdamW keeps λw out of the gradient: it steps against −0.2, up."),
            Wrong((0.5, 0.57), "Adam is right. That is only the decay of AdamW. The step of 0.1 follows."),
            Wrong((0.5, 0.47), "Adam is right. AdamW's step goes against the data's gradient, −0.2, so up."),
            Wrong((0.5, 0.59), "Adam is right. AdamW's step is as long as Adam's, 0.1: only the decay is as in SGD."),
            Wrong(
                (0.5, 0.665), "Adam is right. AdamW shrinks the old weight, before the step, so the step isn't shrunk."
            ),
            Wrong((0.5, 0.4), "Adam is right. AdamW takes ηλw away, 0.03, not λw: the factor is 1 − ηλ = 0.95."),
        ),
        names=("Adam", "AdamW"),
    ),
]

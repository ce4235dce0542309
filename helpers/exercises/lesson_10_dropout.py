"""Exercises of lesson 10, dropout."""

import torch

from helpers.exercises import Exercise, Wrong


def dropout(h, keep, p, training):
    return h * keep / (1 - p) if training else h


def _masked(h, keep, p, training):
    if not training:
        return h
    dropped = torch.zeros_like(h)
    dropped[keep] = h[keep] / (1 - p)
    return dropped


def _in_place(h, keep, p, training):
    if training:
        h[~keep] = 0
        h /= 1 - p
    return h


def _layers():
    generator = torch.Generator().manual_seed(0)
    return [
        (1 + torch.rand(6, generator=generator), torch.tensor([True, False, True, True, False, True]), p, training)
        for p, training in ((0.2, True), (0.75, True), (0.4, False))
    ]


EXERCISES = [
    Exercise(
        name="dropout.value",
        difficulty="easy",
        minutes=1,
        task="A hidden value h = 3 passes dropout with p = 0.4 and is not dropped: what is h′?",
        solution=5.0,
        why="3 / (1 − 0.4) = 5: the values that stay grow, to make up for those that go.",
        hints=("A value that stays is divided by the probability to stay.", "3 divided by 1 − 0.4."),
        wrongs=(
            Wrong(3.0, "Unchanged, the mean would sink to 0.6 · 3: the values that stay must make up for the others."),
            Wrong(7.5, "You divided by p, the probability to go. Divide by that to stay, 1 − p."),
            Wrong(1.8, "You multiplied by 1 − p; that is what the original dropout does at test time. Divide."),
            Wrong(1.2, "You multiplied by p. Divide by the probability to stay, 1 − p."),
            Wrong(0.0, "0 is the value of one that was dropped."),
            Wrong(4.2, "You added the share p that goes. But 1 + p is not 1/(1 − p)."),
            Wrong(5 / 3, "That is the factor 1/(1 − p). Multiply it with h = 3."),
        ),
        tolerance=3e-3,
    ),
    Exercise(
        name="dropout.variance",
        difficulty="easy",
        minutes=3,
        task="At which p is the variance of h′ four times h²?",
        solution=0.8,
        why="p/(1 − p) = 4 gives p = 4 − 4p, so p = 4/5.",
        hints=("The variance is h²·p/(1 − p).", "Solve p/(1 − p) = 4."),
        wrongs=(
            Wrong(0.2, "0.2 is the probability to stay, 1 − p. At p = 0.2 the variance is a quarter of h²."),
            Wrong(0.5, "At p = 0.5 the variance is just h²."),
            Wrong(0.75, "You solved 1/(1 − p) = 4. The formula has p above the line too."),
            Wrong(0.25, "At p = 0.25 the variance is a third of h². You solved 1/p = 4; it is p/(1 − p)."),
            Wrong(4.0, "4 is p/(1 − p). Solve that for p; a probability is never above 1."),
            Wrong(16 / 17, "That solves p/(1 − p) = 16. The 4 is a ratio of squares already: don't square it again."),
            Wrong(2 / 3, "That solves p/(1 − p) = 2. p/(1 − p) itself is 4: nothing in it is squared."),
            Wrong(80, "Right idea. Give p itself, not a percentage."),
            Wrong(4 / 3, "Mind the sign: p = 4 − 4p, so 5p = 4, not 3p. A probability is never above 1."),
        ),
        tolerance=3e-3,
    ),
    Exercise(
        name="dropout.decay",
        difficulty="medium",
        minutes=3,
        task="Dropout with p = 0.2 on the inputs of a linear model, each with a mean square of 3: which λ is that?",
        solution=0.75,
        why="λ = p/(1 − p) times the mean of x²: 0.25 · 3.",
        hints=(
            "The penalty is ½·p/(1 − p) times the sum of w²x². Compare it with ½λ times the sum of w².",
            "λ = p/(1 − p) times the mean of x².",
        ),
        wrongs=(
            Wrong(0.25, "That is p/(1 − p), for standardised inputs. Here the mean of x² is 3."),
            Wrong(0.6, "You took p instead of p/(1 − p). The values that stay are larger, and so is the noise."),
            Wrong(2.25, "You squared the 3. It is a mean of squares already."),
            Wrong(12.0, "You took p for the probability to stay. It is the probability to go."),
            Wrong(3.75, "That is 1/(1 − p) times 3. There is a p above the line, too."),
            Wrong(0.375, "The ½ belongs to the penalty of weight decay, too: it is no part of λ."),
            Wrong(1.5, "The ½ stands before both penalties, so there is nothing to double."),
            Wrong(1 / 12, "The larger the inputs, the larger the noise: multiply by 3, don't divide."),
            Wrong(0.48, "That is p(1 − p) times 3, the noise of a mask alone. Those that stay are divided by 1 − p."),
            Wrong(0.25 * 3**0.5, "You took the root of the 3. λ has the mean square of the inputs itself."),
            Wrong(2.4, "That is (1 − p) times 3. How large is the noise, p/(1 − p)?"),
            Wrong(3.0, "That is the mean square alone. How large is the noise at p = 0.2?"),
        ),
        tolerance=3e-3,
    ),
    Exercise(
        name="dropout.relu",
        difficulty="medium",
        minutes=5,
        task="h = (2, 1), w = (1, −1), p = 0.2: what is the mean of relu(w·h′)?",
        solution=1.2,
        why="Both stay: probability 0.64, value (2 − 1)/0.8. Only the first: 0.16, value 2/0.8. "
        "Together 0.8 + 0.4; the other two masks give 0.",
        hints=(
            "For which of the four masks is w·h′ above 0?",
            "Both stay (0.8 · 0.8), or only the first (0.8 · 0.2). How large is w·h′ in each case?",
            "0.64 · 1/0.8 + 0.16 · 2/0.8.",
        ),
        wrongs=(
            Wrong(1.0, "1 is the relu of the mean. In the mean of the relu, only the negative case is cut off."),
            Wrong(0.96, "The values that stay also grow, by 1/(1 − p) = 1.25."),
            Wrong(
                0.8, "That is what the mask adds with which both stay. w·h′ is above 0 as well if only the first stays."
            ),
            Wrong(0.4, "That is the case in which only the first stays. w·h′ is above 0 as well if both do."),
            Wrong(0.9375, "You gave each mask ¼. At p = 0.2 they have probabilities 0.64, 0.16, 0.16 and 0.04."),
            Wrong(3.75, "You added the values. Weigh each with the probability of its mask."),
            Wrong(1.5, "1.5 is the result at p = 0.5."),
            Wrong(1.8, "You took p = 0.2 for the probability to stay. It is the probability to go."),
            Wrong(1.4, "You took the absolute value in the negative case. relu makes it 0."),
            Wrong(4.8, "You divided by p. Those that stay are divided by the probability to stay, 1 − p = 0.8."),
            Wrong(0.75, "The masks aren't equally likely, and the values that stay also grow, by 1/(1 − p) = 1.25."),
            Wrong(1.25, "That is w·h′ if both stay. How likely is that, and what do the other masks give?"),
            Wrong(0.0, "Without dropout it is 1, and w·h′ is above 0 for two of the four masks."),
        ),
        tolerance=3e-3,
    ),
    Exercise(
        name="dropout.write",
        difficulty="medium",
        minutes=5,
        task="Write dropout(h, keep, p, training), where keep is True for the values that stay.",
        solution=dropout,
        why="Mask and divide while training, and return h itself otherwise.",
        hints=(
            "What should come back when training is False?",
            "h * keep sets the others to 0. What happens to those that stay?",
            "h * keep / (1 - p) if training else h",
        ),
        inputs=_layers,
        wrongs=(
            Wrong(lambda h, keep, p, training: h * keep / (1 - p), "You drop at test time too: look at training."),
            Wrong(
                lambda h, keep, p, training: h * keep if training else h,
                "The mean shrinks to (1 − p)·h: divide those that stay.",
            ),
            Wrong(
                lambda h, keep, p, training: h * keep * (1 - p) if training else h,
                "Those that stay must grow to make up for the others: divide by 1 − p.",
            ),
            Wrong(lambda h, keep, p, training: h / (1 - p) if training else h, "Where is keep? Nothing was dropped."),
            Wrong(lambda h, keep, p, training: h * keep, "Where are p and training?"),
            Wrong(
                lambda h, keep, p, training: h * keep if training else h * (1 - p),
                "That is the original dropout, right in itself. Write the inverted one: scale while training.",
            ),
            Wrong(
                lambda h, keep, p, training: h * keep / p if training else h,
                "Divide by the probability to stay, 1 − p, not by p.",
            ),
            Wrong(
                lambda h, keep, p, training: h * ~keep / (1 - p) if training else h,
                "keep is True for the values that stay; you kept the others.",
            ),
            Wrong(
                lambda h, keep, p, training: h * keep / (1 - p) if training else h / (1 - p),
                "At test time nothing was dropped, so there is nothing to make up for: return h.",
            ),
            Wrong(
                lambda h, keep, p, training: h if training else h * keep / (1 - p),
                "The switch is the wrong way round: drop while training.",
            ),
            Wrong(
                lambda h, keep, p, training: h * keep / (1 - p) if training else h * (1 - p),
                "You scale twice: division while training has made up for it already, so at test time return h.",
            ),
            Wrong(
                lambda h, keep, p, training: h[keep] / (1 - p) if training else h,
                "That leaves the dropped values out, and the layer gets shorter. They become 0 in their place.",
            ),
            Wrong(lambda h, keep, p, training: h, "Nothing is dropped. Look at keep, and at training."),
            Wrong(
                lambda h, keep, p, training: h * keep / 1 - p if training else h,
                "Put 1 − p into brackets: without them h * keep is divided by 1, and then p is subtracted.",
            ),
            Wrong(
                lambda h, keep, p, training: h * keep / (1 + p) if training else h,
                "Divide by the probability to stay. That is 1 − p, not 1 + p.",
            ),
            Wrong(
                lambda h, keep, p, training: h * keep * p if training else h,
                "Those that stay must grow to make up for the others: divide by 1 − p.",
            ),
            Wrong(
                lambda h, keep, p, training: h * keep / keep.float().mean() if training else h,
                "You divided by the share of this one mask. Divide by the probability to stay, 1 − p.",
            ),
            Wrong(
                lambda h, keep, p, training: h * keep / (1 - p) if training else h * keep,
                "At test time nothing is dropped: return h.",
            ),
            Wrong(
                lambda h, keep, p, training: h * keep / (1 - p) if training else 0 * h,
                "At test time nothing is dropped: return h, not zeros.",
            ),
            Wrong(
                lambda h, keep, p, training: h * ~keep if training else h,
                "keep is True for the values that stay, you kept the others. And divide by 1 − p.",
            ),
        ),
        rights=(
            _masked,
            _in_place,
            lambda h, keep, p, training: torch.where(keep, h / (1 - p), 0.0) if training else h,
            lambda h, keep, p, training: (h / (1 - p)).masked_fill(~keep, 0) if training else h.clone(),
            lambda h, keep, p, training: [x * k / (1 - p) if training else x for x, k in zip(h, keep, strict=True)],
        ),
    ),
    Exercise(
        name="dropout.convert",
        difficulty="hard",
        minutes=5,
        task="Dropout (p = 0.6), linear, ReLU, dropout (p = 0.5), linear, no biases, trained with original dropout: "
        "how many times as large as they should be are the outputs in eval mode behind nn.Dropout?",
        solution=5.0,
        why="The original multiplies by 0.4 and by 0.5 at test time, nn.Dropout by nothing. ReLU and linear layers "
        "without bias pass a factor on, so the outputs are 1/(0.4 · 0.5) = 5 times as large.",
        hints=(
            "What does the original dropout do to its input at test time that nn.Dropout does not?",
            "The first layer's outputs are 2.5 times as large as they should be. What does ReLU make of that?",
            "Both factors multiply: 1/0.4 · 1/0.5.",
        ),
        wrongs=(
            Wrong(
                0.2, "The other way round: nn.Dropout leaves the values as they are, the original makes them smaller."
            ),
            Wrong(2.5, "That is the first dropout alone. The second one is missing its factor too."),
            Wrong(2.0, "That is the second dropout alone. ReLU passes the first one's factor on."),
            Wrong(4.5, "The factors multiply, they don't add up: the second layer enlarges what is too large already."),
            Wrong(1 / 0.3, "You divided by p, the share that goes. Divide by the share that stays, 1 − p."),
            Wrong(1.0, "The original dropout multiplies by 1 − p at test time, and nn.Dropout doesn't."),
            Wrong(1.25, "Both factors go the same way: 2.5 times, and 2 times that."),
            Wrong(0.8, "Both factors go the same way: a missing 0.4 makes 2.5 times as large, a missing 0.5 twice."),
            Wrong(4.0, "That is how much is too much. How many times as large as they should be are they?"),
            Wrong(25.0, "Each factor counts once: it is missing at test time, and only there."),
            Wrong(6.25, "0.4 is the factor of the first dropout only. The second one's p is 0.5, its factor 0.5."),
        ),
        tolerance=3e-3,
    ),
]

"""Exercises of lesson 8, underfitting and overfitting."""

import itertools

import torch

from helpers.exercises import Exercise, Wrong


def choose(errors):
    return int(errors.mean(0).argmin())


def standardise(train, validation):
    mean, std = train.mean(0), train.std(0)
    return (train - mean) / std, (validation - mean) / std


def _each_by_its_own(train, validation):
    return (train - train.mean(0)) / train.std(0), (validation - validation.mean(0)) / validation.std(0)


def _together(train, validation):
    both = torch.cat([train, validation])
    return (train - both.mean(0)) / both.std(0), (validation - both.mean(0)) / both.std(0)


def _fitted_on_validation(train, validation):
    return standardise(validation, train)[::-1]


def _one_for_all_features(train, validation):
    return (train - train.mean()) / train.std(), (validation - train.mean()) / train.std()


def _in_place(train, validation):
    mean, std = train.mean(0), train.std(0)
    train -= mean
    validation -= mean
    return train.div_(std), validation.div_(std)


def _feature_by_feature(train, validation):
    new = [torch.empty_like(train), torch.empty_like(validation)]
    for feature in range(train.shape[1]):
        std, mean = torch.std_mean(train[:, feature])
        for before, after in zip((train, validation), new, strict=True):
            after[:, feature] = (before[:, feature] - mean) / std
    return new


def _overwritten(train, validation):
    train = (train - train.mean(0)) / train.std(0)
    return train, (validation - train.mean(0)) / train.std(0)


def _diagnoses():
    """Every wrong choice of words, with the sentence on the first model that it takes wrongly."""
    sentences = (
        {
            "fits": "A small gap is not enough: the first model's training error is six times the noise.",
            "overfits": "The first model's gap is only 0.3. What is large is its training error.",
        },
        {
            "underfits": "The second model's training error is small, so it can follow the pattern. "
            "Its gap is what is large.",
            "fits": "A training error of 0.2, below the noise, means that the second model learned noise: see its 9.7.",
        },
        {
            "underfits": "The third model's errors are those of the noise. No model can do better on new examples.",
            "overfits": "The third model's gap is 0.1, and its training error is that of the noise. "
            "It learned no noise.",
        },
    )
    words = ("underfits", "overfits", "fits")
    wrongs = {
        given: next(about[word] for about, word in zip(sentences, given, strict=True) if word in about)
        for given in itertools.product(words, repeat=3)
        if given != words
    }
    wrongs["overfits", "underfits", "fits"] = (
        "Swapped: underfitting shows in a large training error, overfitting in a large gap."
    )
    for given in (("underfit", "overfit", "fit"), ("underfitting", "overfitting", "fitting")):
        wrongs[given] = "You mean the right thing. Write the words as the task has them."
    return tuple(Wrong(list(given), sentence) for given, sentence in wrongs.items())


def _tables():
    """Errors of folds × degrees in which mean, smallest, largest, vote, and single folds choose differently."""
    four_folds = [[10.0, 28.0, 26.0, 11.0, 22.0, 8.0, 14.0, 5.0], [7.0, 5.0, 2.0, 10.0, 13.0, 25.0, 9.0, 4.0]]
    four_folds += [[18.0, 2.0, 4.0, 2.0, 1.0, 1.5, 7.0, 12.0], [7.0, 6.0, 22.0, 15.0, 15.0, 7.0, 9.0, 23.0]]
    return [
        (torch.tensor([[5.0, 2.0, 0.1, 9.0], [5.0, 2.0, 9.0, 9.0], [5.0, 2.1, 6.0, 0.2]]),),
        (torch.tensor([[4.0, 3.0, 2.0, 1.0, 0.5], [9.0, 1.0, 9.0, 0.2, 9.0]]),),
        (torch.tensor([[1.0, 2.0], [1.0, 2.0], [9.0, 2.0]]),),
        (torch.tensor([[3.0, 0.0], [3.0, 0.0], [3.6, 9.0]]),),
        (torch.tensor(four_folds),),
    ]


def _sets():
    generator = torch.Generator().manual_seed(0)
    return [
        (2 + 3 * torch.randn(8, 2, generator=generator), 1 + torch.randn(5, 2, generator=generator)),
        (torch.randn(6, 3, generator=generator) - 4, torch.randn(4, 3, generator=generator)),
        (5 * torch.rand(3, 4, generator=generator), torch.rand(7, 4, generator=generator) + 1),
    ]


EXERCISES = [
    Exercise(
        name="fit.gap",
        difficulty="easy",
        minutes=1,
        task="How large is the generalization gap at training error 0.05 and validation error 0.30?",
        solution=0.25,
        why="The gap is the difference, 0.30 − 0.05; 0.30 is the estimate of the generalization error.",
        hints=("The gap lies between the two errors.", "Validation error minus training error."),
        wrongs=(
            Wrong(0.30, "0.30 estimates the generalization error. The gap is what it has over the training error."),
            Wrong(0.05, "0.05 is the training error. The gap is what must be added to it."),
            Wrong(-0.25, "The other way round: here the validation error is the larger one, and the gap is positive."),
            Wrong(6, "That is the ratio of the two. The gap is their difference."),
            Wrong(0.35, "You added the two errors. The gap is their difference."),
            Wrong(0.175, "That is the mean of the two errors. The gap is their difference."),
            Wrong(25, "Right idea. Give it as the errors are given, not in percent."),
        ),
    ),
    Exercise(
        name="fit.zero",
        difficulty="easy",
        minutes=2,
        task="What is the lowest degree that certainly reaches training error zero on 12 examples with different x?",
        solution=11,
        why="Degree 11 has 12 weights, one per example: 12 equations with 12 unknowns.",
        hints=("How many weights does a polynomial of degree d have?", "You need as many weights as examples."),
        wrongs=(
            Wrong(12, "Degree 12 does it too, but it has 13 weights: the constant counts. One degree less is enough."),
            Wrong(13, "Degree 13 has 14 weights, two more than needed."),
            Wrong(3, "Degree 3 is the truth, but the noise keeps its training error above zero."),
            Wrong(10, "Degree 10 has 11 weights, one too few for 12 examples."),
            Wrong(9, "Degree 9 was enough for 10 examples. Here are 12."),
            Wrong(1, "Degree 1 is a straight line, and 12 noisy examples don't lie on one."),
            Wrong(6, "A polynomial has one weight per power of x, and each solves one equation, not two."),
        ),
    ),
    Exercise(
        name="fit.diagnose",
        difficulty="medium",
        minutes=3,
        task="Noise variance 1: which of (6.1, 6.4), (0.2, 9.7), (1.0, 1.1) underfits, overfits, fits?",
        solution=["underfits", "overfits", "fits"],
        why="6.1 is far above the noise; 0.2 is below it, so noise was learned; 1.0 and 1.1 are at the noise.",
        hints=(
            "Compare each training error with the noise first.",
            "A training error far above the noise: the model can't follow. Far below: it follows the noise.",
        ),
        wrongs=_diagnoses(),
    ),
    Exercise(
        name="fit.share",
        difficulty="medium",
        minutes=3,
        task="Half of the truth along one direction is learned after 300 steps: which share after 900?",
        solution=0.875,
        why="Each 300 steps halve what is left: ½, ¼, ⅛. With ⅛ left, 1 − ⅛ = 0.875 is learned.",
        hints=(
            "Think of what is left after 300 steps. What do the next 300 steps leave of that?",
            "The factor 1 − ηs to the power 300 is ½. What is it to the power 900?",
            "⅛ is left after 900 steps.",
        ),
        wrongs=(
            Wrong(0.125, "That is the share still left after 900 steps. The rest is learned."),
            Wrong(1.5, "Not so much in each step: a step learns a share of what is left, and that becomes less."),
            Wrong(1, "It never is all: each 300 steps halve what is left."),
            Wrong(0.75, "That is the share after 600 steps. There are 300 more."),
            Wrong(0.9375, "That is the share after 1,200 steps."),
            Wrong(0.5, "That is the share after 300 steps. The steps go on, and half of what is left follows."),
            Wrong(0.25, "That is the share still left after 600 steps."),
            Wrong(87.5, "Right idea. Give it as a share, between 0 and 1, not in percent."),
            Wrong(
                1 - 0.5 ** (1 / 3),
                "That is the share after 100 steps: the third root, where the third power is wanted.",
            ),
            Wrong(5 / 6, "Not a half, a third and a sixth: each 300 steps learn half of what is left."),
        ),
        tolerance=7e-3,
    ),
    Exercise(
        name="fit.choose",
        difficulty="medium",
        minutes=4,
        task="Return the degree that k-fold cross-validation chooses from errors of shape (folds, degrees).",
        solution=choose,
        why="Average over the folds, dimension 0, then take the degree with the smallest mean.",
        hints=(
            "Which dimension are the folds?",
            "errors.mean(0) has one number per degree.",
            "argmin gives its place.",
        ),
        inputs=_tables,
        wrongs=(
            Wrong(
                lambda errors: int(errors.mean(1).argmin()),
                "mean(1) averages over the degrees and names a fold. The folds are dimension 0.",
            ),
            Wrong(
                lambda errors: int(errors.min(0).values.argmin()),
                "The best fold of a degree may be luck. Average over the folds instead.",
            ),
            Wrong(
                lambda errors: int(errors.argmin()),
                "argmin() of the whole table counts through its rows, and takes the luckiest fold. Average first.",
            ),
            Wrong(
                lambda errors: int(errors.argmin(1).mode().values),
                "A vote of the folds, or their median, hides a catastrophe in one fold. k-fold takes the mean.",
            ),
            Wrong(lambda errors: int(errors.mean(0).argmin()) + 1, "Column d belongs to degree d, counted from 0."),
            Wrong(lambda errors: float(errors.mean(0).min()), "That is the smallest mean error. Which degree has it?"),
            Wrong(lambda errors: int(errors.mean(0).argmax()), "argmax chooses the worst degree."),
            Wrong(lambda errors: int(errors[-1].argmin()), "That listens to the last fold only."),
            Wrong(
                lambda errors: int(errors.max(0).values.argmin()),
                "The worst fold of a degree may be bad luck. Average over the folds instead.",
            ),
            Wrong(lambda errors: int(errors[0].argmin()), "That listens to the first fold only."),
            Wrong(
                lambda errors: errors.argmin(1),
                "That is the degree that each fold likes best. Average over the folds first, then choose once.",
            ),
            Wrong(
                lambda errors: errors.mean(0),
                "Those are the mean errors of all degrees. Which degree has the smallest?",
            ),
        ),
        rights=(
            lambda errors: errors.mean(dim=0).argmin(),
            lambda errors: errors.sum(0).argmin().item(),
            lambda errors: errors.mean(0).min(0).indices,
            lambda errors: min(range(errors.shape[1]), key=lambda degree: float(errors[:, degree].sum())),
            lambda errors: int(errors.numpy(force=True).mean(axis=0).argmin()),
        ),
    ),
    Exercise(
        name="fit.leak",
        difficulty="hard",
        minutes=5,
        task="Standardise a training and a validation set, (examples, features), with nothing leaking.",
        solution=standardise,
        why="Mean and standard deviation are fitted numbers: take them from the training set, use them on both.",
        hints=(
            "Mean and standard deviation are fitted too. From which examples may they come?",
            "One mean per feature: train.mean(0).",
            "Subtract the training mean from both sets, divide both by the training standard deviation.",
        ),
        inputs=_sets,
        wrongs=(
            Wrong(
                _together,
                "Mean and std over both sets let the validation examples take part in the fitting: that is the leak.",
            ),
            Wrong(
                _each_by_its_own,
                "Each set by its own numbers: the same input would then mean different things in the two sets, "
                "and a single new example could not be standardised at all.",
            ),
            Wrong(
                _fitted_on_validation,
                "The other way round: mean and std may come from the training set, and you took the validation set's.",
            ),
            Wrong(
                lambda train, validation: tuple(
                    (x - train.mean(0)) / train.std(0, correction=0) for x in (train, validation)
                ),
                "Nothing leaks, and dividing by n is a sound choice. Here take torch's std(0): it divides by n − 1.",
            ),
            Wrong(
                lambda train, validation: tuple((x - train.mean(0)) / train.var(0) for x in (train, validation)),
                "var is the square of the standard deviation. Divide by std.",
            ),
            Wrong(
                lambda train, validation: tuple(x - train.mean(0) / train.std(0) for x in (train, validation)),
                "Division comes before subtraction: put x − mean in parentheses.",
            ),
            Wrong(lambda train, validation: standardise(train, validation)[0], "And the validation set? Return both."),
            Wrong(lambda train, validation: standardise(train, validation)[1], "And the training set? Return both."),
            Wrong(
                lambda train, validation: (standardise(train, validation)[0], validation / train.std(0)),
                "No mean was subtracted from the validation set. Perhaps that of `train` was 0 already when you took "
                "it: keep mean and std before you change `train`.",
            ),
            Wrong(
                lambda train, validation: (
                    standardise(train, validation)[0],
                    (validation - validation.mean(0)) / train.std(0),
                ),
                "The validation set may not use its own mean: subtract that of the training set from both.",
            ),
            Wrong(
                _one_for_all_features,
                "mean() over everything mixes the features: each needs its own.",
            ),
            Wrong(
                lambda train, validation: (standardise(train, validation)[0], validation),
                "The validation set comes back as it was. Either you left it out, or `train` was standardised already "
                "when you took its mean and std: then they are 0 and 1. Keep them before you change `train`.",
            ),
            Wrong(
                lambda train, validation: (train - train.mean(0), validation - train.mean(0)),
                "The mean is 0 now, but where is the standard deviation?",
            ),
            Wrong(
                lambda train, validation: standardise(train, validation)[::-1],
                "Both are right, in the other order: first the training set, then the validation set.",
            ),
            Wrong(
                lambda train, validation: tuple(
                    (x - x.mean(1, keepdim=True)) / x.std(1, keepdim=True) for x in (train, validation)
                ),
                "You took the mean of each example, over its features. Take that of each feature, over the examples.",
            ),
        ),
        names=("train", "validation"),
        rights=(
            _in_place,
            _feature_by_feature,
            lambda train, validation: [(x - train.mean(0)).div(train.std(0)) for x in (train, validation)],
            lambda train, validation: dict(zip(("train", "validation"), standardise(train, validation), strict=True)),
        ),
        refused=(_overwritten, lambda train, validation: (standardise(train, validation)[0], None)),
    ),
]

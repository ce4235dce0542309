"""Exercises of lesson 3, memory and recomputation."""

import numpy as np
import torch

from helpers.exercises import Exercise, Wrong


def peak(lengths):
    return max(number + length for number, length in enumerate(lengths, 1))


def _peak_going_back(lengths):
    """Walk back as the step does, and let the inputs go one by one."""
    kept, peaks = len(lengths), []
    for length in reversed(lengths):
        peaks.append(kept + length)
        kept -= 1
    return max(peaks)


def _peak_by_tensors(lengths):
    return (torch.tensor(lengths) + torch.arange(1, len(lengths) + 1)).max()


def _peak_by_arrays(lengths):
    return np.max(np.array(lengths) + np.arange(len(lengths)) + 1)


def _peak_by_recursion(lengths):
    if len(lengths) == 1:
        return 1 + lengths[0]
    return max(peak(lengths[:-1]), len(lengths) + lengths[-1])


def _keeping_all_inputs(lengths):
    return len(lengths) + max(lengths)


def _forgetting_the_own_input(lengths):
    return max(number + length for number, length in enumerate(lengths))


def _at_the_longest(lengths):
    longest = lengths.index(max(lengths))
    return longest + 1 + lengths[longest]


def _with_later_inputs(lengths):
    return max(number + length for number, length in enumerate(reversed(lengths), 1))


def _where(lengths):
    peaks = [number + length for number, length in enumerate(lengths, 1)]
    return peaks.index(max(peaks))


def _every_peak(lengths):
    return [number + length for number, length in enumerate(lengths, 1)]


def _cuts():
    return [([3, 2, 4],), ([5, 5, 1, 2],), ([2, 7, 6, 6],), ([9],), ([1, 1, 1, 1, 1, 1],), ([4, 12, 3, 1, 9],)]


EXERCISES = [
    Exercise(
        name="memory.kept",
        difficulty="easy",
        minutes=2,
        task="How many bytes of activations do 16 layers of width 256 with tanh keep for a batch of 64?",
        solution=1114112,
        why="(16 + 1) · 64 · 256 · 4: the input of the network and the output of each layer.",
        hints=(
            "(d + 1) · B · w numbers of 4 bytes each.",
            "There are 17 matrices: the input and 16 outputs.",
        ),
        wrongs=(
            Wrong(1048576, "You counted 16 matrices. The input of the first layer is kept as well."),
            Wrong(
                2097152,
                "You counted an input and an output for each layer. The output of one is the input of the next: "
                "it is kept once.",
            ),
            Wrong(278528, "That is how many numbers there are. Each takes 4 bytes."),
            Wrong(17408, "That is for one example. The batch has 64."),
            Wrong(262144, "16 · 64 · 256 numbers: the input is missing, and each number takes 4 bytes."),
            Wrong(
                4194304,
                "Those are the weights, w · w numbers for each layer. What is kept grows with the batch: B · w.",
            ),
            Wrong(1.114112, "Those are megabytes. The bytes were asked for."),
            Wrong(2228224, "Those are 8 bytes a number. PyTorch's own floats take 4."),
            Wrong(71303168, "The width counts once: an activation has B · w numbers. w · w is a layer's weights."),
        ),
        rights=(1114112.0, 17 * 64 * 256 * 4, torch.tensor(1114112), np.int64(1114112), [1114112]),
        refused=(1114111, 1114112.4, "1114112 bytes", 4456448, 69632, 1.114112),
    ),
    Exercise(
        name="memory.batch",
        difficulty="medium",
        minutes=3,
        task="From which batch do AlexNet's activations outweigh parameters, gradients and momentum together?",
        solution=141,
        why="3 · 187,058,984 / 3,998,720 = 140.3, so 140 images are too few and 141 enough.",
        hints=("Three times the parameters, divided by the bytes of one image.", "Round up: it must outweigh."),
        wrongs=(
            Wrong(47, "That outweighs the parameters alone. Gradients and momentum take as much again, each."),
            Wrong(140, "140 images are still a little lighter: 140.3 is the border, so round up."),
            Wrong(3 * 187_058_984 / 3_998_720, "There are no three tenths of an image. Round up."),
            Wrong(140.3, "There are no three tenths of an image. Round up, from the border 140.3."),
            Wrong(94, "You counted two of the three: parameters, gradients and momentum."),
            Wrong(16, "You divided by three. All three must be outweighed, so it takes three times as many images."),
        ),
        rights=(141.0, torch.tensor(141), np.int64(141), [141], -(-3 * 187_058_984 // 3_998_720)),
        refused=(142, 139, "141 images", 46, 188, 46.78, True),
    ),
    Exercise(
        name="memory.best",
        difficulty="medium",
        minutes=5,
        task="Which m makes 4m + n/m smallest for n = 100?",
        solution=5,
        why="The derivative 4 − n/m² is zero at m = √(n/4) = 5.",
        hints=("Where is the derivative with respect to m zero?", "d/dm (4m + n/m) = 4 − n/m²."),
        wrongs=(
            Wrong(10, "√n = 10 is best if keeping an input costs 1. Here it costs 4, so fewer segments are better."),
            Wrong(20, "The other way round: inputs are dear, so take fewer segments than √n, not more."),
            Wrong(40, "40 is the memory at the best m. Which m gives it?"),
            Wrong(2.5, "The 4 belongs under the root, with n. Solve 4 = n/m² for m."),
            Wrong(25, "m² = n/4 = 25. Take the root."),
            Wrong(400, "m² is n divided by 4, not times 4. And take the root."),
        ),
        rights=(5.0, torch.tensor(5), np.float64(5), (100 / 4) ** 0.5, [5]),
        refused=(4, 6, -5, 50, "m = 5", 2, True),
    ),
    Exercise(
        name="memory.price",
        difficulty="easy",
        minutes=2,
        task="Forward takes 12 ms and backward 21 ms: how long is a step with every layer checkpointed?",
        solution=45,
        why="Forward 12, forward again 12, backward 21.",
        hints=("What runs, and how often?", "Forward runs twice, backward once."),
        wrongs=(
            Wrong(33, "That is a step without checkpointing. What is run again?"),
            Wrong(66, "Only the forward sweep runs twice, not the whole step."),
            Wrong(54, "The backward sweep runs once, only the forward sweep runs twice."),
            Wrong(21, "That is the backward sweep alone."),
            Wrong(24, "That is the two forward sweeps. The backward sweep comes on top."),
            Wrong(44, "A third more is the rule where backward takes twice as long as forward. Add up these three."),
            Wrong(12, "That is what the second forward sweep adds. How long is the whole step?"),
        ),
        rights=(45.0, 12 + 12 + 21, torch.tensor(45.0), np.int64(45), [45]),
        refused=(46, 42, 0.045, "45 ms", 78, True),
    ),
    Exercise(
        name="memory.peak",
        difficulty="hard",
        minutes=8,
        task="Return how many activations are in memory at most, for segments of these lengths.",
        solution=peak,
        why="While segment j runs, j inputs are kept and as many activations as it has layers: the largest j + length.",
        hints=(
            "Segment j, counted from 1, has j inputs in memory: its own and those of the j − 1 before it.",
            "So while it runs there are j + lengths[j − 1] activations. When is that largest?",
            "max(number + length for number, length in enumerate(...)); from where must you count?",
        ),
        inputs=_cuts,
        wrongs=(
            Wrong(
                _keeping_all_inputs,
                "You keep the inputs of all segments to the end. Those of later segments are gone when a segment runs.",
            ),
            Wrong(
                _forgetting_the_own_input, "The own input of the running segment is in memory, too: count them from 1."
            ),
            Wrong(
                _at_the_longest,
                "The longest segment is not always the worst: a later one has more inputs kept beside it.",
            ),
            Wrong(
                _with_later_inputs,
                "You counted the inputs of later segments. Those are gone; the inputs of earlier ones are kept.",
            ),
            Wrong(_where, "That is where the peak is. How high is it?"),
            Wrong(_every_peak, "Those are the peaks of all segments. Return the largest."),
            Wrong(lambda lengths: sum(lengths), "That is the memory of a step that keeps everything."),
            Wrong(
                lambda lengths: max(lengths), "Those are the activations of the longest segment. Inputs are kept, too."
            ),
        ),
        rights=(_peak_going_back, _peak_by_tensors, _peak_by_arrays, _peak_by_recursion, lambda n: float(peak(n))),
        refused=(
            lambda lengths: len(lengths) + sum(lengths) / len(lengths),
            lambda lengths: 2 * sum(lengths) ** 0.5,
            lambda lengths: peak(lengths) + 1,
            lambda lengths: min(_every_peak(lengths)),
            lambda lengths: len(lengths) + lengths[-1],
            lambda lengths: 1 + lengths[0],
            lambda lengths: print(peak(lengths)),
        ),
    ),
]

"""Exercises of lesson 3, memory and recomputation."""

import torch

from helpers.exercises import Exercise, Wrong


def segment_gradient(segment, start, gradient):
    start = start.detach().requires_grad_()
    segment(start).backward(gradient)
    return start.grad


def _without_gradient(segment, start, gradient):
    return segment_gradient(segment, start, torch.ones_like(gradient))


def _of_the_mean(segment, start, gradient):
    return segment_gradient(segment, start, gradient / gradient.numel())


def _tuple(segment, start, gradient):
    return (segment_gradient(segment, start, gradient),)


def _segments():
    generator = torch.Generator().manual_seed(0)
    matrix = torch.randn(4, 4, generator=generator)
    segments = (torch.tanh, lambda x: x * x, lambda x: torch.tanh(x @ matrix) @ matrix)
    return [
        (segment, torch.randn(3, 4, generator=generator), torch.randn(3, 4, generator=generator))
        for segment in segments
    ]


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
            Wrong(278528, "That is how many numbers there are. Each takes 4 bytes."),
            Wrong(17408, "That is for one example. The batch has 64."),
            Wrong(262144, "16 · 64 · 256 numbers: the input is missing, and each number takes 4 bytes."),
        ),
        tolerance=1e-6,
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
            Wrong(140.3, "There are no three tenths of an image. Round up."),
            Wrong(94, "You counted two of the three: parameters, gradients and momentum."),
        ),
        tolerance=1e-3,
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
        ),
    ),
    Exercise(
        name="memory.price",
        difficulty="easy",
        minutes=2,
        task="Forward takes 10 ms and backward 20 ms: how long is a step with every layer checkpointed?",
        solution=40,
        why="Forward 10, forward again 10, backward 20: a third more than the 30 ms without.",
        hints=("What runs, and how often?", "Forward runs twice, backward once."),
        wrongs=(
            Wrong(30, "That is a step without checkpointing. What is run again?"),
            Wrong(60, "Only the forward sweep runs twice, not the whole step."),
            Wrong(50, "The backward sweep runs once, only the forward sweep runs twice."),
            Wrong(20, "That is the backward sweep alone."),
        ),
    ),
    Exercise(
        name="memory.segment",
        difficulty="hard",
        minutes=8,
        task="Run a segment again from its kept input and return the gradient with respect to that input.",
        solution=segment_gradient,
        why="Detaching makes a fresh leaf, the second run makes the graph, and `backward` starts from what arrived.",
        hints=(
            "Make the input a leaf of its own: start.detach().requires_grad_().",
            "Run the segment on it. Now there is a graph.",
            "Call backward(gradient) on the result and return the leaf's grad.",
        ),
        inputs=_segments,
        wrongs=(
            Wrong(_without_gradient, "You went back from 1. The chain rule starts from the gradient that arrives."),
            Wrong(
                _of_the_mean, "You averaged. The gradient that arrives already says how the loss weighs each number."
            ),
            Wrong(
                lambda segment, start, gradient: segment(start) * gradient,
                "That multiplies with the value of the segment. The chain rule needs its derivative.",
            ),
            Wrong(_tuple, "Right, but autograd.grad gives a tuple, one gradient per input. Return its first element."),
            Wrong(
                lambda segment, start, gradient: gradient,
                "That is the gradient at the output. It has not gone back through the segment yet.",
            ),
            Wrong(
                lambda segment, start, gradient: start,
                "That is the kept input. Its gradient was asked for.",
            ),
            Wrong(
                lambda segment, start, gradient: segment(start),
                "That is the output, run again. Now go back through it.",
            ),
        ),
    ),
]

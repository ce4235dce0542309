"""Every exercise of every lesson: what is right passes, what is wrong doesn't, and each mistake is met by name."""

import itertools

import pytest
import torch

from helpers import exercises
from helpers.exercises import check, every, hint, solution
from helpers.exercises.judging import matches, observe
from helpers.exercises.plain import plain
from tests.support.forms import right_functions, right_values, wrong_functions, wrong_values

EVERY = every()
WRONGS = [(exercise, wrong) for exercise in EVERY for wrong in exercise.wrongs]
each = pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.name)


def test_names_differ():
    names = [exercise.name for exercise in EVERY]
    assert len(names) == len(set(names))


@each
def test_an_exercise_says_all_that_a_learner_needs(exercise):
    assert exercise.difficulty in ("easy", "medium", "hard")
    assert exercise.minutes >= 1
    assert exercise.task
    assert exercise.why
    assert exercise.hints
    assert exercise.task in solution(exercise.name).text
    assert check(exercise.name, ...).verdict == "not tried"


@each
def test_what_is_right_passes(exercise):
    generic = right_functions(exercise) if exercise.inputs else right_values(exercise.solution)
    rights = [exercise.solution, *exercise.rights, *generic]
    refused = [
        (i, feedback) for i, feedback in enumerate(check(exercise.name, right) for right in rights) if not feedback
    ]
    assert not refused
    assert len(rights) >= 6
    assert not exercise.inputs or len(exercise.rights) >= 2, "needs two more right implementations in `rights`"


@each
def test_what_is_wrong_does_not_pass(exercise):
    generic = wrong_functions(exercise) if exercise.inputs else wrong_values(exercise.solution)
    wrongs = [*(wrong.answer for wrong in exercise.wrongs), *exercise.refused, *generic]
    passed = [i for i, wrong in enumerate(wrongs) if check(exercise.name, wrong).verdict == "right"]
    assert not passed
    assert len(wrongs) >= 8
    assert len(exercise.wrongs) >= 3, "needs three mistakes that are met by name, in `wrongs`"


@pytest.mark.parametrize(("exercise", "wrong"), WRONGS, ids=lambda value: getattr(value, "name", ""))
def test_a_mistake_meets_its_own_sentence(exercise, wrong):
    feedback = check(exercise.name, wrong.answer)
    assert feedback.verdict == "not yet"
    assert feedback.text == wrong.feedback


@each
def test_mistakes_can_be_told_apart(exercise):
    """No two of them, and none and the solution, give the same answers on the inputs."""
    answers = [exercise.solution, *(wrong.answer for wrong in exercise.wrongs)]
    names = ["the solution", *(wrong.feedback for wrong in exercise.wrongs)]
    shown = [observe(exercise, answer) for answer in answers]
    silent = [name for name, seen in zip(names, shown, strict=True) if any(one.trouble for one in seen)]
    assert not silent, "they raise, so nobody will read their sentence"
    pairs = itertools.permutations(zip(names, shown, strict=True), 2)
    assert not [{a, b} for (a, one), (b, other) in pairs if matches(exercise, one, other)]


@each
def test_a_function_is_tried_on_several_fresh_inputs(exercise):
    if exercise.inputs:
        before, spoilt = plain([_tensors(i) for i in exercise.inputs()]), exercise.inputs()
        for tensor in _tensors(spoilt):
            tensor.fill_(1)
        assert plain([_tensors(i) for i in exercise.inputs()]) == before
        outputs = [plain(exercise.solution(*inputs)) for inputs in exercise.inputs()]
        assert len(outputs) >= 3, "needs three inputs"
        assert len(set(map(str, outputs))) > 1


def _tensors(value):
    if isinstance(value, (list, tuple)):
        return [tensor for part in value for tensor in _tensors(part)]
    return [value] if isinstance(value, torch.Tensor) else []


def test_hints_come_one_by_one(monkeypatch):
    monkeypatch.setattr(exercises, "_hints_given", {})
    given = [repr(hint("sgd.steps")).count("Hint") for _ in range(3)]
    assert given == [1, 2, 2]


def test_unknown_names_are_told():
    with pytest.raises(ValueError, match=r"no exercise 'sgd.stepz'.*sgd.steps"):
        check("sgd.stepz", 1)

"""Every exercise of every lesson, and the engine that judges them."""

import pytest
import torch

from helpers import exercises
from helpers.exercises import Exercise, Wrong, check, every, hint, solution

EVERY = every()
WRONGS = [(exercise, wrong) for exercise in EVERY for wrong in exercise.wrongs]


def test_names_differ():
    names = [exercise.name for exercise in EVERY]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.name)
def test_the_solution_passes(exercise):
    assert check(exercise.name, exercise.solution).verdict == "right"


@pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.name)
def test_an_exercise_says_all_that_a_learner_needs(exercise):
    assert exercise.difficulty in ("easy", "medium", "hard")
    assert exercise.minutes >= 1
    assert exercise.task
    assert exercise.why
    assert exercise.hints
    assert exercise.wrongs, "no known wrong answer"
    assert exercise.task in solution(exercise.name).text
    assert check(exercise.name, ...).verdict == "not tried"


@pytest.mark.parametrize(("exercise", "wrong"), WRONGS, ids=lambda value: getattr(value, "name", ""))
def test_a_wrong_answer_gets_its_own_sentence(exercise, wrong):
    feedback = check(exercise.name, wrong.answer)
    assert feedback.verdict == "not yet"
    assert feedback.text == wrong.feedback


@pytest.mark.parametrize("exercise", EVERY, ids=lambda exercise: exercise.name)
@pytest.mark.parametrize("answer", ["text", float("nan"), [], {}, object(), print, torch.zeros(0), lambda: 1 / 0])
def test_no_answer_raises(exercise, answer):
    assert check(exercise.name, answer).verdict != "right"


def test_a_function_that_returns_nothing_yet_is_not_tried():
    exercise = next(exercise for exercise in EVERY if exercise.inputs)
    assert check(exercise.name, lambda *arguments: ...).verdict == "not tried"


def test_an_exception_in_the_answer_is_told():
    exercise = next(exercise for exercise in EVERY if exercise.inputs)
    feedback = check(exercise.name, lambda *arguments: 1 / 0)
    assert "ZeroDivisionError: division by zero" in feedback.text


def test_a_function_sees_several_inputs():
    exercise = next(exercise for exercise in EVERY if exercise.name == "sgd.step")
    first = exercise.solution(*exercise.inputs()[0])
    assert check("sgd.step", lambda *arguments: first).verdict == "not yet"


def test_answers_cannot_change_the_inputs_of_the_solution():
    def vandal(parameters, gradients, eta):
        gradients.zero_()
        return parameters

    assert check("sgd.step", vandal).verdict == "not yet"
    assert check("sgd.step", next(e for e in EVERY if e.name == "sgd.step").solution).verdict == "right"


def test_hints_come_one_by_one(monkeypatch):
    monkeypatch.setattr(exercises, "_hints_given", {})
    given = [repr(hint("sgd.steps")).count("Hint") for _ in range(3)]
    assert given == [1, 2, 2]


def test_unknown_names_are_told():
    with pytest.raises(ValueError, match=r"no exercise 'sgd.stepz'.*sgd.steps"):
        check("sgd.stepz", 1)


def test_values_compare_by_kind():
    task = Exercise("t.t", "easy", 1, "task", [1.0, 2.0], "why", ("hint",), (Wrong((2.0, 1.0), "swapped"),))
    assert exercises._same([(1.0, 2.0)], [task.solution], 1e-4)
    assert not exercises._same([1.0], [True], 1e-4)
    assert exercises._same([torch.tensor(469)], [469], 1e-4)

"""`check` judges whatever an answer is and does, and what it does elsewhere is undone."""

import random
from decimal import Decimal

import numpy as np
import pytest
import torch

from helpers import exercises
from helpers.exercises import Wrong


def twice(x):
    return 2 * x


def vectors():
    return [(torch.tensor([1.0, -2.0, 3.0]),), (torch.tensor([[0.5, 4.0]]),)]


class Evil:
    """Raises at whatever is done to it."""

    def __init__(self, error):
        object.__setattr__(self, "error", error)

    def _raise(self, *arguments, **options):
        raise object.__getattribute__(self, "error")

    __getattribute__ = __eq__ = __len__ = __iter__ = __repr__ = __bool__ = __str__ = __hash__ = __float__ = _raise
    __array__ = __next__ = __getitem__ = _raise


class Unprintable(Exception):
    def __str__(self):
        raise SystemExit

    __repr__ = __str__


class Liar:
    __class__ = float
    shape = property(lambda self: 1 / 0)
    tolist = 5

    def __eq__(self, other):
        return True

    __hash__ = None


class Meta(type):
    """The type itself raises, even when asked for its name."""

    def __getattr__(cls, name):
        raise RuntimeError

    __name__ = property(__getattr__)


class Odder(metaclass=Meta):
    pass


class Unnamed(Exception, metaclass=Meta):
    pass


class Endless:
    def __getitem__(self, index):
        return self

    def __iter__(self):
        while True:
            yield 1


def raising(error):
    def answer(*arguments):
        raise error

    return answer


def exits(*arguments):
    raise SystemExit(3)


def recurses(*arguments):
    return recurses(*arguments)


def endless(*arguments):
    while True:
        yield 1.0


knot = []
knot += [knot, knot]
ERRORS = [
    ValueError("x"),
    SystemExit(),
    GeneratorExit(),
    Unprintable(),
    RecursionError(),
    MemoryError(),
    StopIteration(),
]
ODD = [*map(Evil, ERRORS), Liar(), Odder(), Odder, Endless(), knot, Liar, type, NotImplemented, torch, b"", "0" * 10**6]
ODD += [1j, range(10**12), [[0.0] * 1000] * 1000, memoryview(b"1"), Decimal("sNaN"), torch.empty(2, device="meta")]
ODD += [torch.zeros(1).expand(10**12), np.broadcast_to(np.zeros(1), (10**6, 10**6)), np.array([object()])]
ODD += [np.array("2020-01-01", dtype="datetime64"), np.zeros(2, dtype=[("a", int)])]
ODD += [torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged)]


@pytest.mark.parametrize("index", range(len(ODD)))  # pytest itself would trip over them
def test_an_odd_answer_is_refused(judge, index):
    odd = ODD[index]
    assert judge(1, odd).verdict == "not yet"
    assert judge([1, 1], [odd, odd]).verdict == "not yet"
    assert judge("text", odd).verdict == "not yet"
    assert judge(twice, odd, inputs=vectors).verdict == "not yet"
    assert judge(twice, lambda x: odd, inputs=vectors).verdict == "not yet"
    assert repr(judge(twice, lambda x: [odd, 1], inputs=vectors))


@pytest.mark.parametrize(
    "error", [error for error in ERRORS if not isinstance(error, GeneratorExit)], ids=lambda error: type(error).__name__
)
def test_an_answer_that_raises_is_told(judge, error):
    feedback = judge(twice, raising(error), inputs=vectors)
    assert feedback.verdict == "not yet"
    assert f"it raised {type(error).__name__}" in feedback.text


@pytest.mark.parametrize("answer", [exits, recurses, endless])
def test_an_answer_that_never_comes_to_an_end_is_refused(judge, answer):
    assert judge(twice, answer, inputs=vectors).verdict == "not yet"


def test_even_an_error_without_a_name_is_told(judge):
    assert "it raised Unnamed" in judge(twice, raising(Unnamed()), inputs=vectors).text


def test_the_message_of_an_error_is_cut(judge):
    assert len(judge(twice, raising(ValueError("x" * 10**6)), inputs=vectors).text) < 600


def test_ctrl_c_gets_through(judge):
    """Whoever waits for an endless loop may interrupt it."""
    with pytest.raises(KeyboardInterrupt):
        judge(twice, raising(KeyboardInterrupt()), inputs=vectors)
    assert judge(twice, twice, inputs=vectors)


def test_what_an_answer_does_elsewhere_is_undone(judge):
    def vandal(x):
        exercises.judging.same = exercises.judging.matches = lambda *arguments: True
        exercises.plain.plain = exercises.plain.same = lambda *arguments: 1
        exercises.check = exercises.observe = None
        exercises.added = 1
        object.__setattr__(exercises.every()[0], "solution", 0)
        torch.manual_seed(5)
        random.seed(5)
        np.random.seed(5)
        torch.set_grad_enabled(False)
        return x.zero_()

    first, states = exercises.every()[0].solution, (random.getstate(), torch.get_rng_state())
    assert not judge(twice, 1, inputs=vectors)
    before = dict(vars(exercises))
    assert judge(twice, vandal, inputs=vectors).verdict == "not yet"
    assert {**vars(exercises), "find": before["find"]} == before
    assert exercises.every()[0].solution == first
    assert random.getstate() == states[0]
    assert torch.get_rng_state().equal(states[1])
    assert torch.is_grad_enabled()
    assert judge(twice, twice, inputs=vectors)


def test_inputs_are_fresh_for_each_call(judge):
    def views():
        x = torch.ones(3)
        return [(x,), (x[:2],), (x + 1,)]

    assert judge(twice, lambda x: x.mul_(2), inputs=views)
    assert not judge(twice, lambda x: x.mul_(4), inputs=views, wrongs=(Wrong(lambda x: x.mul_(3), "thrice"),))


def test_an_answer_sees_several_inputs(judge):
    first = twice(*vectors()[0])
    assert judge(twice, lambda x: first, inputs=vectors).verdict == "not yet"


def test_answers_may_use_gradients_where_they_are_off(judge):
    def slope(x):
        x = x.clone().requires_grad_()
        return torch.autograd.grad((x * x).sum(), x)[0]

    for mode in (torch.no_grad, torch.inference_mode):
        with mode():
            assert judge(twice, slope, inputs=vectors)


@pytest.mark.parametrize("device", ["cpu", "meta"])
def test_the_default_device_and_dtype_do_not_matter(judge, device):
    def answer(x):
        torch.set_default_dtype(torch.float64)
        return x * torch.tensor(2.0)

    with torch.device(device):
        assert judge(twice, answer, inputs=vectors)
        assert judge(twice, twice, inputs=vectors)
        assert torch.zeros(1).device.type == device
    assert torch.get_default_dtype() == torch.float32


def test_an_answer_may_print(judge, capsys):
    assert judge(twice, lambda x: print("here") or 2 * x, inputs=vectors)
    assert capsys.readouterr().out == "here\n" * 2

"""`check` judges any answer, whatever it is and does, by what it is worth; the exercises here are made up."""

import math
import random
from collections import OrderedDict
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F

from helpers import exercises
from helpers.exercises import AFFINE, Exercise, Wrong, WrongWay, calls, check, operations


@pytest.fixture
def judge(monkeypatch):
    """Judge an answer to an exercise made of a solution and further fields."""

    def judge(solution, answer, **fields):
        task = Exercise("made.up", "easy", 1, "task", solution, "why", ("hint",), **fields)
        monkeypatch.setattr(exercises, "find", lambda name: task)
        return check("made.up", answer)

    return judge


def twice(x):
    return 2 * x


def vectors():
    return [(torch.tensor([1.0, -2.0, 3.0]),), (torch.tensor([[0.5, 4.0]]),)]


def tensor_forms():
    values = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
    return [
        values,
        values.double(),
        values.bfloat16(),
        values.to_sparse(),
        values.to_sparse_csr(),
        torch.quantize_per_tensor(values, 0.5, 0, torch.qint8),
        torch.nested.nested_tensor(list(values)),
        nn.Parameter(values),
        values.requires_grad_(),
        values.to(torch.complex64),
        values.numpy(force=True),
        np.asfortranarray(values.numpy(force=True)),
        np.ma.masked_array(values.numpy(force=True)),
        list(values),
        tuple(values),
        [row.tolist() for row in values],
        [row.numpy(force=True) for row in values],
        (row for row in values.tolist()),
        map(list, values.tolist()),
        zip([1, 0], [0, 2], strict=True),
    ]


NUMBERS = [0.25, Fraction(1, 4), Decimal("0.25"), np.float64(0.25), np.float32(0.25), np.array(0.25), np.array([0.25])]
NUMBERS += [torch.tensor(0.25), torch.tensor([0.25]), torch.tensor([[0.25]]), [0.25], (0.25,), 0.25 + 0j, 0.250001]
NUMBERS += [nn.Parameter(torch.tensor(0.25)), (x for x in [0.25]), type("Mine", (float,), {})(0.25)]


@pytest.mark.parametrize("answer", NUMBERS, ids=repr)
def test_forms_of_a_number(judge, answer):
    assert judge(0.25, answer).verdict == "right"


NO_NUMBERS = [None, True, False, np.bool_(True), "0.25", "text", 0.26, -0.25, math.nan, math.inf, 25, [], {}, object()]
NO_NUMBERS += [
    (0.25, 0.25),
    [[0.25], [0.25]],
    {"x": 0.25},
    {0.25},
    b"0.25",
    1 / 4 + 1j,
    10**400,
    range(3),
    print,
    Fraction,
]
NO_NUMBERS += [
    torch.zeros(0),
    torch.tensor(True),
    torch.empty(1, device="meta"),
    torch.tensor(math.nan),
    Decimal("NaN"),
]


@pytest.mark.parametrize("answer", NO_NUMBERS, ids=repr)
def test_no_forms_of_a_number(judge, answer):
    assert judge(0.25, answer).verdict != "right"


COUNTS = [469, 469.0, np.int64(469), torch.tensor(469), torch.tensor(469.0), [469], Fraction(938, 2), 469 + 1e-9]
NO_COUNTS = [
    468,
    470,
    468.75,
    469.05,
    469.5,
    "469",
    True,
    -469,
    torch.tensor([469, 469]),
    math.nextafter(469, 0) - 0.01,
]


@pytest.mark.parametrize("answer", COUNTS, ids=repr)
def test_forms_of_a_count(judge, answer):
    assert judge(469, answer).verdict == "right"


@pytest.mark.parametrize("answer", NO_COUNTS, ids=repr)
def test_a_count_is_exact(judge, answer):
    assert judge(469, answer).verdict == "not yet"


def test_large_counts_are_exact_too(judge):
    assert judge(46_764_746, 46_764_746.0)
    assert not judge(46_764_746, 46_764_747)
    assert not judge(9216, 9216.5)


@pytest.mark.parametrize("truth", [1, 0, True, False])
@pytest.mark.parametrize("answer", [1, 0, 1.0, True, False, np.bool_(True), torch.tensor(False), [True]])
def test_a_bool_is_no_number_and_a_number_no_bool(judge, truth, answer):
    plain = answer[0] if isinstance(answer, list) else getattr(answer, "item", lambda: answer)()
    same = plain == truth and (type(plain) is bool) == (type(truth) is bool)
    assert bool(judge(truth, answer)) == same


@pytest.mark.parametrize("index", range(len(tensor_forms())))
def test_forms_of_a_matrix(judge, index):
    assert judge([[1, 0], [0, 2]], tensor_forms()[index]).verdict == "right"
    assert judge(torch.tensor([[1.0, 0.0], [0.0, 2.0]]), tensor_forms()[index]).verdict == "right"
    assert judge([[1, 0], [0, 3]], tensor_forms()[index]).verdict == "not yet"
    assert judge([[1, 0, 0, 2]], tensor_forms()[index]).verdict == "not yet"
    assert judge([[[1, 0], [0, 2]]], tensor_forms()[index]).verdict == "not yet"


@pytest.mark.parametrize("answer", [torch.Size([1, 8]), [1, 8], (1, 8), np.array([1, 8]), torch.tensor([1.0, 8.0])])
def test_forms_of_a_shape(judge, answer):
    assert judge((1, 8), answer).verdict == "right"
    assert judge((8, 1), answer).verdict == "not yet"


WORDS = [["fits", "overfits"], ("fits", "overfits"), np.array(["fits", "overfits"]), ["Fits ", " OVERFITS\n"]]


@pytest.mark.parametrize("answer", WORDS, ids=repr)
def test_forms_of_words(judge, answer):
    assert judge(["fits", "overfits"], answer).verdict == "right"
    assert judge(["overfits", "fits"], answer).verdict == "not yet"
    assert judge("overfits", answer[1]).verdict == "right"
    assert judge("overfits", [answer[1]]).verdict == "right"
    assert judge("over fits", answer[1]).verdict == "not yet"


def test_words_of_several_words_need_no_exact_spaces(judge):
    assert judge("over fits", "Over  fits")


@pytest.mark.parametrize("kind", [dict, OrderedDict])
def test_a_dict_with_the_names_of_the_parts(judge, kind):
    answer = kind(lam=4, ETA=0.002)
    assert judge((0.002, 4.0), answer, names=("eta", "lam"))
    assert not judge((0.002, 4.0), answer)
    assert not judge((0.002, 4.0), kind(lam=0.002, eta=4), names=("eta", "lam"))
    assert not judge((0.002, 4.0), kind(lam=4, eta=0.002, beta=1), names=("eta", "lam"))


def test_a_dict_where_a_dict_is_asked(judge):
    assert judge({"a": 1, "b": [2, 3]}, {"B": torch.tensor([2, 3]), "a": 1.0})
    assert not judge({"a": 1, "b": [2, 3]}, {"a": 1, "b": [2, 4]})
    assert not judge({"a": 1, "b": [2, 3]}, {"a": 1})


def test_the_tolerance_fits_the_answer(judge):
    assert judge(0.0025, 0.00250001)
    assert not judge(0.0025, 0.002501)
    assert judge(0.0025, 0.002501, tolerance=1e-3)
    assert judge((0.002, 4.0), (0.002, 4.0001))
    assert not judge((0.002, 4.0), (0.0021, 4.0))
    assert judge(141, 141.1, tolerance=1e-3)
    assert judge(0.0, 1e-17)
    assert not judge(0.0, 0.001)
    assert judge(math.inf, float("inf"))
    assert not judge(math.inf, 1e308)
    assert not judge(math.inf, -math.inf)
    assert judge(math.nan, torch.tensor(math.nan))


def test_float32_is_precise_enough(judge):
    large = torch.randn(1000, generator=torch.Generator().manual_seed(0))
    assert judge(lambda x: x.sum(), lambda x: x.flip(0).cumsum(0)[-1], inputs=lambda: [(large,)])
    assert judge(lambda x: x, lambda x: (x + 1) - 1, inputs=lambda: [(large,)])


@pytest.mark.parametrize("answer", ["8", " 8 ", "8.0", "[8]"])
def test_quotes_are_to_be_left_out_where_what_is_inside_is_right(judge, answer):
    assert "leave out the quotes" in judge(8, answer).text


@pytest.mark.parametrize(
    "answer", ["8x8", "25%", "9", "eight", "I don't know.", "", "(" * 900, "__import__('os')", "1" * 5000]
)
def test_quotes_are_not_blamed_for_the_rest(judge, answer):
    feedback = judge(8, answer)
    assert feedback.verdict == "not yet"
    assert "quotes" not in feedback.text
    assert "asks for a number, but you gave text" in feedback.text


def test_text_where_several_values_are_asked(judge):
    assert "leave out the quotes" in judge([13, 12], "[13, 12]").text
    assert "leave out the quotes" in judge([13, 12], ["13", "12"]).text
    assert "leave out the quotes" in judge(["fits", "fits"], "['fits', 'fits']").text


@pytest.mark.parametrize("answer", [..., [..., ...], (...,), lambda x: ..., lambda x: (..., ...)])
def test_dots_are_not_tried(judge, answer):
    fields = {"inputs": vectors} if callable(answer) else {}
    assert judge(twice if fields else 1, answer, **fields).verdict == "not tried"


def test_a_half_filled_answer_is_tried(judge):
    assert judge((1, 2), (1, ...)).verdict == "not yet"
    assert judge(1, []).verdict == "not yet"


def in_place(x):
    x *= 2


@pytest.mark.parametrize("answer", [in_place, print, lambda x: None])
def test_a_forgotten_return_is_told(judge, answer, capsys):
    feedback = judge(twice, answer, inputs=vectors)
    assert feedback.verdict == "not yet"
    assert "returned None: is a `return` missing?" in feedback.text


def test_a_return_forgotten_on_one_path_is_told(judge):
    feedback = judge(twice, lambda x: 2 * x if len(x) > 1 else None, inputs=vectors)
    assert "returned None" in feedback.text
    assert "4.0" in feedback.text, "the input at which it happened"


RIGHT = [
    lambda x: x + x,
    lambda x: (2 * x).tolist(),
    lambda x: (2 * x).numpy(),
    lambda x: list(2 * x),
    torch.Tensor.add_,
]
RIGHT[-1] = lambda x: x.mul_(2)


def yields(x):
    for row in x:
        yield 2 * row


class Module(nn.Module):
    def forward(self, x):
        return 2 * x


@pytest.mark.parametrize("answer", [*RIGHT, yields, Module(), lambda x: map(twice, x), lambda x, scale=2: scale * x])
def test_forms_of_a_function(judge, answer):
    assert judge(twice, answer, inputs=vectors).verdict == "right"


@pytest.mark.parametrize("answer", [1, "text", [1], torch.zeros(3), object()])
def test_a_value_where_a_function_is_asked(judge, answer):
    assert "asks for a function, but you gave" in judge(twice, answer, inputs=vectors).text


def test_tensors_can_be_demanded(judge):
    def pair(x):
        return x, 2 * x

    assert judge(pair, lambda x: [x, 2 * x], inputs=lambda: [(torch.ones(2),)])
    for answer in (lambda x: (x, [2, 2]), lambda x: torch.stack([x, 2 * x]), lambda x: (x.tolist(), 2 * x)):
        feedback = judge(pair, answer, inputs=lambda: [(torch.ones(2),)], tensors=True)
        assert feedback.verdict == "not yet"
        assert "tensors" in feedback.text
    assert judge(pair, lambda x: (x, x + x), inputs=lambda: [(torch.ones(2),)], tensors=True)


# What an answer may do to the judge


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
ODD = [
    *map(Evil, ERRORS),
    Liar(),
    Endless(),
    knot,
    Liar,
    type,
    NotImplemented,
    torch,
    b"",
    range(10**12),
    1j,
    "0" * 10**6,
]
ODD += [
    torch.zeros(1).expand(10**12),
    np.broadcast_to(np.zeros(1), (10**6, 10**6)),
    [[0.0] * 1000] * 1000,
    memoryview(b"1"),
]
ODD += [torch.nested.nested_tensor([torch.ones(2), torch.ones(3)], layout=torch.jagged), torch.empty(2, device="meta")]
ODD += [
    np.array([object()]),
    np.array("2020-01-01", dtype="datetime64"),
    np.zeros(2, dtype=[("a", int)]),
    Decimal("sNaN"),
]


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


def test_an_answer_may_print(judge, capsys):
    assert judge(twice, lambda x: print("here") or 2 * x, inputs=vectors)
    assert capsys.readouterr().out == "here\n" * 2


def test_a_named_mistake_is_told_and_others_are_described(judge):
    wrongs = (Wrong(468, "The short one too."), Wrong(lambda x: 1, "never"))
    assert judge(469, torch.tensor([468.0]), wrongs=wrongs[:1]).text == "The short one too."
    assert "asks for a number, but you gave 2 values" in judge(469, (468, 468), wrongs=wrongs[:1]).text
    assert "asks for 2 values, but you gave a number" in judge((1, 2), 1).text
    assert "values of shape (1, 2)" in judge((1, 2), [[1, 3]]).text
    assert "hint('made.up')" in judge(469, 5).text


def test_feedback_is_true_where_the_answer_is_right(judge):
    assert bool(judge(1, 1)) is True
    assert bool(judge(1, 2)) is False
    assert bool(judge(1, ...)) is False


# The way


def test_operations_are_counted_by_name():
    x = torch.tensor([1.0, -2.0])
    with operations() as ran:
        _ = torch.relu(x) + F.relu(x) + x.relu() + nn.ReLU()(x) + x.clone().relu_()
        _ = x - 1, 1 - x, x.tolist(), float(x[0]), x.shape, x % 2
    assert ran["relu"] == 5
    assert ran["tolist"] == ran["item"] == ran["remainder"] == 1
    assert set(ran) - AFFINE == {"relu", "tolist", "item", "remainder"}


def test_calls_are_counted_whatever_the_name():
    grad = torch.autograd.grad
    x = torch.ones(2, requires_grad=True)
    with calls(torch.autograd.grad, torch.autograd.backward, sorted) as made:
        grad((x * x).sum(), x)
        (x * x).sum().backward()
        sorted([1])
    assert made == {torch.autograd.grad: 1, torch.autograd.backward: 1, sorted: 1}


@contextmanager
def with_two_relus():
    with operations() as ran:
        yield
    if set(ran) - AFFINE - {"relu"}:
        raise WrongWay("Only ReLUs.")
    if ran["relu"] < 2:
        raise WrongWay("Two of them.")


def size(x):
    return torch.relu(x) + torch.relu(-x)


WAYS = {
    "Only ReLUs.": [
        abs,
        torch.abs,
        lambda x: (x * x).sqrt(),
        lambda x: size(x).abs(),
        lambda x: [abs(float(v)) for v in x[0]],
    ],
    "Two of them.": [lambda x: x * torch.tensor([1.0, -1.0])],
}
WAYS["Only ReLUs."] += [lambda x: np.abs(x.numpy()), lambda x: torch.where(x > 0, x, -x), lambda x: x.maximum(-x)]
REFUSED = [(sentence, answer) for sentence, answers in WAYS.items() for answer in answers]


@pytest.mark.parametrize(("sentence", "answer"), REFUSED)
def test_another_way_is_refused(judge, sentence, answer):
    rows = [[2.0, -3.0]]
    feedback = judge(size, answer, inputs=lambda: [(torch.tensor(rows),)], way=with_two_relus)
    assert feedback.verdict == "not yet"
    assert sentence in feedback.text


@pytest.mark.parametrize("answer", [size, lambda x: F.relu(x) + F.relu(-x), lambda x: sum(map(nn.ReLU(), (x, -x)))])
def test_the_demanded_way_passes(judge, answer):
    assert judge(size, answer, inputs=vectors, way=with_two_relus)


def test_a_mistake_is_named_before_the_way(judge):
    wrongs = (Wrong(lambda x: x.sign(), "Only the sign."),)
    assert judge(size, torch.sign, inputs=vectors, way=with_two_relus, wrongs=wrongs).text == "Only the sign."


def test_a_way_may_end_the_call_and_a_swallowed_end_counts(judge):
    @contextmanager
    def never():
        raised = []

        def forbidden(x):
            raised.append(x)
            raise WrongWay("Without it.")

        kept, torch.sort = torch.sort, forbidden
        try:
            yield
        finally:
            torch.sort = kept
        if raised:
            raise WrongWay("Without it.")

    def swallows(x):
        try:
            torch.sort(x)
        except Exception:
            return 2 * x

    assert "Without it." in judge(twice, lambda x: torch.sort(x), inputs=vectors, way=never).text
    assert "Without it." in judge(twice, swallows, inputs=vectors, way=never).text
    assert judge(twice, twice, inputs=vectors, way=never)

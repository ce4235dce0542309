"""`check` takes each natural form of an answer, tells near ones apart, and says what is known of a wrong one."""

import math
import re
from collections import OrderedDict
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import torch
from torch import nn

from helpers.exercises import Wrong


def twice(x):
    return 2 * x


def vectors():
    return [(torch.tensor([1.0, -2.0, 3.0]),), (torch.tensor([[0.5, 4.0]]),)]


VALUES = torch.tensor([[1.0, 0.0], [0.0, 2.0]])
ROWS = [[1, 0], [0, 2]]
MATRICES = {
    "float": lambda: VALUES,
    "double": lambda: VALUES.double(),
    "bfloat16": lambda: VALUES.bfloat16(),
    "sparse": lambda: VALUES.to_sparse(),
    "sparse rows": lambda: VALUES.to_sparse_csr(),
    "quantized": lambda: torch.quantize_per_tensor(VALUES, 0.5, 0, torch.qint8),
    "nested": lambda: torch.nested.nested_tensor(list(VALUES)),
    "parameter": lambda: nn.Parameter(VALUES),
    "in a graph": lambda: 1 * nn.Parameter(VALUES),
    "complex": lambda: VALUES.to(torch.complex64),
    "array": lambda: VALUES.numpy(),
    "by columns": lambda: np.asfortranarray(ROWS),
    "masked": lambda: np.ma.masked_array(ROWS),
    "objects": lambda: np.array(ROWS, dtype=object),
    "rows": lambda: list(VALUES),
    "tuple of rows": lambda: tuple(VALUES),
    "lists": lambda: ROWS,
    "arrays": lambda: [np.array(row) for row in ROWS],
    "generator": lambda: (row for row in ROWS),
    "map": lambda: map(tuple, ROWS),
    "zip": lambda: zip([1, 0], [0, 2], strict=True),
}


def told(answer):
    """Show an answer as a test's name, without its address: the workers of xdist compare names."""
    return re.sub(r" at 0x\w+", "", repr(answer))


NUMBERS = [0.25, Fraction(1, 4), Decimal("0.25"), np.float64(0.25), np.float32(0.25), np.array(0.25), np.array([0.25])]
NUMBERS += [torch.tensor(0.25), torch.tensor([0.25]), torch.tensor([[0.25]]), [0.25], (0.25,), 0.25 + 0j, 0.250001]
NUMBERS += [nn.Parameter(torch.tensor(0.25)), (x for x in [0.25]), type("Mine", (float,), {})(0.25)]


@pytest.mark.parametrize("answer", NUMBERS, ids=told)
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


@pytest.mark.parametrize("answer", NO_NUMBERS, ids=told)
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


@pytest.mark.parametrize("answer", COUNTS, ids=told)
def test_forms_of_a_count(judge, answer):
    assert judge(469, answer).verdict == "right"


@pytest.mark.parametrize("answer", NO_COUNTS, ids=told)
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


@pytest.mark.filterwarnings("ignore")  # of forms that PyTorch calls beta or is about to drop
@pytest.mark.parametrize("make", MATRICES.values(), ids=MATRICES)
def test_forms_of_a_matrix(judge, make):
    assert judge(ROWS, make()).verdict == "right"
    assert judge(VALUES, make()).verdict == "right"
    assert judge([[1, 0], [0, 3]], make()).verdict == "not yet"
    assert judge([[1, 0, 0, 2]], make()).verdict == "not yet"
    assert judge([ROWS], make()).verdict == "not yet"


class Series:
    """As in pandas, and in other libraries that PyTorch doesn't know."""

    def __init__(self, values):
        self.values = values

    def tolist(self):
        return self.values


class Frame:
    def __array__(self, dtype=None, copy=None):
        return np.array([[1, 2], [3, 4]])


def test_forms_of_other_libraries(judge):
    assert judge([1, 2], Series([1, 2]))
    assert judge(["a", "b"], Series(["a", "b"]))
    assert judge([[1, 2], [3, 4]], Frame())
    assert not judge([[1, 2], [3, 5]], Frame())


@pytest.mark.parametrize("answer", [torch.Size([1, 8]), [1, 8], (1, 8), np.array([1, 8]), torch.tensor([1.0, 8.0])])
def test_forms_of_a_shape(judge, answer):
    assert judge((1, 8), answer).verdict == "right"
    assert judge((8, 1), answer).verdict == "not yet"


WORDS = [["fits", "overfits"], ("fits", "overfits"), np.array(["fits", "overfits"]), ["Fits ", " OVERFITS\n"]]


@pytest.mark.parametrize("answer", WORDS, ids=told)
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


def test_none_as_a_value_is_told(judge):
    assert judge(1, None).verdict == judge(twice, None, inputs=vectors).verdict == "not yet"
    assert "is None" in judge(1, None).text
    assert "gave None" in judge(twice, None, inputs=vectors).text


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


def test_addresses_in_memory_are_not_told(judge):
    assert " at 0x" not in judge(lambda f: 1, lambda f: f, inputs=lambda: [(twice,)]).text

"""Whether an answer went the way that is the task: what ran while it was called.

A way is a context manager around each call of a learner's function. It raises `WrongWay` with the sentence that
the learner reads, at its end or at once. For example:

    @contextmanager
    def with_two_relus():
        with operations() as ran:
            yield
        if set(ran) - AFFINE - {"relu"}:
            raise WrongWay("Besides torch.relu only sums and products, please.")
        if ran["relu"] < 2:
            raise WrongWay("One unit is not enough.")
"""

import sys
from collections import Counter
from contextlib import contextmanager

from torch.overrides import TorchFunctionMode

from helpers.language import spoken

# What takes sums, fixed multiples and parts of tensors, or gives them another shape, and bends nothing; with what
# nn.Linear does when it is made.
# fmt: off
AFFINE = frozenset({
    "add", "addmm", "arange", "as_tensor", "atleast_1d", "bmm", "cat", "chunk", "clone", "column_stack", "concat",
    "contiguous", "copy", "detach", "diff", "dim", "div", "divide", "dot", "double", "einsum", "empty", "empty_like",
    "expand", "eye", "fill", "flatten", "flip", "float", "full", "full_like", "getitem", "hstack", "index_select",
    "inner", "is_floating_point", "iter", "kaiming_uniform", "len", "linear", "linspace", "matmul", "mean", "mm",
    "movedim", "mul", "multiply", "mv", "neg", "negative", "new_full", "new_ones", "new_tensor", "new_zeros", "numel",
    "ones", "ones_like", "outer", "permute", "radd", "ravel", "repeat", "requires_grad", "reshape", "rmatmul", "rmul",
    "rsub", "select", "set_grad_enabled", "setitem", "size", "split", "squeeze", "stack", "sub", "subtract", "sum",
    "sum_to_size", "swapaxes", "t", "tensor", "tensordot", "tile", "to", "transpose", "true_divide", "truediv", "type",
    "unbind", "uniform", "unsqueeze", "view", "vstack", "zeros", "zeros_like",
})
# fmt: on


_LEAVES_TORCH = ("__bool__", "__int__", "__index__", "__float__", "__complex__")


class WrongWay(Exception):
    """The answer may be right, but the way to it is not the one that was asked for."""


class _Recorder(TorchFunctionMode):
    def __init__(self):
        super().__init__()
        self.ran = Counter()

    def __torch_function__(self, func, types, args=(), kwargs=None):
        name = getattr(func, "__name__", str(func))
        if name != "__get__":  # of an attribute, such as x.shape
            self.ran["item" if name in _LEAVES_TORCH else name.strip("_")] += 1
        return func(*args, **(kwargs or {}))


@contextmanager
def operations():
    """Yield a Counter of the torch operations that run, by name.

    `torch.relu(x)`, `F.relu(x)`, `x.relu()`, `x.relu_()` and `nn.ReLU()(x)` all count as "relu", `x - 1` as "sub",
    and what leaves torch as "item", "tolist" or "numpy". Reading an attribute, such as `x.shape`, counts as nothing.
    """
    with _Recorder() as recorder:
        yield recorder.ran


@contextmanager
def calls(*functions):
    """Yield a Counter of how often each of the functions is called, whatever name it is called by.

    Args:
        functions: Python functions, such as `torch.autograd.grad`, or built-in ones.
    """
    made = Counter()
    by_code = {getattr(function, "__code__", function): function for function in functions}

    def record(frame, event, called):
        code = frame.f_code if event == "call" else called
        if event in ("call", "c_call") and code in by_code:
            made[by_code[code]] += 1

    before = sys.getprofile()
    sys.setprofile(record)
    try:
        yield made
    finally:
        sys.setprofile(before)


@contextmanager
def by_relus():
    """Demand ReLUs, and nothing else that bends: a way for exercises."""
    with operations() as ran:
        yield
    others = sorted(set(ran) - AFFINE - {"relu"})
    if others:
        without = spoken("Sums, fixed multiples and torch.relu are all you need: do it without {others}.")
        raise WrongWay(without.format(others=", ".join(others)))
    if not ran["relu"]:
        raise WrongWay("Where are the ReLUs? The task is to bend a line with them.")

"""The device and number format to compute in here, from what the hardware can do."""

import contextlib
import os
from dataclasses import dataclass

import torch
from torch.nn.parameter import UninitializedParameter

from helpers.language import spoken


@dataclass(frozen=True)
class Hardware:
    """A device with the number format and memory layout that are fast on it.

    Attributes:
        device: where parameters and batches live.
        dtype: torch.bfloat16 (mixed precision by autocast) or torch.float32 (no autocast).
    """

    device: torch.device
    dtype: torch.dtype

    def autocast(self):
        """Return a context in which matrix products run in `dtype`; parameters stay float32."""
        if self.dtype == torch.float32:
            return contextlib.nullcontext()
        return torch.autocast(self.device.type, dtype=self.dtype)

    def place(self, model):
        """Move a model to the device, with channels-last 2-D convolution weights, which are faster (not so on MPS).

        Raises:
            ValueError: a lazy layer doesn't know its size yet.
        """
        model.to(self.device)
        for name, parameter in model.named_parameters():
            if isinstance(parameter, UninitializedParameter):
                told = spoken("{name} has no size yet: call model(inputs) once, before you make the optimizer")
                raise ValueError(told.format(name=name))
            if parameter.dim() == 4 and self.device.type != "mps":
                # Not .contiguous(), which leaves the strides of a single channel, and its convolution slow.
                parameter.data = parameter.data.to(memory_format=torch.channels_last)
        return model

    def move(self, tensor):
        """Move a tensor to the device, without waiting for the copy where the device allows it."""
        return tensor.to(self.device, non_blocking=self.device.type == "cuda")

    def __str__(self):
        return f"{self.device} in {str(self.dtype).removeprefix('torch.')}"


def pick(device=None, dtype=None):
    """Choose the fastest device here and a number format that the hardware computes natively.

    Args:
        device: "cuda", "mps", "cpu", a torch.device, or None to take the first of these that exists. Of several
            GPUs each process of a torchrun takes its own.
        dtype: torch.float32, torch.bfloat16, or None for bfloat16 where the hardware has instructions for it.

    Raises:
        ValueError: the device does not exist here, the dtype is neither of the two, or there are more processes
            than GPUs.
    """
    device = torch.device(device or best_device())
    if device.type not in available_devices():
        told = spoken("device {name} is not available here; use one of {names}")
        raise ValueError(told.format(name=repr(str(device)), names=available_devices()))
    if device == torch.device("cuda") and "LOCAL_RANK" in os.environ:
        device = torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        gpus = torch.cuda.device_count()
        told = spoken("there is no GPU {i} among {gpus}: torchrun can start {gpus} processes here")
        raise ValueError(told.format(i=device.index, gpus=gpus))
    if dtype is None:
        dtype = torch.bfloat16 if computes_bfloat16(device) else torch.float32
    if dtype not in (torch.float32, torch.bfloat16):
        raise ValueError(spoken("dtype must be torch.float32 or torch.bfloat16, got {this}").format(this=dtype))
    return Hardware(device, dtype)


def available_devices():
    """List the device types that can compute here, fastest first."""
    return [
        name
        for name, exists in (
            ("cuda", torch.cuda.is_available()),
            ("mps", torch.backends.mps.is_available()),
            ("cpu", True),
        )
        if exists
    ]


def best_device():
    """Name the fastest device type here."""
    return available_devices()[0]


def computes_bfloat16(device):
    """Tell whether the device has bfloat16 instructions: without them the format is emulated and slow."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    if device.type != "cpu" or not torch.backends.cpu.get_cpu_capability().startswith("AVX512"):
        return False
    # PyTorch has no public query for these two instruction sets, hence the guard against a renaming.
    queries = (getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"))
    return any(query is not None and query() for query in queries)

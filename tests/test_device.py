"""What to compute on: the choice, its override, its errors."""

import pytest
import torch

from helpers import device, models


def test_the_default_exists_here():
    hardware = device.pick()
    assert hardware.device.type == device.available_devices()[0]
    assert str(hardware) in (f"{hardware.device} in float32", f"{hardware.device} in bfloat16")


def test_arguments_override():
    hardware = device.pick("cpu", torch.bfloat16)
    assert str(hardware) == "cpu in bfloat16"
    with hardware.autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.bfloat16
    with device.pick("cpu", torch.float32).autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32


def test_convolutions_are_placed_channels_last():
    net = device.pick("cpu").place(models.alexnet(65, width=1 / 16))
    assert net[3].weight.is_contiguous(memory_format=torch.channels_last)


def test_bfloat16_is_chosen_only_where_the_hardware_has_it(monkeypatch):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX512")
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False, raising=False)
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: False, raising=False)
    assert device.pick("cpu").dtype == torch.float32
    monkeypatch.setattr(torch.cpu, "_is_avx512_bf16_supported", lambda: True, raising=False)
    assert device.pick("cpu").dtype == torch.bfloat16
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: "AVX2")
    assert device.pick("cpu").dtype == torch.float32


def test_wrong_arguments_are_quoted(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ValueError, match="'cuda' is not available here; use one of"):
        device.pick("cuda")
    with pytest.raises(ValueError, match=r"float32 or torch\.bfloat16, got torch\.float16"):
        device.pick("cpu", torch.float16)


def test_placed_convolutions_lie_as_torch_would_lay_them():
    ours, theirs = (torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.Conv2d(4, 4, 3)) for _ in range(2))
    device.pick("cpu").place(ours)
    theirs.to(memory_format=torch.channels_last)
    assert [p.stride() for p in ours.parameters()] == [p.stride() for p in theirs.parameters()]

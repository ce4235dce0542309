"""Training on several processes: torchrun starts them, each gets a part of every batch, and they agree on the rest.

The loader hands out the parts (loader.py), DistributedDataParallel averages the gradients, and metrics are summed.
Two processes with equal parts so take the steps that one would, but for rounding. Other than on one are batch norm
(each process normalises its part), a loss that weighs its classes (each divides by the weights in its part), and the
random numbers of dropout and mirroring. Without torchrun each function gives back what it is given.
"""

import atexit
import os

import torch
import torch.distributed as dist
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import BatchSampler, RandomSampler, SequentialSampler

from helpers.language import spoken


def world_size():
    """Count the processes of the run."""
    return int(os.environ.get("WORLD_SIZE", 1))


def rank():
    """Return the number of this process among them, from 0."""
    return int(os.environ["RANK"]) if world_size() > 1 else 0


def replicate(model, batches=None):
    """Return the model to train: on several processes one that starts everywhere as on rank 0 and averages gradients.

    The others' global random numbers are seeded anew, since dropout must not drop the same units in every part.

    Args:
        model: on its device.
        batches: how many this process has in an epoch, None if unknown.

    Raises:
        ValueError: the processes have different numbers of batches; the one with more would wait for ever.
    """
    if not _join():
        return model
    counts = all_gather(batches)
    if len(set(counts)) > 1:
        told = spoken("the processes have {counts} batches, and need equally many: set drop_last in data.loader")
        raise ValueError(told.format(counts=counts))
    if rank() > 0:
        torch.manual_seed(torch.initial_seed() + rank())
    return DistributedDataParallel(model)


def require_parts(loader):
    """Raise ValueError if a DataLoader would give every process all examples, as it does unless told otherwise."""
    if world_size() == 1 or type(getattr(loader, "batch_sampler", None)) is not BatchSampler:
        return
    if isinstance(loader.sampler, RandomSampler | SequentialSampler):
        told = spoken(
            "each of the {n} processes would train on all examples: take data.loader of this course, or "
            "give the DataLoader a DistributedSampler"
        )
        raise ValueError(told.format(n=world_size()))


def broadcast_buffers(model):
    """Give a model the buffers of rank 0, such as batch norm's running means, which each process sees otherwise."""
    if _join():
        for buffer in model.buffers():
            dist.broadcast(buffer, src=0)


def all_reduce(*values):
    """Return the sums over all processes, of numbers or tensors with one element, as floats."""
    total = torch.tensor([float(value) for value in values], dtype=torch.float64)
    if _join():
        dist.all_reduce(total)
    return total.tolist()


def broadcast(value):
    """Return what rank 0 gives."""
    values = [value]
    if _join():
        dist.broadcast_object_list(values, src=0)
    return values[0]


def all_gather(value):
    """Return the list of what each process gives."""
    values = [value] * world_size()
    if _join():
        dist.all_gather_object(values, value)
    return values


def _join():
    """Join the process group, once; return whether there are others in it."""
    if world_size() == 1:
        return False
    if not dist.is_initialized():
        # gloo carries what lies on the CPU, and NCCL, where there are GPUs, the gradients
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        dist.init_process_group("cpu:gloo,cuda:nccl" if torch.cuda.is_available() else "gloo")
        atexit.register(_leave)
    return True


def _leave():
    if dist.is_initialized():
        dist.destroy_process_group()

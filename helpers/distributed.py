"""One training run on several processes, started by `torchrun`, or on one: both have the same methods.

Every process takes the same batches in the same order and computes on its share of each, so that together
they do what a single process would do. DistributedDataParallel averages their gradients.
"""

import atexit
import os

import torch
import torch.distributed as dist


class Alone:
    """The team of a single process: nothing to share and nobody to wait for."""

    rank, size = 0, 1

    def wrap(self, model):
        """Return the model to train: its gradients are those of the whole team."""
        return model

    def share(self, inputs, targets):
        """Return (inputs, targets, own): this process's part of a batch and how many of it are its own."""
        return inputs, targets, len(targets)

    def weigh(self, loss, own, examples):
        """Weigh the mean loss of a share so that the mean over the team is the mean over all examples."""
        return loss

    def sum(self, *values):
        """Return the sums over the team of numbers or tensors with one element, as floats."""
        return [float(value) for value in values]

    def gather(self, state):
        """Return the list of what each process gives."""
        return [state]

    def first(self, state=None):
        """Return what the first process gives."""
        return state

    def part_ways(self):
        """Give each process random numbers of its own."""

    def print(self, *words):
        """Print once for the whole team."""
        print(*words)


ALONE = Alone()


class Team(Alone):
    """The processes of a torchrun. All of them must call its methods, in the same order."""

    def __init__(self, device):
        self.rank, self.size = dist.get_rank(), dist.get_world_size()
        self._device = device

    def wrap(self, model):
        devices = [torch.cuda.current_device()] if self._device.type == "cuda" else None
        return torch.nn.parallel.DistributedDataParallel(model, device_ids=devices)

    def share(self, inputs, targets):
        own = len(targets[self.rank :: self.size])
        if own == 0:  # the others wait for this process's gradients, so it computes some, which weigh nothing
            return inputs[:1], targets[:1], 0
        return inputs[self.rank :: self.size], targets[self.rank :: self.size], own

    def weigh(self, loss, own, examples):
        return loss * (own * self.size / examples)

    def sum(self, *values):
        total = torch.tensor([float(value) for value in values], dtype=torch.float64, device=self._device)
        dist.all_reduce(total)
        return total.tolist()

    def gather(self, state):
        states = [None] * self.size
        dist.all_gather_object(states, state)
        return states

    def first(self, state=None):
        states = [state]
        dist.broadcast_object_list(states, src=0)
        return states[0]

    def part_ways(self):
        # With equal random numbers, dropout would drop the same units of every share.
        if self.rank > 0:
            torch.manual_seed(int(torch.randint(2**62, ())) + self.rank)

    def print(self, *words):
        if self.rank == 0:
            print(*words, flush=True)


def join(device):
    """Return the Team that torchrun started this process for, ALONE without torchrun.

    Args:
        device: a torch.device. On "cuda" each process takes the GPU of its local rank.

    Raises:
        ValueError: the machine has fewer GPUs than processes.
    """
    if "RANK" not in os.environ or os.environ.get("WORLD_SIZE", "1") == "1":
        return ALONE
    if device.type == "cuda":
        _take_gpu(int(os.environ["LOCAL_RANK"]), torch.cuda.device_count())
    if not dist.is_initialized():
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
        atexit.register(_leave)
    return Team(device)


def _take_gpu(local_rank, gpus):
    if local_rank >= gpus:
        raise ValueError(f"process {local_rank} of this machine has no GPU: start at most {gpus} (--nproc-per-node)")
    torch.cuda.set_device(local_rank)


def _leave():
    if dist.is_initialized():
        dist.destroy_process_group()

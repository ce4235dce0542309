"""The loader: each example once, shared by processes, and a place that can be taken up again."""

import pytest
import torch
from torch.utils.data import TensorDataset, random_split

from helpers import data


class Numbers(TensorDataset):
    """The numbers below n, twice, that note which were read."""

    def __init__(self, n=10):
        super().__init__(torch.arange(n), torch.arange(n))
        self.read = []

    def __getitem__(self, index):
        self.read += index
        return super().__getitem__(index)


def walk(loader):
    return [inputs.tolist() for inputs, _ in loader]


def test_it_takes_each_example_once_and_reshuffles():
    loader = data.loader(Numbers(), 4, shuffle=True)
    first, second = walk(loader), walk(loader)
    assert len(loader) == 3
    assert sorted(sum(first, [])) == list(range(10))
    assert first != second
    assert walk(data.loader(Numbers(), 4, shuffle=True)) == first
    assert walk(data.loader(Numbers(), 4, shuffle=True, seed=1)) not in (first, second)


def test_it_takes_a_split():
    parts = random_split(Numbers(), [6, 4], torch.Generator().manual_seed(0))
    walks = [sum(walk(data.loader(part, 4, shuffle=True)), []) for part in parts]
    assert [len(numbers) for numbers in walks] == [6, 4]
    assert sorted(sum(walks, [])) == list(range(10))


def test_it_leaves_the_global_generator_alone():
    before = torch.get_rng_state()
    walk(data.loader(Numbers(), 4, shuffle=True))
    assert torch.equal(before, torch.get_rng_state())


def test_it_drops_a_short_last_batch_only_when_asked():
    assert [len(batch) for batch in walk(data.loader(Numbers(), 4))] == [4, 4, 2]
    assert [len(batch) for batch in walk(data.loader(Numbers(), 4, drop_last=True))] == [4, 4]
    with pytest.raises(ValueError, match="batch_size must be at least 1, got 0"):
        data.loader(Numbers(), 0)


def test_an_epoch_left_early_is_not_gone_on_with():
    loader, whole = (data.loader(Numbers(), 4, shuffle=True) for _ in range(2))
    assert [next(iter(loader))[0].tolist() for _ in range(3)] == [walk(whole)[0] for _ in range(3)]
    assert walk(loader) == walk(whole)


@pytest.mark.parametrize("batches", range(7))
def test_from_its_state_another_goes_on_with_the_next_batch(batches):
    loader, rest = data.loader(Numbers(), 4, shuffle=True), []
    steps = (batch for _ in range(3) for batch in loader)
    for _ in range(batches):
        next(steps)
    state = loader.state_dict()
    rest = [inputs.tolist() for inputs, _ in steps]
    again = data.loader(Numbers(), 4, shuffle=True)
    again.load_state_dict(state)
    assert [batch for _ in range(4) for batch in walk(again)][: 9 - batches] == rest


def test_a_state_after_the_last_batch_leaves_nothing_of_the_epoch():
    loader, again = data.loader(Numbers(), 4), data.loader(Numbers(), 4)
    steps = iter(loader)
    for _ in range(3):
        next(steps)
    again.load_state_dict(loader.state_dict())
    assert walk(again) == []
    assert len(walk(again)) == 3


def parts(world_size, n=10, batch_size=6, **options):
    sets = [Numbers(n) for _ in range(world_size)]
    return sets, [
        data.loader(dataset, batch_size, rank=rank, world_size=world_size, **options)
        for rank, dataset in enumerate(sets)
    ]


@pytest.mark.parametrize("world_size", [2, 3])
def test_processes_share_each_batch_and_read_only_their_part(world_size):
    sets, loaders = parts(world_size, n=20, shuffle=True)
    shares = [walk(loader) for loader in loaders]
    whole = walk(data.loader(Numbers(20), 6, shuffle=True, drop_last=True))
    assert len(whole) == 3  # the short batch of 2 is dropped
    for batch, *its_parts in zip(whole, *shares, strict=True):
        assert its_parts == [batch[rank::world_size] for rank in range(world_size)]
    for dataset, share in zip(sets, shares, strict=True):
        assert dataset.read == sum(share, [])


@pytest.mark.parametrize("n", range(1, 14))
def test_in_testing_processes_see_each_example_exactly_once(n):
    _, loaders = parts(3, n=n)
    shares = [walk(loader) for loader in loaders]
    assert sorted(sum((sum(share, []) for share in shares), [])) == list(range(n))
    assert [len(share) for share in shares] == [len(loader) for loader in loaders]
    assert all(batch for share in shares for batch in share)


def test_a_batch_that_cannot_be_shared_is_told():
    with pytest.raises(ValueError, match="batch_size must be a multiple of the number of processes, 4, got 6"):
        parts(4)


def test_torchrun_s_environment_is_the_default(monkeypatch):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert walk(data.loader(Numbers(), 4)) == [[1, 3], [5, 7], [9]]

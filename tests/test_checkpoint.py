"""A run that was killed, interrupted or moved ends with the bits of one that was not; only its own file is touched."""

import functools
import itertools
import multiprocessing
import os
import random
import signal
import stat
import sys
import threading
import time

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, TensorDataset

from helpers import data, recipes, training
from helpers.checkpoint import Checkpoint, CheckpointError
from helpers.storage import Storage
from tests.support.runs import CPU, Run, assert_same_bits, dataset, fork_server, result

KILLS = 20

pytestmark = pytest.mark.usefixtures("ctrl_c")


def mirrored_run():
    """Return a run on small images, mirrored and with dropout."""
    images = torch.randint(256, (300, 1, 8, 8), generator=torch.Generator().manual_seed(0)).byte()
    loader = data.loader(TensorDataset(images, images[:, 0, 0, 0].long() // 86), 7, shuffle=True)
    run = Run(loader, epochs=6)
    layers = nn.Flatten(), nn.Linear(64, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3)
    run.model = nn.Sequential(data.Preprocess(8, flip=True), *layers)
    run.optimizer = torch.optim.SGD(run.model.parameters(), lr=0.1, momentum=0.9)
    run.scheduler = torch.optim.lr_scheduler.OneCycleLR(run.optimizer, 0.1, total_steps=6 * len(run.loader))
    return run


def run_in_child(started, path, output):
    """Run to the end in a process of its own, which somebody may kill."""
    torch.set_num_threads(1)
    run = mirrored_run()
    run.test_loader = run.loader
    started.set()
    history = training.fit(
        run.model,
        run.loader,
        run.optimizer,
        epochs=6,
        scheduler=run.scheduler,
        hardware=CPU,
        checkpoint=Checkpoint(path, seconds=0.005),
    )
    torch.save(result(run, history), output)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
def test_killed_at_random_moments_a_run_ends_with_the_same_bits(tmp_path):
    context = fork_server()
    moments = random.Random(0)

    def start(path, output):
        started = context.Event()
        child = context.Process(target=run_in_child, args=(started, path, output))
        child.start()
        assert started.wait(60)
        return child

    unbroken, begin = start(None, tmp_path / "unbroken"), time.monotonic()
    unbroken.join(60)
    pause = (time.monotonic() - begin) / KILLS  # so that the kills fall into the whole of a run, however fast this is
    kills = 0
    for _ in range(KILLS):
        child = start(tmp_path / "run", tmp_path / "killed")
        time.sleep(moments.uniform(0, 1.5 * pause))
        child.kill()
        child.join(60)
        kills += child.exitcode == -signal.SIGKILL
    last = start(tmp_path / "run", tmp_path / "killed")
    last.join(60)
    assert last.exitcode == unbroken.exitcode == 0
    assert kills > KILLS / 2  # the run may be over before the last ones
    assert_same_bits(torch.load(tmp_path / "killed"), torch.load(tmp_path / "unbroken"))


class Interrupting(DataLoader):
    """A loader during whose batches Ctrl+C is pressed: at the numbers given, counted over all passes."""

    _at, _presses, _fetched = (), 1, 0

    def __iter__(self):
        for batch in super().__iter__():
            self._fetched += 1
            if self._fetched in self._at:
                for _ in range(self._presses):
                    signal.raise_signal(signal.SIGINT)
            yield batch


class OwnInterrupting:
    """The same with the course's loader, which knows where it is."""

    def __init__(self, at=()):
        self._loader, self._at, self._fetched = data.loader(Noisy(*dataset(40).tensors), 7, shuffle=True), at, 0
        self.state_dict, self.load_state_dict = self._loader.state_dict, self._loader.load_state_dict

    def __len__(self):
        return len(self._loader)

    def __iter__(self):
        for batch in self._loader:
            self._fetched += 1
            if self._fetched in self._at:
                signal.raise_signal(signal.SIGINT)
            yield batch


class Noisy(TensorDataset):
    """Draws from all three global generators for each batch or example."""

    def __getitem__(self, index):
        inputs, target = super().__getitem__(index)
        return inputs + torch.rand(4) + random.random() + np.random.random(), target


def seeded(loader):
    random.seed(0)
    np.random.seed(0)
    return Run(loader, epochs=3)


def unbroken(make_loader):
    run = seeded(make_loader())
    return result(run, run.fit())


# In the middle of a pass, in its last batch, in the first of the next.
@pytest.mark.parametrize("at", [3, 6, 7])
def test_interrupted_it_goes_on_after_the_same_batch_with_the_same_bits(at, tmp_path):
    expected = unbroken(OwnInterrupting)
    first = seeded(OwnInterrupting((at,)))
    history = first.fit(tmp_path / "run", seconds=1000)
    assert history.interrupted
    assert first.scheduler.last_epoch == at  # the step was not cut short
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    second = seeded(OwnInterrupting())
    torch.manual_seed(99)
    history = second.fit(tmp_path / "run")
    assert not history.interrupted
    assert second.loader._fetched == 18 - at
    assert_same_bits(result(second, history), expected)


PLAIN = {"shuffled": {"shuffle": True}, "workers": {"shuffle": True, "num_workers": 1}}


@pytest.mark.parametrize("kind", PLAIN)
def test_a_plain_loader_goes_on_at_the_start_of_its_epoch_with_the_same_bits(kind, tmp_path):
    def make_loader():
        return Interrupting(Noisy(*dataset(40).tensors), 7, **PLAIN[kind])

    expected = unbroken(make_loader)
    first = seeded(make_loader())
    first.loader._at = (9,)
    assert first.fit(tmp_path / "run", seconds=0).interrupted
    second = seeded(make_loader())
    torch.manual_seed(99)
    history = second.fit(tmp_path / "run")
    assert second.loader._fetched == 12
    assert_same_bits(result(second, history), expected)


def test_torchdata_s_loader_goes_on_after_the_same_batch(tmp_path):
    stateful = pytest.importorskip("torchdata.stateful_dataloader")

    class Interrupting(stateful.StatefulDataLoader):
        _at, _fetched = 0, 0

        def __iter__(self):
            for batch in super().__iter__():
                self._fetched += 1
                if self._fetched == self._at:
                    signal.raise_signal(signal.SIGINT)
                yield batch

    def new_run():
        torch.manual_seed(0)
        return Run(Interrupting(dataset(40), 7, shuffle=True), p=0)  # no dropout, see checkpoint.py

    expected = new_run()
    expected = result(expected, expected.fit())
    first = new_run()
    first.loader._at = 9
    assert first.fit(tmp_path / "run", seconds=1000).interrupted
    second = new_run()
    again = result(second, second.fit(tmp_path / "run"))
    assert second.loader._fetched == 9
    assert_same_bits(again | {"random": expected["random"]}, expected)


def test_ctrl_c_twice_stops_at_once_and_saves_nothing(tmp_path):
    run = Run(Interrupting(dataset(40), 10))
    run.loader._at, run.loader._presses = (3,), 2
    assert run.fit(tmp_path / "run", seconds=1000).interrupted
    assert run.scheduler.last_epoch == 2
    assert torch.load(tmp_path / "run")["scheduler"]["last_epoch"] == 0


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for groups")
@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_ctrl_c_that_also_ends_the_loader_s_workers_is_an_interruption(method, tmp_path):
    run = Run(epochs=1)
    context = multiprocessing.get_context(method)

    class Killed(DataLoader):
        def __iter__(self):
            for number, batch in enumerate(super().__iter__()):
                if number == 3:
                    signal.raise_signal(signal.SIGINT)
                    for child in multiprocessing.active_children():
                        os.kill(child.pid, signal.SIGKILL)
                yield batch

    run.loader = Killed(dataset(), 7, num_workers=1, prefetch_factor=1, multiprocessing_context=context)
    assert run.fit(tmp_path / "run").interrupted


@pytest.mark.parametrize("error", [RuntimeError("exited unexpectedly"), FileNotFoundError(), ConnectionResetError()])
def test_what_a_loader_says_when_its_workers_are_gone_is_an_interruption(error, tmp_path):
    class Dying(Interrupting):
        def __iter__(self):
            yield from itertools.islice(super().__iter__(), 3)
            if self._at:
                signal.raise_signal(signal.SIGINT)
            raise error

    run = Run(Dying(dataset(40), 7))
    run.loader._at = (99,)
    assert run.fit(tmp_path / "run").interrupted
    run = Run(Dying(dataset(40), 7))
    with pytest.raises(type(error)):
        run.fit()


def test_a_finished_run_has_nothing_left_to_do(tmp_path, capsys):
    run = Run()
    expected = result(run, run.fit(tmp_path / "run", seconds=1000))
    content = (tmp_path / "run").read_bytes()
    again = Run()
    assert_same_bits(result(again, again.fit(tmp_path / "run")), expected)
    assert "after 3 epochs" in capsys.readouterr().out
    assert (tmp_path / "run").read_bytes() == content
    assert os.listdir(tmp_path) == ["run"]


def test_the_same_objects_go_on_as_in_a_cell_run_twice(tmp_path):
    run = Run(OwnInterrupting((9,)))
    assert run.fit(tmp_path / "run").interrupted
    assert run.scheduler.last_epoch == 9
    assert not run.fit(tmp_path / "run").interrupted
    assert run.scheduler.last_epoch == 18


def test_one_checkpoint_object_serves_twice(tmp_path):
    saved = Checkpoint(tmp_path / "run", {"name": "a"})
    for _ in range(2):
        run = Run(epochs=1)
        training.fit(run.model, run.loader, run.optimizer, scheduler=run.scheduler, hardware=CPU, checkpoint=saved)
    assert run.scheduler.last_epoch == len(run.loader)


def spoil(content, how):
    middle = len(content) // 2
    return {
        "cut": content[:middle],
        "empty": b"",
        "text": b"not a checkpoint",
        "longer": content + b"more",
    }[how]


@pytest.mark.parametrize("how", ["cut", "empty", "text", "longer"])
def test_a_damaged_file_is_told_and_left_as_it_is(how, tmp_path):
    path = tmp_path / "run"
    Run(epochs=1).fit(path, seconds=1000)
    path.write_bytes(spoil(path.read_bytes(), how))
    assert_refused(path, Run(epochs=1), "is damaged or no checkpoint of this course .*: move it away, or give another")


def test_every_flipped_bit_is_told(tmp_path):
    """Among them bit 4 of a record's attributes in the zip directory: it makes a folder of the record."""
    path = tmp_path / "run"
    Run(epochs=1).fit(path, seconds=1000)
    content = bytearray(path.read_bytes())
    bits = random.Random(0).sample(range(8 * len(content)), 300)
    bits += [8 * (at + 38) + 4 for at in range(len(content)) if content[at : at + 4] == b"PK\1\2"]
    for bit in bits:
        content[bit // 8] ^= 1 << bit % 8
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match="is damaged"):
            Storage(path).read()
        content[bit // 8] ^= 1 << bit % 8


class Hostile:
    """Would run a command of its choice when an ordinary pickle is read."""

    def __reduce__(self):
        return os.system, ("exit 1",)


@pytest.mark.parametrize("content", [{"weights": torch.ones(3)}, torch.ones(3), Hostile()])
def test_a_foreign_file_is_told_and_left_as_it_is(content, tmp_path):
    torch.save(content, tmp_path / "run")
    assert_refused(tmp_path / "run", Run(), "is damaged or no checkpoint of this course")


def another(**changes):
    return lambda: (Run(**changes), {})


OTHERS = {
    "epochs is 3, not 4": another(epochs=4),
    "model.0.out_features is 16, not 8": another(width=8),
    "optimizer.lr is 0.1, not 0.2": another(lr=0.2),
    "optimizer.weight_decay is 0.0, not 0.01": another(decay=0.01),
    "model.3.p is 0.5, not 0.1": another(p=0.1),
    "loader.seed is 0, not 5": another(seed=5),
    "loader.batch_size is 7, not 10": another(loader=data.loader(dataset(), 10, shuffle=True)),
    "loader.num_examples is 300, not 294": another(loader=data.loader(dataset(294), 7, shuffle=True)),
    "loader.shuffle is true, not false": another(loader=data.loader(dataset(), 7)),
    "loss_function is cross_entropy, not CrossEntropyLoss": lambda: (Run(), {"loss_function": nn.CrossEntropyLoss()}),
    "loss_function is cross_entropy, not partial": lambda: (
        Run(),
        {"loss_function": functools.partial(F.cross_entropy, label_smoothing=0.1)},
    ),
    "size is 65, not 80": lambda: (Run(), {"settings": {"size": 80, "name": "a"}}),
    'name is "a", not "b"': lambda: (Run(), {"settings": {"size": 65, "name": "b"}}),
}


@pytest.mark.parametrize("difference", OTHERS)
def test_the_file_of_another_run_is_told_and_left_as_it_is(difference, tmp_path):
    given = {"size": 65, "name": "a"}
    Run().fit(tmp_path / "run", seconds=1000, settings=given)
    run, options = OTHERS[difference]()
    message = f"was saved by another run, where {difference}: give the settings of that run"
    assert_refused(tmp_path / "run", run, message, **{"settings": given} | options)


def test_other_class_weights_or_another_schedule_are_told(tmp_path):
    def fit(weights, gamma):
        run = Run(epochs=1)
        run.scheduler = torch.optim.lr_scheduler.StepLR(run.optimizer, 10, gamma)
        run.fit(tmp_path / "run", loss_function=nn.CrossEntropyLoss(torch.tensor(weights)))

    fit([1.0, 2.0, 3.0], 0.5)
    with pytest.raises(CheckpointError, match=r"loss_function.weight is \[1.0, 2.0, 3.0\], not \[1.0, 1.0, 1.0\]"):
        fit([1.0, 1.0, 1.0], 0.5)
    with pytest.raises(CheckpointError, match=r"scheduler.gamma is 0.5, not 0.9"):
        fit([1.0, 2.0, 3.0], 0.9)


def test_no_number_of_the_recipe_may_change(tmp_path):
    Run(epochs=1).fit(tmp_path / "run", settings=recipes.FAST)
    for name in recipes.FAST.keys() - {"epochs"}:  # which `fit` has seen for itself, see above
        value = recipes.FAST[name]
        with pytest.raises(CheckpointError, match=f"where {name} is {value}, not {2 * value + 1}: give"):
            Run(epochs=1).fit(tmp_path / "run", settings=recipes.FAST | {name: 2 * value + 1})


def assert_refused(path, run, message, **options):
    before, weights = path.read_bytes(), run.model[0].weight.clone()
    with pytest.raises(CheckpointError, match=message) as caught:
        run.fit(path, **options)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before
    assert torch.equal(run.model[0].weight, weights)
    assert os.listdir(path.parent) == [path.name]


def test_plain_torch_load_opens_it(tmp_path):
    run = Run(epochs=1)
    run.fit(tmp_path / "run", settings={"size": 65})
    content = torch.load(tmp_path / "run")
    assert set(content) == {"settings", "model", "optimizer", "scheduler", "ranks"}
    assert set(content["ranks"][0]) == {"loader", "recorder", "random"}
    assert content["settings"]["size"] == "65"
    assert torch.equal(content["model"]["0.weight"], run.model[0].weight)


def test_a_path_that_cannot_be_written_is_told_before_training(tmp_path):
    run = Run()
    with pytest.raises(CheckpointError, match=r"run cannot be written \(.*No such file.*\): give a path"):
        run.fit(tmp_path / "missing" / "run")
    assert run.scheduler.last_epoch == 0


def test_a_state_that_could_not_be_loaded_is_told_before_training(tmp_path):
    run = Run()
    run.scheduler.strange = np.float64(0.1)
    with pytest.raises(CheckpointError, match="could not be read again: let the states of loader, optimizer and sche"):
        run.fit(tmp_path / "run")
    assert os.listdir(tmp_path) == []


@pytest.mark.skipif(os.name != "posix", reason="POSIX has such files")
@pytest.mark.parametrize("kind", ["/dev/zero", "/dev/random", "/dev/null", "pipe", "folder", "link to a pipe"])
def test_what_is_no_file_is_told_at_once(kind, tmp_path):
    path = tmp_path / "it" if kind[0] != "/" else kind
    if kind == "folder":
        path.mkdir()
    if "pipe" in kind:
        os.mkfifo(tmp_path / "pipe")
        path = tmp_path / "pipe"
    if "link" in kind:
        (tmp_path / "link").symlink_to(path)
        path = tmp_path / "link"
    with pytest.raises(CheckpointError, match="is no ordinary file: give the path of one, or of none yet"):
        Run().fit(path)


def test_a_link_stays_a_link_and_a_mode_stays(tmp_path):
    (tmp_path / "shelf").mkdir()
    target, link = tmp_path / "shelf" / "target", tmp_path / "link"
    link.symlink_to(target)
    Run(epochs=1).fit(link)
    assert link.is_symlink()
    assert target.is_file()
    target.chmod(0o600)
    target_before = target.stat().st_ino
    Run(epochs=1).fit(link)  # nothing to do
    storage_of = Storage(link)
    storage_of.write(storage_of.read())
    assert target.stat().st_ino != target_before
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_a_relative_path_is_relative_to_where_the_run_started(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Run(epochs=1).fit("run")
    assert os.listdir(tmp_path) == ["run"]


def test_of_two_runs_on_one_file_one_is_told_and_the_other_ends(tmp_path):
    """The second begins while the first is at work; they then take turns at the file."""
    first, second = Storage(tmp_path / "run"), Storage(tmp_path / "run")
    assert first.read() is None
    first.write({"step": 1})
    assert second.read() == {"step": 1}
    first.write({"step": 2})
    with pytest.raises(CheckpointError, match="was written by another program.* perhaps by a second run on the same"):
        second.write({"step": 2})
    first.write({"step": 3})
    assert Storage(tmp_path / "run").read() == {"step": 3}
    assert os.listdir(tmp_path) == ["run"]


def test_two_runs_that_start_at_once_on_one_file_leave_a_whole_file(tmp_path):
    told, barrier = [], threading.Barrier(2)

    def start(number):
        mine = Storage(tmp_path / "run")
        mine.read()
        barrier.wait()
        try:
            for step in range(30):
                mine.write({"run": number, "step": step})
        except CheckpointError as error:
            told.append(str(error))

    threads = [threading.Thread(target=start, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 1
    assert "was written by another program" in told[0]
    assert Storage(tmp_path / "run").read()["step"] == 29
    assert os.listdir(tmp_path) == ["run"]


def test_who_reads_while_a_run_writes_finds_a_whole_file(tmp_path):
    writer, numbers = Storage(tmp_path / "run"), torch.arange(300_000)
    writer.write({"numbers": numbers})
    thread = threading.Thread(target=lambda: [writer.write({"numbers": numbers}) for _ in range(30)])
    thread.start()
    while thread.is_alive():
        assert torch.equal(Storage(tmp_path / "run").read()["numbers"], numbers)


def test_what_a_killed_run_left_goes_and_what_another_writes_stays(tmp_path):
    for name, age in {"run.0.part": 1000, "run.1.part": 0, "other.0.part": 1000}.items():
        (tmp_path / name).write_bytes(b"draft")
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    Storage(tmp_path / "run").write({})
    assert sorted(os.listdir(tmp_path)) == ["other.0.part", "run", "run.1.part"]


def test_without_a_path_nothing_is_done():
    checkpoint = Checkpoint(None)
    checkpoint.resume(None, None, None, None, None)
    checkpoint.save_if_due()
    checkpoint.save(epoch_ended=True)

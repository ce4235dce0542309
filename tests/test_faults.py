"""Faults on purpose: each ends in one sentence with the remedy, and leaves nothing half-written.

Those of course.py are in test_course_faults.py.
"""

import gzip
import hashlib
import math
import os
import shutil
import socket
import struct
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from torchvision.datasets import FashionMNIST

from helpers import cli, data
from helpers.checkpoint import CheckpointError
from tests.support import runs
from tests.support.faults import FULL, Tmpfs, assert_sentence, contents, deny_writing, unprivileged

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the faults are made by means of POSIX")
RAW = Path("FashionMNIST", "raw")
UNPACKED = [name.removesuffix(".gz") for name in data.ARCHIVES]
EXAMPLES = 5000


@pytest.fixture
def archives(place, monkeypatch):
    """A data folder of its own, with small archives, and an empty cache beside it; return where the archives are."""
    raw = place / "data" / RAW
    raw.mkdir(parents=True)
    for name in data.ARCHIVES:
        shape = (EXAMPLES, 28, 28) if "images" in name else (EXAMPLES,)
        header = struct.pack(f">{1 + len(shape)}I", 0x800 + len(shape), *shape)
        content = bytes(range(10)) * (math.prod(shape) // 10)
        (raw / name).write_bytes(gzip.compress(header + content, compresslevel=1))
    sums = {name: hashlib.md5((raw / name).read_bytes()).hexdigest() for name in data.ARCHIVES}
    monkeypatch.setattr(data, "ARCHIVES", sums)
    monkeypatch.setenv("COURSE_DATA", str(place / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(place / "cache"))
    return raw


def cut(path):
    path.write_bytes(path.read_bytes()[:-100])


def flip_a_bit(path):
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty(path):
    path.write_bytes(b"")


def replace(path):
    path.write_bytes(gzip.compress(b"something else"))


def remove(path):
    path.unlink()


def make_unreadable(path):
    path.chmod(0)


def make_a_folder(path):
    path.unlink()
    path.mkdir()


DAMAGE = {
    cut: "is damaged: its md5 sum should be",
    flip_a_bit: "is damaged: its md5 sum should be",
    empty: "is damaged: its md5 sum should be",
    replace: "is damaged: its md5 sum should be",
    remove: "cannot be read (No such file",
    make_unreadable: "cannot be read (Permission denied)",
    make_a_folder: "cannot be read (Is a directory)",
}


@pytest.mark.parametrize("name", data.ARCHIVES)
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_archive_is_named_with_the_remedy(name, damage, archives, place, capsys):
    damage(archives / name)
    before = contents(place)
    with unprivileged():
        for use in (data.verify, data.torchvision_folder, lambda: data.fashion_mnist(name.startswith("train"))):
            with pytest.raises(data.DataError) as raised:
                use()
            assert_sentence(str(raised.value), archives / name, DAMAGE[damage], "git checkout -- data", "COURSE_DATA")
        assert cli.main(["check"]) == 1
    assert f"missing: {raised.value}\n" in capsys.readouterr().out
    assert contents(place) == before


@pytest.mark.parametrize("name", data.ARCHIVES)
def test_training_with_a_damaged_archive_ends_in_one_sentence(name, archives, capsys):
    flip_a_bit(archives / name)
    assert cli.main(["train", "--size", "65", "--width", "0.0625", "--examples", "128"]) == 1
    assert_sentence(capsys.readouterr().err, "error: ", archives / name, data.ARCHIVES[name], "git checkout -- data")


def assert_torchvision_reads(root):
    for train in (True, False):
        theirs, ours = FashionMNIST(root, train=train, download=True), data.fashion_mnist(train).tensors
        assert theirs.data.equal(ours[0][:, 0])
        assert theirs.targets.equal(ours[1])
    assert sorted(path.name for path in (root / RAW).iterdir() if path.suffix != ".gz") == sorted(UNPACKED)


def test_torchvision_needs_no_network(archives, place, monkeypatch):
    monkeypatch.setattr(socket, "socket", lambda *_, **__: pytest.fail("asked the network"))
    root = data.torchvision_folder()
    assert root == place / "data"
    before = contents(place)
    assert_torchvision_reads(root)
    assert contents(place) == before


@pytest.mark.parametrize("damage", [cut, flip_a_bit, empty, remove])
def test_what_an_interruption_left_unpacked_is_mended(damage, archives):
    root = data.torchvision_folder()
    (archives / f"part-{UNPACKED[0]}").write_bytes(bytes(50_000_000))  # as a killed process leaves it
    for name in UNPACKED:
        damage(archives / name)
    assert data.torchvision_folder() == root
    assert_torchvision_reads(root)


def test_an_interruption_leaves_nothing_half_unpacked(archives, place, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    before = contents(place)
    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        data.torchvision_folder()
    assert contents(place) == before


def test_several_may_unpack_at_once(archives, place):
    for _ in range(10):
        for name in UNPACKED:
            (archives / name).unlink(missing_ok=True)
        with ThreadPoolExecutor(4) as pool:
            roots = [pool.submit(data.torchvision_folder) for _ in range(4)]
        assert {root.result() for root in roots} == {place / "data"}
        assert sorted(path.name for path in archives.iterdir()) == sorted([*data.ARCHIVES, *UNPACKED])
    assert_torchvision_reads(place / "data")


@pytest.fixture
def full(disk, archives, monkeypatch):
    """A disk with the data folder, too full to unpack there."""
    shutil.copytree(archives.parent.parent, disk.folder / "data")
    monkeypatch.setenv("COURSE_DATA", str(disk.folder / "data"))
    disk.leave(1_000_000)
    return disk


@pytest.mark.parametrize("disk", [Tmpfs], indirect=True)  # a quota is for the cache, too
def test_a_full_data_disk_makes_torchvision_read_the_cache(full, place):
    root = data.torchvision_folder()
    assert root == place / "cache" / "cnn-course"
    assert_torchvision_reads(root)


def test_without_room_anywhere_to_unpack_the_remedy_is_told(full, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(full.folder / "cache"))
    before = contents(full.folder)
    with pytest.raises(data.DataError) as raised:
        data.torchvision_folder()
    assert_sentence(str(raised.value), full.folder / "data", full.folder / "cache", "make room for 55 MB")
    assert len(data.fashion_mnist()) == EXAMPLES  # the course itself writes nothing
    after = contents(full.folder)
    assert not any(path.name in UNPACKED[:1] or path.name.startswith("part-") for path in after)
    assert before.items() <= after.items()


def test_a_read_only_data_folder_will_do(archives, place):
    (place / "cache").mkdir()
    (place / "cache").chmod(0o777)
    deny_writing(place / "data")
    before = contents(place / "data")
    with unprivileged():
        assert len(data.fashion_mnist(train=False)) == EXAMPLES
        root = data.torchvision_folder()
    assert root == place / "cache" / "cnn-course"
    assert_torchvision_reads(root)
    assert contents(place / "data") == before


@pytest.mark.parametrize("home", [None, "", "relative"])
def test_a_user_without_a_home_unpacks_among_temporary_files(home, archives, place, monkeypatch):
    deny_writing(place / "data")
    (place / "tmp").mkdir(mode=0o777)
    (place / "tmp").chmod(0o777)
    monkeypatch.chdir(place / "tmp")
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # as for a user whom the system does not know
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(place / "tmp"))
    monkeypatch.delenv("XDG_CACHE_HOME")
    if home is not None:
        monkeypatch.setenv("XDG_CACHE_HOME", home)
    with unprivileged():
        assert data.torchvision_folder() == place / "tmp" / "cnn-course"
    assert [path.name for path in (place / "tmp").iterdir()] == ["cnn-course"]


def test_without_the_right_to_unpack_anywhere_the_remedy_is_told(archives, place):
    deny_writing(place)
    before = contents(place)
    with unprivileged(), pytest.raises(data.DataError) as raised:
        data.torchvision_folder()
    assert_sentence(str(raised.value), place / "data", place / "cache", "Permission denied", "set XDG_CACHE_HOME")
    assert contents(place) == before


class Run(runs.Run):
    """A run whose file grows: the first one has no momentum yet."""

    def __init__(self):
        super().__init__(width=2000)


def test_a_disk_too_full_for_the_first_checkpoint_is_told_before_training(disk):
    disk.leave(20_000)
    before, run = contents(disk.folder), Run()
    with pytest.raises(CheckpointError) as raised:
        run.fit(disk.folder / "run")
    assert_sentence(str(raised.value), disk.folder / "run", FULL[type(disk)], "give a path that can, with room")
    assert run.scheduler.last_epoch == 0
    assert contents(disk.folder) == before


def test_a_disk_that_fills_up_later_leaves_the_last_checkpoint_to_go_on_from(disk, place):
    unbroken = Run()
    expected = runs.result(unbroken, unbroken.fit(place / "unbroken", seconds=1000))
    disk.leave((place / "unbroken").stat().st_size - 20_000)
    before = contents(disk.folder)
    with pytest.raises(CheckpointError, match=FULL[type(disk)]):
        Run().fit(disk.folder / "run", seconds=1000)
    assert contents(disk.folder).keys() - before.keys() == {disk.folder / "run"}
    disk.leave(None)
    again = Run()
    runs.assert_same_bits(runs.result(again, again.fit(disk.folder / "run")), expected)


def test_a_read_only_disk_cannot_hold_a_checkpoint(disk):
    disk.deny_writing()
    with pytest.raises(CheckpointError) as raised:
        Run().fit(disk.folder / "run")
    assert_sentence(str(raised.value), disk.folder / "run", "cannot be written", "give a path that can")
    assert contents(disk.folder) == {}


@pytest.mark.parametrize("mode", [0o555, 0o444, 0])
def test_a_checkpoint_in_a_folder_of_others_is_told(mode, place):
    (place / "theirs").mkdir()
    (place / "theirs").chmod(mode)
    run = Run()  # before Python itself may be out of reach
    with unprivileged(), pytest.raises(CheckpointError) as raised:
        run.fit(place / "theirs" / "run")
    assert_sentence(str(raised.value), place / "theirs" / "run", "Permission denied", "give a path that can")
    assert contents(place / "theirs") == {}

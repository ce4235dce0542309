"""What the benchmarks share: what they ran on, and the file of their results, `results.json` beside this one."""

import datetime
import json
import os
import platform
from pathlib import Path

import torch

FILE = Path(__file__).parent / "results.json"


def machine(hardware):
    """Say in words what a benchmark ran on.

    Args:
        hardware: the device.Hardware that it used.
    """
    name = torch.cuda.get_device_name() if hardware.device.type == "cuda" else processor()
    number_format = str(hardware.dtype).removeprefix("torch.")
    return f"{name}, {cores()} cores, {number_format}, torch {torch.__version__}, Python {platform.python_version()}"


def processor():
    """Return the name of the processor, as far as the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def cores():
    """Count the cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def busy():
    """Return the load of the last minute before the benchmark, in processes, or None where there is no such count."""
    return round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None


def save(benchmark, line, **details):
    """Append a result with the date, print its line, and return the entry.

    Args:
        benchmark: name of the script.
        line: the result in one line, which says what it ran on.
        details: numbers, texts, and lists and dictionaries of them.
    """
    entries = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []
    date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    entry = {"benchmark": benchmark, "date": date, "line": line, **details}
    draft = FILE.with_suffix(".tmp")
    draft.write_text(json.dumps([*entries, entry], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(FILE)
    print(line)
    return entry

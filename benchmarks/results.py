"""What the benchmarks share: what they ran on, and the file of their results, `results.json` beside this one."""

import argparse
import datetime
import json
import os
import platform
from pathlib import Path

import torch

FILE = Path(__file__).parent / "results.json"


def parser(documentation):
    """Return a parser with the options that all benchmarks have."""
    new = argparse.ArgumentParser(description=documentation, formatter_class=argparse.RawDescriptionHelpFormatter)
    new.add_argument("--dry", action="store_true", help="print the line, but leave results.json as it is")
    new.add_argument("--remark", help="a sentence to keep with the result, such as what stands in the way of a goal")
    return new


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


def save(benchmark, line, options, **details):
    """Print a result's line and, unless the options say `dry`, append the result with the date.

    Args:
        benchmark: name of the script.
        line: the result in one line, which says what it ran on.
        options: what the script's parser gave.
        details: numbers, texts, and lists and dictionaries of them.
    """
    print(line)
    if options.dry:
        return
    entries = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else []
    date = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    entry = {"benchmark": benchmark, "date": date, "line": line, "options": vars(options), **details}
    draft = FILE.with_suffix(".tmp")
    draft.write_text(json.dumps([*entries, entry], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(FILE)

"""Runs a program as `__main__` and writes what it used beyond its imports.

usage: run.py PROGRAM REPORT MODULE...

The modules are imported before the clock starts: both forms of a program import the same libraries, and seconds
of imports would hide what the forms differ in.
"""

import importlib
import json
import os
import resource
import runpy
import sys
import time
import warnings

program, report, *modules = sys.argv[1:]


def memory(key):
    """Bytes of a line of /proc/self/status; none where there is no such file."""
    try:
        with open("/proc/self/status") as lines:
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(key))
    except (OSError, StopIteration):
        return None


def cpu():
    """Seconds of all threads, and of the children that have ended."""
    usages = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


for module in modules:
    importlib.import_module(module)

told = []
shown = warnings.showwarning


def note(message, category, filename, lineno, file=None, line=None):
    """Warnings that the program's own lines cause, of things that will go."""
    outdated = (DeprecationWarning, PendingDeprecationWarning, FutureWarning)
    if filename == program and issubclass(category, outdated):
        told.append(f"{category.__name__}: {str(message).splitlines()[0]}")
    shown(message, category, filename, lineno, file, line)


warnings.simplefilter("default")
warnings.showwarning = note

try:  # the peak so far is that of the imports
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
except OSError:
    pass
before = memory("VmRSS:")
cpu_start, start = cpu(), time.perf_counter()
sys.argv = [program]
sys.path[0] = os.path.dirname(program)
runpy.run_path(program, run_name="__main__")
used = {"wall": time.perf_counter() - start, "cpu": cpu() - cpu_start}
peak = memory("VmHWM:")
if before and peak:
    used["memory"] = max(0, peak - before)
with open(report, "w") as out:
    json.dump({"used": used, "warnings": sorted(set(told))}, out)

"""Runs programs as `__main__`, each in a process of its own, and writes what each used beyond its imports.

usage: run.py MODULE...

The modules are imported once; then each line on standard input, a JSON object, is a run: a fork of this process, in
which nothing has run but imports. Both forms of a program import the same libraries, and seconds of imports would
hide what the forms differ in. Answers with one line for each run: {"status": exit status, or -signal}.
"""

import importlib
import json
import os
import resource
import runpy
import signal
import sys
import time
import warnings

import energy


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


def run(job):
    """The program, in a process that is its own."""
    os.chdir(job["folder"])
    for descriptor, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, job["stdout"], os.O_WRONLY | os.O_CREAT),
        (2, job["stderr"], os.O_WRONLY | os.O_CREAT),
    ):
        os.dup2(os.open(path, flags), descriptor)
    program, told = job["program"], []
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
    counters, cpu_start, start = energy.read(), cpu(), time.perf_counter()
    sys.argv = [program]
    sys.path[0] = os.path.dirname(program)
    runpy.run_path(program, run_name="__main__")
    used = {"wall": time.perf_counter() - start, "cpu": cpu() - cpu_start}
    joules = energy.joules(counters, energy.read())
    if joules is not None:
        used["joules"] = joules
    peak = memory("VmHWM:")
    if before and peak:
        used["memory"] = max(0, peak - before)
    with open(job["report"], "w") as out:
        json.dump({"used": used, "warnings": sorted(set(told))}, out)


def status_of(process, seconds):
    """Waits for the process, and kills it and what it started when its time is over."""
    end = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(process, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            os.killpg(process, signal.SIGKILL)
            end += seconds
        time.sleep(0.02)


for module in sys.argv[1:]:
    importlib.import_module(module)
print(json.dumps({"status": "ready"}), flush=True)
for line in sys.stdin:
    job = json.loads(line)
    process = os.fork()
    if process == 0:
        os.setpgid(0, 0)
        run(job)
        break
    print(json.dumps({"status": status_of(process, job["seconds"])}), flush=True)

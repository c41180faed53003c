"""Joules that the machine's counters have counted: Intel's and AMD's processor packages, NVIDIA's GPUs.

They count for the whole machine. What does not count, or is not to be read, adds nothing; without any counter there
is no figure.
"""

import ctypes
import glob
import os


def packages():
    """By name: microjoules so far of each processor package, and where its counter starts anew.

    Linux powercap, https://docs.kernel.org/power/powercap/powercap.html; only root may read it on most machines.
    """
    found = {}
    folder = os.environ.get("FRUGAL_POWERCAP", "/sys/class/powercap")
    for path in sorted(glob.glob(os.path.join(folder, "intel-rapl:[0-9]*"))):
        if os.path.basename(path).count(":") > 1:
            continue  # a part of a package, which has counted it
        try:
            with open(os.path.join(path, "energy_uj")) as now, open(os.path.join(path, "max_energy_range_uj")) as top:
                found[path] = int(now.read()), int(top.read())
        except (OSError, ValueError):
            pass
    return found


def gpus():
    """Millijoules so far of each GPU that counts them (Volta and later); none where the program may see no GPU.

    nvmlDeviceGetTotalEnergyConsumption, https://docs.nvidia.com/deploy/nvml-api/.
    """
    if os.environ.get("CUDA_VISIBLE_DEVICES") == "":
        return []
    try:
        nvml = ctypes.CDLL(os.environ.get("FRUGAL_NVML", "libnvidia-ml.so.1"))
        count = ctypes.c_uint()
        if nvml.nvmlInit_v2() or nvml.nvmlDeviceGetCount_v2(ctypes.byref(count)):
            return []
        found = []
        for index in range(count.value):
            device, energy = ctypes.c_void_p(), ctypes.c_ulonglong()
            if nvml.nvmlDeviceGetHandleByIndex_v2(index, ctypes.byref(device)):
                continue
            if not nvml.nvmlDeviceGetTotalEnergyConsumption(device, ctypes.byref(energy)):
                found.append(energy.value)
        return found
    except (OSError, AttributeError):
        return []


def read():
    """The counters as they stand."""
    return packages(), gpus()


def joules(before, after):
    """Between two readings; None where nothing counts."""
    (cpu_before, gpu_before), (cpu_after, gpu_after) = before, after
    used = []
    for path, (start, top) in cpu_before.items():
        if path in cpu_after:
            end = cpu_after[path][0]
            used.append((end - start if end >= start else end + top - start) / 1e6)
    if len(gpu_before) == len(gpu_after):
        used += [(end - start) / 1e3 for start, end in zip(gpu_before, gpu_after)]
    return sum(used) if used else None

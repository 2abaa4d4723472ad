"""What the figures were measured on: without that they say nothing."""

import os
import pathlib
import platform
import re
import subprocess


def describe():
    """What the machine is, and how busy it was when the run began."""
    return {
        "processor": _processor(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", "unknown"),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def versions(commit_of):
    """What was compared."""
    return {
        "cmdctl": _output("git", "-C", commit_of, "describe", "--always", "--dirty"),
        "crun": _output("crun", "--version").splitlines()[0],
    }


def sentence(machine):
    """The same in one line."""
    return (
        f"{machine['processors']} × {machine['processor']}, {machine['memory_gib']} GiB, "
        f"Linux {machine['kernel']}, {machine['system']}, load {machine['load'][0]}")


def _processor():
    match = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    return match.group(1) if match else platform.machine()


def _output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

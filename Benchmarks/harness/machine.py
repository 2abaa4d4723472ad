"""What the figures were measured on, and what was compared: without that they say nothing."""

import os
import pathlib
import platform
import re
import subprocess

# Of the peers and of the libraries, as Debian calls them.
_PACKAGES = {
    "grpc-go": "golang-google-grpc-dev",
    "go": "golang-go",
    "gRPC C++": "libgrpc++-dev",
    "nghttp2": "libnghttp2-14",
    "nghttpd": "nghttp2-server",
    "h2load": "nghttp2-client",
    "OpenSSL": "libssl3",
    "glibc": "libc6",
    "crun": "crun",
}
# When the versions of upstream that Debian 12 has were released.
_YEARS = {"grpc-go": 2020, "gRPC C++": 2022}


def describe():
    """What the machine is, and how busy it was when the run began."""
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30, 1),
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", "unknown"),
        "load": [round(load, 1) for load in os.getloadavg()],
    }


def available_bytes():
    """How much memory could be taken without taking it from anybody."""
    text = pathlib.Path("/proc/meminfo").read_text()
    return int(re.search(r"^MemAvailable:\s*(\d+) kB$", text, re.M).group(1)) * 1024


def versions(commit_of):
    """What was compared; what is not installed is not there."""
    found = {"cmdctl": _output("git", "-C", commit_of, "describe", "--always", "--dirty")}
    for name, package in _PACKAGES.items():
        version = _output("dpkg-query", "--show", "--showformat", "${Version}", package)
        if version:
            year = f" ({_YEARS[name]})" if name in _YEARS else ""
            found[name] = version + year
    return found


def sentence(machine):
    """The machine in one line."""
    return (
        f"{machine['processors']} × {machine['processor']}, {machine['memory_gib']} GiB, "
        f"Linux {machine['kernel']}, {machine['system']}, load {machine['load'][0]}")


def _processor():
    match = re.search(r"^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    return match.group(1) if match else platform.machine()


def _output(*command):
    """Nothing if the program is not there, or fails."""
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return ""

"""What a running job takes of the memory, beside its command."""

import os
import pathlib
import re
import statistics


def weigh(daemon):
    """Of the shims of a daemon, all whose jobs run: KiB by kind, the mean of all jobs.

    RssAnon counts a page once for each process that has it, Pss_Anon by its share: the first process
    of a job is a fork of its shim.
    """
    jobs = [_weigh_job(shim) for shim in _children(daemon)]
    return {kind: statistics.fmean(job[kind] for job in jobs) for kind in jobs[0]}


def _weigh_job(shim):
    first, = _children(shim)
    return {
        "RssAnon of shim and first process": _field(shim, "status", "RssAnon")
        + _field(first, "status", "RssAnon"),
        "the same by shares (Pss_Anon)": _field(shim, "smaps_rollup", "Pss_Anon")
        + _field(first, "smaps_rollup", "Pss_Anon"),
        "files in its root": _root_size(first)}


def _children(pid):
    words = [
        word for task in pathlib.Path(f"/proc/{pid}/task").iterdir()
        for word in (task / "children").read_text().split()]
    return [int(word) for word in words]


def _field(pid, file, name):
    text = pathlib.Path(f"/proc/{pid}/{file}").read_text()
    return int(re.search(rf"^{name}:\s*(\d+) kB$", text, re.M).group(1))


def _root_size(pid):
    """Of the file system in memory that holds all of a job's own files."""
    status = os.statvfs(f"/proc/{pid}/root")
    return (status.f_blocks - status.f_bfree) * status.f_frsize / 1024

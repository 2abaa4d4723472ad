"""What a running job takes of the memory, beside its command."""

import os
import pathlib
import re
import statistics

import accounting


def weigh(daemon):
    """Of the shims of a daemon, all whose jobs run: KiB by kind, the mean of all jobs.

    RssAnon counts a page once for each process that has it, Pss_Anon by its share: the first
    process of a job is a fork of its shim.
    """
    jobs = [
        _weigh_job(process) for process in accounting.children(daemon)
        if not _is_nursery(process)]
    return {kind: statistics.fmean(job[kind] for job in jobs) for kind in jobs[0]}


def _is_nursery(process):
    """Whether it is what shims are forked from, and no shim."""
    return accounting.arguments(process)[0] == "cmdctl-nursery"


def _weigh_job(shim):
    first, = accounting.children(shim)
    return {
        "RssAnon of shim and first process":
            sum(accounting.status_field(pid, "RssAnon") for pid in (shim, first)),
        "the same by shares (Pss_Anon)": _share(shim) + _share(first),
        "files in its root": _root_size(first)}


def _share(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Pss_Anon:\s*(\d+) kB$", text, re.M).group(1))


def _root_size(pid):
    """Of the file system in memory that holds all of a job's own files."""
    status = os.statvfs(f"/proc/{pid}/root")
    return (status.f_blocks - status.f_bfree) * status.f_frsize / 1024

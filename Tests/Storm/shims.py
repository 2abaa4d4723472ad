"""The shims there are, by what /proc tells of them."""

import os
import pathlib
import select
import signal


def shims():
    """The process of each living shim, by its job. The first process in a job's namespaces is a
    fork of its shim and bears the same arguments; the shim is the parent of it."""
    found = {}
    for process in pathlib.Path("/proc").iterdir():
        if process.name.isdigit() and (job := _job(process)):
            found[int(process.name)] = (job, _parent(process))
    return {job: pid for pid, (job, parent) in found.items()
            if found.get(parent, (None, 0))[0] != job}


def kill_shim(pid):
    """Kills one; answers whether it was there to be killed."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    try:
        signal.pidfd_send_signal(handle, signal.SIGKILL)
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        return bool(waiting.poll(60_000))
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)


def await_an_end(pids, seconds):
    """Waits until one of these processes ends, or so long."""
    waiting = select.poll()
    handles = []
    for pid in pids:
        try:
            handles.append(os.pidfd_open(pid))
        except ProcessLookupError:
            seconds = 0
    for handle in handles:
        waiting.register(handle, select.POLLIN)
    waiting.poll(seconds * 1000)
    for handle in handles:
        os.close(handle)


def _job(process):
    try:
        words = (process / "cmdline").read_bytes().split(b"\0")
        # A zombie has no words any more.
        if len(words) > 1 and words[0].endswith(b"cmdctl-shim"):
            return words[1].decode()
    except OSError:
        pass
    return None


def _parent(process):
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0

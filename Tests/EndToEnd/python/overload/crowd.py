"""Crowds of followers, and what they cost a daemon."""

import os
import pathlib
import signal
import subprocess
import sys
import time

FOLLOWERS = pathlib.Path(__file__).with_name("followers.py")


class Crowd:
    """Followers of one job in a process of their own; see followers.py."""

    def __init__(self, server, job, count):
        self._process = subprocess.Popen(
            [sys.executable, FOLLOWERS, str(server.port), server.pki, job.id, str(count)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._expect("attached")

    def leave(self, way):
        """All of them leave: `cancel`, `reset`, or `die`, which nobody is told of."""
        if way == "die":
            self._process.send_signal(signal.SIGSTOP)
        else:
            print(way, file=self._process.stdin, flush=True)
            self._expect("gone")

    def close(self):
        """Ends the process, as a dead peer when it was one."""
        self._process.kill()
        self._process.communicate()

    def _expect(self, word):
        line = self._process.stdout.readline()
        if line != word + "\n":
            raise AssertionError(f"{line!r} instead of {word}")


class Usage:
    """What a daemon holds at this moment."""

    def __init__(self, process):
        directory = pathlib.Path(f"/proc/{process}/fd")
        targets = [descriptor_target(entry) for entry in directory.iterdir()]
        self.descriptors = sum(target != "" for target in targets)
        self.sockets = sum(target.startswith("socket:") for target in targets)
        status = pathlib.Path(f"/proc/{process}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        self.anonymous_bytes = int(fields["RssAnon"].split()[0]) * 1024

    def __str__(self):
        return f"{self.descriptors} descriptors, {self.anonymous_bytes // 1024} KiB"


def descriptor_target(entry):
    """What a descriptor refers to; empty if it was closed meanwhile."""
    try:
        return os.readlink(entry)
    except FileNotFoundError:
        return ""


def usage_at_rest(process, attached, before):
    """What the daemon holds when a crowd has left, and most of its memory was given back."""
    mostly_back = (attached.anonymous_bytes + before.anonymous_bytes) // 2
    deadline = time.monotonic() + 60
    last, equal = usage_with_sockets(process, before.sockets), 0
    # The daemon gives memory back when nobody has left for a second.
    while equal < 4:
        time.sleep(0.5)
        usage = Usage(process)
        is_equal = usage.anonymous_bytes == last.anonymous_bytes <= mostly_back
        equal = equal + 1 if is_equal else 0
        if time.monotonic() > deadline:
            raise AssertionError(f"{usage}, after {attached} with the crowd")
        last = usage
    return last


def usage_with_sockets(process, count, patience=60):
    """What the daemon holds once it has no more than so many sockets."""
    deadline = time.monotonic() + patience
    while True:
        usage = Usage(process)
        if usage.sockets <= count:
            return usage
        if time.monotonic() > deadline:
            raise AssertionError(f"{usage.sockets} sockets, where {count} were to be left")
        # procfs tells nobody of changes: it has to be asked.
        time.sleep(0.02)

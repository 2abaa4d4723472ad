"""What the kernel has noted of processes: processor time, memory, what waits in their sockets."""

import dataclasses
import os
import pathlib
import re
import time

_TICK = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass(frozen=True)
class Usage:
    """Processor seconds of a server, and of it with all that it has started."""

    server: float
    with_children: float

    def __sub__(self, earlier):
        return Usage(self.server - earlier.server, self.with_children - earlier.with_children)


@dataclasses.dataclass(frozen=True)
class Memory:
    """What a server has of its own (RssAnon), and what is in its TCP queues, in KiB."""

    anonymous: float
    queues: float

    def __sub__(self, earlier):
        return Memory(self.anonymous - earlier.anonymous, self.queues - earlier.queues)

    def most(self, other):
        """The greater of each."""
        return Memory(max(self.anonymous, other.anonymous), max(self.queues, other.queues))


def processor(pid):
    """Of a process, of its children that are over, and of those that live, with theirs."""
    own = _own_seconds(pid)
    return Usage(own, own + _waited_for_seconds(pid) + sum(map(_tree_seconds, children(pid))))


def memory(pid, port):
    """Of a process that listens on a port."""
    return Memory(status_field(pid, "RssAnon"), _queued_bytes(port) / 1024)


def children(pid):
    """Identifiers of the processes that a process has started, whichever of its threads did."""
    return [child for task in tasks(pid) for child in children_of_task(pid, task)]


def tasks(pid):
    """Identifiers of the threads of a process."""
    return [int(task.name) for task in pathlib.Path(f"/proc/{pid}/task").iterdir()]


def children_of_task(pid, task):
    """Identifiers of the processes that one thread has started."""
    return [int(word) for word in _read(f"/proc/{pid}/task/{task}/children").split()]


def name_of_task(pid, task):
    """What the kernel shows of one thread."""
    return _read(f"/proc/{pid}/task/{task}/comm").strip()


def arguments(pid):
    """The words it was executed with, or calls itself by."""
    return _read(f"/proc/{pid}/cmdline").split("\0")[:-1]


def status_field(pid, name):
    """A number of /proc/PID/status, KiB where it has a unit."""
    return int(re.search(rf"^{name}:\s*(\d+)", _read(f"/proc/{pid}/status"), re.M).group(1))


def _tree_seconds(pid):
    """A process may end while it is looked at; then its parent has its time, at the next look."""
    try:
        return processor(pid).with_children
    except OSError:
        return 0.0


def _own_seconds(pid):
    """By the scheduler's clock of that process, in nanoseconds; /proc/PID/stat has hundredths of a
    second. The clock's identifier is that of clock_getcpuclockid(3)."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e9


def _waited_for_seconds(pid):
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return sum(map(int, fields[13:15])) / _TICK


def _queued_bytes(port):
    """Sent and not acknowledged, or received and not read, by the sockets of a port."""
    total = 0
    for table in ["tcp", "tcp6"]:
        for line in _read(f"/proc/net/{table}").splitlines()[1:]:
            _, local, _, state, queues, *_ = line.split()
            if int(local.rpartition(":")[2], 16) == port and state != "0A":
                sent, received = queues.split(":")
                total += int(sent, 16) + int(received, 16)
    return total


def _read(path):
    return pathlib.Path(path).read_text()

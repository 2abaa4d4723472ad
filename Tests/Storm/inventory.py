"""What there is on a machine that a job could leave behind, by the kernel's own word.

Nothing here asks the server, nor believes what it has written, but for the rows of its records. The
machine must be the storm's own: a virtual one, or namespaces that nobody else is in, so that
whatever is there and was not before is a leftover.
"""

import collections
import os
import pathlib
import re
import shutil
import sqlite3
import stat
import tempfile

import netlink

_KERNEL_THREAD = 0x00200000  # PF_KTHREAD
_TIME_WAIT = "06"  # a port that rests, tcp(7); nobody has it
_NAMESPACE = re.compile(r"(?:mnt|net|pid|user|ipc|uts|cgroup|time):\[\d+\]")


class Inventory:
    """One look at everything. `server` is the server's process, if there is one: it may be another
    one than the last time."""

    def __init__(self, places, server=None):
        self._places = places
        self._server = str(server)
        self._processes = list(_processes())
        self.lines = collections.Counter()
        for section in [
                self._living, self._namespaces, self._mounts, self._groups, self._interfaces,
                netlink.filters, self._sockets, self._files, self._locks, self._messages,
                self._rows]:
            self.lines.update(section())

    def differences(self, earlier):
        """What is there now and was not, with a plus, and what is gone, with a minus."""
        more = [f"+ {line}" for line in (self.lines - earlier.lines).elements()]
        fewer = [f"- {line}" for line in (earlier.lines - self.lines).elements()]
        return sorted(more + fewer)

    def counts(self):
        """How many lines of each kind, by their first word."""
        return collections.Counter(line.split()[0] for line in self.lines.elements())

    def _living(self):
        """Every process but the kernel's threads, zombies included."""
        for process in self._processes:
            if process.name == self._server:
                yield "process: the server"
            elif _is_nursery(process, self._server):
                yield "process: the server's nursery"
            else:
                born, command = _field(process, 22), _command(process)
                yield f"process {process.name}, born {born}, {_group(process)}: {command}"

    def _namespaces(self):
        """Those that processes are in, that descriptors hold, and that are mounted somewhere."""
        found = set()
        for process in self._processes:
            for link in _links(process / "ns") + _links(process / "fd"):
                found.update(_NAMESPACE.findall(link))
            found.update(_NAMESPACE.findall(_text(process / "mountinfo")))
        return [f"namespace {name}" for name in found]

    def _mounts(self):
        """Of this mount namespace, and of every other one that a process is in."""
        seen = set()
        for process in self._processes:
            name = _link(process / "ns/mnt")
            if name in seen:
                continue
            seen.add(name)
            for line in _text(process / "mountinfo").splitlines():
                # The first two are numbers of this mount and its parent.
                yield f"mount in {name}: {' '.join(line.split()[2:])}"

    def _groups(self):
        """The control groups below the mount of their hierarchy."""
        if self._places.groups:
            for directory, _, _ in os.walk(self._places.groups):
                yield f"group {directory}"

    def _interfaces(self):
        """Interfaces, their addresses, and the ways that lead through them."""
        for line in _text("/proc/self/net/dev").splitlines()[2:]:
            yield f"interface {line.split(':')[0].strip()}"
        for table in ["route", "if_inet6"]:
            for line in _text(f"/proc/self/net/{table}").splitlines():
                yield f"interface {table}: {' '.join(line.split())}"
        for line in re.findall(r"-- (\S+)\n\s+(.*)", _text("/proc/self/net/fib_trie")):
            yield f"interface address: {' '.join(line)}"

    def _sockets(self):
        """Of every kind, by what is the same of them in another life of the server."""
        for name in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6"]:
            for line in _text(f"/proc/self/net/{name}").splitlines()[1:]:
                _, local, _, state, *_ = line.split()
                if state != _TIME_WAIT:
                    yield f"socket {name} at {local} in state {state}"
        for line in _text("/proc/self/net/unix").splitlines()[1:]:
            kind, path = line.split()[4], line.split()[7:]
            yield f"socket unix, type {kind}: {' '.join(path)}"
        for line in _text("/proc/self/net/netlink").splitlines()[1:]:
            owner = "the kernel" if line.split()[2] == "0" else "a process"
            yield f"socket netlink {line.split()[1]} of {owner}"
        for line in _text("/proc/self/net/packet").splitlines()[1:]:
            yield f"socket packet {line.split()[3]}"

    def _entries(self):
        for place in self._places.directories:
            for directory, directories, files in os.walk(place):
                for name in directories + files:
                    yield os.path.join(directory, name)

    def _files(self):
        """Everything below the directories that jobs, shims and the server write to."""
        for path in self._entries():
            # SQLite's own, there while it likes.
            if path.startswith(f"{self._places.state}/jobs.sqlite-"):
                continue
            kind = stat.filemode(_status(path).st_mode)[0] if _status(path) else "?"
            yield f"file {kind} {path}"

    def _locks(self):
        """Those on these files, and on files that have lost their names on the same disks."""
        disks = {_identity(status).rpartition(":")[0]
                 for path in self._places.directories if (status := _status(path))}
        names = {_identity(status): path for path in self._entries() if (status := _status(path))}
        for line in _text("/proc/locks").splitlines():
            # The number of the lock, "->" if it waits, kind, strictness, mode, process, file.
            *_, kind, _, mode, _, file, _, _ = line.split()
            if file.rpartition(":")[0] in disks:
                yield f"lock {kind} {mode} on {names.get(file, 'a file without a name')}"

    def _messages(self):
        """System V's shared memory, semaphores and queues."""
        for kind in ["shm", "sem", "msg"]:
            for line in _text(f"/proc/sysvipc/{kind}").splitlines()[1:]:
                yield f"ipc {kind} {' '.join(line.split()[:2])}"

    def _rows(self):
        """Jobs on record, with the users and the address that each of them holds."""
        records = pathlib.Path(self._places.state) / "jobs.sqlite"
        if not records.exists():
            return []
        # Of a copy: the server has the file for itself, and readers make others beside it.
        with tempfile.TemporaryDirectory() as place:
            for file in records.parent.glob("jobs.sqlite*"):
                shutil.copy(file, place)
            database = sqlite3.connect(f"{place}/jobs.sqlite")
            rows = database.execute("SELECT id, sub_id_base, network_address FROM jobs").fetchall()
            database.close()
        return [f"record of {job}: users {users}, address {address}"
                for job, users, address in rows]


class Portrait:
    """What a process holds that others do not see."""

    def __init__(self, pid):
        process = pathlib.Path("/proc") / str(pid)
        kinds = [re.sub(r":\[\d+\]", "", link) for link in _links(process / "fd")]
        self.lines = collections.Counter(f"descriptor of {kind}" for kind in kinds)
        for info in (process / "fdinfo").iterdir():
            watches = _text(info).count("inotify wd:")
            self.lines.update({"inotify watch": watches} if watches else {})
        self.lines.update(f"thread {_text(thread / 'comm').strip()}"
                          for thread in (process / "task").iterdir())
        self.anonymous = int(re.search(r"RssAnon:\s+(\d+)", _text(process / "status")).group(1))

    differences = Inventory.differences

    def __str__(self):
        count = {kind: sum(number for line, number in self.lines.items() if line.startswith(kind))
                 for kind in ["descriptor", "inotify", "thread"]}
        return (f"{count['descriptor']} descriptors, {count['inotify']} inotify watches, "
                f"{count['thread']} threads, {self.anonymous} KiB of anonymous memory")


class Places:
    """Where to look: what can be written to, the server's state, and the control groups, if any."""

    def __init__(self, directories, state, groups):
        self.directories = directories
        self.state = state
        self.groups = groups


def _processes():
    for process in pathlib.Path("/proc").iterdir():
        if process.name.isdigit():
            flags = _field(process, 9)
            if flags and not int(flags) & _KERNEL_THREAD:
                yield process


def _field(process, number):
    """A field of stat, proc(5), from the third on; nothing of a process that has gone."""
    fields = _text(process / "stat").rpartition(")")[2].split()
    return fields[number - 3] if fields else ""


def _command(process):
    words = _text(process / "cmdline").replace("\0", " ").strip()
    return words or f"[{_text(process / 'comm').strip()}]"


def _is_nursery(process, server):
    """Whether it is the one child of the server that is no shim; one of an earlier life is left over."""
    return _field(process, 4) == server and _command(process).startswith("cmdctl-nursery ")


def _group(process):
    lines = _text(process / "cgroup").splitlines()
    return "in " + next((line[3:] for line in lines if line.startswith("0::")), "no group")


def _links(directory):
    try:
        return [_link(entry) for entry in directory.iterdir()]
    except OSError:
        return []


def _link(path):
    try:
        return os.readlink(path)
    except OSError:
        return ""


def _identity(status):
    """Disk and number of a file, as /proc/locks writes them."""
    disk = status.st_dev
    return f"{os.major(disk):02x}:{os.minor(disk):02x}:{status.st_ino}"


def _status(path):
    try:
        return os.lstat(path)
    except OSError:
        return None


def _text(path):
    """What is in a file; nothing if it went away meanwhile."""
    try:
        return pathlib.Path(path).read_text(errors="replace")
    except OSError:
        return ""

"""Plants what a job could leave behind, one kind after the other: the inventory must tell of each.

An inventory that finds nothing proves nothing otherwise.
"""

import contextlib
import fcntl
import os
import pathlib
import shutil
import socket
import sqlite3
import struct
import subprocess
import tempfile

from inventory import Inventory, Portrait


def check_all(places, earlier, verdicts, settled):
    """One check for each kind, of the leftover and that it is gone afterwards."""
    for name, (words, plant) in _PLANTS.items():
        if plant is _group and not places.groups:
            continue
        with plant(places):
            found = Inventory(places).differences(earlier)
        seen = all(any(line.startswith(f"+ {word}") for line in found) for word in words)
        rest = settled(places, earlier)
        verdicts.check(f"{name} would be noticed", rest if seen else [f"{words}: {found}"])
    verdicts.check("a descriptor of the server would be noticed", _unseen_held())


def _unseen_held():
    earlier = Portrait(os.getpid())
    read, write = os.pipe()
    found = Portrait(os.getpid()).differences(earlier)
    os.close(read)
    os.close(write)
    return [] if found == ["+ descriptor of pipe", "+ descriptor of pipe"] else [str(found)]


@contextlib.contextmanager
def _process(_):
    """A daemon that nobody knows: no parent, no session, no environment, no descriptors."""
    line = "setsid env -i sleep 4321 <&- >&- 2>&- & echo $!"
    found = subprocess.run(["sh", "-c", line], stdout=subprocess.PIPE, check=True, text=True)
    yield
    os.kill(int(found.stdout), 9)


@contextlib.contextmanager
def _group(places):
    path = pathlib.Path(places.groups) / "stray"
    path.mkdir()
    yield
    path.rmdir()


@contextlib.contextmanager
def _mount(places):
    path = pathlib.Path(places.directories[0]) / "stray"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", path], check=True)
    yield
    subprocess.run(["umount", path], check=True)
    path.rmdir()


@contextlib.contextmanager
def _hidden_mount(places):
    """In a mount namespace that only one process is in."""
    line = "mount -t tmpfs hidden /proc && echo ready && exec sleep 4321"
    keeper = subprocess.Popen(
        ["unshare", "-m", "sh", "-c", line], stdout=subprocess.PIPE)
    keeper.stdout.readline()
    yield
    keeper.kill()
    keeper.wait()
    keeper.stdout.close()


@contextlib.contextmanager
def _namespace(places):
    """A network that no process is in; only a mount keeps it."""
    path = pathlib.Path(places.directories[0]) / "stray"
    path.touch()
    subprocess.run(
        ["unshare", "-n", "sh", "-c", f"cat /dev/null; exec nsenter -t {os.getpid()} -m "
         f"mount --bind /proc/$$/ns/net {path}"], check=True)
    yield
    subprocess.run(["umount", path], check=True)
    path.unlink()


@contextlib.contextmanager
def _pair(_):
    name = _attribute(3, b"stray0\0")  # IFLA_IFNAME
    peer = _attribute(1, _interface() + _attribute(3, b"stray1\0"))  # VETH_INFO_PEER
    kind = _attribute(1, b"veth\0") + _attribute(2, peer)  # IFLA_INFO_KIND, IFLA_INFO_DATA
    made = 0x600  # NLM_F_CREATE | NLM_F_EXCL
    _tell(socket.NETLINK_ROUTE, [(16, made, _interface() + name + _attribute(18, kind))])
    yield
    _tell(socket.NETLINK_ROUTE, [(17, 0, _interface() + name)])


@contextlib.contextmanager
def _filter(_):
    """A table with a chain, a rule and a set, as nft(8) would make them."""
    family = struct.pack("=BBH", 2, 0, 0)  # AF_INET
    table, made, number = _attribute(1, b"stray\0"), 0x400, struct.pack(">I", 4)
    messages = [
        (0xA00, made, family + table),
        (0xA03, made, family + table + _attribute(3, b"chain\0")),
        (0xA06, 0xC00, family + table + _attribute(2, b"chain\0")),
        (0xA09, made, family + table + _attribute(2, b"set\0") + _attribute(4, number)
         + _attribute(5, number) + _attribute(10, number)),
    ]
    _tell(12, _batch(messages))
    yield
    _tell(12, _batch([(0xA02, 0, family + table)]))


@contextlib.contextmanager
def _root(places):
    path = pathlib.Path(places.directories[0]) / "cmdctl-root"
    (path / "usr").mkdir(parents=True)
    yield
    shutil.rmtree(path)


@contextlib.contextmanager
def _log(places):
    path = pathlib.Path(places.state) / "logs/stray.log"
    path.touch()
    yield
    path.unlink()


@contextlib.contextmanager
def _lock(places):
    """Held by somebody else, on a file that has been removed."""
    path = pathlib.Path(places.state) / "stray"
    with open(path, "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        path.unlink()
        yield


@contextlib.contextmanager
def _listener(_):
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield


@contextlib.contextmanager
def _record(places):
    """A job that holds users and an address."""
    files = list(pathlib.Path(places.state).glob("jobs.sqlite*"))
    owner = os.stat(places.state)
    with tempfile.TemporaryDirectory() as kept:
        for file in files:
            shutil.copy2(file, kept)
        database = sqlite3.connect(f"{places.state}/jobs.sqlite", isolation_level=None)
        database.execute(
            "INSERT INTO jobs (id, created_at, is_being_deleted, is_by_admin, sub_id_base, "
            "network_address) VALUES ('stray', 0, 0, 0, 1879048192, 1)")
        database.close()
        yield
        for file in files:
            shutil.copy2(f"{kept}/{file.name}", file)
            os.chown(file, owner.st_uid, owner.st_gid)


_PLANTS = {
    "a process": (["process"], _process),
    "a control group": (["group"], _group),
    "a mount": (["mount"], _mount),
    "a mount that only others see": (["mount in mnt:", "namespace mnt:"], _hidden_mount),
    "a namespace without a process": (["namespace net:"], _namespace),
    "a pair of interfaces": (["interface stray0", "interface stray1"], _pair),
    "a packet filter": (["table stray", "chain stray", "rule stray", "set stray"], _filter),
    "a root directory": (["file d"], _root),
    "a log": (["file -"], _log),
    "a lock": (["lock FLOCK WRITE on a file without a name"], _lock),
    "a socket": (["socket tcp"], _listener),
    "users and an address on record": (["record of stray: users 1879048192"], _record),
}


def _interface():
    """struct ifinfomsg of rtnetlink(7), of whichever interface the attributes name."""
    return struct.pack("=BBHiII", 0, 0, 0, 0, 0, 0)


def _attribute(kind, value):
    return struct.pack("=HH", len(value) + 4, kind) + value + b"\0" * (-len(value) % 4)


def _batch(messages):
    """Between the marks that make one change of several; NFNL_MSG_BATCH_BEGIN and _END."""
    mark = struct.pack("=BBH", 0, 0, socket.htons(10))
    return [(0x10, 0, mark), *messages, (0x11, 0, mark)]


def _tell(family, messages):
    """Sends messages, and hears that the one before the last mark, or the only one, was obeyed."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, family) as telling:
        asked = len(messages) - 2 if len(messages) > 1 else 0
        sent = b""
        for number, (kind, flags, payload) in enumerate(messages):
            answered = 4 if number == asked else 0  # NLM_F_ACK
            sent += struct.pack(
                "=IHHII", 16 + len(payload), kind, 1 | answered | flags, number, 0) + payload
        telling.sendto(sent, (0, 0))
        telling.settimeout(60)
        if error := -struct.unpack_from("=i", telling.recv(1 << 16), 16)[0]:
            raise OSError(error, os.strerror(error))

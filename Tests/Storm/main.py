"""Runs a storm on a machine that is its own, and says in TAP what came of it.

usage: main.py --programs DIRECTORY --directory DIRECTORY --places DIRECTORY… --jobs COUNT
               [--groups DIRECTORY] [--seed SEED] [--user NUMBER] [--demand GROUND…]
"""

import argparse
import fcntl
import random
import socket
import struct
import sys
import time

import wreckage
from inventory import Inventory, Places, Portrait
from plays import GROUNDS, LIMITS
from server import Failure, Server
from storm import Storm

# What a server that has served the storm may have more than one that has served next to nothing:
# the allocator keeps some of what it was given.
_MEMORY_KIB = 16 << 10
# It goes without where its user has no instance left, inotify(7), and asks again.
_OPTIONAL = "descriptor of anon_inode:inotify"
# After so many jobs there is a look at the machine, while it can still be told whose it was.
_ROUND = 100


class Verdicts:
    """One line for each check, in TAP."""

    def __init__(self):
        self.count = self.failures = 0

    def check(self, name, faults):
        """A check that has found these faults."""
        self.count += 1
        self.failures += bool(faults)
        print(f"{'not ok' if faults else 'ok'} {self.count} - {name}", flush=True)
        for fault in faults[:40]:
            note(f"  {fault}")

    def finish(self):
        """The plan; exits."""
        print(f"1..{self.count}", flush=True)
        sys.exit(1 if self.failures else 0)


def note(text):
    """Something that helps to understand the verdicts."""
    print(f"# {text}".replace("\n", "\n# "), flush=True)


def settled(places, earlier, server=None):
    """What differs from an earlier inventory, once the kernel and the server have had their time:
    namespaces, for one, end a moment after the last process in them."""
    deadline = time.monotonic() + 60
    while (found := Inventory(places, server).differences(earlier)) and \
            time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def calm(places, server=None):
    """An inventory to compare with: nothing goes on any more, and no job is on record."""
    deadline = time.monotonic() + 60
    earlier = Inventory(places, server)
    while (now := Inventory(places, server)).differences(earlier) or now.counts()["record"]:
        if time.monotonic() > deadline:
            raise Failure(f"there is no end to it: {now.differences(earlier)}")
        earlier = now
    return now


def rehearse(server, offered):
    """One small job on each ground and with each limit, which then are deleted; answers which there
    are, for what is not offered the refusal, and the users that somebody who comes now gets."""
    flags = GROUNDS | {name: ("--isolation", "host", *limit) for name, limit in LIMITS.items()}
    clients = {
        name: server.ask("alice", "run", "--follow", *flags[name], "--", "sh", "-c", "exit 0")
        for name in flags if offered is None or name in offered}
    offer = {name: None if client.finish() == 0 else client.complaint.strip()
             for name, client in clients.items()}
    users = ""
    if offer.get("strict", "not asked for") is None:
        users = server.demand("carol", "run", "--follow", "--isolation", "strict", "--",
                              "cat", "/proc/self/uid_map")
    server.demand("operator", "rm", *server.jobs())
    return offer, users


def rage(storm, verdicts, which):
    """One storm, of which the jobs are deleted in the end."""
    begun = time.monotonic()
    storm.rage()
    struck = [name for name in ["crashes", "shims killed"] if not storm.counts[name]]
    verdicts.check(f"{which}: the server and shims were killed meanwhile", struck)
    verdicts.check(f"{which} end as they must, with their output", storm.faults())
    storm.delete()
    note(f"{dict(sorted(storm.counts.items()))} in {time.monotonic() - begun:.0f} s")


def run(arguments, verdicts):
    """The storm, between two looks at the machine."""
    places = Places(arguments.places, f"{arguments.directory}/state", arguments.groups)
    server = Server(arguments.programs, arguments.directory, places.groups, arguments.user)
    server.start()
    try:
        server.import_image()
    except Failure as failure:
        note(failure)
    offer, _ = rehearse(server, None)
    offered = [name for name, refusal in offer.items() if not refusal]
    for name, refusal in offer.items():
        if refusal:
            note(f"not here: {name}: {refusal}")
    verdicts.check("everything is offered that is to be had here",
                   [name for name in arguments.demand if name not in offered])
    server.shut_down()
    bare = calm(places)
    wreckage.check_all(places, bare, verdicts, settled)
    server.start()
    _, users = rehearse(server, offered)
    idle, portrait = calm(places, server.pid), Portrait(server.pid)
    note(f"before: {dict(idle.counts())}; {portrait}")

    for first in range(0, arguments.jobs, _ROUND):
        numbers = range(first, min(first + _ROUND, arguments.jobs))
        rage(Storm(server, arguments.seed, numbers, offered), verdicts,
             f"jobs {first + 1} to {numbers.stop}")
        _, users_now = rehearse(server, offered)
        verdicts.check(f"{numbers.stop} jobs later a newcomer gets the users of those who are gone",
                       [] if users_now == users else [f"{users_now} and not {users}"])
        verdicts.check(f"{numbers.stop} jobs later all is as it was before",
                       settled(places, idle, server.pid))
    after = Portrait(server.pid)
    note(f"after: {dict(Inventory(places, server.pid).counts())}; {after}")
    verdicts.check("the server holds what it held before",
                   [line for line in after.differences(portrait) if line[2:] != _OPTIONAL])
    growth = after.anonymous - portrait.anonymous
    verdicts.check("and no more memory", [f"{growth} KiB more"] if growth > _MEMORY_KIB else [])
    server.shut_down()
    verdicts.check("without a server, too", settled(places, bare))


def raise_loopback():
    """In a network namespace that is new it is down, and nobody can be spoken to. netdevice(7)."""
    with socket.socket() as anybody:
        raised = struct.pack("16sH", b"lo", 1)  # IFF_UP
        fcntl.ioctl(anybody, 0x8914, raised)  # SIOCSIFFLAGS


def main():
    """Reads the arguments."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--programs", required=True)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--places", nargs="+", required=True)
    parser.add_argument("--jobs", type=int, required=True)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--groups")
    parser.add_argument("--user", type=int)
    parser.add_argument("--demand", nargs="*", default=[])
    arguments = parser.parse_args()
    verdicts = Verdicts()
    raise_loopback()
    note(f"seed {arguments.seed}, {arguments.jobs} jobs")
    try:
        run(arguments, verdicts)
    except Failure as failure:
        verdicts.check("the storm comes to its end", [str(failure)])
    verdicts.finish()


if __name__ == "__main__":
    main()

"""What the jobs of a storm do, and what must be known of each in the end."""

import dataclasses

# Nobody sees the end of this in a test.
_FOR_EVER = "sleep 4321"
# A process that has left its session, its parent and its descriptors; and one that has cleared its
# environment, too, and so has nothing of its job's any more.
_DAEMON = f"setsid sh -c 'trap \"\" TERM; {_FOR_EVER} <&- >&- 2>&- & exit 0'"
_STRANGER = f"setsid sh -c 'trap \"\" TERM; env -i {_FOR_EVER} <&- >&- 2>&- & exit 0'"


@dataclasses.dataclass(frozen=True)
class Play:
    """A line of shell, and how it ends if nobody does anything to it but what it waits for."""

    script: str
    output: str
    outcome: str
    code: int | None = None
    # TERM or KILL for what does not end by itself, once it has said that it is ready.
    ended_by: str | None = None
    flags: tuple = ()
    # What the server must offer: a limit, or `strict`, since namespaces come with that.
    needs: str | None = None


_INPUT = "".join(f"line {number} of what is to be read\n" for number in range(200))
_SEQUENCE = "".join(f"{number}\n" for number in range(1, 20001))

PLAYS = {
    "short": Play("echo out; exit 7", "out\n", "FAILED", 7),
    "silent": Play("exit 0", "", "SUCCEEDED", 0),
    "loud": Play("seq 1 20000", _SEQUENCE, "SUCCEEDED", 0),
    "talks": Play(
        "for i in $(seq 1 20); do echo line $i; sleep 0.05; done; exit 42",
        "".join(f"line {number}\n" for number in range(1, 21)), "FAILED", 42),
    "reads": Play("cat; exit 4", _INPUT, "FAILED", 4, flags=("--stdin-text", _INPUT)),
    "forks": Play(
        f"for i in 1 2 3 4 5; do {_FOR_EVER} & done; echo forked; exit 3", "forked\n", "FAILED", 3),
    "daemonizes": Play(
        f"{_DAEMON}; {_DAEMON}; echo gone; exit 5", "gone\n", "FAILED", 5),
    "hides": Play(
        f"{_STRANGER}; {_DAEMON}; echo gone; exit 5", "gone\n", "FAILED", 5, needs="strict"),
    "waits": Play(
        f"trap 'echo bye; exit 3' TERM; echo ready; while :; do {_FOR_EVER} & wait $!; done",
        "ready\nbye\n", "STOPPED", 3, ended_by="TERM"),
    "resists": Play(
        f"trap '' TERM; echo ready; while :; do {_FOR_EVER}; done", "ready\n", "KILLED",
        ended_by="KILL"),
    "haunts": Play(
        f"trap '' TERM; {_DAEMON}; {_DAEMON}; echo ready; while :; do {_FOR_EVER}; done",
        "ready\n", "KILLED", ended_by="KILL"),
    "lurks": Play(
        f"trap '' TERM; {_STRANGER}; {_DAEMON}; echo ready; while :; do {_FOR_EVER}; done",
        "ready\n", "KILLED", ended_by="KILL", needs="strict"),
    # Whoever looks for it finds the next one: each lives for a moment, and has a child by then.
    "flees": Play(
        "trap '' TERM; next() { sleep 0.2; next & }; next & echo ready; "
        f"while :; do {_FOR_EVER}; done", "ready\n", "KILLED", ended_by="KILL"),
    "stays": Play(f"echo ready; {_FOR_EVER}", "ready\n", "TIMED_OUT", flags=("--timeout", "1s")),
    "gorges": Play(
        "echo hungry; tail -c 100000000 /dev/zero", "hungry\n", "OOM_KILLED",
        flags=("--max-mem", "24M"), needs="memory"),
}

# How far apart from the host, and what it can reach.
GROUNDS = {
    "strict": ("--isolation", "strict"),
    "strict, private network": ("--isolation", "strict", "--network", "private"),
    "image": ("--rootfs", "storm"),
    "image, private network": ("--rootfs", "storm", "--network", "private"),
    "host": ("--isolation", "host"),
}

# Limits that no play but the one that gorges runs into.
LIMITS = {
    "processes": ("--max-pids", "60"),
    "memory": ("--max-mem", "96M"),
    "processor": ("--max-cpu", "150%"),
}


class Job:
    """One job of the storm, as a seed has drawn it."""

    def __init__(self, chances, grounds, limits):
        offered = [name for name, play in PLAYS.items()
                   if play.needs in (None, *grounds, *limits)]
        self.kind = chances.choice(offered)
        self.play = PLAYS[self.kind]
        # Who has no images is not root, and then `host` comes without a namespace of processes.
        is_bare = "image" not in grounds
        self.ground = chances.choice(
            [name for name in grounds
             if name != "host" or self.play.needs != "strict" or not is_bare])
        self.tenant = chances.choice(["alice", "bob", "carol"])
        self.limit = chances.choice([None, *limits]) if self.kind != "gorges" else None
        self.is_paused = bool(limits) and chances.random() < 0.2
        self.request = None
        self.id = None

    @property
    def arguments(self):
        """What comes behind `cmdctl run`."""
        flags = [*GROUNDS[self.ground], *self.play.flags, *LIMITS.get(self.limit, ())]
        # A shell has words of its own about children that are killed.
        script = f"exec 2>/dev/null; {self.play.script}"
        return [*flags, "--request-id", self.request, "--", "sh", "-c", script]

    def faults(self, told, log, shim_was_killed):
        """What is wrong with what the server tells of it, and with what is in its log."""
        outcome = told.get("outcome", "none").removeprefix("JOB_OUTCOME_")
        code = told.get("exitCode")
        is_natural = (outcome, code) == (self.play.outcome, self.play.code) or (
            outcome == self.play.outcome and self.play.code is None)
        is_whole = log == self.play.output
        if is_natural and is_whole:
            return []
        if shim_was_killed:
            # What was in its pipes is gone, and so is who could tell how it ended.
            if outcome == "LOST" and code is None and self.play.output.startswith(log or ""):
                return []
            if outcome == "START_FAILED" and not log:
                return []
        size = -1 if log is None else len(log)
        return [f"{self}: {outcome} {code} with {size} of {len(self.play.output)} bytes"
                f"{', its shim was killed' if shim_was_killed else ''}: "
                f"{told.get('statusMessage', '')}"]

    def __str__(self):
        return f"{self.id} ({self.kind}, {self.ground}, limit {self.limit})"

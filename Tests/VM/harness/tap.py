"""Reads the verdicts of a suite, and finds every way in which there may be none.

A suite says `ok 1 - name` or `not ok 2 - name` for each check, lines that begin with `#`, and last
the plan, `1..2`. The machine then adds how the suite's program ended.
"""

import re

# The kernel's words for its own trouble. What a suite is about to provoke does not say these.
KERNEL_TROUBLE = re.compile(
    r"Kernel panic|\bOops\b|BUG: |general protection fault|WARNING: CPU|self-detected stall")
CHECK = re.compile(r"(not )?ok (\d+) - (.+)")
PLAN = re.compile(r"1\.\.(\d+)")
ENDED = re.compile(r"# suite ended with (\d+)")


class Verdicts:
    """What has been said so far."""

    def __init__(self):
        self.checks = []
        self.problems = []
        self._plan = None
        self._status = None

    def take(self, line):
        """One line from the machine."""
        if match := CHECK.fullmatch(line):
            self._check(match)
        elif match := PLAN.fullmatch(line):
            if self._plan is not None:
                self.problems.append("two plans")
            self._plan = int(match.group(1))
        elif match := ENDED.fullmatch(line):
            self._status = int(match.group(1))
        elif line and not line.startswith("#"):
            self.problems.append(f"not a verdict: {line!r}")

    def _check(self, match):
        failed, number, name = match.groups()
        if int(number) != len(self.checks) + 1:
            self.problems.append(f"check {number} is number {len(self.checks) + 1}")
        if re.search(r"#\s*(skip|todo)", name, re.IGNORECASE):
            self.problems.append(f"not checked: {name}")
        if name in self.checks:
            self.problems.append(f"checked twice: {name}")
        if failed:
            self.problems.append(f"not ok: {name}")
        self.checks.append(name)

    def conclude(self, console, timed_out):
        """All that is wrong, now that the machine is off; nothing if the suite has passed."""
        problems = list(self.problems)
        if timed_out:
            problems.append(f"took longer than {timed_out} s")
        for line in console.splitlines():
            if KERNEL_TROUBLE.search(line):
                problems.append(f"the kernel says: {line.strip()}")
        if self._status is None:
            problems.append("the suite did not come to its end")
        elif self._status != 0:
            problems.append(f"the suite ended with {self._status}")
        if self._plan is None:
            problems.append("there is no plan")
        elif self._plan != len(self.checks):
            problems.append(f"{self._plan} checks were planned, {len(self.checks)} made")
        if not self.checks:
            problems.append("nothing was checked")
        return problems

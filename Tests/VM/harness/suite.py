"""A suite: a script for the machine, whose first comment lines say what it needs."""

import os
import re
import shlex

# Emulated, and beside other work: these bound what hangs, and say nothing about speed.
DEFAULT_TIMEOUT = 300


class Suite:
    """The script, and its lines `# modules:`, `# packages:`, `# programs:` (beside those that every
    machine has), `# timeout:`, `# memory:`, `# init:` (busybox or systemd), `# parameters:` and
    `# fails:`."""

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        self.text = path.read_text()
        self.modules = self._words("modules")
        self.packages = self._words("packages")
        self.programs = self._words("programs")
        timeout = (self._words("timeout") or [DEFAULT_TIMEOUT])[0]
        # Who asks for more of something must wait for more.
        self.timeout = int(os.environ.get("TIMEOUT", timeout))
        self.memory = (self._words("memory") or ["1G"])[0]
        self.init = (self._words("init") or ["busybox"])[0]
        self.fails = " ".join(self._words("fails"))
        self.parameters = "".join(f"{name}={value}\n" for name, value in self._parameters())

    def _parameters(self):
        """The suite's own `# parameters:`, or what the environment says instead."""
        for word in self._words("parameters"):
            name, _, value = word.partition("=")
            yield name, shlex.quote(os.environ.get(name, value))

    def _words(self, key):
        lines = re.findall(rf"^# {key}: (.+)$", self.text, re.MULTILINE)
        return [word for line in lines for word in line.split()]

"""A suite: a script for the machine, whose first comment lines say what it needs."""

import re

# Emulated, and beside other work: these bound what hangs, and say nothing about speed.
DEFAULT_TIMEOUT = 300


class Suite:
    """The script, and its lines `# modules:`, `# packages:`, `# timeout:`, `# memory:`,
    `# init:` (busybox or systemd) and `# fails:`."""

    def __init__(self, path):
        self.path = path
        self.name = path.stem
        self.text = path.read_text()
        self.modules = self._words("modules")
        self.packages = self._words("packages")
        self.timeout = int((self._words("timeout") or [DEFAULT_TIMEOUT])[0])
        self.memory = (self._words("memory") or ["1G"])[0]
        self.init = (self._words("init") or ["busybox"])[0]
        self.fails = " ".join(self._words("fails"))

    def _words(self, key):
        lines = re.findall(rf"^# {key}: (.+)$", self.text, re.MULTILINE)
        return [word for line in lines for word in line.split()]

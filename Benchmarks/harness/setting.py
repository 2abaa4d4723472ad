"""What all workloads of a run share: programs, certificates, processors and room for files."""

import itertools
import subprocess

from certificates import Certificates
from subject import CmdctlSubject


class Setting:
    """One run of the harness."""

    def __init__(self, programs, placing, disk, memory, backends, quick):
        """`disk` and `memory` are empty directories on a disk and in memory; `backends` those of
        `cmdctld` that are measured, by name."""
        self.quick = quick
        self.programs = programs
        self.placing = placing
        self.backends = backends
        self.certificates = Certificates(programs, disk / "pki")
        self._places = {False: disk, True: memory}
        self._numbers = itertools.count(1)

    def directory(self, in_memory=False):
        """A path that is not there yet. Each server gets one of its own: in a directory from which
        many files were removed ext4 is slower."""
        return self._places[in_memory] / f"{next(self._numbers)}"

    def cmdctl(self):
        """A subject for each backend that is measured."""
        return [CmdctlSubject(self, backend) for backend in self.backends]


def backends_of(release, wanted):
    """The backends to measure: those that were asked for; `both` is all that it has."""
    known = [name for name in ["epoll", "io_uring"] if name in _help(release)]
    if wanted == "both":
        return known
    if wanted not in known:
        raise SystemExit(f"bench: this cmdctld has no backend {wanted}, only {', '.join(known)}")
    return [wanted]


def _help(release):
    return subprocess.run(
        [release / "cmdctld", "--help"], check=True, capture_output=True, text=True).stdout

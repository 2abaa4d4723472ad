"""What a run gave, and where it is kept."""

import hashlib
import json
import os
import time

import figures
import machine
import report
import thresholds
from programs import HERE
from workloads import ALL


class Result:
    """One run, kept in a file from its first workload on."""

    def __init__(self, root, release, what, **how):
        """`what` was asked for; `how` says what kind of run it is: rounds, quick, ahead, and of
        which backends."""
        self.how = how
        self.machine = machine.describe()
        self.versions = machine.versions(root)
        self.programs = digest(release)
        self.workloads = {}
        self._thresholds = json.loads((HERE / "thresholds.json").read_text())
        kind = "quick" if how["quick"] else "full"
        name = f"{kind}-{what}-{time.strftime('%Y%m%dT%H%M%S')}"
        self.path = HERE / "results" / f"{name}.json"
        report.begin(self)

    def measure(self, workload):
        """Runs a workload, prints its table at once, and keeps its figures and plots."""
        begun = time.monotonic()
        summary = workload.measure(self.how["rounds"], self.how["quick"])
        verdicts = thresholds.check(
            summary, self._thresholds.get(workload.name, []), self.how["backends"],
            self.how["quick"])
        self.workloads[workload.name] = {
            "title": workload.title, "seconds": round(time.monotonic() - begun, 1), **summary,
            "verdicts": verdicts}
        report.show(workload, self.workloads[workload.name])
        figures.write(self.path, **self._content())
        for plot, drawing in workload.plots(summary).items():
            self.path.with_name(f"{self.path.stem}-{plot}.svg").write_text(drawing)

    def _content(self):
        return {
            **self.how, "machine": self.machine, "load_after": os.getloadavg(),
            "versions": self.versions, "programs": self.programs, "workloads": self.workloads}


def last_of(release, backends, directory):
    """The newest result of these very programs that has every workload with every backend, if there
    is one."""
    wanted, everything = digest(release), {workload.name for workload in ALL}
    newest_first = sorted(directory.glob("*.json"), key=lambda file: -file.stat().st_mtime)
    for path in newest_first:
        result = json.loads(path.read_text())
        is_whole = everything <= result["workloads"].keys() and set(backends) <= set(
            result.get("backends", []))
        if result["programs"] == wanted and is_whole:
            return path
    return None


def digest(release):
    """Tells builds apart."""
    state = hashlib.sha256()
    for name in ["cmdctld", "cmdctl-shim"]:
        state.update((release / name).read_bytes())
    return state.hexdigest()[:16]

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
    """One run, as it goes on."""

    def __init__(self, root, release, **how):
        """`how` says what kind of run it is: rounds, quick, ahead."""
        self.how = how
        self.machine = machine.describe()
        self.versions = machine.versions(root)
        self.programs = digest(release)
        self.workloads = {}
        self.plots = {}
        self._thresholds = json.loads((HERE / "thresholds.json").read_text())
        report.begin(self)

    def measure(self, workload):
        """Runs a workload, and prints its table at once."""
        begun = time.monotonic()
        summary = workload.measure(self.how["rounds"], self.how["quick"])
        verdicts = thresholds.check(
            summary, self._thresholds.get(workload.name, []), self.how["quick"])
        self.workloads[workload.name] = {
            "title": workload.title, "seconds": round(time.monotonic() - begun, 1), **summary,
            "verdicts": verdicts}
        self.plots.update(workload.plots(summary))
        report.show(workload, self.workloads[workload.name])

    def content(self):
        """For the file."""
        return {
            **self.how, "machine": self.machine, "load_after": os.getloadavg(),
            "versions": self.versions, "programs": self.programs, "workloads": self.workloads}


def keep(result, directory):
    """Writes the figures and the plots; answers the file of the figures."""
    name = "-".join([
        "quick" if result.how["quick"] else "full", *_names(result),
        time.strftime("%Y%m%dT%H%M%S")])
    path = directory / f"{name}.json"
    figures.write(path, **result.content())
    for plot, drawing in result.plots.items():
        (directory / f"{name}-{plot}.svg").write_text(drawing)
    return path


def last_of(release, directory):
    """The newest result of these very programs that has every workload, if there is one."""
    wanted, everything = digest(release), {workload.name for workload in ALL}
    newest_first = sorted(directory.glob("*.json"), key=lambda file: -file.stat().st_mtime)
    for path in newest_first:
        result = json.loads(path.read_text())
        if result["programs"] == wanted and everything <= result["workloads"].keys():
            return path
    return None


def digest(release):
    """Tells builds apart."""
    state = hashlib.sha256()
    for name in ["cmdctld", "cmdctl-shim"]:
        state.update((release / name).read_bytes())
    return state.hexdigest()[:16]


def _names(result):
    from workloads import ALL
    everything = [workload.name for workload in ALL]
    return ["all"] if list(result.workloads) == everything else list(result.workloads)

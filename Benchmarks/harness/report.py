"""What people read of a run."""

import json

import machine
import table
import thresholds
from programs import HERE


def begin(result):
    """Before the first workload."""
    print(machine.sentence(result.machine))
    print(", ".join(f"{name} {version}" for name, version in result.versions.items()))
    if result.machine["load"][0] > 1:
        print("The machine is busy: times and rates say little, processor time and ratios more.")


def show(workload, outcome):
    """After each workload."""
    print(f"\n== {workload.name}: {workload.title} ({outcome['seconds']:.0f} s)\n")
    print("\n".join(table.lines(outcome, outcome["verdicts"])), flush=True)


def conclude(result):
    """The exit status: a missed goal is no error here, a subject that failed is."""
    failures = [
        f"{name}: {failure['subject']}, {failure['case']}: {failure['why']}"
        for name, outcome in result.workloads.items() for failure in outcome["failures"]]
    seconds = sum(outcome["seconds"] for outcome in result.workloads.values())
    print(f"\nRounds: {result.how['rounds']}, in {seconds:.0f} s, kept in {result.path}")
    if failures:
        print("\nbench: subjects failed:\n" + "\n".join(failures))
    return 1 if failures else 0


def check(path):
    """Holds a kept run against the thresholds as they are now; answers the exit status."""
    result = json.loads(path.read_text())
    bounds = json.loads((HERE / "thresholds.json").read_text())
    broken = []
    for name, summary in result["workloads"].items():
        verdicts = thresholds.check(
            summary, bounds.get(name, []), result["backends"], result["quick"])
        broken += [
            f"{name}, {verdict['goal']}: {verdict['sentence']}"
            for verdict in verdicts if not verdict["holds"]]
        broken += [
            f"{name}: {failure['subject']} failed: {failure['why']}"
            for failure in summary["failures"]]
    kind = "a quick run" if result["quick"] else "a full run"
    print(f"{path.name}, {kind}, rounds: {result['rounds']}")
    print(machine.sentence(result["machine"]))
    print("\n".join(broken) or "everything that was looked at holds")
    print(_looked_at(bounds, result["quick"]))
    return 1 if broken else 0


def _looked_at(bounds, quick):
    """A quick run is no proof of what it leaves out."""
    goals = [goal for listed in bounds.values() for goal in listed]
    left_out = sum(not thresholds.is_looked_at(goal, quick) for goal in goals)
    if left_out == 0:
        return f"all {len(goals)} goals were looked at"
    return f"{left_out} of {len(goals)} goals were not looked at: a full run does (make bench)"

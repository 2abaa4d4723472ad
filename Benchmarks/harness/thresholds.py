"""What figures must hold, by Benchmarks/thresholds.json, and which do not.

A threshold of a workload:

    {"goal": "T1", "case": "256 KiB frames", "kind": "processor time", "of": "cmdctl*",
     "over": "TLS pump", "most": 1.0}

It bounds the median (`most` or `least`) of the figure itself or, with `over`, of its ratio to a
peer's in the same round; with `"each_round": true` every round must hold, not only the median.
`of` is a pattern of subjects: the bound is for each, and every backend that the run was of must
have been measured, unless the figure is taken of whichever comes first (`"one_backend": true`).
`quick_most` and `quick_least` are for quick runs, where the common ones would say more about their
small sizes and few rounds than about the server; what says nothing there (`"quick": false`) is not
looked at.
"""

import fnmatch

import figures
import subject
import table


def check(summary, thresholds, backends, quick=False):
    """What each threshold says about each subject of a run of these backends: a list of
    verdicts."""
    return [
        verdict for threshold in thresholds if is_looked_at(threshold, quick)
        for verdict in _judge(summary, threshold, backends, quick)]


def is_looked_at(threshold, quick):
    """Whether such a run can say anything about it."""
    return threshold.get("quick", True) or not quick


def _judge(summary, threshold, backends, quick):
    subjects = figures.find(summary, threshold["case"], threshold["kind"])
    unit = figures.unit_of(summary, threshold["case"], threshold["kind"])
    return [
        _judge_subject(subjects, unit, name, threshold, quick)
        for name in _names(threshold, subjects, backends)]


def _names(threshold, subjects, backends):
    """Whom it is about, measured or not."""
    ours = [] if threshold.get("one_backend") else map(subject.name_of, backends)
    names = fnmatch.filter(dict.fromkeys([*ours, *subjects]), threshold["of"])
    return names or [threshold["of"]]


def _judge_subject(subjects, unit, name, threshold, quick):
    figure, over = subjects.get(name), threshold.get("over")
    if figure is None:
        return _missing(threshold, name)
    if over is not None:
        figure, unit = over in subjects and figures.ratio(figure, subjects[over]), ""
    if not figure:
        return _missing(threshold, f"{name} or {over}")
    side, bound = _bound(threshold, quick)
    value, when = figure["median"], "at"
    if threshold.get("each_round"):
        value, when = figure["max" if side == "most" else "min"], "in each round at"
    holds = value <= bound if side == "most" else value >= bound
    what = f"{threshold['case']}: {threshold['kind']} of {name}" + (f" over {over}" if over else "")
    told = f"{what}: {table.interval(figure)}{unit and ' ' + unit}, {when} {side} {bound:,.7g}"
    told += ", holds" if holds else f", MISSED by {_excess(value, bound):.0f} %"
    return _verdict(threshold, told, holds, figure["median"])


def _bound(threshold, quick):
    side = "most" if "most" in threshold else "least"
    bound = threshold[side]
    return side, threshold.get(f"quick_{side}", bound) if quick else bound


def _excess(value, bound):
    """How far on the wrong side, in percent of the bound."""
    return abs(value - bound) / bound * 100


def _missing(threshold, who):
    told = f"{threshold['case']}: {threshold['kind']} of {who} was not measured"
    return _verdict(threshold, told, False, None)


def _verdict(threshold, sentence, holds, median):
    return {
        "goal": threshold["goal"], "holds": holds, "sentence": sentence, "median": median}

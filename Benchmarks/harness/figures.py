"""Figures of several rounds, by case, kind and subject, and ratios of them.

A case is what was done ("256 KiB frames"), a kind what was measured of it ("processor time", in a
unit). Ratios are taken within a round, so that whatever else the machine did falls on both.
"""

import json
import math
import statistics


class Figures:
    """What the rounds of one workload gave."""

    def __init__(self):
        self.round = 0
        # (case, kind) → {"unit": …, "subjects": {subject: {round: value}}}
        self._rows = {}
        # (case, subject) → how many runs met a stall and were done again, or had to be kept.
        self.repeated = {}
        self.kept = {}
        # subject → (case, why)
        self.failures = {}

    def add(self, case, kind, unit, subject, value):
        """Notes what this round gave; `subject` is a name, or what has one."""
        row = self._rows.setdefault((case, kind), {"unit": unit, "subjects": {}})
        assert row["unit"] == unit, f"{case}: {kind} in {row['unit']} and {unit}"
        values = row["subjects"].setdefault(_name(subject), {})
        assert self.round not in values, f"{case}: {kind} of {_name(subject)} twice in a round"
        values[self.round] = value

    def repeat(self, case, subject):
        """Notes a run that met a stall and is done again."""
        key = (case, _name(subject))
        self.repeated[key] = self.repeated.get(key, 0) + 1

    def keep(self, case, subject):
        """Notes a run that met a stall as often as it was done again."""
        key = (case, _name(subject))
        self.kept[key] = self.kept.get(key, 0) + 1

    def fail(self, case, subject, why):
        """Notes that a subject failed; the first reason is the one that is told."""
        self.failures.setdefault(_name(subject), (case, why))

    def stands(self, subject):
        """Whether it has not failed so far."""
        return _name(subject) not in self.failures

    def summary(self):
        """All of it, for tables, checks and files."""
        return {
            "rows": [
                {"case": case, "kind": kind, "unit": row["unit"],
                 "subjects": {
                     subject: _statistics(values) for subject, values in row["subjects"].items()}}
                for (case, kind), row in self._rows.items()],
            "repeated": _listed(self.repeated),
            "kept": _listed(self.kept),
            "failures": [
                {"subject": subject, "case": case, "why": why}
                for subject, (case, why) in self.failures.items()]}


def find(summary, case, kind):
    """The subjects' figures of a row, or none; a subject that failed has none that count."""
    failed = {failure["subject"] for failure in summary["failures"]}
    for row in summary["rows"]:
        if (row["case"], row["kind"]) == (case, kind):
            return {
                name: figure for name, figure in row["subjects"].items() if name not in failed}
    return {}


def unit_of(summary, case, kind):
    """The unit of a row, which may have none."""
    units = [
        row["unit"] for row in summary["rows"] if (row["case"], row["kind"]) == (case, kind)]
    return units[0] if units else ""


def ratio(figure, other):
    """Median, least and greatest of one figure over another, of the rounds that have both."""
    rounds = figure["rounds"].keys() & other["rounds"].keys()
    return _statistics({number: figure["rounds"][number] / other["rounds"][number]
                        for number in sorted(rounds)}) if rounds else None


def quantile(values, fraction):
    """The value that this fraction of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * fraction) - 1)]


def write(path, **content):
    """Writes a result where later runs do not overwrite it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")


def _statistics(values):
    """Rounds are keyed by text, as they are when they come back from a file."""
    return {
        "median": _digits(statistics.median(values.values())),
        "min": _digits(min(values.values())), "max": _digits(max(values.values())),
        "rounds": {str(number): _digits(value) for number, value in values.items()}}


def _digits(value):
    """As many as anybody could mean."""
    return float(f"{value:.5g}")


def _listed(counts):
    return [
        {"case": case, "subject": subject, "count": count}
        for (case, subject), count in counts.items()]


def _name(subject):
    return subject if isinstance(subject, str) else subject.name

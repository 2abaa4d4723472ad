"""Figures of several rounds, the table of them, and what they must not exceed."""

import json
import math
import statistics


class Figures:
    """Numbers by name, one for each round."""

    def __init__(self):
        self._rounds = {}

    def add(self, name, unit, value):
        """Notes what one round gave."""
        self._rounds.setdefault((name, unit), []).append(value)

    def summary(self):
        """For each figure the median with the least and the greatest."""
        return {
            name: {
                "unit": unit, "median": round(statistics.median(values), 4),
                "min": round(min(values), 4), "max": round(max(values), 4),
                "rounds": len(values)}
            for (name, unit), values in self._rounds.items()}


def check(summary, thresholds):
    """What each threshold says about the median of its figure."""
    verdicts = {}
    for name, bound in thresholds.items():
        median = summary[name]["median"]
        holds = bound.get("least", median) <= median <= bound.get("most", median)
        verdicts[name] = {**bound, "holds": holds}
    return verdicts


def table(summary, verdicts):
    """Lines for people, those of one subject together."""
    rows = [("", "median", "min", "max", "goal")]
    for name in sorted(summary, key=_subject_order(summary)):
        figure = summary[name]
        numbers = [_number(figure[key]) for key in ("median", "min", "max")]
        label = f"{name} [{figure['unit']}]" if figure["unit"] else name
        rows.append((label, *numbers, _goal(verdicts.get(name))))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0])] + [
            cell.rjust(width) for cell, width in zip(row[1:4], widths[1:4])] + [row[4]]).rstrip()
        for row in rows)


def _subject_order(summary):
    """By what comes before the comma, in the order in which it was first heard of."""
    first = {}
    for name in summary:
        first.setdefault(name.partition(",")[0], len(first))
    return lambda name: first[name.partition(",")[0]]


def quantile(values, fraction):
    """The value that this fraction of all does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * fraction) - 1)]


def write(path, **content):
    """Writes a result where later runs do not overwrite it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n")


def _number(value):
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.2f}"


def _goal(verdict):
    if verdict is None:
        return ""
    sign, bound = ("≥", verdict["least"]) if "least" in verdict else ("≤", verdict["most"])
    return f"{sign} {bound:g}  {'holds' if verdict['holds'] else 'MISSED'}"

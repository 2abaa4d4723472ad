"""The kinds of plot: bars beside each other, ranges of a latency, and growth with the followers.

A figure is what figures.py makes of the rounds: a median with the least and the greatest.
"""

from drawing import FAINT, GRID, Drawing, Linear, Logarithmic, colour, tick_label
from table import number

_WIDTH, _HEAD, _LABELS, _ROW = 640, 74, 190, 24


def bars(title, subtitle, groups, one_scale=True):
    """A bar for each subject, in groups: {heading: {subject: figure}}. A thin line goes from the
    least to the greatest. All groups have one scale, or each its own."""
    rows = sum(len(subjects) for subjects in groups.values())
    height = _HEAD + rows * _ROW + len(groups) * (_ROW + 8)
    drawing = Drawing(_WIDTH, height, title, subtitle)
    greatest = {
        heading: max((figure["max"] for figure in subjects.values()), default=0)
        for heading, subjects in groups.items()}
    y = _HEAD
    for heading, subjects in groups.items():
        scale = Linear(
            max(greatest.values()) if one_scale else greatest[heading], _LABELS, _WIDTH - 80)
        drawing.words(24, y + 12, heading, weight=600)
        y += _ROW
        for subject, figure in subjects.items():
            _bar(drawing, scale, y, subject, figure)
            y += _ROW
        y += 8
    return drawing.svg()


def _bar(drawing, scale, y, subject, figure):
    drawing.words(_LABELS - 10, y + 12, subject, anchor="end")
    drawing.box(_LABELS, y + 1, scale(figure["median"]) - _LABELS, 15, colour(subject))
    if figure["max"] > figure["min"]:
        span = [(scale(figure["min"]), y + 8.5), (scale(figure["max"]), y + 8.5)]
        drawing.line(span, "#111827", 1.2)
    end = max(scale(figure["max"]), scale(figure["median"]))
    drawing.words(end + 8, y + 13, number(figure["median"]))


def ranges(title, subtitle, groups):
    """A latency of each subject from its p50 (full) over its p99 (hollow) to its greatest, on a
    logarithmic axis: {heading: {subject: {"p50": figure, "p99": figure, "max": figure}}}."""
    rows = sum(len(subjects) for subjects in groups.values())
    bottom = _HEAD + rows * _ROW + len(groups) * (_ROW + 8)
    drawing = Drawing(_WIDTH, bottom + 28, title, subtitle)
    medians = [
        figure["median"] for subjects in groups.values() for parts in subjects.values()
        for figure in parts.values()]
    scale = Logarithmic(medians, _LABELS + 10, _WIDTH - 110)
    for tick in scale.ticks():
        drawing.line([(scale(tick), _HEAD - 4), (scale(tick), bottom)])
        drawing.words(scale(tick), bottom + 16, tick_label(tick), 11, "middle", FAINT)
    y = _HEAD
    for heading, subjects in groups.items():
        drawing.words(24, y + 12, heading, weight=600)
        y += _ROW
        for subject, parts in subjects.items():
            _range(drawing, scale, y, subject, parts)
            y += _ROW
        y += 8
    return drawing.svg()


def _range(drawing, scale, y, subject, parts):
    middle = y + 9
    half, most, last = (scale(parts[name]["median"]) for name in ("p50", "p99", "max"))
    drawing.words(_LABELS - 10, y + 13, subject, anchor="end")
    drawing.line([(half, middle), (last, middle)], colour(subject), 2)
    drawing.line([(last, middle - 4), (last, middle + 4)], colour(subject), 2)
    drawing.dot(half, middle, colour(subject))
    drawing.dot(most, middle, colour(subject), hollow=True)
    numbers = " · ".join(number(parts[name]["median"]) for name in ("p50", "p99"))
    drawing.words(_WIDTH - 20, y + 13, numbers, anchor="end")


def growth(title, subtitle, panels):
    """How figures grow with a number, panels side by side, all axes logarithmic:
    {heading: {subject: {count: figure}}}."""
    drawing = Drawing(760, 400, title, subtitle)
    subjects = list(dict.fromkeys(name for lines in panels.values() for name in lines))
    _legend(drawing, subjects)
    width = (drawing.width - 40) / len(panels)
    for place, (heading, lines) in enumerate(panels.items()):
        _panel(drawing, 20 + place * width, width, heading, lines)
    return drawing.svg()


def _legend(drawing, subjects):
    x = 28
    for subject in subjects:
        drawing.dot(x, 78, colour(subject))
        drawing.words(x + 10, 82, subject)
        x += 34 + 7 * len(subject)


def _panel(drawing, left, width, heading, lines):
    top, bottom = 130, drawing.height - 46
    counts = [count for line in lines.values() for count in line]
    medians = [figure["median"] for line in lines.values() for figure in line.values()]
    across = Logarithmic(counts, left + 52, left + width - 16)
    up = Logarithmic(medians, bottom, top)
    drawing.words(left + 4, top - 16, heading, weight=600)
    for tick in up.ticks():
        drawing.line([(left + 52, up(tick)), (left + width - 16, up(tick))])
        drawing.words(left + 46, up(tick) + 4, tick_label(tick), 11, "end", FAINT)
    for tick in across.ticks():
        drawing.line([(across(tick), bottom), (across(tick), bottom + 5)], GRID)
        drawing.words(across(tick), bottom + 18, tick_label(tick), 11, "middle", FAINT)
    drawing.words(left + 34 + width / 2, bottom + 36, "followers", 11, "middle", FAINT)
    for subject, line in lines.items():
        _curve(drawing, [(across(count), up(figure["median"])) for count, figure in line.items()],
               colour(subject))


def _curve(drawing, points, stroke):
    drawing.line(points, stroke, 2)
    for x, y in points:
        drawing.dot(x, y, stroke, radius=3)

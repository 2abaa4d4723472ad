"""Scalable drawings: lines, boxes and words, and scales to place them by."""

import html
import math

INK, FAINT, GRID = "#1f2937", "#6b7280", "#e5e7eb"
_COLOURS = {
    "cmdctl epoll": "#1d4ed8", "cmdctl io_uring": "#0891b2", "Go": "#d97706", "C++": "#b91c1c",
    "nghttpd": "#7c3aed", "TLS pump": "#4b5563"}
_OTHERS = ["#be185d", "#4d7c0f", "#92400e", "#0f766e"]


def colour(subject):
    """The same for a subject in every drawing; its label need not be all of the name."""
    for name, found in _COLOURS.items():
        if subject.startswith(name):
            return found
    return _OTHERS[sum(map(ord, subject)) % len(_OTHERS)]


class Drawing:
    """Marks on a white card, in the order in which they are made."""

    def __init__(self, width, height, title, subtitle):
        self.width, self.height = width, height
        self._marks = []
        self.words(24, 34, title, size=17, weight=600)
        self.words(24, 54, subtitle, fill=FAINT)

    def words(self, x, y, text, size=12, anchor="start", fill=INK, weight=400):
        """Text that begins, ends or has its middle at a point of its base line."""
        self._marks.append(
            f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"'
            f' font-weight="{weight}">{html.escape(text)}</text>')

    def line(self, points, stroke=GRID, width=1.0):
        """A line from point to point."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._marks.append(
            f'<polyline points="{path}" fill="none" stroke="{stroke}" stroke-width="{width}"'
            ' stroke-linejoin="round" stroke-linecap="round"/>')

    def box(self, x, y, width, height, fill):
        """A filled box, its corners a little round."""
        self._marks.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 1):.1f}" height="{height:.1f}"'
            f' rx="2" fill="{fill}"/>')

    def dot(self, x, y, fill, radius=4.0, hollow=False):
        """A disc, or a ring."""
        inside = "#fff" if hollow else fill
        self._marks.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" fill="{inside}" stroke="{fill}"'
            ' stroke-width="2"/>')

    def svg(self):
        """The whole of it."""
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}"'
            f' width="{self.width}" height="{self.height}"'
            ' font-family="system-ui, Helvetica, Arial, sans-serif">',
            f'<rect width="{self.width}" height="{self.height}" rx="10" fill="#fff"/>',
            *self._marks, "</svg>", ""])


class Linear:
    """From 0 to the greatest value, onto a stretch of the drawing."""

    def __init__(self, greatest, start, end):
        self._scale = (end - start) / (greatest or 1)
        self._start = start

    def __call__(self, value):
        return self._start + value * self._scale


class Logarithmic:
    """Whole decades around all values, onto a stretch of the drawing; what is not positive lies at
    its beginning."""

    def __init__(self, values, start, end):
        positive = [value for value in values if value > 0] or [1]
        self._first = math.floor(math.log10(min(positive)))
        self._last = max(self._first + 1, math.ceil(math.log10(max(positive))))
        self._start = start
        self._scale = (end - start) / (self._last - self._first)

    def __call__(self, value):
        power = math.log10(value) if value > 0 else self._first
        return self._start + (power - self._first) * self._scale

    def ticks(self):
        """The powers of ten on it; of one or two decades also what lies between."""
        powers = range(self._first, self._last + 1)
        steps = [1, 2, 5] if len(powers) <= 3 else [1]
        return [
            step * 10.0**power for power in powers for step in steps
            if step == 1 or power < self._last]


def tick_label(value):
    """As people write it."""
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"

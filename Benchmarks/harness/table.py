"""The table of a workload: a line for each kind of figure, the subjects side by side."""

_GAP = "  "


def lines(summary, verdicts):
    """Cases as headings, then what fell short of a goal, was repeated, or failed."""
    subjects = _subjects(summary)
    table = []
    for case in dict.fromkeys(row["case"] for row in summary["rows"]):
        rows = [row for row in summary["rows"] if row["case"] == case]
        shown = [subject for subject in subjects if _is_in(subject, rows, summary)]
        table += _case(case, rows, shown, summary)
    table += [_goal(verdict) for verdict in verdicts]
    table += _stalls(summary)
    table += [
        f"FAILED: {failure['subject']}, {failure['case']}: {failure['why']}"
        for failure in summary["failures"]]
    return table


def _case(case, rows, subjects, summary):
    grid = [[case, *subjects]]
    for row in rows:
        label = f"  {row['kind']}" + (f", {row['unit']}" if row["unit"] else "")
        grid.append([label, *(_cell(row, subject, summary) for subject in subjects)])
    widths = [max(len(line[column]) for line in grid) for column in range(len(grid[0]))]
    return [
        _GAP.join([line[0].ljust(widths[0])] + [
            cell.rjust(width) for cell, width in zip(line[1:], widths[1:])]).rstrip()
        for line in grid] + [""]


def _subjects(summary):
    """In the order in which they were first heard of; those that failed at once are no less."""
    names = [subject for row in summary["rows"] for subject in row["subjects"]]
    return list(dict.fromkeys(names + [failure["subject"] for failure in summary["failures"]]))


def _is_in(subject, rows, summary):
    """Whether a case is about a subject; one that failed is shown wherever it might have been."""
    return any(subject in row["subjects"] for row in rows) or any(
        failure["subject"] == subject for failure in summary["failures"])


def _cell(row, subject, summary):
    if any(failure["subject"] == subject for failure in summary["failures"]):
        return "FAILED"
    figure = row["subjects"].get(subject)
    if figure is None:
        return "–"
    stalled = any(
        (kept["case"], kept["subject"]) == (row["case"], subject) for kept in summary["kept"])
    return interval(figure) + ("*" if stalled else "")


def interval(figure):
    """Median, and least to greatest if there was more than one round."""
    if len(figure["rounds"]) == 1:
        return number(figure["median"])
    return f"{number(figure['median'])} ({number(figure['min'])}–{number(figure['max'])})"


def number(value):
    """Three digits or more."""
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _goal(verdict):
    return f"{verdict['goal']}: {verdict['sentence']}"


def _stalls(summary):
    repeated = sum(entry["count"] for entry in summary["repeated"])
    kept = sum(entry["count"] for entry in summary["kept"])
    told = []
    if repeated:
        told.append(f"Runs that met a loopback stall and were done again: {repeated}")
    if kept:
        told.append(f"* Runs that met one every time and were kept: {kept}")
    return told

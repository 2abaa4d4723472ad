"""What it means that a subject failed, as opposed to being slow."""

import subprocess


class Failed(Exception):
    """A server or its client crashed, lost bytes, answered wrongly or not at all.

    The subject is out for the rest of its workload, its place in the table says FAILED, and the
    whole run ends with a status other than 0: no figure disappears in silence.
    """


def require(condition, why):
    """Fails the subject that is being measured, unless the condition holds."""
    if not condition:
        raise Failed(why)


def explain(error):
    """One line or a few about an error that a program was the cause of."""
    if isinstance(error, subprocess.CalledProcessError):
        said = "".join(text for text in [error.stdout, error.stderr] if text).strip()
        return f"{_name(error.cmd)} ended with status {error.returncode}: {said[-2000:]}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"{_name(error.cmd)} did not end in {error.timeout:.0f} s"
    return str(error)


def _name(command):
    """Of the program itself, whatever processors it was put on (placing.py)."""
    words = command[3:] if command[0] == "taskset" else command
    return str(words[0]).rpartition("/")[2]

"""Runs the programs in load/ and peers/ that measure, and reads what they say."""

import json
import subprocess

from failure import Failed


def output(command, patience=120, stdin=subprocess.DEVNULL):
    """What a program prints; it must end by itself, and well."""
    return subprocess.run(
        list(map(str, command)), check=True, stdin=stdin, capture_output=True, text=True,
        timeout=patience).stdout


def answer(command, patience=120, stdin=subprocess.DEVNULL):
    """The JSON object that a program prints."""
    said = output(command, patience, stdin)
    try:
        return json.loads(said)
    except ValueError:
        raise Failed(f"{command[0]} said no JSON: {said[-500:]}") from None

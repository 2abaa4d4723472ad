"""Runs the programs in load/ and peers/ that measure, and reads what they say."""

import json
import subprocess

from failure import Failed


def output(command, patience=120):
    """What a program prints; it must end by itself, and well."""
    return subprocess.run(
        list(map(str, command)), check=True, capture_output=True, text=True,
        timeout=patience).stdout


def answer(command, patience=120):
    """The JSON object that a program prints."""
    said = output(command, patience)
    try:
        return json.loads(said)
    except ValueError:
        raise Failed(f"{command[0]} said no JSON: {said[-500:]}") from None

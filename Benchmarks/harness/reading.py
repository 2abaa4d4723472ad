"""Whole logs, read from the first byte to the last by one follower or by many, and held against
what was written: by their hash, from whatever server."""

import contextlib
import shutil
import subprocess
import threading

import client
from failure import require
from file_servers import FileServer, Pump, path_of

# What cmdctld takes if it may choose. Others would choose another one, so that it alone is offered.
CIPHER = "TLS_AES_256_GCM_SHA384"
_SEED = 1
_GLANCES_PER_SECOND = 50


class Logs:
    """Logs of a few sizes, each with the same bytes in every server: files, and output of jobs."""

    def __init__(self, setting):
        self._setting = setting
        self.files = setting.directory()
        self.files.mkdir()
        self._hashes = {}
        self._jobs = {}

    def file(self, size):
        """The name of the file of that size; made when first asked for."""
        path = self.files / str(size)
        if not path.exists():
            with path.open("wb") as file:
                subprocess.run(self._writer(size), stdout=file, check=True)
        return path.name

    def hash(self, size):
        """What must come."""
        if size not in self._hashes:
            follow = self._setting.programs.in_c("follow")
            path = self.files / self.file(size)
            self._hashes[size] = client.output([follow, "--hash", path]).strip()
        return self._hashes[size]

    def job(self, subject, size):
        """The job of that server that has written it, and has ended."""
        key = (subject.name, size)
        if key not in self._jobs:
            self._jobs[key] = subject.start_job(self._writer(size))
            subject.wait_for(self._jobs[key])
        return self._jobs[key]

    def remove(self):
        """Removes the files; the jobs go with their servers."""
        shutil.rmtree(self.files)

    def _writer(self, size):
        words = [self._setting.programs.in_c("writer"), "bulk", size, _SEED]
        return list(map(str, words))


class Reader:
    """Reads logs over so many connections, by so many followers in all."""

    def __init__(self, setting, logs, connections, followers):
        self._setting = setting
        self._logs = logs
        self._connections = connections
        self._followers = followers

    def read(self, subject, size, frame):
        """What the client said, with `server_s`, the server's processor time, and its `memory`."""
        command = self._command(subject, size, frame)
        before = subject.processor()
        with _watched(subject) as glances:
            said = client.answer(self._setting.placing.on_others(command))
        used = subject.processor() - before
        require(said["bytes"] == size * self._followers, f"{said['bytes']} bytes have come")
        wrong = {hash for hashes in said["hashes"].values() for hash in hashes}
        wrong.discard(self._logs.hash(size))
        require(said["hashes"] and not wrong, f"other bytes have come: {said['hashes']}")
        require(said["cipher"] == CIPHER, f"it was encrypted with {said['cipher']}")
        return {**said, "server_s": used.server, "memory": glances}

    def _command(self, subject, size, frame):
        programs = self._setting.programs
        if isinstance(subject, Pump):
            return [
                programs.in_c("pump"), "drain", *subject.client(), "--ciphers", CIPHER,
                "--file", self._logs.file(size), "--bytes", size,
                "--connections", self._connections,
                "--times", self._followers // self._connections]
        if isinstance(subject, FileServer):
            what = ["--get", path_of(self._logs.file(size))]
        else:
            what = ["--job", self._logs.job(subject, size)]
        return [
            programs.in_c("follow"), *subject.client(), *what, "--ciphers", CIPHER,
            "--connections", self._connections, "--followers", self._followers,
            "--frame", frame, "--mode", "whole"]


def note(figures, subject, case, result):
    """What of a reading is worth knowing."""
    gib = result["bytes"] / 2**30
    figures.add(case, "processor time", "s/GiB", subject, result["server_s"] / gib)
    figures.add(case, "speed", "MB/s", subject, result["bytes"] / 1e6 / result["seconds"])
    # The pump's client is no follower, and does not look.
    if "longest_gap_ms" in result:
        figures.add(case, "longest hole", "ms", subject, result["longest_gap_ms"])
    glances = result["memory"]
    figures.add(case, "memory at most", "KiB", subject, max(each.anonymous for each in glances))
    figures.add(case, "TCP queues at most", "KiB", subject, max(each.queues for each in glances))


@contextlib.contextmanager
def _watched(subject):
    """Looks at a server's memory while the context lasts, and once more at its end."""
    glances = []
    is_over = threading.Event()

    def look():
        while not is_over.wait(1 / _GLANCES_PER_SECOND):
            glances.append(subject.memory())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield glances
    finally:
        is_over.set()
        thread.join()
    glances.append(subject.memory())

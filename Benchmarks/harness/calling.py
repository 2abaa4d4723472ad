"""Small calls by the ten thousand: by our own client, which looks at every answer, and by
h2load."""

import json
import os
import re
import subprocess

from failure import Failed, require
from reading import CIPHER

_PATIENCE = 120
_SAID = re.compile(r"finished in \S+, ([\d.]+) req/s.*?(\d+) succeeded, (\d+) failed", re.S)


class Question:
    """What is asked of a server: one of our calls, or a file."""

    def __init__(self, path, *requests):
        """`requests` are the messages, to be sent in turn, if it is a call."""
        self.path = path
        self.requests = requests

    def of_unary(self):
        """Flags of load/unary.c."""
        if not self.requests:
            return ["--get", self.path]
        return ["--path", self.path, *(
            word for request in self.requests for word in ("--request", request.hex()))]

    def of_h2load(self, directory):
        """Flags of h2load, and what load/bodies.c must know to send more than the first body. All
        are of one size."""
        if not self.requests:
            return [], {}
        bodies = [b"\0" + len(request).to_bytes(4, "big") + request for request in self.requests]
        first, every = directory / "request", directory / "requests"
        first.write_bytes(bodies[0])
        every.write_bytes(b"".join(bodies))
        flags = ["-d", first, "-H", "content-type: application/grpc", "-H", "te: trailers"]
        return flags, {"LOAD_BODIES": every}


def get_jobs(*jobs):
    """Calls that ask for one job each."""
    return Question("/cmdctl.v1.JobService/GetJob", *(_field(1, job.encode()) for job in jobs))


def list_jobs(count):
    """A call that asks for a page of so many jobs."""
    return Question("/cmdctl.v1.JobService/ListJobs", b"\x08" + _varint(count))


def _field(number, contents):
    """protobuf.dev/programming-guides/encoding: of a known length."""
    return bytes([number << 3 | 2]) + _varint(len(contents)) + contents


def _varint(number):
    digits = []
    while number >= 128:
        digits.append(number & 127 | 128)
        number >>= 7
    return bytes([*digits, number])


class Caller:
    """Asks again and again, over so many connections with so many streams."""

    def __init__(self, setting, connections, streams):
        self._setting = setting
        self._connections = connections
        self._streams = streams

    def call(self, subject, question, calls, warm_up):
        """What load/unary.c said, with `server_s`, the server's processor time. Every status is 0
        and every answer to one request the same, or it fails."""
        command = [
            self._setting.programs.in_c("unary"), *subject.client(), "--ciphers", CIPHER,
            *question.of_unary(), "--connections", self._connections, "--streams", self._streams,
            "--calls", calls, "--warm-up", warm_up, "--paused"]
        command = list(map(str, self._setting.placing.on_others(command)))
        with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                text=True) as process:
            if process.stdout.readline() == "warm\n":
                before = subject.processor()
            said, errors = process.communicate("\n")
        require(process.returncode == 0, f"unary ended with {process.returncode}: {errors[-2000:]}")
        used = subject.processor() - before
        answer = json.loads(said)
        require(answer["calls"] == calls, f"{answer['calls']} of {calls} calls were made")
        return {**answer, "server_s": used.server}

    def load(self, subject, question, calls):
        """Calls per second by h2load, which looks at no status but HTTP's."""
        pki = self._setting.certificates.directory
        flags, bodies = question.of_h2load(subject.directory)
        loaded = ["clientcert.so", "bodies.so"] if bodies else ["clientcert.so"]
        environment = {
            **bodies, "LD_PRELOAD": ":".join(str(self._setting.programs.in_c(it)) for it in loaded),
            "LOAD_CERT": pki / "bench.pem", "LOAD_KEY": pki / "bench.key"}
        command = [
            "h2load", "-n", calls, "-c", self._connections, "-m", self._streams, "-t",
            min(self._connections, len(self._setting.placing.others)), "--tls13-ciphers", CIPHER,
            *flags, f"https://{subject.address}{question.path}"]
        said = subprocess.run(
            list(map(str, self._setting.placing.on_others(command))), check=True,
            capture_output=True, text=True, timeout=_PATIENCE,
            env={**os.environ, **{key: str(value) for key, value in environment.items()}}).stdout
        return parse(said, calls)


def parse(said, calls):
    """The rate that h2load tells; all of its requests must have had an answer."""
    match = _SAID.search(said)
    if match is None:
        raise Failed(f"h2load said: {said[-2000:]}")
    rate, succeeded, failed = match.groups()
    require(
        (int(succeeded), int(failed)) == (calls, 0),
        f"of {calls} requests of h2load {succeeded} succeeded and {failed} failed")
    return float(rate)

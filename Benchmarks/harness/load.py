"""Runs the programs in load/ and peers/, and reads what they say."""

import contextlib
import resource
import subprocess


class Run:
    """What one run of so many starts gave."""

    def __init__(self, said, server_seconds, job_seconds):
        *lines, (_, seconds, _, began) = (line.split() for line in said.splitlines())
        self.began, self.ended = float(began), float(began) + float(seconds)
        self.started_ms = [float(started) / 1000 for started, _ in lines]
        self.ended_ms = [float(ended) / 1000 for _, ended in lines]
        self.per_second = len(lines) / float(seconds)
        spent = job_seconds + (server_seconds or 0)
        self.processor_ms = spent / len(lines) * 1000
        self.server_ms = server_seconds and server_seconds / len(lines) * 1000


def jobs(programs, daemon, in_flight, count):
    """Jobs of a daemon."""
    before = daemon.processor_seconds()
    said = _output([
        programs.starts, *daemon.client(), "--in-flight", in_flight, "--count", count, "/bin/true"])
    after = daemon.processor_seconds()
    return Run(said, after[0] - before[0], after[1] - before[1])


def spawn(programs, in_flight, count, command=("/bin/true",)):
    """Processes, by posix_spawn."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    said = _output([programs.spawn, in_flight, count, *command])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(said, None, spent)


def crun(programs, directory, in_flight, count):
    """Containers, which crun starts and waits for.

    Without control groups, which costs it less: crun 1.8 cannot make them on a host that has both
    versions.
    """
    command = [
        "/usr/bin/crun", "--cgroup-manager=disabled", "--root", directory / "crun", "run",
        "--bundle", directory, "bench-%d"]
    return spawn(programs, in_flight, count, command)


@contextlib.contextmanager
def sleepers(programs, daemon, count):
    """So many jobs that do nothing, for as long as the context lasts."""
    command = [
        programs.starts, *daemon.client(), "--in-flight", "4", "--count", count, "--hold",
        "/bin/sleep", "1000"]
    with subprocess.Popen(
            [str(word) for word in command], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            text=True) as process:
        for line in process.stdout:
            if line == "held\n":
                break
        yield


def _output(command):
    return subprocess.run(
        [str(word) for word in command], check=True, stdout=subprocess.PIPE, text=True).stdout

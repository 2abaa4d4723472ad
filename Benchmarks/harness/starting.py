"""Starts jobs and processes by the hundred, with load/starts.c and peers/spawn.c."""

import contextlib
import resource
import subprocess

import client
from figures import quantile


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


class Starter:
    """Starts things, from all processors or only from those beside the server's."""

    def __init__(self, setting, everywhere):
        self._programs = setting.programs
        self._placed = setting.placing.anywhere if everywhere else setting.placing.on_others

    def jobs(self, subject, in_flight, count, *flags):
        """Jobs of a server: isolated ones, or with `--host` not."""
        before = subject.processor()
        said = client.output(
            self._placed([*self._starts(subject, in_flight, count), *flags, "/bin/true"]))
        used = subject.processor() - before
        return Run(said, used.server, used.with_children - used.server)

    def spawn(self, in_flight, count, command=("/bin/true",)):
        """Processes, by posix_spawn."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        said = client.output(
            self._placed([self._programs.in_c("spawn"), in_flight, count, *command]))
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Run(said, None, spent)

    def crun(self, directory, in_flight, count):
        """Containers, which crun starts and waits for.

        Without control groups, which costs it less: crun 1.8 cannot make them on a host that has
        both versions.
        """
        command = [
            "/usr/bin/crun", "--cgroup-manager=disabled", "--root", directory / "crun", "run",
            "--bundle", directory, "bench-%d"]
        return self.spawn(in_flight, count, command)

    @contextlib.contextmanager
    def sleepers(self, subject, count):
        """So many jobs that do nothing, for as long as the context lasts."""
        command = [*self._starts(subject, 4, count), "--hold", "/bin/sleep", "1000"]
        with subprocess.Popen(
                list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True) as process:
            for line in process.stdout:
                if line == "held\n":
                    break
            yield

    def _starts(self, subject, in_flight, count):
        return [
            self._programs.in_c("starts"), *subject.client(), "--in-flight", in_flight,
            "--count", count]


def note(figures, subject, case, run):
    """What of a run is worth knowing."""
    figures.add(case, "starts", "1/s", subject, run.per_second)
    figures.add(case, "processor time of a start", "ms", subject, run.processor_ms)
    if run.server_ms is not None:
        figures.add(case, "of that the server's", "ms", subject, run.server_ms)
        for percent in (50, 99):
            started = quantile(run.started_ms, percent / 100)
            figures.add(case, f"started p{percent}", "ms", subject, started)

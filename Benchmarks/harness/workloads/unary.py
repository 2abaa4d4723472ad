"""What a small call costs: GetJob of jobs that have ended, many at a time and one by one (T5)."""

import multiprocessing.pool

import plot
from calling import Caller, Question, get_jobs
from figures import find
from file_servers import FileServer, Nghttpd, path_of
from reading import Logs
from rivals import all_rivals
from workloads.base import Workload

CONNECTIONS, STREAMS = 16, 32
CROWDED = f"{CONNECTIONS} connections of {STREAMS} streams"
BY_H2LOAD = f"{CROWDED}, by h2load"
ALONE = "one at a time"
CALLS, QUICK_CALLS = 300_000, 40_000
CALLS_ALONE, QUICK_CALLS_ALONE = 20_000, 3_000
# Asked for in turn: whoever asks for one job only is told what others have been told just before.
JOBS, STARTERS = 64, 8
# As much as an answer about a job, with gRPC's head.
FILE_SIZE = 157


class Unary(Workload):
    """The smallest things that are asked of a server, beside nghttpd with a file of their size."""

    name = "unary"
    title = f"GetJob of {JOBS} jobs that have ended, in turn"

    def open(self):
        self._logs = Logs(self.setting)
        self.afterwards(self._logs.remove)
        self._crowd = Caller(self.setting, CONNECTIONS, STREAMS)
        self._alone = Caller(self.setting, 1, 1)
        self._questions = {}
        self.subjects = [
            *self.setting.cmdctl(), Nghttpd(self.setting, self._logs.files),
            *all_rivals(self.setting)]
        for subject in self.subjects:
            self.start(subject, self._prepare)

    def _prepare(self, subject):
        if isinstance(subject, FileServer):
            question = Question(path_of(self._logs.file(FILE_SIZE)))
        else:
            question = get_jobs(*_run_jobs(subject))
        self._questions[subject.name] = question

    def run(self, round, figures, quick):
        calls = QUICK_CALLS if quick else CALLS
        calls_alone = QUICK_CALLS_ALONE if quick else CALLS_ALONE
        for subject in self.standing(figures, round):
            question = self._questions[subject.name]
            self.attempt(
                figures, subject, CROWDED,
                lambda: self._crowd.call(subject, question, calls, calls // 10), _note)
            self.attempt(
                figures, subject, BY_H2LOAD,
                lambda: self._crowd.load(subject, question, calls), _note_rate)
            self.attempt(
                figures, subject, ALONE,
                lambda: self._alone.call(subject, question, calls_alone, calls_alone // 10), _note)

    def plots(self, summary):
        return {
            "unary": plot.bars(
                "Small calls", "GetJob, calls per second. Median, least and greatest.",
                {case: find(summary, case, "calls") for case in (CROWDED, ALONE)},
                one_scale=False)}


def _run_jobs(subject):
    """Each is ordered in its own words."""
    def run(number):
        job = subject.start_job(["/bin/true", str(number)])
        subject.wait_for(job)
        return job

    with multiprocessing.pool.ThreadPool(STARTERS) as pool:
        return pool.map(run, range(10, 10 + JOBS))


def _note(figures, subject, case, said):
    _note_rate(figures, subject, case, said["calls"] / said["seconds"])
    processor = said["server_s"] / said["calls"] * 1e6
    figures.add(case, "processor time of a call", "µs", subject, processor)
    for name in ["mean", "p50", "p99", "max"]:
        figures.add(case, f"latency, {name}", "µs", subject, said["latency_us"][name])


def _note_rate(figures, subject, case, rate):
    figures.add(case, "calls", "1/s", subject, rate)

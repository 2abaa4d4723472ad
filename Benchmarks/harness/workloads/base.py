"""How to write a workload.

    class Bulk(Workload):
        name = "bulk"                       # scripts/bench bulk
        title = "One follower, a finished log"

        def open(self):
            self.subjects = [*self.setting.cmdctl(), GoSubject(self.setting)]
            for subject in self.subjects:   # they run until the workload is over
                self.start(subject, self.write_log)

        def run(self, round, figures, quick):
            for subject in self.standing(figures, round):
                self.attempt(figures, subject, "256 KiB frames",
                             lambda subject=subject: self.follow(subject, quick), self.note)

        def note(self, figures, subject, case, result):
            figures.add(case, "processor time", "s/GiB", subject, result["…"])

and to name it in workloads/__init__.py. A round measures every subject once in every case.
`attempt` does it again if the loopback stalled, and notes a failure (failure.py: `require` what
must be true, as "nothing lost") so that the run goes on and still ends loudly. The figures are
medians of the rounds; what the warm-up gave is thrown away. Goals are in thresholds.json, by the
same words.
"""

import contextlib
import subprocess

from failure import Failed, explain
from figures import Figures
from stalls import StallWatch

FAILURES = (Failed, subprocess.CalledProcessError, subprocess.TimeoutExpired, OSError)


class Workload:
    """Something that is done to several servers, round by round."""

    # On the command line, and in the result's file.
    name = None
    # What it is, in one line.
    title = None
    # How often a run that met a stall is done again, and in a quick run, which has no time.
    repetitions_max, quick_repetitions_max = 3, 1

    def __init__(self, setting):
        self.setting = setting
        self.subjects = []
        self._stack = contextlib.ExitStack()
        self._figures = None
        self._repetitions_max = None

    # ---- What a workload says ----

    def open(self):
        """Makes the subjects, starts those that run all the time, prepares what they serve."""
        raise NotImplementedError

    def run(self, round, figures, quick):
        """One round: every subject, in every case. A quick one takes a few seconds in all."""
        raise NotImplementedError

    def warm_up(self, figures):
        """What is done before the first round; these figures are thrown away, but no failure is."""
        self.run(0, figures, quick=True)

    def plots(self, summary):
        """Drawings of its figures: {name: SVG}."""
        return {}

    # ---- What it is made of ----

    def start(self, subject, prepare=None, in_memory=False, **how):
        """Runs a subject until the workload is over, and prepares it: `prepare(subject)`."""
        life = contextlib.ExitStack()
        try:
            life.enter_context(subject.started(self.setting.directory(in_memory), **how))
            if prepare is not None:
                prepare(subject)
        except FAILURES as error:
            self._figures.fail("its start", subject, explain(error))
        self._stack.callback(self._end, subject, life)

    def afterwards(self, action, *arguments):
        """Does something when the workload is over."""
        self._stack.callback(action, *arguments)

    def standing(self, figures, round, subjects=None):
        """Those of the subjects that have not failed; each round begins with another one."""
        subjects = self.subjects if subjects is None else subjects
        turn = round % max(1, len(subjects))
        order = subjects[turn:] + subjects[:turn]
        return [subject for subject in order if figures.stands(subject)]

    def attempt(self, figures, subject, case, measure, note):
        """Measures, again after a stall, then `note(figures, subject, case, result)`."""
        if not figures.stands(subject):
            return
        try:
            note(figures, subject, case, self._without_stall(figures, subject, case, measure))
            subject.check()
        except FAILURES as error:
            figures.fail(case, subject, _reason(subject, error))

    def _without_stall(self, figures, subject, case, measure):
        for repetition in range(self._repetitions_max + 1):
            watch = StallWatch()
            result = measure()
            if not watch.stalled():
                return result
            is_last = repetition == self._repetitions_max
            (figures.keep if is_last else figures.repeat)(case, subject)
        return result

    def _end(self, subject, life):
        try:
            life.close()
        except FAILURES as error:
            self._figures.fail("its end", subject, explain(error))

    # ---- Its life ----

    def measure(self, rounds, quick):
        """Everything there is to do; answers the summary of the figures."""
        self._repetitions_max = self.quick_repetitions_max if quick else self.repetitions_max
        self._figures = Figures()
        with self._stack:
            self.open()
            self._warm_up()
            for number in range(rounds):
                self._figures.round = number
                self.run(number, self._figures, quick)
        return self._figures.summary()

    def _warm_up(self):
        discarded = Figures()
        discarded.failures = self._figures.failures
        self.warm_up(discarded)


def _reason(subject, error):
    """A client of a server that is gone says only that it is; the server's last words say why."""
    try:
        subject.check()
    except Failed as gone:
        return explain(gone)
    return explain(error)

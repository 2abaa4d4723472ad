"""Servers that are measured: `cmdctld`, and whatever it is compared with.

A peer is a class like CmdctlSubject, in a file of its own. If it serves our protocol and prints
`listening on ADDRESS:PORT` on its standard error, all it needs is a name, a command, and to say
where logs are (see rivals.py):

    class GoSubject(Subject):
        name = "Go"

        def command(self):
            return [go_peer(self.setting.programs.directory), "--listen", "127.0.0.1:0",
                    *self.setting.certificates.of_server(), "--dir", self.directory]

        def log_path(self, job):
            return self.directory / f"{job}.log"

`started` puts it on the server's processor, waits for its address, and sees to it that nothing of
it is left at the end; a server that dies in between is a failure (`check`). One that speaks
something else overrides `client` and what follows it; one that says nothing of its address,
`await_address`.
"""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import time

import accounting
from failure import Failed, require


class Subject:
    """A server under test, in a directory of its own."""

    # What the table calls it.
    name = None
    # How long it may take until it listens, and until it is gone, in seconds.
    patience = 30

    def __init__(self, setting):
        self.setting = setting
        self.directory = None
        self.address = None
        # How long it took until it listened.
        self.ready_seconds = None
        self._process = None

    # ---- What a peer says of itself ----

    def command(self):
        """The command line. Whatever it keeps, it keeps in `self.directory`."""
        raise NotImplementedError

    def log_path(self, job):
        """Where the output of a job lies."""
        raise NotImplementedError

    def place(self):
        """Called once it listens: puts parts of it elsewhere than on the server's processor."""

    def ask_to_end(self):
        """Begins its end, which takes its jobs with it."""
        self._process.send_signal(signal.SIGTERM)

    def has_ended_well(self, status):
        """What its exit status means; a shell would say 143 for dying of the signal."""
        return status in (0, -signal.SIGTERM, 128 + signal.SIGTERM)

    # ---- Its life ----

    @contextlib.contextmanager
    def started(self, directory, environment=None, placed=True):
        """Runs it for as long as the context lasts, in a directory that is not there yet.

        Unless it is `placed` it has all processors.
        """
        self.directory = directory
        directory.mkdir()
        try:
            self._launch(environment, placed)
            yield self
            self.check()
            self.ask_to_end()
            self._await_end()
        finally:
            self._kill()
            self._process = None
            shutil.rmtree(directory)

    def check(self):
        """Fails if it is gone though nobody has asked it to end."""
        if self._process is None:
            return
        status = self._process.poll()
        require(status is None, f"{self.name} is gone with status {status}: {self.said()}")

    def said(self):
        """The end of what it wrote to its standard error."""
        return self._errors.read_text(errors="replace")[-2000:].strip()

    def await_address(self):
        """Where it listens, by its own words."""
        for line in self._errors.read_text().splitlines():
            if line.startswith("listening on "):
                return line.removeprefix("listening on ").strip()
        return None

    # ---- What is asked of it while it runs ----

    @property
    def pid(self):
        """Of the server; what it starts are its children."""
        return self._process.pid

    @property
    def port(self):
        """The one it listens on."""
        return int(self.address.rpartition(":")[2])

    def client(self):
        """Flags of the programs in load/ that make them a client of this server."""
        certificates = self.setting.certificates
        return [
            "--at", self.address, "--ca", certificates.server_authority,
            *certificates.of_client()]

    def start_job(self, arguments):
        """Starts a job on the host's own files; answers its identifier once it runs."""
        return self.call("run", *self.job_flags(), "--", *arguments).strip()

    def job_flags(self):
        """Flags of `cmdctl run`."""
        return []

    def wait_for(self, job):
        """Returns when a job is over and its log complete; fails unless it exited with 0."""
        self.call("wait", job)

    def stop_job(self, job):
        """Ends a job, with all that it has started."""
        self.call("stop", "--grace", "0s", job)

    def call(self, *words, patience=600):
        """What `cmdctl` prints, which can call whatever serves the same protocol."""
        certificates = self.setting.certificates
        command = [
            self.setting.programs.release / "cmdctl", "--server", self.address, "--cacert",
            certificates.server_authority, *certificates.of_client(), *words]
        return subprocess.run(
            list(map(str, command)), check=True, capture_output=True, text=True,
            timeout=patience).stdout

    def processor(self):
        """Processor time so far: the difference of two of these is what happened between."""
        return accounting.processor(self.pid)

    def memory(self):
        """What it takes now."""
        return accounting.memory(self.pid, self.port)

    # ---- Behind the scenes ----

    @property
    def _errors(self):
        return self.directory / "stderr"

    def _launch(self, environment, placed):
        placing = self.setting.placing
        command = (placing.on_server if placed else placing.anywhere)(self.command())
        begun = time.monotonic()
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                list(map(str, command)), stdin=subprocess.DEVNULL, stdout=errors, stderr=errors,
                env={**os.environ, **(environment or {})})
        while (address := self.await_address()) is None:
            self.check()
            if time.monotonic() - begun > self.patience:
                raise Failed(f"{self.name} does not listen: {self.said()}")
            time.sleep(0.002)
        self.ready_seconds = time.monotonic() - begun
        self.address = address
        if placed:
            self.place()

    def _await_end(self):
        try:
            status = self._process.wait(self.patience)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end when it was asked to: {self.said()}") from None
        require(
            self.has_ended_well(status), f"{self.name} ended with status {status}: {self.said()}")

    def _kill(self):
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()


class Command:
    """What is compared without being a server: a program that does the same by itself."""

    def __init__(self, name):
        self.name = name

    def check(self):
        """There is nothing that could be gone."""


# All output is kept, as the peers keep it, however much a job writes.
_LOGS = ["--log-max", "20G", "--logs-total-max", "all"]


def name_of(backend):
    """What the table calls `cmdctld` with it."""
    return f"cmdctl {backend}"


class CmdctlSubject(Subject):
    """`cmdctld` with one of its backends, and jobs in control groups of their own."""

    def __init__(self, setting, backend):
        super().__init__(setting)
        self.backend = backend
        self.name = name_of(backend)
        # Further flags of the daemon.
        self.flags = []

    def command(self):
        return [
            self.setting.programs.release / "cmdctld", "--state-dir", self.state, "--listen",
            "127.0.0.1:0", *self.setting.certificates.of_server(), "--log-level", "warning",
            "--jobs-cgroup", self._group, "--backend", self.backend, *_LOGS, *self.flags]

    def job_flags(self):
        return ["--isolation", "host"]

    @property
    def state(self):
        """The state directory; it may be filled before the daemon starts."""
        return self.directory / "state"

    def log_path(self, job):
        return self.state / "logs" / f"{job}.log"

    def place(self):
        """The threads that start processes go to the other processors, and so does the process that
        shims are forked from; jobs are born where these are. All are there once a job was born."""
        job = self.start_job(["/bin/sleep", "1000"])
        spawners = [
            task for task in accounting.tasks(self.pid)
            if accounting.name_of_task(self.pid, task) == "processes"]
        require(spawners, f"{self.name}: no thread is called `processes`")
        for spawner in [*spawners, *accounting.children(self.pid)]:
            os.sched_setaffinity(spawner, self.setting.placing.others)
        self.stop_job(job)

    def ask_to_end(self):
        self.call("shutdown", "--stop-jobs")

    def has_ended_well(self, status):
        return status == 0

    @contextlib.contextmanager
    def started(self, directory, environment=None, placed=True):
        try:
            with super().started(directory, environment, placed):
                yield self
        finally:
            _remove_group(self._group)

    @property
    def _group(self):
        groups = pathlib.Path("/sys/fs/cgroup")
        return groups / f"cmdctl-bench-{os.getpid()}-{self.directory.name}"


def _remove_group(group):
    """A daemon that crashed has left its jobs behind, which end with their group."""
    if not group.exists():
        return
    (group / "cgroup.kill").write_text("1")
    for _ in range(1000):
        if "populated 0" in (group / "cgroup.events").read_text():
            break
        time.sleep(0.01)
    for path, _, _ in os.walk(group, topdown=False):
        os.rmdir(path)

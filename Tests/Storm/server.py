"""A cmdctld that is killed again and again, and clients of it."""

import json
import os
import pathlib
import select
import signal
import subprocess
import tarfile
import threading
import time

PATIENCE = 300
_POLICY = "defaults: {isolation: [strict, image, host]}\n"
# What the jobs' lines of shell need of an image.
_APPLETS = ["sh", "sleep", "seq", "cat", "setsid", "env", "tail", "true"]


class Failure(Exception):
    """The storm cannot go on, and why."""


class Server:
    """The server, in whichever life, its certificates and its state below one directory."""

    def __init__(self, programs, directory, groups, user):
        """`user`: whose server it is, by number."""
        self._user = {"user": user, "group": user, "extra_groups": []} if user else {}
        self._programs = pathlib.Path(programs)
        self._directory = pathlib.Path(directory)
        self._groups = groups
        self.state = self._directory / "state"
        self._pki = self._directory / "pki"
        self._address = "127.0.0.1:7654"
        self._process = None
        # What a call takes on this machine, in seconds.
        self.pace = 0
        self.said = []
        self._make_certificates()
        (self._directory / "policy.yaml").write_text(_POLICY)
        for path in [self._directory, *self._directory.rglob("*")] if user else []:
            os.chown(path, user, user)

    @property
    def pid(self):
        """Of this life."""
        return self._process.pid

    def start(self):
        """Begins a life; returns when it listens."""
        flags = {
            "--state-dir": self.state, "--listen": self._address,
            "--cert": self._pki / "server.pem", "--key": self._pki / "server.key",
            "--client-ca": self._pki / "client-ca.pem", "--policy": self._directory / "policy.yaml",
            # Fewer than the private jobs of a storm, so that one that is not given back is missed.
            "--network-pool": "10.211.0.0/26", "--network-dns": "198.51.100.53",
        }
        if self._groups:
            flags["--jobs-cgroup"] = f"{self._groups}/cmdctl"
        words = [str(word) for pair in flags.items() for word in pair]
        self._process = subprocess.Popen(
            [self._programs / "cmdctld", *words], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **self._user)
        listens = threading.Event()
        threading.Thread(
            target=self._listen_to, args=(self._process, listens), daemon=True).start()
        if not listens.wait(PATIENCE) or self._process.poll() is not None:
            raise Failure(f"the server does not listen: {self.said[-20:]}")

    def _listen_to(self, process, listens):
        with process.stderr:
            for line in process.stderr:
                self.said.append(line.rstrip())
                if line.startswith("listening on "):
                    listens.set()
        listens.set()

    def live(self, seconds):
        """Lets it live for so long, unless it ends before."""
        waiting = select.poll()
        handle = os.pidfd_open(self.pid)
        waiting.register(handle, select.POLLIN)
        waiting.poll(seconds * 1000)
        os.close(handle)

    def crash(self):
        """Kills it as the kernel might, and returns once it is gone."""
        self._process.send_signal(signal.SIGKILL)
        if self._process.wait(PATIENCE) != -signal.SIGKILL:
            raise Failure(f"the server had ended by itself: {self.said[-20:]}")

    def shut_down(self):
        """Ends it as an operator would."""
        self._process.terminate()
        if self._process.wait(PATIENCE) != 0:
            raise Failure(f"the server does not end well: {self.said[-20:]}")

    # Clients

    def ask(self, tenant, *arguments):
        """Starts a client, and leaves it running."""
        key = self._pki / tenant
        # Not its own environment: that would be what it inherits, and not what is asked.
        variables = {
            "PATH": os.environ["PATH"], "HOME": str(self._directory),
            "CMDCTL_SERVER": self._address, "CMDCTL_CACERT": str(self._pki / "server-ca.pem"),
            "CMDCTL_CERT": f"{key}.pem", "CMDCTL_KEY": f"{key}.key",
        }
        return Client(subprocess.Popen(
            [self._programs / "cmdctl", *map(str, arguments)], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=variables,
            **self._user))

    def demand(self, tenant, *arguments):
        """Asks for what must succeed; answers what is said."""
        begun = time.monotonic()
        client = self.ask(tenant, *arguments)
        if client.finish() != 0:
            raise Failure(f"cmdctl {' '.join(map(str, arguments[:4]))}: {client.complaint}")
        self.pace = time.monotonic() - begun
        return client.output

    def jobs(self):
        """All there are, by their identifiers."""
        told = json.loads(self.demand("operator", "list", "-n", 0, "-o", "json"))
        return {job["id"]: job for job in told.get("jobs", [])}

    def log(self, job):
        """What a job has written, as it stands on the disk."""
        try:
            return (self.state / "logs" / f"{job}.log").read_text(errors="replace")
        except FileNotFoundError:
            return None

    def import_image(self):
        """An image of busybox, which is all that jobs need."""
        archive = self._directory / "image.tar"
        with tarfile.open(archive, "w") as image:
            image.add(busybox(), "bin/busybox")
            for name in _APPLETS:
                link = tarfile.TarInfo(f"bin/{name}")
                link.type, link.linkname = tarfile.SYMTYPE, "busybox"
                image.addfile(link)
        self.demand("operator", "image", "import", "storm", archive)

    def _make_certificates(self):
        for words in [
                ["init", self._pki],
                ["issue", "--dir", self._pki, "server", "--host", "127.0.0.1"],
                ["issue", "--dir", self._pki, "client", "operator", "--role", "admin"],
                *(["issue", "--dir", self._pki, "client", name]
                  for name in ["alice", "bob", "carol"])]:
            subprocess.run(
                [self._programs / "cmdctl", "pki", *words], check=True, stdout=subprocess.DEVNULL)


class Client:
    """A cmdctl that runs, or has ended."""

    def __init__(self, process):
        self._process = process
        self.output = self.complaint = ""

    @property
    def has_ended(self):
        """Whether its answer is there."""
        return self._process.poll() is not None

    def finish(self):
        """Waits for its end; answers its exit code."""
        self.output, self.complaint = self._process.communicate(timeout=PATIENCE)
        return self._process.returncode


def busybox():
    """The static one, of the machine."""
    return next(path for path in ["/bin/busybox", "/usr/bin/busybox"] if os.path.exists(path))

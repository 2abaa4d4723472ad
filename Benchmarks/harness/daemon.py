"""A daemon to measure, in a directory of its own, with certificates for one client."""

import os
import pathlib
import shutil
import subprocess


class Certificates:
    """Two authorities, a server and a client."""

    def __init__(self, programs, directory):
        self.directory = directory
        cmdctl = programs / "cmdctl"
        for words in [
                ["init", directory],
                ["issue", "--dir", directory, "server", "--host", "127.0.0.1"],
                ["issue", "--dir", directory, "client", "bench", "--role", "admin"]]:
            subprocess.run([cmdctl, "pki", *words], check=True, stdout=subprocess.DEVNULL)

    def of_client(self):
        """Flags of both `cmdctl` and the programs in load/."""
        return ["--cert", self.directory / "bench.pem", "--key", self.directory / "bench.key"]


class Daemon:
    """`cmdctld` with a fresh state directory, which is removed at the end with all of its jobs."""

    def __init__(self, programs, certificates, directory, environment=None):
        self.programs = programs
        self.directory = directory
        self._certificates = certificates
        self._group = pathlib.Path(f"/sys/fs/cgroup/cmdctl-bench-{os.getpid()}-{directory.name}")
        directory.mkdir()
        pki = certificates.directory
        self._process = subprocess.Popen(
            [programs / "cmdctld", "--state-dir", directory / "state", "--listen", "127.0.0.1:0",
             "--cert", pki / "server.pem", "--key", pki / "server.key",
             "--client-ca", pki / "client-ca.pem", "--log-level", "warning",
             "--jobs-cgroup", self._group],
            stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})})
        self.address = self._read_address()

    @property
    def pid(self):
        """Of the daemon; its children are the shims."""
        return self._process.pid

    def client(self):
        """Flags of the programs in load/."""
        pki = self._certificates.directory
        return ["--at", self.address, "--ca", pki / "server-ca.pem", *self._certificates.of_client()]

    def processor_seconds(self):
        """What the daemon has used, and what its jobs with their shims have."""
        fields = pathlib.Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        own, jobs = sum(map(int, fields[11:13])), sum(map(int, fields[13:15]))
        tick = os.sysconf("SC_CLK_TCK")
        return own / tick, jobs / tick

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Ends the daemon and its jobs."""
        subprocess.run(
            [self.programs / "cmdctl", "--server", self.address,
             "--cacert", self._certificates.directory / "server-ca.pem",
             *self._certificates.of_client(), "shutdown", "--stop-jobs"],
            check=True, capture_output=True)
        self._process.wait()
        self._process.stderr.close()
        shutil.rmtree(self.directory)
        if self._group.exists():
            self._group.rmdir()

    def _read_address(self):
        said = []
        for line in self._process.stderr:
            said.append(line)
            if line.startswith("listening on "):
                return line.removeprefix("listening on ").strip()
        raise SystemExit(f"bench: cmdctld did not start: {''.join(said)}")

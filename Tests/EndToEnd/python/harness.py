"""A cmdctld with certificates of its own, and channels to it."""

import contextlib
import functools
import os
import pathlib
import resource
import signal
import subprocess
import tempfile
import threading
import unittest

import grpc

from cmdctl.v1 import job_pb2, job_service_pb2, job_service_pb2_grpc
from google.rpc import error_details_pb2, status_pb2

# What daemons wait for events with, if a run of the tests is about that.
BACKEND = os.environ.get("CMDCTL_BACKEND", "auto")

BIN_DIR = pathlib.Path(os.environ["CMDCTL_BIN_DIR"])

# Long enough for a busy machine; a call without it could hang a test run.
PATIENCE = 60


POLICY = "defaults: {isolation: [strict, image, host]}\n"


class Daemon:
    """Starts cmdctld on a port of the kernel's choice, with a temporary state directory."""

    def __init__(self, descriptors=None, flags=(), backend=BACKEND, launcher=()):
        """`descriptors`: the soft and the hard RLIMIT_NOFILE to start it with; `launcher`: what
        starts it, and becomes it."""
        self._flags = ["--backend", backend, *flags]
        self._launcher = list(launcher)
        self._directory = tempfile.TemporaryDirectory(prefix="cmdctl-test-")
        self.directory = pathlib.Path(self._directory.name)
        self.pki = self.directory / "pki"
        self.state = self.directory / "state"
        self._cmdctl("pki", "init", self.pki)
        self._cmdctl("pki", "issue", "--dir", self.pki, "server", "--host", "localhost")
        for name, role in [("alice", "user"), ("bob", "user"), ("root", "admin")]:
            self._cmdctl("pki", "issue", "--dir", self.pki, "client", name, "--role", role)
        self._descriptors = descriptors
        # Jobs of most tests look at the host, which is for admins without a policy.
        (self.directory / "policy.yaml").write_text(POLICY)
        self._flags += ["--policy", self.directory / "policy.yaml"]
        self._start()

    @property
    def flags(self):
        """What it is started with."""
        return (
            ["--state-dir", self.state, "--listen", "127.0.0.1:0"]
            + ["--cert", self.pki / "server.pem", "--key", self.pki / "server.key"]
            + ["--client-ca", self.pki / "client-ca.pem"]
            + self._flags
        )

    def restart(self):
        """Kills this life of the daemon, and begins another at another port."""
        self.process.kill()
        self.process.wait()
        self._start()

    def _start(self):
        descriptors = self._descriptors
        self.process = subprocess.Popen(
            self._launcher + [BIN_DIR / "cmdctld"] + self.flags,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            preexec_fn=descriptors and functools.partial(limit_descriptors, *descriptors),
        )
        self.address = self._listening()
        # The log is read to its end, or a full pipe would make the daemon drop lines.
        self.log = []
        threading.Thread(target=self.log.extend, args=[self.process.stderr], daemon=True).start()

    def close(self):
        """Ends the daemon, and the shims of its jobs, which would outlive it."""
        self.process.kill()
        self.process.wait()
        for index in self.state.glob("logs/*.idx"):
            # Only a PID namespace ties a job's processes to its shim.
            for process in below(self.shims(index.stem)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        self._directory.cleanup()

    def shims(self, job):
        """Processes that bear a job's identifier as an argument."""
        found = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                arguments = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if job.encode() in arguments:
                found.append(int(entry.name))
        return found

    def channel(self, name="alice", options=()):
        """A channel with mutual TLS, as the named user."""
        credentials = grpc.ssl_channel_credentials(
            root_certificates=(self.pki / "server-ca.pem").read_bytes(),
            private_key=(self.pki / f"{name}.key").read_bytes(),
            certificate_chain=(self.pki / f"{name}.pem").read_bytes(),
        )
        return grpc.secure_channel(f"localhost:{self.port}", credentials, options=options)

    @property
    def port(self):
        """Where it listens."""
        return int(self.address.rsplit(":", 1)[1])

    def _listening(self):
        # What it says before it listens.
        self.beginning = []
        for line in self.process.stderr:
            self.beginning.append(line)
            if line.startswith("listening on "):
                return line.removeprefix("listening on ").strip()
        self.process.wait()
        raise AssertionError("cmdctld does not listen:\n" + "".join(self.beginning))

    @staticmethod
    def _cmdctl(*arguments):
        subprocess.run(
            [BIN_DIR / "cmdctl", *arguments],
            check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip


class ServerCase(unittest.TestCase):
    """Tests that share one daemon; each makes its own jobs."""

    daemon_type = Daemon

    @classmethod
    def setUpClass(cls):
        cls.server = cls.daemon_type()
        cls.addClassCleanup(cls.server.close)
        cls.channels = {name: cls.server.channel(name) for name in ["alice", "bob", "root"]}
        for channel in cls.channels.values():
            cls.addClassCleanup(channel.close)
        stubs = {
            name: job_service_pb2_grpc.JobServiceStub(channel)
            for name, channel in cls.channels.items()
        }
        cls.alice, cls.bob, cls.root = stubs["alice"], stubs["bob"], stubs["root"]

    def start(self, *argv, stub=None, request_id="", **fields):
        """Starts a job and returns it."""
        request = start_request(*argv, request_id=request_id, **fields)
        return (stub or self.alice).StartJob(request, timeout=PATIENCE).job

    def shell(self, script, **fields):
        """Starts a line of shell and returns the job."""
        return self.start("sh", "-c", script, **fields)

    def output(self, job, stub=None, **fields):
        """The bytes of a job's output, to its end, each message checked against the contract."""
        request = job_service_pb2.GetOutputRequest(job=job.id, **fields)
        return collect(self, (stub or self.alice).GetOutput(request, timeout=PATIENCE))

    def wait(self, job, stub=None):
        """The job as it ended."""
        request = job_service_pb2.WaitJobRequest(job=job.id)
        return (stub or self.alice).WaitJob(request, timeout=PATIENCE).job

    def assertRefused(self, code, reason, call, *arguments, **keywords):
        """A call fails with this code and this reason in its ErrorInfo; returns the error."""
        with self.assertRaises(grpc.RpcError) as caught:
            result = call(*arguments, timeout=PATIENCE, **keywords)
            if hasattr(result, "__next__"):
                list(result)
        error = caught.exception
        self.assertEqual(error.code(), code, error.details())
        info = error_info(error)
        self.assertEqual(info.reason, reason, error.details())
        self.assertEqual(info.domain, "cmdctl")
        self.assertTrue(error.details(), "an error has a sentence")
        return error


def limit_descriptors(soft, hard):
    """What this process may open from now on."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def below(processes):
    """These processes, and all that descend from them, the last first."""
    children = {}
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        # Others come and go meanwhile: a pattern that goes on to their files fails with them.
        with contextlib.suppress(OSError):
            # The name, in parentheses, may hold anything. proc(5).
            parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
            children.setdefault(int(parent), []).append(int(entry.name))
    found = list(processes)
    for process in found:
        found += children.get(process, [])
    return found[::-1]


def start_request(*argv, request_id="", **fields):
    """A StartJobRequest for a program and its arguments."""
    # Tests make jobs wait by files, and look at what they have done.
    fields.setdefault("isolation", job_pb2.ISOLATION_HOST)
    vector = job_pb2.ArgumentVector(program=argv[0], arguments=argv[1:])
    spec = job_pb2.JobSpec(command=job_pb2.Command(argv=vector), **fields)
    return job_service_pb2.StartJobRequest(spec=spec, request_id=request_id)


def status_details(error):
    """The google.rpc.Status in the trailers of a failed call."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            return status_pb2.Status.FromString(value)
    raise AssertionError(f"no details: {error.code()} {error.details()}")


def error_info(error):
    """The ErrorInfo every failed call carries."""
    for detail in status_details(error).details:
        info = error_details_pb2.ErrorInfo()
        if detail.Unpack(info):
            return info
    raise AssertionError("no ErrorInfo")


def collect(case, responses):
    """Joins a stream's data, and checks that it is whole, in order, described and bounded."""
    data, offset, end = [], None, None
    for response in responses:
        case.assertIsNone(end, "nothing follows the end")
        if response.HasField("end"):
            end = response.end
            continue
        case.assertFalse(response.HasField("gap"), response)
        if offset is not None:
            case.assertEqual(response.offset, offset, "no gap and no repeat")
        case.assertLessEqual(len(response.data), 65536)
        case.assertLessEqual(len(response.runs), 256)
        case.assertEqual(sum(run.length for run in response.runs), len(response.data))
        offset = response.offset + len(response.data)
        data.append(response.data)
    case.assertIsNotNone(end, "the last message tells the end")
    return b"".join(data), end

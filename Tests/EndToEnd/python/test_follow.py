"""The example of a client that follows over broken connections, run as it stands."""

import hashlib
import os
import pathlib
import random
import subprocess
import sys

from cmdctl.v1 import job_service_pb2_grpc
from cutting_proxy import CuttingProxy
from harness import PATIENCE, Daemon, ServerCase, start_request

ROOT = pathlib.Path(__file__).resolve().parents[3]
EXAMPLE = ROOT / "examples" / "follow.py"
GENERATED = ROOT / ".build" / "python" / "generated"

NUMBERS = 2_000_000
EXPECTED = hashlib.sha256("".join(f"{n}\n" for n in range(1, NUMBERS + 1)).encode()).hexdigest()


def port_of(server):
    return int(server.address.rsplit(":", 1)[1])


class FollowTests(ServerCase):
    def follow(self, port, job, *offset, pki=None):
        """Starts the example, with its output in a pipe."""
        pki = pki or self.server.pki
        return subprocess.Popen(
            [sys.executable, EXAMPLE, f"localhost:{port}", pki / "server-ca.pem"]
            + [pki / "alice.pem", pki / "alice.key", job, *offset],
            env={**os.environ, "PYTHONPATH": str(GENERATED)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def proxy(self, plan=()):
        proxy = CuttingProxy(port_of(self.server), plan)
        self.addCleanup(proxy.close)
        return proxy

    def test_every_byte_comes_once_over_ten_cuts(self):
        job = self.shell(f"seq {NUMBERS}; exit 7")
        chance = random.Random(1)
        proxy = self.proxy([chance.randrange(20_000, 1_000_000) for _ in range(10)])
        with self.follow(proxy.port, job.id) as follower:
            output, errors = follower.communicate(timeout=2 * PATIENCE)
        self.assertEqual(follower.returncode, 7, errors.decode())
        self.assertEqual(hashlib.sha256(output).hexdigest(), EXPECTED)
        self.assertEqual(proxy.cuts, 10)

    def test_every_byte_comes_once_over_a_restart(self):
        server = Daemon()
        self.addCleanup(server.close)
        gate = server.directory / "gate"
        script = f"echo begun; until [ -e {gate} ]; do sleep 0.01; done; seq {NUMBERS}; exit 7"
        with server.channel() as channel:
            stub = job_service_pb2_grpc.JobServiceStub(channel)
            job = stub.StartJob(start_request("sh", "-c", script), timeout=PATIENCE).job
        proxy = CuttingProxy(port_of(server), [])
        self.addCleanup(proxy.close)
        with self.follow(proxy.port, job.id, pki=server.pki) as follower:
            self.assertEqual(follower.stdout.read(6), b"begun\n")
            server.restart()
            proxy.backend = port_of(server)
            gate.touch()
            output, errors = follower.communicate(timeout=2 * PATIENCE)
        self.assertEqual(follower.returncode, 7, errors.decode())
        self.assertEqual(hashlib.sha256(output).hexdigest(), EXPECTED)

    def test_it_begins_at_the_byte_it_is_told(self):
        job = self.shell("printf 0123456789")
        self.wait(job)
        with self.follow(self.proxy().port, job.id, "4") as follower:
            output, errors = follower.communicate(timeout=PATIENCE)
        self.assertEqual(output, b"456789", errors.decode())
        self.assertEqual(follower.returncode, 0)

    def test_a_job_that_is_not_there_ends_it(self):
        with self.follow(self.proxy().port, "nobody") as follower:
            _, errors = follower.communicate(timeout=PATIENCE)
        self.assertNotEqual(follower.returncode, 0)
        self.assertIn(b"NOT_FOUND", errors)

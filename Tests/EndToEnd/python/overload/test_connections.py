"""Thousands who connect and say nothing, or one byte, or nonsense: real clients are served."""

import os
import resource
import socket
import time

from cmdctl.v1 import job_service_pb2, job_service_pb2_grpc
from harness import PATIENCE, ServerCase
from overload.crowd import Usage
from streams import Stream

# A real client is served within so many seconds, whatever others do. Half of one is what the limits
# make; where the backlog is full, the kernel drops a SYN, which comes again after 1, 2 and 4 seconds
# more, as a busy machine has shown. If nobody gave way, the crowd would take five times the ten of the
# handshake's deadline.
SERVED_WITHIN = 20.0

# What a crowd of strangers may cost: some KiB each.
GROWTH_MAX = 8 << 20


class ConnectionTests(ServerCase):
    """Crowds of strangers from one address, which is also the real client's."""

    @classmethod
    def setUpClass(cls):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        super().setUpClass()

    def test_5000_silent_connections(self):
        self.served_beside(5_000, b"")

    def test_one_byte_of_a_handshake(self):
        # A record that is a handshake begins with 22. RFC 8446, section 5.1.
        self.served_beside(2_000, b"\x16")

    def test_nonsense(self):
        self.served_beside(2_000, b"EHLO example.org\r\n")

    def test_a_byte_a_second(self):
        """Each new byte comes as others wait: whoever says so little is silent all the same."""
        crowd = self.strangers(1_500, b"\x16")
        for byte in b"\x03\x01\x02":
            for stranger in crowd:
                try:
                    stranger.send(bytes([byte]))
                except OSError:
                    # It has given way.
                    continue
            self.assert_served()

    def served_beside(self, count, words):
        """While so many connections stand, clients and followers are served."""
        gate = self.server.directory / f"gate-{count}-{len(words)}"
        os.mkfifo(gate)
        job = self.shell(f"echo one; read line < {gate}; echo two")
        request = job_service_pb2.GetOutputRequest(job=job.id)
        follower = Stream(self.alice.GetOutput(request))
        self.assertEqual(next(follower).data, b"one\n")
        before = Usage(self.server.process.pid)
        self.strangers(count, words)
        for _ in range(3):
            self.assert_served()
        after = Usage(self.server.process.pid)
        self.assertLess(after.anonymous_bytes - before.anonymous_bytes, GROWTH_MAX)
        gate.write_text("go\n")
        self.assertEqual(next(follower).data, b"two\n")
        print(f"{count} times {words!r}: {before}, then {after}")

    def strangers(self, count, words):
        """So many connections, each of which has sent the words."""
        crowd = []
        for _ in range(count):
            stranger = socket.create_connection(("127.0.0.1", self.server.port))
            self.addCleanup(stranger.close)
            stranger.setblocking(False)
            crowd.append(stranger)
            if words:
                try:
                    stranger.send(words)
                except ConnectionError:
                    continue
        return crowd

    def assert_served(self):
        """A new client gets its answer in time."""
        begun = time.monotonic()
        with self.server.channel("bob") as channel:
            stub = job_service_pb2_grpc.JobServiceStub(channel)
            stub.ListJobs(job_service_pb2.ListJobsRequest(), timeout=PATIENCE)
        took = time.monotonic() - begun
        print(f"served after {took:.2f} s")
        self.assertLess(took, SERVED_WITHIN)

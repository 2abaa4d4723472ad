"""Clients that ask for a log and read it slowly or not at all, while it grows."""

import contextlib

from cmdctl.v1 import job_service_pb2, job_service_pb2_grpc
from harness import PATIENCE, start_request
from hostile import frames
from hostile.frames import Peer, call
from hostile.scene import HostileCase, attack

# One less than there may be at a time.
STREAMS = range(1, 511, 2)


@contextlib.contextmanager
def growing_log(server):
    """A job that writes 64 MiB, and goes on without haste; yields the request for its output."""
    with server.channel("alice") as channel:
        stub = job_service_pb2_grpc.JobServiceStub(channel)
        script = "head -c 67108864 /dev/zero; while echo line; do sleep 0.01; done"
        job = stub.StartJob(start_request("sh", "-c", script), timeout=PATIENCE).job
        request = job_service_pb2.GetOutputRequest(job=job.id)
        next(stub.GetOutput(request, timeout=PATIENCE))
        yield request.SerializeToString()


class SlowReaders(HostileCase):
    @attack(growth=4)
    def test_no_window(self, server):
        with growing_log(server) as request:
            with Peer(server, (frames.INITIAL_WINDOW_SIZE, 0)) as peer:
                peer.send(*[call(stream, "GetOutput", request) for stream in STREAMS])
                said = peer.catch_up(511)
                self.assertNotIn(frames.DATA, [kind for kind, *_ in said])
                peer.send(frames.window_update(1000, stream=255))
                self.assertEqual(peer.data(1000), 1000, "it goes on where there is a window")

    @attack(growth=24)
    def test_a_window_of_one_byte(self, server):
        with growing_log(server) as request:
            with Peer(server, (frames.INITIAL_WINDOW_SIZE, 1)) as peer:
                peer.send(*[call(stream, "GetOutput", request) for stream in STREAMS])
                self.assertEqual(peer.data(len(STREAMS)), len(STREAMS))
                for _ in range(100):
                    peer.send(*[frames.window_update(1, stream) for stream in STREAMS])
                    self.assertEqual(peer.data(len(STREAMS)), len(STREAMS))

    @attack(growth=56)
    def test_answers_that_nobody_reads(self, server):
        """Lists of two megabytes, again and again, and no window for any of them."""
        with server.channel("alice") as channel:
            stub = job_service_pb2_grpc.JobServiceStub(channel)
            for _ in range(4):
                large = start_request("true", *["x" * 100_000] * 9)
                stub.StartJob(large, timeout=PATIENCE)
        with Peer(server, (frames.INITIAL_WINDOW_SIZE, 0)) as peer:
            peer.send(*[call(stream, "ListJobs") for stream in range(1, 201, 2)])
            refused = [
                stream
                for kind, flags, stream, _ in peer.catch_up(201) + peer.catch_up(203)
                if kind == frames.HEADERS and flags & frames.END_STREAM and stream < 201
            ]
            self.assertIn(len(refused), range(80, 90), "32 MiB, and not one answer more")

    @attack(growth=24)
    def test_no_window_for_tcp(self, server):
        """Windows of HTTP/2 as wide as they go, on 32 sockets that nobody reads."""
        with growing_log(server) as request, contextlib.ExitStack() as stack:
            for _ in range(32):
                peer = Peer(
                    server, (frames.INITIAL_WINDOW_SIZE, frames.WINDOW_MAX), receive_buffer=4096
                )
                stack.enter_context(peer)
                peer.send(frames.window_update(frames.WINDOW_MAX - 65535))
                peer.send(call(1, "GetOutput", request))
            # Somebody who reads gets all there is in the meantime.
            with Peer(server, (frames.INITIAL_WINDOW_SIZE, frames.WINDOW_MAX)) as reader:
                reader.send(frames.window_update(frames.WINDOW_MAX - 65535))
                reader.send(call(1, "GetOutput", request))
                self.assertGreaterEqual(reader.data(64 << 20), 64 << 20)

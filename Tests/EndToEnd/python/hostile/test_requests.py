"""Requests that are too large, malformed, or never come to an end."""

from harness import start_request
from hostile import frames
from hostile.frames import NO_JOB, NOT_FOUND, Peer, call, frame, header_block, headers, message
from hostile.scene import HostileCase, attack

FRAME = frames.FRAME_BYTES_MAX
OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL = 0, 3, 8, 12, 13


def request(stream, *bodies, method="GetJob"):
    """A request of these pieces, the last of which ends it."""
    head = headers(stream, header_block(frames.JOB_SERVICE + method))
    ends = [0] * (len(bodies) - 1) + [frames.END_STREAM]
    pieces = [frame(frames.DATA, body, stream, end) for body, end in zip(bodies, ends)]
    return head + b"".join(pieces)


class Messages(HostileCase):
    def answers(self, server, status, *bodies, **keywords):
        with Peer(server) as peer:
            peer.send(request(1, *bodies, **keywords))
            self.assertEqual(peer.status(1), status)
            peer.send(call(3, "GetJob", NO_JOB))
            self.assertEqual(peer.status(3), NOT_FOUND, "the connection lives")

    @attack(growth=2)
    def test_an_announced_gigabyte(self, server):
        with Peer(server) as peer:
            peer.send(headers(1, header_block(frames.JOB_SERVICE + "StartJob")))
            peer.send(frame(frames.DATA, message(b"", length=1 << 30), 1))
            self.assertEqual(peer.status(1), RESOURCE_EXHAUSTED)

    @attack(growth=2)
    def test_sixteen_mebibytes(self, server):
        """Sent whole, as far as windows allow, whatever the server says in the meantime."""
        with Peer(server) as peer:
            peer.send(headers(1, header_block(frames.JOB_SERVICE + "StartJob")))
            peer.send(frame(frames.DATA, message(b"", length=16 << 20), 1))
            peer.flood(frame(frames.DATA, bytes(FRAME), 1), 15)
            self.assertEqual(peer.status(1), RESOURCE_EXHAUSTED)

    @attack(growth=24)
    def test_many_halves_of_messages(self, server):
        """64 requests of which each sends one of four announced MiB, over an open window."""
        with Peer(server) as peer:
            streams = range(1, 129, 2)
            for stream in streams:
                peer.send(headers(stream, header_block(frames.JOB_SERVICE + "StartJob")))
                peer.send(frame(frames.DATA, message(b"", length=4 << 20), stream))
            refused, sent, last = False, 0, 129
            while not refused:
                # No more at a time than the windows take, which open as the server reads.
                peer.send(*[frame(frames.DATA, bytes(8192), stream) for stream in streams])
                sent += 8192 * len(streams)
                said = peer.catch_up(last)
                last += 2
                refused = any(kind == frames.RST_STREAM for kind, *_ in said)
            self.assertGreaterEqual(sent, 15 << 20)
            self.assertLessEqual(sent, 17 << 20)

    @attack(growth=2)
    def test_what_is_not_protobuf(self, server):
        self.answers(server, INVALID_ARGUMENT, message(b"\xff" * 100))

    @attack(growth=2)
    def test_protobuf_that_nests_without_end(self, server):
        """Groups in groups, 100,000 deep: a parser that recurses would overflow its stack."""
        body = message(b"\x0b" * 100_000)
        pieces = [body[i : i + FRAME] for i in range(0, len(body), FRAME)]
        self.answers(server, INVALID_ARGUMENT, *pieces)

    @attack(growth=2)
    def test_protobuf_that_announces_more_than_it_has(self, server):
        self.answers(server, INVALID_ARGUMENT, message(b"\x0a\xff\xff\xff\xff\x07x"))

    @attack(growth=2)
    def test_two_messages(self, server):
        self.answers(server, UNIMPLEMENTED, message(NO_JOB) * 2)

    @attack(growth=2)
    def test_no_message(self, server):
        self.answers(server, UNIMPLEMENTED, b"")

    @attack(growth=2)
    def test_a_strange_flag(self, server):
        self.answers(server, INTERNAL, message(NO_JOB, flag=77))

    @attack(growth=2)
    def test_a_compressed_message(self, server):
        self.answers(server, INTERNAL, message(NO_JOB, flag=1))

    @attack(growth=2)
    def test_half_a_message(self, server):
        self.answers(server, INTERNAL, message(NO_JOB, length=1000))

    @attack(growth=2)
    def test_a_message_byte_by_byte(self, server):
        body = message(start_request("true", *["x"] * 1000).SerializeToString())
        pieces = [body[i : i + 1] for i in range(len(body))]
        self.answers(server, OK, *pieces, method="StartJob")


class Heads(HostileCase):
    @attack(growth=2)
    def test_paths(self, server):
        with Peer(server) as peer:
            for number, path in enumerate(["/x", "//", "/a/b/c", "/" + "x/" * 4000]):
                peer.send(headers(2 * number + 1, header_block(path), frames.END_STREAM))
                self.assertEqual(peer.status(2 * number + 1), UNIMPLEMENTED, path)

    @attack(growth=2)
    def test_what_is_not_grpc(self, server):
        path = frames.JOB_SERVICE + "GetJob"
        blocks = {
            "415": header_block(path, content_type="text/plain"),
            "405": header_block(path).replace(b"\x04POST", b"\x03GET"),
        }
        with Peer(server) as peer:
            for stream, (status, block) in enumerate(blocks.items()):
                peer.send(headers(2 * stream + 1, block, frames.END_STREAM))
                self.assertEqual(peer.trailers(2 * stream + 1)[":status"], status)

    @attack(growth=2)
    def test_what_is_not_http(self, server):
        usual = header_block(frames.JOB_SERVICE + "GetJob")
        extra = [("X-Upper", "1"), ("connection", "close"), (":path", "/a/b"), ("x", "a\0b\r\n")]
        blocks = [usual + frames.field(*one) for one in extra]
        blocks += [header_block(path) for path in ("no-slash", "*", "", None)]
        with Peer(server) as peer:
            for number, block in enumerate(blocks):
                peer.send(headers(2 * number + 1, block, frames.END_STREAM))
                self.assertEqual(peer.reset_code(2 * number + 1), frames.PROTOCOL_ERROR, block)

    @attack(growth=2)
    def test_requests_that_never_end(self, server):
        """One trickles, one is silent, and one has said all but that it is done."""
        with Peer(server) as peer:
            for stream in (1, 3, 5):
                peer.send(headers(stream, header_block(frames.JOB_SERVICE + "StartJob")))
            peer.send(frame(frames.DATA, message(NO_JOB), 5))
            for byte in message(bytes(995)):
                peer.send(frame(frames.DATA, bytes([byte]), 1))
            peer.send(call(7, "GetJob", NO_JOB))
            self.assertEqual(peer.status(7), NOT_FOUND)

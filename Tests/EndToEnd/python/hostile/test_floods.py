"""Floods of frames, and header blocks that are more than they seem."""

from hostile import frames
from hostile.frames import Peer, call, field, frame, header_block, headers, integer, settings
from hostile.scene import HostileCase, attack

FLOOD = 50_000

HALF_OPEN = headers(1, header_block(frames.JOB_SERVICE + "StartJob"))


class FrameFloods(HostileCase):
    def refuses(self, server, flood, first=HALF_OPEN):
        with Peer(server) as peer:
            peer.send(first)
            peer.flood(flood, FLOOD)
            self.assertEqual(peer.farewell(), frames.ENHANCE_YOUR_CALM)

    @attack(growth=2)
    def test_settings(self, server):
        self.refuses(server, settings((frames.INITIAL_WINDOW_SIZE, 1)))

    @attack(growth=2)
    def test_settings_with_many_entries(self, server):
        self.refuses(server, settings(*[(frames.INITIAL_WINDOW_SIZE, 1)] * 100))

    @attack(growth=2)
    def test_pings(self, server):
        self.refuses(server, frame(frames.PING, b"01234567"))

    @attack(growth=2)
    def test_answers_to_no_ping(self, server):
        self.refuses(server, frame(frames.PING, b"01234567", flags=frames.ACK))

    @attack(growth=2)
    def test_pings_after_goaway(self, server):
        goaway = frame(frames.GOAWAY, bytes(8))
        self.refuses(server, frame(frames.PING, b"01234567"), first=HALF_OPEN + goaway)

    @attack(growth=2)
    def test_goaways(self, server):
        self.refuses(server, frame(frames.GOAWAY, bytes(8)))

    @attack(growth=2)
    def test_window_updates(self, server):
        self.refuses(server, frames.window_update(1) + frames.window_update(1, stream=1))

    @attack(growth=2)
    def test_priorities(self, server):
        self.refuses(server, b"".join(priority(stream) for stream in range(1, 2001, 2)))

    @attack(growth=2)
    def test_empty_data(self, server):
        self.refuses(server, frame(frames.DATA, stream=1))

    @attack(growth=2)
    def test_data_of_padding(self, server):
        padding = bytes([255]) + bytes(255)
        self.refuses(server, frame(frames.DATA, padding, stream=1, flags=frames.PADDED))

    @attack(growth=2)
    def test_continuations(self, server):
        more = frame(frames.CONTINUATION, field("a", "b"), stream=1)
        self.refuses(server, more, first=frame(frames.HEADERS, field("a", "b"), stream=1))

    @attack(growth=2)
    def test_frames_of_no_known_kind_are_passed_over(self, server):
        with Peer(server) as peer:
            peer.flood(frame(0x42), FLOOD)
            peer.send(call(1, "GetJob", frames.NO_JOB))
            self.assertEqual(peer.status(1), frames.NOT_FOUND)


class StreamFloods(HostileCase):
    """Streams that end as soon as they have begun, and some that never do."""

    @attack(growth=4)
    def test_rapid_reset(self, server):
        self.floods_with(server, frames.reset)

    @attack(growth=4)
    def test_rapid_reset_by_the_server(self, server):
        self.floods_with(server, lambda stream: frames.window_update(frames.WINDOW_MAX, stream))

    def floods_with(self, server, end):
        """Two hundred at a time, so that there are never more streams than there may be."""
        block = header_block(frames.JOB_SERVICE + "GetOutput")
        with Peer(server) as peer:
            for first in range(1, 2001, 500):
                streams = range(first, first + 400, 2)
                peer.send(*[headers(stream, block) + end(stream) for stream in streams])
                peer.catch_up(first + 400)
            last = range(2501, 3001, 2)
            peer.flood(b"".join(headers(stream, block) + end(stream) for stream in last), 1)
            self.assertEqual(peer.farewell(), frames.ENHANCE_YOUR_CALM)

    @attack(growth=8)
    def test_half_open_streams(self, server):
        """As many as there may be, each with as large a header as it may have."""
        block = header_block(frames.JOB_SERVICE + "StartJob", ("x-large", "x" * 15_000))
        with Peer(server) as peer:
            peer.send(*[headers(stream, block) for stream in range(1, 511, 2)])
            kinds = [kind for kind, *_ in peer.catch_up(511)]
            self.assertNotIn(frames.RST_STREAM, kinds)
            self.assertNotIn(frames.GOAWAY, kinds)
            peer.send(headers(513, block), headers(515, block))
            self.assertEqual(peer.farewell(), frames.PROTOCOL_ERROR)

    @attack(growth=2)
    def test_more_streams_before_the_limit_is_known(self, server):
        block = header_block(frames.JOB_SERVICE + "StartJob")
        with Peer(server, greets=False) as peer:
            peer.send(frames.PREFACE, settings())
            peer.send(*[headers(stream, block) for stream in range(1, 601, 2)])
            self.assertEqual(peer.reset_code(513), frames.REFUSED_STREAM)


class HeaderBlocks(HostileCase):
    @attack(growth=2)
    def test_a_header_over_the_limit(self, server):
        block = header_block(frames.JOB_SERVICE + "GetJob", ("x-large", "x" * 20_000))
        with Peer(server) as peer:
            peer.send(headers(1, block, frames.END_STREAM))
            self.assertEqual(peer.status(1), 8)
            peer.send(call(3, "GetJob", frames.NO_JOB))
            self.assertEqual(peer.status(3), frames.NOT_FOUND)

    @attack(growth=4)
    def test_a_bomb(self, server):
        """One field in the compression table, and 15,000 times the byte that stands for it."""
        usual = header_block(frames.JOB_SERVICE + "GetJob")
        large = field("x-bomb", "x" * 4000, indexed=True)
        newest = integer(62, 7, first=0x80)
        with Peer(server) as peer:
            peer.send(headers(1, usual + large + newest * 15_000, frames.END_STREAM))
            self.assertEqual(peer.reset_code(1), frames.INTERNAL_ERROR)
            for stream in range(3, 103, 2):
                peer.send(headers(stream, usual + newest * 15_000, frames.END_STREAM))
            self.assertEqual(peer.reset_code(101), frames.INTERNAL_ERROR)
            peer.send(call(103, "GetJob", frames.NO_JOB))
            self.assertEqual(peer.status(103), frames.NOT_FOUND)

    @attack(growth=2)
    def test_a_table_larger_than_allowed(self, server):
        size = integer(1 << 20, 5, first=0x20)
        with Peer(server) as peer:
            peer.send(headers(1, size + header_block(frames.JOB_SERVICE + "GetJob")))
            self.assertEqual(peer.farewell(), frames.COMPRESSION_ERROR)

    @attack(growth=2)
    def test_a_table_for_the_server_without_bounds(self, server):
        """The server's own compression keeps to its limit, whatever the client would bear."""
        with Peer(server, (frames.HEADER_TABLE_SIZE, 2**32 - 1)) as peer:
            for stream in range(1, 2001, 2):
                peer.send(call(stream, f"NoMethod{stream}"))
                self.assertEqual(peer.status(stream), 12)


def priority(stream):
    """A PRIORITY frame for a stream that need not exist."""
    return frame(frames.PRIORITY, bytes([0, 0, 0, 0, 16]), stream)

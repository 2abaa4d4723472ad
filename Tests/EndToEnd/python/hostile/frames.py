"""HTTP/2 frame by frame, so that a test can say what no library would. (RFC 9113, section 4.1.)"""

import socket
import ssl
import struct

import hpack
from harness import PATIENCE

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS = range(5)
PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(6, 10)
ACK = END_STREAM = 0x1
END_HEADERS = 0x4
PADDED = 0x8

PROTOCOL_ERROR, INTERNAL_ERROR = 1, 2
REFUSED_STREAM, CANCEL, COMPRESSION_ERROR = 7, 8, 9
ENHANCE_YOUR_CALM = 11

HEADER_TABLE_SIZE, INITIAL_WINDOW_SIZE = 1, 4

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
FRAME_BYTES_MAX = 16384
WINDOW_MAX = 2**31 - 1

JOB_SERVICE = "/cmdctl.v1.JobService/"

# Field 1 of a GetJobRequest: the name of a job that is not there.
NO_JOB = b"\x0a\x010"
NOT_FOUND = 5


def frame(kind, payload=b"", stream=0, flags=0):
    """One frame."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def settings(*entries):
    """A SETTINGS frame of pairs."""
    return frame(SETTINGS, b"".join(struct.pack(">HI", *entry) for entry in entries))


def reset(stream):
    """Takes a request back."""
    return frame(RST_STREAM, struct.pack(">I", CANCEL), stream)


def window_update(increment, stream=0):
    """Opens a window."""
    return frame(WINDOW_UPDATE, struct.pack(">I", increment), stream)


def integer(value, prefix_bits, first=0):
    """A number behind the upper bits of its first byte. (RFC 7541, section 5.1.)"""
    limit = 2**prefix_bits - 1
    if value < limit:
        return bytes([first | value])
    out, rest = bytearray([first | limit]), value - limit
    while rest >= 128:
        out.append(rest % 128 + 128)
        rest //= 128
    return bytes(out + bytes([rest]))


def field(name, value, indexed=False):
    """A header field as a literal, without Huffman coding. (RFC 7541, section 6.2.)"""
    kind = 0x40 if indexed else 0
    texts = [text.encode() for text in (name, value)]
    return bytes([kind]) + b"".join(integer(len(text), 7) + text for text in texts)


def header_block(path, *more, **replaced):
    """The fields of a gRPC request, of which some may be others, or missing where None."""
    usual = {
        ":method": "POST", ":scheme": "https", ":path": path, ":authority": "localhost",
        "te": "trailers", "content-type": "application/grpc",
    }  # fmt: skip
    usual.update({name.replace("_", "-"): value for name, value in replaced.items()})
    fields = [item for item in usual.items() if item[1] is not None]
    return b"".join(field(*item) for item in [*fields, *more])


def headers(stream, block, flags=0):
    """A header block in as many frames as it takes."""
    pieces = [block[i : i + FRAME_BYTES_MAX] for i in range(0, len(block), FRAME_BYTES_MAX)]
    frames = [
        frame(CONTINUATION if number else HEADERS, piece, stream, 0 if number else flags)
        for number, piece in enumerate(pieces)
    ]
    last = bytearray(frames[-1])
    last[4] |= END_HEADERS
    return b"".join(frames[:-1]) + bytes(last)


def message(payload, flag=0, length=None):
    """A gRPC message, whose head may lie."""
    return struct.pack(">BI", flag, len(payload) if length is None else length) + payload


def call(stream, method, payload=b""):
    """A whole unary request."""
    head = headers(stream, header_block(JOB_SERVICE + method))
    return head + frame(DATA, message(payload), stream, END_STREAM)


class Peer:
    """A client that says exactly what a test tells it, and understands what it is answered."""

    def __init__(
        self, server, *entries, name="alice", protocols=("h2",), greets=True, receive_buffer=None
    ):
        context = ssl.create_default_context(cafile=server.pki / "server-ca.pem")
        context.load_cert_chain(server.pki / f"{name}.pem", server.pki / f"{name}.key")
        if protocols:
            context.set_alpn_protocols(list(protocols))
        raw = connect(server, receive_buffer)
        self.socket = context.wrap_socket(raw, server_hostname="localhost")
        self._decoder = hpack.Decoder(max_header_list_size=1 << 20)
        self._bytes = self.socket.makefile("rb")
        if greets:
            self.send(PREFACE, settings(*entries), frame(SETTINGS, flags=ACK))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        self._bytes.close()

    def send(self, *frames):
        """Says these frames at once."""
        self.socket.sendall(b"".join(frames))

    def flood(self, frames, times):
        """Says the same many times, until it is done or the server has had enough."""
        try:
            for _ in range(0, times, 100):
                self.send(frames * min(100, times))
        except OSError:
            pass  # What the server said about it is still to be read.

    def frames(self):
        """Every frame of the server's, up to the end of the connection."""
        while len(head := self._bytes.read(9)) == 9:
            kind, flags, stream = struct.unpack(">BBI", head[3:])
            length = int.from_bytes(head[:3], "big")
            yield kind, flags, stream, self._bytes.read(length)

    def trailers(self, stream):
        """The header block with which the server ends a stream."""
        for kind, flags, number, payload in self.frames():
            if kind == GOAWAY:
                break
            if kind == HEADERS:
                fields = dict(self._decoder.decode(payload))
                if number == stream and flags & END_STREAM:
                    return fields
        raise AssertionError(f"stream {stream} has no end")

    def status(self, stream):
        """The gRPC status of a call."""
        return int(self.trailers(stream)["grpc-status"])

    def catch_up(self, stream):
        """Makes a call of no interest, and returns what the server said up to its end.

        By then it has dealt with all that was sent before. (A ping would do, too, but not often.)
        """
        self.send(call(stream, "GetJob", NO_JOB))
        said = []
        for received in self.frames():
            said.append(received)
            kind, flags, number, payload = received
            if kind == HEADERS:
                self._decoder.decode(payload)
                if number == stream and flags & END_STREAM:
                    return said
            if kind == GOAWAY:
                break
        raise AssertionError(f"the connection ends: {said[-1:]}")

    def reset_code(self, stream):
        """Why the server resets a stream."""
        for kind, _, number, payload in self.frames():
            if kind == RST_STREAM and number == stream:
                return struct.unpack(">I", payload)[0]
            if kind == GOAWAY:
                break
        raise AssertionError(f"stream {stream} was not reset")

    def farewell(self):
        """The code of the GOAWAY after which the server closes the connection."""
        codes = [
            struct.unpack(">II", payload[:8])[1]
            for kind, _, _, payload in self.frames()
            if kind == GOAWAY
        ]
        return codes[-1] if codes else None

    def data(self, byte_count):
        """This many bytes of bodies, on whatever streams."""
        found = 0
        for kind, _, _, payload in self.frames():
            if kind == GOAWAY:
                break
            if kind == DATA:
                found += len(payload)
            if found >= byte_count:
                return found
        raise AssertionError(f"{found} bytes of {byte_count}")


def connect(server, receive_buffer=None):
    """A TCP connection to the server; with a small receive buffer its window soon closes."""
    host, port = server.address.rsplit(":", 1)
    raw = socket.socket()
    if receive_buffer:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    raw.settimeout(PATIENCE)
    raw.connect((host, int(port)))
    return raw

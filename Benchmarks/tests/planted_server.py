"""A server that says whatever a test wants: HTTP/2 over TLS 1.3, by hand, for one connection.

Nothing that keeps to a protocol could be made to lose a byte and go on. It understands of a client what
load/follow.c says, and no more; RFC 9113.
"""

import contextlib
import pathlib
import socket
import ssl
import struct
import subprocess
import tempfile
import threading
import unittest

import programs

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RESET, SETTINGS = 0, 1, 3, 4
END_STREAM = ACKNOWLEDGED = 1
END_HEADERS = 4


def make_certificate(directory):
    """One that is its own authority, for both sides."""
    certificate, key = directory / "certificate.pem", directory / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "1", "-subj", "/CN=planted", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    return certificate, key


class PlantedServerTest(unittest.TestCase):
    """Has a directory with a certificate and with the programs that are `compiled`."""

    compiled = []

    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.directory = pathlib.Path(place.name)
        cls.certificate, cls.key = make_certificate(cls.directory)
        for name in cls.compiled:
            programs.compile_in_c(name, cls.directory / name)


# ---- Messages: protobuf.dev/programming-guides/encoding ----

def number(field, value):
    """A field that is a number."""
    return _varint(field << 3) + _varint(value)


def contents(field, value):
    """A field that has bytes, or a message."""
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def framed(message, compressed=0):
    """A message as gRPC sends it."""
    return struct.pack(">BI", compressed, len(message)) + message


def output(offset, data, *more):
    """A GetOutputResponse with bytes."""
    return framed(number(1, offset) + b"".join(more) + contents(2, data))


def end(offset):
    """The last one."""
    return framed(number(1, offset) + contents(5, b""))


def _varint(value):
    digits = []
    while value > 127:
        digits.append(value & 127 | 128)
        value >>= 7
    return bytes([*digits, value])


# ---- Frames ----

def _frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def _header(name, value):
    """A literal that nobody keeps: RFC 7541, section 6.2.2."""
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


class Answer:
    """What a call is answered: to be written piece by piece."""

    def __init__(self, sock, stream):
        self._sock, self._stream = sock, stream
        self._send(HEADERS, END_HEADERS, _header(b":status", b"200"))

    def write(self, text, cut=16384):
        """Some of the body, in frames of so many bytes."""
        self._sock.sendall(b"".join(
            _frame(DATA, 0, self._stream, text[place:place + cut])
            for place in range(0, len(text), cut)))

    def close(self, status=0):
        """The end of the call."""
        self._send(
            HEADERS, END_HEADERS | END_STREAM, _header(b"grpc-status", str(status).encode()))

    def reset(self):
        """The end without a status."""
        self._send(RESET, 0, struct.pack(">I", 2))

    def _send(self, kind, flags, payload):
        self._sock.sendall(_frame(kind, flags, self._stream, payload))


@contextlib.contextmanager
def serving(certificate, key, answer):
    """Answers the calls of one connection, one after the other: `answer(Answer, index)`. An answer
    that is False ends the connection. Yields the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(["h2"])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=_serve, args=(listener, context, answer))
        thread.start()
        yield listener.getsockname()[1]
        thread.join()


def _serve(listener, context, answer):
    plain, _ = listener.accept()
    # A client that has seen enough leaves amid an answer.
    with contextlib.suppress(ConnectionError, ssl.SSLError, EOFError):
        with context.wrap_socket(plain, server_side=True) as sock:
            _read(sock, len(PREFACE))
            sock.sendall(_frame(SETTINGS, 0, 0))
            _take_calls(sock, answer)


def _take_calls(sock, answer):
    count = 0
    while True:
        head = _read(sock, 9)
        kind, flags, stream = struct.unpack(">BBI", head[3:])
        _read(sock, int.from_bytes(head[:3], "big"))
        if kind == SETTINGS and not flags & ACKNOWLEDGED:
            sock.sendall(_frame(SETTINGS, ACKNOWLEDGED, 0))
        if kind == DATA and flags & END_STREAM:
            if answer(Answer(sock, stream), count) is False:
                return
            count += 1


def _read(sock, size):
    found = b""
    while len(found) < size:
        more = sock.recv(size - len(found))
        if not more:
            raise EOFError
        found += more
    return found

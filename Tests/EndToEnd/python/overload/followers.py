"""A crowd of followers in a process of its own: bare TLS sockets that speak just enough HTTP/2.

Run as `followers.py PORT PKI JOB COUNT`. It says `attached` when each of them has got output, and
then does as it is told, a line at a time: `cancel` resets every stream and closes in good order,
`reset` breaks the connections. It says `gone` after either. Who wants dead peers stops the process.
"""

import pathlib
import selectors
import socket
import ssl
import struct
import sys

CANCEL = 8  # RFC 9113, section 7

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, END_HEADERS, ACKNOWLEDGES = 0x1, 0x4, 0x1


def frame(kind, flags=0, stream=0, payload=b""):
    """One frame (RFC 9113, section 4.1)."""
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name, value):
    """A header field that touches no table (RFC 7541, section 6.2.2); both are short."""
    return b"".join([b"\0", bytes([len(name)]), name.encode(), bytes([len(value)]), value.encode()])


def request(job):
    """What a client says first, and a call that follows a job."""
    headers = {
        ":method": "POST",
        ":scheme": "https",
        ":path": "/cmdctl.v1.JobService/GetOutput",
        ":authority": "localhost",
        "te": "trailers",
        "content-type": "application/grpc",
    }
    block = b"".join(literal(name, value) for name, value in headers.items())
    message = b"\x0a" + bytes([len(job)]) + job.encode()
    return (
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        + frame(SETTINGS)
        + frame(HEADERS, END_HEADERS, 1, block)
        + frame(DATA, END_STREAM, 1, struct.pack(">BI", 0, len(message)) + message)
    )


class Follower:
    """One connection with one stream."""

    def __init__(self, context, port, job):
        raw = socket.create_connection(("127.0.0.1", port))
        self.socket = context.wrap_socket(raw, server_hostname="localhost")
        self.socket.sendall(request(job))
        self.has_output = False
        self._unread = b""

    def serve(self):
        """Reads what is there, and answers what a living peer has to answer."""
        piece = self.socket.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection")
        self._unread += piece
        while len(self._unread) >= 9:
            length = int.from_bytes(self._unread[:3], "big")
            if len(self._unread) < 9 + length:
                return
            head, payload = self._unread[:9], self._unread[9 : 9 + length]
            self._unread = self._unread[9 + length :]
            self._take(head[3], head[4], payload)

    def _take(self, kind, flags, payload):
        if kind in (RST_STREAM, GOAWAY):
            raise ConnectionError(f"frame {kind} {payload} instead of output")
        if kind == DATA:
            self.has_output = True
        elif kind == SETTINGS and not flags & ACKNOWLEDGES:
            self.socket.sendall(frame(SETTINGS, ACKNOWLEDGES))
        elif kind == PING and not flags & ACKNOWLEDGES:
            self.socket.sendall(frame(PING, ACKNOWLEDGES, 0, payload))

    def cancel(self):
        """Ends the call, and then the connection, as a client with manners."""
        self.socket.sendall(frame(RST_STREAM, 0, 1, struct.pack(">I", CANCEL)))
        self.socket.close()

    def reset(self):
        """Breaks the connection: a reset instead of an end, socket(7)."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def client_context(pki, name="alice"):
    """TLS as the named user."""
    context = ssl.create_default_context(cafile=pki / "server-ca.pem")
    context.load_cert_chain(pki / f"{name}.pem", pki / f"{name}.key")
    context.set_alpn_protocols(["h2"])
    return context


def main():
    port, pki, job, count = sys.argv[1:]
    context = client_context(pathlib.Path(pki))
    crowd = []
    selector = selectors.DefaultSelector()
    while not all(follower.has_output for follower in crowd) or len(crowd) < int(count):
        # Those who are there already must not seem dead while others are on their way.
        for _ in range(min(50, int(count) - len(crowd))):
            crowd.append(Follower(context, int(port), job))
            selector.register(crowd[-1].socket, selectors.EVENT_READ, crowd[-1])
        for key, _ in selector.select(0.1):
            key.data.serve()
    print("attached", flush=True)
    for line in sys.stdin:
        for follower in crowd:
            getattr(follower, line.strip())()
        crowd = []
        print("gone", flush=True)


if __name__ == "__main__":
    main()

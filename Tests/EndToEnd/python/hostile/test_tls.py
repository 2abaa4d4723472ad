"""What is not TLS, what is not HTTP/2 in TLS, and keys that change without end."""

import contextlib
import os
import ssl
import subprocess

from hostile import frames
from hostile.frames import Peer, connect
from hostile.scene import HostileCase, attack

# A fatal alert: its record's header and level, up to the number of the alert. RFC 8446, section 6.
ALERT = b"\x15\x03\x03\x00\x02\x02"
UNEXPECTED_MESSAGE, DECODE_ERROR = b"\x0a", b"\x32"
NOTHING = b""


class NotTLS(HostileCase):
    def answers(self, server, said, *answers):
        for _ in range(50):
            with connect(server) as raw:
                raw.sendall(said)
                heard = b""
                while more := raw.recv(1000):
                    heard += more
                self.assertIn(heard, answers)

    @attack(growth=2)
    def test_http_2(self, server):
        self.answers(server, frames.PREFACE + frames.settings(), NOTHING)

    @attack(growth=2)
    def test_http_1(self, server):
        self.answers(server, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", NOTHING)

    @attack(growth=2)
    def test_random_bytes(self, server):
        self.answers(server, b"\x80" + os.urandom(5000), NOTHING)

    @attack(growth=2)
    def test_random_bytes_in_a_record(self, server):
        alerts = ALERT + UNEXPECTED_MESSAGE, ALERT + DECODE_ERROR
        self.answers(server, b"\x16\x03\x01\x02\x00" + os.urandom(512), *alerts)


class NotHTTP2(HostileCase):
    @attack(growth=2)
    def test_http_1_in_tls(self, server):
        with Peer(server, greets=False) as peer:
            peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertEqual(peer.farewell(), frames.PROTOCOL_ERROR)

    @attack(growth=2)
    def test_random_bytes_in_tls(self, server):
        with Peer(server, greets=False) as peer:
            peer.flood(os.urandom(10_000), 100)
            self.assertEqual(peer.farewell(), frames.PROTOCOL_ERROR)

    @attack(growth=2)
    def test_no_application_protocol(self, server):
        for protocols in [(), ("http/1.1",)]:
            with self.assertRaisesRegex(ssl.SSLError, "no application protocol"):
                Peer(server, protocols=protocols)


class KeyUpdates(HostileCase):
    @attack(growth=2)
    def test_more_than_a_minute_may_have(self, server):
        """`K` makes s_client change its key and ask for another of the server's."""
        files = {"CAfile": "server-ca.pem", "cert": "alice.pem", "key": "alice.key"}
        flags = [part for flag, name in files.items() for part in (f"-{flag}", server.pki / name)]
        with subprocess.Popen(
            ["openssl", "s_client", "-connect", server.address, "-alpn", "h2", *flags],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        ) as client:  # fmt: skip
            changed = 0
            with contextlib.suppress(BrokenPipeError):
                for line in client.stderr:
                    changed += line.startswith(b"KEYUPDATE")
                    if changed > 10_000:
                        client.kill()
                    if line.startswith((b"KEYUPDATE", b"verify return")):
                        os.write(client.stdin.fileno(), b"K\n")
        # The exact number is held below; here it takes a moment until the client notices.
        self.assertIn(changed, range(64, 10_000))

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
        # A third byte of 1 would make it an SSLv2 hello, to which OpenSSL has an alert.
        self.answers(server, b"\x80\0\0" + os.urandom(5000), NOTHING)

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


class Certificates(HostileCase):
    @attack(growth=2)
    def test_a_chain_without_end(self, server):
        """A good certificate, and 150 KB of others with it."""
        chain = (server.pki / "alice.pem").read_text() * 300
        (server.pki / "long.pem").write_text(chain)
        (server.pki / "long.key").write_bytes((server.pki / "alice.key").read_bytes())
        with Peer(server, name="long", greets=False) as peer:
            with self.assertRaisesRegex(ssl.SSLError, "alert"):
                peer.socket.recv(1)

    @attack(growth=2)
    def test_one_without_extended_key_usage_is_good(self, server):
        """No hostility, but a decision: what names no purpose is good for all. RFC 5280, 4.2.1.12"""
        key, request = server.pki / "bare.key", server.directory / "request"
        extensions = server.directory / "extensions"
        extensions.write_text("basicConstraints=CA:FALSE")
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-subj", "/CN=bare", "-keyout", key, "-out", request)  # fmt: skip
        openssl("x509", "-req", "-in", request, "-extfile", extensions, "-days", "1",
                "-CA", server.pki / "client-ca.pem", "-CAkey", server.pki / "client-ca.key",
                "-out", server.pki / "bare.pem")  # fmt: skip
        with Peer(server, name="bare") as peer:
            peer.send(frames.call(1, "GetJob", frames.NO_JOB))
            self.assertEqual(peer.status(1), frames.NOT_FOUND)


def openssl(*arguments):
    """Runs openssl, which must succeed."""
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


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

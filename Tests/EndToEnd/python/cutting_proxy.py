"""A TCP proxy that cuts its connections, each after so many bytes from the server."""

import contextlib
import socket
import struct
import threading


class CuttingProxy:
    """Listens on a port of the kernel's choice and passes on to `backend`, a port that may change.

    Each connection takes the next byte count of `plan`, and is reset after it; those that come after
    the last are left alone.
    """

    def __init__(self, backend, plan):
        self.backend = backend
        self.plan = list(plan)
        self.cuts = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                limit = self.plan.pop(0) if self.plan else None
                threading.Thread(target=self._carry, args=(client, limit), daemon=True).start()

    def _carry(self, client, limit):
        with client, contextlib.suppress(OSError):
            with socket.create_connection(("127.0.0.1", self.backend)) as server:
                threading.Thread(target=self._pass, args=(client, server), daemon=True).start()
                if self._pass(server, client, limit):
                    self.cuts += 1
                    # A linger of nothing makes a close a reset. socket(7)
                    linger = struct.pack("ii", 1, 0)
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                with contextlib.suppress(OSError):
                    server.shutdown(socket.SHUT_RDWR)

    @staticmethod
    def _pass(source, target, limit=None):
        """Passes bytes on until the source closes (False) or the limit is reached (True)."""
        with contextlib.suppress(OSError):
            while limit != 0:
                data = source.recv(65536 if limit is None else min(limit, 65536))
                if not data:
                    return False
                target.sendall(data)
                if limit is not None:
                    limit -= len(data)
            return True
        return False

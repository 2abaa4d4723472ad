"""Processor time and children, of real processes."""

import os
import socket
import subprocess
import sys
import unittest

import accounting

BURN = "import time; end = time.process_time() + {}\nwhile time.process_time() < end: pass\n"
# Burns, lets a child burn and waits for it, then shows a child that goes on.
PARENT = BURN.format(0.05) + f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {BURN.format(0.1)!r}])
child = subprocess.Popen(["sleep", "1000"])
print(child.pid, flush=True)
sys.stdin.read()
child.kill()
"""


class AccountingTests(unittest.TestCase):
    def test_children_count_whether_they_are_over_or_not(self):
        with subprocess.Popen(
                [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                text=True) as parent:
            child = int(parent.stdout.readline())
            self.assertEqual(accounting.children(parent.pid), [child])
            used = accounting.processor(parent.pid)
            parent.stdin.close()
        self.assertGreaterEqual(used.server, 0.05)
        self.assertGreaterEqual(used.with_children - used.server, 0.1)

    def test_memory_is_what_the_process_has_and_what_waits_in_its_sockets(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            before = accounting.memory(os.getpid(), port)
            with socket.create_connection(("127.0.0.1", port)) as client:
                accepted, _ = server.accept()
                client.send(bytes(2048))
                after = accounting.memory(os.getpid(), port)
                accepted.close()
        self.assertGreater(before.anonymous, 1000)
        self.assertEqual((before.queues, after.queues), (0, 2))

"""Counts the system calls of one thread, by ptrace(2): neither a library nor a statistic can be
relied on to see those that a program makes without the C library."""

import ctypes
import os
import signal
import threading
from collections import Counter

SEIZE, INTERRUPT, DETACH, SYSCALL, SYSCALL_INFO = 0x4206, 0x4207, 17, 24, 0x420E
TRACE_SYSCALLS_APART = 1
ENTRY = 1
STOPPED_BY_CALL = signal.SIGTRAP | 0x80
# Threads that are nobody's child are waited for only with it. waitpid(2), __WALL.
ALL_THREADS = 0x40000000


class SyscallInfo(ctypes.Structure):
    """The beginning of ptrace_syscall_info."""

    _fields_ = [
        ("op", ctypes.c_uint8), ("padding", ctypes.c_uint8 * 3), ("arch", ctypes.c_uint32),
        ("instruction", ctypes.c_uint64), ("stack", ctypes.c_uint64), ("number", ctypes.c_uint64),
        ("rest", ctypes.c_uint64 * 8),
    ]  # fmt: skip


library = ctypes.CDLL(None, use_errno=True)
library.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
library.ptrace.restype = ctypes.c_long


def ptrace(request, thread, address=None, data=None):
    """The system call, whose failure is an exception."""
    answer = library.ptrace(request, thread, address, data)
    if answer < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return answer


class SyscallCount:
    """While it is entered, the calls of a thread are counted by their numbers."""

    def __init__(self, thread):
        self.calls = Counter()
        self._target = thread
        self._begun = threading.Event()
        self._failure = None
        self._isOver = False
        # Only the thread that has begun it may go on with a trace.
        self._tracer = threading.Thread(target=self._trace)

    def __enter__(self):
        self._tracer.start()
        self._begun.wait()
        if self._failure:
            raise self._failure
        return self

    def __exit__(self, *_):
        self._isOver = True
        # One that sleeps in a call has to be told.
        self._tracer.join(0.2)
        while self._tracer.is_alive():
            os.kill(self._target, signal.SIGCONT)
            self._tracer.join(0.2)

    @property
    def total(self):
        return sum(self.calls.values())

    def _trace(self):
        try:
            ptrace(SEIZE, self._target, None, TRACE_SYSCALLS_APART)
            ptrace(INTERRUPT, self._target)
            os.waitpid(self._target, ALL_THREADS)
        except OSError as error:
            self._failure = error
            return
        finally:
            self._begun.set()
        self._follow()

    def _follow(self):
        passed_on = 0
        while True:
            ptrace(SYSCALL, self._target, None, passed_on)
            _, status = os.waitpid(self._target, ALL_THREADS)
            if not os.WIFSTOPPED(status):
                return
            stopped_by = os.WSTOPSIG(status)
            passed_on = 0
            if stopped_by == STOPPED_BY_CALL:
                self._note()
            elif stopped_by != signal.SIGTRAP:
                passed_on = stopped_by
            if self._isOver:
                ptrace(DETACH, self._target, None, passed_on)
                return

    def _note(self):
        info = SyscallInfo()
        ptrace(SYSCALL_INFO, self._target, ctypes.sizeof(info), ctypes.byref(info))
        if info.op == ENTRY and not self._isOver:
            self.calls[info.number] += 1

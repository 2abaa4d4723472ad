"""Becomes the program it is given, with io_uring_setup(2) forbidden by a seccomp filter."""

import ctypes
import errno
import os
import sys

NO_NEW_PRIVILEGES, SET_SECCOMP, FILTER_MODE = 38, 22, 2
# Calls since Linux 5.1 have the same number everywhere.
IO_URING_SETUP = 425
LOAD_NUMBER, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, FAIL = 0x7FFF0000, 0x00050000


class Instruction(ctypes.Structure):
    """sock_filter."""

    _fields_ = [("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8),
                ("constant", ctypes.c_uint32)]


class Program(ctypes.Structure):
    """sock_fprog."""

    _fields_ = [("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(Instruction))]


def forbid():
    """seccomp(2): the call fails with EPERM, as in most containers."""
    instructions = (Instruction * 4)(
        Instruction(LOAD_NUMBER, 0, 0, 0),
        Instruction(JUMP_IF_EQUAL, 0, 1, IO_URING_SETUP),
        Instruction(RETURN, 0, 0, FAIL | errno.EPERM),
        Instruction(RETURN, 0, 0, ALLOW),
    )
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    program = Program(len(instructions), instructions)
    for call in [(NO_NEW_PRIVILEGES, 1, 0, 0, 0), (SET_SECCOMP, FILTER_MODE, ctypes.byref(program))]:
        if prctl(*call) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


forbid()
os.execv(sys.argv[1], sys.argv[1:])

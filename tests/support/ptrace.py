"""Makes one thread of another process hang, as no signal can: stopped, or in an endless loop; as a debugger does it.

    with hang(tid, loop=True): ...
"""

import contextlib
import ctypes
import os
import platform
import struct

_SEIZE, _INTERRUPT, _DETACH, _GETREGS, _SETREGS = 0x4206, 0x4207, 17, 12, 13
_WALL = 0x40000000
_AT_ENTRY = 9
# Of user_regs_struct, all unsigned long.
_REGISTERS, _ORIG_RAX, _RIP = 27, 15, 16
_JUMP_TO_ITSELF = b"\xeb\xfe"
CAN_LOOP = platform.machine() == "x86_64"

_libc = ctypes.CDLL(None, use_errno=True)


def _ptrace(request, tid, data=None):
    if _libc.ptrace(ctypes.c_long(request), ctypes.c_long(tid), None, data) == -1:
        raise OSError(ctypes.get_errno(), f"ptrace {request:#x} of thread {tid}")


def _halt(tid):
    _ptrace(_SEIZE, tid)
    _ptrace(_INTERRUPT, tid)
    os.waitpid(tid, _WALL)


def _entry_point(tid):
    """An address of code that ran once, at the start of the program, and never will again."""
    with open(f"/proc/{tid}/auxv", "rb") as file:
        return next(value for name, value in struct.iter_unpack("LL", file.read()) if name == _AT_ENTRY)


@contextlib.contextmanager
def hang(tid, loop=False):
    """Must be left in the thread that entered it."""
    _halt(tid)
    if not loop:
        try:
            yield
        finally:
            _ptrace(_DETACH, tid)
        return
    before = (ctypes.c_ulong * _REGISTERS)()
    _ptrace(_GETREGS, tid, before)
    looping = (ctypes.c_ulong * _REGISTERS)(*before)
    looping[_RIP] = _entry_point(tid)
    looping[_ORIG_RAX] = 2**64 - 1  # in no system call
    with open(f"/proc/{tid}/mem", "r+b", buffering=0) as memory:
        memory.seek(looping[_RIP])
        memory.write(_JUMP_TO_ITSELF)
    _ptrace(_SETREGS, tid, looping)
    _ptrace(_DETACH, tid)
    try:
        yield
    finally:
        _halt(tid)
        _ptrace(_SETREGS, tid, before)
        _ptrace(_DETACH, tid)


def threads(pid):
    """All but the first."""
    return sorted(int(name) for name in os.listdir(f"/proc/{pid}/task") if int(name) != pid)

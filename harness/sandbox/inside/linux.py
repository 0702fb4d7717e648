"""The system calls that Python has no words for.

Our own few lines over ctypes instead of bubblewrap or firejail: those are programs of the machine, not of a package
index, so an installation of the harness could not bring them along. (`os.unshare` comes with Python 3.12.)
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import platform
import socket
import struct

# The numbers of unshare(2),
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
# of mount(2),
MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_REMOUNT = 0x20
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
_MNT_DETACH = 2
# of prctl(2) and capset(2),
_PR_SET_PDEATHSIG = 1
_PR_SET_DUMPABLE = 4
_PR_CAPBSET_DROP = 24
_PR_SET_NO_NEW_PRIVS = 38
_PR_CAP_AMBIENT = 47
_PR_CAP_AMBIENT_CLEAR_ALL = 4
_CAPABILITY_VERSION_3 = 0x20080522
_SIGKILL = 9
# and of netdevice(7).
_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1

#: pivot_root(2) has no wrapper in libc, so its number must be known.
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)


def is_known() -> bool:
    """Tell whether the system calls of this machine are known here."""
    return platform.machine() in _PIVOT_ROOT


def unshare(flags: int) -> None:
    """Leave the namespaces that are named, for fresh ones (unshare(2))."""
    _checked(_libc.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """Mount, or change a mount (mount(2))."""
    arguments = (os.fsencode(source), os.fsencode(target), kind and kind.encode(), ctypes.c_ulong(flags))
    _checked(_libc.mount(*arguments, options.encode() or None), target)


def change_root(root: str) -> None:
    """Make a mount the root of everything and let go of the old one (pivot_root(2), the example with ".")."""
    os.chdir(root)
    _checked(_libc.syscall(ctypes.c_long(_PIVOT_ROOT[platform.machine()]), b".", b"."), "pivot_root")
    _checked(_libc.umount2(b".", _MNT_DETACH), "umount of the old root")
    os.chdir("/")


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent goes (PR_SET_PDEATHSIG)."""
    prctl(_PR_SET_PDEATHSIG, _SIGKILL)


def keep_others_out() -> None:
    """Keep processes of the same user from tracing this one or reading its memory (PR_SET_DUMPABLE)."""
    prctl(_PR_SET_DUMPABLE, 0)


def drop_bounding_set() -> None:
    """Give up every capability that a later exec could bring (capabilities(7))."""
    for capability in range(64):
        try:
            prctl(_PR_CAPBSET_DROP, capability)
        except OSError:  # past the last one that this kernel has
            break
    prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)


def drop_capabilities() -> None:
    """Give up every capability of this process, and any way to another (capset(2), PR_SET_NO_NEW_PRIVS)."""
    header = struct.pack("=Ii", _CAPABILITY_VERSION_3, 0)
    _checked(_libc.capset(header, bytes(24)), "capset")
    prctl(_PR_SET_NO_NEW_PRIVS, 1)


def loopback_up() -> None:
    """Switch on `lo`, which is down in a fresh network namespace (network_namespaces(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def prctl(option: int, value: int, pointer: int = 0) -> None:
    """Change something about this process (prctl(2))."""
    zero = ctypes.c_ulong(0)
    _checked(_libc.prctl(option, ctypes.c_ulong(value), ctypes.c_ulong(pointer), zero, zero), f"prctl {option}")

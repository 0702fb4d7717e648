"""System calls that a seed script has no business with, refused by a filter (seccomp(2)).

The namespaces alone keep a program in. This closes what they leave: families of sockets that no namespace confines
(vsock reaches the host of a virtual machine), the caller's keyring, and the doors to kernel code that ordinary programs
never use, fresh user namespaces before all.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct

from harness.sandbox.inside import linux

#: By name: the number on x86_64, the number on aarch64.
_REFUSED = {
    # Other namespaces, mounts and roots.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    # Other processes.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    # The caller's keys, which no namespace hides (keyrings(7)).
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # The kernel's back rooms.
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "syslog": (103, 116),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
}
_CLONE = (56, 220)
_CLONE3 = (435, 435)
_SOCKET = (41, 198)
#: Unix, IPv4, IPv6 and netlink (getaddrinfo asks it for addresses): each confined by the network namespace.
_FAMILIES = (1, 2, 10, 16)
#: Every CLONE_NEW… flag that clone(2) takes.
_NEW_NAMESPACES = 0x7E020000
#: AUDIT_ARCH_X86_64, AUDIT_ARCH_AARCH64.
_ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
#: The second set of numbers of x86_64 starts here (x32).
_X32 = 0x40000000

# bpf_common.h, seccomp.h
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16
_PR_SET_SECCOMP, _FILTER = 22, 2


def filter_for(machine: str) -> bytes:
    """Return the filter as struct sock_filter[]: each instruction is code, jump if true, jump if false, operand."""
    column = list(_ARCHITECTURE).index(machine)
    program = [
        (_LOAD, 0, 0, _ARCH),
        (_EQUAL, 1, 0, _ARCHITECTURE[machine]),
        _refuse(errno.ENOSYS),  # another set of numbers: 32-bit programs
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 0, 1, _X32),
        _refuse(errno.ENOSYS),
        # glibc takes the older call, whose flags a filter can read.
        (_EQUAL, 0, 1, _CLONE3[column]),
        _refuse(errno.ENOSYS),
    ]
    for numbers in _REFUSED.values():
        program += [(_EQUAL, 0, 1, numbers[column]), _refuse(errno.EPERM)]
    program += [
        (_EQUAL, 0, 4, _CLONE[column]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 0, 1, _NEW_NAMESPACES),
        _refuse(errno.EPERM),
        _ALLOWED,
        (_EQUAL, 0, 2 + len(_FAMILIES), _SOCKET[column]),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        *((_EQUAL, len(_FAMILIES) - place, 0, family) for place, family in enumerate(_FAMILIES)),
        _refuse(errno.EAFNOSUPPORT),
        _ALLOWED,
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def refuse_system_calls() -> None:
    """Put the filter on this process and all that come from it; needs PR_SET_NO_NEW_PRIVS."""
    instructions = filter_for(platform.machine())
    held = ctypes.create_string_buffer(instructions, len(instructions))
    # struct sock_fprog: the count, padded to the pointer.
    told = ctypes.create_string_buffer(struct.pack("@HP", len(instructions) // 8, ctypes.addressof(held)))
    linux.prctl(_PR_SET_SECCOMP, _FILTER, ctypes.addressof(told))


_ALLOWED = (_RETURN, 0, 0, _ALLOW)


def _refuse(number: int) -> tuple[int, int, int, int]:
    return (_RETURN, 0, 0, _ERRNO | number)

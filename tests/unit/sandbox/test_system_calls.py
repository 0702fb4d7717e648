"""The filter, run by a small interpreter of its own."""

from __future__ import annotations

import errno
import struct

import pytest

from harness.sandbox.inside.system_calls import filter_for

ALLOW = 0x7FFF0000
X86, ARM = ("x86_64", 0xC000003E), ("aarch64", 0xC00000B7)


def verdict(program: bytes, architecture: int, number: int, first: int) -> int:
    """Run classic BPF as the kernel does, on struct seccomp_data."""
    data = struct.pack("=IIQQ", number, architecture, 0, first)
    instructions = list(struct.iter_unpack("=HBBI", program))
    place, accumulator = 0, 0
    while True:
        code, if_true, if_false, operand = instructions[place]
        place += 1
        if code == 0x06:
            return int(operand)
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, operand)
            continue
        holds = {0x15: accumulator == operand, 0x35: accumulator >= operand, 0x45: bool(accumulator & operand)}[code]
        place += if_true if holds else if_false


@pytest.mark.parametrize(
    ("machine", "number", "first", "expected"),
    [
        (X86, 0, 0, ALLOW),  # read
        (X86, 59, 0, ALLOW),  # execve
        (X86, 272, 0, errno.EPERM),  # unshare
        (X86, 165, 0, errno.EPERM),  # mount
        (X86, 101, 16, errno.EPERM),  # ptrace
        (X86, 250, 0, errno.EPERM),  # keyctl
        (X86, 443, 0, errno.EPERM),  # the last of the list
        (X86, 435, 0, errno.ENOSYS),  # clone3
        (X86, 56, 0x01200011, ALLOW),  # clone, as fork does
        (X86, 56, 0x003D0F00, ALLOW),  # clone, as threads do
        (X86, 56, 0x10000000, errno.EPERM),  # clone into a user namespace
        (X86, 56, 0x00020011, errno.EPERM),  # clone into a mount namespace
        (X86, 41, 1, ALLOW),  # socket: Unix
        (X86, 41, 2, ALLOW),
        (X86, 41, 10, ALLOW),
        (X86, 41, 16, ALLOW),
        (X86, 41, 40, errno.EAFNOSUPPORT),  # vsock
        (X86, 41, 38, errno.EAFNOSUPPORT),  # AF_ALG
        (X86, 41, 17, errno.EAFNOSUPPORT),  # packet
        (X86, 0x40000000 | 272, 0, errno.ENOSYS),  # x32
        (("x86_64", 0x40000003), 11, 0, errno.ENOSYS),  # i386
        (ARM, 63, 0, ALLOW),  # read
        (ARM, 97, 0, errno.EPERM),  # unshare
        (ARM, 220, 0x10000000, errno.EPERM),
        (ARM, 220, 0x01200011, ALLOW),
        (ARM, 198, 1, ALLOW),
        (ARM, 198, 40, errno.EAFNOSUPPORT),
        (ARM, 272, 0, errno.EPERM),  # kcmp; the number of unshare elsewhere
        (ARM, 56, 0x10000000, ALLOW),  # openat; the number of clone elsewhere
    ],
)
def test_verdicts(machine: tuple[str, int], number: int, first: int, expected: int) -> None:
    told = verdict(filter_for(machine[0]), machine[1], number, first)
    assert told == (ALLOW if expected == ALLOW else 0x00050000 | expected)

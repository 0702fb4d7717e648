"""The file system inside: an empty root, and in it only what is named.

Nothing is hidden by covering it: what isn't bound isn't there. So the caller's home with its ~/.aws and ~/.pgpass, other
projects, /var, /sys and the sockets in /run (Docker's, a database's) need no list of their own.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from harness.sandbox.inside import linux
from harness.sandbox.inside.linux import (
    MS_BIND,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_PRIVATE,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
)
from harness.sandbox.inside.order import HOME, Order

#: Where programs and their libraries are; /nix, /gnu and /run/current-system on NixOS and Guix.
_SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt", "/nix", "/gnu", "/run/current-system"),
    # Of /etc what programs need to start and to know names and certificates; no passwords, keys or settings.
    *(f"/etc/{name}" for name in ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld-musl-x86_64.path")),
    *(f"/etc/{name}" for name in ("services", "protocols", "localtime", "mime.types", "os-release")),
    *(f"/etc/{name}" for name in ("ssl/certs", "ssl/openssl.cnf", "ca-certificates", "pki/tls/certs", "pki/ca-trust")),
    *(f"/etc/{name}" for name in ("crypto-policies", "terminfo", "inputrc", "perl", "postgresql-common", "static")),
)
_SCRATCH = {"/tmp", "/dev/shm"}  # noqa: S108 - each a tmpfs of its own
_LINKS = (("var/tmp", "/tmp"), ("var/run", "/run"))  # noqa: S108 - as above
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_USERS = "root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/false\n"
_GROUPS = "root:x:0:\nnogroup:x:65534:\n"
_NSSWITCH = "passwd: files\ngroup: files\nservices: files\nhosts: files dns\n"
#: Nobody answers there: a name that /etc/hosts doesn't have is unknown at once, not after a time-out.
_RESOLV = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"
#: What a mount was restricted to must be said again when it is changed (mount_namespaces(7), locked flags).
_KEPT = {"noexec": MS_NOEXEC, "ro": MS_RDONLY, "nosuid": MS_NOSUID, "nodev": MS_NODEV}


def build(order: Order) -> None:
    """Make the new root and move into it; afterwards nothing else of the machine can be reached."""
    linux.mount("none", "/", None, MS_REC | MS_PRIVATE)
    linux.mount("tmpfs", order.root, "tmpfs", MS_NOSUID | MS_NODEV, "size=16m,mode=755")
    inside = Path(order.root)
    _tmpfs(inside / "tmp", order.limits.scratch)
    _devices(inside / "dev", order.limits.scratch)
    for path in _SYSTEM:
        _show(path, inside)
    _write_names(inside / "etc", order)
    # Parents first, so that a folder in a folder that is bound as well lies over it.
    for bind in sorted(order.binds, key=lambda bind: len(Path(bind.target).parts)):
        _bind(bind.source, inside / bind.target[1:])
    _home(inside / HOME[1:], order.account)
    (inside / "var").mkdir(exist_ok=True)
    for link, target in _LINKS:
        if not (inside / link).exists():
            (inside / link).symlink_to(target)
    (inside / "proc").mkdir()
    linux.mount("proc", str(inside / "proc"), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    _restrict(inside, {bind.target for bind in order.binds if bind.writable} | _SCRATCH)
    linux.change_root(order.root)


def restricted(mounts: str, root: str, writable: set[str]) -> list[tuple[str, int]]:
    """Return what to make of each mount below `root`, out of /proc/self/mountinfo (proc(5))."""
    changes = []
    for line in mounts.splitlines():
        fields = line.split(" ")
        path = re.sub(r"\\(\d{3})", lambda octal: chr(int(octal[1], 8)), fields[4])
        if path != root and not path.startswith(root + "/"):
            continue
        place = path.removeprefix(root) or "/"
        kept = set(fields[5].split(","))
        flags = MS_REMOUNT | MS_BIND | MS_NOSUID
        flags |= sum(flag for option, flag in _KEPT.items() if option in kept and option != "nosuid")
        if not place.startswith("/dev/"):
            flags |= MS_NODEV
        changes.append((path, flags if place in writable else flags | MS_RDONLY))
    return changes


def _restrict(inside: Path, writable: set[str]) -> None:
    """Make every mount read-only and deaf to set-user-ID bits and devices, but for the few that may be written.

    Each one by itself: a bind mount takes the mounts below it along, and `remount` changes only the one it names.
    """
    told = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    for path, flags in restricted(told, str(inside), writable):
        linux.mount("none", path, None, flags)


def _tmpfs(target: Path, size: int) -> None:
    target.mkdir(parents=True, exist_ok=True)
    linux.mount("tmpfs", str(target), "tmpfs", MS_NOSUID | MS_NODEV, f"size={size},nr_inodes=100k,mode=1777")


def _devices(target: Path, size: int) -> None:
    """Make a /dev of harmless devices: a read-only mount would not keep a superuser from writing to a disk in it."""
    for name in _DEVICES:
        if (Path("/dev") / name).exists():
            _bind(f"/dev/{name}", target / name)
    for link, place in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        (target / link).symlink_to(f"/proc/self/fd{place}")
    _tmpfs(target / "shm", size)


def _show(path: str, inside: Path) -> None:
    """Show a part of the system as it is: a link as a link (/bin is often one)."""
    target = inside / path[1:]
    if Path(path).is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(Path(path).readlink())
    elif Path(path).exists():
        _bind(path, target)


def _bind(source: str, target: Path) -> None:
    if Path(source).is_dir():
        target.mkdir(parents=True, exist_ok=True)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch()
    linux.mount(source, str(target), None, MS_BIND | MS_REC)


def _write_names(etc: Path, order: Order) -> None:
    """Write who and what has a name inside, the same on every machine."""
    etc.mkdir(exist_ok=True)
    user, group = order.account or (os.getuid(), os.getgid())
    (etc / "passwd").write_text(f"sandbox:x:{user}:{group}::{HOME}:/bin/sh\n{_USERS}")
    (etc / "group").write_text(f"sandbox:x:{group}:\n{_GROUPS}")
    known = " ".join(("localhost", *order.names))
    (etc / "hosts").write_text(f"127.0.0.1 {known}\n::1 localhost\n")
    (etc / "resolv.conf").write_text(_RESOLV)
    (etc / "nsswitch.conf").write_text(_NSSWITCH)


def _home(home: Path, account: tuple[int, int] | None) -> None:
    home.mkdir(mode=0o700)
    if account:
        os.chown(home, *account)

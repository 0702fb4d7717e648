"""PostgreSQL as processes of ours: a cluster copied from a template in the cache, and a server on it."""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from harness.endpoint import LOOPBACK, PostgresEndpoint
from harness.engines import binaries, cache, extensions, processes
from harness.errors import EnvironmentFailure

if TYPE_CHECKING:
    from pwd import struct_passwd

    from harness.engines.binaries import Binaries
    from harness.service import Service

USER, PASSWORD, DATABASE = "postgres", "password", "cruddur"

#: Nothing has to survive a power cut, so nothing waits for the disk; and no file or socket outside the data folder.
_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "log_checkpoints": "off",  # each clone of a database makes two
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "dynamic_shared_memory_type": "mmap",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "lc_messages": "C",
}
#: What every test's database is cloned from. Rewritten by VACUUM FULL, its system catalogs are 232 files instead of 304, and
#: what is cloned from it is made and dropped 1/5 faster.
_ORIGIN = "template0"
_ACCOUNTS = ("postgres", "nobody")
#: Where root's clusters are when PostgreSQL's user may not enter the project.
_OUTSIDE = Path("/var/tmp")  # noqa: S108 - names there are ours and never taken as they are found
#: Where a stack that lives as long as one command has its cluster, if there is so much room: in memory. A database is
#: hundreds of files, and ext4 looks past every file deleted in the last minute before it makes one, so that a clone takes not
#: 13 ms but 500 when many were dropped. Not for a stack that stays: systemd empties the folder of who logs out.
_MEMORY = Path("/dev/shm")  # noqa: S108 - as above
_ROOM = 1 << 30


def account() -> struct_passwd | None:
    """Return the user to run as: PostgreSQL refuses root. None: as ourselves."""
    if os.geteuid() != 0:
        return None
    for name in _ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise EnvironmentFailure(
        f"PostgreSQL refuses to run as root, and this machine has no user {' or '.join(_ACCOUNTS)}",
        hint="useradd --system postgres, or run the harness as an ordinary user",
    )


def check() -> str | None:
    """None when a PostgreSQL is at hand, else the reason."""
    try:
        account()
        binaries.find()
    except EnvironmentFailure as exc:
        return exc.message
    return None


def start(service: Service, *, home: Path, passing: bool = False) -> PostgresEndpoint:
    """Start a server of the stack at `home`, on a fresh cluster; `passing`: it won't be needed for long."""
    user = account()
    programs = binaries.readable_by(binaries.find(), user)
    data = _new_data_folder(home, user, passing=passing)
    _clone(_template(programs, home, user), data, home)
    wanted = _SETTINGS | extensions.settings(programs, user)
    settings = [part for name, value in wanted.items() for part in ("-c", f"{name}={value}")]
    processes.spawn(
        service.name,
        [str(programs.folder / "postgres"), "-D", str(data), "-p", str(service.port), *settings],
        home=home,
        cwd=data,
        extra={},
        account=user,
    )
    return PostgresEndpoint(host=LOOPBACK, port=service.port, user=USER, password=PASSWORD, database=DATABASE)


def data_folders(home: Path) -> list[Path]:
    """Every folder that a cluster of the stack at `home` may be in, whether or not anything recorded it."""
    strays = (path for place in (_OUTSIDE, _MEMORY) for path in place.glob(f"{_prefix(home)}-*"))
    return [home / "postgres", *(path for path in strays if _is_ours(path))]


def memory_folder(home: Path) -> Path | None:
    """Make an empty folder in memory for databases that come and go on the stack at `home`; None: there is no room.

    It goes with the stack.
    """
    if not _has_room(_MEMORY):
        return None
    folder, user = _MEMORY / f"{_prefix(home)}-{secrets.token_hex(8)}", account()
    folder.mkdir(mode=0o700)
    if user is not None:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def remove_data(home: Path) -> None:
    """Remove the cluster, and the shared memory of a server that was killed."""
    for data in data_folders(home):
        _free_shared_memory(data)
        shutil.rmtree(data, ignore_errors=True)


def _new_data_folder(home: Path, user: struct_passwd | None, *, passing: bool) -> Path:
    """Choose a folder that doesn't exist yet: in memory, in `home`, or, where PostgreSQL's user may not go, outside."""
    if passing and _has_room(_MEMORY):
        return _MEMORY / f"{_prefix(home)}-{secrets.token_hex(8)}"
    if cache.enterable(home, user):
        return home / "postgres"
    return _OUTSIDE / f"{_prefix(home)}-{secrets.token_hex(8)}"


def _has_room(folder: Path) -> bool:
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize >= _ROOM and os.access(folder, os.W_OK)


def _prefix(home: Path) -> str:
    """Tell whose a folder outside is by its name: of which project, and of which of its stacks."""
    project, stack = (hashlib.sha256(str(path).encode()).hexdigest()[:12] for path in (home.parent, home))
    return f"{cache.NAME}-{project}-{stack}"


def _is_ours(path: Path) -> bool:
    found, user = path.lstat(), account()
    return stat.S_ISDIR(found.st_mode) and found.st_uid in {os.geteuid(), user.pw_uid if user else os.geteuid()}


def _template(programs: Binaries, home: Path, user: struct_passwd | None) -> Path:
    """Return a cluster made by initdb, with our database in it; made once for these programs and this user."""
    options = _initdb_options(programs)
    program = programs.folder / "postgres"
    found = program.stat()
    identity = json.dumps(
        [options, str(program), found.st_size, found.st_mtime_ns, user.pw_name if user else None, DATABASE, _ORIGIN]
    )
    name = f"cluster-{programs.version}-{hashlib.sha256(identity.encode()).hexdigest()[:12]}"

    def make(scratch: Path) -> None:
        cluster, password = scratch / "cluster", scratch / "password"
        scratch.mkdir(mode=0o755)
        cluster.mkdir(mode=0o700)
        password.write_text(PASSWORD)
        if user is not None:
            os.chown(cluster, user.pw_uid, user.pw_gid)
        initdb = [str(programs.folder / "initdb"), "-D", str(cluster), f"--pwfile={password}", *options]
        _run(initdb, "", home, user)
        single = [str(program), "--single", "-D", str(cluster), "-c", "fsync=off"]
        _run([*single, _ORIGIN], "VACUUM FULL", home, user)
        _run([*single, "postgres"], f"CREATE DATABASE {DATABASE} TEMPLATE {_ORIGIN}", home, user)

    return cache.make_once(cache.cache_folder(user), name, make) / "cluster"


def _initdb_options(programs: Binaries) -> list[str]:
    # A locale that is in PostgreSQL itself, so that text sorts the same on every machine.
    builtin = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if programs.major >= 17 else []  # noqa: PLR2004
    # 4,096 rounds of hashing take a client 2 ms for each connection, and this password is known to all.
    quick = ["--set=scram_iterations=1"] if programs.major >= 16 else []  # noqa: PLR2004
    return [
        f"--username={USER}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        *builtin,
        *quick,
        "--no-sync",
        "--wal-segsize=1",
    ]


def _run(argv: list[str], words: str, home: Path, user: struct_passwd | None) -> None:
    """Run a program to its end; it carries our mark, so that `down` finds it if we are killed."""
    done = subprocess.run(
        argv,
        input=f"{words}\n",
        env=processes.environment(home, {}),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
        **processes.as_user(user),
    )
    if done.returncode != 0:
        raise EnvironmentFailure(
            f"{Path(argv[0]).name} exited with code {done.returncode}: {done.stderr.strip() or done.stdout.strip()}",
            hint=f"put right what it says (room on the disk? df -h {home} {_OUTSIDE}), or use --engine docker",
        )


def _clone(template: Path, data: Path, home: Path) -> None:
    """Copy a cluster, sharing blocks where the file system can."""
    flags = ["-c", "-Rp"] if sys.platform == "darwin" else ["-a", "--reflink=auto"]
    _run(["cp", *flags, str(template), str(data)], "", home, None)


def _free_shared_memory(data: Path) -> None:
    """Remove the System V segment that a killed server leaves; `postmaster.pid` names it in line 7 (key and id)."""
    try:
        key, segment = (int(part) for part in (data / "postmaster.pid").read_text().splitlines()[6].split())
    except (OSError, ValueError, IndexError):
        return
    libc = ctypes.CDLL(None)
    # After a restart of the machine the id may be somebody else's; the key says whose it is.
    if libc.shmget(key, 0, 0) == segment:
        libc.shmctl(segment, 0, None)

"""What a foreign program can't reach: networks, files, processes, privileges."""

from __future__ import annotations

import ctypes
import os
import shutil
import socket
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.integration.sandbox.conftest import Run, runner
from tests.integration.sandbox.outside import mark, port_of, serving

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.sandbox.sandbox import Sandbox

CONNECT = """
import socket, sys
family, address = int(sys.argv[1]), sys.argv[2]
where = (address, int(sys.argv[3])) if len(sys.argv) > 3 else address.replace("@", chr(0))
with socket.socket(family, socket.SOCK_STREAM) as out:
    out.settimeout(3)
    try:
        out.connect(where)
    except OSError as exc:
        print(type(exc).__name__, exc.errno)
    else:
        print("connected")
"""
REFUSED = ("Read-only file system", "Permission denied", "No such file or directory")
SYSCALL = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
numbers = [int(number) for number in sys.argv[1:]]
print(libc.syscall(*map(ctypes.c_long, numbers)), ctypes.get_errno())
"""


def greet(connection: socket.socket) -> None:
    connection.sendall(b"you got out")


# Networks


def test_no_address_outside_can_be_reached(python: Run) -> None:
    # TEST-NET-2 (RFC 5737) is nobody's.
    ran = python(CONNECT, str(int(socket.AF_INET)), "198.51.100.1", "80")
    assert ran.stdout == "OSError 101\n", "unreachable: there is no way out at all"
    assert ran.seconds < 2


def test_there_is_no_interface_but_loopback(python: Run) -> None:
    ran = python("import socket; print(socket.if_nameindex(), open('/proc/net/route').read().count(chr(10)))")
    assert ran.stdout == "[(1, 'lo')] 1\n", "loopback, and no route but the heading"


def test_a_port_of_this_machine_that_is_no_door_is_closed(python: Run) -> None:
    with serving(greet) as listener:
        ran = python(CONNECT, str(int(socket.AF_INET)), "127.0.0.1", str(port_of(listener)))
    assert ran.stdout == "ConnectionRefusedError 111\n"


def test_abstract_sockets_of_this_machine_are_not_there(python: Run) -> None:
    name = mark()
    with serving(greet, socket.AF_UNIX, f"\0{name}"):
        ran = python(CONNECT, str(int(socket.AF_UNIX)), f"@{name}")
    assert ran.stdout == "ConnectionRefusedError 111\n"


def test_sockets_in_the_file_system_are_not_there(python: Run, tmp_path: Path) -> None:
    with serving(greet, socket.AF_UNIX, str(tmp_path / "docker.sock")):
        ran = python(CONNECT, str(int(socket.AF_UNIX)), str(tmp_path / "docker.sock"))
    assert ran.stdout == "FileNotFoundError 2\n"


@pytest.mark.parametrize("family", [socket.AF_VSOCK, socket.AF_ALG, socket.AF_PACKET])
def test_families_that_no_namespace_confines_are_refused(python: Run, family: int) -> None:
    ran = python("import socket, sys; socket.socket(int(sys.argv[1]), socket.SOCK_DGRAM)", str(int(family)))
    assert "[Errno 97]" in ran.stderr


def test_no_name_is_looked_up_outside(python: Run) -> None:
    ran = python("import socket; socket.getaddrinfo('example.com', 80)")
    assert "gaierror" in ran.stderr
    assert ran.seconds < 3
    assert python("print(open('/etc/resolv.conf').read())").stdout.startswith("nameserver 127.0.0.1\n")


# Files


@pytest.mark.parametrize("folder", ["/", "/etc", "/usr", "/usr/bin", "/proc/sys/kernel", "/dev", "/run", "/var"])
def test_the_system_can_not_be_written(bash: Run, folder: str) -> None:
    ran = bash(f"echo x > {folder}/{mark()}")
    assert ran.exit_code == 1
    assert any(error in ran.stderr for error in REFUSED), ran.stderr


def test_system_files_can_not_be_changed(python: Run) -> None:
    ran = python("""
import os
for path in "/etc/passwd", "/etc/hosts", "/usr/bin/env", "/proc/sys/kernel/core_pattern":
    try:
        os.close(os.open(path, os.O_WRONLY))
    except OSError as exc:
        print(exc.strerror)
""")
    assert len(ran.stdout.splitlines()) == 4
    assert set(ran.stdout.splitlines()) <= set(REFUSED)


def test_only_the_ground_and_private_space_can_be_written(bash: Run, ground: Path) -> None:
    mounts = [line.split() for line in bash("cat /proc/self/mounts").stdout.splitlines()]
    written = {fields[1] for fields in mounts if "rw" in fields[3].split(",")}
    assert written == {str(ground), "/tmp", "/dev/shm", "/run/harness/journal"}
    assert len(mounts) > 10
    assert all("nosuid" in fields[3].split(",") for fields in mounts)
    assert all("nodev" in fields[3].split(",") for fields in mounts if not fields[1].startswith("/dev/"))


def test_the_original_project_is_not_there(bash: Run, tmp_path: Path) -> None:
    (tmp_path / "original").mkdir()
    (tmp_path / "original" / "seed.sql").write_text("mine")
    ran = bash(f"cat {tmp_path}/original/seed.sql; mkdir -p {tmp_path}/original; echo x > {tmp_path}/original/seed.sql")
    assert "No such file" in ran.stderr
    assert (tmp_path / "original" / "seed.sql").read_text() == "mine"


def test_what_is_shown_can_only_be_read(make: Callable[..., Sandbox], ground: Path, tmp_path: Path) -> None:
    shown = tmp_path / "shown"
    shown.mkdir(mode=0o777)
    (shown / "note").write_text("read me")
    for path in (tmp_path, shown, shown / "note"):
        path.chmod(0o777)
    bash, _ = runner(make(readable=[shown]), ground)
    ran = bash(f"cat {shown}/note; echo x > {shown}/note; touch {shown}/new; chmod 700 {shown}/note; rm {shown}/note")
    assert ran.stdout == "read me"
    assert ran.stderr.count("Read-only file system") == 4
    assert [path.name for path in shown.iterdir()] == ["note"]


def test_a_link_leads_nowhere_outside(bash: Run, ground: Path, tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("mine")
    (tmp_path / "precious").chmod(0o666)
    (ground / "link").symlink_to(tmp_path / "precious")
    (ground / "up").symlink_to("../precious")
    bash(
        "echo x > link; echo x > up; ln -s / root; echo x > root/etc/x; echo x > /proc/1/root/tmp/x; cat /proc/1/environ"
    )
    assert (tmp_path / "precious").read_text() == "mine"


def test_the_home_of_the_caller_is_empty(python: Run) -> None:
    name = mark()
    ran = python(f"""
import os, pathlib
home = pathlib.Path({str(Path.home())!r})
print(*(os.listdir(home) if home.exists() else []))
try:
    (home / "{name}").write_text("x")
except OSError as exc:
    print(exc.strerror)
""")
    # The way to our own Python may lead through it, and nothing else does.
    names, error = ran.stdout.splitlines()
    assert set(names.split()) <= set(Path(sys.base_prefix).parts + Path(sys.prefix).parts + Path(__file__).parts)
    assert error in {"Read-only file system", "No such file or directory", "Permission denied"}
    assert not (Path.home() / name).exists()


def test_credentials_in_the_home_are_not_there(
    make: Callable[..., Sandbox], ground: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / ".aws").mkdir(parents=True)
    (home / ".aws" / "credentials").write_text("aws_secret_access_key = very-secret")
    (home / ".pgpass").write_text("very-secret")
    monkeypatch.setenv("HOME", str(home))
    bash, _ = runner(make(), ground)
    ran = bash(
        f"cat {home}/.aws/credentials {home}/.pgpass ~/.aws/credentials; find {home}; echo at $HOME; touch ~/fine"
    )
    assert ran.stdout == "at /tmp/home\n"
    assert ran.exit_code == 0


@pytest.mark.parametrize(
    "path", ["/etc/shadow", "/sys", "/var/lib", "/var/log", "/dev/pts", "/run/docker.sock", "/home"]
)
def test_what_nobody_needs_is_not_there(bash: Run, path: str) -> None:
    assert "No such file" in bash(f"ls {path}").stderr or str(Path.home()).startswith(path)


def test_there_are_no_disks(bash: Run) -> None:
    assert bash("find / -xdev -type b; find /dev -type b; mknod disk b 254 0").stdout == ""


# The caller


def test_the_environment_is_clean(make: Callable[..., Sandbox], ground: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    ran = make().run(["env"], cwd=ground, env={"CONNECTION_URL": "here"})
    names = {line.partition("=")[0] for line in ran.stdout.splitlines()}
    assert names == {"PATH", "HOME", "LANG", "TZ", "HARNESS_JOURNAL", "CONNECTION_URL"}
    bash, _ = runner(make(), ground)
    assert "very-secret" not in bash("cat /proc/*/environ | tr '\\0' '\\n'").stdout


def test_no_other_process_can_be_seen(python: Run) -> None:
    ran = python("import os; print(*sorted(int(name) for name in os.listdir('/proc') if name.isdigit()), os.getpid())")
    *seen, own = ran.stdout.split()
    assert seen == ["1", own]


def test_no_other_process_can_be_killed(python: Run) -> None:
    with psutil.Popen(["sleep", "600"]) as victim:
        # A low number may be one inside as well, where the tests run in a container.
        pids = [pid for pid in (victim.pid, os.getpid()) if pid > 100]
        ran = python(f"""
import os, signal
for pid in {pids}:
    try:
        os.kill(pid, signal.SIGKILL)
    except OSError as exc:
        print(type(exc).__name__)
""")
        assert victim.is_running()
        assert victim.status() != psutil.STATUS_ZOMBIE
        victim.kill()
    assert ran.stdout == "ProcessLookupError\n" * len(pids)


def test_the_first_process_can_not_be_harmed(python: Run) -> None:
    ran = python("""
import os, signal
for number in signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGINT:
    try:
        os.kill(1, number)
    except PermissionError:
        pass
for path in "/proc/1/mem", "/proc/1/root", "/proc/1/environ", "/proc/1/fd/0":
    try:
        os.stat(path + "/.") if path.endswith("root") else open(path).close()
    except PermissionError:
        continue
    print(path, "is open")
print("and on it goes")
""")
    assert (ran.stdout, ran.exit_code, ran.stopped) == ("and on it goes\n", 0, None)


# Privileges


@pytest.mark.parametrize(
    ("name", "x86_64", "aarch64", "arguments"),
    [
        ("unshare user", 272, 97, [0x10000000]),
        ("unshare mounts", 272, 97, [0x00020000]),
        ("ptrace attach to 1", 101, 117, [16, 1, 0, 0]),
        ("mount", 165, 40, [0, 0, 0, 0, 0]),
        ("umount", 166, 39, [0, 0]),
        ("join a keyring", 250, 219, [1, 0]),
        ("bpf", 321, 280, [0, 0, 0]),
        ("io_uring", 425, 425, [1, 0]),
        ("clone with a user namespace", 56, 220, [0x10000000, 0, 0, 0, 0]),
    ],
)
def test_refused_system_calls(python: Run, name: str, x86_64: int, aarch64: int, arguments: list[int]) -> None:
    number = {"x86_64": x86_64, "aarch64": aarch64}[os.uname().machine]
    ran = python(SYSCALL, str(number), *map(str, arguments))
    assert ran.stdout == "-1 1\n", f"{name} must end with EPERM"


def test_no_capability_is_left(bash: Run) -> None:
    ran = bash("grep -E '^(Cap|NoNewPrivs|Seccomp:|Uid|Groups)' /proc/self/status")
    told = dict(line.split(":\t") for line in ran.stdout.splitlines())
    assert {told[f"Cap{name}"] for name in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert (told["NoNewPrivs"], told["Seccomp"]) == ("1", "2")
    assert told["Uid"].split()[0] != "0"


def test_a_set_user_id_bit_means_nothing(bash: Run, ground: Path) -> None:
    if os.geteuid() != 0:
        return  # only a superuser can make such a file; that the mounts are nosuid is told above
    program = ground / "id"
    shutil.copy(str(shutil.which("id")), program)
    program.chmod(0o755 | stat.S_ISUID)
    assert "euid=" not in bash("ls -l id; chmod 4755 id; ./id").stdout
    assert bash("cp /usr/bin/id own; chmod u+s own; ./own -u").stdout != "0\n"


def test_limits_can_not_be_raised(bash: Run) -> None:
    ran = bash("ulimit -c; ulimit -f; ulimit -u; ulimit -n 100000 || ulimit -f unlimited || echo no")
    assert ran.stdout.split() == ["0", "262144", "128", "no"]


def test_who_one_is_has_a_name(bash: Run, python: Run) -> None:
    assert bash("whoami; id -gn").stdout == "sandbox\nsandbox\n"
    assert python("import getpass, pathlib; print(getpass.getuser(), pathlib.Path('~').expanduser())").stdout == (
        "sandbox /tmp/home\n"
    )


def test_there_is_no_terminal(bash: Run) -> None:
    assert "No such device or address" in bash("echo x > /dev/tty").stderr


def test_nothing_is_shared_by_other_means(python: Run) -> None:
    assert socket.gethostname() != "sandbox"
    libc = ctypes.CDLL(None)
    segment = libc.shmget(0, 4096, 0o600)  # sysvipc(7)
    try:
        assert len(Path("/proc/sysvipc/shm").read_text().splitlines()) > 1
        ran = python("""
import os, socket
print(socket.gethostname(), os.listdir('/dev/shm'), os.getsid(0) == os.getpid())
print(open("/proc/sysvipc/shm").read().count(chr(10)))
""")
    finally:
        libc.shmctl(segment, 0, None)
    assert ran.stdout == "sandbox [] True\n1\n", "nothing but the heading"

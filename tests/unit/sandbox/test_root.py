"""What becomes of each mount."""

from __future__ import annotations

from harness.sandbox.inside.linux import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_RDONLY, MS_REMOUNT
from harness.sandbox.inside.root import restricted

ALL = MS_REMOUNT | MS_BIND | MS_NOSUID
MOUNTS = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
90 27 0:50 / /scratch/root rw,nosuid,nodev,relatime - tmpfs tmpfs rw
91 90 0:51 / /scratch/root/tmp rw,nosuid,nodev,relatime - tmpfs tmpfs rw
92 90 0:6 /null /scratch/root/dev/null rw,nosuid,noexec,relatime - devtmpfs devtmpfs rw
93 90 254:0 /usr /scratch/root/usr rw,relatime - ext4 /dev/vda rw
94 90 254:1 /my\\040own /scratch/root/my\\040own rw,noexec,relatime shared:7 - ext4 /dev/vdb rw
95 90 254:0 / /scratch/rooted rw,relatime - ext4 /dev/vda rw
96 90 254:2 / /scratch/root/usr/share ro,nodev,relatime - ext4 /dev/vdc rw
"""


def test_all_below_the_root_is_restricted_but_what_may_be_written() -> None:
    assert restricted(MOUNTS, "/scratch/root", {"/tmp", "/my own"}) == [
        ("/scratch/root", ALL | MS_NODEV | MS_RDONLY),
        ("/scratch/root/tmp", ALL | MS_NODEV),
        ("/scratch/root/dev/null", ALL | MS_NOEXEC | MS_RDONLY),
        ("/scratch/root/usr", ALL | MS_NODEV | MS_RDONLY),
        ("/scratch/root/my own", ALL | MS_NODEV | MS_NOEXEC),
        ("/scratch/root/usr/share", ALL | MS_NODEV | MS_RDONLY),
    ]

"""A clone takes no space on a real file system that can share; elsewhere nothing is done."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from videogen_nb.media.file_clones import clone, hard_link

MOUNTED = """
truncate -s 116M "$1/disk"
mkfs.btrfs -q "$1/disk" > "$1/told"
mkdir "$1/mnt"
mount -o loop "$1/disk" "$1/mnt"
echo mounted
"$2" -c "$3" "$1/mnt"
"""
#: Eight copies of 16 MiB do not fit on it.
STEPS = """
import os, sys
from pathlib import Path
from videogen_nb.media.file_clones import clone

folder = Path(sys.argv[1])
source = folder / "source"
whole = os.urandom(16 * 2**20)
source.write_bytes(whole)
for n in range(8):
    with (folder / str(n)).open("xb") as file:
        assert clone(source, file)
with (folder / "0").open("r+b") as file:
    file.write(b"edited")
    os.fsync(file.fileno())
assert source.read_bytes() == whole == (folder / "1").read_bytes()
assert (folder / "0").read_bytes() == b"edited" + whole[6:]
print("shared")
"""


def cannot_mount() -> str | None:
    if sys.platform != "linux" or os.geteuid() != 0:
        return "mounting a file system needs Linux and root"
    if not all(shutil.which(name) for name in ("unshare", "mkfs.btrfs")):
        return "unshare or mkfs.btrfs is not installed"
    if "btrfs" not in Path("/proc/filesystems").read_text():
        return "this kernel has no btrfs"
    return None


@pytest.mark.skipif(bool(why := cannot_mount()), reason=why or "")
def test_clones_share_their_bytes_until_one_is_changed(tmp_path):
    inner = ("unshare", "--mount", "--propagation", "private", "sh", "-ec", MOUNTED, "sh")
    done = subprocess.run(
        [*inner, str(tmp_path), sys.executable, STEPS], capture_output=True, text=True, check=False
    )
    if "mounted" not in done.stdout:
        pytest.skip("this container may not mount a file system")
    assert done.stdout == "mounted\nshared\n", done.stderr


def test_what_cannot_be_shared_is_left_as_it_was(tmp_path):
    with (tmp_path / "new").open("xb") as file:
        assert not clone(tmp_path / "missing", file)
        assert not clone(tmp_path, file)
    assert not hard_link(tmp_path / "missing", tmp_path / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["new"]
    assert (tmp_path / "new").read_bytes() == b""

"""ffmpeg does not outlive vidsep, however vidsep ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = """
import ffmpeg as composer
from vidsep.media import ffmpeg
endless = composer.input("anullsrc", f="lavfi", re=None)
with ffmpeg.reading(ffmpeg.output(endless, name="pipe:1", format="f32le")) as reader:
    print(reader._process.popen.pid, flush=True)
    while reader.read(4096):
        pass
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed process")
@pytest.mark.parametrize("by", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_ffmpeg_ends_with_its_parent(by: str) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    assert parent.stdout is not None
    with parent, parent.stdout:
        child = Path("/proc") / parent.stdout.readline().decode().strip()
        assert child.exists()
        os.kill(parent.pid, getattr(signal, by))
        parent.wait(timeout=20)
    for _ in range(50):
        if not child.exists() or "Z" in (child / "stat").read_text().rpartition(")")[2].split()[0]:
            return
        time.sleep(0.1)
    pytest.fail("ffmpeg is still there")

"""Leaving at once: nobody is waited for, and what was said is heard."""

import subprocess
import sys

import pytest

CHATTER = "I0000 00:00:1700000000.000000 1 port.cc:153] oneDNN custom operations are on."
LOADS = f"""
import os, sys, threading, time
from vidsep.leaving import leave
from vidsep.separation import devices

threading.Thread(target=time.sleep, args=(60,)).start()  # no daemon: Python would wait for it
with devices._without_chatter():
    os.write(2, b"{CHATTER}\\n")
    print("what was made")
    print("the error", file=sys.stderr)
    leave(6)
"""
SPEAKS = """
import sys
from vidsep.leaving import leave
print("what was made")
print("the error", file=sys.stderr)
leave(6)
"""


@pytest.mark.parametrize("code", [LOADS, SPEAKS], ids=["while the network loads", "otherwise"])
def test_what_was_said_is_heard_though_the_process_ends_at_once(code: str) -> None:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=40, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (6, "what was made\n", "the error\n")

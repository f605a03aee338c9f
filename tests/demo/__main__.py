"""`make demo`: starts the servers, tells the story, stops them. Exit code 1 where a thing is not as it should be.

KEEP=1 in the environment leaves all of it running after the story's last look; `python -m demo stop` ends it.
"""

import os
import sys
import time

from botocore.exceptions import BotoCoreError, ClientError

from demo import keep, show
from demo.checks import NotAsItShouldBe
from demo.processes import REPOSITORY, SIGNALS, Interrupted, NotStarted, Servers, stop_kept
from demo.stacks import StackFailed
from demo.story import Story

BINARY = REPOSITORY / "target/release/bootstrap"
FAILURES = (BotoCoreError, ClientError, NotAsItShouldBe, NotStarted, StackFailed)


def main():
    SIGNALS.install()
    try:
        return run(os.environ.get("KEEP", "0") not in ("", "0"))
    except Interrupted as interruption:
        show.line(f"\nInterrupted ({interruption}): everything is stopped.")
        return interruption.code
    except FAILURES as failure:
        show.line(show.paint(f"\nNot as it should be: {failure}", "red"))
        return 1


def run(kept):
    begin = time.monotonic()
    with Servers() as servers:
        try:
            Story(servers.endpoints, BINARY, kept).tell()
        except FAILURES:
            show.line(f"\nThe logs of this run are in {servers.folder}")
            raise
        if kept:
            keep.explain(servers)
            servers.leave_running()
    show.line(f"\nAll as it should be, in {time.monotonic() - begin:.0f} s.")
    return 0


def stop():
    runs = stop_kept()
    show.line(f"Stopped {runs} run(s) of the demo." if runs else "Nothing was left running.")
    return 0


if __name__ == "__main__":
    sys.exit(stop() if sys.argv[1:] == ["stop"] else main())

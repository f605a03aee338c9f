"""The demo as people run it: it ends well by itself, and leaves no process behind however it ends."""

import os
import re
import signal
import subprocess
import sys
import time
import unittest
from pathlib import Path

from demo.keep import COMMANDS
from demo.processes import REPOSITORY, RUNS

SECONDS = 180


class Demo(unittest.TestCase):
    def test_it_tells_the_whole_story_and_leaves_nothing(self):
        demo = Run()
        output = demo.finish()
        self.assertEqual(demo.process.returncode, 0, output)
        self.assertIn("All as it should be", output)
        self.assert_both_stacks_ran_side_by_side(output)
        self.assertNotIn("\033", output)
        self.assert_nothing_left(demo)

    def test_an_interrupt_while_the_servers_start_leaves_nothing(self):
        self.interrupted(signal.SIGINT, None)

    def test_an_interrupt_in_the_middle_leaves_nothing(self):
        self.interrupted(signal.SIGINT, "CREATE_COMPLETE           Share")

    def test_a_termination_in_the_middle_leaves_nothing(self):
        self.interrupted(signal.SIGTERM, "CREATE_COMPLETE           Function")

    def test_what_is_kept_runs_on_until_it_is_stopped(self):
        demo = Run(KEEP="1")
        output = demo.finish()
        self.addCleanup(stop)
        self.assertEqual(demo.process.returncode, 0, output)
        self.assertIn("make demo-stop", output)
        self.assertTrue(demo.processes())
        commands = shell_lines(output, ("aws ", "AWS_ACCESS_KEY_ID="))
        self.assertEqual(len(commands), len(COMMANDS))
        for command in commands:
            with self.subTest(command):
                done = shell(shell_lines(output, ("export ",)) + [command])
                self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Stopped 1 run", stop())
        self.assert_nothing_left(demo)

    def assert_both_stacks_ran_side_by_side(self, output):
        """The company's stack waits in the queue, the supplier's accepts, and then the company's is done."""
        moments = [
            r"company   UPDATE_IN_PROGRESS +Share \(",
            "The request is in the queue now",
            r"supplier  CREATE_IN_PROGRESS +Acceptance \(",
            r"supplier  CREATE_COMPLETE +Acceptance \(",
            r"company   UPDATE_COMPLETE +Share \(",
            r"supplier  DELETE_COMPLETE +Acceptance \(",
        ]
        self.assertRegex(output, re.compile(".*".join(moments), re.DOTALL))

    def interrupted(self, number, moment):
        demo = Run()
        demo.wait_for(moment)
        demo.process.send_signal(number)
        output = demo.finish()
        self.assertEqual(demo.process.returncode, 128 + number, output)
        self.assert_nothing_left(demo)

    def assert_nothing_left(self, demo):
        self.assertEqual(demo.processes(), [])
        self.assertFalse(demo.folder.exists())


class Run:
    """One run of the demo, and the processes that it started: they all have its folder as their HOME."""

    def __init__(self, **environment):
        before = set(RUNS.glob("run-*"))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "demo"], cwd=REPOSITORY / "tests", env={**os.environ, **environment},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.output = []
        self.folder = until(lambda: next(iter(set(RUNS.glob("run-*")) - before), None))

    def wait_for(self, moment):
        """Until the demo prints `moment`, or, with None, until its first server runs."""
        if moment is None:
            until(self.processes)
        else:
            while moment not in (line := self.process.stdout.readline()):
                assert line, f"the demo ended before {moment!r}: {''.join(self.output)}"
                self.output.append(line)

    def finish(self):
        rest, _ = self.process.communicate(timeout=SECONDS)
        return "".join(self.output) + rest

    def processes(self):
        mark = f"HOME={self.folder}".encode()
        return [path.parent.name for path in Path("/proc").glob("[0-9]*/environ") if mark in contents(path)]


def shell_lines(output, starts):
    return [line for line in output.splitlines() if line.startswith(starts)]


def shell(lines):
    return subprocess.run(["sh", "-euc", "\n".join(lines)], cwd=REPOSITORY, capture_output=True, text=True, check=False)


def contents(path):
    try:
        return path.read_bytes().split(b"\0")
    except OSError:  # ended meanwhile
        return []


def until(ready):
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        if result := ready():
            return result
        time.sleep(0.01)
    raise AssertionError("it did not come to that in time")


def stop():
    command = [sys.executable, "-m", "demo", "stop"]
    return subprocess.run(command, cwd=REPOSITORY / "tests", capture_output=True, text=True, check=True).stdout

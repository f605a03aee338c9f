"""Starts and stops the two servers that stand in for AWS: ministack (CloudFormation, Lambda, S3, DynamoDB, SQS, logs)
and local-cloud (License Manager, RAM, Organizations, STS, service-linked roles of IAM). Both listen on 127.0.0.1 alone.

Each server leads a process group of its own, and the functions that ministack starts are in its group: to stop the
group is to stop them all.
"""

import atexit
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
RUNS = REPOSITORY / ".demo"
START_SECONDS = 20
STOP_SECONDS = 5
# What the functions find there and not at ministack. ministack itself asks nobody.
AT_LOCAL_CLOUD = ("IAM", "LICENSE_MANAGER", "ORGANIZATIONS", "RAM", "STS")


class NotStarted(Exception):
    """A server did not come up; the message says where its log is."""


class Interrupted(BaseException):
    """SIGINT, SIGTERM or SIGHUP came. Not an Exception, so that nothing takes it for a failed step."""

    def __init__(self, number):
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number


class Signals:
    """Turns signals into Interrupted, but never between the birth of a process and its entry in the list of those to
    stop, and never while they are being stopped."""

    def __init__(self):
        self.held = 0
        self.pending = None

    def install(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.arrived)

    def arrived(self, number, _frame):
        if self.held:
            self.pending = number
        else:
            raise Interrupted(number)

    @contextlib.contextmanager
    def hold(self):
        self.held += 1
        try:
            yield
        finally:
            self.held -= 1
        if self.pending is not None and not self.held:
            number, self.pending = self.pending, None
            raise Interrupted(number)


SIGNALS = Signals()


@dataclass
class Endpoints:
    """Where the two servers listen, as base URLs."""

    ministack: str
    local_cloud: str


class Servers:
    """Both servers. `stop` ends them, and the end of this program does in any case, unless they are left running."""

    def __init__(self, extra_environment=None):
        self.extra_environment = extra_environment or {}
        self.children = []
        self.endpoints = None
        self.folder = None
        atexit.register(self.stop)

    def __enter__(self):
        try:
            self.start()
        except BaseException as error:
            self.stop(keep_logs=isinstance(error, Exception))
            raise
        return self

    def __exit__(self, _kind, error, _trace):
        self.stop(keep_logs=isinstance(error, Exception))

    def start(self):
        RUNS.mkdir(exist_ok=True)
        with SIGNALS.hold():
            self.folder = Path(tempfile.mkdtemp(prefix="run-", dir=RUNS))
        local_cloud = self.start_local_cloud()
        try:
            self.start_ministack(local_cloud)
        except NotStarted:
            if self.ended("ministack") is None:
                raise
            # Somebody else may have taken the port between the look and the start.
            self.start_ministack(local_cloud)

    def start_ministack(self, local_cloud):
        """Unlike local-cloud it cannot choose a free port itself and say which."""
        ministack = f"http://127.0.0.1:{free_port()}"
        self.endpoints = Endpoints(ministack, local_cloud)
        command = [REPOSITORY / ".venv/bin/python", "-m", "demo.bridged_ministack"]
        self.launch("ministack", command, {**self.ministack_environment(), "PYTHONPATH": REPOSITORY / "tests"})
        self.wait_until("ministack", lambda: answers(f"{ministack}/_ministack/health"))

    def start_local_cloud(self):
        binary = REPOSITORY / "target/debug/local-cloud"
        self.launch("local-cloud", [binary, "--port", "0"], self.environment())
        return self.wait_until("local-cloud", lambda: announced(self.log("local-cloud")))

    def environment(self):
        """Nothing of the caller's: no profile, no region, no proxy, no credentials."""
        scratch = self.folder / "tmp"
        scratch.mkdir(exist_ok=True)
        return {"PATH": os.environ.get("PATH", os.defpath), "HOME": str(self.folder), "TMPDIR": str(scratch)}

    def ministack_environment(self):
        """What differs from AWS is here and not in the templates: ministack hands its own environment to functions."""
        host = self.endpoints.ministack.removeprefix("http://")
        return {
            **self.environment(),
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": host.rpartition(":")[2],
            "IOT_MTLS_ENABLED": "0",
            "PERSIST_STATE": "0",
            "DOCKER_HOST": f"unix://{self.folder}/no-docker",
            "AWS_ENDPOINT_URL": self.endpoints.ministack,
            **{f"AWS_ENDPOINT_URL_{service}": self.endpoints.local_cloud for service in AT_LOCAL_CLOUD},
            "RESPONSE_URL_EXTRA_HOSTS": host,
            **self.extra_environment,
        }

    def launch(self, name, command, environment):
        with SIGNALS.hold(), self.log(name).open("wb") as log:
            child = subprocess.Popen(
                command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
            self.children.append((name, child))

    def wait_until(self, name, ready):
        """Polls, because neither server can call back; fails at once where the server has ended."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and self.ended(name) is None:
            if result := ready():
                return result
            time.sleep(0.05)
        raise NotStarted(f"{name} did not start; its log is {self.log(name)}")

    def ended(self, name):
        """The exit status of the newest process of that name, None while it runs."""
        return dict(self.children)[name].poll()

    def log(self, name):
        return self.folder / f"{name}.log"

    def stop(self, keep_logs=False):
        with SIGNALS.hold():
            stop_groups([child.pid for _, child in self.children], [child for _, child in self.children])
            self.children = []
            if self.folder and not keep_logs:
                shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None

    def leave_running(self):
        """Writes down what `stop_kept` needs, and lets go."""
        with SIGNALS.hold():
            kept = {name: child.pid for name, child in self.children}
            (self.folder / "kept.json").write_text(json.dumps(kept))
            self.children, self.folder = [], None


def stop_groups(groups, children=()):
    """Asks each process group to end, then makes it."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        for group in groups:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(group, number)
        if wait_for_groups(groups, children):
            return


def wait_for_groups(groups, children):
    end = time.monotonic() + STOP_SECONDS
    while time.monotonic() < end:
        for child in children:
            child.poll()  # reaps it, or its group would look alive
        if not any(group_lives(group) for group in groups):
            return True
        time.sleep(0.02)
    return False


def group_lives(group):
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def stop_kept():
    """Stops what earlier runs left running and removes their folders. Returns how many runs there were."""
    notes = sorted(RUNS.glob("run-*/kept.json"))
    for note in notes:
        kept = json.loads(note.read_text())
        stop_groups([pid for name, pid in kept.items() if is_ours(pid, name)])
        shutil.rmtree(note.parent, ignore_errors=True)
    return len(notes)


def is_ours(pid, name):
    """Whether that process is still the one that was started, and not a later one that got its number."""
    return name in command_line(pid)


def command_line(pid):
    """Empty where there is no such process. Linux need not have `ps`, and macOS has no /proc."""
    if Path("/proc/self/cmdline").exists():
        with contextlib.suppress(OSError):
            return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
        return ""
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def announced(log):
    """The base URL in the line that local-cloud prints once it listens."""
    for line in log.read_text(errors="replace").splitlines():
        if line.startswith("listening on "):
            return line.removeprefix("listening on ").strip()
    return None


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False

"""The local cloud under test: starts the server, talks to its admin API, makes boto3 clients."""

import contextlib
import json
import os
import queue
import subprocess
import threading
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

REGION = "us-east-1"
START_SECONDS = 20
# One try a call, so that each refusal is seen; inputs unchecked, so that bad ones reach the server.
PLAIN = Config(retries={"total_max_attempts": 1}, parameter_validation=False, connect_timeout=5, read_timeout=10)

for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]
os.environ.update(AWS_EC2_METADATA_DISABLED="true", AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)


class Cloud:
    """A running server. A context manager: the process ends with the block."""

    def __init__(self, binary, watch):
        self._watch = watch
        self._clients = {}
        self._process = subprocess.Popen([binary, "--port", "0"], stdout=subprocess.PIPE, text=True)
        try:
            self.endpoint = self._listening()
        except BaseException:
            self._end()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._end()

    def _end(self):
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()

    def _listening(self):
        lines = queue.Queue()
        threading.Thread(target=lambda: lines.put(self._process.stdout.readline()), daemon=True).start()
        try:
            line = lines.get(timeout=START_SECONDS)
        except queue.Empty:
            raise SystemExit(f"local-cloud said nothing within {START_SECONDS} s") from None
        word, _, endpoint = line.strip().rpartition(" ")
        if word != "listening on":
            raise SystemExit(f"local-cloud did not say where it listens, but {line!r}")
        return endpoint

    def admin(self, method, path, body=None):
        """One call of the admin API; its answer as JSON."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.endpoint}/_local-cloud/{path}", data=data, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read().decode()
        return json.loads(text) if text else None

    def operations(self):
        """(service, operation) of everything that is served."""
        return {(item["service"], item["operation"]) for item in self.admin("GET", "operations")}

    def add_account(self, organization, account, unit=None):
        """Puts an account into an organization, under a unit or the root."""
        self.admin("POST", "accounts", {"organization": organization, "unit": unit, "account": account})

    def add_inventory(self, **row):
        """Puts a machine into License Manager's inventory."""
        self.admin("POST", "inventory", row)

    def register_role(self, **role):
        """Makes a role known to STS."""
        self.admin("POST", "roles", role)

    @contextlib.contextmanager
    def settings(self, **patch):
        """Settings that hold inside the block."""
        before = self.admin("GET", "settings")
        self.admin("POST", "settings", patch)
        try:
            yield
        finally:
            self.admin("POST", "settings", before)

    def client(self, service, account, region=REGION, token=None, secret="test"):
        """A watched client of this account (12 digits), or of this access key with its session token."""
        key = (service, account, region)
        if key not in self._clients:
            client = boto3.client(
                service,
                region_name=region,
                endpoint_url=self.endpoint,
                config=PLAIN,
                aws_access_key_id=account,
                aws_secret_access_key=secret,
                aws_session_token=token,
            )
            self._watch.attach(client)
            self._clients[key] = client
        return self._clients[key]


def refused(code, call, reason=None, **members):
    """The call must be answered with this error code, and this Reason where one is given; the message."""
    try:
        answer = call(**members)
    except ClientError as error:
        got = error.response["Error"]["Code"]
        assert got == code, f"{call.__name__}({members}): expected {code}, got {error}"
        if reason is not None:
            assert error.response.get("Reason") == reason, f"{call.__name__}: expected {reason}, got {error.response}"
        return error.response["Error"]["Message"]
    raise AssertionError(f"{call.__name__}({members}): expected {code}, got an answer: {answer}")


def pages(call, member, token="NextToken", **members):
    """All items of a list, page by page; also how many pages had items."""
    items, count, more = [], 0, {}
    for _ in range(1000):
        answer = call(**members, **more)
        items += answer[member]
        count += bool(answer[member])
        if not answer.get(token):
            return items, count
        more = {token: answer[token]}
    raise AssertionError(f"{call.__name__} never ends")


def same(got, wanted, what):
    """An equality with a message that says what was compared."""
    assert got == wanted, f"{what}: expected {wanted!r}, got {got!r}"

"""Makes the virtual environment at the path given, from the file of pinned requirements given and nothing else.

Needs only Python 3.10 with its standard library. Debian and Ubuntu ship it without ensurepip, so that `python3 -m venv`
alone fails there: then pip itself comes from the package index, pinned by its hash like everything else.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.parse
import urllib.request
import venv
from pathlib import Path

PIP_WHEEL = "pip-26.3-py3-none-any.whl"
PIP_SHA256 = "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13"
INDEX = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple")


def main(target, requirements):
    if sys.version_info < (3, 10):  # noqa: UP036 (an older Python should hear why)
        sys.exit(f"Python 3.10 or newer is needed; this is {sys.version.split()[0]}")
    shutil.rmtree(target, ignore_errors=True)
    venv.create(target, with_pip=False, symlinks=True)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = bundled_pip() or downloaded_pip(Path(scratch))
        install(target, requirements, wheel)


def install(target, requirements, wheel):
    """Runs pip out of its own wheel, so that it needs no installation."""
    python = Path(target, "bin", "python")
    command = [python, f"{wheel}/pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--require-hashes", "--requirement", requirements], check=True)


def bundled_pip():
    """The wheel that comes with Python, where it does."""
    try:
        import ensurepip
    except ImportError:
        return None
    wheels = sorted(Path(ensurepip.__file__).parent.glob("_bundled/pip-*.whl"))
    return wheels[-1] if wheels else None


def downloaded_pip(scratch):
    page = f"{INDEX.rstrip('/')}/pip/"
    links = re.findall(r'href="([^"#]+)', read(page).decode())
    link = next((link for link in links if link.endswith(f"/{PIP_WHEEL}")), None)
    if link is None:
        sys.exit(f"{page} does not list {PIP_WHEEL}")
    wheel = read(urllib.parse.urljoin(page, link))
    if hashlib.sha256(wheel).hexdigest() != PIP_SHA256:
        sys.exit(f"{PIP_WHEEL} has not the hash that it should have")
    path = scratch / PIP_WHEEL
    path.write_bytes(wheel)
    return path


def read(url):
    with urllib.request.urlopen(url, timeout=60) as answer:
        return answer.read()


if __name__ == "__main__":
    main(*sys.argv[1:])

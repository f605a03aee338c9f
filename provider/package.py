"""Puts a built `bootstrap` into the zip that AWS Lambda takes. The same binary gives the same bytes: one entry, with a
fixed date, fixed permissions and fixed compression. Beside it goes a software bill of materials (`sbom.py`).

    python3 provider/package.py target/release/bootstrap target/package
"""

import re
import sys
import zipfile
from pathlib import Path

import sbom

# e_machine of the ELF header, and what Lambda and Rust call it.
MACHINES = {62: ("x86_64", "x86_64"), 183: ("arm64", "aarch64")}
# Amazon Linux 2023, under provided.al2023, has glibc 2.34.
LAMBDA_GLIBC = (2, 34)


def package(binary, folder):
    """Writes the zip into `folder` and returns its path; the name says what the binary was built for."""
    code = Path(binary).read_bytes()
    target = Path(folder) / f"license-manager-provider-{machine(code)[0]}.zip"
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(entry(), code, compresslevel=9)
    return target


def entry():
    info = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3  # Unix, so that the permissions count
    info.external_attr = 0o100755 << 16
    return info


def machine(code):
    if code[:4] != b"\x7fELF":
        sys.exit("this is no Linux binary: build it on Linux, or with cargo-lambda")
    number = int.from_bytes(code[18:20], "little")
    return MACHINES.get(number) or sys.exit(f"Lambda runs no machine of ELF number {number}")


def triple(code):
    """Rust's name of the target that the binary was built for."""
    return f"{machine(code)[1]}-unknown-linux-{'musl' if glibc(code) == (0, 0) else 'gnu'}"


def glibc(code):
    """The newest glibc that the binary asks for."""
    versions = re.findall(rb"GLIBC_(\d+)\.(\d+)\b", code)
    return max(((int(major), int(minor)) for major, minor in versions), default=(0, 0))


def main(binary, folder):
    code = Path(binary).read_bytes()
    needs = glibc(code)
    if needs > LAMBDA_GLIBC:
        sys.exit(
            f"{binary} needs glibc {needs[0]}.{needs[1]} and would not start on provided.al2023, which has "
            f"{LAMBDA_GLIBC[0]}.{LAMBDA_GLIBC[1]}. Build on an older Linux, or with cargo-lambda."
        )
    target = package(binary, folder)
    print(f"{target}: {target.stat().st_size:,} bytes ({target.stat().st_size / 2**20:.2f} MiB)")
    bill = target.with_suffix(".cdx.json")
    bill.write_text(sbom.text(binary, target, triple(code)), encoding="utf-8")
    print(f"{bill}: what is in it")


if __name__ == "__main__":
    main(*sys.argv[1:])

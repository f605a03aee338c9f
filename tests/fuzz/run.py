"""Fuzzes the targets of tests/fuzz one after the other and prints the executions of each.

    python run.py CARGO_FUZZ SECONDS [TARGET...]

Starts from the corpus in the repository. What is found goes to target/fuzz-corpus (inputs that reach new code) and
target/fuzz-artifacts (inputs that break a law, or are slow): nothing in the repository changes. Ends with 1 where a law
was broken.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

FUZZ = Path(__file__).resolve().parent
TARGET = FUZZ.parent.parent / "target"
# libFuzzer and its coverage are stable options of rustc; a sanitizer would need nightly, and finds little where unsafe
# code is forbidden.
BUILD = ["--fuzz-dir", str(FUZZ), "--target-dir", str(TARGET / "fuzz"), "--sanitizer", "none"]
# The release profile is made to be small, and takes minutes to link each target.
PROFILE = {
    "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
    "CARGO_PROFILE_RELEASE_LTO": "off",
    "CARGO_PROFILE_RELEASE_OPT_LEVEL": "2",
    "CARGO_PROFILE_RELEASE_STRIP": "none",
}
# The longest input in bytes, the longest that one may take in seconds, and the most memory in MB.
LIMITS = ["-max_len=8192", "-timeout=20", "-rss_limit_mb=4096", "-print_final_stats=1"]


def main(cargo_fuzz, seconds, wanted):
    known = sorted(path.stem for path in (FUZZ / "targets").glob("*.rs"))
    if unknown := set(wanted) - set(known):
        sys.exit(f"no such targets: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    cargo_fuzz = [str(Path(cargo_fuzz).resolve()), "fuzz"]
    # cargo-fuzz has no --locked: were Cargo.lock not whole, its build would change it.
    if subprocess.run(["cargo", "metadata", "--locked", "--format-version=1"], stdout=subprocess.DEVNULL).returncode:
        return 1
    build = [*cargo_fuzz, "build", *BUILD, "--features", "libfuzzer"]
    if subprocess.run(build, env=os.environ | PROFILE).returncode:
        return 1
    ends = {name: fuzz(cargo_fuzz, name, seconds) for name in wanted or known}
    print(f"\n{'target':30}{'executions':>12}  end")
    for name, (executions, code) in ends.items():
        print(f"{name:30}{executions:>12}  {'no finding' if code == 0 else f'see target/fuzz-artifacts/{name}'}")
    return int(any(code for _, code in ends.values()))


def fuzz(cargo_fuzz, name, seconds):
    """The executions of a target, and libFuzzer's exit code."""
    found, artifacts = TARGET / "fuzz-corpus" / name, TARGET / "fuzz-artifacts" / name
    for folder in (found, artifacts):
        folder.mkdir(parents=True, exist_ok=True)
    run = [*cargo_fuzz, "run", *BUILD, "--features", "libfuzzer", name, str(found), str(FUZZ / "corpus" / name)]
    options = [*LIMITS, f"-max_total_time={seconds}", f"-artifact_prefix={artifacts}/"]
    print(f"{name}: {seconds} s", flush=True)
    log = TARGET / "fuzz-artifacts" / f"{name}.log"
    with log.open("w") as output:
        code = subprocess.run(
            [*run, "--", *options], env=os.environ | PROFILE, stdout=output, stderr=subprocess.STDOUT
        ).returncode
    text = log.read_text(errors="replace")
    if code:
        print("\n".join(text.splitlines()[-40:]), flush=True)
    executions = re.findall(r"number_of_executed_units:\s*(\d+)", text)
    return int(executions[-1]) if executions else 0, code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))

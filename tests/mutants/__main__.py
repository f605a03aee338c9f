"""Takes one safeguard at a time out of the provider's code, and demands that the fault matrix fails without it.

Where no flow of the matrix meets the safeguard, the mutant names the test that must fail.

    cd tests && python -m mutants            # all
    cd tests && python -m mutants "retries"  # those whose name has this in it

The code is changed in a copy under target/, never in place. A mutant that does not compile, whose place in the code is
gone, or that the tests let pass, is an error. Without any change the matrix, and every test that is named, must pass
there, too.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / "target" / "mutants" / "source"
BUILD = ROOT / "target" / "mutants" / "build"
MATRIX = ("--test", "integration", "fault_matrix::")
RACES = ("--test", "integration", "concurrency_shares::")
CONTRACT = ("--test", "integration", "record::records_in_dynamodb_keep_the_contract")


@dataclass(frozen=True)
class Mutant:
    """A safeguard that is taken out: in `file`, each match of `pattern` becomes `instead`."""

    name: str
    file: str
    pattern: str
    instead: str
    matches: int
    # Cargo's arguments for the tests that must fail.
    tests: tuple[str, ...] = MATRIX


MUTANTS = [
    Mutant(
        name="writes of RAM without a client token",
        file="provider/src/aws/ram/write.rs",
        pattern=r"\s*\.client_token\([^()]*\)",
        instead="",
        matches=5,
    ),
    Mutant(
        name="no ownership test: Delete takes out every member that is there",
        file="provider/src/resource/config_share/plan/absent.rs",
        pattern=r"self\.holding\.all_added\(\)\.into_iter\(\)\.map\(as_member\)",
        instead="self.seen.members.keys().cloned()",
        matches=1,
    ),
    Mutant(
        name="no ownership test: Delete deletes a share whoever its tags name",
        file="provider/src/resource/config_share/plan/absent.rs",
        pattern=r"Owner::Subject \| Owner::Nobody => \{",
        instead="_ if true => {",
        matches=1,
    ),
    Mutant(
        name="no word to others that a member is let go of",
        file="provider/src/resource/config_share/elsewhere.rs",
        pattern=r"holding\.all_known\(\)\.difference\(&going\)",
        instead="holding.all_known().iter()",
        matches=1,
        tests=RACES,
    ),
    Mutant(
        name="no retries of AWS calls",
        file="provider/src/aws/clients.rs",
        pattern=r"const ATTEMPTS: u32 = \d+;",
        instead="const ATTEMPTS: u32 = 1;",
        matches=1,
    ),
    Mutant(
        name="no condition on the record's writes",
        file="provider/src/record/order.rs",
        pattern=r"(?s)(pub\(super\) fn refused\([^{]*\{\n).*?\n\}\n",
        instead=r"\1    let _ = (record, request_id, answer);\n    None\n}\n",
        matches=1,
    ),
    # DynamoDB refuses names and values that no expression uses, so a condition stays one that is always true.
    Mutant(
        name="no condition on DynamoDB's writes",
        file="provider/src/record/dynamo/change.rs",
        pattern=r"condition\.clone_into\(&mut self\.condition\);",
        instead='self.condition = format!("{condition} OR NOT ({condition})");',
        matches=1,
        tests=CONTRACT,
    ),
    Mutant(
        name="DynamoDB's begin takes requests that are older than the newest",
        file="provider/src/record/dynamo/change.rs",
        pattern=r"( :\{REQUEST_ID\}\)) AND #\{RANK\} <= :\{RANK\}\)",
        instead=r"\1)",
        matches=1,
        tests=CONTRACT,
    ),
    Mutant(
        name="DynamoDB's begin takes requests that were superseded",
        file="provider/src/record/dynamo/change.rs",
        pattern=r"NOT (contains\(#\{SEEN\}, :\{REQUEST_ID\}\)) AND",
        instead=r"(\1 OR NOT \1) AND",
        matches=1,
        tests=CONTRACT,
    ),
    Mutant(
        name="DynamoDB's writes are taken of a request that is not the newest",
        file="provider/src/record/dynamo/change.rs",
        pattern=r"\"(#\{NEWEST\}\.#\{REQUEST_ID\}) = (:\{REQUEST_ID\})\"",
        instead=r'"(\1 = \2 OR \1 <> \2)"',
        matches=1,
        tests=CONTRACT,
    ),
    Mutant(
        name="DynamoDB's writes are taken after the answer",
        file="provider/src/record/dynamo/change.rs",
        pattern=r"self\.name\(ANSWER\)\.and\(&format!\(\"attribute_not_exists\(#\{ANSWER\}\)\"\)\)",
        instead="self",
        matches=1,
        tests=CONTRACT,
    ),
]


def copy() -> None:
    """Brings the copy up to date. What did not change keeps its time, so that cargo need not build it again."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = {name for name in listed.split("\0") if (ROOT / name).is_file()}
    for old in [path for path in COPY.rglob("*") if path.is_file()]:
        if str(old.relative_to(COPY)) not in names:
            old.unlink()
    for name in names:
        refresh(ROOT / name, COPY / name)
    # The contract of the records runs on it. Only the link is in the copy.
    emulator = COPY / ".venv" / "bin" / "ministack"
    emulator.parent.mkdir(parents=True, exist_ok=True)
    emulator.symlink_to(ROOT / ".venv" / "bin" / "ministack")


def refresh(source: Path, target: Path) -> None:
    if not target.exists() or target.read_bytes() != source.read_bytes():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def run(tests: tuple[str, ...]) -> str:
    """Runs tests in the copy; what cargo prints."""
    command = ["cargo", "test", "--locked", "--package", "provider", *tests]
    environment = os.environ | {"CARGO_TARGET_DIR": str(BUILD), "RUST_BACKTRACE": "0"}
    ran = subprocess.run(command, cwd=COPY, env=environment, capture_output=True, text=True, check=False)
    return ran.stdout + ran.stderr


def verdict(printed: str) -> str:
    found = re.search(r"test result: (\w+)\. (\d+) passed; (\d+) failed", printed)
    if not found or int(found[2]) + int(found[3]) == 0:
        sys.exit("the tests did not run:\n" + printed[-4000:])
    return f"{found[2]} tests passed, {found[3]} failed"


def survives(mutant: Mutant) -> bool:
    path = COPY / mutant.file
    text = path.read_text()
    changed, matches = re.subn(mutant.pattern, mutant.instead, text)
    if matches != mutant.matches:
        sys.exit(f"{mutant.name}: {mutant.file} has {matches} places like {mutant.pattern!r}, not {mutant.matches}")
    path.write_text(changed)
    printed = run(mutant.tests)
    path.write_text(text)
    result = verdict(printed)
    survived = result.endswith(" 0 failed")
    where = "the matrix" if mutant.tests == MATRIX else mutant.tests[-1]
    print(f"{'SURVIVES' if survived else 'is found'}: {mutant.name} ({result}; {where})", flush=True)
    return survived


def main() -> None:
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    copy()
    chosen = [mutant for mutant in MUTANTS if wanted in mutant.name]
    for tests in dict.fromkeys([MATRIX, *(mutant.tests for mutant in chosen)]):
        sound = verdict(run(tests))
        if not sound.endswith(" 0 failed"):
            sys.exit(f"{tests[-1]} fails without any mutant: {sound}")
        print(f"passes: the code as it is ({sound}; {tests[-1]})", flush=True)
    if not chosen or [mutant for mutant in chosen if survives(mutant)]:
        sys.exit("a safeguard can be taken out, and no test notices")


main()

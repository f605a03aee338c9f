"""The software bill of materials of a built `bootstrap`, as CycloneDX 1.5: what `cargo tree` names for the target that
it was built for, no dependency of the build or the tests. The same source and binary give the same bytes: there is no
time and no serial number in it.

A crate with the scope `required` is linked into the binary. Macros and what they are made of run in the compiler: they
are not in the binary and have the scope `excluded`.
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "provider"
# What `cargo tree` writes with each crate's depth: `3hyper v1.12.0 (proc-macro) (*)`.
LINE = re.compile(r"(?P<depth>\d+)(?P<name>[\w-]+) v(?P<version>\S+)(?: \((?P<notes>.*)\))?")


def bill(binary, archive, target):
    """The document for the binary, the zip that it is in, and the target triple that it was built for."""
    edges, linked = tree(target), tree(target, "normal,no-proc-macro")
    about, checksums = packages(target), locked()
    (own,) = (crate for crate in edges if crate[0] == PACKAGE)
    crates = [component(crate, about[crate], checksums[crate], crate in linked) for crate in sorted(set(edges) - {own})]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": subject(about[own], binary, archive),
            "properties": [{"name": "cdx:rustc:sbom:target:triple", "value": target}],
        },
        "components": [*crates, rust()],
        "dependencies": [
            {"ref": reference(*crate), "dependsOn": sorted(reference(*other) for other in others)}
            for crate, others in sorted(edges.items())
        ],
    }


def subject(package, binary, archive):
    """The binary, with the zip as where it comes from: its SHA-256 is what Lambda shows as CodeSha256, in base64."""
    return {
        "type": "application",
        "bom-ref": reference(PACKAGE, package["version"]),
        "name": "license-manager-provider",
        "version": package["version"],
        "description": package["description"],
        "hashes": sha256(binary),
        "licenses": licenses(package),
        "externalReferences": [{"type": "distribution", "url": Path(archive).name, "hashes": sha256(archive)}],
    }


def component(crate, package, checksum, is_linked):
    name, version = crate
    found = {
        "type": "library",
        "bom-ref": reference(name, version),
        "name": name,
        "version": version,
        "scope": "required" if is_linked else "excluded",
        "hashes": [{"alg": "SHA-256", "content": checksum}],
        "licenses": licenses(package),
        "purl": reference(name, version),
    }
    if package["repository"]:
        found["externalReferences"] = [{"type": "vcs", "url": package["repository"]}]
    return found


def rust():
    """Rust's standard library with what is in it, which no lock file names."""
    version = run("rustc", "--version").split()[1]
    return {
        "type": "library",
        "bom-ref": f"pkg:generic/rust-std@{version}",
        "name": "rust-std",
        "version": version,
        "scope": "required",
        "licenses": [{"expression": "MIT OR Apache-2.0"}],
        "purl": f"pkg:generic/rust-std@{version}",
        "externalReferences": [{"type": "vcs", "url": "https://github.com/rust-lang/rust"}],
    }


def reference(name, version):
    return f"pkg:cargo/{name}@{version.replace('+', '%2B')}"


def licenses(package):
    return [{"expression": package["license"].replace("/", " OR ")}]


def sha256(path):
    return [{"alg": "SHA-256", "content": hashlib.sha256(Path(path).read_bytes()).hexdigest()}]


def tree(target, kinds="normal"):
    """Each crate, by name and version, with those that it depends on. A crate that comes again (`(*)`) has its
    dependencies where it came first."""
    edges, above = {}, []
    command = ("cargo", "tree", "--locked", "--package", PACKAGE, "--target", target, "--edges", kinds)
    for line in run(*command, "--prefix", "depth").splitlines():
        match = LINE.fullmatch(line) or sys.exit(f"cargo tree says {line!r}")
        crate, depth = (match["name"], match["version"]), int(match["depth"])
        edges.setdefault(crate, set())
        above = [*above[:depth], crate]
        if depth > 0:
            edges[above[-2]].add(crate)
    return edges


def packages(target):
    """What the manifests say of each crate."""
    command = ("cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target)
    return {(found["name"], found["version"]): found for found in json.loads(run(*command))["packages"]}


def locked():
    """The checksums in Cargo.lock."""
    package = re.compile(r'^name = "(.+)"\nversion = "(.+)"\nsource = .*\nchecksum = "(.+)"$', re.MULTILINE)
    found = package.findall((ROOT / "Cargo.lock").read_text(encoding="utf-8"))
    return {(name, version): checksum for name, version, checksum in found}


def run(*command):
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def text(binary, archive, target):
    return json.dumps(bill(binary, archive, target), indent=1, sort_keys=True) + "\n"

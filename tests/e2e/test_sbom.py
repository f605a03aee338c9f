"""The software bill of materials names what is in the zip, all of it and nothing else."""

import hashlib
import io
import json
import re
import subprocess
import tempfile
import unittest
from contextlib import redirect_stdout
from pathlib import Path

from demo.__main__ import BINARY, REPOSITORY
from demo.scene import package  # noqa: F401 (says where the next two are)
from package import main as make_package
from package import triple
from sbom import text

# A file of a crate, as the places of panics name it.
SOURCE = re.compile(rb"/index\.crates\.io-[0-9a-f]+/([\w-]+?)-(\d+\.\d+\.\d+[\w.+-]*)/")


class Sbom(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        scratch = tempfile.TemporaryDirectory()
        cls.addClassCleanup(scratch.cleanup)
        cls.target = triple(BINARY.read_bytes())
        with redirect_stdout(io.StringIO()):
            make_package(BINARY, scratch.name)
        (bill,), (cls.zip_file,) = Path(scratch.name).glob("*.cdx.json"), Path(scratch.name).glob("*.zip")
        cls.text, cls.zip_bytes = bill.read_text(encoding="utf-8"), cls.zip_file.read_bytes()
        cls.stem, cls.bill = bill.name.removesuffix(".cdx.json"), json.loads(cls.text)
        cls.components = cls.bill["components"]
        cls.crates = {(c["name"], c["version"]): c for c in cls.components if c["name"] != "rust-std"}

    def cargo_tree(self, *edges):
        command = ["cargo", "tree", "--locked", "--package", "provider", "--target", self.target, "--prefix", "none"]
        told = subprocess.run([*command, *edges], cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
        named = {tuple(line.split()[:2]) for line in told.splitlines() if line}
        return {(name, version.removeprefix("v")) for name, version in named if name != "provider"}

    def test_it_names_every_crate_that_cargo_tree_names_and_no_other(self):
        self.assertEqual(set(self.crates), self.cargo_tree("--edges", "normal"))
        self.assertEqual(len(self.components), len(self.crates) + 1, "and Rust's own library")
        self.assertGreater(len(self.crates), 100)

    def test_it_names_no_dependency_of_the_tests_or_of_the_build_alone(self):
        others = self.cargo_tree("--edges", "normal,build,dev") - self.cargo_tree("--edges", "normal")
        names = {name for name, _ in others}
        self.assertLessEqual({"local-cloud", "proptest", "jsonschema", "cc"}, names)
        self.assertEqual(others & set(self.crates), set())

    def test_every_crate_whose_code_is_in_the_binary_is_named_as_linked(self):
        found = {(name.decode(), version.decode()) for name, version in SOURCE.findall(BINARY.read_bytes())}
        linked = {crate for crate, component in self.crates.items() if component["scope"] == "required"}
        self.assertGreater(len(found), 50)
        self.assertEqual(found - linked, set())

    def test_macros_are_named_as_not_linked(self):
        excluded = {name for (name, _), component in self.crates.items() if component["scope"] == "excluded"}
        self.assertLessEqual({"serde_derive", "syn", "tokio-macros"}, excluded)
        self.assertEqual({"serde", "tokio", "ring", "hyper"} & excluded, set())

    def test_every_component_has_a_license_a_purl_and_the_checksum_of_the_lock_file(self):
        lock = (REPOSITORY / "Cargo.lock").read_text(encoding="utf-8")
        for (name, version), component in self.crates.items():
            with self.subTest(name):
                self.assertRegex(component["licenses"][0]["expression"], r"^[\w.() +-]+$")
                self.assertEqual(component["purl"].replace("%2B", "+"), f"pkg:cargo/{name}@{version}")
                (checksum,) = component["hashes"]
                entry = lock[lock.index(f'name = "{name}"\nversion = "{version}"\n') :].split("\n\n")[0]
                self.assertIn(f'checksum = "{checksum["content"]}"', entry)
                self.assertEqual(checksum["alg"], "SHA-256")
        (std,) = (component for component in self.components if component["name"] == "rust-std")
        toolchain = (REPOSITORY / "rust-toolchain.toml").read_text(encoding="utf-8")
        self.assertIn(f'channel = "{std["version"]}"', toolchain)

    def test_every_component_is_reached_from_the_binary(self):
        edges = {entry["ref"]: entry["dependsOn"] for entry in self.bill["dependencies"]}
        reached, waiting = set(), [self.bill["metadata"]["component"]["bom-ref"]]
        while waiting:
            reference = waiting.pop()
            if reference not in reached:
                reached.add(reference)
                waiting += edges[reference]
        references = {component["bom-ref"] for component in self.crates.values()}
        self.assertEqual(reached - {self.bill["metadata"]["component"]["bom-ref"]}, references)

    def test_it_has_the_checksums_of_the_binary_and_of_the_zip_beside_it(self):
        subject = self.bill["metadata"]["component"]
        self.assertEqual(subject["hashes"][0]["content"], hashlib.sha256(BINARY.read_bytes()).hexdigest())
        (archive,) = subject["externalReferences"]
        self.assertEqual((archive["url"], self.stem), (f"{self.stem}.zip", self.zip_file.stem))
        self.assertEqual(archive["hashes"][0]["content"], hashlib.sha256(self.zip_bytes).hexdigest())

    def test_it_is_the_same_each_time_and_names_neither_a_time_nor_a_place(self):
        self.assertEqual(text(BINARY, self.zip_file, self.target), self.text)
        self.assertNotIn("serialNumber", self.bill)
        self.assertNotIn("timestamp", self.bill["metadata"])
        for place in (str(REPOSITORY), str(Path.home()), "path+file", "file:"):
            self.assertNotIn(place, self.text)

    def test_the_target_is_read_from_the_binary(self):
        for number, versions, expected in (
            (62, b"\0GLIBC_2.34\0", "x86_64-unknown-linux-gnu"),
            (183, b"\0GLIBC_2.17\0", "aarch64-unknown-linux-gnu"),
            (62, b"", "x86_64-unknown-linux-musl"),
            (183, b"", "aarch64-unknown-linux-musl"),
        ):
            self.assertEqual(triple(b"\x7fELF" + bytes(14) + bytes([number, 0]) + versions), expected)


if __name__ == "__main__":
    unittest.main()

"""The zip for Lambda: the same bytes each time, an executable `bootstrap` in it, named for what it runs on."""

import io
import os
import tempfile
import unittest
import zipfile
from contextlib import redirect_stdout
from pathlib import Path

from demo.__main__ import BINARY
from demo.scene import package
from package import main as make_package  # demo.scene says where it is


class Package(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def test_one_binary_gives_the_same_bytes_whatever_its_date_and_permissions(self):
        copy = self.folder / "copy"
        copy.write_bytes(BINARY.read_bytes())
        copy.chmod(0o600)
        os.utime(copy, (1, 1))
        first, second = package(BINARY, self.folder / "first"), package(copy, self.folder / "second")
        self.assertEqual(first.read_bytes(), second.read_bytes())
        self.assertEqual(first.name, second.name)

    def test_it_holds_an_executable_bootstrap_and_nothing_else(self):
        with zipfile.ZipFile(package(BINARY, self.folder)) as archive:
            (entry,) = archive.infolist()
            self.assertEqual((entry.filename, entry.external_attr >> 16), ("bootstrap", 0o100755))
            self.assertEqual(archive.read(entry), BINARY.read_bytes())

    def test_what_lambda_cannot_run_is_refused(self):
        script = self.folder / "script"
        script.write_text("#!/bin/sh\n")
        with self.assertRaises(SystemExit):
            package(script, self.folder)
        self.assertEqual(list(self.folder.glob("*.zip")), [])

    def test_what_needs_a_newer_glibc_than_lambdas_is_refused_before_anything_is_written(self):
        binary = self.folder / "bootstrap"
        for version, refused in (("2.34", False), ("2.35", True)):
            binary.write_bytes(b"\x7fELF" + bytes(14) + b"\x3e\x00" + f"\0GLIBC_{version}\0".encode())
            with self.subTest(version), redirect_stdout(io.StringIO()):
                target = self.folder / version
                if refused:
                    self.assertRaisesRegex(SystemExit, "needs glibc 2.35", make_package, binary, target)
                else:
                    make_package(binary, target)
                self.assertEqual(target.exists(), not refused)

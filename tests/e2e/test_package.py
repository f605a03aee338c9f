"""The zip for Lambda: the same bytes each time, an executable `bootstrap` in it, named for what it runs on."""

import os
import tempfile
import unittest
import zipfile
from pathlib import Path

from demo.__main__ import BINARY
from demo.scene import package


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

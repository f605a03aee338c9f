"""The table that the check of the response URL is tested with has what the botocore of tests/requirements.txt knows."""

import json
import re
import unittest

import botocore.session

from .regions import TABLE, text


class Regions(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.partitions = json.loads(TABLE.read_text(encoding="utf-8"))["partitions"]

    def test_the_table_is_what_botocore_says_today(self):
        remedy = (
            "run .venv/bin/python tests/url_check/regions.py and bring provider/src/protocol/partitions.rs up to date"
        )
        self.assertEqual(TABLE.read_text(encoding="utf-8"), text(), remedy)

    def test_no_partition_and_no_region_that_a_session_offers_is_missing(self):
        session = botocore.session.get_session()
        self.assertEqual(sorted(self.partitions), sorted(session.get_available_partitions()))
        for service in ("cloudformation", "lambda", "license-manager", "ram", "s3"):
            for partition in session.get_available_partitions():
                offered = set(session.get_available_regions(service, partition))
                with self.subTest(service=service, partition=partition):
                    self.assertEqual(offered - set(self.partitions[partition]["regions"]), set())

    def test_every_region_is_one_by_its_partitions_own_pattern(self):
        loader = botocore.session.get_session().get_component("data_loader")
        for partition in loader.load_data("partitions")["partitions"]:
            for region in self.partitions[partition["id"]]["regions"]:
                self.assertTrue(re.fullmatch(partition["regionRegex"], region), region)


if __name__ == "__main__":
    unittest.main()

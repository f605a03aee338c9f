"""cfn-lint judges as the decoder and the JSON schemas do: on the templates that `cargo test` makes up
(tests/agreement.rs), where those two have judged the properties already.
"""

import json
import subprocess
import time
import unittest
from collections import Counter
from pathlib import Path

from .test_rules import ROOT, VERSIONS

HERE = Path(__file__).parent
MADE_UP = ROOT / "target" / "tmp" / "agreement.jsonl"
COUNTS = ROOT / "target" / "tmp" / "agreement.json"


class Agreement(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if not MADE_UP.exists():
            raise AssertionError(
                f"{MADE_UP} is made by cargo test --locked --package provider --test integration agreement::"
            )
        cls.cases = [json.loads(line) for line in MADE_UP.read_text(encoding="utf-8").splitlines()]
        cls.counts = json.loads(COUNTS.read_text(encoding="utf-8"))

    def test_there_are_enough_of_each_and_half_is_right(self):
        made = Counter(case["what"] for case in self.cases)
        self.assertEqual(made, Counter(self.counts["templates"]))
        self.assertGreaterEqual(made["right"] + made["wrong"], 3000)
        self.assertEqual(made["right"], made["wrong"])
        self.assertGreaterEqual(min(self.counts["hits"].values()), 20)

    def test_every_verdict_is_the_same(self):
        for version, venv in VERSIONS.items():
            started = time.monotonic()
            command = [venv / "bin" / "python", HERE / "judge.py", MADE_UP]
            told = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=300).stdout)
            self.assertEqual(len(told), len(self.cases))
            wrong = [
                f"{case['what']}, wrong at {case['place']}: {messages}: {json.dumps(case['template']['Resources'])}"
                for case, messages in zip(self.cases, told, strict=True)
                if not agrees(case["place"], messages)
            ]
            self.assertEqual(wrong[:5], [], f"{len(wrong)} differ in cfn-lint {version}")
            print(f"cfn-lint {version}: agreed on {len(told)} templates in {time.monotonic() - started:.1f} s")
        print(", ".join(f"{what}: {count}" for what, count in self.counts["templates"].items()))
        print("\n".join(f"{times} times {rule}" for rule, times in sorted(self.counts["hits"].items())))


def agrees(place, messages):
    """One message about the place of the mistake, and none where there is no mistake or only the deployment knows."""
    if place is None:
        return messages == []
    return len(messages) == 1 and messages[0].split(" ", 1)[1].startswith(f"{place}: ")


if __name__ == "__main__":
    unittest.main()

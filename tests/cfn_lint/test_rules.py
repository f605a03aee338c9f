"""`cfn-lint --append-rules schemas/cfn-lint`, with the oldest and the newest cfn-lint that the rules are for.

What is expected of a template stands in it as comments, `# E9101 message`, on the line that the message is to name.
"""

import json
import re
import subprocess
import tempfile
import unittest
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
RULES = ROOT / "schemas" / "cfn-lint"
TEMPLATES = ROOT / "cfn-templates"
HERE = Path(__file__).with_name("templates")
VERSIONS = {"1.3.0": ROOT / "target" / "cfn-lint-oldest", "1.58.0": ROOT / ".venv"}

THREE_MISTAKES = {
    (14, "E9101", "AllowExternalPrincipal: there is no such property: did you mean AllowExternalPrincipals?"),
    # A number has no place of its own in cfn-lint: the list has.
    (
        15,
        "E9101",
        "Principals[0]: this is no account id, or ARN of an organizational unit or organization (found '12345678901')",
    ),
}


def run(version, *arguments):
    command = [VERSIONS[version] / "bin" / "cfn-lint", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


def lint(version, templates):
    """What is said by template, line, rule and message, as often as it is: by our rules, by cfn-lint of a ServiceToken
    that is missing, and about rules that break. The oldest does not know all that AWS has come to offer since."""
    result = run(version, "--append-rules", RULES, "--format", "json", "--template", *templates)
    said = {template.name: Counter() for template in templates}
    for found in json.loads(result.stdout):
        line, rule = found["Location"]["Start"]["LineNumber"], found["Rule"]["Id"]
        if rule.startswith(("E9", "W9", "E0", "E3003")):
            said[Path(found["Filename"]).name][line, rule, found["Message"]] += 1
    return said


def expected(template):
    lines = enumerate(template.read_text(encoding="utf-8").splitlines(), 1)
    told = ((number, part) for number, line in lines for part in line.split(" # ")[1:])
    found = ((number, re.fullmatch(r"([EW]\d{4}) (.*)", part)) for number, part in told)
    return Counter((number, match[1], match[2]) for number, match in found if match)


class Rules(unittest.TestCase):
    maxDiff = None

    def test_the_versions_are_those_that_are_named(self):
        for version in VERSIONS:
            self.assertEqual(run(version, "--version").stdout.strip(), f"cfn-lint {version}")

    def test_every_mistake_is_one_message_on_its_line_and_nothing_else_is_said(self):
        templates = sorted(HERE.glob("*.yaml"))
        self.assertGreater(len(templates), 3)
        for version in VERSIONS:
            said = lint(version, templates)
            for template in templates:
                with self.subTest(version=version, template=template.name):
                    self.assertEqual(said[template.name], expected(template))
                    self.assertEqual(bool(said[template.name]), template.name.startswith("wrong"))

    def test_our_own_templates_are_right_and_the_examples_wrong_as_they_say(self):
        for version in VERSIONS:
            said = lint(version, [*TEMPLATES.glob("*.yaml"), *TEMPLATES.glob("*/*.yaml")])
            self.assertEqual(said.pop("three-mistakes.yaml"), Counter(THREE_MISTAKES))
            ten = said.pop("ten-mistakes.yaml")
            self.assertEqual(ten, expected(TEMPLATES / "examples" / "ten-mistakes.yaml"))
            self.assertEqual(ten.total(), 10)
            self.assertGreater(len(said), 2)
            self.assertEqual({name: found for name, found in said.items() if found}, {}, version)

    def test_columns_are_those_of_what_is_wrong(self):
        for version in VERSIONS:
            result = run(version, "--append-rules", RULES, "--format", "parseable", "-t", HERE / "wrong-share.yaml")
            places = re.findall(r":(\d+):(\d+):\d+:\d+:E9101:(?:ServiceTimeout|Principals.1.):", result.stdout)
            self.assertEqual(places, [("10", "7"), ("15", "42")], version)

    def test_a_template_in_json_is_judged_too(self):
        properties = {"ServiceToken": "x", "Name": "n", "Revision": {"Ref": "AWS::Region"}, "Tags": {}}
        resources = {"A": {"Type": "Custom::LicenseConfigShare", "Properties": properties}}
        text = json.dumps({"Resources": resources, "Outputs": {"O": {"Value": {"Fn::GetAtt": "A.Nope"}}}}, indent=1)
        line = text[: text.index('"Tags"')].count("\n") + 1
        with tempfile.TemporaryDirectory() as folder:
            template = Path(folder, "wrong.json")
            template.write_text(text, encoding="utf-8")
            for version in VERSIONS:
                (tags, nope) = sorted(lint(version, [template])[template.name])
                self.assertEqual(tags, (line, "E9101", "Tags: expected a list, found an object"))
                self.assertEqual(nope[1:2], ("E9102",), version)
                self.assertTrue(nope[2].startswith("A.Nope: there is no such attribute: there are ResourceShareArn, "))

    def test_a_rule_can_be_left_out_by_its_number(self):
        for version in VERSIONS:
            wrong = HERE / "wrong-link.yaml"
            result = run(version, "--append-rules", RULES, "--ignore-checks", "E9201", "--format", "json", "-t", wrong)
            self.assertEqual((result.returncode, json.loads(result.stdout or "[]")), (0, []))


if __name__ == "__main__":
    unittest.main()

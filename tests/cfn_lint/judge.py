"""Lets our rules alone judge each template of a file, in the cfn-lint whose Python runs this: `judge.py TEMPLATES`,
where each line is a JSON object with a `template`. Prints the messages of each, as a list of lists in JSON.
"""

import json
import sys
from pathlib import Path

from cfnlint.decode.cfn_yaml import loads
from cfnlint.rules import RulesCollection
from cfnlint.template import Template

RULES = Path(__file__).parents[2] / "schemas" / "cfn-lint"


def main(templates):
    rules = RulesCollection()
    rules.create_from_directory(RULES)
    messages = []
    with open(templates, encoding="utf-8") as lines:
        for line in lines:
            template = loads(json.dumps(json.loads(line)["template"]))
            found = rules.run("template.json", Template("template.json", template, ["eu-west-1"]))
            messages.append([f"{match.rule.id} {match.message}" for match in found])
    json.dump(messages, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])

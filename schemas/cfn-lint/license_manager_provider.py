"""Rules for cfn-lint: `cfn-lint --append-rules schemas/cfn-lint --template template.yaml`.

One rule class for each custom resource type and kind of mistake, made from the generated JSON files beside this one.
cfn-lint's own JSON schema rules are not used: up to 1.43 those that a user appends take every intrinsic function for a
wrong value, from 1.43 on registry schemas are not read, and the messages differ from version to version. So the judge
is here: it knows the keywords that the generated schemas have, says nothing where an intrinsic function or a dynamic
reference leaves a value open, and gives one message for a mistake, the same in every version.
"""

import datetime
import json
import re
from pathlib import Path

from cfnlint.rules import CloudFormationLintRule, RuleMatch

SOURCE = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html"
# Names less alike than this are not offered: 0 is nothing in common, 1 the same.
ALIKE = 0.6
VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")


# A value that only the deployment knows, one that is left out, and one in a branch that is never taken.
UNKNOWN = object()
ABSENT = object()
NEVER = object()


# --- values as CloudFormation sends them ------------------------------------------------------------------------------


def is_function(value):
    """An object that holds an intrinsic function, alone or beside other members."""
    return isinstance(value, dict) and any(key == "Ref" or str(key).startswith("Fn::") for key in value)


def branches(value, path):
    """What `value` may be: pairs of value and path. A function that is not `Fn::If` is unknown."""
    if value is NEVER:
        return []
    if not is_function(value):
        return [(UNKNOWN if is_dynamic(value) else value, path)]
    chosen = value.get("Fn::If")
    if isinstance(chosen, list) and len(chosen) == 3 and len(value) == 1:
        below = [*path, "Fn::If"]
        return branches(chosen[1], [*below, 1]) + branches(chosen[2], [*below, 2])
    if value.get("Ref") == "AWS::NoValue":
        return [(ABSENT, path)]
    alone = len(value) == 1 and not any(str(key).startswith("Fn::ForEach") for key in value)
    return [(UNKNOWN if alone else value, path)]


def is_dynamic(value):
    return value is None or (isinstance(value, str) and "{{resolve:" in value)


def as_sent(value):
    """CloudFormation turns every scalar into a string. YAML makes a date of one that looks like it."""
    if container(value):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def container(value):
    return next((of for of in (dict, list) if isinstance(value, of)), None)


def presence(value):
    """True where it is there whatever the conditions, False where it is not, None where they decide."""
    there = {found is not ABSENT for found, _ in branches(value, [])}
    return there.pop() if len(there) == 1 else None


def is_open(instance):
    """Whether a function adds members that cannot be seen."""
    return any(str(key).startswith("Fn::") for key in instance)


# --- values as the template's loops and conditions leave them ---------------------------------------------------------


def loop_variables(cfn):
    """A pattern of `${Name}` and `&{Name}` for the variables of all loops, None where there is no loop. CloudFormation
    puts values in for them in any text, cfn-lint in keys and functions alone.
    """
    if not cfn.has_language_extensions_transform():
        return None
    loops = [loop[-1] for loop in cfn.transform_pre["Fn::ForEach"]]
    names = {loop[0] for loop in loops if isinstance(loop, list) and loop and isinstance(loop[0], str)}
    return re.compile(rf"[$&]{{\s*({'|'.join(map(re.escape, sorted(names)))})\s*}}") if names else None


class Template:
    """What decides values before they are judged: loops and conditions."""

    def __init__(self, cfn):
        self.variables = loop_variables(cfn)
        self.conditions = cfn.conditions

    def left(self, value, met):
        """`value` with UNKNOWN for every text that a loop's variable stands in, and NEVER for every branch of `Fn::If`
        that is not taken where the conditions are as `met` says.
        """
        if isinstance(value, dict):
            chosen = value.get("Fn::If")
            if isinstance(chosen, list) and len(chosen) == 3 and isinstance(chosen[0], str):
                return {name: self.taken(chosen, met) if name == "Fn::If" else value[name] for name in value}
            return {name: self.left(member, met) for name, member in value.items()}
        if isinstance(value, list):
            return [self.left(item, met) for item in value]
        of_loop = self.variables and isinstance(value, str) and self.variables.search(value)
        return UNKNOWN if of_loop else value

    def taken(self, chosen, met):
        condition, *both = chosen
        branches = zip(both, (True, False), strict=True)
        return [condition, *(self.left_where(branch, condition, holds, met) for branch, holds in branches)]

    def left_where(self, value, condition, holds, met):
        if met.get(condition, holds) is not holds:
            return NEVER
        where = {**met, condition: holds}
        return self.left(value, where) if len(where) == len(met) or self.possible(where) else NEVER

    def possible(self, met):
        """Whether conditions can be so together, where cfn-lint can tell."""
        known = {name: {holds} for name, holds in met.items() if self.conditions.get(name)}
        if len(known) < 2:
            return True
        try:
            return any(True for _ in self.conditions.build_scenarios(known))
        except Exception:  # It is cfn-lint's, and raises what it likes: a branch that it cannot tell of is judged.
            return True


def given(body):
    """The condition that a resource itself has, as met."""
    condition = body.get("Condition")
    return {condition: True} if isinstance(condition, str) else {}


# --- the judge --------------------------------------------------------------------------------------------------------


class Verdict:
    """Mistakes, as pairs of path and message."""

    def __init__(self):
        self.mistakes = []
        self.places = set()

    def add(self, path, problem, at=None):
        """A mistake in what stands at `path`, shown there or at `at`. The first one at a place is enough, where
        each branch of a function is a place of its own.
        """
        if tuple(path) not in self.places:
            self.places.add(tuple(path))
            self.mistakes.append((path if at is None else at, f"{shown(path)}: {problem}"))


def shown(path):
    """`Principals[2]`, without the functions on the way."""
    place = ""
    for index, part in enumerate(path):
        if "Fn::If" not in path[max(index - 1, 0) : index + 1]:
            place += f"[{part}]" if isinstance(part, int) else f".{part}"
    return place.removeprefix(".") or "Properties"


def judge(schema, value, path, verdict, where=""):
    """Judges a value in all its branches."""
    for found, at in branches(value, path):
        if found is not UNKNOWN and found is not ABSENT:
            judge_known(schema, found, at, verdict, where)


def judge_known(schema, value, path, verdict, where):
    if schema is False:
        verdict.add(path, f"this is not possible{where}")
        return
    if wrong_kind(schema, value):
        verdict.add(path, f"expected {wanted(schema)}, found {kind(value)}{where}")
        return
    check = {dict: judge_object, list: judge_list}.get(container(value), judge_text)
    check(schema, value, path, verdict, where)
    judge_not(schema, value, path, verdict)
    judge_conditions(schema, value, path, verdict)


def kind(value):
    return {dict: "an object", list: "a list"}.get(container(value), "a string")


def wanted(schema):
    return {"object": "an object", "array": "a list"}.get(str(schema.get("type")), "a string")


def wrong_kind(schema, value):
    return ("type" in schema or "enum" in schema) and kind(value) != wanted(schema)


def judge_text(schema, value, path, verdict, where):
    """The checks of scalars, of which the first that fails is enough."""
    text = as_sent(value)
    problem = wrong_choice(schema, text) or wrong_length(schema, text) or wrong_form(schema, text)
    if problem:
        verdict.add(path, problem + where)


def wrong_choice(schema, text):
    choices = list(dict.fromkeys(as_sent(choice) for choice in schema.get("enum", [])))
    if not choices or text in choices:
        return None
    listed = " or ".join(choices)
    return f"this must be {listed} (found {text!r})"


def wrong_length(schema, text):
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if len(text) < least or (most is not None and len(text) > most):
        between = f"{least} to {most}" if least else f"at most {most}"
        return f"this must have {between} characters, it has {len(text)}"
    if "maximum" in schema and re.fullmatch(r"-?[0-9]+", text):
        low, high = schema["minimum"], schema["maximum"]
        return None if low <= float(text) <= high else f"this must be {low} to {high} (found {text})"
    return None


def wrong_form(schema, text):
    if "pattern" not in schema or re.fullmatch(schema["pattern"], text):
        return None
    return f"this is no {schema.get('title', 'valid text')} (found {text!r})"


def judge_list(schema, value, path, verdict, where):
    there = [presence(item) for item in value]
    repeated = any(is_function(item) and presence(item) for item in value)
    least = sum(1 for found in there if found)
    most = sum(1 for found in there if found is not False)
    if "maxItems" in schema and least > schema["maxItems"]:
        verdict.add(path, f"this must have at most {items(schema['maxItems'])}, it has {least}{where}")
    if most < schema.get("minItems", 0) and not repeated:
        verdict.add(path, f"this must have at least {items(schema['minItems'])}, it has {most}{where}")
    for index, item in enumerate(value):
        judge(schema.get("items", {}), item, [*path, index], verdict, where)


def items(count):
    return f"{count} item" if count == 1 else f"{count} items"


def judge_object(schema, value, path, verdict, where):
    for name in schema.get("required", []):
        if has(value, name) is False:
            verdict.add([*path, name], f"this is required{where}", at=path)
    known = schema.get("properties", {})
    for name, member in value.items():
        if name in known:
            judge_member(known[name], member, [*path, name], verdict, where)
        elif schema.get("additionalProperties") is False and not str(name).startswith("Fn::"):
            # As text, or a number would be shown as an index.
            verdict.add([*path, as_sent(name)], no_such("property", as_sent(name), known), at=[*path, name])


def judge_member(schema, member, path, verdict, where):
    """`False` forbids the member, which may be left out by a condition."""
    if schema is not False:
        judge(schema, member, path, verdict, where)
    elif presence(member):
        verdict.add(path, f"this is not possible{where}")


def judge_not(schema, value, path, verdict):
    if "not" in schema and holds(schema["not"], value):
        consts = schema["not"].get("properties", {})
        said = " and ".join(f"{name} {as_sent(given['const'])}" for name, given in consts.items())
        verdict.add(path, f"{said} together are not possible")


def judge_conditions(schema, value, path, verdict):
    for condition in schema.get("allOf", []):
        asked = holds(condition["if"], value)
        if asked is not None:
            part = condition.get("then" if asked else "else", {})
            judge_known(part, value, path, verdict, f", where {in_words(condition['if'], asked)}")


def holds(condition, value):
    """Whether an object is as a condition says; None where that is open."""
    answers = [has(value, name) for name in condition.get("required", [])]
    for name, part in condition.get("properties", {}).items():
        if name in value:
            answers.append(is_one_of(part.get("enum", [part.get("const")]), value[name]))
    if False in answers:
        return False
    return None if None in answers else True


def has(value, name):
    """Whether an object has a member; None where that is open."""
    there = presence(value[name]) if name in value else False
    return None if there is False and is_open(value) else there


def is_one_of(choices, member):
    texts = [as_sent(choice) for choice in choices]
    answers = {None if found is UNKNOWN else as_sent(found) in texts for found, _ in branches(member, [])}
    return answers.pop() if len(answers) == 1 else None


def in_words(condition, holds):
    """`Name is given and Retain... is true`."""
    chosen = condition.get("properties", {})

    def one(name):
        values = list(dict.fromkeys(as_sent(value) for value in chosen.get(name, {}).get("enum", [])))
        if values:
            return f"{name} is {'' if holds else 'not '}{' or '.join(values)}"
        return f"{name} is {'' if holds else 'not '}given"

    return (" and " if holds else " or ").join(one(name) for name in condition.get("required", []))


# --- did you mean -----------------------------------------------------------------------------------------------------


def no_such(what, name, known):
    meant = nearest(str(name), list(known))
    advice = f"did you mean {meant}?" if meant else f"there are {', '.join(known)}"
    return f"there is no such {what}: {advice}"


def nearest(name, known):
    """The known name that is meant: the same but for case or a plural s, else the most alike."""

    def plain(text):
        return text.lower().rstrip("s")

    same = [each for each in known if plain(each) == plain(name)]
    if same:
        return same[0]
    ranked = [(alike(plain(name), plain(each)), each) for each in known]
    best = max(ranked, key=lambda pair: pair[0], default=(0, None))
    return best[1] if best[0] >= ALIKE else None


def alike(one, other):
    """Damerau's and Levenshtein's distance as a share of the longer text, 1 for the same."""
    rows = [list(range(len(other) + 1))]
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (a != b)))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                row[j] = min(row[j], rows[-2][j - 2] + 1)
        rows.append(row)
    return 1 - rows[-1][-1] / max(len(one), len(other), 1)


# --- rules ------------------------------------------------------------------------------------------------------------


def resources_of(cfn, of):
    """The resources of a type, by logical id."""
    found = cfn.template.get("Resources")
    resources = found.items() if isinstance(found, dict) else ()
    return {name: body for name, body in resources if isinstance(body, dict) and body.get("Type") == of}


class About:
    """What the rules of one type have in common: `about` is the generated file of the type."""

    about = None
    source_url = SOURCE
    tags = ["resources", "custom"]

    def resources(self, cfn):
        return resources_of(cfn, self.about["type"])


class Properties(About):
    """Properties against their schema."""

    def match(self, cfn):
        matches = []
        template = Template(cfn)
        for name, body in self.resources(cfn).items():
            verdict = Verdict()
            # cfn-lint itself misses the ServiceToken.
            judge(self.about["schema"], template.left(body.get("Properties", {}), given(body)), [], verdict)
            below = ["Resources", name] + (["Properties"] if "Properties" in body else [])
            matches += [RuleMatch(below + path, message) for path, message in verdict.mistakes]
        return matches


class Attributes(About):
    """`Fn::GetAtt` and `${Resource.Attribute}` of attributes that there are."""

    def match(self, cfn):
        ours = self.resources(cfn)
        read = [*attributes_got(cfn), *((name, path) for name, path in variables(cfn) if "." in name)]
        matches = []
        for name, path in read:
            resource, _, attribute = name.partition(".")
            if resource in ours and attribute not in self.about["attributes"]:
                problem = no_such("attribute", attribute, self.about["attributes"])
                matches.append(RuleMatch(path, f"{name}: {problem}"))
        return matches


class References(About):
    """`Ref` where an ARN is wanted, of a resource whose physical id is none."""

    def match(self, cfn):
        ours = {name for name, body in self.resources(cfn).items() if self.is_no_arn(body)}
        found = [(name, path) for name, path in references(cfn) if name in ours and wants_arn(path)]
        arns = [name for name in self.about["attributes"] if name.endswith("Arn")]
        advice = " or ".join(f"!GetAtt {{0}}.{name}" for name in arns) or "another attribute"
        problem = f"Ref of {{0}} gives its physical id, which is no ARN{self.reason()}: use {advice}"
        return [RuleMatch(path, problem.format(name)) for name, path in found]

    def is_no_arn(self, body):
        given = self.about["refIsNoArnWith"]
        properties = body.get("Properties")
        properties = properties if isinstance(properties, dict) else {}
        return given is None or (given in properties and presence(properties[given]) is True)

    def reason(self):
        given = self.about["refIsNoArnWith"]
        return f" where {given} is given" if given else ""


def functions(cfn, name):
    """Where a function stands, and its argument."""
    for *path, value in cfn.search_deep_keys(name):
        yield path[:-1], value


def attributes_got(cfn):
    """What `Fn::GetAtt` names: `Resource.Attribute` and the path."""
    for path, value in functions(cfn, "Fn::GetAtt"):
        parts = value if isinstance(value, list) else str(value).split(".", 1)
        if len(parts) == 2 and all(isinstance(part, str) for part in parts):
            yield ".".join(parts), path


def variables(cfn):
    """What `Fn::Sub` names: the variables that it does not define itself, and the path."""
    for path, value in functions(cfn, "Fn::Sub"):
        text, own = (value + [{}, {}])[:2] if isinstance(value, list) else (value, {})
        for name in VARIABLE.findall(text) if isinstance(text, str) else ():
            if not (isinstance(own, dict) and name in own):
                yield name.strip(), path


def references(cfn):
    """What `Ref` and `Fn::Sub` name by its logical id alone, and the path."""
    for path, value in functions(cfn, "Ref"):
        if isinstance(value, str):
            yield value, path
    yield from variables(cfn)


def wants_arn(path):
    """Whether the nearest name above speaks of an ARN: `TopicArn`, `Arns`, an IAM statement's `Resource`, an output."""
    names = [part for part in path if isinstance(part, str) and not part.startswith("Fn::")]
    if names[:1] == ["Outputs"]:
        return len(names) == 3 and names[2] == "Value" and names[1].lower().endswith(("arn", "arns"))
    return bool(names) and (names[-1].endswith(("Arn", "Arns", "ARN", "ARNs")) or is_statement(names))


def is_statement(names):
    return names[-1] in ("Resource", "NotResource") and "Statement" in names


def rule(about, kind, id, shortdesc):
    name = about["type"].rpartition("::")[2] + kind.__name__
    body = {"id": id, "shortdesc": shortdesc, "description": kind.__doc__, "about": about, "__module__": __name__}
    return type(name, (kind, CloudFormationLintRule), body)


for file in sorted(Path(__file__).parent.glob("*.json")):
    told = json.loads(file.read_text(encoding="utf-8"))
    for made in (
        rule(told, Properties, told["rules"]["properties"], f"Properties of {told['type']}"),
        rule(told, Attributes, told["rules"]["attributes"], f"Attributes of {told['type']}"),
        rule(told, References, told["rules"]["references"], f"Ref of {told['type']} as an ARN"),
    ):
        # cfn-lint takes the classes that the module holds: each is to be held by its own name, and by no other.
        globals()[made.__name__] = made
        del made

"""Checks raw answers against botocore's service models, more strictly than botocore reads them.

botocore skips members that it does not know and takes any value of an enum. Here both are faults, and so are missing
required members, `null`, wrong JSON types, texts outside their pattern or length, and numbers outside their bounds.
"""

import json
import re
import xml.etree.ElementTree as ElementTree

ISO_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def faults_of_json(shape, value, path="answer"):
    """Every difference between a JSON value and a botocore shape, as sentences."""
    kind = shape.type_name
    if value is None:
        return [f"{path} is null"]
    if kind == "structure":
        return _structure(shape, value, path)
    if kind == "list":
        return _list(shape, value, path)
    if kind == "map":
        return _map(shape, value, path)
    if not _is(kind, value):
        return [f"{path} is {json.dumps(value)}, not a {kind}"]
    return _bounds(shape, value, path)


def faults_of_xml(shape, element, path="answer"):
    """Every difference between an XML element of awsQuery and a botocore shape, as sentences."""
    kind = shape.type_name
    if kind == "structure":
        return _xml_structure(shape, element, path)
    if kind == "list":
        return _xml_list(shape, element, path)
    if len(element):
        return [f"{path} has children, but is a {kind}"]
    text = element.text or ""
    if kind == "timestamp":
        return [] if ISO_TIME.fullmatch(text) else [f"{path} is {text!r}, not an ISO 8601 time in UTC"]
    if kind in ("integer", "long"):
        return _bounds(shape, int(text), path) if text.isdigit() else [f"{path} is {text!r}, not a {kind}"]
    if kind == "string":
        return _bounds(shape, text, path)
    if kind == "boolean":
        return [] if text in ("true", "false") else [f"{path} is {text!r}, not a boolean"]
    return [f"{path} is a {kind}, which this check does not know in XML"]


def xml_result(body, operation):
    """The result element of an awsQuery answer, without namespaces; raises ValueError for any other document."""
    root = _plain(ElementTree.fromstring(body))
    if root.tag != f"{operation}Response":
        raise ValueError(f"the document is {root.tag}, not {operation}Response")
    result = root.find(f"{operation}Result")
    if result is None:
        raise ValueError(f"there is no {operation}Result")
    if root.find("ResponseMetadata/RequestId") is None:
        raise ValueError("there is no ResponseMetadata with a RequestId")
    return result


def xml_error(body):
    """Code and message of an awsQuery error; raises ValueError for any other document."""
    root = _plain(ElementTree.fromstring(body))
    error = root.find("Error")
    if root.tag != "ErrorResponse" or error is None or root.find("RequestId") is None:
        raise ValueError(f"the document {root.tag} is no ErrorResponse with Error and RequestId")
    return error.findtext("Code"), error.findtext("Message")


def _plain(root):
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
    return root


def _wire_names(shape):
    return {member.serialization.get("name", name): member for name, member in shape.members.items()}


def _required(shape):
    return {shape.members[name].serialization.get("name", name) for name in shape.required_members}


def _structure(shape, value, path):
    if not isinstance(value, dict):
        return [f"{path} is {json.dumps(value)}, not a structure"]
    known = _wire_names(shape)
    faults = [f"{path}.{name} is required and missing" for name in sorted(_required(shape) - value.keys())]
    for name, item in value.items():
        if name in known:
            faults += faults_of_json(known[name], item, f"{path}.{name}")
        else:
            faults.append(f"{path}.{name} is no member of {shape.name}")
    return faults


def _list(shape, value, path):
    if not isinstance(value, list):
        return [f"{path} is {json.dumps(value)}, not a list"]
    faults = _length(shape, len(value), path)
    for index, item in enumerate(value):
        faults += faults_of_json(shape.member, item, f"{path}[{index}]")
    return faults


def _map(shape, value, path):
    if not isinstance(value, dict):
        return [f"{path} is {json.dumps(value)}, not a map"]
    faults = []
    for name, item in value.items():
        faults += faults_of_json(shape.key, name, f"{path} key {name!r}")
        faults += faults_of_json(shape.value, item, f"{path}.{name}")
    return faults


def _xml_structure(shape, element, path):
    known = _wire_names(shape)
    names = [child.tag for child in element]
    faults = [f"{path}.{name} is required and missing" for name in sorted(_required(shape) - set(names))]
    faults += [f"{path}.{name} is there {names.count(name)} times" for name in set(names) if names.count(name) > 1]
    for child in element:
        if child.tag in known:
            faults += faults_of_xml(known[child.tag], child, f"{path}.{child.tag}")
        else:
            faults.append(f"{path}.{child.tag} is no member of {shape.name}")
    return faults


def _xml_list(shape, element, path):
    faults = _length(shape, len(element), path)
    for index, child in enumerate(element):
        if child.tag == "member":
            faults += faults_of_xml(shape.member, child, f"{path}[{index}]")
        else:
            faults.append(f"{path}[{index}] is {child.tag}, not member")
    return faults


def _is(kind, value):
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    if kind in ("string", "blob"):
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if kind in ("integer", "long"):
        return number and float(value).is_integer()
    return kind in ("timestamp", "float", "double") and number


def _bounds(shape, value, path):
    if shape.type_name == "string":
        return _text(shape, value, path)
    if shape.type_name in ("integer", "long"):
        low, high = shape.metadata.get("min", value), shape.metadata.get("max", value)
        return [] if low <= value <= high else [f"{path} is {value}, not {low} to {high}"]
    return []


def _text(shape, value, path):
    if shape.enum and value not in shape.enum:
        return [f"{path} is {value!r}, none of {', '.join(shape.enum)}"]
    pattern = shape.metadata.get("pattern")
    # Python's re has no \p{...} classes; such patterns (tags alone) are not checked.
    if pattern and "\\p{" not in pattern and not re.search(pattern, value):
        return [f"{path} is {value!r}, which does not match {pattern}"]
    return _length(shape, len(value), path)


def _length(shape, length, path):
    low, high = shape.metadata.get("min", length), shape.metadata.get("max", length)
    return [] if low <= length <= high else [f"{path} has length {length}, not {low} to {high}"]

"""Watches boto3 clients: every raw answer is checked against its operation's model before botocore parses it."""

import json

import shapes
from botocore.model import OperationModel

# Errors that AWS gives for any operation, and that its models therefore do not name
# (AWS RAM, License Manager, Organizations, STS, IAM: "Common Errors" in each API reference).
COMMON_ERRORS = {
    "AccessDenied": {403},
    "AccessDeniedException": {400, 403},
    "ExpiredToken": {403},
    "ExpiredTokenException": {400, 403},
    "InvalidAction": {400},
    "InvalidClientTokenId": {403},
    "MissingAuthenticationToken": {403},
    "SerializationException": {400},
    "Throttling": {400},
    "ThrottlingException": {400, 429},
    "UnknownOperationException": {400, 404},
    "UnrecognizedClientException": {400, 403},
    "ValidationError": {400},
    "ValidationException": {400},
}
CONTENT_TYPES = {"rest-json": "application/json", "json": "application/x-amz-json-1.1", "query": "text/xml"}


class Watch:
    """Counts calls and checks answers; `faults` says what was wrong, `succeeded` which operations answered well."""

    def __init__(self):
        self.calls = 0
        self.validated = 0
        self.faults = []
        self.succeeded = set()
        self.codes = set()

    def attach(self, client):
        """Watches every call of a boto3 client."""
        client.meta.events.register("before-call", self._count)
        client.meta.events.register("before-parse", self._check)

    def _count(self, **_):
        self.calls += 1

    def _check(self, operation_model: OperationModel, response_dict, **_):
        service = operation_model.service_model.signing_name
        where = f"{service} {operation_model.name}"
        try:
            faults = self._faults(operation_model, response_dict)
        except ValueError as unreadable:
            faults = [f"unreadable answer: {unreadable}"]
        self.faults += [f"{where} (HTTP {response_dict['status_code']}): {fault}" for fault in faults]
        self.validated += 1
        if response_dict["status_code"] < 300:
            self.succeeded.add((service, operation_model.name))

    def _faults(self, operation, response):
        faults = headers_of(operation, response)
        if response["status_code"] >= 300:
            return faults + self._error(operation, response)
        body = response["body"].decode()
        if operation.service_model.protocol == "query":
            return faults + shapes.faults_of_xml(operation.output_shape, shapes.xml_result(body, operation.name))
        if operation.output_shape is None:
            return faults + ([] if body in ("", "{}") else [f"no output is modelled, but the body is {body}"])
        return faults + shapes.faults_of_json(operation.output_shape, json.loads(body))

    def _error(self, operation, response):
        code, members = error_of(operation, response)
        self.codes.add((operation.service_model.signing_name, code))
        modelled = {shape.error_code: shape for shape in operation.error_shapes}
        if code in modelled:
            return modelled_error(modelled[code], members, response["status_code"])
        if code in COMMON_ERRORS:
            return status_faults(code, COMMON_ERRORS[code], response["status_code"])
        return [f"error {code} is neither modelled for this operation nor common: {members}"]


def headers_of(operation, response):
    """What is wrong with the headers."""
    headers = {name.lower(): value for name, value in response["headers"].items()}
    wanted = CONTENT_TYPES[operation.service_model.protocol]
    faults = []
    if headers.get("content-type", "").split(";")[0] != wanted:
        faults.append(f"content type is {headers.get('content-type')!r}, not {wanted}")
    if not headers.get("x-amzn-requestid"):
        faults.append("there is no x-amzn-requestid")
    return faults


def error_of(operation, response):
    """The code and the members of an error, from where its protocol puts them."""
    protocol, body = operation.service_model.protocol, response["body"].decode()
    if protocol == "query":
        code, message = shapes.xml_error(body)
        return code, {"message": message}
    members = json.loads(body)
    if protocol == "rest-json":
        return {name.lower(): value for name, value in response["headers"].items()}.get("x-amzn-errortype"), members
    return members.pop("__type", None), members


def modelled_error(shape, members, status):
    """What is wrong with the members and the status of an error that the model has."""
    error = shape.metadata.get("error", {})
    expected = error.get("httpStatusCode", 500 if shape.metadata.get("fault") else 400)
    faults = status_faults(shape.error_code, {expected}, status)
    if not any(members.get(name) for name in ("message", "Message")):
        faults.append(f"{shape.error_code} has no message")
    return faults + shapes.faults_of_json(shape, members, shape.error_code)


def status_faults(code, expected, status):
    """A sentence where the HTTP status is none of the error's."""
    allowed = " or ".join(map(str, sorted(expected)))
    return [] if status in expected else [f"{code} has HTTP status {status}, not {allowed}"]

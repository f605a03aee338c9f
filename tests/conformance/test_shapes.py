"""The checks of shapes.py find what is wrong, and only that."""

import unittest
import xml.etree.ElementTree as ElementTree

import botocore.session
import shapes

SESSION = botocore.session.get_session()


def output(service, operation):
    return SESSION.get_service_model(service).operation_model(operation).output_shape


SHARE = {
    "resourceShareArn": "arn",
    "name": "n",
    "status": "ACTIVE",
    "allowExternalPrincipals": True,
    "creationTime": 1767225600.0,
    "tags": [{"key": "k", "value": "v"}],
}


class JsonTest(unittest.TestCase):
    def faults(self, **changes):
        share = {**SHARE, **changes}
        return shapes.faults_of_json(output("ram", "CreateResourceShare"), {"resourceShare": share})

    def test_a_faithful_answer_has_no_faults(self):
        self.assertEqual(self.faults(), [])

    def test_each_fault_is_found_with_its_path(self):
        for changes, part in [
            ({"colour": "red"}, "resourceShare.colour is no member"),
            ({"status": "active"}, "resourceShare.status is 'active', none of PENDING"),
            ({"status": None}, "resourceShare.status is null"),
            ({"allowExternalPrincipals": "true"}, 'is "true", not a boolean'),
            ({"creationTime": "2026-01-01"}, "not a timestamp"),
            ({"name": 5}, "is 5, not a string"),
            ({"tags": {}}, "resourceShare.tags is {}, not a list"),
            ({"tags": [{"Key": "k"}]}, "resourceShare.tags[0].Key is no member"),
        ]:
            faults = self.faults(**changes)
            self.assertEqual(len(faults), 1, faults)
            self.assertIn(part, faults[0])

    def test_a_missing_required_member_is_found(self):
        shape = output("license-manager", "GetServiceSettings")
        faults = shapes.faults_of_json(shape, {"OrganizationConfiguration": {}})
        self.assertEqual(faults, ["answer.OrganizationConfiguration.EnableIntegration is required and missing"])

    def test_a_text_outside_its_pattern_or_length_is_found(self):
        shape = output("organizations", "DescribeAccount")
        faults = shapes.faults_of_json(shape, {"Account": {"Id": "12345", "Name": ""}})
        self.assertEqual(len(faults), 2, faults)


class XmlTest(unittest.TestCase):
    BODY = (
        '<AssumeRoleResponse xmlns="x"><AssumeRoleResult>{}</AssumeRoleResult>'
        "<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></AssumeRoleResponse>"
    )
    CREDENTIALS = (
        "<Credentials><AccessKeyId>ASIA0123456789ABCDEF</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        "<SessionToken>t</SessionToken><Expiration>{}</Expiration></Credentials>"
    )

    def faults(self, inner):
        element = shapes.xml_result(self.BODY.format(inner), "AssumeRole")
        return shapes.faults_of_xml(output("sts", "AssumeRole"), element)

    def test_a_faithful_answer_has_no_faults(self):
        self.assertEqual(self.faults(self.CREDENTIALS.format("2026-01-01T00:00:00Z")), [])

    def test_each_fault_is_found(self):
        for inner, part in [
            (self.CREDENTIALS.format("1767225600"), "not an ISO 8601 time"),
            ("<Credentials/>", "Credentials.AccessKeyId is required and missing"),
            ("<Colour>red</Colour>", "Colour is no member"),
            ("<PackedPolicySize>x</PackedPolicySize>", "not a integer"),
            ("<SourceIdentity><a/></SourceIdentity>", "has children"),
        ]:
            self.assertTrue(any(part in fault for fault in self.faults(inner)), (inner, self.faults(inner)))

    def test_faults_in_lists_and_booleans_are_found(self):
        role = "<Path>/</Path><RoleName>r</RoleName><RoleId>AROA0123456789ABC</RoleId>"
        role += "<Arn>arn:aws:iam::111111111111:role/r</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate>"
        body = "<Roles>{}</Roles><IsTruncated>{}</IsTruncated>"
        for roles, more, part in [
            (f"<member>{role}</member>", "false", None),
            ("<member><Path>/</Path></member>", "false", "Roles[0].Arn is required and missing"),
            (f"<Role>{role}</Role>", "false", "Roles[0] is Role, not member"),
            ("", "False", "IsTruncated is 'False', not a boolean"),
        ]:
            element = ElementTree.fromstring(f"<ListRolesResult>{body.format(roles, more)}</ListRolesResult>")
            faults = shapes.faults_of_xml(output("iam", "ListRoles"), element)
            found = any(part in fault for fault in faults) if part else not faults
            self.assertTrue(found, (roles, more, faults))

    def test_another_document_is_refused(self):
        for body in [
            "<Other/>",
            "<AssumeRoleResponse/>",
            "<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>",
        ]:
            with self.assertRaises(ValueError):
                shapes.xml_result(body, "AssumeRole")
        with self.assertRaises(ElementTree.ParseError):
            shapes.xml_result("{}", "AssumeRole")

    def test_an_error_is_read(self):
        body = (
            "<ErrorResponse xmlns='x'><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>m</Message>"
            "</Error><RequestId>r</RequestId></ErrorResponse>"
        )
        self.assertEqual(shapes.xml_error(body), ("AccessDenied", "m"))
        with self.assertRaises(ValueError):
            shapes.xml_error("<Error/>")


if __name__ == "__main__":
    unittest.main()

//! What services that speak awsQuery have in common: forms in, XML documents out (STS, IAM).

use uuid::Uuid;

/// The first value of a form's member.
pub(crate) fn value<'a>(form: &'a [(String, String)], name: &str) -> Option<&'a str> {
    form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// A whole answer: the document that `action` gives, around its result.
pub(crate) fn document(namespace: &str, action: &str, result: &str) -> String {
    let result = nest(&format!("{action}Result"), result);
    format!("<{action}Response xmlns=\"{namespace}\">{result}</{action}Response>")
}

/// An element around elements.
pub(crate) fn nest(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

/// An element around a text.
pub(crate) fn element(name: &str, text: &str) -> String {
    nest(name, &escape(text))
}

/// A text as XML has it.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// An IAM unique id: the prefix of its kind and 17 letters and digits out of `of`.
pub(crate) fn unique_id(prefix: &str, of: &str) -> String {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("sts/{prefix}/{of}").as_bytes());
    let tail: String = id.simple().to_string().to_uppercase().chars().take(17).collect();
    format!("{prefix}{tail}")
}

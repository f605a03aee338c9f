//! Client tokens: RAM's model does not fill them in (ram facts 1.1).

use uuid::Uuid;

/// Any namespace does, as long as all deliveries of a request share it.
const NAMESPACE: Uuid = Uuid::from_u128(0x6c69_6365_6e73_652d_6d61_6e61_6765_7203);

/// UUIDv5 of the request, the step and what it touches, with its status: the same for every delivery of a request that
/// sees the same.
pub(super) fn client_token(request_id: &str, step: &str, touched: &str, status: &str) -> String {
    Uuid::new_v5(&NAMESPACE, format!("{request_id}\n{step}\n{touched} {status}").as_bytes()).to_string()
}

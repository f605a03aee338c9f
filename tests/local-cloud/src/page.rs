//! Pages of lists, with opaque tokens, the same way in every service.

use serde_json::Value;

use crate::ctx::Ctx;
use crate::ids::digest;

/// What tells one list from another: the operation and its filters. A token is good only for the list it was made for.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// The operation.
    pub operation: &'a str,
    /// The request's input; its token and page size do not count.
    pub input: &'a Value,
}

/// A token that this list never gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the token was not given out for this list")]
pub struct BadToken;

/// One page of a list, and the token of the next one.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// The page's items; may be none although there are more.
    pub items: Vec<T>,
    /// The token of the next page; None at the end.
    pub next: Option<String>,
}

/// Cuts one page out of a list: `token` from the request, `size` the most items wanted, else the settings' page size;
/// never more than the settings allow.
///
/// # Errors
/// [`BadToken`] for a token of another list, another caller, or none of ours.
pub fn page<T>(
    ctx: &Ctx,
    list: List<'_>,
    items: Vec<T>,
    token: Option<&str>,
    size: Option<usize>,
) -> Result<Page<T>, BadToken> {
    let seal = seal(ctx, list);
    let settings = &ctx.settings.pages;
    let most = size.unwrap_or(settings.size).min(settings.most.unwrap_or(usize::MAX));
    let Some(token) = token else {
        if settings.empty_first_page {
            return Ok(Page { items: Vec::new(), next: Some(write_token(0, &seal)) });
        }
        return Ok(cut(items, 0, most, &seal));
    };
    let start = read_token(token, &seal)?;
    Ok(cut(items, start, most, &seal))
}

fn cut<T>(items: Vec<T>, start: usize, size: usize, seal: &str) -> Page<T> {
    let size = size.max(1);
    let more = items.len() > start.saturating_add(size);
    let next = more.then(|| write_token(start + size, seal));
    Page { items: items.into_iter().skip(start).take(size).collect(), next }
}

fn seal(ctx: &Ctx, list: List<'_>) -> String {
    let mut filters = list.input.clone();
    if let Some(members) = filters.as_object_mut() {
        members.retain(|name, _| !is_paging(name));
    }
    format!("{}/{}/{}/{filters}", ctx.account(), ctx.region, list.operation)
}

fn is_paging(member: &str) -> bool {
    matches!(member, "nextToken" | "maxResults" | "NextToken" | "MaxResults")
}

fn write_token(start: usize, seal: &str) -> String {
    format!("{start:08x}-{}", digest(&format!("{start}/{seal}")))
}

fn read_token(token: &str, seal: &str) -> Result<usize, BadToken> {
    let (start, _) = token.split_once('-').ok_or(BadToken)?;
    let start = usize::from_str_radix(start, 16).map_err(|_| BadToken)?;
    if write_token(start, seal) == token { Ok(start) } else { Err(BadToken) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ctx_with;
    use serde_json::json;

    #[test]
    fn a_page_has_no_more_items_than_the_settings_allow_whatever_is_asked() {
        let input = json!({});
        let list = List { operation: "ListThings", input: &input };
        let ctx = ctx_with("111122223333", |settings| settings.pages.most = Some(2));
        let first = page(&ctx, list, vec![1, 2, 3], None, Some(500)).unwrap();
        assert_eq!(first.items, [1, 2]);
        let second = page(&ctx, list, vec![1, 2, 3], first.next.as_deref(), Some(500)).unwrap();
        assert_eq!((second.items, second.next), (vec![3], None));
    }
}

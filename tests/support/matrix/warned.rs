//! What a warning accounts for of what a run leaves: by its words, and by what it names.

use super::super::snapshot::named;

/// In the log of a Delete that cannot take the account out of a share.
const LEFT_IN: [&str; 2] = ["the account stays in", "should it show later, leave it by hand"];

/// In the Warnings of a rollback.
pub const LEFTOVERS: &str = "left is not removed yet";

/// There too, and then the member.
pub const NOT_REMOVED: &str = "could not be removed: ";

/// In the lines about the record of a resource of the stack under test.
const OF_STACK: &str = ":stack/licenses/";

/// In the ARN of every share.
const SHARE: &str = ":resource-share/";

/// Lines of the log about shares in which an account stays.
#[derive(Debug)]
pub struct Stays(Vec<String>);

impl Stays {
    /// With the shares by name.
    pub fn of(log: &str, names: &[(String, String)]) -> Self {
        let lines = log.lines().filter(|line| LEFT_IN.iter().any(|words| line.contains(words)));
        Self(lines.map(|line| named(line, names)).collect())
    }

    /// Whether the line tells of the account in one of the shares.
    pub fn names(&self, line: &str) -> bool {
        let Some((share, account)) = membership(line) else { return false };
        is_account(account) && self.0.iter().any(|said| said.contains(&arn_of(share)))
    }
}

/// Of `+ share theirs of 111122223333: member 222233334444 ASSOCIATED`, the share and who is in it.
fn membership(line: &str) -> Option<(&str, &str)> {
    let (share, rest) = line.get(2..)?.strip_prefix("share ")?.split_once(" of ")?;
    let member = rest.split_once(": member ")?.1.rsplit_once(' ')?.0;
    Some((share, member))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.parse::<u64>().is_ok()
}

/// The end of its ARN, where shares go by their names.
fn arn_of(share: &str) -> String {
    format!("{SHARE}<{share}>")
}

/// That a partner has not accepted yet, or could not be made to, is a warning.
pub fn is_to_accept(line: &str, warnings: &str) -> bool {
    let invited = line.get(2..).and_then(|line| line.strip_prefix("invitation of "));
    let invited = invited.and_then(|line| line.split(' ').next());
    let account =
        invited.or_else(|| membership(line).map(|(_, member)| member)).filter(|who| is_account(who));
    let of_share = |share: &str| warnings.contains(&arn_of(share));
    let is_share =
        membership(line).map_or_else(|| warnings.contains(last_word(line)), |(share, _)| of_share(share));
    let is_named = |account: &str| {
        let after = |words: &str| warnings.split_once(words).map(|(_, rest)| rest.to_owned());
        let listed = after("these accounts have not accepted resource share ");
        let listed =
            listed.is_some_and(|rest| rest.split(". ").next().is_some_and(|part| part.contains(account)));
        // This one tells of an account alone: it is about the share of the request.
        listed && is_share || warnings.contains(&format!("The provider could not accept for {account}: "))
    };
    account.is_some_and(is_named)
}

/// Of a line about an invitation, the share.
fn last_word(line: &str) -> &str {
    line.rsplit(' ').next().unwrap_or(line)
}

/// A member that a rollback has taken out, and that RAM had not let go yet, stays on record with a warning.
pub fn is_leaving(line: &str, warnings: &str) -> bool {
    let is_named = |member: &str| warnings.contains(&format!("{NOT_REMOVED}{member}: "));
    line.contains("/added/") && (is_leftover(line, warnings) || quoted(line).any(is_named))
}

/// What an earlier request left stays for now: the warning names the members that could not be removed, or the share.
/// What the record says of it is not compared: it must say enough for the stack's deletion to remove all.
pub fn is_leftover(line: &str, warnings: &str) -> bool {
    let Some((_, said)) = warnings.split_once(LEFTOVERS) else { return false };
    if line.get(2..).is_some_and(|text| text.starts_with("record ")) {
        let is_named = said.contains(SHARE) || quoted(line).any(|member| said.contains(member));
        return is_named && line.contains(OF_STACK);
    }
    let is_named = |(share, member): (&str, &str)| said.contains(member) || said.contains(&arn_of(share));
    membership(line).is_some_and(is_named)
}

/// What stands in quotation marks.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2)
}

/// A rollback goes on without a delegated administrator that it may not register: it says so, and must not fail.
pub fn is_left_out(line: &str, warnings: &str) -> bool {
    let of_administrator = line.contains("delegated administrator") || line.contains("/link/registered");
    of_administrator && warnings.contains("left out, register delegated administrator")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMBER: &str = "+ share licenses of 111122223333: member 222233334444 ASSOCIATED";
    const INVITED: &str =
        "+ invitation of 222233334444 to arn:aws:ram:eu-west-1:111122223333:resource-share/<licenses>";

    #[test]
    fn an_account_is_to_accept_where_a_warning_says_so_of_it() {
        let share = "arn:aws:ram:eu-west-1:111122223333:resource-share/<licenses>";
        for (warning, is_said) in [
            ("The provider could not accept for 222233334444: denied".to_owned(), true),
            (
                format!(
                    "these accounts have not accepted resource share {}: 222233334444",
                    share.replace("licenses", "others")
                ),
                false,
            ),
            (format!("these accounts have not accepted resource share {share}: 222233334444"), true),
            (
                format!("these accounts have not accepted resource share {share}: 1. About 222233334444"),
                false,
            ),
            ("The provider could not accept for 333344445555: 222233334444".to_owned(), false),
            ("222233334444".to_owned(), false),
        ] {
            for line in [MEMBER, INVITED] {
                assert_eq!(is_to_accept(line, &warning), is_said, "{warning}");
            }
        }
    }

    #[test]
    fn an_account_stays_in_the_share_that_the_log_names() {
        let log = "the account stays in arn:aws:ram:eu-west-1:111122223333:resource-share/u1: OnDelete is Retain\n\
                   another line about arn:aws:ram:eu-west-1:111122223333:resource-share/u2";
        let of = |name: &str| ("u1".to_owned(), format!("<{name}>"));
        assert!(Stays::of(log, &[of("licenses")]).names(MEMBER));
        assert!(!Stays::of(log, &[of("others"), ("u2".to_owned(), "<licenses>".to_owned())]).names(MEMBER));
        assert!(!Stays::of(log, &[of("licenses")]).names(INVITED));
    }

    #[test]
    fn a_leftover_is_what_the_warning_names() {
        let warning =
            "what an earlier request left is not removed yet, the next one tries again: 222233334444: denied";
        assert!(is_leftover(MEMBER, warning) && !is_leftover(MEMBER, "222233334444"));
        assert!(!is_leftover(&MEMBER.replace("2222", "9999"), warning));
        let of_share =
            "left is not removed yet: arn:aws:ram:eu-west-1:111122223333:resource-share/<licenses>";
        assert!(
            is_leftover(MEMBER, of_share)
                && is_leftover("+ record a:stack/licenses/u#Share: /holdings/0/share", of_share)
        );
        assert!(!is_leftover(&MEMBER.replace("licenses", "others"), of_share));
        assert!(!is_leftover("+ record a:stack/licenses/u#Share: /holdings/0/share", warning));
        assert!(!is_leftover("+ record a:stack/others/u#Share: /holdings/0/share", of_share));
    }

    #[test]
    fn a_member_that_leaves_is_named_by_the_words_for_that() {
        let line = r#"+ record s#Share: /holdings/0/added/<id>/"222233334444" "222233334444""#;
        assert!(is_leaving(line, "could not be removed: 222233334444: AWS RAM still has it"));
        assert!(!is_leaving(line, "could not be removed: 333344445555: asked by 222233334444: "));
        assert!(!is_leaving(
            &line.replace("/added/", "/found/"),
            "could not be removed: 222233334444: it stays"
        ));
    }
}

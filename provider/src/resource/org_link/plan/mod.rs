//! Decisions, pure: what is wanted, what is there and what is on record, to steps or a refusal.

mod absent;
mod administrator;
mod checks;
mod settings;
mod share;
#[cfg(test)]
mod tests;

use super::desired::Desired;
use super::ledger::{Ledger, Link, Stays};
use super::look::Look;
use super::observed::{Observed, RamSharing, Settings};
use super::physical_id;
use super::step::{ADMINISTRATOR, EVERYTHING, Step};
use super::taken::Taken;
use crate::protocol::RequestType;
use crate::resource::{Goal, Plan, Refusal, Subject};
use std::collections::BTreeSet;

const UNKNOWN_ROLE: &str = "sharing with the organization is on, and IAM did not say whether AWS RAM has the role that it \
                            needs (AWSServiceRoleForResourceAccessManager): RamSharing may be WithoutRole. Allow \
                            iam:GetRole in the role of the provider's function, with the role's path and without";

/// A plan for the link.
pub(crate) type LinkPlan = Plan<Step, Ledger>;

/// Decides.
///
/// # Errors
/// A [`Refusal`] with its remedy, before the first write to License Manager, RAM or Organizations.
pub(crate) fn plan(
    subject: &Subject,
    goal: &Goal<Desired>,
    ledger: &Ledger,
    _look: &Look,
    seen: &Observed,
) -> Result<LinkPlan, Refusal> {
    match goal {
        Goal::Present { desired, is_return, outstanding } => {
            let id = physical_id::of(&subject.home);
            let link = ledger.link.clone().unwrap_or_else(|| Link::begun(&id, &subject.request_id));
            let (is_return, outstanding, stays) = (*is_return, outstanding.as_ref(), ledger.stays.as_ref());
            Case { subject, desired, is_return, outstanding, link, stays, seen }.plan()
        }
        Goal::Absent(which) => Ok(absent::plan(which, ledger, seen)),
    }
}

/// Everything that a plan for a wanted link is made from.
#[derive(Clone, Debug)]
struct Case<'a> {
    subject: &'a Subject,
    desired: &'a Desired,
    is_return: bool,
    /// What may still be written, at a look of a request that waits.
    outstanding: Option<&'a BTreeSet<String>>,
    link: Link,
    stays: Option<&'a Stays>,
    seen: &'a Observed,
}

impl Case<'_> {
    fn plan(self) -> Result<LinkPlan, Refusal> {
        let mut left_out = Vec::new();
        let steps = match self.outstanding {
            Some(outstanding) if !outstanding.contains(EVERYTHING) => self.left(outstanding),
            _ => checks::check(&self).and_then(|()| self.steps(&mut left_out)),
        };
        match steps {
            Ok(steps) => Ok(self.planned(steps, left_out)),
            Err(refusal) if self.is_return => {
                Ok(self.planned(Vec::new(), vec![format!("nothing was changed: {refusal}")]))
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// What a return can no longer have is left out; anything else is refused.
    fn or_left_out<T>(
        &self,
        wanted: Result<T, Refusal>,
        left_out: &mut Vec<String>,
    ) -> Result<Option<T>, Refusal> {
        match wanted {
            Ok(found) => Ok(Some(found)),
            Err(refusal) if self.is_return => {
                left_out.push(format!("left out: {refusal}"));
                Ok(None)
            }
            Err(refusal) => Err(refusal),
        }
    }

    fn steps(&self, left_out: &mut Vec<String>) -> Result<Vec<Step>, Refusal> {
        let delegate = self.or_left_out(administrator::step(self), left_out)?.flatten();
        if self.seen.settings == Some(Settings::RoleMissing) {
            return Ok(vec![Step::CreateServiceRole]);
        }
        let may_search = self.or_left_out(settings::bucket(self), left_out)?.is_some();
        let change = settings::steps(self, may_search);
        let first = change.iter().any(Step::links).then_some(Step::Yield);
        // Sharing comes before the link: should License Manager demand it, or take it into account when it makes its own
        // share, it is there (UNCONFIRMED). The administrator comes last: it is the one thing that a Create that fails
        // takes back, and other Regions share it.
        let steps: Vec<Step> = administrator::given_up(self)
            .into_iter()
            .chain(share::sought(self))
            .chain(first)
            .chain(self.ram_sharing())
            .chain(change)
            .chain(share::awaited(self))
            .chain(delegate)
            .collect();
        let check = share::checked(self, !steps.is_empty());
        Ok(steps.into_iter().chain(check).collect())
    }

    /// What is left of a plan that was handed over: what is only waited for, and what was outstanding then.
    fn left(&self, outstanding: &BTreeSet<String>) -> Result<Vec<Step>, Refusal> {
        let trust = Step::of_trusted_access(outstanding).unwrap_or(Step::AwaitTrustedAccess);
        let trust = (!self.seen.is_linked()).then_some(trust);
        let read_back = Taken::among(outstanding).map(|taken| Step::ReadBack { earlier: Some(taken) });
        let delegate = if outstanding.contains(ADMINISTRATOR) { administrator::step(self)? } else { None };
        let share = share::awaited(self).or_else(|| share::sought(self));
        Ok(trust.into_iter().chain(read_back).chain(share).chain(delegate).collect())
    }

    fn ram_sharing(&self) -> Option<Step> {
        (self.desired.ram_sharing && self.needs_ram_sharing()).then_some(Step::EnableRamSharing)
    }

    fn needs_ram_sharing(&self) -> bool {
        match self.seen.ram_sharing(self.subject.now, self.link.ram_enabled_at()) {
            RamSharing::Disabled | RamSharing::WithoutRole => true,
            RamSharing::Enabled | RamSharing::JustEnabled => false,
        }
    }

    fn planned(self, steps: Vec<Step>, mut warnings: Vec<String>) -> LinkPlan {
        warnings.extend(self.taken_back());
        warnings.extend(settings::warnings(&self));
        if self.seen.may_lack_ram_role(&self.subject.home.account) {
            warnings.push(UNKNOWN_ROLE.to_owned());
        }
        let mut intent = self.link.clone();
        if self.was_overtaken() {
            intent.switched_on_by = None;
        }
        if self.switches_on(&steps) {
            intent.switched_on_by = Some(self.subject.request_id.clone());
        }
        if steps.iter().any(Step::links) {
            intent.linked_by = Some(self.subject.request_id.clone());
        }
        if steps.contains(&Step::EnableRamSharing) {
            intent.note_ram_enabled(self.subject.now);
        }
        if let Some(Step::Delegate { to, from }) =
            steps.iter().find(|step| matches!(step, Step::Delegate { .. }))
        {
            if intent.registered.insert(to.to_string()) {
                intent.unanswered.insert(to.to_string());
            }
            intent.former = from.as_ref().map(ToString::to_string);
        }
        let asked = asked(self.desired);
        let unanswered = BTreeSet::new();
        let conclusion =
            Link { answered: true, asked, former: None, linked_by: None, unanswered, ..intent.clone() };
        let stays = Stays::with(self.stays, &self.subject.request_id, self.irreversible(&steps));
        let conclusion = conclusion.on_delete(self.desired.on_delete);
        let conclusion = Ledger { link: Some(conclusion), stays: stays.clone() };
        let intent = Ledger { link: Some(intent), stays };
        Plan { steps, intent, conclusion, warnings, tolerant: self.is_return }
    }

    /// What the steps do that cannot be taken back.
    fn irreversible(&self, steps: &[Step]) -> BTreeSet<String> {
        let linked = self.seen.known().is_some_and(|settings| settings.integration);
        steps.iter().flat_map(|step| step.irreversible(linked)).map(str::to_owned).collect()
    }

    /// Only a Create that finds the link off proves that it is this resource's.
    fn switches_on(&self, steps: &[Step]) -> bool {
        let off = self.seen.known().is_some_and(|settings| !settings.integration);
        self.subject.request_type == RequestType::Create && off && steps.iter().any(Step::links)
    }

    /// This Create was going to switch the link on, and another resource did.
    fn was_overtaken(&self) -> bool {
        let on = self.seen.known().is_some_and(|settings| settings.integration);
        let this = self.link.switched_on_by.as_ref() == Some(&self.subject.request_id);
        on && this && !self.link.answered && !self.seen.holds_claim
    }

    /// What an Update takes back of what was asked for before, and what becomes of it.
    fn taken_back(&self) -> Vec<String> {
        let asked = asked(self.desired);
        let gone = self.link.asked.iter().filter(|name| !asked.contains(*name));
        gone.filter_map(|name| consequence(name)).map(str::to_owned).collect()
    }
}

/// What the template asks for, by the names of the properties.
fn asked(desired: &Desired) -> BTreeSet<String> {
    [
        ("CrossAccountInventorySearch", desired.inventory_search),
        ("SnsTopicArn", desired.sns_topic.is_some()),
        ("S3BucketArn", desired.s3_bucket.is_some()),
        ("DiscoverySourceRegions", !desired.discovery_source_regions.is_empty()),
        ("EnableRamSharing", desired.ram_sharing),
        ("DelegatedAdministratorAccountId", desired.delegated_administrator.is_some()),
    ]
    .into_iter()
    .filter(|(_, asks)| *asks)
    .map(|(name, _)| name.to_owned())
    .collect()
}

fn consequence(name: &str) -> Option<&'static str> {
    const KNOWN: [(&str, &str); 6] = [
        (
            "CrossAccountInventorySearch",
            "CrossAccountInventorySearch stays on: License Manager cannot switch it off",
        ),
        (
            "SnsTopicArn",
            "License Manager keeps the SNS topic that it had: taking the property out changes nothing",
        ),
        (
            "S3BucketArn",
            "License Manager keeps the S3 bucket that it had: taking the property out changes nothing",
        ),
        (
            "DiscoverySourceRegions",
            "License Manager keeps the discovery source regions that it had: taking the property out changes nothing",
        ),
        (
            "EnableRamSharing",
            "sharing with the organization in AWS RAM stays on: it is never switched off here",
        ),
        (
            "DelegatedAdministratorAccountId",
            "the delegated administrator stays registered: deregister it in AWS Organizations if it is to go",
        ),
    ];
    KNOWN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

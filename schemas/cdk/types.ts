// Generated from the Rust types by `make schemas`: do not edit.

import { Construct } from 'constructs';
import { LicenseManagerResource } from './resource';

export interface LicenseConfigShareProps {
  /** Name of the resource share to make. Exactly one of `Name` and `ResourceShareArn` is required; switching between the two is a replacement. */
  readonly Name?: string;
  /** ARN of an active resource share of this account and region to add to, License Manager's own among them. It is never renamed, tagged or deleted. */
  readonly ResourceShareArn?: string;
  /** ARNs of the license configurations to share, of this account and region. At least one with `ResourceShareArn`. */
  readonly LicenseConfigurationArns?: string[];
  /** With whom to share: 12-digit account ids (quoted, or YAML drops leading zeros), ARNs of organizational units, the ARN of the organization. IAM roles and users are not possible. */
  readonly Principals?: string[];
  /** Whether accounts outside the organization may be principals; they must accept an invitation. Only with `Name`. */
  readonly AllowExternalPrincipals?: boolean | string;
  /** Whether accounts keep their access when they leave the organization. Every account must then accept an invitation. Needs `AllowExternalPrincipals`. Only with `Name`. */
  readonly RetainSharingOnAccountLeaveOrganization?: boolean | string;
  /** Tags of the resource share. Only with `Name`. */
  readonly Tags?: { readonly Key: string; readonly Value: string }[];
  /** Whether to remove members of the share that the template does not name. Only with `Name`. */
  readonly ExclusiveMembership?: boolean | string;
  /** Whether to take over what is there already: the one active share of that `Name`, or members of the share of that `ResourceShareArn`. What was taken over stays when the stack is deleted. */
  readonly AdoptExisting?: boolean | string;
  /** Name of a role, the same in every invited account, through which the provider accepts the invitation there. The role trusts the provider's role with the external id `license-manager-provider:<account of the stack>`. */
  readonly AcceptanceRoleName?: string;
  /** Whether the stack waits until every invited account has accepted, and fails when one has not at the end. */
  readonly WaitForAcceptance?: boolean | string;
  /** Any text. It is ignored, but changing it makes the provider look again and put right what differs. Invitations that were rejected or have expired are sent again. */
  readonly Revision?: string;
  /** ARN of the provider's function. CloudFormation itself reads it, and does not let it change. */
  readonly ServiceToken: string;
  /** Seconds after which CloudFormation gives up, 3600 unless given. CloudFormation itself reads it. */
  readonly ServiceTimeout?: number | string;
}

export type LicenseConfigShareAttribute =
  | 'ResourceShareArn'
  | 'ResourceShareId'
  | 'ResourceShareName'
  | 'OwnerAccountId'
  | 'Status'
  | 'PendingAccounts'
  | 'PendingAccountsCount'
  | 'UnmanagedMembers'
  | 'UnmanagedMembersCount'
  | 'Warnings';

/** Shares license configurations (self-managed licenses) of AWS License Manager through AWS RAM with accounts, organizational units or the organization: in a resource share of its own (`Name`), or in one that exists (`ResourceShareArn`). */
export class LicenseConfigShare extends LicenseManagerResource<LicenseConfigShareProps, LicenseConfigShareAttribute> {
  constructor(scope: Construct, id: string, properties: LicenseConfigShareProps) {
    super(scope, id, 'Custom::LicenseConfigShare', properties);
  }
}

export interface LicenseManagerOrgLinkProps {
  /** Must be true. It says that you know: linking makes service-linked roles and a resource share, gives License Manager trusted access to every account of the organization, now and later, and AWS does not promise that it can be undone. */
  readonly AcknowledgeOrganizationLink: boolean | string;
  /** Whether License Manager searches the inventory of all accounts. Once on it cannot be switched off. */
  readonly CrossAccountInventorySearch?: boolean | string;
  /** Must be true where `CrossAccountInventorySearch` is. It says that you know: the search makes resources that cost money (S3, AWS Glue, Amazon Athena, Systems Manager), and they stay. */
  readonly AcknowledgeInventoryCharges?: boolean | string;
  /** ARN of the SNS topic for License Manager's alerts. Its name begins with `aws-license-manager-service-`. A topic of another account or Region is taken with a warning. */
  readonly SnsTopicArn?: string;
  /** ARN of the S3 bucket for inventory and reports. Its name begins with `aws-license-manager-service-`. Required with `CrossAccountInventorySearch` unless License Manager has one already. Give one of this account and Region: a bucket's ARN names neither, so one of another account or Region is taken without a warning. */
  readonly S3BucketArn?: string;
  /** Regions whose discovered licenses are shown in this one. */
  readonly DiscoverySourceRegions?: string[];
  /** Whether to switch on sharing with the organization in AWS RAM. It counts for all resource types of all accounts, and is never switched off here. */
  readonly EnableRamSharing?: boolean | string;
  /** Account that becomes License Manager's delegated administrator. */
  readonly DelegatedAdministratorAccountId?: string;
  /** Whether to wait until License Manager has made its own resource share, which takes minutes. */
  readonly WaitForResourceShare?: boolean | string;
  /** What happens to the link when the resource is deleted. `Unlink` switches it off only where this resource switched it on and no other stack declares it. It is for organizations that are linked in one Region only: AWS does not say whether it takes trusted access, which all Regions share, from the others. */
  readonly OnDelete?: 'Retain' | 'Unlink';
  /** Any text. It is ignored, but changing it makes the provider look again and put right what differs. */
  readonly Revision?: string;
  /** ARN of the provider's function. CloudFormation itself reads it, and does not let it change. */
  readonly ServiceToken: string;
  /** Seconds after which CloudFormation gives up, 3600 unless given. CloudFormation itself reads it. */
  readonly ServiceTimeout?: number | string;
}

export type LicenseManagerOrgLinkAttribute =
  | 'OrganizationId'
  | 'OrganizationArn'
  | 'ManagementAccountId'
  | 'ResourceShareArn'
  | 'TrustedAccess'
  | 'RamSharing'
  | 'CrossAccountInventorySearch'
  | 'SnsTopicArn'
  | 'S3BucketArn'
  | 'DelegatedAdministratorAccountId'
  | 'Warnings';

/** Links AWS License Manager to AWS Organizations in this Region, for the whole organization. One in an organization and Region is enough; the link itself outlives the stack unless `OnDelete` says otherwise. */
export class LicenseManagerOrgLink extends LicenseManagerResource<LicenseManagerOrgLinkProps, LicenseManagerOrgLinkAttribute> {
  constructor(scope: Construct, id: string, properties: LicenseManagerOrgLinkProps) {
    super(scope, id, 'Custom::LicenseManagerOrgLink', properties);
  }
}

export interface LicenseConfigShareAcceptanceProps {
  /** ARN of another account's resource share, in the same Region. */
  readonly ResourceShareArn: string;
  /** ARN of a role in the stack's own account through which the provider acts. Required where the provider runs in another account than the stack. */
  readonly RoleArn?: string;
  /** ARNs of license configurations of the share's owner that must become visible here. Without any, a share that is accepted and not visible by the end of the wait is a success with a warning. */
  readonly LicenseConfigurationArns?: string[];
  /** What happens when the resource is deleted. `Leave` takes this account out of the share, where this resource accepted it and no other one names it. */
  readonly OnDelete?: 'Leave' | 'Retain';
  /** Any text. It is ignored, but changing it makes the provider look again, and accept a newer invitation. */
  readonly Revision?: string;
  /** ARN of the provider's function. CloudFormation itself reads it, and does not let it change. */
  readonly ServiceToken: string;
  /** Seconds after which CloudFormation gives up, 3600 unless given. CloudFormation itself reads it. */
  readonly ServiceTimeout?: number | string;
}

export type LicenseConfigShareAcceptanceAttribute =
  | 'ResourceShareArn'
  | 'ResourceShareId'
  | 'ResourceShareName'
  | 'OwnerAccountId'
  | 'Status'
  | 'AcceptedBy'
  | 'LicenseConfigurationArns'
  | 'LicenseConfigurationArnsCount'
  | 'Warnings';

/** Accepts, in this account, the invitation to a resource share of another account, and waits until what it shares is visible here. A share that needs no invitation is only looked at. */
export class LicenseConfigShareAcceptance extends LicenseManagerResource<LicenseConfigShareAcceptanceProps, LicenseConfigShareAcceptanceAttribute> {
  constructor(scope: Construct, id: string, properties: LicenseConfigShareAcceptanceProps) {
    super(scope, id, 'Custom::LicenseConfigShareAcceptance', properties);
  }
}

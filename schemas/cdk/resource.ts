// What the constructs of ./types.ts have in common: a resource whose properties are validated at synth time, by the same
// schema as everything else. Copy the folder `schemas` into your app as it is; it needs `ajv` beside `aws-cdk-lib`.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { CfnResource, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';

export class LicenseManagerResource<Props extends object, Attribute extends string> extends CfnResource {
  constructor(scope: Construct, id: string, type: string, properties: Props) {
    super(scope, id, { type, properties });
    const validate = validator(type);
    this.node.addValidation({ validate: () => mistakes(validate, given(Stack.of(this).resolve(properties))) });
  }

  /** An attribute: a text, and there after every success. */
  attribute(name: Attribute): string {
    return this.getAtt(name).toString();
  }
}

function validator(type: string): ValidateFunction {
  const file = join(__dirname, '..', type.replace('Custom::', ''), 'properties.draft-07.json');
  return new Ajv({ allErrors: true, strict: false }).compile(JSON.parse(readFileSync(file, 'utf8')));
}

/** Resolved properties as CloudFormation takes them: what is `AWS::NoValue` is not there. */
function given(value: any): any {
  if (Array.isArray(value)) return value.filter((item) => !isNothing(item)).map(given);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([, member]) => !isNothing(member));
  return Object.fromEntries(members.map(([name, member]) => [name, isFunction(value) ? member : given(member)]));
}

function isNothing(value: any): boolean {
  return isFunction(value) && value.Ref === 'AWS::NoValue';
}

/** What is wrong with resolved properties. What an intrinsic function will give, nobody knows yet. */
function mistakes(validate: ValidateFunction, properties: object): string[] {
  validate(properties);
  const errors = (validate.errors ?? []).filter((error) => error.keyword !== 'if' && !isOpen(properties, error));
  return errors.map(({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`);
}

/** Whether a function stands where the error is. */
function isOpen(properties: object, error: ErrorObject): boolean {
  const names = error.instancePath.split('/').slice(1);
  return isFunction(names.reduce<any>((value, name) => (isFunction(value) ? value : value?.[name]), properties));
}

function isFunction(value: unknown): boolean {
  const names = typeof value === 'object' && value !== null ? Object.keys(value) : [];
  return names.length === 1 && (names[0] === 'Ref' || names[0].startsWith('Fn::'));
}

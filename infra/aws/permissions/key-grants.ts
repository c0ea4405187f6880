import type { Grant } from './grant.ts';

/** A customer managed key, and what it encrypts. */
export interface EncryptingKey {
  readonly keyArn: string;
  /** The service that uses it for the function, such as `s3`. */
  readonly service: 's3' | 'dynamodb';
  readonly region: string;
  /** ARNs of what is encrypted with it; those of objects and indexes begin with one of them. */
  readonly encrypted: readonly string[];
}

const DECRYPTED_BY: readonly string[] = [
  ...['s3:GetObject', 's3:PutObject'], // S3 decrypts parts of an upload to put them together.
  ...['dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:PutItem', 'dynamodb:UpdateItem'],
];
const ENCRYPTED_BY: readonly string[] = ['s3:PutObject'];

const touches = (grant: Grant, key: EncryptingKey, actions: readonly string[]): boolean =>
  grant.actions.some((action) => actions.includes(action)) &&
  grant.resources.some((resource) =>
    key.encrypted.some((arn) => resource === arn || resource.startsWith(`${arn}/`)),
  );

/** What the grants are worth nothing without: use of the keys that encrypt what they are about, and only through its service. */
export const keyGrants = (grants: readonly Grant[], keys: readonly EncryptingKey[]): Grant[] =>
  keys.flatMap((key) => {
    const uses = (actions: readonly string[]) => grants.some((grant) => touches(grant, key, actions));
    const actions = [
      ...(uses(DECRYPTED_BY) ? ['kms:Decrypt'] : []),
      ...(uses(ENCRYPTED_BY) ? ['kms:GenerateDataKey'] : []),
    ];
    if (actions.length === 0) return [];
    const through = { 'kms:ViaService': `${key.service}.${key.region}.amazonaws.com` };
    return [{ actions, resources: [key.keyArn], conditions: { StringEquals: through } }];
  });

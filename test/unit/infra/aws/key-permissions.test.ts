import { describe, expect, it } from '@jest/globals';
import {
  checkpointKey,
  packageKey,
  planKey,
  sectionKey,
  segmentKey,
  segmentReportKey,
  tallyKey,
} from '../../../../shared/domain/package-layout.ts';
import { SECTIONS, type Section } from '../../../../shared/domain/sections.ts';
import { FUNCTIONS, type FunctionName } from '../../../../shared/lambda/functions.ts';
import { exportTemplate } from '../../../support/export-template.ts';
import { GOLDEN } from './fixtures/golden-permissions.ts';
import { permissionsOf } from './fixtures/permissions.ts';

/** As IAM matches a resource: `*` is any text. */
const isPermitted = (name: FunctionName, action: string, key: string): boolean =>
  Object.entries(GOLDEN[name]).some(([resource, actions]) => {
    const pattern = resource.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
    return actions.split(' ').includes(action) && new RegExp(`^${pattern}$`, 's').test(`packages/${key}`);
  });

describe('permissions on keys of the bucket', () => {
  const names = Object.keys(FUNCTIONS) as FunctionName[];
  const RUN = { userId: 'auth0|a.b/ü*', exportId: '9cf2c934-0000-4000-8000-000000000000' };
  const COLLECTORS: Readonly<Record<Section, FunctionName>> = {
    accounts: 'collect-accounts',
    transactions: 'collect-transactions',
    categories: 'collect-categories',
    fileMaps: 'collect-file-maps',
    transactionFiles: 'collect-transaction-files',
    analytics: 'collect-analytics',
  };

  it('let every collector write its own section and tally, and no other section', () => {
    for (const section of SECTIONS) {
      for (const key of [sectionKey(RUN, section, 'a'), tallyKey(RUN, section, 'a')]) {
        const writers = SECTIONS.filter((other) => isPermitted(COLLECTORS[other], 's3:PutObject', key));
        expect(writers).toEqual([section]);
      }
    }
  });

  it.each<[FunctionName, string]>([
    ['plan-package', planKey(RUN, 'a')],
    ['package-segment', segmentKey(RUN, 3, 'a')],
    ['package-segment', segmentReportKey(RUN, 3, 'a')],
    ['join-package', segmentKey(RUN, 3, 'a')],
    ['join-package', packageKey(RUN, 'a', 'zip')],
    ['package-export', packageKey(RUN, 'a', 'zip')],
    ['package-export', packageKey(RUN, 'a', 'json')],
    ['verify-package', checkpointKey(RUN, 'a')],
  ])('let %s write %s', (name, key) => {
    expect(isPermitted(name, 's3:PutObject', key)).toBe(true);
    expect(isPermitted(name, 's3:AbortMultipartUpload', key)).toBe(true);
  });

  it('let nobody but its makers write a package', () => {
    const key = packageKey(RUN, 'a', 'zip');
    const writers = names.filter((name) => isPermitted(name, 's3:PutObject', key));
    expect(writers.sort()).toEqual(['join-package', 'package-export']);
  });
});

describe('permissions on customer managed keys', () => {
  const keyArn = (digit: string): string =>
    `arn:aws:kms:eu-central-1:111111111111:key/${digit.repeat(8)}-0000-4000-8000-0123456789ab`;
  const encrypted = exportTemplate({
    ...{ tableKeyArns: keyArn('a'), fileBucketKeyArn: keyArn('b'), packagesKeyArn: keyArn('c') },
  });
  const through = (service: string) => `[{"kms:ViaService":"${service}.eu-central-1.amazonaws.com"}]`;
  const TABLES = `${keyArn('a')} if ${through('dynamodb')}`;
  const FILES = `${keyArn('b')} if ${through('s3')}`;
  const PACKAGES = `${keyArn('c')} if ${through('s3')}`;
  const keysOf = (name: FunctionName): Record<string, string> =>
    Object.fromEntries(
      Object.entries(permissionsOf(name, encrypted)).filter(([key]) => key.includes(':kms:')),
    );

  it.each<[FunctionName, Record<string, string>]>([
    ['collect-accounts', { [TABLES]: 'kms:Decrypt', [PACKAGES]: 'kms:Decrypt kms:GenerateDataKey' }],
    ['preview-export', { [TABLES]: 'kms:Decrypt' }],
    ['package-export', { [FILES]: 'kms:Decrypt', [PACKAGES]: 'kms:Decrypt kms:GenerateDataKey' }],
    ['verify-package', { [PACKAGES]: 'kms:Decrypt kms:GenerateDataKey' }],
    ['download-export', { [PACKAGES]: 'kms:Decrypt' }],
    ['list-exports', {}],
    ['fail-export', {}],
    ['sweep-exports', {}],
  ])('let %s use those of what it reads and writes, through its service alone', (name, keys) => {
    expect(keysOf(name)).toEqual(keys);
  });
});

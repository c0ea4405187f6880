import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { createHash } from 'node:crypto';
import type { Manifest } from '../../../../shared/domain/manifest.ts';
import { SECTIONS } from '../../../../shared/domain/sections.ts';
import { verifyPackage } from '../../../../shared/verification/verify-package.ts';
import { anyHousehold } from '../../../support/generated-household.ts';
import {
  inPackageOrder,
  packagedHousehold,
  type Household,
  type StoredRecord,
} from '../../../support/packaged-household.ts';

interface Document {
  readonly manifest: Manifest;
  readonly data: Readonly<Record<string, readonly StoredRecord[]>>;
}

const digest = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');

const asJson = (household: Household, overrides = {}) =>
  packagedHousehold(household, { exportFormat: 'json', includeAnalytics: true, ...overrides });

describe('a household packed as one JSON document', () => {
  it('holds the manifest and every record of every section, item by item', async () => {
    await fc.assert(
      fc.asyncProperty(anyHousehold, fc.boolean(), async (household, includeAnalytics) => {
        const { bytes } = await asJson(household, { includeAnalytics });
        const { manifest, data } = JSON.parse(bytes.toString('utf8')) as Document;
        const sections = SECTIONS.filter((section) => includeAnalytics || section !== 'analytics');
        expect(Object.keys(data)).toEqual(sections);
        for (const section of sections) {
          expect(data[section]).toEqual(inPackageOrder(section, household.records[section]));
        }
        expect(manifest).toMatchObject({
          exportFormat: 'json',
          filesIncluded: false,
          completeness: 'complete',
        });
        expect(manifest.omissions).toEqual([]);
        const codes = manifest.warnings.map(({ code }) => code);
        expect(codes.filter((code) => /OBJECT|KEY|FILE_SIZE/.test(code))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  it('states the size and hash of each section’s text as it stands in the document', async () => {
    await fc.assert(
      fc.asyncProperty(anyHousehold, async (household) => {
        const { bytes, collected, summary } = await asJson(household);
        const { manifest } = JSON.parse(bytes.toString('utf8')) as Document;
        const lines = bytes.toString('utf8').split('\n');
        expect(lines[0]).toBe(`{"manifest":${JSON.stringify(manifest)},`);
        expect(lines[1]).toBe('"data":{');
        const texts = SECTIONS.map((section) => collected.get(section)?.toString('utf8') ?? '');
        const body = SECTIONS.map(
          (section, at) => `${at === 0 ? '' : ','}"${section}":${texts[at] ?? ''}`,
        ).join('');
        expect(lines.slice(2).join('\n')).toBe(`${body}}}\n`);
        expect(manifest.entries).toEqual(
          SECTIONS.map((section, at) => ({
            path: `/data/${section}`,
            bytes: Buffer.byteLength(texts[at] ?? ''),
            sha256: digest(texts[at] ?? ''),
            mediaType: 'application/json',
          })),
        );
        expect([summary.packageSize, summary.sha256]).toEqual([bytes.length, digest(bytes)]);
        expect(summary.s3Key).toMatch(/\.json$/);
      }),
      { numRuns: 60 },
    );
  });

  it('opens no statement file', async () => {
    const transactionFiles = [{ fileId: 'f', userId: 'user-1', s3Key: 'user-1/f/a.csv', fileSize: 9 }];
    const { bytes, summary } = await asJson({ records: { transactionFiles }, files: new Map() });
    const { data } = JSON.parse(bytes.toString('utf8')) as Document;
    expect(data['transactionFiles']).toEqual(transactionFiles);
    expect(summary.counts.transactionFiles).toEqual({ expected: 1, included: 1, omitted: 0 });
    expect(summary.warnings).toEqual([]);
  });
});

describe('a package in either format', () => {
  it('passes the verification that every export goes through', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyHousehold,
        fc.constantFrom('zip', 'json'),
        fc.constantFrom('complete', 'accounts_only', 'transactions_only'),
        async (household, exportFormat, exportType) => {
          const includeAnalytics = exportType === 'complete';
          const includeCsv = exportFormat === 'zip';
          const request = { exportFormat, exportType, includeAnalytics, includeCsv } as const;
          const { bytes, summary } = await packagedHousehold(household, request);
          const read = (start: number, length: number) =>
            Promise.resolve(bytes.subarray(start, start + length));
          const verified = await verifyPackage(
            { size: bytes.length, read },
            { format: exportFormat, sha256: summary.sha256 ?? undefined },
          );
          expect(verified.manifest.counts).toEqual(summary.counts);
        },
      ),
      { numRuns: 100 },
    );
  });
});

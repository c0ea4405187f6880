import { describe, expect, it } from '@jest/globals';
import { InterimCorrupted, ServiceUnavailable } from '../../../../shared/domain/errors.ts';
import { packagePrefix } from '../../../../shared/domain/package-layout.ts';
import { Readable } from 'node:stream';
import { A_USER, aFailedJob } from '../../../support/export-builders.ts';
import {
  collectedHousehold,
  packagedHousehold,
  type Household,
} from '../../../support/packaged-household.ts';
import { readZip } from '../../../support/read-zip.ts';

const household: Household = {
  records: {
    accounts: [{ accountId: 'a', userId: A_USER }],
    transactions: [{ transactionId: 't', userId: A_USER, date: 1, amount: '-1.10', fileId: 'f' }],
    transactionFiles: [{ fileId: 'f', userId: A_USER, fileName: 'a.csv', s3Key: `${A_USER}/f/a.csv` }],
  },
  files: new Map([[`${A_USER}/f/a.csv`, Buffer.from('date,amount\n')]]),
};

const FORMATS = [['zip'], ['json']] as const;

describe('packing', () => {
  it.each(FORMATS)('gives the same bytes again as %s', async (exportFormat) => {
    const packaging = await collectedHousehold(household, { exportFormat });
    const first = await packaging.pack();
    expect((await packaging.pack()).bytes.equals(first.bytes)).toBe(true);
  });

  it.each(
    (['accounts', 'transactions', 'categories', 'transactionFiles'] as const).flatMap((section) =>
      FORMATS.map(([format]) => [section, format] as const),
    ),
  )('refuses a section %s that was changed after it was collected, as %s', async (section, exportFormat) => {
    const packaging = await collectedHousehold(household, { exportFormat });
    const result = packaging.collected.find((candidate) => candidate.section === section);
    const key = result?.requested === true ? result.key : '';
    const changed = packaging.artifacts
      .text(key)
      .replace(/1|\]/, (character) => (character === '1' ? '2' : ' ]'));
    packaging.artifacts.objects.set(key, Buffer.from(changed));
    await expect(packaging.pack()).rejects.toThrow(InterimCorrupted);
    const prefix = packagePrefix(A_USER, '').slice(0, -1);
    expect(packaging.artifacts.keys().filter((stored) => stored.startsWith(prefix))).toEqual([]);
  });

  it('refuses transactions whose tally is gone or one of others', async () => {
    for (const count of [undefined, 2]) {
      const packaging = await collectedHousehold(household);
      const key = packaging.artifacts.keys().find((name) => name.endsWith('.tally.json')) ?? '';
      const tally = { ...(JSON.parse(packaging.artifacts.text(key)) as object), count };
      if (count === undefined) packaging.artifacts.objects.delete(key);
      else packaging.artifacts.objects.set(key, Buffer.from(JSON.stringify(tally)));
      await expect(packaging.pack()).rejects.toThrow(InterimCorrupted);
    }
  });

  it.each(FORMATS)('leaves nothing when the export was ended meanwhile, as %s', async (exportFormat) => {
    const packaging = await collectedHousehold(household, { exportFormat });
    const [job] = packaging.jobs.all();
    const write = packaging.artifacts.write.bind(packaging.artifacts);
    packaging.artifacts.write = async (key, content) => {
      const written = await write(key, content);
      packaging.jobs.put(aFailedJob({ exportId: job?.exportId ?? '' }));
      return written;
    };
    await expect(packaging.pack()).rejects.toMatchObject({ name: 'ExportClosed' });
    expect(packaging.artifacts.keys().filter((key) => key.startsWith('packages/'))).toEqual([]);
  });

  it('fails, and leaves no package, when a file breaks off in the middle', async () => {
    const packaging = await collectedHousehold(household);
    packaging.files.open = () => {
      const body = Readable.from(
        (async function* () {
          yield await Promise.resolve(Buffer.from('date,'));
          throw new ServiceUnavailable('The storage broke off.');
        })(),
      );
      return Promise.resolve({ found: true, body });
    };
    await expect(packaging.pack()).rejects.toThrow(ServiceUnavailable);
    expect(packaging.artifacts.keys().filter((key) => key.startsWith('packages/'))).toEqual([]);
  });

  it('keeps numbers that no double holds, in file records too', async () => {
    const exact = '18446744073709551615';
    const packaging = await collectedHousehold({ records: {}, files: new Map() });
    const section = packaging.collected.find((result) => result.section === 'transactionFiles');
    if (section?.requested !== true) throw new Error('The file records were not collected.');
    const text = `[\n{"fileId":"f","fileSize":${exact},"packageEntry":{"a":[1,"}"]},"tail":1.000000000000000000001}\n]\n`;
    const written = await packaging.artifacts.write(section.key, [Buffer.from(text)]);
    Object.assign(section, written, { count: 1 });
    const entries = await readZip((await packaging.pack()).bytes);
    expect(entries.get('data/transaction_files.json')?.toString()).toBe(
      `[\n{"fileId":"f","fileSize":${exact},"tail":1.000000000000000000001,` +
        `"packageEntry":{"path":null,"omission":"NO_KEY","transactionCount":0}}\n]\n`,
    );
  });

  it('packs nothing at all as a whole package', async () => {
    const { bytes, summary } = await packagedHousehold(
      { records: {}, files: new Map() },
      { includeCsv: true },
    );
    const entries = await readZip(bytes);
    expect(entries.get('data/transaction_files.json')?.toString()).toBe('[]\n');
    expect(entries.get('data/transactions.json')?.toString()).toBe('[]\n');
    expect(summary.completeness).toBe('complete');
  });
});

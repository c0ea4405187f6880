import { describe, expect, it } from '@jest/globals';
import type { ExportEvent } from '../../../../shared/api/events.ts';
import {
  exportCompleted,
  exportDeleted,
  exportDownloaded,
  exportExpired,
  exportFailed,
  exportInitiated,
} from '../../../../shared/domain/events.ts';
import { eventProblems } from '../../../support/event-contract.ts';
import { aCompletedJob, aFailedJob, anInitiatedJob, NOON } from '../../../support/export-builders.ts';

const exportId = '0b0f6f3a-9d0a-4c56-8f0e-2f1c8a3f5b11';
const job = anInitiatedJob({ exportId });
const completed = aCompletedJob({ exportId });
const failed = aFailedJob({ exportId, errorDetails: { code: 'AccessRefused' } });
const occasion = { timestamp: NOON, requestId: 'request-1' };

const EVENTS: readonly ExportEvent[] = [
  exportInitiated(job, occasion),
  exportInitiated({ ...job, retryOf: exportId }, occasion),
  exportCompleted(completed, 'bucket'),
  exportFailed(failed),
  exportExpired(completed, occasion),
  exportDeleted(job, occasion),
  exportDownloaded(job, occasion),
];

const { detail } = exportCompleted(completed, 'bucket');
const spoilt = (changes: object) => ({ ...detail, ...changes });
const spoiltData = (changes: object) => spoilt({ data: { ...detail.data, ...changes } });

describe('the schema of an event', () => {
  it.each(EVENTS.map((each) => [each.type, each.detail] as const))('takes %s as it is made', (type, made) => {
    expect(eventProblems(type, made)).toEqual([]);
  });

  it.each([
    ['a field that is not documented', spoilt({ link: 'https://packages.test' })],
    ['a field of its data that is not documented', spoiltData({ link: 'https://packages.test' })],
    ['a field that is missing', spoilt({ userId: undefined })],
    ['an event id that is none', spoilt({ eventId: '1' })],
    ['another version', spoilt({ eventVersion: '2.0' })],
    ['a time in seconds and their parts', spoilt({ timestamp: NOON + 0.5 })],
    ['another source', spoilt({ metadata: { source: 'other.service' } })],
    ['a size that is none', spoiltData({ packageSize: '12' })],
    [
      'an unknown section',
      spoiltData({ dataSummary: { secrets: { expected: 1, included: 1, omitted: 0 } } }),
    ],
    ['the data of another event', spoilt({ data: EVENTS[3]?.detail.data })],
    ['a hash that is none', spoiltData({ sha256: 'none' })],
  ])('refuses %s', (_, made) => {
    expect(eventProblems('export.completed', made)).not.toEqual([]);
  });

  it('is there for no other event', () => {
    expect(eventProblems('export.vanished', detail)).toEqual([
      'There is no schema of the event export.vanished.',
    ]);
  });
});

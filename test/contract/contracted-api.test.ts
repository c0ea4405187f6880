import { describe, expect, it } from '@jest/globals';
import { ContractedApi, type ContractAnswer } from '../support/contracted-api.ts';

const ID = 'c1a43813-cae8-5153-84b0-fdfa81249a48';
const HEADERS = {
  'apigw-requestid': 'request-1',
  'x-correlation-id': 'request-1',
  'cache-control': 'no-store',
  'content-type': 'application/json',
  location: `/export/${ID}/status`,
  'retry-after': '900',
};
const BODY = { exportId: ID, status: 'deleting' };

type Sent = Readonly<Record<string, string | undefined>>;

const answer = (status: number, body: object, changes: Sent = {}): ContractAnswer => {
  const sent: Sent = { ...HEADERS, ...changes };
  const headers = new Headers();
  for (const [name, value] of Object.entries(sent)) if (value !== undefined) headers.set(name, value);
  return { status, headers, text: JSON.stringify(body) };
};

describe('an answer of the API that is not as documented', () => {
  const api = new ContractedApi('http://127.0.0.1');

  it('is told from one that is', () => {
    expect(api.problems('delete-export', answer(202, BODY))).toEqual([]);
  });

  it.each([
    ['an unknown status', answer(418, BODY)],
    ['a status of another operation', answer(302, BODY)],
    ['an unknown field', answer(202, { ...BODY, more: 1 })],
    ['a missing field', answer(202, { exportId: ID })],
    ['a wrong value', answer(202, { ...BODY, status: 'gone' })],
    ['an id that is none', answer(202, { ...BODY, exportId: '1' })],
    ['an unknown header', answer(202, BODY, { 'x-powered-by': 'x' })],
    ['a missing header', answer(202, BODY, { 'retry-after': undefined })],
    ['a header that is not as it should be', answer(202, BODY, { 'retry-after': 'soon' })],
    ['another content type', answer(202, BODY, { 'content-type': 'text/html' })],
    [
      'a body where there should be none',
      answer(204, BODY, { location: undefined, 'retry-after': undefined }),
    ],
  ])('is found by %s', (_, spoilt) => {
    expect(api.problems('delete-export', spoilt)).not.toEqual([]);
  });

  it('is found by the code of another status', () => {
    const problem = (code: string) =>
      answer(
        404,
        {
          type: 'about:blank',
          title: 'Not Found',
          status: 404,
          detail: 'None.',
          code,
          requestId: 'request-1',
        },
        { 'content-type': 'application/problem+json', location: undefined, 'retry-after': undefined },
      );
    expect(api.problems('delete-export', problem('ExportNotFound'))).toEqual([]);
    expect(api.problems('delete-export', problem('ExportExpired'))).not.toEqual([]);
  });
});

import { exportRequestBody } from '../domain/export-request.ts';
import { documentation } from './documentation.ts';
import { describe } from './values.ts';

const { shape } = exportRequestBody;

const SELECTIVE = 'Only with `exportType` `selective`; all filters that are given must hold.';

describe(shape.exportType, 'What the export is to hold.');
describe(shape.exportFormat, "A ZIP, or one JSON document without the statement files' bytes.");
describe(shape.includeAnalytics, 'Only with `exportType` `complete` and `selective`.');
describe(shape.includeCsv, 'Accounts and transactions as tables too; only with `exportFormat` `zip`.');
describe(shape.description, "The user's own note, which list and status show.");
describe(shape.accountIds, `Of these accounts. ${SELECTIVE}`);
describe(shape.categoryIds, `Of these categories. ${SELECTIVE}`);
describe(shape.dateRangeStart, `Transactions from here on, in epoch ms, inclusive. ${SELECTIVE}`);
describe(shape.dateRangeEnd, `Transactions up to here, in epoch ms, inclusive. ${SELECTIVE}`);

/** The body of `POST /export`, with what its documents say of it. */
export const exportRequest = exportRequestBody.register(documentation, {
  description: 'What to export. Without a body it is everything, as a ZIP.',
  examples: [
    { includeAnalytics: true },
    {
      exportType: 'selective',
      accountIds: ['1d0c7c1e-6f0a-4b52-9d0f-3f1c0b6f7a10'],
      dateRangeStart: 1_767_225_600_000,
      includeCsv: true,
      description: 'For the tax office',
    },
  ],
});

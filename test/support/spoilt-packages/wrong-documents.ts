import { builtJson } from '../built-package.ts';
import { added, counting, edited, firstTotal, renamed, stating, swapped, without } from './spoiling-steps.ts';
import { corrupted, countsWrong, totalsWrong, type Verdict } from './verdicts.ts';

export interface WrongDocument {
  readonly kind: string;
  readonly build: () => Buffer;
  readonly verdict: Verdict;
}

const ACCOUNTS = '/data/accounts';
const TRANSACTIONS = '/data/transactions';

const wrong = (kind: string, verdict: Verdict, build: () => Buffer): WrongDocument => ({
  kind,
  build,
  verdict,
});
const noDocument = corrupted('NOT_A_DOCUMENT');

/** JSON packages that were damaged or made wrong. */
export const WRONG_DOCUMENTS: readonly WrongDocument[] = [
  wrong('nothing at all', noDocument, () => Buffer.alloc(0)),
  wrong('a missing last byte', noDocument, () => builtJson().subarray(0, -1)),
  wrong('a cut in a section', noDocument, () => builtJson().subarray(0, -200)),
  wrong('a cut in the manifest', noDocument, () => builtJson().subarray(0, 200)),
  wrong('bytes behind the end', noDocument, () => Buffer.concat([builtJson(), Buffer.from('\n')])),
  wrong('bytes before the beginning', noDocument, () => Buffer.concat([Buffer.from(' '), builtJson()])),
  wrong('a dropped section', noDocument, () => builtJson({ packed: without('/data/categories') })),
  wrong('an extra section', noDocument, () =>
    builtJson({ packed: (sections) => [...sections, { path: '/data/more', text: '[]\n' }] }),
  ),
  wrong('a section twice', noDocument, () => builtJson({ packed: added(ACCOUNTS, '[]\n') })),
  wrong('a renamed section', noDocument, () => builtJson({ packed: renamed(ACCOUNTS, '/data/account') })),
  wrong('two sections with swapped contents', corrupted('ENTRY_HASH'), () =>
    builtJson({ packed: swapped(ACCOUNTS, '/data/fileMaps') }),
  ),
  wrong('an amount changed', corrupted('ENTRY_HASH'), () =>
    builtJson({ packed: edited(TRANSACTIONS, '-12.5', '-12.6') }),
  ),
  wrong('an amount changed and its hash with it', totalsWrong('CONTROL_TOTAL'), () =>
    builtJson({ contents: edited(TRANSACTIONS, '-12.5', '-12.6') }),
  ),
  wrong('a record removed and the hash changed with it', countsWrong('SECTION_COUNT'), () =>
    builtJson({ contents: edited(ACCOUNTS, /\{"accountId":"account-1.*\n/, '') }),
  ),
  wrong('a section that is no JSON', corrupted('SECTION_TEXT'), () =>
    builtJson({ contents: edited(ACCOUNTS, '"accountName"', 'accountName') }),
  ),
  wrong('bytes that are no UTF-8', corrupted('SECTION_TEXT'), () =>
    Buffer.from(builtJson().toString('latin1').replace('Current', 'Curr\u00ffnt'), 'latin1'),
  ),
  wrong("another user's record", corrupted('RECORD_OWNER'), () =>
    builtJson({ contents: edited(ACCOUNTS, 'user-1', 'user-2') }),
  ),
  wrong('a wrong count', countsWrong('SECTION_COUNT'), () =>
    builtJson({ manifest: counting('accounts', 3, 3, 0) }),
  ),
  wrong('a wrong total', totalsWrong('CONTROL_TOTAL'), () =>
    builtJson({ manifest: firstTotal({ debits: '0' }) }),
  ),
  wrong('a wrong month', totalsWrong('MONTH_TOTAL'), () =>
    builtJson({ manifest: stating({ transactionsByMonth: {} }) }),
  ),
  wrong('a size in the manifest changed', corrupted('ENTRY_HASH'), () =>
    builtJson({
      manifest: (manifest) => ({
        ...manifest,
        entries: manifest.entries.map((entry) => ({ ...entry, bytes: 1 })),
      }),
    }),
  ),
  wrong('an entry listed twice', corrupted('ENTRY_TWICE'), () =>
    builtJson({
      manifest: (manifest) => ({ ...manifest, entries: [...manifest.entries, ...manifest.entries] }),
    }),
  ),
  wrong('omitted files', corrupted('MANIFEST_CONTRADICTION'), () =>
    builtJson({ manifest: stating({ completeness: 'partial' }) }),
  ),
  wrong('the manifest of a ZIP', corrupted('MANIFEST_CONTRADICTION'), () =>
    builtJson({ manifest: stating({ exportFormat: 'zip' }) }),
  ),
];

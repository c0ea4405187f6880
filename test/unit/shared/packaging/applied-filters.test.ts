import { describe, expect, it } from '@jest/globals';
import { openedPackage } from '../../../support/opened-package.ts';

describe('the filters of a selective package', () => {
  const records = {
    accounts: [{ accountId: 'a1' }, { accountId: 'a2' }],
    categories: [
      { categoryId: 'c1', name: 'Food' },
      { categoryId: 'c2', name: 'Bakery', parentCategoryId: 'c1' },
    ],
  };

  it('are named with those ids that are none of the user’s and the parents that stayed outside', async () => {
    const { manifest } = await openedPackage(
      { records, files: new Map() },
      { exportType: 'selective', accountIds: ['a2', 'a9'], categoryIds: ['c2', 'c8', 'c9'], dateRangeEnd: 5 },
    );
    expect(manifest.filters).toEqual({
      accountIds: ['a2', 'a9'],
      categoryIds: ['c2', 'c8', 'c9'],
      dateRangeEnd: 5,
      notFound: { accountIds: ['a9'], categoryIds: ['c8', 'c9'] },
      referencedCategories: ['c1'],
    });
    expect(manifest.parameters).toMatchObject({ accountIds: ['a2', 'a9'], dateRangeEnd: 5 });
  });

  it('are none where everything was asked for', async () => {
    const { manifest } = await openedPackage({ records, files: new Map() });
    expect(manifest.filters).toEqual({});
  });
});

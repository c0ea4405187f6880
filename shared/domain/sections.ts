/** The parts of a household that an export collects, in the order in which a package lists them. */
export const SECTIONS = [
  'accounts',
  'transactions',
  'categories',
  'fileMaps',
  'transactionFiles',
  'analytics',
] as const;

export type Section = (typeof SECTIONS)[number];

/**
 * The order of an object's keys in the package: those named here first, the rest alphabetically, so that the same
 * data gives the same bytes. `nested` holds the order inside an attribute's maps, also where it is a list of maps.
 * Source: data contract, "How a value is written to JSON".
 */
export interface KeyOrder {
  readonly keys: readonly string[];
  readonly nested?: Readonly<Record<string, KeyOrder>>;
}

export const RECORD_KEY_ORDER: Readonly<Record<Section, KeyOrder>> = {
  accounts: {
    keys: [
      'accountId',
      'userId',
      'accountName',
      'accountType',
      'institution',
      'balance',
      'currency',
      'notes',
      'isActive',
      'defaultFileMapId',
      'lastTransactionDate',
      'createdAt',
      'updatedAt',
    ],
  },
  transactions: {
    keys: [
      'transactionId',
      'userId',
      'accountId',
      'fileId',
      'date',
      'description',
      'amount',
      'currency',
      'balance',
      'importOrder',
      'transactionType',
      'memo',
      'checkNumber',
      'fitId',
      'status',
      'statusDate',
      'transactionHash',
      'categories',
      'primaryCategoryId',
      'createdAt',
      'updatedAt',
    ],
    nested: {
      categories: {
        keys: ['categoryId', 'confidence', 'status', 'isManual', 'assignedAt', 'confirmedAt', 'ruleId'],
      },
    },
  },
  categories: {
    keys: [
      'categoryId',
      'userId',
      'name',
      'type',
      'parentCategoryId',
      'icon',
      'color',
      'rules',
      'inheritParentRules',
      'ruleInheritanceMode',
      'createdAt',
      'updatedAt',
    ],
    nested: {
      rules: {
        keys: [
          'ruleId',
          'fieldToMatch',
          'condition',
          'value',
          'caseSensitive',
          'priority',
          'enabled',
          'confidence',
          'amountMin',
          'amountMax',
          'allowMultipleMatches',
          'autoSuggest',
        ],
      },
    },
  },
  fileMaps: {
    keys: [
      'fileMapId',
      'userId',
      'name',
      'accountId',
      'description',
      'mappings',
      'reverseAmounts',
      'createdAt',
      'updatedAt',
    ],
    nested: { mappings: { keys: ['sourceField', 'targetField', 'transformation'] } },
  },
  transactionFiles: {
    keys: [
      'fileId',
      'userId',
      'fileName',
      'uploadDate',
      'fileSize',
      's3Key',
      'processingStatus',
      'processedDate',
      'fileFormat',
      'accountId',
      'fileMapId',
      'recordCount',
      'dateRange',
      'errorMessage',
      'openingBalance',
      'closingBalance',
      'currency',
      'duplicateCount',
      'transactionCount',
      'createdAt',
      'updatedAt',
    ],
    nested: { dateRange: { keys: ['startDate', 'endDate'] } },
  },
  analytics: {
    keys: [
      'pk',
      'sk',
      'userId',
      'analyticType',
      'timePeriod',
      'accountId',
      'data',
      'computedDate',
      'dataThroughDate',
      'ttl',
    ],
  },
};

/** Attributes whose numbers are money and are written as exact decimal strings, at any depth (data contract). */
export const MONEY_ATTRIBUTES: ReadonlySet<string> = new Set([
  'amount',
  'balance',
  'openingBalance',
  'closingBalance',
  'amountMin',
  'amountMax',
]);

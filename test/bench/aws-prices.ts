/** Where and when AWS asked these prices, as far as could be read offline. They change: look them up before you rely on them. */
export const PRICES_OF = { region: 'us-east-1', month: 'July 2025' } as const;

const MILLION = 1_000_000;
const GIGABYTE = 1_000_000_000;
const MONTH_HOURS = 730;

/** List prices in dollars for one of each, first tier, without what is free. */
export const LIST_PRICES = {
  /** Step Functions, Standard workflows. */
  stateTransition: 0.025 / 1000,
  /** Lambda on arm64. */
  gigabyteSecond: 0.0000133334,
  invocation: 0.2 / MILLION,
  /** DynamoDB on demand. */
  readUnit: 0.125 / MILLION,
  writeUnit: 0.625 / MILLION,
  /** S3 Standard: PUT, COPY, POST and LIST. */
  writeRequest: 0.005 / 1000,
  /** S3 Standard: GET and HEAD. */
  readRequest: 0.0004 / 1000,
  /** S3 Standard: a byte kept for an hour. */
  byteHour: 0.023 / GIGABYTE / MONTH_HOURS,
  /** From S3 to the internet. */
  byteOut: 0.09 / GIGABYTE,
  /** API Gateway, HTTP API. */
  apiRequest: 1 / MILLION,
  /** EventBridge, events of one's own. */
  event: 1 / MILLION,
  /** CloudWatch Logs, taken in. */
  loggedByte: 0.5 / GIGABYTE,
} as const;

/** What is measured of exports, each in its unit as CloudWatch calls it. Dashboard, alarms and functions share these names. */
export const MEASURES = {
  ExportsStarted: 'Count',
  ExportsCompleted: 'Count',
  /** Of the completed ones, those that lack a statement file. */
  ExportsPartial: 'Count',
  ExportsFailed: 'Count',
  /** From the request to the completed package. */
  ExportDuration: 'Milliseconds',
  /** From the request to the failure. */
  FailedExportDuration: 'Milliseconds',
  /** From the request to the first step of the workflow. */
  TimeToStart: 'Milliseconds',
  PackageSize: 'Bytes',
  RecordsExported: 'Count',
  MissingFiles: 'Count',
  /** Exports that the sweeper had to start, or to fail, because nothing else would have. */
  StuckExports: 'Count',
  /** Events that could not be published, or that the sweeper found in an outbox: each as often as that happens to it. */
  EventsNotPublished: 'Count',
  /** Links that were issued; whether they were used only the bucket knows. */
  Downloads: 'Count',
} as const;

export type Measure = keyof typeof MEASURES;

/** What was measured on one occasion. */
export type Measurements = Readonly<Partial<Record<Measure, number>>>;

/** Where CloudWatch keeps them, and the dimensions that all of them have. */
export const METRICS_NAMESPACE = 'HouseholdDataExport';
export const METRICS_SERVICE = 'household-data-export';

import { Metrics as Powertools } from '@aws-lambda-powertools/metrics';
import { MEASURES, METRICS_NAMESPACE, METRICS_SERVICE, type Measure } from '../domain/measures.ts';
import type { Metrics } from '../ports.ts';

interface MetricsEnvironment {
  /** Which deployment it is: an account may have several. */
  readonly METRICS_ENVIRONMENT: string;
}

const isMeasure = (name: string): name is Measure => Object.hasOwn(MEASURES, name);

/**
 * Metrics as lines of the log, from which CloudWatch takes them (embedded metric format). Each occasion is a line of its own
 * and written at once, because a function that is killed writes no more.
 */
export const createMetrics = ({ METRICS_ENVIRONMENT }: MetricsEnvironment): Metrics => {
  const powertools = new Powertools({
    namespace: METRICS_NAMESPACE,
    serviceName: METRICS_SERVICE,
    defaultDimensions: { environment: METRICS_ENVIRONMENT },
  });
  return {
    record: (measurements, failure) => {
      if (failure !== undefined) {
        // The empty set stands for the sum of all failures.
        powertools.addDimensions({});
        powertools.addDimensions({ category: failure.category });
        powertools.addDimensions({ code: failure.code });
      }
      for (const [name, value] of Object.entries(measurements)) {
        if (isMeasure(name)) powertools.addMetric(name, MEASURES[name], value);
      }
      powertools.publishStoredMetrics();
    },
  };
};

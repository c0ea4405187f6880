import { QueryDefinition, QueryString, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

interface SavedQueriesProps {
  readonly prefix: string;
  readonly functionLogs: readonly ILogGroup[];
  readonly workflowLog: ILogGroup;
  readonly accessLog: ILogGroup;
}

/** Lines of a function name it as `service` (Powertools), those of Step Functions name the execution, which is named after its export. */
const FOLLOW_EXPORT = new QueryString({
  fields: [
    ...['@timestamp', 'service', 'attemptId', 'type', 'details.name'],
    ...['level', 'message', 'errorName', 'durationMs', 'correlationId'],
  ],
  filterStatements: ["exportId = 'EXPORT_ID' or execution_arn like /:EXPORT_ID$/"],
  sort: '@timestamp asc',
  limit: 1000,
});

const ERRORS_BY_REASON = new QueryString({
  filterStatements: ["level = 'ERROR'"],
  statsStatements: [
    'count(*) as times, count_distinct(exportId) as exports, latest(@timestamp) as last by errorName, causeName, service',
  ],
  sort: 'times desc',
});

const SLOWEST_STEPS = new QueryString({
  filterStatements: ["message = 'Step completed.' or message = 'Step failed.'"],
  statsStatements: [
    'count(*) as calls, pct(durationMs, 50) as median, pct(durationMs, 95) as p95, max(durationMs) as longest by service',
  ],
  sort: 'longest desc',
});

const SERVER_ERRORS_BY_ROUTE = new QueryString({
  filterStatements: ['status like /^5/'],
  statsStatements: ['count(*) as times, latest(@timestamp) as last by route, status, integrationError'],
  sort: 'times desc',
});

const COLD_STARTS = new QueryString({
  filterStatements: ["@type = 'REPORT' and ispresent(@initDuration)"],
  statsStatements: [
    'count(*) as coldStarts, pct(@initDuration, 50) as median, max(@initDuration) as longest by @log',
  ],
  sort: 'coldStarts desc',
});

/** What operators ask the logs again and again, ready in the console of Logs Insights. */
export class SavedQueries extends Construct {
  constructor(scope: Construct, id: string, props: SavedQueriesProps) {
    super(scope, id);
    const { prefix, functionLogs, workflowLog, accessLog } = props;
    const save = (name: string, queryString: QueryString, logGroups: readonly ILogGroup[]) =>
      new QueryDefinition(this, name, {
        queryDefinitionName: `${prefix}-export/${name}`,
        queryString,
        logGroups: [...logGroups],
      });
    save('follow-export', FOLLOW_EXPORT, [...functionLogs, workflowLog]);
    save('errors-by-reason', ERRORS_BY_REASON, functionLogs);
    save('slowest-steps', SLOWEST_STEPS, functionLogs);
    save('server-errors-by-route', SERVER_ERRORS_BY_ROUTE, [accessLog]);
    save('cold-starts', COLD_STARTS, functionLogs);
  }
}

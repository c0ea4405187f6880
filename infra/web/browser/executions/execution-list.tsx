import type { ExecutionReport, ExecutionsReply } from './replies.ts';
import { EXECUTION_STATUSES } from './replies.ts';
import { ExecutionStatus } from './status-sign.tsx';
import { durationText, executionWord, instantText } from './texts.ts';
import { useReply } from './use-reply.ts';

const HOME = '/_local/executions';

const isReply = (answer: unknown): answer is ExecutionsReply =>
  typeof answer === 'object' && answer !== null && 'executions' in answer;

const hrefOf = (status: string | null, nextToken: string | null): string => {
  const query = new URLSearchParams({
    ...(status === null ? {} : { status }),
    ...(nextToken === null ? {} : { nextToken }),
  });
  return query.size === 0 ? HOME : `${HOME}?${query.toString()}`;
};

const Filter = ({ status }: { readonly status: string | null }) => (
  <nav aria-label="Status" class="filter">
    {[null, ...EXECUTION_STATUSES].map((one) => (
      <a key={one} href={hrefOf(one, null)} aria-current={one === status ? 'page' : undefined}>
        {one === null ? 'All' : executionWord(one)}
      </a>
    ))}
  </nav>
);

const Row = ({ execution, now }: { readonly execution: ExecutionReport; readonly now: number }) => {
  const { exportId, status, startedAt, endedAt, job } = execution;
  return (
    <tr>
      <td>
        <ExecutionStatus status={status} />
      </td>
      <th scope="row">
        <a class="id" href={`${HOME}/${encodeURIComponent(exportId)}`}>
          {exportId}
        </a>
      </th>
      <td>{job.exportType?.replaceAll('_', ' ')}</td>
      <td>
        {job.status}
        {status === 'RUNNING' && job.progress !== '' ? `, ${job.progress} %` : ''}
      </td>
      <td class="figures">{instantText(startedAt)}</td>
      <td class="figures number">{durationText((endedAt ?? now) - startedAt)}</td>
    </tr>
  );
};

const Table = ({ executions, now }: ExecutionsReply) => (
  <div class="wide" role="region" aria-label="Executions" tabIndex={0}>
    <table>
      <thead>
        <tr>
          <th scope="col">Execution</th>
          <th scope="col">Export</th>
          <th scope="col">Type</th>
          <th scope="col">Job</th>
          <th scope="col">Started</th>
          <th scope="col" class="number">
            Duration
          </th>
        </tr>
      </thead>
      <tbody>
        {executions.map((execution) => (
          <Row key={execution.exportId} execution={execution} now={now} />
        ))}
      </tbody>
    </table>
  </div>
);

const emptyText = (status: string | null): string =>
  status === null
    ? 'No export has been started yet. When one is, it shows here by itself.'
    : `No execution is ${executionWord(status).toLowerCase()}.`;

/** The executions, the newest first, a page at a time. */
export const ExecutionList = () => {
  const query = new URLSearchParams(location.search);
  const [status, token] = [query.get('status'), query.get('nextToken')];
  // New ones come on the first page only; on others nothing changes that one would wait for.
  const { reply, failure } = useReply(
    `${HOME}/api/executions${location.search}`,
    isReply,
    () => token === null,
  );
  return (
    <main>
      <header>
        <h1>Executions</h1>
        <p class="quiet">Each export runs as one execution of the workflow, the newest first.</p>
      </header>
      <Filter status={status} />
      {failure !== undefined && (
        <p role="alert" class="notice">
          {failure}
        </p>
      )}
      {reply === undefined && failure === undefined && <p class="quiet">Reading executions …</p>}
      {reply?.executions.length === 0 && <p class="card">{emptyText(status)}</p>}
      {reply !== undefined && reply.executions.length > 0 && <Table {...reply} />}
      {reply !== undefined && (
        <nav aria-label="Pages" class="pages">
          {token !== null && <a href={hrefOf(status, null)}>Newest</a>}
          {reply.nextToken !== null && <a href={hrefOf(status, reply.nextToken)}>Older</a>}
        </nav>
      )}
    </main>
  );
};

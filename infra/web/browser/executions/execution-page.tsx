import { useState } from 'preact/hooks';
import { EventTable, StateTable } from './execution-tables.tsx';
import { statesOf, type ExecutionReply, type StateStatus } from './replies.ts';
import { StateDetails } from './state-details.tsx';
import { ExecutionStatus, StatusSign } from './status-sign.tsx';
import { durationText, executionWord, instantText, standing, STATE_WORDS, stateToLookAt } from './texts.ts';
import { useReply } from './use-reply.ts';
import { WorkflowGraph } from './workflow-graph.tsx';

/** As many as the server sends at once. */
const EVENTS_PAGE = 100;

const LEGEND: readonly StateStatus[] = [
  'waiting',
  'running',
  'retrying',
  'succeeded',
  'retried',
  'caught',
  'failed',
  'aborted',
  'skipped',
];

const isReply = (answer: unknown): answer is ExecutionReply =>
  typeof answer === 'object' && answer !== null && 'workflow' in answer;

const isRunning = ({ execution }: ExecutionReply): boolean => execution.status === 'RUNNING';

const Summary = ({ execution, now }: ExecutionReply) => {
  const { job, startedAt, endedAt, status } = execution;
  const facts = [
    ['Started', instantText(startedAt)],
    ['Duration', durationText((endedAt ?? now) - startedAt) + (status === 'RUNNING' ? ' so far' : '')],
    ['Job', job.status + (status === 'RUNNING' && job.progress !== '' ? `, ${job.progress} %` : '')],
    ['Type', job.exportType?.replaceAll('_', ' ') ?? 'unknown'],
  ] as const;
  return (
    <dl class="summary">
      {facts.map(([term, text]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd class="figures">{text}</dd>
        </div>
      ))}
    </dl>
  );
};

const Legend = () => (
  <ul class="legend" aria-label="What the signs mean">
    {LEGEND.map((status) => (
      <li key={status} class={`word ${status}`}>
        <StatusSign status={status} />
        {STATE_WORDS[status]}
      </li>
    ))}
  </ul>
);

const Shown = ({
  reply,
  onEvents,
}: {
  readonly reply: ExecutionReply;
  readonly onEvents: (first: number) => void;
}) => {
  const [chosen, choose] = useState<string>();
  const { execution, states, workflow, now, events } = reply;
  const selected = chosen ?? stateToLookAt(reply);
  const state = states.find(({ name }) => name === selected);
  const definition = statesOf(workflow).find(({ name }) => name === selected);
  const { startedAt } = execution;
  return (
    <>
      <p class="standing-sentence">{standing(reply)}</p>
      <Summary {...reply} />
      <div class="picture">
        <section class="card" aria-labelledby="workflow">
          <h2 id="workflow">Workflow</h2>
          <Legend />
          <WorkflowGraph reply={reply} selected={selected} onSelect={choose} />
        </section>
        {state !== undefined && definition !== undefined && (
          <StateDetails {...{ state, definition, startedAt, now }} />
        )}
      </div>
      <StateTable reply={reply} selected={selected} onSelect={choose} />
      <EventTable events={events} startedAt={startedAt} pageSize={EVENTS_PAGE} onPage={onEvents} />
    </>
  );
};

/** One execution: its workflow with how each state stands, and all that its history tells. */
export const ExecutionPage = ({ exportId }: { readonly exportId: string }) => {
  const [firstEvent, setFirstEvent] = useState(1);
  const path = `/_local/executions/api/executions/${encodeURIComponent(exportId)}?firstEvent=${firstEvent}`;
  const { reply, failure } = useReply(path, isReply, isRunning);
  return (
    <main>
      <header>
        <nav aria-label="Way back">
          <a href="/_local/executions">All executions</a>
        </nav>
        <h1>
          Export <span class="id">{exportId}</span>
        </h1>
        {reply !== undefined && <ExecutionStatus status={reply.execution.status} />}
        <p role="status" class="visually-hidden">
          {reply === undefined
            ? ''
            : `The execution: ${executionWord(reply.execution.status).toLowerCase()}.`}
        </p>
      </header>
      {failure !== undefined && (
        <p role="alert" class="notice">
          {failure}
        </p>
      )}
      {reply === undefined && failure === undefined && <p class="quiet">Reading the execution …</p>}
      {reply !== undefined && <Shown reply={reply} onEvents={setFirstEvent} />}
    </main>
  );
};

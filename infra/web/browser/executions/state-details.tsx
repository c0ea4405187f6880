import type { ComponentChildren } from 'preact';
import type { StateReport, Transition, WorkflowState } from './replies.ts';
import { StatusSign } from './status-sign.tsx';
import {
  bytesText,
  countText,
  durationText,
  instantText,
  plural,
  STATE_WORDS,
  stateDuration,
} from './texts.ts';

const Fact = ({ term, children }: { readonly term: string; readonly children: ComponentChildren }) => (
  <div>
    <dt>{term}</dt>
    <dd class="figures">{children}</dd>
  </div>
);

const transitionText = ({ to, kind, when }: Transition): string => {
  switch (kind) {
    case 'next':
      return `then ${to}`;
    case 'choice':
      return `if ${when}, then ${to}`;
    case 'default':
      return `otherwise ${to}`;
    case 'catch':
      return `on ${when}: ${to}`;
  }
};

const iterationsText = ({
  items,
  succeeded,
  failed,
  aborted,
  running,
}: NonNullable<StateReport['iterations']>) =>
  [
    `${countText(succeeded)} of ${countText(items)} succeeded`,
    ...(running > 0 ? [`${countText(running)} running or waiting`] : []),
    ...(failed > 0 ? [`${countText(failed)} failed`] : []),
    ...(aborted > 0 ? [`${countText(aborted)} aborted`] : []),
  ].join(', ');

const Errors = ({ state, startedAt }: { readonly state: StateReport; readonly startedAt: number }) => {
  const { errors, errorCount } = state;
  if (errors.length === 0) return null;
  return (
    <section aria-label="Errors">
      <h3>{errorCount === 1 ? 'Error' : `Errors (${countText(errorCount)})`}</h3>
      {errorCount > errors.length && <p class="quiet">The last {errors.length} of them.</p>}
      <ol class="errors">
        {errors.map(({ at, error, message }, index) => (
          <li key={index}>
            <span class="quiet figures">+{durationText(at - startedAt)}</span> <strong>{error}</strong>
            {message !== '' && <p>{message}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
};

const Visits = ({ state, startedAt, now }: Pick<DetailsProps, 'state' | 'startedAt' | 'now'>) => {
  const { visits, visitCount } = state;
  if (visitCount < 2) return null;
  const isIterated = visits.some(({ iteration }) => iteration !== null);
  return (
    <section aria-label="Passages">
      <h3>{isIterated ? `Iterations (${countText(visitCount)})` : `Passages (${countText(visitCount)})`}</h3>
      {visitCount > visits.length && <p class="quiet">{visits.length} of them, those with errors first.</p>}
      <div class="wide short" role="region" aria-label="Passages through the state" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                {isIterated ? 'Item' : 'No.'}
              </th>
              <th scope="col">Status</th>
              <th scope="col" class="number">
                Entered
              </th>
              <th scope="col" class="number">
                Duration
              </th>
              <th scope="col" class="number">
                In
              </th>
              <th scope="col" class="number">
                Out
              </th>
            </tr>
          </thead>
          <tbody>
            {visits.map((visit, index) => (
              <tr key={index}>
                <td class="number">{visit.iteration ?? index + 1}</td>
                <td>
                  <span class={`word ${visit.status}`}>
                    <StatusSign status={visit.status} />
                    {STATE_WORDS[visit.status]}
                  </span>
                </td>
                <td class="number">+{durationText(visit.enteredAt - startedAt)}</td>
                <td class="number">{stateDuration(visit, now)}</td>
                <td class="number">{bytesText(visit.inputBytes)}</td>
                <td class="number">{bytesText(visit.outputBytes)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
};

export interface DetailsProps {
  readonly state: StateReport;
  readonly definition: WorkflowState;
  readonly startedAt: number;
  readonly now: number;
}

/** All that is known of one state. */
export const StateDetails = ({ state, definition, startedAt, now }: DetailsProps) => {
  const { name, status, enteredAt, calls, retries, iterations, visitCount } = state;
  const total = visitCount > 1 ? ', all together' : '';
  return (
    <aside class="card details" aria-label="Selected state" id="state-details">
      <h2>{name}</h2>
      <p class={`word ${status}`}>
        <StatusSign status={status} />
        {STATE_WORDS[status]}
      </p>
      <Errors state={state} startedAt={startedAt} />
      <dl class="facts">
        <Fact term="Type">
          {definition.type}
          {definition.functionName !== '' && `, function ${definition.functionName}`}
        </Fact>
        {enteredAt !== null && (
          <>
            <Fact term="Entered">
              +{durationText(enteredAt - startedAt)}, {instantText(enteredAt)}
            </Fact>
            <Fact term="Duration">
              {stateDuration(state, now)}
              {state.endedAt === null ? ' so far' : ''}
            </Fact>
          </>
        )}
        {calls > 0 && (
          <Fact term="Calls">
            {countText(calls)}
            {retries > 0 && `, of which ${plural(retries, 'retry', 'retries')}`}
          </Fact>
        )}
        {iterations !== null && <Fact term="Iterations">{iterationsText(iterations)}</Fact>}
        {state.inputBytes !== null && <Fact term="Input">{bytesText(state.inputBytes) + total}</Fact>}
        {state.outputBytes !== null && <Fact term="Output">{bytesText(state.outputBytes) + total}</Fact>}
        {definition.transitions.length > 0 && (
          <Fact term="Leads to">
            <ul>
              {definition.transitions.map((transition, index) => (
                <li key={index}>{transitionText(transition)}</li>
              ))}
            </ul>
          </Fact>
        )}
      </dl>
      {definition.comment !== '' && <p class="quiet">{definition.comment}</p>}
      <Visits state={state} startedAt={startedAt} now={now} />
    </aside>
  );
};

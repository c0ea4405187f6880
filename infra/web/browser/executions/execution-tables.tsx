import type { EventsPage, ExecutionReply } from './replies.ts';
import { StatusSign } from './status-sign.tsx';
import { bytesText, countText, durationText, STATE_WORDS, stateDuration } from './texts.ts';

interface StateTableProps {
  readonly reply: ExecutionReply;
  readonly selected: string;
  readonly onSelect: (name: string) => void;
}

/** Every state of the workflow, in the order of its definition. */
export const StateTable = ({ reply, selected, onSelect }: StateTableProps) => {
  const { states, execution, now } = reply;
  return (
    <section aria-labelledby="states">
      <h2 id="states">States</h2>
      <div class="wide" role="region" aria-labelledby="states" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Status</th>
              {['Entered', 'Duration', 'Passages', 'Calls', 'Retries', 'Input', 'Output'].map((title) => (
                <th key={title} scope="col" class="number">
                  {title}
                </th>
              ))}
              <th scope="col">Last error</th>
            </tr>
          </thead>
          <tbody>
            {states.map((state) => (
              <tr key={state.name} class={`${state.status}${state.name === selected ? ' selected' : ''}`}>
                <th scope="row">
                  <button
                    type="button"
                    class="link"
                    aria-pressed={state.name === selected}
                    onClick={() => onSelect(state.name)}
                  >
                    {state.name}
                  </button>
                </th>
                <td>
                  <span class={`word ${state.status}`}>
                    <StatusSign status={state.status} />
                    {STATE_WORDS[state.status]}
                  </span>
                </td>
                <td class="number">
                  {state.enteredAt !== null && `+${durationText(state.enteredAt - execution.startedAt)}`}
                </td>
                <td class="number">{stateDuration(state, now)}</td>
                <td class="number">{state.visitCount > 0 && countText(state.visitCount)}</td>
                <td class="number">{state.calls > 0 && countText(state.calls)}</td>
                <td class="number">{state.retries > 0 && countText(state.retries)}</td>
                <td class="number">{bytesText(state.inputBytes)}</td>
                <td class="number">{bytesText(state.outputBytes)}</td>
                <td>{state.errors.at(-1)?.error}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
};

interface EventTableProps {
  readonly events: EventsPage;
  readonly startedAt: number;
  readonly pageSize: number;
  readonly onPage: (first: number) => void;
}

/** What GetExecutionHistory tells, the oldest first, a page at a time. */
export const EventTable = ({ events, startedAt, pageSize, onPage }: EventTableProps) => {
  const { total, first, items } = events;
  const last = first + items.length - 1;
  return (
    <section aria-labelledby="events">
      <h2 id="events">Events</h2>
      <div class="pages">
        <p class="quiet figures">
          {countText(first)} to {countText(last)} of {countText(total)}
        </p>
        {total > pageSize && (
          <>
            <button
              type="button"
              disabled={first === 1}
              onClick={() => onPage(Math.max(1, first - pageSize))}
            >
              Earlier events
            </button>
            <button type="button" disabled={last >= total} onClick={() => onPage(first + pageSize)}>
              Later events
            </button>
          </>
        )}
      </div>
      <div class="wide" role="region" aria-labelledby="events" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col" class="number">
                Id
              </th>
              <th scope="col">Event</th>
              <th scope="col">State</th>
              <th scope="col" class="number">
                Elapsed
              </th>
              <th scope="col" class="number">
                Data
              </th>
              <th scope="col">Error</th>
            </tr>
          </thead>
          <tbody>
            {items.map(({ id, type, state, at, bytes, error }) => (
              <tr key={id}>
                <td class="number">{id}</td>
                <th scope="row">{type}</th>
                <td>{state}</td>
                <td class="number">+{durationText(at - startedAt)}</td>
                <td class="number">{bytesText(bytes)}</td>
                <td class="message">{error}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
};

// Workflows: durable executions, the tree of their operations, and what the world outside does with them.

import { useEffect, useState } from 'preact/hooks';
import { get, post } from './api';
import { operations, type Execution, type HistoryEvent, type Operation } from './executions';
import { clock, duration } from './format';
import { Problem } from './parts';
import { useLoaded, useStore } from './store';

const REFRESHED = 1000;

export function WorkflowsView() {
  const { about, rows } = useStore();
  const [tick, setTick] = useState(0);
  const [chosen, choose] = useState<string>();
  useEffect(() => {
    const timer = setInterval(() => setTick((before) => before + 1), REFRESHED);
    return () => clearInterval(timer);
  }, []);
  const path = `durable/functions/${encodeURIComponent(about?.name ?? '')}/durable-executions?MaxItems=1000`;
  const loaded = useLoaded(() => get<{ DurableExecutions: Execution[] }>(path), [path, tick, rows.length]);
  const all = [...(loaded.value?.DurableExecutions ?? [])].sort((one, other) => other.StartTimestamp - one.StartTimestamp);
  const current = all.find((execution) => execution.DurableExecutionArn === chosen) ?? all[0];
  return (
    <section aria-labelledby="workflows">
      <h2 id="workflows">Workflows</h2>
      {loaded.error && <Problem text={loaded.error} />}
      {loaded.value && all.length === 0 && <p class="hint">Nothing yet: everything that the function is invoked with starts an execution.</p>}
      {all.length > 0 && (
        <label>
          <span class="name">Execution</span>{' '}
          <select value={current?.DurableExecutionArn} onChange={(event) => choose(event.currentTarget.value)}>
            {all.map((execution) => (
              <option key={execution.DurableExecutionArn} value={execution.DurableExecutionArn}>
                {`${execution.DurableExecutionName} – ${execution.Status}, ${clock(execution.StartTimestamp * 1000)}`}
              </option>
            ))}
          </select>
        </label>
      )}
      {current && <ExecutionView key={current.DurableExecutionArn} of={current} tick={tick} />}
    </section>
  );
}

function ExecutionView({ of, tick }: { of: Execution; tick: number }) {
  const [problem, setProblem] = useState('');
  const [done, setDone] = useState(0);
  const path = `durable/durable-executions/${encodeURIComponent(of.DurableExecutionArn)}/history?IncludeExecutionData=true&MaxItems=1000`;
  const loaded = useLoaded(() => get<{ Events: HistoryEvent[] }>(path), [path, tick, done]);
  const act = async (what: string, body?: string) => {
    try {
      setProblem('');
      await post(`durable/${what}`, body);
      setDone((before) => before + 1);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  if (loaded.error) return <Problem text={loaded.error} />;
  if (!loaded.value) return <p class="hint">Loading the history …</p>;
  const tree = operations(loaded.value.Events);
  const isRunning = of.Status === 'RUNNING';
  return (
    <>
      <p class="next">
        <strong>{of.Status}</strong>
        {of.EndTimestamp !== undefined && ` after ${duration((of.EndTimestamp - of.StartTimestamp) * 1000)}`}
      </p>
      {isRunning && (
        <p class="actions">
          <button type="button" onClick={() => act('durable-clock/next-timer')}>
            Jump to the next timer
          </button>
        </p>
      )}
      {problem && <Problem text={problem} />}
      <h3>Operations</h3>
      {tree.length === 0 ? <p class="hint">None yet.</p> : <Operations of={tree} act={act} isRunning={isRunning} />}
      <details>
        <summary>History ({loaded.value.Events.length} events)</summary>
        <ol class="log">
          {loaded.value.Events.map((event) => (
            <li key={event.EventId}>
              <span class="time">{clock(event.EventTimestamp * 1000)}</span> {event.EventType} {event.Name ?? event.Id ?? ''}
            </li>
          ))}
        </ol>
      </details>
    </>
  );
}

type Act = (what: string, body?: string) => Promise<void>;

function Operations({ of, act, isRunning }: { of: Operation[]; act: Act; isRunning: boolean }) {
  return (
    <ul class="operations">
      {of.map((operation) => (
        <li key={operation.id}>
          <p>
            <span class="kind">{operation.kind}</span> <strong>{operation.name}</strong> <Status text={operation.status} />
            {operation.ended !== undefined && ` ${duration((operation.ended - operation.started) * 1000)}`}
            {operation.attempts > 1 && `, attempt ${operation.attempts}`}
            {operation.due !== undefined && `, until ${clock(operation.due * 1000)}`}
          </p>
          {operation.result !== undefined && <pre tabIndex={0}>{operation.result}</pre>}
          {operation.error && <p class="cause">{operation.error}</p>}
          {isRunning && operation.callback && operation.status === 'STARTED' && <Callback id={operation.callback} name={operation.name} act={act} />}
          {operation.children.length > 0 && <Operations of={operation.children} act={act} isRunning={isRunning} />}
        </li>
      ))}
    </ul>
  );
}

function Status({ text }: { text: string }) {
  const fate = text === 'SUCCEEDED' ? 'done' : ['STARTED', 'PENDING', 'READY'].includes(text) ? 'again' : 'failed';
  const sign = { done: '✓', again: '…', failed: '✕' }[fate];
  return (
    <span class={`fate ${fate}`}>
      <span aria-hidden="true">{sign}</span> {text}
    </span>
  );
}

function Callback({ id, name, act }: { id: string; name: string; act: Act }) {
  const [result, setResult] = useState('');
  const path = `durable-execution-callbacks/${encodeURIComponent(id)}`;
  return (
    <form
      class="filters"
      onSubmit={(event) => {
        event.preventDefault();
        void act(`${path}/succeed`, result);
      }}
    >
      <label>
        <span class="name">Result of {name}</span>
        <input value={result} onInput={(event) => setResult(event.currentTarget.value)} />
      </label>
      <button type="submit">Succeed</button>
      <button type="button" onClick={() => act(`${path}/fail`, JSON.stringify({ ErrorType: 'Failed', ErrorMessage: result }))}>
        Fail
      </button>
    </form>
  );
}

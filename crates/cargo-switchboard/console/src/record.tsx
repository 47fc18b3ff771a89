// One record of a batch: how it ended, how often it came and why, what it holds, and its log lines.

import { deliver, get, type InvocationDetails, type RecordDetails } from './api';
import { body, clock, count, indented } from './format';
import { LogLines } from './log';
import { Fate, Problem } from './parts';
import { go, to } from './route';
import { useLoaded } from './store';
import { JsonTree } from './tree';
import { useState } from 'preact/hooks';

export function RecordView({ of, index, newest }: { of: InvocationDetails; index: number; newest: number }) {
  const loaded = useLoaded(() => get<RecordDetails>(`invocations/${of.id}/records/${index}`), [of.id, index, newest]);
  const [problem, setProblem] = useState('');
  if (loaded.error) return <Problem text={loaded.error} />;
  const record = loaded.value;
  if (!record || record.index !== index) return <p class="hint">Loading record {index} …</p>;
  const again = async () => {
    try {
      const delivered = await deliver(`invocations/${of.id}/deliver?records=${index}`);
      if (delivered.invocation) go('invocations', delivered.invocation, 0);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  return (
    <section class="record" aria-label={`Record ${index}`}>
      <h3>
        Record {index} <Fate fate={record.outcome} />
      </h3>
      {record.error && <p class="cause">{record.error}</p>}
      <Deliveries record={record} current={of.id} />
      <p class="actions">
        <button type="button" onClick={again}>
          Deliver this record again
        </button>
      </p>
      {problem && <Problem text={problem} />}
      <dl class="facts">
        <dt>Identifier</dt>
        <dd>{record.id ?? 'none'}</dd>
        <dt>Lane</dt>
        <dd>{record.lane ?? 'none'}</dd>
        <dt>Next</dt>
        <dd>{record.again ? 'The source delivers it again.' : 'The source does not deliver it again.'}</dd>
      </dl>
      <Content source={of.source} text={record.text} />
      <h4>Log lines</h4>
      <LogLines lines={record.lines.map((text) => ({ text, record: null }))} />
    </section>
  );
}

function Deliveries({ record, current }: { record: RecordDetails; current: number }) {
  const known = record.deliveries_known;
  return (
    <>
      <h4>Delivered {known.length > 1 ? count(known.length, 'time') : 'once'}</h4>
      <ol class="deliveries">
        {known.map((delivery) => (
          <li key={`${delivery.invocation}-${delivery.index}`} aria-current={delivery.invocation === current ? 'true' : undefined}>
            {delivery.why && (
              <p class="why">
                <strong>Why again:</strong> {delivery.why}
              </p>
            )}
            <p>
              <a href={to('invocations', delivery.invocation, delivery.index)}>
                #{delivery.invocation}, record {delivery.index}
              </a>{' '}
              at {clock(delivery.time)} <Fate fate={delivery.outcome} />
            </p>
          </li>
        ))}
      </ol>
    </>
  );
}

function Content({ source, text }: { source: string; text: string }) {
  const inside = body(source, JSON.parse(text));
  return (
    <>
      {inside !== undefined && (
        <>
          <h4>Body</h4>
          <pre tabIndex={0}>{indented(inside)}</pre>
        </>
      )}
      <details>
        <summary>The record as JSON</summary>
        <JsonTree text={text} />
      </details>
    </>
  );
}

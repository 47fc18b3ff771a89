// One invocation: what came, what became of each record, what was answered, and what the source does with that.

import { useMemo, useState } from 'preact/hooks';
import { deliver, get, text, type InvocationDetails } from './api';
import { asCurl, asTest } from './copy';
import { clock, count, duration, FATES, pretty, short, size } from './format';
import { LaneChart } from './lanes';
import { LogLines } from './log';
import { CopyButton, Problem, Tabs, VirtualList } from './parts';
import { RecordView } from './record';
import { go, to } from './route';
import { useLoaded, useStore } from './store';
import { JsonTree } from './tree';

export function InvocationView({ id, record }: { id: number; record: number | undefined }) {
  const { rows, run } = useStore();
  const newest = rows.at(-1)?.id ?? 0;
  const loaded = useLoaded(() => get<InvocationDetails>(`invocations/${id}`), [id, newest, run]);
  if (loaded.error) return <Problem text={loaded.error} />;
  const of = loaded.value;
  if (!of || of.id !== id) return <p class="hint">Loading #{id} …</p>;
  const tabs = [
    { id: 'event', name: 'Event', content: () => <EventTab of={of} /> },
    { id: 'log', name: `Log (${of.lines.length})`, content: () => <LogLines lines={of.lines} /> },
    { id: 'reply', name: 'Reply', content: () => <Reply of={of} /> },
    { id: 'metrics', name: `Metrics (${of.metrics.length})`, content: () => <Metrics of={of} /> },
  ];
  if (of.batch.length > 0) {
    tabs.unshift({
      id: 'batch',
      name: `Batch (${of.batch.length.toLocaleString()})`,
      content: () => <BatchTab of={of} record={record} newest={newest} />,
    });
  }
  return (
    <article aria-labelledby="invocation">
      <p class="back">
        <a href={to('invocations')}>← All invocations</a>
      </p>
      <h2 id="invocation">
        #{of.id} {of.source} <span class={of.failed ? 'outcome bad' : 'outcome good'}>{of.failed ? '✕' : '✓'} {of.outcome}</span>
      </h2>
      <p class="next">
        <strong>What the source does next:</strong> {of.next}
      </p>
      <Facts of={of} />
      <Actions of={of} />
      <Tabs key={`${of.id}-${of.batch.length > 0}`} label="Parts of the invocation" tabs={tabs} />
    </article>
  );
}

function Facts({ of }: { of: InvocationDetails }) {
  return (
    <dl class="facts wide">
      <dt>Ended</dt>
      <dd>{clock(of.time)}</dd>
      <dt>Duration</dt>
      <dd>
        {duration(of.duration_ms)}
        {of.init_ms !== null && `, cold: ${duration(of.init_ms)} to start`}
      </dd>
      <dt>Environment</dt>
      <dd>
        {of.environment}
        {of.peak_memory_mb !== null && `, up to ${of.peak_memory_mb} MB so far`}
      </dd>
      <dt>Detected by</dt>
      <dd>{of.evidence.join('; ')}</dd>
      <dt>Request id</dt>
      <dd>{of.request_id}</dd>
    </dl>
  );
}

function Actions({ of }: { of: InvocationDetails }) {
  const { about } = useStore();
  const [problem, setProblem] = useState('');
  const send = async (which: string) => {
    try {
      setProblem('');
      const delivered = await deliver(`invocations/${of.id}/deliver?records=${which}`);
      if (delivered.invocation) go('invocations', delivered.invocation);
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  const event = () => text(`invocations/${of.id}/event`);
  const failed = of.batch.filter((record) => record.error !== undefined).length;
  return (
    <>
      <p class="actions">
        <button type="button" onClick={() => send('all')}>
          Deliver again
        </button>
        {of.again > 0 && of.again < of.batch.length && (
          <button type="button" onClick={() => send('again')}>
            Deliver what the source would ({of.again})
          </button>
        )}
        {failed > 0 && failed < of.batch.length && failed !== of.again && (
          <button type="button" onClick={() => send('failed')}>
            Deliver the failed ({failed})
          </button>
        )}
        <a class="button" href={to('send', of.id)}>
          Edit and send
        </a>
        <CopyButton label="Copy as curl" text={async () => asCurl(about, await event())} />
        <CopyButton label="Copy as a test" text={async () => asTest(of, await event())} />
      </p>
      {problem && <Problem text={problem} />}
    </>
  );
}

const FILTERS = ['all', 'failed', 'again', 'delivered more than once'] as const;

function BatchTab({ of, record, newest }: { of: InvocationDetails; record: number | undefined; newest: number }) {
  const [filter, setFilter] = useState<(typeof FILTERS)[number]>('all');
  const indexes = useMemo(
    () =>
      [...of.batch.keys()].filter((index) => {
        const row = of.batch[index];
        if (filter === 'failed') return row?.outcome === 'failed' || row?.error !== undefined;
        if (filter === 'again') return row?.again;
        return filter === 'all' || (row?.deliveries ?? 1) > 1;
      }),
    [of.batch, filter],
  );
  const choose = (index: number) => go('invocations', of.id, index);
  return (
    <>
      <LaneChart batch={of.batch} selected={record} choose={choose} />
      <div class="split">
        <div class="records">
          <label>
            Records{' '}
            <select value={filter} onChange={(event) => setFilter(event.currentTarget.value as typeof filter)}>
              {FILTERS.map((name) => (
                <option key={name} value={name}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <VirtualList
            id="record"
            label={`Records: ${indexes.length} of ${of.batch.length}`}
            count={indexes.length}
            selected={record === undefined ? -1 : indexes.indexOf(record)}
            select={(place) => choose(indexes[place] ?? 0)}
            empty="No record is like this."
            render={(place) => <BatchRow of={of} index={indexes[place] ?? 0} />}
          />
        </div>
        {record === undefined ? (
          <p class="hint">Choose a record to see why it ended like this, and why it came more than once.</p>
        ) : (
          <RecordView of={of} index={record} newest={newest} />
        )}
      </div>
    </>
  );
}

function BatchRow({ of, index }: { of: InvocationDetails; index: number }) {
  const row = of.batch[index];
  if (!row) return null;
  return (
    <>
      <span class="index">{index}</span>
      <span class={`fate ${row.outcome}`}>
        <span aria-hidden="true">{FATES[row.outcome].sign}</span> {FATES[row.outcome].word}
      </span>
      <span class="times">{row.deliveries > 1 ? `×${row.deliveries}` : ''}</span>
      <span class="id">{row.error ?? short(row.id ?? '')}</span>
    </>
  );
}

function EventTab({ of }: { of: InvocationDetails }) {
  const loaded = useLoaded(() => text(`invocations/${of.id}/event`), [of.id]);
  if (loaded.error) return <Problem text={loaded.error} />;
  if (loaded.value === undefined) return <p class="hint">Loading the event …</p>;
  return (
    <>
      <p class="hint">{size(of.size)}. Marked is what the source was detected by.</p>
      <JsonTree text={loaded.value} evidence={of.evidence} />
    </>
  );
}

function Reply({ of }: { of: InvocationDetails }) {
  const value = of.error ?? of.reply;
  return (
    <>
      <p class="hint">{of.error === null ? 'What the function answered.' : 'The error that the invocation ended with.'}</p>
      <pre tabIndex={0}>{pretty(value)}</pre>
    </>
  );
}

function Metrics({ of }: { of: InvocationDetails }) {
  if (of.metrics.length === 0) {
    return <p class="hint">None. The library writes metrics if POWERTOOLS_METRICS_NAMESPACE is set: run with --env.</p>;
  }
  return (
    <table>
      <caption>{count(of.metrics.length, 'metric')} in CloudWatch’s embedded format</caption>
      <thead>
        <tr>
          <th scope="col">Metric</th>
          <th scope="col">Value</th>
          <th scope="col">Dimensions</th>
        </tr>
      </thead>
      <tbody>
        {of.metrics.map((metric) => (
          <tr key={metric.name}>
            <th scope="row">{metric.name}</th>
            <td>
              {JSON.stringify(metric.value)} {metric.unit}
            </td>
            <td>{metric.dimensions.map(([name, value]) => `${name}=${String(value)}`).join(' ')}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

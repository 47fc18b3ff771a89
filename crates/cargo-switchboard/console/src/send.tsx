// Send: an event of any source, or an earlier one, edited and delivered.

import { useEffect, useState } from 'preact/hooks';
import { deliver, get, text } from './api';
import { asCurl } from './copy';
import { indented } from './format';
import { CopyButton, Problem } from './parts';
import { to } from './route';
import { useLoaded, useStore } from './store';

export function SendView({ of }: { of: number | undefined }) {
  const { about } = useStore();
  const sources = useLoaded(() => get<string[]>('sources'), []);
  const [source, setSource] = useState('sqs');
  const [records, setRecords] = useState('1');
  const [body, setBody] = useState('');
  const [event, setEvent] = useState('');
  const [problem, setProblem] = useState('');
  const [sent, setSent] = useState<number | null | undefined>();
  const [isSending, setSending] = useState(false);
  const attempt = async (what: () => Promise<void>) => {
    try {
      setProblem('');
      setSent(undefined);
      await what();
    } catch (error) {
      setProblem((error as Error).message);
    }
  };
  const make = () =>
    attempt(async () => {
      const given = body ? `&body=${encodeURIComponent(body)}` : '';
      setEvent(indented(await text(`sources/${source}?count=${encodeURIComponent(records)}${given}`)));
    });
  const send = () =>
    attempt(async () => {
      setSending(true);
      try {
        const delivered = await deliver('deliver', event);
        setSent(delivered.invocation ?? null);
      } finally {
        setSending(false);
      }
    });
  useEffect(() => {
    if (of !== undefined) void attempt(async () => setEvent(indented(await text(`invocations/${of}/event`))));
  }, [of]);
  return (
    <section class="send" aria-labelledby="send">
      <h2 id="send">Send an event</h2>
      <form
        class="filters"
        onSubmit={(submitted) => {
          submitted.preventDefault();
          void make();
        }}
      >
        <label>
          <span class="name">Source</span>
          <select value={source} onChange={(changed) => setSource(changed.currentTarget.value)}>
            {(sources.value ?? [source]).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label>
          <span class="name">Records</span>
          <input type="number" min="1" max="10000" value={records} onInput={(changed) => setRecords(changed.currentTarget.value)} />
        </label>
        <label class="search">
          <span class="name">Body of each</span>
          <input value={body} placeholder='{"order": 1001}' onInput={(changed) => setBody(changed.currentTarget.value)} />
        </label>
        <button type="submit">Make the event</button>
      </form>
      <label class="event">
        <span class="name">Event</span>
        <textarea spellcheck={false} value={event} rows={18} onInput={(changed) => setEvent(changed.currentTarget.value)} />
      </label>
      <p class="actions">
        <button type="button" disabled={!event || isSending} onClick={send}>
          {isSending ? 'Delivering …' : 'Deliver'}
        </button>
        <CopyButton label="Copy as curl" text={() => asCurl(about, event)} />
      </p>
      <div aria-live="polite">
        {typeof sent === 'number' && (
          <p>
            Delivered: <a href={to('invocations', sent)}>#{sent}</a>
          </p>
        )}
        {sent === null && <p>Delivered. It appears among the invocations.</p>}
      </div>
      {problem && <Problem text={problem} />}
    </section>
  );
}

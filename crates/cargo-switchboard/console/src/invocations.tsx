// All invocations, the newest first, as they come.

import { useEffect, useMemo, useState } from 'preact/hooks';
import { get, type InvocationRow } from './api';
import { clock, count, duration } from './format';
import { InvocationView } from './invocation';
import { VirtualList } from './parts';
import { go } from './route';
import { useStore } from './store';

export function InvocationsView({ id, record }: { id: number | undefined; record: number | undefined }) {
  const { rows, about } = useStore();
  const [query, setQuery] = useState('');
  const [source, setSource] = useState('');
  const [isFailedOnly, setFailedOnly] = useState(false);
  const inside = useSearch(query, rows.length);
  const sources = useMemo(() => [...new Set(rows.map((row) => row.source))].sort(), [rows]);
  const shown = useMemo(() => {
    const fits = (row: InvocationRow) =>
      (!source || row.source === source) && (!isFailedOnly || row.failed) && (!query || says(row, query) || inside.has(row.id));
    return rows.filter(fits).reverse();
  }, [rows, query, source, isFailedOnly, inside]);
  return (
    <div class={id === undefined ? 'invocations' : 'invocations with-one'}>
      <section class="all" aria-label="Invocations">
        <form class="filters" onSubmit={(event) => event.preventDefault()}>
          <label class="search">
            <span class="name">Search</span>
            <input
              type="search"
              value={query}
              placeholder="in events, replies and log lines"
              onInput={(event) => setQuery(event.currentTarget.value)}
            />
          </label>
          <label>
            <span class="name">Source</span>
            <select value={source} onChange={(event) => setSource(event.currentTarget.value)}>
              <option value="">all</option>
              {sources.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <label class="check">
            <input type="checkbox" checked={isFailedOnly} onChange={(event) => setFailedOnly(event.currentTarget.checked)} /> Failed only
          </label>
        </form>
        <p class="hint" aria-live="polite">
          {count(shown.length, 'invocation')}
          {shown.length < rows.length && ` of ${rows.length.toLocaleString()}`}
          {about && rows.length >= about.keep && `; the latest ${about.keep.toLocaleString()} are kept`}
        </p>
        <VirtualList
          id="invocation-row"
          label="Invocations, the newest first"
          count={shown.length}
          selected={shown.findIndex((row) => row.id === id)}
          select={(index) => go('invocations', shown[index]?.id)}
          empty={rows.length === 0 ? 'Nothing yet. Call the function, or go to Send.' : 'No invocation is like this.'}
          render={(index) => <Row row={shown[index]} />}
        />
      </section>
      {id !== undefined && (
        <section class="one" aria-label="One invocation">
          <InvocationView id={id} record={record} />
        </section>
      )}
    </div>
  );
}

function Row({ row }: { row: InvocationRow | undefined }) {
  if (!row) return null;
  return (
    <>
      <span class="index">#{row.id}</span>
      <span class="time">{clock(row.time)}</span>
      <span class="source">
        {row.source}
        {row.records !== null && ` ×${row.records.toLocaleString()}`}
      </span>
      <span class={row.failed ? 'outcome bad' : 'outcome good'}>
        <span aria-hidden="true">{row.failed ? '✕' : '✓'}</span> {row.outcome}
      </span>
      <span class="duration">{duration(row.duration_ms)}</span>
      <span class="cold">{row.init_ms === null ? '' : 'cold'}</span>
    </>
  );
}

function says(row: InvocationRow, query: string): boolean {
  return row.outcome.includes(query) || row.source.includes(query) || row.request_id.includes(query) || `#${row.id}` === query;
}

/** The invocations whose event, reply or log lines contain the text, a moment after the last key. */
function useSearch(query: string, rows: number): Set<number> {
  const [found, set] = useState(new Set<number>());
  useEffect(() => {
    if (!query) {
      set(new Set());
      return;
    }
    let isWanted = true;
    const timer = setTimeout(() => {
      void get<number[]>(`search?q=${encodeURIComponent(query)}`).then((ids) => isWanted && set(new Set(ids)));
    }, 200);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [query, rows]);
  return found;
}

// The invocations that are kept, as they come.

import { useEffect, useReducer, useState } from 'preact/hooks';
import { get, type AboutFunction, type InvocationRow } from './api';

type Listener = () => void;

const listeners = new Set<Listener>();
let rows: InvocationRow[] = [];
let isLive = false;
let run = '';
let about: AboutFunction | undefined;

function changed() {
  listeners.forEach((listener) => listener());
}

function forgetOldest() {
  const keep = about?.keep ?? Infinity;
  if (rows.length > keep) rows = rows.slice(-keep);
}

/** Follows the invocations. The browser connects again by itself, and goes on where it was. */
export function follow() {
  const events = new EventSource('/api/live');
  events.addEventListener('open', () => {
    isLive = true;
    changed();
  });
  events.addEventListener('error', () => {
    isLive = false;
    changed();
  });
  events.addEventListener('run', (event) => {
    const now = (JSON.parse(event.data) as { run: string }).run;
    if (now !== run) rows = [];
    run = now;
    void get<AboutFunction>('function').then((found) => {
      about = found;
      forgetOldest();
      changed();
    });
  });
  events.addEventListener('invocations', (event) => {
    const last = rows.at(-1)?.id ?? 0;
    const fresh = (JSON.parse(event.data) as InvocationRow[]).filter((row) => row.id > last);
    rows = rows.concat(fresh);
    forgetOldest();
    changed();
  });
}

export interface Store {
  rows: InvocationRow[];
  isLive: boolean;
  run: string;
  about: AboutFunction | undefined;
}

export function useStore(): Store {
  const [, update] = useReducer((count: number) => count + 1, 0);
  useEffect(() => {
    const listener = () => update(undefined as never);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  }, []);
  return { rows, isLive, run, about };
}

export interface Loaded<T> {
  value?: T;
  error?: string;
}

/** What `load` gives, loaded again whenever one of `of` changes. The earlier value stays until then. */
export function useLoaded<T>(load: () => Promise<T>, of: unknown[]): Loaded<T> {
  const [loaded, set] = useState<Loaded<T>>({});
  useEffect(() => {
    let isWanted = true;
    load().then(
      (value) => isWanted && set({ value }),
      (error: Error) => isWanted && set({ error: error.message }),
    );
    return () => {
      isWanted = false;
    };
  }, of);
  return loaded;
}

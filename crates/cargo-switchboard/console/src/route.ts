// Where the page is: the part of the address behind `#/`.

import { useEffect, useState } from 'preact/hooks';

export interface Route {
  view: string;
  id?: number;
  record?: number;
}

function read(): Route {
  const [view = '', id, what, record] = location.hash.replace(/^#\//, '').split('/');
  const route: Route = { view: view || 'invocations' };
  if (id) route.id = Number(id);
  if (what === 'records' && record) route.record = Number(record);
  return route;
}

const listeners = new Set<() => void>();
addEventListener('hashchange', () => listeners.forEach((listener) => listener()));

export function useRoute(): Route {
  const [route, set] = useState(read);
  useEffect(() => {
    const changed = () => set(read());
    listeners.add(changed);
    return () => {
      listeners.delete(changed);
    };
  }, []);
  return route;
}

export function to(view: string, id?: number, record?: number): string {
  return `#/${[view, id, record === undefined ? undefined : `records/${record}`].filter((part) => part !== undefined).join('/')}`;
}

export function go(view: string, id?: number, record?: number) {
  location.hash = to(view, id, record).slice(1);
  // The browser says so later: keys that follow each other quickly would all start from the same place.
  listeners.forEach((listener) => listener());
}

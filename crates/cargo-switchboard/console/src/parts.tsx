// Parts that several views use.

import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { RecordFate } from './api';
import { FATES } from './format';

export function Fate({ fate }: { fate: RecordFate }) {
  const { sign, word } = FATES[fate];
  return (
    <span class={`fate ${fate}`}>
      <span aria-hidden="true">{sign}</span> {word}
    </span>
  );
}

export function Problem({ text }: { text: string }) {
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

export function CopyButton({ label, text }: { label: string; text: () => string | Promise<string> }) {
  const [said, say] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(await text());
      say('Copied');
    } catch (error) {
      say(`Not copied: ${(error as Error).message}`);
    }
    setTimeout(() => say(''), 2000);
  };
  return (
    <button type="button" class="plain" onClick={copy}>
      <span aria-live="polite">{said || label}</span>
    </button>
  );
}

const ROW = 32;
const BEYOND = 8;

interface VirtualProps {
  label: string;
  count: number;
  selected: number;
  select: (index: number) => void;
  open?: (index: number) => void;
  render: (index: number) => ComponentChildren;
  /** Keeps to the first row while nobody has scrolled. */
  empty: string;
  id: string;
}

/** A list of any length: only the rows in sight are in the page. Arrows, Page, Home and End move; Enter opens. */
export function VirtualList({ label, count, selected, select, open, render, empty, id }: VirtualProps) {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const show = (index: number) => {
    const element = box.current;
    if (!element) return;
    const start = index * ROW;
    if (start < element.scrollTop) element.scrollTop = start;
    else if (start + ROW > element.scrollTop + element.clientHeight) element.scrollTop = start + ROW - element.clientHeight;
  };
  const key = (event: KeyboardEvent) => {
    const page = Math.max(1, Math.floor(height / ROW) - 1);
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -count, End: count };
    const step = steps[event.key];
    if (step !== undefined && count > 0) {
      event.preventDefault();
      const next = Math.min(count - 1, Math.max(0, (selected < 0 ? (step > 0 ? -1 : 0) : selected) + step));
      select(next);
      show(next);
    } else if (event.key === 'Enter' && selected >= 0) {
      event.preventDefault();
      (open ?? select)(selected);
    }
  };
  const first = Math.max(0, Math.floor(top / ROW) - BEYOND);
  const last = Math.min(count, Math.ceil((top + height) / ROW) + BEYOND);
  const rows = [];
  for (let index = first; index < last; index++) {
    rows.push(
      <div
        key={index}
        id={`${id}-${index}`}
        role="option"
        class="row"
        aria-selected={index === selected}
        aria-setsize={count}
        aria-posinset={index + 1}
        style={{ top: `${index * ROW}px` }}
        onClick={() => (open ?? select)(index)}
      >
        {render(index)}
      </div>,
    );
  }
  return (
    <div
      ref={box}
      class="list"
      role="listbox"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={selected >= first && selected < last ? `${id}-${selected}` : undefined}
      onKeyDown={key}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      {count === 0 && <div class="empty" role="option" aria-selected={false} aria-disabled="true">{empty}</div>}
      <div class="rows" role="presentation" style={{ height: `${count * ROW}px` }}>
        {rows}
      </div>
    </div>
  );
}

interface TabsProps {
  label: string;
  tabs: { id: string; name: string; content: () => ComponentChildren }[];
}

/** Tabs, as the ARIA Authoring Practices have them: arrows move between them. */
export function Tabs({ label, tabs }: TabsProps) {
  const [chosen, choose] = useState(tabs[0]?.id);
  const current = tabs.find((tab) => tab.id === chosen) ?? tabs[0];
  const list = useRef<HTMLDivElement>(null);
  if (!current) return null;
  const key = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const index = (tabs.indexOf(current) + step + tabs.length) % tabs.length;
    choose(tabs[index]?.id);
    (list.current?.children[index] as HTMLElement | undefined)?.focus();
  };
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={key}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`tab-${tab.id}`}
            aria-selected={tab === current}
            aria-controls="tabpanel"
            tabIndex={tab === current ? 0 : -1}
            onClick={() => choose(tab.id)}
          >
            {tab.name}
          </button>
        ))}
      </div>
      <div role="tabpanel" id="tabpanel" aria-labelledby={`tab-${current.id}`} class="panel">
        {current.content()}
      </div>
    </>
  );
}

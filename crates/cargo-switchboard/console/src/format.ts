// Values as people read them.

import type { RecordFate } from './api';

const LONG: [string, number][] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
];

export function duration(milliseconds: number | null): string {
  if (milliseconds === null) return '–';
  for (const [unit, length] of LONG) if (milliseconds >= 2 * length) return `${+(milliseconds / length).toFixed(1)} ${unit}`;
  if (milliseconds >= 1000) return `${(milliseconds / 1000).toFixed(2)} s`;
  return `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
}

export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

export function clock(time: number): string {
  return new Date(time).toLocaleTimeString([], { hour12: false });
}

export function count(number: number, what: string): string {
  return `${number.toLocaleString()} ${what}${number === 1 ? '' : 's'}`;
}

/** Each outcome has a sign and a word, so that nobody needs its colour. */
export const FATES: Record<RecordFate, { sign: string; word: string; means: string }> = {
  done: { sign: '✓', word: 'done', means: 'handled: the source takes it as done' },
  failed: { sign: '✕', word: 'failed', means: 'its handler failed, or it could not be read' },
  again: { sign: '↻', word: 'comes again', means: 'it did not fail, and is delivered again all the same' },
  rejected: { sign: '⊘', word: 'rejected', means: 'given to the dead-letter sink: the source takes it as done' },
};

export function pretty(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

/** The text inside a record, decoded from base64 where the source encodes it. */
export function body(source: string, record: unknown): string | undefined {
  const at = (path: string) =>
    path.split('.').reduce<unknown>((value, key) => (value as Record<string, unknown> | null)?.[key], record);
  const plain: Record<string, string> = { sqs: 'body', sns: 'Sns.Message' };
  const encoded: Record<string, string> = { kinesis: 'kinesis.data', kinesis_firehose: 'data', kafka: 'value' };
  const text = plain[source] && at(plain[source]);
  if (typeof text === 'string') return text;
  const base64 = encoded[source] && at(encoded[source]);
  if (typeof base64 !== 'string') return undefined;
  try {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The same JSON with line breaks, or the text as it is. */
export function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

/** An identifier whose end tells it from its neighbours: sequence numbers are alike at the front. */
export function short(id: string): string {
  return /^\d{25,}$/.test(id) ? `…${id.slice(-12)}` : id;
}

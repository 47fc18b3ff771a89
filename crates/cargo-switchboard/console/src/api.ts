// The requests of /api/: docs/console.md describes them.

export type RecordFate = 'done' | 'failed' | 'rejected' | 'again';

export interface InvocationRow {
  id: number;
  time: number;
  request_id: string;
  source: string;
  outcome: string;
  failed: boolean;
  duration_ms: number;
  init_ms: number | null;
  peak_memory_mb: number | null;
  environment: number;
  records: number | null;
  size: number;
}

export interface RecordRow {
  id: string | null;
  lane: string | null;
  outcome: RecordFate;
  error?: string;
  again: boolean;
  deliveries: number;
}

export interface LogLine {
  text: string;
  record: number | null;
}

export interface MetricValue {
  namespace: string;
  name: string;
  unit: string | null;
  value: unknown;
  dimensions: [string, unknown][];
}

export interface InvocationDetails extends InvocationRow {
  evidence: string[];
  reply: unknown;
  error: unknown;
  next: string;
  again: number;
  batch: RecordRow[];
  lines: LogLine[];
  metrics: MetricValue[];
}

export interface Delivery {
  invocation: number;
  index: number;
  time: number;
  outcome: RecordFate;
  error: string | null;
  why: string | null;
}

export interface RecordDetails extends RecordRow {
  index: number;
  text: string;
  lines: string[];
  deliveries_known: Delivery[];
}

export interface Health {
  invocations: number;
  failed: number;
  records: number;
  records_failed: number;
  cold_starts: number;
  environments: number;
  per_second: number | null;
  p50_ms: number | null;
  p99_ms: number | null;
  init_p50_ms: number | null;
  peak_memory_mb: number | null;
  memory_mb: number;
  iterator_age_ms: number | null;
  sources: [string, number, number][];
}

export interface AboutFunction {
  name: string;
  run: string;
  keep: number;
  memory_mb: number;
  url: string;
  is_durable: boolean;
  version: string;
}

export interface Delivered {
  request_id: string | null;
  invocation?: number | null;
}

async function answer(path: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(`/api/${path}`, init);
  if (response.ok) return response;
  const text = await response.text();
  let message = text;
  try {
    message = (JSON.parse(text) as { message: string }).message;
  } catch {
    // It is not the console's own answer: shown as it is.
  }
  throw new Error(message || `HTTP ${response.status}`);
}

export async function get<T>(path: string): Promise<T> {
  return (await answer(path)).json() as Promise<T>;
}

export async function text(path: string): Promise<string> {
  return (await answer(path)).text();
}

export async function post(path: string, body = ''): Promise<void> {
  await answer(path, { method: 'POST', body });
}

export async function deliver(path: string, event?: string): Promise<Delivered> {
  return (await answer(path, { method: 'POST', body: event ?? '' })).json() as Promise<Delivered>;
}

// Log lines: those in JSON by their time, level and message, with what else they have; all others as they are.

import { useState } from 'preact/hooks';
import type { LogLine } from './api';
import { FATES } from './format';

const SHOWN = 200;
/** What every line of an invocation has. */
const COMMON = new Set([
  'timestamp', 'level', 'message', 'function_request_id', 'requestId', 'function_name', 'service', 'cold_start', 'source', 'xray_trace_id',
]);

function read(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const line = JSON.parse(text) as Record<string, unknown>;
    return typeof line.message === 'string' ? line : undefined;
  } catch {
    return undefined;
  }
}

function Line({ line }: { line: LogLine }) {
  const read_ = read(line.text);
  const record = line.record !== null && <span class="of">record {line.record}</span>;
  if (!read_) {
    return (
      <li>
        {record} <code>{line.text}</code>
      </li>
    );
  }
  const level = String(read_.level ?? '');
  const rest = Object.entries(read_).filter(([key]) => !COMMON.has(key));
  return (
    <li class={`line ${level.toLowerCase()}`}>
      <span class="time">{String(read_.timestamp ?? '').slice(11, 23)}</span>{' '}
      <span class="level">
        {level === 'ERROR' && <span aria-hidden="true">{FATES.failed.sign} </span>}
        {level}
      </span>{' '}
      {record} <span class="message">{String(read_.message)}</span>
      {rest.map(([key, value]) => (
        <span class="field" key={key}>
          {' '}
          <span class="key">{key}</span>={typeof value === 'string' ? value : JSON.stringify(value)}
        </span>
      ))}
    </li>
  );
}

export function LogLines({ lines }: { lines: LogLine[] }) {
  const [shown, show] = useState(SHOWN);
  if (lines.length === 0) return <p class="hint">It has written none.</p>;
  return (
    <>
      <ul class="log">
        {lines.slice(0, shown).map((line, index) => (
          <Line key={index} line={line} />
        ))}
      </ul>
      {lines.length > shown && (
        <button type="button" class="plain" onClick={() => show(shown + SHOWN)}>
          {(lines.length - shown).toLocaleString()} more
        </button>
      )}
    </>
  );
}

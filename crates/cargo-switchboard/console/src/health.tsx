// How the function does, over the invocations that are kept.

import { get, type Health } from './api';
import { duration } from './format';
import { Problem } from './parts';
import { useLoaded, useStore } from './store';

export function HealthView() {
  const { rows, run } = useStore();
  const loaded = useLoaded(() => get<Health>('health'), [rows.at(-1)?.id, run]);
  if (loaded.error) return <Problem text={loaded.error} />;
  const health = loaded.value;
  if (!health) return <p class="hint">Loading …</p>;
  const share = (part: number, all: number) => (all === 0 ? '–' : `${((part / all) * 100).toFixed(1)} %`);
  const numbers: [string, string, string][] = [
    ['Invocations', health.invocations.toLocaleString(), 'that are kept'],
    ['Failed', share(health.failed, health.invocations), `${health.failed.toLocaleString()} invocations`],
    ['Records', health.records.toLocaleString(), `${health.records_failed.toLocaleString()} failed`],
    ['Throughput', health.per_second === null ? '–' : `${health.per_second.toLocaleString()} / s`, 'between the first and the last'],
    ['p50', duration(health.p50_ms), 'half took no longer'],
    ['p99', duration(health.p99_ms), 'of a hundred, one took longer'],
    ['Cold starts', health.cold_starts.toLocaleString(), `${duration(health.init_p50_ms)} at p50`],
    ['Environments', health.environments.toLocaleString(), 'that had invocations'],
    ['Memory', health.peak_memory_mb === null ? '–' : `${health.peak_memory_mb} MB`, `of ${health.memory_mb} MB`],
    ['Iterator age', duration(health.iterator_age_ms), 'of the latest batch with the metric'],
  ];
  return (
    <section aria-labelledby="health">
      <h2 id="health">Health</h2>
      <dl class="cards">
        {numbers.map(([name, value, note]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <strong>{value}</strong> <span>{note}</span>
            </dd>
          </div>
        ))}
      </dl>
      <table>
        <caption>By source</caption>
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">Invocations</th>
            <th scope="col">Failed</th>
          </tr>
        </thead>
        <tbody>
          {health.sources.map(([source, invocations, failed]) => (
            <tr key={source}>
              <th scope="row">{source}</th>
              <td>{invocations.toLocaleString()}</td>
              <td>{share(failed, invocations)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

// The lane chart of a batch: a row for each lane, a bar for each record. Colour and sign say how it ended.

import { useMemo, useState } from 'preact/hooks';
import type { RecordFate, RecordRow } from './api';
import { FATES } from './format';

const CELL = 22;
const HEIGHT = 26;
/** The most bars in a row, and the most rows, before somebody asks for more. */
const BARS = 60;
const ROWS = 30;
/** How many records share a row if they have no lanes. */
const UNORDERED = 20;

interface Bar {
  fate: RecordFate;
  first: number;
  count: number;
}

interface Lane {
  name: string;
  records: number;
  bars: Bar[];
  /** How badly it went: the worst lanes of a large batch are shown first. */
  weight: number;
}

const WEIGHTS: Record<RecordFate, number> = { failed: 3, rejected: 2, again: 1, done: 0 };

/** Records side by side that ended alike are one bar, unless the whole batch has room. */
function lanesOf(batch: RecordRow[]): Lane[] {
  const joins = batch.length > 200;
  const lanes = new Map<string, Lane>();
  batch.forEach((record, index) => {
    const block = Math.floor(index / UNORDERED) * UNORDERED;
    const name = record.lane ?? `${block}–${Math.min(batch.length, block + UNORDERED) - 1}`;
    const lane = lanes.get(name) ?? { name, records: 0, bars: [], weight: 0 };
    lanes.set(name, lane);
    lane.records++;
    lane.weight = Math.max(lane.weight, WEIGHTS[record.outcome]);
    const before = lane.bars.at(-1);
    if (joins && before?.fate === record.outcome) before.count++;
    else lane.bars.push({ fate: record.outcome, first: index, count: 1 });
  });
  const all = [...lanes.values()];
  return joins ? all.sort((one, other) => other.weight - one.weight) : all;
}

interface LaneChartProps {
  batch: RecordRow[];
  selected: number | undefined;
  choose: (index: number) => void;
}

export function LaneChart({ batch, selected, choose }: LaneChartProps) {
  const lanes = useMemo(() => lanesOf(batch), [batch]);
  const [rows, setRows] = useState(ROWS);
  const hasLanes = batch.some((record) => record.lane !== null);
  const shown = lanes.slice(0, rows);
  const width = Math.max(...shown.map((lane) => Math.min(lane.bars.length, BARS + 1))) * CELL + 4;
  return (
    <section aria-label="Lane chart" class="chart">
      <p class="hint">
        {hasLanes ? `${lanes.length.toLocaleString()} lanes: the source keeps the order within each.` : 'No lanes: the source keeps no order.'}
      </p>
      <div class="lanes" tabIndex={0} role="group" aria-label="Lanes">
        {shown.map((lane) => (
          <div class="lane" key={lane.name}>
            <span class="name" title={lane.name}>
              {lane.name}
            </span>
            <svg width={width} height={HEIGHT} role="img" aria-label={described(lane)}>
              {lane.bars.slice(0, BARS).map((bar, place) => (
                <LaneBar
                  key={bar.first}
                  bar={bar}
                  x={place * CELL + 2}
                  isSelected={selected !== undefined && selected >= bar.first && selected < bar.first + bar.count}
                  isRepeated={(batch[bar.first]?.deliveries ?? 1) > 1}
                  choose={choose}
                />
              ))}
              {lane.bars.length > BARS && (
                <text x={BARS * CELL + 6} y={18} class="more">
                  …
                </text>
              )}
            </svg>
          </div>
        ))}
      </div>
      {lanes.length > rows && (
        <button type="button" class="plain" onClick={() => setRows(rows + 100)}>
          {(lanes.length - rows).toLocaleString()} more lanes
        </button>
      )}
      <ul class="legend">
        {(Object.keys(FATES) as RecordFate[]).map((fate) => (
          <li key={fate} class={`fate ${fate}`} title={FATES[fate].means}>
            <span aria-hidden="true">{FATES[fate].sign}</span> {FATES[fate].word}
          </li>
        ))}
      </ul>
    </section>
  );
}

interface LaneBarProps {
  bar: Bar;
  x: number;
  isSelected: boolean;
  isRepeated: boolean;
  choose: (index: number) => void;
}

function LaneBar({ bar, x, isSelected, isRepeated, choose }: LaneBarProps) {
  const { sign, word } = FATES[bar.fate];
  const what = bar.count > 1 ? `records ${bar.first} and ${bar.count - 1} more of the lane` : `record ${bar.first}`;
  return (
    <g class={`bar ${bar.fate}${isSelected ? ' selected' : ''}`} onClick={() => choose(bar.first)}>
      <title>{`${what}: ${word}${isRepeated ? ', delivered more than once' : ''}`}</title>
      <rect x={x} y={3} width={CELL - 3} height={HEIGHT - 6} rx={bar.fate === 'done' ? 3 : bar.fate === 'again' ? 10 : 0} />
      <text x={x + (CELL - 3) / 2} y={17.5}>
        {bar.count > 1 ? (bar.count > 999 ? '≫' : bar.count) : sign}
      </text>
      {isRepeated && <circle cx={x + CELL - 5} cy={6} r={3.5} class="repeated" />}
    </g>
  );
}

function described(lane: Lane): string {
  const counts = new Map<RecordFate, number>();
  lane.bars.forEach((bar) => counts.set(bar.fate, (counts.get(bar.fate) ?? 0) + bar.count));
  const parts = [...counts].map(([fate, count]) => `${count} ${FATES[fate].word}`);
  return `Lane ${lane.name}: ${lane.records} records, ${parts.join(', ')}`;
}

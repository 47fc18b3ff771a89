// JSON that can be folded. What detection went by is marked.

import { useState } from 'preact/hooks';

/** How many members are shown before somebody asks for more. */
const SHOWN = 100;

type Path = (string | number)[];

/** The path in a line of evidence: `Records[0].eventSource = "aws:s3"`. */
function pathOf(evidence: string): Path {
  const written = evidence.split(' = ')[0] ?? '';
  const parts = written.matchAll(/\[(\d+)\]|([^.[\]]+)/g);
  return [...parts].map((part) => (part[1] === undefined ? (part[2] ?? '') : Number(part[1])));
}

interface NodeProps {
  name?: string | number;
  value: unknown;
  /** What is left of the paths of evidence from here on. */
  marked: Path[];
  depth: number;
}

function Leaf({ name, value, isMarked }: { name?: string | number | undefined; value: unknown; isMarked: boolean }) {
  const kind = value === null ? 'null' : typeof value;
  const content = (
    <>
      {name !== undefined && <span class="key">{name}: </span>}
      <span class={`value ${kind}`}>{JSON.stringify(value)}</span>
    </>
  );
  return <li>{isMarked ? <mark title="The source was detected by this">{content}</mark> : content}</li>;
}

function Node({ name, value, marked, depth }: NodeProps) {
  const [isOpen, open] = useState(depth < 1 || marked.some((path) => path.length > 0));
  const [shown, show] = useState(SHOWN);
  const isMarked = marked.some((path) => path.length === 0);
  if (typeof value !== 'object' || value === null) return <Leaf name={name} value={value} isMarked={isMarked} />;
  const isList = Array.isArray(value);
  const members: [string | number, unknown][] = isList ? value.map((item, index) => [index, item]) : Object.entries(value);
  const title = `${isList ? '[' : '{'}${members.length}${isList ? ']' : '}'}`;
  const label = (
    <>
      <span aria-hidden="true" class="fold">
        {isOpen ? '▾' : '▸'}
      </span>
      {name !== undefined && <span class="key">{name}: </span>}
      <span class="size">{title}</span>
    </>
  );
  return (
    <li>
      <button type="button" class="branch" aria-expanded={isOpen} onClick={() => open(!isOpen)}>
        {isMarked ? <mark title="The source was detected by this">{label}</mark> : label}
      </button>
      {isOpen && (
        <ul>
          {members.slice(0, shown).map(([key, member]) => (
            <Node
              key={key}
              name={key}
              value={member}
              depth={depth + 1}
              marked={marked.filter((path) => path[0] === key).map((path) => path.slice(1))}
            />
          ))}
          {members.length > shown && (
            <li>
              <button type="button" class="plain" onClick={() => show(shown + SHOWN)}>
                {(members.length - shown).toLocaleString()} more
              </button>
            </li>
          )}
        </ul>
      )}
    </li>
  );
}

export function JsonTree({ text, evidence = [] }: { text: string; evidence?: string[] }) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return <pre tabIndex={0}>{text}</pre>;
  }
  return (
    <ul class="tree">
      <Node value={value} marked={evidence.map(pathOf)} depth={0} />
    </ul>
  );
}

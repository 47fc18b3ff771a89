// The page: the head with its views, and the view that the address names.

import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { HealthView } from './health';
import { InvocationsView } from './invocations';
import { to, useRoute, type Route } from './route';
import { SendView } from './send';
import { follow, useStore } from './store';
import { WorkflowsView } from './workflows';
import './console.css';

interface PageView {
  id: string;
  name: string;
  isOfDurable?: boolean;
}

const VIEWS: PageView[] = [
  { id: 'invocations', name: 'Invocations' },
  { id: 'send', name: 'Send' },
  { id: 'workflows', name: 'Workflows', isOfDurable: true },
  { id: 'health', name: 'Health' },
];

const THEMES = ['auto', 'light', 'dark'];

function Theme() {
  const [theme, set] = useState(localStorage.getItem('theme') ?? 'auto');
  useEffect(() => {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem('theme', theme);
  }, [theme]);
  return (
    <label class="theme">
      <span class="name">Colours</span>{' '}
      <select value={theme} onChange={(event) => set(event.currentTarget.value)}>
        {THEMES.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function View({ route }: { route: Route }) {
  switch (route.view) {
    case 'send':
      return <SendView of={route.id} />;
    case 'workflows':
      return <WorkflowsView />;
    case 'health':
      return <HealthView />;
    default:
      return <InvocationsView id={route.id} record={route.record} />;
  }
}

function App() {
  const route = useRoute();
  const { about, isLive } = useStore();
  const current = VIEWS.find((view) => view.id === route.view) ?? VIEWS[0];
  useEffect(() => {
    document.title = `${current?.name} – ${about?.name ?? 'Switchboard'} – Switchboard console`;
  }, [current, about]);
  return (
    <>
      <header>
        <h1>{about?.name ?? 'Switchboard'}</h1>
        <nav aria-label="Views">
          {VIEWS.filter((view) => !view.isOfDurable || about?.is_durable).map((view) => (
            <a key={view.id} href={to(view.id)} aria-current={view === current ? 'page' : undefined}>
              {view.name}
            </a>
          ))}
        </nav>
        <span class={isLive ? 'state live' : 'state'} role="status">
          {isLive ? '● live' : '○ not connected'}
        </span>
        <Theme />
      </header>
      <main>
        <View route={route} />
      </main>
    </>
  );
}

const root = document.getElementById('app');
if (root) {
  root.replaceChildren();
  follow();
  render(<App />, root);
}

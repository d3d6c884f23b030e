import { parsePrometheusText } from '../traffic/prometheus-text.js';
import { CHARTS } from './charts.js';
import { setText } from './elements.js';
import { History } from './history.js';
import { Plot } from './plot.js';
import { type Figures, pairKey, type Reading, reading, settled } from './reading.js';
import { showErrors, showModels, tiles } from './tables.js';

const INTERVAL_MS = 1_000;

const history = new History();
const plots = CHARTS.map((chart) => new Plot(chart, element(`chart-${chart.id}`)));
const choice = element('choice') as HTMLSelectElement;
const pause = element('pause') as HTMLButtonElement;
let isPaused = false;

pause.addEventListener('click', () => {
  isPaused = !isPaused;
  pause.textContent = isPaused ? 'Go on' : 'Pause';
  pause.setAttribute('aria-pressed', String(isPaused));
  say(isPaused ? 'paused' : 'live');
});
choice.addEventListener('change', show);
void refresh();

async function refresh(): Promise<void> {
  if (!isPaused && !document.hidden) {
    try {
      const response = await fetch('/metrics', { signal: AbortSignal.timeout(5_000) });
      if (!response.ok) throw new Error(`HTTP ${response.status}`);
      history.add(reading(parsePrometheusText(await response.text()), Date.now()));
      say('live');
      show();
    } catch {
      say('no answer; trying again');
    }
  }
  setTimeout(refresh, INTERVAL_MS);
}

function show(): void {
  const { latest } = history;
  if (!latest) return;
  offer(latest);
  const figures = (at: Reading): Figures | undefined => (choice.value === '' ? at.all : at.pairs.get(choice.value));
  for (const [id, text] of Object.entries(tiles(figures(latest) ?? latest.all))) setText(element(`tile-${id}`), text);
  const { times } = history;
  CHARTS.forEach(({ lines }, index) => {
    plots[index]?.show(
      times,
      lines.map(({ values }) => values(history, figures)),
    );
  });
  showModels(element('models'), latest);
  showErrors(element('errors'), latest, history);
  const isQuiet = settled(latest.all) + latest.all.inFlight === 0;
  document.body.dataset['traffic'] = isQuiet ? 'none' : 'some';
  element('no-models').hidden = latest.pairs.size > 0;
  element('no-errors').hidden = latest.all.error > 0;
}

/** Keeps the list of models to choose from; left alone while nothing changes, so that it does not close under a hand. */
function offer({ pairs }: Reading): void {
  const wanted = ['', ...[...pairs.values()].map(({ model, provider }) => pairKey(model, provider))];
  const present = [...choice.options].map(({ value }) => value);
  if (wanted.length === present.length && wanted.every((value) => present.includes(value))) return;
  const chosen = choice.value;
  choice.replaceChildren(
    ...wanted.map((value) => {
      const { model, provider } = pairs.get(value) ?? {};
      return new Option(
        value === '' ? 'All models' : [model || 'no model', provider].filter(Boolean).join(' · '),
        value,
      );
    }),
  );
  choice.value = wanted.includes(chosen) ? chosen : '';
}

/** Said aloud by a screen reader, so only when it changes. */
function say(status: string): void {
  const place = element('status');
  setText(place, status);
  place.dataset['status'] = status === 'live' ? 'live' : 'not';
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no element ${id}.`);
  return found;
}

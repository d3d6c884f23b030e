import uPlot from 'uplot';
import type { ChartDefinition } from './charts.js';
import { KEPT_SECONDS } from './history.js';

const HEIGHT = 170;

/** One chart in its figure; redrawn when it gets data, another width or another colour scheme. */
export class Plot {
  readonly #definition: ChartDefinition;
  readonly #place: HTMLElement;
  readonly #legend: HTMLElement;
  #uplot: uPlot | undefined;
  #data: uPlot.AlignedData = [[]];

  constructor(definition: ChartDefinition, figure: HTMLElement) {
    this.#definition = definition;
    this.#place = figure.querySelector('.plot') as HTMLElement;
    this.#legend = figure.querySelector('.legend') as HTMLElement;
    // A canvas says nothing to who cannot see it; the legend beside it is text.
    this.#place.setAttribute('aria-hidden', 'true');
    new ResizeObserver(() => this.#resize()).observe(this.#place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#build());
  }

  show(times: readonly number[], lines: readonly (readonly (number | null)[])[]): void {
    this.#data = [[...times], ...lines.map((values) => [...values])];
    if (this.#uplot) this.#uplot.setData(this.#data);
    else this.#build();
    this.#legend.replaceChildren(
      ...this.#definition.lines.map(({ label, colour }, index) => {
        const item = document.createElement('li');
        const latest = lines[index]?.at(-1) ?? undefined;
        item.style.setProperty('--line', `var(--series-${colour})`);
        item.append(`${label} `, bold(this.#definition.say(latest)));
        return item;
      }),
    );
  }

  #build(): void {
    this.#uplot?.destroy();
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const axis = {
      stroke: colour('--dim'),
      grid: { stroke: colour('--grid'), width: 1 },
      ticks: { show: false },
      font: '12px system-ui, sans-serif',
    };
    this.#uplot = new uPlot(
      {
        width: Math.max(this.#place.clientWidth, 200),
        height: HEIGHT,
        legend: { show: false },
        cursor: { show: false },
        scales: {
          // The whole of the last two minutes from the beginning on: a line that stretches tells nothing.
          x: { range: (_, __, latest) => [latest - KEPT_SECONDS, latest] },
          y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
        },
        axes: [
          { ...axis, space: 70, size: 30, values: (_, ticks) => ticks.map(clock) },
          { ...axis, size: 58, values: (_, ticks) => ticks.map((tick) => this.#definition.say(tick)) },
        ],
        series: [
          {},
          ...this.#definition.lines.map(({ label, colour: number }, index) => ({
            label,
            stroke: colour(`--series-${number}`),
            width: 2,
            // Told apart without colour, too.
            ...(index > 0 && { dash: index === 1 ? [6, 4] : [2, 3] }),
            points: { show: false },
          })),
        ],
      },
      this.#data,
      this.#place,
    );
  }

  #resize(): void {
    const width = this.#place.clientWidth;
    if (this.#uplot && width > 0 && width !== this.#uplot.width) this.#uplot.setSize({ width, height: HEIGHT });
  }
}

function bold(text: string): HTMLElement {
  const element = document.createElement('b');
  element.textContent = text;
  return element;
}

function clock(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleTimeString('en-GB');
}

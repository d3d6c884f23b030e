import uPlot from 'uplot';
import type { ChartDefinition, Line } from './charts.js';
import { setText } from './elements.js';
import { KEPT_SECONDS } from './history.js';

const HEIGHT = 170;
const WHOLE_STEPS = [1, 2, 5]
  .flatMap((step) => [1, 10, 100, 1_000, 10_000].map((power) => step * power))
  .sort((a, b) => a - b);

/** One chart in its figure; redrawn when it gets data, another width or another colour scheme. */
export class Plot {
  readonly #definition: ChartDefinition;
  readonly #place: HTMLElement;
  /** In the legend, the latest value of each line. */
  readonly #values: readonly HTMLElement[];
  #uplot: uPlot | undefined;
  #data: uPlot.AlignedData = [[]];

  constructor(definition: ChartDefinition, figure: HTMLElement) {
    this.#definition = definition;
    this.#place = figure.querySelector('.plot') as HTMLElement;
    this.#values = definition.lines.map((line) => legendItem(figure.querySelector('.legend') as HTMLElement, line));
    // A canvas says nothing to who cannot see it; the legend beside it is text.
    this.#place.setAttribute('aria-hidden', 'true');
    new ResizeObserver(() => this.#resize()).observe(this.#place);
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#build());
  }

  show(times: readonly number[], lines: readonly (readonly (number | null)[])[]): void {
    this.#data = [[...times], ...lines.map((values) => [...values])];
    if (this.#uplot) this.#uplot.setData(this.#data);
    else this.#build();
    this.#values.forEach((value, index) => {
      setText(value, this.#definition.say(lines[index]?.at(-1) ?? undefined));
    });
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
          {
            ...axis,
            size: 58,
            values: (_, ticks) => ticks.map((tick) => (tick === 0 ? '0' : this.#definition.say(tick))),
            ...(this.#definition.isWhole && { incrs: WHOLE_STEPS, space: 24 }),
          },
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

function legendItem(legend: HTMLElement, { label, colour }: Line): HTMLElement {
  const item = document.createElement('li');
  const value = document.createElement('b');
  item.style.setProperty('--line', `var(--series-${colour})`);
  item.append(`${label} `, value);
  legend.append(item);
  return value;
}

function clock(seconds: number): string {
  return new Date(seconds * 1_000).toLocaleTimeString('en-GB');
}

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { jest } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { type Gateway, startGateway } from '../../samples/gateway/gateway.js';
import { type PrometheusSample, parsePrometheusText } from '../../samples/gateway/traffic/prometheus-text.js';
import { HeldProvider } from '../samples/gateway/support/held-provider.js';
import { until } from '../support/until.js';
import { describeWith, pathOf } from './support/backends.js';

jest.setTimeout(120_000);

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
declare const axe: typeof import('axe-core');
/** A model's name that would run if it were not shown as text. */
const HOSTILE = '<img src=x onerror="document.title=1">\n"';

// One story: an empty gateway, known traffic, a gateway that goes away.
describeWith(['chromium'], 'the live page of the gateway', () => {
  const held = new HeldProvider();
  let gateway: Gateway;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];
  const requested = new Set<string>();

  beforeAll(async () => {
    gateway = await startGateway({ port: 0, tokensPerSecond: 0, providers: [held] });
    browser = await chromium.launch({ executablePath: pathOf('chromium'), args: FLAGS });
    page = await open(1440, 'light');
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => requested.add(new URL(request.url()).origin));
    await page.goto(gateway.url);
  });

  afterAll(async () => {
    await browser?.close();
    await gateway?.close(0);
  });

  async function open(width: number, colorScheme: 'light' | 'dark'): Promise<Page> {
    return browser.newPage({ viewport: { width, height: 800 }, colorScheme });
  }

  function send(body: object, signal?: AbortSignal): Promise<Response> {
    const messages = [{ role: 'user', content: 'Hello' }];
    return fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'local/markov', messages, max_tokens: 5, ...body }),
      ...(signal && { signal }),
    });
  }

  async function metrics(): Promise<PrometheusSample[]> {
    return parsePrometheusText(await (await fetch(`${gateway.url}/metrics`)).text());
  }

  const text = (id: string) => page.locator(`#${id}`).innerText();
  const tile = (id: string) => text(`tile-${id}`);
  const cells = (row: string) =>
    page
      .locator(row)
      .evaluateAll((rows) =>
        rows.map((one) => [...(one as HTMLTableRowElement).cells].map((cell) => cell.textContent)),
      );

  it('says what to do while there is no traffic', async () => {
    await page.locator('#status[data-status=live]').waitFor();
    expect(await page.locator('#quiet').isVisible()).toBe(true);
    expect(await page.locator('#quiet pre').innerText()).toBe(`npm run traffic -- --url ${gateway.url}`);
    expect(await tile('requests')).toBe('0');
    expect(await text('no-models')).toBe('None so far.');
    expect(await text('no-errors')).toBe('None so far.');
  });

  it('shows what /metrics says after known traffic, number by number', async () => {
    for (let i = 0; i < 3; i++) await (await send({})).text();
    for (let i = 0; i < 2; i++) await (await send({ stream: true })).text();
    await (await send({ model: HOSTILE })).text();
    const leaver = new AbortController();
    await send({ model: 'held/word', stream: true }, leaver.signal);
    await until('the stream to wait', () => held.waiting === 1);
    leaver.abort();
    await until('the provider to be told', () => held.closed === 1);
    await send({ model: 'held/word', stream: true });
    await until('the second stream to wait', () => held.waiting === 2);
    await until(
      'the page to have caught up',
      async () => (await tile('requests')) === '7' && (await tile('in-flight')) === '1',
      30_000,
      50,
    );

    const samples = await metrics();
    expect(total(samples, 'requests_total', {})).toBe(7);
    expect(await tile('in-flight')).toBe(String(total(samples, 'concurrent_requests', {})));
    expect(await tile('in-flight')).toBe('1');
    expect(await tile('errors')).toBe(String(total(samples, 'requests_total', { status: 'error' })));
    expect(await tile('errors')).toBe('1');
    expect(await tile('error-share')).toBe('16.7 %');
    expect(await tile('cancelled')).toBe(String(total(samples, 'requests_total', { status: 'cancelled' })));
    expect(await tile('cancelled')).toBe('1');
    expect(await tile('first-token')).toBe(time(quantile(0.95, samples, 'time_to_first_token_seconds', {})));
    expect(await tile('duration')).toBe(time(quantile(0.95, samples, 'request_duration_seconds', {})));
    expect(await tile('tokens')).toBe(three(quantile(0.5, samples, 'tokens_per_second', {})));

    const row = (model: string, provider: string, name: string) => {
      const of = { model, provider };
      const ended = total(samples, 'requests_total', of);
      return [
        name,
        provider === '' ? '–' : provider,
        String(ended),
        String(total(samples, 'concurrent_requests', of)),
        String(total(samples, 'requests_total', { ...of, status: 'error' })),
        String(total(samples, 'requests_total', { ...of, status: 'cancelled' })),
        time(quantile(0.5, samples, 'time_to_first_token_seconds', of)),
        time(quantile(0.95, samples, 'time_to_first_token_seconds', of)),
        time(quantile(0.5, samples, 'request_duration_seconds', of)),
        time(quantile(0.95, samples, 'request_duration_seconds', of)),
        three(quantile(0.5, samples, 'tokens_per_second', of)),
      ];
    };
    expect(await cells('#models tr')).toEqual([
      row('local/markov', 'local', 'local/markov'),
      row('held/word', 'held', 'held/word'),
      row(HOSTILE, '', HOSTILE.replace('\n', '⏎')),
    ]);
    expect(await page.locator('#models tr:first-child td:nth-child(3)').innerText()).toBe('5');
    const [error] = await cells('#errors tr');
    expect(error?.slice(0, 5)).toEqual(['404', '1', HOSTILE.replace('\n', '⏎'), '–', 'chat_completion']);
    expect(error?.[5]).toMatch(/^\d\d:\d\d:\d\d$/);
    expect(await page.locator('#quiet').isVisible()).toBe(false);
    expect(await page.locator('#no-models').isVisible()).toBe(false);
    expect(await page.locator('#no-errors').isVisible()).toBe(false);
  });

  it('narrows tiles and charts to one model', async () => {
    await page.locator('#choice').selectOption({ label: 'held/word · held' });
    expect(await tile('requests')).toBe('1');
    expect(await tile('in-flight')).toBe('1');
    expect(await page.locator('#chart-in-flight .legend').innerText()).toContain('1');
    await page.locator('#choice').selectOption({ label: 'All models' });
    expect(await tile('requests')).toBe('7');
  });

  it('draws every chart, and says its latest values as text', async () => {
    const charts = page.locator('figure');
    expect(await charts.locator('canvas').count()).toBe(5);
    expect(await charts.locator('h3').allInnerTexts()).toEqual([
      'Requests per second',
      'In flight',
      'Time to first token',
      'Request duration',
      'Tokens per second of a request',
    ]);
    const painted = await charts.locator('canvas').evaluateAll((canvases) =>
      canvases.map((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const pixels = (canvas as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, width, height).data ?? [];
        return pixels.some((value) => value > 0);
      }),
    );
    expect(painted).toEqual([true, true, true, true, true]);
    for (const legend of await charts.locator('.legend').allInnerTexts()) expect(legend).toMatch(/\w+ [\d–]/);
  });

  it('works by keyboard: a list of models, a button that stops and goes on', async () => {
    await page.locator('#choice').focus();
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('pause');
    await page.keyboard.press('Enter');
    expect(await page.locator('#pause').getAttribute('aria-pressed')).toBe('true');
    expect(await text('status')).toBe('paused');
    await page.keyboard.press('Enter');
    await until('the page to be live again', async () => (await text('status')) === 'live', 30_000, 50);
  });

  it('names what a screen reader comes to', async () => {
    expect(await page.getByRole('status').count()).toBe(1);
    expect(await page.getByRole('combobox', { name: 'Show' }).count()).toBe(1);
    expect(await page.getByRole('table', { name: 'By model and provider' }).count()).toBe(1);
    expect(await page.getByRole('table', { name: 'Last errors' }).count()).toBe(1);
    expect(await page.getByRole('columnheader', { name: 'First token p95' }).count()).toBe(1);
    expect(await page.getByRole('rowheader', { name: 'local/markov' }).count()).toBe(1);
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe('Inference metrics, live');
  });

  it.each([
    [360, 'light'],
    [1440, 'dark'],
  ] as const)(
    'breaks none of the rules of WCAG that a machine can check, %s pixels wide and %s',
    async (width, scheme) => {
      // The rules run in the page, which lets no stranger's script in.
      const context = await browser.newContext({
        viewport: { width, height: 800 },
        colorScheme: scheme,
        bypassCSP: true,
      });
      const other = await context.newPage();
      await other.goto(gateway.url);
      await other.locator('#models tr').first().waitFor();
      await other.evaluate(AXE);
      const { passes, violations } = await other.evaluate(() => axe.run(document));
      expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
      expect(passes.length).toBeGreaterThan(30);
      await context.close();
    },
  );

  it('leaves a row alone that says what it said, so that a selection in it stays', async () => {
    await page.evaluate(() => {
      const cell = document.querySelector('#models tr th') as HTMLElement;
      getSelection()?.selectAllChildren(cell);
    });
    await (await send({})).text();
    await until('one request more', async () => (await tile('requests')) === '8', 30_000, 50);
    expect(await page.evaluate(() => getSelection()?.toString())).toBe('local/markov');
  });

  it.each([360, 768, 1440, 2560])('fits a screen %s pixels wide, in light and dark', async (width) => {
    const backgrounds: string[] = [];
    for (const scheme of ['light', 'dark'] as const) {
      const other = await open(width, scheme);
      await other.goto(gateway.url);
      await other.locator('#models tr').first().waitFor();
      expect(await other.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      backgrounds.push(await other.evaluate(() => getComputedStyle(document.body).backgroundColor));
      await other.close();
    }
    expect(backgrounds).toEqual(['rgb(245, 247, 250)', 'rgb(14, 18, 26)']);
  });

  it('loads nothing from elsewhere, runs no stranger’s text and throws nothing', async () => {
    expect([...requested]).toEqual([gateway.url]);
    expect(await page.title()).toBe('Inference metrics, live · track-inference sample gateway');
    expect(problems).toEqual([]);
  });

  it('says so when the gateway is gone', async () => {
    await gateway.close(0);
    await until('the status', async () => (await text('status')) === 'no answer; trying again', 30_000, 50);
  });
});

/** The sum of a metric's samples that have these labels, an absent one being ''. */
function total(samples: readonly PrometheusSample[], metric: string, labels: Readonly<Record<string, string>>): number {
  return matching(samples, metric, labels).reduce((sum, { value }) => sum + value, 0);
}

function matching(samples: readonly PrometheusSample[], metric: string, labels: Readonly<Record<string, string>>) {
  return samples.filter(
    (sample) =>
      sample.name === `llama_stack_inference_${metric}` &&
      Object.entries(labels).every(([name, value]) => (sample.labels[name] ?? '') === value),
  );
}

/** Prometheus' estimate, worked out from the text once more. */
function quantile(q: number, samples: readonly PrometheusSample[], metric: string, labels: Record<string, string>) {
  const edges = new Set(matching(samples, `${metric}_bucket`, labels).map((sample) => sample.labels['le'] as string));
  const below = (le: string) => total(samples, `${metric}_bucket`, { ...labels, le });
  const rank = q * below('+Inf');
  if (!(rank > 0)) return undefined;
  let [low, before] = [0, 0];
  for (const le of [...edges].filter((edge) => edge !== '+Inf').sort((a, b) => Number(a) - Number(b))) {
    if (below(le) >= rank) return low + ((Number(le) - low) * (rank - before)) / (below(le) - before);
    [low, before] = [Number(le), below(le)];
  }
  return low;
}

function time(value: number | undefined): string {
  if (value === undefined) return '–';
  return value < 1 ? `${three(value * 1_000)} ms` : `${three(value)} s`;
}

function three(value: number | undefined): string {
  return value === undefined ? '–' : Number(value.toPrecision(3)).toLocaleString('en');
}

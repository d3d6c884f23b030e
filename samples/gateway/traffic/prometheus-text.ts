export interface PrometheusSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads Prometheus' text format; a line that it does not allow throws. Comments and timestamps are left out. */
export function parsePrometheusText(text: string): PrometheusSample[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => new LineReader(line).sample());
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const NUMBER = /[+-]?(?:Inf|NaN|[0-9.]+(?:e[+-]?[0-9]+)?)/iy;
const TIMESTAMP = /(?: -?[0-9]+)?$/y;
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' };

class LineReader {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line;
  }

  sample(): PrometheusSample {
    const name = this.#match(NAME, 'a metric name');
    const labels: Record<string, string> = {};
    if (this.#take('{')) {
      while (!this.#take('}')) {
        const label = this.#match(NAME, 'a label name');
        if (label in labels) this.#fail(`the label ${label} once only`);
        this.#expect('="');
        labels[label] = this.#quoted();
        if (!this.#take(',') && this.#line[this.#at] !== '}') this.#fail('"," or "}"');
      }
    }
    this.#expect(' ');
    const value = numberOf(this.#match(NUMBER, 'a number'));
    this.#match(TIMESTAMP, 'a timestamp or the end');
    return { name, labels, value };
  }

  #quoted(): string {
    let text = '';
    for (;;) {
      const character = this.#line[this.#at++];
      if (character === '"') return text;
      if (character === '\\') text += ESCAPES[this.#line[this.#at++] ?? ''] ?? this.#fail('an escaped character');
      else text += character ?? this.#fail('a closing quote');
    }
  }

  #take(expected: string): boolean {
    if (!this.#line.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  #expect(expected: string): void {
    if (!this.#take(expected)) this.#fail(JSON.stringify(expected));
  }

  #match(pattern: RegExp, expected: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#line)?.[0] ?? this.#fail(expected);
    this.#at += found.length;
    return found;
  }

  #fail(expected: string): never {
    throw new SyntaxError(`Expected ${expected} at column ${this.#at + 1} of: ${this.#line}`);
  }
}

function numberOf(text: string): number {
  return Number(text.replace(/inf$/i, 'Infinity'));
}

/** Stands before the first and after the last word of a paragraph. */
export const BOUNDARY = '';

/** How often a context with a single known continuation is given up for a shorter one, so that texts are not quotations. */
const STRAY = 0.3;
const OPENING_WORDS = 2;

interface Paragraph {
  readonly opening: readonly string[];
  readonly vocabulary: ReadonlySet<string>;
}

/** A word n-gram chain: the next word is drawn from those that followed the longest known end of the text so far. */
export class MarkovModel {
  readonly #order: number;
  readonly #followers = new Map<string, Map<string, number>>();
  readonly #paragraphs: Paragraph[] = [];

  constructor(text: string, order = 3) {
    this.#order = order;
    for (const paragraph of text.trim().split(/\n\s*\n/)) this.#learn(paragraph.split(/\s+/));
  }

  #learn(words: readonly string[]): void {
    this.#paragraphs.push({ opening: words.slice(0, OPENING_WORDS), vocabulary: new Set(words.map(bare)) });
    const sequence = [BOUNDARY, ...words, BOUNDARY];
    for (let at = 1; at < sequence.length; at++) {
      for (let length = 0; length <= this.#order && length <= at; length++) {
        const key = keyOf(sequence.slice(at - length, at));
        const followers = this.#followers.get(key) ?? new Map<string, number>();
        this.#followers.set(key, followers);
        const word = sequence[at] as string;
        followers.set(word, (followers.get(word) ?? 0) + 1);
      }
    }
  }

  /** The word after `words`, or {@link BOUNDARY} where the paragraph ends. Temperature 0 takes the likeliest. */
  next(words: readonly string[], random: () => number, temperature = 1): string {
    for (let length = Math.min(this.#order, words.length); length >= 0; length--) {
      const followers = this.#followers.get(keyOf(words.slice(words.length - length)));
      if (followers === undefined) continue;
      const strays = length > 0 && followers.size === 1 && random() < STRAY * Math.min(temperature, 1);
      if (!strays) return draw(followers, random, temperature);
    }
    return BOUNDARY;
  }

  /** The first words of a paragraph that has many words of `text` in it: an answer that sounds like one. */
  openingFor(text: string, random: () => number): readonly string[] {
    const asked = new Set(
      text
        .split(/\s+/)
        .map(bare)
        .filter((word) => word.length > 3),
    );
    const score = ({ vocabulary }: Paragraph) => [...asked].filter((word) => vocabulary.has(word)).length;
    const best = Math.max(...this.#paragraphs.map(score));
    const candidates = this.#paragraphs.filter((paragraph) => score(paragraph) === best);
    return candidates[Math.floor(random() * candidates.length)]?.opening ?? [];
  }
}

function keyOf(words: readonly string[]): string {
  return `${words.length} ${words.join(' ')}`;
}

function bare(word: string): string {
  return word.toLowerCase().replace(/[^a-z]/g, '');
}

function draw(followers: ReadonlyMap<string, number>, random: () => number, temperature: number): string {
  const weigh = (count: number) => (temperature > 0 ? count ** (1 / temperature) : count);
  let total = 0;
  let likeliest = BOUNDARY;
  let most = 0;
  for (const [word, count] of followers) {
    total += weigh(count);
    if (count > most) [likeliest, most] = [word, count];
  }
  // A temperature near 0 overflows the weights; the likeliest word is its limit.
  if (temperature === 0 || !Number.isFinite(total)) return likeliest;
  let left = random() * total;
  for (const [word, count] of followers) {
    left -= weigh(count);
    if (left < 0) return word;
  }
  return likeliest;
}

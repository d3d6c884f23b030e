import { llamaStack, type Vocabulary } from 'track-inference';
import { genAi } from 'track-inference/gen-ai';
import { EXTRAS, sloRequests } from '../../lib/metrics/vocabularies/extras.js';
import { promqlErrors } from '../observability/support/promql-errors.js';
import { blocksIn } from './support/pages.js';

const vocabularies: readonly Vocabulary[] = [llamaStack, genAi];
const instruments = [
  llamaStack.inFlight,
  ...vocabularies.flatMap(({ settled }) => settled),
  ...Object.values(EXTRAS).flat(),
  sloRequests({}),
];
const names = instruments.flatMap(({ name, kind }) => {
  const own = name.replaceAll('.', '_');
  return kind === 'histogram' ? ['bucket', 'sum', 'count'].map((suffix) => `${own}_${suffix}`) : own;
});

/** One query a line; what is indented, or closes what was, goes on. */
const queries = blocksIn('promql').flatMap(({ where, code }) =>
  code.split(/\n(?![\s)])/).map((query) => [query, where] as const),
);

describe('the queries of README and docs', () => {
  it.each(queries)('%s (%s)', (query) => {
    expect(promqlErrors(query)).toEqual([]);
    for (const [name] of query.matchAll(/\b(llama_stack|gen_ai)_\w+/g)) expect(names).toContain(name);
  });
});

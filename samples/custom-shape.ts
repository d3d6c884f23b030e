// Token counts of a backend whose responses nobody knows. Run it: npx tsx samples/custom-shape.ts
import { configureInference, tokenExtractors, trackInference } from 'track-inference';

/** One line of an in-house streaming protocol. */
interface AcmeLine {
  readonly acme: 'text' | 'end';
  readonly text?: string;
  readonly spent?: { readonly in: number; readonly out: number };
}

const remove = tokenExtractors.register({
  name: 'acme.lines',
  recognizes: (value): value is AcmeLine => typeof (value as AcmeLine | null)?.acme === 'string',
  usage: ({ spent }) => spent && { inputTokens: spent.in, outputTokens: spent.out },
  hasOutput: ({ text }) => text !== undefined && text !== '',
  finished: ({ acme }) => acme === 'end',
});

configureInference({ onSettled: ({ attributes, usage }) => console.log(attributes['status'], usage) });

const complete = trackInference(async function* complete(): AsyncGenerator<AcmeLine> {
  yield { acme: 'text', text: 'Curiouser' };
  yield { acme: 'text', text: ' and curiouser!' };
  yield { acme: 'end', spent: { in: 9, out: 4 } };
}, 'completion');

for await (const line of complete()) process.stdout.write(line.text ?? '\n');

remove(); // From here on the shape is unknown again.

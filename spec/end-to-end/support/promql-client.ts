export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly resultType: string;
    readonly result:
      | readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[]
      | [number, string];
  };
}

/** Asks Prometheus, or a server that speaks its API, for the value of an expression now. */
export async function query(url: string, expression: string): Promise<Sample[]> {
  const response = await fetch(`${url}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expression }),
  });
  const answer = (await response.json()) as Answer;
  if (answer.status !== 'success') throw new Error(`${expression}: ${answer.error}`);
  const { result } = answer.data;
  if (answer.data.resultType === 'scalar') return [{ labels: {}, value: Number((result as [number, string])[1]) }];
  return (result as { metric: Record<string, string>; value: [number, string] }[]).map(({ metric, value }) => ({
    labels: metric,
    value: Number(value[1]),
  }));
}

const LABELS = ['model', 'provider', 'endpoint_type', 'stream', 'status'];

/** Samples as an object: the values of the contract's labels (a missing one as `-`) to the sample's value. */
export function byLabels(samples: readonly Sample[]): Record<string, number> {
  return Object.fromEntries(
    samples.map(({ labels, value }) => [LABELS.map((label) => labels[label] ?? '-').join(' '), value]),
  );
}

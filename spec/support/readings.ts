import type { MetricRow, TestTracker } from 'track-inference/testing';

/** The requests counted so far, one entry a series; series at zero are left out. */
export async function requests(tracker: TestTracker): Promise<object[]> {
  const rows = await tracker.rows('requests_total');
  return rows.filter(({ value }) => value !== 0).map(({ attributes, value }) => ({ ...attributes, count: value }));
}

/** How the only request so far ended, and how long it took. */
export async function outcome(tracker: TestTracker): Promise<object> {
  const counted = (await tracker.rows('requests_total')).filter(({ value }) => value !== 0);
  const durations = await tracker.rows('request_duration_seconds');
  const firstTokens = await tracker.rows('time_to_first_token_seconds');
  if (counted.length !== 1 || counted[0]?.value !== 1 || durations.length !== 1 || durations[0]?.count !== 1) {
    throw new Error(`expected one request, got ${JSON.stringify(counted)} and ${JSON.stringify(durations)}`);
  }
  return {
    status: counted[0].attributes['status'],
    stream: counted[0].attributes['stream'],
    seconds: durations[0].sum,
    ...(firstTokens[0] && { firstToken: firstTokens[0].sum }),
    inFlight: await inFlight(tracker),
  };
}

/** The number of requests in flight over all series; throws if one of them is negative. */
export async function inFlight(tracker: TestTracker): Promise<number> {
  const rows = await tracker.rows('concurrent_requests');
  return rows.reduce((sum, { attributes, value = 0 }) => {
    if (value < 0) throw new Error(`${JSON.stringify(attributes)} is at ${value}`);
    return sum + value;
  }, 0);
}

/** The single row of that instrument. */
export async function only(tracker: TestTracker, name: string): Promise<MetricRow> {
  const rows = await tracker.rows(name);
  if (rows.length !== 1) throw new Error(`expected one series of ${name}, got ${rows.length}`);
  return rows[0] as MetricRow;
}

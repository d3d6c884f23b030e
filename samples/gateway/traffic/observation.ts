export type EndpointType = 'chat_completion' | 'completion' | 'embeddings';

/** The gateway's own three, and `refused`: turned away before the router, so not an inference request. */
export type Outcome = 'success' | 'error' | 'cancelled' | 'refused';

/** What one request looked like from the client's side. */
export interface Observation {
  readonly endpointType: EndpointType;
  readonly stream: boolean;
  readonly outcome: Outcome;
  readonly durationMs: number;
  /** Streams only: from sending the request to the first text. */
  readonly firstTokenMs?: number;
}

import { currentInference, TrackInference } from 'track-inference';

/** What the router needs of a provider. */
export interface Provider {
  readonly id: string;
  stream(signal: AbortSignal): AsyncIterable<object>;
  complete(signal: AbortSignal): Promise<object>;
}

export interface ChatParams {
  readonly model: string;
  readonly stream?: boolean;
}

/** A router as an application has it. */
export class Router {
  constructor(private readonly provider: Provider) {}

  @TrackInference({ endpointType: 'chat_completion' })
  async chatCompletion(params: ChatParams, signal: AbortSignal): Promise<object> {
    currentInference()?.setProvider(this.provider.id);
    return params.stream === true ? this.provider.stream(signal) : this.provider.complete(signal);
  }
}

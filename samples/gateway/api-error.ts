import OpenAI from 'openai';

export interface ApiErrorDetails {
  readonly status?: number;
  readonly type?: string;
  readonly param?: string | null;
  readonly code?: string | null;
  readonly headers?: Record<string, string>;
}

/** A failure that the client is told about, in the shape and words that OpenAI's clients know. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly type: string;
  readonly param: string | null;
  readonly code: string | null;
  readonly headers: Record<string, string>;

  constructor(message: string, details: ApiErrorDetails = {}) {
    super(message);
    this.status = details.status ?? 400;
    this.type = details.type ?? 'invalid_request_error';
    this.param = details.param ?? null;
    this.code = details.code ?? null;
    this.headers = details.headers ?? {};
  }

  /** The JSON body of an error response, and the data of an error event in a stream. */
  body(): { error: { message: string; type: string; param: string | null; code: string | null } } {
    return { error: { message: this.message, type: this.type, param: this.param, code: this.code } };
  }
}

export function modelNotFound(model: string): ApiError {
  return new ApiError(`The model \`${model}\` does not exist or you do not have access to it.`, {
    status: 404,
    param: 'model',
    code: 'model_not_found',
  });
}

/** Turns whatever was thrown into what the client may see of it; a stranger's mistake stays in our log. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof OpenAI.APIError) return fromUpstream(error);
  console.error(error);
  return new ApiError('The server had an error while processing your request.', { status: 500, type: 'server_error' });
}

function fromUpstream(error: InstanceType<typeof OpenAI.APIError>): ApiError {
  if (error instanceof OpenAI.APIConnectionTimeoutError) {
    return new ApiError('The upstream did not answer in time.', {
      status: 504,
      type: 'server_error',
      code: 'upstream_timeout',
    });
  }
  // An error event in the upstream's stream carries no status either, but it carries a body.
  if (error.status === undefined && error.error === undefined) {
    return new ApiError('The upstream cannot be reached.', {
      status: 502,
      type: 'server_error',
      code: 'upstream_unreachable',
    });
  }
  const retryAfter = error.headers?.get('retry-after');
  return new ApiError(upstreamMessage(error), {
    status: error.status ?? 502,
    type: error.type ?? (error.status !== undefined && error.status < 500 ? 'invalid_request_error' : 'server_error'),
    param: error.param ?? null,
    code: error.code ?? null,
    headers: retryAfter ? { 'retry-after': retryAfter } : {},
  });
}

/** The SDK puts the status in front of the message; the client gets the status as a status. */
function upstreamMessage(error: InstanceType<typeof OpenAI.APIError>): string {
  const body = error.error as { message?: unknown } | undefined;
  return typeof body?.message === 'string' ? body.message : error.message;
}

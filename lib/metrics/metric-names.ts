/** The meter under which every instrument of the llama_stack vocabulary is created. */
export const METER_NAME = 'llama_stack.inference';

/** Counter, `{request}`: requests that settled. */
export const REQUESTS_TOTAL = 'llama_stack.inference.requests_total';
/** Histogram, seconds: method entry to settled. */
export const REQUEST_DURATION = 'llama_stack.inference.request_duration_seconds';
/** UpDownCounter, `{request}`: requests in flight. */
export const CONCURRENT_REQUESTS = 'llama_stack.inference.concurrent_requests';
/** Histogram, tokens per second of request duration. */
export const TOKENS_PER_SECOND = 'llama_stack.inference.tokens_per_second';
/** Histogram, seconds: time spent in the model. */
export const INFERENCE_DURATION = 'llama_stack.inference.inference_duration_seconds';
/** Histogram, seconds: method entry to the first output of a stream. */
export const TIME_TO_FIRST_TOKEN = 'llama_stack.inference.time_to_first_token_seconds';

import { fields, isObject } from '../payload.js';
import { shape } from '../shape.js';
import { usageTable } from '../usage-table.js';

type Payload = 'event' | 'data' | 'status' | 'urls';

/** Replicate's predictions and event streams. They state no tokens, only the time in the model. */
export const replicate = /* @__PURE__ */ shape({
  name: 'replicate.prediction',
  is: (payload) => {
    const { event, data, status, urls } = fields<Payload>(payload);
    if (typeof data === 'string') return event === 'output';
    return typeof status === 'string' && isObject(urls);
  },
  usage: /* @__PURE__ */ usageTable({ inferenceSeconds: 'metrics.predict_time' }),
  output: (payload) => {
    const { event, data } = fields<Payload>(payload);
    return event === 'output' && data !== '';
  },
  failed: (payload) => {
    const { event, status } = fields<Payload>(payload);
    return event === 'error' || status === 'failed';
  },
  finished: (payload) => fields<Payload>(payload).event === 'done',
  model: 'model',
});

import { mergeFields } from '../merge-rules.js';
import { fields, first, generatedAt, isErrorEvent, isObject, isText, startsWith } from '../payload.js';
import { shape } from '../shape.js';
import { usageTable } from '../usage-table.js';

type Payload = 'type' | 'event_type' | 'eventType' | 'message' | 'delta' | 'usage' | 'response' | 'meta';
type Metered = 'tokens' | 'billed_units' | 'billedUnits';

const readTokens = /* @__PURE__ */ usageTable({ inputTokens: 'input_tokens', outputTokens: 'output_tokens' }, 'zero');
const readCached = /* @__PURE__ */ usageTable({ cachedInputTokens: 'cached_tokens' });

const findMeta = /* @__PURE__ */ first('api_version | billed_units | tokens', isObject);
const isOutput = /* @__PURE__ */ generatedAt(
  'text | delta.message.content.text | delta.message.content.thinking | delta.message.tool_plan | ' +
    'delta.message.tool_calls.function.name | delta.message.tool_calls.function.arguments',
);

/**
 * Cohere's chat, generate, embed and rerank, versions 1 and 2, in the wire's spelling and the SDK's. `tokens` is what
 * the model read and wrote; the units billed, which differ, count only where there is nothing else.
 */
export const cohere = /* @__PURE__ */ shape({
  name: 'cohere',
  is: (payload) => {
    const { type, event_type, eventType, message, meta } = fields<Payload>(payload);
    const event = type ?? event_type ?? eventType;
    if (isText(event)) {
      return /^((message|content|tool-plan|tool-call|citation)-(start|delta|end)|stream-(start|end)|(text|citation|tool-calls|search-queries)-generation)$/.test(
        event,
      );
    }
    return isObject(meta) ? findMeta(meta) !== undefined : isObject(message) && isText(reasonOf(payload));
  },
  usage: (payload) => {
    const { delta, usage, response, meta } = fields<Payload>(payload);
    const stated = fields<Payload>(delta).usage ?? usage ?? fields<Payload>(response).meta ?? meta;
    if (!isObject(stated)) return undefined;
    const { tokens, billed_units, billedUnits } = fields<Metered>(stated);
    const counts = readTokens(tokens) ?? readTokens(billed_units ?? billedUnits);
    return counts && mergeFields(counts, readCached(stated));
  },
  output: (payload) => fields<Payload>(payload).type !== 'content-start' && isOutput(payload),
  failed: (payload) =>
    isErrorEvent(payload) || startsWith(reasonOf(payload) ?? reasonOf(fields<Payload>(payload).delta), 'ERROR'),
  finished: (payload) => {
    const { type, event_type, eventType } = fields<Payload>(payload);
    return type === 'message-end' || (event_type ?? eventType) === 'stream-end';
  },
});

function reasonOf(payload: unknown): unknown {
  const { finish_reason, finishReason } = fields<'finish_reason' | 'finishReason'>(payload);
  return finish_reason ?? finishReason;
}

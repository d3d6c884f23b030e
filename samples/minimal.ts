// The smallest router with inference metrics. Run it: npx tsx samples/minimal.ts
import { metrics } from '@opentelemetry/api';
import { ConsoleMetricExporter, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { TrackInference } from 'track-inference';

interface ChatParams {
  readonly model: string;
  readonly stream?: boolean;
}

const WORDS = ['Curiouser', ' and', ' curiouser!'];

class Router {
  @TrackInference({ endpointType: 'chat_completion', provider: 'sample' })
  async chat(params: ChatParams) {
    return params.stream ? chunks(params.model) : answer(params.model);
  }
}

// Stand-ins for a model. Responses look like OpenAI's, so their token counts are found without being pointed at.
function answer(model: string) {
  return {
    object: 'chat.completion',
    model,
    choices: [{ index: 0, message: { role: 'assistant', content: WORDS.join('') }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
  };
}

async function* chunks(model: string) {
  const head = { object: 'chat.completion.chunk', model };
  for (const content of WORDS) yield { ...head, choices: [{ index: 0, delta: { content }, finish_reason: null }] };
  yield { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };
  yield { ...head, choices: [], usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 } };
}

const reader = new PeriodicExportingMetricReader({ exporter: new ConsoleMetricExporter() });
const provider = new MeterProvider({ readers: [reader] });
metrics.setGlobalMeterProvider(provider);

const router = new Router();
await router.chat({ model: 'wonder-1' });
for await (const _ of (await router.chat({ model: 'wonder-1', stream: true })) as AsyncIterable<unknown>);

// Exports what was recorded, which the console exporter prints.
await provider.shutdown();

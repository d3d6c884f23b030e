import { inferenceRoutes } from 'track-inference/middleware';
import { pathOf, RouteTable } from '../../lib/middleware/routes.js';

const table = new RouteTable({ ...inferenceRoutes, '/v1/rerank': false, '/ask': 'question' });

describe('the route table', () => {
  it.each([
    ['/v1/chat/completions', 'chat_completion', undefined],
    ['/api/v1/chat/completions', 'chat_completion', undefined],
    ['/v1/completions', 'completion', undefined],
    ['/v1/embeddings', 'embeddings', undefined],
    ['/v1/responses', 'responses', undefined],
    ['/v1/messages', 'messages', undefined],
    ['/api/chat', 'chat_completion', undefined],
    ['/api/generate', 'completion', undefined],
    ['/api/embed', 'embeddings', undefined],
    ['/v2/rerank', 'rerank', undefined],
    ['/ask', 'question', undefined],
    ['/openai/deployments/gpt%2D4o/chat/completions', 'chat_completion', 'gpt-4o'],
    ['/deployments/%E0%A4/embeddings', 'embeddings', '%E0%A4'],
    ['/v1beta/models/gemini-2.5-flash:streamGenerateContent', 'chat_completion', 'gemini-2.5-flash'],
    ['/model/anthropic.claude/converse-stream', 'chat_completion', 'anthropic.claude'],
  ])('knows %s', (path, endpointType, model) => {
    expect(table.find(path)).toEqual({ endpointType, model });
  });

  it.each([
    '/',
    '',
    '/v1/models',
    '/v1/threads/t/messages',
    '/v1/messages/count_tokens',
    '/v1/rerank',
    '/xv1/completions',
    '/completions/',
  ])('does not know %s', (path) => {
    expect(table.find(path)).toBeUndefined();
  });
});

describe('pathOf', () => {
  it.each([
    ['/v1/x?a=/b', '/v1/x'],
    ['/v1/x/#h', '/v1/x'],
    ['https://host/v1/x?u=http://y/', '/v1/x'],
    ['https://host', '/'],
    ['/', '/'],
    ['/u?next=http://x/v1/y', '/u'],
  ])('of %s is %s', (url, path) => {
    expect(pathOf(url)).toBe(path);
  });
});

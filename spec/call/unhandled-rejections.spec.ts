import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

it('leaves an unhandled rejection unhandled and a handled one handled', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--import',
    'tsx',
    'spec/fixtures/unhandled-rejections.ts',
  ]);
  expect(JSON.parse(stdout)).toEqual({
    'promise, unhandled': 1,
    'promise, handled': 0,
    'next(), unhandled': 1,
    'next(), handled': 0,
    'promise with members, unhandled': 1,
    'promise with members, handled': 0,
  });
});

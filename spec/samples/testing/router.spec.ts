import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

it("the sample of a user's test passes in Node's test runner", async () => {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', '--import', 'tsx', '--test', '--test-reporter=tap', 'samples/testing/router.test.ts'],
    { env },
  );
  expect(stdout).toMatch(/^# pass 2$/m);
  expect(stdout).toMatch(/^# fail 0$/m);
});

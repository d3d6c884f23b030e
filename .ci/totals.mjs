// Prints `N passed, N failed` from Jest's JSON report. Without a report nothing ran: that is one failure.
import { readFileSync } from 'node:fs';

let report;
try {
  report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
} catch {
  console.log('0 passed, 1 failed');
  process.exit(1);
}
// A file that could not be loaded has no tests to fail, and is a failure all the same.
const failed = report.numFailedTests + report.numRuntimeErrorTestSuites;
console.log(`${report.numPassedTests} passed, ${failed} failed`);
process.exit(failed === 0 && report.success ? 0 : 1);

export { FakeClock } from './fake-clock.js';
export type { MetricRow } from './metric-rows.js';
export type { TestTracker, TestTrackerOptions } from './test-tracker.js';
export { createTestTracker } from './test-tracker.js';

export { assertConformance, type ConformanceSubject, checkConformance } from './conformance.js';
export type { ConformanceProblem, ConformanceReport } from './conformance-report.js';
export { FakeClock } from './fake-clock.js';
export type { MetricRow } from './metric-rows.js';
export type { ScriptedBackend } from './scripted-backend.js';
export type { TestTracker, TestTrackerOptions } from './test-tracker.js';
export { createTestTracker } from './test-tracker.js';

import { warnOnce } from './diagnostics.js';
import { shared } from './shared-state.js';
import { Tracker } from './tracker.js';
import { checkTrackerOptions, type TrackerOptions } from './tracker-options.js';
import { TrackerRuntime } from './tracker-runtime.js';

interface DefaultTracker {
  readonly tracker: Tracker;
  isConfigured: boolean;
}

/** The tracker behind the exported decorator; one for all copies of the package in the process. */
export function defaultTracker(): DefaultTracker {
  return shared('default-tracker', () => ({ tracker: new Tracker(), isConfigured: false }));
}

/**
 * Sets up the default tracker, before or after classes are decorated. Calls that are running keep the old settings.
 *
 * Once: a second call warns through `diag` and changes nothing, so that a library cannot undo what the application set.
 *
 * @throws TypeError if an option has a wrong value; the message says what is expected
 */
export function configureInference(options: TrackerOptions): void {
  checkTrackerOptions(options, 'configureInference');
  const state = defaultTracker();
  if (state.isConfigured) {
    warnOnce('configureInference', 'called a second time; the first settings stay');
    return;
  }
  state.isConfigured = true;
  state.tracker.replaceRuntime(new TrackerRuntime(options));
}

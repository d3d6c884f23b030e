import { type Finding, ok, warn } from '../finding.js';
import type { Observed } from '../probe/observed.js';
import { describeReader } from './describe-reader.js';

/** How long it takes until a number is seen. */
export function checkExportInterval({ readers }: Observed): Finding[] {
  return readers.flatMap((reader) => {
    const { intervalMilliseconds } = reader;
    if (intervalMilliseconds === undefined) return [];
    const seconds = intervalMilliseconds / 1_000;
    const where = describeReader(reader);
    if (seconds > 60) {
      return [
        warn(
          `${where} exports every ${seconds} s: rates over 5 minutes have few points, and an exit without shutdown loses that much`,
          'exportIntervalMillis: 15_000',
        ),
      ];
    }
    if (seconds < 1)
      return [warn(`${where} exports every ${intervalMilliseconds} ms; exportIntervalMillis is in milliseconds`)];
    return [ok(`${where} exports every ${seconds} s; the first numbers come after that`)];
  });
}

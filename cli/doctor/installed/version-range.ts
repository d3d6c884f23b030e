type Version = readonly [major: number, minor: number, patch: number];

const VERSION = /^v?(\d+)\.(\d+)\.(\d+)(-[\w.-]+)?(?:\+.*)?$/;
const COMPARATOR = /^(\^|~|>=|<=|>|<|=)?v?(\d+|[xX*])(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:-[\w.-]+)?$/;

/**
 * Whether a version is inside of a range as npm writes them; undefined for what this does not understand.
 *
 * Only what the peer ranges of OpenTelemetry's packages and of this one need: a prerelease counts as its release.
 */
export function satisfies(version: string, range: string): boolean | undefined {
  const parsed = parseVersion(version);
  if (parsed === undefined) return undefined;
  let understood = true;
  const fits = range.split('||').some((part) => {
    const comparators = part
      .trim()
      .replace(/([<>=^~])\s+/g, '$1')
      .split(/\s+/)
      .filter(Boolean);
    const bounds = comparators.map(boundsOf);
    if (bounds.includes(undefined)) understood = false;
    return bounds.every((bound) => bound !== undefined && isInside(parsed, bound));
  });
  return fits || (understood ? false : undefined);
}

export function parseVersion(text: string): Version | undefined {
  const match = VERSION.exec(text);
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined;
}

interface Bounds {
  readonly from?: Version;
  /** Exclusive. */
  readonly below?: Version;
}

function boundsOf(comparator: string): Bounds | undefined {
  const match = COMPARATOR.exec(comparator);
  if (!match) return undefined;
  const [major, minor, patch] = match.slice(2, 5).map((part) => (/^\d+$/.test(part ?? '') ? Number(part) : undefined));
  if (major === undefined) return {};
  const from: Version = [major, minor ?? 0, patch ?? 0];
  /** The first version that a partly written one, such as `1` or `1.2`, no longer names. */
  const after: Version =
    minor === undefined ? [major + 1, 0, 0] : patch === undefined ? [major, minor + 1, 0] : [major, minor, patch + 1];
  switch (match[1]) {
    case '>=':
      return { from };
    case '>':
      return { from: after };
    case '<':
      return { below: from };
    case '<=':
      return { below: after };
    case '~':
      return { from, below: minor === undefined ? after : [major, minor + 1, 0] };
    case '^':
      if (major > 0 || minor === undefined) return { from, below: [major + 1, 0, 0] };
      return { from, below: minor > 0 || patch === undefined ? [0, minor + 1, 0] : after };
    default:
      return { from, below: after };
  }
}

function isInside(version: Version, { from, below }: Bounds): boolean {
  return (from === undefined || compare(version, from) >= 0) && (below === undefined || compare(version, below) < 0);
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

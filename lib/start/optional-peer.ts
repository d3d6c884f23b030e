/**
 * Loads a package that only those need who use what needs it.
 *
 * @throws Error that names the package and the option, where it is not installed
 */
export async function optionalPeer<T>(option: string, name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND') throw error;
    throw new Error(`startInferenceMetrics: ${option} needs ${name}. Install it: npm install ${name}`, {
      cause: error,
    });
  }
}

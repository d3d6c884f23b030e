/** The package's version, under which its meters are created; a spec compares it with package.json. */
export const VERSION = '0.1.0';

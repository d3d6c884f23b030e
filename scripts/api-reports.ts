// Writes the public interface of each entry down, from the built declarations, as API Extractor does: `npm run api`.
// An argument names another folder than the committed one.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CompilerState, Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

/** What an entry of `exports` has, beside `./package.json`, which is a bare string. */
interface Conditions {
  readonly import: { readonly types: string };
}

/** `./middleware/node` has its report in `track-inference.middleware-node.api.md`. */
function reportName(entry: string): string {
  const name = entry.split('/').slice(1).join('-');
  return `track-inference${name === '' ? '' : `.${name}`}.api.md`;
}

function configOf(entry: string, declarations: string, folder: string, temporary: string): ExtractorConfig {
  return ExtractorConfig.prepare({
    configObjectFullPath: undefined,
    packageJsonFullPath: resolve('package.json'),
    configObject: {
      projectFolder: resolve('.'),
      mainEntryPointFilePath: resolve(declarations),
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: resolve('tsconfig.build.json') },
      apiReport: {
        enabled: true,
        reportFileName: reportName(entry),
        reportFolder: resolve(folder),
        reportTempFolder: temporary,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      messages: {
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Warning },
          // What is exported is public; what is not, `stripInternal` leaves out of the declarations.
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          // Links and names across entries are TypeDoc's to check, which sees all entries at once.
          'ae-forgotten-export': { logLevel: ExtractorLogLevel.None },
          'ae-unresolved-link': { logLevel: ExtractorLogLevel.None },
        },
      },
    },
  });
}

const folder = process.argv[2] ?? 'etc';
mkdirSync(folder, { recursive: true });
const temporary = mkdtempSync(join(tmpdir(), 'api-reports-'));
const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  exports: Record<string, Conditions | string>;
};
const configs = Object.entries(exports).flatMap(([entry, conditions]) =>
  typeof conditions === 'string' ? [] : [configOf(entry, conditions.import.types, folder, temporary)],
);
// One program for all entries, which share most of their declarations.
const [first] = configs;
if (first === undefined) throw new Error('package.json: no entry of `exports` has types');
const compilerState = CompilerState.create(first, {
  additionalEntryPoints: configs.map(({ mainEntryPointFilePath }) => mainEntryPointFilePath),
});
const complaints = new Set<string>();
for (const config of configs) {
  Extractor.invoke(config, {
    compilerState,
    localBuild: true,
    messageCallback(message) {
      if (message.logLevel === ExtractorLogLevel.Warning && message.category !== 'console') {
        complaints.add(`${message.sourceFilePath}:${message.sourceFileLine} ${message.text}`);
      }
      message.handled = true;
    },
  });
}
rmSync(temporary, { recursive: true, force: true });
for (const complaint of complaints) console.error(complaint);
if (complaints.size > 0) process.exitCode = 1;

import { generatedFiles } from '../../scripts/observability/generated-files.js';
import { withInstrumentTable } from '../../scripts/observability/instrument-table.js';
import { ROOT } from './support/dashboard-file.js';

describe('npm run observability', () => {
  it.each(generatedFiles(ROOT).map(({ path, isUpToDate }) => [path, isUpToDate]))(
    'has nothing to change in %s',
    (_, isUpToDate) => {
      expect(isUpToDate).toBe(true);
    },
  );

  it('keeps the prose around the table, and says which lines a page needs', () => {
    const page = 'Before.\n\n<!-- instruments -->\nold\n<!-- /instruments -->\n\nAfter.\n';
    const written = withInstrumentTable(page);
    expect(written).toMatch(/^Before\.\n\n<!-- instruments -->\n\n\| constant/);
    expect(written).toMatch(/<!-- \/instruments -->\n\nAfter\.\n$/);
    expect(withInstrumentTable(written)).toBe(written);
    expect(() => withInstrumentTable('no markers')).toThrow('<!-- instruments -->');
  });
});

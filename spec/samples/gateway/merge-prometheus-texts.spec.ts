import { mergePrometheusTexts } from '../../../samples/gateway/workers/merge-prometheus-texts.js';

describe('mergePrometheusTexts', () => {
  it('keeps the lines of a metric together, its head once, and labels every sample', () => {
    const one = '# HELP a words\n# TYPE a counter\na{m="x"} 1\na 2\n\n# HELP b words\n# TYPE b gauge\nb 3\n';
    const two = '# HELP a words\n# TYPE a counter\na{m="}"} 4\n# HELP c words\n# TYPE c gauge\nc 5\n';
    expect(
      mergePrometheusTexts(
        new Map([
          [1, one],
          [2, two],
        ]),
      ),
    ).toBe(
      [
        '# HELP a words',
        '# TYPE a counter',
        'a{worker="1",m="x"} 1',
        'a{worker="1"} 2',
        'a{worker="2",m="}"} 4',
        '',
        '# HELP b words',
        '# TYPE b gauge',
        'b{worker="1"} 3',
        '',
        '# HELP c words',
        '# TYPE c gauge',
        'c{worker="2"} 5',
        '',
      ].join('\n'),
    );
  });

  it('drops comments that belong to no metric, and makes nothing of nothing', () => {
    expect(mergePrometheusTexts(new Map([[1, '# no registered metrics\n']]))).toBe('');
    expect(mergePrometheusTexts(new Map())).toBe('');
  });
});

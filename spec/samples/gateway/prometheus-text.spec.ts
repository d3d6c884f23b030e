import { parsePrometheusText } from '../../../samples/gateway/traffic/prometheus-text.js';

describe('parsePrometheusText', () => {
  it('reads samples with and without labels', () => {
    const text =
      '# HELP up Is it up?\n# TYPE up gauge\nup 1\nhits{model="a",stream="true"} 2.5e+3\nsum{le="+Inf"} +Inf 17\n';
    expect(parsePrometheusText(text)).toEqual([
      { name: 'up', labels: {}, value: 1 },
      { name: 'hits', labels: { model: 'a', stream: 'true' }, value: 2500 },
      { name: 'sum', labels: { le: '+Inf' }, value: Number.POSITIVE_INFINITY },
    ]);
  });

  it('undoes the escapes in a label', () => {
    expect(parsePrometheusText('hits{model="a\\"b\\\\c\\nd, {e}"} 1')[0]?.labels).toEqual({ model: 'a"b\\c\nd, {e}' });
  });

  it.each([
    '1up 1',
    'up',
    'up x',
    'up{a="b" 1',
    'up{a="b} 1',
    'up{a=b} 1',
    'up{a="b",a="c"} 1',
    'up 1 2 3',
    'up{a="\\x"} 1',
  ])('refuses %s', (line) => {
    expect(() => parsePrometheusText(line)).toThrow(SyntaxError);
  });
});

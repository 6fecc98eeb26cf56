import fc from 'fast-check';
import { prefersOpenMetrics } from '../../../src/http/negotiation';

describe('the format of an exposition', () => {
  test.each([
    // Prometheus 2.42 (Debian 12) and 3.x
    'application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2',
    'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4,*/*;q=0.3',
    'application/openmetrics-text',
    'APPLICATION/OpenMetrics-Text ; Version=0.0.1',
    'application/openmetrics-text, text/plain',
  ])('is OpenMetrics for %s', (accept) => {
    expect(prefersOpenMetrics(accept)).toBe(true);
  });

  test.each([
    undefined,
    '',
    '*/*',
    'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'text/plain;version=0.0.4;q=1,*/*;q=0.1',
    'text/plain, application/openmetrics-text',
    'application/openmetrics-text;q=0.2,text/plain;q=0.3',
    'application/openmetrics-text;q=0',
    'application/openmetrics-text;version=2.0.0,text/plain;q=0.1',
    'application/openmetrics-text;q=high',
    'application/openmetrics-text;q=1.5',
    ',;,=;q=,',
  ])('is text for %s', (accept) => {
    expect(prefersOpenMetrics(accept)).toBe(false);
  });

  test('is decided for any header', () => {
    fc.assert(fc.property(fc.string(), (accept) => typeof prefersOpenMetrics(accept) === 'boolean'));
  });
});

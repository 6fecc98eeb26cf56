import { createHash } from 'node:crypto';
import { LANDING_CSP, renderLandingPage } from '../../../src/http/landing-page';

const page = (changes: object = {}): string =>
  renderLandingPage({
    version: '1.2.3',
    coturnState: 'coturn runs.',
    baseUrl: 'http://127.0.0.1:9642',
    needsKey: false,
    ...changes,
  });

describe('the landing page', () => {
  test('says the version, how coturn is, and where everything else stands', () => {
    for (const text of [
      '1.2.3',
      'coturn runs.',
      '"/metrics"',
      '"/-/healthy"',
      '"/-/ready"',
      'http://127.0.0.1:9642/v1/credentials',
    ]) {
      expect(page()).toContain(text);
    }
  });

  test('shows a call that works: beyond loopback with a key, and otherwise without', () => {
    expect(page()).not.toContain('Authorization');
    expect(page({ needsKey: true })).toContain('-H &quot;Authorization: Bearer $TURNKEEPER_KEY&quot; http://127');
  });

  test('escapes what it is given: text from coturn’s log can’t become markup', () => {
    const shown = page({ coturnState: `<script>alert('1')</script>&"` });
    expect(shown).toContain('&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&amp;&quot;');
    expect(shown).not.toContain('<script');
  });

  test('allows its own style by hash, and nothing else', () => {
    const style = /<style>([^]*)<\/style>/.exec(page())?.[1] ?? '';
    expect(LANDING_CSP).toContain(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(LANDING_CSP).toContain("default-src 'none'");
  });
});

import { greeting } from '../../../src/compose/greeting';
import { configSchema } from '../../../src/config/schema';

test('the first lines show a call that works as it is on loopback, and takes a key elsewhere', () => {
  const url = 'http://127.0.0.1:9642';
  expect(greeting(url, configSchema.parse({}))).toContain(`credential  curl -s -X POST ${url}/v1/credentials\n`);
  const keys = [{ name: 'k', sha256: 'a'.repeat(64), scopes: ['credentials'] }];
  const config = configSchema.parse({ web: { listenAddress: '0.0.0.0:9642' }, keys });
  expect(greeting('http://0.0.0.0:9642', config)).toContain(
    'curl -s -X POST -H "Authorization: Bearer $TURNKEEPER_KEY" http://0.0.0.0:9642/v1/credentials\n',
  );
});

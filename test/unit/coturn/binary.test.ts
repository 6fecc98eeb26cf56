import { optionsOf } from '../../../src/coturn/binary';

test("an option is what begins a line of coturn's help, not what its explanation mentions", () => {
  const help = [
    ' -L, --listening-ip\t\t<ip>\t\tListener IP address of relay server.',
    ' -A --allocation-default-address-family=<ipv4|ipv6|keep> \t\tDefault is IPv4',
    ' -b, , --db, --userdb\t<filename>',
    ' --no-rfc5780\t\t\t\t\tDEPRECATED and now default, see --rfc5780.',
    '\t\t\t\t\t\tIf --no-tls is specified and --dtls is not,',
    '     --no-stun\t\t\t\t\tOption to suppress STUN functionality.',
  ].join('\n');
  const options = optionsOf(help);
  for (const known of ['listening-ip', 'allocation-default-address-family', 'no-rfc5780', 'no-stun']) {
    expect(options).toContain(known);
  }
  for (const mentioned of ['rfc5780', 'dtls', 'no-tls']) expect(options).not.toContain(mentioned);
});

import { z } from 'zod';
import { percentDecoded } from '../lib/percent-decoded';
import { rule } from './rules';
import { duration } from './units';

const MINUTE = 60;
const MONTH = 31 * 86_400;
const EXPECTED_SMTP = 'expected a URL such as smtps://user:password@mail.example.org, or smtp://mail.example.org:587';
const EXPECTED_URL =
  'expected a URL such as https://hooks.example.org/turn, without a user name: a token stands in its path';

/** One address, with nothing in it that means something in a header (RFC 5322 section 3.4.1, without quoted ones). */
const address = z
  .string()
  .max(254)
  .regex(/^[\w.!#$%&'*+/=?^`{|}~-]+@[a-zA-Z0-9.-]+$/, 'expected an address such as operators@example.org');

const keys = z.strictObject({
  /** A digest so often, of what has ended since the last one. */
  every: duration.refine((seconds) => seconds >= MINUTE && seconds <= MONTH, 'must be from 1m to 31d').default(86_400),
  /** When, UTC. Those that come each week come on Mondays. */
  at: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day (UTC) such as 08:00')
    .default('00:00'),
  /** A POST of JSON; the URL may hold a token. */
  webhook: z.string().refine(isWebhookUrl, EXPECTED_URL).meta({ secret: true }).optional(),
  email: z
    .strictObject({
      /** User and password are percent-encoded. With smtp: a password is said over STARTTLS alone, beyond loopback. */
      smtp: z.string().refine(isSmtpUrl, EXPECTED_SMTP).meta({ secret: true }),
      from: address,
      to: z.array(address).min(1).max(50),
    })
    .optional(),
  /** Also where nothing ended abnormally. */
  evenIfEmpty: z.boolean().default(false),
});

/** `digest`: who is told which sessions ended abnormally. */
export const digest = keys.check(
  rule(['webhook', 'email'], ({ webhook, email }) =>
    webhook === undefined && email === undefined
      ? { key: 'webhook', message: 'is missing, and so is digest.email: say where the digest goes' }
      : undefined,
  ),
);

export type DigestConfig = z.output<typeof digest>;
export type EmailConfig = NonNullable<DigestConfig['email']>;

/** `fetch` throws for a URL with a user name or a password. */
function isWebhookUrl(text: string): boolean {
  if (!/^https?:\/\//.test(text) || !URL.canParse(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}

function isSmtpUrl(text: string): boolean {
  if (!/^smtps?:\/\/\S+$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, username, password, pathname, search, hash } = new URL(text);
  if (
    (username === '') !== (password === '') ||
    [username, password].some((part) => percentDecoded(part) === undefined)
  )
    return false;
  return hostname !== '' && ['', '/'].includes(pathname) && search === '' && hash === '';
}

import { createHash } from 'node:crypto';
import { credentialCall } from './credential-call';
import { Html, markup } from './html';

export interface LandingPage {
  readonly version: string;
  /** A short sentence. */
  readonly coturnState: string;
  /** `http://127.0.0.1:9642`. */
  readonly baseUrl: string;
  /** Whether a key has to be shown for a credential. */
  readonly needsKey: boolean;
}

const STYLE = `
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem }
pre { padding: .75rem 1rem; overflow-x: auto; border: 1px solid #8886; border-radius: .4rem }
small { opacity: .7 }
`;

/** Nothing but the style below may load or run, whatever should ever get into the page. */
export const LANDING_CSP = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function renderLandingPage({ version, coturnState, baseUrl, needsKey }: LandingPage): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>turnkeeper</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<h1>turnkeeper <small>${version}</small></h1>
<p>${coturnState}</p>
<ul>
<li><a href="/metrics">/metrics</a>: what coturn relays, for Prometheus</li>
<li><a href="/-/healthy">/-/healthy</a>: whether this agent runs</li>
<li><a href="/-/ready">/-/ready</a>: whether coturn takes new allocations</li>
</ul>
<h2>A TURN credential</h2>
<pre>${credentialCall(baseUrl, needsKey)}</pre>
<p>It answers with a user name, a password and the <code>iceServers</code> of an <code>RTCPeerConnection</code>.</p>
</body>
</html>
`.text;
}

/**
 * What `POST /v1/credentials` is held against, written as one would: a bare express route that makes the same HMAC.
 * It tells its port, and ends with its parent.
 */
import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import express from 'express';

const SECRET = 'a secret that is forty-eight characters long, ok';
const TTL = 3600;
const URIS = ['turn:127.0.0.1:3478?transport=udp', 'turn:127.0.0.1:3478?transport=tcp'];

const app = express();
app.post('/v1/credentials', express.json(), (request, response) => {
  const { user } = request.body as { user: string };
  const expiresAt = Math.floor(Date.now() / 1000) + TTL;
  const username = `${expiresAt}:${user}`;
  const password = createHmac('sha1', SECRET).update(username).digest('base64');
  response.status(201).json({
    username,
    password,
    ttl: TTL,
    uris: URIS,
    iceServers: [{ urls: URIS, username, credential: password }],
    expiresAt: new Date(expiresAt * 1000).toISOString(),
  });
});
const server = app.listen(0, '127.0.0.1');
process.on('message', () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit());

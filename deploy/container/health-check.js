'use strict';

/*
 * The image's health check: whether the agent answers, where the environment says that it listens. A restart
 * mends an agent that hangs, never a coturn that is down: the agent starts that again itself, and /-/ready tells.
 */
const http = require('node:http');
const https = require('node:https');

const TIMEOUT_MS = 4000;
const [, said = '127.0.0.1', port = '9642'] =
  /^\[?(.*?)\]?:(\d+)$/.exec(process.env.TURNKEEPER_WEB_LISTEN_ADDRESS ?? '') ?? [];
const host = ['', '0.0.0.0', '::'].includes(said) ? '127.0.0.1' : said;

/** A web configuration file may ask for TLS: then nothing but TLS is answered. */
async function isHealthy() {
  return (await answers(http)) || answers(https);
}

function answers(protocol) {
  const options = { host, port, path: '/-/healthy', timeout: TIMEOUT_MS, rejectUnauthorized: false };
  return new Promise((resolve) => {
    const request = protocol.get(options, (response) => {
      response.resume();
      // 401 and the like: it lives, and asks who we are.
      resolve(response.statusCode !== 400 && response.statusCode < 500);
    });
    request.once('timeout', () => request.destroy());
    request.once('error', () => resolve(false));
  });
}

isHealthy().then((healthy) => {
  process.exitCode = healthy ? 0 : 1;
});

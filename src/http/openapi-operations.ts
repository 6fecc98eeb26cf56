import { z } from 'zod';
import { assignAnswer, assignBody, releaseAnswer } from './assign-schema';
import { revokeQuery } from './credential-admin';
import { draftQuery, postBody } from './credentials';
import { credentialAnswer, monitorAnswer, revocationAnswer, rotationAnswer } from './credentials-schema';
import { drainAnswer, drainBody } from './drain-schema';
import { EVENT_DATA, eventsQuery } from './events-schema';
import type { Operation } from './openapi-document';
import { httpSdAnswer, relaysAnswer } from './relays-schema';
import { reportsAnswer, reportsBody } from './reports-schema';
import { endingAnswer, noQuery, sessionAnswer, sessionsAnswer, sessionsQuery } from './sessions-schema';
import { recordsAnswer, sumsAnswer, usageQuery } from './usage-schema';

const TEXT = { 'text/plain': undefined };

/** Every call there is. A test holds it against the routes. */
export const OPERATIONS: readonly Operation[] = [
  {
    method: 'get',
    path: '/metrics',
    summary: 'What coturn relays, for Prometheus',
    query: z.object({ 'collect[]': z.string().optional().describe('only this collector; may be given several times') }),
    content: { ...TEXT, 'application/openmetrics-text': undefined },
  },
  {
    method: 'get',
    path: '/-/healthy',
    summary: 'Whether the agent runs',
    content: { ...TEXT, 'application/json': z.object({ healthy: z.literal(true) }) },
  },
  {
    method: 'get',
    path: '/-/ready',
    summary: 'Whether coturn takes new allocations; 503 with the reason where it does not',
    content: { ...TEXT, 'application/json': z.object({ ready: z.literal(true) }) },
  },
  {
    method: 'post',
    path: '/-/drain',
    summary:
      'Takes the relay out of service, and ends at the deadline what is left on it; changes the deadline of a drain',
    scope: 'admin',
    query: noQuery,
    body: drainBody,
    content: { 'application/json': drainAnswer },
  },
  {
    method: 'get',
    path: '/-/drain',
    summary: 'How far a drain is',
    scope: 'read',
    query: noQuery,
    content: { 'application/json': drainAnswer },
  },
  {
    method: 'post',
    path: '/-/undrain',
    summary: 'Takes the relay back into service',
    scope: 'admin',
    query: noQuery,
    content: { 'application/json': drainAnswer },
  },
  {
    method: 'get',
    path: '/openapi.json',
    summary: 'This description',
    scope: 'read',
    query: noQuery,
    content: { 'application/json': z.looseObject({ openapi: z.string() }) },
  },
  {
    method: 'post',
    path: '/v1/credentials',
    summary: 'A credential for coturn',
    scope: 'credentials',
    body: postBody,
    status: 201,
    content: { 'application/json': credentialAnswer },
  },
  {
    method: 'post',
    path: '/v1/credentials/rotate',
    summary: 'Makes credentials with a new secret from now on; those of before stay valid until they end',
    scope: 'admin',
    query: noQuery,
    content: { 'application/json': rotationAnswer },
  },
  {
    method: 'delete',
    path: '/v1/users/{id}',
    summary: 'Revokes a user: no further credential, and an end to what is under way',
    scope: 'admin',
    query: revokeQuery,
    content: { 'application/json': revocationAnswer },
  },
  {
    method: 'post',
    path: '/v1/reports',
    summary: 'Tells whether calls worked: changes of ICE, DTLS and SCTP states, and scores; one report or a list',
    scope: 'report',
    body: reportsBody,
    status: 202,
    content: { 'application/json': reportsAnswer },
  },
  {
    method: 'get',
    path: '/turncredential',
    summary: 'A credential, as the original monitor gave it',
    scope: 'credentials',
    content: { 'application/json': monitorAnswer },
  },
  {
    method: 'get',
    path: '/',
    summary:
      'The landing page; with `service=turn`, which needs a key with the scope `credentials`, a credential as ' +
      'draft-uberti-behave-turn-rest-00 has it',
    query: draftQuery.partial(),
    content: { 'text/html': undefined, 'application/json': credentialAnswer },
  },
  {
    method: 'get',
    path: '/v1/sessions',
    summary: 'The sessions under way, with their allocations',
    scope: 'read',
    query: sessionsQuery,
    content: { 'application/json': sessionsAnswer },
  },
  {
    method: 'get',
    path: '/v1/sessions/{id}',
    summary: 'A session under way',
    scope: 'read',
    query: noQuery,
    content: { 'application/json': sessionAnswer },
  },
  {
    method: 'delete',
    path: '/v1/sessions/{id}',
    summary: 'Ends a session: coturn closes its allocations and tells their totals',
    scope: 'admin',
    query: noQuery,
    content: { 'application/json': endingAnswer },
  },
  {
    method: 'get',
    path: '/v1/usage',
    summary: 'Usage records of the sessions that have ended, in the order of their arrival, or sums of them',
    scope: 'read',
    query: usageQuery,
    content: {
      'application/json': z.union([recordsAnswer, sumsAnswer]),
      'application/x-ndjson': undefined,
      'text/csv': undefined,
    },
  },
  {
    method: 'get',
    path: '/v1/relays',
    summary: 'The relays of the fleet, as the registry has them',
    scope: 'read',
    query: noQuery,
    content: { 'application/json': relaysAnswer },
  },
  {
    method: 'get',
    path: '/v1/relays/http-sd',
    summary: 'The agents of the fleet as scrape targets, for `http_sd_configs` of Prometheus',
    scope: 'read',
    query: noQuery,
    content: { 'application/json': httpSdAnswer },
  },
  {
    method: 'post',
    path: '/v1/relays/assign',
    summary:
      'A relay with room for a task, and a credential for it; 503 with the reason of each relay where none will do',
    scope: 'credentials',
    body: assignBody,
    status: 201,
    content: { 'application/json': assignAnswer },
  },
  {
    method: 'delete',
    path: '/v1/relays/assign/{task}',
    summary: 'Ends the reservation of a task',
    scope: 'credentials',
    query: noQuery,
    content: { 'application/json': releaseAnswer },
  },
  {
    method: 'get',
    path: '/v1/events',
    summary: 'What happens now, as server-sent events: the data of each is JSON',
    scope: 'read',
    query: eventsQuery,
    content: { 'text/event-stream': z.union(Object.values(EVENT_DATA)).describe('of the data') },
  },
];

import type { ServerResponse } from 'node:http';
import { Cohort, onceAllIsDone } from '../cohort.js';

interface Ready {
  readonly answer: ServerResponse;
  readonly body: string | Buffer;
}

const ready = new Cohort<Ready>(onceAllIsDone, ({ answer, body }) => answer.end(body));

/** Sends an answer whose head is written, with the others that are ready by then. */
export const send = (answer: ServerResponse, body: string | Buffer): void => ready.add({ answer, body });

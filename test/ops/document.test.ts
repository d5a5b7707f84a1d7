import { describe, expect, it } from '@jest/globals';
import { document } from '../../src/ops/document.js';
import { openLibrary } from '../edge/library.js';
import { faults, refs, resolve } from '../openapi/validity.js';
import { OpsPort } from './operator.js';

describe('the document of the ops port', () => {
  it('is valid OpenAPI 3.1, and each of its pointers leads somewhere', async () => {
    expect(await faults(document)).toEqual([]);
    for (const ref of refs(document)) expect([ref, resolve(document, ref)]).toEqual([ref, expect.any(Object)]);
  });

  it('is what the port gives', async () => {
    await using subject = await openLibrary();
    const told = await new OpsPort(subject.gateway.opsUrl).ask('/ops/openapi.json');
    expect([told.status, told.body]).toEqual([200, JSON.parse(JSON.stringify(document))]);
  });

  it('has every route that the port has, and no other', async () => {
    await using subject = await openLibrary();
    const ops = new OpsPort(subject.gateway.opsUrl);
    const paths = Object.keys(document.paths);
    const found: string[] = [];
    for (const path of paths)
      for (const method of ['GET', 'PATCH', 'POST', 'PUT', 'DELETE'])
        if ((await ops.ask(path, { method })).status !== 404) found.push(`${method.toLowerCase()} ${path}`);
    expect(found.toSorted()).toEqual(
      Object.entries(document.paths)
        .flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`))
        .toSorted(),
    );
  });

  it('says of every write that a browser has to name its operator', () => {
    const writes = Object.values(document.paths).flatMap(({ patch, post }) => [patch, post].filter((call) => call !== undefined));
    expect(writes.map(({ operationId }) => operationId)).toEqual(['changePolicy', 'undo', 'isolate', 'purge']);
    for (const { parameters } of writes)
      expect(parameters).toContainEqual(
        expect.objectContaining({ name: 'x-interline-operator', in: 'header', description: expect.stringContaining('A browser has to') }),
      );
  });

  it('says what a change takes: a reason, and the revision that it is for', () => {
    const call = document.paths['/ops/policy']?.patch;
    expect(call?.parameters).toContainEqual(expect.objectContaining({ name: 'If-Match', in: 'header', required: true }));
    expect(document.components.schemas['ChangePolicyBody']).toMatchObject({
      required: ['changes', 'reason'],
      additionalProperties: false,
      properties: { expires: { type: 'string' } },
    });
    expect(Object.keys(call?.responses ?? {})).toEqual(['200', '400', '401', '403', '412', '413', '415', '422', '428', '429', '503']);
  });
});

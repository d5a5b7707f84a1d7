import { describe, expect, it } from '@jest/globals';
import { openapi } from '../../src/openapi/document.js';
import { routeId, productId } from '../../src/openapi/naming.js';
import { realContracts } from './real-contracts.js';
import { calls, faults, refs, resolve } from './validity.js';

const contracts = await realContracts();
const document = openapi(contracts);
const documented = calls(document);
const promises = [
  ...contracts.operations.map((operation) => ({ id: productId(operation), ...operation })),
  ...contracts.routes.map((route) => ({ id: routeId(route), ...route })),
];

describe('the document of all contracts of the repository', () => {
  it('is valid OpenAPI 3.1 with every pointer leading somewhere', async () => {
    expect(await faults(document)).toEqual([]);
    expect(refs(document).filter((ref) => resolve(document, ref) === undefined)).toEqual([]);
  });

  it('holds each contract once, and nothing else', () => {
    expect([...documented.keys()].sort()).toEqual(promises.map(({ id }) => id).sort());
    expect(promises.length).toBeGreaterThan(0);
  });

  it.each(promises)('$id: takes what the contract names and nothing undeclared', ({ id, wire }) => {
    const call = documented.get(id);
    const parameters = (call?.parameters ?? []).map((parameter) => `${parameter.in} ${parameter.name}`);
    const pathFields = [...(call?.path.matchAll(/\{(\w+)\}/g) ?? [])].map(([, name]) => `path ${name}`);
    expect(parameters.sort()).toEqual(
      [
        ...pathFields,
        ...wire.inQuery.map((field) => `query ${field.wire}`),
        ...wire.inHeaders.map((field) => `header ${field.wire}`),
      ].sort(),
    );
    expect(pathFields).toHaveLength(wire.inPath.length);
    expect(Object.keys(call?.requestBody?.content['application/json']?.schema.properties ?? {})).toEqual(wire.inBody ?? []);
  });

  it.each(promises)('$id: lists each declared error under its status', ({ id, errors }) => {
    const responses = documented.get(id)?.responses ?? {};
    for (const [code, status] of Object.entries(errors)) expect(JSON.stringify(responses[status])).toContain(`"${code}"`);
  });

  it.each(contracts.routes)('$line: names each part and no other', (route) => {
    const call = documented.get(routeId(route));
    expect(call?.['x-interline-parts']).toEqual(route.parts);
    const ref = refs(call?.responses[200]).find((ref) => ref.endsWith('Answer'));
    const answer = resolve(document, ref ?? '');
    expect(answer).toMatchObject({ properties: { parts: { required: Object.keys(route.parts) } } });
  });
});

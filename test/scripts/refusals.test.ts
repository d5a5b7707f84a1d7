import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { planProduct } from '../../scripts/scaffold/new-product.ts';
import { planRoute } from '../../scripts/scaffold/new-route.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const refusal = (message: string): unknown => expect.objectContaining({ name: 'Refusal', message: expect.stringContaining(message) });

// A plan writes nothing: what is refused here is refused before any file is touched.
describe('a new product', () => {
  it.each([
    [[], 'expected one name of a product, got 0'],
    [['flight', 'school'], 'expected one name of a product, got 2'],
    [['FlightSchool'], 'product "FlightSchool": expected lower case with dashes'],
    [['../outside'], 'product "../outside": expected lower case with dashes'],
    [['default'], '"default": that name has a meaning in the code'],
    [['operation'], '"operation": that name has a meaning in the code'],
    [['lesson-id', '--entity', 'lesson'], '"lessonId": that name has a meaning in the code'],
    [['flight-school', '--entity', 'Lessons'], 'entity "Lessons": expected lower case with dashes'],
    [['auth'], 'contracts/products/auth: there already; for a new version copy its latest file'],
  ])('is refused: %j', (args, message) => {
    expect(() => planProduct(root, args)).toThrow(refusal(message));
  });

  it('is refused an option that does not exist', () => {
    expect(() => planProduct(root, ['flight-school', '--samples'])).toThrow(
      expect.objectContaining({ code: 'ERR_PARSE_ARGS_UNKNOWN_OPTION' }),
    );
  });

  it('says whom gateway.yaml lets call it', () => {
    const { edits, next } = planProduct(root, ['flight-school']);
    expect(edits['gateway.yaml']).toContain('identity: minted\n    access: { consumers: [web, want-to-be-a-pilot] }');
    expect(next).toContain('gateway.yaml lets web and want-to-be-a-pilot call flight-school: leave out of its access who shall not.');
  });

  it('takes the first port that nobody has', () => {
    const { edits, creates } = planProduct(root, ['flight-school', '--sample']);
    const [, port] =
      /127\.0\.0\.1:(\d+)\/v\{version\}'\]\n {4}credential: \{ variable: FLIGHT_SCHOOL_API_KEY \}/.exec(edits['gateway.yaml'] ?? '') ?? [];
    expect(Number(port)).toBeGreaterThan(4107);
    expect(creates['examples/products/flight-school/product.ts']).toContain(`port: ${port},`);
  });
});

const line = 'GET /v1/pilots/{pilotId}';

describe('a new route', () => {
  it.each([
    [[], 'expected one line like "GET /v1/things/{thingId}" in quotes, got 0'],
    [['GET', '/v1/pilots'], 'in quotes, got 2'],
    [['FETCH /v1/pilots', '--part', 'auth.getUser'], 'expected a method and a path'],
    [['GET /v1/pilots/{id', '--part', 'auth.getUser'], 'expected plain text or one {field} between slashes'],
    [['GET /pilots/{id}', '--part', 'auth.getUser'], 'expected the path to begin with a version'],
    [['GET /products/auth/v1/users', '--part', 'auth.getUser'], 'expected the path to begin with a version'],
    [[line], 'expected at least one --part or --optional'],
    [[line, '--part', 'getUser'], 'part "getUser": expected it like auth.getUser'],
    [[line, '--part', 'auht.getUser'], 'no product "auht" (did you mean "auth"?)'],
    [[line, '--part', 'auth.getUsr'], 'auth v1 has no operation "getUsr" (did you mean "getUser"?)'],
    [[line, '--part', 'auth.constructor'], 'auth v1 has no operation "constructor"'],
    [[line, '--part', 'aviation-infinity.v3.getProgress'], 'aviation-infinity has no version 3, only 1 and 2'],
    [[line, '--part', 'auth.listUsers'], 'use auth.getUser and call it in a loop'],
    [[line, '--part', 'auth.getUser', '--optional', 'other=auth.getUser'], 'auth.getUser is a part already'],
    [[line, '--part', 'auth.getUser', '--optional', 'user=new-pilot-shop.getItem'], 'two parts have that name'],
    [[line, '--part', 'gather=auth.getUser'], 'part "gather": that name has a meaning'],
    [[line, '--part', 'a=aviation-infinity.getProgress', '--part', 'b=aviation-infinity.v1.getProgress'], 'both export "aviation"'],
    [[line, '--part', 'auth.getUser', '--name', 'auth'], 'name "auth": that name has a meaning'],
    [[line, '--part', 'auth.getUser', '--name', 'Pilot'], 'name "Pilot": expected lower case with dashes'],
    [['GET /v1/{userId}', '--part', 'auth.getUser'], 'name "": expected lower case with dashes'],
    [[line, '--part', 'auth.getUser', '--name', 'trip'], 'there already; choose another name'],
    [
      ['GET /v1/trips/{other}', '--part', 'auth.getUser', '--name', 'journey'],
      'contracts/public/v1/trip.ts ("GET /v1/trips/{bookingId}") answers the same',
    ],
    [[line, '--part', 'auth.getUser', '--name', 'gateway'], '"gateway"'],
  ])('is refused: %j', async (args, message) => {
    await expect(planRoute(root, args)).rejects.toThrow(refusal(message));
  });
});

describe('what a part is given', () => {
  const given = async (...args: readonly string[]): Promise<string> =>
    (await planRoute(root, args)).creates['src/compositions/given.ts'] ?? '';

  it('is what has its name in the path, where it may be left out too', async () => {
    const code = await given('GET /v1/pilots/{customerId}/orders', '--name', 'given', '--part', 'new-pilot-shop.listOrders');
    expect(code).toContain('orders({ customerId: input.customerId })');
  });

  it('is an id of the same kind, and never one of another', async () => {
    const code = await given(
      'GET /v1/pilots/{pilotId}',
      '--name',
      'given',
      '--part',
      'auth.getUser',
      '--part',
      'new-pilot-shop.getOrder',
      '--part',
      'want-to-be-a-pilot.getPlan',
    );
    expect(code).toContain('user({ id: input.pilotId })');
    expect(code).toContain('plan({ userId: input.pilotId })');
    expect(code).toContain('order({ id: input.orderId })');
  });

  it('is the one that is named after it, where the path has several', async () => {
    const code = await given(
      'GET /v1/pilots/{orderId}/{userId}',
      '--name',
      'given',
      '--part',
      'auth.getUser',
      '--part',
      'new-pilot-shop.getOrder',
    );
    expect(code).toContain('user({ id: input.userId })');
    expect(code).toContain('order({ id: input.orderId })');
  });

  it('is left to a person where no part takes a field of the path', async () => {
    const { next } = await planRoute(root, ['GET /v1/pilots/{callSign}', '--part', 'inventory.listShortages']);
    expect(next).toContain('Give {callSign} to a part: none takes it yet.');
  });
});

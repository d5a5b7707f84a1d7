import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { command } from '../../src/check/command.js';
import { knobs } from '../../src/policy/knob.js';
import { breaking, SOUND } from '../policy/broken-configurations.js';

const root = join(import.meta.dirname, '../..');
const shipped = readFileSync(join(root, 'gateway.yaml'), 'utf8');
const committed: object = JSON.parse(readFileSync(join(root, 'gateway.schema.json'), 'utf8')) as object;
const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });

/** Where a text does not fit the committed schema. */
function misfits(yaml: string): readonly string[] {
  const valid = ajv.compile(committed);
  valid(parse(yaml));
  return (valid.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

describe('gateway.schema.json', () => {
  it('is what `npm run -s check -- --schema` prints', async () => {
    const { out, err, exitCode } = await command(['--schema'], {});
    expect({ err, exitCode }).toEqual({ err: [], exitCode: 0 });
    expect(JSON.parse(out.join('\n'))).toEqual(committed);
  });

  it('is a valid JSON Schema', () => {
    expect([ajv.validateSchema(committed), ajv.errors]).toEqual([true, null]);
  });

  it('is named by the first line of gateway.yaml, which it takes', () => {
    expect(shipped.split('\n')[0]).toBe('# yaml-language-server: $schema=./gateway.schema.json');
    expect(misfits(shipped)).toEqual([]);
  });

  it.each([
    ['a key that is unknown', breaking('urls:', 'url:'), '/products/auth must NOT have additional properties'],
    ['a key that is missing', breaking('products:', 'routes: {}\nproduct:'), " must have required property 'products'"],
    ['a duration without a unit', breaking('800ms', '800'), '/defaults/product/deadline must be string'],
    [
      'a duration with another unit',
      breaking('800ms', '800 days'),
      '/defaults/product/deadline must match pattern "^\\d+(\\.\\d+)? ?(ms|s|m|h)$"',
    ],
    ['too many attempts', `${SOUND}    retry: { attempts: 4 }\n`, '/products/auth/retry/attempts must be <= 3'],
    ['a bound of no knob', `${SOUND}bounds: { fresh: { max: 1h } }\n`, '/bounds must NOT have additional properties'],
  ])('refuses %s, as the gateway does', (_, yaml, why) => {
    expect(misfits(SOUND)).toEqual([]);
    expect(misfits(yaml)).toContain(why);
  });

  it('says of every knob what it means and what holds without it', () => {
    const text = JSON.stringify(committed);
    for (const { meaning, default: fallback } of Object.values(knobs))
      expect(text).toContain(JSON.stringify(`${meaning} Default: ${fallback}.`).slice(1, -1));
  });
});

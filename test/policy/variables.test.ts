import { describe, expect, it } from '@jest/globals';
import { ConfigError, parse } from '../../src/policy/load.js';
import { SOUND, URL_LINE } from './broken-configurations.js';

const complaint = (text: string, variables = {}): readonly string[] => {
  try {
    parse(text, 'gateway.yaml', variables);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
};

/** A sound configuration, but for the addresses and the connections of its one product. */
const text = (urls: string, connections = '64'): string => SOUND.replace(URL_LINE, () => urls).concat(`    connections: ${connections}\n`);

describe('a variable of the environment in gateway.yaml', () => {
  const read = (written: string, variables: Readonly<Record<string, string>>): unknown =>
    parse(written, 'gateway.yaml', variables).config.products['auth'];

  it('stands where ${NAME} is written, alone or within a text', () => {
    const variables = { URL: 'https://auth.example.org', HOST: 'auth.example.org', PORT: '443' };
    expect(read(text("['${URL}']"), variables)).toMatchObject({ urls: ['https://auth.example.org'] });
    expect(read(text("['https://${HOST}:${PORT}/v{version}']"), variables)).toMatchObject({
      urls: ['https://auth.example.org:443/v{version}'],
    });
  });

  it('is a number, or true or false, where it is all there is and looks like one', () => {
    expect(read(text(URL_LINE, '${N}'), { N: '12' })).toMatchObject({ connections: 12 });
    expect(read(text(URL_LINE, '64\n    passThrough: ${P}'), { P: 'false' })).toMatchObject({ passThrough: false });
    expect(complaint(text(URL_LINE, '${N}0'), { N: '1' })).toEqual([
      'gateway.yaml:8:18 products.auth.connections: expected a number, got "10"',
    ]);
  });

  it('that is not set is named by its place', () => {
    expect(complaint(text("['${URL}']"))).toEqual([
      'gateway.yaml:6:12 expected the environment variable URL to be set: it stands here as ${URL}',
    ]);
  });

  it.each(['${url}', '${}', '${URL', '${constructor}', '${URL:-http://a}'])('has a name in capitals, unlike %s', (written) => {
    expect(complaint(text(`['${written}']`), { URL: 'http://a' })).toEqual([
      `gateway.yaml:6:12 expected the name of an environment variable, like \${AUTH_URL}, got ${written}; a dollar sign is $$`,
    ]);
  });

  it('brings no YAML of its own along', () => {
    expect(complaint(text(URL_LINE, '${N}'), { N: '{ a: 1 }' })).toEqual([
      'gateway.yaml:8:18 products.auth.connections: expected a number, got "{ a: 1 }"',
    ]);
  });

  it('is none where two dollar signs stand', () => {
    expect(complaint(text("['$${URL}']"))).toContainEqual(expect.stringContaining('got "${URL}"'));
    expect(complaint(SOUND)).toEqual([]);
  });
});

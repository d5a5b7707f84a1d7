import { type JsonWebKey, type KeyObject, createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint } from 'jose';
import { z } from 'zod';
import { codeOf, placeFile } from '../policy/atomic-file.js';
import { ALGORITHMS, type Algorithm, type VerificationKey, verificationKey } from './algorithms.js';

/** A public key as it is published (RFC 7517). */
export type PublicJwk = Readonly<Record<string, string>>;

/** The key that this gateway signs with. */
export interface SigningKey {
  readonly kid: string;
  readonly algorithm: Algorithm;
  readonly privateKey: KeyObject;
  readonly publicJwk: PublicJwk;
}

/** A key that can't be signed with. The message says where it stands, and nothing of it. */
class SigningKeyError extends Error {
  override readonly name = 'SigningKeyError';
}

const Jwk = z.looseObject({ kid: z.string().min(1).max(256).optional(), alg: z.enum(ALGORITHMS).optional() });

/** How a key signs that does not say so. */
const USUAL: readonly Algorithm[] = ['ES256', 'ES384', 'ES512', 'EdDSA', 'RS256'];

/**
 * The key to sign with: the JWK of `text`, which a variable or a file of the operator holds; else one of our own in
 * `<dataDir>/signing-key.json`, made at the first start. Replicas that share no folder have to be given one `text`.
 * @throws SigningKeyError where it can't be read, or is no private key.
 */
export async function loadSigningKey({
  text,
  dataDir,
}: {
  readonly text?: string | undefined;
  readonly dataDir: string;
}): Promise<SigningKey> {
  if (text !== undefined) return readSigningKey(text, 'the signing key');
  const file = join(dataDir, 'signing-key.json');
  try {
    return await readSigningKey((await written(file)) ?? (await made(file)), file);
  } catch (error) {
    if (error instanceof SigningKeyError) throw error;
    throw new SigningKeyError(`${file}: can't keep a key to sign with there (${codeOf(error)})`);
  }
}

/** Reads a private key in the form of a JWK. @throws SigningKeyError naming `place`. */
async function readSigningKey(text: string, place: string): Promise<SigningKey> {
  const refused = new SigningKeyError(`${place}: expected a private key as a JWK (RFC 7517), EC, Ed25519 or RSA of 2048 bits or more`);
  const jwk = Jwk.safeParse(jsonOf(text)).data;
  const privateKey = jwk && imported(jwk);
  if (!jwk || !privateKey) throw refused;
  const exported: JsonWebKey = createPublicKey(privateKey).export({ format: 'jwk' });
  const kid = jwk.kid ?? (await thumbprint(exported));
  const usable = verificationKey({ ...exported, kid, ...(jwk.alg && { alg: jwk.alg }) }, jwk.alg ? ALGORITHMS : USUAL);
  const [algorithm] = usable?.algorithms ?? [];
  if (!usable || !algorithm) throw refused;
  return { kid, algorithm, privateKey, publicJwk: publicJwk(usable, algorithm) };
}

/** A key that was signed with before, or that another signs with: its public half is published, and verified by. */
export function previousKey(jwk: unknown): { readonly key: VerificationKey; readonly publicJwk: PublicJwk } {
  const members = z.record(z.string(), z.unknown()).safeParse(jwk).data;
  const { d: _, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...half } = members ?? {};
  const key = verificationKey(half, half['alg'] === undefined ? USUAL : ALGORITHMS);
  const [algorithm] = key?.algorithms ?? [];
  if (!key || !algorithm) throw new SigningKeyError('a previous signing key: expected a JWK (RFC 7517) with its kid');
  return { key, publicJwk: publicJwk(key, algorithm) };
}

/** Only what a public key has: nothing else of a JWK is published, whatever it holds. */
function publicJwk({ kid, key }: VerificationKey, algorithm: Algorithm): PublicJwk {
  const { kty, crv, x, y, n, e } = key.export({ format: 'jwk' });
  const members = Object.entries({ kty, crv, x, y, n, e }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return { ...Object.fromEntries(members), kid, alg: algorithm, use: 'sig' };
}

async function written(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** Makes a key; of several processes one makes it, and all take that. */
async function made(file: string): Promise<string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk: JsonWebKey = privateKey.export({ format: 'jwk' });
  await placeFile(file, `${JSON.stringify({ ...jwk, kid: await thumbprint(jwk), alg: 'ES256', use: 'sig' })}\n`);
  return readFile(file, 'utf8');
}

const thumbprint = (jwk: JsonWebKey): Promise<string> => calculateJwkThumbprint(z.looseObject({ kty: z.string() }).parse(jwk));

function imported(key: JsonWebKey): KeyObject | undefined {
  try {
    return createPrivateKey({ key, format: 'jwk' });
  } catch {
    return undefined;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

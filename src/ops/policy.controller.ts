import { Body, Controller, Get, Headers, HttpCode, Patch, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { Gateway } from '../gateway.js';
import { knobs } from '../policy/knob.js';
import type { Step } from '../policy/overrides.js';
import type { KnobState } from '../policy/policy.js';
import { type Refusal, isRefusal } from '../policy/refusal.js';
import { operatorOf } from './operator.js';
import { OpsProblem, ofRefusal } from './problem.js';
import { type History, Isolate, type PolicyAnswer, PolicyChange, PolicyQuery, type Turned, Undo } from './schemas.js';

/** Who asks. */
const OPERATOR = 'x-interline-operator';

/** The policy in force: read, turned within its bounds, taken back. */
@Controller('ops')
export class PolicyController {
  constructor(private readonly gateway: Gateway) {}

  @Get('policy')
  read(
    @Query({ schema: PolicyQuery }) { path }: z.output<typeof PolicyQuery>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): z.output<typeof PolicyAnswer> {
    const { policy } = this.gateway;
    const within = (one: { readonly path: string }): boolean => path === undefined || one.path === path || one.path.startsWith(`${path}.`);
    return {
      revision: this.#revision(reply),
      knobs: [...policy.values()].filter(({ address }) => within(address)).map(entry),
      problems: [...policy.problems()].filter(within),
    };
  }

  @Patch('policy')
  async change(
    @Headers('if-match') ifMatch: string | undefined,
    @Headers(OPERATOR) operator: string | undefined,
    @Body({ schema: PolicyChange }) { changes, reason, expires, who }: z.output<typeof PolicyChange>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof Turned>> {
    const { policy } = this.gateway;
    if (ifMatch === undefined)
      throw new OpsProblem(
        428,
        'ifMatch',
        `expected If-Match with the revision that you have seen; in force is "${policy.snapshot.revision}"`,
      );
    const asked = { changes, who: operatorOf(operator, who), reason, expiresMs: expires };
    return this.#turned(await policy.change(asked, revisionsOf(ifMatch)), reply);
  }

  @Get('history')
  history(@Res({ passthrough: true }) reply: FastifyReply): z.output<typeof History> {
    return { revision: this.#revision(reply), history: [...this.gateway.policy.history] };
  }

  @Post('undo')
  @HttpCode(200)
  async undo(
    @Headers(OPERATOR) operator: string | undefined,
    @Body({ schema: Undo }) { revision, who }: z.output<typeof Undo>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof Turned>> {
    return this.#turned(await this.gateway.policy.undo(revision, operatorOf(operator, who)), reply);
  }

  @Post('isolate')
  @HttpCode(200)
  async isolate(
    @Headers(OPERATOR) operator: string | undefined,
    @Body({ schema: Isolate }) { product, isolated, reason, who }: z.output<typeof Isolate>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<z.output<typeof Turned>> {
    return this.#turned(await this.gateway.policy.isolate(product, isolated, operatorOf(operator, who), reason), reply);
  }

  #turned(result: Step | Refusal, reply: FastifyReply): z.output<typeof Turned> {
    if (isRefusal(result)) throw ofRefusal(result);
    this.gateway.terms.log.info({ step: result }, 'an operator turned the policy');
    return { revision: this.#revision(reply), step: result };
  }

  /** The revision in force, said in `ETag` too. */
  #revision(reply: FastifyReply): string {
    const { revision } = this.gateway.policy.snapshot;
    void reply.header('etag', `"${revision}"`);
    return revision;
  }
}

function entry({
  address,
  written,
  read,
  origin,
  inherited,
  override,
  git,
  bound,
}: KnobState): z.output<typeof PolicyAnswer>['knobs'][number] {
  const { default: fallback, unit, meaning } = knobs[address.knob];
  return {
    path: address.path,
    value: written,
    read: read === Infinity ? null : read,
    unit,
    origin,
    inherited: inherited ?? null,
    default: fallback,
    git: git ?? null,
    override: override ?? null,
    bounds: { min: bound.min ?? null, max: bound.max ?? null },
    meaning,
  };
}

/** The revisions that `If-Match` names (RFC 9110, 13.1.1); undefined for `*`, which is any. Weak ones never match. */
function revisionsOf(ifMatch: string): readonly string[] | undefined {
  if (ifMatch.trim() === '*') return undefined;
  return [...ifMatch.matchAll(/(W\/)?"([^"]*)"/g)].flatMap(([, weak, revision]) =>
    weak === undefined && revision !== undefined ? revision : [],
  );
}

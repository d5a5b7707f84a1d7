import type { z } from 'zod';
import type { DependsOn, Batches, Method, Parts } from '#contracts/kernel/index.js';

/** A schema in the dialect of OpenAPI 3.1, which is JSON Schema 2020-12. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A pointer to a component of the same document. */
export interface Ref {
  readonly $ref: string;
}

/** What one media type carries. */
export interface MediaType {
  readonly schema: JsonSchema;
}
export type Content = Readonly<Record<string, MediaType>>;

/** A header of an answer. */
export interface Header {
  readonly description: string;
  readonly schema: JsonSchema;
}

/** One field of the input that travels as text. */
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: true;
  readonly description?: string;
  readonly deprecated?: true;
  /** Lists travel as repeated keys: `ids=u-0001&ids=u-0002`. */
  readonly style?: 'form';
  readonly explode?: true;
  readonly schema: JsonSchema;
  readonly example?: unknown;
}

/** The JSON that a call sends. */
export interface RequestBody {
  readonly required: boolean;
  readonly content: Content;
}

/** What comes under one status. */
export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, Ref>>;
  readonly content?: Content;
}

/** One method of one path. */
export interface PathOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: RequestBody;
  readonly responses: Readonly<Record<string, Answer | Ref>>;
  /** A composed route's parts, and how much the answer needs each. */
  readonly 'x-interline-parts'?: Parts;
  /** Whose answer a product's is. */
  readonly 'x-interline-depends-on'?: DependsOn;
  /** Whether a product's operation may be repeated safely. */
  readonly 'x-interline-repeatable'?: boolean;
  /** The declared error that means "there is none". */
  readonly 'x-interline-absent'?: string;
  /** The operation of the same product that this one answers for many times over. */
  readonly 'x-interline-batches'?: Batches;
}

export type PathItem = Readonly<Partial<Record<Method, PathOperation>>>;

/** An OpenAPI 3.1 document, as far as Interline writes it. */
export interface OpenApiDocument {
  readonly openapi: '3.1.1';
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly servers: readonly { readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly responses: Readonly<Record<string, Answer>>;
    readonly headers: Readonly<Record<string, Header>>;
  };
}

import 'reflect-metadata';
import { Agent } from 'node:http';
import { HttpModule, HttpService } from '@nestjs/axios';
import { CacheInterceptor, CacheModule } from '@nestjs/cache-manager';
import { Controller, Get, Inject, Injectable, Module, Param, UseInterceptors } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { firstValueFrom } from 'rxjs';
import { listening, urlOf } from './terms.ts';

// (c) What most teams write: Nest on express, `HttpService` on axios' own adapter with an agent that keeps connections,
// `Promise.all`, values returned from controllers, `CacheInterceptor` for W4. Decorators are called as functions, since Node
// strips types and compiles nothing.
const [CATALOG, INVENTORY, REVIEWS, SHOP, ACCOUNTS] = ['catalog', 'inventory', 'reviews', 'shop', 'accounts'].map(urlOf);

interface Order {
  readonly id: string;
  readonly customerId: string;
  readonly placedAt: string;
  readonly status: string;
  readonly lines: readonly { readonly itemId: string; readonly quantity: number; readonly unitPrice: { readonly amount: number } }[];
}
interface Profile {
  readonly id: string;
  readonly name: string;
}

class ShopService {
  readonly http: HttpService;
  constructor(http: HttpService) {
    this.http = http;
  }

  async ask<T = unknown>(url: string): Promise<T> {
    const { data } = await firstValueFrom(this.http.get<T>(url));
    return data;
  }

  async item(id: string): Promise<unknown> {
    const [item, stock, offer] = await Promise.all([
      this.ask(`${CATALOG}/v1/items/${id}`),
      this.ask(`${INVENTORY}/v1/stock/${id}`),
      this.ask(`${SHOP}/v1/offers/${id}`),
    ]);
    return { item, stock, offer };
  }

  async order(id: string): Promise<unknown> {
    const order = await this.ask<Order>(`${SHOP}/v1/orders/${id}`);
    const ids = order.lines.map(({ itemId }) => `ids=${itemId}`).join('&');
    const [customer, items] = await Promise.all([
      this.ask(`${ACCOUNTS}/v1/customers/${order.customerId}`),
      this.ask(`${CATALOG}/v1/items?${ids}`),
    ]);
    return { order, customer, items };
  }

  async page(id: string): Promise<unknown> {
    const [item, stock, reviews] = await Promise.all([
      this.ask(`${CATALOG}/v1/items/${id}`),
      this.ask(`${INVENTORY}/v1/stock/${id}`),
      this.ask(`${REVIEWS}/v1/reviews/${id}`),
    ]);
    return { item, stock, reviews };
  }

  async similar(id: string): Promise<unknown> {
    const [similar, stock, reviews] = await Promise.all([
      this.ask(`${CATALOG}/v1/similar/${id}`),
      this.ask(`${INVENTORY}/v1/stock/${id}`),
      this.ask(`${REVIEWS}/v1/reviews/${id}`),
    ]);
    return { similar, stock, reviews };
  }

  async orders(): Promise<unknown> {
    const { orders } = await this.ask<{ readonly orders: readonly Order[] }>(`${SHOP}/v1/orders?limit=20`);
    const ids = [...new Set(orders.map(({ customerId }) => `ids=${customerId}`))].join('&');
    const { profiles } = await this.ask<{ readonly profiles: readonly Profile[] }>(`${ACCOUNTS}/v1/profiles?${ids}`);
    const names = new Map(profiles.map(({ id, name }) => [id, name]));
    return {
      orders: orders.map(({ id, placedAt, status, customerId, lines }) => ({
        id,
        placedAt,
        status,
        customer: names.get(customerId) ?? null,
        total: lines.reduce((sum, { quantity, unitPrice }) => sum + quantity * unitPrice.amount, 0),
      })),
    };
  }
}
Injectable()(ShopService);
Inject(HttpService)(ShopService, undefined, 0);

class ShopController {
  readonly shop: ShopService;
  constructor(shop: ShopService) {
    this.shop = shop;
  }
  item(id: string): Promise<unknown> {
    return this.shop.item(id);
  }
  similar(id: string): Promise<unknown> {
    return this.shop.similar(id);
  }
  orders(): Promise<unknown> {
    return this.shop.orders();
  }
  order(id: string): Promise<unknown> {
    return this.shop.order(id);
  }
  page(id: string): Promise<unknown> {
    return this.shop.page(id);
  }
  legacy(path: readonly string[]): Promise<unknown> {
    return this.shop.ask(`${CATALOG}/v1/${path.join('/')}`);
  }
}
Controller()(ShopController);
Inject(ShopService)(ShopController, undefined, 0);
line('item', 'v1/items/:id', 'id');
line('similar', 'v1/items/:id/similar', 'id');
line('orders', 'v1/orders');
line('order', 'v1/orders/:id', 'id');
line('page', 'v1/pages/:id', 'id', CacheInterceptor);
line('legacy', 'products/legacy/*path', 'path');

/** `@Get(path) @UseInterceptors(…) method(@Param(param) …)`. */
function line(method: keyof ShopController, path: string, param?: string, interceptor?: typeof CacheInterceptor): void {
  const { prototype } = ShopController;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method) ?? {};
  Get(path)(prototype, method, descriptor);
  if (interceptor) UseInterceptors(interceptor)(prototype, method, descriptor);
  if (param !== undefined) Param(param)(prototype, method, 0);
}

class AppModule {}
Module({
  imports: [
    HttpModule.register({ httpAgent: new Agent({ keepAlive: true, maxSockets: 64 * 5, maxFreeSockets: 64 * 5 }) }),
    CacheModule.register({ ttl: 3_600_000 }),
  ],
  controllers: [ShopController],
  providers: [ShopService],
})(AppModule);

const app = await NestFactory.create(AppModule, { logger: false });
await app.listen(0, '127.0.0.1');
listening(app.getHttpServer());

import { expect, it } from '@jest/globals';
import { HttpService } from '@nestjs/axios';
import { openLibrary } from './library.js';

const CANARY = /key-of-(library|people)/;

it('shows the key of a product to that product alone: not in answers, logs, metrics or messages, whatever breaks', async () => {
  await using subject = await openLibrary({ serverTiming: true });
  const { gateway, books, readers } = subject;
  const seen: string[] = [];
  const look = async (): Promise<void> => {
    for (const path of ['/v1/books/b-1?reader=r-1', '/products/library/v1/books/b-1', '/products/people/v2/readers/r-1']) {
      const got = await gateway.get(path);
      seen.push(got.text, JSON.stringify([...got.headers]));
    }
  };
  await look();
  for (const break_ of [401, 429, 500, 302, 200]) {
    books.breaks(break_);
    readers.breaks(break_);
    await look();
  }
  books.raw((request) => request.socket.destroy());
  readers.raw((request) => void request.socket.end(`HTTP/1.1 200 OK\r\nx-echo: ${request.headers.authorization}\r\nbad header\r\n\r\n`));
  await look();
  books.raw((request, response) => response.writeHead(500).end(JSON.stringify(request.headers)));
  readers.raw((request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(request.headers)));
  await look();
  seen.push(await (await fetch(`${gateway.opsUrl}/metrics`)).text(), JSON.stringify(gateway.log));
  expect(seen.filter((text) => CANARY.test(text))).toEqual([]);
  expect(new Set(books.calls.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer key-of-library']));
  expect(new Set(readers.calls.map(({ headers }) => headers.authorization))).toEqual(new Set(['Bearer key-of-people']));
});

it('keeps the key out of the log where an interceptor fails with the whole request in hand', async () => {
  await using subject = await openLibrary();
  const { gateway, books } = subject;
  const { axiosRef } = gateway.running.app.get(HttpService);
  axiosRef.interceptors.response.use((response) => {
    throw Object.assign(new Error('the interceptor gave up'), { config: response.config, response });
  });
  const got = await gateway.get('/v1/books/b-1');
  expect(got.status).toBeGreaterThanOrEqual(500);
  expect(books.calls).toHaveLength(1);
  expect(JSON.stringify(gateway.log)).toContain('the interceptor gave up');
  expect(got.text + JSON.stringify(gateway.log)).not.toMatch(CANARY);
});

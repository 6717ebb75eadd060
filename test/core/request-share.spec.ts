import { expect, it } from 'vitest';
import { RequestShare } from '../../functions/core/request-share.ts';

it('is halved by refusals, once for requests that were under way together, and never to nothing', () => {
  const request = new RequestShare();
  for (let sideBySide = 0; sideBySide < 12; sideBySide++) request.tell(1, false);
  expect(request.share).toBe(0.5);
  for (let more = 0; more < 12; more++) request.tell(request.share, false);
  expect(request.share).toBe(1 / 64);
});

it('grows again by a quarter with each request that was taken whole, up to a full one', () => {
  const request = new RequestShare();
  request.tell(1, false);
  request.tell(0.5, true);
  expect(request.share).toBe(0.625);
  for (let more = 0; more < 12; more++) request.tell(request.share, true);
  expect(request.share).toBe(1);
});

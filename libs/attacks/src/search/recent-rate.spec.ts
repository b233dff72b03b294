import { RecentRate } from './recent-rate';

test('the rate is that of the last trials, once there are enough', () => {
  const recent = new RecentRate(4);
  for (const success of [true, true, true]) recent.note(success);
  expect(recent.rate).toBeUndefined();
  recent.note(false);
  expect(recent.rate).toBe(0.75);
  recent.note(false);
  recent.note(false);
  expect(recent.rate).toBe(0.25);
  recent.clear();
  expect(recent.rate).toBeUndefined();
  for (let i = 0; i < 4; i++) recent.note(true);
  expect(recent.rate).toBe(1);
});

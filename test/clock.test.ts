import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Wheel, systemClock } from '../src/clock.js';

/** A wheel over a machine whose time is moved by hand, and how many of its timers are armed. */
class Subject {
  now = 1000;
  armed: { readonly at: number; readonly ring: () => void } | undefined;
  arms = 0;
  readonly wheel = new Wheel(
    () => this.now,
    (ms, ring) => {
      expect(this.armed).toBeUndefined(); // never two at once
      this.arms++;
      const armed = (this.armed = { at: this.now + ms, ring });
      return () => {
        if (this.armed === armed) this.armed = undefined;
      };
    },
  );

  /** Moves on to a time, as a machine does: a timer rings when it is due. */
  to(time: number): void {
    while (this.armed && this.armed.at <= time) {
      const { at, ring } = this.armed;
      this.now = Math.max(this.now, at);
      this.armed = undefined;
      ring();
    }
    this.now = time;
  }
}

describe('deadlines that share a timer', () => {
  it('ring within ten milliseconds of their time, each that was not taken back, in order of their ticks', () => {
    const spans = fc.array(fc.record({ ms: fc.integer({ min: 100, max: 5000 }), from: fc.nat(3000), back: fc.option(fc.nat(6000)) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(spans, (all) => {
        const subject = new Subject();
        const rung: { readonly nth: number; readonly at: number }[] = [];
        const steps = all.flatMap(({ ms, from, back }, nth) => {
          let timer: ReturnType<Wheel['after']> | undefined;
          const begin = { at: 1000 + from, does: () => (timer = subject.wheel.after(ms, () => rung.push({ nth, at: subject.now }))) };
          return back === null ? [begin] : [begin, { at: 1000 + from + back, does: () => timer?.cancel() }];
        });
        for (const { at, does } of steps.toSorted((a, b) => a.at - b.at)) {
          subject.to(at);
          does();
        }
        subject.to(20_000);
        const wrong = all.filter(({ ms, from, back }, nth) => {
          const lates = rung.filter((one) => one.nth === nth).map(({ at }) => at - 1000 - from - ms);
          if (back !== null && back < ms) return lates.length > 0;
          const [late = -1] = lates;
          const once = lates.length === 1 && late >= 0 && late <= 10;
          return back !== null && back <= ms + 10 ? lates.length > 0 && !once : !once; // taken back as it is due, it may ring or not
        });
        expect(wrong).toEqual([]);
        expect(subject.armed).toBeUndefined();
      }),
    );
  });

  it('take the machine’s timer once where all are taken back in time, and leave none behind', () => {
    const subject = new Subject();
    const first = subject.wheel.after(2000, () => undefined);
    for (let nth = 0; nth < 1000; nth++) subject.wheel.after(3000, () => undefined).cancel();
    expect(subject.arms).toBe(1);
    first.cancel();
    expect(subject.armed).toBeUndefined();
  });

  it('do not ring where one that rings before them takes them back', () => {
    const subject = new Subject();
    const rung: string[] = [];
    const timers = [
      subject.wheel.after(200, () => (rung.push('first'), timers[1]?.cancel())),
      subject.wheel.after(200, () => rung.push('second')),
    ];
    subject.to(2000);
    expect(rung).toEqual(['first']);
  });

  it('can be set anew while they ring', () => {
    const subject = new Subject();
    const rung: number[] = [];
    const again = (): void => void subject.wheel.after(100, () => (rung.push(subject.now), rung.length < 3 && again()));
    again();
    subject.to(5000);
    expect(rung).toEqual([1100, 1200, 1300]);
  });
});

describe('the machine’s time', () => {
  it.each([1, 100, 250])('rings after %d milliseconds, and not when it was taken back', async (ms) => {
    const began = systemClock.now();
    const never = systemClock.after(ms, () => expect('this').toBe('not called'));
    never.cancel();
    await new Promise<void>((resolve) => void systemClock.after(ms, resolve));
    expect(systemClock.now() - began).toBeGreaterThanOrEqual(ms - 1);
  });
});

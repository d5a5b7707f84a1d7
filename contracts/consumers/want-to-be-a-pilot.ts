import { consumer } from '../kernel/index.js';
import { aviation } from '../products/aviation-infinity/v2.js';

/** What want-to-be-a-pilot reads of other products. */
export const wantToBeAPilot = consumer('want-to-be-a-pilot', {
  progress: aviation.getProgress.reads({
    completion: { ratio: true },
    subjects: { '*': { title: true, completion: { answered: true }, correct: true } },
  }),
});

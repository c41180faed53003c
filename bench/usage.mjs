/** Loaded with `--import` into a measured process: on its exit, writes what it used of memory and processor. */
import { writeFileSync } from 'node:fs';

const file = process.env.FRUGAL_USAGE_FILE;
if (file) {
  process.on('exit', () => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    writeFileSync(
      file,
      JSON.stringify({ peakBytes: maxRSS * 1024, cpuMs: (userCPUTime + systemCPUTime) / 1000 }),
    );
  });
}

/** `node run.mjs PROGRAM REPORT MODULE…`: what run.py does, for a program in JavaScript. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [program, report, ...modules] = process.argv.slice(2);

/** Bytes of a line of /proc/self/status; none where there is no such file. */
function memory(key) {
  try {
    const line = readFileSync('/proc/self/status', 'utf8')
      .split('\n')
      .find((one) => one.startsWith(key));
    return line ? Number(line.split(/\s+/)[1]) * 1024 : null;
  } catch {
    return null;
  }
}

const cpu = () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1e6;
};

/** What energy.py reads of processor packages: microjoules so far, and where the counter starts anew. GPUs it leaves out. */
function packages() {
  const folder = process.env.FRUGAL_POWERCAP ?? '/sys/class/powercap';
  try {
    return readdirSync(folder)
      .filter((name) => /^intel-rapl:\d+$/.test(name))
      .map((name) =>
        ['energy_uj', 'max_energy_range_uj'].map((file) =>
          Number(readFileSync(`${folder}/${name}/${file}`, 'utf8')),
        ),
      );
  } catch {
    return [];
  }
}

const require = createRequire(program);
for (const module of modules) await import(pathToFileURL(require.resolve(module)).href);

const told = new Set();
process.on('warning', ({ name, message }) => {
  if (name === 'DeprecationWarning') told.add(`${name}: ${message}`);
});
try {
  writeFileSync('/proc/self/clear_refs', '5');
} catch {}
const before = memory('VmRSS:');
const counters = packages();
const cpuStart = cpu();
const start = performance.now();
process.argv = [process.argv[0], program];
await import(pathToFileURL(program).href);
const used = { wall: (performance.now() - start) / 1000, cpu: cpu() - cpuStart };
const counted = packages();
if (counters.length > 0 && counted.length === counters.length)
  used.joules = counters.reduce((sum, [from, top], at) => {
    const [to] = counted[at];
    return sum + (to >= from ? to - from : to + top - from) / 1e6;
  }, 0);
const peak = memory('VmHWM:');
if (before && peak) used.memory = Math.max(0, peak - before);
writeFileSync(report, JSON.stringify({ used, warnings: [...told].sort() }));

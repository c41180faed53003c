/** Loaded with `--import` into a measured process: on its exit, writes the most memory that it held, in bytes. */
import { writeFileSync } from 'node:fs';

const file = process.env.FRUGAL_PEAK_FILE;
if (file) process.on('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS * 1024)));
